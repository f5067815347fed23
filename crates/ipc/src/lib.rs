//! What a window and the application say to each other: commands with typed arguments and results,
//! events, and errors in words that people read. [`typescript`] writes the window's half of it; a test
//! compares that with what the window was built with.
//!
//! Frames of documents, pictures of pages and files go as raw bytes, past this.

mod command;
mod commands;
mod errors;
mod typescript;

pub use command::{Command, run};
pub use errors::UserError;
pub use typescript::typescript;
