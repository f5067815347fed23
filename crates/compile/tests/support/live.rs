//! A document of one file, `main.tex`, and what a live document of it is started with.

#![allow(dead_code, clippy::unwrap_used)]

use quire_bundle::find_bundle;
use quire_project::{MemoryFiles, ProjectPath};
use quire_tex_engine::{EngineOptions, JobSetup, Limits, find_worker};
use std::sync::Arc;

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
