//! PDFium, prebuilt: taken from the wheel of pypdfium2, which exists for every system we build for, and
//! kept in the cache.

use crate::{paths, shell};
use anyhow::{Context, Result, bail, ensure};
use quire_project::ContentHash;
use std::{fs, path::PathBuf, process::Command};

/// pypdfium2's version; PDFium's own build is 8149.
const VERSION: &str = "5.15.2";

/// Operating system, processor, the wheel's platform tag, its SHA-256, the library in it.
const WHEELS: [(&str, &str, &str, &str, &str); 4] = [
    (
        "linux",
        "x86_64",
        "manylinux_2_17_x86_64",
        "dc31aea5b0fb9fefc9b537a65f4113980b2c40798445736a7e6565bc85161e37",
        "libpdfium.so",
    ),
    (
        "linux",
        "aarch64",
        "manylinux_2_17_aarch64",
        "dd46e93c0c3a73f6cea8489baff6d77a5d0759dd53fbbce0aeb49c91830176fc",
        "libpdfium.so",
    ),
    (
        "windows",
        "x86_64",
        "win_amd64",
        "74d1bace34fb01c660d0b64344d5a4b7d276942b7c6623c88ab59ea21c5acfbd",
        "pdfium.dll",
    ),
    (
        "windows",
        "aarch64",
        "win_arm64",
        "a20398367f188eb817be156bfd00077dcb5f8ad06c093849f3fa70b8087b4a87",
        "pdfium.dll",
    ),
];

/// The library's file, fetched if it is not there.
pub(crate) fn ensure_library() -> Result<PathBuf> {
    let here = (std::env::consts::OS, std::env::consts::ARCH);
    let wheel = WHEELS.iter().find(|(os, arch, ..)| (*os, *arch) == here);
    let Some((_, _, platform, sha256, library)) = wheel else {
        bail!("no PDFium is known for {} {}: put one in QUIRE_PDFIUM", here.0, here.1);
    };
    let folder = paths::cache().join(format!("pdfium-{VERSION}-{platform}"));
    let file = folder.join(library);
    if file.is_file() {
        return Ok(file);
    }
    fs::create_dir_all(paths::cache())?;
    let temp = tempfile::tempdir_in(paths::cache())?;
    shell::run(
        Command::new("python3")
            .args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check"])
            .args(["--no-deps", "--only-binary=:all:", "--platform", platform, "--dest"])
            .arg(temp.path())
            .arg(format!("pypdfium2=={VERSION}")),
    )?;
    let fetched = fs::read_dir(temp.path())?.next().context("pip fetched nothing")??.path();
    let found = ContentHash::of(&fs::read(&fetched)?).to_string();
    ensure!(found == *sha256, "{}: SHA-256 {found}, not {sha256}", fetched.display());
    let unpacked = temp.path().join("unpacked");
    shell::run(
        Command::new("unzip")
            .args(["-q", "-j"])
            .arg(&fetched)
            .args([&format!("pypdfium2_raw/{library}"), "*/LICENSES/*", "-d"])
            .arg(&unpacked),
    )?;
    ensure!(unpacked.join(library).is_file(), "no {library} in {}", fetched.display());
    match fs::rename(&unpacked, &folder) {
        // Another run was quicker.
        Err(_) if file.is_file() => Ok(file),
        renamed => renamed.map(|()| file).with_context(|| folder.display().to_string()),
    }
}
