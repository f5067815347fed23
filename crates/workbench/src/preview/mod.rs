//! The pages of the last good build: pictures of them, and the way between them and the sources.

mod contents;
mod pages;
mod sync;

pub use contents::{
    OutlineItem, PageBounds, PageContents, PageLink, PageMatch, PagePlace, PageWord, ShownPages,
    WordGap,
};
pub use pages::PictureRequest;
pub(crate) use pages::{picture_of, pixels_of};
pub use sync::{PageArea, SourcePlace};

use crate::{Workbench, project::OpenProject, snapshot::ProjectSnapshot};
use quire_compile::{build::BuildResult, outputs::replace_file, synctex::SyncTex};
use quire_pdf::{Document, PdfError, Renderer};
use quire_project::{ContentHash, ProjectId, ProjectPath};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};
use ts_rs::TS;

/// What a window needs to lay out pages.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct PreviewInfo {
    /// Part of the address of every picture: other pages have another number, the same pages the same.
    #[ts(type = "number")]
    pub number: u64,
    /// The size of each page.
    pub pages: Vec<PageBox>,
    /// The file that was built.
    pub root: ProjectPath,
    /// What they show: edits up to this one.
    #[ts(type = "number")]
    pub revision: u64,
}

/// Size of a page in PDF points, 72 to an inch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, TS)]
pub struct PageBox {
    /// To the right.
    pub width: f32,
    /// Downwards.
    pub height: f32,
}

/// PDFium, started when the first page is wanted.
pub(crate) struct PdfEngine {
    library: Result<PathBuf, String>,
    renderer: OnceLock<Result<Renderer, PdfError>>,
}

impl PdfEngine {
    pub(crate) fn new(library: Result<PathBuf, String>) -> Self {
        Self { library, renderer: OnceLock::new() }
    }

    pub(crate) fn open(&self, pdf: Vec<u8>) -> Result<Document, PdfError> {
        let start = || match &self.library {
            Ok(library) => Renderer::start(library),
            Err(reason) => {
                Err(PdfError::Library { place: "PDFium".to_owned(), reason: reason.clone() })
            }
        };
        self.renderer.get_or_init(start).as_ref().map_err(Clone::clone)?.open(pdf)
    }
}

/// Pages that can be shown.
pub(crate) struct Preview {
    number: u64,
    document: Document,
    /// The PDF on disk.
    pdf: PathBuf,
    root: ProjectPath,
    synctex: Option<SyncTex>,
    /// What was built; absent for pages of an earlier start.
    sources: Option<Arc<ProjectSnapshot>>,
    ran_away: bool,
}

/// What is written beside a PDF, to find it at the next start.
#[derive(Serialize, Deserialize)]
struct Remembered {
    root: ProjectPath,
    pdf: PathBuf,
    synctex: Option<PathBuf>,
    inputs: Vec<ProjectPath>,
}

const REMEMBERED: &str = "last.json";
const FIRST_PAGE: &str = "first-page.webp";
/// Width of a picture in the gallery, in pixels.
const FIRST_PAGE_WIDTH: f32 = 480.0;

impl Preview {
    pub(crate) fn open(
        engine: &PdfEngine,
        pdf: Vec<u8>,
        place: &Path,
        root: &ProjectPath,
        synctex: Option<SyncTex>,
        sources: Option<Arc<ProjectSnapshot>>,
    ) -> Result<Self, PdfError> {
        let number = number_of(&pdf);
        let document = engine.open(pdf)?;
        let (pdf, root) = (place.to_owned(), root.clone());
        Ok(Self { number, document, pdf, root, synctex, sources, ran_away: false })
    }

    /// An environment or a brace was open at the end, or was not: then much of it is not as it is meant.
    pub(crate) fn that_ran_away(self, ran_away: bool) -> Self {
        Self { ran_away, ..self }
    }

    pub(crate) fn ran_away(&self) -> bool {
        self.ran_away
    }

    pub(crate) fn info(&self) -> PreviewInfo {
        let size = |page: &quire_pdf::PageSize| PageBox { width: page.width, height: page.height };
        PreviewInfo {
            number: self.number,
            pages: self.document.pages().iter().map(size).collect(),
            root: self.root.clone(),
            revision: self.revision(),
        }
    }

    /// The PDF on disk.
    pub(crate) fn pdf(&self) -> &Path {
        &self.pdf
    }

    /// The last edit that the pages show.
    fn revision(&self) -> u64 {
        self.sources.as_ref().map_or(0, |sources| sources.revision)
    }

    /// Leave what the next start and the gallery need. Neither is worth an error.
    pub(crate) fn remember(&self, folder: &Path, result: &BuildResult) {
        let remembered = Remembered {
            root: self.root.clone(),
            pdf: self.pdf.clone(),
            synctex: result.synctex.clone(),
            inputs: result.inputs.clone(),
        };
        if let Ok(json) = serde_json::to_vec(&remembered) {
            let _ = replace_file(&folder.join(REMEMBERED), &json);
        }
        let Some(first) = self.document.pages().first() else { return };
        let scale = FIRST_PAGE_WIDTH / first.width.max(1.0);
        let request = PictureRequest { page: 0, scale, tile: None, dark_paper: false };
        if let Ok(picture) = self.picture(request) {
            let _ = replace_file(&folder.join(FIRST_PAGE), &picture);
        }
    }
}

/// A number that JavaScript can hold, made of what the file says: a build that changes nothing keeps it,
/// and what a window has kept under an address is never of another file.
fn number_of(pdf: &[u8]) -> u64 {
    let [a, b, c, d, e, f, ..] = ContentHash::of(pdf).0;
    u64::from_be_bytes([0, 0, a, b, c, d, e, f])
}

impl OpenProject {
    /// Show these pages from now on.
    pub(crate) fn show(&mut self, preview: Arc<Preview>) {
        // Windows may still ask for pages of the one before while they change over.
        self.previous_preview = self.preview.replace(preview);
    }
}

impl Workbench {
    /// The picture of a project's first page, for the gallery.
    pub fn first_page_file(&self, id: ProjectId) -> PathBuf {
        self.config().builds().join(id.to_string()).join(FIRST_PAGE)
    }

    /// The root and the PDF of the last good build, of this start or an earlier one.
    pub(crate) fn last_built(&self, id: ProjectId) -> Option<(ProjectPath, PathBuf)> {
        let folder = self.config().builds().join(id.to_string());
        let last: Remembered =
            serde_json::from_slice(&fs::read(folder.join(REMEMBERED)).ok()?).ok()?;
        Some((last.root, last.pdf))
    }

    /// The pages of the last build of an earlier start. Absent when anything is missing.
    pub(crate) fn last_preview(&self, id: ProjectId) -> Option<Arc<Preview>> {
        let folder = self.config().builds().join(id.to_string());
        let json = fs::read(folder.join(REMEMBERED)).ok()?;
        let last: Remembered = serde_json::from_slice(&json).ok()?;
        let pdf = fs::read(&last.pdf).ok()?;
        let synctex = last.synctex.and_then(|place| fs::read(place).ok()).and_then(|bytes| {
            let to_project = |name: &str| {
                let path = ProjectPath::resolve(last.root.folder(), name).ok()?;
                last.inputs.contains(&path).then_some(path)
            };
            SyncTex::read(&bytes, &to_project).ok()
        });
        let preview = Preview::open(self.pdf(), pdf, &last.pdf, &last.root, synctex, None);
        preview.ok().map(Arc::new)
    }
}
