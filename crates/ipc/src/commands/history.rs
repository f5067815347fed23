//! Versions of texts, and who wrote what.

use super::{Answer, answer};
use quire_project::{ProjectId, ProjectPath, UnixMs};
use quire_workbench::{Comparison, NamedFor, Older, TextVersion, Timeline, WhoWrote, Workbench};
use serde::Deserialize;
use ts_rs::TS;

/// A part of the past of a file.
#[derive(Debug, Deserialize, TS)]
pub struct PartOfPast {
    project: ProjectId,
    path: ProjectPath,
    /// The newest part, if none is said.
    older: Option<Older>,
}

/// A version of a file.
#[derive(Debug, Deserialize, TS)]
pub struct OneVersion {
    project: ProjectId,
    path: ProjectPath,
    version: TextVersion,
}

/// Two versions of a file.
#[derive(Debug, Deserialize, TS)]
pub struct TwoVersions {
    project: ProjectId,
    path: ProjectPath,
    version: TextVersion,
    /// The present text, if none is said.
    other: Option<TextVersion>,
}

/// A file at a time.
#[derive(Debug, Deserialize, TS)]
pub struct AtTime {
    project: ProjectId,
    path: ProjectPath,
    time: UnixMs,
}

/// A name for a version of a file.
#[derive(Debug, Deserialize, TS)]
pub struct NameVersion {
    project: ProjectId,
    path: ProjectPath,
    /// The present text, if none is said.
    version: Option<TextVersion>,
    name: String,
}

/// A name for all texts of a project as they are.
#[derive(Debug, Deserialize, TS)]
pub struct NameProjectVersion {
    project: ProjectId,
    name: String,
}

/// Part of a file, in UTF-16 code units.
#[derive(Debug, Deserialize, TS)]
pub struct PartOfFile {
    project: ProjectId,
    path: ProjectPath,
    from: u32,
    to: u32,
}

pub(crate) fn timeline(workbench: &Workbench, asked: PartOfPast) -> Answer<Timeline> {
    answer(workbench.timeline(asked.project, &asked.path, asked.older))
}

pub(crate) fn restore(workbench: &Workbench, asked: OneVersion) -> Answer<TextVersion> {
    answer(workbench.restore_text(asked.project, &asked.path, asked.version))
}

pub(crate) fn name_version(workbench: &Workbench, asked: NameVersion) -> Answer<NamedFor> {
    answer(workbench.name_version(asked.project, &asked.path, asked.version, &asked.name))
}

pub(crate) fn name_project(workbench: &Workbench, asked: NameProjectVersion) -> Answer<NamedFor> {
    answer(workbench.name_project_version(asked.project, &asked.name))
}

pub(crate) fn compare(workbench: &Workbench, asked: TwoVersions) -> Answer<Comparison> {
    answer(workbench.compare(asked.project, &asked.path, asked.version, asked.other))
}

pub(crate) fn who_wrote(workbench: &Workbench, asked: PartOfFile) -> Answer<WhoWrote> {
    answer(workbench.who_wrote(asked.project, &asked.path, asked.from..asked.to))
}

pub(crate) fn version_at(workbench: &Workbench, asked: AtTime) -> Answer<Option<TextVersion>> {
    let update = answer(workbench.update_at(asked.project, &asked.path, asked.time))?;
    Ok(update.map(|update| TextVersion::Here { update }))
}
