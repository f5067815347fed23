//! A document whose pages follow its text: snapshots of a run, of which the deepest that has not read past
//! a change goes on from there.
//!
//! Pages are as exact as the files of earlier passes (`.aux` …) that they were made with. Whoever wants the
//! exact document builds it, and hands its files over with [`LiveDocument::set_generated`].

mod calm;
mod early;
mod end;
mod glimpse;
mod look_up;
mod page;
mod prepare;
mod ready;
mod rest;
mod run;
mod snapshots;

pub use glimpse::Glimpse;
pub use page::PageConverter;
pub use quire_xdv::{Band, NamedPlace, PaperSize, Stream, changed_band};
pub use rest::Splices;

use crate::build::{EngineIdentity, FirstPass};
use calm::{Ended, Pages, Taken, Waiting};
use early::Early;
use glimpse::Glimpses;
use look_up::{Known, Text};
use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::{
    EngineError, EngineOptions, FileOrigin, Focus, JobSetup, LiveEvent, LiveHost, LiveMessage,
    PeerId, Resume, ShippedPage, TexReport, Waker,
};
use ready::Ready;
use rest::Rest;
use run::{Run, resume};
use snapshots::{Snapshot, Snapshots};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

/// Channels for snapshots that a run is given.
const SPARES: usize = 48;
/// A run that ships nothing for so long is not going to.
const PATIENCE: Duration = Duration::from_secs(10);
/// Nor is one that goes on from a snapshot after so long, unless there was as long a silence in this document
/// before: a large drawing.
const PATIENCE_RESUMED: Duration = Duration::from_secs(3);

/// From the last edit to a run that only brings references up to date.
const PAUSE: Duration = Duration::from_millis(1500);
/// Snapshots beyond this are done without. They share the engine's tables, some 35 MiB; each adds about 5.
const MEMORY_BYTES: u64 = 112 << 20;

/// What a live document tells.
#[derive(Debug)]
pub enum LivePage {
    /// A page was shipped that differs from the one before of its number.
    Changed {
        /// Counted from one.
        number: u32,
        /// Whether the run has read beyond the place of the edit: earlier pages may still be in flux.
        is_past_focus: bool,
    },
    /// The run has come to the end of the document.
    Done(Box<TexReport>),
    /// The run was given up: the document loops, or its process died. The next edit tries again.
    GivenUp(Option<EngineError>),
}

/// One document and its processes.
pub struct LiveDocument {
    options: EngineOptions,
    setup: JobSetup,
    host: LiveHost,
    files: Arc<dyn FileSource>,
    generated: BTreeMap<String, Arc<[u8]>>,
    known: Known,
    snapshots: Snapshots,
    run: Option<Run>,
    /// An edit that the run has not come to.
    early: Option<Early>,
    ready: Option<Ready>,
    /// The pages as they were last told.
    pages: Pages,
    /// How the run ended that they are of.
    shown_end: Option<Ended>,
    /// Those of the last run, while they are not told.
    waiting: Option<Waiting>,
    /// See [`LiveDocument::set_calm`].
    calm: Option<Duration>,
    /// What is to be told at the next step.
    pending: Vec<LivePage>,
    patience: Duration,
    /// For so long a run that ended well has shipped nothing and asked for nothing.
    longest_silence: Duration,
    /// See [`Resume::hold`].
    hold: Duration,
    glimpses: Glimpses,
    last_edit: Instant,
    /// There are files of an earlier pass that no run has read yet.
    is_behind: bool,
    /// Where the author is expected to write next.
    expected: Option<(ProjectPath, u64)>,
    /// The last run was given up: the next edit tries again, whatever it changes.
    is_given_up: bool,
    /// The last run that ended, to go by from where nothing has changed.
    rest: Option<Rest>,
    splices: Splices,
    /// A snapshot that was asked for its state.
    asked: Option<PeerId>,
    /// The last run has laid no snapshots in the rest of the document.
    is_short: bool,
    last_done: Instant,
    /// What runs it.
    engine: EngineIdentity,
    /// What the last run came to, as long as nothing has changed since.
    pass: Option<Arc<FirstPass>>,
    /// The pages when nothing was under way last.
    rested: Stream,
}

impl LiveDocument {
    /// Start with the text of `files` and the generated files of an earlier build.
    pub fn start(
        options: EngineOptions,
        setup: JobSetup,
        files: Arc<dyn FileSource>,
    ) -> Result<Self, EngineError> {
        let generated: BTreeMap<String, Arc<[u8]>> = setup
            .restored
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.as_slice().into()))
            .collect();
        let (host, first, spares) = LiveHost::start(&options, setup.clone(), SPARES)?;
        let run = Run::new(first, spares, generated.clone());
        let known = Known::new(setup.root.folder(), &setup.job_name);
        Ok(Self {
            engine: EngineIdentity::of(&options.worker, &options.bundle),
            pass: None,
            rested: Stream::default(),
            options,
            setup,
            host,
            files,
            generated,
            known,
            snapshots: Snapshots::default(),
            run: Some(run),
            early: None,
            ready: None,
            pages: Pages::default(),
            shown_end: None,
            waiting: None,
            calm: None,
            pending: Vec::new(),
            patience: PATIENCE,
            longest_silence: Duration::ZERO,
            hold: Duration::ZERO,
            glimpses: Glimpses::default(),
            last_edit: Instant::now(),
            is_behind: false,
            expected: None,
            is_given_up: false,
            rest: None,
            splices: Splices::default(),
            asked: None,
            is_short: false,
            last_done: Instant::now(),
        })
    }

    /// Wakes [`step`](Self::step) from another thread.
    pub fn waker(&self) -> Waker {
        self.host.waker()
    }

    /// Files have changed: go on from before the change. `changed` names those files whose contents did; without
    /// it, any may have come, gone or changed. When the document reads nothing that has, all stays as it is.
    pub fn edit(
        &mut self,
        files: Arc<dyn FileSource>,
        changed: Option<&BTreeSet<ProjectPath>>,
    ) -> Result<(), EngineError> {
        self.files = files;
        self.last_edit = Instant::now();
        let found = self.known.refresh(&*self.files, &self.generated, changed);
        if !found.has_changed && !self.is_given_up {
            // The document does not read them, or they say what they said.
            return Ok(());
        }
        self.follow(found.focus)
    }

    /// The files of an earlier pass are these now. Once the author pauses, a run begins before the first of
    /// them that has changed was read; until then pages show what the old ones say.
    pub fn set_generated(&mut self, generated: Vec<(String, Vec<u8>)>) {
        for (name, bytes) in generated {
            if self.generated.get(&name).is_none_or(|known| **known != bytes[..]) {
                self.generated.insert(name, bytes.into());
                self.is_behind = true;
            }
        }
        // What a build came to the end of is worth another try.
        self.is_behind |= self.is_given_up;
        if self.is_behind {
            self.known.refresh(&*self.files, &self.generated, None);
        }
    }

    /// When a run with the new files of an earlier pass is due.
    fn catches_up_in(&self) -> Option<Duration> {
        (self.is_behind && self.is_at_rest())
            .then(|| PAUSE.saturating_sub(self.last_edit.elapsed()))
    }

    /// How long a run may go on without shipping a page or asking for a file, before it is given up.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// How long a run stands still once it has shipped the page with the edit: who shows it needs the processor
    /// more than the pages behind.
    pub fn set_hold(&mut self, hold: Duration) {
        self.hold = hold;
    }

    /// Wait for what comes, at most for `timeout`.
    pub fn step(&mut self, timeout: Option<Duration>) -> Vec<LivePage> {
        let patience = self.patience_left();
        self.prepare();
        self.take_if_calm();
        let mut told = std::mem::take(&mut self.pending);
        let at_once = (!told.is_empty()).then_some(Duration::ZERO);
        let due = self.catches_up_in();
        let ready = self.gets_ready_in();
        let rest = [self.calms_in(), self.asks_in(), self.joins_in(), self.lays_in()];
        let waits = [timeout, patience, at_once, due, ready].into_iter().chain(rest);
        let timeout = waits.flatten().min();
        let (known, run) = (&mut self.known, &mut self.run);
        let files = self.files.clone();
        let events = self.host.wait(timeout, &*files, &mut |peer, read, bytes| {
            let is_there = matches!(read.origin, FileOrigin::Project(_));
            known.learn(&read.name, read.path.as_ref(), is_there.then(|| bytes.into()));
            if let Some(run) = run.as_mut().filter(|run| run.peer == peer) {
                run.gives_sign();
                if let Some(Text { bytes: Some(text), .. }) = known.get(&read.name) {
                    run.texts.insert(read.name.clone(), text.clone());
                }
            }
        });
        for event in events {
            self.take(event, &mut told);
        }
        self.end_preparation();
        self.get_ready();
        self.join();
        self.lay();
        self.ask_states();
        if self.patience_left().is_some_and(|left| left.is_zero()) {
            told.extend(self.give_up(None));
        }
        self.follow_early(&mut told);
        self.take_if_calm();
        told.append(&mut self.pending);
        if self.catches_up_in().is_some_and(|left| left.is_zero()) {
            // Also when it fails: the next edit tries again.
            self.is_behind = false;
            if let Err(error) = self.go_on(None, true) {
                told.push(LivePage::GivenUp(Some(error)));
            }
        }
        told
    }

    /// Number of pages that have been told of.
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// A page, counted from one, as an XDV file of its own.
    pub fn page(&self, number: u32) -> Option<Vec<u8>> {
        self.pages.xdv.slice(number.checked_sub(1)? as usize)
    }

    /// How large a page, counted from one, is.
    pub fn paper(&self, number: u32) -> Option<PaperSize> {
        self.pages.xdv.paper(number.checked_sub(1)? as usize)
    }

    /// Whether nothing is under way: the last run has come to its end, or was given up.
    pub fn is_at_rest(&self) -> bool {
        self.run.as_ref().is_none_or(|run| run.is_done || run.lays)
    }

    /// Whether no process is at work.
    fn is_over(&self) -> bool {
        self.run.as_ref().is_none_or(|run| run.is_done)
    }

    /// The file with the last edit, and where it is, in bytes: when it was a text of the project.
    pub fn edited(&self) -> Option<(ProjectPath, u64)> {
        let focus = self.run.as_ref()?.focus.as_ref()?;
        Some((self.known.path_of(&focus.name)?, focus.offset))
    }

    /// How many snapshots there are.
    pub fn snapshots(&self) -> usize {
        self.snapshots.len()
    }

    /// The processes of the snapshots.
    pub fn processes(&self) -> Vec<u32> {
        self.snapshots.processes()
    }

    /// Memory of the snapshots, in bytes.
    pub fn memory_bytes(&self) -> u64 {
        self.snapshots.memory_bytes()
    }

    fn take(&mut self, event: LiveEvent, told: &mut Vec<LivePage>) {
        let is_run = self.run.as_ref().is_some_and(|run| run.peer == event.peer);
        match event.message {
            LiveMessage::Page(page) if is_run => told.extend(self.take_shipped(page)),
            LiveMessage::Page(page) => self.add_glimpse(event.peer, page),
            LiveMessage::Asleep(asleep) => {
                let Some(run) = &mut self.run else { return };
                let place = run.spares.iter().position(|spare| *spare == event.peer);
                let Some(place) = place else { return };
                run.spares.swap_remove(place);
                run.gives_sign();
                run.early.push((event.peer, asleep));
                self.add_snapshots();
            }
            LiveMessage::State(state) => self.take_state(event.peer, state),
            LiveMessage::Known(state) if is_run => self.stand_still(state, told),
            // What it has come to is of the text before.
            LiveMessage::Done(_) if is_run && self.early.is_some() => self.end_run(),
            LiveMessage::Done(report) if is_run => self.begin_end(report, told),
            LiveMessage::Fetched(bytes) if is_run => self.take_output(bytes, told),
            LiveMessage::Gone(fault) => {
                self.snapshots.remove(event.peer);
                self.ready.take_if(|ready| ready.copy == event.peer);
                self.asked.take_if(|asked| *asked == event.peer);
                if let Some(run) = &mut self.run {
                    run.spares.retain(|spare| *spare != event.peer);
                }
                let Some(run) = self.run.as_ref().filter(|run| is_run && !run.is_done) else {
                    return;
                };
                if run.end.is_some() {
                    return self.end_of_run(told);
                }
                let (is_new, focus) = (!run.has_spoken, run.focus.clone());
                let is_standing = run.standing.is_some();
                if is_standing {
                    // What it was to be put together with does not fit.
                    self.rest = None;
                }
                if (is_new || is_standing) && fault.is_none() && run.resumed && !run.lays {
                    // The snapshot was dead already: the one before it will do.
                    if let Err(error) = self.go_on(focus, false) {
                        told.push(LivePage::GivenUp(Some(error)));
                    }
                    return;
                }
                told.extend(self.give_up(fault));
            }
            _ => {}
        }
    }

    fn take_shipped(&mut self, page: ShippedPage) -> Option<LivePage> {
        let index = page.number.checked_sub(1)? as usize;
        if page.is_past_focus && self.run.as_ref()?.edited_page.is_none() {
            self.note_pace();
        }
        let mut run = self.run.take()?;
        run.gives_sign();
        if page.is_past_focus {
            run.shipped.get_or_insert_with(Instant::now);
        }
        let is_past_focus = page.is_past_focus;
        let taken = match run.push(page, &self.known) {
            Some(()) => self.take_page(index, &run.pages, run.held_from.is_some()),
            None => Taken::Same,
        };
        if run.edited_page == Some(index) {
            self.compare_glimpse(&run.pages);
        }
        self.splices.wrong += u32::from(run.lays && taken == Taken::Changed);
        if taken == Taken::HeldBack {
            run.held_from.get_or_insert(index);
        }
        if taken != Taken::Changed && is_past_focus && !std::mem::replace(&mut run.is_let_go, true)
        {
            // The one that is waited for comes next, or this one is not to be shown.
            self.host.go_on(run.peer);
        }
        self.run = Some(run);
        self.add_snapshots();
        let number = calm::number(index);
        (taken == Taken::Changed).then_some(LivePage::Changed { number, is_past_focus })
    }

    fn go_on(&mut self, focus: Option<Focus>, exactly: bool) -> Result<(), EngineError> {
        self.note_rest();
        self.end_run();
        self.early = None;
        self.pass = None;
        for dropped in self.snapshots.drop_stale(&self.known, false) {
            self.host.close(dropped);
        }
        self.is_given_up = false;
        self.waiting = None;
        while let Some(snapshot) = self.snapshots.deepest(&self.known, exactly) {
            let peer = snapshot.peer;
            if self.resume(peer, focus.clone(), exactly) {
                return Ok(());
            }
        }
        self.restart()
    }

    /// Go on from a snapshot, or let go of one from which it cannot.
    fn resume(&mut self, peer: PeerId, focus: Option<Focus>, exactly: bool) -> bool {
        let Some(snapshot) = self.snapshots.get(peer) else { return false };
        let pages = snapshot.pages.clone();
        let (resume, texts) = resume(snapshot, &self.known, &self.generated, exactly);
        let rest = if exactly { Vec::new() } else { self.known_states(&texts) };
        let is_glimpse_wanted = self.is_glimpse_wanted(focus.as_ref());
        let (focus, hold) = (focus.clone(), self.hold);
        let resume = Resume { focus: focus.clone(), hold, rest, is_glimpse_wanted, ..resume };
        if let Ok((run, spares)) = self.wake(peer, resume) {
            let held_from = self.tell_prefix(&pages);
            let run = Run::new(run, spares, texts);
            self.run =
                Some(Run { pages, held_from, resumed: true, focus, is_exact: exactly, ..run });
            return true;
        }
        self.snapshots.remove(peer);
        self.host.close(peer);
        false
    }

    /// Take the snapshots whose pages are known: theirs and their run's messages come over different sockets.
    fn add_snapshots(&mut self) {
        let Some(run) = &mut self.run else { return };
        let told = run.pages.len();
        let ready = run.early.extract_if(.., |(_, asleep)| asleep.told as usize <= told);
        for (peer, asleep) in ready.collect::<Vec<_>>() {
            let names = asleep.read_to.keys().chain(&asleep.absent);
            self.known.see(names, &*self.files, &self.generated);
            let mut pages = run.pages.clone();
            pages.truncate(asleep.told as usize);
            let is_generated = |name: &str| self.generated.contains_key(name);
            let snapshot = Snapshot::new(peer, asleep, &run.texts, pages, is_generated);
            for dropped in self.snapshots.add(snapshot) {
                self.host.close(dropped);
            }
        }
    }

    fn keep_within_memory(&mut self) {
        while self.snapshots.memory_bytes() > MEMORY_BYTES {
            // Memory comes free a little later than a process is told to end: some at a time.
            for _ in 0..self.snapshots.len().div_ceil(4) {
                let Some(dropped) = self.snapshots.thin() else { return };
                self.host.close(dropped);
            }
        }
    }

    /// A run goes on behind these pages: those of another run that were told in between are told anew. Answers
    /// with the first that is held back.
    fn tell_prefix(&mut self, pages: &Pages) -> Option<usize> {
        for index in 0..pages.len() {
            match self.take_page(index, pages, false) {
                Taken::HeldBack => return Some(index),
                Taken::Changed => {
                    let number = calm::number(index);
                    self.pending.push(LivePage::Changed { number, is_past_focus: false });
                }
                Taken::Same => {}
            }
        }
        None
    }
}
