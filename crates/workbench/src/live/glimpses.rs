//! The upper part of a page is drawn over the picture that is there while TeX still works on the rest of it, such as
//! a drawing: but only where the glimpse before turned out to be what the page then was, and the lower part cannot
//! have moved since.

use super::{
    LivePageInfo,
    pages::{Drawn, LivePages, Shipped, lock, patch},
};
use crate::{PictureRequest, preview::pixels_of};
use quire_compile::live::Glimpse;
use quire_pdf::Picture;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

/// The last glimpse of each page.
#[derive(Default)]
pub(super) struct Glimpses(Mutex<BTreeMap<u32, Seen>>);

struct Seen {
    /// The last edit that it shows.
    revision: u64,
    end: f64,
    request: PictureRequest,
    pixels: Picture,
}

impl Seen {
    /// Rows of the picture that it is right about.
    fn rows(&self) -> u32 {
        rows(self.end, self.request)
    }
}

fn rows(end: f64, request: PictureRequest) -> u32 {
    (end * f64::from(request.scale)).max(0.0) as u32
}

impl Glimpses {
    /// A page was drawn that shows an edit. Answers with where the glimpse of it ended, if that was right.
    pub(super) fn end_if_right(&self, number: u32, revision: u64, page: &Drawn) -> Option<f64> {
        let seen = lock(&self.0);
        let seen = seen.get(&number).filter(|seen| seen.revision == revision)?;
        let is_right =
            seen.request == page.request && seen.pixels.begins_like(seen.rows(), &page.pixels);
        is_right.then_some(seen.end)
    }
}

impl LivePages {
    /// Draw a glimpse, unless all of the page is there by now. Answers with what a window that shows the page puts
    /// over it.
    pub(super) fn draw_glimpse(
        &self,
        glimpse: &Glimpse,
        revision: u64,
        since: u64,
    ) -> Option<LivePageInfo> {
        let number = glimpse.number;
        let before =
            lock(&self.pages).get(&number).filter(|page| page.version <= since).cloned()?;
        let request = lock(&self.bases).get(&number)?.first()?.drawn.request;
        let pdf = lock(&self.converter).convert(&glimpse.xdv).ok()?;
        let document = self.pdf.open(pdf).ok()?;
        let pixels = pixels_of(&document, request.of_first_page()).ok()?;
        let told = self.over(&before, glimpse, request, &pixels);
        let seen = Seen { revision, end: glimpse.end, request, pixels };
        lock(&self.glimpses.0).insert(number, seen);
        told
    }

    fn over(
        &self,
        before: &Shipped,
        glimpse: &Glimpse,
        request: PictureRequest,
        pixels: &Picture,
    ) -> Option<LivePageInfo> {
        // A paragraph of another height moves what is below it.
        lock(&before.end).filter(|end| *end == glimpse.end)?;
        let drawn =
            lock(&before.pictures).iter().find(|drawn| drawn.request == request).cloned()?;
        let whole = pixels.above(rows(glimpse.end, request), &drawn.pixels)?;
        let bases = lock(&self.bases);
        let bases = bases.get(&glimpse.number)?;
        let base = bases.iter().find(|base| base.drawn.request == request)?;
        let patch = patch(base, &Drawn { request, pixels: Arc::new(whole) })?;
        let Shipped { version, size, came_from, .. } = *before;
        let page = glimpse.number - 1;
        Some(LivePageInfo { page, version, size, came_from, patches: vec![patch] })
    }
}
