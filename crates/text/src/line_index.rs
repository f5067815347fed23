//! Where the lines of a text begin. Works on bytes, since TeX sources need not be UTF-8: what is
//! not valid counts as one replacement character of one UTF-16 unit per invalid sequence.

use crate::{ByteOffset, ByteRange, LineNumber, Utf16Offset};

/// The line starts of one text. LF, CRLF and a lone CR all end a line, as in TeX.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    /// Offset of the first byte of each line; never empty, always begins with 0.
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    /// Index the lines of `text`.
    pub fn new(text: &[u8]) -> Self {
        let mut starts = vec![0];
        let mut i = 0;
        while i < text.len() {
            match text[i] {
                b'\n' => starts.push(i + 1),
                b'\r' if text.get(i + 1) != Some(&b'\n') => starts.push(i + 1),
                _ => {}
            }
            i += 1;
        }
        Self { starts, len: text.len() }
    }

    /// Number of lines; a text that ends in a line end has an empty last line.
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The line that holds `offset`; an offset past the end belongs to the last line.
    pub fn line_of(&self, offset: ByteOffset) -> LineNumber {
        let line = self.starts.partition_point(|&start| start <= offset.0);
        LineNumber(u32::try_from(line).unwrap_or(u32::MAX))
    }

    /// The bytes of a line with its line end, or `None` past the last line.
    pub fn line_range(&self, line: LineNumber) -> Option<ByteRange> {
        let i = (line.0 as usize).checked_sub(1)?;
        let start = *self.starts.get(i)?;
        let end = self.starts.get(i + 1).copied().unwrap_or(self.len);
        Some(ByteRange::new(start, end))
    }

    /// The bytes of a line without its line end.
    pub fn line_content(&self, line: LineNumber, text: &[u8]) -> Option<ByteRange> {
        let range = self.line_range(line)?;
        let bytes = text.get(range.as_range())?;
        let trimmed = bytes.iter().rposition(|b| !matches!(b, b'\n' | b'\r')).map_or(0, |p| p + 1);
        Some(ByteRange::new(range.start.0, range.start.0 + trimmed))
    }
}

/// The UTF-16 offset that corresponds to a byte offset of `text` (clamped to the text).
pub fn utf16_offset(text: &[u8], offset: ByteOffset) -> Utf16Offset {
    let prefix = &text[..offset.0.min(text.len())];
    Utf16Offset(String::from_utf8_lossy(prefix).encode_utf16().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_line_ends_count_once() {
        let index = LineIndex::new(b"a\nb\r\nc\rd");
        assert_eq!(index.line_count(), 4);
        assert_eq!(index.line_of(ByteOffset(3)), LineNumber(2));
        assert_eq!(index.line_of(ByteOffset(5)), LineNumber(3));
        assert_eq!(index.line_of(ByteOffset(99)), LineNumber(4));
    }

    #[test]
    fn line_content_leaves_the_line_end_out() {
        let text = b"one\r\ntwo";
        let index = LineIndex::new(text);
        assert_eq!(index.line_content(LineNumber(1), text), Some(ByteRange::new(0, 3)));
        assert_eq!(index.line_content(LineNumber(2), text), Some(ByteRange::new(5, 8)));
        assert_eq!(index.line_content(LineNumber(3), text), None);
    }

    #[test]
    fn utf16_counts_surrogate_pairs() {
        let text = "a😀b".as_bytes();
        assert_eq!(utf16_offset(text, ByteOffset(5)), Utf16Offset(3));
    }
}
