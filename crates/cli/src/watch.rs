//! `quire build --watch`: build, then build again whenever a file that was read changes. The newest
//! state wins: a change during a build cancels it.

use crate::{
    args::BuildArgs,
    build::{cancel_on_interrupt, find, once},
    document::{Document, output_place, request},
    errors::Failure,
    progress,
};
use notify::{RecursiveMode, Watcher};
use quire_compile::build::{BuildOutcome, BuildResult};
use quire_tex_engine::CancelToken;
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

/// Editors save in several steps; what comes within this time is one change.
const SETTLE: Duration = Duration::from_millis(60);
/// How soon Ctrl-C is noticed.
const POLL: Duration = Duration::from_millis(100);

pub(crate) fn run(args: &BuildArgs) -> Result<ExitCode, Failure> {
    let document = find(&args.document)?;
    let stop = cancel_on_interrupt()?;
    let (sender, changes) = channel();
    let watch_failed = |e: notify::Error| {
        Failure::new(format!("cannot watch `{}`: {e}", document.folder.display()))
            .advise("build without --watch, or raise the system's limit of watched files")
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if let Ok(event) = event
            && !event.kind.is_access()
        {
            for path in event.paths {
                // The receiver goes only when the program ends.
                let _ = sender.send(path);
            }
        }
    })
    .map_err(watch_failed)?;
    let mut watched = Watched::default();
    watcher.watch(&document.root_folder(), RecursiveMode::NonRecursive).map_err(watch_failed)?;
    loop {
        let built = one_build(&document, args, &stop, &changes, &watched)?;
        if stop.is_cancelled() {
            return Ok(ExitCode::SUCCESS);
        }
        if let Some(result) = built {
            watched = Watched::of(&document, &result);
            for folder in watched.folders() {
                // A folder may have gone since; its files are noticed as absent.
                let _ = watcher.watch(&folder, RecursiveMode::NonRecursive);
            }
            if !args.document.quiet && !args.document.json {
                progress::status(progress::CYAN, "Watching", "for changes; Ctrl-C ends");
            }
        } else {
            continue;
        }
        loop {
            match changes.recv_timeout(POLL) {
                Ok(path) if watched.concerns(&path) => break,
                Ok(_) | Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Failure::new("the system stopped telling of changes"));
                }
            }
            if stop.is_cancelled() {
                return Ok(ExitCode::SUCCESS);
            }
        }
        settle(&changes);
    }
}

/// One build; `None` when a change made it obsolete.
fn one_build(
    document: &Document,
    args: &BuildArgs,
    stop: &CancelToken,
    changes: &Receiver<PathBuf>,
    watched: &Watched,
) -> Result<Option<BuildResult>, Failure> {
    let place = output_place(document, args)?;
    let request = request(document, &args.document, Some(place), !args.no_synctex)?;
    let cancel = CancelToken::new();
    let finished = Arc::new(CancelToken::new());
    let result = thread::scope(|scope| {
        let build = scope.spawn(|| {
            let result = once(document, &request, &args.document, &cancel);
            finished.cancel();
            result
        });
        let mut obsolete = false;
        while !finished.is_cancelled() {
            match changes.recv_timeout(Duration::from_millis(20)) {
                Ok(path) if watched.concerns(&path) => {
                    obsolete = true;
                    cancel.cancel();
                }
                _ if stop.is_cancelled() => cancel.cancel(),
                _ => {}
            }
        }
        let result = build.join().unwrap_or_else(|_| Err(Failure::new("the build panicked")));
        result.map(|result| (result, obsolete))
    });
    let (result, obsolete) = result?;
    if obsolete && result.outcome == BuildOutcome::Killed {
        settle(changes);
        return Ok(None);
    }
    Ok(Some(result))
}

/// Wait until changes stop coming.
fn settle(changes: &Receiver<PathBuf>) {
    while changes.recv_timeout(SETTLE).is_ok() {}
}

/// The files whose change matters: those read, and those looked for in vain.
#[derive(Default)]
struct Watched(BTreeSet<PathBuf>);

impl Watched {
    fn of(document: &Document, result: &BuildResult) -> Self {
        let paths = result.inputs.iter().chain(&result.absent);
        Self(paths.map(|path| document.folder.join(path.as_str())).collect())
    }

    fn concerns(&self, path: &Path) -> bool {
        self.0.contains(path)
    }

    fn folders(&self) -> BTreeSet<PathBuf> {
        self.0
            .iter()
            .filter_map(|path| path.parent())
            .filter(|dir| dir.is_dir())
            .map(Path::to_owned)
            .collect()
    }
}
