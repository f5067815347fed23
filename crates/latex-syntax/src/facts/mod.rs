//! What an editor asks of a document. Each is a function over the tree that returns data with byte
//! ranges.

mod document;
mod environments;
mod files;
mod folding;
mod labels;
mod macros;
mod magic;
mod outline;
mod plain;
mod prose;
mod references;
mod words;

pub use document::{ClassOrPackage, Header, header};
pub use environments::{Environment, environments};
pub use files::{FileReference, FileReferenceKind, file_references};
pub use folding::{Folding, FoldingKind, foldings};
pub use labels::{Label, LabelKind, labels};
pub use macros::{CommandUse, command_uses, uses_of};
pub use magic::{MagicComment, magic_comments};
pub use outline::{Section, SectionLevel, outline};
pub use plain::plain_text;
pub use prose::{Prose, ProseKind, prose};
pub use references::{Citation, Reference, citations, references};
pub use words::{Counts, SectionCount, Word, WordCount, word_count, words};

use crate::tree::trim;
use quire_text::ByteRange;

/// Lists and names are not longer, in bytes: arguments nest, and each is looked through.
pub(crate) const LIST_LIMIT: usize = 4_000;

/// The parts of a list divided by commas outside braces, without white space and comments around.
pub(crate) fn list_items(text: &str, range: ByteRange) -> Vec<ByteRange> {
    let content = text.get(range.as_range()).unwrap_or_default();
    let mut items = Vec::new();
    if content.len() > LIST_LIMIT {
        return items;
    }
    let mut start = 0;
    let mut depth = 0_usize;
    let mut in_comment = false;
    for (i, byte) in content.bytes().chain([b',']).enumerate() {
        let is_end = i == content.len();
        match byte {
            b'\n' | b'\r' if in_comment => {
                in_comment = false;
                start = i + 1;
            }
            _ if in_comment && !is_end => {}
            b'%' if content.as_bytes().get(i.wrapping_sub(1)) != Some(&b'\\') => {
                in_comment = true;
                add(text, range, start..i, &mut items);
            }
            b'{' => depth += 1,
            b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 || is_end => {
                if !in_comment {
                    add(text, range, start..i, &mut items);
                }
                start = i + 1;
            }
            _ => {}
        }
    }
    items
}

fn add(text: &str, range: ByteRange, part: std::ops::Range<usize>, items: &mut Vec<ByteRange>) {
    let offset = range.start.0;
    let item = trim(text, ByteRange::new(offset + part.start, offset + part.end));
    if !item.is_empty() {
        items.push(item);
    }
}

/// The value of `key` in a list `a=b,label={c}`, without its braces.
pub(crate) fn option_value(text: &str, range: ByteRange, key: &str) -> Option<ByteRange> {
    list_items(text, range).into_iter().find_map(|item| {
        let (name, value) = text.get(item.as_range())?.split_once('=')?;
        if name.trim() != key {
            return None;
        }
        let value = trim(text, ByteRange::new(item.end.0 - value.len(), item.end.0));
        let braced = text.get(value.as_range())?;
        let is_braced = braced.len() > 1 && braced.starts_with('{') && braced.ends_with('}');
        Some(if is_braced { ByteRange::new(value.start.0 + 1, value.end.0 - 1) } else { value })
    })
}
