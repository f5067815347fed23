//! What one asks of the engine and what it answers: plain data, shared by both ends of the pipe.

use quire_project::{ContentHash, ProjectPath};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a worker is told once, before its first run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JobSetup {
    /// The root file. Names in the document are resolved from its folder.
    pub root: ProjectPath,
    /// `\jobname`; the stem of every output.
    pub job_name: String,
    /// Date and time the document sees, in seconds since 1970 (`SOURCE_DATE_EPOCH`).
    pub date_s: u64,
    /// Write SyncTeX records.
    pub synctex: bool,
    /// Generated files of the previous build (`.aux`, `.toc`, `.bbl` …) to begin with, by name as
    /// the engine writes them: relative to the root's folder.
    pub restored: Vec<(String, Vec<u8>)>,
}

/// Bounds of one job; whichever is reached first ends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Wall-clock time of all runs of the job together.
    pub wall: Duration,
    /// Resident memory of the worker, in bytes.
    pub memory_bytes: u64,
    /// Sum of all outputs of one run, in bytes.
    pub output_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { wall: Duration::from_secs(60), memory_bytes: 2 << 30, output_bytes: 512 << 20 }
    }
}

/// How a TeX run ended. A faulty document is an outcome, not an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TexOutcome {
    /// Nothing to complain about.
    Clean,
    /// Warnings only.
    Warnings,
    /// Errors that TeX recovered from; there is output.
    Errors,
    /// TeX gave up, with its last words; there may be no usable output.
    Fatal(String),
}

/// One TeX run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TexReport {
    /// How it ended.
    pub outcome: TexOutcome,
    /// Pages shipped out.
    pub pages: u32,
    /// Groups that were open at the end: an environment or a brace that nothing closes.
    pub open_groups: u16,
    /// The log file. Lines are not wrapped at 79 characters as TeX does by default.
    pub log: Vec<u8>,
    /// Which source line was being read when which part of the log was written; sorted by offset.
    pub marks: Vec<LogMark>,
    /// The engine's own errors and warnings, in order.
    pub messages: Vec<EngineMessage>,
    /// Files the run looked for, with what it found. Each name once.
    pub reads: Vec<ReadFile>,
    /// Files the run wrote.
    pub outputs: Vec<OutputFile>,
    /// Wall-clock time of the run.
    pub wall: Duration,
    /// Largest resident memory of the worker so far; 0 where the system does not tell.
    pub peak_memory_bytes: u64,
}

/// From `log_offset` on, the engine was at this place, until the next mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogMark {
    /// Offset into [`TexReport::log`], in bytes.
    pub log_offset: u64,
    /// The file being read, as the engine names it (relative to the root's folder for project files,
    /// a bare name for bundle files); empty when there is none.
    pub file: String,
    /// The line being read, counted from one.
    pub line: u32,
}

/// Kind of an [`EngineMessage`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MessageKind {
    /// For information.
    Note,
    /// Something is odd.
    Warning,
    /// Something is wrong.
    Error,
}

/// A message from the engine itself (not from the log): `file:line: text` when it has a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineMessage {
    /// Its kind.
    pub kind: MessageKind,
    /// Its text.
    pub text: String,
}

/// Where a file that the engine asked for came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FileOrigin {
    /// The project; with the hash of what was served.
    Project(ContentHash),
    /// The bundle.
    Bundle,
    /// Written by an earlier run of this job, or restored; with the hash of what was served.
    Generated(ContentHash),
    /// Nobody has it.
    Missing,
    /// It exists and was refused, with the reason: it lies outside, is a device, is too large.
    Refused(String),
}

/// One file the engine asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFile {
    /// The name as the engine asked for it.
    pub name: String,
    /// The project path it stands for, when it is one.
    pub path: Option<ProjectPath>,
    /// What it got.
    pub origin: FileOrigin,
}

/// One file the engine wrote. Its bytes stay in the worker until fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Name relative to the root's folder.
    pub name: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256.
    pub hash: ContentHash,
}

/// A run of BibTeX.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct BibtexReport {
    /// How it ended (`Fatal` when there is no `.bbl`).
    pub outcome: TexOutcome,
    /// The `.blg` file.
    pub log: Vec<u8>,
    /// Files it looked for.
    pub reads: Vec<ReadFile>,
    /// Files it wrote.
    pub outputs: Vec<OutputFile>,
}

/// How XDV becomes PDF. The default is right at first; what a failure calls for is tried in a worker
/// of its own, since a conversion that broke off leaves open handles behind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PdfOptions {
    /// Read the whole font map instead of the lines that the document seems to need.
    pub whole_font_map: bool,
    /// Pictures, by name, that a blank one takes the place of: those that cannot be converted.
    pub blank_pictures: Vec<String>,
    /// For a picture that is wanted at once: what only makes the file smaller, or its text readable to programs,
    /// is left out.
    pub for_screen: bool,
}

/// A conversion from XDV to PDF.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PdfReport {
    /// The PDF, or what stopped the conversion.
    pub pdf: Result<Vec<u8>, String>,
    /// Warnings and errors on the way.
    pub messages: Vec<EngineMessage>,
    /// Whether only a part of the font map was read.
    pub part_of_font_map: bool,
    /// Files it looked for: fonts, images.
    pub reads: Vec<ReadFile>,
    /// Wall-clock time.
    pub wall: Duration,
}

/// What a run does just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// So many pages have been shipped out.
    Page(u32),
}

/// Why there is no report. None of these is the document's TeX being wrong; the first four are
/// limits it ran into.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The caller cancelled.
    #[error("the run was cancelled")]
    Cancelled,
    /// Ran longer than allowed.
    #[error("stopped after {after:?}, the time limit")]
    TimedOut {
        /// The limit.
        after: Duration,
        /// Where TeX was: file as the engine names it, and line.
        at: Option<(String, u32)>,
    },
    /// Used more memory than allowed.
    #[error("stopped at {limit_bytes} bytes of memory, the limit")]
    MemoryLimit {
        /// The limit.
        limit_bytes: u64,
        /// Where TeX was.
        at: Option<(String, u32)>,
    },
    /// Wrote more than allowed.
    #[error("stopped at {limit_bytes} bytes of output, the limit")]
    OutputLimit {
        /// The limit.
        limit_bytes: u64,
        /// Where TeX was.
        at: Option<(String, u32)>,
    },
    /// The worker died.
    #[error("the TeX worker stopped unexpectedly ({how})")]
    Crashed {
        /// Signal or exit code in words.
        how: String,
        /// Where TeX was, when known.
        at: Option<(String, u32)>,
        /// The last file that it opened, when known: the one it choked on, if that is a picture.
        opened: Option<String>,
    },
    /// The worker could not be started.
    #[error("cannot start the TeX worker `{program}`: {reason}")]
    CannotStart {
        /// The program.
        program: String,
        /// What the system or the worker said.
        reason: String,
    },
    /// The other end speaks another version or nonsense.
    #[error("the TeX worker does not speak our protocol: {0}")]
    Protocol(String),
}
