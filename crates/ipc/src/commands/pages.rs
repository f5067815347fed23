//! What is on the pages.

use super::{Answer, answer};
use quire_project::ProjectId;
use quire_workbench::{LivePageRef, OutlineItem, PageContents, PageMatch, ShownPages, Workbench};
use serde::Deserialize;
use ts_rs::TS;

/// A page of a build.
#[derive(Debug, Deserialize, TS)]
pub struct OnePage {
    project: ProjectId,
    /// Which pages: the number that came with them.
    #[ts(type = "number")]
    number: u64,
    /// Counted from zero.
    page: usize,
}

/// A page that has changed since the build.
#[derive(Debug, Deserialize, TS)]
pub struct OneLivePage {
    project: ProjectId,
    page: LivePageRef,
}

/// All pages.
#[derive(Debug, Deserialize, TS)]
pub struct AllPages {
    project: ProjectId,
    /// Which pages: the number that came with them.
    #[ts(type = "number")]
    number: u64,
}

/// What to look for on the pages.
#[derive(Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FindOnPages {
    project: ProjectId,
    pages: ShownPages,
    query: String,
    match_case: bool,
}

pub(crate) fn contents(workbench: &Workbench, asked: OnePage) -> Answer<PageContents> {
    answer(workbench.page_contents(asked.project, asked.number, asked.page))
}

pub(crate) fn live_contents(workbench: &Workbench, asked: OneLivePage) -> Answer<PageContents> {
    answer(workbench.live_contents(asked.project, asked.page))
}

pub(crate) fn outline(workbench: &Workbench, asked: AllPages) -> Answer<Vec<OutlineItem>> {
    answer(workbench.pdf_outline(asked.project, asked.number))
}

pub(crate) fn find(workbench: &Workbench, asked: FindOnPages) -> Answer<Vec<PageMatch>> {
    let FindOnPages { project, pages, query, match_case } = asked;
    answer(workbench.find_on_pages(project, &pages, &query, match_case))
}
