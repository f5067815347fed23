//! When files are renamed or moved, what names them follows, and the document stays the same.

use crate::{
    FileEdit, Snapshot,
    completion::files::relative,
    edit::in_order,
    snapshot::{Document, resolve_in},
};
use quire_latex_syntax::facts::FileReference;
use quire_project::ProjectPath;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// A file that gets another path. A folder is moved by moving all its files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileMove {
    /// Where it lies now.
    pub from: ProjectPath,
    /// Where it will lie.
    pub to: ProjectPath,
}

/// The changes that go with these moves. They name the files by their paths *before* the moves and are
/// to be made before them.
pub fn rename_files(snapshot: &Snapshot, moves: &[FileMove]) -> Vec<FileEdit> {
    let moved: HashMap<&ProjectPath, &ProjectPath> =
        moves.iter().map(|one| (&one.from, &one.to)).collect();
    let new_path =
        |path: &ProjectPath| moved.get(path).map_or_else(|| path.clone(), |to| (*to).clone());
    let paths: HashSet<ProjectPath> = snapshot.paths().map(new_path).collect();
    let mut edits = Vec::new();
    for (path, file) in snapshot.latex_files() {
        let document = snapshot.document_of(path);
        let new_document = Document { root: new_path(&document.root), ..(*document).clone() };
        let from = new_path(path);
        for reference in file.file_references() {
            let Some(found) = snapshot.resolve_with_base(path, reference) else { continue };
            let target = new_path(&found.path);
            let folder = reference.folder.map(|range| file.tree().slice(range));
            let finds = |name: &str| {
                let reference = FileReference { name: name.to_owned(), ..reference.clone() };
                let exists = |path: &ProjectPath| paths.contains(path);
                let found = resolve_in(&exists, &new_document, &from, &reference, folder);
                found.is_some_and(|found| found.path == target)
            };
            if finds(&reference.name) {
                continue;
            }
            let Some(base) = found.base.folder(&new_document.root, &from, folder) else { continue };
            let spellings = spellings(&base, reference, &found.path, &target);
            if let Some(name) = spellings.into_iter().find(|name| finds(name)) {
                edits.push(FileEdit {
                    path: path.clone(),
                    range: reference.name_range,
                    text: quoted(file.tree().slice(reference.name_range), name),
                });
            }
        }
    }
    in_order(edits)
}

/// How the new path may be written, the likest to the old name first.
fn spellings(
    base: &str,
    reference: &FileReference,
    old: &ProjectPath,
    target: &ProjectPath,
) -> Vec<String> {
    let full = relative(base, target.as_str());
    let extension = target.extension();
    let bare = full.strip_suffix(extension).and_then(|name| name.strip_suffix('.'));
    let bare = bare.filter(|_| !extension.is_empty()).unwrap_or(&full).to_owned();
    let has_extension =
        !old.extension().is_empty() && reference.name.ends_with(&format!(".{}", old.extension()));
    let dot = if reference.name.starts_with("./") { "./" } else { "" };
    let (first, second) = if has_extension { (full, bare) } else { (bare, full) };
    [first, second].into_iter().map(|name| format!("{dot}{name}")).collect()
}

/// In quotes if the old one was: names with spaces.
fn quoted(old: &str, name: String) -> String {
    if old.starts_with('"') && old.ends_with('"') { format!("\"{name}\"") } else { name }
}
