//! The live document, as the session sees it.

use super::session::Told;
use quire_compile::{
    build::FirstPass,
    live::{LiveDocument, LivePage},
};
use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::{EngineOptions, JobSetup, Waker};
use std::{
    collections::BTreeSet,
    sync::{Arc, OnceLock},
    time::Duration,
};

pub(super) use quire_compile::live::PageConverter;

/// Pages with an error follow when there was no edit for so long.
const CALM: Duration = Duration::from_millis(700);

/// Wakes the session when it waits for pages.
#[derive(Clone, Default)]
pub(super) struct Bell(Arc<OnceLock<Waker>>);

impl Bell {
    pub(super) fn ring(&self) {
        if let Some(waker) = self.0.get() {
            waker.wake();
        }
    }
}

/// A document whose pages follow its text.
pub(super) struct Follower(LiveDocument);

impl Follower {
    pub(super) fn start(
        options: EngineOptions,
        setup: JobSetup,
        files: Arc<dyn FileSource>,
        patience: Duration,
        bell: &Bell,
    ) -> Result<Self, String> {
        let mut document =
            LiveDocument::start(options, setup, files).map_err(|error| error.to_string())?;
        document.set_patience(patience);
        document.set_calm(Some(CALM));
        let _ = bell.0.set(document.waker());
        Ok(Self(document))
    }

    pub(super) fn edit(
        &mut self,
        files: Arc<dyn FileSource>,
        changed: Option<&BTreeSet<ProjectPath>>,
    ) -> Result<(), String> {
        self.0.edit(files, changed).map_err(|error| error.to_string())
    }

    pub(super) fn set_generated(&mut self, generated: Vec<(String, Vec<u8>)>) {
        self.0.set_generated(generated);
    }

    /// A build is due: what it would begin with is brought to its end.
    pub(super) fn catch_up(&mut self) -> Result<(), String> {
        self.0.catch_up().map_err(|error| error.to_string())
    }

    /// What the last run came to, for a build to begin with.
    pub(super) fn pass(&self) -> Option<Arc<FirstPass>> {
        self.0.pass()
    }

    pub(super) fn is_at_rest(&self) -> bool {
        self.0.is_at_rest()
    }

    pub(super) fn step(&mut self, timeout: Option<Duration>) -> Vec<Told> {
        let told = self.0.step(timeout).into_iter().map(|told| match told {
            LivePage::Changed { number, is_past_focus } => {
                Told::Page { number, past_edit: is_past_focus }
            }
            LivePage::Done(report) => Told::Done(report),
            LivePage::GivenUp(error) => Told::GivenUp(error.map(|error| error.to_string())),
        });
        told.collect()
    }

    /// A page, counted from one, as an XDV file of its own.
    pub(super) fn page(&self, number: u32) -> Option<Vec<u8>> {
        self.0.page(number)
    }

    /// Whether pages stay as they were because of errors.
    pub(super) fn holds_pages(&self) -> bool {
        self.0.holds_pages()
    }

    pub(super) fn pages(&self) -> usize {
        self.0.pages()
    }
}
