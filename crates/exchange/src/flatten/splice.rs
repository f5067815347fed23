//! Putting one text into another so that TeX reads the same characters.

use quire_latex_syntax::{NodeKind, facts::FileReference, parse};
use quire_text::ByteRange;
use std::ops::Range;

/// A range of a text and what replaces it.
pub(super) struct Edit {
    range: Range<usize>,
    text: String,
}

impl Edit {
    pub(super) fn whole(range: ByteRange, text: String) -> Self {
        Self { range: range.as_range(), text }
    }

    /// A file in the place of the command that reads it. TeX ends a file with the end of its last line,
    /// and then goes on behind the command: if that is the end of a line too, the two together must not
    /// become an empty line, which would end the paragraph.
    pub(super) fn source(outer: &str, range: ByteRange, text: &str, begins_page: bool) -> Self {
        let mut range = range.as_range();
        let rest = outer.get(range.end..).unwrap_or_default();
        let line_end = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let ends_line = rest[..line_end].trim().is_empty();
        let mut put = text.strip_suffix('\n').unwrap_or(text).to_owned();
        put.truncate(put.strip_suffix('\r').unwrap_or(&put).len());
        if begins_page {
            put = format!("\\clearpage\n{put}\n\\clearpage{}", if ends_line { "" } else { " " });
        } else if ends_in_comment(&put) {
            put.push('\n');
            if ends_line {
                range.end += line_end;
            }
        } else if !ends_line && text.ends_with('\n') {
            // The end of the last line is a space.
            put.push('\n');
        }
        Self { range, text: put }
    }

    pub(super) fn overlaps(&self, reference: &FileReference) -> bool {
        reference.range.start.0 < self.range.end
    }
}

/// The text with all edits, which are in order and do not overlap.
pub(super) fn apply(text: &str, edits: Vec<Edit>) -> String {
    let mut result = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        result += text.get(at..edit.range.start).unwrap_or_default();
        result += &edit.text;
        at = edit.range.end;
    }
    result + text.get(at..).unwrap_or_default()
}

/// What stands between `\begin{document}` and `\end{document}`.
pub(super) fn body(text: &str) -> Option<&str> {
    let tree = parse(text);
    let of_document =
        |kind| tree.nodes().find(|n| tree.kind(*n) == kind && tree.name(*n) == Some("document"));
    let start = tree.range(of_document(NodeKind::Begin)?).end.0;
    let end = of_document(NodeKind::End).map_or(text.len(), |node| tree.range(node).start.0);
    let body = text.get(start..end)?;
    Some(body.strip_prefix('\n').unwrap_or(body))
}

/// What TeX reads of a file: up to an `\endinput` that stands on a line of its own, outside of braces
/// and conditionals that may skip it.
pub(super) fn read_by_tex(text: &str) -> &str {
    let tree = parse(text);
    let mut open_conditionals = 0_usize;
    for node in tree.children(tree.root()) {
        if tree.kind(node) != NodeKind::Command {
            continue;
        }
        match tree.name(node).unwrap_or_default() {
            "fi" => open_conditionals = open_conditionals.saturating_sub(1),
            "endinput" if open_conditionals == 0 => {
                return &text[..tree.range(node).start.0];
            }
            name if name.starts_with("if") && name != "iff" => open_conditionals += 1,
            _ => {}
        }
    }
    text
}

fn ends_in_comment(text: &str) -> bool {
    let line = text.rsplit('\n').next().unwrap_or_default();
    let mut is_escaped = false;
    line.chars().any(|c| {
        let is_comment = c == '%' && !is_escaped;
        is_escaped = c == '\\' && !is_escaped;
        is_comment
    })
}
