//! The TeX Live of this computer, inside bubblewrap: for computers without a container runtime. A program sees
//! the system read-only, the project read-only, its build folder, a small `/tmp`, and nothing else; the worker program
//! puts up the innermost walls (Landlock, seccomp, limits) before it becomes what is to run.

mod bwrap;
mod lacking;
mod processes;
mod run;
mod scope;
mod tex;
mod walls;

pub use lacking::Lacking;
pub use run::Bubble;
pub(crate) use walls::address_space;

use crate::{ContainerError, Sandbox, Surroundings, warm::author};
use bwrap::{Bwrap, Who};
use scope::Scopes;
use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use tex::Tex;
use walls::System;

/// How long a program may take to say what it is.
const PATIENCE: Duration = Duration::from_secs(10);

/// A TeX Live of this computer, and what shuts it in. Copies share it.
#[derive(Clone, Debug)]
pub struct Installed {
    found: Arc<Found>,
}

#[derive(Debug)]
struct Found {
    tex: Tex,
    bwrap: Bwrap,
    worker: PathBuf,
    system: System,
    /// Groups of processes with bounds of their own, where the system hands them out.
    scopes: Option<Scopes>,
}

impl Installed {
    /// Look for TeX Live and bubblewrap, and try whether that may do what it is for. `worker` is the program that
    /// closes the walls inside.
    pub fn find(surroundings: &Surroundings, worker: &Path) -> Result<Self, ContainerError> {
        if surroundings.system != "linux" {
            return Err(ContainerError::NoInstalled { lacking: vec![Lacking::Linux] });
        }
        match (Tex::find(surroundings), Bwrap::find(surroundings)) {
            (Ok(tex), Ok(bwrap)) => {
                let scopes = Scopes::find(surroundings, bwrap.who);
                let (worker, system) = (worker.to_owned(), System::here());
                let found = Found { tex, bwrap, worker, system, scopes };
                Ok(Self { found: Arc::new(found) })
            }
            (tex, bwrap) => {
                let lacking = tex.err().into_iter().chain(bwrap.err()).collect();
                Err(ContainerError::NoInstalled { lacking })
            }
        }
    }

    /// What it is, for people.
    pub fn words(&self) -> String {
        format!("TeX Live {} of this computer, in bubblewrap", self.found.tex.release)
    }

    /// The folder of its programs.
    pub fn programs(&self) -> &Path {
        &self.found.tex.bin
    }

    /// Which bubblewrap shuts it in.
    pub fn bubblewrap(&self) -> String {
        let (version, program) = (&self.found.bwrap.version, self.found.bwrap.program.display());
        format!("bubblewrap {version} ({program})")
    }

    /// Who bounds what all programs of a build use up together.
    pub fn bounds(&self) -> &'static str {
        match self.found.scopes {
            Some(_) => "the system bounds memory, processes and processors (a scope of systemd)",
            None => "the system bounds each process, Quire watches what all of them use together",
        }
    }

    /// What tells it from another, and from what it was before it was brought up to date.
    pub fn identity(&self) -> String {
        let Tex { bin, release, stamp, .. } = &self.found.tex;
        format!("installed {release} in {} {stamp}", bin.display())
    }

    /// Walls for one document's programs. Its folders must exist.
    pub fn bubble(&self, sandbox: Sandbox) -> Result<Bubble, ContainerError> {
        if self.found.bwrap.who == Who::Root {
            // Nothing runs as root, whoever starts it.
            let io = |source| ContainerError::Io { place: sandbox.build.clone(), source };
            author(&sandbox.build).map_err(io)?;
        }
        Ok(Bubble::new(self.found.clone(), sandbox))
    }
}

/// What a program of this computer answers, unless it takes too long; it must not say much.
fn ask(command: &mut Command) -> Option<Output> {
    let command = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let begin = Instant::now();
    while child.try_wait().ok()?.is_none() {
        if begin.elapsed() > PATIENCE {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        thread::sleep(Duration::from_millis(2));
    }
    child.wait_with_output().ok()
}

/// The program of this name in the folders of `PATH`.
fn on_path(surroundings: &Surroundings, name: &str) -> Option<PathBuf> {
    let folders = surroundings.search.iter().map(PathBuf::as_path);
    let usual = ["/usr/bin", "/bin", "/usr/local/bin"].map(Path::new);
    let mut places = folders.chain(usual).map(|folder| folder.join(name));
    places.find(|place| place.is_absolute() && place.is_file())
}
