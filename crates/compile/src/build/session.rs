//! A build under way: the engine, the generated files as the next pass will see them, and a tally
//! of everything that was read.

use super::{BuildError, BuildRequest, FirstPass};
use crate::convergence::{Generated, plain};
use quire_bundle::Pack;
use quire_project::{ContentHash, ProjectPath};
use quire_tex_engine::{
    CancelToken, Engine, EngineError, EngineOptions, FileOrigin, JobSetup, Limits, MappedFile,
    OutputFile, ReadFile, TexReport,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Outputs that no later pass reads and that are asked for by name when wanted.
const RESULTS: [&str; 6] = ["xdv", "pdf", "log", "blg", "synctex", "gz"];

/// Generated files that are larger are not kept from build to build.
const MAX_STATE_BYTES: u64 = 64 << 20;

/// The running engine and what is known around it.
pub(crate) struct Session<'a> {
    pub(crate) request: &'a BuildRequest,
    pub(crate) engine: Engine,
    pub(crate) cancel: &'a CancelToken,
    /// Generated files as the next pass will see them.
    pub(crate) generated: Generated,
    /// Project files read so far.
    pub(crate) inputs: BTreeMap<ProjectPath, ContentHash>,
    /// Project paths looked for in vain so far.
    pub(crate) absent: BTreeSet<ProjectPath>,
    /// Names that were refused, with the reason.
    pub(crate) refused: BTreeMap<String, String>,
    bundle: Option<Pack<MappedFile>>,
}

impl<'a> Session<'a> {
    pub(crate) fn start(
        request: &'a BuildRequest,
        restored: &Generated,
        cancel: &'a CancelToken,
    ) -> Result<Self, EngineError> {
        let files = restored.iter().map(|(name, bytes)| (name.clone(), bytes.to_vec()));
        let engine = start_engine(request, request.limits, files.collect(), cancel)?;
        let generated = restored.clone();
        Ok(Self {
            request,
            engine,
            cancel,
            generated,
            inputs: BTreeMap::new(),
            absent: BTreeSet::new(),
            refused: BTreeMap::new(),
            bundle: None,
        })
    }

    /// Go on as if the worker had run this pass.
    pub(crate) fn adopt(&mut self, pass: &FirstPass) -> Result<TexReport, EngineError> {
        for (output, bytes) in pass.report.outputs.iter().zip(&pass.outputs) {
            self.engine.put(&output.name, bytes)?;
        }
        Ok(pass.report.clone())
    }

    /// Go on with another worker, which has the generated files: what a conversion that broke off
    /// left in the old one would end the next.
    pub(crate) fn restart(&mut self) -> Result<(), EngineError> {
        let files = self.generated.iter().map(|(name, bytes)| (name.clone(), bytes.to_vec()));
        let limits = Limits { wall: self.engine.remaining(), ..self.request.limits };
        self.engine = start_engine(self.request, limits, files.collect(), self.cancel)?;
        Ok(())
    }

    /// Note what a run read.
    pub(crate) fn tally(&mut self, reads: &[ReadFile]) {
        for read in reads {
            match (&read.origin, &read.path) {
                (FileOrigin::Project(hash), Some(path)) => {
                    self.inputs.insert(path.clone(), *hash);
                }
                // A file in the project would go before the bundle's.
                (FileOrigin::Missing | FileOrigin::Bundle, Some(_)) => {
                    let paths = self.paths(&read.name);
                    self.absent.extend(paths);
                }
                (FileOrigin::Refused(reason), _) => {
                    self.refused.insert(read.name.clone(), reason.clone());
                }
                _ => {}
            }
        }
    }

    /// Take over what a run wrote, for the next pass and the helper programs.
    pub(crate) fn take_outputs(&mut self, outputs: &[OutputFile]) -> Result<(), EngineError> {
        for output in outputs {
            let name = plain(&output.name);
            let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
            if RESULTS.contains(&extension) || output.bytes > MAX_STATE_BYTES {
                continue;
            }
            let known = self.generated.get(name);
            if known.is_some_and(|bytes| ContentHash::of(bytes) == output.hash) {
                continue;
            }
            if let Some(bytes) = self.engine.fetch(&output.name)? {
                self.generated.insert(name.to_owned(), bytes.into());
            }
        }
        Ok(())
    }

    /// Add a file that a helper program made.
    pub(crate) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), EngineError> {
        if self.generated.get(name).is_none_or(|known| **known != *bytes) {
            self.engine.put(name, bytes)?;
            self.generated.insert(name.to_owned(), bytes.into());
        }
        Ok(())
    }

    /// Where a name in the document is looked for in the project, as the engine's own look-ups do.
    fn paths(&self, name: &str) -> Vec<ProjectPath> {
        ProjectPath::look_ups(self.request.root.folder(), name).unwrap_or_default()
    }

    /// The project path that a name in the document stands for.
    pub(crate) fn path(&self, name: &str) -> Option<ProjectPath> {
        let paths = self.paths(name);
        if let [only] = &paths[..] {
            return Some(only.clone());
        }
        let there = paths.iter().find(|path| matches!(self.request.files.read(path), Ok(Some(_))));
        there.or(paths.first()).cloned()
    }

    /// A file as TeX would find it: generated, the project's, the bundle's. It counts as read.
    pub(crate) fn find(&mut self, name: &str) -> Option<Arc<[u8]>> {
        if let Some(bytes) = self.generated.get(plain(name)) {
            return Some(bytes.clone());
        }
        for path in self.paths(name) {
            match self.request.files.read(&path) {
                Ok(Some(bytes)) => {
                    self.inputs.insert(path, ContentHash::of(&bytes));
                    return Some(bytes);
                }
                Ok(None) => {
                    self.absent.insert(path);
                }
                Err(error) => {
                    self.refused.insert(name.to_owned(), error.to_string());
                    return None;
                }
            }
        }
        if self.bundle.is_none() {
            let map = MappedFile::open(&self.request.bundle.pack_path()).ok()?;
            self.bundle = Pack::open(map).ok();
        }
        self.bundle.as_ref()?.get(name).map(Into::into)
    }

    /// The project's own file of this name.
    pub(crate) fn project_file(&self, name: &str) -> Option<Arc<[u8]>> {
        self.request.files.read(&self.path(name)?).ok()?
    }
}

fn start_engine(
    request: &BuildRequest,
    limits: Limits,
    restored: Vec<(String, Vec<u8>)>,
    cancel: &CancelToken,
) -> Result<Engine, EngineError> {
    let options = EngineOptions {
        worker: request.worker.clone(),
        bundle: request.bundle.path().to_owned(),
        limits,
    };
    let setup = JobSetup {
        root: request.root.clone(),
        job_name: request.job_name().to_owned(),
        date_s: request.date.seconds(),
        synctex: request.synctex,
        restored,
    };
    Engine::start(&options, request.files.clone(), setup, cancel)
}

/// Engine errors that are not the document's doing end the build; the others are its outcome.
pub(super) fn is_broken_installation(error: &EngineError) -> Option<BuildError> {
    match error {
        EngineError::CannotStart { .. } | EngineError::Protocol(_) => {
            Some(BuildError::Engine { source: error.clone() })
        }
        EngineError::Cancelled
        | EngineError::TimedOut { .. }
        | EngineError::MemoryLimit { .. }
        | EngineError::OutputLimit { .. }
        | EngineError::Crashed { .. } => None,
    }
}
