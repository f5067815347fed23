//! `quire build` and `quire check`.

use crate::{
    args::{BuildArgs, CheckArgs, DocumentArgs},
    document::{Document, output_place, request},
    errors::Failure,
    json,
    progress::{self, Progress},
    render::{self, Detail},
};
use quire_compile::{
    build::{BuildOutcome, BuildRequest, BuildResult, Event, build},
    outputs,
    suggest::{Chosen, suggest},
};
use quire_tex_engine::CancelToken;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Exit code when the document has errors or ran into a limit.
const DOCUMENT_ERRORS: u8 = 1;
/// Exit code after Ctrl-C, as shells expect it.
const INTERRUPTED: u8 = 130;

pub(crate) fn run(args: &BuildArgs) -> Result<ExitCode, Failure> {
    let output = &args.output;
    let document = find(&output.document)?;
    let place = output_place(&document, output)?;
    let request = request(&document, &output.document, Some(place), !output.no_synctex)?;
    let request = for_once(request);
    let cancel = cancel_on_interrupt()?;
    let result = once(&document, &request, &output.document, &cancel);
    document.end();
    let result = result?;
    if args.keep_log
        && let Some(pdf) = request.pdf_place()
    {
        outputs::replace_file(&pdf.with_extension("log"), &result.log)
            .map_err(|e| Failure::new(e.to_string()))?;
    }
    Ok(code(&result))
}

pub(crate) fn check(args: &CheckArgs) -> Result<ExitCode, Failure> {
    let document = find(&args.document)?;
    let request = for_once(request(&document, &args.document, None, false)?);
    let cancel = cancel_on_interrupt()?;
    let result = once(&document, &request, &args.document, &cancel);
    document.end();
    Ok(code(&result?))
}

/// No build follows that a container would have to be kept for.
fn for_once(mut request: BuildRequest) -> BuildRequest {
    request.tex_live.iter_mut().for_each(|tex_live| tex_live.keep_warm = false);
    request
}

pub(crate) fn find(args: &DocumentArgs) -> Result<Document, Failure> {
    Document::find(&args.location, args.quiet || args.json)
}

/// Build once and show what came of it.
pub(crate) fn once(
    document: &Document,
    request: &BuildRequest,
    args: &DocumentArgs,
    cancel: &CancelToken,
) -> Result<BuildResult, Failure> {
    let mut progress = Progress::new(document.root.as_str(), args.quiet || args.json);
    if args.json {
        json::started(document);
    }
    let mut on_event = |event: Event| {
        if args.json {
            json::event(&event);
        } else {
            progress.event(&event);
        }
    };
    let result = build(request, &mut on_event, cancel);
    progress.clear();
    let result = result?;
    if args.json {
        json::finished(document, &*request.files, &result);
        return Ok(result);
    }
    let detail = match (args.quiet, args.verbose) {
        (true, _) => Detail::Quiet,
        (_, true) => Detail::Verbose,
        _ => Detail::Normal,
    };
    render::print(&result, &*request.files, detail);
    if args.verbose {
        if let Some(place) = &result.place {
            progress::status(progress::CYAN, "Engine", place);
        }
        for (i, pass) in result.passes.iter().enumerate() {
            let helpers = pass.helpers.join(", ");
            let helpers =
                if helpers.is_empty() { String::new() } else { format!("; then {helpers}") };
            let time = pass.wall.as_secs_f64();
            let line = format!("{}: {} ({time:.2} s{helpers})", i + 1, pass.reason);
            progress::status(progress::CYAN, "Pass", &line);
        }
    }
    if !args.quiet {
        advise(request, &result);
        render::summary(&result, result.pdf.as_deref().map(short).as_deref());
    }
    Ok(result)
}

/// Say which engine has what the document needs, when the one that built it has not.
fn advise(request: &BuildRequest, result: &BuildResult) {
    let tex_live = request.tex_live.as_ref().filter(|_| request.engine.is_tex_live());
    let chosen = Chosen {
        engine: request.engine,
        runs_programs: tex_live.is_some_and(|tex_live| tex_live.shell_escape),
    };
    let suggestion = suggest(&*request.files, &request.root, chosen, &result.diagnostics);
    // A mere wish was told before the build.
    if let Some(found) = suggestion.filter(|found| found.is_needed) {
        let consent = if found.runs_programs { " --shell-escape" } else { "" };
        progress::note(&format!("{} Try --engine {}{consent}", found.why, found.engine.name()));
    }
}

/// A path as one would type it from here.
fn short(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let inside = here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    inside.unwrap_or_else(|| path.to_owned())
}

pub(crate) fn code(result: &BuildResult) -> ExitCode {
    match result.outcome {
        BuildOutcome::Clean | BuildOutcome::Warnings => ExitCode::SUCCESS,
        BuildOutcome::Killed if result.was_cancelled() => ExitCode::from(INTERRUPTED),
        BuildOutcome::Errors | BuildOutcome::Killed => ExitCode::from(DOCUMENT_ERRORS),
    }
}

/// The first Ctrl-C cancels the build, which ends the worker; the second ends us at once.
pub(crate) fn cancel_on_interrupt() -> Result<CancelToken, Failure> {
    let cancel = CancelToken::new();
    let token = cancel.clone();
    ctrlc::set_handler(move || {
        if token.is_cancelled() {
            std::process::exit(INTERRUPTED.into());
        }
        token.cancel();
    })
    .map_err(|e| Failure::new(format!("cannot watch for Ctrl-C: {e}")))?;
    Ok(cancel)
}
