//! Watching a linked folder. Programs save in many ways (in place, by renaming, by deleting and making
//! anew), so what a change was is not asked of the system: when changes have stopped for a moment the
//! file is read.

use crate::Workbench;
use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use quire_project::{ProjectId, ProjectPath};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, Sender, channel},
    time::{Duration, Instant},
};

/// Changes this close together are looked at together …
const SETTLE: Duration = Duration::from_millis(100);
/// … but not later than this.
const LONGEST: Duration = Duration::from_millis(600);

enum Told {
    Changed(PathBuf),
    /// Look at everything: changes were lost.
    All,
    End,
}

/// Ends with the value.
pub(super) struct Watch {
    told: Sender<Told>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        // The thread may be waiting for the desk, which may be dropping us: it is not waited for.
        let _ = self.told.send(Told::End);
    }
}

impl Watch {
    /// Watch these folders of a project. `None` when the system cannot.
    pub(super) fn start(
        workbench: Workbench,
        id: ProjectId,
        top: PathBuf,
        folders: BTreeSet<PathBuf>,
    ) -> Option<Self> {
        let (told, changes) = channel();
        let events = told.clone();
        let mut watcher =
            notify::recommended_watcher(move |event: notify::Result<notify::Event>| match event {
                Ok(event) if event.need_rescan() => drop(events.send(Told::All)),
                Ok(event) if !matches!(event.kind, EventKind::Access(_)) => {
                    event.paths.into_iter().for_each(|path| drop(events.send(Told::Changed(path))));
                }
                Ok(_) => {}
                Err(_) => drop(events.send(Told::All)),
            })
            .ok()?;
        for folder in &folders {
            // One that went meanwhile has nothing to tell.
            let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
        }
        std::thread::Builder::new()
            .name("folder-watch".to_owned())
            .spawn(move || {
                let mut watched = Watched { workbench, id, top, folders, watcher };
                watched.run(&changes);
            })
            .ok()?;
        Some(Self { told })
    }

    /// Look at everything now.
    pub(super) fn look(&self) {
        let _ = self.told.send(Told::All);
    }
}

struct Watched {
    workbench: Workbench,
    id: ProjectId,
    top: PathBuf,
    folders: BTreeSet<PathBuf>,
    watcher: RecommendedWatcher,
}

impl Watched {
    fn run(&mut self, changes: &Receiver<Told>) {
        while let Ok(first) = changes.recv() {
            let Some((paths, all)) = gather(first, changes) else { return };
            // A folder that came, went or was renamed takes files with it.
            let is_file = |path: &PathBuf| {
                !self.folders.contains(path) && !path.is_dir() && self.project_path(path).is_some()
            };
            let tree_changed = all || !paths.iter().all(is_file);
            let files: Vec<ProjectPath> =
                paths.iter().filter_map(|path| self.project_path(path)).collect();
            // When the workbench is closing nobody wants to know.
            if let Ok(found) = self.workbench.look_again(self.id, tree_changed, files) {
                self.watch_new(&found);
            }
        }
    }

    /// A path of a file that belongs to the project; hidden files and our own temporary ones do not.
    fn project_path(&self, path: &Path) -> Option<ProjectPath> {
        let inside = path.strip_prefix(&self.top).ok()?;
        let parts: Option<Vec<&str>> = inside.iter().map(|part| part.to_str()).collect();
        let parts = parts?;
        let is_hidden = parts.iter().rev().skip(1).any(|part| part.starts_with('.'))
            || parts.last().is_some_and(|name| name.starts_with(".quire-"));
        if is_hidden { None } else { ProjectPath::new(&parts.join("/")).ok() }
    }

    fn watch_new(&mut self, files: &[ProjectPath]) {
        for folder in super::folders_of(&self.top, files) {
            if !self.folders.contains(&folder)
                && self.watcher.watch(&folder, RecursiveMode::NonRecursive).is_ok()
            {
                self.folders.insert(folder);
            }
        }
    }
}

/// What changed until there was a pause; `None` at the end.
fn gather(first: Told, changes: &Receiver<Told>) -> Option<(BTreeSet<PathBuf>, bool)> {
    let (mut paths, mut all) = (BTreeSet::new(), false);
    let start = Instant::now();
    let mut next = Some(first);
    while let Some(told) = next {
        match told {
            Told::Changed(path) => drop(paths.insert(path)),
            Told::All => all = true,
            Told::End => return None,
        }
        next = if start.elapsed() > LONGEST { None } else { changes.recv_timeout(SETTLE).ok() };
    }
    Some((paths, all))
}
