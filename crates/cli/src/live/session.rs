//! The session: requests in, events out. It owns the texts, the live document and the builds.

use super::{
    builds::{Built, Running},
    disk::Disk,
    explain::Failed,
    follower::{Bell, Follower},
    outcome::End,
    pages::{Shipped, Wish},
    protocol::{Cause, Change, Close, Event, Open, Request, WantedPage, ms_since},
    texts::{Refusal, Texts},
};
use crate::{args::OutputArgs, document::Document, errors::Failure};
use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::TexReport;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    io::{self, Write},
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, Sender, SyncSender},
    },
    time::{Duration, Instant},
};

/// From the last edit to a build.
const PAUSE: Duration = Duration::from_secs(1);
/// Programs save in several steps; what comes within this time is one change.
const SETTLE: Duration = Duration::from_millis(10);
/// Requests that are taken together at most, when they come faster than they can be followed.
const BURST: usize = 4096;

/// Something for the session to take up.
pub(super) enum Happening {
    /// The editor asks for something, or says what is no request.
    Request { line: u64, at: Instant, request: Result<Request, String> },
    /// The editor has gone.
    InputEnds,
    /// Something became of a file.
    Disk(PathBuf),
    /// A page that was asked for is there, or cannot be.
    Tell(Event),
    /// What is wrong with the document.
    Explained { revision: u64, items: Vec<Value> },
    /// A build is over.
    Built(Box<Built>),
    /// Ctrl-C.
    Interrupted,
}

/// What a live document tells.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "there is no live document"))]
pub(super) enum Told {
    /// A page has changed.
    Page { number: u32, past_edit: bool },
    /// A run has come to its end.
    Done(Box<TexReport>),
    /// A run has not; with the reason, where it is another than that it took too long.
    GivenUp(Option<String>),
}

/// Sends to the session and wakes it.
#[derive(Clone)]
pub(super) struct Outlet {
    pub(super) sender: SyncSender<Happening>,
    pub(super) bell: Bell,
}

impl Outlet {
    /// False when the session is over.
    pub(super) fn send(&self, happening: Happening) -> bool {
        let is_sent = self.sender.send(happening).is_ok();
        self.bell.ring();
        is_sent
    }
}

/// The last edit.
#[derive(Clone, Copy)]
pub(super) struct Edit {
    pub(super) revision: u64,
    pub(super) at: Instant,
    pub(super) cause: Cause,
}

/// What has been edited since the live document was told.
#[derive(Default)]
struct Unfollowed {
    is_edited: bool,
    texts: BTreeSet<ProjectPath>,
    /// Files may have come, gone, or changed on the disk.
    anything: bool,
}

/// What a session is made of.
pub(super) struct Parts {
    pub(super) document: Arc<Document>,
    pub(super) args: OutputArgs,
    pub(super) texts: Texts,
    pub(super) inbox: Receiver<Happening>,
    pub(super) outlet: Outlet,
    pub(super) follower: Option<Follower>,
    pub(super) pages: Sender<Wish>,
    pub(super) explainer: Sender<Failed>,
    pub(super) disk: Option<Disk>,
}

pub(super) struct Session {
    pub(super) parts: Parts,
    /// Taken from the inbox already.
    early: VecDeque<Happening>,
    pub(super) edit: Edit,
    unfollowed: Unfollowed,
    /// When the first change on the disk was noticed that is not taken up yet, and when it will be.
    disk_change: Option<(Instant, Instant)>,
    pub(super) build_due: Option<Instant>,
    /// A build is due that waits for the end of the run that is on.
    awaits_end: bool,
    pub(super) build: Option<Running>,
    /// The revisions that pages were last changed by.
    pub(super) page_revisions: BTreeMap<u32, u64>,
    pub(super) end: Option<End>,
    /// Errors were told, and no later list without them.
    pub(super) has_told_errors: bool,
    is_over: bool,
}

impl Session {
    pub(super) fn new(parts: Parts) -> Self {
        let now = Instant::now();
        Self {
            parts,
            early: VecDeque::new(),
            edit: Edit { revision: 0, at: now, cause: Cause::Start },
            unfollowed: Unfollowed::default(),
            disk_change: None,
            build_due: Some(now + PAUSE),
            awaits_end: false,
            build: None,
            page_revisions: BTreeMap::new(),
            end: None,
            has_told_errors: false,
            is_over: false,
        }
    }

    /// Until the editor goes, or Ctrl-C.
    pub(super) fn run(mut self) {
        loop {
            for _ in 0..BURST {
                let next = self.early.pop_front().or_else(|| self.parts.inbox.try_recv().ok());
                let Some(happening) = next else { break };
                self.take(happening);
            }
            self.look_at_disk();
            self.follow();
            self.build_if_due();
            if self.is_over {
                break;
            }
            self.wait();
        }
        let Self { parts: Parts { inbox, follower, .. }, build, .. } = self;
        // Those who still send must not wait for us while we wait for them.
        drop((inbox, follower));
        drop(build);
    }

    /// Until something happens.
    fn wait(&mut self) {
        let build = self.build_due.filter(|_| self.build.is_none() && !self.awaits_end);
        let disk = self.disk_change.map(|(_, due)| due);
        let due = build.into_iter().chain(disk).min();
        let timeout = due.map(|due| due.saturating_duration_since(Instant::now()));
        if let Some(follower) = &mut self.parts.follower {
            for told in follower.step(timeout) {
                self.take_told(told);
            }
            return;
        }
        let inbox = &self.parts.inbox;
        let next = match timeout {
            Some(timeout) => inbox.recv_timeout(timeout).ok(),
            None => inbox.recv().ok(),
        };
        self.early.extend(next);
    }

    fn take(&mut self, happening: Happening) {
        match happening {
            Happening::Request { line, at, request } => self.request(line, at, request),
            Happening::InputEnds | Happening::Interrupted => self.is_over = true,
            Happening::Disk(path) => {
                if self.parts.disk.as_ref().is_some_and(|disk| disk.concerns(&path)) {
                    self.disk_changed();
                }
            }
            Happening::Tell(event) => self.tell(&event),
            Happening::Explained { revision, items } => self.take_explained(revision, items),
            Happening::Built(built) => self.take_built(*built),
        }
    }

    fn request(&mut self, line: u64, at: Instant, request: Result<Request, String>) {
        let refused = match request {
            Ok(Request::Open(Open { path, text, encoding, revision })) => {
                self.edit_text(&path, revision, at, |texts, path| {
                    texts.open(path.clone(), text, encoding)
                })
            }
            Ok(Request::Change(Change { path, range, text, revision })) => {
                self.edit_text(&path, revision, at, |texts, path| texts.change(path, range, &text))
            }
            Ok(Request::Close(Close { path, revision })) => {
                self.edit_text(&path, revision, at, Texts::close)
            }
            Ok(Request::Page(wanted)) => self.write_page(line, at, wanted),
            Err(message) => {
                Err(Refusal { message, advice: "see docs/live.md for the requests there are" })
            }
        };
        if let Err(Refusal { message, advice }) = refused {
            let advice = Some(advice.to_owned());
            self.tell(&Event::Error { line: Some(line), message, advice });
        }
    }

    fn edit_text(
        &mut self,
        path: &str,
        revision: Option<u64>,
        at: Instant,
        edit: impl FnOnce(&mut Texts, &ProjectPath) -> Result<(), Refusal>,
    ) -> Result<(), Refusal> {
        let texts = &mut self.parts.texts;
        let path = texts.path(path)?;
        let before = texts.read(&path).ok().flatten();
        edit(texts, &path)?;
        let after = texts.read(&path).ok().flatten();
        self.unfollowed.anything |= before.is_some() != after.is_some();
        self.unfollowed.texts.insert(path);
        self.edited(revision, at);
        Ok(())
    }

    fn edited(&mut self, revision: Option<u64>, at: Instant) {
        let revision = revision.unwrap_or_else(|| self.edit.revision.saturating_add(1));
        self.edit = Edit { revision, at, cause: Cause::Edit };
        self.unfollowed.is_edited = true;
    }

    fn write_page(&mut self, line: u64, at: Instant, wanted: WantedPage) -> Result<(), Refusal> {
        let Some(follower) = &self.parts.follower else {
            return Err(Refusal {
                message: "there are no single pages, as they do not follow each edit here"
                    .to_owned(),
                advice: "take the PDF of the `exact` events",
            });
        };
        let number = wanted.number;
        let Some(xdv) = follower.page(number) else {
            return Err(Refusal {
                message: format!(
                    "there is no page {number}; so far there are {}",
                    follower.pages()
                ),
                advice: "ask for a page that a `page` event has told of",
            });
        };
        let revision = self.page_revisions.get(&number).copied().unwrap_or_default();
        let page = Shipped { line, at, wanted, revision, xdv };
        self.parts.pages.send(Wish::Page(page)).map_err(|_| Refusal {
            message: "the thread that writes pages has ended".to_owned(),
            advice: "start `quire watch --live` again",
        })
    }

    /// A file on the disk changed, or may have.
    pub(super) fn disk_changed(&mut self) {
        let now = Instant::now();
        let first = self.disk_change.map_or(now, |(first, _)| first);
        self.disk_change = Some((first, now + SETTLE));
    }

    /// Read the disk anew once changes have stopped coming.
    fn look_at_disk(&mut self) {
        let Some((first, due)) = self.disk_change else { return };
        if due > Instant::now() {
            return;
        }
        self.disk_change = None;
        if let Err(failure) = self.parts.texts.look_again() {
            return self.tell_failure(failure);
        }
        if let Some(disk) = &mut self.parts.disk {
            disk.is_read_anew(&self.parts.document);
        }
        self.unfollowed.anything = true;
        self.edited(None, first);
    }

    /// Let the pages follow what was edited.
    fn follow(&mut self) {
        let Unfollowed { is_edited, texts, anything } = std::mem::take(&mut self.unfollowed);
        if !is_edited {
            return;
        }
        self.build_due = Some(Instant::now() + PAUSE);
        let is_stuck = matches!(self.end, Some(End::GivenUp(_)));
        if let Some(build) = &self.build
            && (is_stuck || self.parts.follower.is_none())
        {
            // It would go on for long, or is of no use any more.
            build.cancel();
        }
        let Some(follower) = &mut self.parts.follower else { return };
        let files = Arc::new(self.parts.texts.clone());
        if anything {
            // A thread that has ended is told of with the next page.
            let _ = self.parts.pages.send(Wish::Files(files.clone()));
        }
        let texts = (!anything).then_some(&texts);
        match follower.edit(files, texts) {
            Ok(()) if follower.is_at_rest() => self.tell_end(),
            Ok(()) => {}
            Err(error) => self.take_told(Told::GivenUp(Some(error))),
        }
    }

    fn build_if_due(&mut self) {
        self.awaits_end = false;
        if self.build.is_some() || self.build_due.is_none_or(|due| due > Instant::now()) {
            return;
        }
        if let Some(follower) = &mut self.parts.follower {
            // Two runs over the same text would only be in each other's way.
            if let Err(error) = follower.catch_up() {
                return self.take_told(Told::GivenUp(Some(error)));
            }
            self.awaits_end = !follower.is_at_rest();
            if self.awaits_end {
                return;
            }
        }
        self.build_due = None;
        let Parts { document, args, texts, outlet, follower, .. } = &self.parts;
        let build = Running::start(
            (document.clone(), args.clone()),
            Arc::new(texts.clone()),
            follower.as_ref().and_then(Follower::pass),
            self.edit,
            outlet.clone(),
        );
        match build {
            Ok(build) => self.build = Some(build),
            Err(error) => {
                self.tell_failure(Failure::new(format!("cannot start a build: {error}")));
            }
        }
    }

    pub(super) fn tell_failure(&mut self, failure: Failure) {
        let Failure { message, advice } = failure;
        self.tell(&Event::Error { line: None, message, advice });
    }

    /// Write one line. When nobody reads it any more, the session is over.
    pub(super) fn tell(&mut self, event: &Event) {
        let Ok(mut line) = serde_json::to_vec(event) else { return };
        line.push(b'\n');
        let mut out = io::stdout().lock();
        if out.write_all(&line).and_then(|()| out.flush()).is_err() {
            self.is_over = true;
        }
    }

    /// Milliseconds since the last edit.
    pub(super) fn ms(&self) -> f64 {
        ms_since(self.edit.at)
    }
}
