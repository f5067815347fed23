//! The line itself: who may open it, and how what is told and the strands go over it, neither waiting for the other.

use super::{
    Listener, Said, Saying, fitting,
    strands::{Host, Strands},
};
use crate::{
    directory::{ProjectId, members::Role},
    http::{
        Api,
        extract::{At, Visitor},
        problem::{Kind, Problem},
    },
    room::{Speaker, Unread, Weight},
    traces::OfLine,
    ws::{
        AT_ONCE_BYTES, GOOD_BYE, Meter, Place, READ_BUFFER_BYTES, SILENCE, STUCK,
        WRITE_BUFFER_BYTES, code_of_ending,
        entry::{self, Asked},
        length_of,
        open::{Ending, To, Verdict},
        pass::Pass,
    },
};
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
use futures_util::{
    SinkExt, StreamExt,
    stream::{SplitSink, SplitStream},
};
use quire_collab::strands::{self, ENVELOPE_BYTES};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::mpsc,
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

/// What a client says in JSON is short.
const MAX_TEXT_BYTES: usize = 16 << 10;
/// What is told within this time is told at once.
const GATHER: Duration = Duration::from_millis(50);
const PING_EVERY: Duration = Duration::from_secs(14);
/// What is about to be written; each strand waits for its turn.
const WAITING: usize = 16;
/// With more than this waiting to be written, nothing more is read: who asks has to read …
const UNREAD_BYTES: usize = 8 << 20;
/// … and with more than this, which others have written meanwhile, the line is cut.
const MAX_UNREAD_BYTES: usize = 64 << 20;

/// What is to be written.
pub(super) enum Outgoing {
    /// Something in JSON.
    Text(String),
    /// Is somebody there?
    Ping,
    /// Something about a strand.
    About(Bytes),
    /// Frames of a strand, for which its room counts what was written.
    Frames { strand: u32, frames: Arc<[Bytes]>, weight: Option<Weight>, speaker: Speaker },
}

/// `GET /ws/projects/{project}`
pub async fn connect(
    State(api): State<Api>,
    At(project): At<String>,
    Extension(place): Extension<Place>,
    visitor: Visitor,
    headers: HeaderMap,
    query: axum::extract::RawQuery,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Problem> {
    entry::check_origin(&api, &headers)?;
    let asked = Asked::of(&headers, query.0.as_deref())?;
    // Only who is known is told whether a project could be.
    let known = entry::known(&api, &asked, None, visitor.now).await?;
    let none = "there is no such project, or you have no access to it";
    let project: ProjectId = project.parse().map_err(|_| Problem::new(Kind::NotFound, none))?;
    let (entry, standing) = api.lines.enter(known.user, known.by, To::Project(project)).await?;
    if *api.channels.0.draining.borrow() {
        return Err(Problem::wait(Kind::Busy, "the relay is restarting", Duration::from_secs(5)));
    }
    let listener = api.channels.listen(project, known.user, &standing.name).ok_or_else(|| {
        let why = "so many are in the project that nobody else is let in";
        Problem::wait(Kind::Busy, why, Duration::from_secs(5))
    })?;
    let pass = Pass::new(entry, &known, &standing);
    let meter = Meter { api: api.clone(), user: known.user, address: visitor.address };
    let traced = OfLine::to_project(&project.to_string());
    let longest = api.limits.frame_bytes + ENVELOPE_BYTES;
    let mut upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(AT_ONCE_BYTES)
        .max_write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(longest)
        .max_frame_size(longest);
    if asked.offers_protocol {
        upgrade = upgrade.protocols([entry::PROTOCOL]);
    }
    let (out, waiting) = mpsc::channel(WAITING);
    let host = Arc::new(Host::new(api, known, project, out, Unread::new(MAX_UNREAD_BYTES)));
    let (role, name) = (standing.role, standing.name.into());
    let teller = Teller { host, pass, listener, role, name };
    Ok(upgrade.on_upgrade(async move |socket| {
        run(teller, socket, waiting, meter, traced).await;
        drop(place);
    }))
}

/// Why a line ends.
enum Cause {
    Cut,
    NotAMessage,
    TooSlow,
    Restarting,
    Directory(Ending),
}

async fn run(
    mut teller: Teller,
    socket: WebSocket,
    waiting: mpsc::Receiver<Outgoing>,
    meter: Meter,
    traced: OfLine,
) {
    let (mut sink, mut stream) = socket.split();
    let host = Arc::clone(&teller.host);
    let mut strands = Strands::new(Arc::clone(&host));
    let (said, heard) = mpsc::channel(1);
    let cause = {
        let writing = write(&mut sink, waiting, &meter);
        tokio::pin!(writing);
        let cause = tokio::select! {
            cause = read(&mut stream, &mut strands, &said, &meter) => cause,
            cause = teller.tell(heard) => cause,
            () = &mut writing => Cause::Cut,
            () = host.unread.too_much() => Cause::TooSlow,
        };
        // Strands give what has come to their rooms, and end.
        drop((strands, teller, host));
        if !matches!(cause, Cause::Cut | Cause::TooSlow) {
            // What was said before goes before the good-bye.
            let _ = timeout(GOOD_BYE, writing).await;
        }
        cause
    };
    let (code, reason) = match cause {
        Cause::Cut => return traced.closed(None),
        Cause::NotAMessage => (1002, "not a message of this channel".to_owned()),
        Cause::TooSlow => (1008, "too much waits to be read".to_owned()),
        Cause::Restarting => (1012, "the relay is restarting".to_owned()),
        Cause::Directory(ending) => (code_of_ending(ending), ending.to_string()),
    };
    if matches!(cause, Cause::NotAMessage | Cause::TooSlow) {
        tracing::warn!(user = %meter.user, code, reason, "a project's line was closed");
    }
    let good_bye = async {
        let close = CloseFrame { code, reason: reason.into() };
        // The line may be gone by now, which is as good.
        let _ = sink.send(Message::Close(Some(close))).await;
        while let Some(Ok(_)) = stream.next().await {}
    };
    // Who does not answer is left.
    let _ = timeout(GOOD_BYE, good_bye).await;
    traced.closed(Some(code));
}

/// Until the line is cut, or says what it may not.
async fn read(
    stream: &mut SplitStream<WebSocket>,
    strands: &mut Strands,
    said: &mpsc::Sender<Said>,
    meter: &Meter,
) -> Cause {
    loop {
        strands.have_room(UNREAD_BYTES).await;
        let Ok(Some(Ok(message))) = timeout(SILENCE, stream.next()).await else {
            return Cause::Cut;
        };
        meter.received(length_of(&message)).await;
        match message {
            Message::Binary(message) => {
                if strands.take(&message).await.is_err() {
                    return Cause::NotAMessage;
                }
            }
            Message::Text(text) if text.len() <= MAX_TEXT_BYTES => {
                let Ok(what) = serde_json::from_str(&text) else { return Cause::NotAMessage };
                if said.send(what).await.is_err() {
                    return Cause::Cut;
                }
            }
            Message::Text(_) => return Cause::NotAMessage,
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => return Cause::Cut,
        }
    }
}

/// Tells what there is to tell of the project, and what the directory says of the line.
struct Teller {
    host: Arc<Host>,
    pass: Pass,
    listener: Listener,
    role: Role,
    name: Arc<str>,
}

impl Teller {
    async fn tell(&mut self, mut heard: mpsc::Receiver<Said>) -> Cause {
        let api = self.host.api.clone();
        let hello = Saying::Hello {
            line: self.listener.line,
            user: self.pass.user(),
            name: Arc::clone(&self.name),
            role: self.role,
            strands: api.config.limits.strands,
        };
        if !self.say(&hello).await {
            return Cause::Cut;
        }
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut draining = api.channels.0.draining.clone();
        // The first look tells who is there.
        self.listener.told.mark_changed();
        let mut look_at = Instant::now();
        loop {
            let ends = self.pass.ends();
            let changed = async {
                tokio::time::sleep_until(look_at).await;
                self.listener.told.changed().await
            };
            let restarts = async {
                // An error is that nobody is left who could tell.
                drop(draining.wait_for(|is_draining| *is_draining).await);
            };
            tokio::select! {
                biased;
                () = restarts => {
                    // Rooms keep what has come, say so, and end their strands.
                    self.host.are_closed().await;
                    return Cause::Restarting;
                }
                verdict = self.pass.changed() => match verdict {
                    Verdict::Ends(ending) => return Cause::Directory(ending),
                    Verdict::Stays { role, .. } if role != self.role => {
                        self.role = role;
                        if !self.say(&Saying::Role { role }).await {
                            return Cause::Cut;
                        }
                    }
                    Verdict::Stays { .. } | Verdict::Unknown => {}
                },
                () = ends => return Cause::Directory(Ending::LoggedOut),
                Some(said) = heard.recv() => match said {
                    Said::Here { place, color } => {
                        let (place, color) = fitting(place, color);
                        self.listener.say(|person| {
                            person.place = place.map(Arc::new);
                            person.color = color.map(Arc::from);
                        });
                    }
                    Said::Renew { token } => match self.pass.renew(&api, &token).await {
                        Some(by) => self.host.renewed(by),
                        None => return Cause::Directory(Ending::LoggedOut),
                    },
                },
                is_there = changed => {
                    if is_there.is_err() {
                        return Cause::Cut;
                    }
                    look_at = Instant::now() + GATHER;
                    for saying in self.listener.news() {
                        if !self.say(&saying).await {
                            return Cause::Cut;
                        }
                    }
                }
                _ = pings.tick() => {
                    if self.host.out.send(Outgoing::Ping).await.is_err() {
                        return Cause::Cut;
                    }
                }
            }
        }
    }

    async fn say(&self, saying: &Saying) -> bool {
        let Ok(text) = serde_json::to_string(saying) else { return false };
        self.host.out.send(Outgoing::Text(text)).await.is_ok()
    }
}

/// Until the line does not take anything any more, or nobody is left who could say something.
async fn write(
    sink: &mut SplitSink<WebSocket, Message>,
    mut waiting: mpsc::Receiver<Outgoing>,
    meter: &Meter,
) {
    while let Some(first) = waiting.recv().await {
        let written = timeout(STUCK, write_waiting(sink, first, &mut waiting)).await;
        let Ok(Some(written)) = written else { return };
        for Written { speaker, frames, bytes, weight } in written {
            drop(weight);
            meter.api.metrics.sent(frames, bytes);
            speaker.written(bytes);
        }
    }
}

/// Frames that the line has taken, of one strand.
struct Written {
    speaker: Speaker,
    frames: usize,
    bytes: usize,
    weight: Option<Weight>,
}

/// Write this and what waits behind it, in as few calls to the system as it goes. `None` when the line is cut.
async fn write_waiting(
    sink: &mut SplitSink<WebSocket, Message>,
    first: Outgoing,
    waiting: &mut mpsc::Receiver<Outgoing>,
) -> Option<Vec<Written>> {
    let (mut gathered, mut written, mut next) = (0, Vec::new(), Some(first));
    while let Some(outgoing) = next.take() {
        let message = match outgoing {
            Outgoing::Text(text) => Message::Text(text.into()),
            Outgoing::Ping => Message::Ping(Bytes::new()),
            Outgoing::About(message) => Message::Binary(message),
            Outgoing::Frames { strand, frames, weight, speaker } => {
                let mut bytes = 0;
                for frame in &*frames {
                    bytes += frame.len();
                    let message = strands::framed(strand, frame);
                    sink.feed(Message::Binary(message.into())).await.ok()?;
                }
                gathered += bytes;
                written.push(Written { speaker, frames: frames.len(), bytes, weight });
                if gathered < AT_ONCE_BYTES {
                    next = waiting.try_recv().ok();
                }
                continue;
            }
        };
        gathered += length_of(&message);
        sink.feed(message).await.ok()?;
        if gathered < AT_ONCE_BYTES {
            next = waiting.try_recv().ok();
        }
    }
    sink.flush().await.ok()?;
    Some(written)
}
