//! One build, on its thread: find the root, build, open the pages, tell the desk.

use super::{
    BuildReport, BuildSettings, BuildState, Finished, TexLiveHost, report, tex_live::IDLE,
};
use crate::{
    Config, Event, WorkbenchError, clock,
    desk::DeskSender,
    live,
    preview::{PdfEngine, Preview},
    snapshot::ProjectSnapshot,
};
use quire_compile::{
    build::{
        self, BuildDate, BuildError, BuildRequest, BuildResult, EngineChoice, FirstPass,
        OutputPlace,
    },
    diagnostics::ends_in_group,
    roots::{RootChoice, root_in_folder},
    suggest::Chosen,
};
use quire_container::ContainerError;
use quire_project::{FileSource, ProjectId, ProjectPath};
use quire_tex_engine::CancelToken;
use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc::RecvTimeoutError},
    time::{Duration, Instant},
};

/// Windows have changed over to the new pages after this time; the old ones are let go.
const OLD_PAGES: Duration = Duration::from_secs(10);
/// Progress is told this often at most.
const TELL_EVERY: Duration = Duration::from_millis(60);
/// A live run that takes longer is not waited for.
const LIVE_PATIENCE: Duration = Duration::from_secs(60);

pub(super) struct Job {
    pub(super) id: ProjectId,
    pub(super) number: u64,
    pub(super) sources: Arc<ProjectSnapshot>,
    pub(super) clean: bool,
    /// The live document of the same text.
    pub(super) live_passes: Option<live::PassSource>,
    /// The pages that are shown, when nobody has asked for others.
    pub(super) shown: Option<Arc<Preview>>,
    pub(super) engine: String,
    /// What the author has set for builds of this project.
    pub(super) choices: BuildSettings,
    pub(super) tex_live: Arc<TexLiveHost>,
    pub(super) config: Arc<Config>,
    pub(super) pdf: Arc<PdfEngine>,
    pub(super) sender: DeskSender,
    pub(super) cancel: CancelToken,
}

/// What a build came to.
struct Built {
    finished: Finished,
    report: BuildReport,
    preview: Option<Preview>,
    live: Option<live::Start>,
}

impl Job {
    pub(super) fn run(self) {
        let (id, number, sender) = (self.id, self.number, self.sender.clone());
        match self.build() {
            Ok(Built { finished, report, preview, live }) => sender.send(move |desk| {
                if !desk.is_current(id, number) {
                    return;
                }
                let (revision, outcome) = (finished.sources.revision, report.outcome);
                let (is_kept, has_pages) = (report.pages_kept, preview.is_some());
                if let Some(project) = desk.open.get_mut(&id) {
                    project.builds.last = Some(Arc::new(finished));
                    if let Some(preview) = preview {
                        let preview = Arc::new(preview);
                        let info = preview.info();
                        project.show(preview);
                        desk.after(OLD_PAGES, move |desk| {
                            if let Some(project) = desk.open.get_mut(&id) {
                                project.previous_preview = None;
                            }
                        });
                        desk.emit(&Event::PreviewChanged { project: id, preview: info });
                    }
                }
                desk.emit(&Event::Built { project: id, report });
                // Pages that were not shown are not what somebody waits for: that build is still to come.
                if !is_kept {
                    desk.answer_waiting(id, revision, outcome, has_pages);
                }
                if let Some(live) = live {
                    desk.follow_build(live);
                }
                desk.after(IDLE + OLD_PAGES, |desk| desk.tex_live.reap());
                desk.build_over(id, number);
            }),
            Err(error) => sender.send(move |desk| {
                if desk.is_current(id, number) {
                    desk.build_failed(id, &error);
                    desk.build_over(id, number);
                }
            }),
        }
    }

    fn build(self) -> Result<Built, WorkbenchError> {
        let root = root_of(&*self.sources, self.sources.root.clone())?;
        let request = self.request(&root)?;
        if self.clean
            && let Some(cache) = &request.builds_cache
        {
            // What cannot be deleted is not used: the build then differs in nothing but time.
            let _ = std::fs::remove_dir_all(cache);
        }
        let mut progress = Progress::new(self.id, self.number, self.sender.clone());
        let result = build::build_from(
            &request,
            &mut |generated| self.wait_for_live_pass(generated),
            &mut |event| progress.tell(&event),
            &self.cancel,
        )?;
        let ran_away = ends_in_group(&result.log);
        let keeps = ran_away && self.shown.as_ref().is_some_and(|shown| !shown.ran_away());
        let preview = if keeps { None } else { self.preview(&root, &result, ran_away) };
        let chosen = Chosen {
            engine: request.engine,
            runs_programs: request.tex_live.as_ref().is_some_and(|used| used.shell_escape),
        };
        let mut report = BuildReport::new(&root, &self.sources, chosen, &result);
        report.pages_kept = keeps;
        let live = preview.as_ref().and_then(|_| self.live(&request, &root));
        Ok(Built { finished: Finished::new(self.sources, result), report, preview, live })
    }

    /// What the live run comes to: two runs over the same text would only be in each other's way.
    fn wait_for_live_pass(
        &self,
        generated: &BTreeMap<String, Arc<[u8]>>,
    ) -> Option<Arc<FirstPass>> {
        let files = generated.iter().map(|(name, bytes)| (name.clone(), bytes.to_vec()));
        let pass = self.live_passes.as_ref()?.ask(files.collect())?;
        let start = Instant::now();
        let mut is_told = false;
        while start.elapsed() < LIVE_PATIENCE && !self.cancel.is_cancelled() {
            match pass.recv_timeout(TELL_EVERY) {
                Err(RecvTimeoutError::Timeout) => {
                    if !std::mem::replace(&mut is_told, true) {
                        self.tell("Finishing the live pages");
                    }
                }
                Ok(pass) => return Some(pass),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
        None
    }

    fn tell(&self, doing: &str) {
        let state = BuildState::Running { pass: 1, page: 0, doing: doing.to_owned() };
        let (id, number) = (self.id, self.number);
        self.sender.send(move |desk| {
            if desk.is_current(id, number) {
                desk.emit(&Event::Build { project: id, state });
            }
        });
    }

    /// What the live document goes on with. Only the engine that is built in can be live.
    fn live(&self, request: &BuildRequest, root: &ProjectPath) -> Option<live::Start> {
        if request.engine != EngineChoice::Tectonic {
            return None;
        }
        let cache = request.builds_cache.as_ref()?;
        Some(live::Start {
            id: self.id,
            root: root.clone(),
            sources: self.sources.clone(),
            generated: build::last_generated(cache, &request.project, root, request.engine),
            date_s: request.date.seconds(),
        })
    }

    fn request(&self, root: &ProjectPath) -> Result<BuildRequest, WorkbenchError> {
        let files = self.config.engine.as_ref().map_err(|e| WorkbenchError::NoEngine(e.clone()))?;
        let folder = self.config.builds().join(self.id.to_string());
        let now = u64::try_from(clock::now().0 / 1000).unwrap_or_default();
        let engine = EngineChoice::named(&self.engine).unwrap_or(EngineChoice::Tectonic);
        let tex_live = match engine.is_tex_live() {
            true => {
                let found =
                    self.tex_live.for_build(&files.worker, self.clean).map_err(no_tex_live)?;
                Some(self.choices.of_tex_live(found))
            }
            false => None,
        };
        Ok(BuildRequest {
            files: self.sources.clone(),
            project: self.id.to_string(),
            root: root.clone(),
            engine,
            tex_live,
            worker: files.worker.clone(),
            bundle: files.bundle.clone(),
            limits: self.choices.of_engine(),
            date: BuildDate::Now(now),
            synctex: true,
            xdv: false,
            options: self.choices.options(engine),
            max_passes: BuildRequest::DEFAULT_MAX_PASSES,
            builds_cache: Some(folder.join("cache")),
            output: Some(OutputPlace { folder, create: true }),
        })
    }

    /// The pages of this build, when it made any; else those of the last one stay.
    fn preview(&self, root: &ProjectPath, result: &BuildResult, ran_away: bool) -> Option<Preview> {
        let place = result.pdf.as_ref()?;
        let pdf = std::fs::read(place).ok()?;
        let synctex = result.read_synctex(root).ok().flatten();
        let sources = Some(self.sources.clone());
        let preview = Preview::open(&self.pdf, pdf, place, root, synctex, sources);
        let preview = preview.ok()?.that_ran_away(ran_away);
        preview.remember(&self.config.builds().join(self.id.to_string()), result);
        Some(preview)
    }
}

fn no_tex_live(source: ContainerError) -> WorkbenchError {
    WorkbenchError::Build(BuildError::Container { source })
}

/// The file to build: the chosen one, or the one that stands out.
pub(crate) fn root_of(
    files: &dyn FileSource,
    chosen: Option<ProjectPath>,
) -> Result<ProjectPath, WorkbenchError> {
    if let Some(root) = chosen {
        return Ok(root);
    }
    match root_in_folder(files, "") {
        RootChoice::One { root, .. } | RootChoice::Several { picked: root, .. } => Ok(root),
        RootChoice::None { why } => Err(WorkbenchError::NoRoot(why)),
    }
}

/// Tells the windows how far it is, not too often.
struct Progress {
    id: ProjectId,
    number: u64,
    sender: DeskSender,
    last: Instant,
    pass: u32,
}

impl Progress {
    fn new(id: ProjectId, number: u64, sender: DeskSender) -> Self {
        Self { id, number, sender, last: Instant::now(), pass: 0 }
    }

    fn tell(&mut self, event: &build::Event) {
        if matches!(event, build::Event::Page { .. }) && self.last.elapsed() < TELL_EVERY {
            return;
        }
        self.last = Instant::now();
        let (page, doing) = match event {
            build::Event::WaitingForOtherBuild => (0, "Waiting for another build".to_owned()),
            build::Event::Starting { .. } => (0, "Starting".to_owned()),
            build::Event::Pass { pass, reason } => {
                self.pass = *pass;
                (0, report::sentence(reason))
            }
            build::Event::Page { pass, page } => {
                self.pass = *pass;
                (*page, String::new())
            }
            build::Event::Helper { name } => (0, format!("Running {name}")),
            build::Event::WritingPdf => (0, "Writing the PDF".to_owned()),
        };
        let state = BuildState::Running { pass: self.pass, page, doing };
        let (id, number) = (self.id, self.number);
        self.sender.send(move |desk| {
            if desk.is_current(id, number) {
                desk.emit(&Event::Build { project: id, state });
            }
        });
    }
}
