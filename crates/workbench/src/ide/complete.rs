//! What could be written at a place.

use super::positions::Positions;
use crate::{Position, Range, TextEdit, Workbench, WorkbenchError};
use quire_latex_ide::completion;
use quire_project::{ProjectId, ProjectPath};
use serde::Serialize;
use ts_rs::TS;

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum CompletionKind {
    /// A command.
    Command,
    /// A command that the project defines.
    OwnCommand,
    /// An environment.
    Environment,
    /// A label.
    Label,
    /// An entry of a bibliography.
    Citation,
    /// A file.
    File,
    /// A package, class or style.
    Package,
    /// A type of entry, or a field of one.
    Key,
}

impl From<completion::CompletionKind> for CompletionKind {
    fn from(kind: completion::CompletionKind) -> Self {
        use completion::CompletionKind as K;
        match kind {
            K::Command => Self::Command,
            K::OwnCommand => Self::OwnCommand,
            K::Environment => Self::Environment,
            K::Label => Self::Label,
            K::Citation => Self::Citation,
            K::File => Self::File,
            K::Package | K::Class | K::BibliographyStyle => Self::Package,
            K::EntryType | K::Field => Self::Key,
        }
    }
}

/// Something that could be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Completion {
    /// As the list shows it.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// What else the list says.
    pub detail: String,
    /// What is inserted.
    pub insert_text: String,
    /// `insert_text` is a snippet.
    pub is_snippet: bool,
    /// What is replaced.
    pub range: Range,
    /// What is compared with what is typed.
    pub filter_text: String,
    /// Changes elsewhere: `\usepackage` in the preamble.
    pub edits: Vec<TextEdit>,
}

/// What could be written at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Completions {
    /// The best first.
    pub items: Vec<Completion>,
    /// There are more: ask again when more is typed.
    pub is_incomplete: bool,
}

impl Workbench {
    /// What could be written at a position.
    pub fn complete(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        position: Position,
    ) -> Result<Completions, WorkbenchError> {
        let snapshot = self.understood(id)?;
        let mut positions = Positions::new(&snapshot);
        let offset = positions.offset(path, position)?;
        let found = completion::complete(&snapshot, path, offset);
        let item = |item: completion::CompletionItem| Completion {
            label: item.label,
            kind: item.kind.into(),
            detail: item.detail,
            insert_text: item.insert_text,
            is_snippet: item.is_snippet,
            range: positions.range(path, item.range),
            filter_text: item.filter_text,
            edits: item.additional_edits.into_iter().map(|edit| positions.edit(edit)).collect(),
        };
        let items = found.items.into_iter().map(item).collect();
        Ok(Completions { items, is_incomplete: found.is_incomplete })
    }
}
