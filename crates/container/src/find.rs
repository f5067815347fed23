//! Where a container runtime listens: what the author chose, what other programs were told, and the places
//! where Docker, Podman and their desktops put their sockets.

use crate::{ContainerError, Runtime};
use std::{
    env,
    path::{Path, PathBuf},
};

/// As a choice: no container, but the TeX Live of this computer.
pub const INSTALLED: &str = "host";

/// A socket or pipe that a runtime may listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Its path, without a scheme.
    pub path: PathBuf,
    /// Why it is looked at, for people: `DOCKER_HOST`, `rootless Podman`.
    pub why: &'static str,
}

/// A runtime that answers, and those that did not.
pub struct Found {
    /// The first that answers.
    pub runtime: Runtime,
    /// What was tried before it, each with why it was not it.
    pub tried: Vec<String>,
}

/// What the places depend on.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// `linux`, `macos` or `windows`.
    pub system: String,
    /// What the author chose: a path, an address that begins with `unix://` or `npipe://`, or [`INSTALLED`].
    pub chosen: Option<String>,
    /// `CONTAINER_HOST`, which Podman's own programs heed.
    pub container_host: Option<String>,
    /// `DOCKER_HOST`.
    pub docker_host: Option<String>,
    /// The home folder.
    pub home: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`.
    pub runtime_dir: Option<PathBuf>,
    /// Folders of `PATH`.
    pub search: Vec<PathBuf>,
}

impl Surroundings {
    /// Those of this process. `QUIRE_CONTAINER_HOST` is the author's choice where `chosen` is none.
    pub fn here(chosen: Option<String>) -> Self {
        let text = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let home = if cfg!(windows) { "USERPROFILE" } else { "HOME" };
        Self {
            system: env::consts::OS.to_owned(),
            chosen: chosen.or_else(|| text("QUIRE_CONTAINER_HOST")),
            container_host: text("CONTAINER_HOST"),
            docker_host: text("DOCKER_HOST"),
            home: text(home).map(PathBuf::from),
            runtime_dir: text("XDG_RUNTIME_DIR").map(PathBuf::from),
            search: env::split_paths(&env::var_os("PATH").unwrap_or_default()).collect(),
        }
    }

    /// Whether the author wants the TeX Live of this computer and no container.
    pub fn wants_installed(&self) -> bool {
        self.chosen.as_deref() == Some(INSTALLED)
    }
}

/// Where to look, the best first. A choice is the only place: nothing else is meant then.
pub fn candidates(surroundings: &Surroundings) -> Vec<Endpoint> {
    let given = |address: &Option<String>, why| {
        let path = local_path(address.as_deref()?)?;
        Some(Endpoint { path, why })
    };
    if surroundings.chosen.is_some() {
        return given(&surroundings.chosen, "as chosen").into_iter().collect();
    }
    let mut all: Vec<Endpoint> = [
        given(&surroundings.container_host, "CONTAINER_HOST"),
        given(&surroundings.docker_host, "DOCKER_HOST"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut add = |base: Option<&Path>, place: &str, why| {
        if let Some(base) = base {
            all.push(Endpoint { path: base.join(place), why });
        }
    };
    let (home, run) = (surroundings.home.as_deref(), surroundings.runtime_dir.as_deref());
    let top = Some(Path::new("/"));
    match surroundings.system.as_str() {
        "windows" => {
            for (pipe, why) in [
                ("docker_engine", "Docker"),
                ("dockerDesktopLinuxEngine", "Docker Desktop"),
                ("podman-machine-default", "Podman machine"),
            ] {
                all.push(Endpoint { path: format!(r"\\.\pipe\{pipe}").into(), why });
            }
        }
        "macos" => {
            add(home, ".docker/run/docker.sock", "Docker Desktop");
            add(home, ".orbstack/run/docker.sock", "OrbStack");
            add(home, ".colima/default/docker.sock", "Colima");
            add(home, ".local/share/containers/podman/machine/podman.sock", "Podman machine");
            add(home, ".local/share/containers/podman/machine/qemu/podman.sock", "Podman machine");
            add(top, "var/run/docker.sock", "Docker");
        }
        _ => {
            // Those that run as the author before those that run as root.
            add(run, "podman/podman.sock", "rootless Podman");
            add(run, "docker.sock", "rootless Docker");
            add(home, ".docker/desktop/docker.sock", "Docker Desktop");
            add(home, ".docker/run/docker.sock", "rootless Docker");
            add(top, "run/podman/podman.sock", "Podman");
            add(top, "var/run/docker.sock", "Docker");
        }
    }
    all
}

/// The path in an address of this computer; `None` for one of another.
fn local_path(address: &str) -> Option<PathBuf> {
    let path = match address.split_once("://") {
        Some(("unix" | "npipe", path)) => path,
        Some(_) => return None,
        None => address,
    };
    Some(PathBuf::from(path))
}

/// The first runtime that answers.
pub fn find(surroundings: &Surroundings) -> Result<Found, ContainerError> {
    let mut tried = Vec::new();
    let remote = |address: &Option<String>| {
        address.as_deref().filter(|address| local_path(address).is_none()).map(str::to_owned)
    };
    for address in [&surroundings.chosen, &surroundings.container_host, &surroundings.docker_host] {
        if let Some(address) = remote(address) {
            tried.push(format!("`{address}` is not a socket of this computer"));
        }
    }
    for endpoint in candidates(surroundings) {
        let is_there = endpoint.path.exists() || surroundings.system == "windows";
        if !is_there {
            // What nobody named need not be there.
            if matches!(endpoint.why, "as chosen" | "CONTAINER_HOST" | "DOCKER_HOST") {
                let (path, why) = (endpoint.path.display(), endpoint.why);
                tried.push(format!("there is no `{path}` ({why})"));
            }
            continue;
        }
        match Runtime::connect(&endpoint) {
            Ok(runtime) => return Ok(Found { runtime, tried }),
            Err(error) => {
                let (path, why) = (endpoint.path.display(), endpoint.why);
                let is_pipe = surroundings.system == "windows";
                if !is_pipe {
                    tried.push(format!("`{path}` ({why}): {error}"));
                }
            }
        }
    }
    Err(ContainerError::NoRuntime { tried })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(surroundings: &Surroundings) -> Vec<String> {
        let all = candidates(surroundings).into_iter();
        all.map(|endpoint| endpoint.path.to_string_lossy().into_owned()).collect()
    }

    fn on(system: &str) -> Surroundings {
        Surroundings {
            system: system.to_owned(),
            home: Some("/home/a".into()),
            runtime_dir: Some("/run/user/1000".into()),
            ..Surroundings::default()
        }
    }

    #[test]
    fn what_runs_as_the_author_goes_before_what_runs_as_root() {
        let all = paths(&on("linux"));
        let at = |path: &str| all.iter().position(|known| known == path).unwrap();
        assert!(at("/run/user/1000/podman/podman.sock") < at("/run/podman/podman.sock"));
        assert!(at("/run/user/1000/docker.sock") < at("/var/run/docker.sock"));
    }

    #[test]
    fn what_other_programs_were_told_goes_first() {
        let told = Surroundings { docker_host: Some("unix:///d.sock".into()), ..on("linux") };
        assert_eq!(paths(&told)[0], "/d.sock");
        let remote = Surroundings { docker_host: Some("tcp://h:2375".into()), ..on("linux") };
        assert_eq!(paths(&remote), paths(&on("linux")));
    }

    #[test]
    fn a_choice_is_the_only_place() {
        let chosen = Surroundings { chosen: Some("/my.sock".into()), ..on("linux") };
        assert_eq!(paths(&chosen), ["/my.sock"]);
        let error = find(&chosen).err().unwrap().to_string();
        assert!(error.contains("there is no `/my.sock`"), "{error}");
    }

    #[test]
    fn desktops_have_their_own_places() {
        assert!(paths(&on("macos")).contains(&"/home/a/.docker/run/docker.sock".to_owned()));
        assert!(paths(&on("windows"))[0].starts_with(r"\\.\pipe\"));
    }
}
