//! `cargo xtask bundle`: the TeX bundles, built once and kept in the cache.

use crate::{paths, setup};
use anyhow::{Context, Result};
use quire_bundle::{
    Recipe,
    build::{self, BuildPlan, Origin},
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant, SystemTime},
};

/// The folder of the bundle `name`, built if it is not there.
pub(crate) fn ensure(name: &str, texlive: Option<PathBuf>) -> Result<PathBuf> {
    let path = paths::root().join("tex-bundles").join(format!("{name}.toml"));
    let plan = BuildPlan {
        recipe: Recipe::read(&path).context("see tex-bundles/ for recipes")?,
        origin: texlive.map_or(Origin::Debian, Origin::TexLive),
        cache: paths::cache(),
        worker: setup::worker()?,
    };
    let start = Instant::now();
    let dir = build::ensure(&plan, &mut |what| {
        eprintln!("   [{:5.1} s] {name}: {what}", start.elapsed().as_secs_f64());
    })?;
    forget_unused(&dir)?;
    Ok(dir)
}

/// A bundle of an earlier recipe that no clone has used for this long is removed: each is gigabytes.
const UNUSED: Duration = Duration::from_secs(14 * 24 * 60 * 60);

/// Mark `used` as used now, and remove the bundles beside it that nobody used for long.
fn forget_unused(used: &Path) -> Result<()> {
    let now = SystemTime::now();
    // The time of the folder itself: nothing in an installed bundle changes.
    fs::File::open(used)?.set_modified(now).with_context(|| used.display().to_string())?;
    let beside = used.parent().context("a bundle in no folder")?;
    for entry in fs::read_dir(beside)?.flatten() {
        let last_use = entry.metadata()?.modified()?;
        let is_old = now.duration_since(last_use).is_ok_and(|unused| unused > UNUSED);
        if is_old && entry.path() != used && entry.path().join("manifest.json").is_file() {
            eprintln!("   removing {}, unused since long", entry.path().display());
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bundles_that_nobody_used_for_long_are_removed() {
        let temp = tempfile::tempdir().unwrap();
        let make = |name: &str, age: Duration| {
            let dir = temp.path().join(name);
            fs::create_dir(&dir).unwrap();
            fs::write(dir.join("manifest.json"), "{}").unwrap();
            fs::File::open(&dir).unwrap().set_modified(SystemTime::now() - age).unwrap();
            dir
        };
        let (used, new, old) =
            (make("a", 2 * UNUSED), make("b", UNUSED / 2), make("c", 2 * UNUSED));
        forget_unused(&used).unwrap();
        assert_eq!([used.is_dir(), new.is_dir(), old.is_dir()], [true, true, false]);
    }
}
