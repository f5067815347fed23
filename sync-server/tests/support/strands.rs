//! A program with a project's line, which says what it likes on strands.

use super::{PATIENCE, Relay, connect, http::Client};
use bytes::Bytes;
use quire_collab::{
    Change, ClientId, TextDocument,
    frames::{self, Frame, Origin},
    strands::{FromRelay, ToRelay},
};
use serde_json::Value;
use std::net::TcpStream;
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

/// The line.
pub(crate) struct ProjectLine {
    pub(crate) socket: WebSocket<MaybeTlsStream<TcpStream>>,
    last: u32,
}

/// What came.
#[derive(Debug)]
pub(crate) enum Came {
    Text(Value),
    Strand(FromRelay),
    /// The line was closed.
    End(u16),
}

impl ProjectLine {
    pub(crate) fn open(relay: &Relay, who: &Client, project: impl ToString) -> Self {
        let bearer = format!("Bearer {}", who.token.as_deref().unwrap());
        let path = format!("projects/{}", project.to_string());
        let socket = connect(&relay.address, &path, &[("authorization", &bearer)]).unwrap();
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
        }
        Self { socket, last: 0 }
    }

    pub(crate) fn raw(&mut self, message: impl Into<Bytes>) {
        self.socket.send(Message::Binary(message.into())).unwrap();
    }

    pub(crate) fn say(&mut self, said: &ToRelay) {
        self.raw(said.message());
    }

    pub(crate) fn frame(&mut self, strand: u32, frame: Bytes) {
        self.say(&ToRelay::Frame { strand, frame });
    }

    /// Write this into the text of a strand, as a numbered update.
    pub(crate) fn write(&mut self, strand: u32, sequence: u64, text: &str) {
        let origin = Origin { session: 7, sequence };
        self.frame(strand, frames::numbered(origin, &update(1000 + sequence, text)));
    }

    /// Ask for a strand, without waiting for it.
    pub(crate) fn ask_for(&mut self, document: impl ToString) -> u32 {
        self.last += 1;
        let (strand, document) = (self.last, document.to_string());
        self.say(&ToRelay::Open { strand, document });
        strand
    }

    /// Open a strand; or the code and the reason why not.
    pub(crate) fn strand(&mut self, document: impl ToString) -> Result<u32, (u16, String)> {
        let strand = self.ask_for(document);
        self.until(|told| match told {
            FromRelay::Opened { strand: opened } if *opened == strand => Some(Ok(strand)),
            FromRelay::Closed { strand: closed, code, reason } if *closed == strand => {
                Some(Err((*code, reason.clone())))
            }
            _ => None,
        })
    }

    pub(crate) fn next(&mut self) -> Came {
        loop {
            match self.socket.read().unwrap() {
                Message::Text(text) => return Came::Text(serde_json::from_str(&text).unwrap()),
                Message::Binary(message) => {
                    return Came::Strand(FromRelay::read(&message).unwrap());
                }
                Message::Close(why) => return Came::End(why.unwrap().code.into()),
                _ => {}
            }
        }
    }

    /// What comes about strands until this is found.
    pub(crate) fn until<T>(&mut self, mut find: impl FnMut(&FromRelay) -> Option<T>) -> T {
        loop {
            match self.next() {
                Came::Strand(told) => {
                    if let Some(found) = find(&told) {
                        return found;
                    }
                }
                Came::Text(_) => {}
                Came::End(code) => panic!("closed: {code}"),
            }
        }
    }

    /// What comes on this strand until this is found in a frame.
    pub(crate) fn until_frame<T>(
        &mut self,
        on: u32,
        mut find: impl FnMut(&Frame<'_>) -> Option<T>,
    ) -> T {
        self.until(|told| match told {
            FromRelay::Frame { strand, frame } if *strand == on => {
                frames::read(frame).unwrap().iter().find_map(&mut find)
            }
            FromRelay::Closed { strand, code, reason } if *strand == on => {
                panic!("closed: {code} {reason}")
            }
            _ => None,
        })
    }

    pub(crate) fn until_kept(&mut self, strand: u32, sequence: u64) {
        let is_kept = |frame: &Frame<'_>| matches!(frame, Frame::Kept(kept) if *kept == sequence);
        self.until_frame(strand, |frame| is_kept(frame).then_some(()));
    }

    /// Why nothing may be written.
    pub(crate) fn until_denied(&mut self, strand: u32) -> String {
        self.until_frame(strand, |frame| match frame {
            Frame::Denied(why) => Some((*why).to_owned()),
            _ => None,
        })
    }

    /// With which code a strand is closed.
    pub(crate) fn until_closed(&mut self, on: u32) -> u16 {
        self.until(|told| match told {
            FromRelay::Closed { strand, code, .. } if *strand == on => Some(*code),
            _ => None,
        })
    }

    /// With which code the line is closed.
    pub(crate) fn end(&mut self) -> u16 {
        loop {
            if let Came::End(code) = self.next() {
                return code;
            }
        }
    }
}

/// This text, as an update of somebody who has nothing else.
pub(crate) fn update(client: u64, text: &str) -> Vec<u8> {
    let mut document = TextDocument::new(ClientId::from_random(client));
    let change = Change { at: 0, removed: 0, inserted: text.to_owned() };
    document.edit(&[change]).unwrap()
}
