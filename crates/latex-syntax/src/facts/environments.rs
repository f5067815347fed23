//! Environments with the places of their names, for matching and renaming.

use crate::{EnvironmentKind, NodeKind, Tree};
use quire_text::ByteRange;

/// An environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// What it is.
    pub kind: EnvironmentKind,
    /// Its name in `\begin`.
    pub name: ByteRange,
    /// Its name in `\end`, if it ends; another one if the two do not match.
    pub end_name: Option<ByteRange>,
    /// All of it.
    pub range: ByteRange,
    /// What stands between `\begin` with its arguments and `\end`.
    pub body: ByteRange,
}

/// All environments, in the order in which they begin.
pub fn environments(tree: &Tree) -> Vec<Environment> {
    let found = tree.nodes().filter_map(|node| {
        let NodeKind::Environment(kind) = tree.kind(node) else { return None };
        let range = tree.range(node);
        let mut body = range;
        let mut end_name = None;
        for child in tree.children(node) {
            match tree.kind(child) {
                NodeKind::Begin => body.start = tree.range(child).end,
                NodeKind::End => {
                    body.end = tree.range(child).start;
                    end_name = tree.name_range(child);
                }
                _ => {}
            }
        }
        Some(Environment { kind, name: tree.name_range(node)?, end_name, range, body })
    });
    found.collect()
}
