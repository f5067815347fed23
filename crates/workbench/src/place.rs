//! Positions as the editor has them: lines and columns from one, columns in UTF-16 code units.

use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange, LineIndex, LineNumber};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A position in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Position {
    /// Counted from one.
    pub line: u32,
    /// Counted from one, in UTF-16 code units.
    pub column: u32,
}

/// From a position up to and without another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Range {
    /// First position.
    pub start: Position,
    /// The position behind the last.
    pub end: Position,
}

/// Replace a range of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct TextEdit {
    /// The file.
    pub path: ProjectPath,
    /// What goes.
    pub range: Range,
    /// What comes.
    pub text: String,
}

/// A text with its lines indexed, to convert many positions.
pub struct Lines<'t> {
    text: &'t str,
    index: LineIndex,
}

impl<'t> Lines<'t> {
    /// Index the lines.
    pub fn new(text: &'t str) -> Self {
        Self { text, index: LineIndex::new(text.as_bytes()) }
    }

    /// The position of a byte; one past the end, or within a character, is moved back.
    pub fn position(&self, offset: ByteOffset) -> Position {
        let mut at = offset.0.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let line = self.index.line_of(ByteOffset(at));
        let start = self.index.line_range(line).map_or(0, |range| range.start.0);
        let units = self.text[start..at].encode_utf16().count();
        Position { line: line.0, column: u32::try_from(units + 1).unwrap_or(u32::MAX) }
    }

    /// A range of bytes.
    pub fn range(&self, range: ByteRange) -> Range {
        Range { start: self.position(range.start), end: self.position(range.end) }
    }

    /// The byte at a position; past the end of a line, its end.
    pub fn offset(&self, position: Position) -> ByteOffset {
        let last = self.index.line_count();
        let line = LineNumber(position.line.clamp(1, last));
        let content = self.index.line_content(line, self.text.as_bytes()).unwrap_or_default();
        if position.line > last {
            return ByteOffset(self.text.len());
        }
        let mut units = position.column.saturating_sub(1) as usize;
        let mut at = content.start.0;
        for letter in self.text[content.as_range()].chars() {
            if units < letter.len_utf16() {
                break;
            }
            units -= letter.len_utf16();
            at += letter.len_utf8();
        }
        ByteOffset(at)
    }

    /// The bytes of a range.
    pub fn bytes(&self, range: Range) -> ByteRange {
        ByteRange::new(self.offset(range.start).0, self.offset(range.end).0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_utf16_and_come_back() {
        let text = "a😀b\nüx\r\n";
        let lines = Lines::new(text);
        let at = |line, column| Position { line, column };
        for (byte, position) in [(0, at(1, 1)), (5, at(1, 4)), (9, at(2, 2)), (12, at(3, 1))] {
            assert_eq!(lines.position(ByteOffset(byte)), position);
            assert_eq!(lines.offset(position), ByteOffset(byte));
        }
        // Within a character, behind a line, behind the text.
        assert_eq!(lines.position(ByteOffset(3)), at(1, 2));
        assert_eq!(lines.offset(at(2, 99)), ByteOffset(10));
        assert_eq!(lines.offset(at(9, 1)), ByteOffset(text.len()));
    }
}
