//! The line of a project: what is told of it, and its documents, each on a strand of its own ([`strands`]). One connection,
//! made again whenever it is cut, with one back-off for all; what goes over a strand is a [`Line`]'s business.
//!
//! A relay says with its first words how many strands it carries. What is beyond that, which with a relay that knows none
//! is everything, has lines with connections of their own.

pub(crate) mod strands;

use crate::{
    Account, Backoff, Line, LineEvent,
    connection::{
        Ended, GOOD_BYE, Outcome, RENEW_AGAIN, SILENCE, STUCK, Socket, UNTAKEN, WORKED, closed,
        connect, outcome_of, renewed, rest,
    },
    http::in_words,
    line::Tell,
};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt, stream::SplitSink};
use quire_project::{DocumentId, ProjectId};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use strands::{News, Strands};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::{sleep_until, timeout},
};
use tokio_tungstenite::tungstenite::Message;

/// Messages that wait for the socket: enough that it never waits for us.
const TO_WRITE: usize = 4;

/// The line of a project. It stays for as long as it, or the line of one of its documents, is held.
#[derive(Debug)]
pub struct ProjectLine {
    orders: mpsc::UnboundedSender<Order>,
    next: AtomicU64,
}

/// What those who hold lines want.
pub(crate) enum Order {
    Open {
        line: u64,
        document: DocumentId,
        tell: Tell,
    },
    Send {
        line: u64,
        frame: Bytes,
        /// Of the room that the line has for frames that wait.
        room: OwnedSemaphorePermit,
    },
    Cut {
        line: u64,
    },
    Close {
        line: u64,
    },
}

impl ProjectLine {
    /// Begin. Events about the project come from a thread of `runtime`, one after the other.
    pub fn open(
        runtime: &Handle,
        account: Arc<Account>,
        project: ProjectId,
        tell: impl FnMut(LineEvent) + Send + 'static,
    ) -> Self {
        let (orders, waiting) = mpsc::unbounded_channel();
        let task = Task {
            runtime: runtime.clone(),
            account,
            project,
            orders: waiting,
            strands: Strands::default(),
            told: HashMap::new(),
            own: HashMap::new(),
            untaken: Arc::new(Semaphore::new(UNTAKEN)),
            tell: Box::new(tell),
        };
        runtime.spawn(task.run());
        Self { orders, next: AtomicU64::new(1) }
    }

    /// The line of one of its documents. Events come as those of the project.
    pub fn document(
        &self,
        document: DocumentId,
        tell: impl FnMut(LineEvent) + Send + 'static,
    ) -> Line {
        let line = self.next.fetch_add(1, Ordering::Relaxed);
        // When it has ended this was told, and nobody asks for lines any more.
        let _ = self.orders.send(Order::Open { line, document, tell: Box::new(tell) });
        Line::on_strand(line, self.orders.clone())
    }
}

/// What is told of a project; what it says beyond that is asked for.
#[derive(serde::Deserialize)]
struct Told {
    #[serde(rename = "type")]
    kind: String,
    /// What has changed.
    #[serde(default)]
    what: Vec<String>,
    /// How many strands the line carries; an older relay says nothing, and carries none.
    #[serde(default)]
    strands: usize,
}

impl Told {
    /// What follows from it.
    fn events(&self) -> impl Iterator<Item = LineEvent> {
        let names = |name: &str| self.what.iter().any(|what| what == name);
        let notified = names("notifications").then_some(LineEvent::Notified);
        let history = names("history").then_some(LineEvent::HistoryChanged);
        let is_of_its_own = |what: &String| what == "notifications" || what == "history";
        let is_more = self.what.is_empty() || !self.what.iter().all(is_of_its_own);
        let changed = (self.kind != "people" && is_more).then_some(LineEvent::Changed);
        [notified, history, changed].into_iter().flatten()
    }
}

/// Who is told what becomes of a line.
struct Teller {
    tell: Tell,
    /// He knows that the line is not there.
    knows_cut: bool,
}

struct Task {
    runtime: Handle,
    account: Arc<Account>,
    project: ProjectId,
    orders: mpsc::UnboundedReceiver<Order>,
    strands: Strands<OwnedSemaphorePermit>,
    told: HashMap<u64, Teller>,
    /// Those that have no strand.
    own: HashMap<u64, Line>,
    untaken: Arc<Semaphore>,
    tell: Tell,
}

impl Task {
    async fn run(mut self) {
        let mut backoff = Backoff::default();
        let path = format!("projects/{}", self.project);
        loop {
            let start = Instant::now();
            let outcome = match connect(&self.account, &path).await {
                Ok((socket, renew_at)) => {
                    (self.tell)(LineEvent::Connected);
                    self.account.reached();
                    self.talk(socket, renew_at).await
                }
                Err(outcome) => outcome,
            };
            if start.elapsed() > WORKED {
                backoff.worked();
            }
            self.strands.cut();
            match outcome {
                Outcome::Dropped => return,
                Outcome::Ended(why) => return self.end(why),
                Outcome::Cut(why) => self.is_cut(&why),
            }
            if !self.wait(backoff.failed(fastrand::f64())).await {
                return;
            }
        }
    }

    fn is_cut(&mut self, why: &str) {
        for teller in self.told.values_mut() {
            if !std::mem::replace(&mut teller.knows_cut, true) {
                (teller.tell)(LineEvent::Cut(why.to_owned()));
            }
        }
        (self.tell)(LineEvent::Cut(why.to_owned()));
    }

    fn end(&mut self, why: Ended) {
        for (_, mut teller) in self.told.drain() {
            (teller.tell)(LineEvent::Ended(why));
        }
        (self.tell)(LineEvent::Ended(why));
    }

    /// False when nobody holds a line any more.
    async fn wait(&mut self, wait: Duration) -> bool {
        let account = self.account.clone();
        let rest = rest(&account, wait);
        tokio::pin!(rest);
        loop {
            tokio::select! {
                () = &mut rest => return true,
                order = self.orders.recv() => match order {
                    Some(order) => self.carry_out(order),
                    None => return false,
                },
            }
        }
    }

    fn carry_out(&mut self, order: Order) {
        match order {
            Order::Open { line, document, tell } => {
                self.told.insert(line, Teller { tell, knows_cut: false });
                self.strands.add(line, document);
                self.open_those_beyond();
            }
            Order::Send { line, frame, room } => match self.own.get(&line) {
                Some(own) => own.send(frame),
                None => self.strands.send(line, frame, room),
            },
            Order::Cut { line } => {
                if let Some(own) = self.own.get(&line) {
                    own.cut();
                } else if self.strands.restart(line, Instant::now(), fastrand::f64()) {
                    self.hears(line, News::Cut("too much waits".to_owned()));
                }
            }
            Order::Close { line } => {
                self.told.remove(&line);
                self.own.remove(&line);
                self.strands.remove(line);
            }
        }
    }

    /// Lines for what the project's line does not carry.
    fn open_those_beyond(&mut self) {
        for (line, document) in self.strands.beyond() {
            if let Some(Teller { tell, .. }) = self.told.remove(&line) {
                let own = Line::open(&self.runtime, self.account.clone(), document, tell);
                self.own.insert(line, own);
            }
        }
    }

    fn hears(&mut self, line: u64, news: News) {
        let Some(teller) = self.told.get_mut(&line) else { return };
        teller.knows_cut = matches!(news, News::Cut(_));
        match news {
            News::Opened => (teller.tell)(LineEvent::Connected),
            News::Cut(why) => (teller.tell)(LineEvent::Cut(why)),
            News::NoAccess => {
                (teller.tell)(LineEvent::Ended(Ended::NoAccess));
                self.told.remove(&line);
            }
        }
    }

    async fn talk(&mut self, socket: Socket, renew_at: Instant) -> Outcome {
        let (sink, mut stream) = socket.split();
        // What is read never waits for what is written: the relay may be waiting for us to read.
        let (to_write, written) = mpsc::channel(TO_WRITE);
        let writing = write(sink, written);
        let account = self.account.clone();
        let renewal = renewed(&account, renew_at);
        tokio::pin!(writing, renewal);
        let (mut next, mut heard) = (None, Instant::now());
        loop {
            next = next.or_else(|| self.strands.next(Instant::now()).map(Message::Binary));
            let due = self.strands.due();
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(order) => self.carry_out(order),
                    None => break,
                },
                room = to_write.reserve(), if next.is_some() => {
                    if let (Ok(room), Some(message)) = (room, next.take()) {
                        room.send(message);
                    }
                }
                message = stream.next() => {
                    heard = Instant::now();
                    match message {
                        None => return Outcome::Cut("the line was cut".to_owned()),
                        Some(Err(error)) => return Outcome::Cut(in_words(&error.to_string())),
                        Some(Ok(Message::Close(close))) => return closed(&account, close).await,
                        Some(Ok(message)) => if let Some(outcome) = self.take(message).await {
                            return outcome;
                        }
                    }
                }
                () = sleep_until((heard + SILENCE).into()) => {
                    return Outcome::Cut("the relay does not answer any more".to_owned());
                }
                why = &mut writing => return Outcome::Cut(why),
                renewed_to = &mut renewal => match renewed_to {
                    Ok((token, renew_at)) => {
                        renewal.set(renewed(&account, renew_at));
                        let said = serde_json::json!({ "type": "renew", "token": token });
                        // A line that is stuck says so below.
                        let _ = to_write.send(Message::text(said.to_string())).await;
                    }
                    Err(error) if error.passes() => {
                        renewal.set(renewed(&account, Instant::now() + RENEW_AGAIN));
                    }
                    Err(error) => return outcome_of(error),
                },
                // Strands that have rested are tried again.
                () = sleep_until(due.unwrap_or(heard).into()), if due.is_some() => {}
            }
        }
        // Nobody holds it any more: what was sent still goes.
        let rest = async {
            loop {
                next = next.or_else(|| self.strands.next(Instant::now()).map(Message::Binary));
                let Some(message) = next.take() else { break };
                if to_write.send(message).await.is_err() {
                    break;
                }
            }
            drop(to_write);
        };
        let _ = timeout(GOOD_BYE, async { tokio::join!(rest, writing) }).await;
        Outcome::Dropped
    }

    /// A message of the relay; how the connection ends, if it makes no sense.
    async fn take(&mut self, message: Message) -> Option<Outcome> {
        match message {
            Message::Binary(message) => {
                let (now, random) = (Instant::now(), fastrand::f64());
                match self.strands.receive(&message, now, random) {
                    Ok(strands::Received::Nothing) => {}
                    Ok(strands::Received::News(line, news)) => self.hears(line, news),
                    Ok(strands::Received::Frame(line, frame)) => {
                        // The relay has to wait when nobody takes what has come.
                        let Ok(taken) = self.untaken.clone().acquire_owned().await else {
                            return Some(Outcome::Dropped);
                        };
                        if let Some(teller) = self.told.get_mut(&line) {
                            (teller.tell)(LineEvent::Frame(frame, taken));
                        }
                    }
                    Err(_) => {
                        let why = "the relay says something that is not understood";
                        return Some(Outcome::Cut(why.to_owned()));
                    }
                }
            }
            Message::Text(text) => {
                if let Ok(told) = serde_json::from_str::<Told>(&text) {
                    if told.kind == "hello" {
                        self.strands.connected(told.strands);
                        self.open_those_beyond();
                    }
                    told.events().for_each(&mut self.tell);
                }
            }
            _ => {}
        }
        None
    }
}

/// Until the line is cut, and why; or until nobody has something to say any more.
async fn write(
    mut sink: SplitSink<Socket, Message>,
    mut waiting: mpsc::Receiver<Message>,
) -> String {
    while let Some(message) = waiting.recv().await {
        match timeout(STUCK, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return in_words(&error.to_string()),
            Err(_) => return "the line does not take anything".to_owned(),
        }
    }
    // It is said on the way out; who does not hear it sees that the line is gone.
    let _ = sink.close().await;
    String::new()
}
