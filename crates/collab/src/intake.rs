//! What a document takes of strangers. Nothing is taken whose past is missing, and nothing is left waiting for it; nor is
//! anything taken that would stand here in one place, and in another with those who join later.

use crate::{
    Contents, DocumentError, Taken,
    replica::invalid,
    updates::{Block, Place, examine},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};
use yrs::{
    BranchID, ClientID, Doc, ID, IdSet, ReadTxn, StateVector, Transact, Update, WriteTxn,
    updates::decoder::Decode,
};

/// So many authors' last insertions are remembered.
const REMEMBERED: usize = 256;

/// What a document may hold, and who writes in it where.
#[derive(Debug)]
pub(crate) struct Intake {
    contents: Contents,
    /// Of an author the last unit and what of his own it was inserted left of: he goes on there, most of the time.
    last: BTreeMap<u64, (u32, Place)>,
}

/// What is to be looked at in an update.
#[derive(Debug, Default)]
struct Seen {
    backwards: Vec<Backwards>,
    last: BTreeMap<u64, (u32, Place)>,
    types: BTreeSet<Place>,
    parents: BTreeSet<Place>,
}

/// An insertion between two places of one author, the right one of which he wrote no later than the left one.
#[derive(Clone, Copy, Debug)]
struct Backwards {
    client: u64,
    left: u32,
    right: u32,
}

impl Intake {
    pub(crate) fn new(contents: Contents) -> Self {
        Self { contents, last: BTreeMap::new() }
    }

    /// Take an update.
    ///
    /// # Errors
    /// After [`DocumentError::HalfTaken`] the document is not to be used any more; after the others it is as it was.
    pub(crate) fn take(&mut self, doc: &Doc, bytes: &[u8]) -> Result<Taken, DocumentError> {
        let before = doc.transact().state_vector();
        let mut seen = Seen::default();
        // What we have ourselves is as it is.
        let is_strange = self.contents != Contents::Anything;
        let kinds = examine(bytes, |block| {
            if is_strange {
                seen.see(&block, &self.last, &before);
            }
        })?;
        self.contents.allow(kinds)?;
        let update = Update::decode_v1(bytes).map_err(invalid)?;
        let inserted = update.insertions(true);
        if has_gap(&inserted, &before) {
            return Ok(Taken { is_missing: true, ..Taken::default() });
        }
        let mut txn = doc.transact_mut();
        seen.check(bytes, &txn, &before)?;
        txn.apply_update(update).map_err(|error| DocumentError::HalfTaken(error.to_string()))?;
        let after = txn.state_vector();
        let is_short = inserted
            .iter()
            .any(|(client, ranges)| ranges.iter().any(|range| range.end > after.get(client)));
        let is_missing = is_short || txn.has_missing_updates();
        // Kept, it would wait for ever if what it waits for never comes.
        txn.prune_pending();
        // Deletions do not move the state vector.
        let is_new = after != before || !txn.delete_set().is_empty();
        let update = if is_new { txn.encode_update_v1() } else { Vec::new() };
        if !is_missing {
            self.remember(seen.last);
        }
        let mut reached = StateVector::default();
        for (client, _) in inserted.iter() {
            reached.set_max(*client, after.get(client));
        }
        Ok(Taken { update, is_missing, reached })
    }

    fn remember(&mut self, last: BTreeMap<u64, (u32, Place)>) {
        if self.last.len() + last.len() > REMEMBERED {
            self.last.clear();
        }
        self.last.extend(last.into_iter().take(REMEMBERED));
    }
}

impl Seen {
    fn see(&mut self, block: &Block, known: &BTreeMap<u64, (u32, Place)>, state: &StateVector) {
        let (client, clock) = block.at;
        let end = clock.saturating_add(block.length);
        let known_to = state.get(&ClientID::new(client));
        if end <= known_to {
            return;
        }
        self.parents.extend(block.parent);
        if block.is_type {
            self.types.insert(block.at);
        }
        // What is new of a block goes on where we are.
        let left = if clock < known_to { Some((client, known_to - 1)) } else { block.between.0 };
        let (Some(left), Some(right)) = (left, block.between.1) else { return };
        if left.0 == right.0 && right.1 <= left.1 {
            // What he inserted last stands between them.
            let last = self.last.get(&left.0).or_else(|| known.get(&left.0));
            if last != Some(&(left.1, right)) {
                self.backwards.push(Backwards { client: left.0, left: left.1, right: right.1 });
            }
        }
        if right.0 == client {
            self.last.insert(client, (end - 1, right));
        }
    }

    /// It can be taken as a whole, and wherever it is taken it will be the same.
    fn check(
        &self,
        bytes: &[u8],
        txn: &impl ReadTxn,
        state: &StateVector,
    ) -> Result<(), DocumentError> {
        if !self.backwards.is_empty() && is_crossed(&self.backwards, bytes, txn, state)? {
            return Err(DocumentError::Unfit("something stands behind what it stands before"));
        }
        let is_known = |parent: &Place| {
            let (client, clock) = (ClientID::new(parent.0), parent.1);
            if clock < state.get(&client) {
                return BranchID::get_nested(txn, &ID::new(client, clock)).is_some();
            }
            self.types.contains(parent)
        };
        if self.parents.iter().all(is_known) {
            return Ok(());
        }
        // It may be gone, and that is no fault. yrs finds out while it takes the update.
        let again = Doc::new();
        let mut again = again.transact_mut();
        for update in [&*txn.encode_diff_v1(&StateVector::default()), bytes] {
            let update = Update::decode_v1(update).map_err(invalid)?;
            again
                .apply_update(update)
                .map_err(|_| DocumentError::Unfit("something is in what holds nothing"))?;
        }
        Ok(())
    }
}

/// What the update inserts for each client has to begin where we are, and go on without a gap. yrs would
/// take what lies behind a gap and say nothing; then others would be told of text whose surroundings they
/// cannot get from us.
fn has_gap(inserted: &IdSet, state: &StateVector) -> bool {
    inserted.iter().any(|(client, ranges)| {
        let mut end = state.get(client);
        ranges.iter().any(|range| {
            let is_behind_gap = range.start > end;
            end = end.max(range.end);
            is_behind_gap
        })
    })
}

/// True when something is inserted left of a unit and right of what follows that unit, because its author wrote them one
/// behind the other. No program of good will says so. yrs would put it left of both here, since it divides the run at the
/// left place first, and right of both where the run comes in pieces.
fn is_crossed(
    backwards: &[Backwards],
    bytes: &[u8],
    txn: &impl ReadTxn,
    state: &StateVector,
) -> Result<bool, DocumentError> {
    let mut asked = state.clone();
    let mut ends = BTreeMap::new();
    for Backwards { client, right, .. } in backwards {
        let known = state.get(&ClientID::new(*client));
        asked.set_min(ClientID::new(*client), *right);
        ends.insert(*client, known);
    }
    // Where an author went on somewhere else.
    let mut breaks = BTreeSet::new();
    let mut see = |block: &Block| {
        let (client, clock) = block.at;
        let goes_on =
            clock.checked_sub(1).is_some_and(|before| block.between.0 == Some((client, before)));
        if !goes_on {
            breaks.insert(block.at);
        }
    };
    examine(&txn.encode_diff_v1(&asked), |block| {
        if ends.contains_key(&block.at.0) {
            see(&block);
        }
    })?;
    examine(bytes, |block| {
        let Some(end) = ends.get_mut(&block.at.0) else { return };
        if block.at.1 >= state.get(&ClientID::new(block.at.0)) {
            see(&block);
        }
        *end = (*end).max(block.at.1.saturating_add(block.length));
    })?;
    Ok(backwards.iter().any(|Backwards { client, left, right }| {
        // What stands right of something that is not there waits for it.
        let is_there = ends.get(client).is_some_and(|end| left < end);
        let run = (Bound::Excluded((*client, *right)), Bound::Included((*client, *left)));
        is_there && breaks.range(run).next().is_none()
    }))
}
