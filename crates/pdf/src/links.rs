//! What leads elsewhere: links on pages, and the outline. PDFs are from anywhere, so everything is
//! counted: more links, entries or levels than any honest document has are left out.

use crate::geometry::{PageSpace, Rect};
use pdfium_render::prelude::{
    PdfAction, PdfBookmark, PdfDestination, PdfDestinationViewSettings, PdfDocument, PdfPage,
    PdfiumError,
};
use std::collections::HashMap;

/// Links of one page that are read.
const MAX_LINKS: usize = 5_000;
/// Entries of an outline that are read.
const MAX_ENTRIES: usize = 20_000;
/// Levels of an outline that are read.
const MAX_LEVELS: usize = 32;
/// Characters of a title or a URI that are kept.
const MAX_TEXT: usize = 4_096;

/// A place in the document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Counted from zero.
    pub page: usize,
    /// PDF points from the left, if the file says so.
    pub x: Option<f32>,
    /// PDF points from the top, if the file says so.
    pub y: Option<f32>,
}

/// Where a link leads.
#[derive(Clone, Debug, PartialEq)]
pub enum LinkTarget {
    /// Within the document.
    Place(Place),
    /// Outside. As the file has it: whoever follows it decides which schemes are safe.
    Uri(String),
}

/// A part of a page that leads elsewhere. One that is broken over lines is several.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Where to click.
    pub rect: Rect,
    /// Where it leads.
    pub target: LinkTarget,
}

/// An entry of the outline.
#[derive(Clone, Debug, PartialEq)]
pub struct OutlineEntry {
    /// What it says.
    pub title: String,
    /// Where it leads, if that exists.
    pub place: Option<Place>,
    /// What is below it.
    pub children: Vec<OutlineEntry>,
}

/// Places are told in the coordinates of the page they are on, which must be asked about it; each once.
pub(crate) struct Places<'d, 'p> {
    document: &'d PdfDocument<'p>,
    spaces: HashMap<i32, Option<PageSpace>>,
}

impl<'d, 'p> Places<'d, 'p> {
    pub(crate) fn new(document: &'d PdfDocument<'p>) -> Self {
        Self { document, spaces: HashMap::new() }
    }

    pub(crate) fn links(&mut self, page: &PdfPage<'_>) -> Result<Vec<Link>, PdfiumError> {
        let space = PageSpace::of(page)?;
        let mut links: Vec<Link> = Vec::new();
        for i in 0..MAX_LINKS {
            let Ok(link) = page.links().get(i) else { break };
            let Ok(rect) = link.rect() else { continue };
            let direct = link.destination().and_then(|to| self.place(&to)).map(LinkTarget::Place);
            let target = direct.or_else(|| self.target(&link.action()?));
            let found = target.map(|target| Link { rect: space.rect(&rect), target });
            // PDFium looks for the next link from the `i`th annotation on, so that it finds those that
            // stand behind other annotations more than once.
            links.extend(found.filter(|link| links.last() != Some(link)));
        }
        Ok(links)
    }

    pub(crate) fn outline(&mut self) -> Vec<OutlineEntry> {
        let mut left = MAX_ENTRIES;
        self.entries(self.document.bookmarks().root(), MAX_LEVELS, &mut left)
    }

    fn entries(
        &mut self,
        first: Option<PdfBookmark<'_>>,
        levels: usize,
        left: &mut usize,
    ) -> Vec<OutlineEntry> {
        let mut entries = Vec::new();
        let mut next = first.filter(|_| levels > 0);
        while let Some(bookmark) = next.filter(|_| *left > 0) {
            *left -= 1;
            let title = shortened(bookmark.title().unwrap_or_default());
            let direct = bookmark.destination().and_then(|to| self.place(&to));
            let place = direct.or_else(|| match self.target(&bookmark.action()?)? {
                LinkTarget::Place(place) => Some(place),
                LinkTarget::Uri(_) => None,
            });
            let children = self.entries(bookmark.first_child(), levels - 1, left);
            entries.push(OutlineEntry { title, place, children });
            next = bookmark.next_sibling();
        }
        entries
    }

    fn target(&mut self, action: &PdfAction<'_>) -> Option<LinkTarget> {
        if let Some(uri) = action.as_uri_action() {
            return Some(LinkTarget::Uri(shortened(uri.uri().ok()?)));
        }
        let destination = action.as_local_destination_action()?.destination().ok()?;
        self.place(&destination).map(LinkTarget::Place)
    }

    fn place(&mut self, destination: &PdfDestination<'_>) -> Option<Place> {
        use PdfDestinationViewSettings as View;
        let index = destination.page_index().ok()?;
        let page = usize::try_from(index).ok()?;
        let (x, y) = match destination.view_settings() {
            Ok(View::SpecificCoordinatesAndZoom(x, y, _)) => (x, y),
            Ok(View::FitPageHorizontallyToWindow(y) | View::FitBoundsHorizontallyToWindow(y)) => {
                (None, y)
            }
            Ok(View::FitPageVerticallyToWindow(x) | View::FitBoundsVerticallyToWindow(x)) => {
                (x, None)
            }
            Ok(View::FitPageToRectangle(rect)) => (Some(rect.left()), Some(rect.top())),
            _ => (None, None),
        };
        if (x, y) == (None, None) {
            return Some(Place { page, x: None, y: None });
        }
        let space = self.space(index)?;
        let given =
            |length: Option<pdfium_render::prelude::PdfPoints>| length.map_or(0.0, |l| l.value);
        let (shown_x, shown_y) = space.point(given(x), given(y));
        // On a page that is turned by a quarter the one coordinate becomes the other.
        let (x, y) = if space.turned().abs().round() as i32 == 90 { (y, x) } else { (x, y) };
        Some(Place { page, x: x.map(|_| shown_x), y: y.map(|_| shown_y) })
    }

    fn space(&mut self, index: i32) -> Option<PageSpace> {
        let pages = self.document.pages();
        *self.spaces.entry(index).or_insert_with(|| PageSpace::of(&pages.get(index).ok()?).ok())
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => text[..end].to_owned(),
        None => text,
    }
}
