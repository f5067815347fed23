//! `cargo xtask bench app`: what an author feels, measured in the real window, everything built as it is
//! shipped.

use crate::{bundle, paths, pdfium, setup, shell, ui};
use anyhow::{Result, ensure};
use std::process::Command;

pub(crate) fn run() -> Result<()> {
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
    release(&["--package", "quire-desktop"])?;
    release(&["--package", "quire-e2e", "--bin", "bench-app"])?;
    let built = |name: &str| paths::target().join("release").join(name);
    let corpus = paths::root().join("../shared/corpus");
    ensure!(corpus.is_dir(), "the corpus is not at {}", corpus.display());
    shell::run(
        Command::new(built("bench-app"))
            .arg(paths::root().join("tests/fixtures/sample"))
            .arg(&corpus)
            .arg(paths::root().join("ui/dist"))
            .env("QUIRE_BUNDLE", &bundle)
            .env("QUIRE_DESKTOP", built("quire-desktop"))
            .env("QUIRE_PDFIUM", &pdfium)
            .env("QUIRE_TEX_WORKER", built("quire-tex-worker")),
    )
}
