//! Titles and captions as lists show them.

use quire_latex_syntax::{Tree, facts::plain_text};
use quire_text::ByteRange;

/// No list shows more, in bytes. Titles may nest in each other, and each would be read to its end.
const TITLE_LIMIT: usize = 600;

/// The text at `range` without commands, shortened if it is very long.
pub(crate) fn title_text(tree: &Tree, range: ByteRange) -> String {
    plain_text(clipped(tree.slice(range), TITLE_LIMIT))
}

/// The beginning of a text, at most `limit` bytes.
pub(crate) fn clipped(text: &str, limit: usize) -> &str {
    let mut end = text.len().min(limit);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
