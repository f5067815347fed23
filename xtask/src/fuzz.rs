//! `cargo xtask fuzz`: libFuzzer on the parsers that read bytes from strangers. What it finds goes into
//! `tests/fuzz/seeds` once it is mended, so that every test run looks at it again.

use crate::{paths, setup, shell};
use anyhow::{Result, ensure};
use std::{fs, process::Command};

/// The parsers: folders of `tests/fuzz/seeds`.
const TARGETS: [&str; 22] = [
    "archive",
    "bib",
    "changes",
    "channel",
    "credentials",
    "frame",
    "latex",
    "line",
    "link",
    "log",
    "pack",
    "request",
    "room",
    "settings",
    "sources",
    "strands",
    "synctex",
    "tfm",
    "token",
    "versions",
    "window",
    "xdv",
];
/// An input that takes longer is a finding.
const TIMEOUT_S: u32 = 10;

pub(crate) fn run(target: Option<&str>, seconds: u32) -> Result<()> {
    setup::system_packages()?;
    let cargo_fuzz = setup::cargo_fuzz()?;
    ensure!(
        target.is_none_or(|target| TARGETS.contains(&target)),
        "parsers: {}",
        TARGETS.join(", ")
    );
    for name in TARGETS.into_iter().filter(|name| target.is_none_or(|target| target == *name)) {
        let fuzz = paths::root().join("tests/fuzz");
        // Grows from run to run, outside the tree.
        let corpus = paths::cache().join("fuzz").join(name);
        fs::create_dir_all(&corpus)?;
        shell::run(
            Command::new(&cargo_fuzz)
                .args(["run", "--release", "--sanitizer", "address", "--fuzz-dir"])
                .arg(fuzz.join("libfuzzer"))
                .arg(name)
                .arg(&corpus)
                .arg(fuzz.join("seeds").join(name))
                .arg("--")
                .arg(format!("-max_total_time={seconds}"))
                .arg(format!("-timeout={TIMEOUT_S}"))
                .args(["-rss_limit_mb=2048", "-max_len=65536", "-print_final_stats=1"])
                // Room that is reserved is not yet memory: a count that lies is found out by what follows it.
                .arg("-malloc_limit_mb=1048576")
                .env("ASAN_OPTIONS", "allocator_may_return_null=1")
                .current_dir(&fuzz)
                // The sanitiser's flags are unstable; the compiler is the stable one all the same.
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_DIR", paths::target().join("fuzz")),
        )?;
    }
    Ok(())
}
