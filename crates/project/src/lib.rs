//! What a project is made of: paths that cannot lead outside, content hashes, and the trait through
//! which everything else reads files. This crate does no I/O itself.

mod hash;
mod path;
mod source;

pub use hash::{ContentHash, Hasher};
pub use path::{PathError, ProjectPath};
pub use source::{FileSource, FileStamp, MemoryFiles, ReadError, Stamp};
