//! A build by TeX Live in a sandbox: the project's files as they are now are laid into a folder of ours, which
//! the sandbox shows read-only; latexmk, or TeX alone, runs beside them in a private folder; what it leaves there is read
//! back with suspicion, and told as the embedded engine tells its own.

mod command;
mod format;
mod mirror;
mod output;
mod passes;
mod preamble;
mod progress;
mod recorder;
mod running;

use command::{Begin, Latexmk};
pub(super) use mirror::listing;

use super::{BuildError, BuildRequest, Event, open_place, passes::Done};
use crate::cache::{BuildCache, CacheError};
use mirror::Mirror;
use passes::{Alone, Passes};
use preamble::Preamble;
use progress::Progress;
use quire_container::{ContainerError, Ended, Place, Sandbox, SandboxLimits};
use quire_tex_engine::{CancelToken, EngineError, TexOutcome};
use running::Running;
use std::{fs, io, path::PathBuf};

/// What programs print in a build; more is a loop.
const PRINTED_BYTES: u64 = 64 << 20;

/// Says which TeX Live the folders of a place belong to.
pub(super) const MADE_BY: &str = "made-by";

/// TeX Live where it runs: what a build with pdfLaTeX, LuaLaTeX or XeLaTeX needs beside its request.
#[derive(Clone)]
pub struct TexLive {
    /// Where it runs.
    pub place: Place,
    /// The image's id, or what is installed; another is another engine.
    pub image: String,
    /// Where the copies of projects and what their builds write are kept. No other user may look into it.
    pub folder: PathBuf,
    /// Bounds beside those of the request, which go before its memory and time.
    pub limits: SandboxLimits,
    /// The author lets this project run programs, in the sandbox.
    pub shell_escape: bool,
    /// Begin from nothing: the build folder is emptied first.
    pub wipe: bool,
    /// Keep the container for the next build of this document.
    pub keep_warm: bool,
}

impl TexLive {
    /// What tells results of one setting from those of another.
    pub(super) fn identity(&self) -> String {
        format!("{}/{}", self.image, if self.shell_escape { "shell-escape" } else { "" })
    }
}

/// Run latexmk in a sandbox until it has nothing more to do; with `force`, though no file has changed.
pub(super) fn run(
    request: &BuildRequest,
    tex_live: &TexLive,
    (because, force): (Option<String>, bool),
    events: &mut dyn FnMut(Event),
    cancel: &CancelToken,
) -> Result<Done, BuildError> {
    events(Event::Starting { because: because.clone() });
    let failed = |source| BuildError::Container { source };
    let place = open(request, tex_live, events, cancel)?;
    let folder = place.place();
    let io = |source: io::Error| failed(ContainerError::Io { place: folder.to_owned(), source });
    let (project, build) = (folder.join("project"), folder.join("build"));
    // Another TeX Live may run as another user, who could not write to what this one has left.
    let made_by = folder.join(MADE_BY);
    if fs::read_to_string(&made_by).ok().as_ref() != Some(&tex_live.image) {
        let _ = fs::remove_dir_all(&build);
        fs::write(&made_by, &tex_live.image).map_err(io)?;
    }
    for folder in [&project, &build] {
        fs::create_dir_all(folder).map_err(io)?;
    }
    close_to_others(folder).map_err(io)?;
    let mirror = Mirror::sync(&*request.files, &request.root, folder).map_err(io)?;
    // Stays behind when the build is broken off: then nothing that it wrote can be trusted.
    let unfinished = folder.join("unfinished");
    let wipe = tex_live.wipe || unfinished.exists();
    fs::write(&unfinished, "").map_err(io)?;
    if wipe {
        // What is there counts from the first moment. What does not go from outside, its own user removes.
        let _ = fs::remove_dir_all(build.join(command::WORK));
        preamble::forget(folder);
    }

    let limits = SandboxLimits { memory_bytes: request.limits.memory_bytes, ..tex_live.limits };
    let sandbox = Sandbox { image: tex_live.image.clone(), project, build, limits };
    let key = folder.display().to_string();
    let latexmk = Latexmk::of(request, tex_live.shell_escape, Begin { force, wipe });
    let mut running = Running::new(request, tex_live, (key, sandbox), latexmk.env(), cancel);
    let mut progress = Progress::new(request.engine);
    let passes = Passes::open(request, tex_live, &mirror, folder);
    let mut preamble = Preamble::of(request, tex_live, &mirror, folder);
    let mut alone = None;
    if !force && !wipe && passes.may_go_alone() {
        let generated = passes.generated().unwrap_or_default();
        let format = preamble.as_ref().and_then(|preamble| preamble.format(&generated));
        let reason = because.as_deref().unwrap_or("nothing is known of the last result");
        let mut pass = |running: &mut Running<'_>, command, reason| {
            progress.pass(reason, events);
            running.run(command, &mut |bytes| progress.read(bytes, events))
        };
        let beginning = (format.as_deref(), reason);
        alone = passes.run(&mut running, &latexmk, beginning, &mut pass).map_err(failed)?;
    }
    let alone = match alone {
        Some(alone) => alone,
        None => {
            progress.silent();
            let print = &mut |bytes: &[u8]| progress.read(bytes, events);
            let finished = running.run(latexmk.command(), print).map_err(failed)?;
            let settled = finished.ended == Ended::Exited(0);
            Alone { finished, settled, format: false }
        }
    };
    let Alone { finished, settled, format } = alone;
    let before = preamble.as_ref().filter(|_| format).map(Preamble::part_of_run);
    let before = before.unwrap_or_default();
    let mut done = Done { because, passes: progress.passes(running.elapsed()), ..Done::default() };
    let read_from = (&progress, &finished, &before);
    output::read(request, &mirror, folder, read_from, limits.file_bytes, &mut done).map_err(io)?;
    done.helpers.extend(preamble.as_ref().and_then(Preamble::refusal));
    done.killed = done.killed.take().or_else(|| killed(finished.ended, request, &limits));
    if done.killed.is_some() {
        // What was there when it was stopped is no result.
        done.pdf = None;
        return Ok(done);
    }
    fs::remove_file(&unfinished).map_err(io)?;
    events(Event::WritingPdf);
    if settled {
        passes.keep_settled();
        if let (Some(preamble), false) = (&mut preamble, format) {
            precompile(preamble, &passes, (&mut running, &latexmk), &done, events);
        }
    }
    Ok(done)
}

/// Make a format of the preamble, when it has not changed for two builds and others will follow. It takes as long as
/// a pass or two, once, and each pass that follows takes half as long.
fn precompile(
    preamble: &mut Preamble<'_>,
    passes: &Passes<'_>,
    (running, latexmk): (&mut Running<'_>, &Latexmk),
    done: &Done,
    events: &mut dyn FnMut(Event),
) {
    let pdf = done.pdf.as_ref().and_then(|report| report.pdf.as_ref().ok());
    let is_clean = done.last.as_ref().is_some_and(|last| last.outcome == TexOutcome::Warnings);
    let (Some(pdf), Some(generated), true) = (pdf, passes.generated(), is_clean) else { return };
    if preamble.is_due(&generated) && running.stays_warm() {
        events(Event::Helper { name: "pdflatex, for a precompiled preamble".to_owned() });
        preamble.make(running, latexmk, (pdf, &generated));
    }
}

/// The place of this document, held so that no other build uses it.
fn open(
    request: &BuildRequest,
    tex_live: &TexLive,
    events: &mut dyn FnMut(Event),
    cancel: &CancelToken,
) -> Result<BuildCache, BuildError> {
    open_place(&tex_live.folder, request, events, cancel).map_err(|error| match error {
        CacheError::Busy => BuildError::CancelledWhileWaiting,
        CacheError::Io { folder, source } => {
            BuildError::Container { source: ContainerError::Io { place: folder, source } }
        }
    })
}

/// Within it a folder is open to whoever the sandbox runs as.
fn close_to_others(folder: &std::path::Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    let _ = folder;
    Ok(())
}

/// How the end of the sandbox's program is told; `None` when it ended by itself.
fn killed(ended: Ended, request: &BuildRequest, limits: &SandboxLimits) -> Option<EngineError> {
    let at = None;
    Some(match ended {
        Ended::Exited(_) => return None,
        Ended::Cancelled => EngineError::Cancelled,
        Ended::TimedOut => EngineError::TimedOut { after: request.limits.wall, at },
        Ended::PrintedTooMuch => EngineError::OutputLimit { limit_bytes: PRINTED_BYTES, at },
        Ended::WroteTooMuch => EngineError::OutputLimit { limit_bytes: limits.build_bytes, at },
        Ended::OutOfMemory => EngineError::MemoryLimit { limit_bytes: limits.memory_bytes, at },
        Ended::OutOfProcesses => {
            let how = format!("more than {} processes were started", limits.processes);
            EngineError::Crashed { how, at, opened: None }
        }
        Ended::Died => {
            let how = "its sandbox was ended".to_owned();
            EngineError::Crashed { how, at, opened: None }
        }
    })
}
