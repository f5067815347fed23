//! What the author may choose: for all projects, and for one.

use crate::{BuildSettings, Event, Workbench, WorkbenchError, clock};
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
    /// Who comments, once that was asked.
    pub author: Option<Author>,
    /// What the window keeps: its own settings.
    #[ts(type = "Record<string, unknown>")]
    pub window: Value,
}

/// Who comments and suggests from this computer, as long as no relay says who that is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Author {
    /// Random, made with the name: two authors may have one name.
    pub id: String,
    /// As others see it.
    pub name: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            build_while_typing: true,
            build_on_save: true,
            author: None,
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
    /// How it is built. On this computer only: co-authors choose for themselves.
    pub build: BuildSettings,
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

    /// Replace the settings of a project, but for its empty folders and how it is built: a window knows them as they
    /// were when it last asked, and only what is done with files, or asked for with words of its own, changes them.
    pub fn set_project_settings(
        &self,
        project: ProjectId,
        settings: ProjectSettings,
    ) -> Result<(), WorkbenchError> {
        let ours = settings.clone();
        let shown = self.ask(move |desk| {
            let open = desk.open.get_mut(&project)?;
            let ProjectSettings { empty_folders, build, .. } = std::mem::take(&mut open.settings);
            open.settings = ProjectSettings { empty_folders, build, ..ours };
            Some(open.settings.clone())
        })?;
        let settings = match shown {
            Some(settings) => settings,
            None => {
                let ProjectSettings { empty_folders, build, .. } =
                    self.project_settings(project)?;
                ProjectSettings { empty_folders, build, ..settings }
            }
        };
        self.keep_project_settings(project, settings)
    }

    /// Store the settings of a project, which the desk has, and tell the windows.
    pub(crate) fn keep_project_settings(
        &self,
        project: ProjectId,
        settings: ProjectSettings,
    ) -> Result<(), WorkbenchError> {
        let value = serde_json::to_value(&settings).unwrap_or_default();
        self.store()?.write(move |tx| tx.set_project_settings(project, &value))?;
        self.ask(move |desk| desk.emit(&Event::ProjectSettingsChanged { project, settings }))
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
