//! The task of one room: it carries what the state machine wants to the log and to the lines, and back.

use super::{Event, Feedback, JoinError, Rooms, Said, Seat, Speaker, Unread};
use crate::{archive::ArchiveError, ids::Timestamp, traces};
use bytes::Bytes;
use quire_collab::{
    Contents,
    room::{Access, Identity, Output, Room, SessionId},
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot, watch};

/// Rows on their way to the disk; with more, the lines of this room wait.
const MAX_ROWS_IN_FLIGHT: u64 = 256;
/// Answers that are taken at once.
const MAX_ANSWERS: usize = 1024;
/// A room in which nobody is stays so long, for who comes again.
const REST: Duration = Duration::from_secs(30);

/// Snapshots take one part in so many of the time: of a long text that many write they come later than they are due, and
/// more of its log is read when it is opened again.
const SNAPSHOT_SHARE: u32 = 20;

struct Task {
    rooms: Rooms,
    document: Arc<str>,
    room: Room,
    said: HashMap<SessionId, Hearing>,
    events: mpsc::Sender<Event>,
    feedback: mpsc::UnboundedSender<Feedback>,
    /// Rows that were handed to the archive and are not answered.
    unanswered: usize,
    /// A snapshot is being made, and another is wanted up to there.
    is_compacting: bool,
    compact_to: Option<u64>,
    /// And not before then.
    compact_at: Instant,
}

/// Where a session hears what is said to it.
struct Hearing {
    said: mpsc::UnboundedSender<Said>,
    /// What waits for a line that it shares with others.
    unread: Option<Unread>,
}

impl Hearing {
    fn say(&self, frames: Arc<[Bytes]>) {
        let weight = match &self.unread {
            None => None,
            Some(unread) => match unread.put(frames.iter().map(Bytes::len).sum()) {
                // The line is over, and leaves.
                None => return,
                weight => weight,
            },
        };
        // A line that was cut leaves by itself.
        let _ = self.said.send(Said::Frames(frames, weight));
    }
}

pub(super) async fn run(
    rooms: Rooms,
    document: Arc<str>,
    takes: Contents,
    room: mpsc::Sender<Event>,
    mut events: mpsc::Receiver<Event>,
) {
    let archive = Arc::clone(&rooms.0.archive);
    let name = Arc::clone(&document);
    let loaded = tokio::task::spawn_blocking(move || archive.load(&name)).await;
    let loaded = match loaded {
        Ok(Ok(loaded)) => loaded,
        Ok(Err(error)) => {
            tracing::error!(%document, %error, "not loaded");
            rooms.forget(&document, &room);
            refuse(&mut events, &JoinError::NotLoaded(error));
            return;
        }
        // It panicked, and said so; who waits comes again.
        Err(_) => return rooms.forget(&document, &room),
    };
    let core = Room::new(
        loaded.replica.taking(takes),
        loaded.last_number,
        loaded.since_snapshot,
        rooms.0.limits.clone(),
    );
    let (feedback, mut answers) = mpsc::unbounded_channel();
    let mut task = Task {
        rooms: rooms.clone(),
        document: Arc::clone(&document),
        room: core,
        said: HashMap::new(),
        events: room.clone(),
        feedback,
        unanswered: 0,
        is_compacting: false,
        compact_to: None,
        compact_at: Instant::now(),
    };
    task.live(&mut events, &mut answers).await;
    // The next room must not read the log before the last of our rows is in it, or is not.
    while task.unanswered > 0 {
        let Some(answer) = answers.recv().await else { break };
        task.answered(answer, &mut answers).await;
    }
    rooms.forget(&document, &room);
}

async fn told_to_end(draining: &mut watch::Receiver<bool>) {
    // An error is that nobody is left who could tell.
    let _ = draining.wait_for(|is_draining| *is_draining).await;
}

/// Nobody is let in.
fn refuse(events: &mut mpsc::Receiver<Event>, error: &JoinError) {
    events.close();
    while let Ok(event) = events.try_recv() {
        if let Event::Join { seat, .. } = event {
            // Who asked may have gone.
            let _ = seat.send(Err(error.clone()));
        }
    }
}

impl Task {
    /// Until the room is over or has rested for long.
    async fn live(
        &mut self,
        events: &mut mpsc::Receiver<Event>,
        answers: &mut mpsc::UnboundedReceiver<Feedback>,
    ) {
        let mut draining = self.rooms.0.draining.clone();
        while !self.room.is_over() {
            let is_idle = self.room.is_idle() && !self.is_compacting;
            let has_room = self.room.rows_in_flight() < MAX_ROWS_IN_FLIGHT;
            let compacts = self.compact_to.is_some() && !self.is_compacting;
            let compact_at = tokio::time::Instant::from_std(self.compact_at);
            tokio::select! {
                biased;
                Some(answer) = answers.recv() => self.answered(answer, answers).await,
                () = told_to_end(&mut draining) => return self.drain(events, answers).await,
                event = events.recv(), if has_room => match event {
                    Some(event) => self.happened(event).await,
                    None => return,
                },
                () = tokio::time::sleep_until(compact_at), if compacts => self.compact(),
                () = tokio::time::sleep(REST), if is_idle => return,
            }
        }
    }

    /// What has come is kept, then everybody is sent away.
    async fn drain(
        &mut self,
        events: &mut mpsc::Receiver<Event>,
        answers: &mut mpsc::UnboundedReceiver<Feedback>,
    ) {
        events.close();
        while let Ok(event) = events.try_recv() {
            self.happened(event).await;
        }
        while self.unanswered > 0 {
            let Some(answer) = answers.recv().await else { break };
            self.answered(answer, answers).await;
        }
        let mut out = Vec::new();
        self.room.drain(&mut out);
        self.act(out).await;
    }

    async fn happened(&mut self, event: Event) {
        let mut out = Vec::new();
        match event {
            Event::Join { access, identity, unread, seat } => {
                self.join(access, identity, unread, seat, &mut out);
            }
            Event::Regrade { session, access } => self.room.regrade(session, access, &mut out),
            Event::Frame { session, frame } => self.room.receive(session, &frame, &mut out),
            Event::Leave { session } => {
                self.said.remove(&session);
                self.room.leave(session, &mut out);
            }
        }
        self.act(out).await;
    }

    fn join(
        &mut self,
        access: Access,
        identity: Identity,
        unread: Option<Unread>,
        seat: oneshot::Sender<Result<Seat, JoinError>>,
        out: &mut Vec<Output>,
    ) {
        if self.room.sessions() >= self.rooms.0.max_sessions {
            // Who asked may have gone.
            let _ = seat.send(Err(JoinError::Full));
            return;
        }
        let session = self.rooms.number();
        let (sender, said) = mpsc::unbounded_channel();
        self.said.insert(session, Hearing { said: sender, unread });
        self.room.join(session, access, Some(identity), out);
        let room = Speaker {
            session,
            events: self.events.clone(),
            feedback: self.feedback.clone(),
            _alive: self.rooms.0.alive.clone(),
        };
        // A seat that nobody takes leaves as it is dropped.
        let _ = seat.send(Ok(Seat { session, said, room }));
    }

    /// Take an answer, and with it those that are there already: a flush of the disk answers many rows, and what they
    /// say leaves together.
    async fn answered(&mut self, first: Feedback, more: &mut mpsc::UnboundedReceiver<Feedback>) {
        let (mut out, mut durable) = (Vec::new(), None);
        let more = std::iter::from_fn(|| more.try_recv().ok());
        for answer in std::iter::once(first).chain(more).take(MAX_ANSWERS) {
            match answer {
                Feedback::Kept(number, Ok(())) => {
                    self.unanswered -= 1;
                    durable = Some(number);
                }
                Feedback::Kept(number, Err(error)) => {
                    self.unanswered -= 1;
                    if !self.room.is_over() {
                        tracing::error!(document = %self.document, number, %error, "not kept");
                        // Those before it were.
                        self.committed(durable.take(), &mut out);
                        self.room.failed(&mut out);
                    }
                }
                Feedback::Written(session, bytes) => self.room.written(session, bytes, &mut out),
                Feedback::Compacted(result, took) => {
                    self.is_compacting = false;
                    self.compact_at = Instant::now() + took * SNAPSHOT_SHARE;
                    if let Err(error) = result {
                        tracing::error!(document = %self.document, %error, "no snapshot");
                    }
                    self.compact();
                }
            }
        }
        self.committed(durable, &mut out);
        self.act(out).await;
    }

    fn committed(&mut self, number: Option<u64>, out: &mut Vec<Output>) {
        if let Some(number) = number {
            self.room.committed(number, out);
            self.rooms.0.told.talks.kept(&self.document);
        }
    }

    async fn act(&mut self, out: Vec<Output>) {
        for output in out {
            match output {
                Output::Append(row) => {
                    self.unanswered += 1;
                    let written = (Arc::clone(&self.document), row.update.len() as u64);
                    // Who adds up may have gone, when the relay ends.
                    let _ = self.rooms.0.told.written.send(written);
                    let (number, feedback) = (row.number, self.feedback.clone());
                    // We listen for as long as rows are unanswered.
                    let (metrics, start) = (Arc::clone(&self.rooms.0.told.metrics), Instant::now());
                    metrics.appended();
                    let done = move |result: Result<(), ArchiveError>| {
                        metrics.answered(result.is_ok(), start.elapsed());
                        drop(feedback.send(Feedback::Kept(number, result)));
                    };
                    let document = Arc::clone(&self.document);
                    self.rooms.0.archive.append(document, row, Timestamp::now(), done).await;
                }
                Output::Send { to, frames } => {
                    if let Some(hearing) = self.said.get(&to) {
                        hearing.say(frames);
                    }
                }
                Output::Close { session, reason } => {
                    tracing::info!(document = %self.document, session = session.0, %reason, "closed");
                    if let Some(hearing) = self.said.remove(&session) {
                        // It may have been cut by now.
                        let _ = hearing.said.send(Said::Closed(reason));
                    }
                }
                Output::Compact { up_to } => {
                    self.compact_to = Some(up_to);
                    self.compact();
                }
            }
        }
    }

    fn compact(&mut self) {
        if self.is_compacting || Instant::now() < self.compact_at {
            return;
        }
        let Some(up_to) = self.compact_to.take() else { return };
        self.is_compacting = true;
        let (archive, document) = (Arc::clone(&self.rooms.0.archive), Arc::clone(&self.document));
        let feedback = self.feedback.clone();
        tokio::task::spawn_blocking(move || {
            let (start, traced) = (Instant::now(), traces::of_snapshot(&document, up_to));
            let result = archive.compact(&document, up_to);
            traced.ends(result.is_ok());
            // A room that was over meanwhile does not need to know.
            let _ = feedback.send(Feedback::Compacted(result, start.elapsed()));
        });
    }
}
