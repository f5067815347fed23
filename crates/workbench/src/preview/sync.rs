//! From a place in a source to the page, and back. A live run that came to its end knows it of the newest pages,
//! else the last build does. Sources have changed since: lines are carried over.

use super::Preview;
use crate::{Workbench, WorkbenchError, live::LivePlaces, rebase::rebase_line};
use quire_compile::synctex::{Source, SyncTex};
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

/// What knows where lines are on the pages.
enum Places {
    Built(Arc<Preview>),
    Live(Arc<LivePlaces>),
}

impl Places {
    fn synctex(&self) -> Option<&SyncTex> {
        match self {
            Self::Built(preview) => preview.synctex.as_ref(),
            Self::Live(places) => places.synctex(),
        }
    }

    /// The text of a file when the pages were made.
    fn built(&self, path: &ProjectPath) -> Option<String> {
        let bytes = match self {
            Self::Built(preview) => preview.sources.as_ref()?.read(path),
            Self::Live(places) => places.sources().read(path),
        };
        Some(String::from_utf8_lossy(&bytes.ok().flatten()?).into_owned())
    }
}

impl Workbench {
    fn places_of_lines(&self, id: ProjectId) -> Result<Places, WorkbenchError> {
        let (preview, live) = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            let preview = project.preview.clone().ok_or(WorkbenchError::NoPdf)?;
            let live = project.following.places_since(preview.revision());
            Ok((preview, live))
        })?;
        let live = live.filter(|places| places.synctex().is_some());
        Ok(live.map_or(Places::Built(preview), Places::Live))
    }

    /// Where a line went, in the order of pages. Empty when nothing of it is on any page.
    pub fn areas_of_line(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        line: u32,
    ) -> Result<Vec<PageArea>, WorkbenchError> {
        let places = self.places_of_lines(id)?;
        let Some(synctex) = places.synctex() else { return Ok(Vec::new()) };
        let now = self.text(id, path.clone()).ok();
        let line = carried(now, places.built(path), LineNumber(line), |now, built, line| {
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
        let places = self.places_of_lines(id)?;
        let spot = places.synctex().and_then(|synctex| synctex.source_at(page, x, y));
        let Some((Source::Project(path), line)) = spot.map(|spot| (spot.source.clone(), spot.line))
        else {
            return Ok(None);
        };
        let now = self.text(id, path.clone()).ok();
        let line = carried(now, places.built(&path), line, |now, built, line| {
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
