//! TeX Live for the builds of this process: found when a build first wants it, kept warm between builds, gone with
//! the desk. A runtime that was not there may be started meanwhile, so a failure is not remembered.

use super::report::sentence;
use crate::{Workbench, WorkbenchError};
use quire_compile::build::TexLive;
use quire_container::{ContainerError, KNOWN_IMAGES, Pool, SandboxLimits, Surroundings, find};
use serde::Serialize;
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use ts_rs::TS;

/// A container that no build has used for this long goes.
pub(super) const IDLE: Duration = Duration::from_secs(10 * 60);

/// Whether TeX Live's engines can build on this computer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum TexLiveState {
    /// They can.
    Ready,
    /// Something is missing.
    Missing {
        /// What, a sentence.
        what: String,
        /// What to do, in sentences; what stands between backticks is to be typed into a terminal.
        advice: String,
    },
}

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

    /// Where the copies of projects and what their builds write are kept.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
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
            // The author's consent is a project's: `BuildSettings::of_tex_live`.
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

/// What to install, or to look at, where TeX Live cannot build; `system` is `linux`, `macos` or `windows`.
pub(super) fn advice_on_containers(error: &ContainerError, system: &str) -> &'static str {
    match (error, system) {
        (ContainerError::NoRuntime { .. }, "linux") => {
            "Install Podman (`sudo apt install podman`, `sudo dnf install podman`), let it listen \
             (`systemctl --user enable --now podman.socket`), and fetch TeX Live once (`quire texlive pull`). Docker \
             does as well. The built-in engine needs none of it."
        }
        (ContainerError::NoRuntime { .. }, _) => {
            "Install Podman Desktop or Docker Desktop and start it, then fetch TeX Live once (`quire texlive pull`). The \
             built-in engine needs none of it."
        }
        (ContainerError::NoImage { .. }, _) => {
            "Fetch it once (`quire texlive pull`). The built-in engine needs none of it."
        }
        (ContainerError::Io { .. }, _) => {
            "Check the folder's permissions and the room on the disk."
        }
        _ => "Start the container runtime anew. `quire doctor` tells what of it works.",
    }
}

impl Workbench {
    /// Whether TeX Live's engines can build here. Asks the container runtime.
    pub fn tex_live(&self) -> Result<TexLiveState, WorkbenchError> {
        let host = self.ask(|desk| desk.tex_live.clone())?;
        Ok(match host.for_build(false) {
            Ok(_) => TexLiveState::Ready,
            Err(error) => TexLiveState::Missing {
                what: match &error {
                    ContainerError::NoRuntime { tried } if tried.is_empty() => {
                        "TeX Live runs in a container, and neither Podman nor Docker answers on this computer."
                            .to_owned()
                    }
                    ContainerError::NoImage { .. } => {
                        "There is no TeX Live yet for the containers on this computer.".to_owned()
                    }
                    error => format!("{}.", sentence(&error.to_string())),
                },
                advice: advice_on_containers(&error, std::env::consts::OS).to_owned(),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_install_is_told_for_each_system() {
        let none = ContainerError::NoRuntime { tried: Vec::new() };
        for (system, word) in
            [("linux", "podman.socket"), ("macos", "Desktop"), ("windows", "Desktop")]
        {
            let advice = advice_on_containers(&none, system);
            assert!(advice.contains(word) && advice.contains("quire texlive pull"), "{advice}");
        }
        let image = ContainerError::NoImage { image: "x".to_owned() };
        assert!(advice_on_containers(&image, "linux").contains("quire texlive pull"));
    }
}
