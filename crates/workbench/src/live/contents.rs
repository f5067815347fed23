//! What live pages say and where they lead. A page is read when a window asks, from the PDF that its pixels come from; its
//! links have names of places in them, which the document of all pages knows.

use super::{LivePageRef, pages::LivePages};
use crate::{PageContents, PageLink, PagePlace, PageWord, WorkbenchError};
use quire_compile::live::{NamedPlace, Stream};
use quire_pdf::{Document, Match};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

/// Addresses of places in the document, in the PDF of one page.
pub(super) const SCHEME: &str = "quire-place";
/// The origin of TeX's pages is one inch below their upper edge.
const INCH: f64 = 72.0;

/// Where links of a document lead. Nothing is read before somebody asks.
#[derive(Default)]
pub(super) struct LinkTargets {
    document: Mutex<Arc<Named>>,
}

#[derive(Default)]
struct Named {
    pages: Stream,
    places: OnceLock<HashMap<Vec<u8>, NamedPlace>>,
}

impl Named {
    fn find(&self, name: &[u8]) -> Option<PagePlace> {
        let read = || {
            let places = self.pages.places().into_iter();
            places.map(|place| (place.name.clone(), place)).collect()
        };
        let place = self.places.get_or_init(read).get(name)?;
        let y = place.v.map(|v| (v.to_bp() * self.pages.magnification() + INCH) as f32);
        Some(PagePlace { page: place.page, x: None, y })
    }
}

impl LinkTargets {
    /// These are all pages now.
    pub(super) fn set_document(&self, pages: Stream) {
        *self.document.lock().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(Named { pages, places: OnceLock::new() });
    }

    /// A link as the PDF of one page has it, with its place in the document. None when the document has no such place.
    fn resolve(&self, link: PageLink) -> Option<PageLink> {
        let name = link.address.as_deref().and_then(|address| address.strip_prefix(SCHEME));
        let Some(name) = name.and_then(|rest| rest.strip_prefix(':')) else { return Some(link) };
        let document = self.document.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let place = document.find(name.as_bytes())?;
        Some(PageLink { place: Some(place), address: None, ..link })
    }
}

impl LivePages {
    /// The words and links of a page.
    pub(crate) fn contents(&self, page: LivePageRef) -> Result<PageContents, WorkbenchError> {
        self.with_document(page, |document| {
            let words = document.page_text(0)?.words();
            let links = document.links(0)?.into_iter().map(PageLink::from);
            Ok(PageContents {
                words: words.into_iter().map(PageWord::from).collect(),
                links: links.filter_map(|link| self.links.resolve(link)).collect(),
            })
        })
    }

    /// Where a text stands on a page.
    pub(crate) fn search(
        &self,
        page: LivePageRef,
        query: &str,
        match_case: bool,
    ) -> Result<Vec<Match>, WorkbenchError> {
        self.with_document(page, |document| {
            let found = document.search(query, match_case)?.into_iter();
            Ok(found.map(|found| Match { page: page.page as usize, ..found }).collect())
        })
    }

    fn with_document<T>(
        &self,
        page: LivePageRef,
        read: impl FnOnce(&Document) -> Result<T, WorkbenchError>,
    ) -> Result<T, WorkbenchError> {
        let number = page.page.checked_add(1).ok_or(WorkbenchError::NoPdf)?;
        let shipped = self.find(number, page.version).ok_or(WorkbenchError::NoPdf)?;
        read(self.document(&shipped)?)
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, Stream};
    use std::sync::OnceLock;

    #[test]
    fn a_place_on_a_magnified_page_is_lower() {
        let y = |magnification: u32| {
            let preamble = [&[247, 7][..], &[0; 8], &magnification.to_be_bytes(), &[0]].concat();
            let mut pages = Stream::new(preamble.into());
            let special = b"pdf:dest (one) [@thispage /XYZ @xpos @ypos null]";
            // 72.27 points down.
            let down = [&[160][..], &4_736_287_i32.to_be_bytes()].concat();
            let special = [&[239, special.len() as u8], &special[..]].concat();
            let page = [&[139][..], &[0; 40], &[255; 4], &down, &special, &[140]].concat();
            pages.push(page.into()).unwrap();
            let place = Named { pages, places: OnceLock::new() }.find(b"one").unwrap();
            place.y.unwrap().round()
        };
        assert_eq!((y(1000), y(2000)), (144.0, 216.0));
    }
}
