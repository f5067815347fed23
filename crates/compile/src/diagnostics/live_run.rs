//! What is wrong with a text while it is written: from a run of a live document, before any build.

use super::{Diagnostic, Evidence, Place, Severity, SourceFile, diagnose, unended::UNENDED_GROUP};
use quire_bundle::CommandIndex;
use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::{FileOrigin, TexOutcome, TexReport};
use quire_text::LineNumber;
use std::collections::HashMap;

/// The errors of a run, and a brace that nothing closes. Other warnings depend on references that are not up to
/// date.
pub fn errors_of_run(
    report: &TexReport,
    root: &ProjectPath,
    files: &dyn FileSource,
    commands: &dyn Fn() -> CommandIndex,
) -> Vec<Diagnostic> {
    let was_read = |origin: &FileOrigin| matches!(origin, FileOrigin::Project(_));
    let reads = report.reads.iter().filter(|read| was_read(&read.origin));
    let inputs: Vec<ProjectPath> = reads.filter_map(|read| read.path.clone()).collect();
    let mut errors = diagnose(&Evidence {
        log: &report.log,
        marks: &report.marks,
        messages: &[],
        reads: &report.reads,
        files,
        root,
        inputs: &inputs,
        doubled_labels: &[],
        commands,
    });
    errors.retain(|told| told.severity == Severity::Error || told.code == UNENDED_GROUP);
    if let (true, TexOutcome::Fatal(words)) = (errors.is_empty(), &report.outcome) {
        errors.push(error("tex-error", words, None));
    }
    errors
}

fn error(code: &str, message: &str, place: Option<Place>) -> Diagnostic {
    Diagnostic {
        code: code.to_owned(),
        severity: Severity::Error,
        place,
        message: message.to_owned(),
        explanation: String::new(),
        fix: None,
        caused: Vec::new(),
        log: None,
    }
}

/// Of the errors of a run the one to tell somebody who writes here: one that the last build does not have,
/// and of those the nearest.
pub fn new_error(
    errors: Vec<Diagnostic>,
    built: &[Diagnostic],
    here: Option<(&ProjectPath, LineNumber)>,
) -> Option<Diagnostic> {
    let mut known: HashMap<(&str, &str), usize> = HashMap::new();
    for told in built.iter().flat_map(all) {
        *known.entry((&told.code, &told.message)).or_default() += 1;
    }
    // Of two that say the same, one of which is known, the nearer is taken to be new.
    let mut found = errors;
    found.sort_by_key(|told| distance(told, here));
    let mut same: HashMap<(String, String), usize> = HashMap::new();
    for told in found.iter().flat_map(all) {
        *same.entry((told.code.clone(), told.message.clone())).or_default() += 1;
    }
    found.into_iter().find(|told| {
        let built = known.get(&(told.code.as_str(), told.message.as_str())).copied();
        let now = same.get(&(told.code.clone(), told.message.clone())).copied();
        now > built
    })
}

/// A diagnostic and all that it caused.
fn all(told: &Diagnostic) -> Vec<&Diagnostic> {
    std::iter::once(told).chain(told.caused.iter().flat_map(all)).collect()
}

fn distance(told: &Diagnostic, here: Option<(&ProjectPath, LineNumber)>) -> u32 {
    let (Some(place), Some((path, line))) = (&told.place, here) else { return u32::MAX };
    match &place.file {
        SourceFile::Project(file) if file == path => {
            let (first, last) = (place.first_line.0, place.last_line.0.max(place.first_line.0));
            line.0.saturating_sub(last).max(first.saturating_sub(line.0))
        }
        _ => u32::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str, line: u32) -> Diagnostic {
        let file = SourceFile::Project(ProjectPath::new("main.tex").unwrap());
        let line = LineNumber(line);
        let place = Place { file, first_line: line, last_line: line, range: None };
        error("tex-error", message, Some(place))
    }

    #[test]
    fn the_nearest_error_that_the_build_does_not_have_is_told() {
        let here = ProjectPath::new("main.tex").unwrap();
        let find = |errors: &[Diagnostic], built: &[Diagnostic], line| {
            let found = new_error(errors.to_vec(), built, Some((&here, LineNumber(line))));
            found.map(|told| (told.message, told.place.unwrap().first_line.0))
        };
        let (a, b) = (told("a", 3), told("b", 40));
        assert_eq!(find(&[a.clone(), b.clone()], &[], 39), Some(("b".to_owned(), 40)));
        assert_eq!(find(&[a.clone(), b.clone()], &[], 4), Some(("a".to_owned(), 3)));
        // Known from the build, though its line has moved.
        assert_eq!(
            find(&[told("a", 5), b.clone()], std::slice::from_ref(&a), 4),
            Some(("b".to_owned(), 40))
        );
        assert_eq!(find(&[told("a", 5)], std::slice::from_ref(&a), 4), None);
        // Another one that says the same.
        assert_eq!(find(&[a.clone(), told("a", 30)], &[a], 29), Some(("a".to_owned(), 30)));
    }
}
