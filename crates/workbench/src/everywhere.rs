//! Finding words in the texts of all projects, through the store's index. The index follows the texts
//! when they have been left alone for a while, and is brought up to date when somebody searches.

use crate::{Workbench, WorkbenchError, desk::Desk, documents::text_of};
use quire_project::{ProjectId, ProjectPath};
use quire_store::ProjectState;
use serde::Serialize;
use std::time::Duration;
use ts_rs::TS;

/// From the last edit of a text to its being found.
const IDLE: Duration = Duration::from_secs(20);
/// Files of one project that are shown, and lines of one file.
const FILES: u32 = 3;
const LINES: usize = 2;

/// A project in which words were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FoundProject {
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// The best places.
    pub places: Vec<FoundPlace>,
}

/// A line in which words were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FoundPlace {
    /// The file.
    pub path: ProjectPath,
    /// Counted from one.
    pub line: u32,
    /// The line.
    pub text: String,
}

impl Desk {
    /// Index the texts of a project when they have been left alone for a while.
    pub(crate) fn plan_index(&mut self, id: ProjectId) {
        let Some(project) = self.open.get_mut(&id) else { return };
        if !std::mem::replace(&mut project.index_planned, true) {
            self.after(IDLE, move |desk| desk.index_texts(id));
        }
    }

    pub(crate) fn index_texts(&mut self, id: ProjectId) {
        let store = self.store.clone();
        let Some(project) = self.open.get_mut(&id) else { return };
        project.index_planned = false;
        for (file, document) in &mut project.documents {
            if !document.is_settled() || document.indexed >= document.last {
                continue;
            }
            let (file, last, text) = (*file, document.last, document.current());
            document.indexed = last;
            // An index that lags behind finds a little less, nothing worse.
            store.submit_then(move |tx| tx.index_text(file, last, &text), drop);
        }
    }
}

impl Workbench {
    /// Projects in the gallery whose texts hold every word of the query, the last opened first. What was
    /// typed a moment ago is found.
    pub fn search_everywhere(&self, query: &str) -> Result<Vec<FoundProject>, WorkbenchError> {
        self.settle()?;
        self.catch_up_index();
        let found = self.store()?.read(|tx| {
            let projects = tx.projects(ProjectState::Active, "", None)?;
            let found = projects.into_iter().map(|project| {
                let hits = tx.search(project.id, query, FILES, LINES)?;
                let places = hits.into_iter().flat_map(|hit| {
                    let path = hit.path;
                    hit.lines.into_iter().map(move |line| FoundPlace {
                        path: path.clone(),
                        line: line.line.0,
                        text: line.text.trim().to_owned(),
                    })
                });
                let places = places.collect();
                Ok(FoundProject { project: project.id, name: project.name, places })
            });
            found.collect::<Result<Vec<_>, _>>()
        })?;
        Ok(found.into_iter().filter(|found| !found.places.is_empty()).collect())
    }

    /// Index what has been written since it was indexed: lately, or before a crash. A text that cannot
    /// be read or indexed (a full disk) is found by what it said before.
    fn catch_up_index(&self) {
        let Ok(store) = self.store() else { return };
        for (file, document) in store.read(|tx| tx.unindexed()).unwrap_or_default() {
            let loaded = store.read(|tx| Ok((tx.document(document)?.last, tx.load(document)?)));
            let Ok((last, loaded)) = loaded else { continue };
            if let Ok(text) = text_of(&loaded).map(|document| document.text()) {
                let _ = store.write(move |tx| tx.index_text(file, last, &text));
            }
        }
    }
}
