//! What can be folded away: everything that has a beginning and an end on different lines.

use super::outline;
use crate::{NodeId, NodeKind, TokenKind, Tree};
use quire_text::ByteRange;
use serde::{Deserialize, Serialize};

/// What is folded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FoldingKind {
    /// A section or a slide.
    Section,
    /// An environment.
    Environment,
    /// A formula.
    Math,
    /// Braces or brackets.
    Group,
    /// Lines of comment.
    Comment,
    /// From `\documentclass` to `\begin{document}`.
    Preamble,
}

/// A range that spans at least two lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Folding {
    /// What is folded.
    pub kind: FoldingKind,
    /// From its first byte to its last, without white space behind.
    pub range: ByteRange,
}

/// All that can be folded, in the order in which it begins.
pub fn foldings(tree: &Tree) -> Vec<Folding> {
    let mut found = Vec::new();
    let lines = Lines::new(tree.text());
    let mut add = |kind, range: ByteRange| {
        let text = tree.slice(range);
        let range = ByteRange::new(range.start.0, range.start.0 + text.trim_end().len());
        if lines.differ(range) {
            found.push(Folding { kind, range });
        }
    };
    for section in outline(tree) {
        if section.level != super::SectionLevel::Frame {
            add(FoldingKind::Section, section.range);
        }
    }
    let mut class: Option<NodeId> = None;
    for node in tree.nodes() {
        let range = tree.range(node);
        match tree.kind(node) {
            NodeKind::Environment(kind) => {
                if let (crate::EnvironmentKind::Document, Some(class)) = (kind, class.take()) {
                    let start = tree.range(class).start.0;
                    add(FoldingKind::Preamble, ByteRange::new(start, range.start.0));
                }
                add(FoldingKind::Environment, range);
            }
            NodeKind::Math(_) => add(FoldingKind::Math, range),
            NodeKind::Group | NodeKind::Argument(..) => add(FoldingKind::Group, range),
            NodeKind::Command if tree.name(node) == Some("documentclass") => {
                class = class.or(Some(node));
            }
            NodeKind::Command | NodeKind::Root | NodeKind::Begin | NodeKind::End => {}
        }
    }
    for range in comment_blocks(tree) {
        add(FoldingKind::Comment, range);
    }
    found.sort_by_key(|folding| (folding.range.start, std::cmp::Reverse(folding.range.end)));
    found
}

/// Runs of comments with nothing but line ends between them.
fn comment_blocks(tree: &Tree) -> Vec<ByteRange> {
    let mut blocks: Vec<ByteRange> = Vec::new();
    let mut continues = false;
    let mut begins_line = true;
    for (kind, range) in tree.tokens() {
        match kind {
            TokenKind::Comment => match blocks.last_mut().filter(|_| continues) {
                Some(block) => block.end = range.end,
                None if begins_line => {
                    blocks.push(range);
                    continues = true;
                }
                None => {}
            },
            TokenKind::Space => {}
            _ => continues = false,
        }
        let is_space = matches!(kind, TokenKind::Space | TokenKind::Blank);
        begins_line = is_space && (begins_line || tree.slice(range).contains(['\n', '\r']));
    }
    blocks
}

/// Where lines end.
struct Lines(Vec<usize>);

impl Lines {
    fn new(text: &str) -> Self {
        Self(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i).collect())
    }

    /// True if a line ends within the range.
    fn differ(&self, range: ByteRange) -> bool {
        let first = self.0.partition_point(|end| *end < range.start.0);
        self.0.get(first).is_some_and(|end| *end < range.end.0)
    }
}
