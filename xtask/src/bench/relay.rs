//! `cargo xtask bench relay`: the relay as it is shipped, beside the servers of others, under the same load in the same run.

use crate::{paths, setup, shell, ui};
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What is installed for the peers, and what starts them.
const PEER_FILES: [&str; 5] =
    [".npmrc", "collect.mjs", "hocuspocus.mjs", "package-lock.json", "package.json"];

pub(crate) fn run(seconds: u64) -> Result<()> {
    setup::system_packages()?;
    let trace = paths::root()
        .join("../shared/corpus/editing-traces")
        .join("sequential_traces-automerge-paper.json.gz");
    ensure!(trace.is_file(), "the corpus is not at {}", trace.display());
    let peers = peers()?;
    for (package, program) in [("quire-relay", "quire-relay"), ("quire-load", "bench-relay")] {
        setup::build(&["--package", package, "--bin", program, "--release"])?;
    }
    let built = |name: &str| paths::target().join("release").join(name);
    // Both ends of a thousand lines are open at once.
    let many_files = "ulimit -n 8192 && exec \"$0\" \"$@\"";
    shell::run(
        Command::new("sh")
            .args(["-c", many_files])
            .arg(built("bench-relay"))
            .arg("--relay")
            .arg(built("quire-relay"))
            .arg("--peers")
            .arg(peers)
            .arg("--trace")
            .arg(trace)
            .arg("--out")
            .arg(paths::target().join("bench"))
            .args(["--seconds", &seconds.to_string()]),
    )
}

/// The folder with the peers: in the cache, named by their versions, installed once.
fn peers() -> Result<PathBuf> {
    let source = paths::root().join("tests/load/peers");
    let folder = paths::cache().join("relay-peers").join(versions(&source.join("package.json"))?);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    for name in PEER_FILES {
        let (bytes, place) = (fs::read(source.join(name))?, folder.join(name));
        // What is newer than the packages would have them installed again.
        if fs::read(&place).ok().as_ref() != Some(&bytes) {
            fs::write(&place, bytes)?;
        }
    }
    ui::packages_in(&folder)?;
    Ok(folder)
}

fn versions(manifest: &Path) -> Result<String> {
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(manifest)?)?;
    let packages = manifest["dependencies"].as_object().context("no dependencies")?;
    let named = packages.iter().map(|(name, version)| {
        let version = version.as_str().unwrap_or_default();
        format!("{}-{version}", name.trim_start_matches('@').replace('/', "-"))
    });
    Ok(named.collect::<Vec<_>>().join("_"))
}
