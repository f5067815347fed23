//! The sync protocol of Yjs with one peer: what to say first, and what to answer. The peer is the
//! editor's window as much as a co-author's machine; both may be wrong, and neither is trusted.

use crate::{Applied, DocumentError, TextDocument};
use yrs::{
    sync::{Message, MessageReader, SyncMessage},
    updates::{decoder::DecoderV1, encoder::Encode},
};

/// A longer message is refused unread: 32 MB, many times the longest book.
pub const MAX_MESSAGE_BYTES: usize = 32 << 20;

/// What came of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Send this back.
    Reply(Vec<u8>),
    /// The document changed: keep the update, tell everybody else.
    Changed(Applied),
    /// Cursors and names, for those who show them; not looked into here.
    Awareness(Vec<u8>),
}

/// Why a message was not taken. The peer is at fault.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Longer than [`MAX_MESSAGE_BYTES`].
    #[error("a message of {0} bytes")]
    TooLong(usize),
    /// Not of the protocol.
    #[error("not a message of the sync protocol")]
    NotAMessage,
    /// It holds an update that is none.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A change by somebody who may only read.
    #[error("a change from a peer that may only read")]
    ReadOnly,
}

/// The first message of a conversation: what we have.
pub fn hello(document: &TextDocument) -> Vec<u8> {
    ask(document)
}

/// An update as a message.
pub fn update_message(update: Vec<u8>) -> Vec<u8> {
    Message::Sync(SyncMessage::Update(update)).encode_v1()
}

/// Take a frame, which may hold several messages; what came of them is added to `events`, also of those
/// before one that is refused: they have changed the document. What a peer that may only read sends as the answer to
/// our hello is accepted when it holds nothing new, as it does with every honest one.
pub fn receive(
    document: &mut TextDocument,
    frame: &[u8],
    may_write: bool,
    events: &mut Vec<Event>,
) -> Result<(), SessionError> {
    if frame.len() > MAX_MESSAGE_BYTES {
        return Err(SessionError::TooLong(frame.len()));
    }
    let mut decoder = DecoderV1::from(frame);
    for message in MessageReader::new(&mut decoder) {
        match message.map_err(|_| SessionError::NotAMessage)? {
            Message::Sync(SyncMessage::SyncStep1(state)) => {
                let difference = document.difference_from(&state);
                events.push(Event::Reply(
                    Message::Sync(SyncMessage::SyncStep2(difference)).encode_v1(),
                ));
            }
            Message::Sync(SyncMessage::SyncStep2(update) | SyncMessage::Update(update)) => {
                if !may_write {
                    if !document.holds(&update)? {
                        return Err(SessionError::ReadOnly);
                    }
                    continue;
                }
                let applied = document.apply(&update)?;
                if applied.ask_again.is_some() {
                    events.push(Event::Reply(ask(document)));
                }
                if !applied.update.is_empty() {
                    events.push(Event::Changed(applied));
                }
            }
            Message::Awareness(update) => events.push(Event::Awareness(update.encode_v1())),
            // Nobody asks us for awareness or grants us anything; what we do not know, we let be.
            Message::AwarenessQuery | Message::Auth(_) | Message::Custom(..) => {}
        }
    }
    Ok(())
}

fn ask(document: &TextDocument) -> Vec<u8> {
    Message::Sync(SyncMessage::SyncStep1(document.state())).encode_v1()
}
