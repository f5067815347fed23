//! What a build reports: while it runs, when it ends, and when it cannot even begin.

use super::{BuildRequest, EngineChoice};
use crate::{
    cache::BuildRecord,
    diagnostics::Diagnostic,
    outputs::OutputError,
    synctex::{SyncTex, SyncTexError},
};
use quire_container::ContainerError;
use quire_project::{ProjectPath, ReadError};
use quire_tex_engine::EngineError;
use serde::{Deserialize, Serialize};
use std::{fs, io, path::PathBuf, time::Duration};

/// Something happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Another build of the same document is running; this one waits for it.
    WaitingForOtherBuild,
    /// The worker is being started.
    Starting {
        /// Why the last result does not stand; `None` when there is none.
        because: Option<String>,
    },
    /// A pass of TeX begins.
    Pass {
        /// Counted from one.
        pass: u32,
        /// Why.
        reason: String,
    },
    /// A page was shipped out.
    Page {
        /// The pass.
        pass: u32,
        /// Pages so far.
        page: u32,
    },
    /// A helper program begins.
    Helper {
        /// What runs on what, such as `bibtex main.aux`.
        name: String,
    },
    /// The PDF is being made.
    WritingPdf,
}

/// How a build ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BuildOutcome {
    /// Nothing to complain about.
    Clean,
    /// Warnings only.
    Warnings,
    /// The document has errors. There may be a PDF all the same.
    Errors,
    /// Cancelled, or stopped at a limit, or the worker died.
    Killed,
}

/// One pass of TeX.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassReport {
    /// Why it was needed.
    pub reason: String,
    /// Pages shipped out.
    pub pages: u32,
    /// Wall-clock time.
    pub wall: Duration,
    /// Helper programs that ran after it.
    pub helpers: Vec<String>,
    /// A live document had run it before the build began.
    #[serde(default)]
    pub is_live: bool,
}

/// The transcript of a helper program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// What ran on what, such as `bibtex main.aux`.
    pub name: String,
    /// What it said.
    pub text: Vec<u8>,
}

/// A finished build.
#[derive(Clone, Debug)]
pub struct BuildResult {
    /// How it ended.
    pub outcome: BuildOutcome,
    /// True when the last result still stood and nothing ran.
    pub up_to_date: bool,
    /// Why the last result did not stand; `None` when there was none or it did.
    pub because: Option<String>,
    /// Where TeX Live ran, in words for people; `None` for the engine that is built in.
    pub place: Option<String>,
    /// What to tell the author.
    pub diagnostics: Vec<Diagnostic>,
    /// The passes; of the build that made the result when it is up to date.
    pub passes: Vec<PassReport>,
    /// Number of pages.
    pub pages: u32,
    /// The PDF that this build (or the one it repeats) wrote.
    pub pdf: Option<PathBuf>,
    /// The SyncTeX file likewise.
    pub synctex: Option<PathBuf>,
    /// The XDV of the last pass, when it was asked for and this build ran one.
    pub xdv: Option<Vec<u8>>,
    /// The log of the last pass.
    pub log: Vec<u8>,
    /// Transcripts of helper programs.
    pub transcripts: Vec<Transcript>,
    /// Project files that were read: those to watch.
    pub inputs: Vec<ProjectPath>,
    /// Names that were looked for in the project in vain: to watch as well.
    pub absent: Vec<ProjectPath>,
    /// Peak memory of the worker in bytes; 0 when not known.
    pub peak_memory_bytes: u64,
    /// Time of the whole build.
    pub wall: Duration,
}

/// Code of the diagnostic that a cancelled build has.
pub(super) const CANCELLED: &str = "cancelled";

impl BuildResult {
    pub(super) fn up_to_date(
        request: &BuildRequest,
        record: &BuildRecord,
        log: Vec<u8>,
        wall: Duration,
    ) -> Self {
        let written = |place: Option<PathBuf>| {
            place.filter(|place| record.result.outputs.iter().any(|o| o.place == *place))
        };
        let transcript = |helper: &crate::cache::HelperRecord| Transcript {
            name: helper.name.clone(),
            text: helper.transcript.clone(),
        };
        Self {
            outcome: record.result.outcome,
            up_to_date: true,
            because: None,
            place: request.place_words(),
            diagnostics: record.result.diagnostics.clone(),
            passes: record.result.passes.clone(),
            pages: record.result.pages,
            pdf: written(request.pdf_place()),
            synctex: written(request.synctex_place()),
            xdv: None,
            log,
            transcripts: record.helpers.iter().map(transcript).collect(),
            inputs: record.inputs.iter().map(|input| input.path.clone()).collect(),
            absent: record.absent.clone(),
            peak_memory_bytes: record.result.peak_memory_bytes,
            wall,
        }
    }
}

impl BuildResult {
    /// Whether the author ended the build.
    pub fn was_cancelled(&self) -> bool {
        self.diagnostics.iter().any(|told| told.code == CANCELLED)
    }

    /// Read the SyncTeX file that this build wrote, with the names of the project's files; `None`
    /// when it wrote none. `root` is the request's root: names in the file are relative to its folder.
    pub fn read_synctex(&self, root: &ProjectPath) -> Result<Option<SyncTex>, SyncTexReadError> {
        let Some(place) = &self.synctex else { return Ok(None) };
        let failed = |source| SyncTexReadError::Io { place: place.clone(), source };
        let bytes = fs::read(place).map_err(failed)?;
        let to_project = |name: &str| {
            let path = ProjectPath::resolve(root.folder(), name).ok()?;
            self.inputs.contains(&path).then_some(path)
        };
        Ok(Some(SyncTex::read(&bytes, &to_project)?))
    }
}

/// Why a build's SyncTeX file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SyncTexReadError {
    /// It cannot be read.
    #[error("cannot read `{}`: {source}", place.display())]
    Io {
        /// The file.
        place: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It is damaged.
    #[error(transparent)]
    Damaged(#[from] SyncTexError),
}

/// Why there is no result. None of these is the document's TeX being wrong.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The engine asked for is not there.
    #[error(
        "`{}` is an engine of TeX Live, which runs in a sandbox, and none was given",
        engine.name()
    )]
    EngineUnavailable {
        /// What was asked for.
        engine: EngineChoice,
    },
    /// There is no such file.
    #[error("there is no file `{root}` in the project")]
    NoRoot {
        /// The root asked for.
        root: ProjectPath,
    },
    /// The root cannot be read.
    #[error("the root file: {source}")]
    UnreadableRoot {
        /// Why.
        source: ReadError,
    },
    /// Cancelled before it began.
    #[error("cancelled while another build of the document was running")]
    CancelledWhileWaiting,
    /// The worker cannot be started or does not speak our language.
    #[error("{source}")]
    Engine {
        /// What is wrong with it.
        source: EngineError,
    },
    /// TeX Live's sandbox cannot be used.
    #[error("{source}")]
    Container {
        /// Why.
        source: ContainerError,
    },
    /// The result cannot be written; the old one is untouched.
    #[error("{source}")]
    Output {
        /// Why.
        #[from]
        source: OutputError,
    },
}
