//! The window: its packages, its types, its files.

use crate::{paths, shell};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn folder() -> PathBuf {
    paths::root().join("ui")
}

fn npm(args: &[&str]) -> Result<()> {
    npm_in(&folder(), args)
}

fn npm_in(folder: &Path, args: &[&str]) -> Result<()> {
    let program = if cfg!(windows) { "npm.cmd" } else { "npm" };
    if !shell::exists("npm") {
        bail!("Node.js with npm is missing: install Node 20 or later");
    }
    shell::run(Command::new(program).args(args).current_dir(folder))
}

/// The window's packages, if they are not there.
pub(crate) fn packages() -> Result<()> {
    packages_in(&folder())
}

/// The packages that the lock file of a folder names, if they are not there.
pub(crate) fn packages_in(folder: &Path) -> Result<()> {
    // npm writes this file last, with what it has installed.
    let installed = folder.join("node_modules/.package-lock.json");
    let age = |path: &PathBuf| fs::metadata(path).and_then(|about| about.modified()).ok();
    let wanted = age(&folder.join("package-lock.json"));
    if wanted.is_some() && age(&installed) >= wanted {
        return Ok(());
    }
    npm_in(folder, &["ci", "--no-audit", "--no-fund", "--loglevel=error"])
}

/// The files that the program embeds.
pub(crate) fn build() -> Result<()> {
    packages()?;
    npm(&["run", "--silent", "build"])
}

/// Lints and tests.
pub(crate) fn check() -> Result<()> {
    packages()?;
    npm(&["run", "--silent", "lint"])?;
    npm(&["run", "--silent", "test"])
}

/// Write the types of the interface.
pub(crate) fn bindings() -> Result<()> {
    let output = Command::new(env!("CARGO"))
        .args(["run", "--quiet", "--package", "quire-ipc", "--example", "bindings"])
        .current_dir(paths::root())
        .output()
        .context("cannot run cargo")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr));
    }
    let place = folder().join("src/ipc/generated.ts");
    fs::write(&place, output.stdout).with_context(|| place.display().to_string())
}
