//! From a place in a source to the page, and back. Sources have changed since the build: lines are
//! carried over.

use super::Preview;
use crate::{Workbench, WorkbenchError, rebase::rebase_line};
use quire_compile::synctex::Source;
use quire_project::{FileSource, ProjectId, ProjectPath};
use quire_text::LineNumber;
use serde::Serialize;
use std::sync::Arc;
use ts_rs::TS;

/// A line of text on a page, in PDF points from its upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, TS)]
pub struct PageArea {
    /// The page, counted from zero.
    pub page: usize,
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// To the right.
    pub width: f64,
    /// Downwards.
    pub height: f64,
}

/// A line of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SourcePlace {
    /// The file.
    pub path: ProjectPath,
    /// Counted from one.
    pub line: u32,
}

impl Preview {
    /// The text of a file when it was built.
    fn built(&self, path: &ProjectPath) -> Option<String> {
        let bytes = self.sources.as_ref()?.read(path).ok().flatten()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Workbench {
    /// Where a line went, in the order of pages. Empty when nothing of it is on any page.
    pub fn areas_of_line(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        line: u32,
    ) -> Result<Vec<PageArea>, WorkbenchError> {
        let preview = self.preview(id, None)?;
        let Some(synctex) = &preview.synctex else { return Ok(Vec::new()) };
        let now = self.text(id, path.clone()).ok();
        let line = carried(now, preview.built(path), LineNumber(line), |now, built, line| {
            rebase_line(now, built, line)
        });
        let area = |area: quire_compile::synctex::Area| PageArea {
            page: area.page,
            x: area.rect.x,
            y: area.rect.y,
            width: area.rect.width,
            height: area.rect.height,
        };
        Ok(synctex.areas(path, line).into_iter().map(area).collect())
    }

    /// The source of what stands at a point of a page, in PDF points from its upper left corner.
    pub fn source_at(
        &self,
        id: ProjectId,
        page: usize,
        x: f64,
        y: f64,
    ) -> Result<Option<SourcePlace>, WorkbenchError> {
        let preview = self.preview(id, None)?;
        let spot = preview.synctex.as_ref().and_then(|synctex| synctex.source_at(page, x, y));
        let Some((Source::Project(path), line)) = spot.map(|spot| (spot.source.clone(), spot.line))
        else {
            return Ok(None);
        };
        let now = self.text(id, path.clone()).ok();
        let line = carried(now, preview.built(&path), line, |now, built, line| {
            rebase_line(built, now, line)
        });
        Ok(Some(SourcePlace { path, line: line.0 }))
    }
}

fn carried(
    now: Option<Arc<str>>,
    built: Option<String>,
    line: LineNumber,
    carry: impl FnOnce(&str, &str, LineNumber) -> LineNumber,
) -> LineNumber {
    match (now, built) {
        (Some(now), Some(built)) => carry(&now, &built, line),
        _ => line,
    }
}
