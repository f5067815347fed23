//! Which documents have a strand, and what is to be said about them next: in turn, so that a long text does not hold up the
//! others, and on each strand no more than its window. Knows no clock and no socket.

use crate::{Backoff, connection::WORKED};
use bytes::Bytes;
use quire_collab::{
    frames::NotAMessage,
    strands::{Credit, FromRelay, ToRelay, framed},
};
use quire_project::DocumentId;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    time::Instant,
};

/// So many are opened at a time: the relay is not asked for everything at once.
pub(crate) const AT_A_TIME: usize = 16;
/// The code with which the relay closes what one may not have.
const NO_ACCESS: u16 = 4403;

/// The strands of one line. `P` is what a frame that waits holds on to.
pub(crate) struct Strands<P> {
    /// By the numbers of the lines that they are for.
    strands: BTreeMap<u64, Strand<P>>,
    by_number: HashMap<u32, u64>,
    last: u32,
    /// How many the relay carries, when it is there.
    limit: Option<usize>,
    /// Those that are to be opened.
    to_open: VecDeque<u64>,
    /// Those that were closed, and are tried again then.
    resting: BTreeSet<(Instant, u64)>,
    /// Those that have something to say and may.
    ready: VecDeque<u64>,
    to_close: VecDeque<u32>,
}

struct Strand<P> {
    document: DocumentId,
    stage: Stage,
    credit: Credit,
    waiting: VecDeque<(Bytes, P)>,
    is_ready: bool,
    /// It is closed once what waits has gone.
    is_leaving: bool,
    backoff: Backoff,
    since: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// There is no connection, or its turn has not come: also of one that was closed.
    Waiting,
    /// The relay was asked.
    Opening(u32),
    /// The relay has opened it, and has not told yet what it has.
    Beginning(u32),
    /// It has.
    Open(u32),
}

impl Stage {
    fn number(self) -> Option<u32> {
        match self {
            Self::Opening(number) | Self::Beginning(number) | Self::Open(number) => Some(number),
            Self::Waiting => None,
        }
    }
}

/// What came of a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// Nothing that concerns somebody.
    Nothing,
    /// A frame for this line.
    Frame(u64, Bytes),
    /// Something for this line to know.
    News(u64, News),
}

/// What becomes of a strand.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// It is there.
    Opened,
    /// It is not, and is tried again.
    Cut(String),
    /// It never will be. It is forgotten.
    NoAccess,
}

impl<P> Default for Strands<P> {
    fn default() -> Self {
        Self {
            strands: BTreeMap::new(),
            by_number: HashMap::new(),
            last: 0,
            limit: None,
            to_open: VecDeque::new(),
            resting: BTreeSet::new(),
            ready: VecDeque::new(),
            to_close: VecDeque::new(),
        }
    }
}

impl<P> Strands<P> {
    /// A document is to have a strand.
    pub(crate) fn add(&mut self, line: u64, document: DocumentId) {
        let strand = Strand {
            document,
            stage: Stage::Waiting,
            credit: Credit::default(),
            waiting: VecDeque::new(),
            is_ready: false,
            is_leaving: false,
            backoff: Backoff::default(),
            since: None,
        };
        self.strands.insert(line, strand);
        self.to_open.push_back(line);
    }

    /// It needs none any more. What waits still goes.
    pub(crate) fn remove(&mut self, line: u64) {
        let Some(strand) = self.strands.get_mut(&line) else { return };
        strand.is_leaving = true;
        if strand.waiting.is_empty() {
            self.forget(line);
        }
    }

    /// The relay is there, and carries so many.
    pub(crate) fn connected(&mut self, limit: usize) {
        self.limit = Some(limit);
        self.last = 0;
    }

    /// The connection is gone, and with it what waited.
    pub(crate) fn cut(&mut self) {
        self.limit = None;
        self.by_number.clear();
        self.to_close.clear();
        self.ready.clear();
        self.resting.clear();
        self.strands.retain(|_, strand| !strand.is_leaving);
        for strand in self.strands.values_mut() {
            strand.stage = Stage::Waiting;
            strand.waiting.clear();
            strand.is_ready = false;
        }
        self.to_open = self.strands.keys().copied().collect();
    }

    /// Those that are more than the relay carries. They are forgotten here.
    pub(crate) fn beyond(&mut self) -> Vec<(u64, DocumentId)> {
        let Some(limit) = self.limit else { return Vec::new() };
        let mut beyond = Vec::new();
        // Those that came last, of which none is open yet.
        while self.strands.len() > limit
            && let Some(last) = self.strands.last_entry()
            && last.get().stage.number().is_none()
        {
            let line = *last.key();
            beyond.push((line, last.remove().document));
        }
        beyond
    }

    /// A frame for a strand. What is sent on one that is not open is of no use.
    pub(crate) fn send(&mut self, line: u64, frame: Bytes, permit: P) {
        let Some(strand) = self.strands.get_mut(&line) else { return };
        if matches!(strand.stage, Stage::Beginning(_) | Stage::Open(_)) {
            strand.waiting.push_back((frame, permit));
            self.make_ready(line);
        }
    }

    /// A strand is to be made anew; true when it was open.
    pub(crate) fn restart(&mut self, line: u64, now: Instant, random: f64) -> bool {
        let Some(strand) = self.strands.get_mut(&line) else { return false };
        let Some(number) = strand.stage.number() else { return false };
        self.by_number.remove(&number);
        self.to_close.push_back(number);
        self.resting.insert((strand.rest(now, random), line));
        true
    }

    /// A message of the relay. What it says of strands that were closed meanwhile is of no use.
    ///
    /// # Errors
    /// When it makes no sense.
    pub(crate) fn receive(
        &mut self,
        message: &Bytes,
        now: Instant,
        random: f64,
    ) -> Result<Received, NotAMessage> {
        let message = FromRelay::read(message)?;
        let (FromRelay::Opened { strand: number }
        | FromRelay::Closed { strand: number, .. }
        | FromRelay::Frame { strand: number, .. }
        | FromRelay::Taken { strand: number, .. }) = &message;
        if *number > self.last {
            return Err(NotAMessage);
        }
        let Some(line) = self.by_number.get(number).copied() else { return Ok(Received::Nothing) };
        let Some(strand) = self.strands.get_mut(&line) else { return Ok(Received::Nothing) };
        Ok(match message {
            FromRelay::Opened { strand: number } => {
                if strand.stage != Stage::Opening(number) {
                    return Err(NotAMessage);
                }
                strand.stage = Stage::Beginning(number);
                strand.since = Some(now);
                Received::News(line, News::Opened)
            }
            FromRelay::Frame { strand: number, frame } => {
                // The answer to what one asks first: all that the relay has.
                if strand.stage == Stage::Beginning(number) && frame.starts_with(&[0, 1]) {
                    strand.stage = Stage::Open(number);
                }
                Received::Frame(line, frame)
            }
            FromRelay::Taken { bytes, .. } => {
                strand.credit.give_back(bytes);
                self.make_ready(line);
                Received::Nothing
            }
            FromRelay::Closed { strand: number, code, reason } => {
                self.by_number.remove(&number);
                if strand.is_leaving || code == NO_ACCESS {
                    self.strands.remove(&line);
                    Received::News(line, News::NoAccess)
                } else {
                    self.resting.insert((strand.rest(now, random), line));
                    Received::News(line, News::Cut(reason))
                }
            }
        })
    }

    /// What is to be said next.
    pub(crate) fn next(&mut self, now: Instant) -> Option<Bytes> {
        self.limit?;
        if let Some(strand) = self.to_close.pop_front() {
            return Some(ToRelay::Close { strand }.message());
        }
        if let Some(opening) = self.open_next(now) {
            return Some(opening);
        }
        while let Some(line) = self.ready.pop_front() {
            let Some(strand) = self.strands.get_mut(&line) else { continue };
            strand.is_ready = false;
            let Some(number) = strand.stage.number() else { continue };
            let Some((frame, _)) = strand.waiting.front() else { continue };
            if !strand.credit.spend(frame) {
                // What is given back makes it ready again.
                continue;
            }
            let message = framed(number, frame);
            strand.waiting.pop_front();
            if !strand.waiting.is_empty() {
                self.make_ready(line);
            } else if strand.is_leaving {
                self.forget(line);
            }
            return Some(message.into());
        }
        None
    }

    fn open_next(&mut self, now: Instant) -> Option<Bytes> {
        while let Some((at, line)) = self.resting.first().copied()
            && at <= now
        {
            self.resting.pop_first();
            self.to_open.push_back(line);
        }
        while let Some(line) = self.to_open.front().copied() {
            let is_beginning = |strand: &&Strand<P>| {
                matches!(strand.stage, Stage::Opening(_) | Stage::Beginning(_))
            };
            if self.strands.values().filter(is_beginning).count() >= AT_A_TIME {
                return None;
            }
            self.to_open.pop_front();
            let Some(strand) = self.strands.get_mut(&line) else { continue };
            if strand.stage != Stage::Waiting {
                continue;
            }
            let number = self.last.checked_add(1)?;
            self.last = number;
            strand.stage = Stage::Opening(number);
            strand.credit = Credit::default();
            self.by_number.insert(number, line);
            let document = strand.document.to_string();
            return Some(ToRelay::Open { strand: number, document }.message());
        }
        None
    }

    /// When a strand that rests is to be tried again.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.resting.first().map(|(at, _)| *at)
    }

    fn make_ready(&mut self, line: u64) {
        if let Some(strand) = self.strands.get_mut(&line)
            && !strand.waiting.is_empty()
            && strand.credit.is_left()
            && !std::mem::replace(&mut strand.is_ready, true)
        {
            self.ready.push_back(line);
        }
    }

    fn forget(&mut self, line: u64) {
        let strand = self.strands.remove(&line);
        if let Some(number) = strand.and_then(|strand| strand.stage.number()) {
            self.by_number.remove(&number);
            self.to_close.push_back(number);
        }
    }
}

impl<P> Strand<P> {
    /// It was closed: when it is to be tried again.
    fn rest(&mut self, now: Instant, random: f64) -> Instant {
        if self.since.take().is_some_and(|since| now.duration_since(since) > WORKED) {
            self.backoff.worked();
        }
        self.stage = Stage::Waiting;
        self.waiting.clear();
        self.is_ready = false;
        now + self.backoff.failed(random)
    }
}

#[cfg(test)]
mod tests;
