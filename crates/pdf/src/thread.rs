//! The thread that PDFium lives on. It owns the documents, and a bitmap that is used again: allocating
//! one for each page takes three times as long as rendering into it.

use crate::{
    Link, OutlineEntry, PageSize, PageText, PdfError, Picture, TextRun, Tile, links::Places,
    page_text,
};
use pdfium_render::prelude::{
    PdfBitmap, PdfBitmapFormat, PdfColor, PdfDocument, PdfPage, PdfPageIndex, PdfRenderConfig,
    Pdfium, PdfiumError,
};
use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::mpsc::{Receiver, Sender},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DocumentId(u64);

type Answer<T> = Sender<Result<T, PdfError>>;

/// A part of a page at a size of the whole, in pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) whole: (u32, u32),
    pub(crate) tile: Tile,
}

/// What the thread is asked. Each question brings the way for its answer.
#[derive(Debug)]
pub(crate) enum Question {
    Open { pdf: Vec<u8>, answer: Answer<(DocumentId, Vec<PageSize>)> },
    Render { id: DocumentId, page: usize, view: View, answer: Answer<Picture> },
    Text { id: DocumentId, page: usize, height: f32, answer: Answer<Vec<TextRun>> },
    Glyphs { id: DocumentId, page: usize, answer: Answer<PageText> },
    Links { id: DocumentId, page: usize, answer: Answer<Vec<Link>> },
    Outline { id: DocumentId, answer: Answer<Vec<OutlineEntry>> },
    Close { id: DocumentId },
}

/// Load the library, say so, and answer questions until nobody is left to ask.
pub(crate) fn run(library: &Path, ready: &Answer<()>, asked: &Receiver<Question>) {
    let pdfium = match load(library) {
        Ok(pdfium) => pdfium,
        Err(error) => {
            let _ = ready.send(Err(error));
            return;
        }
    };
    if ready.send(Ok(())).is_err() {
        return;
    }
    let mut shelf = Shelf { documents: HashMap::new(), next: 0, bitmap: None };
    while let Ok(question) = asked.recv() {
        match question {
            Question::Open { pdf, answer } => give(&answer, || shelf.open(&pdfium, pdf)),
            Question::Render { id, page, view, answer } => {
                give(&answer, || shelf.render(id, page, view));
            }
            Question::Text { id, page, height, answer } => {
                give(&answer, || shelf.text(id, page, height));
            }
            Question::Glyphs { id, page, answer } => give(&answer, || shelf.glyphs(id, page)),
            Question::Links { id, page, answer } => give(&answer, || shelf.links(id, page)),
            Question::Outline { id, answer } => give(&answer, || shelf.outline(id)),
            Question::Close { id } => {
                shelf.documents.remove(&id);
            }
        }
    }
}

/// Find the answer and send it; one that nobody waits for any more is dropped. The bindings hold
/// assertions about what PDFium says, which a damaged file may break: that ends this answer, not the
/// thread.
fn give<T>(answer: &Answer<T>, find: impl FnOnce() -> Result<T, PdfError>) {
    let reason = || "it is damaged".to_owned();
    let found = catch_unwind(AssertUnwindSafe(find))
        .unwrap_or_else(|_| Err(PdfError::Document { reason: reason() }));
    let _ = answer.send(found);
}

fn load(library: &Path) -> Result<Pdfium, PdfError> {
    match Pdfium::bind_to_library(library) {
        Ok(bindings) => Ok(Pdfium::new(bindings)),
        Err(PdfiumError::PdfiumLibraryBindingsAlreadyInitialized) => Ok(Pdfium::default()),
        Err(error) => Err(PdfError::Library {
            place: library.display().to_string(),
            reason: error.to_string(),
        }),
    }
}

struct Shelf<'p> {
    documents: HashMap<DocumentId, PdfDocument<'p>>,
    next: u64,
    bitmap: Option<PdfBitmap<'p>>,
}

impl<'p> Shelf<'p> {
    fn open(
        &mut self,
        pdfium: &'p Pdfium,
        pdf: Vec<u8>,
    ) -> Result<(DocumentId, Vec<PageSize>), PdfError> {
        let failed = |error: PdfiumError| PdfError::Document { reason: error.to_string() };
        let document = pdfium.load_pdf_from_byte_vec(pdf, None).map_err(failed)?;
        let pages = document.pages();
        // A page that PDFium cannot read keeps its number and has no size: it cannot be rendered.
        let size = |index: PdfPageIndex| {
            let rect = pages.page_size(index).ok();
            rect.map_or(PageSize { width: 0.0, height: 0.0 }, |rect| PageSize {
                width: rect.width().value,
                height: rect.height().value,
            })
        };
        let sizes = pages.as_range().map(size).collect();
        let id = DocumentId(self.next);
        self.next += 1;
        self.documents.insert(id, document);
        Ok((id, sizes))
    }

    fn document(&self, id: DocumentId) -> Result<&PdfDocument<'p>, PdfError> {
        self.documents.get(&id).ok_or(PdfError::Stopped)
    }

    fn page(&self, id: DocumentId, page: usize) -> Result<PdfPage<'_>, PdfError> {
        let pages = self.document(id)?.pages();
        let index = PdfPageIndex::try_from(page)
            .map_err(|_| PdfError::NoSuchPage { page, pages: pages.len() as usize })?;
        pages.get(index).map_err(failed(page))
    }

    fn render(&mut self, id: DocumentId, page: usize, view: View) -> Result<Picture, PdfError> {
        let Tile { x, y, width, height } = view.tile;
        let fits = |bitmap: &PdfBitmap<'_>| {
            (bitmap.width(), bitmap.height()) == (width as i32, height as i32)
        };
        let mut bitmap = match self.bitmap.take().filter(fits) {
            Some(bitmap) => bitmap,
            None => PdfBitmap::empty(width as i32, height as i32, PdfBitmapFormat::BGRA)
                .map_err(failed(page))?,
        };
        let config = PdfRenderConfig::new()
            .set_fixed_size(view.whole.0 as i32, view.whole.1 as i32)
            .set_origin(-(x as i32), -(y as i32))
            .set_clear_color(PdfColor::WHITE)
            .set_reverse_byte_order(true)
            .render_annotations(true);
        let open = self.page(id, page)?;
        let rendered = open.render_into_bitmap_with_config(&mut bitmap, &config);
        drop(open);
        rendered.map_err(failed(page))?;
        let rgba = bitmap.as_rgba_bytes();
        self.bitmap = Some(bitmap);
        Ok(Picture { width, height, rgba })
    }

    fn glyphs(&self, id: DocumentId, page: usize) -> Result<PageText, PdfError> {
        page_text::read(&self.page(id, page)?).map_err(failed(page))
    }

    fn links(&self, id: DocumentId, page: usize) -> Result<Vec<Link>, PdfError> {
        let open = self.page(id, page)?;
        Places::new(self.document(id)?).links(&open).map_err(failed(page))
    }

    fn outline(&self, id: DocumentId) -> Result<Vec<OutlineEntry>, PdfError> {
        Ok(Places::new(self.document(id)?).outline())
    }

    fn text(&self, id: DocumentId, page: usize, height: f32) -> Result<Vec<TextRun>, PdfError> {
        let open = self.page(id, page)?;
        let text = open.text().map_err(failed(page))?;
        let run = |segment: pdfium_render::prelude::PdfPageTextSegment<'_>| {
            let bounds = segment.bounds();
            TextRun {
                text: segment.text(),
                x: bounds.left().value,
                y: height - bounds.top().value,
                width: bounds.width().value,
                height: bounds.height().value,
            }
        };
        Ok(text.segments().iter().map(run).collect())
    }
}

fn failed(page: usize) -> impl Fn(PdfiumError) -> PdfError {
    move |error| PdfError::Page { page, reason: error.to_string() }
}
