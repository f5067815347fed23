//! The relay: authors of one document meet here. Every update is on the disk before anybody is told of it.
//!
//! [`archive`] is the log, [`room`] the documents that are open, [`ws`] the lines; [`serve`] puts them together.

pub mod archive;
pub mod config;
pub mod room;
mod serve;
pub mod ws;

pub use serve::serve;
