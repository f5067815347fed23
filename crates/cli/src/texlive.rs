//! TeX Live as the command line uses it: one container for one document, gone with the program, or what is installed.

use crate::{
    args::{ContainerArgs, DocumentArgs, RuntimeArgs, TexliveCommand},
    build::cancel_on_interrupt,
    clean,
    doctor::Report,
    errors::{Failure, remedies},
    progress,
};
use quire_bundle::default_cache;
use quire_compile::build::{EngineChoice, TexLive, clear_all};
use quire_container::{
    ContainerError, ImageProgress, Installed, KNOWN_IMAGES, Lacking, Place, Pool, Runtime, Sandbox,
    SandboxLimits, Surroundings, Wanted, find, find_place,
};
use quire_tex_engine::find_worker;
use std::{
    io::{IsTerminal, Write},
    path::PathBuf,
    process::ExitCode,
};

/// What a build with this engine needs; nothing for the one that is built in.
pub(crate) fn of(engine: EngineChoice, args: &DocumentArgs) -> Result<Option<TexLive>, Failure> {
    if !engine.is_tex_live() {
        if args.shell_escape {
            let words = "--shell-escape is for the engines of TeX Live, which run in a sandbox";
            return Err(Failure::new(words).advise("choose one with --engine, such as pdflatex"));
        }
        return Ok(None);
    }
    let found = find_place(&Wanted {
        surroundings: &Surroundings::here(args.container.runtime.container.clone()),
        image: args.container.image.as_deref(),
        worker: &find_worker()?,
        owners: &folder()?.join("owners"),
    })?;
    Ok(Some(TexLive {
        place: found.place,
        image: found.image,
        folder: folder()?,
        limits: limits(args),
        shell_escape: args.shell_escape,
        wipe: false,
        keep_warm: true,
    }))
}

/// The bounds of a build. They are the author's to set, on the command line: a file in the project could be a stranger's.
fn limits(args: &DocumentArgs) -> SandboxLimits {
    let default = SandboxLimits::default();
    // A runtime refuses a container that may use more processors than there are.
    let here = std::thread::available_parallelism().map_or(1, |count| count.get());
    SandboxLimits {
        milli_cpus: args.cpus.min(u32::try_from(here).unwrap_or(u32::MAX)) * 1000,
        processes: args.processes,
        build_bytes: args.max_output.unwrap_or(default.build_bytes),
        ..default
    }
}

/// `quire texlive`.
pub(crate) fn run(command: &TexliveCommand) -> Result<ExitCode, Failure> {
    if matches!(command, TexliveCommand::Clean) {
        let bytes = clear_all(&folder()?).map_err(clean::failure)?;
        let what = format!("{} MB of TeX Live's builds", bytes.div_ceil(1 << 20));
        progress::status(progress::GREEN, "Cleaned", &what);
        return Ok(ExitCode::SUCCESS);
    }
    let cancel = cancel_on_interrupt()?;
    let mut bar = Bar { last: String::new() };
    let mut go_on = |progress: ImageProgress| {
        bar.show(&progress);
        !cancel.is_cancelled()
    };
    let (name, done) = match command {
        TexliveCommand::Pull { image, runtime } => {
            (image, runtime_of(runtime)?.pull(image, &mut go_on))
        }
        TexliveCommand::Import { file, name, runtime } => {
            (name, runtime_of(runtime)?.import(file, name, &mut go_on))
        }
        TexliveCommand::Clean => return Ok(ExitCode::SUCCESS),
    };
    bar.clear();
    match done {
        Err(ContainerError::Cancelled) => return Err(Failure::new("cancelled; nothing was kept")),
        done => done?,
    }
    progress::status(progress::GREEN, "Ready", &format!("the image {name}"));
    Ok(ExitCode::SUCCESS)
}

/// One line that is rewritten in place, on a terminal.
struct Bar {
    last: String,
}

impl Bar {
    fn show(&mut self, progress: &ImageProgress) {
        let (done, total) = (progress.bytes >> 20, progress.total >> 20);
        let line = match total {
            0 => progress.what.clone(),
            _ => format!("{}: {done} of {total} MB", progress.what),
        };
        if line != self.last && std::io::stderr().is_terminal() {
            let mut err = anstream::stderr();
            let _ = write!(err, "\r\x1b[2K{line}");
            let _ = err.flush();
        }
        self.last = line;
    }

    fn clear(&self) {
        if std::io::stderr().is_terminal() {
            let _ = write!(anstream::stderr(), "\r\x1b[2K");
        }
    }
}

fn runtime_of(args: &RuntimeArgs) -> Result<Runtime, Failure> {
    Ok(find(&Surroundings::here(args.container.clone()))?.runtime)
}

/// The image's name and id.
fn image(runtime: &Runtime, chosen: Option<&str>) -> Result<(String, String), Failure> {
    let found = match chosen {
        Some(image) => runtime.first_image(&[image])?,
        None => runtime.first_image(&KNOWN_IMAGES)?,
    };
    let image = chosen.unwrap_or("localhost/quire-texlive:small").to_owned();
    Ok(found.ok_or(ContainerError::NoImage { image })?)
}

/// Where the copies of projects and what their builds write are kept.
pub(crate) fn folder() -> Result<PathBuf, Failure> {
    let cache = default_cache().ok_or_else(|| {
        Failure::new("there is no cache folder").advise("set QUIRE_CACHE to a folder")
    })?;
    Ok(cache.join("texlive"))
}

/// What of TeX Live works on this computer. None of it is needed for the engine that is built in.
pub(crate) fn check(report: &mut Report, args: &ContainerArgs) {
    let surroundings = Surroundings::here(args.runtime.container.clone());
    // Without the worker, which has been told of, nothing can be said.
    let Ok(worker) = find_worker() else { return };
    let installed = Installed::find(&surroundings, &worker);
    let has_containers = !surroundings.wants_installed()
        && check_containers(report, &surroundings, args, installed.is_ok());
    check_installed(report, installed, has_containers);
}

/// Whether builds can run in containers.
fn check_containers(
    report: &mut Report,
    surroundings: &Surroundings,
    args: &ContainerArgs,
    is_installed: bool,
) -> bool {
    let runtime = match find(surroundings) {
        Ok(found) => {
            for other in &found.tried {
                report.weak(&format!("container runtime: {other}"), "another one is used");
            }
            found.runtime
        }
        Err(error) if is_installed => {
            report.note(&format!("no container: {error}"));
            return false;
        }
        Err(error) => {
            report.weak(
                &format!("TeX Live's engines: {error}"),
                "pdfLaTeX and LuaLaTeX need Podman or Docker, or a TeX Live of this computer and \
                 bubblewrap; the built-in engine needs neither",
            );
            return false;
        }
    };
    match runtime.about() {
        Ok(about) => report.good(&format!(
            "container runtime: {} {}{}, cgroup v{}, at {} ({})",
            about.name,
            about.version,
            if about.rootless { ", rootless" } else { "" },
            about.cgroup_version,
            runtime.endpoint().path.display(),
            runtime.endpoint().why
        )),
        Err(error) => {
            report.bad(&error.to_string(), "see what the runtime itself says");
            return false;
        }
    }
    match image(&runtime, args.image.as_deref()) {
        Ok((name, id)) => {
            report.good(&format!("TeX Live image: {name}"));
            let asked = folder().and_then(|folder| {
                Ok(Place::Containers(Pool::new(runtime, &folder.join("owners"))?))
            });
            check_sandbox(report, "container", asked, id);
            true
        }
        Err(failure) => {
            report.weak(&failure.message, failure.advice.as_deref().unwrap_or_default());
            false
        }
    }
}

/// What is used where no container is, or would be.
fn check_installed(
    report: &mut Report,
    installed: Result<Installed, ContainerError>,
    has_containers: bool,
) {
    let installed = match installed {
        Ok(installed) => installed,
        Err(ContainerError::NoInstalled { lacking }) if lacking.contains(&Lacking::Linux) => return,
        Err(error) if has_containers => {
            return report.note(&format!("not needed, since there are containers: {error}"));
        }
        Err(error) => {
            let advice = match &error {
                ContainerError::NoInstalled { lacking } => remedies(lacking),
                _ => String::new(),
            };
            return report.weak(&error.to_string(), &advice);
        }
    };
    let use_of_it =
        if has_containers { "; builds use containers, --container host uses it" } else { "" };
    report.good(&format!(
        "{}: {}, {}{use_of_it}",
        installed.words(),
        installed.programs().display(),
        installed.bubblewrap()
    ));
    report.note(&format!("bounds without a container: {}", installed.bounds()));
    let identity = installed.identity();
    check_sandbox(report, "bubblewrap", Ok(Place::Installed(installed)), identity);
}

/// Ask inside a sandbox what truly holds there.
fn check_sandbox(report: &mut Report, name: &str, place: Result<Place, Failure>, image: String) {
    let asked = || -> Result<_, Failure> {
        let place = place?;
        let temp = folder()?.join(format!("doctor-{}", std::process::id()));
        let (project, build) = (temp.join("project"), temp.join("build"));
        for folder in [&project, &build] {
            std::fs::create_dir_all(folder).map_err(|error| Failure::new(error.to_string()))?;
        }
        let sandbox = Sandbox { image, project, build, limits: SandboxLimits::default() };
        let inside = place.take("doctor", sandbox).and_then(|mut room| room.ask_inside());
        let _ = std::fs::remove_dir_all(&temp);
        Ok(inside?)
    };
    match asked() {
        Ok(inside) if inside.is_sound() => report.good(&format!(
            "{name} sandbox: no network, nothing to write to outside, no rights; limits on memory, \
             processes and processors apply"
        )),
        Ok(inside) => {
            for weakness in inside.weaknesses {
                let words = format!("{name} sandbox: {}", weakness.words());
                if weakness.is_grave() {
                    report.bad(&words, "do not build documents of strangers with it");
                } else {
                    report.weak(
                        &words,
                        "rootless runtimes need cgroup v2 for it, and the system to hand it over to users; \
                         the limit on time holds all the same",
                    );
                }
            }
        }
        Err(failure) => report.bad(
            &format!("{name} sandbox: {}", failure.message),
            failure.advice.as_deref().unwrap_or("see what the runtime itself says"),
        ),
    }
}
