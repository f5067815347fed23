//! No live document: processes cannot be forked here.

use super::session::Told;
use quire_compile::build::FirstPass;
use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::{EngineError, EngineOptions, JobSetup};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// Nobody waits for pages.
#[derive(Clone, Default)]
pub(super) struct Bell;

impl Bell {
    pub(super) fn ring(&self) {}
}

/// Never made.
pub(super) enum Follower {}

impl Follower {
    pub(super) fn start(
        _: EngineOptions,
        _: JobSetup,
        _: Arc<dyn FileSource>,
        _: Duration,
        _: &Bell,
    ) -> Result<Self, String> {
        Err("pages follow each edit on Linux only so far".to_owned())
    }

    pub(super) fn edit(
        &mut self,
        _: Arc<dyn FileSource>,
        _: Option<&BTreeSet<ProjectPath>>,
    ) -> Result<(), String> {
        match *self {}
    }

    pub(super) fn set_generated(&mut self, _: Vec<(String, Vec<u8>)>) {
        match *self {}
    }

    pub(super) fn catch_up(&mut self) -> Result<(), String> {
        match *self {}
    }

    pub(super) fn pass(&self) -> Option<Arc<FirstPass>> {
        match *self {}
    }

    pub(super) fn is_at_rest(&self) -> bool {
        match *self {}
    }

    pub(super) fn step(&mut self, _: Option<Duration>) -> Vec<Told> {
        match *self {}
    }

    pub(super) fn page(&self, _: u32) -> Option<Vec<u8>> {
        match *self {}
    }

    pub(super) fn holds_pages(&self) -> bool {
        match *self {}
    }

    pub(super) fn pages(&self) -> usize {
        match *self {}
    }
}

/// Makes nothing, as there are no pages.
pub(super) struct PageConverter;

impl PageConverter {
    pub(super) fn new(_: EngineOptions, _: JobSetup, _: Arc<dyn FileSource>) -> Self {
        Self
    }

    pub(super) fn set_files(&mut self, _: Arc<dyn FileSource>) {}

    pub(super) fn rest(&mut self, _: &[u8]) {}

    pub(super) fn convert(&mut self, _: &[u8]) -> Result<Vec<u8>, EngineError> {
        Err(EngineError::Protocol("there are no live pages here".to_owned()))
    }
}
