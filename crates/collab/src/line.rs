//! An author's end of the line to the relay: what was sent and is not acknowledged, and what to say when the line is
//! there again. After a start everything that the relay lacks is found by asking it, so nothing but the document itself
//! has to outlive the program.

use crate::{
    Applied, DocumentError, TextDocument,
    frames::{self, Frame, NotAMessage, Origin, Presence},
    room::Identity,
};
use bytes::Bytes;
use std::collections::VecDeque;

/// One document's line to the relay.
#[derive(Debug)]
pub struct RelayLine {
    session: u64,
    next_sequence: u64,
    unacknowledged: VecDeque<Sent>,
    /// The relay has told what it has since the line is there.
    is_open: bool,
    /// An edit was made while the line was cut.
    has_unsent: bool,
}

#[derive(Debug)]
struct Sent {
    sequence: u64,
    /// It held everything that we had: its acknowledgement is one of all before it.
    is_everything: bool,
}

/// What came of a frame from the relay.
#[derive(Debug, Default)]
pub struct Received {
    /// To be sent, in this order.
    pub frames: Vec<Bytes>,
    /// Changes of the document, to be kept and shown.
    pub applied: Vec<Told>,
    /// Cursors and names of others.
    pub presences: Vec<Presence>,
    /// We may only read: what was written here stays here.
    pub denied: Option<String>,
}

/// A change that the relay has told.
#[derive(Debug)]
pub struct Told {
    /// What changed.
    pub change: Applied,
    /// Who wrote it. Not known of what several wrote while the line was cut.
    pub by: Option<Identity>,
}

/// Why a frame of the relay was not taken: the line is to be cut and made anew.
#[derive(Debug, thiserror::Error)]
pub enum LineError {
    /// Not of the protocol.
    #[error(transparent)]
    NotAMessage(#[from] NotAMessage),
    /// It holds an update that is none.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

impl RelayLine {
    /// A line that is not there yet. `random` numbers this start of the program, for this document; nobody else may
    /// have the same.
    pub fn new(random: u64) -> Self {
        Self {
            session: random & ((1 << 53) - 1),
            next_sequence: 1,
            unacknowledged: VecDeque::new(),
            is_open: false,
            has_unsent: true,
        }
    }

    /// The line is there: what to say first.
    pub fn connected(&mut self, document: &TextDocument) -> Bytes {
        self.is_open = false;
        frames::ask_with_authors(&document.state())
    }

    /// The line was cut. What was not acknowledged may be lost, and is told again when the line is there.
    pub fn disconnected(&mut self) {
        self.is_open = false;
        self.has_unsent |= !self.unacknowledged.is_empty();
        self.unacknowledged.clear();
    }

    /// The document was edited here: the frame to send, if the line is there.
    pub fn edited(&mut self, update: &[u8]) -> Option<Bytes> {
        if !self.is_open {
            self.has_unsent = true;
            return None;
        }
        Some(self.number(update, false))
    }

    /// Take a frame of the relay.
    pub fn receive(
        &mut self,
        document: &mut TextDocument,
        frame: &[u8],
    ) -> Result<Received, LineError> {
        let mut received = Received::default();
        let mut by = None;
        for message in frames::read(frame)? {
            match message {
                Frame::Ask(state) => {
                    self.is_open = true;
                    self.has_unsent = false;
                    // Always: deletions are not seen in the state vector.
                    let all = document.difference_from(&state);
                    received.frames.push(self.number(&all, true));
                }
                Frame::Answer(update) | Frame::Update(update) | Frame::Numbered { update, .. } => {
                    let applied = document.apply(update)?;
                    if applied.ask_again.is_some() {
                        received.frames.push(frames::ask(&document.state()));
                    }
                    received.applied.push(Told { change: applied, by: by.clone() });
                }
                Frame::By { id, name } => {
                    by = Some(Identity { id: id.to_owned(), name: name.to_owned() });
                }
                Frame::Kept(sequence) => self.kept(sequence),
                Frame::Awareness(presences) => received.presences.extend(presences),
                Frame::Denied(reason) => received.denied = Some(reason.to_owned()),
                // The question that follows brings everything.
                Frame::Refused(_)
                | Frame::QueryAwareness
                | Frame::WantsAuthors
                | Frame::Unknown => {}
            }
        }
        Ok(received)
    }

    /// True when the relay has acknowledged everything that was written here: it is durable there.
    pub fn is_saved(&self) -> bool {
        self.is_open && !self.has_unsent && self.unacknowledged.is_empty()
    }

    /// True when the relay is there and knows what we have.
    pub fn is_open(&self) -> bool {
        self.is_open
    }

    fn number(&mut self, update: &[u8], is_everything: bool) -> Bytes {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.unacknowledged.push_back(Sent { sequence, is_everything });
        frames::numbered(Origin { session: self.session, sequence }, update)
    }

    fn kept(&mut self, sequence: u64) {
        let is_everything =
            self.unacknowledged.iter().any(|sent| sent.sequence == sequence && sent.is_everything);
        self.unacknowledged.retain(|sent| {
            sent.sequence > sequence || !(is_everything || sent.sequence == sequence)
        });
    }
}
