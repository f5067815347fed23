//! What windows are told without asking. Every window is told everything; each looks at what it shows.

use crate::{
    BuildReport, BuildState, FileEntry, LivePageInfo, LiveState, Person, PreviewInfo, Problem,
    ProjectSettings, Settings, Sharing,
};
use quire_project::{ProjectId, ProjectPath};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something happened.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Event {
    /// A project was made, renamed, moved to the trash …
    GalleryChanged,
    /// The global settings are these now.
    SettingsChanged {
        /// All of them.
        settings: Settings,
    },
    /// The settings of a project are these now.
    ProjectSettingsChanged {
        /// The project.
        project: ProjectId,
        /// All of them.
        settings: ProjectSettings,
    },
    /// The author has chosen the file that is built.
    RootChosen {
        /// The project.
        project: ProjectId,
        /// The file; without one it is found.
        root: Option<ProjectPath>,
    },
    /// The author, or a co-author, has chosen what builds.
    EngineChosen {
        /// The project.
        project: ProjectId,
        /// The engine's name.
        engine: String,
    },
    /// The files of a project are these now.
    FilesChanged {
        /// The project.
        project: ProjectId,
        /// All of them, sorted by path.
        files: Vec<FileEntry>,
        /// Folders without files.
        empty_folders: Vec<ProjectPath>,
    },
    /// A file has another path; it is the same file.
    FileMoved {
        /// The project.
        project: ProjectId,
        /// Where it was.
        from: ProjectPath,
        /// Where it is.
        to: ProjectPath,
    },
    /// Whether all edits are on the disk.
    Saving {
        /// The project.
        project: ProjectId,
        /// How it stands.
        state: SaveState,
    },
    /// A build began, went on or ended.
    Build {
        /// The project.
        project: ProjectId,
        /// How it stands.
        state: BuildState,
    },
    /// A build has ended with this.
    Built {
        /// The project.
        project: ProjectId,
        /// What came of it.
        report: BuildReport,
    },
    /// There are new pages.
    PreviewChanged {
        /// The project.
        project: ProjectId,
        /// What there is now.
        preview: PreviewInfo,
    },
    /// Pages have changed with the text, before the next build.
    LivePages {
        /// The project.
        project: ProjectId,
        /// What they show: edits up to this one.
        #[ts(type = "number")]
        revision: u64,
        /// Those that changed.
        pages: Vec<LivePageInfo>,
    },
    /// There are so many pages now, before the next build: a run with the text has come to its end.
    LiveCount {
        /// The project.
        project: ProjectId,
        /// What they show: edits up to this one.
        #[ts(type = "number")]
        revision: u64,
        /// So many.
        pages: u32,
    },
    /// What is wrong with what is being written, though the last build was not: told when the author has paused,
    /// and taken back when it is mended. The next build tells it in its own words.
    LiveProblem {
        /// The project.
        project: ProjectId,
        /// It; nothing is wrong any more without one.
        problem: Option<Problem>,
    },
    /// Pages follow the keystroke from now on, or no more.
    LiveState {
        /// The project.
        project: ProjectId,
        /// How it stands.
        state: LiveState,
    },
    /// Somebody has signed in at a relay, or out.
    RelaysChanged,
    /// Somebody who is signed in is to know of something, or has seen it.
    NotificationsChanged,
    /// How a project is shared now.
    Sharing {
        /// The project.
        project: ProjectId,
        /// How; no more without it.
        sharing: Option<Sharing>,
    },
    /// Versions of texts of a shared project were given names at its relay, or forgotten.
    VersionsNamed {
        /// The project.
        project: ProjectId,
    },
    /// Who else has a shared project open, and where they are.
    Present {
        /// The project.
        project: ProjectId,
        /// All of them, by name.
        people: Vec<Person>,
    },
    /// Work that somebody waits for goes on.
    Task {
        /// The number that the window gave it.
        task: u32,
        /// What is done now.
        doing: String,
        /// How much of that is done, from 0 to 1.
        fraction: f64,
    },
    /// Something to tell the author, in plain words.
    Notice {
        /// The project, if it is about one.
        project: Option<ProjectId>,
        /// What to say.
        notice: Notice,
    },
}

/// Whether all edits of a project are on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum SaveState {
    /// All of them.
    Saved,
    /// Some are on their way.
    Saving,
    /// They cannot be saved now; they are kept in memory, and it is tried again.
    Failed {
        /// Why, for people.
        reason: String,
    },
}

/// Something to tell the author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notice {
    /// How bad it is.
    pub level: NoticeLevel,
    /// A sentence or two.
    pub text: String,
}

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum NoticeLevel {
    /// Good to know.
    Info,
    /// Look at it.
    Warning,
    /// Do something.
    Error,
}
