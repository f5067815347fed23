//! What goes wrong between Quire and what TeX Live runs in. What a program in a sandbox does wrong is not
//! among it: see [`Ended`](crate::Ended).

use crate::Lacking;
use std::{io, path::PathBuf};

/// Why a container could not be used.
#[derive(Debug, thiserror::Error)]
pub enum ContainerError {
    /// There is no runtime, or none that answers.
    #[error(
        "TeX Live runs in a container, and neither Podman nor Docker answers on this computer{}{}",
        if tried.is_empty() { "" } else { ": " },
        tried.join("; ")
    )]
    NoRuntime {
        /// What was tried, each with why it was not it; empty when nothing looks like a runtime.
        tried: Vec<String>,
    },
    /// What is installed on this computer cannot be used.
    #[error(
        "a TeX Live that is installed on this computer cannot be used: {}",
        lacking.iter().map(Lacking::to_string).collect::<Vec<_>>().join("; ")
    )]
    NoInstalled {
        /// What is missing.
        lacking: Vec<Lacking>,
    },
    /// Neither containers nor what is installed can be used.
    #[error("{containers}; {installed}")]
    Nowhere {
        /// What keeps from containers.
        containers: Box<ContainerError>,
        /// What keeps from what is installed.
        installed: Box<ContainerError>,
    },
    /// bubblewrap, or what it starts, did not put up its walls.
    #[error("the sandbox for TeX Live could not be closed: {reason}")]
    NoWalls {
        /// What it said.
        reason: String,
    },
    /// The image is not on this computer.
    #[error(
        "the image `{image}` with TeX Live is not on this computer; `quire texlive pull` fetches one"
    )]
    NoImage {
        /// Its name.
        image: String,
    },
    /// The runtime refused, or went away.
    #[error("the container runtime could not {what}: {reason}")]
    Runtime {
        /// What was asked of it.
        what: &'static str,
        /// What it said.
        reason: String,
    },
    /// A file or folder on this computer.
    #[error("cannot use `{}`: {source}", place.display())]
    Io {
        /// Which.
        place: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The caller gave up.
    #[error("cancelled")]
    Cancelled,
}

impl ContainerError {
    /// Turns the runtime's answer to `what` into an error.
    pub(crate) fn of(what: &'static str) -> impl Fn(bollard::errors::Error) -> Self {
        move |error| {
            let reason = match error {
                bollard::errors::Error::DockerResponseServerError { message, .. } => message,
                other => other.to_string(),
            };
            Self::Runtime { what, reason }
        }
    }
}
