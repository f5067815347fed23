//! Files of a project, and finding in them.

use super::{Answer, answer, projects::OneProject};
use quire_project::{FileId, ProjectId, ProjectPath};
use quire_workbench::{Moved, SearchQuery, SearchResult, TrashedFile, Workbench, WorkbenchError};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use ts_rs::TS;

/// A file or folder of a project.
#[derive(Debug, Deserialize, TS)]
pub struct OneFile {
    pub(super) project: ProjectId,
    pub(super) path: ProjectPath,
}

/// A new text file.
#[derive(Debug, Deserialize, TS)]
pub struct CreateFile {
    project: ProjectId,
    path: ProjectPath,
    text: String,
}

/// Files on disk and the folder of the project they come into.
#[derive(Debug, Deserialize, TS)]
pub struct AddFiles {
    project: ProjectId,
    /// Empty for the top.
    folder: String,
    /// Absolute paths of files and folders.
    places: Vec<String>,
}

/// Where a file goes.
#[derive(Debug, Deserialize, TS)]
pub struct MoveFile {
    project: ProjectId,
    from: ProjectPath,
    to: ProjectPath,
}

/// Which file comes back.
#[derive(Debug, Deserialize, TS)]
pub struct RestoreFile {
    project: ProjectId,
    file: FileId,
}

/// Which files go for good.
#[derive(Debug, Deserialize, TS)]
pub struct DeleteTrashed {
    project: ProjectId,
    files: Vec<FileId>,
}

/// Which file is built.
#[derive(Debug, Deserialize, TS)]
pub struct SetRoot {
    project: ProjectId,
    path: Option<ProjectPath>,
}

/// What to look for.
#[derive(Debug, Deserialize, TS)]
pub struct Search {
    project: ProjectId,
    query: SearchQuery,
}

/// What to replace.
#[derive(Debug, Deserialize, TS)]
pub struct ReplaceAll {
    project: ProjectId,
    query: SearchQuery,
    replacement: String,
    /// Only in these files.
    only: Option<Vec<ProjectPath>>,
}

/// How much was replaced.
#[derive(Debug, Serialize, TS)]
pub(crate) struct Replaced {
    places: usize,
    files: usize,
}

pub(crate) fn create(workbench: &Workbench, asked: CreateFile) -> Answer<()> {
    answer(workbench.create_file(asked.project, asked.path, &asked.text))
}

pub(crate) fn create_folder(workbench: &Workbench, asked: OneFile) -> Answer<()> {
    answer(workbench.create_folder(asked.project, asked.path))
}

pub(crate) fn add(workbench: &Workbench, asked: AddFiles) -> Answer<()> {
    let places: Vec<PathBuf> = asked.places.into_iter().map(PathBuf::from).collect();
    answer(workbench.add_files(asked.project, &asked.folder, &places))
}

pub(crate) fn move_file(workbench: &Workbench, asked: MoveFile) -> Answer<Moved> {
    answer(workbench.move_with_references(asked.project, asked.from, asked.to))
}

pub(crate) fn trash(workbench: &Workbench, asked: OneFile) -> Answer<()> {
    answer(workbench.trash_path(asked.project, asked.path))
}

pub(crate) fn trashed(workbench: &Workbench, asked: OneProject) -> Answer<Vec<TrashedFile>> {
    answer(workbench.trashed_files(asked.id()))
}

pub(crate) fn restore(workbench: &Workbench, asked: RestoreFile) -> Answer<ProjectPath> {
    answer(workbench.restore_file(asked.project, asked.file))
}

pub(crate) fn delete_trashed(workbench: &Workbench, asked: DeleteTrashed) -> Answer<()> {
    answer(workbench.delete_trashed(asked.project, asked.files))
}

pub(crate) fn set_root(workbench: &Workbench, asked: SetRoot) -> Answer<()> {
    answer(workbench.set_root(asked.project, asked.path))
}

pub(crate) fn search(workbench: &Workbench, asked: Search) -> Answer<SearchResult> {
    answer(workbench.search(asked.project, &asked.query))
}

pub(crate) fn replace_all(workbench: &Workbench, asked: ReplaceAll) -> Answer<Replaced> {
    let (project, query) = (asked.project, &asked.query);
    let replaced: Result<_, WorkbenchError> =
        workbench.replace_all(project, query, &asked.replacement, asked.only.as_deref());
    answer(replaced.map(|(places, files)| Replaced { places, files }))
}
