//! The messages of Yjs' sync protocol as bytes, read with limits: peers are strangers. Beside the stock
//! messages there are some of ours, so that an author's program learns when an edit is durable, and who wrote what
//! comes. They are sent only to those who begin with them; stock clients never see one.
//!
//! ```text
//! 0 sync:       0 (state vector) | 1 (update, the answer) | 2 (update)      each: length, bytes
//! 1 awareness:  length, (count, (client, clock, JSON)*)
//! 2 auth:       0 denied, reason
//! 3 query of awareness
//! 100 numbered: length, (session, sequence, update)
//! 101 kept:     length, (sequence)
//! 102 refused:  length, (sequence)
//! 103 renew:    length, access token    alone in its frame; not for the room: see [`renewal`]
//! 110 by:       length, (id, name)      who wrote the updates behind it in its frame
//! 111 authors:  length, ()              the sender wants to be told 110 before each update
//! ```
//! All numbers are lib0's: seven bits a byte, the lowest first.

use bytes::Bytes;
use yrs::{StateVector, updates::decoder::Decode};

/// Messages in one frame; stock clients send one, some a handful.
const MAX_MESSAGES: usize = 64;
/// Entries of a state vector: one for each start of a program that wrote in the document.
const MAX_CLIENTS: u64 = 1 << 20;

/// A frame with no news: an awareness update of nobody. Stock clients close a line on which no message comes
/// for thirty seconds, and a browser does not see pings.
pub const KEEP_ALIVE: Bytes = Bytes::from_static(&[1, 1, 0]);

/// A message of the protocol. Bytes are those of the frame.
#[derive(Clone, Debug, PartialEq)]
pub enum Frame<'f> {
    /// What the sender has; to be answered with what it lacks.
    Ask(StateVector),
    /// The answer to [`Frame::Ask`]: an update.
    Answer(&'f [u8]),
    /// An update.
    Update(&'f [u8]),
    /// An update that is to be acknowledged.
    Numbered {
        /// Who numbers.
        origin: Origin,
        /// The update.
        update: &'f [u8],
    },
    /// The update of this number is durable.
    Kept(u64),
    /// The update of this number cannot be taken: something before it is missing. An [`Frame::Ask`] follows.
    Refused(u64),
    /// Cursors and names.
    Awareness(Vec<Presence>),
    /// The sender wants all cursors and names.
    QueryAwareness,
    /// The sender was not allowed to do what it did.
    Denied(&'f str),
    /// Who wrote the updates behind it in its frame, as the relay knows him.
    By {
        /// His id.
        id: &'f str,
        /// What others see.
        name: &'f str,
    },
    /// The sender wants to be told who wrote what: [`Frame::By`].
    WantsAuthors,
    /// A message that we do not know and let be.
    Unknown,
}

/// Whence an update comes: unique for each document, so that a retry is known for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// A number drawn at random by the program that sends, once for each start: at most 53 bits.
    pub session: u64,
    /// Counts the session's updates, from 1.
    pub sequence: u64,
}

/// The cursor and name of a client, as it tells them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The client.
    pub client: u64,
    /// Rises with each change.
    pub clock: u32,
    /// JSON; `null` for one that has gone.
    pub state: String,
}

/// Bytes that are no message of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the sync protocol")]
pub struct NotAMessage;

/// The messages of a frame.
pub fn read(frame: &[u8]) -> Result<Vec<Frame<'_>>, NotAMessage> {
    let mut rest = Reader(frame);
    let mut messages = Vec::new();
    while !rest.0.is_empty() {
        if messages.len() == MAX_MESSAGES {
            return Err(NotAMessage);
        }
        messages.push(rest.message()?);
    }
    Ok(messages)
}

pub(crate) struct Reader<'f>(pub(crate) &'f [u8]);

impl<'f> Reader<'f> {
    fn message(&mut self) -> Result<Frame<'f>, NotAMessage> {
        Ok(match self.number()? {
            0 => {
                let kind = self.number()?;
                let bytes = self.bytes()?;
                match kind {
                    0 => Frame::Ask(state_vector(bytes)?),
                    1 => Frame::Answer(bytes),
                    2 => Frame::Update(bytes),
                    _ => return Err(NotAMessage),
                }
            }
            1 => Frame::Awareness(Reader(self.bytes()?).presences()?),
            2 => match self.number()? {
                0 => Frame::Denied(self.text()?),
                _ => Frame::Unknown,
            },
            3 => Frame::QueryAwareness,
            100 => {
                let mut inner = Reader(self.bytes()?);
                let origin = Origin { session: inner.number()?, sequence: inner.number()? };
                // SQLite's and JavaScript's numbers.
                if origin.session >> 53 != 0 || origin.sequence >> 53 != 0 {
                    return Err(NotAMessage);
                }
                Frame::Numbered { origin, update: inner.0 }
            }
            101 => Frame::Kept(Reader(self.bytes()?).number()?),
            102 => Frame::Refused(Reader(self.bytes()?).number()?),
            110 => {
                let mut inner = Reader(self.bytes()?);
                Frame::By { id: inner.text()?, name: inner.text()? }
            }
            111 => {
                self.bytes()?;
                Frame::WantsAuthors
            }
            _ => {
                self.bytes()?;
                Frame::Unknown
            }
        })
    }

    pub(crate) fn number(&mut self) -> Result<u64, NotAMessage> {
        let mut number = 0_u64;
        for shift in (0..63).step_by(7) {
            let (first, rest) = self.0.split_first().ok_or(NotAMessage)?;
            self.0 = rest;
            number |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(NotAMessage)
    }

    fn bytes(&mut self) -> Result<&'f [u8], NotAMessage> {
        let length = usize::try_from(self.number()?).map_err(|_| NotAMessage)?;
        let (bytes, rest) = self.0.split_at_checked(length).ok_or(NotAMessage)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn text(&mut self) -> Result<&'f str, NotAMessage> {
        std::str::from_utf8(self.bytes()?).map_err(|_| NotAMessage)
    }

    fn presences(&mut self) -> Result<Vec<Presence>, NotAMessage> {
        let count = self.number()?;
        let mut presences = Vec::new();
        // No room is made for what is only promised.
        for _ in 0..count {
            let client = self.number()?;
            let clock = u32::try_from(self.number()?).map_err(|_| NotAMessage)?;
            presences.push(Presence { client, clock, state: self.text()?.to_owned() });
        }
        Ok(presences)
    }
}

pub(crate) fn state_vector(bytes: &[u8]) -> Result<StateVector, NotAMessage> {
    // Room is made for so many before the first is read.
    let promised = Reader(bytes).number()?;
    if promised > MAX_CLIENTS || promised > bytes.len() as u64 / 2 {
        return Err(NotAMessage);
    }
    StateVector::decode_v1(bytes).map_err(|_| NotAMessage)
}

/// [`Frame::Ask`] as a frame.
pub fn ask(state: &StateVector) -> Bytes {
    sync(0, &crate::replica::encode_state(state))
}

/// [`Frame::Answer`] as a frame.
pub fn answer(update: &[u8]) -> Bytes {
    sync(1, update)
}

/// [`Frame::Update`] as a frame.
pub fn update(update: &[u8]) -> Bytes {
    sync(2, update)
}

/// [`Frame::Numbered`] as a frame.
pub fn numbered(origin: Origin, update: &[u8]) -> Bytes {
    let mut inner = Vec::with_capacity(update.len() + 16);
    put(&mut inner, origin.session);
    put(&mut inner, origin.sequence);
    inner.extend_from_slice(update);
    custom(100, &inner)
}

/// [`Frame::Kept`] as a frame.
pub fn kept(sequence: u64) -> Bytes {
    let mut inner = Vec::new();
    put(&mut inner, sequence);
    custom(101, &inner)
}

/// [`Frame::Refused`] as a frame.
pub fn refused(sequence: u64) -> Bytes {
    let mut inner = Vec::new();
    put(&mut inner, sequence);
    custom(102, &inner)
}

/// [`Frame::By`], to be put before an update in its frame.
pub fn by(id: &str, name: &str) -> Bytes {
    let mut inner = Vec::new();
    put_bytes(&mut inner, id.as_bytes());
    put_bytes(&mut inner, name.as_bytes());
    custom(110, &inner)
}

/// [`Frame::Update`] as a frame, behind what [`by`] has made. Without that it is an update like any other.
pub fn signed(by: &[u8], update: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(by.len() + update.len() + 8);
    frame.extend_from_slice(by);
    frame.extend_from_slice(&[0, 2]);
    put_bytes(&mut frame, update);
    frame.into()
}

/// [`Frame::Ask`] and [`Frame::WantsAuthors`], in one frame.
pub fn ask_with_authors(state: &StateVector) -> Bytes {
    [ask(state), custom(111, &[])].concat().into()
}

/// A new access token, before the one expires with which the line was opened, as a frame.
pub fn renew(token: &str) -> Bytes {
    custom(103, token.as_bytes())
}

/// The token of [`renew`], if the frame is one. It is for who opened the line: a room lets it be.
pub fn renewal(frame: &[u8]) -> Option<&str> {
    let mut rest = Reader(frame);
    let token = (rest.number().ok()? == 103).then(|| rest.text().ok())??;
    rest.0.is_empty().then_some(token)
}

/// [`Frame::Denied`] as a frame.
pub fn denied(reason: &str) -> Bytes {
    let mut frame = vec![2, 0];
    put_bytes(&mut frame, reason.as_bytes());
    frame.into()
}

/// [`Frame::Awareness`] as a frame.
pub fn awareness<'p>(presences: impl ExactSizeIterator<Item = &'p Presence>) -> Bytes {
    let mut inner = Vec::new();
    put(&mut inner, presences.len() as u64);
    for presence in presences {
        put(&mut inner, presence.client);
        put(&mut inner, u64::from(presence.clock));
        put_bytes(&mut inner, presence.state.as_bytes());
    }
    custom(1, &inner)
}

fn sync(kind: u8, bytes: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(bytes.len() + 8);
    frame.extend_from_slice(&[0, kind]);
    put_bytes(&mut frame, bytes);
    frame.into()
}

fn custom(tag: u8, bytes: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(bytes.len() + 8);
    frame.push(tag);
    put_bytes(&mut frame, bytes);
    frame.into()
}

pub(crate) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        out.push((number & 0x7f) as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
