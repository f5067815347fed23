//! What goes wrong outside the document, in words for the person at the terminal: what happened, on
//! what, and what to do.

use quire_bundle::BundleError;
use quire_compile::{
    build::BuildError, disk::OpenFolderError, outputs::OutputError, project_folder::LocateError,
};
use quire_container::{ContainerError, Lacking};
use quire_tex_engine::EngineError;

/// A failure with its advice. Ends the program with exit code 2.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    pub(crate) advice: Option<String>,
}

impl Failure {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), advice: None }
    }

    pub(crate) fn advise(mut self, advice: impl Into<String>) -> Self {
        self.advice = Some(advice.into());
        self
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<LocateError> for Failure {
    fn from(error: LocateError) -> Self {
        let failure = Self::new(error.to_string());
        match error {
            LocateError::NotFound { .. } => {
                failure.advise("check the name, or leave it out to build the current folder")
            }
            LocateError::OutsideProject { .. } => {
                failure.advise("give a --project folder that holds the document")
            }
            LocateError::Io { .. } | LocateError::Unnameable { .. } => failure,
        }
    }
}

impl From<OpenFolderError> for Failure {
    fn from(error: OpenFolderError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::new(error.to_string()).advise("run `quire doctor` to see what is wrong")
    }
}

impl From<ContainerError> for Failure {
    fn from(error: ContainerError) -> Self {
        let failure = Self::new(error.to_string());
        match error {
            ContainerError::NoRuntime { .. } => failure.advise(
                "TeX Live runs in a container: install Podman or Docker, start it, and try again. \
                 `quire doctor` tells what it finds. The built-in engine needs none of it: \
                 --engine tectonic",
            ),
            ContainerError::NoInstalled { lacking } => failure.advise(remedies(&lacking)),
            ContainerError::Nowhere { installed, .. } => {
                let lacking = match *installed {
                    ContainerError::NoInstalled { lacking } => lacking,
                    _ => Vec::new(),
                };
                failure.advise(format!(
                    "either install Podman or Docker and start it, and fetch TeX Live with `quire texlive \
                     pull`; or use a TeX Live of this computer. {} `quire doctor` tells what it finds. The \
                     built-in engine needs none of it: --engine tectonic",
                    remedies(&lacking)
                ))
            }
            ContainerError::NoWalls { .. } => {
                failure.advise("run `quire doctor` to see whether bubblewrap works here")
            }
            ContainerError::NoImage { .. } => failure.advise(
                "fetch TeX Live with `quire texlive pull`, or build an image from Debian packages \
                 with tex-bundles/container/build.sh and import it with `quire texlive import`",
            ),
            ContainerError::Runtime { .. } => {
                failure.advise("run `quire doctor` to see what is wrong with the runtime")
            }
            ContainerError::Io { .. } | ContainerError::Cancelled => failure,
        }
    }
}

/// What to do about each of them.
pub(crate) fn remedies(lacking: &[Lacking]) -> String {
    lacking.iter().map(Lacking::advice).collect::<Vec<_>>().join(" ")
}

impl From<BuildError> for Failure {
    fn from(error: BuildError) -> Self {
        let failure = Self::new(error.to_string());
        match error {
            BuildError::Container { source } => source.into(),
            BuildError::Engine { .. } => failure.advise("run `quire doctor` to see what is wrong"),
            BuildError::Output { source: OutputError::DiskFull { .. } } => failure
                .advise("make room, or write elsewhere with --out; the old PDF is still there"),
            BuildError::NoRoot { .. } => failure.advise("name an existing file with --root"),
            BuildError::EngineUnavailable { .. }
            | BuildError::UnreadableRoot { .. }
            | BuildError::CancelledWhileWaiting
            | BuildError::Output { .. } => failure,
        }
    }
}
