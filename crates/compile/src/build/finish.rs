//! The end of a build: what to tell, what to write, what to remember.

use super::{
    BuildError, BuildOutcome, BuildRequest, BuildResult, Transcript, passes::Done, tell, texlive,
};
use crate::{
    cache::{
        BuildCache, BuildRecord, CollectLimits, HelperRecord, InputRecord, OutputRecord,
        RecordedResult, Setting, collect,
    },
    convergence::plain,
    diagnostics::{Diagnostic, Severity},
    outputs::{make_folder, replace_file},
};
use quire_project::{ProjectPath, Stamp};
use quire_tex_engine::TexOutcome;
use std::{
    collections::BTreeSet,
    path::PathBuf,
    time::{Instant, SystemTime},
};

/// Write the results of a build, remember it, and report.
pub(super) fn finish(
    request: &BuildRequest,
    setting: Setting,
    previous: Option<BuildRecord>,
    cache: Option<&BuildCache>,
    done: Done,
    start: Instant,
) -> Result<BuildResult, BuildError> {
    let diagnostics = tell::diagnostics_of(request, &done);
    let outcome = outcome_of(&done, &diagnostics);
    let outputs = if done.killed.is_none() { write_outputs(request, &done)? } else { Vec::new() };
    let place = |wanted: Option<PathBuf>| {
        wanted.filter(|wanted| outputs.iter().any(|output| output.place == *wanted))
    };
    let (pdf, synctex) = (place(request.pdf_place()), place(request.synctex_place()));
    let log = done.last.as_ref().map(|report| report.log.clone()).unwrap_or_default();
    let mut record = BuildRecord {
        setting,
        inputs: inputs_of(request, &done),
        absent: done
            .absent
            .iter()
            .filter(|path| !done.inputs.contains_key(*path))
            .cloned()
            .collect(),
        listing: request
            .engine
            .is_tex_live()
            .then(|| texlive::listing(&*request.files, &request.root)),
        reusable: !done.refused.keys().any(|name| tell::could_be_served_later(name))
            && done.helpers_to_repeat.is_empty(),
        helpers: (done.helpers.iter())
            .filter(|helper| !done.helpers_to_repeat.contains(&helper.name))
            .cloned()
            .collect(),
        result: RecordedResult {
            outcome,
            diagnostics: diagnostics.clone(),
            pages: done.last.as_ref().map_or(0, |report| report.pages),
            passes: done.passes.clone(),
            outputs,
            peak_memory_bytes: done.last.as_ref().map_or(0, |report| report.peak_memory_bytes),
        },
        state: previous.and_then(|previous| previous.state),
    };
    if let (Some(cache), None) = (cache, &done.killed) {
        let state = state_of(&done);
        // Not keeping it makes the next build slower and nothing else.
        let _ = cache.keep(&mut record, state.as_deref(), &log);
        if let Some(builds) = &request.builds_cache {
            collect(builds, CollectLimits::default(), SystemTime::now());
        }
    }
    let transcript = |helper: &HelperRecord| Transcript {
        name: helper.name.clone(),
        text: helper.transcript.clone(),
    };
    Ok(BuildResult {
        outcome,
        up_to_date: false,
        because: done.because,
        place: request.place_words(),
        diagnostics,
        passes: done.passes,
        pages: record.result.pages,
        pdf,
        synctex,
        xdv: done.xdv,
        log,
        transcripts: done.helpers.iter().map(transcript).collect(),
        inputs: record.inputs.iter().map(|input| input.path.clone()).collect(),
        absent: record.absent,
        peak_memory_bytes: record.result.peak_memory_bytes,
        wall: start.elapsed(),
    })
}

fn inputs_of(request: &BuildRequest, done: &Done) -> Vec<InputRecord> {
    let record = |(path, hash): (&ProjectPath, &quire_project::ContentHash)| {
        let stamp = match request.files.stamp(path) {
            Stamp::Known(stamp) => Some(stamp),
            Stamp::Missing | Stamp::Unknown => None,
        };
        InputRecord { path: path.clone(), hash: *hash, stamp }
    };
    done.inputs.iter().map(record).collect()
}

/// The generated files to begin the next build with: those that TeX reads. `None` keeps the ones
/// there are: TeX gave up in the middle of writing these.
fn state_of(done: &Done) -> Option<Vec<(String, Vec<u8>)>> {
    let last = done.last.as_ref()?;
    if matches!(last.outcome, TexOutcome::Fatal(_)) {
        return None;
    }
    let mut wanted: BTreeSet<&str> = last.reads.iter().map(|read| plain(&read.name)).collect();
    for helper in &done.helpers {
        wanted.extend(helper.outputs.iter().map(|(name, _)| name.as_str()));
    }
    if last.outcome == TexOutcome::Errors {
        // An error can keep TeX from coming to a file that it will read again once it is mended.
        wanted.extend(done.restored.iter().map(String::as_str));
    }
    let kept = done.generated.iter().filter(|(name, _)| wanted.contains(name.as_str()));
    Some(kept.map(|(name, bytes)| (name.clone(), bytes.to_vec())).collect())
}

fn write_outputs(request: &BuildRequest, done: &Done) -> Result<Vec<OutputRecord>, BuildError> {
    let Some(place) = &request.output else { return Ok(Vec::new()) };
    let Some(Ok(pdf)) = done.pdf.as_ref().map(|report| report.pdf.as_ref()) else {
        return Ok(Vec::new());
    };
    if place.create {
        make_folder(&place.folder)?;
    }
    let mut written = Vec::new();
    // SyncTeX first: with a new PDF and an old one beside it, clicks would lead astray.
    let files = [
        request.synctex_place().zip(done.synctex.as_deref()),
        request.pdf_place().zip(Some(pdf.as_slice())),
    ];
    for (place, bytes) in files.into_iter().flatten() {
        replace_file(&place, bytes)?;
        written.push(OutputRecord::of(place, bytes));
    }
    Ok(written)
}

fn outcome_of(done: &Done, diagnostics: &[Diagnostic]) -> BuildOutcome {
    if done.killed.is_some() {
        return BuildOutcome::Killed;
    }
    let tex = done.last.as_ref().map(|report| &report.outcome);
    let no_pdf = done.pdf.as_ref().is_some_and(|report| report.pdf.is_err());
    let worst = diagnostics.iter().map(|diagnostic| diagnostic.severity).max();
    match (tex, worst) {
        (None | Some(TexOutcome::Errors | TexOutcome::Fatal(_)), _) => BuildOutcome::Errors,
        (_, Some(Severity::Error)) => BuildOutcome::Errors,
        _ if no_pdf => BuildOutcome::Errors,
        (_, Some(Severity::Warning)) => BuildOutcome::Warnings,
        (_, Some(Severity::Hint) | None) => BuildOutcome::Clean,
    }
}
