//! A document of Yjs whose contents are not looked into: what a relay holds.

use crate::{Contents, DocumentError, document::TEXT, intake::Intake, updates::examine};
use yrs::{
    ClientID, Doc, Options, ReadTxn, StateVector, Transact, Update,
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
    intake: Intake,
}

impl Default for Replica {
    fn default() -> Self {
        let doc = Doc::with_options(Options::with_client_id(ClientID::new(0)));
        Self { doc, intake: Intake::new(Contents::Anything) }
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
        Self { intake: Intake::new(takes), ..self }
    }

    /// Take an update. After [`DocumentError::HalfTaken`] the replica is not to be used any more.
    pub fn apply(&mut self, update: &[u8]) -> Result<Taken, DocumentError> {
        self.intake.take(&self.doc, update)
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
    if !again.is_same(&whole) || again.text(TEXT) != whole.text(TEXT) {
        return Err(DocumentError::Incomplete);
    }
    Ok(snapshot)
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
    examine(update, |_| {})?;
    Update::decode_v1(update).map_err(invalid)
}

pub(crate) fn invalid(error: impl std::fmt::Display) -> DocumentError {
    DocumentError::Invalid(error.to_string())
}

/// The bytes of a state vector.
pub(crate) fn encode_state(state: &StateVector) -> Vec<u8> {
    state.encode_v1()
}
