//! What can go wrong, one variant for each way the caller may react. An error says that nothing of
//! the job was kept; it never says anything about jobs that were acknowledged before.

use quire_project::{ContentHash, DocumentId, FileId, ProjectId, ProjectPath, VersionId};
use rusqlite::{Error, ErrorCode};
use std::{fmt, io, path::Path};

/// Why the store did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// No space is left. Keep what was not saved and try again when there is.
    #[error("no space is left on the disk")]
    DiskFull,
    /// The disk, the folder or the file cannot be written.
    #[error("the database cannot be written: the disk or the file is read-only")]
    ReadOnly,
    /// The disk did not do what it was asked for.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// Another process has the database open.
    #[error("the database is in use by another process")]
    InUse,
    /// The database is damaged: close the store, call [`crate::recover`], open again.
    #[error("the database is damaged: {0}")]
    Damaged(String),
    /// A newer program has written the database. It is left as it was.
    #[error("the database has version {found}, this program reads up to version {known}")]
    NewerVersion {
        /// Version of the database.
        found: u32,
        /// Newest version that this program knows.
        known: u32,
    },
    /// The file is a sound SQLite database, but not one of ours. It is left as it was.
    #[error("the file is a database of another program")]
    Foreign,
    /// There is no such thing.
    #[error("there is no {0}")]
    NotFound(Thing),
    /// A thing with this id is there already.
    #[error("there is a {0} already")]
    Exists(Thing),
    /// The path is taken, or differs from a taken one only in case, or one of both would have to be
    /// a file and a folder at once.
    #[error("`{path}` cannot be used: there is `{by}`")]
    PathTaken {
        /// The wanted path.
        path: ProjectPath,
        /// The file in the way.
        by: ProjectPath,
    },
    /// A folder cannot be moved into itself.
    #[error("`{0}` cannot be moved into itself")]
    IntoItself(ProjectPath),
    /// The thread that writes is gone: it panicked in a job, or the store is being closed.
    #[error("the database was closed")]
    Closed,
    /// A fault of this crate: SQLite refused a statement for a reason that has no variant here.
    #[error("SQLite refused: {0}")]
    Sql(String),
}

/// What was not found, or is there already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Thing {
    /// A project.
    Project(ProjectId),
    /// A file, in the state that was asked for (in the tree, or in the trash).
    File(FileId),
    /// A folder with files in it.
    Folder(ProjectPath),
    /// A document.
    Document(DocumentId),
    /// A blob.
    Blob(ContentHash),
    /// A sequence number of a document.
    Update(DocumentId, u64),
    /// A named version.
    Version(VersionId),
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Project(id) => write!(f, "project {id}"),
            Self::File(id) => write!(f, "file {id}"),
            Self::Folder(path) => write!(f, "folder `{path}`"),
            Self::Document(id) => write!(f, "document {id}"),
            Self::Blob(hash) => write!(f, "blob {hash}"),
            Self::Update(id, seq) => write!(f, "update {seq} of document {id}"),
            Self::Version(id) => write!(f, "version {id}"),
        }
    }
}

impl StoreError {
    pub(crate) fn io(path: &Path, source: &io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => Self::ReadOnly,
            _ => Self::Disk(format!("{}: {source}", path.display())),
        }
    }
}

impl From<Error> for StoreError {
    fn from(error: Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => {
                Self::Disk(error.to_string())
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged(error.to_string())
            }
            _ => match error {
                // A column that holds what the schema forbids was not written by us.
                Error::FromSqlConversionFailure(..)
                | Error::IntegralValueOutOfRange(..)
                | Error::InvalidColumnType(..) => Self::Damaged(error.to_string()),
                _ => Self::Sql(error.to_string()),
            },
        }
    }
}
