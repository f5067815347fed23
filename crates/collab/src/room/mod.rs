//! A room: those who have one document open, and what is said to whom and when. A pure state machine: what happens
//! comes in as a call, what is to be done goes out as [`Output`]s, in their order. It does no I/O and knows no clock,
//! so that the simulation drives the very code that the relay runs.
//!
//! Nothing that is not durable leaves: what follows from an update waits in a queue until the log has it. When
//! the log fails the room is over; it is made anew from what the log has, and everybody comes again.

mod access;
mod leaving;
mod presences;

pub use access::{Access, Identity, ReadOnly};

use crate::{
    DocumentError, Replica,
    frames::{self, Frame, Origin},
};
use bytes::Bytes;
use leaving::{Held, Leaving, Signed};
use presences::Presences;
pub use presences::is_color;
use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};
use yrs::StateVector;

/// A connection to the document, numbered by the relay and never again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId(pub u64);

/// Bounds of what a room holds and takes.
#[derive(Clone, Debug)]
pub struct Limits {
    /// A longer frame ends its session.
    pub frame_bytes: usize,
    /// With more than this on its way to a session, it is told no more until it has read it, and then at once all
    /// that it missed.
    pub unread_bytes: usize,
    /// With more than this on its way, an answer that it asks for ends the session.
    pub unread_answer_bytes: usize,
    /// A snapshot is due after so many updates …
    pub snapshot_updates: u64,
    /// … or so many bytes of them.
    pub snapshot_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            frame_bytes: 16 << 20,
            unread_bytes: 1 << 20,
            unread_answer_bytes: 4 << 20,
            snapshot_updates: 100,
            snapshot_bytes: 256 << 10,
        }
    }
}

/// A row for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Counts the updates of the document, from 1, without a gap.
    pub number: u64,
    /// The update: what was new of it.
    pub update: Bytes,
    /// Whence it came, if the sender numbers what it sends.
    pub origin: Option<Origin>,
    /// Who sent it, if the relay knows: his identity's id.
    pub author: Option<String>,
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Keep a row. Rows come in order, and are to be committed in order: then [`Room::committed`]; else, once,
    /// [`Room::failed`].
    Append(Row),
    /// Send frames; say [`Room::written`] when the line has taken them.
    Send {
        /// To whom.
        to: SessionId,
        /// Each one message of the protocol, for who wants to know it behind who wrote it. Those who are told the same
        /// share it.
        frames: Arc<[Bytes]>,
    },
    /// End a session, which is forgotten already, once what was sent to it has been written.
    Close {
        /// Which.
        session: SessionId,
        /// Why.
        reason: CloseReason,
    },
    /// The log up to this number, which is durable, may be made a snapshot.
    Compact {
        /// The number of the last row.
        up_to: u64,
    },
}

/// Why a session was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// The peer does not speak the protocol.
    #[error("not a message of the sync protocol")]
    NotAMessage,
    /// What the document may not hold.
    #[error("an update with what this document may not hold")]
    Unfit,
    /// Longer than [`Limits::frame_bytes`].
    #[error("a frame that is too long")]
    TooLong,
    /// It asks and does not read.
    #[error("too much waits to be read")]
    TooSlow,
    /// The log could not keep an update: come again.
    #[error("the relay could not save; what was not acknowledged is not kept")]
    NotSaved,
    /// The relay is about to end: come again.
    #[error("the relay is restarting")]
    Restarting,
}

/// Those who have one document open.
#[derive(Debug)]
pub struct Room {
    replica: Replica,
    limits: Limits,
    sessions: BTreeMap<SessionId, Session>,
    presences: Presences,
    /// The number of the last row handed out, and of the last that is durable.
    appended: u64,
    durable: u64,
    /// What is durable, as a state vector.
    durable_state: StateVector,
    held: VecDeque<Held>,
    since_snapshot: (u64, u64),
    is_over: bool,
}

#[derive(Debug)]
struct Session {
    access: Access,
    identity: Option<Identity>,
    /// How others who want to know are told who wrote its updates: what [`frames::by`] makes of the identity.
    introduction: Bytes,
    /// It wants to know who wrote what.
    wants_authors: bool,
    unread_bytes: usize,
    stage: Stage,
    /// A cursor or name was not told for want of room.
    has_missed_presence: bool,
}

#[derive(Debug)]
enum Stage {
    /// It has not asked yet what it lacks; until it is told, updates are of no use to it.
    New,
    /// It is told of every update.
    Following,
    /// It reads too slowly. It has all up to this state.
    Behind(StateVector),
    /// What it missed is on its way through the queue.
    CatchingUp,
}

impl Room {
    /// A room for a document as the log has it. `since_snapshot` are the rows and bytes that no snapshot holds.
    pub fn new(
        replica: Replica,
        last_number: u64,
        since_snapshot: (u64, u64),
        limits: Limits,
    ) -> Self {
        Self {
            durable_state: replica.state(),
            replica,
            limits,
            sessions: BTreeMap::new(),
            presences: Presences::default(),
            appended: last_number,
            durable: last_number,
            held: VecDeque::new(),
            since_snapshot,
            is_over: false,
        }
    }

    /// Somebody opens the document; the id is new. Without an identity he is who he says.
    pub fn join(
        &mut self,
        session: SessionId,
        access: Access,
        identity: Option<Identity>,
        out: &mut Vec<Output>,
    ) {
        let introduction = identity.as_ref().map(|who| frames::by(&who.id, &who.name));
        let new = Session {
            access,
            introduction: introduction.unwrap_or_default(),
            identity,
            wants_authors: false,
            unread_bytes: 0,
            stage: Stage::New,
            has_missed_presence: false,
        };
        self.sessions.insert(session, new);
        let hello = frames::ask(&self.durable_state);
        self.send(session, hello, out);
        if let Some(all) = self.presences.all() {
            self.send(session, all, out);
        }
    }

    /// A session may do something else from now on. One that may write is asked for what it has kept back, and one that
    /// may no longer is told why.
    pub fn regrade(&mut self, session: SessionId, access: Access, out: &mut Vec<Output>) {
        let Some(who) = self.sessions.get_mut(&session) else { return };
        if who.access == access {
            return;
        }
        who.access = access;
        let frame = match access {
            Access::Read(why) | Access::Remove(why) => frames::denied(&why.to_string()),
            Access::Write => frames::ask(&self.durable_state),
        };
        self.send(session, frame, out);
    }

    /// The line of a session was cut, or it left.
    pub fn leave(&mut self, session: SessionId, out: &mut Vec<Output>) {
        if self.sessions.remove(&session).is_some()
            && let Some(gone) = self.presences.leave(session)
        {
            self.tell_presence(session, gone, out);
        }
    }

    /// A frame came from a session. One that was ended is not listened to.
    pub fn receive(&mut self, session: SessionId, frame: &[u8], out: &mut Vec<Output>) {
        if frame.len() > self.limits.frame_bytes {
            return self.close(session, CloseReason::TooLong, out);
        }
        let Ok(messages) = frames::read(frame) else {
            return self.close(session, CloseReason::NotAMessage, out);
        };
        for message in messages {
            let Some(from) = self.sessions.get_mut(&session) else { return };
            let access = from.access;
            let is_done = match message {
                Frame::Ask(state) => {
                    let frame = frames::answer(&self.replica.difference_from(&state));
                    self.hold(Leaving::Answer { to: session, frame, begins_to_follow: true });
                    Ok(())
                }
                Frame::Answer(update) => self.take(session, access, update, Kind::Answer, out),
                Frame::Update(update) => self.take(session, access, update, Kind::Update, out),
                Frame::Numbered { origin, update } => {
                    self.take(session, access, update, Kind::Numbered(origin), out)
                }
                Frame::Awareness(told) => {
                    let identity = from.identity.as_ref();
                    if let Some(news) = self.presences.tell(session, identity, told) {
                        self.tell_presence(session, news, out);
                    }
                    Ok(())
                }
                Frame::QueryAwareness => {
                    if let Some(all) = self.presences.all() {
                        self.answer(session, all, out);
                    }
                    Ok(())
                }
                Frame::WantsAuthors => {
                    from.wants_authors = true;
                    Ok(())
                }
                Frame::Kept(_)
                | Frame::Refused(_)
                | Frame::Denied(_)
                // Who wrote what, the relay says.
                | Frame::By { .. }
                | Frame::Unknown => Ok(()),
            };
            match is_done {
                Ok(()) => {}
                // What is in memory now, the log has not.
                Err(DocumentError::HalfTaken(_)) => return self.failed(out),
                Err(DocumentError::Unfit(_)) => {
                    return self.close(session, CloseReason::Unfit, out);
                }
                Err(_) => return self.close(session, CloseReason::NotAMessage, out),
            }
        }
        self.release(out);
    }

    fn take(
        &mut self,
        from: SessionId,
        access: Access,
        update: &[u8],
        kind: Kind,
        out: &mut Vec<Output>,
    ) -> Result<(), DocumentError> {
        let refusal = match access {
            Access::Write => None,
            Access::Read(why) => Some(why),
            Access::Remove(why) => (!self.replica.adds_nothing(update)?).then_some(why),
        };
        if let Some(why) = refusal {
            // An honest reader's answer to our question holds all deletions that it knows.
            if !self.replica.holds(update)? {
                self.answer(from, frames::denied(&why.to_string()), out);
            } else if let Kind::Numbered(origin) = kind {
                let frame = frames::kept(origin.sequence);
                self.hold(Leaving::Answer { to: from, frame, begins_to_follow: false });
            }
            return Ok(());
        }
        let taken = self.replica.apply(update)?;
        if !taken.update.is_empty() {
            self.appended += 1;
            let update = Bytes::from(taken.update);
            let origin = match kind {
                // The rest of it is yet to come, under another number.
                Kind::Numbered(origin) if !taken.is_missing => Some(origin),
                _ => None,
            };
            let session = self.sessions.get(&from);
            let identity = session.and_then(|session| session.identity.as_ref());
            let author = identity.map(|identity| identity.id.clone());
            let introduction = session.map(|session| &*session.introduction).unwrap_or_default();
            let signed = Signed::new(introduction, &update);
            let (row_bytes, reached) = (update.len() as u64, taken.reached);
            let row = Row { number: self.appended, update, origin, author };
            out.push(Output::Append(row));
            self.hold(Leaving::Update { from, row_bytes, reached, update: signed });
        }
        let answers = match (kind, taken.is_missing) {
            (Kind::Numbered(origin), false) => vec![frames::kept(origin.sequence)],
            (Kind::Numbered(origin), true) => {
                vec![frames::refused(origin.sequence), frames::ask(&self.durable_state)]
            }
            (Kind::Update, true) => vec![frames::ask(&self.durable_state)],
            // Asked again, a peer whose own past has a hole would give the same answer for ever.
            (Kind::Answer, true) | (_, false) => Vec::new(),
        };
        for frame in answers {
            self.hold(Leaving::Answer { to: from, frame, begins_to_follow: false });
        }
        Ok(())
    }

    /// The rows up to this number are durable.
    pub fn committed(&mut self, number: u64, out: &mut Vec<Output>) {
        self.durable = self.durable.max(number);
        if self.is_over {
            return;
        }
        self.release(out);
        let (updates, bytes) = self.since_snapshot;
        if updates >= self.limits.snapshot_updates || bytes >= self.limits.snapshot_bytes {
            self.since_snapshot = (0, 0);
            out.push(Output::Compact { up_to: self.durable });
        }
    }

    /// A row could not be kept. The room is over: nobody can be told what it holds in memory.
    pub fn failed(&mut self, out: &mut Vec<Output>) {
        self.is_over = true;
        self.end(CloseReason::NotSaved, out);
    }

    /// The relay is about to end, and all rows are durable or given up.
    pub fn drain(&mut self, out: &mut Vec<Output>) {
        self.is_over = true;
        self.end(CloseReason::Restarting, out);
    }

    fn end(&mut self, reason: CloseReason, out: &mut Vec<Output>) {
        self.held.clear();
        let all = std::mem::take(&mut self.sessions);
        out.extend(all.into_keys().map(|session| Output::Close { session, reason }));
    }

    /// The line of a session has taken frames of this many bytes.
    pub fn written(&mut self, session: SessionId, bytes: usize, out: &mut Vec<Output>) {
        let Some(reader) = self.sessions.get_mut(&session) else { return };
        reader.unread_bytes = reader.unread_bytes.saturating_sub(bytes);
        if reader.unread_bytes * 4 > self.limits.unread_bytes {
            return;
        }
        let presence_is_due = std::mem::take(&mut reader.has_missed_presence);
        if let Stage::Behind(state) = &reader.stage {
            let frame = frames::update(&self.replica.difference_from(state));
            reader.stage = Stage::CatchingUp;
            self.hold(Leaving::Answer { to: session, frame, begins_to_follow: true });
            self.release(out);
        }
        if presence_is_due && let Some(all) = self.presences.all() {
            self.send(session, all, out);
        }
    }

    /// True when nobody is here and nothing is on its way to the log.
    pub fn is_idle(&self) -> bool {
        self.sessions.is_empty() && self.rows_in_flight() == 0
    }

    /// True after [`Room::failed`] or [`Room::drain`].
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many rows are on their way to the log.
    pub fn rows_in_flight(&self) -> u64 {
        self.appended - self.durable
    }

    /// How many sessions are here.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    fn close(&mut self, session: SessionId, reason: CloseReason, out: &mut Vec<Output>) {
        if self.sessions.contains_key(&session) {
            self.leave(session, out);
            out.push(Output::Close { session, reason });
        }
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Answer,
    Update,
    Numbered(Origin),
}
