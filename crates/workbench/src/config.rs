//! What the workbench is told at its start; it looks at no environment itself.

use quire_bundle::BundleDir;
use std::path::PathBuf;

/// Where everything is.
#[derive(Clone, Debug)]
pub struct Config {
    /// The folder of the database and of what builds leave; made if it is not there.
    pub data: PathBuf,
    /// The name under which edits are kept in the history.
    pub author: String,
    /// What builds with, or why there is nothing.
    pub engine: Result<EngineFiles, String>,
    /// PDFium's library, or why there is none.
    pub pdfium: Result<PathBuf, String>,
    /// The folder of dictionaries for spelling, `en.aff` beside `en.dic`; without it nothing is checked.
    pub dictionaries: Option<PathBuf>,
    /// Keep what proves log-ins at relays in the system's keyring; otherwise in memory.
    pub uses_keyring: bool,
}

/// What a build needs.
#[derive(Clone, Debug)]
pub struct EngineFiles {
    /// The worker program.
    pub worker: PathBuf,
    /// The TeX bundle.
    pub bundle: BundleDir,
}

impl Config {
    /// The database.
    pub fn database(&self) -> PathBuf {
        self.data.join("quire.db")
    }

    /// What builds leave, one folder for each project.
    pub fn builds(&self) -> PathBuf {
        self.data.join("builds")
    }
}
