//! TeX Live for the builds of this process: found when a build first wants it, kept warm between builds, gone with
//! the desk. A runtime that was not there may be started meanwhile, so a failure is not remembered.

use super::report::sentence;
use crate::{Workbench, WorkbenchError};
use quire_compile::build::TexLive;
use quire_container::{ContainerError, Lacking, SandboxLimits, Surroundings, Wanted, find_place};
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
    Ready {
        /// Which and where, in words.
        place: String,
    },
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

    /// Where the copies of projects and what their builds write are kept.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
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
            tex_live.place.end();
        }
    }
}

/// What to install, or to look at, where TeX Live cannot build; `system` is `linux`, `macos` or `windows`.
pub(super) fn advice_on_containers(error: &ContainerError, system: &str) -> String {
    let advice = match (error, system) {
        (ContainerError::Nowhere { containers, installed }, _) => {
            let either = advice_on_containers(containers, system);
            return format!(
                "{either} Or use what this computer has: {}",
                advice_on_installed(installed)
            );
        }
        (ContainerError::NoInstalled { .. }, _) => return advice_on_installed(error),
        (ContainerError::NoWalls { .. }, _) => {
            "`quire doctor` tells whether bubblewrap works here."
        }
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
    };
    advice.to_owned()
}

fn advice_on_installed(error: &ContainerError) -> String {
    let ContainerError::NoInstalled { lacking } = error else { return String::new() };
    lacking.iter().map(Lacking::advice).collect::<Vec<_>>().join(" ")
}

impl Workbench {
    /// Whether TeX Live's engines can build here. Asks the container runtime.
    pub fn tex_live(&self) -> Result<TexLiveState, WorkbenchError> {
        let host = self.ask(|desk| desk.tex_live.clone())?;
        let engine = self.config().engine.as_ref();
        let worker = &engine.map_err(|reason| WorkbenchError::NoEngine(reason.clone()))?.worker;
        Ok(match host.for_build(worker, false) {
            Ok(tex_live) => TexLiveState::Ready { place: tex_live.place.words() },
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
                advice: advice_on_containers(&error, std::env::consts::OS),
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
