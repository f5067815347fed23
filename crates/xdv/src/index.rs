//! Where each page begins and ends, and which fonts there are.

use crate::{
    Fault, Sp, XdvError,
    command::{Command, Commands},
};
use std::{collections::BTreeMap, ops::Range};

/// The only format that the embedded engine writes.
const FORMAT: u8 = 7;

/// Pages and fonts of an XDV file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Pages in the order in which they were shipped out.
    pub pages: Vec<Page>,
    /// Fonts by the number that the file gives them.
    pub fonts: BTreeMap<u32, Font>,
    /// Magnification × 1,000.
    pub magnification: u32,
    /// True when the postamble was reached. When false, the pages that are there are whole.
    pub is_complete: bool,
}

/// One page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Its bytes, from `bop` to past `eop`.
    pub range: Range<usize>,
    /// `\count0` to `\count9` when it was shipped out; the first is the page number.
    pub counts: [i32; 10],
}

/// A font as the file defines it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Font {
    /// Name of the TFM file, or the font file's path when native.
    pub name: String,
    /// The size it is used at.
    pub size: Sp,
    /// An OpenType or Graphite font: glyph runs, not characters.
    pub is_native: bool,
    /// Which face of a collection.
    pub face: u32,
    /// Red, green, blue and opacity of a font with a colour.
    pub color: Option<u32>,
}

impl Index {
    /// Walk through `bytes` once.
    pub fn read(bytes: &[u8]) -> Result<Self, XdvError> {
        let mut commands = Commands::new(bytes, 0);
        let magnification = match commands.next() {
            Ok(Some(Command::Pre { format: FORMAT, magnification })) => magnification,
            Ok(Some(Command::Pre { format, .. })) => {
                return Err(XdvError { at: 0, what: Fault::Format(format) });
            }
            _ => return Err(XdvError { at: 0, what: Fault::NoPreamble }),
        };
        let mut index =
            Self { pages: Vec::new(), fonts: BTreeMap::new(), magnification, is_complete: false };
        let mut open: Option<(usize, [i32; 10])> = None;
        loop {
            let at = commands.at;
            let Some(command) = commands.next()? else { return Ok(index) };
            let out_of_place = || {
                Err(XdvError { at, what: Fault::OutOfPlace(bytes.get(at).copied().unwrap_or(0)) })
            };
            match (command, open) {
                (Command::Bop(counts), None) => open = Some((at, counts)),
                (Command::Eop, Some((start, counts))) => {
                    index.pages.push(Page { range: start..commands.at, counts });
                    open = None;
                }
                (Command::DefineFont(number, font), _) => {
                    index.fonts.insert(number, font);
                }
                (Command::Nop, None) => {}
                (Command::Post, None) => {
                    index.is_complete = true;
                    return Ok(index);
                }
                (Command::Bop(_) | Command::Post | Command::Pre { .. }, Some(_)) | (_, None) => {
                    return out_of_place();
                }
                (_, Some(_)) => {}
            }
        }
    }
}
