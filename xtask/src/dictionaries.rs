//! Dictionaries for spelling, in Hunspell's format: taken from npm, kept in the cache, and installed as
//! files beside the program. They are data with licences of their own (some of them the GPL), read when
//! the program runs and no part of it: each lies beside its licence.

use crate::{paths, shell};
use anyhow::{Context, Result, ensure};
use quire_project::ContentHash;
use std::{fmt::Write, fs, path::PathBuf, process::Command};

/// The folder's name in the cache. `src-tauri` looks for it there.
const FOLDER: &str = "dictionaries-1";

/// Language, npm package, version, licence, SHA-256 of its archive.
const PACKAGES: [(&str, &str, &str, &str, &str); 8] = [
    (
        "en",
        "dictionary-en",
        "4.0.0",
        "MIT AND BSD",
        "160cba5e6c0230d43d70b0c929e498566ff2c3c4bcf840318d98ce28e31ee756",
    ),
    (
        "en-GB",
        "dictionary-en-gb",
        "3.0.0",
        "MIT AND BSD",
        "67b3ac7f78c31408927b9e4e4f55bbd6a338ae6596a5c09bd937e471694fa218",
    ),
    (
        "de",
        "dictionary-de",
        "3.0.0",
        "GPL-2.0 OR GPL-3.0",
        "50b5640b33c276a49cc15f426f2d31ee5faf397f4a27e92b1678e77f43f8d14a",
    ),
    (
        "fr",
        "dictionary-fr",
        "3.0.0",
        "MPL-2.0",
        "b20ab69249881bc36b1dcdfbfd2df226660a7cecc95f2cf122714008b491c78e",
    ),
    (
        "es",
        "dictionary-es",
        "4.0.0",
        "GPL-3.0 OR LGPL-3.0 OR MPL-1.1",
        "b46986527b23ff1a578d601db7f1e6dc80cc36b728fdcb6044b5212e12e202d5",
    ),
    (
        "pt",
        "dictionary-pt",
        "4.0.0",
        "LGPL-3.0 OR MPL-2.0",
        "644a05af5c6d2c16eea1093c7ac4c14b45637170cf5b3dd1c07ae0f13256b54d",
    ),
    (
        "pt-PT",
        "dictionary-pt-pt",
        "2.0.0",
        "GPL-2.0 OR LGPL-2.1 OR MPL-1.1",
        "91dfb9749a4221dcdd7a7dd9a0270ed1cf878fe5f93c65599a789dbfda2ced5c",
    ),
    (
        "it",
        "dictionary-it",
        "2.0.0",
        "GPL-3.0",
        "d004e1a9b9f41c262590164ba957bd75d376db8b9457e449b5dae60b4d020387",
    ),
];

/// The folder of dictionaries, fetched if it is not there.
pub(crate) fn ensure_folder() -> Result<PathBuf> {
    let folder = paths::cache().join(FOLDER);
    if folder.is_dir() {
        return Ok(folder);
    }
    fs::create_dir_all(paths::cache())?;
    let temp = tempfile::tempdir_in(paths::cache())?;
    let made = temp.path().join(FOLDER);
    fs::create_dir(&made)?;
    let mut note = String::from(
        "Dictionaries for spelling. They are read when Quire runs and are no part of the program; each \
         may be replaced or removed. Their full licences are in the files LANGUAGE.license.\n\n",
    );
    for (language, package, version, licence, sha256) in PACKAGES {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let name = format!("{package}@{version}");
        let fetch = ["pack", "--silent", "--loglevel=error", &name];
        shell::run(Command::new(npm).args(fetch).current_dir(temp.path()))?;
        let archive = temp.path().join(format!("{package}-{version}.tgz"));
        let bytes = fs::read(&archive).with_context(|| archive.display().to_string())?;
        let found = ContentHash::of(&bytes).to_string();
        ensure!(found == sha256, "{}: SHA-256 {found}, not {sha256}", archive.display());
        shell::run(Command::new("tar").arg("xzf").arg(&archive).current_dir(temp.path()))?;
        let unpacked = temp.path().join("package");
        for (from, to) in [("index.aff", "aff"), ("index.dic", "dic"), ("license", "license")] {
            fs::rename(unpacked.join(from), made.join(format!("{language}.{to}")))?;
        }
        fs::remove_dir_all(&unpacked)?;
        writeln!(note, "{language}: {package} {version}, {licence}")?;
    }
    fs::write(made.join("THIRD-PARTY.txt"), note)?;
    match fs::rename(&made, &folder) {
        // Another run was quicker.
        Err(_) if folder.is_dir() => Ok(folder),
        renamed => renamed.map(|()| folder).context("cannot keep the dictionaries"),
    }
}
