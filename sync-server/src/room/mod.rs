//! The rooms that are open: one task for each document, which owns it. It is loaded once, by whoever comes first;
//! while it cannot be loaded nobody is let in, because a document that failed to load is not an empty one.

mod task;
mod unread;

pub use unread::{Unread, Weight};

use crate::{
    archive::{Archive, ArchiveError},
    directory::DocumentId,
    metrics::Metrics,
    talks::Talks,
    ws::quota::Written,
};
use bytes::Bytes;
use quire_collab::{
    Contents,
    room::{Access, CloseReason, Identity, Limits, SessionId},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::{mpsc, oneshot, watch};

/// What waits for a room; then lines are not read.
const QUEUE: usize = 64;

/// All rooms.
#[derive(Clone)]
pub struct Rooms(Arc<Inner>);

struct Inner {
    archive: Arc<Archive>,
    limits: Limits,
    max_sessions: usize,
    open: Mutex<HashMap<Arc<str>, mpsc::Sender<Event>>>,
    next_session: AtomicU64,
    draining: watch::Receiver<bool>,
    told: Told,
    /// Held by every room and seat: when all have let go, the relay may end.
    alive: mpsc::Sender<()>,
}

/// Who is told what rooms do.
pub struct Told {
    /// Of every row that is handed to the archive.
    pub written: mpsc::UnboundedSender<Written>,
    /// Of documents with new rows that are durable.
    pub talks: Talks,
    /// Numbers.
    pub metrics: Arc<Metrics>,
}

/// Why somebody was not let into a room.
#[derive(Clone, Debug, thiserror::Error)]
pub enum JoinError {
    /// The document could not be loaded.
    #[error("the document cannot be loaded: {0}")]
    NotLoaded(ArchiveError),
    /// So many are in it that nobody else is let in.
    #[error("the document is full")]
    Full,
    /// The relay is about to end.
    #[error("the relay is restarting")]
    Restarting,
}

enum Event {
    Join {
        access: Access,
        identity: Identity,
        /// What waits for a line that it shares with others.
        unread: Option<Unread>,
        seat: oneshot::Sender<Result<Seat, JoinError>>,
    },
    Regrade {
        session: SessionId,
        access: Access,
    },
    Frame {
        session: SessionId,
        frame: Bytes,
    },
    Leave {
        session: SessionId,
    },
}

enum Feedback {
    /// A row is durable, or is not.
    Kept(u64, Result<(), ArchiveError>),
    /// A line has taken so many bytes.
    Written(SessionId, usize),
    /// A snapshot was made, or was not, and how long that took.
    Compacted(Result<(), ArchiveError>, Duration),
}

/// What a line is told.
pub enum Said {
    /// Send these, then say [`Speaker::written`]. Of a line that is shared they are a part of what waits.
    Frames(Arc<[Bytes]>, Option<Weight>),
    /// Nothing more will come.
    Closed(CloseReason),
}

/// A place in a room. Dropping it leaves.
pub struct Seat {
    session: SessionId,
    said: mpsc::UnboundedReceiver<Said>,
    room: Speaker,
}

/// The half of a seat that speaks.
#[derive(Clone)]
pub struct Speaker {
    session: SessionId,
    events: mpsc::Sender<Event>,
    feedback: mpsc::UnboundedSender<Feedback>,
    _alive: mpsc::Sender<()>,
}

impl Rooms {
    /// No rooms yet. They end when `draining` becomes true; the second value resolves, to nothing, when they have.
    pub fn new(
        archive: Arc<Archive>,
        limits: Limits,
        max_sessions: usize,
        draining: watch::Receiver<bool>,
        told: Told,
    ) -> (Self, mpsc::Receiver<()>) {
        let (alive, ended) = mpsc::channel(1);
        let rooms = Self(Arc::new(Inner {
            archive,
            limits,
            max_sessions,
            open: Mutex::default(),
            next_session: AtomicU64::new(1),
            draining,
            told,
            alive,
        }));
        (rooms, ended)
    }

    /// Take a place in a document's room, which takes such contents. `unread`: what waits for the line, if it shares that with others.
    pub async fn join(
        &self,
        document: &str,
        takes: Contents,
        access: Access,
        identity: &Identity,
        unread: Option<&Unread>,
    ) -> Result<Seat, JoinError> {
        loop {
            if *self.0.draining.borrow() {
                return Err(JoinError::Restarting);
            }
            let (seat, seated) = oneshot::channel();
            let room = self.room(document, takes);
            // A room that was just ending takes nobody any more: the next one does.
            let (identity, unread) = (identity.clone(), unread.cloned());
            if room.send(Event::Join { access, identity, unread, seat }).await.is_ok()
                && let Ok(answer) = seated.await
            {
                return answer;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Documents that nobody can open any more go for good.
    pub async fn remove(&self, documents: Vec<DocumentId>) {
        for document in documents {
            let archive = Arc::clone(&self.0.archive);
            let removed =
                tokio::task::spawn_blocking(move || archive.remove(&document.to_string())).await;
            if let Ok(Err(error)) = removed {
                tracing::error!(%document, %error, "a log was not removed");
            }
        }
    }

    /// How many bytes the archive has of each document.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn bytes_of(&self, documents: &[DocumentId]) -> Result<Vec<u64>, String> {
        let names: Vec<String> = documents.iter().map(DocumentId::to_string).collect();
        let archive = Arc::clone(&self.0.archive);
        let count = move || archive.bytes_of(names.iter().map(String::as_str));
        let counted = tokio::task::spawn_blocking(count).await;
        counted.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
    }

    /// The log behind the rooms.
    pub fn archive(&self) -> Arc<Archive> {
        Arc::clone(&self.0.archive)
    }

    /// How many rooms are open.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// True when no room is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The archive can be written to. Blocks.
    pub fn is_ready(&self) -> bool {
        !*self.0.draining.borrow() && self.0.archive.is_ready()
    }

    fn room(&self, document: &str, takes: Contents) -> mpsc::Sender<Event> {
        let mut open = self.lock();
        if let Some(room) = open.get(document)
            && !room.is_closed()
        {
            return room.clone();
        }
        let document: Arc<str> = document.into();
        let (room, events) = mpsc::channel(QUEUE);
        open.insert(Arc::clone(&document), room.clone());
        tokio::spawn(task::run(self.clone(), document, takes, room.clone(), events));
        room
    }

    /// Nobody is sent to this room any more.
    fn forget(&self, document: &str, room: &mpsc::Sender<Event>) {
        let mut open = self.lock();
        if open.get(document).is_some_and(|known| known.same_channel(room)) {
            open.remove(document);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Arc<str>, mpsc::Sender<Event>>> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn number(&self) -> SessionId {
        SessionId(self.0.next_session.fetch_add(1, Ordering::Relaxed))
    }
}

impl Seat {
    /// The half that speaks, and what is said: `None` when the room is gone.
    pub fn parts(&mut self) -> (&Speaker, &mut mpsc::UnboundedReceiver<Said>) {
        (&self.room, &mut self.said)
    }
}

impl Speaker {
    /// A frame came; false when the room is gone. Waits when the room has much to do.
    pub async fn receive(&self, frame: Bytes) -> bool {
        self.events.send(Event::Frame { session: self.session, frame }).await.is_ok()
    }

    /// The line may do something else from now on; false when the room is gone.
    pub async fn regrade(&self, access: Access) -> bool {
        self.events.send(Event::Regrade { session: self.session, access }).await.is_ok()
    }

    /// The line has taken frames of so many bytes.
    pub fn written(&self, bytes: usize) {
        // A room that is gone does not count any more.
        let _ = self.feedback.send(Feedback::Written(self.session, bytes));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        // Behind the frames that came before.
        let leave = Event::Leave { session: self.session };
        if let Err(mpsc::error::TrySendError::Full(leave)) = self.room.events.try_send(leave) {
            let events = self.room.events.clone();
            tokio::spawn(async move { events.send(leave).await });
        }
    }
}
