//! A project that is built by TeX Live in a container, as a window sees it: real engine, real pages.

#![allow(clippy::unwrap_used)]

mod support;

use quire_bundle::find_bundle;
use quire_project::ProjectId;
use quire_tex_engine::find_worker;
use quire_workbench::{
    BuildLimit, BuildReport, BuildSettings, BuildSwitch, Config, EngineFiles, Event, LimitName,
    Outcome, Programs, ProjectSettings, TexLiveState, Workbench, WorkbenchError,
};
use std::sync::{Arc, Mutex};
use support::{config, path, until};

/// Only pdfTeX knows `\pdfliteral`.
const TEXT: &str = "% !TEX program = pdflatex\n\\documentclass{article}\n\\begin{document}\n\
    Text.\\pdfliteral{q Q}\n\\newpage More.\n\\end{document}\n";

/// A project of one file, and what its builds report.
struct Project {
    workbench: Workbench,
    id: ProjectId,
    built: Arc<Mutex<Vec<BuildReport>>>,
    _temp: tempfile::TempDir,
}

impl Project {
    fn new(text: &str) -> Self {
        let temp = tempfile::tempdir().unwrap();
        let engine =
            EngineFiles { worker: find_worker().unwrap(), bundle: find_bundle(None).unwrap() };
        let pdfium = Ok(quire_pdf::find_library().unwrap());
        let config = Config { engine: Ok(engine), pdfium, ..config(temp.path()) };
        let workbench = Workbench::open(config).unwrap().workbench;
        let files = vec![(path("main.tex"), text.as_bytes().to_vec())];
        let id = workbench.create_project("Paper", files, Some(&path("main.tex"))).unwrap();
        workbench.open_project(id).unwrap();
        let built: Arc<Mutex<Vec<BuildReport>>> = Arc::default();
        let reports = built.clone();
        workbench
            .listen(move |event| {
                if let Event::Built { report, .. } = event {
                    reports.lock().unwrap().push(report.clone());
                }
                true
            })
            .unwrap();
        Self { workbench, id, built, _temp: temp }
    }

    /// Do what begins a build, and wait for its report.
    fn report(&self, begin: impl FnOnce(&Workbench, ProjectId)) -> BuildReport {
        let before = self.built.lock().unwrap().len();
        begin(&self.workbench, self.id);
        until("a build", || self.built.lock().unwrap().len() > before);
        self.built.lock().unwrap()[before].clone()
    }

    fn choices(&self) -> BuildSettings {
        self.workbench.project_settings(self.id).unwrap().build
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        self.workbench.close();
    }
}

#[test]
fn a_project_is_built_by_the_engine_that_it_asks_for() {
    let project = Project::new(TEXT);
    let place = "TeX Live in a container".to_owned();
    assert_eq!(project.workbench.tex_live().unwrap(), TexLiveState::Ready { place });
    let report = project.report(|workbench, id| workbench.set_engine(id, "pdflatex").unwrap());
    assert_eq!(report.outcome, Outcome::Clean, "{:#?}", report.problems);
    assert_eq!(report.pages, 2);
    // The wish of the first line is fulfilled: there is nothing to tell of it.
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    let preview = project.workbench.open_project(project.id).unwrap().preview;
    assert_eq!(preview.unwrap().pages.len(), 2);
    // What it left goes when that is asked for; the pages stay.
    assert!(project.workbench.clear_builds(project.id).unwrap().bytes > 0);
    assert_eq!(project.workbench.clear_builds(project.id).unwrap().bytes, 0);
    let report = project.report(|workbench, id| workbench.build(id, false).unwrap());
    assert_eq!((report.outcome, report.up_to_date), (Outcome::Clean, false));
}

/// `\write18` leaves a file that the document then reads.
const PROGRAM: &str = "\\documentclass{article}\n\\immediate\\write18{echo Made. > made.tex}\n\\begin{document}\n\
    Text. \\InputIfFileExists{made}{}{}\n\\end{document}\n";

#[test]
fn programs_run_only_while_the_author_of_this_computer_allows_it() {
    let project = Project::new(PROGRAM);
    let workbench = &project.workbench;
    let report = project.report(|workbench, id| workbench.set_engine(id, "pdflatex").unwrap());
    assert!(report.asks_for_programs, "{:#?}", report.problems);
    let action = report.problems[0].action.clone().unwrap();
    assert_eq!((action.engine.as_str(), action.runs_programs), ("pdflatex", true));
    // A window's settings do not bring the consent.
    let settings = workbench.project_settings(project.id).unwrap();
    let build = BuildSettings { programs: Programs::Allowed, ..settings.build.clone() };
    workbench.set_project_settings(project.id, ProjectSettings { build, ..settings }).unwrap();
    assert_eq!(project.choices().programs, Programs::NotAsked);
    workbench.allow_programs(project.id, false).unwrap();
    assert_eq!(project.choices().programs, Programs::Refused);
    let report = project.report(|workbench, id| workbench.allow_programs(id, true).unwrap());
    assert!(!report.asks_for_programs && report.problems.is_empty(), "{:#?}", report.problems);
    // Nor has a copy it.
    let copy = workbench.duplicate_project(project.id, "Copy").unwrap();
    let of_copy = workbench.project_settings(copy).unwrap().build;
    assert_eq!(of_copy.programs, Programs::NotAsked);
    // Taken back, what programs left is gone.
    let report = project.report(|workbench, id| workbench.allow_programs(id, false).unwrap());
    assert!(report.asks_for_programs, "{:#?}", report.problems);
}

#[test]
fn a_build_keeps_to_the_bounds_of_its_project() {
    let endless = "\\documentclass{article}\\begin{document}\\def\\x{\\x}\\x\\end{document}";
    let project = Project::new(endless);
    let workbench = &project.workbench;
    let limits = || workbench.build_limits(project.id).unwrap();
    let time = |limits: Vec<BuildLimit>| {
        limits.into_iter().find(|limit| limit.name == LimitName::Seconds).unwrap()
    };
    // The built-in engine is one process.
    assert_eq!(limits().len(), 3);
    assert_eq!((time(limits()).value, time(limits()).default), (None, 60));
    for value in [0, 4, 100_000] {
        let refused = workbench.set_build_limit(project.id, LimitName::Seconds, Some(value));
        assert!(matches!(refused, Err(WorkbenchError::LimitOutOfRange { least: 5, .. })));
    }
    workbench.set_build_limit(project.id, LimitName::Seconds, Some(5)).unwrap();
    assert_eq!(time(limits()).value, Some(5));
    let report = project.report(|workbench, id| workbench.build(id, false).unwrap());
    assert_eq!(report.outcome, Outcome::Stopped);
    assert!(report.wall_ms < 30_000, "{report:#?}");
    workbench.set_build_limit(project.id, LimitName::Seconds, None).unwrap();
    assert_eq!(project.choices(), BuildSettings::default());
}

#[test]
fn a_draft_has_no_pictures_and_a_build_may_stop_at_the_first_error() {
    // Two errors, and pages only where pictures are left out.
    let text = "\\documentclass{article}\\usepackage{graphicx}\n\\begin{document}\n\\makeatletter\n\
        Text.\\ifGin@draft\\newpage More.\\fi\n\n\\first\n\n\\second\n\\end{document}\n";
    let project = Project::new(text);
    let report = project.report(|workbench, id| workbench.set_engine(id, "pdflatex").unwrap());
    assert_eq!((report.outcome, report.pages), (Outcome::Errors, 1), "{:#?}", report.problems);
    assert_eq!(report.problems.len(), 2, "{:#?}", report.problems);
    let switch = |switch, on| {
        project.report(move |workbench, id| workbench.set_build_switch(id, switch, on).unwrap())
    };
    assert_eq!(switch(BuildSwitch::Draft, true).pages, 2);
    let report = switch(BuildSwitch::StopOnFirstError, true);
    assert_eq!(report.outcome, Outcome::Errors);
    assert!(report.problems.iter().all(|told| !told.message.contains("second")), "{report:#?}");
    let choices = project.choices();
    assert!(choices.draft && choices.stop_on_first_error);
    switch(BuildSwitch::StopOnFirstError, false);
    assert_eq!(switch(BuildSwitch::Draft, false).pages, 1);
}
