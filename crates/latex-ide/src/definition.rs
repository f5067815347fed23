//! Go to definition: where a label is set, an entry written, a command or environment defined; the
//! file that a name means.

use crate::{
    Location, Snapshot,
    cursor::{Thing, thing_at},
};
use quire_latex_syntax::DefinitionKind;
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};

/// Where what stands at `offset` is defined; several places if it is defined more than once.
pub fn definition(snapshot: &Snapshot, path: &ProjectPath, offset: ByteOffset) -> Vec<Location> {
    match thing_at(snapshot, path, offset) {
        Some((thing, _)) => of_thing(snapshot, path, &thing),
        None => Vec::new(),
    }
}

/// The definitions of the document come first; if it has none, those of the rest of the project.
pub(crate) fn of_thing(snapshot: &Snapshot, path: &ProjectPath, thing: &Thing) -> Vec<Location> {
    let document = snapshot.document_of(path);
    let all = in_project(snapshot, path, thing);
    let is_near = |found: &&Location| {
        document.files.contains(&found.path) || document.bibliographies.contains(&found.path)
    };
    let near: Vec<Location> = all.iter().filter(is_near).cloned().collect();
    if near.is_empty() { all } else { near }
}

/// All definitions in the project.
pub(crate) fn in_project(snapshot: &Snapshot, path: &ProjectPath, thing: &Thing) -> Vec<Location> {
    let mut found = Vec::new();
    let mut add = |path: &ProjectPath, range| found.push(Location { path: path.clone(), range });
    match thing {
        Thing::Label(name) => {
            for (path, file) in snapshot.latex_files() {
                let labels = file.labels().iter().filter(|label| label.name == *name);
                labels.for_each(|label| add(path, label.name_range));
            }
        }
        Thing::Key(key) => {
            for (path, file) in snapshot.bibliographies() {
                let items = file.items().iter().filter(|item| item.key == *key);
                items.for_each(|item| add(path, item.key_range));
            }
            for (path, file) in snapshot.latex_files() {
                let items = file.bib_items().iter().filter(|(found, _)| found == key);
                items.for_each(|(_, range)| add(path, *range));
            }
        }
        Thing::Command(name) | Thing::Environment(name) => {
            let is_command = matches!(thing, Thing::Command(_));
            for (path, file) in snapshot.latex_files() {
                for definition in file.tree().definitions() {
                    let defines_command = matches!(
                        definition.kind,
                        DefinitionKind::Command | DefinitionKind::Operator
                    );
                    if definition.name == *name && defines_command == is_command {
                        add(path, definition.name_range);
                    }
                }
            }
        }
        Thing::File(reference) => {
            if let Some(target) = snapshot.resolve(path, reference) {
                add(&target, ByteRange::default());
            }
        }
    }
    found
}
