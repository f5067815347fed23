//! Text that several write at once. A [`TextDocument`] is one text file as a yrs document, which Yjs in
//! the editor's window and on co-authors' machines understands; [`merge`] turns a file that another
//! program has changed into edits; [`session`] speaks the sync protocol with one peer.
//!
//! Nothing here reads or writes anything: bytes come in and go out. Offsets are UTF-16 code units, as in
//! JavaScript.

mod document;
mod merge;
pub mod session;

pub use document::{Applied, Change, ClientId, DocumentError, TextDocument};
pub use merge::changes_between;
