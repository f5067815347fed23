//! References to labels and citations.

use super::list_items;
use crate::{Form, NodeKind, Role, Tree};
use quire_text::ByteRange;

/// A label that is referred to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The command, without backslash.
    pub command: String,
    /// The label.
    pub name: String,
    /// Where the label stands.
    pub name_range: ByteRange,
    /// The whole command.
    pub range: ByteRange,
}

/// An entry of a bibliography that is cited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// The command, without backslash.
    pub command: String,
    /// The key; `*` of `\nocite{*}` is none.
    pub key: String,
    /// Where the key stands.
    pub key_range: ByteRange,
    /// The whole command.
    pub range: ByteRange,
}

/// All references to labels, one for each label in a list.
pub fn references(tree: &Tree) -> Vec<Reference> {
    let found = named(tree, Role::References).into_iter();
    found
        .map(|(command, name_range, range)| Reference {
            command,
            name: tree.slice(name_range).to_owned(),
            name_range,
            range,
        })
        .collect()
}

/// All citations, one for each key in a list.
pub fn citations(tree: &Tree) -> Vec<Citation> {
    let found = named(tree, Role::Citations).into_iter();
    found
        .map(|(command, key_range, range)| Citation {
            command,
            key: tree.slice(key_range).to_owned(),
            key_range,
            range,
        })
        .filter(|citation| citation.key != "*")
        .collect()
}

fn named(tree: &Tree, wanted: Role) -> Vec<(String, ByteRange, ByteRange)> {
    let mut found = Vec::new();
    for node in tree.nodes().filter(|node| tree.kind(*node) == NodeKind::Command) {
        for (form, role, argument) in tree.arguments(node) {
            // `\hyperref[label]{text}` has brackets, `\hyperref{url}{…}` has no label.
            if role != wanted
                || !matches!(form, Form::Mandatory | Form::Optional | Form::OptionalBraces)
            {
                continue;
            }
            for item in list_items(tree.text(), tree.content(argument)) {
                if !tree.slice(item).contains(['#', '\\', '{', '}', '\n']) {
                    let command = tree.name(node).unwrap_or_default().to_owned();
                    found.push((command, item, tree.range(node)));
                }
            }
        }
    }
    found
}
