//! Renaming of things, and the edits that go with it.

use crate::{Lines, Position, Range, TextEdit, Workbench, WorkbenchError, desk::Desk};
use quire_collab::Change;
use quire_latex_ide::rename;
use quire_project::{ProjectId, ProjectPath};
use quire_text::utf16_offset;
use serde::Serialize;
use std::collections::BTreeMap;
use ts_rs::TS;

/// A thing that can be renamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Renamable {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub range: Range,
}

impl Workbench {
    /// What can be renamed at a position.
    pub fn renamable(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        position: Position,
    ) -> Result<Option<Renamable>, WorkbenchError> {
        self.at(id, path, position, |snapshot, offset, positions| {
            let found = rename::renamable(snapshot, path, offset)?;
            let range = positions.range(path, found.range);
            Some(Renamable { name: found.name, range })
        })
    }

    /// The edits that give the thing at a position a new name. Nothing is edited yet.
    pub fn rename(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        position: Position,
        new_name: &str,
    ) -> Result<Vec<TextEdit>, WorkbenchError> {
        self.at(id, path, position, |snapshot, offset, positions| {
            let edits = rename::rename(snapshot, path, offset, new_name)?;
            Ok(edits.into_iter().map(|edit| positions.edit(edit)).collect())
        })?
    }

    /// Make edits in files, open or not. Positions are those of the texts before all of them.
    pub fn apply_edits(&self, id: ProjectId, edits: Vec<TextEdit>) -> Result<(), WorkbenchError> {
        self.try_ask(move |desk| desk.apply_edits(id, edits))
    }
}

impl Desk {
    pub(crate) fn apply_edits(
        &mut self,
        id: ProjectId,
        edits: Vec<TextEdit>,
    ) -> Result<(), WorkbenchError> {
        let mut by_file: BTreeMap<ProjectPath, Vec<(Range, String)>> = BTreeMap::new();
        for edit in edits {
            by_file.entry(edit.path).or_default().push((edit.range, edit.text));
        }
        // All files are looked at before the first is changed.
        let mut changes = Vec::new();
        for (path, edits) in by_file {
            let text = self.document(id, &path)?.1.current();
            changes.push((path, changes_of(&text, edits)));
        }
        for (path, changes) in changes {
            self.edit(id, &path, &changes)?;
        }
        Ok(())
    }
}

/// Edits as changes, in order; of two that overlap the first wins.
fn changes_of(text: &str, mut edits: Vec<(Range, String)>) -> Vec<Change> {
    edits.sort_by_key(|(range, _)| range.start);
    let lines = Lines::new(text);
    let units = |offset| u32::try_from(utf16_offset(text.as_bytes(), offset).0).unwrap_or(u32::MAX);
    let mut changes: Vec<Change> = Vec::new();
    for (range, inserted) in edits {
        let bytes = lines.bytes(range);
        let (at, end) = (units(bytes.start), units(bytes.end));
        if changes.last().is_none_or(|last| last.at + last.removed <= at) {
            changes.push(Change { at, removed: end - at, inserted });
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_become_changes_in_order_and_count_utf16() {
        let at = |line, column| Position { line, column };
        let edit = |start, end, text: &str| (Range { start, end }, text.to_owned());
        let changes = changes_of(
            "😀a\nbcd",
            vec![
                edit(at(2, 2), at(2, 3), "X"),
                edit(at(1, 3), at(1, 4), ""),
                edit(at(2, 2), at(2, 4), "Y"),
            ],
        );
        let told: Vec<_> = changes.iter().map(|c| (c.at, c.removed, &*c.inserted)).collect();
        assert_eq!(told, [(2, 1, ""), (5, 1, "X")]);
    }
}
