//! One cause is told once: what follows from an error is put under it.

use super::{Diagnostic, Severity, explain::more_in_the_log, rules};
use std::collections::HashMap;

/// Follow-ups kept under one cause.
const MAX_CAUSED: usize = 50;

/// What TeX says when an error has confused it in the same line.
const CONFUSION: [&str; 25] = [
    "missing-endgroup",
    "missing-row-end",
    "graphics-division",
    "hrule-in-text",
    "end-without-begin",
    "lonely-item",
    "mismatched-environment",
    "misplaced-omit",
    "minted-pygments",
    "svg-needs-inkscape",
    "wrong-mode",
    "missing-dollar",
    "extra-brace-or-dollar",
    "extra-brace-or-endgroup",
    "too-many-closing-braces",
    "missing-number",
    "illegal-unit",
    "missing-opening-brace",
    "missing-closing-brace",
    "argument-extra-brace",
    "misplaced-alignment-tab",
    "extra-alignment-tab",
    "paragraph-ended",
    "missing-endcsname",
    "display-math-end",
];

/// Displays that TeX gives up in the middle: the rest of them makes no sense to it.
const WRECKS: [&str; 3] = ["display-math-end", "amsmath-align-blank", "amsmath-paragraph"];
const OF_WRECKS: [&str; 9] = [
    "display-math-end",
    "extra-brace-or-endgroup",
    "wrong-mode",
    "missing-dollar",
    "missing-endgroup",
    "misplaced-alignment-tab",
    "misplaced-cr",
    "misplaced-noalign",
    "missing-opening-brace",
];
/// Lines that a display may go on for.
const REST_OF_DISPLAY: u32 = 20;

/// Last words after an error that told the cause.
const LAST_WORDS: [&str; 5] =
    ["emergency-stop", "terminal-input", "hundred-errors", "job-aborted", "engine-error"];

/// Summaries of warnings that are told one by one.
const SUMMARIES: [(&str, &[&str]); 4] = [
    ("undefined-references", &["undefined-reference", "undefined-citation", "natbib-citation"]),
    ("natbib-undefined", &["natbib-citation"]),
    ("multiply-defined-labels", &["multiply-defined-label"]),
    ("font-shapes-substituted", &["font-shape-undefined", "font-size-substituted"]),
];

/// Fold; `provides(package, name)` tells whether a package defines a command or environment.
pub(super) fn fold(
    found: Vec<Diagnostic>,
    provides: &dyn Fn(&str, &str) -> bool,
) -> Vec<Diagnostic> {
    let found = with_citations(found);
    let mut kept: Vec<Diagnostic> = Vec::new();
    let mut left_out: HashMap<usize, usize> = HashMap::new();
    let mut same: HashMap<(String, String), usize> = HashMap::new();
    for diagnostic in found {
        let key = (diagnostic.code.clone(), diagnostic.message.clone());
        let repeats = diagnostic.severity != Severity::Hint;
        let cause = if repeats { same.get(&key).copied() } else { None };
        match cause.or_else(|| cause_of(&diagnostic, &kept, provides)) {
            Some(at) if kept[at].caused.len() < MAX_CAUSED => kept[at].caused.push(diagnostic),
            Some(at) => *left_out.entry(at).or_default() += 1,
            None => {
                same.insert(key, kept.len());
                kept.push(diagnostic);
            }
        }
    }
    for (at, count) in left_out {
        kept[at].caused.push(more_in_the_log(count));
    }
    kept.sort_by_key(|diagnostic| std::cmp::Reverse(diagnostic.severity));
    kept
}

/// biblatex misses an entry in the `.bbl` file, before LaTeX does at the `\cite`: the latter is what
/// the author can change.
fn with_citations(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let is_entry = |diagnostic: &Diagnostic| diagnostic.code == "biblatex-entry";
    let cited = |diagnostic: &Diagnostic| {
        let (rule, captured) = rules::find(&diagnostic.message)?;
        (rule.code == "undefined-citation").then(|| captured.into_iter().next())?
    };
    let entries: Vec<Diagnostic> = found.extract_if(.., |told| is_entry(told)).collect();
    for entry in entries {
        let key = rules::find(&entry.message).and_then(|(_, captured)| captured.into_iter().next());
        match found.iter_mut().find(|told| key.is_some() && cited(told) == key) {
            Some(citation) => citation.caused.push(entry),
            None => found.push(entry),
        }
    }
    found
}

fn cause_of(
    diagnostic: &Diagnostic,
    kept: &[Diagnostic],
    provides: &dyn Fn(&str, &str) -> bool,
) -> Option<usize> {
    let code = diagnostic.code.as_str();
    if let Some((_, parts)) = SUMMARIES.iter().find(|(summary, _)| *summary == code) {
        return kept.iter().rposition(|earlier| parts.contains(&earlier.code.as_str()));
    }
    let is_error = |earlier: &Diagnostic| earlier.severity == Severity::Error;
    if LAST_WORDS.contains(&code) {
        return kept.iter().rposition(is_error);
    }
    if OF_WRECKS.contains(&code) {
        let wreck = kept.iter().rposition(|earlier| {
            WRECKS.contains(&earlier.code.as_str())
                && match (&earlier.place, &diagnostic.place) {
                    (Some(a), Some(b)) => {
                        let lines = a.first_line.0..=a.first_line.0 + REST_OF_DISPLAY;
                        a.file == b.file && lines.contains(&b.first_line.0)
                    }
                    _ => false,
                }
        });
        if wreck.is_some() {
            return wreck;
        }
    }
    let is_confusion = CONFUSION.contains(&code)
        || code == "tex-error"
            && ["Missing ", "Extra "].iter().any(|w| diagnostic.message.starts_with(w));
    if is_confusion {
        let here = |earlier: &Diagnostic| {
            is_error(earlier)
                && match (&earlier.place, &diagnostic.place) {
                    (Some(a), Some(b)) => a.file == b.file && a.first_line == b.first_line,
                    _ => false,
                }
        };
        return kept.iter().rposition(here);
    }
    // What minted's program would have written.
    if ["Package minted Error", "_minted"].iter().any(|word| diagnostic.message.contains(word)) {
        return kept.iter().rposition(|earlier| earlier.code == "shell-escape-minted");
    }
    if matches!(code, "undefined-command" | "undefined-environment") {
        let name = diagnostic.message.rsplit(['\\', ' ']).find(|word| word.len() > 1)?;
        let name = diagnostic
            .message
            .strip_prefix("LaTeX Error: Environment ")
            .map_or(name, |rest| rest.split(' ').next().unwrap_or(rest));
        return kept.iter().rposition(|earlier| {
            earlier.code == "missing-package"
                && package_of(&earlier.message).is_some_and(|package| provides(package, name))
        });
    }
    if matches!(code, "missing-character" | "character-outside-text") {
        // One line in a font that lacks a script gives one message a letter.
        let alike = |earlier: &Diagnostic| {
            earlier.code == code
                && earlier.place.as_ref().map(|place| (&place.file, place.first_line))
                    == diagnostic.place.as_ref().map(|place| (&place.file, place.first_line))
        };
        if let Some(at) = kept.iter().rposition(alike) {
            return Some(at);
        }
    }
    if code == "font-not-loadable" || code == "missing-character" {
        return kept.iter().rposition(|earlier| {
            earlier.code == "font-not-found"
                || (code == "missing-character" && earlier.code == "font-not-loadable")
        });
    }
    None
}

fn package_of(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("File `")?;
    rest.split_once(".sty'").map(|(package, _)| package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_kept_is_counted() {
        let warning = |code: &str| Diagnostic {
            code: code.to_owned(),
            severity: Severity::Warning,
            ..more_in_the_log(1)
        };
        let found = (0..60).map(|_| warning("tex-warning")).collect();
        let kept = fold(found, &|_, _| false);
        assert_eq!((kept.len(), kept[0].caused.len()), (1, MAX_CAUSED + 1));
        assert_eq!(kept[0].caused[MAX_CAUSED].message, "9 more messages are in the log");
    }
}
