//! What a build tells the author besides TeX's log: why it was stopped, what its programs said,
//! what was refused.

use super::{BuildRequest, passes::Done, pdf::is_picture, report::CANCELLED};
use crate::{
    convergence::plain,
    diagnostics::{
        Diagnostic, EXPORT_AGAIN, Evidence, Severity, command_index, diagnose, meaning_of, stem,
        unended,
    },
    programs::diagnostic,
    suggest::in_words_of_tex_live,
};
use quire_project::ProjectPath;
use quire_tex_engine::{EngineError, EngineMessage, MessageKind, TexOutcome, TexReport};
use std::collections::BTreeSet;

/// The bundle that nothing is left out of.
const FULL_BUNDLE: &str = "full";

/// Everything a build has to tell, the most telling first.
pub(super) fn diagnostics_of(request: &BuildRequest, done: &Done) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    all.extend(done.killed.as_ref().map(|error| killed(error, request)));
    all.extend(unusable_name(request, done));
    for helper in &done.helpers {
        all.extend(helper.diagnostics.iter().cloned());
    }
    all.extend(done.diagnostics.iter().cloned());
    if let Some(last) = &done.last {
        all.extend(explained(last, request, done));
    }
    match &request.tex_live {
        Some(tex_live) if request.engine.is_tex_live() => {
            if !tex_live.shell_escape {
                in_words_of_tex_live(&mut all);
            }
        }
        _ => of_small_bundle(&mut all, &request.bundle.manifest().name),
    }
    if let Some(Err(reason)) = done.pdf.as_ref().map(|report| report.pdf.as_ref()) {
        let message = format!("no PDF could be made: {reason}");
        all.push(diagnostic("no-pdf", Severity::Error, message, ""));
    }
    for path in done.inputs.keys() {
        if let Some(target) = request.files.stand_in(path) {
            all.push(diagnostic(
                "link-placeholder",
                Severity::Hint,
                format!("`{path}` holds only the text of a link; `{target}` is used in its place"),
                "Git wrote it so on a system without symbolic links. Check the project out with \
                 `git config core.symlinks true`, or replace the file by a copy.",
            ));
        }
    }
    tell_refused(done, &mut all);
    let has_no_pages = done.last.as_ref().is_some_and(|report| report.pages == 0);
    if has_no_pages && all.iter().all(|told| told.severity != Severity::Error) {
        all.push(diagnostic(
            "no-pages",
            Severity::Warning,
            "the document has no pages, so there is no PDF of it",
            "Nothing that shows stands between `\\begin{document}` and `\\end{document}`.",
        ));
    }
    all
}

/// Say, of what a smaller bundle lacks, that the full one may have it.
fn of_small_bundle(all: &mut [Diagnostic], bundle: &str) {
    const LACKING: [&str; 3] = ["missing-package", "missing-class", "font-not-found"];
    if bundle == FULL_BUNDLE {
        return;
    }
    for diagnostic in all.iter_mut().filter(|told| LACKING.contains(&told.code.as_str())) {
        diagnostic.explanation.push_str(&format!(
            " The installed bundle `{bundle}` is a selection; the bundle `{FULL_BUNDLE}` has all \
             packages and fonts of TeX Live."
        ));
    }
}

/// XeTeX ends a file name at a character beyond U+FFFF and takes quotes off: it looks for the `.aux`
/// file under another name, and what it says then leads nowhere.
fn unusable_name(request: &BuildRequest, done: &Done) -> Option<Diagnostic> {
    if request.engine.is_tex_live() {
        return None;
    }
    let no_part_of_names = |c: &char| *c > '\u{ffff}' || *c == '"';
    let culprit = request.job_name().chars().find(no_part_of_names)?;
    let failed = !matches!(done.last.as_ref()?.outcome, TexOutcome::Clean | TexOutcome::Warnings);
    let message = format!("TeX cannot work with `{culprit}` in the name of `{}`", request.root);
    let cure = "Give the file another name; the messages below follow from this one.";
    failed.then(|| diagnostic("unusable-name", Severity::Error, message, cure))
}

/// What was refused: as the reason why TeX or a program misses the file, where one said so.
fn tell_refused(done: &Done, all: &mut Vec<Diagnostic>) {
    let mut told = BTreeSet::new();
    let log = done.last.as_ref().map(|report| String::from_utf8_lossy(&report.log));
    let log = log.as_deref().unwrap_or_default();
    let refused = done.refused.iter().filter(|(name, _)| matters(name, log));
    let refused: Vec<_> = refused
        .map(|(name, reason)| {
            (name, format!("`{name}` was not read: {reason}"), cure_of_refusal(reason))
        })
        .collect();
    for (name, message, cure) in &refused {
        let is_about = |told: &Diagnostic| {
            let quoted = [format!("`{name}'"), format!("'{name}'"), format!("`{name}`")];
            let misses = ["missing-file", "missing-image", "missing-bibliography"];
            misses.contains(&told.code.as_str())
                && quoted.iter().any(|quoted| told.message.contains(quoted))
        };
        for missed in all.iter_mut().filter(|told| is_about(told)) {
            "refused-file".clone_into(&mut missed.code);
            missed.message.clone_from(message);
            (*cure).clone_into(&mut missed.explanation);
            missed.fix = None;
            told.insert(stem(name));
        }
    }
    for (name, message, cure) in refused {
        // TeX tries one extension after another.
        if told.insert(stem(name)) {
            all.push(diagnostic("refused-file", Severity::Warning, message, cure));
        }
    }
}

fn cure_of_refusal(reason: &str) -> &'static str {
    if reason.starts_with("cannot read") {
        "The file is there, but the system does not let it be read. Check its permissions."
    } else if reason.ends_with("is not a regular file") {
        "Only files with contents of their own can be read, not folders, pipes and devices."
    } else {
        "A document may read the files of its project and nothing else. Give the folder that \
         holds all its files with --project, or copy the file into the project."
    }
}

/// What the log of the last pass tells, and the messages of the conversion.
fn explained(report: &TexReport, request: &BuildRequest, done: &Done) -> Vec<Diagnostic> {
    let inputs: Vec<ProjectPath> = done.inputs.keys().cloned().collect();
    // The engine's own messages are in the log as well; these are the worker's.
    let of_worker = |message: &&EngineMessage| {
        message.text.starts_with("refused to") || message.text.starts_with("the picture `")
    };
    let of_tex = report.messages.iter().filter(of_worker);
    let of_pdf = done.pdf.iter().flat_map(|pdf| &pdf.messages);
    let mut messages: Vec<_> = of_tex.chain(of_pdf).cloned().collect();
    messages.extend(done.blank_pictures.iter().map(|name| EngineMessage {
        kind: MessageKind::Error,
        text: format!("image inclusion failed for \"{name}\""),
    }));
    let mut found = diagnose(&Evidence {
        log: &report.log,
        marks: &report.marks,
        messages: &messages,
        reads: &report.reads,
        files: &*request.files,
        root: &request.root,
        inputs: &inputs,
        doubled_labels: &doubled_labels(done),
        commands: &|| command_index(&request.bundle),
    });
    let told = found.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    let fatal = match &report.outcome {
        TexOutcome::Clean | TexOutcome::Warnings => None,
        TexOutcome::Errors => Some("TeX found errors"),
        TexOutcome::Fatal(words) => Some(words.as_str()),
    };
    if let (Some(words), false) = (fatal, told) {
        let (code, meaning) = meaning_of(words).unwrap_or_default();
        let code = if code.is_empty() { "tex-error" } else { code };
        found.insert(0, diagnostic(code, Severity::Error, words, meaning));
    }
    found
}

/// Names of `\newlabel` that the generated `.aux` files have twice. Packages add entries of their own
/// with an `@` in the name.
fn doubled_labels(done: &Done) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut doubled = BTreeSet::new();
    for (_, bytes) in done.generated.iter().filter(|(name, _)| name.ends_with(".aux")) {
        let text = String::from_utf8_lossy(bytes);
        for line in text.lines().filter_map(|line| line.strip_prefix("\\newlabel{")) {
            if let Some((name, _)) = line.split_once('}').filter(|(name, _)| !name.contains('@'))
                && !seen.insert(name.to_owned())
            {
                doubled.insert(name.to_owned());
            }
        }
    }
    doubled.into_iter().collect()
}

/// Packages try names all over the system (TikZ has a `/dev/null.tex`) and do well without; a name
/// that leads out counts only when TeX then misses it. What the project itself holds always counts.
fn matters(name: &str, log: &str) -> bool {
    could_be_served_later(name)
        || log.contains(&format!("`{name}' not found"))
        || log.contains(&format!("I can't find file `{name}'"))
}

fn killed(error: &EngineError, request: &BuildRequest) -> Diagnostic {
    let mut told = words_for(error);
    if let EngineError::TimedOut { .. } = error
        && let Some((name, place)) = unended::environment(&*request.files, &request.root)
        && name != "document"
    {
        // TeX may come to the end of the document inside a table and never out of it.
        told.explanation = format!(
            "`\\begin{{{name}}}` has no `\\end{{{name}}}` where one belongs, which can keep TeX in an \
             endless loop."
        );
        told.place = Some(place);
    }
    told
}

fn words_for(error: &EngineError) -> Diagnostic {
    let place = |at: &Option<(String, u32)>| {
        at.as_ref().map(|(file, line)| format!(" in {file}, line {line}")).unwrap_or_default()
    };
    let (code, message, explanation) = match error {
        EngineError::TimedOut { after, at } => (
            "timed-out",
            format!("stopped after {} s{}", after.as_secs(), place(at)),
            "TeX may be in an endless loop there: a macro that calls itself, or a document that is \
             too large to be built in that time.",
        ),
        EngineError::MemoryLimit { limit_bytes, at } => (
            "memory-limit",
            format!("stopped at {} MB of memory{}", limit_bytes >> 20, place(at)),
            "A macro that calls itself without end does this.",
        ),
        EngineError::OutputLimit { limit_bytes, at } => (
            "output-limit",
            format!("stopped at {} MB of output{}", limit_bytes >> 20, place(at)),
            "A loop that writes or ships out pages without end does this.",
        ),
        EngineError::Crashed { how, at, opened: Some(name) } if is_picture(name) => (
            "damaged-picture",
            format!(
                "the picture `{name}` is damaged: the engine broke off there{} ({how})",
                place(at)
            ),
            EXPORT_AGAIN,
        ),
        EngineError::Crashed { how, at, .. } => (
            "engine-crashed",
            format!("the TeX engine stopped unexpectedly ({how}){}", place(at)),
            "The next build starts it anew. If it happens again, the place named is the one to \
             change; please report the document.",
        ),
        EngineError::Cancelled => {
            let message = "the build was cancelled; what was there before is untouched";
            return diagnostic(CANCELLED, Severity::Hint, message, "");
        }
        EngineError::CannotStart { .. } | EngineError::Protocol(_) => {
            ("engine-unusable", error.to_string(), "")
        }
    };
    diagnostic(code, Severity::Error, message, explanation)
}

/// A name outside the project stays refused whatever happens in the project.
pub(super) fn could_be_served_later(name: &str) -> bool {
    ProjectPath::new(plain(name)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_small_bundle_lacks_may_be_in_the_full_one() {
        let told = |bundle: &str| {
            let mut all = ["missing-package", "missing-file"]
                .map(|code| diagnostic(code, Severity::Error, "x".to_owned(), "Not there."));
            of_small_bundle(&mut all, bundle);
            all.map(|diagnostic| diagnostic.explanation.contains("`full`"))
        };
        assert_eq!(told("core"), [true, false]);
        assert_eq!(told("full"), [false, false]);
    }
}
