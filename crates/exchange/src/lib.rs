//! Projects in and out: archives from strangers, texts in whatever encoding, archives and single sources
//! for publishers. Everything is read from and written to what the caller gives; this crate opens no
//! file.

mod export;
mod flatten;
mod import;
mod text;
mod words;

pub use export::{ExportError, export_zip};
pub use flatten::{FlattenError, FlattenNote, Flattened, Unresolved, flatten};
pub use import::{
    ImportError, ImportLimits, ImportNote, ImportedFile, ImportedProject, Unpacked, import_archive,
};
pub use text::{Content, Encoding, content};
pub use words::{ARCHIVE_EXTENSIONS, archive_notes, encoding_note, some_of};
