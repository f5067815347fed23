//! What the editor asks about texts.

use super::{Answer, answer, files::OneFile, projects::OneProject};
use quire_project::{ProjectId, ProjectPath};
use quire_workbench::*;
use serde::Deserialize;
use ts_rs::TS;

/// A position in a file.
#[derive(Debug, Deserialize, TS)]
pub struct AtPosition {
    project: ProjectId,
    path: ProjectPath,
    position: Position,
}

/// A new name for the thing at a position.
#[derive(Debug, Deserialize, TS)]
pub struct Rename {
    project: ProjectId,
    path: ProjectPath,
    position: Position,
    name: String,
}

/// Edits of files.
#[derive(Debug, Deserialize, TS)]
pub struct ApplyEdits {
    project: ProjectId,
    edits: Vec<TextEdit>,
}

/// A word that may be wrong.
#[derive(Debug, Deserialize, TS)]
pub struct Suggest {
    word: String,
    language: String,
}

pub(crate) fn complete(workbench: &Workbench, asked: AtPosition) -> Answer<Completions> {
    answer(workbench.complete(asked.project, &asked.path, asked.position))
}

pub(crate) fn hover(workbench: &Workbench, asked: AtPosition) -> Answer<Option<Hover>> {
    answer(workbench.hover(asked.project, &asked.path, asked.position))
}

pub(crate) fn definition(workbench: &Workbench, asked: AtPosition) -> Answer<Vec<Place>> {
    answer(workbench.definition(asked.project, &asked.path, asked.position))
}

pub(crate) fn references(workbench: &Workbench, asked: AtPosition) -> Answer<Vec<Place>> {
    answer(workbench.references(asked.project, &asked.path, asked.position))
}

pub(crate) fn renamable(workbench: &Workbench, asked: AtPosition) -> Answer<Option<Renamable>> {
    answer(workbench.renamable(asked.project, &asked.path, asked.position))
}

pub(crate) fn rename(workbench: &Workbench, asked: Rename) -> Answer<Vec<TextEdit>> {
    answer(workbench.rename(asked.project, &asked.path, asked.position, &asked.name))
}

pub(crate) fn apply_edits(workbench: &Workbench, asked: ApplyEdits) -> Answer<()> {
    answer(workbench.apply_edits(asked.project, asked.edits))
}

pub(crate) fn file_outline(workbench: &Workbench, asked: OneFile) -> Answer<Vec<OutlineEntry>> {
    answer(workbench.file_outline(asked.project, &asked.path))
}

pub(crate) fn outline(workbench: &Workbench, asked: OneFile) -> Answer<Vec<OutlineEntry>> {
    answer(workbench.outline(asked.project, &asked.path))
}

pub(crate) fn symbols(workbench: &Workbench, asked: OneProject) -> Answer<Vec<ProjectSymbol>> {
    answer(workbench.symbols(asked.id(), ""))
}

pub(crate) fn folds(workbench: &Workbench, asked: OneFile) -> Answer<Vec<FoldRange>> {
    answer(workbench.folds(asked.project, &asked.path))
}

pub(crate) fn word_count(workbench: &Workbench, asked: OneFile) -> Answer<WordCount> {
    answer(workbench.word_count(asked.project, &asked.path))
}

pub(crate) fn misspellings(workbench: &Workbench, asked: OneFile) -> Answer<Vec<SpellingMark>> {
    answer(workbench.misspellings(asked.project, &asked.path))
}

pub(crate) fn suggest(workbench: &Workbench, asked: Suggest) -> Answer<Vec<String>> {
    Ok(workbench.suggest_spelling(&asked.word, &asked.language))
}

pub(crate) fn spelling_languages(workbench: &Workbench, (): ()) -> Answer<Vec<String>> {
    Ok(workbench.spelling_languages())
}
