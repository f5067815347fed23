//! Projects from what lies on the disk: archives, folders (copied), single files.

use crate::{
    Workbench, WorkbenchError,
    making::Making,
    tasks::{Task, Watched},
};
use quire_compile::disk::DiskFolder;
use quire_exchange::{
    ARCHIVE_EXTENSIONS, Content, Encoding, ImportError, ImportLimits, Unpacked, archive_notes,
    encoding_note, import_archive, some_of,
};
use quire_project::{FileSource, ProjectId, ProjectPath};
use serde::Serialize;
use std::{
    fs::{self, File},
    io::{BufReader, Read},
    path::{Path, PathBuf},
};
use tempfile::SpooledTempFile;
use ts_rs::TS;

/// What came in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct Imported {
    /// The new projects.
    pub projects: Vec<ProjectId>,
    /// What was not taken as it was; for people.
    pub notes: Vec<String>,
}

/// What lies at a place on the disk, as far as it can become a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum PlaceKind {
    /// A folder.
    Folder,
    /// A zip, tar or gz archive.
    Archive,
    /// A source.
    Source,
    /// Something that no project can be made of.
    Other,
    /// Nothing is there.
    Missing,
}

/// Sources that a project can begin with.
const SOURCES: [&str; 10] =
    ["tex", "ltx", "latex", "bib", "cls", "sty", "dtx", "ins", "bst", "tikz"];

/// What lies at `place`.
pub fn place_kind(place: &Path) -> PlaceKind {
    let Ok(metadata) = fs::metadata(place) else { return PlaceKind::Missing };
    let extension = place.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match () {
        () if metadata.is_dir() => PlaceKind::Folder,
        () if ARCHIVE_EXTENSIONS.contains(&&*extension) || begins_as_archive(place) => {
            PlaceKind::Archive
        }
        () if SOURCES.contains(&&*extension) => PlaceKind::Source,
        () => PlaceKind::Other,
    }
}

/// Archives whose name does not say so, as arXiv serves them.
fn begins_as_archive(place: &Path) -> bool {
    let mut start = [0; 4];
    let read = File::open(place).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && (start == *b"PK\x03\x04" || start[..2] == *b"\x1f\x8b")
}

impl Workbench {
    /// Make a project of each folder (by copying it) and each archive, and one of all single files.
    /// Projects are made one after the other: those before a failure stay.
    pub fn import(&self, places: &[PathBuf], task: u32) -> Result<Imported, WorkbenchError> {
        let mut task = self.begin_task(task);
        let mut imported = Imported::default();
        let mut single: Vec<ProjectPath> = Vec::new();
        let mut singles = self.begin_project();
        for place in places {
            let mut making = self.begin_project();
            let (name, notes) = match place_kind(place) {
                PlaceKind::Folder => of_folder(place, &mut making, &mut task)?,
                PlaceKind::Archive => of_archive(place, self.spool(), &mut making, &mut task)?,
                PlaceKind::Missing => return Err(WorkbenchError::NothingThere(place.clone())),
                PlaceKind::Other if places.len() == 1 => {
                    return Err(WorkbenchError::NotImportable(place.clone()));
                }
                PlaceKind::Source | PlaceKind::Other => {
                    let (path, note) = of_file(place, &mut singles)?;
                    single.push(path);
                    imported.notes.extend(note);
                    continue;
                }
            };
            imported.notes.extend(notes);
            imported.projects.push(making.finish(&name, None)?);
        }
        let source = single.iter().find(|path| path.extension() == "tex");
        if let Some(path) = source.or(single.first()) {
            imported.projects.push(singles.finish(path.stem(), None)?);
        }
        Ok(imported)
    }
}

fn io(doing: &'static str, place: &Path) -> impl FnOnce(std::io::Error) -> WorkbenchError {
    let place = place.to_owned();
    move |source| WorkbenchError::Io { doing, place, source }
}

fn name_of(place: &Path) -> String {
    place.file_name().unwrap_or(place.as_os_str()).to_string_lossy().into_owned()
}

/// A name, and what the author should know.
type Told = (String, Vec<String>);

fn of_archive(
    place: &Path,
    spool: SpooledTempFile,
    making: &mut Making<'_>,
    task: &mut Task,
) -> Result<Told, WorkbenchError> {
    let file = File::open(place).map_err(io("open", place))?;
    let total = file.metadata().map_err(io("open", place))?.len();
    let name = name_of(place);
    let reader = Watched { reader: file, task, doing: "Unpacking", read: 0, total };
    let read = import_archive(BufReader::new(reader), &name, ImportLimits::default(), spool);
    task.go_on()?;
    let mut project = read.map_err(|error| match error {
        ImportError::Io(source) => io("read", place)(source),
        ImportError::Spool(source) => io("unpack", place)(source),
        error => WorkbenchError::Import(error),
    })?;
    let mut assumed = Vec::new();
    let files = std::mem::take(&mut project.files);
    for (done, file) in files.iter().enumerate() {
        task.tell("Storing the files", done as u64, files.len() as u64)?;
        match project.read(file).map_err(io("unpack", place))? {
            Unpacked::Text { text, encoding } => {
                if matches!(encoding, Encoding::Assumed(_)) {
                    assumed.push(file.path.to_string());
                }
                making.add(file.path.clone(), text.as_bytes())?;
            }
            Unpacked::Binary(mut bytes) => making.add_binary(file.path.clone(), &mut bytes)?,
        }
    }
    let mut notes = archive_notes(&project.notes);
    notes.extend(encoding_note(&assumed));
    Ok((project.name(&name), notes))
}

fn of_folder(
    place: &Path,
    making: &mut Making<'_>,
    task: &mut Task,
) -> Result<Told, WorkbenchError> {
    let disk = DiskFolder::open(place)?;
    let listing = disk.listing();
    let mut assumed = Vec::new();
    for (done, path) in listing.files.iter().enumerate() {
        task.tell("Copying", done as u64, listing.files.len() as u64)?;
        if let Some(bytes) = disk.read(path)? {
            making.add(path.clone(), &decoded(path, bytes.to_vec(), &mut assumed))?;
        }
    }
    if making.is_empty() {
        return Err(WorkbenchError::Import(ImportError::Empty));
    }
    let mut notes: Vec<String> = encoding_note(&assumed).into_iter().collect();
    if !listing.unnameable.is_empty() {
        notes.push(format!(
            "Left out, since LaTeX cannot use their names: {}.",
            some_of(&listing.unnameable)
        ));
    }
    if listing.truncated {
        notes.push("The folder holds too many files; some were left out.".to_owned());
    }
    Ok((name_of(disk.real_path()), notes))
}

fn of_file(
    place: &Path,
    making: &mut Making<'_>,
) -> Result<(ProjectPath, Option<String>), WorkbenchError> {
    let path = ProjectPath::new(&name_of(place))?;
    let bytes = fs::read(place).map_err(io("read", place))?;
    let mut assumed = Vec::new();
    let bytes = decoded(&path, bytes, &mut assumed);
    making.add(path.clone(), &bytes)?;
    Ok((path, encoding_note(&assumed)))
}

/// Texts as UTF-8, everything else as it is.
fn decoded(path: &ProjectPath, bytes: Vec<u8>, assumed: &mut Vec<String>) -> Vec<u8> {
    match quire_exchange::content(path.extension(), bytes, None) {
        Content::Text { text, encoding } => {
            if matches!(encoding, Encoding::Assumed(_)) {
                assumed.push(path.to_string());
            }
            text.into_bytes()
        }
        Content::Binary(bytes) => bytes,
    }
}
