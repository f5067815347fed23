//! TeX Live in a container of a real engine, or the one of this computer in a real bubblewrap, with nothing kept
//! between tests. Without an engine (`cargo xtask container …`, or `QUIRE_CONTAINER_HOST`) or what is installed
//! (`cargo xtask setup`) these tests fail.

use super::Project;
use quire_compile::build::{BuildRequest, BuildResult, EngineChoice, Event, TexLive, build};
use quire_container::{
    INSTALLED, KNOWN_IMAGES, Place, Pool, SandboxLimits, Surroundings, Wanted, find, find_place,
};
use quire_tex_engine::{CancelToken, find_worker};
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

/// TeX Live whose folder is `folder`.
pub(crate) fn tex_live(folder: &Path) -> TexLive {
    let found = find(&Surroundings::here(None));
    let runtime = found.expect("a container engine runs: `cargo xtask container`").runtime;
    let image = runtime.first_image(&KNOWN_IMAGES).unwrap();
    let (_, image) = image.expect("the engine has an image with TeX Live");
    TexLive {
        place: Place::Containers(Pool::new(runtime, &folder.join("owners")).unwrap()),
        image,
        folder: folder.to_owned(),
        limits: SandboxLimits::default(),
        shell_escape: false,
        wipe: false,
        keep_warm: true,
    }
}

/// The TeX Live of this computer; its folder is `folder`.
pub(crate) fn installed(folder: &Path) -> TexLive {
    let mut surroundings = Surroundings::here(None);
    surroundings.chosen = Some(INSTALLED.to_owned());
    let wanted = Wanted {
        surroundings: &surroundings,
        image: None,
        worker: &find_worker().unwrap(),
        owners: &folder.join("owners"),
    };
    let found =
        find_place(&wanted).expect("bubblewrap, latexmk and texlive-latex-base are installed");
    TexLive {
        place: found.place,
        image: found.image,
        folder: folder.to_owned(),
        limits: SandboxLimits::default(),
        shell_escape: false,
        wipe: false,
        keep_warm: true,
    }
}

/// Processes that see something of a folder, after those that were killed had time to go.
fn still_there(folder: &Path) -> Vec<String> {
    let folder = folder.file_name().map(|_| folder.display().to_string()).unwrap();
    let begin = Instant::now();
    loop {
        let processes = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
            let mounts = fs::read_to_string(entry.path().join("mountinfo")).ok()?;
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            mounts.contains(&folder).then_some(name)
        });
        let found: Vec<String> = processes.collect();
        if found.is_empty() || begin.elapsed() > Duration::from_secs(5) {
            return found;
        }
        std::thread::yield_now();
    }
}

/// The containers that it runs in.
pub(crate) fn containers(tex_live: &TexLive) -> &Pool {
    match &tex_live.place {
        Place::Containers(pool) => pool,
        Place::Installed(_) => panic!("these tests are of containers"),
    }
}

/// A project with a TeX Live of its own.
pub(crate) struct OnTexLive {
    pub(crate) project: Project,
    pub(crate) tex_live: TexLive,
    pub(crate) engine: EngineChoice,
}

impl OnTexLive {
    pub(crate) fn in_container(engine: EngineChoice, files: &[(&'static str, &str)]) -> Self {
        let project = Project::new(files);
        let tex_live = tex_live(&project.builds().join("texlive"));
        Self { project, tex_live, engine }
    }

    pub(crate) fn installed(engine: EngineChoice, files: &[(&'static str, &str)]) -> Self {
        let project = Project::new(files);
        let tex_live = installed(&project.builds().join("texlive"));
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

    /// Containers and processes of this test that are there once all is closed: there should be none.
    pub(crate) fn left_behind(self) -> Vec<String> {
        self.tex_live.place.end();
        match &self.tex_live.place {
            Place::Containers(pool) => pool.owner().present(pool.runtime()).unwrap(),
            Place::Installed(_) => still_there(&self.project.builds()),
        }
    }
}
