//! The record of a build: everything it depended on, and what came of it. A build whose record still
//! holds need not be done again.

use crate::{
    build::{BuildOptions, BuildOutcome, PassReport},
    diagnostics::Diagnostic,
};
use quire_project::{ContentHash, FileSource, FileStamp, ProjectPath, Stamp};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a build did, for the next one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BuildRecord {
    /// What was asked, of which engine.
    pub setting: Setting,
    /// The project files that were read.
    pub inputs: Vec<InputRecord>,
    /// Names that were looked for in the project and not found there.
    pub absent: Vec<ProjectPath>,
    /// Which files there were, where the engine does not tell what it looked for in vain.
    #[serde(default)]
    pub listing: Option<ContentHash>,
    /// False when a file was refused: what became of it cannot be told cheaply.
    pub reusable: bool,
    /// Runs of BibTeX, biber, makeindex.
    pub helpers: Vec<HelperRecord>,
    /// What came of it.
    pub result: RecordedResult,
    /// The hash of the stored generated files; `None` when there are none to go on from.
    pub state: Option<ContentHash>,
}

/// Everything besides files that a build depends on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Version of this program and identity of its worker.
    pub program: String,
    /// Identity of the bundle.
    pub bundle: String,
    /// `\jobname`.
    pub job_name: String,
    /// How the build was to go.
    #[serde(default)]
    pub options: BuildOptions,
    /// Whether SyncTeX records are written.
    pub synctex: bool,
    /// The fixed date in seconds, or the day since 1970 when the date is today.
    pub date: (bool, u64),
    /// The bound on passes.
    pub max_passes: u32,
    /// Whether results are written at all.
    pub writes: bool,
}

impl Setting {
    /// Whether a build with the setting `done` did all that this one asks for: one that wrote its
    /// results is as good for a mere check.
    fn is_met_by(&self, done: &Self) -> bool {
        let writing = || Self { writes: true, synctex: done.synctex, ..self.clone() };
        self == done || (!self.writes && writing() == *done)
    }
}

/// One project file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputRecord {
    /// The file.
    pub path: ProjectPath,
    /// SHA-256 of what was read.
    pub hash: ContentHash,
    /// By which it is known without reading it.
    pub stamp: Option<FileStamp>,
}

/// One run of a helper program: done again only when its inputs differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HelperRecord {
    /// What was run on what, such as `bibtex main.aux`.
    pub name: String,
    /// Hash of all it depends on.
    pub key: ContentHash,
    /// The generated files it made, with their hashes.
    pub outputs: Vec<(String, ContentHash)>,
    /// Its transcript, for diagnostics.
    pub transcript: Vec<u8>,
    /// What to tell the author about it.
    pub diagnostics: Vec<Diagnostic>,
}

/// A result as it was reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordedResult {
    /// How the build ended.
    pub outcome: BuildOutcome,
    /// What was told.
    pub diagnostics: Vec<Diagnostic>,
    /// Number of pages.
    pub pages: u32,
    /// The passes of the build that made it.
    pub passes: Vec<PassReport>,
    /// The files that were written.
    pub outputs: Vec<OutputRecord>,
    /// Peak memory of the worker in bytes; 0 when not known.
    pub peak_memory_bytes: u64,
}

/// One file that was written for the author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputRecord {
    /// Where.
    pub place: PathBuf,
    /// SHA-256.
    pub hash: ContentHash,
    /// Length and time of change (nanoseconds since 1970) right after writing.
    pub written: Option<(u64, i64)>,
}

/// Why a build must be done again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StaleBecause {
    /// Another engine, bundle, option or day.
    Setting,
    /// A file has other contents, or is gone.
    Changed(ProjectPath),
    /// A file is there that was looked for in vain.
    Appeared(ProjectPath),
    /// A file came or went, and the engine does not tell whether it would be read.
    Listing,
    /// A result is gone or was changed by another program.
    Output(PathBuf),
    /// The last build wrote its result elsewhere.
    Elsewhere(PathBuf),
    /// The last build met a file that it could not read.
    Refused,
}

impl std::fmt::Display for StaleBecause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Setting => f.write_str("the engine, the bundle, an option or the date changed"),
            Self::Changed(path) => write!(f, "{path} changed"),
            Self::Appeared(path) => write!(f, "{path} is new"),
            Self::Listing => f.write_str("a file of the project is new or gone"),
            Self::Output(place) => write!(f, "{} is gone or was changed", place.display()),
            Self::Elsewhere(place) => {
                write!(f, "{} was not written by the last build", place.display())
            }
            Self::Refused => f.write_str("the last build could not read a file"),
        }
    }
}

impl BuildRecord {
    /// Check the record against the present; `listing` tells which files there are now. `Ok(true)` when files had to be read for it, and new
    /// stamps in the record would make the next check quicker (they are set).
    pub fn check(
        &mut self,
        setting: &Setting,
        files: &dyn FileSource,
        listing: &dyn Fn() -> ContentHash,
        places: &[PathBuf],
    ) -> Result<bool, StaleBecause> {
        if !setting.is_met_by(&self.setting) {
            return Err(StaleBecause::Setting);
        }
        if !self.reusable {
            return Err(StaleBecause::Refused);
        }
        let mut learned = self.check_inputs(files)?;
        for path in &self.absent {
            match files.stamp(path) {
                Stamp::Missing => {}
                Stamp::Unknown if matches!(files.read(path), Ok(None)) => {}
                Stamp::Unknown | Stamp::Known(_) => {
                    return Err(StaleBecause::Appeared(path.clone()));
                }
            }
        }
        if self.listing.is_some_and(|then| listing() != then) {
            return Err(StaleBecause::Listing);
        }
        // A build that failed wrote nothing; it would fail again.
        if !self.result.outputs.is_empty() {
            for place in places {
                let known = self.result.outputs.iter_mut().find(|output| output.place == *place);
                let Some(output) = known else {
                    return Err(StaleBecause::Elsewhere(place.clone()));
                };
                learned |= output.check()?;
            }
        }
        Ok(learned)
    }

    /// As [`check`](Self::check), for the inputs alone.
    fn check_inputs(&mut self, files: &dyn FileSource) -> Result<bool, StaleBecause> {
        let mut learned = false;
        for input in &mut self.inputs {
            let now = files.stamp(&input.path);
            if let (Stamp::Known(now), Some(then)) = (now, input.stamp)
                && now == then
            {
                continue;
            }
            let bytes = match now {
                Stamp::Missing => None,
                Stamp::Known(_) | Stamp::Unknown => files.read(&input.path).ok().flatten(),
            };
            if bytes.map(|bytes| ContentHash::of(&bytes)) != Some(input.hash) {
                return Err(StaleBecause::Changed(input.path.clone()));
            }
            if let Stamp::Known(now) = files.stamp(&input.path) {
                input.stamp = Some(now);
                learned = true;
            }
        }
        Ok(learned)
    }
}

impl OutputRecord {
    /// The record of a file just written.
    pub fn of(place: PathBuf, bytes: &[u8]) -> Self {
        let written = written(&place);
        Self { place, hash: ContentHash::of(bytes), written }
    }

    /// `Ok(true)` when the file was touched but holds the same bytes.
    fn check(&mut self) -> Result<bool, StaleBecause> {
        let now = written(&self.place);
        if now.is_some() && now == self.written {
            return Ok(false);
        }
        let same = std::fs::read(&self.place).is_ok_and(|b| ContentHash::of(&b) == self.hash);
        if !same {
            return Err(StaleBecause::Output(self.place.clone()));
        }
        self.written = now;
        Ok(true)
    }
}

fn written(place: &std::path::Path) -> Option<(u64, i64)> {
    let metadata = std::fs::symlink_metadata(place).ok()?;
    let since = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    metadata.is_file().then_some(())?;
    Some((metadata.len(), i64::try_from(since.as_nanos()).ok()?))
}
