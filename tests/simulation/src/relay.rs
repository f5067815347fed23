//! The relay's room with a disk and lines of which chance decides what they take.

use crate::Tally;
use bytes::Bytes;
use fastrand::Rng;
use quire_collab::{
    Contents, Replica, compact,
    frames::{self, Frame},
    room::{Access, Identity, Limits, Output, Room, Row, SessionId},
};
use std::collections::{BTreeMap, VecDeque};

/// How long a token is good.
const TOKEN: i64 = 900;

/// The relay's process and its disk.
pub(crate) struct Relay {
    limits: Limits,
    room: Option<Room>,
    /// Rows on their way to the disk.
    in_flight: VecDeque<Row>,
    disk: Disk,
    next_session: u64,
    said: BTreeMap<SessionId, VecDeque<Said>>,
    lines: BTreeMap<SessionId, Line>,
    /// Seconds of its clock.
    now: i64,
    compact_to: Option<u64>,
}

/// What the relay knows of a line besides what the room does.
struct Line {
    access: Access,
    /// When its token ends.
    until: i64,
}

/// What a session is told.
pub(crate) enum Said {
    Frame(Bytes),
    Closed,
}

#[derive(Default)]
struct Disk {
    /// Every row there ever was: the relay itself would have thrown the old ones away.
    rows: Vec<Row>,
    snapshots: Vec<(u64, Vec<u8>)>,
    /// All rows, taken one by one.
    replayed: Replica,
    /// It takes nothing until somebody makes room.
    is_full: bool,
}

impl Disk {
    fn commit(&mut self, row: Row) {
        assert_eq!(row.number, self.rows.len() as u64 + 1, "the log has a gap");
        let taken = self.replayed.apply(&row.update).unwrap();
        assert!(!taken.is_missing && !taken.update.is_empty(), "a row that is of no use");
        self.rows.push(row);
    }

    fn tail(&self, from: u64) -> &[Row] {
        &self.rows[from as usize..]
    }
}

impl Relay {
    pub(crate) fn new(rng: &mut Rng) -> Self {
        let limits = Limits {
            unread_bytes: rng.usize(100..2000),
            unread_answer_bytes: rng.usize(4000..20_000),
            snapshot_updates: rng.u64(2..40),
            ..Limits::default()
        };
        Self {
            limits,
            room: None,
            in_flight: VecDeque::new(),
            disk: Disk::default(),
            next_session: 1,
            said: BTreeMap::new(),
            lines: BTreeMap::new(),
            now: 1_000_000,
            compact_to: None,
        }
    }

    pub(crate) fn join(&mut self, access: Access, who: &Identity) -> SessionId {
        let session = SessionId(self.next_session);
        self.next_session += 1;
        self.said.insert(session, VecDeque::new());
        self.lines.insert(session, Line { access, until: self.now.saturating_add(TOKEN) });
        if self.room.is_none() {
            let (from, snapshot) = self.disk.snapshots.last().cloned().unwrap_or_default();
            let tail = self.disk.tail(from);
            let updates = tail.iter().map(|row| &*row.update);
            let first = (from > 0).then_some(&*snapshot);
            let replica = Replica::open(first.into_iter().chain(updates)).unwrap();
            let replica = replica.taking(Contents::Text);
            let since = (tail.len() as u64, tail.iter().map(|row| row.update.len() as u64).sum());
            let last = self.disk.rows.len() as u64;
            self.room = Some(Room::new(replica, last, since, self.limits.clone()));
        }
        self.act(|room, out| room.join(session, access, Some(who.clone()), out));
        session
    }

    /// The line may do something else from now on.
    pub(crate) fn regrade(&mut self, session: SessionId, access: Access) {
        let Some(line) = self.lines.get_mut(&session) else { return };
        line.access = access;
        self.act(|room, out| room.regrade(session, access, out));
    }

    /// The clock goes on.
    pub(crate) fn pass_time(&mut self, rng: &mut Rng, tally: &mut Tally) {
        self.now = self.now.saturating_add(rng.i64(1..TOKEN));
        self.expire(tally);
    }

    /// The clock is set, far ahead or back.
    pub(crate) fn jump(&mut self, rng: &mut Rng, tally: &mut Tally) {
        tally.clock_jumps += 1;
        self.now = rng.i64(-1_000_000_000..1_000_000_000);
        self.expire(tally);
    }

    /// Lines end with their tokens.
    fn expire(&mut self, tally: &mut Tally) {
        let now = self.now;
        let ended = self.lines.iter().filter(|(_, line)| line.until <= now);
        for session in ended.map(|(session, _)| *session).collect::<Vec<_>>() {
            tally.expired += 1;
            self.lines.remove(&session);
            self.act(|room, out| room.leave(session, out));
            if let Some(said) = self.said.get_mut(&session) {
                said.push_back(Said::Closed);
            }
        }
    }

    pub(crate) fn receive(&mut self, session: SessionId, frame: &[u8]) {
        let access = self.lines.get(&session).map(|line| line.access);
        let before = self.in_flight.len();
        self.act(|room, out| room.receive(session, frame, out));
        assert!(
            !matches!(access, None | Some(Access::Read(_))) || self.in_flight.len() <= before,
            "bytes of somebody who may only read on their way to the log"
        );
    }

    pub(crate) fn written(&mut self, session: SessionId, bytes: usize) {
        self.act(|room, out| room.written(session, bytes, out));
    }

    pub(crate) fn leave(&mut self, session: SessionId) {
        self.said.remove(&session);
        self.lines.remove(&session);
        self.act(|room, out| room.leave(session, out));
    }

    pub(crate) fn said(&mut self, session: SessionId) -> impl Iterator<Item = Said> {
        self.said.get_mut(&session).map(std::mem::take).into_iter().flatten()
    }

    /// True when the log has all of this.
    pub(crate) fn has(&self, update: &[u8]) -> bool {
        self.disk.replayed.holds(update).unwrap()
    }

    /// The disk takes rows; true when there were any.
    pub(crate) fn commit(&mut self, rows: usize, tally: &mut Tally) -> bool {
        if self.disk.is_full {
            self.fail(tally);
            return false;
        }
        let rows = rows.min(self.in_flight.len());
        let mut last = None;
        for row in self.in_flight.drain(..rows) {
            last = Some(row.number);
            self.disk.commit(row);
        }
        if let Some(last) = last {
            self.act(|room, out| room.committed(last, out));
            self.compact(tally);
        }
        rows > 0
    }

    /// The disk fills up for a while: whoever comes back is turned away again with the next thing that he writes.
    pub(crate) fn fill(&mut self, tally: &mut Tally) {
        tally.full_disks += u64::from(!self.disk.is_full);
        self.disk.is_full = true;
    }

    /// Somebody makes room on it.
    pub(crate) fn make_room(&mut self) {
        self.disk.is_full = false;
    }

    /// The disk does not take what is on its way: that is lost, and the room says so.
    pub(crate) fn fail(&mut self, tally: &mut Tally) {
        if self.in_flight.is_empty() {
            return;
        }
        tally.disk_failures += 1;
        self.in_flight.clear();
        self.act(|room, out| room.failed(out));
        assert!(self.room.as_ref().is_some_and(Room::is_over));
        self.room = None;
    }

    /// The process is gone, its lines are cut; some of what was on its way came to the disk, and nobody was told.
    pub(crate) fn crash(&mut self, rng: &mut Rng, tally: &mut Tally) {
        tally.crashes += 1;
        let arrived = rng.usize(..=self.in_flight.len());
        for row in self.in_flight.drain(..arrived) {
            self.disk.commit(row);
        }
        self.in_flight.clear();
        self.room = None;
        self.compact_to = None;
        self.lines.clear();
        for said in self.said.values_mut() {
            // What the network still held arrives, or not.
            said.truncate(rng.usize(..=said.len()));
            said.push_back(Said::Closed);
        }
    }

    /// The relay is restarted in good order.
    pub(crate) fn drain(&mut self, tally: &mut Tally) {
        self.commit(usize::MAX, tally);
        self.act(|room, out| room.drain(out));
        self.room = None;
    }

    pub(crate) fn compact(&mut self, tally: &mut Tally) {
        let Some(up_to) = self.compact_to.take() else { return };
        if self.disk.is_full {
            return;
        }
        let (from, snapshot) = self.disk.snapshots.last().cloned().unwrap_or_default();
        if up_to <= from {
            return;
        }
        let rows = &self.disk.rows[from as usize..up_to as usize];
        let first = (from > 0).then_some(&*snapshot);
        let made = compact(first.into_iter().chain(rows.iter().map(|row| &*row.update))).unwrap();
        self.disk.snapshots.push((up_to, made));
        tally.snapshots += 1;
    }

    fn act(&mut self, call: impl FnOnce(&mut Room, &mut Vec<Output>)) {
        let Some(room) = &mut self.room else { return };
        let mut out = Vec::new();
        call(room, &mut out);
        for output in out {
            match output {
                Output::Append(row) => self.in_flight.push_back(row),
                Output::Send { to, frames } => {
                    frames.iter().for_each(|frame| self.check_leaving(frame));
                    if let Some(said) = self.said.get_mut(&to) {
                        said.extend(frames.iter().cloned().map(Said::Frame));
                    }
                }
                Output::Close { session, .. } => {
                    if let Some(said) = self.said.get_mut(&session) {
                        said.push_back(Said::Closed);
                    }
                }
                Output::Compact { up_to } => {
                    assert!(up_to <= self.disk.rows.len() as u64, "a snapshot of what is not kept");
                    self.compact_to = Some(up_to);
                }
            }
        }
    }

    fn check_leaving(&self, frame: &[u8]) {
        let messages = frames::read(frame).unwrap();
        let message = match &messages[..] {
            [message] => message,
            // Authors see to it that only who wants to know is told.
            [Frame::By { id, .. }, message @ Frame::Update(update)] => {
                let mut rows = self.disk.rows.iter().rev();
                let author =
                    rows.find(|row| row.update == update).and_then(|row| row.author.as_deref());
                assert_eq!(author, Some(*id), "an update under another's name");
                message
            }
            _ => panic!("old clients read only the first message of a frame"),
        };
        match message {
            Frame::Update(update) | Frame::Answer(update) => {
                assert!(self.has(update), "an update left before it was durable");
            }
            Frame::Ask(state) => {
                let durable = self.disk.replayed.state();
                let is_durable = state.iter().all(|(client, clock)| *clock <= durable.get(client));
                assert!(is_durable, "a state vector left before it was durable");
            }
            _ => {}
        }
    }

    /// Every snapshot and its tail are the whole log; what the log holds.
    pub(crate) fn check_log(&self) -> Replica {
        let whole = Replica::open(self.disk.rows.iter().map(|row| &*row.update)).unwrap();
        for (from, snapshot) in &self.disk.snapshots {
            let tail = self.disk.tail(*from).iter().map(|row| &*row.update);
            let shorter = Replica::open([&**snapshot].into_iter().chain(tail)).unwrap();
            assert!(shorter.is_same(&whole), "snapshot {from} and its tail are not the log");
            assert_eq!(shorter.text("text"), whole.text("text"));
        }
        whole
    }
}
