//! The application's end: starts a worker, serves it files, takes its reports, and ends it when it
//! runs too long, grows too large or is no longer wanted.

#[cfg(target_os = "linux")]
pub(crate) mod live;
mod watchdog;

use crate::{
    fonts,
    protocol::{FromWorker, Hello, PROTOCOL_VERSION, ServedFile, ToWorker, receive, send},
    report::{
        BibtexReport, EngineError, FileOrigin, JobSetup, Limits, OutputFile, PdfOptions, PdfReport,
        Progress, ReadFile, TexReport,
    },
};
use quire_project::{ContentHash, FileSource, PathError, ProjectPath};
use serde_bytes::ByteBuf;
use std::{
    io::{self, BufReader, BufWriter, Read},
    path::PathBuf,
    process::{ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
pub(crate) use watchdog::{Watch, Watchdog};

/// Cancels a run from any thread. Clones share one state.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl CancelToken {
    /// A token that is not cancelled.
    pub fn new() -> Self {
        Self::default()
    }

    /// End whatever holds this token.
    pub fn cancel(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// True once [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Where the worker and the bundle are, and the bounds.
#[derive(Clone, Debug)]
pub struct EngineOptions {
    /// The worker program; see [`find_worker`](crate::find_worker).
    pub worker: PathBuf,
    /// The bundle directory.
    pub bundle: PathBuf,
    /// Bounds of the job.
    pub limits: Limits,
}

/// One worker process: one build of one document.
///
/// After any `Err` the worker is gone and every later call fails.
pub struct Engine {
    process: u32,
    watchdog: Option<Watchdog>,
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
    last_words: Arc<Mutex<Vec<u8>>>,
    stderr_reader: Option<JoinHandle<()>>,
    files: Arc<dyn FileSource>,
    /// What the run under way, or the last one, was served.
    served: Vec<ReadFile>,
    root_folder: String,
    job_name: String,
    hello: Hello,
    remaining: Duration,
}

impl Engine {
    /// Start a worker and tell it about the document.
    pub fn start(
        options: &EngineOptions,
        files: Arc<dyn FileSource>,
        setup: JobSetup,
        cancel: &CancelToken,
    ) -> Result<Self, EngineError> {
        let mut engine = Self::spawn(options, files, &setup, cancel)?;
        let mut setup = setup;
        for (name, bytes) in std::mem::take(&mut setup.restored) {
            engine.tell(&ToWorker::Put { name, bytes: ByteBuf::from(bytes) })?;
        }
        engine.tell(&ToWorker::Setup { setup, limits: options.limits })?;
        Ok(engine)
    }

    fn spawn(
        options: &EngineOptions,
        files: Arc<dyn FileSource>,
        setup: &JobSetup,
        cancel: &CancelToken,
    ) -> Result<Self, EngineError> {
        let cannot_start = |reason: String| EngineError::CannotStart {
            program: options.worker.display().to_string(),
            reason,
        };
        let mut command = worker_command(options, "serve");
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|e| cannot_start(e.to_string()))?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(stderr)) = pipes else {
            return Err(cannot_start("no pipes".to_owned()));
        };
        let last_words = Arc::new(Mutex::new(Vec::new()));
        let stderr_reader = thread::spawn({
            let last_words = last_words.clone();
            move || watchdog::collect(stderr, &last_words)
        });
        let watch = Watch {
            wall: options.limits.wall,
            memory_bytes: Some(options.limits.memory_bytes),
            cancel: cancel.clone(),
        };
        let mut engine = Self {
            process: child.id(),
            watchdog: Some(Watchdog::start(child, watch)),
            input: BufWriter::with_capacity(1 << 16, input),
            output: BufReader::with_capacity(1 << 16, output),
            last_words,
            stderr_reader: Some(stderr_reader),
            files,
            served: Vec::new(),
            root_folder: setup.root.folder().to_owned(),
            job_name: setup.job_name.clone(),
            hello: Hello {
                protocol: 0,
                format_serial: 0,
                sandbox: crate::protocol::SandboxReport::default(),
            },
            remaining: options.limits.wall,
        };
        match engine.message()? {
            FromWorker::Hello(hello) if hello.protocol == PROTOCOL_VERSION => {
                engine.hello = hello;
                Ok(engine)
            }
            FromWorker::Hello(hello) => Err(EngineError::Protocol(format!(
                "it speaks version {}, we speak {PROTOCOL_VERSION}; reinstall Quire",
                hello.protocol
            ))),
            FromWorker::Unusable { reason } => Err(cannot_start(reason)),
            other => Err(EngineError::Protocol(format!("began with {other:.40?}"))),
        }
    }

    /// The number of the worker's process.
    pub fn process(&self) -> u32 {
        self.process
    }

    /// How the worker introduced itself.
    pub fn hello(&self) -> &Hello {
        &self.hello
    }

    /// What the last run asked the application for. A run that is ended early leaves no report: this
    /// tells what it had read of the project until then.
    pub fn served(&self) -> &[ReadFile] {
        &self.served
    }

    /// What is left of the time that the job may take.
    pub fn remaining(&self) -> Duration {
        self.remaining
    }

    /// Let the job go on for `wall` from now on: for a worker that does one small thing after the other.
    pub fn renew(&mut self, wall: Duration) {
        self.remaining = wall;
    }

    /// Run TeX once over the document.
    pub fn run_tex(
        &mut self,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<TexReport, EngineError> {
        match self.ask(&ToWorker::Tex, progress)? {
            FromWorker::Tex(report) => Ok(report),
            other => Err(unexpected(&other)),
        }
    }

    /// Run BibTeX on an `.aux` file named relative to the root's folder.
    pub fn run_bibtex(&mut self, aux: &str) -> Result<BibtexReport, EngineError> {
        match self.ask(&ToWorker::Bibtex { aux: aux.to_owned() }, &mut |_| {})? {
            FromWorker::Bibtex(report) => Ok(report),
            other => Err(unexpected(&other)),
        }
    }

    /// Convert the XDV of the last TeX run, or one that was put, to PDF. Once for each worker.
    pub fn make_pdf(&mut self, options: &PdfOptions) -> Result<PdfReport, EngineError> {
        let request = ToWorker::Pdf { options: options.clone() };
        let mut report = match self.ask(&request, &mut |_| {})? {
            FromWorker::Pdf(report) => report,
            other => return Err(unexpected(&other)),
        };
        if report.pdf.is_ok() {
            let name = format!("{}.pdf", self.job_name);
            report.pdf = self.fetch(&name)?.ok_or_else(|| "no PDF was written".to_owned());
        }
        Ok(report)
    }

    /// Add a generated file for the next run, named relative to the root's folder.
    pub fn put(&mut self, name: &str, bytes: &[u8]) -> Result<(), EngineError> {
        let bytes = ByteBuf::from(bytes.to_vec());
        self.tell(&ToWorker::Put { name: name.to_owned(), bytes })
    }

    /// A file that a run wrote or that was put; `None` when there is none.
    pub fn fetch(&mut self, name: &str) -> Result<Option<Vec<u8>>, EngineError> {
        match self.ask(&ToWorker::Fetch { name: name.to_owned() }, &mut |_| {})? {
            FromWorker::Fetched(bytes) => Ok(bytes.map(ByteBuf::into_vec)),
            other => Err(unexpected(&other)),
        }
    }

    /// Send a request, serve files until its answer comes.
    fn ask(
        &mut self,
        request: &ToWorker,
        progress: &mut dyn FnMut(Progress),
    ) -> Result<FromWorker, EngineError> {
        let started = std::time::Instant::now();
        if let Some(watchdog) = &self.watchdog {
            watchdog.arm(self.remaining);
        }
        self.served.clear();
        self.tell(request)?;
        loop {
            match self.message()? {
                FromWorker::Need { name } => {
                    let answer = serve(&*self.files, &self.root_folder, &name);
                    let (path, origin) = (answer.path.clone(), answer.origin.clone());
                    self.served.push(ReadFile { name, path, origin });
                    self.tell(&ToWorker::File(answer))?;
                }
                FromWorker::Progress(what) => progress(what),
                FromWorker::OutputLimit { at, outputs } => {
                    self.end();
                    return Err(over_limit(at, &outputs));
                }
                FromWorker::Unusable { reason } => return Err(EngineError::Protocol(reason)),
                answer => {
                    if let Some(watchdog) = &self.watchdog {
                        watchdog.disarm();
                    }
                    self.remaining = self.remaining.saturating_sub(started.elapsed());
                    return Ok(answer);
                }
            }
        }
    }

    fn tell(&mut self, message: &ToWorker) -> Result<(), EngineError> {
        send(&mut self.input, message).map_err(|e| self.failure(&e))
    }

    fn message(&mut self) -> Result<FromWorker, EngineError> {
        receive(&mut self.output).map_err(|e| self.failure(&e))
    }

    /// Why the pipe broke: the watchdog's reason, or the worker's death, or nonsense.
    fn failure(&mut self, error: &io::Error) -> EngineError {
        if error.kind() == io::ErrorKind::InvalidData {
            self.end();
            return EngineError::Protocol(error.to_string());
        }
        let Some(watchdog) = self.watchdog.take() else {
            let how = "it has ended already".to_owned();
            return EngineError::Crashed { how, at: None, opened: None };
        };
        let (status, reason) = watchdog.wait();
        self.join_stderr();
        let words = self.last_words();
        match reason {
            Some(reason) => reason.into_error(watchdog::place(&words)),
            None => watchdog::crash(status, &words),
        }
    }

    fn last_words(&self) -> String {
        let words = self.last_words.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        String::from_utf8_lossy(&words).into_owned()
    }

    fn join_stderr(&mut self) {
        if let Some(reader) = self.stderr_reader.take() {
            let _ = reader.join();
        }
    }

    fn end(&mut self) {
        if let Some(watchdog) = self.watchdog.take() {
            watchdog.finish();
        }
        self.join_stderr();
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(watchdog) = self.watchdog.take() {
            watchdog.kill();
        }
        self.join_stderr();
    }
}

/// What a name in a document stands for, whose root lies in `root_folder`.
pub(crate) fn serve(files: &dyn FileSource, root_folder: &str, name: &str) -> ServedFile {
    let refused = |reason: &str| ServedFile {
        path: None,
        origin: FileOrigin::Refused(reason.to_owned()),
        bytes: ByteBuf::new(),
    };
    let paths = match ProjectPath::look_ups(root_folder, name) {
        Ok(paths) => paths,
        Err(PathError::Absolute(_)) if !name.starts_with("/dev/null") => {
            return refused("absolute path");
        }
        Err(PathError::Outside(_)) => return refused("outside the project"),
        Err(PathError::Absolute(_) | PathError::Empty | PathError::ForbiddenCharacter(_)) => {
            return ServedFile { path: None, origin: FileOrigin::Missing, bytes: ByteBuf::new() };
        }
    };
    // When none is there it counts as looked for where it was looked for first.
    let mut found = Ok(None);
    let mut at = None;
    for path in paths {
        found = files.read(&path);
        at.get_or_insert_with(|| path.clone());
        if !matches!(found, Ok(None)) {
            at = Some(path);
            break;
        }
    }
    let (origin, bytes) = match found {
        Ok(Some(bytes)) => {
            (FileOrigin::Project(ContentHash::of(&bytes)), ByteBuf::from(bytes.to_vec()))
        }
        Ok(None) => (FileOrigin::Missing, ByteBuf::new()),
        Err(e) => (FileOrigin::Refused(e.to_string()), ByteBuf::new()),
    };
    ServedFile { path: at, origin, bytes }
}

/// The worker program, to be started in one of its modes.
fn worker_command(options: &EngineOptions, mode: &str) -> Command {
    let mut command = Command::new(&options.worker);
    command
        .arg(mode)
        .arg(&options.bundle)
        .arg(options.limits.memory_bytes.to_string())
        .env_clear()
        .env("LC_ALL", "C.UTF-8")
        // TeX's tables are large: huge pages spare tens of thousands of page faults.
        .env("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    if let Some(config) = fonts::prepare(&options.worker, &options.bundle) {
        command.env("FONTCONFIG_FILE", config);
    }
    // Windows programs do not start without it.
    for name in ["SystemRoot", "HOME"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

fn over_limit(at: Option<(String, u32)>, outputs: &[OutputFile]) -> EngineError {
    EngineError::OutputLimit { limit_bytes: outputs.iter().map(|output| output.bytes).sum(), at }
}

fn unexpected(message: &FromWorker) -> EngineError {
    EngineError::Protocol(format!("did not expect {message:.60?}"))
}

/// Read a pipe to its end without keeping more than is useful.
fn read_bounded(mut pipe: impl Read, into: &Mutex<Vec<u8>>, limit: usize) {
    let mut buffer = [0; 4096];
    while let Ok(count) = pipe.read(&mut buffer) {
        if count == 0 {
            break;
        }
        let mut kept = into.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let room = limit.saturating_sub(kept.len());
        kept.extend_from_slice(&buffer[..count.min(room)]);
    }
}
