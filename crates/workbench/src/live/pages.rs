//! The pages of a live document, and their pictures: made when a window asks for them, or ahead of that for a
//! page that is looked at.

use super::{
    LivePageInfo, LivePlaces, PicturePatch,
    bands::Trust,
    contents::LinkTargets,
    glimpses::{Glimpses, Right},
};
use crate::{
    Event, PageBox, PictureRequest, WorkbenchError,
    preview::{PdfEngine, picture_of, pixels_of},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use quire_compile::live::{Glimpse, PageConverter};
use quire_pdf::{Document, Picture};
use quire_project::{FileSource, ProjectId};
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
/// The same for a picture that was not the last to be asked for: another window may have it, or nobody any more.
const PATCHES_BESIDE: u32 = 4;
/// Zooms at which a page is kept: two windows, and a presentation.
const MOST_VIEWS: usize = 3;
/// What is kept of the pages that windows look at, to find what a key has changed on them.
const BASES_BYTES: usize = 32 << 20;

/// The pages that a window may ask for.
pub(crate) struct LivePages {
    pub(super) pdf: Arc<PdfEngine>,
    pub(super) pages: Mutex<BTreeMap<u32, Arc<Shipped>>>,
    /// What windows have of the pages that they look at, the last that was asked for in front.
    pub(super) bases: Mutex<Bases>,
    pub(super) converter: Mutex<PageConverter>,
    pub(super) glimpses: Glimpses,
    pub(super) trust: Mutex<Trust>,
    places: Mutex<Option<Arc<LivePlaces>>>,
    pub(super) links: LinkTargets,
}

/// One page as it was shipped.
pub(super) struct Shipped {
    pub(super) told: Told,
    document: OnceLock<Document>,
    /// How windows asked for it, the last in front; before that, how they asked for the page in its place.
    expected: Mutex<Vec<PictureRequest>>,
    /// The last pictures of all of it.
    pub(super) pictures: Mutex<Vec<Drawn>>,
    /// Where the glimpse of it was right.
    pub(super) right: Mutex<Option<Right>>,
    /// The version before it, which does not keep one itself.
    pub(super) before: Mutex<Option<Arc<Shipped>>>,
}

/// A page as the engine tells of it.
#[derive(Clone)]
pub(super) struct Told {
    /// Counted from one.
    pub(super) number: u32,
    pub(super) version: u64,
    pub(super) size: PageBox,
    /// See [`LivePageInfo::came_from`].
    pub(super) came_from: Option<u32>,
    pub(super) xdv: Vec<u8>,
}

impl Told {
    /// What windows are told of it.
    pub(super) fn info(&self, patches: Vec<PicturePatch>) -> LivePageInfo {
        let Self { number, version, size, came_from, xdv: _ } = *self;
        LivePageInfo { page: number - 1, version, size, came_from, patches }
    }
}

impl Shipped {
    fn new(told: Told, expected: Vec<PictureRequest>) -> Self {
        Self {
            told,
            document: OnceLock::new(),
            expected: Mutex::new(expected),
            pictures: Mutex::default(),
            right: Mutex::default(),
            before: Mutex::default(),
        }
    }

    /// How windows are expected to ask for it.
    pub(super) fn expected(&self) -> Vec<PictureRequest> {
        lock(&self.expected).clone()
    }

    /// Unless a window asks for it, the next in its place is not expected to be asked for.
    fn forget(&self, request: PictureRequest) {
        lock(&self.expected).retain(|kept| *kept != request);
    }

    /// The picture of it that there is.
    pub(super) fn drawn(&self, request: PictureRequest) -> Option<Drawn> {
        lock(&self.pictures).iter().find(|drawn| drawn.request == request).cloned()
    }
}

/// A picture of all of a page.
#[derive(Clone)]
pub(super) struct Drawn {
    pub(super) request: PictureRequest,
    pub(super) pixels: Arc<Picture>,
}

/// The picture that a window got of a page.
pub(super) struct Base {
    version: u64,
    /// The version that it was last wanted for.
    last: u64,
    pub(super) drawn: Drawn,
    patches: u32,
}

pub(super) type Bases = BTreeMap<u32, Vec<Base>>;

fn bytes_of(bases: &Bases) -> usize {
    bases.values().flatten().map(|base| base.drawn.pixels.rgba.len()).sum()
}

/// Forget those of pages that were not wanted for longest, while they are too many. Answers with the pages.
fn thin(bases: &mut Bases) -> Vec<u32> {
    let mut forgotten = Vec::new();
    while bases.len() > 1 && bytes_of(bases) > BASES_BYTES {
        let last = |bases: &[Base]| bases.iter().map(|base| base.last).max();
        let oldest = bases.iter().min_by_key(|(_, bases)| last(bases)).map(|(number, _)| *number);
        forgotten.extend(oldest.filter(|number| bases.remove(number).is_some()));
    }
    forgotten
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl LivePages {
    pub(super) fn new(pdf: Arc<PdfEngine>, converter: PageConverter) -> Self {
        Self {
            pdf,
            pages: Mutex::default(),
            bases: Mutex::default(),
            converter: Mutex::new(converter),
            glimpses: Glimpses::default(),
            trust: Mutex::default(),
            places: Mutex::default(),
            links: LinkTargets::default(),
        }
    }

    /// Pictures on the pages are read from here from now on.
    pub(super) fn set_files(&self, files: Arc<dyn FileSource>) {
        lock(&self.converter).set_files(files);
    }

    /// Take a page. True when the one before it was looked at: it will be asked for.
    pub(super) fn put(&self, told: Told) -> bool {
        let mut pages = lock(&self.pages);
        let expected = pages.get(&told.number).map(|old| lock(&old.expected).clone());
        let expected = expected.unwrap_or_default();
        let is_expected = !expected.is_empty();
        let page = Arc::new(Shipped::new(told, expected));
        if let Some(old) = pages.insert(page.told.number, page.clone()) {
            let earlier = lock(&old.before).take();
            // One that is being drawn will be there.
            let is_drawn = old.pictures.try_lock().map_or(true, |pictures| !pictures.is_empty());
            let before = if is_drawn { Some(old) } else { earlier };
            *lock(&page.before) = before.filter(|_| is_expected);
        }
        is_expected
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

    pub(super) fn find(&self, number: u32, version: u64) -> Option<Arc<Shipped>> {
        lock(&self.pages).get(&number).filter(|page| page.told.version == version).cloned()
    }

    /// A picture of a page of this version, as lossless WebP. Who only `glances` at it does not want to have the next
    /// in its place at once.
    pub(super) fn picture(
        &self,
        version: u64,
        request: PictureRequest,
        glances: bool,
    ) -> Result<Vec<u8>, WorkbenchError> {
        let number = u32::try_from(request.page + 1).map_err(|_| WorkbenchError::NoPdf)?;
        let page = self.find(number, version).ok_or(WorkbenchError::NoPdf)?;
        if glances || request.tile.is_some() {
            return Ok(picture_of(self.document(&page)?, request.of_first_page())?);
        }
        keep_in_front(&mut lock(&page.expected), request, |kept| *kept == request);
        let drawn = self.whole(&page, request)?;
        let webp = drawn.pixels.to_webp()?;
        let base = Base { version, last: version, drawn, patches: 0 };
        let forgotten = {
            let mut bases = lock(&self.bases);
            let of_page = bases.entry(number).or_default();
            keep_in_front(of_page, base, |kept| kept.drawn.request == request);
            thin(&mut bases)
        };
        for number in forgotten {
            // It may be drawn at this moment, which asks for the list of pages.
            let page = lock(&self.pages).get(&number).cloned();
            page.into_iter().for_each(|page| lock(&page.pictures).clear());
        }
        Ok(webp)
    }

    /// A build's pages have taken the place of these: what was made of them is not looked at any more.
    pub(super) fn forget_pictures(&self) {
        lock(&self.bases).clear();
        self.glimpses.forget();
        for page in lock(&self.pages).values_mut() {
            let expected = lock(&page.expected).clone();
            *page = Arc::new(Shipped::new(page.told.clone(), expected));
        }
    }

    /// What pictures take, in bytes.
    #[cfg(test)]
    fn pictures_bytes(&self) -> usize {
        let pages: Vec<_> = lock(&self.pages).values().cloned().collect();
        let of_pages = pages.iter().flat_map(|page| lock(&page.pictures).clone());
        let of_pages = of_pages.map(|drawn| drawn.pixels.rgba.len()).sum::<usize>();
        of_pages + bytes_of(&lock(&self.bases)) + self.glimpses.pictures_bytes()
    }

    fn whole(&self, page: &Shipped, request: PictureRequest) -> Result<Drawn, WorkbenchError> {
        // Who asks while it is being drawn waits for that.
        let mut pictures = lock(&page.pictures);
        if let Some(drawn) = pictures.iter().find(|drawn| drawn.request == request) {
            return Ok(drawn.clone());
        }
        let pixels = pixels_of(self.document(page)?, request.of_first_page())?;
        let drawn = Drawn { request, pixels: Arc::new(pixels) };
        keep_in_front(&mut pictures, drawn.clone(), |_| false);
        Ok(drawn)
    }

    /// Draw a page as it is expected to be asked for. Answers with what windows that have the page of an earlier
    /// version need instead, where that is little.
    fn draw_ahead(&self, page: &Shipped, revision: u64) -> Vec<PicturePatch> {
        let Told { number, version, .. } = page.told;
        let mut patches = Vec::new();
        for (place, request) in page.expected().into_iter().enumerate() {
            // What cannot be drawn says so to the window that asks.
            let Ok(drawn) = self.whole(page, request) else {
                page.forget(request);
                continue;
            };
            if place == 0 {
                *lock(&page.right) = self.glimpses.right(number, revision, &drawn);
            }
            let mut bases = lock(&self.bases);
            let found = bases.get_mut(&number).and_then(|bases| {
                Some((bases.iter().position(|base| base.drawn.request == request)?, bases))
            });
            let Some((at, bases)) = found else {
                page.forget(request);
                continue;
            };
            let base = &mut bases[at];
            if base.version == version {
                // A window was quicker.
                continue;
            }
            base.patches += 1;
            base.last = version;
            let most = if place == 0 { PATCHES } else { PATCHES_BESIDE };
            match (base.patches <= most).then(|| patch(base, &drawn)).flatten() {
                Some(patch) => patches.push(patch),
                None => {
                    bases.remove(at);
                    page.forget(request);
                }
            }
        }
        patches
    }

    pub(super) fn document<'a>(&self, page: &'a Shipped) -> Result<&'a Document, WorkbenchError> {
        if page.document.get().is_none() {
            let mut converter = lock(&self.converter);
            // While this waited for its turn, a newer one may have come, or the same been made.
            self.find(page.told.number, page.told.version).ok_or(WorkbenchError::NoPdf)?;
            if page.document.get().is_none() {
                let _ = page.document.set(self.open(&mut converter, &page.told.xdv)?);
            }
        }
        page.document.get().ok_or(WorkbenchError::NoPdf)
    }

    pub(super) fn open(
        &self,
        converter: &mut PageConverter,
        xdv: &[u8],
    ) -> Result<Document, WorkbenchError> {
        let pdf = converter.convert(xdv).map_err(|_| WorkbenchError::NoPdf)?;
        Ok(self.pdf.open(pdf)?)
    }
}

/// Put something in front of what is kept, in place of what `is_it`; the last go.
fn keep_in_front<T>(kept: &mut Vec<T>, new: T, is_it: impl Fn(&T) -> bool) {
    kept.retain(|old| !is_it(old));
    kept.insert(0, new);
    kept.truncate(MOST_VIEWS);
}

pub(super) fn patch(base: &Base, drawn: &Drawn) -> Option<PicturePatch> {
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

/// Draws pages as they are expected to be asked for, on a thread of its own, and then tells of them, with what windows
/// need to make the new page of the old.
pub(super) fn draw_ahead(
    project: ProjectId,
    pages: Arc<LivePages>,
    tell: impl Fn(Event) + Send + 'static,
) -> io::Result<Sender<Ahead>> {
    let (sender, wanted) = mpsc::channel::<Ahead>();
    std::thread::Builder::new().name("live-pictures".to_owned()).spawn(move || {
        for wanted in wanted {
            let (number, version, revision) = match wanted {
                Ahead::Page { number, version, revision } => (number, version, revision),
                Ahead::Count { pages, revision } => {
                    tell(Event::LiveCount { project, revision, pages });
                    continue;
                }
                Ahead::Glimpse { glimpse, revision, since } => {
                    if let Some(told) = pages.draw_glimpse(&glimpse, revision, since) {
                        tell(Event::LivePages { project, revision, pages: vec![told] });
                    }
                    continue;
                }
            };
            let Some(page) = pages.find(number, version) else { continue };
            let tell_with = |patches: Vec<PicturePatch>| {
                let told = page.told.info(patches);
                tell(Event::LivePages { project, revision, pages: vec![told] });
            };
            let band = pages.draw_band(&page);
            if let Some(band) = band.as_ref().filter(|band| band.is_told) {
                tell_with(band.patches.clone());
            }
            let patches = pages.draw_ahead(&page, revision);
            let is_right = band.as_ref().map(|band| band.patches == patches);
            if let Some(is_right) = is_right.filter(|_| !patches.is_empty()) {
                pages.judge(number, is_right);
            }
            // Mostly what differs is what was expected to.
            if !(is_right == Some(true) && band.is_some_and(|band| band.is_told)) {
                tell_with(patches);
            }
            lock(&pages.converter).rest(&page.told.xdv);
        }
    })?;
    Ok(sender)
}

/// What windows are told of once pages before it are drawn; `revision` is the last edit that it knows.
pub(super) enum Ahead {
    /// A page that is looked at.
    Page {
        /// Counted from one.
        number: u32,
        version: u64,
        revision: u64,
    },
    /// A run is over: there are so many pages.
    Count { pages: u32, revision: u64 },
    /// The upper part of a page is there.
    Glimpse {
        glimpse: Glimpse,
        revision: u64,
        /// The last version of any page when it came.
        since: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use quire_project::{MemoryFiles, ProjectPath};
    use quire_tex_engine::{EngineOptions, JobSetup, Limits};

    const SIZE: PageBox = PageBox { width: 600.0, height: 800.0 };

    /// Pages of which nothing is converted here.
    fn pages() -> LivePages {
        let options = EngineOptions {
            worker: "no worker".into(),
            bundle: "no bundle".into(),
            limits: Limits::default(),
        };
        let setup = JobSetup {
            root: ProjectPath::new("main.tex").unwrap(),
            job_name: "main".to_owned(),
            date_s: 0,
            synctex: false,
            restored: Vec::new(),
        };
        let converter = PageConverter::new(options, setup, Arc::new(MemoryFiles::default()));
        LivePages::new(Arc::new(PdfEngine::new(Err("no PDFium".to_owned()))), converter)
    }

    fn request(number: u32) -> PictureRequest {
        PictureRequest { page: number as usize - 1, scale: 2.0, tile: None, dark_paper: false }
    }

    fn put(pages: &LivePages, number: u32, version: u64) -> bool {
        pages.put(Told { number, version, size: SIZE, came_from: None, xdv: Vec::new() })
    }

    /// Put a page that is drawn already, and ask for its picture.
    fn look_at(pages: &LivePages, number: u32, version: u64) {
        let (width, height) = (1200, 1600);
        let rgba = vec![255; width as usize * height as usize * 4];
        let glimpse = Picture { width, height, rgba: rgba.clone() };
        let pixels = Arc::new(Picture { width, height, rgba });
        put(pages, number, version);
        let page = pages.find(number, version).unwrap();
        pages.glimpses.keep_for_test(number, request(number), glimpse);
        lock(&page.pictures).push(Drawn { request: request(number), pixels });
        assert!(!pages.picture(version, request(number), false).unwrap().is_empty());
    }

    #[test]
    fn pictures_of_pages_that_were_scrolled_past_are_not_kept() {
        let pages = pages();
        for number in 1..=20 {
            look_at(&pages, number, u64::from(number));
        }
        // Those of bases are those of pages; beside them is the glimpse of one page and of the one before it.
        let most = 2 * BASES_BYTES + 2 * 1200 * 1600 * 4;
        assert!(pages.pictures_bytes() <= most, "{}", pages.pictures_bytes());
        let kept: Vec<u32> = lock(&pages.bases).keys().copied().collect();
        assert_eq!(kept, [17, 18, 19, 20]);
    }

    #[test]
    fn once_a_build_shows_its_pages_nothing_drawn_is_kept_of_the_live_ones() {
        let pages = pages();
        look_at(&pages, 1, 1);
        look_at(&pages, 2, 2);
        pages.forget_pictures();
        assert_eq!(pages.pictures_bytes(), 0);
        // They are still expected to be looked at.
        assert!(put(&pages, 1, 3));
        assert!(pages.find(2, 2).is_some());
    }
}
