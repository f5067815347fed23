//! Local history.

use super::{Answer, answer, files::OneFile};
use quire_project::{ProjectId, ProjectPath, UnixMs};
use quire_workbench::{Comparison, HistoryEntry, OldText, Workbench};
use serde::Deserialize;
use ts_rs::TS;

/// A file after an update.
#[derive(Debug, Deserialize, TS)]
pub struct AtUpdate {
    project: ProjectId,
    path: ProjectPath,
    #[ts(type = "number")]
    at: u64,
}

/// A file at a time.
#[derive(Debug, Deserialize, TS)]
pub struct AtTime {
    project: ProjectId,
    path: ProjectPath,
    time: UnixMs,
}

/// A name for the present state of a file.
#[derive(Debug, Deserialize, TS)]
pub struct NameVersion {
    project: ProjectId,
    path: ProjectPath,
    name: String,
}

pub(crate) fn history(workbench: &Workbench, asked: OneFile) -> Answer<Vec<HistoryEntry>> {
    answer(workbench.history(asked.project, &asked.path))
}

pub(crate) fn old_text(workbench: &Workbench, asked: AtUpdate) -> Answer<OldText> {
    answer(workbench.old_text(asked.project, &asked.path, asked.at))
}

pub(crate) fn restore(workbench: &Workbench, asked: AtUpdate) -> Answer<()> {
    answer(workbench.restore_text(asked.project, &asked.path, asked.at))
}

pub(crate) fn name_version(workbench: &Workbench, asked: NameVersion) -> Answer<()> {
    answer(workbench.name_version(asked.project, &asked.path, &asked.name))
}

pub(crate) fn compare(workbench: &Workbench, asked: AtUpdate) -> Answer<Comparison> {
    answer(workbench.compare(asked.project, &asked.path, asked.at))
}

pub(crate) fn update_at(workbench: &Workbench, asked: AtTime) -> Answer<Option<f64>> {
    // The window has no integers; updates are far fewer than it can count.
    let update = answer(workbench.text_at_time(asked.project, &asked.path, asked.time))?;
    Ok(update.map(|update| update as f64))
}
