//! What a fresh Debian machine lacks: libraries, the worker, the bundle.

use crate::{bundle, paths, shell};
use anyhow::{Context, Result, bail};
use std::{path::PathBuf, process::Command};

/// What the engine links and what bundles are built with.
const PACKAGES: [&str; 14] = [
    "build-essential",
    "cmake",
    "fontconfig",
    "fonts-dejavu-core",
    "libfontconfig1-dev",
    "libfreetype-dev",
    "libgraphite2-dev",
    "libharfbuzz-dev",
    "libicu-dev",
    "libpng-dev",
    "libssl-dev",
    "pkg-config",
    "unzip",
    "zlib1g-dev",
];

/// Everything that tests and the sample need; returns the full bundle's folder.
pub(crate) fn all() -> Result<PathBuf> {
    system_packages()?;
    bundle::ensure("full", None)
}

/// Install the system packages that are missing.
pub(crate) fn system_packages() -> Result<()> {
    if !cfg!(target_os = "linux") || !shell::exists("apt-get") {
        eprintln!("not a Debian system: install by hand what README names");
        return Ok(());
    }
    let query = Command::new("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\n"])
        .args(PACKAGES)
        .output()
        .context("cannot ask dpkg which packages are there")?;
    let known = String::from_utf8_lossy(&query.stdout).into_owned();
    let is_there = |name: &&str| known.lines().any(|line| line == format!("{name} installed"));
    let missing: Vec<&str> = PACKAGES.iter().filter(|name| !is_there(name)).copied().collect();
    if missing.is_empty() {
        return Ok(());
    }
    let apt = |args: &[&str]| {
        let mut command = if is_root() { Command::new("apt-get") } else { sudo("apt-get") };
        command.env("DEBIAN_FRONTEND", "noninteractive").args(args);
        shell::run(&mut command)
    };
    apt(&["-qq", "update"])?;
    apt(&[&["install", "-qq", "-y", "--no-install-recommends"], &missing[..]].concat())
        .with_context(|| format!("install these packages by hand: {}", missing.join(" ")))
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn sudo(program: &str) -> Command {
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}

/// Build the worker and return it.
pub(crate) fn worker() -> Result<PathBuf> {
    shell::run(
        Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--package", "quire-tex-engine", "--features", "worker"])
            .args(["--bin", "quire-tex-worker"])
            .current_dir(paths::root()),
    )?;
    let worker = paths::built("quire-tex-worker");
    if !worker.is_file() {
        bail!("the worker was built but is not at {}", worker.display());
    }
    Ok(worker)
}
