//! What the author may choose: for all projects, and for one.

use crate::{Event, Workbench, WorkbenchError, clock};
use quire_project::{ProjectId, ProjectPath};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use ts_rs::TS;

/// The name under which the global settings are stored.
const NAME: &str = "settings";

/// The global settings. What the window alone understands (theme, fonts, keys, layout) is one object
/// that only it looks into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Build a second after the last keystroke.
    pub build_while_typing: bool,
    /// Build when the author saves.
    pub build_on_save: bool,
    /// What the window keeps: its own settings.
    #[ts(type = "Record<string, unknown>")]
    pub window: Value,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            build_while_typing: true,
            build_on_save: true,
            window: Value::Object(serde_json::Map::new()),
        }
    }
}

/// The settings of one project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectSettings {
    /// Words that are spelled right in this project.
    pub words: Vec<String>,
    /// Language for spelling, such as `de`; the document's own when absent.
    pub language: Option<String>,
    /// Folders without files, which the database has no other place for.
    pub empty_folders: Vec<ProjectPath>,
    /// What the window keeps: open tabs, places of cursors.
    #[ts(type = "Record<string, unknown> | null")]
    pub window: Value,
}

impl Workbench {
    /// The global settings.
    pub fn settings(&self) -> Result<Settings, WorkbenchError> {
        let found = self.store()?.read(|tx| tx.setting(NAME))?;
        // Settings that cannot be understood any more are the defaults.
        Ok(found.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default())
    }

    /// Replace the global settings.
    pub fn set_settings(&self, settings: Settings) -> Result<(), WorkbenchError> {
        let value = serde_json::to_value(&settings).unwrap_or_default();
        self.store()?.write(move |tx| tx.set_setting(NAME, &value))?;
        self.ask(move |desk| {
            desk.settings = settings.clone();
            desk.emit(&Event::SettingsChanged { settings });
        })
    }

    /// Replace the settings of a project.
    pub fn set_project_settings(
        &self,
        project: ProjectId,
        settings: ProjectSettings,
    ) -> Result<(), WorkbenchError> {
        let value = serde_json::to_value(&settings).unwrap_or_default();
        self.store()?.write(move |tx| tx.set_project_settings(project, &value))?;
        self.ask(move |desk| {
            if let Some(open) = desk.open.get_mut(&project) {
                open.settings = settings;
            }
        })
    }

    /// The settings of a project.
    pub fn project_settings(&self, project: ProjectId) -> Result<ProjectSettings, WorkbenchError> {
        let stored = self.store()?.read(|tx| tx.project(project))?;
        Ok(parse(stored.settings))
    }

    pub(crate) fn touch_project(&self, project: ProjectId) -> Result<(), WorkbenchError> {
        Ok(self.store()?.write(move |tx| tx.project_opened(project, clock::now()))?)
    }
}

pub(crate) fn parse(settings: Value) -> ProjectSettings {
    serde_json::from_value(settings).unwrap_or_default()
}
