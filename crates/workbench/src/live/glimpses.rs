//! The part of a page to the end of the paragraph with the edit is drawn over the picture that is there while TeX still
//! works on the rest of it, such as a drawing: but only those rows above that end in which the glimpse before turned out to
//! be what the page then was, if nothing above them is another than in that glimpse, and what is below cannot have moved
//! since.

use super::{
    LivePageInfo,
    bands::draw_over,
    pages::{Drawn, LivePages, Shipped, lock},
};
use crate::{PictureRequest, preview::pixels_of};
use quire_compile::live::{Glimpse, changed_band};
use quire_pdf::Picture;
use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, Mutex},
};

/// The last glimpse of the page that is written on, and of those beside it.
#[derive(Default)]
pub(super) struct Glimpses(Mutex<BTreeMap<u32, Seen>>);

struct Seen {
    /// The last edit that it shows.
    revision: u64,
    end: f64,
    baseline: f64,
    request: PictureRequest,
    pixels: Arc<Picture>,
    xdv: Vec<u8>,
}

/// Where a glimpse was right.
#[derive(Clone, Debug)]
pub(super) struct Right {
    /// The place of its last line.
    baseline: f64,
    /// Rows of the picture.
    rows: Range<u32>,
}

impl Right {
    /// The rows in which a later glimpse is right too. A paragraph of another height moves what is below it; a last line
    /// that has become deeper, or less deep, does not.
    fn rows_of(&self, baseline: f64, end: u32) -> Option<Range<u32>> {
        (baseline == self.baseline).then(|| self.rows.start..self.rows.end.max(end))
    }
}

/// Fewer rows may be alike by chance: those between two lines are.
const FEWEST_ROWS: u32 = 60;

fn row(end: f64, request: PictureRequest) -> u32 {
    (end * f64::from(request.scale)).max(0.0) as u32
}

impl Glimpses {
    fn keep(&self, number: u32, seen: Seen) {
        let mut kept = lock(&self.0);
        kept.insert(number, seen);
        // A picture of a page is some megabytes.
        kept.retain(|other, _| other.abs_diff(number) <= 1);
    }

    /// What was drawn of pages is not looked at any more.
    pub(super) fn forget(&self) {
        lock(&self.0).clear();
    }

    #[cfg(test)]
    pub(super) fn keep_for_test(&self, number: u32, request: PictureRequest, pixels: Picture) {
        let pixels = Arc::new(pixels);
        let seen = Seen { revision: 0, end: 0.0, baseline: 0.0, request, pixels, xdv: Vec::new() };
        self.keep(number, seen);
    }

    /// What pictures take, in bytes.
    #[cfg(test)]
    pub(super) fn pictures_bytes(&self) -> usize {
        lock(&self.0).values().map(|seen| seen.pixels.rgba.len()).sum()
    }

    /// A page was drawn that shows an edit. Answers with where the glimpse of it was right, if that is worth anything.
    pub(super) fn right(&self, number: u32, revision: u64, page: &Drawn) -> Option<Right> {
        let mut all = lock(&self.0);
        let seen = all.get(&number).filter(|seen| seen.revision == revision)?;
        if seen.request != page.request {
            return None;
        }
        let rows = seen.pixels.same_above(row(seen.end, seen.request), &page.pixels);
        let is_right = rows.start == 0 || rows.len() >= FEWEST_ROWS as usize;
        let right = is_right.then_some(Right { baseline: seen.baseline, rows });
        if !is_right {
            // The next is drawn as a whole.
            all.remove(&number);
        }
        right
    }

    fn last(&self, number: u32, request: PictureRequest) -> Option<(Arc<Picture>, Vec<u8>)> {
        let seen = lock(&self.0);
        let seen = seen.get(&number).filter(|seen| seen.request == request)?;
        Some((seen.pixels.clone(), seen.xdv.clone()))
    }

    /// The first row in which a glimpse is another than the one before.
    fn first_other_row(&self, number: u32, request: PictureRequest, now: &Picture) -> Option<u32> {
        let seen = lock(&self.0);
        let seen = seen.get(&number).filter(|seen| seen.request == request)?;
        Some(now.difference(&seen.pixels).map_or(u32::MAX, |tile| tile.y))
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
            lock(&self.pages).get(&number).filter(|page| page.told.version <= since).cloned()?;
        let request = lock(&self.bases).get(&number)?.first()?.drawn.request;
        let drawn = self.draw_what_differs(glimpse, request);
        let pixels = Arc::new(drawn.or_else(|| self.draw_all(glimpse, request))?);
        let told = self.over(&before, glimpse, request, &pixels);
        let Glimpse { end, baseline, .. } = *glimpse;
        let xdv = glimpse.xdv.clone();
        self.glimpses.keep(number, Seen { revision, end, baseline, request, pixels, xdv });
        told
    }

    fn draw_all(&self, glimpse: &Glimpse, request: PictureRequest) -> Option<Picture> {
        let document = self.open(&mut lock(&self.converter), &glimpse.xdv).ok()?;
        pixels_of(&document, request.of_first_page()).ok()
    }

    /// Over the glimpse before.
    fn draw_what_differs(&self, glimpse: &Glimpse, request: PictureRequest) -> Option<Picture> {
        let (last, xdv) = self.glimpses.last(glimpse.number, request)?;
        let band = changed_band(&xdv, &glimpse.xdv).filter(|band| !band.lacks_drawing)?;
        let document = self.open(&mut lock(&self.converter), &band.xdv).ok()?;
        draw_over(&last, request, &band, &document)
    }

    fn over(
        &self,
        before: &Shipped,
        glimpse: &Glimpse,
        request: PictureRequest,
        pixels: &Picture,
    ) -> Option<LivePageInfo> {
        let right = lock(&before.right).clone();
        let rows = right?.rows_of(glimpse.baseline, row(glimpse.end, request))?;
        let first = self.glimpses.first_other_row(glimpse.number, request, pixels);
        if rows.start > 0 && first.is_none_or(|first| first < rows.start) {
            return None;
        }
        let whole = pixels.within(rows, &before.drawn(request)?.pixels)?;
        Some(before.told.info(vec![self.patch(glimpse.number, request, whole)?]))
    }
}

#[cfg(test)]
mod tests {
    use super::Right;

    #[test]
    fn a_line_that_becomes_deeper_is_shown_with_its_depth() {
        let right = Right { baseline: 300.5, rows: 40..303 };
        assert_eq!(right.rows_of(300.5, 306), Some(40..306));
        // What it was deep is painted over with nothing.
        assert_eq!(right.rows_of(300.5, 301), Some(40..303));
        assert_eq!(right.rows_of(312.5, 315), None, "a line more");
    }
}
