//! Renaming of labels, keys, commands and environments across the project, and of files.

mod files;

pub use files::{FileMove, rename_files};

use crate::{
    FileEdit, Location, Snapshot,
    cursor::{Thing, thing_at},
    definition,
    edit::in_order,
    references,
};
use quire_latex_syntax::facts;
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};
use serde::{Deserialize, Serialize};

/// What can be renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenameKind {
    /// A label.
    Label,
    /// The key of an entry.
    Citation,
    /// A command of the project.
    Command,
    /// An environment of the project.
    Environment,
    /// The name in one `\begin` and its `\end`.
    Pair,
}

/// A thing that can be renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renamable {
    /// What it is.
    pub kind: RenameKind,
    /// Its name, of a command without backslash.
    pub name: String,
    /// Where it stands.
    pub range: ByteRange,
}

/// Why something is not renamed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenameError {
    /// Nothing with a name, or something that is not the project's own.
    #[error("there is nothing here that can be renamed")]
    Nothing,
    /// TeX would not take the name.
    #[error("`{0}` cannot be a name here")]
    Invalid(String),
    /// The name is used by something else of the kind.
    #[error("`{0}` is taken")]
    Taken(String),
}

/// What can be renamed at `offset`.
pub fn renamable(snapshot: &Snapshot, path: &ProjectPath, offset: ByteOffset) -> Option<Renamable> {
    let (thing, range) = thing_at(snapshot, path, offset)?;
    let is_own = || !definition::in_project(snapshot, path, &thing).is_empty();
    let (kind, name) = match &thing {
        Thing::Label(name) => (RenameKind::Label, name),
        Thing::Key(name) => (RenameKind::Citation, name),
        Thing::Command(name) if is_own() => (RenameKind::Command, name),
        Thing::Environment(name) if is_own() => (RenameKind::Environment, name),
        Thing::Environment(name) => (RenameKind::Pair, name),
        Thing::Command(_) | Thing::File(_) => return None,
    };
    Some(Renamable { kind, name: name.clone(), range })
}

/// The changes that give what stands at `offset` a new name, of a command without backslash.
pub fn rename(
    snapshot: &Snapshot,
    path: &ProjectPath,
    offset: ByteOffset,
    new_name: &str,
) -> Result<Vec<FileEdit>, RenameError> {
    let found = renamable(snapshot, path, offset).ok_or(RenameError::Nothing)?;
    let new_name = match found.kind {
        RenameKind::Command => new_name.strip_prefix('\\').unwrap_or(new_name),
        _ => new_name,
    };
    if !is_valid(found.kind, new_name) {
        return Err(RenameError::Invalid(new_name.to_owned()));
    }
    if new_name == found.name {
        return Ok(Vec::new());
    }
    let thing = |name: &str| match found.kind {
        RenameKind::Label => Thing::Label(name.to_owned()),
        RenameKind::Citation => Thing::Key(name.to_owned()),
        RenameKind::Command => Thing::Command(name.to_owned()),
        RenameKind::Environment | RenameKind::Pair => Thing::Environment(name.to_owned()),
    };
    let places = if found.kind == RenameKind::Pair {
        pair(snapshot, path, found.range)
    } else {
        if !definition::in_project(snapshot, path, &thing(new_name)).is_empty() {
            return Err(RenameError::Taken(new_name.to_owned()));
        }
        references::of_thing(snapshot, path, &thing(&found.name))
    };
    let edit = |place: Location| FileEdit {
        path: place.path,
        range: place.range,
        text: new_name.to_owned(),
    };
    Ok(in_order(places.into_iter().map(edit).collect()))
}

/// What TeX takes as a name. Labels may hold almost anything; what divides lists may not be in them.
fn is_valid(kind: RenameKind, name: &str) -> bool {
    match kind {
        RenameKind::Command => {
            !name.is_empty() && name.chars().all(|c| c.is_alphabetic() || c == '@')
        }
        RenameKind::Citation if name.contains([' ', '"', '\'', '=', '(', ')']) => false,
        _ => {
            let divides = ['{', '}', ',', '\\', '%', '#', '~', '\n', '\r'];
            !name.is_empty() && name.trim() == name && !name.contains(divides)
        }
    }
}

/// The names in the `\begin` and the `\end` that `name_range` is one of.
fn pair(snapshot: &Snapshot, path: &ProjectPath, name_range: ByteRange) -> Vec<Location> {
    let Some(file) = snapshot.latex(path) else { return Vec::new() };
    let environments = facts::environments(file.tree());
    let found = environments
        .into_iter()
        .find(|found| found.name == name_range || found.end_name == Some(name_range));
    let at = |range| Location { path: path.clone(), range };
    let names = found.map(|found| [Some(found.name), found.end_name]);
    names
        .map_or_else(|| vec![at(name_range)], |names| names.into_iter().flatten().map(at).collect())
}
