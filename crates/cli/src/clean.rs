//! `quire clean`: forget what is kept of earlier builds.

use crate::{args::CleanArgs, document::Document, errors::Failure, progress};
use quire_compile::cache::{BuildCache, CacheError, CacheKey, default_builds_folder};
use quire_project::ContentHash;
use std::{fs, process::ExitCode};

pub(crate) fn run(args: &CleanArgs) -> Result<ExitCode, Failure> {
    let document = Document::find(&args.location, false)?;
    let builds = default_builds_folder()
        .ok_or_else(|| Failure::new("there is no cache folder").advise("set QUIRE_CACHE"))?;
    let project = document.folder.to_string_lossy().into_owned();
    let key = CacheKey { project: &project, root: document.root.as_str(), engine: "tectonic" };
    let cache = BuildCache::open(&builds, key, &mut || false).map_err(|e| match e {
        CacheError::Busy => Failure::new(e.to_string()).advise("wait for it to end"),
        CacheError::Io { .. } => Failure::new(e.to_string()),
    })?;
    let mut removed = 0;
    if args.outputs
        && let Some(record) = cache.record()
    {
        for output in &record.result.outputs {
            // Only what is still as we wrote it: anything else is the author's.
            let ours = fs::read(&output.place).is_ok_and(|b| ContentHash::of(&b) == output.hash);
            if ours && fs::remove_file(&output.place).is_ok() {
                removed += 1;
            }
        }
    }
    cache.clear();
    let files = if removed == 0 { String::new() } else { format!(", {removed} files removed") };
    progress::status(progress::GREEN, "Cleaned", &format!("{}{files}", document.root));
    Ok(ExitCode::SUCCESS)
}
