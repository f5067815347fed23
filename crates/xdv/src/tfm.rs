//! Widths of the characters of a TFM file, which is all that placing characters needs.
//!
//! Source: D. Knuth, *TFtoPL*, sections 8 to 14.

use crate::Sp;

/// Width of each character, in units of 2⁻²⁰ of the font's size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharWidths {
    first: u32,
    widths: Vec<i32>,
}

/// The bytes are no TFM file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid TFM file")]
pub struct TfmError;

impl CharWidths {
    /// Read the widths out of a TFM file.
    pub fn read(tfm: &[u8]) -> Result<Self, TfmError> {
        let half = |at: usize| {
            let pair = tfm.get(at * 2..at * 2 + 2).ok_or(TfmError)?;
            Ok(usize::from(u16::from_be_bytes([pair[0], pair[1]])))
        };
        // Lengths in words of four bytes: header, then one word per character, then the widths.
        let (header, first, last, widths) = (half(1)?, half(2)?, half(3)?, half(4)?);
        if last > 255 || first > last + 1 {
            return Err(TfmError);
        }
        let characters = last + 1 - first;
        let word = |at: usize| tfm.get(at * 4..at * 4 + 4).ok_or(TfmError);
        let table = 6 + header + characters;
        let width = |index: usize| {
            if index >= widths {
                return Err(TfmError);
            }
            let four = word(table + index)?;
            Ok(i32::from_be_bytes([four[0], four[1], four[2], four[3]]))
        };
        let widths = (0..characters).map(|i| width(usize::from(word(6 + header + i)?[0])));
        Ok(Self { first: first as u32, widths: widths.collect::<Result<_, _>>()? })
    }

    /// Width of `code` in the font at `size`; zero for a character that the font lacks.
    pub fn at_size(&self, code: u32, size: Sp) -> Sp {
        let index = code.checked_sub(self.first).and_then(|index| usize::try_from(index).ok());
        let width = index.and_then(|index| self.widths.get(index)).copied().unwrap_or(0);
        Sp(((i64::from(width) * i64::from(size.0)) >> 20) as i32)
    }
}
