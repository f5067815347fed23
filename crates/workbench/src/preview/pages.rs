//! Pictures of pages, and the file that they are of.

use super::{Preview, PreviewInfo};
use crate::{Workbench, WorkbenchError};
use quire_pdf::{DarkPaper, Document, PdfError, Picture, Tile};
use quire_project::ProjectId;
use std::{path::PathBuf, sync::Arc};

/// The warm dark of the window's dark theme, a little lighter than what is around the page.
const DARK_PAPER: DarkPaper = DarkPaper { paper: [0x26, 0x24, 0x21], ink: [0xeb, 0xe7, 0xde] };

/// A picture that a window wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PictureRequest {
    /// Counted from zero.
    pub page: usize,
    /// Pixels to a PDF point.
    pub scale: f32,
    /// The part that is wanted, in pixels; what of it lies beyond the page is left out. None: all.
    pub tile: Option<Tile>,
    /// Light text on a dark page.
    pub dark_paper: bool,
}

impl PictureRequest {
    /// The same of a document that has this page only.
    pub(crate) fn of_first_page(self) -> Self {
        Self { page: 0, ..self }
    }
}

impl Preview {
    /// A page, or a part of it, as lossless WebP.
    pub(crate) fn picture(&self, request: PictureRequest) -> Result<Vec<u8>, PdfError> {
        picture_of(&self.document, request)
    }
}

/// A page of a document, or a part of it, as lossless WebP.
pub(crate) fn picture_of(
    document: &Document,
    request: PictureRequest,
) -> Result<Vec<u8>, PdfError> {
    pixels_of(document, request)?.to_webp()
}

/// A page of a document, or a part of it.
pub(crate) fn pixels_of(document: &Document, request: PictureRequest) -> Result<Picture, PdfError> {
    let PictureRequest { page, scale, tile, dark_paper } = request;
    let mut picture = match tile {
        None => document.render(page, scale)?,
        Some(tile) => {
            let (width, height) = document.pixels(page, scale)?;
            let tile = Tile {
                width: tile.width.min(width.saturating_sub(tile.x)),
                height: tile.height.min(height.saturating_sub(tile.y)),
                ..tile
            };
            document.render_tile(page, scale, tile)?
        }
    };
    if dark_paper {
        picture.darken(DARK_PAPER);
    }
    Ok(picture)
}

impl Workbench {
    /// The pages with this number, or with none those there are now.
    pub(crate) fn preview(
        &self,
        id: ProjectId,
        number: Option<u64>,
    ) -> Result<Arc<Preview>, WorkbenchError> {
        self.try_ask(move |desk| {
            let project = desk.project(id)?;
            // A picture of other pages than those that were asked for would be kept as theirs.
            [&project.preview, &project.previous_preview]
                .into_iter()
                .flatten()
                .find(|preview| number.is_none_or(|number| preview.number == number))
                .cloned()
                .ok_or(WorkbenchError::NoPdf)
        })
    }

    /// A page of the pages with this number as lossless WebP.
    pub fn page_picture(
        &self,
        id: ProjectId,
        number: u64,
        request: PictureRequest,
    ) -> Result<Vec<u8>, WorkbenchError> {
        Ok(self.preview(id, Some(number))?.picture(request)?)
    }

    /// A page (counted from zero) of the pages with this number as pixels, at `scale` pixels to a point.
    pub fn page_pixels(
        &self,
        id: ProjectId,
        number: u64,
        page: usize,
        scale: f32,
    ) -> Result<Picture, WorkbenchError> {
        Ok(self.preview(id, Some(number))?.document.render(page, scale)?)
    }

    /// The pages there are now.
    pub fn preview_info(&self, id: ProjectId) -> Result<PreviewInfo, WorkbenchError> {
        Ok(self.preview(id, None)?.info())
    }

    /// Where the PDF of the last good build is.
    pub fn pdf_file(&self, id: ProjectId) -> Result<PathBuf, WorkbenchError> {
        Ok(self.preview(id, None)?.pdf().to_owned())
    }
}
