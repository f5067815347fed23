//! The pages of a live document, and their pictures: made when a window asks for them, or ahead of that for a
//! page that is looked at.

use crate::{
    PictureRequest, WorkbenchError,
    preview::{PdfEngine, picture_of},
};
use quire_compile::live::PageConverter;
use quire_pdf::Document;
use quire_project::FileSource;
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        mpsc::{self, Sender},
    },
};

/// The pages that a window may ask for.
pub(super) struct LivePages {
    pdf: Arc<PdfEngine>,
    pages: Mutex<BTreeMap<u32, Arc<Shipped>>>,
    converter: Mutex<PageConverter>,
}

/// One page as it was shipped.
struct Shipped {
    version: u64,
    xdv: Vec<u8>,
    document: OnceLock<Document>,
    /// How a window asked for it last; before that, how one asked for the page in its place.
    expected: Mutex<Option<PictureRequest>>,
    /// The last picture of all of it.
    picture: Mutex<Option<(PictureRequest, Vec<u8>)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LivePages {
    pub(super) fn new(pdf: Arc<PdfEngine>, converter: PageConverter) -> Self {
        Self { pdf, pages: Mutex::default(), converter: Mutex::new(converter) }
    }

    /// Pictures on the pages are read from here from now on.
    pub(super) fn set_files(&self, files: Arc<dyn FileSource>) {
        lock(&self.converter).set_files(files);
    }

    /// Take a page, counted from one. True when the one before it was looked at: it will be asked for.
    pub(super) fn put(&self, number: u32, version: u64, xdv: Vec<u8>) -> bool {
        let mut pages = lock(&self.pages);
        let expected = pages.get(&number).and_then(|old| *lock(&old.expected));
        let page = Shipped {
            version,
            xdv,
            document: OnceLock::new(),
            expected: Mutex::new(expected),
            picture: Mutex::default(),
        };
        pages.insert(number, Arc::new(page));
        expected.is_some()
    }

    fn find(&self, number: u32, version: u64) -> Option<Arc<Shipped>> {
        lock(&self.pages).get(&number).filter(|page| page.version == version).cloned()
    }

    /// A picture of a page of this version, as lossless WebP.
    pub(super) fn picture(
        &self,
        version: u64,
        request: PictureRequest,
    ) -> Result<Vec<u8>, WorkbenchError> {
        let number = u32::try_from(request.page + 1).map_err(|_| WorkbenchError::NoPdf)?;
        let page = self.find(number, version).ok_or(WorkbenchError::NoPdf)?;
        if request.tile.is_some() {
            return self.draw(number, &page, request);
        }
        *lock(&page.expected) = Some(request);
        self.whole(number, &page, request)
    }

    fn whole(
        &self,
        number: u32,
        page: &Shipped,
        request: PictureRequest,
    ) -> Result<Vec<u8>, WorkbenchError> {
        // Who asks while it is being drawn waits for that.
        let mut picture = lock(&page.picture);
        if let Some((drawn, bytes)) = &*picture
            && *drawn == request
        {
            return Ok(bytes.clone());
        }
        let bytes = self.draw(number, page, request)?;
        *picture = Some((request, bytes.clone()));
        Ok(bytes)
    }

    fn draw(
        &self,
        number: u32,
        page: &Shipped,
        request: PictureRequest,
    ) -> Result<Vec<u8>, WorkbenchError> {
        if page.document.get().is_none() {
            self.convert(number, page)?;
        }
        let document = page.document.get().ok_or(WorkbenchError::NoPdf)?;
        Ok(picture_of(document, PictureRequest { page: 0, ..request })?)
    }

    fn convert(&self, number: u32, page: &Shipped) -> Result<(), WorkbenchError> {
        let mut converter = lock(&self.converter);
        // While this waited for its turn, a newer one may have come, or the same been made.
        self.find(number, page.version).ok_or(WorkbenchError::NoPdf)?;
        if page.document.get().is_none() {
            let pdf = converter.convert(&page.xdv).map_err(|_| WorkbenchError::NoPdf)?;
            let _ = page.document.set(self.pdf.open(pdf)?);
        }
        Ok(())
    }
}

/// Draws pages as they are expected to be asked for, on a thread of its own: while a window hears of a page and
/// asks, it is made.
pub(super) fn draw_ahead(pages: Arc<LivePages>) -> io::Result<Sender<(u32, u64)>> {
    let (sender, wanted) = mpsc::channel();
    std::thread::Builder::new().name("live-pictures".to_owned()).spawn(move || {
        for (number, version) in wanted {
            let Some(page) = pages.find(number, version) else { continue };
            // Unless a window asks for it, the next in its place is not expected to be asked for.
            let expected = lock(&page.expected).take();
            if let Some(request) = expected {
                // What cannot be drawn says so to the window that asks.
                let _ = pages.whole(number, &page, request);
                lock(&pages.converter).rest(&page.xdv);
            }
        }
    })?;
    Ok(sender)
}
