//! A project that is open: its files, the documents that somebody edits, its folder, builds, pages.

use crate::{
    Event, FileEntry, FileEntryKind, ProjectSettings, SaveState, Workbench, WorkbenchError,
    build::Builds,
    desk::Desk,
    documents::OpenDocument,
    linked::LinkedFolder,
    live::{Following, LiveState},
    preview::{Preview, PreviewInfo},
    relay::{SharedProject, Sharing},
    settings,
    snapshot::TextCache,
};
use quire_project::{ContentHash, DocumentId, FileId, ProjectId, ProjectPath};
use quire_store::{FileKind, Project, Store};
use serde::Serialize;
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
};
use ts_rs::TS;

/// What a window needs to show a project.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProjectView {
    /// The project.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// The folder on disk that it lives in.
    pub folder: Option<String>,
    /// Its files, sorted by path.
    pub files: Vec<FileEntry>,
    /// Folders without files.
    pub empty_folders: Vec<ProjectPath>,
    /// The file that is built, when it was chosen by hand.
    pub root: Option<ProjectPath>,
    /// The engine.
    pub engine: String,
    /// Its settings.
    pub settings: ProjectSettings,
    /// The pages of the last build.
    pub preview: Option<PreviewInfo>,
    /// Whether its pages follow the keystroke.
    pub live_state: LiveState,
    /// Some names in the folder cannot be used, or there are too many files; for people.
    pub left_out: Option<String>,
    /// How it is shared through a relay, if it is.
    pub sharing: Option<Sharing>,
}

/// A file of an open project.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Absent while a file of a folder has not been opened.
    pub(crate) file: Option<FileId>,
    pub(crate) content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Text(DocumentId),
    Blob {
        hash: ContentHash,
        bytes: u64,
    },
    /// In the linked folder; text if it was opened as such.
    OnDisk {
        document: Option<DocumentId>,
    },
}

pub(crate) struct OpenProject {
    pub(crate) name: String,
    pub(crate) engine: String,
    pub(crate) root: Option<FileId>,
    pub(crate) settings: ProjectSettings,
    pub(crate) files: BTreeMap<ProjectPath, Entry>,
    pub(crate) documents: HashMap<FileId, OpenDocument>,
    /// What its authors say about it, once somebody has asked.
    pub(crate) discussion: Option<OpenDocument>,
    pub(crate) texts: Arc<TextCache>,
    pub(crate) folder: Option<LinkedFolder>,
    pub(crate) left_out: Option<String>,
    /// Counts changes of any file: what is built is tagged with it.
    pub(crate) revision: u64,
    /// Counts changes other than edits of open texts.
    pub(crate) elsewhere: u64,
    pub(crate) save_state: SaveState,
    /// Its texts are indexed in a while.
    pub(crate) index_planned: bool,
    /// It is looked at in a moment whether saving takes long.
    pub(crate) save_watched: bool,
    pub(crate) builds: Builds,
    pub(crate) preview: Option<Arc<Preview>>,
    pub(crate) previous_preview: Option<Arc<Preview>>,
    pub(crate) following: Following,
    pub(crate) live_state: LiveState,
    /// Somebody writes in it: its pages shall follow.
    pub(crate) is_written: bool,
    /// It is shared through a relay.
    pub(crate) shared: Option<SharedProject>,
}

impl OpenProject {
    /// Texts that somebody has open, as they are now.
    pub(crate) fn open_texts(&mut self) -> BTreeMap<ProjectPath, Arc<str>> {
        let Self { files, documents, .. } = self;
        let current = |(path, entry): (&ProjectPath, &Entry)| {
            let document = documents.get_mut(&entry.file?)?;
            Some((path.clone(), document.current()))
        };
        files.iter().filter_map(current).collect()
    }

    /// As it is stored. The folder of a linked one is looked at by [`LinkedFolder::open`].
    pub(crate) fn load(store: &Store, project: Project) -> Result<Self, WorkbenchError> {
        let mut files = BTreeMap::new();
        for file in store.read(|tx| tx.files(project.id))? {
            let content = match file.kind {
                FileKind::Text(document) if project.linked_folder.is_some() => {
                    Content::OnDisk { document: Some(document) }
                }
                FileKind::Text(document) => Content::Text(document),
                FileKind::Binary { hash, bytes } => Content::Blob { hash, bytes },
            };
            files.insert(file.path, Entry { file: Some(file.id), content });
        }
        Ok(Self {
            live_state: LiveState::of_engine(&project.engine),
            name: project.name,
            engine: project.engine,
            root: project.root_file,
            settings: settings::parse(project.settings),
            files,
            documents: HashMap::new(),
            discussion: None,
            texts: Arc::default(),
            folder: None,
            left_out: None,
            revision: 0,
            elsewhere: 0,
            save_state: SaveState::Saved,
            index_planned: false,
            save_watched: false,
            builds: Builds::default(),
            preview: None,
            previous_preview: None,
            following: Following::default(),
            is_written: false,
            shared: None,
        })
    }

    pub(crate) fn view(&self, id: ProjectId) -> ProjectView {
        ProjectView {
            id,
            name: self.name.clone(),
            folder: self.folder.as_ref().map(|folder| folder.top.to_string_lossy().into_owned()),
            files: self.entries(),
            empty_folders: self.settings.empty_folders.clone(),
            root: self.root_path(),
            engine: self.engine.clone(),
            settings: self.settings.clone(),
            preview: self.preview.as_ref().map(|preview| preview.info()),
            live_state: self.live_state.clone(),
            left_out: self.left_out.clone(),
            sharing: self.sharing(),
        }
    }

    pub(crate) fn entries(&self) -> Vec<FileEntry> {
        let entry = |(path, entry): (&ProjectPath, &Entry)| FileEntry {
            path: path.clone(),
            kind: match entry.content {
                Content::Text(_) | Content::OnDisk { document: Some(_) } => FileEntryKind::Text,
                Content::Blob { .. } => FileEntryKind::of_binary(path),
                Content::OnDisk { document: None } => FileEntryKind::of_name(path),
            },
            document: match entry.content {
                Content::Text(document) | Content::OnDisk { document: Some(document) } => {
                    Some(document)
                }
                Content::OnDisk { document: None } | Content::Blob { .. } => None,
            },
            contents: match entry.content {
                Content::Blob { hash, .. } => Some(hash.to_string()),
                Content::Text(_) | Content::OnDisk { .. } => None,
            },
        };
        self.files.iter().map(entry).collect()
    }

    /// The root that was chosen by hand, where it is now.
    pub(crate) fn root_path(&self) -> Option<ProjectPath> {
        let root = self.root?;
        self.path_of(root)
    }

    pub(crate) fn path_of(&self, file: FileId) -> Option<ProjectPath> {
        let found = self.files.iter().find(|(_, entry)| entry.file == Some(file));
        found.map(|(path, _)| path.clone())
    }

    /// Whether a file is open as a text.
    pub(crate) fn has_open(&self, file: Option<FileId>) -> bool {
        file.is_some_and(|file| self.documents.contains_key(&file))
    }

    pub(crate) fn is_unsaved(&self) -> bool {
        self.all_open().any(|document| !document.unsaved.is_empty())
    }

    /// Open texts and the discussion.
    pub(crate) fn all_open(&self) -> impl Iterator<Item = &OpenDocument> {
        self.documents.values().chain(&self.discussion)
    }
}

impl Desk {
    /// An open project.
    pub(crate) fn project(&mut self, id: ProjectId) -> Result<&mut OpenProject, WorkbenchError> {
        self.open.get_mut(&id).ok_or(WorkbenchError::NotOpen(id))
    }

    /// Tell the windows which files there are, after a change of them.
    pub(crate) fn files_changed(&mut self, id: ProjectId) {
        self.tell_files(id);
        self.touched(id);
    }

    /// Tell the windows which files there are.
    pub(crate) fn tell_files(&mut self, id: ProjectId) {
        let Some(project) = self.open.get(&id) else { return };
        let files = project.entries();
        let empty_folders = project.settings.empty_folders.clone();
        self.emit(&Event::FilesChanged { project: id, files, empty_folders });
        self.check_share_soon(id);
    }

    /// Something other than an open text changed.
    pub(crate) fn touched(&mut self, id: ProjectId) {
        if let Some(project) = self.open.get_mut(&id) {
            project.elsewhere += 1;
        }
        self.edited(id);
    }

    /// A file's contents changed: what was built is out of date.
    pub(crate) fn edited(&mut self, id: ProjectId) {
        if let Some(project) = self.open.get_mut(&id) {
            project.revision += 1;
            self.plan_build(id);
            self.follow_edit(id);
        }
    }

    /// Close a project: what waits is written. One with edits that could not be saved stays.
    pub(crate) fn close_project(&mut self, id: ProjectId) {
        self.write_folder_now(id);
        self.index_texts(id);
        self.cancel_build(id);
        if self.open.get(&id).is_some_and(|project| !project.is_unsaved()) {
            self.peers.retain(|_, (project, _)| *project != id);
            self.open.remove(&id);
        }
    }
}

impl Workbench {
    /// Open a project, or get what there is of one that is open.
    pub fn open_project(&self, id: ProjectId) -> Result<ProjectView, WorkbenchError> {
        let known = self.ask(move |desk| {
            // A window comes that has not heard who is here.
            desk.tell_people(id);
            desk.open.get(&id).map(|open| open.view(id))
        })?;
        if let Some(view) = known {
            return Ok(view);
        }
        let store = self.store()?;
        let stored = store.read(|tx| tx.project(id))?;
        let folder = stored.linked_folder.clone().map(PathBuf::from);
        let mut project = OpenProject::load(&store, stored)?;
        if let Some(top) = folder {
            self.look_at_folder(id, &mut project, &top)?;
        }
        project.shared = self.shared_project(id)?;
        self.touch_project(id)?;
        let view = self.ask(move |desk| {
            // Two windows may have asked at the same time: the first to come wins.
            let view = desk.open.entry(id).or_insert(project).view(id);
            desk.emit(&Event::GalleryChanged);
            desk.check_share(id);
            view
        })?;
        self.show_last_pages(id);
        self.write_what_waited(id);
        Ok(view)
    }

    /// Show the pages of an earlier start, beside the opening of the project: the text comes first.
    fn show_last_pages(&self, id: ProjectId) {
        let workbench = self.clone();
        let load = move || {
            let Some(preview) = workbench.last_preview(id) else { return };
            let show = move |desk: &mut Desk| {
                // A build may have been quicker.
                if let Some(project) = desk.open.get_mut(&id).filter(|open| open.preview.is_none())
                {
                    let info = preview.info();
                    project.show(preview);
                    desk.emit(&Event::PreviewChanged { project: id, preview: info });
                }
            };
            // When the application is closing nobody looks.
            let _ = workbench.ask(show);
        };
        // Without it the pages come with the first build.
        let _ = std::thread::Builder::new().name("last-pages".to_owned()).spawn(load);
    }

    /// Close a project in all windows.
    pub fn close_project(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        self.ask(move |desk| desk.close_project(id))
    }
}
