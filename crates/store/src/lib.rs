//! The application's memory on disk: projects, files, documents with their whole history, blobs and
//! a search index, in one SQLite database.
//!
//! One thread owns the writing connection. What waits in its queue is committed together, and a job
//! is answered only when its transaction is on the disk: what was acknowledged survives `kill -9`
//! and a power cut. Readers have connections of their own and see the last committed state.
//!
//! Pure storage: no clock, no randomness, no environment. Times and ids are passed in; updates and
//! states of documents are opaque bytes. One process at a time: a second one is refused
//! ([`StoreError::InUse`]), because what the owner holds in memory must be what is on disk.

mod blobs;
mod check;
mod discussions;
mod disk_states;
mod documents;
mod error;
mod file_text;
mod files;
mod history;
mod open;
mod projects;
mod recover;
mod schema;
mod settings;
mod snapshots;
mod tags;
mod tree;
mod tx;
mod updates;
mod versions;
mod writer;

pub use check::Check;
pub use disk_states::DiskState;
pub use documents::{Document, Seq};
pub use error::{StoreError, Thing};
pub use file_text::{SearchHit, SearchLine};
pub use files::{CaseClash, File, FileKind, NewFile};
pub use history::Span;
pub use open::{Options, Store};
pub use projects::{NewProject, Project, ProjectState};
pub use recover::{DocumentDamage, Recovery, TableLoss, recover};
pub use snapshots::{Loaded, Snapshot};
pub use tx::{ReadTx, WriteTx};
pub use updates::Update;
pub use versions::{NewVersion, Version};
pub use writer::Pending;
