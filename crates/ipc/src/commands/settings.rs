//! Settings.

use super::{Answer, answer};
use quire_project::ProjectId;
use quire_workbench::{ProjectSettings, Settings, Workbench};
use serde::Deserialize;
use ts_rs::TS;

/// The global settings to be.
#[derive(Debug, Deserialize, TS)]
pub struct SetSettings {
    settings: Settings,
}

/// The settings of a project to be.
#[derive(Debug, Deserialize, TS)]
pub struct SetProjectSettings {
    project: ProjectId,
    settings: ProjectSettings,
}

pub(crate) fn get(workbench: &Workbench, (): ()) -> Answer<Settings> {
    answer(workbench.settings())
}

pub(crate) fn set(workbench: &Workbench, asked: SetSettings) -> Answer<()> {
    answer(workbench.set_settings(asked.settings))
}

pub(crate) fn set_project(workbench: &Workbench, asked: SetProjectSettings) -> Answer<()> {
    answer(workbench.set_project_settings(asked.project, asked.settings))
}
