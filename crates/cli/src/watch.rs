//! `quire watch` and `quire build --watch`: build, then build again whenever a file that was read changes. The newest
//! state wins: a change during a build cancels it.

use crate::{
    args::OutputArgs,
    build::{cancel_on_interrupt, find, once},
    document::{Document, output_place, request},
    errors::Failure,
    progress,
};
use notify::{RecursiveMode, Watcher};
use quire_compile::build::{BuildOutcome, BuildResult};
use quire_project::ProjectPath;
use quire_tex_engine::{CancelToken, FileOrigin, ReadFile};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    ops::Bound,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, channel},
    },
    thread,
    time::{Duration, SystemTime},
};

/// Editors save in several steps; what comes within this time is one change.
const SETTLE: Duration = Duration::from_millis(60);
/// How soon Ctrl-C is noticed.
const POLL: Duration = Duration::from_millis(100);

pub(crate) fn run(args: &OutputArgs) -> Result<ExitCode, Failure> {
    let document = find(&args.document)?;
    let ended = watch(&document, args);
    document.end();
    ended
}

fn watch(document: &Document, args: &OutputArgs) -> Result<ExitCode, Failure> {
    let stop = cancel_on_interrupt()?;
    let (sender, changes) = channel();
    let watch_failed = |e: notify::Error| {
        Failure::new(format!("cannot watch `{}`: {e}", document.folder.display()))
            .advise("build without watching, or raise the system's limit of watched files")
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
    let mut watched = Watched::root(document);
    watcher.watch(&document.root_folder(), RecursiveMode::NonRecursive).map_err(watch_failed)?;
    let mut is_first = true;
    loop {
        let start = SystemTime::now();
        let (built, mut is_obsolete) = one_build(document, args, &stop, &changes, &watched);
        if stop.is_cancelled() {
            return Ok(ExitCode::SUCCESS);
        }
        match built {
            Ok(result) => {
                watched = watched.after(document, &result);
                is_obsolete |= watched.changed_since(start);
            }
            Err(failure) if is_first => return Err(failure),
            // The root is gone for the moment, or the disk is full: saving again may cure it.
            Err(failure) => progress::error(&failure),
        }
        is_first = false;
        for folder in watched.folders(document) {
            // A folder may have gone since; its files are noticed as absent.
            let _ = watcher.watch(&folder, RecursiveMode::NonRecursive);
        }
        if is_obsolete {
            settle(&changes);
            continue;
        }
        if !args.document.quiet && !args.document.json {
            progress::status(progress::CYAN, "Watching", "for changes; Ctrl-C ends");
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

/// One build, and whether something changed meanwhile.
fn one_build(
    document: &Document,
    args: &OutputArgs,
    stop: &CancelToken,
    changes: &Receiver<PathBuf>,
    watched: &Watched,
) -> (Result<BuildResult, Failure>, bool) {
    let request = output_place(document, args)
        .and_then(|place| request(document, &args.document, Some(place), !args.no_synctex));
    let request = match request {
        Ok(request) => request,
        Err(failure) => return (Err(failure), false),
    };
    let cancel = CancelToken::new();
    let finished = Arc::new(CancelToken::new());
    thread::scope(|scope| {
        let build = scope.spawn(|| {
            let result = once(document, &request, &args.document, &cancel);
            finished.cancel();
            result
        });
        let mut is_obsolete = false;
        while !finished.is_cancelled() {
            match changes.recv_timeout(Duration::from_millis(20)) {
                Ok(path) if watched.concerns(&path) => {
                    is_obsolete = true;
                    cancel.cancel();
                }
                _ if stop.is_cancelled() => cancel.cancel(),
                _ => {}
            }
        }
        let result = build.join().unwrap_or_else(|_| Err(Failure::new("the build panicked")));
        (result, is_obsolete)
    })
}

/// Wait until changes stop coming.
fn settle(changes: &Receiver<PathBuf>) {
    while changes.recv_timeout(SETTLE).is_ok() {}
}

/// The files whose change matters: those read (true), and those looked for in vain.
#[derive(PartialEq, Eq)]
pub(crate) struct Watched(BTreeMap<PathBuf, bool>);

impl Watched {
    pub(crate) fn root(document: &Document) -> Self {
        Self(BTreeMap::from([(document.folder.join(document.root.as_str()), true)]))
    }

    /// What matters after another build.
    pub(crate) fn after(self, document: &Document, result: &BuildResult) -> Self {
        let mut next = Self::root(document);
        if result.outcome == BuildOutcome::Killed {
            // It may not have come to all of them.
            next.0.extend(self.0);
        }
        let place = |path: &ProjectPath| document.folder.join(path.as_str());
        next.0.extend(result.absent.iter().map(|path| (place(path), false)));
        next.0.extend(result.inputs.iter().map(|path| (place(path), true)));
        next
    }

    /// What a single run of TeX has looked for.
    pub(crate) fn of_run(document: &Document, reads: &[ReadFile]) -> Self {
        let mut all = Self::root(document);
        for read in reads {
            let Some(path) = &read.path else { continue };
            let was_read = match &read.origin {
                FileOrigin::Project(_) | FileOrigin::Refused(_) => true,
                FileOrigin::Missing | FileOrigin::Bundle => false,
                FileOrigin::Generated(_) => continue,
            };
            all.0.insert(document.folder.join(path.as_str()), was_read);
        }
        all
    }

    /// Whether a change of `path` matters: it is one of the files, or a folder above one of them,
    /// which came, went, or has another name.
    pub(crate) fn concerns(&self, path: &Path) -> bool {
        // A folder sorts directly before what is in it.
        let next = self.0.range::<Path, _>((Bound::Included(path), Bound::Unbounded)).next();
        next.is_some_and(|(file, _)| file.starts_with(path))
    }

    /// Whether a file was written or went while a build ran that did not know yet to look out for
    /// it. Times to come are a clock gone wrong, and would have no end.
    pub(crate) fn changed_since(&self, start: SystemTime) -> bool {
        let meanwhile = start..=SystemTime::now();
        let modified = |path: &PathBuf| fs::metadata(path).and_then(|about| about.modified());
        (self.0.iter()).any(|(path, was_read)| {
            modified(path).map_or(*was_read, |time| meanwhile.contains(&time))
        })
    }

    /// The folders of the files and those above them, up to the project's: a folder that is renamed
    /// or made anew tells only the one it is in.
    pub(crate) fn folders(&self, document: &Document) -> BTreeSet<PathBuf> {
        let folders = self.0.keys().flat_map(|path| path.ancestors().skip(1));
        folders
            .filter(|folder| folder.starts_with(&document.folder) && folder.is_dir())
            .map(Path::to_owned)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_above_a_file_concerns_and_a_neighbour_does_not() {
        let files = ["/p/main.tex", "/p/chapters/one.tex"].map(|path| (PathBuf::from(path), true));
        let watched = Watched(files.into());
        let concerns = |path: &str| watched.concerns(Path::new(path));
        assert!(concerns("/p/main.tex") && concerns("/p/chapters"));
        assert!(!concerns("/p/chap") && !concerns("/p/main.pdf") && !concerns("/p/main.tex/x"));
    }
}
