//! The loop: a pass of TeX, the helper programs it calls for, and the verdict whether another pass
//! is needed; then the PDF.

use super::{
    BuildError, BuildRequest, Event, FirstPass, LivePasses, PassReport,
    pdf::make_pdf,
    session::{Session, is_broken_installation},
};
use crate::{
    cache::{BuildRecord, HelperRecord},
    convergence::{Convergence, Generated, Verdict},
    diagnostics::{Diagnostic, Severity},
    programs::{ProgramMemory, diagnostic, run_programs},
};
use quire_project::{ContentHash, ProjectPath};
use quire_tex_engine::{CancelToken, EngineError, PdfReport, Progress, TexOutcome, TexReport};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// What the passes came to.
#[derive(Default)]
pub(super) struct Done {
    pub(super) passes: Vec<PassReport>,
    /// The last pass that ended.
    pub(super) last: Option<TexReport>,
    pub(super) pdf: Option<PdfReport>,
    pub(super) synctex: Option<Vec<u8>>,
    pub(super) xdv: Option<Vec<u8>>,
    /// Pictures that are blank in the PDF because they could not be converted.
    pub(super) blank_pictures: Vec<String>,
    /// Generated files after the last pass.
    pub(super) generated: Generated,
    /// Names of the generated files that the build began with.
    pub(super) restored: BTreeSet<String>,
    pub(super) inputs: BTreeMap<ProjectPath, ContentHash>,
    pub(super) absent: BTreeSet<ProjectPath>,
    pub(super) refused: BTreeMap<String, String>,
    pub(super) helpers: Vec<HelperRecord>,
    /// Names of those that failed through no fault of the document.
    pub(super) helpers_to_repeat: BTreeSet<String>,
    /// About the passes themselves; helpers keep their own.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// What ended the build early.
    pub(super) killed: Option<EngineError>,
    /// Why the last result did not stand.
    pub(super) because: Option<String>,
}

/// What a build begins with.
pub(super) struct Beginning<'a> {
    /// Generated files of the last one.
    pub(super) restored: Generated,
    /// The pass with them, if a live document has run it.
    pub(super) first: Option<Arc<FirstPass>>,
    /// More of them.
    pub(super) live: LivePasses<'a>,
}

/// Run passes until nothing changes, and make the PDF.
pub(super) fn run(
    request: &BuildRequest,
    record: Option<&BuildRecord>,
    beginning: Beginning<'_>,
    because: Option<String>,
    events: &mut dyn FnMut(Event),
    cancel: &CancelToken,
) -> Result<Done, BuildError> {
    events(Event::Starting { because: because.clone() });
    let helpers = record.map(|record| record.helpers.as_slice()).unwrap_or_default();
    let has_restored = !beginning.restored.is_empty();
    let reason = match (&because, has_restored) {
        (Some(because), _) => because.clone(),
        (None, false) => "first build".to_owned(),
        (None, true) => "nothing is known of the last result".to_owned(),
    };
    let mut done = attempt(request, beginning, (helpers, &reason), events, cancel)?;
    if has_restored && gave_up_at_once(&done) {
        // A generated file that no longer suits the document can stop TeX before it writes a better
        // one. Without it, TeX gets further or the fault is the document's.
        let reason = "TeX gave up; once more without the files of the last build";
        let beginning = Beginning { restored: Generated::new(), first: None, live: &mut |_| None };
        done = attempt(request, beginning, (&[], reason), events, cancel)?;
    }
    done.because = because;
    Ok(done)
}

fn gave_up_at_once(done: &Done) -> bool {
    let fatal = |report: &TexReport| matches!(report.outcome, TexOutcome::Fatal(_));
    done.killed.is_none() && done.passes.len() == 1 && done.last.as_ref().is_some_and(fatal)
}

fn attempt(
    request: &BuildRequest,
    beginning: Beginning<'_>,
    (helpers, reason): (&[HelperRecord], &str),
    events: &mut dyn FnMut(Event),
    cancel: &CancelToken,
) -> Result<Done, BuildError> {
    let mut done =
        Done { restored: beginning.restored.keys().cloned().collect(), ..Done::default() };
    let mut session = match Session::start(request, &beginning.restored, cancel) {
        Ok(session) => session,
        Err(error) => return killed(done, error),
    };
    let mut memory = ProgramMemory::new(helpers);
    let result = converge(&mut session, &mut memory, (beginning, reason), &mut done, events)
        .and_then(|()| make_pdf(&mut session, &mut done, events));
    if result.is_err() {
        // Whoever watches the document must know what a change of may cure it.
        let served = session.engine.served().to_vec();
        session.tally(&served);
    }
    done.generated = std::mem::take(&mut session.generated);
    done.inputs = std::mem::take(&mut session.inputs);
    done.absent = std::mem::take(&mut session.absent);
    done.refused = std::mem::take(&mut session.refused);
    (done.helpers, done.helpers_to_repeat) = memory.into_records();
    match result {
        Ok(()) => Ok(done),
        Err(error) => killed(done, error),
    }
}

fn killed(mut done: Done, error: EngineError) -> Result<Done, BuildError> {
    match is_broken_installation(&error) {
        Some(broken) => Err(broken),
        None => {
            done.killed = Some(error);
            Ok(done)
        }
    }
}

fn converge(
    session: &mut Session<'_>,
    memory: &mut ProgramMemory,
    (Beginning { mut first, live, .. }, reason): (Beginning<'_>, &str),
    done: &mut Done,
    events: &mut dyn FnMut(Event),
) -> Result<(), EngineError> {
    let mut convergence = Convergence::default();
    let mut reason = reason.to_owned();
    let max_passes = session.request.max_passes.max(1);
    for pass in 1..=max_passes {
        events(Event::Pass { pass, reason: reason.clone() });
        let before = session.generated.clone();
        let adopted = match (first.take(), done.passes.last()) {
            // All of a document is of one date: the live document's, or the build's.
            (None, Some(PassReport { is_live: true, .. })) => {
                live(&before).filter(|pass| pass.is_of(session.request, &before))
            }
            (first, _) => first,
        };
        let is_live = adopted.is_some();
        let report = match adopted {
            Some(pass) => session.adopt(&pass)?,
            None => session.engine.run_tex(&mut |progress| match progress {
                Progress::Page(page) => events(Event::Page { pass, page }),
            })?,
        };
        session.tally(&report.reads);
        let (pages, wall) = (report.pages, report.wall);
        done.passes.push(PassReport { reason, pages, wall, helpers: Vec::new(), is_live });
        // Kept at once: it tells where the build was, should it be stopped in what follows.
        let report = &*done.last.insert(report);
        // What shows nothing shows nothing the second time.
        let nothing = report.pages == 0 && report.outcome == TexOutcome::Errors;
        if nothing || matches!(report.outcome, TexOutcome::Fatal(_)) {
            return Ok(());
        }
        session.take_outputs(&report.outputs)?;
        let ran = run_programs(session, memory, report, events)?;
        let after = &session.generated;
        let verdict = convergence.judge(&report.reads, &before, after, &report.log);
        if let Some(pass) = done.passes.last_mut() {
            pass.helpers = ran;
        }
        match verdict {
            Verdict::Converged => return Ok(()),
            Verdict::Rerun(next) => reason = next,
            Verdict::Cycle { length, reason } => {
                done.diagnostics.push(cycle(length, &reason));
                return Ok(());
            }
        }
    }
    done.diagnostics.push(unsettled(max_passes, &reason));
    Ok(())
}

fn cycle(length: usize, reason: &str) -> Diagnostic {
    diagnostic(
        "never-settles",
        Severity::Warning,
        format!("the document never settles: every {length} passes it is as before ({reason})"),
        "Something in the text depends on its own place, such as a reference whose width moves the \
         line that it refers to. Rephrase near the label or the page break concerned.",
    )
}

fn unsettled(passes: u32, reason: &str) -> Diagnostic {
    diagnostic(
        "not-settled",
        Severity::Warning,
        format!("references may be wrong: still changing after {passes} passes ({reason})"),
        "Build again to go on from here.",
    )
}
