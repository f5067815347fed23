//! What TeX and its packages say, and what it means: one line of a table for each message.
//!
//! A pattern is text with `{}` for what varies; the pieces must occur in order. The first rule that
//! fits counts, so the particular ones stand before the general.

mod fonts;
mod latex;
mod packages;
mod programs;
mod tex;

use super::Severity::{self, Error, Hint, Warning};

/// One message and its meaning.
pub(super) struct Rule {
    /// Stable name.
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    /// The message.
    pub(super) pattern: &'static str,
    /// In plain words what it means and what to do; `{0}` is what the first `{}` stood for.
    pub(super) explanation: &'static str,
    /// A message as TeX writes it, for the test of this rule.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) example: &'static str,
}

const fn rule(
    code: &'static str,
    severity: Severity,
    pattern: &'static str,
    explanation: &'static str,
    example: &'static str,
) -> Rule {
    Rule { code, severity, pattern, explanation, example }
}

/// Shorthands for the tables.
const E: Severity = Error;
const W: Severity = Warning;
const H: Severity = Hint;

fn tables() -> impl Iterator<Item = &'static Rule> {
    let tables = [packages::RULES, fonts::RULES, latex::RULES, programs::RULES, tex::RULES];
    tables.into_iter().flatten()
}

/// A rule that fits a message, with what its `{}` stood for.
pub(super) fn find(text: &str) -> Option<(&'static Rule, Vec<String>)> {
    tables().find_map(|rule| Some((rule, capture(rule.pattern, text)?)))
}

/// What the `{}` of a pattern stand for in `text`; `None` when it does not fit. A pattern quotes
/// `like this', and fits messages that quote 'like this' as well: that differs from year to year.
pub(super) fn capture(pattern: &str, text: &str) -> Option<Vec<String>> {
    let straight = || pattern.contains('`').then(|| pattern.replace('`', "'"));
    capture_exactly(pattern, text).or_else(|| capture_exactly(&straight()?, text))
}

fn capture_exactly(pattern: &str, text: &str) -> Option<Vec<String>> {
    let mut pieces = pattern.split("{}");
    let first = pieces.next()?;
    let mut rest = &text[text.find(first)? + first.len()..];
    let mut captured = Vec::new();
    for piece in pieces {
        let at = if piece.is_empty() { rest.len() } else { rest.find(piece)? };
        let value = rest[..at].trim();
        let quoted = value.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''));
        captured.push(quoted.unwrap_or(value).to_owned());
        rest = &rest[at + piece.len()..];
    }
    Some(captured)
}

/// An explanation with its `{0}`, `{1}` … filled in.
pub(super) fn fill(explanation: &str, captured: &[String]) -> String {
    let mut text = explanation.to_owned();
    for (i, value) in captured.iter().enumerate() {
        text = text.replace(&format!("{{{i}}}"), value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_is_the_one_that_fits_its_example() {
        for rule in tables() {
            let (found, captured) = find(rule.example)
                .unwrap_or_else(|| panic!("{}: does not fit its own example", rule.code));
            assert_eq!(found.code, rule.code, "another rule comes before: {}", rule.example);
            let text = fill(rule.explanation, &captured);
            assert!(!text.contains("{0}") && !text.contains("{1}"), "{}: {text}", rule.code);
            assert!(text.len() > 20, "{}: explains nothing", rule.code);
        }
    }

    #[test]
    fn there_are_at_least_120_kinds_of_message() {
        let codes: BTreeSet<&str> = tables().map(|rule| rule.code).collect();
        assert!(codes.len() >= 120, "only {}", codes.len());
    }

    #[test]
    fn pieces_are_found_in_order() {
        assert_eq!(
            capture("File `{}' not", "x File `a.tex' not found"),
            Some(vec!["a.tex".into()])
        );
        assert_eq!(capture("a{}b{}", "axbrest"), Some(vec!["x".into(), "rest".into()]));
        assert_eq!(capture("a{}b", "ba"), None);
        assert_eq!(capture("key `{}' un", "a key 'x' un"), Some(vec!["x".into()]));
    }
}
