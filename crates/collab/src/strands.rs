//! Many documents over one line: each has a strand of its own, which carries what a line of its own would carry
//! ([`crate::frames`]). The author's program numbers its strands, from 1 and rising, and never uses a number again, so that
//! what comes late is known to be late. One that is refused or ended leaves the others as they are.
//!
//! ```text
//! to the relay                                   from the relay
//! 0 open:  strand, id of the document            0 opened: strand
//! 1 close: strand                                1 closed: strand, code, reason
//! 2 frame: strand, a frame of the protocol       2 frame:  strand, a frame of the protocol
//!                                                3 taken:  strand, bytes
//! ```
//! Each is one message of the line. Numbers are lib0's, and what is last goes to the message's end. Codes are those with
//! which a line of its own would be closed.
//!
//! Who sends on a strand has a [`WINDOW`]: each frame takes its [`cost`] of it, and the relay gives that back once the
//! room has the frame. So one document that is slow holds up itself and nothing else.

use crate::frames::{NotAMessage, Reader, put};
use bytes::Bytes;

/// What may be on its way to the relay on one strand. A frame may be sent as long as something is left, whatever its
/// length.
pub const WINDOW: u64 = 256 << 10;
/// So much longer than its frame is a message at most.
pub const ENVELOPE_BYTES: usize = 16;
/// What each frame takes of the window beside its bytes: many that are empty are not nothing.
const FRAME_COST: u64 = 32;
/// An id, as it is written.
const MAX_DOCUMENT_BYTES: usize = 64;
/// Reasons are sentences.
const MAX_REASON_BYTES: usize = 1 << 10;

/// What a frame takes of the [`WINDOW`].
pub fn cost(frame: &[u8]) -> u64 {
    frame.len() as u64 + FRAME_COST
}

/// What an author's program says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToRelay {
    /// Open this document.
    Open {
        /// A number that was not used on this line, higher than all before.
        strand: u32,
        /// Its id.
        document: String,
    },
    /// It is not needed any more. What was sent before still counts.
    Close {
        /// Which.
        strand: u32,
    },
    /// A frame of the sync protocol.
    Frame {
        /// On which strand.
        strand: u32,
        /// The frame.
        frame: Bytes,
    },
}

/// What the relay says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromRelay {
    /// The document is open: what is sent on the strand from now on is read.
    Opened {
        /// Which.
        strand: u32,
    },
    /// It was not opened, or is over.
    Closed {
        /// Which.
        strand: u32,
        /// Why, as a close code of WebSocket lines.
        code: u16,
        /// Why, for people.
        reason: String,
    },
    /// A frame of the sync protocol.
    Frame {
        /// On which strand.
        strand: u32,
        /// The frame.
        frame: Bytes,
    },
    /// So much of the window is free again.
    Taken {
        /// On which strand.
        strand: u32,
        /// What the frames cost that were taken.
        bytes: u64,
    },
}

impl ToRelay {
    /// Read a message.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(message: &Bytes) -> Result<Self, NotAMessage> {
        let mut rest = Reader(message);
        let (kind, strand) = (rest.number()?, strand(&mut rest)?);
        match kind {
            0 => Ok(Self::Open { strand, document: text(rest, MAX_DOCUMENT_BYTES)? }),
            1 if rest.0.is_empty() => Ok(Self::Close { strand }),
            2 => Ok(Self::Frame { strand, frame: message.slice_ref(rest.0) }),
            _ => Err(NotAMessage),
        }
    }

    /// As a message.
    pub fn message(&self) -> Bytes {
        match self {
            Self::Open { strand, document } => begin(0, *strand, document.as_bytes()),
            Self::Close { strand } => begin(1, *strand, &[]),
            Self::Frame { strand, frame } => framed(*strand, frame),
        }
        .into()
    }
}

impl FromRelay {
    /// Read a message.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(message: &Bytes) -> Result<Self, NotAMessage> {
        let mut rest = Reader(message);
        let (kind, strand) = (rest.number()?, strand(&mut rest)?);
        match kind {
            0 if rest.0.is_empty() => Ok(Self::Opened { strand }),
            1 => {
                let code = u16::try_from(rest.number()?).map_err(|_| NotAMessage)?;
                Ok(Self::Closed { strand, code, reason: text(rest, MAX_REASON_BYTES)? })
            }
            2 => Ok(Self::Frame { strand, frame: message.slice_ref(rest.0) }),
            3 => {
                let bytes = rest.number()?;
                if !rest.0.is_empty() {
                    return Err(NotAMessage);
                }
                Ok(Self::Taken { strand, bytes })
            }
            _ => Err(NotAMessage),
        }
    }

    /// As a message.
    pub fn message(&self) -> Bytes {
        match self {
            Self::Opened { strand } => begin(0, *strand, &[]),
            Self::Closed { strand, code, reason } => {
                let mut rest = Vec::with_capacity(reason.len() + 3);
                put(&mut rest, u64::from(*code));
                let length = reason.floor_char_boundary(MAX_REASON_BYTES);
                rest.extend_from_slice(&reason.as_bytes()[..length]);
                begin(1, *strand, &rest)
            }
            Self::Frame { strand, frame } => framed(*strand, frame),
            Self::Taken { strand, bytes } => {
                let mut rest = Vec::with_capacity(9);
                put(&mut rest, *bytes);
                begin(3, *strand, &rest)
            }
        }
        .into()
    }
}

/// A frame as a message on its strand, in either direction.
pub fn framed(strand: u32, frame: &[u8]) -> Vec<u8> {
    begin(2, strand, frame)
}

fn begin(kind: u8, strand: u32, rest: &[u8]) -> Vec<u8> {
    let mut message = Vec::with_capacity(rest.len() + ENVELOPE_BYTES);
    message.push(kind);
    put(&mut message, u64::from(strand));
    message.extend_from_slice(rest);
    message
}

fn strand(rest: &mut Reader<'_>) -> Result<u32, NotAMessage> {
    let strand = u32::try_from(rest.number()?).map_err(|_| NotAMessage)?;
    if strand == 0 { Err(NotAMessage) } else { Ok(strand) }
}

fn text(rest: Reader<'_>, longest: usize) -> Result<String, NotAMessage> {
    if rest.0.len() > longest {
        return Err(NotAMessage);
    }
    std::str::from_utf8(rest.0).map(str::to_owned).map_err(|_| NotAMessage)
}

/// What is left of a [`WINDOW`]: the sender's own count, and the relay's of it.
#[derive(Debug)]
pub struct Credit(i64);

impl Default for Credit {
    fn default() -> Self {
        Self(WINDOW as i64)
    }
}

impl Credit {
    /// Something is left.
    pub fn is_left(&self) -> bool {
        self.0 > 0
    }

    /// A frame goes, or has come; false when nothing was left for it.
    pub fn spend(&mut self, frame: &[u8]) -> bool {
        let is_left = self.is_left();
        if is_left {
            self.0 -= i64::try_from(cost(frame)).unwrap_or(i64::MAX);
        }
        is_left
    }

    /// So much is given back. It is never more than a window.
    pub fn give_back(&mut self, bytes: u64) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.0 = self.0.saturating_add(bytes).min(WINDOW as i64);
    }
}

/// What the relay has to give back. Not for each frame, which would be as many messages again.
#[derive(Debug, Default)]
pub struct Owed(u64);

impl Owed {
    /// A frame of this cost was taken; what is to be given back now, if it is worth a message.
    pub fn taken(&mut self, cost: u64) -> Option<u64> {
        self.0 = self.0.saturating_add(cost);
        (self.0 >= WINDOW / 2).then(|| std::mem::take(&mut self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_were_written() {
        let frame = Bytes::from_static(b"\x01\x01\x00");
        let said = [
            ToRelay::Open { strand: 1, document: "0123456789abcdef".to_owned() },
            ToRelay::Frame { strand: 300, frame: frame.clone() },
            ToRelay::Close { strand: u32::MAX },
        ];
        for message in said {
            assert_eq!(ToRelay::read(&message.message()), Ok(message));
        }
        let told = [
            FromRelay::Opened { strand: 1 },
            FromRelay::Closed { strand: 2, code: 4403, reason: "no access".to_owned() },
            FromRelay::Frame { strand: 3, frame },
            FromRelay::Taken { strand: 4, bytes: WINDOW },
        ];
        for message in told {
            assert_eq!(FromRelay::read(&message.message()), Ok(message));
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        let long = [&[0, 1][..], &[b'a'; MAX_DOCUMENT_BYTES + 1]].concat();
        let bad: [&[u8]; 9] = [
            &[],
            &[2],
            // No strand has the number 0, and none one that is longer than 32 bits.
            &[0, 0, b'a'],
            &[2, 0xff, 0xff, 0xff, 0xff, 0x1f, 0],
            &[1, 1, 0],
            &[3, 1, 0, 0],
            &[9, 1],
            &[0, 1, 0xff],
            &long,
        ];
        for message in bad {
            assert!(ToRelay::read(&Bytes::copy_from_slice(message)).is_err(), "{message:?}");
        }
        // A code and a reason; nothing behind what was taken.
        for message in [&[1, 1, 0xff, 0xff, 0x0f][..], &[1, 1, 0, 0xff], &[3, 1, 0, 0], &[0, 1, 0]]
        {
            assert!(FromRelay::read(&Bytes::copy_from_slice(message)).is_err(), "{message:?}");
        }
    }

    #[test]
    fn a_window_is_used_up_and_given_back() {
        let (mut sender, mut owed) = (Credit::default(), Owed::default());
        let frame = vec![0; 60 << 10];
        let mut sent = 0;
        while sender.spend(&frame) {
            sent += 1;
        }
        assert_eq!(sent, 5, "one that begins within the window may go beyond it");
        let given: u64 = (0..sent).filter_map(|_| owed.taken(cost(&frame))).sum();
        sender.give_back(given);
        assert!(sender.is_left(), "what is not given back yet is less than a window");
        sender.give_back(u64::MAX);
        assert!(sender.spend(&vec![0; 16 << 20]), "the longest frame goes when something is left");
        assert!(!sender.is_left());
    }
}
