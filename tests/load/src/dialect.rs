//! What is said to each kind of server. All three carry the messages of Yjs' sync protocol; Hocuspocus puts the name of the
//! document before each, wants to hear a token first, and has a message of its own for the question that comes with its answer.

use bytes::Bytes;
use quire_collab::frames::{self, Frame};
use yrs::StateVector;

/// An update that holds nothing: what somebody has to answer who has not written yet.
const NOTHING: [u8; 2] = [0, 0];
const AUTH: u8 = 2;
const SYNC_REPLY: u8 = 4;

/// How a line to a document is spoken on.
#[derive(Clone, Debug)]
pub(crate) enum Dialect {
    /// As y-websocket's clients do.
    Stock,
    /// As Hocuspocus' clients do, about this document.
    Hocuspocus(String),
}

/// What a frame from a server is for us.
#[derive(Debug, PartialEq)]
pub(crate) enum Heard {
    /// It wants to know what we have.
    Ask,
    /// What it has: we are in.
    Answer(Vec<u8>),
    /// Somebody has written.
    Update(Vec<u8>),
    /// The update of this number is durable: only Quire's relay says so, and only to who numbers.
    Kept,
    /// Cursors, acknowledgements in memory, and the like.
    Other,
}

impl Dialect {
    /// What is said first.
    pub(crate) fn hello(&self) -> Vec<Bytes> {
        let ask = self.frame(&frames::ask(&StateVector::default()));
        match self {
            Self::Stock => vec![ask],
            Self::Hocuspocus(_) => vec![self.frame(&[AUTH, 0, 4, b'n', b'o', b'n', b'e']), ask],
        }
    }

    /// The answer to [`Heard::Ask`].
    pub(crate) fn answer(&self) -> Bytes {
        self.frame(&frames::answer(&NOTHING))
    }

    /// An update.
    pub(crate) fn update(&self, update: &[u8]) -> Bytes {
        self.frame(&frames::update(update))
    }

    fn frame(&self, message: &[u8]) -> Bytes {
        match self {
            Self::Stock => Bytes::copy_from_slice(message),
            Self::Hocuspocus(name) => {
                let length = u8::try_from(name.len()).unwrap_or(u8::MAX);
                assert!(length < 0x80, "a name of one byte's length");
                [&[length], name.as_bytes(), message].concat().into()
            }
        }
    }

    /// Read a frame; none when it is not of the protocol.
    pub(crate) fn read(&self, frame: &[u8]) -> Option<Heard> {
        let message = match self {
            Self::Stock => frame,
            Self::Hocuspocus(name) => {
                let (length, rest) = frame.split_first()?;
                let (said, message) = rest.split_at_checked(usize::from(*length))?;
                (said == name.as_bytes()).then_some(message)?
            }
        };
        match (self, message.first()?) {
            (Self::Hocuspocus(_), &SYNC_REPLY) => heard(&[&[0], &message[1..]].concat()),
            (Self::Hocuspocus(_), tag) if *tag > 0 => Some(Heard::Other),
            _ => heard(message),
        }
    }
}

fn heard(message: &[u8]) -> Option<Heard> {
    let messages = frames::read(message).ok()?;
    Some(match messages.into_iter().next()? {
        Frame::Ask(_) => Heard::Ask,
        Frame::Answer(update) => Heard::Answer(update.to_vec()),
        Frame::Update(update) => Heard::Update(update.to_vec()),
        Frame::Kept(_) => Heard::Kept,
        _ => Heard::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hocuspocus_names_the_document_and_asks_in_its_own_way() {
        let dialect = Dialect::Hocuspocus("ab".to_owned());
        let hello = dialect.hello();
        assert_eq!(&hello[0][..], b"\x02ab\x02\x00\x04none");
        assert_eq!(&hello[1][..], b"\x02ab\x00\x00\x01\x00");
        assert_eq!(&dialect.update(&[7, 8])[..], b"\x02ab\x00\x02\x02\x07\x08");
        assert_eq!(dialect.read(b"\x02ab\x04\x00\x01\x00"), Some(Heard::Ask));
        assert_eq!(dialect.read(b"\x02ab\x00\x01\x02\x00\x00"), Some(Heard::Answer(vec![0, 0])));
        assert_eq!(dialect.read(b"\x02ab\x02\x02\x0aread-write"), Some(Heard::Other));
        assert_eq!(dialect.read(b"\x02ac\x00\x00\x01\x00"), None);
        assert_eq!(Dialect::Stock.read(b"\x00\x02\x02\x00\x00"), Some(Heard::Update(vec![0, 0])));
    }
}
