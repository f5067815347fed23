//! Find references: all places in the project that name the same thing, its definition among them.

use crate::{
    Location, Snapshot,
    cursor::{Thing, thing_at},
};
use quire_latex_syntax::{DefinitionKind, facts};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};

/// All places that name what stands at `offset`, in the order of files and places.
pub fn references(snapshot: &Snapshot, path: &ProjectPath, offset: ByteOffset) -> Vec<Location> {
    match thing_at(snapshot, path, offset) {
        Some((thing, _)) => of_thing(snapshot, path, &thing),
        None => Vec::new(),
    }
}

pub(crate) fn of_thing(snapshot: &Snapshot, path: &ProjectPath, thing: &Thing) -> Vec<Location> {
    let mut found: Vec<Location> = Vec::new();
    let target = match thing {
        Thing::File(reference) => match snapshot.resolve(path, reference) {
            Some(target) => Some(target),
            None => return found,
        },
        _ => None,
    };
    for (path, file) in snapshot.latex_files() {
        let mut ranges: Vec<ByteRange> = match thing {
            Thing::Label(name) => {
                let labels = file.labels().iter().map(|label| (&label.name, label.name_range));
                let uses = file.references().iter().map(|used| (&used.name, used.name_range));
                labels.chain(uses).filter(|(found, _)| *found == name).map(|(_, r)| r).collect()
            }
            Thing::Key(key) => {
                let uses = file.citations().iter().map(|used| (&used.key, used.key_range));
                let items = file.bib_items().iter().map(|(key, range)| (key, *range));
                uses.chain(items).filter(|(found, _)| *found == key).map(|(_, r)| r).collect()
            }
            Thing::Command(name) => facts::uses_of(file.tree(), name),
            Thing::Environment(name) => environment_names(file.tree(), name),
            Thing::File(_) => {
                let named = file.file_references().iter();
                let same = named.filter(|named| snapshot.resolve(path, named) == target);
                same.map(|named| named.name_range).collect()
            }
        };
        ranges.sort_by_key(|range| range.start);
        ranges.dedup();
        found.extend(ranges.into_iter().map(|range| Location { path: path.clone(), range }));
    }
    if let Thing::Key(key) = thing {
        for (path, file) in snapshot.bibliographies() {
            let items = file.items().iter().filter(|item| item.key == *key);
            let at = |range| Location { path: path.clone(), range };
            found.extend(items.map(|item| at(item.key_range)));
        }
    }
    found
}

/// Where an environment's name stands: at its begins and ends, and where it is defined.
fn environment_names(tree: &quire_latex_syntax::Tree, name: &str) -> Vec<ByteRange> {
    let definitions = tree.definitions().iter().filter(|definition| {
        let kind = definition.kind;
        definition.name == name
            && matches!(kind, DefinitionKind::Environment | DefinitionKind::Theorem)
    });
    let defined = definitions.map(|definition| definition.name_range);
    let used = tree.nodes().filter(|node| {
        use quire_latex_syntax::NodeKind::{Begin, End};
        matches!(tree.kind(*node), Begin | End) && tree.name(*node) == Some(name)
    });
    defined.chain(used.filter_map(|node| tree.name_range(node))).collect()
}
