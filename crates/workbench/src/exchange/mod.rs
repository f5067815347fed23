//! Projects in and out: from templates, archives, folders and single files; as archives, PDFs and
//! single sources.

mod export;
mod import;
mod templates;

pub use export::Exported;
pub use import::{Imported, PlaceKind, place_kind};
pub use templates::{TemplateCard, template_picture};
