//! What belongs together at a cursor: `\begin` and `\end`, braces, brackets of arguments, `$`,
//! `\left` and `\right`.

use crate::Snapshot;
use quire_latex_syntax::{Form, NodeId, NodeKind, Tree};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};
use serde::{Deserialize, Serialize};

/// Two places that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matching {
    /// What opens.
    pub open: ByteRange,
    /// What closes.
    pub close: ByteRange,
}

/// The pair of which one half touches `offset`; of several the innermost.
pub fn matching(snapshot: &Snapshot, path: &ProjectPath, offset: ByteOffset) -> Option<Matching> {
    let tree = snapshot.latex(path)?.tree();
    let touches = |range: ByteRange| range.start <= offset && offset <= range.end;
    let mut best: Option<Matching> = None;
    let mut lefts: Vec<(ByteRange, usize)> = Vec::new();
    let mut consider = |pair: Matching| {
        let is_hit = touches(pair.open) || touches(pair.close);
        let size = |pair: &Matching| pair.close.end.0 - pair.open.start.0;
        if is_hit && best.as_ref().is_none_or(|best| size(&pair) <= size(best)) {
            best = Some(pair);
        }
    };
    for node in tree.nodes() {
        if tree.kind(node) == NodeKind::Command {
            let range = tree.range(node);
            match tree.name(node) {
                Some("left") => lefts.push((range, range.start.0)),
                Some("right") => {
                    if let Some((open, _)) = lefts.pop() {
                        consider(Matching { open, close: range });
                    }
                }
                _ => {}
            }
            continue;
        }
        let range = tree.range(node);
        if range.start <= offset
            && offset <= range.end
            && let Some(pair) = pair_of(tree, node)
        {
            consider(pair);
        }
    }
    best
}

fn pair_of(tree: &Tree, node: NodeId) -> Option<Matching> {
    let range = tree.range(node);
    let ends = |width: usize, text: &str, close: &str| {
        let is_closed = range.len() >= 2 * width && text.ends_with(close);
        is_closed.then(|| Matching {
            open: ByteRange::new(range.start.0, range.start.0 + width),
            close: ByteRange::new(range.end.0 - width, range.end.0),
        })
    };
    let text = tree.slice(range);
    match tree.kind(node) {
        NodeKind::Environment(_) => {
            let mut children = tree.children(node);
            let open = children.next().filter(|begin| tree.kind(*begin) == NodeKind::Begin)?;
            let close = children.last().filter(|end| tree.kind(*end) == NodeKind::End)?;
            // Without the arguments: `\begin{name}`.
            let name = tree.name_range(open)?;
            let open = ByteRange::new(tree.range(open).start.0, name.end.0 + 1);
            Some(Matching { open, close: tree.range(close) })
        }
        NodeKind::Group => ends(1, text, "}"),
        NodeKind::Argument(Form::Optional | Form::OptionalTight, _) => ends(1, text, "]"),
        NodeKind::Argument(Form::Mandatory | Form::OptionalBraces, _) if text.starts_with('{') => {
            ends(1, text, "}")
        }
        NodeKind::Math(kind) => {
            let (width, close) = match kind {
                quire_latex_syntax::MathKind::Dollar => (1, "$"),
                quire_latex_syntax::MathKind::DoubleDollar => (2, "$$"),
                quire_latex_syntax::MathKind::Parentheses => (2, "\\)"),
                quire_latex_syntax::MathKind::Brackets => (2, "\\]"),
            };
            ends(width, text, close)
        }
        _ => None,
    }
}
