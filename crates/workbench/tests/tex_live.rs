//! A project that is built by TeX Live in a container, as a window sees it: real engine, real pages.

#![allow(clippy::unwrap_used)]

mod support;

use quire_bundle::find_bundle;
use quire_tex_engine::find_worker;
use quire_workbench::{BuildReport, Config, EngineFiles, Event, Outcome, Workbench};
use std::sync::{Arc, Mutex};
use support::{config, path, until};

/// Only pdfTeX knows `\pdfliteral`.
const TEXT: &str = "% !TEX program = pdflatex\n\\documentclass{article}\n\\begin{document}\n\
    Text.\\pdfliteral{q Q}\n\\newpage More.\n\\end{document}\n";

#[test]
fn a_project_is_built_by_the_engine_that_it_asks_for() {
    let temp = tempfile::tempdir().unwrap();
    let engine = EngineFiles { worker: find_worker().unwrap(), bundle: find_bundle(None).unwrap() };
    let pdfium = Ok(quire_pdf::find_library().unwrap());
    let config = Config { engine: Ok(engine), pdfium, ..config(temp.path()) };
    let workbench = Workbench::open(config).unwrap().workbench;
    let files = vec![(path("main.tex"), TEXT.as_bytes().to_vec())];
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
    workbench.set_engine(id, "pdflatex").unwrap();
    until("the build of TeX Live", || !built.lock().unwrap().is_empty());
    let report = built.lock().unwrap()[0].clone();
    assert_eq!(report.outcome, Outcome::Clean, "{:#?}", report.problems);
    assert_eq!(report.pages, 2);
    // The wish of the first line is fulfilled: there is nothing to tell of it.
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    let preview = workbench.open_project(id).unwrap().preview;
    assert_eq!(preview.unwrap().pages.len(), 2);
    workbench.close();
}
