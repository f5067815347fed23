//! Projects as archives, PDFs and single sources. What is written is whole or not there.

use crate::{
    Workbench, WorkbenchError, build::root_of, project::OpenProject, snapshot::ProjectSnapshot,
    tasks::Task,
};
use quire_compile::{
    build::{EngineChoice, last_generated},
    disk::DiskFolder,
    outputs::replace_file,
};
use quire_exchange::{Unresolved, export_zip, flatten};
use quire_project::{FileSource, ProjectId, ProjectPath};
use serde::Serialize;
use std::{io::Cursor, path::Path, sync::Arc};
use ts_rs::TS;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Exported {
    /// Where.
    pub place: String,
    /// How many files are in it.
    pub files: usize,
    /// Its length.
    #[ts(type = "number")]
    pub bytes: u64,
    /// What the author should know.
    pub notes: Vec<String>,
}

impl Workbench {
    /// Write all files of a project, open or not, into a zip archive.
    pub fn export_zip(
        &self,
        id: ProjectId,
        place: &Path,
        task: u32,
    ) -> Result<Exported, WorkbenchError> {
        let mut task = self.begin_task(task);
        let (files, _) = self.files_of(id)?;
        let contents = read_all(&*files, &files.list(), &mut task)?;
        write_zip(&contents, place, Vec::new())
    }

    /// Write the PDF of the last good build.
    pub fn export_pdf(&self, id: ProjectId, place: &Path) -> Result<Exported, WorkbenchError> {
        let (_, pdf) = self.last_built(id).ok_or(WorkbenchError::NoPdf)?;
        let bytes = std::fs::read(pdf).map_err(|_| WorkbenchError::NoPdf)?;
        written(place, &bytes, 1, Vec::new())
    }

    /// Write the sources as one, bibliography included where that can be done: a `.tex` alone, or a
    /// zip archive of it and all that it needs, by the name of `place`.
    pub fn export_source(
        &self,
        id: ProjectId,
        place: &Path,
        task: u32,
    ) -> Result<Exported, WorkbenchError> {
        let mut task = self.begin_task(task);
        let (files, root) = self.files_of(id)?;
        let root = root_of(&*files, root)?;
        task.tell("Putting the sources together", 0, 1)?;
        let bbl = self.last_bbl(id, &root);
        let flat = flatten(&*files, &root, bbl.as_deref())?;
        let is_missing = |note: &&quire_exchange::FlattenNote| {
            matches!(note.problem, Unresolved::Missing | Unresolved::NotAText)
        };
        let missing: Vec<&str> =
            flat.notes.iter().filter(is_missing).map(|note| note.name.as_str()).collect();
        let mut notes = Vec::new();
        if !missing.is_empty() {
            notes.push(format!("Not in the project: {}.", missing.join(", ")));
        }
        if place.extension().is_some_and(|extension| extension == "tex") {
            if !flat.needed.is_empty() {
                let needed: Vec<&str> = flat.needed.iter().map(ProjectPath::as_str).collect();
                notes.push(format!("It still needs {}.", needed.join(", ")));
            }
            return written(place, flat.text.as_bytes(), 1, notes);
        }
        let mut contents = read_all(&*files, &flat.needed, &mut task)?;
        let bbl_path = ProjectPath::resolve(root.folder(), &format!("{}.bbl", root.stem()))?;
        if let Some(bbl) = bbl.filter(|bbl| bbl.contains("biblatex")) {
            // biblatex reads it where BibTeX's would stand in the text.
            contents.push((bbl_path, bbl.into_bytes().into()));
        }
        contents.push((root, flat.text.into_bytes().into()));
        write_zip(&contents, place, notes)
    }

    /// The files of a project as they are now, and its root as far as it is known.
    fn files_of(
        &self,
        id: ProjectId,
    ) -> Result<(Box<dyn FileSource>, Option<ProjectPath>), WorkbenchError> {
        let built = self.last_built(id).map(|(root, _)| root);
        let open = self.ask(move |desk| desk.open.contains_key(&id))?;
        if open {
            let snapshot = self.try_ask(move |desk| desk.snapshot(id))?;
            let root = snapshot.root.clone().or(built);
            return Ok((Box::new(snapshot), root));
        }
        let store = self.store()?;
        let stored = store.read(|tx| tx.project(id))?;
        if let Some(folder) = &stored.linked_folder {
            let folder = Path::new(folder);
            if !folder.is_dir() {
                return Err(WorkbenchError::FolderGone(folder.to_owned()));
            }
            return Ok((Box::new(DiskFolder::open(folder)?), built));
        }
        let mut project = OpenProject::load(&store, stored)?;
        let snapshot = ProjectSnapshot::take(&mut project, store)?;
        let root = snapshot.root.clone().or(built);
        Ok((Box::new(snapshot), root))
    }

    /// What BibTeX or Biber made in the last build.
    fn last_bbl(&self, id: ProjectId, root: &ProjectPath) -> Option<String> {
        let cache = self.config().builds().join(id.to_string()).join("cache");
        let made = last_generated(&cache, &id.to_string(), root, EngineChoice::Tectonic);
        let wanted = format!("{}.bbl", root.stem());
        let (_, bytes) = made.into_iter().find(|(name, _)| *name == wanted)?;
        String::from_utf8(bytes).ok()
    }
}

type Contents = Vec<(ProjectPath, Arc<[u8]>)>;

fn read_all(
    files: &dyn FileSource,
    paths: &[ProjectPath],
    task: &mut Task,
) -> Result<Contents, WorkbenchError> {
    let mut contents = Vec::new();
    for (done, path) in paths.iter().enumerate() {
        task.tell("Reading the files", done as u64, paths.len() as u64)?;
        if let Some(bytes) = files.read(path)? {
            contents.push((path.clone(), bytes));
        }
    }
    Ok(contents)
}

fn write_zip(
    contents: &Contents,
    place: &Path,
    notes: Vec<String>,
) -> Result<Exported, WorkbenchError> {
    let mut zip = Cursor::new(Vec::new());
    export_zip(contents.iter().map(|(path, bytes)| (path, &**bytes)), &mut zip)?;
    written(place, zip.get_ref(), contents.len(), notes)
}

fn written(
    place: &Path,
    bytes: &[u8],
    files: usize,
    notes: Vec<String>,
) -> Result<Exported, WorkbenchError> {
    replace_file(place, bytes)?;
    let place = place.to_string_lossy().into_owned();
    Ok(Exported { place, files, bytes: bytes.len() as u64, notes })
}
