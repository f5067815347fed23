//! Where file contents come from. The compiler sees a project only through [`FileSource`], so that
//! unsaved edits, SQLite and a folder on disk are the same to it.

use crate::ProjectPath;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, io, sync::Arc};

/// Why a file that exists could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system said no.
    #[error("cannot read `{path}`: {source}")]
    Io {
        /// The file.
        path: ProjectPath,
        /// What the system said.
        source: io::Error,
    },
    /// A symbolic link leaves the project.
    #[error("`{path}` is a link that leads outside the project")]
    LeadsOutside {
        /// The link.
        path: ProjectPath,
    },
    /// A device, socket, FIFO or folder.
    #[error("`{path}` is not a regular file")]
    NotAFile {
        /// What was asked for.
        path: ProjectPath,
    },
    /// Larger than the reader takes.
    #[error("`{path}` has {bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// The file.
        path: ProjectPath,
        /// Its size.
        bytes: u64,
        /// The bound.
        limit: u64,
    },
}

/// The current contents of a project's files, unsaved edits included.
///
/// Two implementations: [`MemoryFiles`] (the application's snapshots, tests) and the compiler's
/// reader of a folder on disk.
pub trait FileSource: Send + Sync {
    /// The bytes of a file; `None` when there is none of that name.
    fn read(&self, path: &ProjectPath) -> Result<Option<Arc<[u8]>>, ReadError>;

    /// All files, sorted; used for suggestions and root detection, never on the hot path.
    fn list(&self) -> Vec<ProjectPath>;

    /// What can be said of a file without reading it; [`Stamp::Unknown`] is always a right answer.
    fn stamp(&self, _path: &ProjectPath) -> Stamp {
        Stamp::Unknown
    }

    /// The file whose contents are served under `path` because what lies there is Git's placeholder
    /// for a symbolic link.
    fn stand_in(&self, _path: &ProjectPath) -> Option<ProjectPath> {
        None
    }
}

/// What a source knows about a file without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// There is no such file.
    Missing,
    /// Only reading can tell.
    Unknown,
    /// The contents are those they were when this same stamp was given before.
    Known(FileStamp),
}

/// Metadata that changes whenever the contents do. Never given for a file changed so recently that
/// a second change could go unnoticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// Length in bytes.
    pub bytes: u64,
    /// Time of the last change of contents, in nanoseconds since 1970.
    pub modified_ns: i64,
    /// Time of the last change of the inode, where the system has it, else 0.
    pub changed_ns: i64,
    /// Inode number, where the system has it, else 0.
    pub file_id: u64,
}

/// Files held in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryFiles {
    files: BTreeMap<ProjectPath, Arc<[u8]>>,
}

impl MemoryFiles {
    /// Add or replace a file.
    pub fn insert(&mut self, path: ProjectPath, bytes: impl Into<Arc<[u8]>>) {
        self.files.insert(path, bytes.into());
    }
}

impl FileSource for MemoryFiles {
    fn read(&self, path: &ProjectPath) -> Result<Option<Arc<[u8]>>, ReadError> {
        Ok(self.files.get(path).cloned())
    }

    fn list(&self) -> Vec<ProjectPath> {
        self.files.keys().cloned().collect()
    }
}
