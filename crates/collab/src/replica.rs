//! A document of Yjs whose contents are not looked into: what a relay holds. Here is also what every taker
//! of updates needs: nothing is taken whose past is missing, and nothing is left waiting for it.

use crate::{Contents, DocumentError, updates::examine};
use yrs::{
    ClientID, Doc, IdSet, Options, ReadTxn, StateVector, Transact, Update, WriteTxn,
    updates::{decoder::Decode, encoder::Encode},
};

/// What became of an update.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The part that was new, as an update of its own: this is to be kept. Empty when all was known.
    pub update: Vec<u8>,
    /// A part was left out, because something before it has not come yet.
    pub is_missing: bool,
    /// How far we are now with the clients of the update.
    pub reached: StateVector,
}

/// Any document of Yjs. It is never written by itself, so it needs no client id of its own.
#[derive(Debug)]
pub struct Replica {
    doc: Doc,
    takes: Contents,
}

impl Default for Replica {
    fn default() -> Self {
        let doc = Doc::with_options(Options::with_client_id(ClientID::new(0)));
        Self { doc, takes: Contents::Anything }
    }
}

impl Replica {
    /// From the updates that were kept, in their order.
    pub fn open<'u>(updates: impl IntoIterator<Item = &'u [u8]>) -> Result<Self, DocumentError> {
        let mut replica = Self::default();
        for update in updates {
            if replica.apply(update)?.is_missing {
                return Err(DocumentError::Incomplete);
            }
        }
        Ok(replica)
    }

    /// From now on it takes no other contents.
    #[must_use]
    pub fn taking(self, takes: Contents) -> Self {
        Self { takes, ..self }
    }

    /// Take an update. After [`DocumentError::HalfTaken`] the replica is not to be used any more.
    pub fn apply(&mut self, update: &[u8]) -> Result<Taken, DocumentError> {
        take(&self.doc, update, self.takes)
    }

    /// True when an update would change nothing.
    pub fn holds(&self, update: &[u8]) -> Result<bool, DocumentError> {
        holds(&self.doc, update)
    }

    /// True when an update would at most remove something.
    pub fn adds_nothing(&self, update: &[u8]) -> Result<bool, DocumentError> {
        Ok(is_inserted(&decode(update)?, &self.state()))
    }

    /// What we have, for a peer that will say what we lack.
    pub fn state(&self) -> StateVector {
        self.doc.transact().state_vector()
    }

    /// What a peer with this state lacks, with all deletions.
    pub fn difference_from(&self, state: &StateVector) -> Vec<u8> {
        self.doc.transact().encode_diff_v1(state)
    }

    /// The whole document as one update.
    pub fn snapshot(&self) -> Vec<u8> {
        self.difference_from(&StateVector::default())
    }

    /// True when both hold the same insertions and deletions.
    pub fn is_same(&self, other: &Self) -> bool {
        self.doc.transact().snapshot() == other.doc.transact().snapshot()
    }

    pub(crate) fn doc(&self) -> &Doc {
        &self.doc
    }

    /// The text of this name, as a reader without the editor has it: for checks and exports.
    pub fn text(&self, name: &str) -> String {
        use yrs::GetString;
        let text = self.doc.get_or_insert_text(name);
        text.get_string(&self.doc.transact())
    }
}

/// The log of a document, or its last snapshot and what came after it, as one update that was opened again
/// and compared with what it stands for. Only then may what it stands for be thrown away.
pub fn compact<'u>(updates: impl IntoIterator<Item = &'u [u8]>) -> Result<Vec<u8>, DocumentError> {
    let whole = Replica::open(updates)?;
    let snapshot = whole.snapshot();
    let again = Replica::open([&*snapshot])?;
    if !again.is_same(&whole) {
        return Err(DocumentError::Incomplete);
    }
    Ok(snapshot)
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

pub(crate) fn take(doc: &Doc, update: &[u8], takes: Contents) -> Result<Taken, DocumentError> {
    takes.take(examine(update)?)?;
    let update = Update::decode_v1(update).map_err(invalid)?;
    let inserted = update.insertions(true);
    let mut txn = doc.transact_mut();
    let before = txn.state_vector();
    if has_gap(&inserted, &before) {
        return Ok(Taken { is_missing: true, ..Taken::default() });
    }
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
    let mut reached = StateVector::default();
    for (client, _) in inserted.iter() {
        reached.set_max(*client, after.get(client));
    }
    Ok(Taken { update, is_missing, reached })
}

/// True when all that an update inserts is in a document of this state.
fn is_inserted(update: &Update, state: &StateVector) -> bool {
    let inserted = update.insertions(true);
    let mut all = inserted.iter();
    all.all(|(client, ranges)| ranges.iter().all(|range| range.end <= state.get(client)))
}

pub(crate) fn holds(doc: &Doc, update: &[u8]) -> Result<bool, DocumentError> {
    let update = decode(update)?;
    let txn = doc.transact();
    let is_inserted = is_inserted(&update, &txn.state_vector());
    if !is_inserted || update.delete_set().is_empty() {
        return Ok(is_inserted);
    }
    Ok(update.delete_set().diff(&txn.snapshot().delete_set).is_empty())
}

pub(crate) fn decode(update: &[u8]) -> Result<Update, DocumentError> {
    examine(update)?;
    Update::decode_v1(update).map_err(invalid)
}

pub(crate) fn invalid(error: impl std::fmt::Display) -> DocumentError {
    DocumentError::Invalid(error.to_string())
}

/// The bytes of a state vector.
pub(crate) fn encode_state(state: &StateVector) -> Vec<u8> {
    state.encode_v1()
}
