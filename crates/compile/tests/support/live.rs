//! A document of one file, `main.tex`, and what a live document of it is started with.

#![allow(dead_code, clippy::unwrap_used)]

use quire_bundle::find_bundle;
use quire_compile::live::{LiveDocument, LivePage};
use quire_project::{MemoryFiles, ProjectPath};
use quire_tex_engine::{EngineOptions, JobSetup, Limits, find_worker};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

pub(crate) fn options() -> EngineOptions {
    EngineOptions {
        worker: find_worker().unwrap(),
        bundle: find_bundle(None).unwrap().path().to_owned(),
        limits: Limits::default(),
    }
}

pub(crate) fn setup() -> JobSetup {
    JobSetup {
        root: ProjectPath::new("main.tex").unwrap(),
        job_name: "main".to_owned(),
        date_s: 0,
        synctex: false,
        restored: Vec::new(),
    }
}

pub(crate) fn files(text: impl AsRef<[u8]>) -> Arc<MemoryFiles> {
    let mut files = MemoryFiles::default();
    files.insert(ProjectPath::new("main.tex").unwrap(), text.as_ref());
    Arc::new(files)
}

pub(crate) fn pages(document: &LiveDocument) -> Vec<Vec<u8>> {
    (1..=document.pages()).map(|n| document.page(n as u32).unwrap()).collect()
}

/// What became of an edit, when the document may loop.
pub(crate) fn outcome(document: &mut LiveDocument) -> &'static str {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        for told in document.step(Some(Duration::from_secs(1))) {
            match told {
                LivePage::Done(_) => return "done",
                LivePage::GivenUp(_) => return "given up",
                LivePage::Changed { .. } => {}
            }
        }
    }
    "nothing"
}
