//! Places in a project and changes to it.

use quire_project::ProjectPath;
use quire_text::ByteRange;
use serde::{Deserialize, Serialize};

/// A place in a file of the project.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Location {
    /// The file.
    pub path: ProjectPath,
    /// The bytes in it; empty at 0 for a file as a whole.
    pub range: ByteRange,
}

/// A change of one file. Changes that belong together never overlap.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileEdit {
    /// The file.
    pub path: ProjectPath,
    /// What is replaced; empty to insert.
    pub range: ByteRange,
    /// What stands there afterwards.
    pub text: String,
}

/// Puts changes in the order of files and places, each once.
pub(crate) fn in_order(mut edits: Vec<FileEdit>) -> Vec<FileEdit> {
    edits.sort_by(|a, b| (&a.path, a.range.start).cmp(&(&b.path, b.range.start)));
    edits.dedup();
    edits
}
