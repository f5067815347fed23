//! The thread that PDFium lives on. It owns the documents, and a bitmap that is used again: allocating
//! one for each page takes three times as long as rendering into it.

use crate::{PageSize, PdfError, Picture, TextRun};
use pdfium_render::prelude::{
    PdfBitmap, PdfBitmapFormat, PdfColor, PdfDocument, PdfPage, PdfPageIndex, PdfRenderConfig,
    Pdfium, PdfiumError,
};
use std::{
    collections::HashMap,
    path::Path,
    sync::mpsc::{Receiver, Sender},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct DocumentId(u64);

type Answer<T> = Sender<Result<T, PdfError>>;

/// What the thread is asked. Each question brings the way for its answer.
#[derive(Debug)]
pub(crate) enum Question {
    Open { pdf: Vec<u8>, answer: Answer<(DocumentId, Vec<PageSize>)> },
    Render { id: DocumentId, page: usize, width: u32, height: u32, answer: Answer<Picture> },
    Text { id: DocumentId, page: usize, height: f32, answer: Answer<Vec<TextRun>> },
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
    // An answer that nobody waits for any more is dropped.
    while let Ok(question) = asked.recv() {
        match question {
            Question::Open { pdf, answer } => {
                let _ = answer.send(shelf.open(&pdfium, pdf));
            }
            Question::Render { id, page, width, height, answer } => {
                let _ = answer.send(shelf.render(id, page, width, height));
            }
            Question::Text { id, page, height, answer } => {
                let _ = answer.send(shelf.text(id, page, height));
            }
            Question::Close { id } => {
                shelf.documents.remove(&id);
            }
        }
    }
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
        let size =
            |page: PdfPage<'_>| PageSize { width: page.width().value, height: page.height().value };
        let sizes = document.pages().iter().map(size).collect();
        let id = DocumentId(self.next);
        self.next += 1;
        self.documents.insert(id, document);
        Ok((id, sizes))
    }

    fn page(&self, id: DocumentId, page: usize) -> Result<PdfPage<'_>, PdfError> {
        let document = self.documents.get(&id).ok_or(PdfError::Stopped)?;
        let pages = document.pages();
        let index = PdfPageIndex::try_from(page)
            .map_err(|_| PdfError::NoSuchPage { page, pages: pages.len() as usize })?;
        pages.get(index).map_err(|e| PdfError::Page { page, reason: e.to_string() })
    }

    fn render(
        &mut self,
        id: DocumentId,
        page: usize,
        width: u32,
        height: u32,
    ) -> Result<Picture, PdfError> {
        let failed = |error: PdfiumError| PdfError::Page { page, reason: error.to_string() };
        let fits = |bitmap: &PdfBitmap<'_>| {
            (bitmap.width(), bitmap.height()) == (width as i32, height as i32)
        };
        let mut bitmap = match self.bitmap.take().filter(fits) {
            Some(bitmap) => bitmap,
            None => PdfBitmap::empty(width as i32, height as i32, PdfBitmapFormat::BGRA)
                .map_err(failed)?,
        };
        let config = PdfRenderConfig::new()
            .set_fixed_size(width as i32, height as i32)
            .set_clear_color(PdfColor::WHITE)
            .render_annotations(true);
        let open = self.page(id, page)?;
        let rendered = open.render_into_bitmap_with_config(&mut bitmap, &config);
        drop(open);
        rendered.map_err(failed)?;
        let rgba = bitmap.as_rgba_bytes();
        self.bitmap = Some(bitmap);
        Ok(Picture { width, height, rgba })
    }

    fn text(&self, id: DocumentId, page: usize, height: f32) -> Result<Vec<TextRun>, PdfError> {
        let failed = |error: PdfiumError| PdfError::Page { page, reason: error.to_string() };
        let open = self.page(id, page)?;
        let text = open.text().map_err(failed)?;
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
