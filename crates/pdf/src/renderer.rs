//! What callers hold: a way to the thread, and documents that are open there.

use crate::{
    PageSize, PdfError, Picture, TextRun,
    thread::{self, DocumentId, Question},
};
use std::{
    path::Path,
    sync::mpsc::{self, SyncSender},
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
        Ok(Document { renderer: self.clone(), id, pages })
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

    /// A page (counted from zero) at `scale` pixels to a PDF point, on white.
    pub fn render(&self, page: usize, scale: f32) -> Result<Picture, PdfError> {
        let size = self.size(page)?;
        let pixels = |points: f32| (f64::from(points) * f64::from(scale)).round().max(0.0) as u64;
        let (width, height) = (pixels(size.width), pixels(size.height));
        if width == 0 || height == 0 || width.saturating_mul(height) > Renderer::MAX_PIXELS {
            return Err(PdfError::Size { width, height });
        }
        // Both fit: their product does.
        let (width, height) = (width as u32, height as u32);
        self.renderer.ask(|answer| Question::Render { id: self.id, page, width, height, answer })?
    }

    /// The text of a page (counted from zero), in the order of the file.
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
