//! One command after the other, with bounds checked at every byte.

use crate::{Fault, Sp, XdvError, index::Font};

/// One command of the format. Names are those of the DVI standard.
#[derive(Debug)]
pub(crate) enum Command<'a> {
    /// `set_char` and `set1` to `set4`: a character of a TFM font; moves right.
    Set(u32),
    /// `put1` to `put4`: the same, without moving.
    Put(u32),
    /// `set_rule` (moves) or `put_rule`.
    Rule {
        height: Sp,
        width: Sp,
        moves: bool,
    },
    Nop,
    /// Counters of the page; the pointer to the page before is not needed.
    Bop([i32; 10]),
    Eop,
    Push,
    Pop,
    Right(Sp),
    /// `w0` to `w4`, `x0` to `x4`: `None` repeats the register's value.
    RightBy(Register, Option<Sp>),
    Down(Sp),
    /// `y0` to `y4`, `z0` to `z4`.
    DownBy(Register, Option<Sp>),
    Font(u32),
    Special(&'a [u8]),
    DefineFont(u32, Font),
    Pre {
        format: u8,
        /// Unit of length is `numerator / denominator` × 10⁻⁷ m, times `magnification` / 1,000.
        magnification: u32,
    },
    Post,
    Glyphs(GlyphRun<'a>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Register {
    First,
    Second,
}

/// `set_glyphs` and `set_text_and_glyphs`, still as bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct GlyphRun<'a> {
    /// UTF-16 code units, big-endian; empty when the text is not said.
    pub(crate) text: &'a [u8],
    /// How far the run moves right.
    pub(crate) width: Sp,
    /// x and y of each glyph, four bytes each, from the run's origin.
    pub(crate) places: &'a [u8],
    /// Glyph numbers, two bytes each.
    pub(crate) glyphs: &'a [u8],
}

/// Reads commands. `None` from any function means that the bytes end first.
pub(crate) struct Commands<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Commands<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    /// The next command; `Ok(None)` where the bytes end, before or within it.
    pub(crate) fn next(&mut self) -> Result<Option<Command<'a>>, XdvError> {
        let start = self.at;
        let Some(opcode) = self.unsigned(1) else { return Ok(None) };
        let opcode = opcode as u8;
        if matches!(opcode, 250 | 251 | 255) {
            return Err(XdvError { at: start, what: Fault::Opcode(opcode) });
        }
        let command = self.rest(opcode);
        if command.is_none() {
            self.at = start;
        }
        Ok(command)
    }

    fn rest(&mut self, opcode: u8) -> Option<Command<'a>> {
        Some(match opcode {
            0..=127 => Command::Set(opcode.into()),
            128..=131 => Command::Set(self.unsigned(opcode - 127)?),
            132 | 137 => {
                let (height, width) = (self.signed(4)?, self.signed(4)?);
                Command::Rule { height, width, moves: opcode == 132 }
            }
            133..=136 => Command::Put(self.unsigned(opcode - 132)?),
            138 => Command::Nop,
            139 => {
                let mut counts = [0; 10];
                for count in &mut counts {
                    *count = self.signed(4)?.0;
                }
                self.take(4)?;
                Command::Bop(counts)
            }
            140 => Command::Eop,
            141 => Command::Push,
            142 => Command::Pop,
            143..=146 => Command::Right(self.signed(opcode - 142)?),
            147 => Command::RightBy(Register::First, None),
            148..=151 => Command::RightBy(Register::First, Some(self.signed(opcode - 147)?)),
            152 => Command::RightBy(Register::Second, None),
            153..=156 => Command::RightBy(Register::Second, Some(self.signed(opcode - 152)?)),
            157..=160 => Command::Down(self.signed(opcode - 156)?),
            161 => Command::DownBy(Register::First, None),
            162..=165 => Command::DownBy(Register::First, Some(self.signed(opcode - 161)?)),
            166 => Command::DownBy(Register::Second, None),
            167..=170 => Command::DownBy(Register::Second, Some(self.signed(opcode - 166)?)),
            171..=234 => Command::Font(u32::from(opcode) - 171),
            235..=238 => Command::Font(self.unsigned(opcode - 234)?),
            239..=242 => {
                let length = self.unsigned(opcode - 238)? as usize;
                Command::Special(self.take(length)?)
            }
            243..=246 => {
                let number = self.unsigned(opcode - 242)?;
                Command::DefineFont(number, self.tfm_font()?)
            }
            247 => {
                let format = self.unsigned(1)? as u8;
                self.take(8)?;
                let magnification = self.unsigned(4)?;
                let comment = self.unsigned(1)? as usize;
                self.take(comment)?;
                Command::Pre { format, magnification }
            }
            252 => {
                let number = self.unsigned(4)?;
                Command::DefineFont(number, self.native_font()?)
            }
            253 => Command::Glyphs(self.glyphs(&[])?),
            254 => {
                let units = self.unsigned(2)? as usize;
                let text = self.take(units * 2)?;
                Command::Glyphs(self.glyphs(text)?)
            }
            // `post`; `post_post` is only met after it. The rest was refused before.
            248..=251 | 255 => Command::Post,
        })
    }

    fn tfm_font(&mut self) -> Option<Font> {
        self.take(4)?;
        let size = self.signed(4)?;
        self.take(4)?;
        let length = self.unsigned(1)? as usize + self.unsigned(1)? as usize;
        let name = String::from_utf8_lossy(self.take(length)?).into_owned();
        Some(Font { name, size, is_native: false, face: 0, color: None })
    }

    fn native_font(&mut self) -> Option<Font> {
        const COLORED: u32 = 0x0200;
        /// Extend, slant and embolden: four bytes each.
        const SHAPED: [u32; 3] = [0x1000, 0x2000, 0x4000];
        let size = self.signed(4)?;
        let flags = self.unsigned(2)?;
        let length = self.unsigned(1)? as usize;
        let name = String::from_utf8_lossy(self.take(length)?).into_owned();
        let face = self.unsigned(4)?;
        let color = if flags & COLORED != 0 { Some(self.unsigned(4)?) } else { None };
        self.take(4 * SHAPED.iter().filter(|flag| flags & **flag != 0).count())?;
        Some(Font { name, size, is_native: true, face, color })
    }

    fn glyphs(&mut self, text: &'a [u8]) -> Option<GlyphRun<'a>> {
        let width = self.signed(4)?;
        let count = self.unsigned(2)? as usize;
        let places = self.take(count * 8)?;
        Some(GlyphRun { text, width, places, glyphs: self.take(count * 2)? })
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..)?.get(..length)?;
        self.at += length;
        Some(taken)
    }

    fn unsigned(&mut self, length: u8) -> Option<u32> {
        let bytes = self.take(length.into())?;
        Some(bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }

    fn signed(&mut self, length: u8) -> Option<Sp> {
        let unused = 32 - 8 * u32::from(length);
        Some(Sp((self.unsigned(length)? << unused) as i32 >> unused))
    }
}
