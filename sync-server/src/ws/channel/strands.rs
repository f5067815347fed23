//! The strands of a project's line: each is a place in the room of one document, as a line of its own would have it, with a
//! task of its own. What one of them may not, or does not take, is its own affair; the others go on.
//!
//! ```text
//! line ── read ──▶ inbox of a strand ──▶ room     at most a window waits in an inbox
//! line ◀── written in turn ◀── strand ◀── room    what waits there the room bounds, and `Unread` that of all strands
//! ```

use super::line::Outgoing;
use crate::{
    directory::{DocumentId, ProjectId, standing::Credential},
    http::{
        Api,
        problem::{Kind, Problem},
    },
    room::{Said, Speaker, Unread, Weight},
    traces::OfLine,
    ws::{
        Place,
        admission::{self, Admitted, Shared},
        code_of, code_of_ending,
        entry::Opener,
        open::{Ending, Entry, Verdict},
    },
};
use bytes::Bytes;
use quire_collab::{
    frames::NotAMessage,
    room::CloseReason,
    strands::{Credit, FromRelay, Owed, ToRelay, cost},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{mpsc, watch};

/// With more than this in the inboxes of all strands, nothing more is read.
const MAX_UNTAKEN_BYTES: usize = 32 << 20;

/// What the strands of a line have in common.
pub(super) struct Host {
    pub(super) api: Api,
    pub(super) out: mpsc::Sender<Outgoing>,
    /// What waits to be written.
    pub(super) unread: Unread,
    /// What rooms have not taken yet.
    untaken: Unread,
    who: Opener,
    /// By what he is known now.
    by: watch::Sender<Credential>,
    project: ProjectId,
    /// How many strands there are.
    open: watch::Sender<usize>,
}

impl Host {
    /// Of a line without strands.
    pub(super) fn new(
        api: Api,
        who: Opener,
        project: ProjectId,
        out: mpsc::Sender<Outgoing>,
        unread: Unread,
    ) -> Self {
        // Who reads waits before it is too much.
        let untaken = Unread::new(usize::MAX);
        let (by, open) = (watch::Sender::new(who.by), watch::Sender::new(0));
        Self { api, out, unread, untaken, who, by, project, open }
    }

    /// The line was told another token of the same person.
    pub(super) fn renewed(&self, by: Credential) {
        self.by.send_if_modified(|known| std::mem::replace(known, by) != by);
    }

    /// Until no strand is open.
    pub(super) async fn are_closed(&self) {
        // The sender is here.
        let _ = self.open.subscribe().wait_for(|open| *open == 0).await;
    }

    async fn say(&self, about: &FromRelay) {
        // A line that was cut needs no answer.
        let _ = self.out.send(Outgoing::About(about.message())).await;
    }

    async fn refuse(&self, strand: u32, document: &str, problem: &Problem) {
        let (code, reason) = (code_of_problem(problem.kind()), problem.words().to_owned());
        let (user, project) = (self.who.user, self.project);
        tracing::warn!(%user, %project, document, code, ?problem, "a strand was refused");
        self.say(&FromRelay::Closed { strand, code, reason }).await;
    }
}

fn code_of_problem(kind: Kind) -> u16 {
    match kind {
        Kind::Unauthenticated | Kind::TokenExpired => 4401,
        Kind::NotFound | Kind::Forbidden => 4403,
        Kind::Conflict | Kind::Invalid => 1008,
        Kind::Internal => 1011,
        _ => 1013,
    }
}

/// The strands, as the line's reader knows them. Dropping it ends them, once their rooms have what has come.
pub(super) struct Strands {
    host: Arc<Host>,
    inboxes: HashMap<u32, Inbox>,
    /// The highest number that was used.
    last: u32,
}

struct Inbox {
    document: DocumentId,
    frames: mpsc::UnboundedSender<(Bytes, Option<Weight>)>,
    credit: Arc<Mutex<Credit>>,
}

impl Strands {
    /// None yet.
    pub(super) fn new(host: Arc<Host>) -> Self {
        Self { host, inboxes: HashMap::new(), last: 0 }
    }

    /// Until there is room for what might come: less than this waits to be written, and rooms take what has come.
    pub(super) async fn have_room(&self, unread_bytes: usize) {
        self.host.unread.fewer_than(unread_bytes).await;
        self.host.untaken.fewer_than(MAX_UNTAKEN_BYTES).await;
    }

    /// A message came.
    ///
    /// # Errors
    /// When it is none, or about a strand that never was.
    pub(super) async fn take(&mut self, message: &Bytes) -> Result<(), NotAMessage> {
        match ToRelay::read(message)? {
            ToRelay::Open { strand, document } => {
                if strand <= self.last {
                    return Err(NotAMessage);
                }
                self.last = strand;
                if let Err(problem) = self.open(strand, &document) {
                    self.host.refuse(strand, &document, &problem).await;
                }
            }
            ToRelay::Close { strand } => {
                self.known(strand)?;
                self.inboxes.remove(&strand);
            }
            ToRelay::Frame { strand, frame } => {
                self.known(strand)?;
                // One that was closed a moment ago the client may not know to be.
                let Some(inbox) = self.inboxes.get(&strand) else { return Ok(()) };
                if !inbox.credit.lock().unwrap_or_else(PoisonError::into_inner).spend(&frame) {
                    let document = inbox.document.to_string();
                    self.inboxes.remove(&strand);
                    let why = "more was sent than there is a window for";
                    let problem = Problem::new(Kind::Invalid, why);
                    self.host.refuse(strand, &document, &problem).await;
                } else {
                    let weight = self.host.untaken.put(frame.len());
                    // One that is over says so itself.
                    let _ = inbox.frames.send((frame, weight));
                }
            }
        }
        Ok(())
    }

    fn known(&self, strand: u32) -> Result<(), NotAMessage> {
        if strand <= self.last { Ok(()) } else { Err(NotAMessage) }
    }

    fn open(&mut self, strand: u32, document: &str) -> Result<(), Problem> {
        let document: DocumentId = document.parse().map_err(|_| admission::no_document())?;
        self.inboxes.retain(|_, inbox| !inbox.frames.is_closed());
        if self.inboxes.values().any(|inbox| inbox.document == document) {
            let why = "this document has a strand on this line already";
            return Err(Problem::new(Kind::Conflict, why));
        }
        let api = &self.host.api;
        if self.inboxes.len() >= api.config.limits.strands {
            let why = "this line carries as many documents as it may: open a line for this one";
            return Err(Problem::new(Kind::Quota, why));
        }
        // It takes what a line takes, but for the socket.
        let place = Arc::clone(&api.places).try_acquire_owned().map_err(|_| {
            let why = "the relay has as many lines as it takes";
            Problem::wait(Kind::Busy, why, Duration::from_secs(5))
        })?;
        let (frames, inbox) = mpsc::unbounded_channel();
        let credit = Arc::<Mutex<Credit>>::default();
        let task = Strand {
            counted: Counted::new(Arc::clone(&self.host)),
            strand,
            document,
            credit: Arc::clone(&credit),
            _place: Arc::new(place),
        };
        tokio::spawn(task.run(inbox));
        self.inboxes.insert(strand, Inbox { document, frames, credit });
        Ok(())
    }
}

/// Counts a strand while it is there.
struct Counted(Arc<Host>);

impl Counted {
    fn new(host: Arc<Host>) -> Self {
        host.open.send_modify(|open| *open += 1);
        Self(host)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.open.send_modify(|open| *open -= 1);
    }
}

/// One strand.
struct Strand {
    counted: Counted,
    strand: u32,
    document: DocumentId,
    credit: Arc<Mutex<Credit>>,
    _place: Place,
}

type Incoming = mpsc::UnboundedReceiver<(Bytes, Option<Weight>)>;

/// Why a strand ends that its client has not closed.
enum Cause {
    Room(CloseReason),
    Directory(Ending),
}

impl Strand {
    async fn run(self, mut frames: Incoming) {
        let host = Arc::clone(&self.counted.0);
        let name = self.document.to_string();
        // What changes meanwhile is seen later.
        let by = host.by.subscribe();
        let who = Opener { by: *by.borrow(), ..host.who };
        let line = Shared { project: host.project, unread: &host.unread };
        let admitted = admission::admit(&host.api, &who, self.document, Some(line)).await;
        let Admitted { mut entry, mut seat, .. } = match admitted {
            Ok(admitted) => admitted,
            Err(problem) => {
                drop(frames);
                return host.refuse(self.strand, &name, &problem).await;
            }
        };
        let traced = OfLine::to_document(&name);
        host.say(&FromRelay::Opened { strand: self.strand }).await;
        let (speaker, said) = seat.parts();
        let cause = tokio::select! {
            () = self.read(&mut frames, speaker) => None,
            reason = self.write(said, speaker) => Some(Cause::Room(reason)),
            ending = watch(&mut entry, by, speaker) => Some(Cause::Directory(ending)),
        };
        // Before it is told, so that the document may be opened again at once. What was in the queue of the room stays in
        // front of its leaving.
        drop((frames, seat, entry));
        let Some(cause) = cause else { return traced.closed(None) };
        let (code, reason) = match cause {
            Cause::Room(reason) => (code_of(reason), reason.to_string()),
            Cause::Directory(ending) => (code_of_ending(ending), ending.to_string()),
        };
        host.say(&FromRelay::Closed { strand: self.strand, code, reason }).await;
        traced.closed(Some(code));
    }

    /// Until the client has closed the strand, or the line is gone, and the room has all that came before.
    async fn read(&self, frames: &mut Incoming, speaker: &Speaker) {
        let mut owed = Owed::default();
        while let Some((frame, weight)) = frames.recv().await {
            let cost = cost(&frame);
            if !speaker.receive(frame).await {
                // The room says why.
                return std::future::pending().await;
            }
            drop(weight);
            if let Some(bytes) = owed.taken(cost) {
                self.credit.lock().unwrap_or_else(PoisonError::into_inner).give_back(bytes);
                let host = &self.counted.0;
                host.say(&FromRelay::Taken { strand: self.strand, bytes }).await;
            }
        }
    }

    /// Until the room says that it is over.
    async fn write(
        &self,
        said: &mut mpsc::UnboundedReceiver<Said>,
        speaker: &Speaker,
    ) -> CloseReason {
        while let Some(said) = said.recv().await {
            let (frames, weight) = match said {
                Said::Closed(reason) => return reason,
                Said::Frames(frames, weight) => (frames, weight),
            };
            let (strand, speaker) = (self.strand, speaker.clone());
            let out = Outgoing::Frames { strand, frames, weight, speaker };
            if self.counted.0.out.send(out).await.is_err() {
                // The line is gone; what has come from it is read to its end.
                return std::future::pending().await;
            }
        }
        CloseReason::NotSaved
    }
}

/// Until the strand may be no longer. What it may do meanwhile, the room is told.
async fn watch(
    entry: &mut Entry,
    mut by: watch::Receiver<Credential>,
    speaker: &Speaker,
) -> Ending {
    loop {
        tokio::select! {
            biased;
            verdict = entry.changed() => match verdict {
                Verdict::Ends(ending) => return ending,
                Verdict::Stays { access, .. } => {
                    // A room that is gone says so by itself.
                    speaker.regrade(access).await;
                }
                Verdict::Unknown => {}
            },
            Ok(()) = by.changed() => {
                let by = *by.borrow_and_update();
                if entry.renewed(by).await.is_err() {
                    return Ending::LoggedOut;
                }
            }
        }
    }
}
