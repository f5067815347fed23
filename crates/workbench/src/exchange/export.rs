//! Projects as archives, PDFs and single sources. What is written is whole or not there.

use crate::{
    Outcome, Workbench, WorkbenchError,
    build::{ExactPdf, root_of},
    project::OpenProject,
    snapshot::ProjectSnapshot,
    tasks::Task,
};
use quire_compile::{
    build::{EngineChoice, last_generated},
    disk::DiskFolder,
    outputs::{output_error, replace_file, replace_file_with},
};
use quire_exchange::{ExportError, Unresolved, export_zip, flatten};
use quire_project::{FileSource, ProjectId, ProjectPath};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
    sync::Arc,
};
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
        write_zip(&*files, &files.list(), BTreeMap::new(), place, &mut task)
    }

    /// Write the PDF: of an open project that of the text as it is now, which is built first; else that of the last
    /// good build.
    pub fn export_pdf(
        &self,
        id: ProjectId,
        place: &Path,
        task: u32,
    ) -> Result<Exported, WorkbenchError> {
        let mut task = self.begin_task(task);
        let mut notes = Vec::new();
        let is_open = self.ask(move |desk| desk.open.contains_key(&id))?;
        let exact = if is_open {
            task.tell("Making the exact pages", 0, 1)?;
            Some(self.exact_pdf(id, Some(&task))?)
        } else {
            None
        };
        let mut pdf = match exact {
            Some(ExactPdf { outcome, file }) if outcome != Outcome::NotBegun => {
                if matches!(outcome, Outcome::Errors | Outcome::Stopped) {
                    notes.push("The text has errors: something may be missing.".to_owned());
                }
                file.ok_or(WorkbenchError::NoPages)?
            }
            exact => {
                if exact.is_some() {
                    notes.push("It cannot be built now: this is what was built last.".to_owned());
                }
                let (_, pdf) = self.last_built(id).ok_or(WorkbenchError::NoPdf)?;
                File::open(pdf).map_err(|_| WorkbenchError::NoPdf)?
            }
        };
        let copy = |file: &mut File| io::copy(&mut pdf, file).map_err(|e| output_error(place, e));
        let bytes = replace_file_with(place, copy)?;
        Ok(Exported { place: place.to_string_lossy().into_owned(), files: 1, bytes, notes })
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
            replace_file(place, flat.text.as_bytes())?;
            let (bytes, place) = (flat.text.len() as u64, place.to_string_lossy().into_owned());
            return Ok(Exported { place, files: 1, bytes, notes });
        }
        let mut made = BTreeMap::new();
        let bbl_path = ProjectPath::resolve(root.folder(), &format!("{}.bbl", root.stem()))?;
        if let Some(bbl) = bbl.filter(|bbl| bbl.contains("biblatex")) {
            // biblatex reads it where BibTeX's would stand in the text.
            made.insert(bbl_path, bbl.into_bytes());
        }
        made.insert(root, flat.text.into_bytes());
        let exported = write_zip(&*files, &flat.needed, made, place, &mut task)?;
        Ok(Exported { notes, ..exported })
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

/// Write these files of a project and those that were `made`, which take the place of a project's own,
/// into an archive.
fn write_zip(
    files: &dyn FileSource,
    paths: &[ProjectPath],
    made: BTreeMap<ProjectPath, Vec<u8>>,
    place: &Path,
    task: &mut Task,
) -> Result<Exported, WorkbenchError> {
    let mut paths: Vec<ProjectPath> =
        paths.iter().filter(|path| !made.contains_key(*path)).chain(made.keys()).cloned().collect();
    paths.sort();
    let (mut done, total) = (0, paths.len() as u64);
    let read = |path: &ProjectPath| -> Result<Option<Arc<[u8]>>, WorkbenchError> {
        task.tell("Packing the files", done, total)?;
        done += 1;
        match made.get(path) {
            Some(bytes) => Ok(Some(bytes.as_slice().into())),
            None => Ok(files.read(path)?),
        }
    };
    let files = replace_file_with(place, |file| {
        let mut writer = BufWriter::new(file);
        let packed = export_zip(&paths, read, &mut writer);
        let packed = packed.and_then(|files| {
            writer.flush().map_err(|error| output_error(place, error))?;
            Ok(files)
        });
        packed.map_err(|error| match error {
            // It is the archive that has no room, whichever file was its turn.
            WorkbenchError::Export(ExportError::Write { source, .. }) => {
                output_error(place, source).into()
            }
            error => error,
        })
    })?;
    let bytes = std::fs::metadata(place).map_or(0, |metadata| metadata.len());
    Ok(Exported { place: place.to_string_lossy().into_owned(), files, bytes, notes: Vec::new() })
}
