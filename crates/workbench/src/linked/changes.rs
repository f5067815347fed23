//! Changes of the folder itself: what other programs did to it, and what the author does to it here.

use super::write::{Written, replace};
use crate::{
    Event, Notice, NoticeLevel, Workbench, WorkbenchError, clock,
    desk::Desk,
    project::{Content, Entry},
};
use quire_compile::disk::DiskFolder;
use quire_project::{ContentHash, FileSource, ProjectId, ProjectPath};
use quire_store::{CaseClash, FileKind};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

impl Workbench {
    /// Look at files that may have changed, and, if asked for, at which there are. The files there are.
    pub(super) fn look_again(
        &self,
        id: ProjectId,
        tree_changed: bool,
        mut files: Vec<ProjectPath>,
    ) -> Result<Vec<ProjectPath>, WorkbenchError> {
        let top = self.top(id)?;
        if !top.is_dir() {
            self.tell_gone(id, &top)?;
            return Ok(Vec::new());
        }
        let disk = DiskFolder::open(&top)?;
        let mut listed = Vec::new();
        if tree_changed {
            listed.clone_from(&disk.listing().files);
            if listed.is_empty()
                && self.try_ask(move |desk| Ok(!desk.project(id)?.files.is_empty()))?
            {
                // A disk that was taken out leaves the empty folder that it was mounted on.
                return self.tell_gone(id, &top).map(|()| listed);
            }
            let (known, open) = self.try_ask(move |desk| {
                let project = desk.project(id)?;
                let known: BTreeSet<ProjectPath> = project.files.keys().cloned().collect();
                let open = project.files.iter().filter(|(_, entry)| {
                    entry.file.is_some_and(|file| project.documents.contains_key(&file))
                });
                Ok((known.clone(), open.map(|(path, _)| path.clone()).collect::<Vec<_>>()))
            })?;
            let now: BTreeSet<ProjectPath> = listed.iter().cloned().collect();
            files.extend(known.symmetric_difference(&now).cloned());
            files.extend(open);
            files.sort();
            files.dedup();
        }
        let mut looked: Vec<(ProjectPath, Option<Arc<[u8]>>)> = Vec::new();
        for path in files {
            match disk.read(&path) {
                Ok(bytes) => looked.push((path, bytes)),
                // Folders, devices, what may not be read: not ours.
                Err(_) => continue,
            }
        }
        self.ask(move |desk| desk.files_looked_at(id, looked))?;
        Ok(listed)
    }

    fn tell_gone(&self, id: ProjectId, top: &Path) -> Result<(), WorkbenchError> {
        let text = format!(
            "The folder {} is gone, or the disk that it is on. What you write is kept in Quire.",
            top.display()
        );
        let notice = Notice { level: NoticeLevel::Error, text };
        self.ask(move |desk| {
            let folder = desk.open.get_mut(&id).and_then(|project| project.folder.as_mut());
            if folder.is_some_and(|folder| !std::mem::replace(&mut folder.gone, true)) {
                desk.emit(&Event::Notice { project: Some(id), notice });
            }
        })
    }

    /// Look at the folders of all open projects: for systems that do not watch, and when the window
    /// comes to the front.
    pub fn look_at_folders(&self) -> Result<(), WorkbenchError> {
        self.ask(|desk| {
            let folders = desk.open.values().filter_map(|project| project.folder.as_ref());
            folders.filter_map(|folder| folder.watch.as_ref()).for_each(super::Watch::look);
        })
    }

    fn top(&self, id: ProjectId) -> Result<PathBuf, WorkbenchError> {
        self.try_ask(move |desk| {
            let folder = desk.project(id)?.folder.as_ref();
            folder.map(|folder| folder.top.clone()).ok_or(WorkbenchError::NotOpen(id))
        })
    }

    /// Make a file of the folder.
    pub(crate) fn put_into_folder(
        &self,
        id: ProjectId,
        path: ProjectPath,
        bytes: &[u8],
    ) -> Result<(), WorkbenchError> {
        self.write_into_folder(id, path, None, bytes)
    }

    /// Replace a file of the folder, if it still holds what is expected; [`WorkbenchError::FileExists`] when it does
    /// not.
    pub(crate) fn replace_in_folder(
        &self,
        id: ProjectId,
        path: ProjectPath,
        expected: ContentHash,
        bytes: &[u8],
    ) -> Result<(), WorkbenchError> {
        self.write_into_folder(id, path, Some(expected), bytes)
    }

    fn write_into_folder(
        &self,
        id: ProjectId,
        path: ProjectPath,
        expected: Option<ContentHash>,
        bytes: &[u8],
    ) -> Result<(), WorkbenchError> {
        let top = self.top(id)?;
        let place = top.join(path.as_str());
        match replace(&top, &path, expected, bytes) {
            Ok(Written::Done) => {}
            Ok(Written::Found(_)) => return Err(WorkbenchError::FileExists(path)),
            Err(source) => {
                return Err(WorkbenchError::Io { doing: "write", place, source });
            }
        }
        self.look_again(id, false, vec![path]).map(drop)
    }

    /// Move files of the folder. When one cannot be moved those before it are moved back.
    pub(crate) fn move_in_folder(
        &self,
        id: ProjectId,
        moved: &[(ProjectPath, ProjectPath)],
    ) -> Result<(), WorkbenchError> {
        let top = self.top(id)?;
        for (done, (from, to)) in moved.iter().enumerate() {
            let (place, target) = (top.join(from.as_str()), top.join(to.as_str()));
            let made = target.parent().map_or(Ok(()), fs::create_dir_all);
            if let Err(source) = made.and_then(|()| fs::rename(&place, &target)) {
                for (from, to) in &moved[..done] {
                    let _ = fs::rename(top.join(to.as_str()), top.join(from.as_str()));
                }
                return Err(WorkbenchError::Io { doing: "move", place, source });
            }
        }
        for (from, _) in moved {
            self.remove_empty_folders(&top, from);
        }
        Ok(())
    }

    /// Files of the folder that are about to be deleted come into the store, from where they can be
    /// restored.
    pub(crate) fn keep_before_deleting(
        &self,
        id: ProjectId,
        paths: &[ProjectPath],
    ) -> Result<(), WorkbenchError> {
        let disk = DiskFolder::open(&self.top(id)?)?;
        for path in paths {
            let wanted = path.clone();
            let opened = self.try_ask(move |desk| Ok(desk.document(id, &wanted)?.0));
            if opened.is_ok() {
                continue;
            }
            let Some(bytes) = disk.read(path)? else { continue };
            let (hash, length) = self.store()?.put_blob(&mut &*bytes, clock::now())?;
            let file = quire_project::FileId(clock::fresh_id());
            let (at, clash) = (path.clone(), CaseClash::Allow);
            let new = quire_store::NewFile { id: file, project: id, path: at, clash };
            self.store()?.write(move |tx| tx.create_binary_file(&new, hash, clock::now()))?;
            let path = path.clone();
            self.try_ask(move |desk| {
                let content = Content::Blob { hash, bytes: length };
                desk.project(id)?.files.insert(path, Entry { file: Some(file), content });
                Ok(())
            })?;
        }
        Ok(())
    }

    /// Delete files of the folder.
    pub(crate) fn delete_in_folder(
        &self,
        id: ProjectId,
        paths: &[ProjectPath],
    ) -> Result<(), WorkbenchError> {
        let top = self.top(id)?;
        for path in paths {
            let place = top.join(path.as_str());
            match fs::remove_file(&place) {
                Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                    return Err(WorkbenchError::Io { doing: "delete", place, source });
                }
                _ => self.remove_empty_folders(&top, path),
            }
        }
        Ok(())
    }

    fn remove_empty_folders(&self, top: &Path, path: &ProjectPath) {
        let mut folder = path.folder();
        // The first that is not empty ends it.
        while !folder.is_empty() && fs::remove_dir(top.join(folder)).is_ok() {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
}

impl Desk {
    fn files_looked_at(&mut self, id: ProjectId, looked: Vec<(ProjectPath, Option<Arc<[u8]>>)>) {
        if let Some(folder) = self.open.get_mut(&id).and_then(|project| project.folder.as_mut()) {
            folder.gone = false;
        }
        let (mut tree_changed, mut touched) = (false, false);
        for (path, bytes) in looked {
            let Some(project) = self.open.get(&id) else { return };
            let known = project.files.get(&path).copied();
            match (known, bytes) {
                (Some(entry), Some(bytes)) => {
                    // An open text tells of its changes itself, and often it is only our own writing.
                    touched |= !project.has_open(entry.file);
                    if let Err(error) = self.merge_from_disk(id, &path, &bytes) {
                        self.tell_unreadable(id, &path, &error);
                    }
                }
                (None, Some(bytes)) => {
                    tree_changed = true;
                    self.file_came(id, path, &bytes);
                }
                (Some(entry), None) => {
                    tree_changed = true;
                    self.file_went(id, &path, entry);
                }
                (None, None) => {}
            }
        }
        if tree_changed {
            self.files_changed(id);
        } else if touched {
            self.touched(id);
            self.check_share_soon(id);
        }
    }

    /// A file that was not there. One that went before, as when branches are changed, comes back with
    /// its document and history.
    fn file_came(&mut self, id: ProjectId, path: ProjectPath, bytes: &[u8]) {
        let trash = self.store.read(|tx| tx.trash(id)).unwrap_or_default();
        let earlier = trash.into_iter().find_map(|file| match file.kind {
            FileKind::Text(document) if file.path == path => Some((file.id, document)),
            _ => None,
        });
        let mut entry = Entry { file: None, content: Content::OnDisk { document: None } };
        if let Some((file, document)) = earlier {
            let restore = move |tx: &quire_store::WriteTx<'_>| {
                tx.restore_file(file, None, clock::now(), CaseClash::Allow)
            };
            if self.store.write(restore).is_ok() {
                let content = Content::OnDisk { document: Some(document) };
                entry = Entry { file: Some(file), content };
            }
        }
        let Some(project) = self.open.get_mut(&id) else { return };
        project.files.insert(path.clone(), entry);
        if let Err(error) = self.merge_from_disk(id, &path, bytes) {
            self.tell_unreadable(id, &path, &error);
        }
    }

    fn file_went(&mut self, id: ProjectId, path: &ProjectPath, entry: Entry) {
        let Some(project) = self.open.get_mut(&id) else { return };
        project.files.remove(path);
        let Some(file) = entry.file else { return };
        let was_open = project
            .documents
            .get_mut(&file)
            .is_some_and(|open| open.disk.as_mut().is_some_and(|disk| disk.hash.take().is_some()));
        let trash = move |tx: &quire_store::WriteTx<'_>| tx.trash_file(file, clock::now());
        self.store.submit_then(trash, drop);
        if was_open {
            let text = format!(
                "{path} was deleted by another program. Its text and history are in the trash of \
                 this project."
            );
            let notice = Notice { level: NoticeLevel::Warning, text };
            self.emit(&Event::Notice { project: Some(id), notice });
        }
    }

    fn tell_unreadable(&mut self, id: ProjectId, path: &ProjectPath, error: &WorkbenchError) {
        let text = format!("{path} was changed by another program and cannot be read: {error}.");
        let notice = Notice { level: NoticeLevel::Warning, text };
        self.emit(&Event::Notice { project: Some(id), notice });
    }
}
