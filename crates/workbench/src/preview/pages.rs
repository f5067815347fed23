//! Pictures of pages.

use super::Preview;
use crate::{Workbench, WorkbenchError};
use quire_pdf::{PdfError, Picture, TextRun};
use quire_project::ProjectId;
use std::{io::Cursor, path::PathBuf, sync::Arc};

impl Preview {
    /// A page as lossless WebP at `scale` pixels to a point.
    pub(crate) fn picture(&self, page: usize, scale: f32) -> Result<Vec<u8>, PdfError> {
        encode(&self.document.render(page, scale)?)
    }
}

fn encode(picture: &Picture) -> Result<Vec<u8>, PdfError> {
    let mut webp = Vec::new();
    let encoder = image_webp::WebPEncoder::new(Cursor::new(&mut webp));
    let (width, height) = (picture.width, picture.height);
    encoder
        .encode(&picture.rgba, width, height, image_webp::ColorType::Rgba8)
        .map_err(|_| PdfError::Size { width: width.into(), height: height.into() })?;
    Ok(webp)
}

impl Workbench {
    /// The pages with this number, or those there are now.
    pub(crate) fn preview(
        &self,
        id: ProjectId,
        number: Option<u64>,
    ) -> Result<Arc<Preview>, WorkbenchError> {
        self.try_ask(move |desk| {
            let project = desk.project(id)?;
            let both = [&project.previous_preview, &project.preview];
            let asked = both.into_iter().flatten().find(|preview| Some(preview.number) == number);
            asked.or(project.preview.as_ref()).cloned().ok_or(WorkbenchError::NoPdf)
        })
    }

    /// A page (counted from zero) as lossless WebP, at `scale` pixels to a PDF point.
    pub fn page_picture(
        &self,
        id: ProjectId,
        number: u64,
        page: usize,
        scale: f32,
    ) -> Result<Vec<u8>, WorkbenchError> {
        Ok(self.preview(id, Some(number))?.picture(page, scale)?)
    }

    /// The text of a page with its places.
    pub fn page_text(
        &self,
        id: ProjectId,
        number: u64,
        page: usize,
    ) -> Result<Vec<TextRun>, WorkbenchError> {
        Ok(self.preview(id, Some(number))?.document.text(page)?)
    }

    /// Where the PDF of the last good build is.
    pub fn pdf_file(&self, id: ProjectId) -> Result<PathBuf, WorkbenchError> {
        Ok(self.preview(id, None)?.pdf.clone())
    }
}
