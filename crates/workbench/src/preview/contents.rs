//! What pages say and where they lead: words to select, links, the outline, matches of a search.
//! quire-pdf reads it; here it gets the form in which windows have it.

use crate::{LivePageRef, Workbench, WorkbenchError};
use quire_pdf::{Document, Gap, Link, LinkTarget, Match, OutlineEntry, Place, Rect, Word};
use quire_project::ProjectId;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// A box on a page, in PDF points from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, TS)]
pub struct PageBounds {
    /// Left edge.
    pub x: f32,
    /// Upper edge.
    pub y: f32,
    /// To the right.
    pub width: f32,
    /// Downwards.
    pub height: f32,
}

/// What comes after a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum WordGap {
    /// The next word at once.
    None,
    /// A space.
    Space,
    /// The end of the line.
    Line,
}

/// A word and where it stands.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct PageWord {
    /// What it says. A hyphen at the end of a line is kept.
    pub text: String,
    /// What it covers.
    pub bounds: PageBounds,
    /// How far it is turned clockwise, in degrees.
    pub angle: f32,
    /// What comes next.
    pub gap: WordGap,
}

/// A place in the document.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, TS)]
pub struct PagePlace {
    /// Counted from zero.
    pub page: usize,
    /// PDF points from the left, if the file says so.
    pub x: Option<f32>,
    /// PDF points from the top, if the file says so.
    pub y: Option<f32>,
}

/// A part of a page that leads elsewhere: either to a place or to an address.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct PageLink {
    /// Where to click.
    pub bounds: PageBounds,
    /// In the document.
    pub place: Option<PagePlace>,
    /// Outside, as the file has it: not every scheme is safe to open.
    pub address: Option<String>,
}

/// What is on a page besides what is seen.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct PageContents {
    /// In reading order.
    pub words: Vec<PageWord>,
    /// In the order of the file.
    pub links: Vec<PageLink>,
}

/// An entry of the outline.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct OutlineItem {
    /// What it says.
    pub title: String,
    /// Where it leads, if that exists.
    pub place: Option<PagePlace>,
    /// What is below it.
    pub children: Vec<OutlineItem>,
}

/// Where a search found its text: a box for each line it stands on.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct PageMatch {
    /// Counted from zero.
    pub page: usize,
    /// In the order of the text.
    pub bounds: Vec<PageBounds>,
}

impl From<Rect> for PageBounds {
    fn from(Rect { x, y, width, height }: Rect) -> Self {
        // A hundredth of a point is less than can be seen, and shorter to send.
        let short = |length: f32| (length * 100.0).round() / 100.0;
        Self { x: short(x), y: short(y), width: short(width), height: short(height) }
    }
}

impl From<Place> for PagePlace {
    fn from(Place { page, x, y }: Place) -> Self {
        Self { page, x, y }
    }
}

impl From<Word> for PageWord {
    fn from(word: Word) -> Self {
        let gap = match word.gap {
            Gap::None => WordGap::None,
            Gap::Space => WordGap::Space,
            Gap::Line => WordGap::Line,
        };
        Self { text: word.text, bounds: word.rect.into(), angle: word.angle, gap }
    }
}

impl From<Link> for PageLink {
    fn from(link: Link) -> Self {
        let (place, address) = match link.target {
            LinkTarget::Place(place) => (Some(place.into()), None),
            LinkTarget::Uri(uri) => (None, Some(uri)),
        };
        Self { bounds: link.rect.into(), place, address }
    }
}

impl From<OutlineEntry> for OutlineItem {
    fn from(entry: OutlineEntry) -> Self {
        let children = entry.children.into_iter().map(Self::from).collect();
        Self { title: entry.title, place: entry.place.map(PagePlace::from), children }
    }
}

impl From<Match> for PageMatch {
    fn from(found: Match) -> Self {
        let bounds = found.rects.into_iter().map(PageBounds::from).collect();
        Self { page: found.page, bounds }
    }
}

/// Which pages: those of a build, but for those that have become other pages while the author writes.
#[derive(Clone, Debug, Deserialize, TS)]
pub struct ShownPages {
    /// The number of the build's pages.
    #[ts(type = "number")]
    pub number: u64,
    /// How many there are.
    pub count: usize,
    /// Those that are live.
    pub live: Vec<LivePageRef>,
}

impl Workbench {
    /// The words and links of a page (counted from zero) of the pages with this number.
    pub fn page_contents(
        &self,
        id: ProjectId,
        number: u64,
        page: usize,
    ) -> Result<PageContents, WorkbenchError> {
        let preview = self.preview(id, Some(number))?;
        let words = preview.document.page_text(page)?.words();
        let links = preview.document.links(page)?;
        Ok(PageContents {
            words: words.into_iter().map(PageWord::from).collect(),
            links: links.into_iter().map(PageLink::from).collect(),
        })
    }

    /// The words and links of a live page.
    pub fn live_contents(
        &self,
        id: ProjectId,
        page: LivePageRef,
    ) -> Result<PageContents, WorkbenchError> {
        self.live_pages(id)?.contents(page)
    }

    /// The outline of the pages with this number, empty if there is none.
    pub fn pdf_outline(
        &self,
        id: ProjectId,
        number: u64,
    ) -> Result<Vec<OutlineItem>, WorkbenchError> {
        let entries = self.preview(id, Some(number))?.document.outline()?;
        Ok(entries.into_iter().map(OutlineItem::from).collect())
    }

    /// Where a text stands on the pages. It ends with an error when a live page is not what it was any more.
    pub fn find_on_pages(
        &self,
        id: ProjectId,
        pages: &ShownPages,
        query: &str,
        match_case: bool,
    ) -> Result<Vec<PageMatch>, WorkbenchError> {
        let preview = self.preview(id, Some(pages.number))?;
        let live: BTreeMap<usize, LivePageRef> =
            pages.live.iter().map(|live| (live.page as usize, *live)).collect();
        let is_built = |found: &Match| found.page < pages.count && !live.contains_key(&found.page);
        let mut found = preview.document.search(query, match_case)?;
        found.retain(is_built);
        if !live.is_empty() {
            let live_pages = self.live_pages(id)?;
            for page in live.range(..pages.count).map(|(_, page)| *page) {
                found.extend(live_pages.search(page, query, match_case)?);
            }
            // Those of one page stay in their order.
            found.sort_by_key(|found| found.page);
            found.truncate(Document::MAX_MATCHES);
        }
        Ok(found.into_iter().map(PageMatch::from).collect())
    }
}
