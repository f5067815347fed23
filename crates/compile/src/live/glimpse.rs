//! The upper part of a page before all of it is there: while TeX still works on what follows the paragraph with the
//! edit, a drawing perhaps, a copy of it has shipped what there is by then.
//!
//! Up to the end of the paragraph that is what the page will look like, unless TeX stretches the page. What it moves to
//! the top of the page makes all else stand lower, and once one of the drawings has, the next glimpse is that much lower
//! too. Whether it is right is not known here: who shows a glimpse compares the one before with its page.

use super::{
    LiveDocument,
    calm::{Pages, number},
};
use quire_tex_engine::{Focus, GLIMPSE_BASELINE, GLIMPSE_END, PeerId, ShippedPage};
use quire_xdv::{Index, Item, Sp};
use std::time::Duration;

/// A page that is there sooner needs no glimpse.
const SOON: Duration = Duration::from_millis(45);
/// So far apart, in bytes, edits are likely to be on one page.
const NEAR: u64 = 4000;

/// The upper part of the page with an edit.
#[derive(Clone, Debug, PartialEq)]
pub struct Glimpse {
    /// Of the page, counted from one.
    pub number: u32,
    /// An XDV file of one page.
    pub xdv: Vec<u8>,
    /// Where the part ends, from the upper edge of the paper, in PDF points.
    pub end: f64,
    /// Where its last line stands, in the same way: below it is what that line is deep.
    pub baseline: f64,
}

/// How it stands with glimpses.
#[derive(Default)]
pub(super) struct Glimpses {
    are_wanted: bool,
    /// What has come.
    last: Option<Glimpse>,
    pace: Option<Pace>,
    /// The pages to that of the last glimpse, which is as it was shipped.
    shipped: Option<Pages>,
    /// How much lower the page, counted from nought, was when all of it was there.
    lower: Option<(usize, Sp)>,
}

impl Glimpses {
    /// What has come is of a run that is over.
    pub(super) fn forget(&mut self) {
        self.last = None;
        self.shipped = None;
    }

    fn is_lower(&self, index: usize) -> Sp {
        self.lower.filter(|(page, _)| *page == index).map_or(Sp(0), |(_, by)| by)
    }
}

/// How long after the edit its page was there, when it was made last.
struct Pace {
    focus: Focus,
    took: Duration,
}

impl LiveDocument {
    /// Whether [`take_glimpse`](Self::take_glimpse) will be asked.
    pub fn set_glimpses(&mut self, are_wanted: bool) {
        self.glimpses.are_wanted = are_wanted;
    }

    /// A glimpse that has come since the last time, of a page that is not there yet.
    pub fn take_glimpse(&mut self) -> Option<Glimpse> {
        self.glimpses.last.take()
    }

    pub(super) fn is_glimpse_wanted(&self, focus: Option<&Focus>) -> bool {
        let Some(focus) = focus.filter(|_| self.glimpses.are_wanted) else { return false };
        let near = self.glimpses.pace.as_ref().filter(|pace| {
            pace.focus.name == focus.name && pace.focus.offset.abs_diff(focus.offset) < NEAR
        });
        near.is_none_or(|pace| pace.took >= SOON)
    }

    /// The page with the edit is there, the last of these.
    pub(super) fn compare_glimpse(&mut self, pages: &Pages) {
        self.glimpses.last = None;
        if let Some(glimpse) = self.glimpses.shipped.take()
            && glimpse.len() == pages.len()
            && let Some(index) = pages.len().checked_sub(1)
        {
            let by = glimpse.xdv.moved_down(index, GLIMPSE_END.as_bytes(), &pages.xdv);
            self.glimpses.lower = by.map(|by| (index, by));
        }
    }

    /// The page with the edit is there.
    pub(super) fn note_pace(&mut self) {
        if let Some(run) = self.run.as_ref().filter(|run| run.resumed)
            && let Some(focus) = run.focus.clone()
        {
            self.glimpses.pace = Some(Pace { focus, took: run.begun.elapsed() });
        }
    }

    /// A copy of the run has shipped a page.
    pub(super) fn add_glimpse(&mut self, copy: PeerId, page: ShippedPage) {
        let Some(run) = &mut self.run else { return };
        let Some(place) = run.spares.iter().position(|spare| *spare == copy) else { return };
        run.spares.swap_remove(place);
        self.host.close(copy);
        let Some(index) = (page.number as usize).checked_sub(1) else { return };
        let is_late = run.edited_page.is_some() || run.held_from.is_some();
        if is_late || run.pages.len() < index {
            return;
        }
        let mut pages = run.pages.clone();
        pages.truncate(index);
        if pages.push(page, &self.known).is_none() || self.doubts(index, &pages) {
            return;
        }
        let lower = self.glimpses.is_lower(index);
        let Some(xdv) = pages.xdv.slice_moved_down(index, lower) else { return };
        if let Some([end, baseline]) = places_in(&xdv) {
            self.glimpses.last = Some(Glimpse { number: number(index), xdv, end, baseline });
            self.glimpses.shipped = Some(pages);
        }
    }
}

/// Of the end and the baseline.
fn places_in(xdv: &[u8]) -> Option<[f64; 2]> {
    const INCH: f64 = 72.0;
    let index = Index::read(xdv).ok()?;
    let items = index.items(xdv, index.pages.first()?.range.clone(), &|_| None).ok()?;
    let place = |special: &str| {
        let item = Item::Special(special.as_bytes());
        let placed = items.iter().find(|placed| placed.item == item)?;
        Some(INCH + placed.v.to_bp() * f64::from(index.magnification) / 1000.0)
    };
    Some([place(GLIMPSE_END)?, place(GLIMPSE_BASELINE)?])
}
