//! A project in a temporary folder, built with the real engine and the installed bundle. Without
//! them (`QUIRE_TEX_WORKER`, `QUIRE_BUNDLE`, or `cargo xtask setup`) these tests fail.

// Each test binary uses its own part; what is not as expected here fails the test.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod hostile;
pub(crate) mod texlive;

use quire_bundle::find_bundle;
use quire_compile::{
    build::{
        BuildDate, BuildError, BuildOptions, BuildRequest, BuildResult, EngineChoice, Event,
        OutputPlace, build,
    },
    disk::DiskFolder,
};
use quire_project::ProjectPath;
use quire_tex_engine::{CancelToken, Limits, find_worker};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// 2026-01-01.
pub(crate) const DATE_S: u64 = 1_767_225_600;

/// A project folder with a cache of its own.
pub(crate) struct Project {
    temp: tempfile::TempDir,
    pub(crate) root: &'static str,
}

impl Project {
    /// A project with these files; the first is the root.
    pub(crate) fn new(files: &[(&'static str, &str)]) -> Self {
        let project = Self { temp: tempfile::tempdir().unwrap(), root: files.first().unwrap().0 };
        files.iter().for_each(|(name, text)| project.write(name, text));
        project
    }

    pub(crate) fn folder(&self) -> PathBuf {
        self.temp.path().join("project")
    }

    pub(crate) fn builds(&self) -> PathBuf {
        self.temp.path().join("builds")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let place = self.path(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    pub(crate) fn request(&self) -> BuildRequest {
        let root = ProjectPath::new(self.root).unwrap();
        let folder = self.path(self.root);
        request(&self.folder(), root, folder.parent().unwrap(), &self.builds())
    }

    pub(crate) fn build(&self) -> BuildResult {
        build(&self.request(), &mut |_| {}, &CancelToken::new()).unwrap()
    }

    pub(crate) fn try_build(
        &self,
        change: impl FnOnce(&mut BuildRequest),
        events: &mut dyn FnMut(Event),
        cancel: &CancelToken,
    ) -> Result<BuildResult, BuildError> {
        let mut request = self.request();
        change(&mut request);
        build(&request, events, cancel)
    }
}

pub(crate) fn request(folder: &Path, root: ProjectPath, out: &Path, builds: &Path) -> BuildRequest {
    let files = DiskFolder::open(folder).unwrap();
    let worker = find_worker().expect("the worker is built: `cargo xtask setup`");
    let bundle = find_bundle(None).expect("a bundle is installed: `cargo xtask setup`");
    BuildRequest {
        project: files.real_path().display().to_string(),
        files: Arc::new(files),
        root,
        engine: EngineChoice::Tectonic,
        tex_live: None,
        worker,
        bundle,
        limits: Limits::default(),
        date: BuildDate::Fixed(DATE_S),
        synctex: true,
        xdv: false,
        options: BuildOptions::default(),
        max_passes: BuildRequest::DEFAULT_MAX_PASSES,
        output: Some(OutputPlace { folder: out.to_owned(), create: false }),
        builds_cache: Some(builds.to_owned()),
    }
}

/// Passes and helper runs in order: `tex bibtex main.aux tex tex`.
pub(crate) fn story(result: &BuildResult) -> String {
    let mut words = Vec::new();
    for pass in &result.passes {
        words.push("tex".to_owned());
        words.extend(pass.helpers.iter().cloned());
    }
    words.join(", ")
}

/// Codes of the diagnostics.
pub(crate) fn codes(result: &BuildResult) -> Vec<&str> {
    result.diagnostics.iter().map(|diagnostic| diagnostic.code.as_str()).collect()
}
