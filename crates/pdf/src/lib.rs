//! Pages of PDF files as pixels and text. PDFium is not thread-safe and keeps global state, so it lives
//! on one thread; a [`Renderer`] sends questions there and waits for the answers.
//!
//! The library is loaded when it is needed: [`find_library`] says where it is looked for.

mod geometry;
mod links;
mod locate;
mod page_text;
mod picture;
mod renderer;
mod search;
mod thread;

pub use geometry::Rect;
pub use links::{Link, LinkTarget, OutlineEntry, Place};
pub use locate::{LIBRARY_VARIABLE, LibraryMissing, find_library};
pub use page_text::{Gap, PageText, Word};
pub use picture::DarkPaper;
pub use renderer::{Document, Renderer};
pub use search::Match;

/// Width and height in PDF points, 72 to an inch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PageSize {
    /// To the right.
    pub width: f32,
    /// Downwards.
    pub height: f32,
}

/// A page as pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// Red, green, blue, opacity; row after row from the top, four bytes a pixel.
    pub rgba: Vec<u8>,
}

/// A part of a page, in pixels of the whole page at some scale, from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
}

/// Text in one style on one line, and its box in PDF points from the page's upper left corner.
#[derive(Clone, Debug, PartialEq)]
pub struct TextRun {
    /// What it says.
    pub text: String,
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// To the right.
    pub width: f32,
    /// Downwards.
    pub height: f32,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// The library is not there or is another.
    #[error("cannot load PDFium from `{place}`: {reason}")]
    Library {
        /// The file.
        place: String,
        /// What the system or the library said.
        reason: String,
    },
    /// The bytes are no PDF, or one that is damaged or has a password.
    #[error("cannot open the PDF: {reason}")]
    Document {
        /// What PDFium said.
        reason: String,
    },
    /// The document has no such page.
    #[error("there is no page {} in a document of {pages}", page + 1)]
    NoSuchPage {
        /// Counted from zero.
        page: usize,
        /// How many there are.
        pages: usize,
    },
    /// The page is damaged.
    #[error("cannot read page {}: {reason}", page + 1)]
    Page {
        /// Counted from zero.
        page: usize,
        /// What PDFium said.
        reason: String,
    },
    /// The picture would be empty, reach beyond its page, or be larger than
    /// [`Renderer::MAX_PIXELS`] or than its format can hold.
    #[error("a picture of {width} by {height} pixels is not possible")]
    Size {
        /// Pixels in a row.
        width: u64,
        /// Rows.
        height: u64,
    },
    /// The thread has ended, which it does only when PDFium has failed badly.
    #[error("PDFium has stopped")]
    Stopped,
}
