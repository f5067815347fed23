//! An author's program, real from the document to the frames, with a line and a disk of chance.

use crate::{
    Tally,
    relay::{Relay, Said},
};
use bytes::Bytes;
use fastrand::Rng;
use quire_collab::{
    Change, ClientId, RelayLine, Replica, TextDocument,
    frames::{self, Frame},
    room::{Access, Identity, ReadOnly, SessionId},
    session::{self, Event},
};
use std::collections::{BTreeMap, VecDeque};

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Ours: numbers what it sends and learns when it is durable.
    Native,
    /// One that speaks the stock protocol.
    Stock,
    /// Ours, of somebody who may only read and writes nevertheless.
    Reader,
}

impl Kind {
    /// What he may do when all is well.
    fn access(self) -> Access {
        if self == Self::Reader { Access::Read(ReadOnly::Viewer) } else { Access::Write }
    }
}

pub(crate) struct Author {
    kind: Kind,
    identity: Identity,
    document: TextDocument,
    line: RelayLine,
    /// What the program has kept on its own disk.
    kept: Vec<Vec<u8>>,
    connection: Option<Connection>,
    /// Lines that are no more, of which the relay does not know it.
    lost: Vec<Connection>,
    access: Access,
    is_reading: bool,
}

struct Connection {
    session: SessionId,
    to_relay: VecDeque<Bytes>,
    from_relay: VecDeque<Said>,
    /// What each number on this line stands for.
    numbered: BTreeMap<u64, Vec<u8>>,
}

impl Author {
    pub(crate) fn new(nth: usize, kind: Kind, rng: &mut Rng) -> Self {
        Self {
            kind,
            identity: Identity { id: nth.to_string(), name: format!("{kind:?} {nth}") },
            document: TextDocument::new(ClientId::from_random(rng.u64(..))),
            line: RelayLine::new(rng.u64(..)),
            kept: Vec::new(),
            connection: None,
            lost: Vec::new(),
            access: kind.access(),
            is_reading: true,
        }
    }

    pub(crate) fn edit(&mut self, rng: &mut Rng, tally: &mut Tally) {
        if self.kind == Kind::Reader && rng.u8(..10) > 0 {
            return;
        }
        let length = self.document.len();
        let at = rng.u32(..=length);
        let removed = if rng.u8(..3) == 0 { rng.u32(..=(length - at).min(5)) } else { 0 };
        let count = rng.usize(..4);
        let inserted: String = match self.kind {
            Kind::Reader => "R".repeat(count),
            _ => (0..count).map(|_| rng.lowercase()).collect(),
        };
        if removed == 0 && inserted.is_empty() {
            return;
        }
        tally.edits += 1;
        let update = self.document.edit(&[Change { at, removed, inserted }]).unwrap();
        self.kept.push(update.clone());
        if self.kind == Kind::Stock {
            let frame = session::update_message(update);
            self.connection.iter_mut().for_each(|line| line.send(frame.clone().into()));
        } else if let Some(frame) = self.line.edited(&update)
            && let Some(connection) = &mut self.connection
        {
            connection.send(frame);
        }
    }

    pub(crate) fn connect(&mut self, relay: &mut Relay) {
        if self.connection.is_some() {
            return;
        }
        let session = relay.join(self.access, &self.identity);
        let mut connection = Connection {
            session,
            to_relay: VecDeque::new(),
            from_relay: VecDeque::new(),
            numbered: BTreeMap::new(),
        };
        connection.send(match self.kind {
            Kind::Stock => session::hello(&self.document).into(),
            Kind::Native | Kind::Reader => self.line.connected(&self.document),
        });
        self.connection = Some(connection);
    }

    pub(crate) fn cut(&mut self, relay: &mut Relay) {
        if let Some(connection) = self.connection.take() {
            relay.leave(connection.session);
            self.line.disconnected();
        }
    }

    /// The line is cut, and only the author knows: what was on its way to the relay comes there later.
    pub(crate) fn lose(&mut self, tally: &mut Tally) {
        if let Some(connection) = self.connection.take() {
            tally.partitions += 1;
            self.line.disconnected();
            self.lost.push(connection);
        }
    }

    /// The relay notices it too.
    pub(crate) fn forget_lost(&mut self, relay: &mut Relay) {
        if let Some(connection) = self.lost.pop() {
            relay.leave(connection.session);
        }
    }

    /// The owner lets him do something else.
    pub(crate) fn change_role(&mut self, rng: &mut Rng, relay: &mut Relay, tally: &mut Tally) {
        if self.kind == Kind::Reader {
            return;
        }
        tally.role_changes += 1;
        self.access = match rng.u8(..4) {
            0 => Access::Read(ReadOnly::Viewer),
            1 => Access::Remove(ReadOnly::Full),
            _ => Access::Write,
        };
        self.regrade(relay);
    }

    fn regrade(&self, relay: &mut Relay) {
        for connection in self.connection.iter().chain(&self.lost) {
            relay.regrade(connection.session, self.access);
        }
    }

    /// He stops reading, or goes on.
    pub(crate) fn turn_away(&mut self, tally: &mut Tally) {
        self.is_reading = !self.is_reading;
        tally.pauses += u64::from(!self.is_reading);
    }

    /// He reads and may do what he may; lines that are lost are known to be.
    pub(crate) fn heal(&mut self, relay: &mut Relay) {
        self.is_reading = true;
        self.access = self.kind.access();
        self.regrade(relay);
        while !self.lost.is_empty() {
            self.forget_lost(relay);
        }
    }

    /// The program ends, and starts again from its disk, as another client.
    pub(crate) fn restart(&mut self, rng: &mut Rng, relay: &mut Relay, tally: &mut Tally) {
        self.cut(relay);
        tally.restarts += 1;
        let client = ClientId::from_random(rng.u64(..));
        let kept = self.kept.iter().map(Vec::as_slice);
        let document = TextDocument::open(client, kept).unwrap();
        assert_eq!(document.text(), self.document.text());
        self.document = document;
        self.line = RelayLine::new(rng.u64(..));
    }

    /// Double a frame on its way, or swap two.
    pub(crate) fn spoil(&mut self, rng: &mut Rng, tally: &mut Tally) {
        let Some(connection) = &mut self.connection else { return };
        let frames = &mut connection.to_relay;
        if frames.len() > 1 {
            tally.spoiled += 1;
            let (a, b) = (rng.usize(..frames.len()), rng.usize(..frames.len()));
            if rng.bool() {
                frames.swap(a, b);
            } else {
                let again = frames[a].clone();
                frames.insert(b, again);
            }
        }
        let said = &mut connection.from_relay;
        // A closed line says nothing more.
        let open = said.iter().take_while(|said| matches!(said, Said::Frame(_))).count();
        if open > 1 {
            said.swap(rng.usize(..open), rng.usize(..open));
        }
    }

    pub(crate) fn carry(&mut self, relay: &mut Relay) {
        if let Some(connection) = &mut self.connection {
            connection.from_relay.extend(relay.said(connection.session));
        }
    }

    /// One frame arrives at the relay; false when there was none.
    pub(crate) fn deliver_to_relay(&mut self, rng: &mut Rng, relay: &mut Relay) -> bool {
        // Of lines that are lost, in the middle of what comes over the next.
        let lines = self.lost.iter_mut().chain(&mut self.connection);
        let mut lines: Vec<_> = lines.filter(|line| !line.to_relay.is_empty()).collect();
        if lines.is_empty() {
            return false;
        }
        let nth = rng.usize(..lines.len());
        let Some(frame) = lines[nth].to_relay.pop_front() else { return false };
        relay.receive(lines[nth].session, &frame);
        true
    }

    /// One frame arrives here; false when there was none.
    pub(crate) fn deliver_from_relay(&mut self, relay: &mut Relay, tally: &mut Tally) -> bool {
        if !self.is_reading {
            return false;
        }
        let Some(connection) = &mut self.connection else { return false };
        let frame = match connection.from_relay.pop_front() {
            None => return false,
            Some(Said::Closed) => {
                self.cut(relay);
                return true;
            }
            Some(Said::Frame(frame)) => frame,
        };
        relay.written(connection.session, frame.len());
        for message in frames::read(&frame).unwrap() {
            match message {
                Frame::Kept(sequence) => {
                    tally.acknowledged += 1;
                    assert_ne!(self.kind, Kind::Stock, "a stock client was acknowledged");
                    let update = &connection.numbered[&sequence];
                    assert!(relay.has(update), "an acknowledged update is not in the log");
                }
                Frame::By { .. } => {
                    tally.signed += 1;
                    assert_ne!(self.kind, Kind::Stock, "a stock client was told who wrote");
                }
                Frame::Refused(_) => tally.refused += 1,
                Frame::Denied(_) => tally.denied += 1,
                _ => {}
            }
        }
        match self.kind {
            Kind::Stock => self.receive_as_stock(&frame),
            Kind::Native | Kind::Reader => self.receive(&frame),
        }
        if self.line.is_saved() {
            assert!(relay.has(&self.document.snapshot()), "what is told to be saved is not");
        }
        true
    }

    fn receive(&mut self, frame: &[u8]) {
        let received = self.line.receive(&mut self.document, frame).unwrap();
        let kept = received.applied.into_iter().map(|applied| applied.change.update);
        self.kept.extend(kept.filter(|update| !update.is_empty()));
        for frame in received.frames {
            self.connection.iter_mut().for_each(|line| line.send(frame.clone()));
        }
    }

    fn receive_as_stock(&mut self, frame: &[u8]) {
        let mut events = Vec::new();
        session::receive(&mut self.document, frame, true, &mut events).unwrap();
        for event in events {
            match event {
                Event::Reply(frame) => {
                    self.connection.iter_mut().for_each(|line| line.send(frame.clone().into()));
                }
                Event::Changed(applied) => self.kept.push(applied.update),
                Event::Awareness(_) => {}
            }
        }
    }

    /// Nothing is on its way, and nothing is owed.
    pub(crate) fn is_quiet(&self) -> bool {
        let is_empty = self.connection.as_ref().is_some_and(|connection| {
            connection.to_relay.is_empty() && connection.from_relay.is_empty()
        });
        is_empty && (self.kind != Kind::Native || self.line.is_saved())
    }

    /// Everybody has what the log has; an author has nothing else.
    pub(crate) fn check_healed(&self, log: &Replica) {
        assert!(self.document.holds(&log.snapshot()).unwrap(), "{:?} lacks updates", self.kind);
        if self.kind != Kind::Reader {
            assert!(log.holds(&self.document.snapshot()).unwrap(), "the log lacks updates");
            assert_eq!(self.document.text(), log.text("text"), "{:?}", self.kind);
            assert!(!self.document.text().contains('R'), "a reader has written");
        }
    }
}

impl Connection {
    fn send(&mut self, frame: Bytes) {
        if let Ok([Frame::Numbered { origin, update }]) = frames::read(&frame).as_deref() {
            self.numbered.insert(origin.sequence, update.to_vec());
        }
        self.to_relay.push_back(frame);
    }
}
