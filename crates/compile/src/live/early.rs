//! Edits that come while TeX is still busy with the preamble: the run goes on. It has not read yet what they change, and its
//! first snapshot behind the preamble will do for them. Begun anew with each key it would not get there before the author
//! pauses.

use super::{LiveDocument, LivePage, Run};
use quire_tex_engine::{EngineError, Focus};

/// The last of such edits.
pub(super) struct Early {
    focus: Option<Focus>,
}

impl LiveDocument {
    /// Go on from before an edit, at once or when the run that is on is through with the preamble.
    pub(super) fn follow(&mut self, focus: Option<Focus>) -> Result<(), EngineError> {
        if self.is_early(focus.as_ref()) {
            self.pass = None;
            self.early = Some(Early { focus });
            return Ok(());
        }
        self.overtake(focus)
    }

    fn overtake(&mut self, focus: Option<Focus>) -> Result<(), EngineError> {
        // One that was to catch up has not.
        self.is_behind |= self.run.as_ref().is_some_and(|run| run.is_exact && !run.is_done);
        self.go_on(focus, false)
    }

    fn is_early(&self, focus: Option<&Focus>) -> bool {
        self.body_ahead().is_some_and(|body| {
            focus.is_none_or(|focus| focus.name != body.name || focus.offset > body.offset)
        })
    }

    /// The line where the body begins, while a run is on that has not come to it.
    fn body_ahead(&self) -> Option<Focus> {
        let has_shipped_nothing =
            |run: &&Run| !run.is_done && run.end.is_none() && run.pages.len() == 0;
        self.run.as_ref().filter(has_shipped_nothing)?;
        self.body().filter(|body| !self.snapshots.have_come_to(body))
    }

    /// The line where the body begins; none where that is not in the root.
    fn body(&self) -> Option<Focus> {
        const BEGIN: &[u8] = b"\\begin{document}";
        let name = self.known.name_of(&self.setup.root)?;
        let text = self.known.get(&name)?.bytes.as_ref()?;
        let lines = text.split_inclusive(|byte| *byte == b'\n');
        let before: usize =
            lines.clone().take_while(|line| !line.starts_with(BEGIN)).map(<[u8]>::len).sum();
        (before < text.len()).then_some(Focus { name, offset: before as u64 })
    }

    /// The run that they waited for is through with the preamble, or over.
    pub(super) fn follow_early(&mut self, told: &mut Vec<LivePage>) {
        if self.early.is_none() || self.body_ahead().is_some() {
            return;
        }
        let focus = self.early.take().and_then(|early| early.focus);
        if let Err(error) = self.overtake(focus) {
            told.push(LivePage::GivenUp(Some(error)));
        }
    }
}
