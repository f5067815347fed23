//! Comments that are meant for editors: `% !TEX root = ../main.tex`.

use crate::{TokenKind, Tree};
use quire_text::ByteRange;

/// A magic comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MagicComment {
    /// What it sets, in lower case: `root`, `program`, `spellcheck`, `encoding`, `bib program` …
    pub key: String,
    /// Its value.
    pub value: String,
    /// Where the value stands.
    pub value_range: ByteRange,
    /// The comment.
    pub range: ByteRange,
}

/// All magic comments in order; where two set the same, the first counts.
pub fn magic_comments(tree: &Tree) -> Vec<MagicComment> {
    let comments = tree.tokens().filter(|(kind, _)| *kind == TokenKind::Comment);
    comments.filter_map(|(_, range)| magic_comment(tree, range)).collect()
}

fn magic_comment(tree: &Tree, range: ByteRange) -> Option<MagicComment> {
    let text = tree.slice(range).trim_start_matches('%').trim_start().strip_prefix('!')?;
    let (key, value) = text.split_once('=')?;
    let (program, key) = key.trim().split_once([' ', '\t'])?;
    let key = key.trim().to_lowercase();
    let key = match program.to_lowercase().as_str() {
        "tex" => key,
        "bib" => format!("bib {key}"),
        _ => return None,
    };
    let value_range = ByteRange::new(range.end.0 - value.len(), range.end.0);
    let value_range = crate::tree::trim(tree.text(), value_range);
    let value = tree.slice(value_range).to_owned();
    Some(MagicComment { key, value, value_range, range })
}
