//! Half-typed text does not shake the document: which pages of a run take the place of those that are shown.
//!
//! A page that TeX ships after a new error, or inside of a group that was not open there before, is held back
//! until the run ends. If it ends no worse than the one that is shown, all pages are taken. If there are new
//! errors by the place of the edit only, they are taken once the author has paused. If the text runs away with
//! the rest of the document, it stays as it was until it is mended, or a build shows it.

use super::{LiveDocument, LivePage, look_up::Known, run::Run};
use quire_tex_engine::{MessageKind, ShippedPage, TexOutcome, TexReport};
use quire_xdv::Stream;
use std::time::Duration;

/// How well TeX was when it shipped a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Health {
    errors: u32,
    open_groups: u16,
}

impl Health {
    fn is_worse_than(self, other: Self) -> bool {
        self.errors > other.errors || self.open_groups > other.open_groups
    }
}

/// What is known of a page besides its bytes.
#[derive(Clone)]
struct About {
    health: Health,
    /// How often each picture on it has changed.
    pictures: Vec<u64>,
}

/// Pages, and how well TeX was at each.
#[derive(Clone, Default)]
pub(super) struct Pages {
    pub(super) xdv: Stream,
    about: Vec<About>,
}

impl Pages {
    pub(super) fn new(preamble: &[u8]) -> Self {
        Self { xdv: Stream::new(preamble.into()), ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.xdv.len()
    }

    pub(super) fn truncate(&mut self, pages: usize) {
        self.xdv.truncate(pages);
        self.about.truncate(pages);
    }

    /// Add the next page; `None` when it cannot be read: bytes of another process.
    pub(super) fn push(&mut self, page: ShippedPage, known: &Known) -> Option<()> {
        self.xdv.push(page.xdv.into_vec().into()).ok()?;
        let pictures = self.xdv.pictures(self.xdv.len() - 1);
        self.about.push(About {
            health: Health { errors: page.errors, open_groups: page.open_groups },
            pictures: pictures.map(|name| known.edition(name)).collect(),
        });
        Some(())
    }

    fn is_same(&self, index: usize, other: &Self) -> bool {
        let about = self.about.get(index).zip(other.about.get(index));
        self.xdv.is_same_page(index, &other.xdv)
            && about.is_some_and(|(own, other)| own.pictures == other.pictures)
    }

    pub(super) fn say_the_same(&self, other: &Self) -> bool {
        self.len() == other.len() && (0..self.len()).all(|index| self.is_same(index, other))
    }

    /// Take a page of another run; true when it says something else than the one before.
    pub(super) fn take(&mut self, index: usize, other: &Self) -> bool {
        let is_same = self.is_same(index, other);
        self.xdv.take_page(index, &other.xdv);
        if let Some(about) = other.about.get(index) {
            self.about.truncate(self.xdv.len());
            match self.about.get_mut(index) {
                Some(old) => *old = about.clone(),
                None => self.about.push(about.clone()),
            }
        }
        !is_same
    }

    /// How well TeX was at a page, or at the last one before it.
    fn health(&self, index: usize) -> Option<Health> {
        let about = self.about.get(index).or(self.about.last());
        about.map(|about| about.health)
    }

    /// Whether a page of another run may be damaged.
    pub(super) fn doubts(&self, index: usize, other: &Self) -> bool {
        match (self.health(index), other.about.get(index)) {
            (Some(shown), Some(new)) => new.health.is_worse_than(shown),
            _ => false,
        }
    }

    /// Whether a page of another run comes after no more errors.
    fn has_as_few_errors(&self, index: usize, other: &Self) -> bool {
        match (self.health(index), other.about.get(index)) {
            (Some(shown), Some(new)) => new.health.errors <= shown.errors,
            _ => true,
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ended {
    health: Health,
    is_fatal: bool,
}

impl Ended {
    fn of(report: &TexReport) -> Self {
        let errors = report.messages.iter().filter(|told| told.kind == MessageKind::Error).count();
        Self {
            health: Health {
                errors: u32::try_from(errors).unwrap_or(u32::MAX),
                open_groups: report.open_groups,
            },
            is_fatal: matches!(report.outcome, TexOutcome::Fatal(_)),
        }
    }
}

/// Pages that are not shown yet.
pub(super) struct Waiting {
    pages: Pages,
    /// The first of them.
    from: usize,
    end: Ended,
    /// They are shown once the author pauses; never, if they say nothing but what went wrong.
    follows: bool,
}

impl LiveDocument {
    /// Leave pages as they are while the text is half typed; such as are only a little wrong follow when the
    /// author has not written for so long. Without it all pages follow as they come.
    pub fn set_calm(&mut self, calm: Option<Duration>) {
        self.calm = calm;
    }

    /// Whether pages are as they were because of errors in the text.
    pub fn holds_pages(&self) -> bool {
        self.waiting.is_some()
    }

    /// A build has shown the author what the text gives: it is what pages are compared to from now on.
    pub fn accept(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            let told = self.take_pages(&waiting.pages, waiting.from, waiting.end);
            self.pending.extend(told);
        }
    }

    /// Whether a page of a run may be damaged.
    pub(super) fn doubts(&self, index: usize, pages: &Pages) -> bool {
        let is_new = self.shown_end.is_none() && index >= self.pages.len();
        // No run has come to the end of the document yet: what begins before this page is not known.
        self.pages.doubts(index, pages) && !(is_new && self.pages.has_as_few_errors(index, pages))
    }

    /// Show a page of a run, counted from nought, or hold it back. True when it is another than before.
    pub(super) fn take_page(&mut self, index: usize, pages: &Pages, run_holds: bool) -> Taken {
        if run_holds || (self.calm.is_some() && self.doubts(index, pages)) {
            return Taken::HeldBack;
        }
        if self.pages.take(index, pages) { Taken::Changed } else { Taken::Same }
    }

    /// A run has ended: what becomes of the pages that were held back, if any.
    pub(super) fn judge(&mut self, run: &Run, report: &TexReport) -> Vec<LivePage> {
        let end = Ended::of(report);
        let from = run.held_from.unwrap_or(run.pages.len());
        let is_first = self.shown_end.is_none() && run.focus.is_none();
        if self.calm.is_none() || is_first || !self.is_worse(end) {
            return self.take_pages(&run.pages, from, end);
        }
        let follows = !self.runs_away(run, end);
        self.waiting = Some(Waiting { pages: run.pages.clone(), from, end, follows });
        Vec::new()
    }

    fn is_worse(&self, end: Ended) -> bool {
        let shown = self.shown_end.unwrap_or_default();
        end.health.is_worse_than(shown.health) || (end.is_fatal && !shown.is_fatal)
    }

    /// Whether what is wrong reaches beyond the page with the edit and the one behind it.
    fn runs_away(&self, run: &Run, end: Ended) -> bool {
        let shown = self.shown_end.unwrap_or_default();
        let near = run.edited_page.map_or(usize::MAX, |page| page + 1);
        let behind = |end: Ended, pages: &Pages| {
            end.health.errors.saturating_sub(pages.health(near).unwrap_or_default().errors)
        };
        end.is_fatal
            || end.health.open_groups > shown.health.open_groups
            || behind(end, &run.pages) > behind(shown, &self.pages)
    }

    fn take_pages(&mut self, pages: &Pages, from: usize, end: Ended) -> Vec<LivePage> {
        self.shown_end = Some(end);
        let changed = (from..pages.len()).filter(|index| self.pages.take(*index, pages));
        let told =
            changed.map(|index| LivePage::Changed { number: number(index), is_past_focus: true });
        let told = told.collect();
        self.pages.truncate(pages.len());
        told
    }

    /// When pages that wait are to be shown.
    pub(super) fn calms_in(&self) -> Option<Duration> {
        let calm = self.calm.unwrap_or_default();
        let follows = self.waiting.as_ref()?.follows;
        follows.then(|| calm.saturating_sub(self.last_edit.elapsed()))
    }

    /// The author has paused: this is what the text gives.
    pub(super) fn take_if_calm(&mut self) {
        if self.calms_in().is_some_and(|left| left.is_zero()) {
            self.accept();
        }
    }
}

/// What became of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is shown, and differs.
    Changed,
    /// It says what it said.
    Same,
    /// It may be damaged.
    HeldBack,
}

/// The number of a page, counted from one.
pub(super) fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}
