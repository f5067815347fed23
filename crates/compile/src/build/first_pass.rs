//! A pass of TeX that a live document has run: a build that takes it is spared one of its own.

use super::{BuildDate, BuildRequest, request::file_identity};
use crate::{
    convergence::Generated,
    synctex::{SyncTex, SyncTexError},
};
use quire_project::{ContentHash, ProjectPath};
use quire_tex_engine::{FileOrigin, JobSetup, OutputFile, ReadFile, TexReport};
use std::{
    collections::BTreeSet,
    fmt,
    path::{Path, PathBuf},
};

/// A pass of TeX with all that it wrote: the first of a build, or one that follows such a one.
pub struct FirstPass {
    pub(crate) engine: EngineIdentity,
    /// What was asked for, without the generated files: the report tells which of them were read.
    pub(crate) setup: JobSetup,
    pub(crate) report: TexReport,
    /// Bytes of the outputs that the report names, in its order.
    pub(crate) outputs: Vec<Vec<u8>>,
}

impl fmt::Debug for FirstPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (root, pages) = (&self.setup.root, self.report.pages);
        f.debug_struct("FirstPass").field("root", root).field("pages", &pages).finish()
    }
}

/// The SyncTeX file of a pass, which is read only once somebody asks where something is.
pub struct SyncTexFile {
    bytes: Vec<u8>,
    root: ProjectPath,
    inputs: BTreeSet<ProjectPath>,
}

impl SyncTexFile {
    /// Read it, with the names of the project's files.
    pub fn read(&self) -> Result<SyncTex, SyncTexError> {
        let to_project = |name: &str| {
            let path = ProjectPath::resolve(self.root.folder(), name).ok()?;
            self.inputs.contains(&path).then_some(path)
        };
        SyncTex::read(&self.bytes, &to_project)
    }
}

/// The files that ran a pass, and which of their versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EngineIdentity {
    worker: (PathBuf, String),
    bundle: (PathBuf, String),
}

impl EngineIdentity {
    /// Of a worker, and the folder of a bundle.
    pub(crate) fn of(worker: &Path, bundle: &Path) -> Self {
        let format = file_identity(&bundle.join("latex.fmt"));
        Self {
            worker: (worker.to_owned(), file_identity(worker)),
            bundle: (bundle.to_owned(), format),
        }
    }
}

impl FirstPass {
    /// What the run reported.
    pub fn report(&self) -> &TexReport {
        &self.report
    }

    /// A file that it wrote, as the report names it.
    pub fn output(&self, name: &str) -> Option<&[u8]> {
        let index = self.report.outputs.iter().position(|output| output.name == name)?;
        self.outputs.get(index).map(Vec::as_slice)
    }

    /// The SyncTeX file that it wrote.
    pub fn synctex(&self) -> Option<SyncTexFile> {
        let name = format!("{}.synctex.gz", self.setup.job_name);
        let is_it = |output: &OutputFile| output.name.trim_start_matches("./") == name;
        let index = self.report.outputs.iter().position(is_it)?;
        let inputs = self.report.reads.iter().filter_map(|read| match read.origin {
            FileOrigin::Project(_) => read.path.clone(),
            _ => None,
        });
        Some(SyncTexFile {
            bytes: self.outputs.get(index)?.clone(),
            root: self.setup.root.clone(),
            inputs: inputs.collect(),
        })
    }

    /// Whether a build's pass that begins with these generated files would be this one: it has read what that one
    /// would read. Looks at every file.
    pub(super) fn is_of(&self, request: &BuildRequest, generated: &Generated) -> bool {
        let JobSetup { root, job_name, date_s, synctex, restored: _ } = &self.setup;
        let is_asked_for = *root == request.root
            && job_name == request.job_name()
            && *synctex == request.synctex
            && request.date.is_met_by(*date_s)
            && self.engine == EngineIdentity::of(&request.worker, request.bundle.path());
        is_asked_for && self.report.reads.iter().all(|read| is_still(read, request, generated))
    }

    /// The request of the build that begins with this pass: all of it has one date.
    pub(super) fn dated(&self, request: &BuildRequest) -> BuildRequest {
        let date = match request.date {
            BuildDate::Fixed(seconds) => BuildDate::Fixed(seconds),
            BuildDate::Now(_) => BuildDate::Now(self.setup.date_s),
        };
        BuildRequest { date, ..request.clone() }
    }
}

/// Whether a run would find under a name what it found before.
fn is_still(read: &ReadFile, request: &BuildRequest, generated: &Generated) -> bool {
    let generated = generated.get(read.name.as_str()).map(|bytes| ContentHash::of(bytes));
    match (&read.origin, generated) {
        (FileOrigin::Generated(hash), Some(now)) => return *hash == now,
        (FileOrigin::Generated(_), None) | (_, Some(_)) => return false,
        (_, None) => {}
    }
    let paths = ProjectPath::look_ups(request.root.folder(), &read.name).unwrap_or_default();
    let now = paths
        .iter()
        .find_map(|path| request.files.read(path).map(|b| Some((path, b?))).transpose());
    match (&read.origin, now) {
        (FileOrigin::Project(hash), Some(Ok((path, bytes)))) => {
            read.path.as_ref() == Some(path) && *hash == ContentHash::of(&bytes)
        }
        // TeX's own state is not looked for in the project.
        (FileOrigin::Missing | FileOrigin::Bundle, now) => now.is_none() || read.path.is_none(),
        (FileOrigin::Refused(reason), Some(Err(error))) => *reason == error.to_string(),
        (FileOrigin::Refused(_), None) => paths.is_empty(),
        (FileOrigin::Project(_) | FileOrigin::Refused(_) | FileOrigin::Generated(_), _) => false,
    }
}
