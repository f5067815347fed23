//! What callers hold: a way to the thread, and documents that are open there.

use crate::{
    Link, Match, OutlineEntry, PageSize, PageText, PdfError, Picture, TextRun, Tile,
    thread::{self, DocumentId, Question, View},
};
use std::{
    path::Path,
    sync::{
        Arc, OnceLock,
        mpsc::{self, SyncSender},
    },
};

/// Questions that may wait; whoever asks more waits to ask.
const QUEUE: usize = 16;

/// The way to PDFium. Clones share it; it ends with the last of them and of their documents.
#[derive(Clone, Debug)]
pub struct Renderer {
    questions: SyncSender<Question>,
}

/// An open PDF. Closed when dropped.
#[derive(Debug)]
pub struct Document {
    renderer: Renderer,
    id: DocumentId,
    pages: Vec<PageSize>,
    /// What was read once: each search looks through all pages.
    texts: Vec<OnceLock<Arc<PageText>>>,
}

impl Renderer {
    /// 8,192 by 8,192 pixels, four bytes each.
    pub const MAX_PIXELS: u64 = 1 << 26;

    /// Load the library and start its thread. PDFium is loaded once in a process: a later call with
    /// another library uses the first.
    pub fn start(library: &Path) -> Result<Self, PdfError> {
        let (questions, asked) = mpsc::sync_channel(QUEUE);
        let (ready, started) = mpsc::channel();
        let library = library.to_owned();
        std::thread::Builder::new()
            .name("pdfium".to_owned())
            .spawn(move || thread::run(&library, &ready, &asked))
            .map_err(|_| PdfError::Stopped)?;
        started.recv().map_err(|_| PdfError::Stopped)??;
        Ok(Self { questions })
    }

    /// Open a PDF.
    pub fn open(&self, pdf: Vec<u8>) -> Result<Document, PdfError> {
        let (id, pages) = self.ask(|answer| Question::Open { pdf, answer })??;
        let texts = pages.iter().map(|_| OnceLock::new()).collect();
        Ok(Document { renderer: self.clone(), id, pages, texts })
    }

    fn ask<A>(&self, question: impl FnOnce(mpsc::Sender<A>) -> Question) -> Result<A, PdfError> {
        let (answer, answered) = mpsc::channel();
        self.questions.send(question(answer)).map_err(|_| PdfError::Stopped)?;
        answered.recv().map_err(|_| PdfError::Stopped)
    }
}

impl Document {
    /// Size of each page.
    pub fn pages(&self) -> &[PageSize] {
        &self.pages
    }

    /// Matches that a search stops at.
    pub const MAX_MATCHES: usize = 10_000;
    /// Longer edge of a whole page of which a tile is rendered.
    const MAX_EDGE: u64 = 1 << 20;

    /// A page (counted from zero) at `scale` pixels to a PDF point, on white.
    pub fn render(&self, page: usize, scale: f32) -> Result<Picture, PdfError> {
        let (width, height) = self.pixels(page, scale)?;
        self.render_tile(page, scale, Tile { x: 0, y: 0, width, height })
    }

    /// A part of a page at `scale` pixels to a PDF point: at high zoom whole pages are too large.
    pub fn render_tile(&self, page: usize, scale: f32, tile: Tile) -> Result<Picture, PdfError> {
        let whole = self.pixels(page, scale)?;
        let (width, height) = (u64::from(tile.width), u64::from(tile.height));
        let is_inside = u64::from(tile.x) + width <= u64::from(whole.0)
            && u64::from(tile.y) + height <= u64::from(whole.1);
        let pixels = width * height;
        if !is_inside || pixels == 0 || pixels > Renderer::MAX_PIXELS {
            return Err(PdfError::Size { width, height });
        }
        let view = View { whole, tile };
        self.renderer.ask(|answer| Question::Render { id: self.id, page, view, answer })?
    }

    /// Width and height of a whole page (counted from zero) at `scale` pixels to a PDF point.
    pub fn pixels(&self, page: usize, scale: f32) -> Result<(u32, u32), PdfError> {
        let size = self.size(page)?;
        let pixels = |points: f32| (f64::from(points) * f64::from(scale)).round().max(0.0) as u64;
        let (width, height) = (pixels(size.width), pixels(size.height));
        if width == 0 || height == 0 || width.max(height) > Self::MAX_EDGE {
            return Err(PdfError::Size { width, height });
        }
        // Both fit: they are below the limit.
        Ok((width as u32, height as u32))
    }

    /// What leads elsewhere on a page (counted from zero).
    pub fn links(&self, page: usize) -> Result<Vec<Link>, PdfError> {
        self.size(page)?;
        self.renderer.ask(|answer| Question::Links { id: self.id, page, answer })?
    }

    /// The outline, empty if there is none.
    pub fn outline(&self) -> Result<Vec<OutlineEntry>, PdfError> {
        self.renderer.ask(|answer| Question::Outline { id: self.id, answer })?
    }

    /// The text of a page (counted from zero), word by word. Read once and kept.
    pub fn page_text(&self, page: usize) -> Result<Arc<PageText>, PdfError> {
        self.size(page)?;
        if let Some(text) = self.texts[page].get() {
            return Ok(Arc::clone(text));
        }
        let text = self.renderer.ask(|answer| Question::Glyphs { id: self.id, page, answer })??;
        Ok(Arc::clone(self.texts[page].get_or_init(|| Arc::new(text))))
    }

    /// Where a query stands, page by page, at most [`Self::MAX_MATCHES`]. Damaged pages are passed over.
    /// The PDF thread is asked for one page after the other, so that what is rendered meanwhile waits
    /// for one page at most.
    pub fn search(&self, query: &str, match_case: bool) -> Result<Vec<Match>, PdfError> {
        let mut matches = Vec::new();
        for page in 0..self.pages.len() {
            let text = match self.page_text(page) {
                Ok(text) => text,
                Err(PdfError::Stopped) => return Err(PdfError::Stopped),
                Err(_) => continue,
            };
            let limit = Self::MAX_MATCHES - matches.len();
            let found = text.find(query, match_case, limit);
            matches.extend(found.into_iter().map(|rects| Match { page, rects }));
        }
        Ok(matches)
    }

    /// The text of a page (counted from zero), run by run, in the order of the file.
    pub fn text(&self, page: usize) -> Result<Vec<TextRun>, PdfError> {
        let height = self.size(page)?.height;
        self.renderer.ask(|answer| Question::Text { id: self.id, page, height, answer })?
    }

    fn size(&self, page: usize) -> Result<PageSize, PdfError> {
        let pages = self.pages.len();
        self.pages.get(page).copied().ok_or(PdfError::NoSuchPage { page, pages })
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        // When the thread has ended there is nothing left to close.
        let _ = self.renderer.questions.send(Question::Close { id: self.id });
    }
}
