//! One text file as a yrs document.

use crate::{
    Contents, frames,
    intake::Intake,
    merge::changes_between,
    replica::{self, decode, invalid},
};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};
use yrs::{
    ClientID, Doc, GetString, Observable, OffsetKind, Options, Out, ReadTxn, StateVector, Text,
    TextRef, Transact, types::Delta, updates::encoder::Encode,
};

/// The name of the text within the document, as y-monaco's bindings have it.
pub(crate) const TEXT: &str = "text";
/// The observer that gathers what an update changes.
const OBSERVER: &str = "changes";

/// Who writes: 53 bits. Never used again, not even by the same program after a restart: Yjs would take
/// what was written before for the same as what is written now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(u64);

impl ClientId {
    /// From random bits; the upper eleven are dropped.
    pub fn from_random(bits: u64) -> Self {
        Self(bits & ((1 << 53) - 1))
    }

    /// The number, as Yjs has it.
    pub fn get(self) -> u64 {
        self.0
    }
}

/// Text that takes the place of other text. Changes of one edit are in ascending order and refer to the
/// text before the edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where, in UTF-16 code units from the start.
    pub at: u32,
    /// How many code units go.
    pub removed: u32,
    /// What comes.
    pub inserted: String,
}

/// What became of an update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The part that was new, as an update of its own: this is to be kept. Empty when all was known.
    pub update: Vec<u8>,
    /// What it changed in the text.
    pub changes: Vec<Change>,
    /// Set when a part could not be applied, because something before it has not come yet. That part
    /// is forgotten; what we have is the state vector to ask the sender with.
    pub ask_again: Option<Vec<u8>>,
}

/// Why bytes were not taken.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// They are no update, or no state vector.
    #[error("not a valid update: {0}")]
    Invalid(String),
    /// They are an update, but taking it went wrong half-way: the document in memory is not to be used any
    /// more, and is to be opened again from what was kept.
    #[error("an update could be taken only in part: {0}")]
    HalfTaken(String),
    /// It holds what the document may not.
    #[error("{0}")]
    Unfit(&'static str),
    /// Of the updates that were kept, some are missing.
    #[error("updates of the document are missing")]
    Incomplete,
    /// A change lies outside the text or within a surrogate pair.
    #[error("a change at {at} to a text of {length} UTF-16 code units")]
    OutOfRange {
        /// Where it begins.
        at: u32,
        /// How long the text is.
        length: u32,
    },
    /// A text can be put into an empty document only: into another it would come twice.
    #[error("the document has contents already")]
    NotEmpty,
}

/// A text file that several write.
#[derive(Debug)]
pub struct TextDocument {
    doc: Doc,
    intake: Intake,
    text: TextRef,
    changes: Arc<Mutex<Vec<Change>>>,
    /// A character of two UTF-16 code units has been in the text. Few texts have any, and only they are
    /// looked through before an edit.
    has_pairs: Arc<AtomicBool>,
}

impl TextDocument {
    /// An empty document.
    pub fn new(client: ClientId) -> Self {
        let mut options = Options::with_client_id(ClientID::new(client.0));
        options.offset_kind = OffsetKind::Utf16;
        let doc = Doc::with_options(options);
        let text = doc.get_or_insert_text(TEXT);
        let changes = Arc::new(Mutex::new(Vec::new()));
        let has_pairs = Arc::new(AtomicBool::new(false));
        let (gathered, pairs) = (Arc::clone(&changes), Arc::clone(&has_pairs));
        text.observe(OBSERVER, move |txn, event| {
            let found = changes_of(event.delta(txn));
            if found.iter().any(|change| change.inserted.chars().any(|c| c.len_utf16() == 2)) {
                pairs.store(true, Ordering::Relaxed);
            }
            gathered.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        });
        Self { doc, intake: Intake::new(Contents::Text), text, changes, has_pairs }
    }

    /// A document from the updates that were kept of it, in any order.
    pub fn open<'u>(
        client: ClientId,
        updates: impl IntoIterator<Item = &'u [u8]>,
    ) -> Result<Self, DocumentError> {
        let document = Self::new(client);
        {
            let mut txn = document.doc.transact_mut();
            for update in updates {
                txn.apply_update(decode(update)?).map_err(invalid)?;
            }
        }
        document.take_changes();
        Ok(document)
    }

    /// From now on it takes other contents, which it keeps and passes on and does not look into.
    #[must_use]
    pub fn taking(self, takes: Contents) -> Self {
        Self { intake: Intake::new(takes), ..self }
    }

    /// Put the text of a file into a new document, once in its life; returns the update.
    pub fn seed(&mut self, text: &str) -> Result<Vec<u8>, DocumentError> {
        if !self.doc.transact().state_vector().is_empty() {
            return Err(DocumentError::NotEmpty);
        }
        self.edit(&[Change { at: 0, removed: 0, inserted: text.to_owned() }])
    }

    /// The text.
    pub fn text(&self) -> String {
        self.text.get_string(&self.doc.transact())
    }

    /// Its length in UTF-16 code units.
    pub fn len(&self) -> u32 {
        self.text.len(&self.doc.transact())
    }

    /// True when there is no text.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Change the text; returns the update for everybody else.
    pub fn edit(&mut self, changes: &[Change]) -> Result<Vec<u8>, DocumentError> {
        self.check(changes)?;
        let update = {
            let mut txn = self.doc.transact_mut();
            // From the last to the first: none moves the others.
            for change in changes.iter().rev() {
                if change.removed > 0 {
                    self.text.remove_range(&mut txn, change.at, change.removed);
                }
                if !change.inserted.is_empty() {
                    self.text.insert(&mut txn, change.at, &change.inserted);
                }
            }
            txn.encode_update_v1()
        };
        self.take_changes();
        Ok(update)
    }

    /// Make the text what another program wrote, with as few changes as tell the difference, so that
    /// what others write at the same time keeps its place; returns the update and the changes.
    pub fn merge(&mut self, text: &str) -> Result<(Vec<u8>, Vec<Change>), DocumentError> {
        let changes = changes_between(&self.text(), text);
        Ok((self.edit(&changes)?, changes))
    }

    /// Take an update from elsewhere.
    pub fn apply(&mut self, update: &[u8]) -> Result<Applied, DocumentError> {
        // Of a pair of code units one may be removed, and what then becomes of the other, no change tells of.
        let before = self.has_pairs.load(Ordering::Relaxed).then(|| self.text());
        let taken = self.intake.take(&self.doc, update)?;
        let mut changes = self.take_changes();
        if let Some(before) = before {
            let text = self.text();
            if !leads_to(&before, &changes, &text) {
                changes = changes_between(&before, &text);
            }
        }
        let ask_again = taken.is_missing.then(|| self.state_vector());
        Ok(Applied { update: taken.update, changes, ask_again })
    }

    /// True when an update would change nothing.
    pub fn holds(&self, update: &[u8]) -> Result<bool, DocumentError> {
        replica::holds(&self.doc, update)
    }

    /// What we have, for a peer that will say what we lack.
    pub fn state_vector(&self) -> Vec<u8> {
        self.state().encode_v1()
    }

    pub(crate) fn state(&self) -> StateVector {
        self.doc.transact().state_vector()
    }

    pub(crate) fn difference_from(&self, state: &StateVector) -> Vec<u8> {
        self.doc.transact().encode_diff_v1(state)
    }

    /// What a peer with this state vector lacks.
    pub fn difference(&self, state_vector: &[u8]) -> Result<Vec<u8>, DocumentError> {
        let state = frames::state_vector(state_vector).map_err(invalid)?;
        Ok(self.difference_from(&state))
    }

    /// The whole document as one update.
    pub fn snapshot(&self) -> Vec<u8> {
        self.difference_from(&StateVector::default())
    }

    fn check(&self, changes: &[Change]) -> Result<(), DocumentError> {
        let length = self.len();
        let units: Vec<u16> = match self.has_pairs.load(Ordering::Relaxed) {
            true => self.text().encode_utf16().collect(),
            false => Vec::new(),
        };
        let is_inside_pair =
            |at: u32| units.get(at as usize).is_some_and(|unit| (0xdc00..0xe000).contains(unit));
        let mut last_end = 0;
        for change in changes {
            let end = change.at.checked_add(change.removed).filter(|end| *end <= length);
            let fits = end.is_some_and(|end| {
                change.at >= last_end && !is_inside_pair(change.at) && !is_inside_pair(end)
            });
            if !fits {
                return Err(DocumentError::OutOfRange { at: change.at, length });
            }
            last_end = end.unwrap_or(length);
        }
        Ok(())
    }

    fn take_changes(&self) -> Vec<Change> {
        std::mem::take(&mut *self.changes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// True when the changes make this text of that one.
fn leads_to(before: &str, changes: &[Change], after: &str) -> bool {
    let mut old = before.encode_utf16();
    let mut new = after.encode_utf16();
    let mut at = 0;
    changes.iter().all(|change| {
        let kept = (change.at - at) as usize;
        at = change.at + change.removed;
        old.by_ref().take(kept).eq(new.by_ref().take(kept))
            && old.by_ref().take(change.removed as usize).count() == change.removed as usize
            && change
                .inserted
                .encode_utf16()
                .eq(new.by_ref().take(change.inserted.encode_utf16().count()))
    }) && old.eq(new)
}

/// A delta's steps as changes of the text before it.
fn changes_of(delta: &[Delta]) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    let mut at = 0;
    // A change that the next step may go on with: insertions and deletions at one place are one.
    let mut is_open = false;
    for step in delta {
        if let Delta::Retain(length, _) = step {
            at += length;
            is_open = false;
            continue;
        }
        if !is_open {
            changes.push(Change { at, removed: 0, inserted: String::new() });
            is_open = true;
        }
        let Some(change) = changes.last_mut() else { continue };
        match step {
            Delta::Inserted(Out::Any(yrs::Any::String(text)), _) => change.inserted.push_str(text),
            // Of what was kept before only letters were taken.
            Delta::Inserted(..) | Delta::Retain(..) => {}
            Delta::Deleted(length) => {
                change.removed += length;
                at += length;
            }
        }
    }
    changes
}
