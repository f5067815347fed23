//! The relay: authors of one document meet here. Every update is on the disk before anybody is told of it.
//!
//! [`archive`] is the log, [`blobs`] what files hold, [`room`] the documents that are open, [`ws`] the lines; [`directory`] knows who may do what,
//! [`http`] is how one tells it; [`serve()`] puts them together.

pub mod archive;
pub mod auth;
pub mod backup;
pub mod blobs;
pub mod config;
mod digests;
pub mod directory;
#[cfg(feature = "fuzz")]
pub mod hostile;
pub mod http;
pub mod ids;
pub mod import;
pub mod mail;
pub mod metrics;
mod private;
pub mod room;
mod serve;
pub mod sso;
pub mod talks;
mod tls;
pub mod traces;
pub mod ws;

pub use serve::serve;
