//! A project that lives in a folder on disk, which other programs and Git change at the same time. A
//! file becomes a document when it is opened; from then on what others write is merged into it, and
//! what is written here goes to the file a moment later.
//!
//! To tell apart who changed what, the state in which document and file last agreed is remembered: in
//! memory while the document is open, in the store for the next time.

mod changes;
mod encoding;
mod merge;
mod watch;
mod write;

pub(crate) use merge::SyncedWithDisk;

use crate::{
    Workbench, WorkbenchError, clock,
    project::{Content, Entry, OpenProject},
};
use quire_compile::disk::DiskFolder;
use quire_project::{ProjectId, ProjectPath};
use quire_store::{CaseClash, FileKind};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};
use watch::Watch;
use write::Writer;

pub(crate) struct LinkedFolder {
    /// The folder, absolute, links resolved.
    pub(crate) top: PathBuf,
    writer: Writer,
    /// Ends with the project. Absent when the system does not watch; then files are looked at when
    /// the window comes to the front.
    watch: Option<Watch>,
    /// It has been told that the folder is not there.
    gone: bool,
}

impl LinkedFolder {
    /// It is not there at the moment: on a disk that was taken out, perhaps.
    pub(crate) fn is_gone(&self) -> bool {
        self.gone || !self.top.is_dir()
    }

    /// The files as they are now.
    pub(crate) fn disk(&self) -> Result<DiskFolder, WorkbenchError> {
        Ok(DiskFolder::open(&self.top)?)
    }
}

impl Workbench {
    /// Look at the folder of a project that is being opened, and begin to watch it.
    pub(crate) fn look_at_folder(
        &self,
        id: ProjectId,
        project: &mut OpenProject,
        top: &Path,
    ) -> Result<(), WorkbenchError> {
        if !top.is_dir() {
            return Err(WorkbenchError::FolderGone(top.to_owned()));
        }
        let disk = DiskFolder::open(top)?;
        let listing = disk.listing();
        let known = std::mem::take(&mut project.files);
        let on_disk: BTreeSet<&ProjectPath> = listing.files.iter().collect();
        if !listing.truncated {
            let gone = known.iter().filter(|(path, _)| !on_disk.contains(path));
            let gone: Vec<_> = gone.filter_map(|(_, entry)| entry.file).collect();
            if !gone.is_empty() {
                self.store()?.write(move |tx| {
                    gone.iter().try_for_each(|file| tx.trash_file(*file, clock::now()))
                })?;
            }
        }
        let mut came_back =
            self.come_back(id, |path| on_disk.contains(path) && !known.contains_key(path))?;
        for path in &listing.files {
            let unopened = Entry { file: None, content: Content::OnDisk { document: None } };
            let entry = known.get(path).copied().or_else(|| came_back.remove(path));
            project.files.insert(path.clone(), entry.unwrap_or(unopened));
        }
        project.left_out = left_out(&listing.unnameable, listing.truncated);
        let top = disk.real_path().to_owned();
        let folders = folders_of(&top, &listing.files);
        project.folder = Some(LinkedFolder {
            writer: Writer::start(top.clone())?,
            watch: Watch::start(self.clone(), id, top.clone(), folders),
            top,
            gone: false,
        });
        Ok(())
    }
}

impl Workbench {
    /// Open, beside everything else, the texts of a linked folder that were edited after their file was
    /// written last, because the folder took no files: now it may.
    pub(crate) fn write_what_waited(&self, id: ProjectId) {
        let workbench = self.clone();
        let look = move || {
            let texts = workbench.try_ask(move |desk| {
                let project = desk.project(id)?;
                let text = |(path, entry): (&ProjectPath, &Entry)| match (entry.file, entry.content)
                {
                    (Some(file), Content::OnDisk { document: Some(document) }) => {
                        Some((path.clone(), file, document))
                    }
                    _ => None,
                };
                Ok(project.files.iter().filter_map(text).collect::<Vec<_>>())
            });
            let Ok(store) = workbench.store() else { return };
            for (path, file, document) in texts.into_iter().flatten() {
                let waits = store.read(|tx| {
                    let last = tx.document(document)?.last;
                    let written = tx.disk_states(file)?.last().map(|state| state.seq);
                    Ok(written.is_some_and(|seq| seq < last))
                });
                if waits == Ok(true) {
                    // One that is gone meanwhile, or cannot be read, stays as it is.
                    let _ = workbench.try_ask(move |desk| Ok(desk.document(id, &path)?.0));
                }
            }
        };
        // Without it such a file is written when it is opened.
        let _ = std::thread::Builder::new().name("waiting-files".to_owned()).spawn(look);
    }

    /// Texts that went while Quire had the folder and are there again, as when a branch is checked out
    /// and then another: they come out of the trash with their history.
    fn come_back(
        &self,
        id: ProjectId,
        is_there: impl Fn(&ProjectPath) -> bool,
    ) -> Result<BTreeMap<ProjectPath, Entry>, WorkbenchError> {
        let mut found = BTreeMap::new();
        // The last deleted first: that is the one which comes back.
        for file in self.store()?.read(|tx| tx.trash(id))? {
            if let FileKind::Text(document) = file.kind
                && is_there(&file.path)
            {
                let content = Content::OnDisk { document: Some(document) };
                found.entry(file.path).or_insert(Entry { file: Some(file.id), content });
            }
        }
        let files: Vec<_> = found.values().filter_map(|entry| entry.file).collect();
        if !files.is_empty() {
            self.store()?.write(move |tx| {
                let restore = |file| tx.restore_file(file, None, clock::now(), CaseClash::Allow);
                files.into_iter().try_for_each(restore)
            })?;
        }
        Ok(found)
    }
}

/// The folder and those that hold files.
fn folders_of(top: &Path, files: &[ProjectPath]) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::from([top.to_owned()]);
    for file in files {
        let mut folder = file.folder();
        while !folder.is_empty() && folders.insert(top.join(folder)) {
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
    folders
}

fn left_out(unnameable: &[String], truncated: bool) -> Option<String> {
    let names = (!unnameable.is_empty()).then(|| {
        format!(
            "LaTeX cannot use these file names: {}.",
            unnameable[..unnameable.len().min(5)].join(", ")
        )
    });
    let many = truncated.then(|| "The folder holds too many files; some are not shown.".to_owned());
    let told: Vec<String> = names.into_iter().chain(many).collect();
    (!told.is_empty()).then(|| told.join(" "))
}
