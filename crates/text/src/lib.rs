//! Offsets and lines. TeX counts bytes, Monaco and Yjs count UTF-16 code units, people count lines
//! from one: every position that crosses a boundary says which of them it is.

mod line_index;

use serde::{Deserialize, Serialize};

pub use line_index::{LineIndex, utf16_offset};

/// An offset in bytes from the start of a text.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct ByteOffset(pub usize);

/// An offset in UTF-16 code units from the start of a text.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Utf16Offset(pub usize);

/// A line, counted from one as TeX, SyncTeX and people do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineNumber(pub u32);

/// The bytes from `start` up to and without `end`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ByteRange {
    /// First byte.
    pub start: ByteOffset,
    /// One past the last byte.
    pub end: ByteOffset,
}

impl ByteRange {
    /// The range `start..end`; an end before the start gives an empty range at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start: ByteOffset(start), end: ByteOffset(end.max(start)) }
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.end.0 - self.start.0
    }

    /// True when the range holds no byte.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The range for indexing a byte slice.
    pub fn as_range(&self) -> std::ops::Range<usize> {
        self.start.0..self.end.0
    }
}
