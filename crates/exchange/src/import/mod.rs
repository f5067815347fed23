//! Archives from strangers. Nothing in them is believed: not their names, not their sizes. What comes
//! out is a list of files with paths that cannot lead outside; where an archive looks like an attack,
//! nothing comes out.

mod names;
mod tarball;
mod zipped;

use crate::text::{Content, content, declared_encoding};
use names::{Name, entry_name};
use quire_project::ProjectPath;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read, Seek, SeekFrom},
};

/// How much is taken from an archive.
#[derive(Clone, Copy, Debug)]
pub struct ImportLimits {
    /// Bytes of all files together.
    pub total_bytes: u64,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Entries, also those that are passed over.
    pub entries: usize,
    /// How many times larger than its compressed form a file may be, once it is larger than a
    /// megabyte: honest sources and pictures stay far below.
    pub ratio: u64,
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self { total_bytes: 1 << 30, file_bytes: 256 << 20, entries: 20_000, ratio: 250 }
    }
}

/// A file from an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// Where it goes.
    pub path: ProjectPath,
    /// What is in it.
    pub content: Content,
}

/// What an archive held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportedProject {
    /// The single folder that everything was in, which was taken off: a name for the project.
    pub top_folder: Option<String>,
    /// Sorted by path.
    pub files: Vec<ImportedFile>,
    /// What the author should know.
    pub notes: Vec<ImportNote>,
}

/// Something was not taken as it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ImportNote {
    /// A link, or a device: passed over.
    NotAFile {
        /// Its name in the archive.
        entry: String,
    },
    /// The name holds characters that file names cannot have everywhere.
    Renamed {
        /// Its name in the archive.
        entry: String,
        /// Its new one.
        path: ProjectPath,
    },
    /// The archive holds a file twice; the later one was taken.
    Twice {
        /// The file.
        path: ProjectPath,
    },
    /// Two names differ only in case: on Windows and macOS they are one file.
    CaseClash {
        /// The one.
        path: ProjectPath,
        /// The other.
        other: ProjectPath,
    },
}

/// Why nothing came out of an archive.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Not an archive of a kind that is known: choose another file.
    #[error("this is not a zip, tar or gz archive")]
    NotAnArchive,
    /// Get it again: it is incomplete or changed on its way.
    #[error("the archive is damaged at `{entry}`: {reason}")]
    Damaged {
        /// The entry, or empty for the archive itself.
        entry: String,
        /// What is wrong with it.
        reason: String,
    },
    /// Unpack it with its password first.
    #[error("`{entry}` is protected with a password")]
    Encrypted {
        /// The entry.
        entry: String,
    },
    /// Pack it again with the usual compression.
    #[error("`{entry}` is compressed in a way that is not known here")]
    Unsupported {
        /// The entry.
        entry: String,
    },
    /// Do not trust whoever sent it.
    #[error("`{entry}` would be written outside the project")]
    LeadsOutside {
        /// The entry.
        entry: String,
    },
    /// Two entries cannot both exist: one is a file, the other needs a folder of that name.
    #[error("`{entry}` is both a file and a folder")]
    Clash {
        /// The path.
        entry: String,
    },
    /// More than is taken: leave something out, or raise the limits.
    #[error("the archive is too large at `{entry}`: {limit}")]
    TooLarge {
        /// The entry.
        entry: String,
        /// Which limit was reached, in words.
        limit: String,
    },
    /// There is no file in it.
    #[error("the archive is empty")]
    Empty,
    /// The archive itself could not be read.
    #[error("cannot read the archive: {0}")]
    Io(#[from] io::Error),
}

/// Read a zip, a tar, a tar.gz, or a single compressed source (as arXiv has them). `file_name` is the
/// archive's own: it names a single source that does not name itself.
pub fn import_archive(
    mut archive: impl Read + Seek,
    file_name: &str,
    limits: ImportLimits,
) -> Result<ImportedProject, ImportError> {
    let mut magic = [0; 2];
    let read = read_up_to(&mut archive, &mut magic)?;
    archive.seek(SeekFrom::Start(0))?;
    let mut intake = Intake::new(limits);
    match &magic[..read] {
        b"PK" => zipped::read(archive, &mut intake)?,
        b"\x1f\x8b" => tarball::read_gz(archive, file_name, &mut intake)?,
        _ => tarball::read_plain(archive, &mut intake)?,
    }
    intake.finish()
}

fn read_up_to(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < buffer.len() {
        match reader.read(&mut buffer[filled..]) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// What has come so far.
pub(crate) struct Intake {
    limits: ImportLimits,
    entries: usize,
    total: u64,
    files: BTreeMap<ProjectPath, Vec<u8>>,
    notes: Vec<ImportNote>,
}

impl Intake {
    fn new(limits: ImportLimits) -> Self {
        Self { limits, entries: 0, total: 0, files: BTreeMap::new(), notes: Vec::new() }
    }

    /// Another entry begins. Its path, or nothing if it is not wanted.
    fn entry(&mut self, name: &str) -> Result<Option<ProjectPath>, ImportError> {
        self.entries += 1;
        if self.entries > self.limits.entries {
            return Err(self.too_large(name, &format!("{} entries", self.limits.entries)));
        }
        match entry_name(name)? {
            Name::Junk => Ok(None),
            Name::Path(path) => Ok(Some(path)),
            Name::Changed(path) => {
                self.notes.push(ImportNote::Renamed { entry: name.to_owned(), path: path.clone() });
                Ok(Some(path))
            }
        }
    }

    fn pass_over(&mut self, entry: &str) {
        self.notes.push(ImportNote::NotAFile { entry: entry.to_owned() });
    }

    /// Read a file of `packed` bytes (if that is known), however long it says that it is.
    fn take(
        &mut self,
        entry: &str,
        path: ProjectPath,
        packed: Option<u64>,
        reader: impl Read,
    ) -> Result<(), ImportError> {
        const HARMLESS: u64 = 1 << 20;
        let by_ratio = packed.map(|packed| packed.saturating_mul(self.limits.ratio).max(HARMLESS));
        let left = self.limits.total_bytes - self.total;
        let most = self.limits.file_bytes.min(left).min(by_ratio.unwrap_or(u64::MAX));
        let mut bytes = Vec::new();
        reader
            .take(most.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|error| broken(entry, &error))?;
        if bytes.len() as u64 > most {
            let limit = if by_ratio == Some(most) {
                "it grows suspiciously when unpacked".to_owned()
            } else if self.limits.file_bytes == most {
                format!("files may have {most} bytes")
            } else {
                format!("all files together may have {} bytes", self.limits.total_bytes)
            };
            return Err(self.too_large(entry, &limit));
        }
        self.total += bytes.len() as u64;
        if self.files.insert(path.clone(), bytes).is_some() {
            self.notes.push(ImportNote::Twice { path });
        }
        Ok(())
    }

    fn too_large(&self, entry: &str, limit: &str) -> ImportError {
        ImportError::TooLarge { entry: entry.to_owned(), limit: limit.to_owned() }
    }

    fn finish(mut self) -> Result<ImportedProject, ImportError> {
        if self.files.is_empty() {
            return Err(ImportError::Empty);
        }
        self.refuse_clashes()?;
        let top_folder = self.take_off_top_folder();
        self.note_case_clashes();
        let sources = self.files.iter().filter(|(path, _)| path.extension() == "tex");
        let declared = sources.into_iter().find_map(|(_, bytes)| declared_encoding(bytes));
        let files = self.files.into_iter().map(|(path, bytes)| {
            let content = content(path.extension(), bytes, declared);
            ImportedFile { path, content }
        });
        self.notes.sort();
        Ok(ImportedProject { top_folder, files: files.collect(), notes: self.notes })
    }

    fn refuse_clashes(&self) -> Result<(), ImportError> {
        let mut folders = BTreeSet::new();
        for path in self.files.keys() {
            let mut folder = path.folder();
            while !folder.is_empty() && folders.insert(folder) {
                folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
            }
        }
        match self.files.keys().find(|path| folders.contains(path.as_str())) {
            Some(path) => Err(ImportError::Clash { entry: path.to_string() }),
            None => Ok(()),
        }
    }

    fn take_off_top_folder(&mut self) -> Option<String> {
        let first = self.files.keys().next()?.as_str();
        let top = first.split_once('/')?.0.to_owned();
        let below = |path: &ProjectPath| {
            ProjectPath::new(path.as_str().strip_prefix(&top)?.strip_prefix('/')?).ok()
        };
        if !self.files.keys().all(|path| below(path).is_some()) {
            return None;
        }
        let files = std::mem::take(&mut self.files);
        self.files =
            files.into_iter().filter_map(|(path, bytes)| Some((below(&path)?, bytes))).collect();
        for note in &mut self.notes {
            if let ImportNote::Renamed { path, .. } | ImportNote::Twice { path } = note
                && let Some(below) = below(path)
            {
                *path = below;
            }
        }
        Some(top)
    }

    fn note_case_clashes(&mut self) {
        let mut seen: BTreeMap<String, &ProjectPath> = BTreeMap::new();
        for path in self.files.keys() {
            if let Some(other) = seen.insert(path.as_str().to_lowercase(), path) {
                let (path, other) = (path.clone(), other.clone());
                self.notes.push(ImportNote::CaseClash { path, other });
            }
        }
    }
}

/// The archive's bytes are wrong, or a limit of the reader below was reached.
fn broken(entry: &str, error: &io::Error) -> ImportError {
    let entry = entry.to_owned();
    match error.get_ref().and_then(|inner| inner.downcast_ref::<tarball::TooMuch>()) {
        Some(limit) => ImportError::TooLarge { entry, limit: limit.to_string() },
        None => ImportError::Damaged { entry, reason: error.to_string() },
    }
}
