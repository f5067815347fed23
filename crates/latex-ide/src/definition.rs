//! Go to definition: where a label is set, an entry written, a command or environment defined; the
//! file that a name means.

use crate::{
    Location, Snapshot,
    cursor::{Thing, thing_at},
};
use quire_latex_syntax::DefinitionKind;
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};

/// Where what stands at `offset` is defined; several places if it is defined more than once. A command
/// that nobody here defines leads to what its arguments name: `\ref` to the label, `\input` to the file.
pub fn definition(snapshot: &Snapshot, path: &ProjectPath, offset: ByteOffset) -> Vec<Location> {
    let Some((thing, name)) = thing_at(snapshot, path, offset) else { return Vec::new() };
    let found = of_thing(snapshot, path, &thing);
    if !found.is_empty() || !matches!(thing, Thing::Command(_)) {
        return found;
    }
    let named = named_by_arguments(snapshot, path, name);
    let mut found: Vec<Location> =
        named.iter().flat_map(|thing| of_thing(snapshot, path, thing)).collect();
    let mut seen = Vec::new();
    found.retain(|place| {
        let is_new = !seen.contains(place);
        seen.push(place.clone());
        is_new
    });
    found
}

/// What the arguments of the command with its name at `name` name.
fn named_by_arguments(snapshot: &Snapshot, path: &ProjectPath, name: ByteRange) -> Vec<Thing> {
    let Some(file) = snapshot.latex(path) else { return Vec::new() };
    let tree = file.tree();
    let whole = tree.nodes().find(|node| tree.name_range(*node) == Some(name));
    let Some(whole) = whole.map(|node| tree.range(node)) else { return Vec::new() };
    let within = |range: ByteRange| name.end <= range.start && range.end <= whole.end;
    let labels = file.references().iter().filter(|found| within(found.name_range));
    let keys = file.citations().iter().filter(|found| within(found.key_range));
    let files = file.file_references().iter().filter(|found| within(found.name_range));
    labels
        .map(|found| Thing::Label(found.name.clone()))
        .chain(keys.map(|found| Thing::Key(found.key.clone())))
        .chain(files.map(|found| Thing::File(found.clone())))
        .collect()
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
