//! Builds and pages.

use super::{Answer, answer, projects::OneProject};
use quire_project::{ProjectId, ProjectPath};
use quire_workbench::{
    BuildLimit, BuildSwitch, Cleared, LimitName, PageArea, SourcePlace, TexLiveState, Workbench,
};
use serde::Deserialize;
use ts_rs::TS;

/// Which build.
#[derive(Debug, Deserialize, TS)]
pub struct Build {
    project: ProjectId,
    /// From nothing, without what earlier builds left.
    clean: bool,
}

/// Which engine.
#[derive(Debug, Deserialize, TS)]
pub struct SetEngine {
    project: ProjectId,
    engine: String,
}

/// Which bound, and what it is to be; without a value the default.
#[derive(Debug, Deserialize, TS)]
pub struct SetBuildLimit {
    project: ProjectId,
    name: LimitName,
    value: Option<u32>,
}

/// Whether a document may run programs.
#[derive(Debug, Deserialize, TS)]
pub struct AllowPrograms {
    project: ProjectId,
    allowed: bool,
}

/// What is switched on or off.
#[derive(Debug, Deserialize, TS)]
pub struct SetBuildSwitch {
    project: ProjectId,
    switch: BuildSwitch,
    on: bool,
}

/// Which problem's fix.
#[derive(Debug, Deserialize, TS)]
pub struct ApplyFix {
    project: ProjectId,
    problem: Vec<usize>,
}

/// A line of a source.
#[derive(Debug, Deserialize, TS)]
pub struct LineOfFile {
    project: ProjectId,
    path: ProjectPath,
    line: u32,
}

/// A point of a page, in PDF points from its upper left corner.
#[derive(Debug, Deserialize, TS)]
pub struct SourceAt {
    project: ProjectId,
    page: usize,
    x: f64,
    y: f64,
}

pub(crate) fn build(workbench: &Workbench, asked: Build) -> Answer<()> {
    answer(workbench.build(asked.project, asked.clean))
}

pub(crate) fn cancel(workbench: &Workbench, asked: OneProject) -> Answer<()> {
    answer(workbench.cancel_build(asked.id()))
}

pub(crate) fn set_engine(workbench: &Workbench, asked: SetEngine) -> Answer<()> {
    answer(workbench.set_engine(asked.project, &asked.engine))
}

pub(crate) fn tex_live(workbench: &Workbench, (): ()) -> Answer<TexLiveState> {
    answer(workbench.tex_live())
}

pub(crate) fn limits(workbench: &Workbench, asked: OneProject) -> Answer<Vec<BuildLimit>> {
    answer(workbench.build_limits(asked.id()))
}

pub(crate) fn set_limit(workbench: &Workbench, asked: SetBuildLimit) -> Answer<()> {
    answer(workbench.set_build_limit(asked.project, asked.name, asked.value))
}

pub(crate) fn allow_programs(workbench: &Workbench, asked: AllowPrograms) -> Answer<()> {
    answer(workbench.allow_programs(asked.project, asked.allowed))
}

pub(crate) fn set_switch(workbench: &Workbench, asked: SetBuildSwitch) -> Answer<()> {
    answer(workbench.set_build_switch(asked.project, asked.switch, asked.on))
}

pub(crate) fn clear(workbench: &Workbench, asked: OneProject) -> Answer<Cleared> {
    answer(workbench.clear_builds(asked.id()))
}

pub(crate) fn log(workbench: &Workbench, asked: OneProject) -> Answer<String> {
    answer(workbench.build_log(asked.id()))
}

pub(crate) fn apply_fix(workbench: &Workbench, asked: ApplyFix) -> Answer<()> {
    answer(workbench.apply_fix(asked.project, &asked.problem))
}

pub(crate) fn about_to_write(workbench: &Workbench, asked: LineOfFile) -> Answer<()> {
    answer(workbench.about_to_write(asked.project, asked.path, asked.line))
}

pub(crate) fn areas_of_line(workbench: &Workbench, asked: LineOfFile) -> Answer<Vec<PageArea>> {
    answer(workbench.areas_of_line(asked.project, &asked.path, asked.line))
}

pub(crate) fn source_at(workbench: &Workbench, asked: SourceAt) -> Answer<Option<SourcePlace>> {
    answer(workbench.source_at(asked.project, asked.page, asked.x, asked.y))
}
