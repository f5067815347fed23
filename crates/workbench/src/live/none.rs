//! No live pages: processes cannot be forked here.

use super::{LivePageRef, LivePlaces, Start};
use crate::{
    Config, PageContents, PictureRequest, WorkbenchError, desk::DeskSender, preview::PdfEngine,
    snapshot::ProjectSnapshot,
};
use quire_compile::build::FirstPass;
use quire_pdf::Match;
use quire_project::ProjectPath;
use std::sync::{Arc, mpsc::Receiver};

/// Never made.
pub(crate) enum Live {}

/// Never made.
pub(crate) enum PassSource {}

impl PassSource {
    pub(crate) fn ask(&self, _: Vec<(String, Vec<u8>)>) -> Option<Receiver<Arc<FirstPass>>> {
        match *self {}
    }
}

/// Never made.
pub(crate) enum LivePages {}

impl LivePages {
    pub(super) fn places(&self) -> Option<Arc<LivePlaces>> {
        match *self {}
    }

    pub(super) fn picture(
        &self,
        _: u64,
        _: PictureRequest,
        _: bool,
    ) -> Result<Vec<u8>, WorkbenchError> {
        match *self {}
    }

    pub(crate) fn contents(&self, _: LivePageRef) -> Result<PageContents, WorkbenchError> {
        match *self {}
    }

    pub(crate) fn search(
        &self,
        _: LivePageRef,
        _: &str,
        _: bool,
    ) -> Result<Vec<Match>, WorkbenchError> {
        match *self {}
    }
}

impl Live {
    pub(super) fn start(
        _: Start,
        _: u64,
        _: &Config,
        _: Arc<PdfEngine>,
        _: DeskSender,
    ) -> Option<Self> {
        None
    }

    pub(crate) fn root(&self) -> &ProjectPath {
        match *self {}
    }

    pub(super) fn is_of_day(&self, _: u64) -> bool {
        match *self {}
    }

    pub(crate) fn passes(&self, _: u64) -> PassSource {
        match *self {}
    }

    pub(super) fn pages(&self) -> Arc<LivePages> {
        match *self {}
    }

    pub(super) fn edit(&self, _: Arc<ProjectSnapshot>) {
        match *self {}
    }

    pub(super) fn expect_edit(&self, _: ProjectPath, _: u64) {
        match *self {}
    }

    pub(super) fn take_generated(&self, _: Vec<(String, Vec<u8>)>, _: u64) {
        match *self {}
    }
}
