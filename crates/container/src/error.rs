//! What goes wrong between Quire and a container runtime. What a program in a container does wrong is not
//! among it: see [`Ended`](crate::Ended).

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
