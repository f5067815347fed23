//! `/ws/projects/{project}`: the line of a project that is open. What is told of it, in JSON: that a part of it was changed,
//! so that nobody need ask again and again; the own role; and who else is there, and where. What exactly was changed is
//! asked over HTTP: what is told may be told twice, or once for several changes, but never not. And, in binary messages,
//! its documents, each on a strand of its own ([`strands`]).

mod line;
mod strands;

pub use line::connect;

use crate::directory::{
    ProjectId, UserId,
    members::Role,
    news::{News, Part},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{mpsc, watch};

/// A place that is told is at most so long, in bytes of JSON.
pub(crate) const MAX_PLACE_BYTES: usize = 2 << 10;

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
    /// First: who one is here, and how many documents may have a strand.
    Hello { line: u64, user: UserId, name: Arc<str>, role: Role, strands: usize },
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

/// What of a place and a color is told to others.
pub(crate) fn fitting(
    place: Option<Value>,
    color: Option<String>,
) -> (Option<Value>, Option<String>) {
    let is_short = |place: &Value| place.to_string().len() <= MAX_PLACE_BYTES;
    let is_color = |color: &String| quire_collab::room::is_color(color);
    (place.filter(is_short), color.filter(is_color))
}
