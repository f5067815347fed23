//! `cargo xtask bench app` and `bench live`: what an author feels, measured in the real window, everything
//! built as it is shipped.

use crate::{bundle, paths, pdfium, setup, shell, ui};
use anyhow::{Result, ensure};
use std::{fs, path::Path, process::Command};

/// Start, typing, pages, scrolling, memory.
pub(crate) fn run() -> Result<()> {
    let (sample, dist) =
        (paths::root().join("tests/fixtures/sample"), paths::root().join("ui/dist"));
    in_window("bench-app", |program, corpus| program.arg(sample).arg(corpus).arg(dist))
}

/// From the key to the pixels of its page.
pub(crate) fn live(only: Option<&str>, record: Option<&Path>) -> Result<()> {
    let results = paths::target().join("bench").join("live.json");
    fs::create_dir_all(paths::target().join("bench"))?;
    if record.is_none() {
        super::peers(&super::PEERS)?;
    }
    in_window("bench-live", |program, corpus| {
        program.arg(corpus).arg("--json").arg(&results);
        if let Some(only) = only {
            program.arg("--only").arg(only);
        }
        if let Some(folder) = record {
            program.arg("--record").arg(folder);
        }
        program
    })?;
    if record.is_none() {
        println!("written to {}", results.display());
    }
    Ok(())
}

fn in_window(
    program: &str,
    arguments: impl for<'a> FnOnce(&'a mut Command, &Path) -> &'a mut Command,
) -> Result<()> {
    setup::system_packages()?;
    let bundle = bundle::ensure("full", None)?;
    let pdfium = pdfium::ensure_library()?;
    ui::build()?;
    let release = |args: &[&str]| setup::build(&[args, &["--release"]].concat());
    release(&[
        "--package",
        "quire-tex-engine",
        "--features",
        "worker",
        "--bin",
        "quire-tex-worker",
    ])?;
    // At once, with the same features of what they share: that is compiled once.
    release(&["--workspace", "--bin", "quire-desktop", "--bin", "quire", "--bin", program])?;
    let built = |name: &str| paths::target().join("release").join(name);
    let corpus = paths::root().join("../shared/corpus");
    ensure!(corpus.is_dir(), "the corpus is not at {}", corpus.display());
    let mut command = Command::new(built(program));
    arguments(&mut command, &corpus);
    shell::run(
        command
            .env("QUIRE_BUNDLE", &bundle)
            .env("QUIRE_CLI", built("quire"))
            .env("QUIRE_DESKTOP", built("quire-desktop"))
            .env("QUIRE_PDFIUM", &pdfium)
            .env("QUIRE_TEX_WORKER", built("quire-tex-worker")),
    )
}
