//! Floats with their captions. The parts of a float belong to it.

use quire_latex_syntax::{EnvironmentKind, Form, NodeId, NodeKind, Role, Step, Tree};
use quire_text::ByteRange;

/// A figure, table, listing or algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Float {
    /// Which of them.
    pub(crate) kind: EnvironmentKind,
    /// All of it.
    pub(crate) range: ByteRange,
    /// Its `\begin` with arguments.
    pub(crate) begin: ByteRange,
    /// Its caption, the last one in it.
    pub(crate) caption: Option<ByteRange>,
}

/// All floats in order.
pub(super) fn floats(tree: &Tree) -> Vec<Float> {
    let mut floats: Vec<Float> = Vec::new();
    let mut open: Option<NodeId> = None;
    for step in tree.walk(tree.root()) {
        match step {
            Step::Enter(node) => match tree.kind(node) {
                NodeKind::Environment(
                    kind @ (EnvironmentKind::Figure
                    | EnvironmentKind::Table
                    | EnvironmentKind::Listing
                    | EnvironmentKind::Algorithm),
                ) if open.is_none() => {
                    open = Some(node);
                    let begin = tree.range(tree.children(node).next().unwrap_or(node));
                    floats.push(Float { kind, range: tree.range(node), begin, caption: None });
                }
                NodeKind::Argument(Form::Mandatory, Role::Caption) if open.is_some() => {
                    if let Some(float) = floats.last_mut() {
                        float.caption = Some(tree.trimmed(node));
                    }
                }
                _ => {}
            },
            Step::Leave(node) if open == Some(node) => open = None,
            Step::Leave(_) | Step::Token(..) => {}
        }
    }
    floats
}
