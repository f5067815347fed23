//! Many lines to one document, some of which write, and what came over them and when. One thread drives all of them, so that
//! the server has the rest of the machine.

use crate::{
    dialect::{Dialect, Heard},
    server::Door,
};
use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use quire_collab::{Change, ClientId, TextDocument};
use std::{
    cell::RefCell,
    rc::Rc,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    sync::{Notify, mpsc, oneshot},
    task::JoinSet,
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Message, client::IntoClientRequest, protocol::WebSocketConfig},
};
use yrs::{Update, updates::decoder::Decode};

/// The writer of this number is the client of this number and so much more.
const FIRST_CLIENT: u64 = 1000;
/// So many lines are opened at once.
const AT_ONCE: usize = 50;
/// Until something comes that has to come.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) type Socket = WebSocketStream<TcpStream>;

/// Open a line: a WebSocket on which nothing was said yet.
pub(crate) async fn open(door: &Door) -> Result<Socket> {
    let mut request = door.url.as_str().into_client_request()?;
    if let Some(authorization) = &door.authorization {
        request.headers_mut().insert("authorization", authorization.parse()?);
    }
    let authority = request.uri().authority().context("an address")?.to_string();
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(4 << 10);
    Ok(client_async_with_config(request, stream, Some(config)).await?.0)
}

/// Somebody who writes at the end of what he has written.
pub(crate) struct Writer(TextDocument);

impl Writer {
    pub(crate) fn new(number: usize) -> Self {
        Self(TextDocument::new(ClientId::from_random(FIRST_CLIENT + number as u64)))
    }

    /// The next key.
    pub(crate) fn key(&mut self) -> Result<Vec<u8>> {
        let change = Change { at: self.0.len(), removed: 0, inserted: "x".to_owned() };
        Ok(self.0.edit(&[change])?)
    }
}

/// What came.
#[derive(Default)]
struct Board {
    /// When each writer sent each of his keys.
    sent: Vec<Vec<Instant>>,
    /// How many keys of each writer have come over each line.
    reached: Vec<Vec<u32>>,
    /// Keys that came over lines of others.
    delivered: u64,
    /// How long they took, in microseconds.
    lags: Vec<u32>,
    fault: Option<String>,
}

impl Board {
    fn arrived(&mut self, line: usize, update: &[u8]) -> Result<()> {
        let now = Instant::now();
        for (client, ranges) in Update::decode_v1(update)?.insertions(true).iter() {
            let Some(writer) = client.get().checked_sub(FIRST_CLIENT) else { continue };
            let writer = usize::try_from(writer)?;
            let end = ranges.iter().map(|range| range.end).max().unwrap_or(0);
            let reached = self.reached[line].get_mut(writer).context("a stranger has written")?;
            for clock in *reached..end {
                if writer != line {
                    let lag = now.duration_since(self.sent[writer][clock as usize]);
                    self.delivered += 1;
                    self.lags.push(u32::try_from(lag.as_micros()).unwrap_or(u32::MAX));
                }
            }
            *reached = end.max(*reached);
        }
        Ok(())
    }
}

/// What a while of writing came to.
pub(crate) struct Written {
    pub(crate) updates: u64,
    pub(crate) deliveries: u64,
    pub(crate) time: Duration,
    /// From the sending of each update until it came, in microseconds, ascending.
    pub(crate) lags: Vec<u32>,
}

/// All lines to a document; they are cut when this is dropped.
pub(crate) struct Crowd {
    door: Door,
    board: Rc<RefCell<Board>>,
    /// Something came over the last line.
    watched: Rc<Notify>,
    lines: Vec<mpsc::UnboundedSender<Bytes>>,
    writers: Vec<Writer>,
    tasks: JoinSet<()>,
    last: usize,
}

impl Crowd {
    /// Nobody yet. There will be `count` lines, of which the first `writers` write and the last only watches.
    pub(crate) fn new(door: Door, count: usize, writers: usize) -> Self {
        let board = Board {
            sent: vec![Vec::new(); writers],
            reached: vec![vec![0; writers]; count],
            ..Board::default()
        };
        Self {
            door,
            board: Rc::new(RefCell::new(board)),
            watched: Rc::default(),
            lines: Vec::new(),
            writers: (0..writers).map(Writer::new).collect(),
            tasks: JoinSet::new(),
            last: count - 1,
        }
    }

    /// Open lines until there are so many, each of which has been told what there is.
    pub(crate) async fn grow_to(&mut self, count: usize) -> Result<()> {
        while self.lines.len() < count {
            let mut opened = Vec::new();
            for _ in 0..AT_ONCE.min(count - self.lines.len()) {
                opened.push(self.add());
            }
            for ready in opened {
                let fault = || self.board.borrow().fault.clone().unwrap_or_default();
                timeout(PATIENCE, ready).await?.map_err(|_| anyhow::anyhow!(fault()))?;
            }
        }
        Ok(())
    }

    fn add(&mut self) -> oneshot::Receiver<()> {
        let (ready, is_ready) = oneshot::channel();
        let (send, outgoing) = mpsc::unbounded_channel();
        let number = self.lines.len();
        self.lines.push(send);
        let (door, board) = (self.door.clone(), Rc::clone(&self.board));
        let watched = (number == self.last).then(|| Rc::clone(&self.watched));
        self.tasks.spawn_local(async move {
            let line =
                Line { number, board: Rc::clone(&board), watched, dialect: door.dialect.clone() };
            if let Err(error) = line.run(&door, outgoing, ready).await {
                board.borrow_mut().fault = Some(format!("line {number}: {error:#}"));
            }
        });
        is_ready
    }

    /// So many keys a second, of each writer in turn, for so long.
    pub(crate) async fn type_evenly(&mut self, per_second: u32, time: Duration) -> Result<Written> {
        let start = self.begin();
        let mut ticks = interval(Duration::from_secs(1) / per_second);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut count = 0;
        while start.0.elapsed() < time {
            ticks.tick().await;
            self.key(count % self.writers.len())?;
            count += 1;
        }
        self.end(start).await
    }

    /// As fast as it goes: each writer has at most `window` keys on their way to the line that watches.
    pub(crate) async fn type_at_once(&mut self, window: u32, time: Duration) -> Result<Written> {
        let start = self.begin();
        let watched = Rc::clone(&self.watched);
        while start.0.elapsed() < time {
            for writer in 0..self.writers.len() {
                loop {
                    let board = self.board.borrow();
                    let reached = board.reached[self.last][writer] as usize;
                    if board.sent[writer].len() - reached >= window as usize {
                        break;
                    }
                    drop(board);
                    self.key(writer)?;
                }
            }
            self.check()?;
            // A server that says nothing is found by `end`.
            let _ = timeout(time.saturating_sub(start.0.elapsed()), watched.notified()).await;
        }
        self.end(start).await
    }

    fn key(&mut self, writer: usize) -> Result<()> {
        let update = self.writers[writer].key()?;
        let frame = self.door.dialect.update(&update);
        self.board.borrow_mut().sent[writer].push(Instant::now());
        self.lines[writer].send(frame).ok().context("a writer's line was cut")
    }

    fn begin(&self) -> (Instant, u64) {
        let mut board = self.board.borrow_mut();
        board.lags.clear();
        board.delivered = 0;
        (Instant::now(), self.updates(&board))
    }

    fn updates(&self, board: &Board) -> u64 {
        board.sent.iter().map(|sent| sent.len() as u64).sum()
    }

    /// Until everything has come to everybody.
    async fn end(&self, (start, before): (Instant, u64)) -> Result<Written> {
        let updates = self.updates(&self.board.borrow()) - before;
        let expected = updates * (self.lines.len() as u64 - 1);
        let stopped = Instant::now();
        loop {
            self.check()?;
            let delivered = self.board.borrow().delivered;
            if delivered == expected {
                break;
            }
            ensure!(stopped.elapsed() < PATIENCE, "{delivered} of {expected} came");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let time = start.elapsed();
        let mut lags = std::mem::take(&mut self.board.borrow_mut().lags);
        lags.sort_unstable();
        Ok(Written { updates, deliveries: expected, time, lags })
    }

    fn check(&self) -> Result<()> {
        match &self.board.borrow().fault {
            Some(fault) => bail!("{fault}"),
            None => Ok(()),
        }
    }
}

struct Line {
    number: usize,
    board: Rc<RefCell<Board>>,
    watched: Option<Rc<Notify>>,
    dialect: Dialect,
}

impl Line {
    async fn run(
        self,
        door: &Door,
        mut outgoing: mpsc::UnboundedReceiver<Bytes>,
        ready: oneshot::Sender<()>,
    ) -> Result<()> {
        let (mut sink, mut stream) = open(door).await?.split();
        for frame in self.dialect.hello() {
            sink.send(Message::Binary(frame)).await?;
        }
        let mut ready = Some(ready);
        loop {
            tokio::select! {
                frame = outgoing.recv() => {
                    let Some(frame) = frame else { return Ok(()) };
                    sink.feed(Message::Binary(frame)).await?;
                    while let Ok(frame) = outgoing.try_recv() {
                        sink.feed(Message::Binary(frame)).await?;
                    }
                    sink.flush().await?;
                }
                message = stream.next() => {
                    let Message::Binary(frame) = message.context("it was cut")?? else { continue };
                    match self.dialect.read(&frame).context("not a message of the protocol")? {
                        Heard::Ask => sink.send(Message::Binary(self.dialect.answer())).await?,
                        Heard::Answer(update) => {
                            self.board.borrow_mut().arrived(self.number, &update)?;
                            if let Some(ready) = ready.take() {
                                // Who waited may have given up.
                                let _ = ready.send(());
                            }
                        }
                        Heard::Update(update) => {
                            self.board.borrow_mut().arrived(self.number, &update)?;
                            if let Some(watched) = &self.watched {
                                watched.notify_one();
                            }
                        }
                        Heard::Kept | Heard::Other => {}
                    }
                }
            }
        }
    }
}

/// Open a line and wait until all of the document is here: how long that took, and the document.
pub(crate) async fn join(door: &Door) -> Result<(Duration, Vec<u8>)> {
    let start = Instant::now();
    let (mut sink, mut stream) = open(door).await?.split();
    for frame in door.dialect.hello() {
        sink.send(Message::Binary(frame)).await?;
    }
    loop {
        let message = timeout(PATIENCE, stream.next()).await?.context("it was cut")??;
        let Message::Binary(frame) = message else { continue };
        if let Some(Heard::Answer(document)) = door.dialect.read(&frame) {
            return Ok((start.elapsed(), document));
        }
    }
}
