//! The snapshots of a document: which are still true, which is the deepest, which to do without.

use super::{
    calm::Pages,
    look_up::{Known, Text, common_prefix},
};
use quire_tex_engine::{Asleep, Focus, PeerId, READ_WHOLE, State};
use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

/// More processes than this help nobody.
const AT_MOST: usize = 24;

/// However large they are: the beginning, the preamble, and where the author writes.
const FEWEST: usize = 4;

/// A sleeping copy of the engine, and what it has read.
pub(super) struct Snapshot {
    pub(super) peer: PeerId,
    pid: u32,
    /// The pages before it.
    pub(super) pages: Pages,
    /// The texts that its run knew.
    pub(super) texts: BTreeMap<String, Arc<[u8]>>,
    read_to: BTreeMap<String, u64>,
    absent: Vec<String>,
    /// How far it has come: pages, then bytes of sources.
    depth: (u32, u64),
    /// What its state means, once it has said so.
    state: Option<State>,
    /// It was asked.
    is_asked: bool,
}

impl Snapshot {
    pub(super) fn new(
        peer: PeerId,
        asleep: Asleep,
        texts: &BTreeMap<String, Arc<[u8]>>,
        pages: Pages,
        is_generated: impl Fn(&str) -> bool,
    ) -> Self {
        let bytes = asleep.read_to.values().filter(|to| **to != READ_WHOLE).sum();
        Self {
            peer,
            pid: asleep.pid,
            pages,
            // Its run may have learned of more since.
            texts: texts
                .iter()
                .filter(|(name, _)| is_generated(name) || asleep.read_to.contains_key(*name))
                .map(|(name, text)| (name.clone(), text.clone()))
                .collect(),
            depth: (asleep.pages, bytes),
            state: None,
            is_asked: false,
            read_to: asleep.read_to,
            absent: asleep.absent,
        }
    }

    /// Whether it is at this place: it has read all before it, and nothing more.
    pub(super) fn is_at(&self, focus: &Focus) -> bool {
        self.read_to.get(&focus.name) == Some(&focus.offset)
    }

    /// Its state, as it is in a run with these texts, which begin alike.
    pub(super) fn state_in(&self, texts: &BTreeMap<String, Arc<[u8]>>) -> Option<State> {
        let state = self.state.clone()?;
        let (then, now) = (self.texts.get(&state.name)?, texts.get(&state.name)?);
        let offset = (then.len() as u64).checked_sub(state.from_end)?;
        Some(State { from_end: (now.len() as u64).checked_sub(offset)?, ..state })
    }

    /// Whether its run has looked for a file.
    pub(super) fn has_asked_for(&self, name: &str) -> bool {
        self.read_to.contains_key(name) || self.absent.iter().any(|absent| absent == name)
    }

    /// Whether a run that goes on from here comes to the same as one from the beginning. With `exactly` that
    /// holds for files of earlier passes too.
    fn is_true(&self, known: &Known, exactly: bool, compared: &mut Compared) -> bool {
        let counts = |text: &Text| exactly || !text.is_generated;
        let read = self.read_to.iter().all(|(name, to)| {
            let Some(now) = known.get(name) else { return true };
            if !counts(now) {
                return true;
            }
            match (self.texts.get(name), &now.bytes) {
                (Some(then), Some(now)) => compared.is_same_to(then, now, *to),
                (None, None) => true,
                _ => false,
            }
        });
        read && self
            .absent
            .iter()
            .all(|name| known.get(name).is_none_or(|now| now.bytes.is_none() || !counts(now)))
    }
}

/// How many bytes texts have in common with those of now: snapshots of one run share theirs.
#[derive(Default)]
struct Compared(HashMap<(*const u8, *const u8), usize>);

impl Compared {
    fn is_same_to(&mut self, then: &Arc<[u8]>, now: &Arc<[u8]>, to: u64) -> bool {
        if Arc::ptr_eq(then, now) {
            return true;
        }
        let pair = (then.as_ptr(), now.as_ptr());
        let common = *self.0.entry(pair).or_insert_with(|| common_prefix(then, now));
        match usize::try_from(to) {
            Ok(to) if to <= then.len() => common >= to,
            // Its end was seen.
            _ => common == then.len() && common == now.len(),
        }
    }
}

/// Anonymous memory of a process, its share of what several have.
fn anonymous_bytes(pid: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss_Anon:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? * 1024)
}

#[derive(Default)]
pub(super) struct Snapshots {
    /// By depth.
    all: Vec<Snapshot>,
    /// Where the author writes: snapshots around it are worth more.
    at: u64,
}

impl Snapshots {
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// Add a snapshot; answers with those to let go of for it.
    pub(super) fn add(&mut self, snapshot: Snapshot) -> Vec<PeerId> {
        let place = self.all.partition_point(|other| other.depth <= snapshot.depth);
        self.all.insert(place, snapshot);
        let mut dropped = Vec::new();
        while self.all.len() > AT_MOST {
            dropped.push(self.all.remove(self.least_missed()).peer);
        }
        dropped
    }

    /// The snapshot whose neighbours are closest, for its distance from where the author writes. The first stays:
    /// it spares loading the format.
    fn least_missed(&self) -> usize {
        let position = |index: usize| self.all[index].depth.1;
        let cost = |index: usize| {
            let after = if index + 1 < self.all.len() { position(index + 1) } else { u64::MAX };
            let gap = after.saturating_sub(position(index - 1)) as f64;
            gap / (position(index).abs_diff(self.at) as f64 + 1.0)
        };
        (1..self.all.len()).min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(0)
    }

    pub(super) fn processes(&self) -> Vec<u32> {
        self.all.iter().map(|snapshot| snapshot.pid).collect()
    }

    /// Memory that the snapshots have to themselves or share among them and their run, in bytes. Takes a
    /// millisecond for each.
    pub(super) fn memory_bytes(&self) -> u64 {
        self.all.iter().map(|snapshot| anonymous_bytes(snapshot.pid).unwrap_or(0)).sum()
    }

    /// Do without the one that is least missed.
    pub(super) fn thin(&mut self) -> Option<PeerId> {
        (self.all.len() > FEWEST).then(|| self.all.remove(self.least_missed()).peer)
    }

    pub(super) fn remove(&mut self, peer: PeerId) {
        self.all.retain(|snapshot| snapshot.peer != peer);
    }

    pub(super) fn get(&self, peer: PeerId) -> Option<&Snapshot> {
        self.all.iter().find(|snapshot| snapshot.peer == peer)
    }

    /// The next of those behind where the author writes that has not been asked for its state.
    pub(super) fn next_to_ask(&mut self, most: usize) -> Option<PeerId> {
        let behind = self.all.iter_mut().filter(|snapshot| snapshot.depth.1 > self.at);
        let next = behind.take(most).find(|snapshot| !snapshot.is_asked)?;
        next.is_asked = true;
        Some(next.peer)
    }

    /// Whether there is such a one.
    pub(super) fn has_one_to_ask(&self, most: usize) -> bool {
        let mut behind = self.all.iter().filter(|snapshot| snapshot.depth.1 > self.at);
        behind.by_ref().take(most).any(|snapshot| !snapshot.is_asked)
    }

    /// One has said what its state is.
    pub(super) fn note_state(&mut self, peer: PeerId, state: State) -> Option<&Snapshot> {
        let snapshot = self.all.iter_mut().find(|snapshot| snapshot.peer == peer)?;
        snapshot.state = Some(state);
        Some(snapshot)
    }

    /// What their states are in a run with these texts, as far as they have said.
    pub(super) fn states_in(&self, texts: &BTreeMap<String, Arc<[u8]>>) -> Vec<State> {
        self.all.iter().filter_map(|snapshot| snapshot.state_in(texts)).collect()
    }

    /// The deepest that has not read past a place: from here on those around it are worth more.
    pub(super) fn before(&mut self, focus: &Focus) -> Option<&Snapshot> {
        let is_before =
            |s: &&Snapshot| s.read_to.get(&focus.name).is_none_or(|to| *to <= focus.offset);
        let found = self.all.iter().rev().find(is_before)?;
        self.at = found.depth.1;
        Some(found)
    }

    /// Whether one of them is at a place, or behind it.
    pub(super) fn have_come_to(&self, place: &Focus) -> bool {
        let is_there = |to: &u64| *to >= place.offset;
        self.all.iter().any(|snapshot| snapshot.read_to.get(&place.name).is_some_and(is_there))
    }

    /// Forget those that the files no longer bear out: those of the project, and with `exactly` those of earlier
    /// passes.
    pub(super) fn drop_stale(&mut self, known: &Known, exactly: bool) -> Vec<PeerId> {
        let mut compared = Compared::default();
        let all = std::mem::take(&mut self.all);
        let (kept, stale): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|snapshot| snapshot.is_true(known, exactly, &mut compared));
        self.all = kept;
        stale.into_iter().map(|snapshot| snapshot.peer).collect()
    }

    /// The deepest.
    pub(super) fn last(&self, known: &Known) -> Option<&Snapshot> {
        let mut compared = Compared::default();
        self.all.iter().rev().find(|snapshot| snapshot.is_true(known, false, &mut compared))
    }

    /// The one to go on from.
    pub(super) fn deepest(&mut self, known: &Known, exactly: bool) -> Option<&Snapshot> {
        let mut compared = Compared::default();
        let found = self.all.iter().rev().find(|s| s.is_true(known, exactly, &mut compared))?;
        self.at = found.depth.1;
        Some(found)
    }
}
