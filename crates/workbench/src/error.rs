//! What can go wrong, one variant for each way the caller may react. `ipc` turns these into what
//! people read.

use quire_collab::{DocumentError, session::SessionError};
use quire_compile::{
    build::BuildError, disk::OpenFolderError, outputs::OutputError, project_folder::LocateError,
};
use quire_exchange::{ExportError, FlattenError, ImportError};
use quire_pdf::PdfError;
use quire_project::{PathError, ProjectId, ProjectPath, ReadError};
use quire_store::StoreError;
use std::{io, path::PathBuf};

/// Why the workbench did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum WorkbenchError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The project must be open for this.
    #[error("project {0} is not open")]
    NotOpen(ProjectId),
    /// The project has no such file.
    #[error("there is no file `{0}`")]
    NoFile(ProjectPath),
    /// There is a file of that name.
    #[error("there is a file `{0}` already")]
    FileExists(ProjectPath),
    /// The file is not text, so it cannot be edited.
    #[error("`{0}` is not a text file")]
    NotText(ProjectPath),
    /// The name cannot be used.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A file of a folder cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file cannot be written; what was there is untouched.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A folder cannot be opened.
    #[error(transparent)]
    Folder(#[from] OpenFolderError),
    /// The system refused.
    #[error("cannot {doing} `{}`: {source}", place.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// On what.
        place: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The linked folder is gone.
    #[error("the folder `{}` is not there", .0.display())]
    FolderGone(PathBuf),
    /// Nothing is there.
    #[error("there is no file or folder `{}`", .0.display())]
    NothingThere(PathBuf),
    /// The project of a file cannot be found.
    #[error(transparent)]
    Locate(#[from] LocateError),
    /// No project can be made of this file.
    #[error("no project can be made of `{}`", .0.display())]
    NotImportable(PathBuf),
    /// An archive cannot be taken in.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// An archive cannot be made.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The sources cannot be put together.
    #[error(transparent)]
    Flatten(#[from] FlattenError),
    /// There is no such template.
    #[error("there is no template `{0}`")]
    NoTemplate(String),
    /// There is no such engine.
    #[error("there is no engine `{0}`")]
    UnknownEngine(String),
    /// A bound that no build can do with, or that no computer has.
    #[error("{name} must be between {least} and {most}")]
    LimitOutOfRange {
        /// Which, in words.
        name: &'static str,
        /// The least that can be set.
        least: u32,
        /// The most.
        most: u32,
    },
    /// What builds left cannot be cleared while one runs.
    #[error("a build of this project is running")]
    BuildRuns,
    /// A project needs a name.
    #[error("the name is empty")]
    NoName,
    /// The author does not want it any more.
    #[error("cancelled")]
    Cancelled,
    /// A peer's message is not valid, or it is not connected.
    #[error("a message to a document: {0}")]
    Session(#[from] SessionError),
    /// A document cannot be read or changed.
    #[error("a document: {0}")]
    Document(#[from] DocumentError),
    /// The document is not open by that peer.
    #[error("the document is not open")]
    NoPeer,
    /// The text has changed since this was computed.
    #[error("`{0}` has changed in between")]
    Outdated(ProjectPath),
    /// There is no PDF yet.
    #[error("there is no PDF yet")]
    NoPdf,
    /// The text was built, and nothing came of it.
    #[error("the text as it is now makes no pages")]
    NoPages,
    /// PDFium.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// There is no engine.
    #[error("there is no TeX engine: {0}")]
    NoEngine(String),
    /// The build could not begin.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Nothing in the project can be built.
    #[error("nothing to build: {0}")]
    NoRoot(String),
    /// The thing cannot have this name.
    #[error(transparent)]
    Rename(#[from] quire_latex_ide::rename::RenameError),
    /// The search expression is not valid.
    #[error("the search expression: {0}")]
    BadPattern(String),
    /// A relay did not do it, or is not reached.
    #[error(transparent)]
    Relay(#[from] quire_relay_client::RelayError),
    /// Nobody is signed in there.
    #[error("you are not signed in at {0}")]
    NotSignedIn(String),
    /// The project is not shared.
    #[error("the project is not shared")]
    NotShared,
    /// A co-author's file is not put there, in a folder on disk.
    #[error("in a folder on this computer a file named `{0}` is hidden, and meant for programs")]
    HiddenName(ProjectPath),
    /// The relay keeps it, and does not tell now; why, in words.
    #[error("this version is kept by the relay, and {0}")]
    NotNow(String),
    /// The project can only be read; why, in words.
    #[error("{0}")]
    ReadOnly(String),
    /// The workbench has ended.
    #[error("the application is closing")]
    Closed,
}
