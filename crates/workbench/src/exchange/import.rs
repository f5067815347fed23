//! Projects from what lies on the disk: archives, folders (copied), single files.

use crate::{
    Workbench, WorkbenchError,
    making::Making,
    tasks::{Task, Watched},
};
use quire_compile::disk::DiskFolder;
use quire_exchange::{
    Content, Encoding, ImportError, ImportLimits, ImportNote, Unpacked, import_archive,
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
const ARCHIVES: [&str; 5] = ["zip", "tar", "gz", "tgz", "zipx"];

/// What lies at `place`.
pub fn place_kind(place: &Path) -> PlaceKind {
    let Ok(metadata) = fs::metadata(place) else { return PlaceKind::Missing };
    let extension = place.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    match () {
        () if metadata.is_dir() => PlaceKind::Folder,
        () if ARCHIVES.contains(&&*extension) || begins_as_archive(place) => PlaceKind::Archive,
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
    let stem = archive_stem(&name);
    // A folder called “src” says less than the archive's own name.
    let top = project.top_folder.filter(|top| top.len() > 3);
    Ok((top.unwrap_or(stem), notes))
}

/// `paper.tar.gz` is an archive of `paper`.
fn archive_stem(name: &str) -> String {
    let mut stem = name;
    while let Some((before, extension)) = stem.rsplit_once('.')
        && ARCHIVES.contains(&&*extension.to_lowercase())
        && !before.is_empty()
    {
        stem = before;
    }
    stem.to_owned()
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

fn encoding_note(files: &[String]) -> Option<String> {
    (!files.is_empty()).then(|| {
        format!(
            "Look at the accented letters in {}: nothing says how they were stored, so Latin-1 was \
             assumed.",
            some_of(files)
        )
    })
}

fn archive_notes(notes: &[ImportNote]) -> Vec<String> {
    let of = |pick: &dyn Fn(&ImportNote) -> Option<String>| -> Vec<String> {
        notes.iter().filter_map(pick).collect()
    };
    let not_files = of(&|note| match note {
        ImportNote::NotAFile { entry } => Some(entry.clone()),
        _ => None,
    });
    let renamed = of(&|note| match note {
        ImportNote::Renamed { path, .. } => Some(path.to_string()),
        _ => None,
    });
    let twice = of(&|note| match note {
        ImportNote::Twice { path } => Some(path.to_string()),
        _ => None,
    });
    let clashes = of(&|note| match note {
        ImportNote::CaseClash { path, other } => Some(format!("{path} and {other}")),
        _ => None,
    });
    let told = [
        (not_files, "Links were passed over"),
        (renamed, "Renamed, since their names do not work everywhere"),
        (twice, "The archive holds these twice; the later ones were taken"),
        (clashes, "These names differ only in case, which Windows and macOS take for one file"),
    ];
    let some = told.into_iter().filter(|(files, _)| !files.is_empty());
    some.map(|(files, what)| format!("{what}: {}.", some_of(&files))).collect()
}

/// The first few names, and how many more there are.
fn some_of(names: &[String]) -> String {
    const FEW: usize = 5;
    let few = names[..names.len().min(FEW)].join(", ");
    match names.len().saturating_sub(FEW) {
        0 => few,
        more => format!("{few} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_archive_is_called_what_is_before_its_extensions() {
        let names = ["paper.tar.gz", "paper.v2.zip", "2301.00001", ".zip"];
        let stems = names.map(super::archive_stem);
        assert_eq!(stems, ["paper", "paper.v2", "2301.00001", ".zip"]);
    }
}
