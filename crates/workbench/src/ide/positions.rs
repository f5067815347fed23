//! Bytes to positions and back, in the files of a snapshot. Each file's lines are indexed once.

use super::Place;
use crate::{Lines, Position, Range, TextEdit, WorkbenchError};
use quire_latex_ide::{FileEdit, Location, Snapshot};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};
use std::collections::HashMap;

pub(super) struct Positions<'s> {
    snapshot: &'s Snapshot,
    lines: HashMap<ProjectPath, Lines<'s>>,
}

impl<'s> Positions<'s> {
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, lines: HashMap::new() }
    }

    fn lines(&mut self, path: &ProjectPath) -> &Lines<'s> {
        let text = self.snapshot.text(path).unwrap_or_default();
        self.lines.entry(path.clone()).or_insert_with(|| Lines::new(text))
    }

    pub(super) fn offset(
        &mut self,
        path: &ProjectPath,
        position: Position,
    ) -> Result<ByteOffset, WorkbenchError> {
        match self.snapshot.has(path) {
            true => Ok(self.lines(path).offset(position)),
            false => Err(WorkbenchError::NoFile(path.clone())),
        }
    }

    pub(super) fn range(&mut self, path: &ProjectPath, range: ByteRange) -> Range {
        self.lines(path).range(range)
    }

    pub(super) fn place(&mut self, location: &Location) -> Place {
        let range = self.range(&location.path, location.range);
        Place { path: location.path.clone(), range }
    }

    pub(super) fn edit(&mut self, edit: FileEdit) -> TextEdit {
        let range = self.range(&edit.path, edit.range);
        TextEdit { path: edit.path, range, text: edit.text }
    }
}
