//! What a project is made of: ids, paths that cannot lead outside, content hashes, and the trait
//! through which everything else reads files. This crate does no I/O itself.

mod hash;
mod id;
mod path;
mod source;
mod time;

pub use hash::{ContentHash, Hasher};
pub use id::{DocumentId, FileId, IdError, ProjectId, VersionId};
pub use path::{PathError, ProjectPath};
pub use source::{FileSource, FileStamp, MemoryFiles, ReadError, Stamp};
pub use time::UnixMs;
