//! Where commands are used.

use crate::{NodeKind, Tree};
use quire_text::ByteRange;

/// A command in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandUse<'a> {
    /// Its name, without backslash.
    pub name: &'a str,
    /// Where the name stands, without backslash.
    pub name_range: ByteRange,
    /// The command with its arguments.
    pub range: ByteRange,
}

/// All commands in order; those that are being defined are among them.
pub fn command_uses(tree: &Tree) -> impl Iterator<Item = CommandUse<'_>> {
    tree.nodes().filter(|node| tree.kind(*node) == NodeKind::Command).filter_map(|node| {
        let name_range = tree.name_range(node)?;
        Some(CommandUse { name: tree.slice(name_range), name_range, range: tree.range(node) })
    })
}

/// Where a command stands, its definition included: what renaming changes.
pub fn uses_of(tree: &Tree, name: &str) -> Vec<ByteRange> {
    command_uses(tree).filter(|used| used.name == name).map(|used| used.name_range).collect()
}
