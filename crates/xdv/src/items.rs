//! What stands where on a page.

use crate::{
    CharWidths, Fault, Index, Sp, XdvError,
    command::{Command, Commands, GlyphRun},
    movement::{Movement, Registers},
};
use std::ops::Range;

/// TeX itself does not nest boxes deeper than its memory allows; no document comes near this.
const MAX_DEPTH: usize = 10_000;

/// Something on a page, and its reference point: the left end of its baseline, measured from one inch
/// below and right of the paper's upper left corner, as TeX does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<'a> {
    /// To the right.
    pub h: Sp,
    /// Downwards.
    pub v: Sp,
    /// What it is.
    pub item: Item<'a>,
}

/// What can stand on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// A character of a TFM font.
    Char {
        /// The font's number.
        font: u32,
        /// The character's code in the font.
        code: u32,
    },
    /// A run of glyphs of a native font.
    Glyphs {
        /// The font's number.
        font: u32,
        /// How far it moves right.
        width: Sp,
        /// The glyphs.
        glyphs: Vec<Glyph>,
        /// The text it shows, when the document asked for that.
        text: Option<String>,
    },
    /// A black box; `h` and `v` are its lower left corner. TeX draws none when either is not positive.
    Rule {
        /// To the right.
        width: Sp,
        /// Upwards.
        height: Sp,
    },
    /// A message to the PDF driver.
    Special(&'a [u8]),
}

/// A glyph of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyph {
    /// Number in the font.
    pub number: u16,
    /// To the right of the run's reference point.
    pub x: Sp,
    /// Downwards from it.
    pub y: Sp,
}

/// The registers that `push` saves.
#[derive(Clone, Copy, Default)]
struct State {
    h: i32,
    v: i32,
    lengths: Registers,
}

impl Index {
    /// Everything on the page whose bytes are `range`. TFM fonts move right by widths that the file
    /// does not hold: `widths` gives them by font number; where it has none, characters have no width
    /// and what follows them in their box stands too far left.
    pub fn items<'a>(
        &self,
        bytes: &'a [u8],
        range: Range<usize>,
        widths: &dyn Fn(u32) -> Option<CharWidths>,
    ) -> Result<Vec<Placed<'a>>, XdvError> {
        let mut page = PageWalk {
            index: self,
            widths,
            state: State::default(),
            stack: Vec::new(),
            font: None,
            items: Vec::new(),
        };
        let mut commands = Commands::new(bytes.get(..range.end).unwrap_or(bytes), range.start);
        while commands.at < range.end {
            let at = commands.at;
            let command = commands.next()?.ok_or(XdvError { at, what: Fault::End })?;
            page.apply(command).map_err(|what| XdvError { at, what })?;
        }
        Ok(page.items)
    }
}

struct PageWalk<'w, 'a> {
    index: &'w Index,
    widths: &'w dyn Fn(u32) -> Option<CharWidths>,
    state: State,
    stack: Vec<State>,
    font: Option<(u32, Sp, Option<CharWidths>)>,
    items: Vec<Placed<'a>>,
}

impl<'a> PageWalk<'_, 'a> {
    fn apply(&mut self, command: Command<'a>) -> Result<(), Fault> {
        match self.state.lengths.movement(&command) {
            Some(Movement::Right(by)) => self.right(by),
            Some(Movement::Down(by)) => self.down(by),
            None => self.apply_other(command)?,
        }
        Ok(())
    }

    fn apply_other(&mut self, command: Command<'a>) -> Result<(), Fault> {
        match command {
            Command::Set(code) => {
                let width = self.char(code)?;
                self.right(width);
            }
            Command::Put(code) => {
                self.char(code)?;
            }
            Command::Rule { height, width, moves } => {
                self.place(Item::Rule { width, height });
                if moves {
                    self.right(width);
                }
            }
            Command::Push if self.stack.len() >= MAX_DEPTH => {
                return Err(Fault::StackOverflow(MAX_DEPTH));
            }
            Command::Push => self.stack.push(self.state),
            Command::Pop => self.state = self.stack.pop().ok_or(Fault::StackUnderflow)?,
            Command::Font(number) => {
                let font = self.index.fonts.get(&number).ok_or(Fault::UndefinedFont(number))?;
                let widths = if font.is_native { None } else { (self.widths)(number) };
                self.font = Some((number, font.size, widths));
            }
            Command::Special(bytes) => self.place(Item::Special(bytes)),
            Command::Glyphs(run) => self.glyphs(&run)?,
            Command::Right(_)
            | Command::RightBy(..)
            | Command::Down(_)
            | Command::DownBy(..)
            | Command::Nop
            | Command::Bop(_)
            | Command::Eop
            | Command::DefineFont(..)
            | Command::Pre { .. }
            | Command::Post => {}
        }
        Ok(())
    }

    fn char(&mut self, code: u32) -> Result<Sp, Fault> {
        let (font, size, widths) = self.font.as_ref().ok_or(Fault::UndefinedFont(0))?;
        let (font, size) = (*font, *size);
        let width = widths.as_ref().map_or(Sp(0), |widths| widths.at_size(code, size));
        self.place(Item::Char { font, code });
        Ok(width)
    }

    fn glyphs(&mut self, run: &GlyphRun<'_>) -> Result<(), Fault> {
        let (font, ..) = self.font.as_ref().ok_or(Fault::UndefinedFont(0))?;
        let number = |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]);
        let length = |four: &[u8]| Sp(i32::from_be_bytes([four[0], four[1], four[2], four[3]]));
        let glyphs = run.glyphs.chunks_exact(2).zip(run.places.chunks_exact(8));
        let glyphs = glyphs.map(|(glyph, place)| Glyph {
            number: number(glyph),
            x: length(&place[..4]),
            y: length(&place[4..]),
        });
        let units: Vec<u16> = run.text.chunks_exact(2).map(number).collect();
        let text = (!units.is_empty()).then(|| String::from_utf16_lossy(&units));
        self.place(Item::Glyphs { font: *font, width: run.width, glyphs: glyphs.collect(), text });
        self.right(run.width);
        Ok(())
    }

    fn place(&mut self, item: Item<'a>) {
        self.items.push(Placed { h: Sp(self.state.h), v: Sp(self.state.v), item });
    }

    // A hostile file may add up to anything; TeX's own lengths never wrap.
    fn right(&mut self, by: Sp) {
        self.state.h = self.state.h.wrapping_add(by.0);
    }

    fn down(&mut self, by: Sp) {
        self.state.v = self.state.v.wrapping_add(by.0);
    }
}
