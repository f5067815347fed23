//! What leaves a room: not before the log has what it follows from, and together what became durable together. A flush of
//! the disk is one of many updates, and each line then takes them at once: with many lines, most of what an update
//! costs is the writing to each.

use super::{CloseReason, Output, Room, SessionId, Stage};
use crate::frames;
use bytes::Bytes;
use std::sync::Arc;
use yrs::StateVector;

/// Updates that are told at once have at most so many bytes, or are one.
const RUN_BYTES: usize = 64 << 10;

/// What leaves once a row is durable.
#[derive(Debug)]
pub(super) struct Held {
    after: u64,
    what: Leaving,
}

#[derive(Debug)]
pub(super) enum Leaving {
    Update { from: SessionId, row_bytes: u64, reached: StateVector, update: Signed },
    Answer { to: SessionId, frame: Bytes, begins_to_follow: bool },
}

/// An update as a frame that begins with who wrote it.
#[derive(Debug)]
pub(super) struct Signed {
    frame: Bytes,
    introduction: usize,
}

impl Signed {
    /// `introduction`: what [`frames::by`] has made, or nothing.
    pub(super) fn new(introduction: &[u8], update: &[u8]) -> Self {
        let frame = frames::signed(introduction, update);
        Self { frame, introduction: introduction.len() }
    }

    /// For stock clients: the same bytes without their beginning.
    fn plain(&self) -> Bytes {
        self.frame.slice(self.introduction..)
    }
}

/// Updates that leave together, with who sent them.
#[derive(Default)]
struct Run {
    from: Vec<SessionId>,
    plain: Frames,
    signed: Frames,
    reached: StateVector,
}

/// Frames, and how many bytes they are.
#[derive(Default)]
struct Frames {
    frames: Vec<Bytes>,
    bytes: usize,
}

impl Frames {
    fn push(&mut self, frame: Bytes) {
        self.bytes += frame.len();
        self.frames.push(frame);
    }

    /// To be shared by all who are told them.
    fn shared(self) -> (Arc<[Bytes]>, usize) {
        (self.frames.into(), self.bytes)
    }
}

impl Room {
    pub(super) fn hold(&mut self, what: Leaving) {
        self.held.push_back(Held { after: self.appended, what });
    }

    pub(super) fn release(&mut self, out: &mut Vec<Output>) {
        let mut run = Run::default();
        while let Some(held) = self.held.pop_front_if(|held| held.after <= self.durable) {
            match held.what {
                Leaving::Update { from, row_bytes, reached, update } => {
                    if run.signed.bytes + update.frame.len() > RUN_BYTES {
                        self.broadcast(std::mem::take(&mut run), out);
                    }
                    run.from.push(from);
                    run.plain.push(update.plain());
                    run.signed.push(update.frame);
                    run.reached.merge(reached);
                    self.since_snapshot.0 += 1;
                    self.since_snapshot.1 += row_bytes;
                }
                // It may overtake the updates before it.
                Leaving::Answer { to, frame, begins_to_follow: false } => {
                    self.answer(to, frame, out);
                }
                Leaving::Answer { to, frame, begins_to_follow: true } => {
                    self.broadcast(std::mem::take(&mut run), out);
                    self.answer(to, frame, out);
                    if let Some(reader) = self.sessions.get_mut(&to) {
                        reader.stage = Stage::Following;
                    }
                }
            }
        }
        self.broadcast(run, out);
    }

    fn broadcast(&mut self, run: Run, out: &mut Vec<Output>) {
        let Run { from, plain, signed, reached } = run;
        if from.is_empty() {
            return;
        }
        let (plain, signed) = (plain.shared(), signed.shared());
        for (session, reader) in &mut self.sessions {
            if !matches!(reader.stage, Stage::Following) {
                continue;
            }
            let (all, bytes) = if reader.wants_authors { &signed } else { &plain };
            // Nobody is told what he has said.
            let (frames, bytes) = if from.contains(session) {
                let others = from.iter().zip(&**all).filter(|(from, _)| *from != session);
                let frames: Arc<[Bytes]> = others.map(|(_, frame)| frame.clone()).collect();
                let bytes = frames.iter().map(Bytes::len).sum();
                (frames, bytes)
            } else {
                (Arc::clone(all), *bytes)
            };
            if frames.is_empty() {
                continue;
            }
            let unread_bytes = reader.unread_bytes + bytes;
            if reader.unread_bytes > 0 && unread_bytes > self.limits.unread_bytes {
                // As it was before these updates.
                reader.stage = Stage::Behind(self.durable_state.clone());
                continue;
            }
            reader.unread_bytes = unread_bytes;
            out.push(Output::Send { to: *session, frames });
        }
        self.durable_state.merge(reached);
    }

    pub(super) fn tell_presence(&mut self, from: SessionId, frame: Bytes, out: &mut Vec<Output>) {
        let bytes = frame.len();
        let frames: Arc<[Bytes]> = [frame].into();
        for (session, reader) in &mut self.sessions {
            if *session == from {
                continue;
            }
            if reader.unread_bytes * 2 > self.limits.unread_bytes {
                reader.has_missed_presence = true;
                continue;
            }
            reader.unread_bytes += bytes;
            out.push(Output::Send { to: *session, frames: Arc::clone(&frames) });
        }
    }

    /// Send what a session asked for, if it reads.
    pub(super) fn answer(&mut self, to: SessionId, frame: Bytes, out: &mut Vec<Output>) {
        let Some(reader) = self.sessions.get(&to) else { return };
        if reader.unread_bytes > self.limits.unread_answer_bytes {
            return self.close(to, CloseReason::TooSlow, out);
        }
        self.send(to, frame, out);
    }

    pub(super) fn send(&mut self, to: SessionId, frame: Bytes, out: &mut Vec<Output>) {
        let Some(reader) = self.sessions.get_mut(&to) else { return };
        reader.unread_bytes += frame.len();
        out.push(Output::Send { to, frames: [frame].into() });
    }
}
