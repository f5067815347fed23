//! `cargo xtask bundle`: the TeX bundles, built once and kept in the cache.

use crate::{paths, setup};
use anyhow::{Context, Result};
use quire_bundle::{
    Recipe,
    build::{self, BuildPlan, Origin},
};
use std::{path::PathBuf, time::Instant};

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
    Ok(dir)
}
