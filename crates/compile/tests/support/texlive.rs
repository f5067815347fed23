//! TeX Live in a container of a real engine, with nothing kept between tests. Without an engine
//! (`cargo xtask container …`, or `QUIRE_CONTAINER_HOST`) these tests fail.

use super::Project;
use quire_compile::build::{BuildRequest, BuildResult, EngineChoice, Event, TexLive, build};
use quire_container::{KNOWN_IMAGES, Pool, SandboxLimits, Surroundings, find};
use quire_tex_engine::CancelToken;
use std::path::Path;

/// TeX Live whose folder is `folder`.
pub(crate) fn tex_live(folder: &Path) -> TexLive {
    let found = find(&Surroundings::here(None));
    let runtime = found.expect("a container engine runs: `cargo xtask container`").runtime;
    let image = runtime.first_image(&KNOWN_IMAGES).unwrap();
    let (_, image) = image.expect("the engine has an image with TeX Live");
    TexLive {
        pool: Pool::new(runtime, &folder.join("owners")).unwrap(),
        image,
        folder: folder.to_owned(),
        limits: SandboxLimits::default(),
        shell_escape: false,
        wipe: false,
        keep_warm: true,
    }
}

/// A project with a TeX Live of its own.
pub(crate) struct InContainer {
    pub(crate) project: Project,
    pub(crate) tex_live: TexLive,
    pub(crate) engine: EngineChoice,
}

impl InContainer {
    pub(crate) fn new(engine: EngineChoice, files: &[(&'static str, &str)]) -> Self {
        let project = Project::new(files);
        let tex_live = tex_live(&project.builds().join("texlive"));
        Self { project, tex_live, engine }
    }

    pub(crate) fn request(&self) -> BuildRequest {
        BuildRequest {
            engine: self.engine,
            tex_live: Some(self.tex_live.clone()),
            ..self.project.request()
        }
    }

    pub(crate) fn build(&self) -> BuildResult {
        self.told(&mut |_| {})
    }

    pub(crate) fn told(&self, events: &mut dyn FnMut(Event)) -> BuildResult {
        build(&self.request(), events, &CancelToken::new()).unwrap()
    }

    /// Containers of this test that are there once all is closed: there should be none.
    pub(crate) fn left_behind(self) -> Vec<String> {
        let runtime = self.tex_live.pool.runtime().clone();
        self.tex_live.pool.end();
        self.tex_live.pool.owner().present(&runtime).unwrap()
    }
}
