//! A snapshot where the author is about to write: without it the first letter at a new place would wait for all
//! that lies between it and the snapshot before.

use super::{LiveDocument, Run};
use quire_project::ProjectPath;
use quire_tex_engine::Focus;

impl LiveDocument {
    /// The author has come to the line that begins at this offset of a file, in bytes: once nothing else is to be
    /// done, a snapshot is taken there, so that the page follows the first letter as soon as the next.
    pub fn expect_edit(&mut self, path: &ProjectPath, line_start: u64) {
        self.expected = Some((path.clone(), line_start));
    }

    pub(super) fn prepare(&mut self) {
        if !self.is_at_rest() || self.is_behind || self.is_given_up {
            return;
        }
        let Some((path, offset)) = self.expected.take() else { return };
        let Some(name) = self.known.name_of(&path) else { return };
        let focus = Focus { name, offset };
        let Some(snapshot) = self.snapshots.before(&focus) else { return };
        if snapshot.is_at(&focus) {
            return;
        }
        let peer = snapshot.peer;
        self.note_rest();
        self.end_run();
        if self.resume(peer, Some(focus), false)
            && let Some(run) = &mut self.run
        {
            run.prepares = true;
        }
    }

    /// A run that only led to a snapshot has come there.
    pub(super) fn end_preparation(&mut self) {
        let Some(Run { prepares: true, focus: Some(focus), .. }) = &self.run else { return };
        let focus = focus.clone();
        if self.snapshots.before(&focus).is_some_and(|snapshot| snapshot.is_at(&focus)) {
            self.end_run();
            self.keep_within_memory();
            self.get_ready_at(&focus);
        }
    }
}
