//! Moving files together with what refers to them: `\input`, `\includegraphics` and their like.

use crate::{Workbench, WorkbenchError, rebase::rebase};
use quire_collab::Change;
use quire_latex_ide::{
    FileEdit, Snapshot,
    rename::{FileMove, rename_files},
};
use quire_project::{ProjectId, ProjectPath};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use ts_rs::TS;

/// What a move did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct Moved {
    /// Files that have another path.
    pub files: usize,
    /// References that were changed to follow them.
    pub references: usize,
}

impl Workbench {
    /// Move or rename a file or folder, and change what refers to it. References are changed once the
    /// files are there: should that fail in between, the files are where the author wants them.
    pub fn move_with_references(
        &self,
        id: ProjectId,
        from: ProjectPath,
        to: ProjectPath,
    ) -> Result<Moved, WorkbenchError> {
        let before = self.understood(id)?;
        let moves = self.move_path(id, from, to)?;
        let plan: Vec<FileMove> = moves
            .iter()
            .map(|(from, to)| FileMove { from: from.clone(), to: to.clone() })
            .collect();
        let edits = rename_files(&before, &plan);
        let moved: HashMap<ProjectPath, ProjectPath> = moves.into_iter().collect();
        let references = self.follow(id, &before, &moved, edits)?;
        Ok(Moved { files: moved.len(), references })
    }

    fn follow(
        &self,
        id: ProjectId,
        before: &Snapshot,
        moved: &HashMap<ProjectPath, ProjectPath>,
        edits: Vec<FileEdit>,
    ) -> Result<usize, WorkbenchError> {
        let mut by_file: BTreeMap<ProjectPath, Vec<FileEdit>> = BTreeMap::new();
        for edit in edits {
            by_file.entry(edit.path.clone()).or_default().push(edit);
        }
        let mut changed = 0;
        for (old_path, edits) in by_file {
            let Some(old) = before.text(&old_path).map(str::to_owned) else { continue };
            let path = moved.get(&old_path).unwrap_or(&old_path).clone();
            changed += self.try_ask(move |desk| {
                // As it is now: somebody may have typed since.
                let now = desk.document(id, &path)?.1.current();
                let change = |edit: FileEdit| {
                    let (at, end) = rebase(&old, &now, edit.range)?;
                    Some(Change { at, removed: end - at, inserted: edit.text })
                };
                let changes: Vec<Change> = edits.into_iter().filter_map(change).collect();
                desk.edit(id, &path, &changes)?;
                Ok(changes.len())
            })?;
        }
        Ok(changed)
    }
}
