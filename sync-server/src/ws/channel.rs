//! `/ws/projects/{project}`: what is told of a project while it is open, in JSON. That a part of it was changed, so that
//! nobody need ask again and again; the own role; and who else is there, and where. What exactly was changed is asked
//! over HTTP: what is told may be told twice, or once for several changes, but never not.

use super::{
    Meter, Place, entry,
    entry::Asked,
    length_of,
    open::{Ending, To, Verdict},
    pass::Pass,
};
use crate::{
    directory::{
        ProjectId, UserId,
        members::Role,
        news::{News, Part},
    },
    http::{
        Api,
        extract::{At, Visitor},
        problem::{Kind, Problem},
    },
    traces::OfLine,
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
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{mpsc, watch},
    time::{Instant, MissedTickBehavior, interval_at, timeout},
};

/// What a client says is short.
const MAX_MESSAGE_BYTES: usize = 16 << 10;
/// A place that is told is at most so long, in bytes of JSON.
pub(crate) const MAX_PLACE_BYTES: usize = 2 << 10;
/// What is told within this time is told at once.
const GATHER: Duration = Duration::from_millis(50);
const PING_EVERY: Duration = Duration::from_secs(14);
const SILENCE: Duration = Duration::from_secs(60);
const GOOD_BYE: Duration = Duration::from_secs(2);
const READ_BUFFER_BYTES: usize = 2 << 10;

/// The projects of which somebody is told.
#[derive(Clone)]
pub struct Channels(Arc<Inner>);

struct Inner {
    projects: Mutex<HashMap<ProjectId, watch::Sender<Told>>>,
    next: AtomicU64,
    max_listeners: usize,
    draining: watch::Receiver<bool>,
}

/// What there is to tell of a project. Nothing is queued: who is slow sees the last state.
#[derive(Default)]
struct Told {
    /// How often each part was changed.
    changes: [u64; Part::ALL.len()],
    people: BTreeMap<u64, Person>,
    /// Counts what people say.
    said: u64,
}

/// Somebody who is there.
#[derive(Clone)]
struct Person {
    user: UserId,
    name: Arc<str>,
    place: Option<Arc<Value>>,
    color: Option<Arc<str>>,
    /// What [`Told::said`] was when it was said.
    said: u64,
    /// How often there was something new for him to know of.
    notified: u64,
}

/// One listener. Dropping it leaves.
struct Listener {
    channels: Channels,
    project: ProjectId,
    line: u64,
    told: watch::Receiver<Told>,
    changes: [u64; Part::ALL.len()],
    said: u64,
    notified: u64,
    /// Those of whom the client was told that they are there.
    people: Vec<u64>,
}

impl Channels {
    /// None yet. `draining` becomes true when the relay is about to end.
    pub fn new(max_listeners: usize, draining: watch::Receiver<bool>) -> Self {
        let (projects, next) = (Mutex::default(), AtomicU64::new(1));
        Self(Arc::new(Inner { projects, next, max_listeners, draining }))
    }

    /// Tell of what is changed, for as long as something is.
    pub async fn tell(self, mut news: mpsc::UnboundedReceiver<News>) {
        while let Some((project, part)) = news.recv().await {
            if let Some(told) = self.lock().get(&project) {
                told.send_modify(|told| told.changes[part as usize] += 1);
            }
        }
    }

    /// Somebody's notifications are others: he is told, wherever he listens.
    pub fn notify(&self, user: UserId) {
        for told in self.lock().values() {
            told.send_if_modified(|told| {
                let mut is_here = false;
                for person in told.people.values_mut().filter(|person| person.user == user) {
                    person.notified += 1;
                    is_here = true;
                }
                is_here
            });
        }
    }

    /// How many listen.
    pub fn listeners(&self) -> usize {
        self.lock().values().map(watch::Sender::receiver_count).sum()
    }

    fn listen(&self, project: ProjectId, user: UserId, name: &str) -> Option<Listener> {
        let line = self.0.next.fetch_add(1, Ordering::Relaxed);
        let mut projects = self.lock();
        let told = projects.entry(project).or_default();
        if told.receiver_count() >= self.0.max_listeners {
            return None;
        }
        let name = name.into();
        let person = Person { user, name, place: None, color: None, said: 0, notified: 0 };
        told.send_modify(|told| told.say(line, person));
        let (channels, people) = (self.clone(), Vec::new());
        let (told, changes) = (told.subscribe(), told.borrow().changes);
        Some(Listener { channels, project, line, told, changes, said: 0, notified: 0, people })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ProjectId, watch::Sender<Told>>> {
        self.0.projects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Told {
    fn say(&mut self, line: u64, person: Person) {
        self.said += 1;
        self.people.insert(line, Person { said: self.said, ..person });
    }
}

impl Listener {
    /// What there is to tell since it was asked last.
    fn news(&mut self) -> Vec<Saying> {
        let told = self.told.borrow_and_update();
        let mut news = Vec::new();
        let is_changed = |part: &Part| told.changes[*part as usize] != self.changes[*part as usize];
        let mut what: Vec<Part> = Part::ALL.into_iter().filter(is_changed).collect();
        self.changes = told.changes;
        let notified = told.people.get(&self.line).map_or(0, |person| person.notified);
        if std::mem::replace(&mut self.notified, notified) != notified {
            what.push(Part::Notifications);
        }
        if !what.is_empty() {
            news.push(Saying::Changed { what });
        }
        let others = || told.people.iter().filter(|(line, _)| **line != self.line);
        let here: Vec<Here> = others()
            .filter(|(_, person)| person.said > self.said)
            .map(|(line, person)| Here {
                line: *line,
                user: person.user,
                name: Arc::clone(&person.name),
                color: person.color.clone(),
                place: person.place.clone(),
            })
            .collect();
        let is_gone = |line: &u64| !told.people.contains_key(line);
        let gone: Vec<u64> = self.people.iter().copied().filter(is_gone).collect();
        self.said = told.said;
        if !here.is_empty() || !gone.is_empty() {
            self.people = others().map(|(line, _)| *line).collect();
            news.push(Saying::People { here, gone });
        }
        news
    }

    fn say(&self, change: impl FnOnce(&mut Person)) {
        let projects = self.channels.lock();
        let Some(told) = projects.get(&self.project) else { return };
        told.send_modify(|told| {
            let Some(mut person) = told.people.get(&self.line).cloned() else { return };
            change(&mut person);
            told.say(self.line, person);
        });
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut projects = self.channels.lock();
        let Some(told) = projects.get(&self.project) else { return };
        told.send_modify(|told| {
            told.people.remove(&self.line);
        });
        // Its own is still there.
        if told.receiver_count() <= 1 {
            projects.remove(&self.project);
        }
    }
}

/// What the relay says.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Saying {
    /// First: who one is here.
    Hello { line: u64, user: UserId, name: Arc<str>, role: Role },
    /// These parts were changed: ask for them again.
    Changed { what: Vec<Part> },
    /// One's own role is another.
    Role { role: Role },
    /// Who came or said something, and who left.
    People { here: Vec<Here>, gone: Vec<u64> },
}

/// Somebody else's line, and what he says of himself.
#[derive(Serialize)]
struct Here {
    line: u64,
    user: UserId,
    name: Arc<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<Arc<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Arc<Value>>,
}

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)]
pub(crate) enum Said {
    /// Where he is.
    Here {
        #[serde(default)]
        place: Option<Value>,
        #[serde(default)]
        color: Option<String>,
    },
    /// Another token, before the old one ends.
    Renew { token: String },
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
    let pass = Pass::new(entry, known.user, known.expires, &standing);
    let meter = Meter { api: api.clone(), user: known.user, address: visitor.address };
    let traced = OfLine::to_project(&project.to_string());
    let line = Line { api, meter, pass, listener, role: standing.role };
    let mut upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(0)
        .max_write_buffer_size(16 << 20)
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES);
    if asked.offers_protocol {
        upgrade = upgrade.protocols([entry::PROTOCOL]);
    }
    Ok(upgrade.on_upgrade(async move |socket| {
        line.run(socket, &standing.name, traced).await;
        drop(place);
    }))
}

/// Why a line ends.
enum Cause {
    Cut,
    NotAMessage,
    Restarting,
    Directory(Ending),
}

struct Line {
    api: Api,
    pass: Pass,
    listener: Listener,
    role: Role,
    meter: Meter,
}

impl Line {
    async fn run(mut self, mut socket: WebSocket, name: &str, traced: OfLine) {
        let close = match self.serve(&mut socket, name).await {
            Cause::Cut => return traced.closed(None),
            Cause::NotAMessage => (1002, "not a message of this channel".to_owned()),
            Cause::Restarting => (1012, "the relay is restarting".to_owned()),
            Cause::Directory(ending @ Ending::LoggedOut) => (4401, ending.to_string()),
            Cause::Directory(ending @ Ending::NoAccess) => (4403, ending.to_string()),
        };
        drop(self);
        let code = close.0;
        let good_bye = async {
            let close = CloseFrame { code: close.0, reason: close.1.into() };
            // The line may be gone by now, which is as good.
            let _ = socket.send(Message::Close(Some(close))).await;
            while let Some(Ok(_)) = socket.recv().await {}
        };
        // Who does not answer is left.
        let _ = timeout(GOOD_BYE, good_bye).await;
        traced.closed(Some(code));
    }

    async fn serve(&mut self, socket: &mut WebSocket, name: &str) -> Cause {
        let hello = Saying::Hello {
            line: self.listener.line,
            user: self.pass.user(),
            name: name.into(),
            role: self.role,
        };
        if !say(socket, &hello).await {
            return Cause::Cut;
        }
        let mut pings = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut heard = Instant::now();
        let mut draining = self.api.channels.0.draining.clone();
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
                () = restarts => return Cause::Restarting,
                verdict = self.pass.changed() => match verdict {
                    Verdict::Ends(ending) => return Cause::Directory(ending),
                    Verdict::Stays { role, .. } if role != self.role => {
                        self.role = role;
                        if !say(socket, &Saying::Role { role }).await {
                            return Cause::Cut;
                        }
                    }
                    Verdict::Stays { .. } | Verdict::Unknown => {}
                },
                () = ends => return Cause::Directory(Ending::LoggedOut),
                message = socket.recv() => {
                    heard = Instant::now();
                    if let Some(Ok(message)) = &message {
                        self.meter.received(length_of(message)).await;
                    }
                    let said = match message {
                        Some(Ok(Message::Text(said))) => said,
                        Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                        Some(Ok(Message::Binary(_))) => return Cause::NotAMessage,
                        _ => return Cause::Cut,
                    };
                    match serde_json::from_str(&said) {
                        Ok(Said::Here { place, color }) => self.here(place, color),
                        Ok(Said::Renew { token }) => {
                            if !self.pass.renew(&self.api, &token).await {
                                return Cause::Directory(Ending::LoggedOut);
                            }
                        }
                        Err(_) => return Cause::NotAMessage,
                    }
                }
                is_there = changed => {
                    if is_there.is_err() {
                        return Cause::Cut;
                    }
                    look_at = Instant::now() + GATHER;
                    for saying in self.listener.news() {
                        if !say(socket, &saying).await {
                            return Cause::Cut;
                        }
                    }
                }
                _ = pings.tick() => {
                    let ping = socket.send(Message::Ping(bytes::Bytes::new()));
                    if heard.elapsed() > SILENCE || !matches!(timeout(SILENCE, ping).await, Ok(Ok(()))) {
                        return Cause::Cut;
                    }
                }
            }
        }
    }

    fn here(&self, place: Option<Value>, color: Option<String>) {
        let (place, color) = fitting(place, color);
        self.listener.say(|person| {
            person.place = place.map(Arc::new);
            person.color = color.map(Arc::from);
        });
    }
}

/// What of a place and a color is told to others.
pub(crate) fn fitting(
    place: Option<Value>,
    color: Option<String>,
) -> (Option<Value>, Option<String>) {
    let is_short = |place: &Value| place.to_string().len() <= MAX_PLACE_BYTES;
    let is_color = |color: &String| quire_collab::room::is_color(color);
    (place.filter(is_short), color.filter(is_color))
}

async fn say(socket: &mut WebSocket, saying: &Saying) -> bool {
    let Ok(text) = serde_json::to_string(saying) else { return false };
    matches!(timeout(SILENCE, socket.send(Message::Text(text.into()))).await, Ok(Ok(())))
}
