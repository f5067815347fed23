//! `cargo xtask test`: everything that must hold, on a machine that had nothing.

use crate::{bundle, check, container, paths, pdfium, setup, shell, ui};
use anyhow::{Context, Result, ensure};
use std::{ffi::OsString, path::PathBuf, process::Command, time::Instant};

/// Programs of a TeX installation that Quire must do without.
const TEX_PROGRAMS: [&str; 6] =
    ["xelatex", "pdflatex", "latexmk", "kpsewhich", "biber", "makeindex"];

pub(crate) fn run(filter: Option<&str>) -> Result<()> {
    let start = Instant::now();
    let at = |what: &str| eprintln!("== {what} ({:.0} s)", start.elapsed().as_secs_f64());
    at("set-up");
    let surroundings = Surroundings::make()?;
    let engine = container::Service::start()?;
    let (desktop, relay) = (setup::desktop()?, setup::relay()?);
    ui::packages_in(&paths::root().join("sync-server/tests/strangers"))?;
    if filter.is_none() {
        at("checks");
        check::all()?;
        at("the window");
        ui::check()?;
    }
    at("tests");
    // The worker's own code is only there with its feature.
    const WORKER: [&str; 5] = ["--package", "quire-tex-engine", "--features", "worker", "--lib"];
    let run = |which: &[&str]| {
        let mut command = Command::new(env!("CARGO"));
        match shell::exists("cargo-nextest") {
            true => command.args(["nextest", "run"]),
            false => command.arg("test"),
        };
        command.args(which).arg("--no-fail-fast").args(filter);
        command.env("QUIRE_DESKTOP", &desktop).env("QUIRE_RELAY", &relay);
        command.env("QUIRE_CONTAINER_HOST", engine.address());
        shell::run(surroundings.around(&mut command))
    };
    // A filter is for one of both.
    if filter.is_none() {
        run(&WORKER)?;
    }
    run(&["--workspace"])?;
    at("done");
    Ok(())
}

/// The golden tests alone; with `bless`, what they find becomes what they expect.
pub(crate) fn golden(filter: Option<&str>, bless: bool) -> Result<()> {
    let surroundings = Surroundings::make()?;
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "--package", "quire-golden", "--"]).args(filter);
    if bless {
        command.env("QUIRE_BLESS", "1");
    }
    shell::run(surroundings.around(&mut command))
}

/// The pictures of the templates, made anew.
pub(crate) fn templates(filter: Option<&str>) -> Result<()> {
    let surroundings = Surroundings::make()?;
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["test", "--quiet", "--package", "quire-templates", "--test", "built", "--"])
        .args(filter)
        .env("QUIRE_BLESS", "1");
    shell::run(surroundings.around(&mut command))
}

/// What is tried at random.
#[derive(clap::Subcommand)]
pub(crate) enum Trial {
    /// Pages that follow the keystroke
    Live {
        /// How many edits
        #[arg(long, default_value_t = 2000)]
        edits: usize,
        /// What they follow from; without it, they are new ones
        #[arg(long)]
        seed: Option<u64>,
        /// Only this document
        #[arg(long)]
        only: Option<String>,
    },
    /// Authors and a relay that fails in every way
    Relay {
        /// How many worlds
        #[arg(long, default_value_t = 10_000)]
        seeds: u64,
        /// The seed of the first; each night another, to see worlds that nobody has seen
        #[arg(long, default_value_t = 0)]
        from: u64,
    },
    /// A real relay that is killed again and again while several write
    Crash {
        /// How often
        #[arg(long, default_value_t = 300)]
        kills: usize,
    },
}

/// What takes too long for every run of the tests, which try a little of it.
pub(crate) fn trial(what: &Trial) -> Result<()> {
    match what {
        Trial::Live { edits, seed, only } => live(*edits, *seed, only.as_deref()),
        Trial::Relay { seeds, from } => shell::run(
            tests_named("seeds")
                .args(["--", "--nocapture"])
                .env("QUIRE_SEEDS", seeds.to_string())
                .env("QUIRE_FROM", from.to_string()),
        ),
        Trial::Crash { kills } => shell::run(
            tests_named("process")
                .args(["no_kill", "--", "--nocapture"])
                .env("QUIRE_KILLS", kills.to_string()),
        ),
    }
}

/// The tests of this name, with the features that all tests have: what they are made of is then built once.
fn tests_named(name: &str) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command.args(["test", "--quiet", "--workspace", "--test", name]).current_dir(paths::root());
    command
}

fn live(edits: usize, seed: Option<u64>, only: Option<&str>) -> Result<()> {
    let surroundings = Surroundings::make()?;
    let mut command = tests_named("trial");
    command.args(["random_edits", "--", "--nocapture"]).env("QUIRE_EDITS", edits.to_string());
    if let Some(seed) = seed {
        command.env("QUIRE_SEED", seed.to_string());
    }
    if let Some(only) = only {
        command.env("QUIRE_DOCUMENT", only);
    }
    shell::run(surroundings.around(&mut command))
}

/// How long TeX Live in a container takes, beside the one whose programs are in `host`.
pub(crate) fn container_bench(host: &std::path::Path) -> Result<()> {
    let surroundings = Surroundings::make()?;
    let engine = container::Service::start()?;
    let mut command = tests_named("containers_bench");
    command
        // One after the other: each has the machine to itself.
        .args(["--", "--nocapture", "--test-threads", "1"])
        .env("QUIRE_CONTAINER_HOST", engine.address())
        .env("QUIRE_HOST_TEX", host);
    shell::run(surroundings.around(&mut command))
}

/// What tests need around them.
struct Surroundings {
    worker: PathBuf,
    bundle: PathBuf,
    core_bundle: PathBuf,
    pdfium: PathBuf,
    path: OsString,
}

impl Surroundings {
    fn make() -> Result<Self> {
        let corpus = paths::root().join("../shared/corpus/README.md");
        ensure!(
            corpus.is_file(),
            "the corpus is not at {}: tests need its documents",
            corpus.display()
        );
        setup::system_packages()?;
        let worker = setup::worker()?;
        let pdfium = pdfium::ensure_library()?;
        let core_bundle = bundle::ensure("core", None)?;
        let bundle = bundle::ensure("full", None)?;
        Ok(Self { worker, bundle, core_bundle, pdfium, path: path_without_tex()? })
    }

    fn around<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command
            .current_dir(paths::root())
            .env("PATH", &self.path)
            .env("QUIRE_BUNDLE", &self.bundle)
            .env("QUIRE_CORE_BUNDLE", &self.core_bundle)
            .env("QUIRE_PDFIUM", &self.pdfium)
            .env("QUIRE_TEX_WORKER", &self.worker)
    }
}

/// The search path with a folder of links to everything but TeX in place of folders that hold TeX.
fn path_without_tex() -> Result<OsString> {
    let has_tex =
        |folder: &PathBuf| TEX_PROGRAMS.iter().any(|program| folder.join(program).exists());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = Vec::new();
    for (i, folder) in std::env::split_paths(&path).enumerate() {
        if !has_tex(&folder) {
            folders.push(folder);
            continue;
        }
        let links = paths::target().join("path-without-tex").join(i.to_string());
        if links.exists() {
            std::fs::remove_dir_all(&links).with_context(|| links.display().to_string())?;
        }
        std::fs::create_dir_all(&links).with_context(|| links.display().to_string())?;
        for entry in std::fs::read_dir(&folder)?.flatten() {
            let name = entry.file_name();
            if !TEX_PROGRAMS.iter().any(|program| name == *program) {
                link(&entry.path(), &links.join(&name))?;
            }
        }
        folders.push(links);
    }
    ensure!(!folders.iter().any(has_tex), "a TeX program is still on the search path");
    Ok(std::env::join_paths(folders)?)
}

#[cfg(unix)]
fn link(target: &std::path::Path, place: &std::path::Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(target, place)?)
}

#[cfg(not(unix))]
fn link(target: &std::path::Path, place: &std::path::Path) -> Result<()> {
    std::fs::copy(target, place)?;
    Ok(())
}
