//! The thread that owns all that changes, and its queue. Jobs run one after the other; none of them
//! waits for a build or a window, and of the disk only when a file is opened.
//!
//! The queue is not bounded: whoever asks waits for the answer, so there are no more jobs than askers,
//! and as many answers of the store as the store's own queue has places. Were it bounded, the store's
//! thread could wait for the desk while the desk waits for the store.

use crate::{
    Config, Event, PeerId, Settings, Workbench, build::TexLiveHost, documents::Held,
    preview::PdfEngine, project::OpenProject, relay::KnownNotifications,
};
use quire_project::ProjectId;
use quire_store::Store;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

pub(crate) type Job = Box<dyn FnOnce(&mut Desk) + Send>;
/// Told of every event; false when nobody listens there any more.
pub(crate) type Listener = Box<dyn FnMut(&Event) -> bool + Send>;

/// The way to the desk.
#[derive(Clone)]
pub(crate) struct DeskSender(pub(crate) Sender<Job>);

impl DeskSender {
    /// Do this at the desk, some time. When the desk is gone nobody is interested any more.
    pub(crate) fn send(&self, job: impl FnOnce(&mut Desk) + Send + 'static) {
        let _ = self.0.send(Box::new(job));
    }
}

pub(crate) struct Desk {
    /// For what is begun from here and takes a thread of its own.
    pub(crate) workbench: Workbench,
    pub(crate) config: Arc<Config>,
    pub(crate) store: Arc<Store>,
    pub(crate) sender: DeskSender,
    pub(crate) settings: Settings,
    pub(crate) open: HashMap<ProjectId, OpenProject>,
    /// What each peer has open.
    pub(crate) peers: HashMap<PeerId, (ProjectId, Held)>,
    pub(crate) next_number: u64,
    pub(crate) pdf: Arc<PdfEngine>,
    pub(crate) tex_live: Arc<TexLiveHost>,
    /// A try to save what could not be saved is planned.
    pub(crate) retry_planned: bool,
    pub(crate) listeners: Vec<Listener>,
    /// What those who are signed in are to know of.
    pub(crate) notifications: KnownNotifications,
    timers: BTreeMap<(Instant, u64), Job>,
    stopped: bool,
}

impl Desk {
    pub(crate) fn new(
        workbench: Workbench,
        config: Arc<Config>,
        store: Arc<Store>,
        sender: DeskSender,
        pdf: Arc<PdfEngine>,
        settings: Settings,
    ) -> Self {
        Self {
            workbench,
            tex_live: Arc::new(TexLiveHost::new(config.data.join("texlive"))),
            config,
            store,
            sender,
            settings,
            open: HashMap::new(),
            peers: HashMap::new(),
            next_number: 1,
            pdf,
            retry_planned: false,
            listeners: Vec::new(),
            notifications: KnownNotifications::default(),
            timers: BTreeMap::new(),
            stopped: false,
        }
    }

    /// Do what comes until told to stop.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        while !self.stopped {
            let due = self.timers.first_key_value().map(|((due, _), _)| *due);
            let wait = due.map(|due| due.saturating_duration_since(Instant::now()));
            let job = match wait {
                Some(wait) => jobs.recv_timeout(wait),
                None => jobs.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match job {
                Ok(job) => job(&mut self),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.ring();
        }
        let projects: Vec<ProjectId> = self.open.keys().copied().collect();
        for project in projects {
            self.close_project(project);
        }
    }

    /// Run this job after a while.
    pub(crate) fn after(&mut self, wait: Duration, job: impl FnOnce(&mut Self) + Send + 'static) {
        let number = self.number();
        self.timers.insert((Instant::now() + wait, number), Box::new(job));
    }

    /// Tell every window.
    pub(crate) fn emit(&mut self, event: &Event) {
        self.listeners.retain_mut(|listener| listener(event));
    }

    /// A number that was not given before.
    pub(crate) fn number(&mut self) -> u64 {
        self.next_number += 1;
        self.next_number
    }

    pub(crate) fn stop(&mut self) {
        self.stopped = true;
    }

    fn ring(&mut self) {
        let now = Instant::now();
        while let Some(((due, _), _)) = self.timers.first_key_value() {
            if *due > now {
                break;
            }
            if let Some((_, job)) = self.timers.pop_first() {
                job(self);
            }
        }
    }
}
