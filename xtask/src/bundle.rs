//! `cargo xtask bundle`: the TeX bundles, built once and kept in the cache.

use crate::{paths, setup};
use anyhow::{Context, Result};
use quire_bundle::{
    Recipe,
    build::{self, BuildPlan, Origin},
};
use std::{fs, path::PathBuf, time::Instant};

/// The folder of the bundle `name`, built if it is not there.
pub(crate) fn ensure(name: &str, texlive: Option<PathBuf>) -> Result<PathBuf> {
    let path = paths::root().join("tex-bundles").join(format!("{name}.toml"));
    let text = fs::read_to_string(&path)
        .with_context(|| format!("no recipe `{}`; see tex-bundles/", path.display()))?;
    let plan = BuildPlan {
        recipe: Recipe::parse(&text).with_context(|| path.display().to_string())?,
        origin: texlive.map_or(Origin::Debian, Origin::TexLive),
        cache: paths::cache(),
        worker: setup::worker()?,
    };
    let start = Instant::now();
    let dir = build::ensure(&plan, &mut |what| {
        eprintln!("   [{:5.1} s] {name}: {what}", start.elapsed().as_secs_f64());
    })?;
    Ok(dir)
}
