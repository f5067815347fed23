//! Runs a job: its files out of the store, a build, what it wrote into the store.

use super::{BlobId, Blobs, Job, JobFault, JobLimits, JobResult};
use crate::build::{
    BuildDate, BuildError, BuildRequest, BuildResult, Event, OutputPlace, TexLive, build,
};
use quire_bundle::BundleDir;
use quire_project::{FileSource, ProjectPath, ReadError, Stamp};
use quire_tex_engine::CancelToken;
use std::{
    collections::BTreeMap,
    fs, io,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

/// What a worker works with.
#[derive(Clone)]
pub struct Bench {
    /// The engine's program; see [`quire_tex_engine::find_worker`].
    pub worker: PathBuf,
    /// The bundle.
    pub bundle: BundleDir,
    /// TeX Live, where jobs may ask for it; what a job says goes before what is set here.
    pub tex_live: Option<TexLive>,
    /// The folder of all build caches; `None` to begin each job from nothing.
    pub builds_cache: Option<PathBuf>,
    /// No job gets more.
    pub most: JobLimits,
}

/// Run one job. `cancel` takes it back from another thread.
pub fn run(
    job: &Job,
    blobs: &Arc<dyn Blobs>,
    bench: &Bench,
    events: &mut dyn FnMut(Event),
    cancel: &CancelToken,
) -> Result<JobResult, JobFault> {
    let files = Arc::new(JobFiles::new(job, blobs.clone()));
    let output = tempfile::tempdir().map_err(infrastructure)?;
    let request = request(job, files.clone(), bench, output.path().to_owned());
    let result = build(&request, events, cancel);
    // The document took such a file for one that it may not read; that is not what it is to be told.
    if let Some(fault) = files.fault() {
        return Err(JobFault::Infrastructure(fault));
    }
    let result = result.map_err(fault)?;
    if result.was_cancelled() {
        return Err(JobFault::Cancelled);
    }
    keep(&result, &**blobs).map_err(infrastructure)
}

fn request(job: &Job, files: Arc<JobFiles>, bench: &Bench, output: PathBuf) -> BuildRequest {
    let limits = job.limits.within(bench.most);
    let tex_live = bench.tex_live.clone().map(|tex_live| TexLive {
        limits: limits.of_sandbox(tex_live.limits),
        shell_escape: job.shell_escape,
        ..tex_live
    });
    BuildRequest {
        files,
        // Two users' projects of one name are two.
        project: format!("{}/{}", job.user, job.project),
        root: job.root.clone(),
        engine: job.engine,
        options: job.options,
        tex_live,
        worker: bench.worker.clone(),
        bundle: bench.bundle.clone(),
        limits: limits.of_engine(),
        date: BuildDate::Fixed(job.date_s),
        synctex: job.synctex,
        xdv: false,
        max_passes: BuildRequest::DEFAULT_MAX_PASSES,
        output: Some(OutputPlace { folder: output, create: false }),
        builds_cache: bench.builds_cache.clone(),
    }
}

fn keep(result: &BuildResult, blobs: &dyn Blobs) -> io::Result<JobResult> {
    let file = |place: &Option<PathBuf>| -> io::Result<Option<BlobId>> {
        place.as_ref().map(|place| blobs.put(&fs::read(place)?)).transpose()
    };
    Ok(JobResult {
        outcome: result.outcome,
        pages: result.pages,
        pdf: file(&result.pdf)?,
        synctex: file(&result.synctex)?,
        log: blobs.put(&result.log)?,
        diagnostics: result.diagnostics.clone(),
        passes: result.passes.clone(),
        peak_memory_bytes: result.peak_memory_bytes,
        wall_ms: u64::try_from(result.wall.as_millis()).unwrap_or(u64::MAX),
    })
}

fn infrastructure(error: impl std::fmt::Display) -> JobFault {
    JobFault::Infrastructure(error.to_string())
}

/// Whose fault it is that there is no result.
fn fault(error: BuildError) -> JobFault {
    match error {
        BuildError::NoRoot { .. } => JobFault::Invalid(error.to_string()),
        BuildError::CancelledWhileWaiting => JobFault::Cancelled,
        BuildError::EngineUnavailable { .. }
        | BuildError::UnreadableRoot { .. }
        | BuildError::Engine { .. }
        | BuildError::Container { .. }
        | BuildError::Output { .. } => infrastructure(error),
    }
}

/// The files of a job, read when the document reads them.
struct JobFiles {
    files: BTreeMap<ProjectPath, BlobId>,
    blobs: Arc<dyn Blobs>,
    /// The first blob that could not be had.
    fault: OnceLock<String>,
}

impl JobFiles {
    fn new(job: &Job, blobs: Arc<dyn Blobs>) -> Self {
        Self { files: job.files.clone(), blobs, fault: OnceLock::new() }
    }

    fn fault(&self) -> Option<String> {
        self.fault.get().cloned()
    }
}

impl FileSource for JobFiles {
    fn read(&self, path: &ProjectPath) -> Result<Option<Arc<[u8]>>, ReadError> {
        let Some(id) = self.files.get(path) else { return Ok(None) };
        let missing = || io::Error::new(io::ErrorKind::NotFound, "it is not in the store");
        match self.blobs.get(*id).and_then(|bytes| bytes.ok_or_else(missing)) {
            Ok(bytes) => Ok(Some(bytes.into())),
            Err(source) => {
                self.fault.get_or_init(|| format!("cannot get `{path}`, the blob {id}: {source}"));
                Err(ReadError::Io { path: path.clone(), source })
            }
        }
    }

    fn list(&self) -> Vec<ProjectPath> {
        self.files.keys().cloned().collect()
    }

    fn stamp(&self, path: &ProjectPath) -> Stamp {
        if self.files.contains_key(path) { Stamp::Unknown } else { Stamp::Missing }
    }
}
