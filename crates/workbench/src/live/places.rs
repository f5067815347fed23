//! Where the lines of the sources are on live pages: the SyncTeX file of a run that came to its end.

use crate::snapshot::ProjectSnapshot;
use quire_compile::{build::SyncTexFile, synctex::SyncTex};
use std::sync::{Arc, OnceLock};

/// Where lines are on the pages of a run. Nothing is read before somebody asks.
pub(crate) struct LivePlaces {
    file: SyncTexFile,
    read: OnceLock<Option<SyncTex>>,
    sources: Arc<ProjectSnapshot>,
}

// Where nothing is live nobody makes one.
#[cfg_attr(not(target_os = "linux"), expect(dead_code))]
impl LivePlaces {
    /// Of a run over these sources.
    pub(super) fn new(file: SyncTexFile, sources: Arc<ProjectSnapshot>) -> Self {
        Self { file, read: OnceLock::new(), sources }
    }
}

impl LivePlaces {
    /// The last edit that the run has seen.
    pub(super) fn revision(&self) -> u64 {
        self.sources.revision
    }

    /// What the run has read.
    pub(crate) fn sources(&self) -> &ProjectSnapshot {
        &self.sources
    }

    /// `None` when the file cannot be read.
    pub(crate) fn synctex(&self) -> Option<&SyncTex> {
        self.read.get_or_init(|| self.file.read().ok()).as_ref()
    }
}
