//! What a fresh Debian machine lacks: libraries, tools, the worker, the bundle.

use crate::{bundle, dictionaries, paths, pdfium, shell, ui};
use anyhow::{Context, Result, bail};
use std::{fs, path::PathBuf, process::Command};

/// What the engine and the window link, what bundles are built with, what shows and drives a window
/// where there is no screen, and the TeX Live that builds use where no container runtime is.
const PACKAGES: [&str; 28] = [
    "bubblewrap",
    "build-essential",
    "cmake",
    "fontconfig",
    "fonts-dejavu-core",
    "imagemagick",
    "latexmk",
    "libayatana-appindicator3-dev",
    "libdbus-1-dev",
    "libfontconfig1-dev",
    "libfreetype-dev",
    "libgraphite2-dev",
    "libgtk-3-dev",
    "libharfbuzz-dev",
    "libicu-dev",
    "libpng-dev",
    "librsvg2-dev",
    "libsoup-3.0-dev",
    "libssl-dev",
    "libwebkit2gtk-4.1-dev",
    "pkg-config",
    "python3-pip",
    "texlive-latex-base",
    "unzip",
    "webkit2gtk-driver",
    "xauth",
    "xvfb",
    "zlib1g-dev",
];

/// The licence checker, at the version its configuration is written for.
const CARGO_DENY_VERSION: &str = "0.20.2";

/// Everything that tests and the sample need; returns the full bundle's folder.
pub(crate) fn all() -> Result<PathBuf> {
    system_packages()?;
    cargo_deny()?;
    pdfium::ensure_library()?;
    dictionaries::ensure_folder()?;
    bundle::ensure("core", None)?;
    bundle::ensure("full", None)
}

/// Install the system packages that are missing.
pub(crate) fn system_packages() -> Result<()> {
    install(&PACKAGES)
}

/// Install those of these packages that are missing.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    if !cfg!(target_os = "linux") || !shell::exists("apt-get") {
        eprintln!("not a Debian system: install by hand what README names");
        return Ok(());
    }
    let missing = not_installed(packages)?;
    if missing.is_empty() {
        return Ok(());
    }
    apt(&["-qq", "update"])?;
    apt(&[&["install", "-qq", "-y", "--no-install-recommends"], &missing[..]].concat())
        .with_context(|| format!("install these packages by hand: {}", missing.join(" ")))
}

/// True when all of these packages are there.
pub(crate) fn are_installed(packages: &[&str]) -> Result<bool> {
    Ok(not_installed(packages)?.is_empty())
}

fn not_installed<'p>(packages: &[&'p str]) -> Result<Vec<&'p str>> {
    let query = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\n"])
        .args(packages)
        .output()
        .context("cannot ask dpkg which packages are there")?;
    let known = String::from_utf8_lossy(&query.stdout).into_owned();
    let is_there = |name: &&str| known.lines().any(|line| line == format!("{name} installed"));
    Ok(packages.iter().filter(|name| !is_there(name)).copied().collect())
}

/// Run apt-get with the rights it needs.
pub(crate) fn apt(args: &[&str]) -> Result<()> {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let mut command = Command::new(if root { "apt-get" } else { "sudo" });
    if !root {
        command.arg("apt-get");
    }
    shell::run(command.env("DEBIAN_FRONTEND", "noninteractive").args(args))
}

/// The fuzzer's driver.
const CARGO_FUZZ_VERSION: &str = "0.13.2";

/// Where cargo-deny is; installed into the cache when it is not there.
pub(crate) fn cargo_deny() -> Result<PathBuf> {
    cargo_tool("cargo-deny", CARGO_DENY_VERSION)
}

/// Where cargo-fuzz is; installed into the cache when it is not there.
pub(crate) fn cargo_fuzz() -> Result<PathBuf> {
    cargo_tool("cargo-fuzz", CARGO_FUZZ_VERSION)
}

fn cargo_tool(name: &str, version: &str) -> Result<PathBuf> {
    let folder = paths::cache().join("tools").join(format!("{name}-{version}"));
    let program = folder.join("bin").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        shell::run(
            Command::new(env!("CARGO"))
                .args(["install", "--quiet", "--locked", name])
                .args(["--version", version, "--root"])
                .arg(&folder),
        )?;
    }
    Ok(program)
}

/// Build the window's files and the program that embeds them, and return it.
pub(crate) fn desktop() -> Result<PathBuf> {
    ui::build()?;
    // With the features that tests of the whole workspace have: what it links is then built once.
    build(&["--workspace", "--bin", "quire-desktop"])?;
    Ok(paths::built("quire-desktop"))
}

/// Build the relay and return it.
pub(crate) fn relay() -> Result<PathBuf> {
    build(&["--workspace", "--bin", "quire-relay"])?;
    Ok(paths::built("quire-relay"))
}

/// Build the worker and return it.
pub(crate) fn worker() -> Result<PathBuf> {
    build(&["--package", "quire-tex-engine", "--features", "worker", "--bin", "quire-tex-worker"])?;
    let worker = paths::built("quire-tex-worker");
    if !worker.is_file() {
        bail!("the worker was built but is not at {}", worker.display());
    }
    Ok(worker)
}

/// `cargo build` in the profile that tests use.
pub(crate) fn build(args: &[&str]) -> Result<()> {
    shell::run(
        Command::new(env!("CARGO"))
            .args(["build", "--quiet"])
            .args(args)
            .current_dir(paths::root()),
    )
}
