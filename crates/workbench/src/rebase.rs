//! Places in a text that has changed since they were computed.

use quire_collab::changes_between;
use quire_text::{ByteRange, LineNumber, Utf16Offset, utf16_offset};

/// A range of `old` as UTF-16 offsets of `new`; `None` when the change touches it.
pub(crate) fn rebase(old: &str, new: &str, range: ByteRange) -> Option<(u32, u32)> {
    let units = |offset| {
        let Utf16Offset(units) = utf16_offset(old.as_bytes(), offset);
        u32::try_from(units).ok()
    };
    let (start, end) = (units(range.start)?, units(range.end)?);
    if old == new {
        return Some((start, end));
    }
    let mut shift = 0_i64;
    for change in changes_between(old, new) {
        let inserted = change.inserted.encode_utf16().count();
        if change.at + change.removed <= start {
            shift += i64::try_from(inserted).ok()? - i64::from(change.removed);
        } else if change.at < end || change.at == start {
            return None;
        }
    }
    let moved = |at: u32| u32::try_from(i64::from(at) + shift).ok();
    Some((moved(start)?, moved(end)?))
}

/// The line of `new` that a line of `old` has become, or the nearest.
pub(crate) fn rebase_line(old: &str, new: &str, line: LineNumber) -> LineNumber {
    if old == new {
        return line;
    }
    let mut at = i64::from(line.0);
    let starts: Vec<u32> = std::iter::once(0)
        .chain(
            old.char_indices()
                .scan(0_u32, |units, (_, letter)| {
                    *units += letter.len_utf16() as u32;
                    Some((letter, *units))
                })
                .filter(|(letter, _)| *letter == '\n')
                .map(|(_, units)| units),
        )
        .collect();
    let index = (line.0 as usize).saturating_sub(1).min(starts.len() - 1);
    let start = starts[index];
    let breaks = |text: &str| i64::try_from(text.matches('\n').count()).unwrap_or(0);
    for change in changes_between(old, new) {
        if change.at >= start {
            break;
        }
        let end = change.at + change.removed;
        let removed = starts[1..].iter().filter(|s| **s > change.at && **s <= end.min(start));
        let removed = i64::try_from(removed.count()).unwrap_or(0);
        at += breaks(&change.inserted) - removed;
    }
    LineNumber(u32::try_from(at.max(1)).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_moves_with_the_text_before_it_and_not_into_a_change() {
        let old = "one\ntwo\nthree\n";
        let two = ByteRange::new(4, 7);
        assert_eq!(rebase(old, old, two), Some((4, 7)));
        assert_eq!(rebase(old, "zero 😀\none\ntwo\nthree\n", two), Some((12, 15)));
        assert_eq!(rebase(old, "one\ntwo\nthree, four\n", two), Some((4, 7)));
        assert_eq!(rebase(old, "one\ntoo\nthree\n", two), None);
    }

    #[test]
    fn a_line_moves_with_the_lines_before_it() {
        let old = "a\nb\nc\n";
        assert_eq!(rebase_line(old, "x\na\nb\nc\n", LineNumber(3)), LineNumber(4));
        assert_eq!(rebase_line(old, "c\n", LineNumber(3)), LineNumber(1));
        assert_eq!(rebase_line(old, "a\nb!\nc\nd\n", LineNumber(2)), LineNumber(2));
    }
}
