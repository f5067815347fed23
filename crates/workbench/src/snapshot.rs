//! A project as it is at one moment, for builds and searches on other threads: open texts as they are
//! in memory, the rest read from the store or the folder when it is asked for.

use crate::{
    WorkbenchError,
    desk::Desk,
    documents::text_of,
    project::{Content, OpenProject},
};
use quire_compile::disk::DiskFolder;
use quire_project::{
    ContentHash, DocumentId, FileSource, ProjectId, ProjectPath, ReadError, Stamp,
};
use quire_store::{Store, StoreError};
use std::{
    collections::{BTreeMap, HashMap},
    io,
    sync::{Arc, Mutex, PoisonError},
};

/// Texts of documents that nobody has opened: they cannot change without being opened, and a document
/// that was opened stays so until its project is closed.
#[derive(Default)]
pub(crate) struct TextCache(Mutex<HashMap<DocumentId, Arc<str>>>);

impl TextCache {
    fn get(&self, store: &Store, document: DocumentId) -> Result<Arc<str>, WorkbenchError> {
        let cache = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = cache().get(&document) {
            return Ok(text.clone());
        }
        let text: Arc<str> = text_of(&store.read(|tx| tx.load(document))?)?.text().into();
        cache().insert(document, text.clone());
        Ok(text)
    }

    /// An opened document has its text in memory; this copy would grow old.
    fn forget(&self, document: DocumentId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&document);
    }
}

/// A project at one moment.
pub(crate) struct ProjectSnapshot {
    pub(crate) revision: u64,
    pub(crate) root: Option<ProjectPath>,
    files: BTreeMap<ProjectPath, Source>,
    store: Arc<Store>,
    texts: Arc<TextCache>,
    disk: Option<DiskFolder>,
}

enum Source {
    Open(Arc<str>),
    Stored(DocumentId),
    Blob(ContentHash),
    Disk,
}

impl ProjectSnapshot {
    pub(crate) fn take(
        project: &mut OpenProject,
        store: Arc<Store>,
    ) -> Result<Self, WorkbenchError> {
        let open = project.open_texts();
        let disk = match &project.folder {
            Some(folder) => Some(folder.disk()?),
            None => None,
        };
        let mut files = BTreeMap::new();
        for (path, entry) in &project.files {
            let source = match (open.get(path), entry.content) {
                (Some(text), Content::Text(id) | Content::OnDisk { document: Some(id) }) => {
                    project.texts.forget(id);
                    Source::Open(text.clone())
                }
                (_, Content::Text(id)) => Source::Stored(id),
                (_, Content::Blob { hash, .. }) => Source::Blob(hash),
                (_, Content::OnDisk { .. }) => Source::Disk,
            };
            files.insert(path.clone(), source);
        }
        let (revision, root, texts) =
            (project.revision, project.root_path(), project.texts.clone());
        Ok(Self { revision, root, files, store, texts, disk })
    }

    /// The texts of the project with their paths, in order. What is not text is left out.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&ProjectPath, Arc<str>)> {
        self.files.iter().filter_map(|(path, source)| {
            let text = match source {
                Source::Open(text) => text.clone(),
                Source::Stored(id) => self.texts.get(&self.store, *id).ok()?,
                Source::Blob(_) => return None,
                Source::Disk => {
                    if !crate::files::is_text_name(path) {
                        return None;
                    }
                    let bytes = self.disk.as_ref()?.read(path).ok()??;
                    std::str::from_utf8(&bytes).ok()?.into()
                }
            };
            Some((path, text))
        })
    }
}

fn failed(path: &ProjectPath, error: impl std::fmt::Display) -> ReadError {
    ReadError::Io { path: path.clone(), source: io::Error::other(error.to_string()) }
}

impl FileSource for ProjectSnapshot {
    fn read(&self, path: &ProjectPath) -> Result<Option<Arc<[u8]>>, ReadError> {
        let bytes = match (self.files.get(path), &self.disk) {
            (Some(Source::Open(text)), _) => text.as_bytes().into(),
            (Some(Source::Stored(id)), _) => {
                let text = self.texts.get(&self.store, *id).map_err(|e| failed(path, e))?;
                text.as_bytes().into()
            }
            (Some(Source::Blob(hash)), _) => {
                let bytes: Result<Vec<u8>, StoreError> = self.store.read(|tx| tx.blob(*hash));
                bytes.map_err(|e| failed(path, e))?.into()
            }
            // Files of a folder may have come since it was looked at.
            (_, Some(disk)) => return disk.read(path),
            (_, None) => return Ok(None),
        };
        Ok(Some(bytes))
    }

    fn list(&self) -> Vec<ProjectPath> {
        self.files.keys().cloned().collect()
    }

    fn stamp(&self, path: &ProjectPath) -> Stamp {
        match (self.files.get(path), &self.disk) {
            (None | Some(Source::Disk), Some(disk)) => disk.stamp(path),
            (None, None) => Stamp::Missing,
            _ => Stamp::Unknown,
        }
    }

    fn stand_in(&self, path: &ProjectPath) -> Option<ProjectPath> {
        match (self.files.get(path), &self.disk) {
            (None | Some(Source::Disk), Some(disk)) => disk.stand_in(path),
            _ => None,
        }
    }
}

impl Desk {
    pub(crate) fn snapshot(&mut self, id: ProjectId) -> Result<ProjectSnapshot, WorkbenchError> {
        let store = self.store.clone();
        ProjectSnapshot::take(self.project(id)?, store)
    }
}
