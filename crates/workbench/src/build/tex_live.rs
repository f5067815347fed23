//! TeX Live for the builds of this process: found when a build first wants it, kept warm between builds, gone with
//! the desk. A runtime that was not there may be started meanwhile, so a failure is not remembered.

use quire_compile::build::TexLive;
use quire_container::{ContainerError, KNOWN_IMAGES, Pool, SandboxLimits, Surroundings, find};
use std::{
    path::PathBuf,
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

    /// What a build needs. Talks to the runtime the first time.
    pub(super) fn for_build(&self, wipe: bool) -> Result<TexLive, ContainerError> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let tex_live = match &*found {
            Some(known) => known.clone(),
            None => found.insert(self.find()?).clone(),
        };
        Ok(TexLive { wipe, ..tex_live })
    }

    /// Remove containers that no build has used for long.
    pub(super) fn reap(&self) {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(tex_live) = found {
            tex_live.pool.reap(IDLE);
        }
    }

    fn find(&self) -> Result<TexLive, ContainerError> {
        let runtime = find(&Surroundings::here(None))?.runtime;
        let missing = || ContainerError::NoImage { image: KNOWN_IMAGES[1].to_owned() };
        let (_, image) = runtime.first_image(&KNOWN_IMAGES)?.ok_or_else(missing)?;
        Ok(TexLive {
            pool: Pool::new(runtime, &self.folder.join("owners"))?,
            image,
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
            tex_live.pool.end();
        }
    }
}
