//! Text that several write at once. A [`TextDocument`] is one text file as a yrs document, which Yjs in
//! the editor's window and on co-authors' machines understands; [`merge`] turns a file that another
//! program has changed into edits; [`session`] speaks the sync protocol with one peer. A [`room`] is where the
//! relay joins those who have a document open, a [`Replica`] is what it holds, and a [`RelayLine`] is the author's
//! end: what the relay has not acknowledged yet. All three are state machines that the simulation drives. [`strands`]
//! are how a line carries many documents.
//!
//! Nothing here reads or writes anything: bytes come in and go out. Offsets are UTF-16 code units, as in
//! JavaScript.

mod document;
pub mod frames;
pub mod history;
mod intake;
mod line;
mod merge;
mod replica;
pub mod room;
pub mod session;
pub mod strands;
pub mod talk;
mod updates;

pub use document::{Applied, Change, ClientId, DocumentError, TextDocument};
pub use line::{LineError, Received, RelayLine, Told};
pub use merge::changes_between;
pub use replica::{Replica, Taken, compact};
pub use updates::Contents;
