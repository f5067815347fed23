//! The rest of a document, from where an edit makes no difference any more: the last run that came to its end, and
//! states of the engine on the way.
//!
//! A run that comes to one of these states, with the same text before it, stands still: the pages behind are those of
//! the earlier run. Once the author pauses it is put together with what that wrote, so that the document is exact
//! without having been typeset to its end. Snapshots for the next place are laid later, when nothing else is to be
//! done.

use super::{
    LiveDocument, LivePage, SPARES,
    calm::{self, Pages, Taken},
    look_up,
    run::{self, Run},
};
use crate::build::FirstPass;
use quire_tex_engine::{Earlier, PeerId, SoFar, State, TexReport};
use serde_bytes::ByteBuf;
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

/// To typeset fewer pages than this takes no longer than to find out that one need not.
const FEWEST_PAGES: usize = 6;
/// States that a run is told of.
const MOST_STATES: usize = 24;
/// Snapshots behind where the author writes that are asked for their states.
const MOST_ASKED: usize = 6;
/// From the end of a run to the first question: a build may have begun.
const QUIET: Duration = Duration::from_millis(1200);
/// From an edit to a run that is put together: the next key comes before that while somebody types.
const PAUSE: Duration = Duration::from_millis(350);
/// From an edit to a run that lays snapshots behind where the last one stood still.
const LONG_PAUSE: Duration = Duration::from_secs(3);

/// With it begins the last line of a log.
const LENGTH_LINE: &[u8] = b"\nOutput written on ";

/// A run that came to its end.
pub(super) struct Rest {
    /// What it read.
    texts: BTreeMap<String, Arc<[u8]>>,
    /// What it may have looked for in vain.
    absent: Vec<String>,
    pages: Pages,
    states: Vec<State>,
    pass: Option<Arc<FirstPass>>,
}

/// Where a run stands still: in a state of the earlier run.
pub(super) struct Standing {
    state: State,
    /// How far the earlier run was there.
    then: SoFar,
    /// It is being put together.
    is_ending: bool,
}

/// How often the rest of a document was known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Splices {
    /// Runs that came to a known state.
    pub known: u32,
    /// Runs that were put together.
    pub joined: u32,
    /// Pages and passes that came otherwise when all was typeset after all.
    pub wrong: u32,
}

impl LiveDocument {
    /// How often a run came to where the rest was known already.
    pub fn splices(&self) -> Splices {
        self.splices
    }

    /// Whether nothing is under way, and nothing left to be prepared for the next key.
    pub fn is_prepared(&self) -> bool {
        self.is_over()
            && self.lays_in().is_none()
            && self.expected.is_none()
            && !self.is_asking()
            && self.asks_in().is_none()
    }

    /// A run has come to its end; this is what it came to.
    pub(super) fn keep_rest(&mut self, run: &Run, pass: Option<Arc<FirstPass>>) {
        self.last_done = Instant::now();
        if self.holds_pages() {
            return;
        }
        let mut states = self.snapshots.states_in(&run.texts);
        if let (Some(standing), Some(rest)) = (&run.standing, &self.rest) {
            states.extend(rest.states_behind(standing));
        }
        let (texts, pages) = (run.texts.clone(), run.pages.clone());
        self.rest = Some(Rest { texts, absent: self.known.absent(), pages, states, pass });
    }

    /// One that was let go of answers no more.
    fn is_asking(&self) -> bool {
        self.asked.is_some_and(|asked| self.snapshots.get(asked).is_some())
    }

    /// When the next snapshot is to be asked for its state: one at a time, while nothing else is to be done.
    pub(super) fn asks_in(&self) -> Option<Duration> {
        let is_free = self.is_over() && !self.is_behind && !self.is_asking();
        (is_free && self.rest.is_some() && self.snapshots.has_one_to_ask(MOST_ASKED))
            .then(|| QUIET.saturating_sub(self.last_done.elapsed().min(self.last_edit.elapsed())))
    }

    pub(super) fn ask_states(&mut self) {
        if self.asks_in().is_some_and(|left| left.is_zero()) {
            self.asked = self.snapshots.next_to_ask(MOST_ASKED);
            if let Some(snapshot) = self.asked {
                self.host.ask_state(snapshot);
            }
        }
    }

    /// A snapshot says what its state is.
    pub(super) fn take_state(&mut self, peer: PeerId, state: Option<State>) {
        self.asked.take_if(|asked| *asked == peer);
        let is_over = self.is_over();
        let Some(state) = state else { return };
        let Some(snapshot) = self.snapshots.note_state(peer, state) else { return };
        // While a run is on nobody knows yet whether it is one of the last that ended.
        if let Some(rest) = self.rest.as_mut().filter(|_| is_over) {
            rest.states.extend(snapshot.state_in(&rest.texts));
        }
    }

    /// From which states on the rest is as it was, for a run with these texts.
    pub(super) fn known_states(&self, texts: &BTreeMap<String, Arc<[u8]>>) -> Vec<State> {
        self.states_behind_change(texts).unwrap_or_default()
    }

    fn states_behind_change(&self, texts: &BTreeMap<String, Arc<[u8]>>) -> Option<Vec<State>> {
        let rest = self.rest.as_ref().filter(|rest| rest.pass.is_some())?;
        let is_there = |name: &String| self.known.get(name).is_some_and(|now| now.bytes.is_some());
        if rest.absent.iter().any(is_there) {
            return None;
        }
        let mut changed = None;
        for (name, then) in &rest.texts {
            let is_generated = self.generated.contains_key(name);
            let now = match is_generated {
                true => texts.get(name)?,
                false => self.known.get(name)?.bytes.as_ref()?,
            };
            if Arc::ptr_eq(then, now) || then == now {
                continue;
            }
            // Who says where another file is read?
            if is_generated || changed.replace((name, then, now)).is_some() {
                return None;
            }
        }
        let (name, then, now) = changed?;
        let change = look_up::change(name, then, now)?;
        let alike = now.len() as u64 - change.start - change.inserted.len() as u64;
        let mut states: Vec<State> = rest
            .states
            .iter()
            .filter(|state| state.name == *name && state.from_end <= alike)
            .filter(|state| state.pages as usize + FEWEST_PAGES <= rest.pages.len())
            .cloned()
            .collect();
        states.sort_by_key(|state| std::cmp::Reverse(state.from_end));
        states.truncate(MOST_STATES);
        Some(states)
    }

    /// The run that is on has come to a state from which the rest is known.
    pub(super) fn stand_still(&mut self, state: State, told: &mut Vec<LivePage>) {
        let Some(mut run) = self.run.take() else { return };
        run.gives_sign();
        let rest = self.rest.take();
        let is_whole = run.held_from.is_none() && run.pages.len() == state.pages as usize;
        let known = rest.as_ref().filter(|_| is_whole).and_then(|rest| {
            Some((rest, rest.states.iter().find(|known| known.is(&state))?.so_far))
        });
        match known {
            None => self.host.take_rest(run.peer, None),
            Some((rest, then)) => {
                self.splices.known += 1;
                for index in state.pages as usize..rest.pages.len() {
                    if self.take_page(index, &rest.pages, false) == Taken::Changed {
                        let number = calm::number(index);
                        told.push(LivePage::Changed { number, is_past_focus: true });
                    }
                    run.pages.take(index, &rest.pages);
                }
                self.pages.truncate(rest.pages.len());
                for (name, text) in &rest.texts {
                    run.texts.entry(name.clone()).or_insert_with(|| text.clone());
                }
                run.standing = Some(Standing { state, then, is_ending: false });
            }
        }
        self.rest = rest;
        self.run = Some(run);
    }

    /// When the run that stands still is to be put together.
    pub(super) fn joins_in(&self) -> Option<Duration> {
        let standing = self.run.as_ref()?.standing.as_ref()?;
        (!standing.is_ending).then(|| PAUSE.saturating_sub(self.last_edit.elapsed()))
    }

    pub(super) fn join(&mut self) {
        if !self.joins_in().is_some_and(|left| left.is_zero()) {
            return;
        }
        let pass = self.rest.as_ref().and_then(|rest| rest.pass.clone());
        let Some((run, standing)) = self.run.as_mut().and_then(|run| {
            let (peer, standing) = (run.peer, run.standing.as_mut()?);
            Some((peer, standing))
        }) else {
            return;
        };
        standing.is_ending = true;
        let earlier = pass.map(|pass| Earlier {
            report: pass.report.clone(),
            outputs: pass.outputs.iter().map(|bytes| ByteBuf::from(bytes.as_slice())).collect(),
            at: standing.then,
        });
        self.host.take_rest(run, earlier);
    }

    /// When snapshots are to be laid where the last run was not.
    pub(super) fn lays_in(&self) -> Option<Duration> {
        let is_free = self.is_over() && !self.is_behind && !self.is_given_up;
        (self.is_short && is_free && self.expected.is_none())
            .then(|| LONG_PAUSE.saturating_sub(self.last_edit.elapsed()))
    }

    pub(super) fn lay(&mut self) {
        if !self.lays_in().is_some_and(|left| left.is_zero()) {
            return;
        }
        // Also when it cannot begin: this was the time for it.
        self.is_short = false;
        let Some(snapshot) = self.snapshots.last(&self.known) else { return };
        let (peer, pages) = (snapshot.peer, snapshot.pages.clone());
        let (resume, texts) = run::resume(snapshot, &self.known, &self.generated, false);
        // The copy that waits for the next key is not for this.
        if let Ok((run, spares)) = self.host.resume(peer, resume, SPARES) {
            self.end_run();
            let run = Run::new(run, spares, texts);
            let is_exact = false;
            self.run = Some(Run { pages, resumed: true, is_exact, lays: true, ..run });
            self.is_short = true;
        }
    }

    /// A run that lays snapshots has come to its end: whether that is where the document was thought to end. Its XDV may
    /// write movements otherwise, and says the same if its pages do; how long it is the last line of the log says.
    pub(super) fn is_as_laid(&self, report: &TexReport) -> bool {
        let job = &self.setup.job_name;
        let lengths = [format!("{job}.xdv"), format!("{job}.log")];
        let same = |known: &TexReport| {
            let told = |report: &TexReport| {
                let outputs = report.outputs.iter();
                let outputs = outputs.filter(|output| !lengths.contains(&output.name));
                (report.outcome.clone(), report.open_groups, outputs.cloned().collect::<Vec<_>>())
            };
            told(known) == told(report)
                && without_length(&known.log) == without_length(&report.log)
                && known.marks == report.marks
                && known.messages == report.messages
                && known.reads == report.reads
        };
        let (Some(run), Some(rest), Some(pass)) = (&self.run, &self.rest, &self.pass) else {
            return false;
        };
        run.pages.say_the_same(&rest.pages) && same(&pass.report)
    }
}

/// A log without the line that says how long the XDV is.
fn without_length(log: &[u8]) -> &[u8] {
    let line = log.windows(LENGTH_LINE.len()).rposition(|part| part == LENGTH_LINE);
    line.map_or(log, |at| &log[..at])
}

impl Rest {
    /// The states behind one in which another run has gone over to this, as they are in that one.
    fn states_behind(&self, standing: &Standing) -> Vec<State> {
        let Standing { state: now, then, .. } = standing;
        let moved = |at: u64, then: u64, now: u64| Some(at.checked_sub(then)? + now);
        let behind = self.states.iter().filter(|state| state.name == now.name);
        behind
            .filter(|state| state.from_end <= now.from_end)
            .filter_map(|state| {
                let so_far = SoFar {
                    log: moved(state.so_far.log, then.log, now.so_far.log)?,
                    messages: moved(state.so_far.messages, then.messages, now.so_far.messages)?,
                };
                Some(State { so_far, ..state.clone() })
            })
            .collect()
    }
}
