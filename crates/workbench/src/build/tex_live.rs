//! TeX Live for the builds of this process: found when a build first wants it, kept warm between builds, gone with
//! the desk. A runtime that was not there may be started meanwhile, so a failure is not remembered.

use quire_compile::build::TexLive;
use quire_container::{ContainerError, SandboxLimits, Surroundings, Wanted, find_place};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A container that no build has used for this long goes.
pub(super) const IDLE: Duration = Duration::from_secs(10 * 60);

/// Where TeX Live runs, once it has been found.
pub(crate) struct TexLiveHost {
    folder: PathBuf,
    found: Mutex<Option<TexLive>>,
}

impl TexLiveHost {
    /// One that keeps what it needs in `folder`.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, found: Mutex::default() }
    }

    /// What a build needs. Talks to the runtime the first time. `worker` is the program that closes the walls where
    /// there is no container.
    pub(super) fn for_build(&self, worker: &Path, wipe: bool) -> Result<TexLive, ContainerError> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let tex_live = match &*found {
            Some(known) => known.clone(),
            None => found.insert(self.find(worker)?).clone(),
        };
        Ok(TexLive { wipe, ..tex_live })
    }

    /// Remove containers that no build has used for long.
    pub(super) fn reap(&self) {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(tex_live) = found {
            tex_live.place.reap(IDLE);
        }
    }

    fn find(&self, worker: &Path) -> Result<TexLive, ContainerError> {
        let surroundings = Surroundings::here(None);
        let owners = self.folder.join("owners");
        let found = find_place(&Wanted {
            surroundings: &surroundings,
            image: None,
            worker,
            owners: &owners,
        })?;
        Ok(TexLive {
            place: found.place,
            image: found.image,
            folder: self.folder.clone(),
            limits: SandboxLimits::default(),
            // Until a project can be given the author's consent in the window.
            shell_escape: false,
            wipe: false,
            keep_warm: true,
        })
    }
}

impl Drop for TexLiveHost {
    fn drop(&mut self) {
        let found = self.found.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(tex_live) = found.take() {
            tex_live.place.end();
        }
    }
}
