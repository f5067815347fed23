//! What a build tells the author besides TeX's log: why it was stopped, what its programs said,
//! what was refused.

use super::{BuildRequest, passes::Done};
use crate::{
    convergence::plain,
    diagnostics::{Diagnostic, Place, Severity, SourceFile},
    programs::diagnostic,
};
use quire_project::ProjectPath;
use quire_tex_engine::{EngineError, TexOutcome, TexReport};
use quire_text::LineNumber;

/// Everything a build has to tell, the most telling first.
pub(super) fn diagnostics_of(request: &BuildRequest, done: &Done) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    all.extend(done.killed.as_ref().map(killed));
    for helper in &done.helpers {
        all.extend(helper.diagnostics.iter().cloned());
    }
    all.extend(done.diagnostics.iter().cloned());
    let explained = all.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if let (Some(last), false) = (&done.last, explained) {
        all.extend(unexplained(last, request));
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
    for (name, reason) in &done.refused {
        if !matters(done, name) {
            continue;
        }
        all.push(diagnostic(
            "refused-file",
            Severity::Warning,
            format!("`{name}` was not read: {reason}"),
            "A document may read the files of its project and nothing else. Give the folder that \
             holds all its files with --project, or copy the file into the project.",
        ));
    }
    all
}

/// TeX's own first words on an error that nothing else tells of.
fn unexplained(report: &TexReport, request: &BuildRequest) -> Option<Diagnostic> {
    let fatal = match &report.outcome {
        TexOutcome::Clean | TexOutcome::Warnings => return None,
        TexOutcome::Errors => "TeX found errors",
        TexOutcome::Fatal(words) => words.as_str(),
    };
    let log = String::from_utf8_lossy(&report.log);
    let (place, message) = log.lines().find_map(error_line).unwrap_or((None, fatal));
    let place = place.and_then(|(file, line)| {
        let path = ProjectPath::resolve(request.root.folder(), file).ok()?;
        let line = LineNumber(line);
        Some(Place {
            file: SourceFile::Project(path),
            first_line: line,
            last_line: line,
            range: None,
        })
    });
    Some(Diagnostic { place, ..diagnostic("tex-error", Severity::Error, message, "") })
}

/// `file.tex:12: message` or `! message`.
fn error_line(line: &str) -> Option<(Option<(&str, u32)>, &str)> {
    if let Some(message) = line.strip_prefix("! ") {
        return Some((None, message));
    }
    let (place, message) = line.split_once(": ")?;
    let (file, number) = place.rsplit_once(':')?;
    Some((Some((file, number.parse().ok()?)), message))
}

/// Packages try names all over the system (TikZ has a `/dev/null.tex`) and do well without; a name
/// that leads out counts only when TeX then misses it. What the project itself holds always counts.
fn matters(done: &Done, name: &str) -> bool {
    if could_be_served_later(name) {
        return true;
    }
    let log = done.last.as_ref().map(|report| String::from_utf8_lossy(&report.log));
    let missed = format!("`{name}' not found");
    let unreadable = format!("I can't find file `{name}'");
    log.is_some_and(|log| log.contains(&missed) || log.contains(&unreadable))
}

fn killed(error: &EngineError) -> Diagnostic {
    let place = |at: &Option<(String, u32)>| {
        at.as_ref().map(|(file, line)| format!(" in {file}, line {line}")).unwrap_or_default()
    };
    let (code, message, explanation) = match error {
        EngineError::TimedOut { after, at } => (
            "timed-out",
            format!("stopped after {} s{}", after.as_secs(), place(at)),
            "TeX may be in an endless loop there; if it is only slow, allow more time with \
             --timeout.",
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
        EngineError::Crashed { how, at } => (
            "engine-crashed",
            format!("the TeX engine stopped unexpectedly ({how}){}", place(at)),
            "The next build starts it anew. If it happens again, the place named is the one to \
             change; please report the document.",
        ),
        EngineError::Cancelled | EngineError::CannotStart { .. } | EngineError::Protocol(_) => {
            ("cancelled", error.to_string(), "")
        }
    };
    diagnostic(code, Severity::Error, message, explanation)
}

/// A name outside the project stays refused whatever happens in the project.
pub(super) fn could_be_served_later(name: &str) -> bool {
    ProjectPath::new(plain(name)).is_ok()
}
