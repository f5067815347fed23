//! The line of one document: on a strand of its project's line ([`crate::ProjectLine`]), or, where that carries no more, with
//! a connection of its own, made again whenever it is cut, until the line is dropped.

use crate::{
    Account, Backoff,
    connection::{
        Ended, GOOD_BYE, Outcome, RENEW_AGAIN, SILENCE, STUCK, Socket, UNTAKEN, WAITING, WORKED,
        closed, connect, outcome_of, renewed, rest,
    },
    http::in_words,
    project_line::Order,
};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use quire_collab::frames;
use quire_project::DocumentId;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    runtime::Handle,
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc},
    time::timeout,
};
use tokio_tungstenite::tungstenite::Message;

/// Says, when it is dropped, that a frame was taken.
pub type Taken = OwnedSemaphorePermit;

/// Who is told what a line tells.
pub(crate) type Tell = Box<dyn FnMut(LineEvent) + Send>;

/// What a line tells.
#[derive(Debug)]
pub enum LineEvent {
    /// It is there. What is sent from now on goes over it.
    Connected,
    /// A frame has come, over the line of a document.
    Frame(Bytes, Taken),
    /// Something in the project has changed: what is known of it is to be asked for again.
    Changed,
    /// Versions of its texts were given names, or forgotten.
    HistoryChanged,
    /// There is something new that one is to know of, in whatever project.
    Notified,
    /// It was cut, or could not be made: it is tried again.
    Cut(String),
    /// It is over. This is the last event.
    Ended(Ended),
}

/// A line. What was sent still goes when it is dropped.
#[derive(Debug)]
pub struct Line(Way);

#[derive(Debug)]
enum Way {
    /// A connection of its own.
    Own { frames: mpsc::Sender<Bytes>, cut: Arc<Notify> },
    /// A strand.
    Strand {
        /// Its number among the lines of the project's line.
        number: u64,
        orders: mpsc::UnboundedSender<Order>,
        /// For so many more frames there is room.
        room: Arc<Semaphore>,
    },
}

impl Line {
    /// Begin with a document, over a connection of its own. Events come from a thread of `runtime`, one after the other.
    pub(crate) fn open(
        runtime: &Handle,
        account: Arc<Account>,
        document: DocumentId,
        tell: Tell,
    ) -> Self {
        let (frames, waiting) = mpsc::channel(WAITING);
        let cut = Arc::new(Notify::new());
        let untaken = Arc::new(Semaphore::new(UNTAKEN));
        let task = Task { account, document, waiting, cut: cut.clone(), untaken, tell };
        runtime.spawn(task.run());
        Self(Way::Own { frames, cut })
    }

    /// On a strand.
    pub(crate) fn on_strand(number: u64, orders: mpsc::UnboundedSender<Order>) -> Self {
        Self(Way::Strand { number, orders, room: Arc::new(Semaphore::new(WAITING)) })
    }

    /// Send a frame. When too much waits the line is cut instead: what is missing is told when it is there again.
    pub fn send(&self, frame: Bytes) {
        let is_sent = match &self.0 {
            Way::Own { frames, .. } => frames.try_send(frame).is_ok(),
            Way::Strand { number, orders, room } => match room.clone().try_acquire_owned() {
                Ok(room) => {
                    let order = Order::Send { line: *number, frame, room };
                    // One that has ended has said so.
                    let _ = orders.send(order);
                    true
                }
                Err(_) => false,
            },
        };
        if !is_sent {
            self.cut();
        }
    }

    /// Cut it; it is made again.
    pub fn cut(&self) {
        match &self.0 {
            Way::Own { cut, .. } => cut.notify_one(),
            Way::Strand { number, orders, .. } => {
                // As above.
                let _ = orders.send(Order::Cut { line: *number });
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Way::Strand { number, orders, .. } = &self.0 {
            // The project's line may have ended before.
            let _ = orders.send(Order::Close { line: *number });
        }
    }
}

/// A line with a connection of its own.
struct Task {
    account: Arc<Account>,
    document: DocumentId,
    waiting: mpsc::Receiver<Bytes>,
    cut: Arc<Notify>,
    untaken: Arc<Semaphore>,
    tell: Tell,
}

impl Task {
    async fn run(mut self) {
        let mut backoff = Backoff::default();
        let path = self.document.to_string();
        loop {
            let start = Instant::now();
            let outcome = match connect(&self.account, &path).await {
                Ok((socket, renew_at)) => {
                    // What was meant for the last connection.
                    while self.waiting.try_recv().is_ok() {}
                    (self.tell)(LineEvent::Connected);
                    self.account.reached();
                    self.talk(socket, renew_at).await
                }
                Err(outcome) => outcome,
            };
            if start.elapsed() > WORKED {
                backoff.worked();
            }
            match outcome {
                Outcome::Dropped => return,
                Outcome::Ended(why) => return (self.tell)(LineEvent::Ended(why)),
                Outcome::Cut(why) => (self.tell)(LineEvent::Cut(why)),
            }
            if !self.wait(backoff.failed(fastrand::f64())).await {
                return;
            }
        }
    }

    /// False when nobody holds the line any more.
    async fn wait(&mut self, wait: Duration) -> bool {
        let account = self.account.clone();
        let rest = rest(&account, wait);
        tokio::pin!(rest);
        loop {
            tokio::select! {
                () = &mut rest => return true,
                frame = self.waiting.recv() => if frame.is_none() { return false },
            }
        }
    }

    async fn talk(&mut self, socket: Socket, renew_at: Instant) -> Outcome {
        let (mut sink, mut stream) = socket.split();
        let account = self.account.clone();
        let renewal = renewed(&account, renew_at);
        tokio::pin!(renewal);
        loop {
            let message = tokio::select! {
                frame = self.waiting.recv() => match frame {
                    Some(frame) => Message::Binary(frame),
                    None => {
                        // What was sent is on its way by now.
                        let _ = timeout(GOOD_BYE, sink.close()).await;
                        return Outcome::Dropped;
                    }
                },
                message = timeout(SILENCE, stream.next()) => match message {
                    Err(_) => return Outcome::Cut("the relay does not answer any more".to_owned()),
                    Ok(None) => return Outcome::Cut("the line was cut".to_owned()),
                    Ok(Some(Err(error))) => return Outcome::Cut(in_words(&error.to_string())),
                    Ok(Some(Ok(Message::Binary(frame)))) => {
                        let Ok(taken) = self.untaken.clone().acquire_owned().await else {
                            return Outcome::Dropped;
                        };
                        (self.tell)(LineEvent::Frame(frame, taken));
                        continue;
                    }
                    Ok(Some(Ok(Message::Close(close)))) => return closed(&account, close).await,
                    Ok(Some(Ok(_))) => continue,
                },
                renewed_to = &mut renewal => match renewed_to {
                    Ok((token, renew_at)) => {
                        renewal.set(renewed(&account, renew_at));
                        Message::Binary(frames::renew(&token))
                    }
                    Err(error) if error.passes() => {
                        renewal.set(renewed(&account, Instant::now() + RENEW_AGAIN));
                        continue;
                    }
                    Err(error) => return outcome_of(error),
                },
                () = self.cut.notified() => return Outcome::Cut("too much waits".to_owned()),
            };
            match timeout(STUCK, sink.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Outcome::Cut(in_words(&error.to_string())),
                Err(_) => return Outcome::Cut("the line does not take anything".to_owned()),
            }
        }
    }
}
