//! Builds that somebody else runs: a job says all that it needs, by value or by hash, so that it can wait in a queue, be
//! sent to another computer, and be tried again there.
//!
//! [`Job`] and [`JobResult`] are what is sent. [`run`] is the worker: it takes a job's files from a [`Blobs`] store and
//! puts there what the build wrote. [`Schedule`] says which job is next: so many at once, no user before all others,
//! again only what was not the document's fault; [`Workers`] are the threads that go by it.

mod blobs;
mod run;
mod schedule;
mod workers;

pub use blobs::{BlobId, Blobs, FolderBlobs};
pub use run::{Bench, run};
pub use schedule::{DeadLetter, JobState, Leased, Refused, Schedule, ScheduleLimits};
pub use workers::{Finished, Workers};

use crate::{
    build::{BuildOptions, BuildOutcome, EngineChoice, PassReport},
    diagnostics::Diagnostic,
};
use quire_container::SandboxLimits;
use quire_project::ProjectPath;
use quire_tex_engine::Limits;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

/// One build, as it is sent to whoever runs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    /// What tells it from all others.
    pub id: String,
    /// Whose turn it is when it runs.
    pub user: String,
    /// What tells this project from others in caches.
    pub project: String,
    /// The root file.
    pub root: ProjectPath,
    /// All files that the document may read.
    pub files: BTreeMap<ProjectPath, BlobId>,
    /// The engine.
    pub engine: EngineChoice,
    /// How it is to go.
    #[serde(default)]
    pub options: BuildOptions,
    /// The document may run programs, in its sandbox.
    #[serde(default)]
    pub shell_escape: bool,
    /// What it may use up.
    #[serde(default)]
    pub limits: JobLimits,
    /// The date that the document sees, in seconds since 1970.
    pub date_s: u64,
    /// Write SyncTeX records.
    #[serde(default)]
    pub synctex: bool,
}

/// What a job may use up. A worker may allow less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct JobLimits {
    /// Wall-clock time of the build, in milliseconds.
    pub wall_ms: u64,
    /// Memory, in bytes.
    pub memory_bytes: u64,
    /// Thousandths of a processor; the built-in engine uses one.
    pub milli_cpus: u32,
    /// Processes and threads at once.
    pub processes: u32,
    /// All that is written together, in bytes.
    pub output_bytes: u64,
}

impl Default for JobLimits {
    fn default() -> Self {
        let (engine, sandbox) = (Limits::default(), SandboxLimits::default());
        Self {
            wall_ms: u64::try_from(engine.wall.as_millis()).unwrap_or(u64::MAX),
            memory_bytes: engine.memory_bytes,
            milli_cpus: sandbox.milli_cpus,
            processes: sandbox.processes,
            output_bytes: engine.output_bytes,
        }
    }
}

impl JobLimits {
    /// The stricter of two, each by itself.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self {
            wall_ms: self.wall_ms.min(other.wall_ms),
            memory_bytes: self.memory_bytes.min(other.memory_bytes),
            milli_cpus: self.milli_cpus.min(other.milli_cpus),
            processes: self.processes.min(other.processes),
            output_bytes: self.output_bytes.min(other.output_bytes),
        }
    }

    fn of_engine(self) -> Limits {
        Limits {
            wall: Duration::from_millis(self.wall_ms),
            memory_bytes: self.memory_bytes,
            output_bytes: self.output_bytes,
        }
    }

    fn of_sandbox(self, base: SandboxLimits) -> SandboxLimits {
        SandboxLimits {
            memory_bytes: self.memory_bytes,
            milli_cpus: self.milli_cpus,
            processes: self.processes,
            build_bytes: self.output_bytes.min(base.build_bytes),
            file_bytes: self.output_bytes.min(base.file_bytes),
            ..base
        }
    }
}

/// What came of a job. A faulty document is a result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JobResult {
    /// How the build ended.
    pub outcome: BuildOutcome,
    /// Number of pages.
    pub pages: u32,
    /// The PDF, unless there is none.
    pub pdf: Option<BlobId>,
    /// The SyncTeX file, if it was asked for and there is one.
    pub synctex: Option<BlobId>,
    /// The log of the last pass.
    pub log: BlobId,
    /// What to tell the author.
    pub diagnostics: Vec<Diagnostic>,
    /// The passes.
    pub passes: Vec<PassReport>,
    /// Peak memory in bytes; 0 when not known.
    pub peak_memory_bytes: u64,
    /// Wall-clock time, in milliseconds.
    pub wall_ms: u64,
}

/// Why a job has no result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "camelCase", tag = "kind", content = "reason")]
pub enum JobFault {
    /// Something about the worker: another may do better, or this one later.
    #[error("{0}")]
    Infrastructure(String),
    /// The job is wrong: nobody can run it.
    #[error("{0}")]
    Invalid(String),
    /// Somebody has taken it back.
    #[error("cancelled")]
    Cancelled,
}
