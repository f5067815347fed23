//! Archives from strangers. Nothing in them is believed: not their names, not their sizes. What comes
//! out is a list of files with paths that cannot lead outside; where an archive looks like an attack,
//! nothing comes out.

mod names;
mod tarball;
mod zipped;

use crate::text::{Content, Encoding, PROBE, content, declared_encoding, never_text};
use names::{Name, entry_name};
use quire_project::ProjectPath;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Read, Seek, SeekFrom, Write},
};

/// Bytes that are unpacked at a time.
const PIECE: usize = 64 << 10;

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

/// A file from an archive, whose bytes wait in the spool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedFile {
    /// Where it goes.
    pub path: ProjectPath,
    span: Span,
}

/// A part of the spool, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    at: u64,
    length: u64,
}

/// What is in a file of an archive.
#[derive(Debug)]
pub enum Unpacked<'s, S> {
    /// A text, and the encoding that it had.
    Text {
        /// The text.
        text: String,
        /// How it was encoded.
        encoding: Encoding,
    },
    /// Anything else, to be read piece by piece.
    Binary(io::Take<&'s mut S>),
}

/// What an archive held. What is in the files is in `S`, so that it need not be in memory.
#[derive(Debug)]
pub struct ImportedProject<S> {
    /// The single folder that everything was in, which was taken off: a name for the project.
    pub top_folder: Option<String>,
    /// Sorted by path.
    pub files: Vec<ImportedFile>,
    /// What the author should know.
    pub notes: Vec<ImportNote>,
    /// The encoding that one of the sources names.
    declared: Option<&'static str>,
    spool: S,
}

impl<S: Read + Seek> ImportedProject<S> {
    /// Read one of [`files`](Self::files).
    pub fn read(&mut self, file: &ImportedFile) -> io::Result<Unpacked<'_, S>> {
        let Span { at, length } = file.span;
        let extension = file.path.extension();
        if !never_text(extension, length) {
            let bytes = self.start_of(file.span, length)?;
            if let Content::Text { text, encoding } = content(extension, bytes, self.declared) {
                return Ok(Unpacked::Text { text, encoding });
            }
        }
        self.spool.seek(SeekFrom::Start(at))?;
        Ok(Unpacked::Binary(self.spool.by_ref().take(length)))
    }

    fn start_of(&mut self, span: Span, most: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.spool.seek(SeekFrom::Start(span.at))?;
        self.spool.by_ref().take(span.length.min(most)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn find_declared(&mut self) -> io::Result<Option<&'static str>> {
        for index in 0..self.files.len() {
            let ImportedFile { path, span } = &self.files[index];
            if path.extension() != "tex" {
                continue;
            }
            let start = self.start_of(*span, PROBE as u64)?;
            if let Some(declared) = declared_encoding(&start) {
                return Ok(Some(declared));
            }
        }
        Ok(None)
    }
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
    /// There is no room for what comes out of it, or it cannot be read again.
    #[error("cannot keep what was unpacked: {0}")]
    Spool(io::Error),
}

/// Read a zip, a tar, a tar.gz, or a single compressed source (as arXiv has them). `file_name` is the
/// archive's own: it names a single source that does not name itself. What comes out is written to
/// `spool`, which is empty: an archive may be good to its last entry but one, and large.
pub fn import_archive<S: Read + Write + Seek>(
    mut archive: impl Read + Seek,
    file_name: &str,
    limits: ImportLimits,
    mut spool: S,
) -> Result<ImportedProject<S>, ImportError> {
    let mut magic = [0; 2];
    let read = read_up_to(&mut archive, &mut magic)?;
    archive.seek(SeekFrom::Start(0))?;
    let mut intake = Intake::new(limits, &mut spool);
    match &magic[..read] {
        b"PK" => zipped::read(archive, &mut intake)?,
        b"\x1f\x8b" => tarball::read_gz(archive, file_name, &mut intake)?,
        _ => tarball::read_plain(archive, &mut intake)?,
    }
    let (top_folder, files, notes) = intake.finish()?;
    let files = files.into_iter().map(|(path, span)| ImportedFile { path, span }).collect();
    let mut project = ImportedProject { top_folder, files, notes, declared: None, spool };
    project.declared = project.find_declared().map_err(ImportError::Spool)?;
    Ok(project)
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
pub(crate) struct Intake<'s> {
    limits: ImportLimits,
    entries: usize,
    /// Bytes of all files, which are in the spool.
    total: u64,
    spool: &'s mut dyn Write,
    files: BTreeMap<ProjectPath, Span>,
    notes: Vec<ImportNote>,
}

/// The top folder, the files, what the author should know.
type Taken = (Option<String>, BTreeMap<ProjectPath, Span>, Vec<ImportNote>);

impl<'s> Intake<'s> {
    fn new(limits: ImportLimits, spool: &'s mut dyn Write) -> Self {
        Self { limits, entries: 0, total: 0, spool, files: BTreeMap::new(), notes: Vec::new() }
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
        let at = self.total;
        let length = self.spool(entry, reader.take(most.saturating_add(1)))?;
        if length > most {
            let limit = if by_ratio == Some(most) {
                "it grows suspiciously when unpacked".to_owned()
            } else if self.limits.file_bytes == most {
                format!("files may have {most} bytes")
            } else {
                format!("all files together may have {} bytes", self.limits.total_bytes)
            };
            return Err(self.too_large(entry, &limit));
        }
        self.total += length;
        if self.files.insert(path.clone(), Span { at, length }).is_some() {
            self.notes.push(ImportNote::Twice { path });
        }
        Ok(())
    }

    fn spool(&mut self, entry: &str, mut reader: impl Read) -> Result<u64, ImportError> {
        let mut piece = vec![0; PIECE];
        let mut length = 0;
        loop {
            let read = read_up_to(&mut reader, &mut piece).map_err(|e| broken(entry, &e))?;
            if read == 0 {
                return Ok(length);
            }
            self.spool.write_all(&piece[..read]).map_err(ImportError::Spool)?;
            length += read as u64;
        }
    }

    fn too_large(&self, entry: &str, limit: &str) -> ImportError {
        ImportError::TooLarge { entry: entry.to_owned(), limit: limit.to_owned() }
    }

    fn finish(mut self) -> Result<Taken, ImportError> {
        if self.files.is_empty() {
            return Err(ImportError::Empty);
        }
        self.refuse_clashes()?;
        let top_folder = self.take_off_top_folder();
        self.note_case_clashes();
        self.notes.sort();
        self.spool.flush().map_err(ImportError::Spool)?;
        Ok((top_folder, self.files, self.notes))
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
            files.into_iter().filter_map(|(path, span)| Some((below(&path)?, span))).collect();
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
