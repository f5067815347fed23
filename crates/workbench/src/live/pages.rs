//! The pages of a live document, and their pictures: made when a window asks for them, or ahead of that for a
//! page that is looked at.

use super::{LivePageInfo, LivePlaces, PicturePatch};
use crate::{
    PageBox, PictureRequest, WorkbenchError,
    preview::{PdfEngine, picture_of, pixels_of},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use quire_compile::live::PageConverter;
use quire_pdf::{Document, Picture};
use quire_project::FileSource;
use std::{
    collections::BTreeMap,
    io,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        mpsc::{self, Sender},
    },
};

/// Bytes of a patch before a picture of all of the page is the better way: it goes through the window's own
/// main thread.
const PATCH_BYTES: usize = 96 << 10;
/// Patches to one picture, before a window has to say by asking that it still looks at the page.
const PATCHES: u32 = 24;

/// The pages that a window may ask for.
pub(super) struct LivePages {
    pdf: Arc<PdfEngine>,
    pages: Mutex<BTreeMap<u32, Arc<Shipped>>>,
    /// What windows have of the pages that they look at.
    bases: Mutex<BTreeMap<u32, Base>>,
    converter: Mutex<PageConverter>,
    places: Mutex<Option<Arc<LivePlaces>>>,
}

/// One page as it was shipped.
struct Shipped {
    version: u64,
    size: PageBox,
    xdv: Vec<u8>,
    document: OnceLock<Document>,
    /// How a window asked for it last; before that, how one asked for the page in its place.
    expected: Mutex<Option<PictureRequest>>,
    /// The last picture of all of it.
    picture: Mutex<Option<Drawn>>,
}

/// A picture of all of a page.
#[derive(Clone)]
struct Drawn {
    request: PictureRequest,
    pixels: Arc<Picture>,
}

/// The picture that a window got of a page.
struct Base {
    version: u64,
    drawn: Drawn,
    patches: u32,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LivePages {
    pub(super) fn new(pdf: Arc<PdfEngine>, converter: PageConverter) -> Self {
        let (pages, bases, places) = (Mutex::default(), Mutex::default(), Mutex::default());
        Self { pdf, pages, bases, converter: Mutex::new(converter), places }
    }

    /// Pictures on the pages are read from here from now on.
    pub(super) fn set_files(&self, files: Arc<dyn FileSource>) {
        lock(&self.converter).set_files(files);
    }

    /// Take a page, counted from one. True when the one before it was looked at: it will be asked for.
    pub(super) fn put(&self, number: u32, version: u64, size: PageBox, xdv: Vec<u8>) -> bool {
        let mut pages = lock(&self.pages);
        let expected = pages.get(&number).and_then(|old| *lock(&old.expected));
        let page = Shipped {
            version,
            size,
            xdv,
            document: OnceLock::new(),
            expected: Mutex::new(expected),
            picture: Mutex::default(),
        };
        pages.insert(number, Arc::new(page));
        expected.is_some()
    }

    /// There are only so many.
    pub(super) fn truncate(&self, pages: u32) {
        lock(&self.pages).retain(|number, _| *number <= pages);
        lock(&self.bases).retain(|number, _| *number <= pages);
    }

    /// Where lines are on the pages of the last run that came to its end.
    pub(super) fn places(&self) -> Option<Arc<LivePlaces>> {
        lock(&self.places).clone()
    }

    /// Lines are here now.
    pub(super) fn set_places(&self, places: LivePlaces) {
        *lock(&self.places) = Some(Arc::new(places));
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
            return Ok(picture_of(self.document(number, &page)?, request.of_first_page())?);
        }
        *lock(&page.expected) = Some(request);
        let drawn = self.whole(number, &page, request)?;
        let webp = drawn.pixels.to_webp()?;
        lock(&self.bases).insert(number, Base { version, drawn, patches: 0 });
        Ok(webp)
    }

    fn whole(
        &self,
        number: u32,
        page: &Shipped,
        request: PictureRequest,
    ) -> Result<Drawn, WorkbenchError> {
        // Who asks while it is being drawn waits for that.
        let mut picture = lock(&page.picture);
        if let Some(drawn) = &*picture
            && drawn.request == request
        {
            return Ok(drawn.clone());
        }
        let pixels = pixels_of(self.document(number, page)?, request.of_first_page())?;
        Ok(picture.insert(Drawn { request, pixels: Arc::new(pixels) }).clone())
    }

    /// Draw a page as it is expected to be asked for. Answers with what a window that has the page of an earlier
    /// version needs instead, if that is little.
    fn draw_ahead(&self, number: u32, page: &Shipped) -> Option<PicturePatch> {
        // Unless a window asks for it, the next in its place is not expected to be asked for.
        let request = lock(&page.expected).take()?;
        // What cannot be drawn says so to the window that asks.
        let drawn = self.whole(number, page, request).ok()?;
        let mut bases = lock(&self.bases);
        let base = bases.get_mut(&number).filter(|base| base.drawn.request == request)?;
        base.patches += 1;
        let patch = (base.patches <= PATCHES).then(|| patch(base, &drawn)).flatten();
        match &patch {
            Some(_) => *lock(&page.expected) = Some(request),
            None => drop(bases.remove(&number)),
        }
        patch
    }

    fn document<'a>(&self, number: u32, page: &'a Shipped) -> Result<&'a Document, WorkbenchError> {
        if page.document.get().is_none() {
            self.convert(number, page)?;
        }
        page.document.get().ok_or(WorkbenchError::NoPdf)
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

fn patch(base: &Base, drawn: &Drawn) -> Option<PicturePatch> {
    let tile = drawn.pixels.difference(&base.drawn.pixels)?;
    let webp = drawn.pixels.part(tile).to_webp().ok().filter(|webp| webp.len() <= PATCH_BYTES)?;
    Some(PicturePatch {
        base: base.version,
        scale: drawn.request.scale,
        dark_paper: drawn.request.dark_paper,
        x: tile.x,
        y: tile.y,
        width: tile.width,
        height: tile.height,
        webp: BASE64_STANDARD.encode(webp),
    })
}

/// Draws pages as they are expected to be asked for, on a thread of its own, and then tells of them: number, version
/// and the edit that they show go in, what is told comes out with a patch.
pub(super) fn draw_ahead(
    pages: Arc<LivePages>,
    tell: impl Fn(LivePageInfo, u64) + Send + 'static,
) -> io::Result<Sender<Expected>> {
    let (sender, wanted) = mpsc::channel::<Expected>();
    std::thread::Builder::new().name("live-pictures".to_owned()).spawn(move || {
        for Expected { number, version, revision } in wanted {
            let Some(page) = pages.find(number, version) else { continue };
            let patch = pages.draw_ahead(number, &page);
            let size = page.size;
            tell(LivePageInfo { page: number - 1, version, size, patch }, revision);
            lock(&pages.converter).rest(&page.xdv);
        }
    })?;
    Ok(sender)
}

/// A page that is looked at.
pub(super) struct Expected {
    /// Counted from one.
    pub(super) number: u32,
    pub(super) version: u64,
    /// The last edit that it shows.
    pub(super) revision: u64,
}
