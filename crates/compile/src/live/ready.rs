//! A copy of the snapshot that the next key will need, made ahead: who types a word waits for it once, not with
//! each letter.

use super::{LiveDocument, SPARES};
use quire_tex_engine::{Focus, PeerId, Resume};
use std::{io, time::Duration};

/// From the page with an edit to the copy for the next: what shows the page needs the processor first.
const AFTER_PAGE: Duration = Duration::from_millis(90);

/// A copy that waits to go on.
pub(super) struct Ready {
    snapshot: PeerId,
    pub(super) copy: PeerId,
    spares: Vec<PeerId>,
}

impl LiveDocument {
    /// When it is time for a copy.
    pub(super) fn gets_ready_in(&self) -> Option<Duration> {
        let run = self.run.as_ref().filter(|_| self.ready.is_none())?;
        run.focus.as_ref()?;
        Some(AFTER_PAGE.saturating_sub(run.shipped?.elapsed()))
    }

    pub(super) fn get_ready(&mut self) {
        if !self.gets_ready_in().is_some_and(|left| left.is_zero()) {
            return;
        }
        let Some(run) = &mut self.run else { return };
        // Once for each edit.
        run.shipped = None;
        if let Some(focus) = run.focus.clone() {
            self.get_ready_at(&focus);
        }
    }

    /// The next edit is expected here.
    pub(super) fn get_ready_at(&mut self, focus: &Focus) {
        let other = self.ready.take();
        self.let_go(other);
        let Some(snapshot) = self.snapshots.before(focus).map(|snapshot| snapshot.peer) else {
            return;
        };
        if let Ok((copy, spares)) = self.host.ready(snapshot, SPARES) {
            self.ready = Some(Ready { snapshot, copy, spares });
        }
    }

    /// Let a copy of a snapshot go on: the one that is ready, if it is of this one.
    pub(super) fn wake(
        &mut self,
        snapshot: PeerId,
        resume: Resume,
    ) -> io::Result<(PeerId, Vec<PeerId>)> {
        match self.ready.take() {
            Some(ready) if ready.snapshot == snapshot => {
                self.host.go_ready(ready.copy, resume);
                Ok((ready.copy, ready.spares))
            }
            other => {
                self.let_go(other);
                self.host.resume(snapshot, resume, SPARES)
            }
        }
    }

    fn let_go(&mut self, ready: Option<Ready>) {
        for peer in ready.into_iter().flat_map(|ready| [vec![ready.copy], ready.spares]).flatten() {
            self.host.close(peer);
        }
    }
}
