//! What stands under the cursor: the one thing that definition, references, hover and rename ask.

use crate::{LatexFile, Snapshot};
use quire_latex_syntax::{NodeKind, facts::FileReference};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};

/// A thing with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Thing {
    /// A label, set or referred to.
    Label(String),
    /// An entry of a bibliography, or its citation.
    Key(String),
    /// A command, without backslash.
    Command(String),
    /// An environment.
    Environment(String),
    /// A file that is named.
    File(FileReference),
}

/// The thing at `offset`, and where its name stands. At the end of a name it is still meant.
pub(crate) fn thing_at(
    snapshot: &Snapshot,
    path: &ProjectPath,
    offset: ByteOffset,
) -> Option<(Thing, ByteRange)> {
    let touches = |range: ByteRange| range.start <= offset && offset <= range.end;
    if let Some(file) = snapshot.bibliography(path) {
        let item = file.items().iter().find(|item| touches(item.key_range))?;
        return Some((Thing::Key(item.key.clone()), item.key_range));
    }
    let file = snapshot.latex(path)?;
    let labels = file.labels().iter().map(|label| (&label.name, label.name_range));
    let references = file.references().iter().map(|found| (&found.name, found.name_range));
    if let Some((name, range)) = labels.chain(references).find(|(_, range)| touches(*range)) {
        return Some((Thing::Label(name.clone()), range));
    }
    let citations = file.citations().iter().map(|found| (&found.key, found.key_range));
    let items = file.bib_items().iter().map(|(key, range)| (key, *range));
    if let Some((key, range)) = citations.chain(items).find(|(_, range)| touches(*range)) {
        return Some((Thing::Key(key.clone()), range));
    }
    if let Some(found) = file.file_references().iter().find(|found| touches(found.name_range)) {
        return Some((Thing::File(found.clone()), found.name_range));
    }
    command_or_environment(file, offset)
}

fn command_or_environment(file: &LatexFile, offset: ByteOffset) -> Option<(Thing, ByteRange)> {
    let tree = file.tree();
    for definition in tree.definitions() {
        let is_environment = tree.signatures().environments.contains_key(&definition.name);
        let range = definition.name_range;
        // A command's name is a command in the tree; an environment's is text.
        if is_environment && range.start <= offset && offset <= range.end {
            let is_command =
                tree.slice(ByteRange::new(range.start.0.saturating_sub(1), range.end.0));
            if !is_command.starts_with('\\') {
                return Some((Thing::Environment(definition.name.clone()), range));
            }
        }
    }
    let mut found = None;
    for node in tree.nodes() {
        let range = tree.range(node);
        if range.start > offset {
            break;
        }
        if range.end < offset {
            continue;
        }
        let Some(name_range) = tree.name_range(node) else { continue };
        let name = tree.slice(name_range).to_owned();
        match tree.kind(node) {
            NodeKind::Command if name_range.start.0 <= offset.0 + 1 && offset <= name_range.end => {
                // The innermost, and of two that touch the one behind the cursor.
                found = Some((Thing::Command(name), name_range));
            }
            NodeKind::Begin | NodeKind::End
                if name_range.start <= offset && offset <= name_range.end =>
            {
                found = Some((Thing::Environment(name), name_range));
            }
            _ => {}
        }
    }
    found
}
