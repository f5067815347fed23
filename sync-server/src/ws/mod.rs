//! The lines: stock clients of y-websocket on `/ws/{document}`, one message of the protocol in a frame.

mod admission;
pub mod channel;
pub(crate) mod entry;
pub mod open;
mod pass;
pub mod quota;

use crate::{
    directory::{DocumentId, UserId},
    http::{
        Api,
        extract::{At, Visitor},
        problem::Problem,
    },
    room::{Said, Seat, Speaker},
    traces::OfLine,
};
use admission::Admitted;
use axum::{
    Extension,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    http::HeaderMap,
    response::Response,
};
use bytes::Bytes;
use entry::Asked;
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use open::{Ending, Verdict};
use pass::Pass;
use quire_collab::{
    frames::{self, KEEP_ALIVE},
    room::CloseReason,
};
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant as StdInstant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, mpsc},
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

/// Stock clients give a line up on which no message comes for thirty seconds.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(14);
/// A line is given up on which nothing comes, not even the answer to a ping, …
const SILENCE: Duration = Duration::from_secs(60);
/// … or which does not take a frame.
const STUCK: Duration = Duration::from_secs(60);
/// How long the other end has to say good-bye.
const GOOD_BYE: Duration = Duration::from_secs(2);
/// For each line, where 128 KiB are the default: a keystroke has some dozen, and it is most of what an idle line takes.
const READ_BUFFER_BYTES: usize = 2 << 10;
/// Frames that wait are written at once, until they are so many bytes. The buffer in which they gather stays with the line, so
/// that this too is of what an idle line takes.
const AT_ONCE_BYTES: usize = 4 << 10;
/// What is gathered is flushed before more is taken, so that this bounds one frame: a whole document.
const WRITE_BUFFER_BYTES: usize = 256 << 20;

/// A line's place among those that the relay takes: free again when it is dropped.
pub type Place = Arc<OwnedSemaphorePermit>;

/// `GET /ws/{document}`
pub async fn connect(
    State(api): State<Api>,
    At(document): At<String>,
    Extension(place): Extension<Place>,
    visitor: Visitor,
    headers: HeaderMap,
    query: axum::extract::RawQuery,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    entry::check_origin(&api, &headers)?;
    let asked = Asked::of(&headers, query.0.as_deref())?;
    // Only who is known is told whether a document could be.
    let id: Option<DocumentId> = document.parse().ok();
    let known = entry::known(&api, &asked, id, visitor.now).await?;
    let id = id.ok_or_else(admission::no_document)?;
    let Admitted { entry, standing, seat } = admission::admit(&api, &known, id, None).await?;
    let pass = Pass::new(entry, &known, &standing);
    let limits = &api.limits;
    let mut upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(AT_ONCE_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(limits.frame_bytes)
        .max_frame_size(limits.frame_bytes);
    if asked.offers_protocol {
        upgrade = upgrade.protocols([entry::PROTOCOL]);
    }
    let traced = OfLine::to_document(&document);
    let line = Line { api: api.clone(), pass, address: visitor.address };
    Ok(upgrade.on_upgrade(async move |socket| {
        line.run(socket, seat, traced).await;
        drop(place);
    }))
}

/// Why a line ends.
enum Cause {
    /// It was cut, or said good-bye.
    Cut,
    /// The room says so.
    Room(CloseReason),
    /// The directory says so.
    Directory(Ending),
}

/// A line that is open.
struct Line {
    api: Api,
    pass: Pass,
    address: IpAddr,
}

impl Line {
    async fn run(mut self, socket: WebSocket, mut seat: Seat, traced: OfLine) {
        let (mut sink, mut stream) = socket.split();
        let (speaker, said) = seat.parts();
        let (renew, mut renewals) = mpsc::channel(1);
        let meter = Meter { api: self.api.clone(), user: self.pass.user(), address: self.address };
        let cause = tokio::select! {
            () = read(&mut stream, speaker, &renew, &meter) => Cause::Cut,
            reason = write(&mut sink, speaker, said, &meter) => reason.map_or(Cause::Cut, Cause::Room),
            ending = self.watch(speaker, &mut renewals) => Cause::Directory(ending),
        };
        // What was in the queue of the room from this line stays in front of its leaving.
        let close = match cause {
            Cause::Cut => return traced.closed(None),
            Cause::Room(reason) => {
                CloseFrame { code: code_of(reason), reason: reason.to_string().into() }
            }
            Cause::Directory(ending) => {
                drop(seat);
                CloseFrame { code: code_of_ending(ending), reason: ending.to_string().into() }
            }
        };
        let code = close.code;
        let good_bye = async {
            // The line may be gone by now, which is as good.
            let _ = sink.send(Message::Close(Some(close))).await;
            while let Some(Ok(_)) = stream.next().await {}
        };
        // Who does not answer is left.
        let _ = timeout(GOOD_BYE, good_bye).await;
        traced.closed(Some(code));
    }

    /// Until the line may be no longer. What it may do meanwhile, the room is told.
    async fn watch(&mut self, speaker: &Speaker, renewals: &mut mpsc::Receiver<String>) -> Ending {
        loop {
            let ends = self.pass.ends();
            tokio::select! {
                biased;
                verdict = self.pass.changed() => match verdict {
                    Verdict::Ends(ending) => return ending,
                    Verdict::Stays { access, .. } => {
                        // A room that is gone says so by itself.
                        speaker.regrade(access).await;
                    }
                    Verdict::Unknown => {}
                },
                Some(token) = renewals.recv() => {
                    if self.pass.renew(&self.api, &token).await.is_none() {
                        return Ending::LoggedOut;
                    }
                }
                () = ends => return Ending::LoggedOut,
            }
        }
    }
}

/// Counts what goes over a line, and holds back who sends too much.
pub(crate) struct Meter {
    api: Api,
    user: UserId,
    address: IpAddr,
}

impl Meter {
    /// A frame came; answers when it may be read.
    async fn received(&self, bytes: usize) {
        self.api.metrics.received(bytes);
        let mut is_held_back = false;
        while let Some(wait) =
            self.api.throttle.frames.put(self.user, self.address, bytes, StdInstant::now())
        {
            if !is_held_back {
                self.api.metrics.held_back();
                is_held_back = true;
            }
            tokio::time::sleep(wait.min(Duration::from_secs(1))).await;
        }
    }
}

/// Until the line is cut, or the room is gone.
async fn read(
    stream: &mut SplitStream<WebSocket>,
    speaker: &Speaker,
    renew: &mpsc::Sender<String>,
    meter: &Meter,
) {
    while let Ok(Some(Ok(message))) = timeout(SILENCE, stream.next()).await {
        meter.received(length_of(&message)).await;
        match message {
            Message::Binary(frame) => {
                if let Some(token) = frames::renewal(&frame) {
                    if renew.send(token.to_owned()).await.is_err() {
                        return;
                    }
                } else if !speaker.receive(frame).await {
                    // The room says why.
                    return std::future::pending().await;
                }
            }
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Text(_) | Message::Close(_) => return,
        }
    }
}

fn length_of(message: &Message) -> usize {
    match message {
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => bytes.len(),
        Message::Text(text) => text.len(),
        Message::Close(_) => 0,
    }
}

/// Until the line is cut, or the room says that it is over.
async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    speaker: &Speaker,
    said: &mut mpsc::UnboundedReceiver<Said>,
    meter: &Meter,
) -> Option<CloseReason> {
    let mut keep_alive = interval_at(Instant::now() + KEEP_ALIVE_EVERY, KEEP_ALIVE_EVERY);
    keep_alive.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let next = tokio::select! {
            next = said.recv() => Some(next),
            _ = keep_alive.tick() => None,
        };
        let (written, reason) = match next {
            Some(None) => return Some(CloseReason::NotSaved),
            Some(Some(Said::Closed(reason))) => return Some(reason),
            Some(Some(Said::Frames(first, _))) => {
                timeout(STUCK, write_waiting(sink, first, said)).await.ok()??
            }
            None => {
                let alive = async {
                    sink.feed(Message::Binary(KEEP_ALIVE)).await.ok()?;
                    sink.send(Message::Ping(Bytes::new())).await.ok()
                };
                timeout(STUCK, alive).await.ok()??;
                continue;
            }
        };
        meter.api.metrics.sent(written.frames, written.bytes);
        speaker.written(written.bytes);
        if reason.is_some() {
            return reason;
        }
    }
}

/// Frames that a line has taken.
#[derive(Default)]
struct Written {
    frames: usize,
    bytes: usize,
}

/// Write these frames and those that wait behind them, in as few calls to the system as it goes, for these are most of what a
/// frame costs. None when the line is cut; with the reason, when the room has said behind them that it is over.
async fn write_waiting(
    sink: &mut SplitSink<WebSocket, Message>,
    first: Arc<[Bytes]>,
    said: &mut mpsc::UnboundedReceiver<Said>,
) -> Option<(Written, Option<CloseReason>)> {
    let (mut written, mut closed, mut next) = (Written::default(), None, Some(first));
    while let Some(frames) = next.take() {
        for frame in &*frames {
            written.frames += 1;
            written.bytes += frame.len();
            sink.feed(Message::Binary(frame.clone())).await.ok()?;
        }
        if written.bytes < AT_ONCE_BYTES {
            match said.try_recv() {
                Ok(Said::Frames(frames, _)) => next = Some(frames),
                Ok(Said::Closed(reason)) => closed = Some(reason),
                // Nothing waits; that the room is gone is found by who waits for more.
                Err(_) => {}
            }
        }
    }
    sink.flush().await.ok()?;
    Some((written, closed))
}

/// Codes of RFC 6455 and IANA's registry.
fn code_of(reason: CloseReason) -> u16 {
    match reason {
        CloseReason::NotAMessage => 1002,
        CloseReason::Unfit => 1003,
        CloseReason::TooSlow => 1008,
        CloseReason::TooLong => 1009,
        CloseReason::Restarting => 1012,
        CloseReason::NotSaved => 1013,
    }
}

fn code_of_ending(ending: Ending) -> u16 {
    match ending {
        Ending::LoggedOut => 4401,
        Ending::NoAccess => 4403,
    }
}
