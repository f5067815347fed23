//! What the editor asks about a project: completion, places, outline, renaming, words, spelling. The
//! answers come from `latex-ide`, which sees a snapshot. It is brought up to date when somebody asks, on
//! the thread that asks: the desk only hands over the texts, and only what changed is parsed again.

mod catalogue;
mod complete;
mod hover;
mod navigate;
mod positions;
mod rename;
mod spelling;
mod words;

pub use complete::{Completion, CompletionKind, Completions};
pub use hover::Hover;
pub use navigate::{FoldRange, OutlineEntry, OutlineKind, Place, ProjectSymbol, SymbolKind};
pub use rename::Renamable;
pub use spelling::SpellingMark;
pub use words::{SectionWords, WordCount, Words};

use crate::{Workbench, WorkbenchError, snapshot::ProjectSnapshot};
use catalogue::CatalogueOnDemand;
use quire_latex_ide::{Content, Snapshot};
use quire_project::{ProjectId, ProjectPath};
use spelling::Speller;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Extensions of files whose text matters to the editor; of the others only the name does.
const READ: [&str; 11] =
    ["tex", "ltx", "latex", "tikz", "sty", "cls", "clo", "dtx", "def", "bib", "bbx"];

/// What is known of the open projects, of the bundle and of words. Clones of a workbench share it.
#[derive(Default)]
pub(crate) struct Intelligence {
    projects: Mutex<HashMap<ProjectId, Arc<Mutex<Known>>>>,
    catalogue: CatalogueOnDemand,
    speller: Speller,
}

/// A project as it was when somebody last asked.
#[derive(Default)]
struct Known {
    /// The revision of the project and of all but its open texts; none before the first question.
    revisions: Option<(u64, u64)>,
    texts: BTreeMap<ProjectPath, Option<Arc<str>>>,
    has_catalogue: bool,
    snapshot: Snapshot,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn content(text: Option<&Arc<str>>) -> Content {
    text.map_or(Content::Binary, |text| Content::Text(text.clone()))
}

impl Known {
    fn take(&mut self, project: &ProjectSnapshot) {
        let elsewhere = self.revisions.map(|(_, elsewhere)| elsewhere);
        let may_keep = elsewhere == Some(project.elsewhere);
        let kept = |path: &ProjectPath| self.texts.get(path).filter(|_| may_keep).cloned();
        let wanted = |path: &ProjectPath| READ.contains(&&*path.extension().to_ascii_lowercase());
        let contents = project.contents(wanted, kept).map(|(path, text)| (path.clone(), text));
        let texts: BTreeMap<ProjectPath, Option<Arc<str>>> = contents.collect();
        let is_same_tree = texts.len() == self.texts.len() && texts.keys().eq(self.texts.keys());
        let changed = texts.iter().filter(|(path, text)| match (text, self.texts.get(*path)) {
            (Some(new), Some(Some(old))) => !Arc::ptr_eq(new, old),
            (None, Some(None)) => false,
            _ => true,
        });
        let changed: Vec<_> = changed.collect();
        self.snapshot = match changed.as_slice() {
            [] if is_same_tree => self.snapshot.clone(),
            [(path, text)] if is_same_tree => {
                self.snapshot.with_file((*path).clone(), content(text.as_ref()))
            }
            _ => {
                let all = texts.iter().map(|(path, text)| (path.clone(), content(text.as_ref())));
                self.snapshot.with_files(all)
            }
        };
        if self.snapshot.root() != project.root.as_ref() {
            self.snapshot = self.snapshot.with_root(project.root.clone());
        }
        self.texts = texts;
        self.revisions = Some((project.revision, project.elsewhere));
    }
}

impl Workbench {
    /// The project as it is now. Two questions about one project are answered one after the other up
    /// to here; what follows works on the snapshot.
    pub(crate) fn understood(&self, id: ProjectId) -> Result<Snapshot, WorkbenchError> {
        let intelligence = self.intelligence();
        let known = lock(&intelligence.projects).entry(id).or_default().clone();
        let mut known = lock(&known);
        let (last, root) = (known.revisions, known.snapshot.root().cloned());
        let newer = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            let now = (project.revision, project.elsewhere);
            let is_known = last == Some(now) && project.root_path() == root;
            if is_known { Ok(None) } else { desk.snapshot(id).map(Some) }
        });
        match newer {
            Ok(None) => {}
            Ok(Some(project)) => known.take(&project),
            Err(error) => {
                // A project that is closed needs no memory.
                lock(&intelligence.projects).remove(&id);
                return Err(error);
            }
        }
        if !known.has_catalogue
            && let Some(catalogue) = intelligence.catalogue.get(self.config().engine.as_ref().ok())
        {
            known.snapshot = known.snapshot.with_catalogue(catalogue);
            known.has_catalogue = true;
        }
        Ok(known.snapshot.clone())
    }
}
