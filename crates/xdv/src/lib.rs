//! Reads XDV, the extended DVI that XeTeX ships pages out in (id 7, as the embedded engine writes it):
//! [`Index::read`] finds pages and fonts in one quick walk, [`Index::items`] says what stands where on
//! a page. A file that is cut off between pages or within one is an incomplete index, not an error: a
//! running engine's output looks like that.
//!
//! Sources: D. Fuchs, *The format of TeX's DVI files* (TUGboat 3:2); `xdvipdfmx` and XeTeX for opcodes
//! 252 to 254.

mod band;
mod command;
mod index;
mod items;
mod links;
mod movement;
mod origin;
mod paper;
mod stream;
mod tfm;

pub use band::{Band, changed_band};
pub use index::{Font, Index, Page};
pub use items::{Glyph, Item, Placed};
pub use links::NamedPlace;
pub use paper::PaperSize;
pub use stream::{Stream, page_length};
pub use tfm::{CharWidths, TfmError};

/// A length in TeX's scaled points, 65,536 to a point of 1/72.27 inch, magnification not applied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sp(pub i32);

impl Sp {
    /// The length in PDF points, 72 to an inch.
    pub fn to_bp(self) -> f64 {
        f64::from(self.0) / 65_536.0 * 72.0 / 72.27
    }

    /// The length in TeX's points, 72.27 to an inch.
    pub fn to_pt(self) -> f64 {
        f64::from(self.0) / 65_536.0
    }
}

/// Bytes that are no XDV, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid XDV file: {what} at byte {at}")]
pub struct XdvError {
    /// Offset of the command that is wrong.
    pub at: usize,
    /// What is wrong with it.
    pub what: Fault,
}

/// What can be wrong with a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The first bytes are not a preamble.
    #[error("no preamble")]
    NoPreamble,
    /// The preamble names another format.
    #[error("format {0}, which is not 7")]
    Format(u8),
    /// An opcode that the format does not have.
    #[error("unknown opcode {0}")]
    Opcode(u8),
    /// A command that may not stand there, such as a page within a page.
    #[error("opcode {0} out of place")]
    OutOfPlace(u8),
    /// More `pop` than `push`.
    #[error("`pop` without `push`")]
    StackUnderflow,
    /// Deeper than any document goes.
    #[error("more than {0} nested `push`")]
    StackOverflow(usize),
    /// A glyph is set in a font that was not defined.
    #[error("font {0} is not defined")]
    UndefinedFont(u32),
    /// The bytes end within a page that was said to be whole.
    #[error("the bytes end")]
    End,
}
