//! A project as it is at one moment, for builds and searches on other threads: open texts as they are
//! in memory, the rest read from the store or the folder when it is asked for.

use crate::{
    WorkbenchError,
    desk::Desk,
    documents::text_of,
    files::is_text_name,
    project::{Content, OpenProject},
};
use quire_compile::disk::DiskFolder;
use quire_project::{
    ContentHash, DocumentId, FileSource, ProjectId, ProjectPath, ReadError, Stamp,
};
use quire_store::{Store, StoreError};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
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
    /// As long as this is the same, nothing but open texts has changed.
    pub(crate) elsewhere: u64,
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
        let (revision, elsewhere) = (project.revision, project.elsewhere);
        let (root, texts) = (project.root_path(), project.texts.clone());
        Ok(Self { revision, elsewhere, root, files, store, texts, disk })
    }

    /// The texts that somebody has open.
    pub(crate) fn open_paths(&self) -> BTreeSet<ProjectPath> {
        let open = self.files.iter().filter(|(_, source)| matches!(source, Source::Open(_)));
        open.map(|(path, _)| path.clone()).collect()
    }

    /// The texts of the project with their paths, in order. What is not text is left out.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&ProjectPath, Arc<str>)> {
        let texts = self.files.iter().map(|(path, source)| {
            let is_looked_into = !matches!(source, Source::Disk) || is_text_name(path);
            Some((path, is_looked_into.then(|| self.text(path, source))??))
        });
        texts.flatten()
    }

    /// All files with their texts, where `wanted` asks for them; those on the disk from `kept`, when it
    /// has them.
    pub(crate) fn contents<'a>(
        &'a self,
        wanted: impl Fn(&ProjectPath) -> bool + 'a,
        kept: impl Fn(&ProjectPath) -> Option<Option<Arc<str>>> + 'a,
    ) -> impl Iterator<Item = (&'a ProjectPath, Option<Arc<str>>)> {
        self.files.iter().map(move |(path, source)| {
            let text = match (wanted(path), source) {
                (false, _) => None,
                (true, Source::Disk) => kept(path).unwrap_or_else(|| self.text(path, source)),
                (true, _) => self.text(path, source),
            };
            (path, text)
        })
    }

    fn text(&self, path: &ProjectPath, source: &Source) -> Option<Arc<str>> {
        match source {
            Source::Open(text) => Some(text.clone()),
            Source::Stored(id) => self.texts.get(&self.store, *id).ok(),
            Source::Blob(_) => None,
            Source::Disk => {
                let bytes = self.disk.as_ref()?.read(path).ok()??;
                Some(std::str::from_utf8(&bytes).ok()?.into())
            }
        }
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
