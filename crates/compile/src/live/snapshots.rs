//! The snapshots of a document: which are still true, which is the deepest, which to do without.

use super::look_up::{Known, Text, common_prefix};
use quire_tex_engine::{Asleep, PeerId, READ_WHOLE};
use quire_xdv::Stream;
use std::{collections::BTreeMap, sync::Arc};

/// More processes than this help nobody.
const AT_MOST: usize = 40;

/// A sleeping copy of the engine, and what it has read.
pub(super) struct Snapshot {
    pub(super) peer: PeerId,
    /// The pages before it.
    pub(super) pages: Stream,
    /// The texts that its run knew.
    pub(super) texts: Arc<BTreeMap<String, Arc<[u8]>>>,
    read_to: BTreeMap<String, u64>,
    absent: Vec<String>,
    /// How far it has come: pages, then bytes of sources.
    depth: (u32, u64),
}

impl Snapshot {
    pub(super) fn new(
        peer: PeerId,
        asleep: Asleep,
        texts: &BTreeMap<String, Arc<[u8]>>,
        pages: &Stream,
    ) -> Self {
        let bytes = asleep.read_to.values().filter(|to| **to != READ_WHOLE).sum();
        Self {
            peer,
            pages: pages.clone(),
            texts: Arc::new(texts.clone()),
            depth: (asleep.pages, bytes),
            read_to: asleep.read_to,
            absent: asleep.absent,
        }
    }

    /// Whether a run that goes on from here comes to the same as one from the beginning. With `exactly` that
    /// holds for files of earlier passes too.
    fn is_true(&self, known: &Known, exactly: bool) -> bool {
        let counts = |text: &Text| exactly || !text.is_generated;
        let read = self.read_to.iter().all(|(name, to)| {
            let Some(now) = known.get(name) else { return true };
            if !counts(now) {
                return true;
            }
            match (self.texts.get(name), &now.bytes) {
                (Some(then), Some(now)) => is_same_to(then, now, *to),
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

fn is_same_to(then: &Arc<[u8]>, now: &Arc<[u8]>, to: u64) -> bool {
    if Arc::ptr_eq(then, now) {
        return true;
    }
    match usize::try_from(to) {
        Ok(to) if to <= then.len() => common_prefix(then, now) >= to,
        _ => then == now,
    }
}

#[derive(Default)]
pub(super) struct Snapshots(Vec<Snapshot>);

impl Snapshots {
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Add a snapshot; answers with those to let go of for it.
    pub(super) fn add(&mut self, snapshot: Snapshot) -> Vec<PeerId> {
        let newest = snapshot.depth;
        let place = self.0.partition_point(|other| other.depth <= newest);
        self.0.insert(place, snapshot);
        let mut dropped = Vec::new();
        while self.0.len() > AT_MOST {
            dropped.push(self.0.remove(self.least_missed(newest)).peer);
        }
        dropped
    }

    /// The snapshot whose neighbours are closest, for its distance from where the work is. The first stays: it
    /// spares loading the format.
    fn least_missed(&self, at: (u32, u64)) -> usize {
        let position = |snapshot: &Snapshot| snapshot.depth.1 as f64;
        let cost = |index: usize| {
            let before = position(&self.0[index - 1]);
            let after = self.0.get(index + 1).map_or(f64::INFINITY, position);
            let distance = (position(&self.0[index]) - at.1 as f64).abs();
            (after - before) / (distance + 1.0)
        };
        let inner = 1..self.0.len().saturating_sub(1).max(2).min(self.0.len());
        inner.min_by(|a, b| cost(*a).total_cmp(&cost(*b))).unwrap_or(0)
    }

    pub(super) fn remove(&mut self, peer: PeerId) {
        self.0.retain(|snapshot| snapshot.peer != peer);
    }

    /// Forget those that the project's files no longer bear out.
    pub(super) fn drop_stale(&mut self, known: &Known) -> Vec<PeerId> {
        let (kept, stale): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.0).into_iter().partition(|s| s.is_true(known, false));
        self.0 = kept;
        stale.into_iter().map(|snapshot| snapshot.peer).collect()
    }

    pub(super) fn deepest(&self, known: &Known, exactly: bool) -> Option<&Snapshot> {
        self.0.iter().rev().find(|snapshot| snapshot.is_true(known, exactly))
    }
}
