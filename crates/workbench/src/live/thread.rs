//! The thread of a live document, and the pictures of its pages.

use super::{LivePageInfo, Start};
use crate::{
    Config, Event, PictureRequest, WorkbenchError,
    desk::DeskSender,
    preview::{PdfEngine, picture_of},
    snapshot::ProjectSnapshot,
};
use quire_compile::live::{LiveDocument, LivePage, PageConverter};
use quire_pdf::Document;
use quire_project::{ProjectId, ProjectPath};
use quire_tex_engine::{EngineOptions, JobSetup, Limits, Waker};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        mpsc::{self, Receiver, Sender, TryRecvError},
    },
    time::Duration,
};

enum Command {
    /// The project is like this now.
    Edit(Arc<ProjectSnapshot>),
    /// A build has left these files.
    Generated(Vec<(String, Vec<u8>)>),
}

/// The live document of an open project. Dropping it ends its processes.
pub(crate) struct Live {
    root: ProjectPath,
    commands: Option<Sender<Command>>,
    waker: Arc<OnceLock<Waker>>,
    pages: Arc<LivePages>,
}

impl Live {
    /// The file that is built.
    pub(crate) fn root(&self) -> &ProjectPath {
        &self.root
    }

    /// The pages that a window may ask for.
    pub(super) fn pages(&self) -> Arc<LivePages> {
        self.pages.clone()
    }

    /// The project is like this now.
    pub(super) fn edit(&self, sources: Arc<ProjectSnapshot>) {
        self.tell(Command::Edit(sources));
    }

    /// A build has left these files.
    pub(super) fn take_generated(&self, files: Vec<(String, Vec<u8>)>) {
        self.tell(Command::Generated(files));
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

/// The pages that a window may ask for.
pub(super) struct LivePages {
    pdf: Arc<PdfEngine>,
    pages: Mutex<BTreeMap<u32, Arc<Shipped>>>,
    converter: Mutex<PageConverter>,
}

/// One page as it was shipped.
struct Shipped {
    version: u64,
    xdv: Vec<u8>,
    document: OnceLock<Document>,
}

impl LivePages {
    fn put(&self, number: u32, version: u64, xdv: Vec<u8>) {
        let page = Arc::new(Shipped { version, xdv, document: OnceLock::new() });
        self.pages.lock().unwrap_or_else(PoisonError::into_inner).insert(number, page);
    }

    fn find(&self, number: u32, version: u64) -> Option<Arc<Shipped>> {
        let pages = self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        pages.get(&number).filter(|page| page.version == version).cloned()
    }

    pub(super) fn picture(
        &self,
        version: u64,
        request: PictureRequest,
    ) -> Result<Vec<u8>, WorkbenchError> {
        let number = u32::try_from(request.page + 1).map_err(|_| WorkbenchError::NoPdf)?;
        let page = self.find(number, version).ok_or(WorkbenchError::NoPdf)?;
        if page.document.get().is_none() {
            self.convert(number, &page)?;
        }
        let document = page.document.get().ok_or(WorkbenchError::NoPdf)?;
        Ok(picture_of(document, PictureRequest { page: 0, ..request })?)
    }

    fn convert(&self, number: u32, page: &Shipped) -> Result<(), WorkbenchError> {
        let mut converter = self.converter.lock().unwrap_or_else(PoisonError::into_inner);
        // While this waited for its turn, a newer one may have come, or the same been made.
        self.find(number, page.version).ok_or(WorkbenchError::NoPdf)?;
        if page.document.get().is_none() {
            let pdf = converter.convert(&page.xdv).map_err(|_| WorkbenchError::NoPdf)?;
            let _ = page.document.set(self.pdf.open(pdf)?);
        }
        Ok(())
    }
}

impl Live {
    pub(super) fn start(
        start: Start,
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
            synctex: false,
            restored: start.generated,
        };
        let converter = PageConverter::new(options.clone(), setup.clone(), start.sources.clone());
        let pages =
            Arc::new(LivePages { pdf, pages: Mutex::default(), converter: Mutex::new(converter) });
        let waker = Arc::new(OnceLock::new());
        let (commands, wishes) = mpsc::channel();
        let thread = Thread {
            id: start.id,
            wishes,
            pages: pages.clone(),
            sender,
            last: start.sources,
            version: 0,
            has_settled: false,
        };
        let known = waker.clone();
        let spawned = std::thread::Builder::new().name("live".to_owned()).spawn(move || {
            if let Ok(document) = LiveDocument::start(options, setup, thread.last.clone()) {
                let _ = known.set(document.waker());
                thread.run(document);
            }
        });
        spawned.ok()?;
        Some(Self { root: start.root, commands: Some(commands), waker, pages })
    }
}

struct Thread {
    id: ProjectId,
    wishes: Receiver<Command>,
    pages: Arc<LivePages>,
    sender: DeskSender,
    last: Arc<ProjectSnapshot>,
    version: u64,
    /// Its pages are known: what differs from now on has changed.
    has_settled: bool,
}

impl Thread {
    fn run(mut self, mut document: LiveDocument) {
        loop {
            let mut edited = None;
            loop {
                match self.wishes.try_recv() {
                    Ok(Command::Edit(sources)) => edited = Some(sources),
                    Ok(Command::Generated(files)) => document.set_generated(files),
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return,
                }
            }
            if let Some(sources) = edited
                && self.edit(&mut document, sources).is_none()
            {
                return;
            }
            let told = document.step(Some(Duration::from_secs(3600)));
            self.tell(&document, told);
        }
    }

    fn edit(&mut self, document: &mut LiveDocument, sources: Arc<ProjectSnapshot>) -> Option<()> {
        let only_texts = sources.elsewhere == self.last.elsewhere;
        if !only_texts {
            let mut converter = self.pages.converter.lock().unwrap_or_else(PoisonError::into_inner);
            converter.set_files(sources.clone());
        }
        let texts = only_texts.then(|| sources.open_paths());
        self.last = sources.clone();
        document.edit(sources, texts.as_ref()).ok()
    }

    fn tell(&mut self, document: &LiveDocument, told: Vec<LivePage>) {
        let mut pages = Vec::new();
        for told in told {
            match told {
                // Before the first run has ended nothing is known of the pages before the edit, nor need be.
                LivePage::Changed { number, is_past_focus }
                    if self.has_settled || is_past_focus =>
                {
                    let Some(xdv) = document.page(number) else { continue };
                    self.version += 1;
                    self.pages.put(number, self.version, xdv);
                    pages.push(LivePageInfo { page: number - 1, version: self.version });
                }
                LivePage::Changed { .. } | LivePage::GivenUp(_) => {}
                LivePage::Done(_) => self.has_settled = true,
            }
        }
        if !pages.is_empty() {
            let (project, revision) = (self.id, self.last.revision);
            self.sender.send(move |desk| {
                desk.emit(&Event::LivePages { project, revision, pages });
            });
        }
    }
}
