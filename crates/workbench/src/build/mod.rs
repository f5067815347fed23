//! Builds: one at a time for each project, the latest wish wins. A build runs on a thread of its own
//! with a snapshot; what it leaves is told to the windows.

mod choices;
mod clear;
mod engine;
mod exact;
mod report;
mod run;
mod tex_live;

pub use choices::{BuildLimit, BuildLimits, BuildSettings, BuildSwitch, LimitName, Programs};
pub use clear::Cleared;

pub(crate) use exact::ExactPdf;
pub(crate) use report::problem_while_typing;
pub use report::{
    BuildReport, Outcome, Problem, ProblemAction, ProblemFix, ProblemSeverity, sentence,
};
pub(crate) use run::root_of;
pub(crate) use tex_live::TexLiveHost;
pub use tex_live::TexLiveState;

use crate::{
    Event, Workbench, WorkbenchError, desk::Desk, live::Following, live::LiveState,
    preview::Preview, snapshot::ProjectSnapshot,
};
use quire_compile::{
    build::{BuildResult, EngineChoice},
    diagnostics::Diagnostic,
};
use quire_project::ProjectId;
use quire_tex_engine::CancelToken;
use serde::Serialize;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use ts_rs::TS;

/// From the last keystroke to the build.
const PAUSE: Duration = Duration::from_secs(1);
/// The same when the pages that follow the text are all there: little is left to do.
const SHORT_PAUSE: Duration = Duration::from_millis(500);

/// How it stands with builds of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum BuildState {
    /// None runs.
    Idle,
    /// One runs.
    Running {
        /// The pass, counted from one; 0 before the first.
        pass: u32,
        /// Pages shipped in this pass.
        page: u32,
        /// What is being done, for people.
        doing: String,
    },
}

/// The builds of one project.
#[derive(Default)]
pub(crate) struct Builds {
    running: Option<Running>,
    /// Another build is wanted when this one is over.
    wanted: Option<Wish>,
    /// When the last edit came, while a build waits for a pause.
    last_edit: Option<Instant>,
    /// The live document has come to the end of this revision.
    live_revision: Option<u64>,
    /// Who waits for the PDF of the text as it is.
    waiting: Vec<exact::Waiting>,
    pub(crate) last: Option<Arc<Finished>>,
}

impl Builds {
    /// How long a planned build of a revision waits still.
    fn pause_left(&self, revision: u64) -> Option<Duration> {
        let since = self.last_edit?.elapsed();
        let is_followed = self.live_revision == Some(revision);
        let pause = if is_followed || since < SHORT_PAUSE { SHORT_PAUSE } else { PAUSE };
        Some(pause.saturating_sub(since))
    }
}

struct Running {
    number: u64,
    cancel: CancelToken,
    /// Nobody has asked for it.
    after_pause: bool,
}

/// What is asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Wish {
    /// From nothing, without what earlier builds left.
    clean: bool,
    /// Nobody has asked for it: the author has paused.
    after_pause: bool,
}

/// A build that is over, with what is needed to act on it.
pub(crate) struct Finished {
    pub(crate) sources: Arc<ProjectSnapshot>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) log: Vec<u8>,
    pub(crate) transcripts: Vec<quire_compile::build::Transcript>,
}

impl Finished {
    fn new(sources: Arc<ProjectSnapshot>, result: BuildResult) -> Self {
        let BuildResult { diagnostics, log, transcripts, .. } = result;
        Self { sources, diagnostics, log, transcripts }
    }
}

impl Desk {
    /// A file changed: build when the author pauses, if that is wanted.
    pub(crate) fn plan_build(&mut self, id: ProjectId) {
        if !self.settings.build_while_typing {
            return;
        }
        let Some(project) = self.open.get_mut(&id) else { return };
        // What the live pages gave up as endless, such as a table that nothing closes, is no longer what the text says:
        // its build would keep that of the mended text waiting for a minute.
        if project.live_state == LiveState::GivenUp
            && let Some(running) = project.builds.running.as_ref()
            && running.after_pause
        {
            running.cancel.cancel();
        }
        let is_planned = project.builds.last_edit.replace(Instant::now()).is_some();
        if !is_planned {
            self.after(SHORT_PAUSE, move |desk| desk.build_after_pause(id));
        }
    }

    /// The pages that follow the text are those of this revision to the last.
    #[cfg(target_os = "linux")]
    pub(crate) fn run_has_ended(&mut self, id: ProjectId, revision: u64) {
        let Some(project) = self.open.get_mut(&id) else { return };
        project.builds.live_revision = Some(revision);
        if project.builds.pause_left(project.revision).is_some_and(|left| left.is_zero()) {
            self.build_after_pause(id);
        }
    }

    fn build_after_pause(&mut self, id: ProjectId) {
        let Some(project) = self.open.get_mut(&id) else { return };
        let Some(left) = project.builds.pause_left(project.revision) else { return };
        if !self.settings.build_while_typing {
            // Switched off since.
            project.builds.last_edit = None;
        } else if left.is_zero() {
            self.begin_build(id, Wish { after_pause: true, ..Wish::default() });
        } else {
            self.after(left, move |desk| desk.build_after_pause(id));
        }
    }

    fn begin_build(&mut self, id: ProjectId, wish: Wish) {
        let number = self.number();
        let Some(project) = self.open.get_mut(&id) else { return };
        project.builds.last_edit = None;
        if project.builds.running.is_some() {
            let other = project.builds.wanted.unwrap_or(wish);
            project.builds.wanted = Some(Wish {
                clean: wish.clean || other.clean,
                after_pause: wish.after_pause && other.after_pause,
            });
            return;
        }
        let (engine, choices) = (project.engine.clone(), project.settings.build.clone());
        let sources = match self.snapshot(id) {
            Ok(sources) => Arc::new(sources),
            Err(error) => return self.build_failed(id, &error),
        };
        let live_passes = match self.open.get(&id).map(|project| &project.following) {
            Some(Following::Live(live)) if !wish.clean => Some(live.passes(sources.revision)),
            _ => None,
        };
        let cancel = CancelToken::new();
        let running = Running { number, cancel: cancel.clone(), after_pause: wish.after_pause };
        if let Some(project) = self.open.get_mut(&id) {
            project.builds.running = Some(running);
        }
        let job = run::Job {
            id,
            number,
            sources,
            clean: wish.clean,
            live_passes,
            shown: if wish.after_pause { self.shown_preview(id) } else { None },
            engine,
            choices,
            tex_live: self.tex_live.clone(),
            config: self.config.clone(),
            pdf: self.pdf.clone(),
            sender: self.sender.clone(),
            cancel,
        };
        self.emit(&Event::Build {
            project: id,
            state: BuildState::Running { pass: 0, page: 0, doing: "Starting".to_owned() },
        });
        if std::thread::Builder::new().name("build".to_owned()).spawn(|| job.run()).is_err() {
            self.build_over(id, number);
        }
    }

    fn shown_preview(&self, id: ProjectId) -> Option<Arc<Preview>> {
        self.open.get(&id)?.preview.clone()
    }

    /// True when this is the build that runs, and not one whose project was closed meanwhile.
    fn is_current(&self, id: ProjectId, number: u64) -> bool {
        let running = self.open.get(&id).and_then(|project| project.builds.running.as_ref());
        running.is_some_and(|running| running.number == number)
    }

    fn build_over(&mut self, id: ProjectId, number: u64) {
        if !self.is_current(id, number) {
            return;
        }
        self.emit(&Event::Build { project: id, state: BuildState::Idle });
        let Some(project) = self.open.get_mut(&id) else { return };
        project.builds.running = None;
        if let Some(wish) = project.builds.wanted.take() {
            self.begin_build(id, wish);
        }
    }

    fn build_failed(&mut self, id: ProjectId, error: &WorkbenchError) {
        let report = BuildReport::not_begun(error);
        self.answer_waiting(id, 0, Outcome::NotBegun, false);
        self.emit(&Event::Built { project: id, report });
    }

    pub(crate) fn cancel_build(&mut self, id: ProjectId) {
        if let Some(project) = self.open.get_mut(&id) {
            project.builds.wanted = None;
            project.builds.last_edit = None;
            if let Some(running) = &project.builds.running {
                running.cancel.cancel();
            }
        }
    }
}

impl Workbench {
    /// Build now. With `clean`, from nothing.
    pub fn build(&self, id: ProjectId, clean: bool) -> Result<(), WorkbenchError> {
        self.try_ask(move |desk| {
            desk.project(id)?;
            desk.begin_build(id, Wish { clean, after_pause: false });
            Ok(())
        })
    }

    /// End the build that runs, and forget the one that is wanted.
    pub fn cancel_build(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        self.ask(move |desk| desk.cancel_build(id))
    }

    /// Choose the engine, by its name on the command line.
    pub fn set_engine(&self, id: ProjectId, engine: &str) -> Result<(), WorkbenchError> {
        if EngineChoice::named(engine).is_none() {
            return Err(WorkbenchError::UnknownEngine(engine.to_owned()));
        }
        let engine = engine.to_owned();
        let stored = engine.clone();
        self.store()?.write(move |tx| tx.set_engine(id, &stored))?;
        self.try_ask(move |desk| {
            desk.project(id)?.engine.clone_from(&engine);
            desk.emit(&Event::EngineChosen { project: id, engine });
            desk.follow_engine(id);
            desk.check_share_soon(id);
            desk.begin_build(id, Wish::default());
            Ok(())
        })
    }

    /// The log of the last build, and the transcripts of helper programs behind it.
    pub fn build_log(&self, id: ProjectId) -> Result<String, WorkbenchError> {
        let last = self.try_ask(move |desk| Ok(desk.project(id)?.builds.last.clone()))?;
        let Some(last) = last else { return Ok(String::new()) };
        let mut text = String::from_utf8_lossy(&last.log).into_owned();
        for transcript in &last.transcripts {
            text.push_str(&format!("\n----- {} -----\n", transcript.name));
            text.push_str(&String::from_utf8_lossy(&transcript.text));
        }
        Ok(text)
    }

    /// Apply the fix of a problem of the last build: `problem` is its place in the list, then in the
    /// list of those it caused, and so on. The text may have changed since; not where the fix applies.
    pub fn apply_fix(&self, id: ProjectId, problem: &[usize]) -> Result<(), WorkbenchError> {
        let problem = problem.to_vec();
        self.try_ask(move |desk| {
            let last = desk.project(id)?.builds.last.clone();
            let last = last.ok_or(WorkbenchError::NoPdf)?;
            let mut list = &last.diagnostics;
            let mut found = None;
            for index in problem {
                found = list.get(index);
                list = found.map_or(&last.diagnostics, |diagnostic| &diagnostic.caused);
            }
            let edits = found.and_then(|found| found.fix.as_ref()).map(|fix| &fix.edits);
            report::apply(desk, id, &last.sources, edits.map_or(&[], Vec::as_slice))
        })
    }
}
