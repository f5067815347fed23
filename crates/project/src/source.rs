//! Where file contents come from. The compiler sees a project only through [`FileSource`], so that
//! unsaved edits, SQLite and a folder on disk are the same to it.

use crate::ProjectPath;
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
