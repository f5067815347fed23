//! The tree of a project: making, moving and deleting files and folders.

use crate::{
    Event, Workbench, WorkbenchError, clock,
    desk::Desk,
    project::{Content, Entry},
};
use quire_collab::TextDocument;
use quire_project::{DocumentId, FileId, ProjectId, ProjectPath, UnixMs};
use quire_store::{CaseClash, NewFile};
use serde::Serialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use ts_rs::TS;

/// A file as the tree shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FileEntry {
    /// Its path.
    pub path: ProjectPath,
    /// What to show it as.
    pub kind: FileEntryKind,
    /// The lineage of its text, by which comments know it; absent for what is no text, and for a file of a folder
    /// that has not been opened.
    pub document: Option<DocumentId>,
    /// Another word whenever a file that is no text was replaced, for who shows it.
    pub contents: Option<String>,
}

/// A file in a project's trash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct TrashedFile {
    /// The file.
    pub file: FileId,
    /// Where it was.
    pub path: ProjectPath,
    /// When it was put there.
    pub since: UnixMs,
}

/// What a file is shown as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum FileEntryKind {
    /// To be edited.
    Text,
    /// A picture that a window can show.
    Picture,
    /// A PDF.
    Pdf,
    /// Anything else.
    Binary,
}

/// Extensions of files that are text. Others are looked into when they are opened.
const TEXT: [&str; 41] = [
    "tex", "ltx", "latex", "sty", "cls", "clo", "def", "cfg", "ldf", "bib", "bbx", "cbx", "lbx",
    "bst", "ist", "dtx", "ins", "txt", "md", "markdown", "rst", "csv", "tsv", "dat", "json",
    "yaml", "yml", "toml", "xml", "html", "css", "js", "py", "r", "jl", "m", "c", "h", "cpp", "sh",
    "tikz",
];
const PICTURES: [&str; 6] = ["png", "jpg", "jpeg", "gif", "webp", "svg"];

/// Bytes that no file has held for so long are deleted: longer than putting them into a file takes.
pub(crate) const UNUSED_MS: i64 = 10 * 60 * 1000;

/// True when a file of this name is text without looking into it.
pub(crate) fn is_text_name(path: &ProjectPath) -> bool {
    let extension = path.extension().to_lowercase();
    TEXT.contains(&&*extension)
        || ["bbl", "gls", "pgf", "pdf_tex"].contains(&&*extension)
        || (extension.is_empty() && !path.file_name().starts_with('.'))
        || ["latexmkrc", ".latexmkrc", ".gitignore"].contains(&path.file_name())
}

impl FileEntryKind {
    pub(crate) fn of_binary(path: &ProjectPath) -> Self {
        match path.extension().to_lowercase().as_str() {
            "pdf" => Self::Pdf,
            extension if PICTURES.contains(&extension) => Self::Picture,
            _ => Self::Binary,
        }
    }

    pub(crate) fn of_name(path: &ProjectPath) -> Self {
        if is_text_name(path) { Self::Text } else { Self::of_binary(path) }
    }
}

/// The path, or one beside it that is free: `notes-2.tex`, `notes-3.tex` …
fn free_path(files: &BTreeMap<ProjectPath, Entry>, wanted: &ProjectPath) -> ProjectPath {
    let is_free = |path: &ProjectPath| {
        let folded = path.as_str().to_lowercase();
        !files.keys().any(|other| other.as_str().to_lowercase() == folded)
    };
    let dot = if wanted.extension().is_empty() { "" } else { "." };
    let numbered = (2..).filter_map(|number| {
        let name = format!("{}-{number}{dot}{}", wanted.stem(), wanted.extension());
        ProjectPath::resolve(wanted.folder(), &name).ok()
    });
    let mut paths = std::iter::once(wanted.clone()).chain(numbered);
    paths.find(is_free).unwrap_or_else(|| wanted.clone())
}

/// Whether bytes are a text that can be edited: UTF-8 without NUL.
pub(crate) fn as_text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

impl Desk {
    fn refuse_existing(&mut self, id: ProjectId, path: &ProjectPath) -> Result<(), WorkbenchError> {
        match self.project(id)?.files.contains_key(path) {
            true => Err(WorkbenchError::FileExists(path.clone())),
            false => Ok(()),
        }
    }

    /// A file that is in the store now.
    pub(crate) fn add_entry(
        &mut self,
        id: ProjectId,
        path: ProjectPath,
        file: FileId,
        content: Content,
    ) {
        if let Some(project) = self.open.get_mut(&id) {
            project.files.insert(path, Entry { file: Some(file), content });
            self.files_changed(id);
        }
    }

    /// What is at a path and below it.
    fn below(
        &mut self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<Vec<ProjectPath>, WorkbenchError> {
        let inside = format!("{path}/");
        let files = self.project(id)?.files.keys();
        let found: Vec<ProjectPath> = files
            .filter(|file| *file == path || file.as_str().starts_with(&inside))
            .cloned()
            .collect();
        if found.is_empty() { Err(WorkbenchError::NoFile(path.clone())) } else { Ok(found) }
    }
}

impl Workbench {
    pub(crate) fn is_linked(&self, id: ProjectId) -> Result<bool, WorkbenchError> {
        self.try_ask(move |desk| Ok(desk.project(id)?.folder.is_some()))
    }

    /// Make a text file.
    pub fn create_file(
        &self,
        id: ProjectId,
        path: ProjectPath,
        text: &str,
    ) -> Result<(), WorkbenchError> {
        let wanted = path.clone();
        self.try_ask(move |desk| {
            desk.refuse_read_only(id)?;
            desk.refuse_existing(id, &wanted)
        })?;
        if self.is_linked(id)? {
            return self.put_into_folder(id, path, text.as_bytes());
        }
        let (file, document) = (FileId(clock::fresh_id()), DocumentId(clock::fresh_id()));
        let seed = TextDocument::new(clock::fresh_client()).seed(text)?;
        let new = NewFile { id: file, project: id, path: path.clone(), clash: CaseClash::Refuse };
        let author = self.config().author.clone();
        self.store()?
            .write(move |tx| tx.create_text_file(&new, document, &seed, &author, clock::now()))?;
        self.ask(move |desk| desk.add_entry(id, path, file, Content::Text(document)))
    }

    /// Put a file of any kind into a project: text becomes a document, other bytes a blob. A binary
    /// file that is there is replaced.
    pub fn put_file(
        &self,
        id: ProjectId,
        path: ProjectPath,
        bytes: &[u8],
    ) -> Result<(), WorkbenchError> {
        self.try_ask(move |desk| desk.refuse_read_only(id))?;
        if self.is_linked(id)? {
            return self.put_into_folder(id, path, bytes);
        }
        let wanted = path.clone();
        let existing =
            self.try_ask(move |desk| Ok(desk.project(id)?.files.get(&wanted).copied()))?;
        let text = as_text(bytes).filter(|_| is_text_name(&path));
        if let (None, Some(text)) = (existing, text) {
            return self.create_file(id, path, text);
        }
        let (hash, length) = self.store()?.put_blob(&mut &*bytes, clock::now())?;
        let content = Content::Blob { hash, bytes: length };
        let file = match existing {
            Some(Entry { file: Some(file), content: Content::Blob { .. } }) => {
                self.store()?.write(move |tx| tx.replace_binary(file, hash, clock::now()))?;
                file
            }
            Some(_) => return Err(WorkbenchError::FileExists(path)),
            None => {
                let file = FileId(clock::fresh_id());
                let (path, clash) = (path.clone(), CaseClash::Refuse);
                let new = NewFile { id: file, project: id, path, clash };
                self.store()?.write(move |tx| tx.create_binary_file(&new, hash, clock::now()))?;
                file
            }
        };
        self.ask(move |desk| desk.add_entry(id, path, file, content))
    }

    /// Copy files and folders from the disk into a folder of the project (empty for its top).
    pub fn add_files(
        &self,
        id: ProjectId,
        folder: &str,
        places: &[std::path::PathBuf],
    ) -> Result<(), WorkbenchError> {
        for place in places {
            let name = place.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
            if place.is_dir() {
                let disk = quire_compile::disk::DiskFolder::open(place)?;
                for path in disk.listing().files.clone() {
                    if let Some(bytes) = quire_project::FileSource::read(&disk, &path)? {
                        let to = ProjectPath::resolve(folder, &format!("{name}/{path}"))?;
                        self.put_file(id, to, &bytes)?;
                    }
                }
            } else {
                let bytes = std::fs::read(place).map_err(|source| WorkbenchError::Io {
                    doing: "read",
                    place: place.clone(),
                    source,
                })?;
                self.put_file(id, ProjectPath::resolve(folder, &name)?, &bytes)?;
            }
        }
        Ok(())
    }

    /// The bytes of a file, text or not.
    pub fn file_bytes(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<Arc<[u8]>, WorkbenchError> {
        use quire_project::FileSource;
        let snapshot = self.try_ask(move |desk| desk.snapshot(id))?;
        snapshot.read(path)?.ok_or_else(|| WorkbenchError::NoFile(path.clone()))
    }

    /// Make a folder, which stays without files.
    pub fn create_folder(&self, id: ProjectId, path: ProjectPath) -> Result<(), WorkbenchError> {
        let wanted = path.clone();
        self.try_ask(move |desk| desk.refuse_existing(id, &wanted))?;
        let folder = self.try_ask(move |desk| {
            Ok(desk.project(id)?.folder.as_ref().map(|folder| folder.top.clone()))
        })?;
        if let Some(top) = folder {
            let place = top.join(path.as_str());
            std::fs::create_dir_all(&place).map_err(|source| WorkbenchError::Io {
                doing: "make the folder",
                place,
                source,
            })?;
        }
        self.change_empty_folders(id, move |folders| {
            if !folders.contains(&path) {
                folders.push(path);
            }
        })
    }

    fn change_empty_folders(
        &self,
        id: ProjectId,
        change: impl FnOnce(&mut Vec<ProjectPath>) + Send + 'static,
    ) -> Result<(), WorkbenchError> {
        let settings = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            change(&mut project.settings.empty_folders);
            Ok(project.settings.clone())
        })?;
        self.keep_project_settings(id, settings)?;
        self.ask(move |desk| desk.files_changed(id))
    }

    /// Move or rename a file, or a folder with all in it. The paths before and after.
    pub fn move_path(
        &self,
        id: ProjectId,
        from: ProjectPath,
        to: ProjectPath,
    ) -> Result<Vec<(ProjectPath, ProjectPath)>, WorkbenchError> {
        self.try_ask(move |desk| desk.refuse_read_only(id))?;
        self.move_here(id, from, to)
    }

    /// As [`move_path`](Self::move_path), also where one may only read: a co-author has moved it.
    pub(crate) fn move_here(
        &self,
        id: ProjectId,
        from: ProjectPath,
        to: ProjectPath,
    ) -> Result<Vec<(ProjectPath, ProjectPath)>, WorkbenchError> {
        let empty = from.clone();
        let is_empty_folder = self
            .try_ask(move |desk| Ok(desk.project(id)?.settings.empty_folders.contains(&empty)))?;
        if is_empty_folder {
            self.change_empty_folders(id, move |folders| {
                folders.retain(|folder| *folder != from);
                folders.push(to);
            })?;
            return Ok(Vec::new());
        }
        let source = from.clone();
        let moved = self.try_ask(move |desk| {
            let mut moved = Vec::new();
            for path in desk.below(id, &source)? {
                let rest = &path.as_str()[source.as_str().len()..];
                let target = ProjectPath::new(&format!("{to}{rest}"))?;
                // A change of case alone is a change of the same file.
                if path.as_str().to_lowercase() != target.as_str().to_lowercase() {
                    desk.refuse_existing(id, &target)?;
                }
                moved.push((path, target));
            }
            Ok(moved)
        })?;
        if self.is_linked(id)? {
            self.move_in_folder(id, &moved)?;
        }
        let plan = moved.clone();
        let files = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            let file = |(from, to): &(ProjectPath, ProjectPath)| {
                Some((project.files.get(from)?.file?, to.clone()))
            };
            Ok(plan.iter().filter_map(file).collect::<Vec<_>>())
        })?;
        self.store()?.write(move |tx| {
            for (file, to) in &files {
                tx.move_file(*file, to, clock::now(), CaseClash::Refuse)?;
            }
            Ok(())
        })?;
        let result = moved.clone();
        self.try_ask(move |desk| {
            let project = desk.project(id)?;
            for (from, to) in &moved {
                if let Some(entry) = project.files.remove(from) {
                    project.files.insert(to.clone(), entry);
                }
            }
            desk.shared_files_moved(id, &moved);
            for (from, to) in moved {
                desk.emit(&Event::FileMoved { project: id, from, to });
            }
            desk.files_changed(id);
            Ok(())
        })?;
        Ok(result)
    }

    /// Put a file, or a folder with all in it, into the project's trash.
    pub fn trash_path(&self, id: ProjectId, path: ProjectPath) -> Result<(), WorkbenchError> {
        self.try_ask(move |desk| desk.refuse_read_only(id))?;
        self.trash_here(id, path)
    }

    /// As [`trash_path`](Self::trash_path), also where one may only read: a co-author has removed it.
    pub(crate) fn trash_here(
        &self,
        id: ProjectId,
        path: ProjectPath,
    ) -> Result<(), WorkbenchError> {
        let folder = path.clone();
        self.change_empty_folders(id, move |folders| folders.retain(|f| *f != folder))?;
        let wanted = path.clone();
        let paths = match self.try_ask(move |desk| desk.below(id, &wanted)) {
            Err(WorkbenchError::NoFile(_)) => return Ok(()),
            paths => paths?,
        };
        if self.is_linked(id)? {
            self.keep_before_deleting(id, &paths)?;
        }
        let gone = paths.clone();
        let files = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            Ok(gone.iter().filter_map(|path| project.files.get(path)?.file).collect::<Vec<_>>())
        })?;
        self.store()?.write(move |tx| {
            for file in &files {
                tx.trash_file(*file, clock::now())?;
            }
            Ok(())
        })?;
        if self.is_linked(id)? {
            self.delete_in_folder(id, &paths)?;
        }
        self.try_ask(move |desk| {
            let project = desk.project(id)?;
            for path in &paths {
                if let Some(file) = project.files.remove(path).and_then(|entry| entry.file) {
                    project.documents.remove(&file);
                }
            }
            desk.files_changed(id);
            Ok(())
        })
    }

    /// Files in a project's trash, the last deleted first.
    pub fn trashed_files(&self, id: ProjectId) -> Result<Vec<TrashedFile>, WorkbenchError> {
        let files = self.store()?.read(|tx| tx.trash(id))?;
        let trashed = |file: quire_store::File| TrashedFile {
            file: file.id,
            path: file.path,
            since: file.trashed.unwrap_or_default(),
        };
        Ok(files.into_iter().map(trashed).collect())
    }

    /// Take a file out of the trash, to where it was, or beside what is there now.
    pub fn restore_file(&self, id: ProjectId, file: FileId) -> Result<ProjectPath, WorkbenchError> {
        self.try_ask(move |desk| desk.refuse_read_only(id))?;
        let stored = self.store()?.read(|tx| tx.file(file))?;
        let wanted = stored.path.clone();
        let path = self.try_ask(move |desk| Ok(free_path(&desk.project(id)?.files, &wanted)))?;
        if self.is_linked(id)? {
            let bytes: Vec<u8> = match stored.kind {
                quire_store::FileKind::Text(document) => {
                    let loaded = self.store()?.read(|tx| tx.load(document))?;
                    crate::documents::text_of(&loaded)?.text().into_bytes()
                }
                quire_store::FileKind::Binary { hash, .. } => {
                    self.store()?.read(|tx| tx.blob(hash))?
                }
            };
            self.put_into_folder(id, path.clone(), &bytes)?;
            return Ok(path);
        }
        let to = path.clone();
        self.store()?
            .write(move |tx| tx.restore_file(file, Some(&to), clock::now(), CaseClash::Refuse))?;
        let content = match stored.kind {
            quire_store::FileKind::Text(document) => Content::Text(document),
            quire_store::FileKind::Binary { hash, bytes } => Content::Blob { hash, bytes },
        };
        let to = path.clone();
        self.ask(move |desk| desk.add_entry(id, to, file, content))?;
        Ok(path)
    }

    /// Delete files of a project's trash for good, with their history.
    pub fn delete_trashed(&self, id: ProjectId, files: Vec<FileId>) -> Result<(), WorkbenchError> {
        let trashed: BTreeSet<FileId> =
            self.trashed_files(id)?.into_iter().map(|trashed| trashed.file).collect();
        self.store()?.write(move |tx| {
            let now = clock::now();
            // One that was restored meanwhile is not for deleting.
            for file in files.iter().filter(|file| trashed.contains(file)) {
                tx.delete_file(*file, now)?;
            }
            tx.collect_blobs(now, UNUSED_MS).map(drop)
        })?;
        self.ask(move |desk| {
            if let Some(project) = desk.open.get_mut(&id) {
                let kept: BTreeSet<FileId> =
                    project.files.values().filter_map(|entry| entry.file).collect();
                project.documents.retain(|file, _| kept.contains(file));
            }
        })
    }

    /// Choose the file that is built, or let it be found.
    pub fn set_root(&self, id: ProjectId, path: Option<ProjectPath>) -> Result<(), WorkbenchError> {
        let file = match path {
            None => None,
            Some(path) => Some(self.try_ask(move |desk| Ok(desk.document(id, &path)?.0))?),
        };
        self.store()?.write(move |tx| tx.set_root_file(id, file))?;
        self.try_ask(move |desk| {
            let project = desk.project(id)?;
            project.root = file;
            let root = project.root_path();
            desk.touched(id);
            desk.check_share_soon(id);
            desk.emit(&Event::RootChosen { project: id, root });
            Ok(())
        })
    }
}
