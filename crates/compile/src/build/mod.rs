//! One build: passes of TeX and helper programs until nothing changes any more, then the PDF.
//!
//! [`build`] reads like the story: is the last result still good? → start a worker with the files
//! of the last build → pass, helpers, judge, again → PDF → write → remember.

mod clear;
mod draft;
mod finish;
mod first_pass;
mod passes;
mod pdf;
mod report;
mod request;
pub(crate) mod session;
mod tell;
mod texlive;

pub use clear::{clear, clear_all};
#[cfg(target_os = "linux")]
pub(crate) use first_pass::EngineIdentity;
pub use first_pass::{FirstPass, SyncTexFile};
pub use report::{BuildError, BuildOutcome, BuildResult, Event, PassReport, Transcript};
pub use request::{BuildDate, BuildOptions, BuildRequest, EngineChoice, OutputPlace};
pub use texlive::TexLive;

use crate::{
    cache::{BuildCache, BuildRecord, CacheError, CacheKey, Setting, StaleBecause},
    convergence::Generated,
};
use quire_project::ProjectPath;
use quire_tex_engine::CancelToken;
use std::{collections::BTreeMap, path::Path, sync::Arc, time::Instant};

/// Build a document. `events` is told of progress; `cancel` ends the build from another thread.
///
/// A faulty document is a result, not an error.
pub fn build(
    request: &BuildRequest,
    events: &mut dyn FnMut(Event),
    cancel: &CancelToken,
) -> Result<BuildResult, BuildError> {
    build_from(request, &mut |_| None, events, cancel)
}

/// Asks a live document for a pass that begins with these generated files, or to run one.
pub type LivePasses<'a> = &'a mut dyn FnMut(&BTreeMap<String, Arc<[u8]>>) -> Option<Arc<FirstPass>>;

/// Build a document as [`build`] does. Once the last result turns out not to stand, `live` is asked for the first
/// pass, and as long as it has passes for the next; one of other files than the build's is not taken.
pub fn build_from(
    request: &BuildRequest,
    live: LivePasses<'_>,
    events: &mut dyn FnMut(Event),
    cancel: &CancelToken,
) -> Result<BuildResult, BuildError> {
    let start = Instant::now();
    request.check_engine()?;
    let request = &draft::with_draft(request);
    match request.files.read(&request.root) {
        Ok(Some(_)) => {}
        Ok(None) => return Err(BuildError::NoRoot { root: request.root.clone() }),
        Err(source) => return Err(BuildError::UnreadableRoot { source }),
    }
    let setting = request.setting();
    let cache = open_cache(request, events, cancel)?;
    let mut record = cache.as_ref().and_then(BuildCache::record);
    let listing = || texlive::listing(&*request.files, &request.root);
    let mut because = None;
    let mut knows_what_changed = false;
    if let (Some(cache), Some(record)) = (&cache, &mut record) {
        match record.check(&setting, &*request.files, &listing, &request.places()) {
            Ok(learned) => {
                if learned {
                    // Only the next check is slower without.
                    let _ = cache.keep_record(record);
                }
                return Ok(BuildResult::up_to_date(request, record, cache.log(), start.elapsed()));
            }
            Err(stale) => {
                knows_what_changed =
                    !matches!(stale, StaleBecause::Setting | StaleBecause::Refused);
                because = Some(stale.to_string());
            }
        }
    }
    if let Some(tex_live) = &request.tex_live
        && request.engine.is_tex_live()
    {
        let force = !knows_what_changed;
        let done = texlive::run(request, tex_live, (because, force), events, cancel)?;
        return finish::finish(request, setting, None, cache.as_ref(), done, start);
    }
    let record = record.filter(|record| goes_on_from(record, &setting));
    let restored = match (&cache, &record) {
        (Some(cache), Some(record)) => cache.state(record).unwrap_or_default(),
        _ => Vec::new(),
    };
    let restored: Generated =
        restored.into_iter().map(|(name, bytes)| (name, bytes.into())).collect();
    let first = live(&restored).filter(|pass| pass.is_of(request, &restored));
    let request = &first.as_ref().map_or_else(|| request.clone(), |pass| pass.dated(request));
    let beginning = passes::Beginning { restored, first, live };
    let done = passes::run(request, record.as_ref(), beginning, because, events, cancel)?;
    finish::finish(request, setting, record, cache.as_ref(), done, start)
}

/// The files that the last build of a document generated (`.aux`, `.bbl` …); empty when there was none
/// or another build runs.
pub fn last_generated(
    builds_cache: &Path,
    project: &str,
    root: &ProjectPath,
    engine: EngineChoice,
) -> Vec<(String, Vec<u8>)> {
    let key = CacheKey { project, root: root.as_str(), engine: engine.name() };
    let cache = BuildCache::open(builds_cache, key, &mut || false).ok();
    cache.and_then(|cache| cache.state(&cache.record()?)).unwrap_or_default()
}

/// Whether the generated files of another build are fit to begin with: those of another engine or
/// bundle may break this one.
fn goes_on_from(record: &BuildRecord, setting: &Setting) -> bool {
    record.setting.program == setting.program
        && record.setting.bundle == setting.bundle
        && record.setting.job_name == setting.job_name
}

fn open_cache(
    request: &BuildRequest,
    events: &mut dyn FnMut(Event),
    cancel: &CancelToken,
) -> Result<Option<BuildCache>, BuildError> {
    let Some(builds) = &request.builds_cache else { return Ok(None) };
    match open_place(builds, request, events, cancel) {
        Ok(cache) => Ok(Some(cache)),
        Err(CacheError::Busy) => Err(BuildError::CancelledWhileWaiting),
        // A cache that cannot be had makes the build slower, not wrong.
        Err(CacheError::Io { .. }) => Ok(None),
    }
}

/// The document's place in a folder of places, held so that no other build uses it.
fn open_place(
    folder: &Path,
    request: &BuildRequest,
    events: &mut dyn FnMut(Event),
    cancel: &CancelToken,
) -> Result<BuildCache, CacheError> {
    let key = CacheKey {
        project: &request.project,
        root: request.root.as_str(),
        engine: request.engine.name(),
    };
    let mut told = false;
    let mut keep_waiting = || {
        if !std::mem::replace(&mut told, true) {
            events(Event::WaitingForOtherBuild);
        }
        !cancel.is_cancelled()
    };
    BuildCache::open(folder, key, &mut keep_waiting)
}
