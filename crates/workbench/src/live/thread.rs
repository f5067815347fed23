//! The thread of a live document.

use super::{
    Following, LivePlaces, LiveState, Start,
    contents::SCHEME,
    pages::{Ahead, LivePages, Told, draw_ahead},
    problems::{CALM, Failed, Problems},
};
use crate::{
    Config, Event, PageBox, build, desk::DeskSender, preview::PdfEngine, snapshot::ProjectSnapshot,
};
use quire_compile::{
    build::{BuildDate, FirstPass},
    live::{LiveDocument, LivePage, PageConverter},
};
use quire_project::{ProjectId, ProjectPath};
use quire_tex_engine::{
    EngineError, EngineOptions, JobSetup, Limits, TexOutcome, TexReport, Waker,
};
use std::{
    sync::{
        Arc, OnceLock, Weak,
        mpsc::{self, Receiver, Sender, TryRecvError},
    },
    time::{Duration, Instant},
};

/// A page is on the screen so long after it was shipped.
const HOLD: Duration = Duration::from_millis(80);

enum Command {
    /// The project is like this now.
    Edit(Arc<ProjectSnapshot>),
    /// A build of this revision has left these files, and its pages are shown.
    Generated { files: Vec<(String, Vec<u8>)>, revision: u64 },
    /// The author has come to the line of a file that begins at this byte.
    Expect(ProjectPath, u64),
    /// A build could do with a pass.
    Pass(Asked),
}

/// What pass a build could do with.
struct Asked {
    /// Over the text as it was then.
    revision: u64,
    /// It begins with these files.
    generated: Vec<(String, Vec<u8>)>,
    answer: Sender<Arc<FirstPass>>,
}

/// Where a build asks for the passes that it needs. It may outlive the live document.
pub(crate) struct PassSource {
    commands: Weak<Sender<Command>>,
    waker: Arc<OnceLock<Waker>>,
    revision: u64,
}

impl PassSource {
    /// What a run over the text comes to that begins with these generated files. Nothing comes when it is given up,
    /// or the text is edited before its end.
    pub(crate) fn ask(
        &self,
        generated: Vec<(String, Vec<u8>)>,
    ) -> Option<Receiver<Arc<FirstPass>>> {
        let (answer, pass) = mpsc::channel();
        let asked = Asked { revision: self.revision, generated, answer };
        self.commands.upgrade()?.send(Command::Pass(asked)).ok()?;
        // Also if it is gone by now: then it is this that lets its thread find that out.
        if let Some(waker) = self.waker.get() {
            waker.wake();
        }
        Some(pass)
    }
}

/// The live document of an open project. Dropping it ends its processes.
pub(crate) struct Live {
    root: ProjectPath,
    date_s: u64,
    commands: Option<Arc<Sender<Command>>>,
    waker: Arc<OnceLock<Waker>>,
    pages: Arc<LivePages>,
}

impl Live {
    /// The file that is built.
    pub(crate) fn root(&self) -> &ProjectPath {
        &self.root
    }

    /// Whether this document sees the day that a build has seen.
    pub(super) fn is_of_day(&self, date_s: u64) -> bool {
        BuildDate::Now(date_s).is_met_by(self.date_s)
    }

    /// Where a build of a revision asks for passes.
    pub(crate) fn passes(&self, revision: u64) -> PassSource {
        let commands = self.commands.as_ref().map(Arc::downgrade).unwrap_or_default();
        PassSource { commands, waker: self.waker.clone(), revision }
    }

    /// The pages that a window may ask for.
    pub(super) fn pages(&self) -> Arc<LivePages> {
        self.pages.clone()
    }

    /// The project is like this now.
    pub(super) fn edit(&self, sources: Arc<ProjectSnapshot>) {
        self.tell(Command::Edit(sources));
    }

    /// The author has come to the line of a file that begins at this byte.
    pub(super) fn expect_edit(&self, path: ProjectPath, line_start: u64) {
        self.tell(Command::Expect(path, line_start));
    }

    /// A build of this revision has left these files.
    pub(super) fn take_generated(&self, files: Vec<(String, Vec<u8>)>, revision: u64) {
        self.tell(Command::Generated { files, revision });
    }

    fn tell(&self, command: Command) {
        if let Some(commands) = &self.commands
            && commands.send(command).is_ok()
            && let Some(waker) = self.waker.get()
        {
            waker.wake();
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.commands = None;
        if let Some(waker) = self.waker.get() {
            waker.wake();
        }
    }
}

impl Live {
    pub(super) fn start(
        start: Start,
        first_version: u64,
        config: &Config,
        pdf: Arc<PdfEngine>,
        sender: DeskSender,
    ) -> Option<Self> {
        let engine = config.engine.as_ref().ok()?;
        let options = EngineOptions {
            worker: engine.worker.clone(),
            bundle: engine.bundle.path().to_owned(),
            limits: Limits::default(),
        };
        let setup = JobSetup {
            root: start.root.clone(),
            job_name: start.root.stem().to_owned(),
            date_s: start.date_s,
            // Its end is a build's first pass.
            synctex: true,
            restored: start.generated,
        };
        let converter = PageConverter::new(options.clone(), setup.clone(), start.sources.clone());
        let pages = Arc::new(LivePages::new(pdf, converter));
        let drawn = draw_ahead(start.id, pages.clone(), {
            let sender = sender.clone();
            move |event| {
                sender.send(move |desk| desk.emit(&event));
            }
        });
        let drawn = drawn.ok()?;
        let problems =
            Problems::start(start.id, start.root.clone(), engine.bundle.clone(), sender.clone());
        let waker = Arc::new(OnceLock::new());
        let (commands, wishes) = mpsc::channel();
        let thread = Thread {
            id: start.id,
            wishes,
            pages: pages.clone(),
            drawn,
            problems: problems.ok()?,
            sender,
            last: start.sources,
            version: first_version,
            asked: None,
            counted: None,
            is_over: false,
            is_broken_off: false,
            is_edited: false,
            edited_at: Instant::now(),
            edited: None,
            is_given_up: false,
        };
        let known = waker.clone();
        let spawned = std::thread::Builder::new().name("live".to_owned()).spawn(move || {
            match LiveDocument::start(options, setup, thread.last.clone()) {
                Ok(mut document) => {
                    document.set_hold(HOLD);
                    document.set_calm(Some(CALM));
                    document.set_glimpses(true);
                    let _ = known.set(document.waker());
                    thread.run(document);
                }
                Err(error) => thread.cannot_start(&error),
            }
        });
        spawned.ok()?;
        Some(Self {
            root: start.root,
            date_s: start.date_s,
            commands: Some(Arc::new(commands)),
            waker,
            pages,
        })
    }
}

struct Thread {
    id: ProjectId,
    wishes: Receiver<Command>,
    pages: Arc<LivePages>,
    /// Pages that somebody looks at are drawn while the windows hear of them.
    drawn: Sender<Ahead>,
    problems: Problems,
    sender: DeskSender,
    last: Arc<ProjectSnapshot>,
    version: u64,
    /// A build waits for the end of the run.
    asked: Option<Sender<Arc<FirstPass>>>,
    /// The edit and the number of pages that windows know of.
    counted: Option<(u64, usize)>,
    /// A run has come to its end, and windows are not told yet where lines are on its pages.
    is_over: bool,
    /// TeX has stopped that run before the end of the document.
    is_broken_off: bool,
    /// What differs from now on has changed. Before, the first run tells of all pages as they come.
    is_edited: bool,
    edited_at: Instant,
    /// Where it was written last.
    edited: Option<(ProjectPath, u64)>,
    /// What came of the last edit, as windows know it.
    is_given_up: bool,
}

impl Thread {
    /// The next build tries again.
    fn cannot_start(&self, error: &EngineError) {
        let (id, pages) = (self.id, self.pages.clone());
        let state = LiveState::CannotStart { reason: build::sentence(&error.to_string()) };
        self.sender.send(move |desk| {
            let Some(project) = desk.open.get_mut(&id) else { return };
            if project.following.is_of(&pages) {
                project.following = Following::Nothing;
                desk.live_is(id, state);
            }
        });
    }

    /// The last edit led, or did not lead, to a run that ended well.
    fn given_up(&mut self, is_given_up: bool) {
        if std::mem::replace(&mut self.is_given_up, is_given_up) == is_given_up {
            return;
        }
        let (id, pages) = (self.id, self.pages.clone());
        let state = if is_given_up { LiveState::GivenUp } else { LiveState::Live };
        self.sender.send(move |desk| {
            if desk.open.get(&id).is_some_and(|project| project.following.is_of(&pages)) {
                desk.live_is(id, state);
            }
        });
    }

    fn run(mut self, mut document: LiveDocument) {
        loop {
            let mut edited = None;
            loop {
                match self.wishes.try_recv() {
                    Ok(Command::Edit(sources)) => edited = Some(sources),
                    Ok(Command::Generated { files, revision }) => {
                        document.set_generated(files);
                        if edited.is_none() && revision == self.last.revision {
                            document.accept();
                            self.pages.forget_pictures();
                        }
                    }
                    Ok(Command::Expect(path, start)) => document.expect_edit(&path, start),
                    Ok(Command::Pass(asked)) => {
                        if let Some(sources) = edited.take() {
                            self.edit(&mut document, sources);
                        }
                        self.asked = self.begin_pass(&mut document, asked);
                    }
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            if let Some(sources) = edited {
                self.edit(&mut document, sources);
            }
            self.hand_over_pass(&document);
            let told = document.step(Some(Duration::from_secs(3600)));
            if let Some(glimpse) = document.take_glimpse() {
                let (revision, since) = (self.last.revision, self.version);
                // Without the thread that draws, all pages come without pictures.
                let _ = self.drawn.send(Ahead::Glimpse { glimpse, revision, since });
            }
            self.tell(&document, told);
        }
    }

    fn begin_pass(
        &self,
        document: &mut LiveDocument,
        Asked { revision, generated, answer }: Asked,
    ) -> Option<Sender<Arc<FirstPass>>> {
        if self.last.revision > revision {
            return None;
        }
        document.set_generated(generated);
        // One that cannot catch up comes to no end either.
        document.catch_up().is_ok().then_some(answer)
    }

    /// Once the run is over, the build need not wait any more.
    fn hand_over_pass(&mut self, document: &LiveDocument) {
        if document.is_at_rest()
            && let Some(answer) = self.asked.take()
            && let Some(pass) = document.pass()
        {
            // A build that was cancelled does not wait.
            let _ = answer.send(pass);
        }
    }

    fn edit(&mut self, document: &mut LiveDocument, sources: Arc<ProjectSnapshot>) {
        let only_texts = sources.elsewhere == self.last.elsewhere;
        if !only_texts {
            self.pages.set_files(sources.clone());
        }
        let texts = only_texts.then(|| sources.open_paths());
        self.last = sources.clone();
        self.is_edited = true;
        self.asked = None;
        self.is_over = false;
        self.edited_at = Instant::now();
        self.problems.edited();
        // One that cannot be followed leaves the pages as they were; the next tries again.
        if document.edit(sources, texts.as_ref()).is_err() {
            self.given_up(true);
        }
    }

    fn tell(&mut self, document: &LiveDocument, told: Vec<LivePage>) {
        let mut pages = Vec::new();
        for told in told {
            match told {
                LivePage::Changed { number, .. } if self.is_edited => {
                    let xdv = document.page_with_addresses(number, SCHEME);
                    let (Some(xdv), Some(paper)) = (xdv, document.paper(number)) else { continue };
                    self.version += 1;
                    let (version, revision) = (self.version, self.last.revision);
                    let size = PageBox { width: paper.width as f32, height: paper.height as f32 };
                    let came_from = document.came_from(number).map(|from| from - 1);
                    let told = Told { number, version, size, came_from, xdv };
                    let info = told.info(Vec::new());
                    if self.pages.put(told)
                        && self.drawn.send(Ahead::Page { number, version, revision }).is_ok()
                    {
                        continue;
                    }
                    pages.push(info);
                }
                LivePage::Changed { .. } => {}
                LivePage::GivenUp(_) => self.given_up(true),
                LivePage::Done(report) => {
                    self.given_up(false);
                    self.is_over = true;
                    self.is_broken_off = matches!(report.outcome, TexOutcome::Fatal(_));
                    // What is half typed is not built sooner than it must be.
                    if !document.holds_pages() {
                        let (id, revision) = (self.id, self.last.revision);
                        self.sender.send(move |desk| desk.run_has_ended(id, revision));
                    }
                    self.tell_problem(document, report);
                }
            }
        }
        if !pages.is_empty() {
            let (project, revision) = (self.id, self.last.revision);
            let told = Event::LivePages { project, revision, pages };
            self.sender.send(move |desk| desk.emit(&told));
        }
        if self.is_edited && !self.is_given_up && document.is_at_rest() {
            self.tell_end(document);
        }
    }

    /// Nothing is under way: there are so many pages, and lines are there on them.
    fn tell_end(&mut self, document: &LiveDocument) {
        let (revision, count) = (self.last.revision, document.pages());
        // A first run that broke off over half-typed text does not know how many there are.
        let is_known = count > 0
            && (self.counted.is_some() || !(document.holds_pages() || self.is_broken_off));
        if is_known
            && self.counted.replace((revision, count)) != Some((revision, count))
            && let Ok(pages) = u32::try_from(count)
        {
            self.pages.truncate(pages);
            self.pages.links.set_document(document.all_pages());
            // Behind those of its pages that are still being drawn; without the thread the next build tells it.
            let _ = self.drawn.send(Ahead::Count { pages, revision });
        }
        // Pages that are held back are not those that are looked at.
        if self.is_over && !document.holds_pages() {
            self.is_over = false;
            if let Some(file) = document.pass().and_then(|pass| pass.synctex()) {
                self.pages.set_places(LivePlaces::new(file, self.last.clone()));
            }
        }
    }

    /// What a run has found to be wrong is told when the author pauses, and taken back at once.
    fn tell_problem(&mut self, document: &LiveDocument, report: Box<TexReport>) {
        // One that catches up has no place of its own.
        self.edited = document.edited().or(self.edited.take());
        let is_well = matches!(report.outcome, TexOutcome::Clean | TexOutcome::Warnings);
        if is_well && report.open_groups == 0 {
            self.problems.mended();
        } else if self.is_edited {
            let (sources, edited) = (self.last.clone(), self.edited.clone());
            self.problems.failed(Failed { report, sources, edited, edited_at: self.edited_at });
        }
    }
}
