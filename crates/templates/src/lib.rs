//! Documents to begin with. Each is what a demanding author would want on the first day: it builds
//! without a warning, its text shows what it can do, and its comments say where to change what.

mod catalogue;

pub use catalogue::TEMPLATES;

/// What a template is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Category {
    /// Papers for journals and conferences.
    Paper,
    /// Reports.
    Report,
    /// Theses.
    Thesis,
    /// Slides.
    Presentation,
    /// Letters.
    Letter,
    /// What goes with an application.
    Career,
    /// Sheets of problems and examinations.
    Teaching,
}

/// A file of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TemplateFile {
    /// Its path in the project.
    pub path: &'static str,
    /// What is in it.
    pub text: &'static str,
}

/// A document to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// Never changes, so that links and settings may hold it.
    pub id: &'static str,
    /// For people.
    pub name: &'static str,
    /// One sentence.
    pub description: &'static str,
    /// What it is for.
    pub category: Category,
    /// Its files; the first is the root.
    pub files: &'static [TemplateFile],
    /// Its first page, [`PICTURE_WIDTH`] pixels wide, as WebP.
    pub picture: &'static [u8],
}

/// Width of the pictures, in pixels.
pub const PICTURE_WIDTH: u32 = 480;

impl Template {
    /// The path of the file to build.
    pub fn root(&self) -> &'static str {
        self.files.first().map_or("main.tex", |file| file.path)
    }
}

/// The template with this id.
pub fn template(id: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}
