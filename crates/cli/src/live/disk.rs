//! The files on the disk that the document has read or looked for: told of when they change.

use super::session::{Happening, Outlet};
use crate::{document::Document, errors::Failure, watch::Watched};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use std::{path::Path, time::SystemTime};

pub(super) struct Disk {
    watcher: RecommendedWatcher,
    /// Of the last run.
    run: Watched,
    /// Of the last build: those of helper programs too.
    build: Watched,
    /// The files are known as they were then.
    since: SystemTime,
}

impl Disk {
    pub(super) fn start(document: &Document, outlet: &Outlet) -> Result<Self, Failure> {
        let failed = |e: notify::Error| {
            Failure::new(format!("cannot watch `{}`: {e}", document.folder.display()))
                .advise("raise the system's limit of watched files")
        };
        let outlet = outlet.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            if let Ok(event) = event
                && !event.kind.is_access()
            {
                for path in event.paths {
                    outlet.send(Happening::Disk(path));
                }
            }
        });
        let mut watcher = watcher.map_err(failed)?;
        watcher.watch(&document.root_folder(), RecursiveMode::NonRecursive).map_err(failed)?;
        let root = || Watched::root(document);
        Ok(Self { watcher, run: root(), build: root(), since: SystemTime::now() })
    }

    /// Whether a change of `path` matters.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        self.run.concerns(path) || self.build.concerns(path)
    }

    /// The files are looked at again from now on.
    pub(super) fn is_read_anew(&mut self, document: &Document) {
        self.since = SystemTime::now();
        self.watch(document);
    }

    /// The last run has read these. Answers whether one of them changed before it was watched.
    pub(super) fn learn_run(&mut self, document: &Document, run: Watched) -> bool {
        let is_new = self.run != run;
        self.run = run;
        is_new && self.look_out(document)
    }

    /// The last build has read these.
    pub(super) fn learn_build(&mut self, document: &Document, build: Watched) -> bool {
        let is_new = self.build != build;
        self.build = build;
        is_new && self.look_out(document)
    }

    fn look_out(&mut self, document: &Document) -> bool {
        self.watch(document);
        self.run.changed_since(self.since) || self.build.changed_since(self.since)
    }

    fn watch(&mut self, document: &Document) {
        let folders = self.run.folders(document).into_iter().chain(self.build.folders(document));
        for folder in folders {
            // A folder may have gone since; its files are noticed as absent.
            let _ = self.watcher.watch(&folder, RecursiveMode::NonRecursive);
        }
    }
}
