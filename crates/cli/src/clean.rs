//! `quire clean`: forget what is kept of earlier builds.

use crate::{args::CleanArgs, document::Document, errors::Failure, progress, texlive};
use quire_compile::{
    build::{EngineChoice, clear},
    cache::{BuildCache, CacheError, CacheKey, default_builds_folder},
};
use quire_project::ContentHash;
use std::{fs, path::Path, process::ExitCode};

pub(crate) fn run(args: &CleanArgs) -> Result<ExitCode, Failure> {
    let document = Document::find(&args.location, false)?;
    let builds = default_builds_folder()
        .ok_or_else(|| Failure::new("there is no cache folder").advise("set QUIRE_CACHE"))?;
    let project = document.folder.to_string_lossy().into_owned();
    let mut removed = 0;
    for engine in EngineChoice::ALL {
        let root = document.root.as_str();
        let key = CacheKey { project: &project, root, engine: engine.name() };
        if args.outputs {
            removed +=
                remove_outputs(&BuildCache::open(&builds, key, &mut || false).map_err(failure)?);
        }
        clear(&builds, key).map_err(failure)?;
        clear(&texlive::folder()?, key).map_err(failure)?;
    }
    let files = if removed == 0 { String::new() } else { format!(", {removed} files removed") };
    progress::status(progress::GREEN, "Cleaned", &format!("{}{files}", document.root));
    Ok(ExitCode::SUCCESS)
}

/// How many of the files that a build wrote are removed: only what is still as we wrote it. Anything else is the author's.
fn remove_outputs(cache: &BuildCache) -> usize {
    let Some(record) = cache.record() else { return 0 };
    let is_ours =
        |place: &Path, hash| fs::read(place).is_ok_and(|bytes| ContentHash::of(&bytes) == hash);
    let outputs = record.result.outputs.iter();
    outputs
        .filter(|output| {
            is_ours(&output.place, output.hash) && fs::remove_file(&output.place).is_ok()
        })
        .count()
}

pub(crate) fn failure(error: CacheError) -> Failure {
    match error {
        CacheError::Busy => Failure::new(error.to_string()).advise("wait for it to end"),
        CacheError::Io { .. } => Failure::new(error.to_string()),
    }
}
