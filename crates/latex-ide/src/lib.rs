//! What the editor knows of a project: completion, outline, symbols, definitions, references, renaming,
//! folding, word counts, spelling. Pure functions over an immutable [`Snapshot`]: nothing here opens a
//! file, reads a clock or logs. Positions are byte ranges; other counts are made at the rim.
//!
//! ```text
//! files, root, catalogue ── Snapshot ── feature(snapshot, path, offset) ──▶ plain data
//! ```

mod catalogue;
pub mod close_environment;
pub mod completion;
mod cursor;
pub mod definition;
mod edit;
pub mod folding;
mod fuzzy;
pub mod hover;
pub mod matching;
pub mod outline;
pub mod references;
pub mod rename;
mod snapshot;
pub mod spelling;
pub mod symbols;
mod title;
pub mod words;

pub use catalogue::Catalogue;
pub use edit::{FileEdit, Location};
pub use snapshot::{BibFile, BibItem, Content, Document, LatexFile, Snapshot};
