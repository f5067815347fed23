//! Reads discussions behind the authors' backs, to tell people of what speaks to them. What is durable is read, whoever
//! brought it and whenever he wrote it, and each row once: how far, is kept with what people are told, in one transaction.
//! No row waits for it.
//!
//! Who said something is the account whose line brought it. A message that says it is by somebody else is news to nobody.

use crate::{
    archive::{Archive, Since},
    directory::{
        Directory, DirectoryError, DocumentId, Timestamp, UserId,
        notifications::{self, Kind, Said, Unread},
    },
    ws::channel::Channels,
};
use quire_collab::talk::{self, Message};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError, RwLock},
    time::{Duration, Instant},
};
use tokio::sync::Notify;

/// A discussion is read again after this time at the earliest, …
const PAUSE: Duration = Duration::from_secs(1);
/// … and so that reading it takes one part in so many of the time.
const SHARE: u32 = 20;
/// One that could not be read is tried again after this time.
const AGAIN: Duration = Duration::from_secs(60);
/// Of one whose log is longer, in bytes, nobody is told: reading it again and again is not worth it.
const LONGEST: u64 = 32 << 20;

/// Which discussions are to be read. Clones share it.
#[derive(Clone, Default)]
pub struct Talks(Arc<Inner>);

#[derive(Default)]
struct Inner {
    followed: RwLock<HashSet<Arc<str>>>,
    changed: Mutex<HashSet<Arc<str>>>,
    is_changed: Notify,
}

impl Talks {
    /// This document is a discussion that is about to be open.
    pub fn follow(&self, document: &str) {
        let followed = &self.0.followed;
        if !followed.read().unwrap_or_else(PoisonError::into_inner).contains(document) {
            followed.write().unwrap_or_else(PoisonError::into_inner).insert(document.into());
        }
    }

    /// Rows of a document are durable.
    pub fn kept(&self, document: &Arc<str>) {
        let followed = self.0.followed.read().unwrap_or_else(PoisonError::into_inner);
        if followed.contains(document) {
            self.look_at(document);
        }
    }

    fn look_at(&self, document: &Arc<str>) {
        let mut changed = self.0.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.insert(Arc::clone(document));
        self.0.is_changed.notify_one();
    }

    fn take(&self) -> HashSet<Arc<str>> {
        std::mem::take(&mut *self.0.changed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Read what is said, for as long as the relay serves; first what was said and not read before it began.
    pub async fn read(self, reader: Reader) {
        match reader.behind().await {
            Ok(behind) => {
                behind.iter().for_each(|document| self.look_at(&document.to_string().into()))
            }
            Err(error) => tracing::error!(%error, "what was said before is read when more is said"),
        }
        let mut rested: HashMap<Arc<str>, Instant> = HashMap::new();
        let mut due: BTreeMap<Instant, Vec<Arc<str>>> = BTreeMap::new();
        let mut waits: HashSet<Arc<str>> = HashSet::new();
        loop {
            let next = due.keys().next().copied();
            tokio::select! {
                () = self.0.is_changed.notified() => {
                    let now = Instant::now();
                    rested.retain(|_, at| *at > now);
                    for document in self.take() {
                        if waits.insert(Arc::clone(&document)) {
                            let at = rested.get(&document).copied().unwrap_or(now);
                            due.entry(at).or_default().push(document);
                        }
                    }
                }
                () = sleep_until(next) => {
                    let Some((_, documents)) = due.pop_first() else { continue };
                    for document in documents {
                        waits.remove(&document);
                        let start = Instant::now();
                        let rest = match reader.tell(&document).await {
                            Ok(()) => PAUSE.max(start.elapsed() * SHARE),
                            Err(error) => {
                                tracing::error!(%document, error, "nobody is told of what was said");
                                self.look_at(&document);
                                AGAIN
                            }
                        };
                        rested.insert(document, Instant::now() + rest);
                    }
                }
            }
        }
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => std::future::pending().await,
    }
}

/// What it reads from, and whom it tells.
pub struct Reader {
    /// The logs.
    pub archive: Arc<Archive>,
    /// Who belongs where, and what they are told.
    pub directory: Arc<Directory>,
    /// Who is there to be told at once.
    pub channels: Channels,
}

impl Reader {
    /// Discussions in which something was said of which nobody was told.
    async fn behind(&self) -> Result<Vec<DocumentId>, String> {
        let known = self.directory.read(notifications::all_discussions).await;
        let known = known.map_err(|error| error.to_string())?;
        let archive = Arc::clone(&self.archive);
        let behind = move || {
            let names: Vec<String> = known.iter().map(|one| one.document.to_string()).collect();
            let last = archive.last_numbers(names.iter().map(String::as_str))?;
            let all = known.iter().zip(last);
            let behind = all.filter(|(one, last)| one.read_to.is_none_or(|read| read < *last));
            Ok(behind.map(|(one, _)| one.document).collect::<Vec<_>>())
        };
        blocking(behind).await
    }

    /// Tell people of what came to a discussion.
    async fn tell(&self, document: &str) -> Result<(), String> {
        let Ok(id) = document.parse::<DocumentId>() else { return Ok(()) };
        let words = |error: DirectoryError| error.to_string();
        let found = self.directory.read(move |conn| notifications::discussion(conn, id)).await;
        let Some(unread) = found.map_err(words)? else { return Ok(()) };
        let (archive, document) = (Arc::clone(&self.archive), document.to_owned());
        let read = move || {
            let bytes = archive.bytes_of([&*document].into_iter())?;
            let is_too_long = bytes.first().is_some_and(|bytes| *bytes > LONGEST);
            if is_too_long || unread.read_to.is_none() {
                let last = archive.last_numbers([&*document].into_iter())?;
                return Ok(last.first().map(|last| (Vec::new(), *last)));
            }
            let since = archive.since(&document, unread.read_to.unwrap_or_default())?;
            Ok(since.map(|since| {
                let last = since.last;
                (news(&unread, since), last)
            }))
        };
        let Some((news, last)) = blocking(read).await? else { return Ok(()) };
        let now = Timestamp::now();
        let told = self.directory.change(move |conn| {
            let mut told = BTreeSet::new();
            for said in &news {
                if notifications::said(conn, said, now)? {
                    told.insert(said.to);
                }
            }
            notifications::told_to(conn, id, last)?;
            Ok(told)
        });
        for user in told.await.map_err(words)? {
            self.channels.notify(user);
        }
        Ok(())
    }
}

async fn blocking<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, crate::archive::ArchiveError> + Send + 'static,
) -> Result<T, String> {
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(|error| error.to_string())?.map_err(|error| error.to_string())
}

/// Who is to be told of what. What one account brought in a row is looked at at once.
fn news(unread: &Unread, since: Since) -> Vec<Said> {
    let Since { before: mut replica, news, .. } = since;
    let mut found = Vec::new();
    let mut known = talk::messages(&replica);
    let mut news = news.into_iter().peekable();
    while let Some((author, update)) = news.next() {
        let mut is_whole = replica.apply(&update).is_ok();
        while let Some((_, update)) = news.next_if(|(next, _)| *next == author) {
            is_whole &= replica.apply(&update).is_ok();
        }
        if !is_whole {
            // The archive has taken it, so that this does not happen; what cannot be read is told to nobody.
            tracing::error!(document = %unread.document, "a discussion could not be read to its end");
            break;
        }
        let now = talk::messages(&replica);
        if let Some(author) = author.and_then(|author| author.parse::<UserId>().ok()) {
            found.extend(told(unread, author, &known, &now));
        }
        known = now;
    }
    found
}

/// Who is to be told of what an account has brought.
fn told(
    unread: &Unread,
    author: UserId,
    before: &BTreeMap<String, Message>,
    now: &BTreeMap<String, Message>,
) -> Vec<Said> {
    let mut found = Vec::new();
    let by = author.to_string();
    let mut threads: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for message in before.values() {
        if let Some(thread) = &message.thread {
            threads.entry(&thread.id).or_default().insert(&message.by);
        }
    }
    let none = BTreeSet::new();
    let mut in_order: Vec<(&String, &Message)> = now.iter().collect();
    in_order.sort_by_key(|(_, message)| message.at);
    for (id, message) in in_order {
        let known = before.get(id);
        if message.by != by || known == Some(message) {
            continue;
        }
        let mentioned = known.map_or(&none, |known| &known.mentions);
        let mentions = message.mentions.difference(mentioned).map(|id| (&**id, Kind::Mention));
        let thread = message.thread.as_ref();
        let answered =
            thread.filter(|_| known.is_none()).and_then(|thread| threads.get(&*thread.id));
        let answered = answered.into_iter().flatten().copied();
        let replies = answered.filter(|id| !message.mentions.contains(*id));
        for (to, kind) in mentions.chain(replies.map(|id| (id, Kind::Reply))) {
            let Ok(to) = to.parse::<UserId>() else { continue };
            if to != author {
                found.push(Said {
                    to,
                    kind,
                    project: unread.project,
                    by: author,
                    message: id.clone(),
                    thread: thread.map(|thread| thread.id.clone()),
                    document: thread.and_then(|thread| thread.document.parse().ok()),
                    excerpt: message.excerpt.clone(),
                });
            }
        }
    }
    found
}
