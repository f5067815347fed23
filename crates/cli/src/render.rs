//! Diagnostics for people: the source line, what is wrong with it, what to do.

use crate::progress;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use quire_compile::{
    build::{BuildOutcome, BuildResult},
    diagnostics::{Diagnostic, Place, Severity, SourceFile},
};
use quire_project::FileSource;
use quire_text::{LineIndex, LineNumber};
use std::{fmt::Write as _, io::Write as _, path::Path};

/// Lines of a long range that are shown.
const MAX_LINES: u32 = 4;
/// Diagnostics of a kind that are shown in full unless `--verbose` asks for all.
const MAX_SHOWN: usize = 20;

/// What to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Errors only.
    Quiet,
    /// Errors and warnings; hints are counted.
    Normal,
    /// Everything.
    Verbose,
}

/// Print the diagnostics of a build, worst first.
pub(crate) fn print(result: &BuildResult, files: &dyn FileSource, detail: Detail) {
    let text = render(&result.diagnostics, files, detail, progress::width());
    let _ = anstream::stderr().write_all(text.as_bytes());
}

/// The last line of a build.
pub(crate) fn summary(result: &BuildResult, shown_pdf: Option<&Path>) {
    if let Some(told) = cancelled(&result.diagnostics) {
        return progress::status(progress::YELLOW, "Stopped", &told.message);
    }
    let count = |severity| result.diagnostics.iter().filter(|d| d.severity == severity).count();
    let mut parts = Vec::new();
    let pages = result.pages;
    parts.push(format!("{pages} page{}", if pages == 1 { "" } else { "s" }));
    for (severity, name) in [(Severity::Error, "error"), (Severity::Warning, "warning")] {
        let count = count(severity);
        if count > 0 {
            parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    }
    let passes = result.passes.len();
    let how = if result.up_to_date {
        "nothing changed".to_owned()
    } else {
        format!("{passes} pass{}", if passes == 1 { "" } else { "es" })
    };
    let time = result.wall.as_secs_f64();
    let time = if time < 0.1 { format!("{:.0} ms", time * 1e3) } else { format!("{time:.2} s") };
    let what = shown_pdf.map_or_else(String::new, |pdf| format!("{}: ", pdf.display()));
    let rest = format!("{what}{} in {time} ({how})", parts.join(", "));
    match result.outcome {
        BuildOutcome::Clean | BuildOutcome::Warnings => {
            let verb = if result.up_to_date { "Fresh" } else { "Finished" };
            progress::status(progress::GREEN, verb, &rest);
        }
        BuildOutcome::Errors if result.pdf.is_some() => {
            progress::status(progress::RED, "Finished", &rest);
        }
        BuildOutcome::Errors | BuildOutcome::Killed => {
            progress::status(progress::RED, "Failed", &rest);
        }
    }
}

/// A build that the author ended is no failure.
fn cancelled(diagnostics: &[Diagnostic]) -> Option<&Diagnostic> {
    diagnostics.iter().find(|told| told.code == "cancelled")
}

fn render(
    diagnostics: &[Diagnostic],
    files: &dyn FileSource,
    detail: Detail,
    width: usize,
) -> String {
    let renderer = Renderer::styled().term_width(width);
    let mut text = String::new();
    let mut left_out = 0;
    for severity in [Severity::Error, Severity::Warning, Severity::Hint] {
        let shown = match (severity, detail) {
            (Severity::Error, _) | (_, Detail::Verbose) | (Severity::Warning, Detail::Normal) => {
                true
            }
            (Severity::Warning | Severity::Hint, _) => false,
        };
        let of_kind: Vec<&Diagnostic> = diagnostics
            .iter()
            .filter(|d| d.severity == severity && d.code != "cancelled")
            .collect();
        let limit = if detail == Detail::Verbose { usize::MAX } else { MAX_SHOWN };
        let take = if shown { of_kind.len().min(limit) } else { 0 };
        for diagnostic in &of_kind[..take] {
            text.push_str(&one(diagnostic, files, &renderer, width));
            text.push('\n');
        }
        left_out += of_kind.len() - take;
    }
    if left_out > 0 && detail == Detail::Normal {
        let (them, s) = if left_out == 1 { ("it", "") } else { ("them", "s") };
        let style = progress::CYAN;
        let _ = writeln!(
            text,
            "{style}note{style:#}: {left_out} more hint{s} or warning{s}; see {them} with --verbose\n"
        );
    }
    text
}

fn one(
    diagnostic: &Diagnostic,
    files: &dyn FileSource,
    renderer: &Renderer,
    width: usize,
) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Hint => Level::NOTE.with_name("hint"),
    };
    let title = level.primary_title(printable(&diagnostic.message)).id(printable(&diagnostic.code));
    let excerpt = diagnostic.place.as_ref().and_then(|place| excerpt(place, files));
    let mut group = match (&excerpt, &diagnostic.place) {
        (Some(excerpt), _) => Group::with_title(title).element(
            Snippet::source(excerpt.text.as_str())
                .path(excerpt.path.as_str())
                .line_start(excerpt.first_line as usize)
                .fold(false)
                .annotation(AnnotationKind::Primary.span(excerpt.span.clone())),
        ),
        (None, Some(place)) => Group::with_title(title)
            .element(Origin::path(name(place)).line(place.first_line.0 as usize)),
        (None, None) => Group::with_title(title),
    };
    let wrap = |text: &str| textwrap::fill(&printable(text), width.clamp(40, 100) - 16);
    if !diagnostic.explanation.is_empty() {
        group = group.element(Level::NOTE.no_name().message(wrap(&diagnostic.explanation)));
    }
    if diagnostic.code == "timed-out" {
        group = group.element(Level::HELP.message("--timeout allows more time"));
    }
    if let Some(fix) = &diagnostic.fix {
        group = group.element(Level::HELP.message(wrap(&fix.title)));
    }
    if let Some(last) = diagnostic.caused.last() {
        let caused = diagnostic.caused.len();
        let words = match caused {
            _ if last.code == "more-messages" => {
                format!("more than {} more messages were caused by this one", caused - 1)
            }
            1 => "1 more message was caused by this one".to_owned(),
            _ => format!("{caused} more messages were caused by this one"),
        };
        group = group.element(Level::NOTE.message(words));
    }
    let text = renderer.render(&[group]);
    if diagnostic.place.is_some() { text } else { without_margin(&text) }
}

/// Without the line that separates an excerpt from notes, where there is no excerpt.
fn without_margin(text: &str) -> String {
    let is_margin = |line: &&str| {
        let plain: String = anstream::adapter::strip_str(line).to_string();
        plain.trim() == "|"
    };
    text.lines().filter(|line| !is_margin(line)).collect::<Vec<_>>().join("\n")
}

struct Excerpt {
    path: String,
    text: String,
    first_line: u32,
    span: std::ops::Range<usize>,
}

/// The lines of a place, with what to underline in them.
fn excerpt(place: &Place, files: &dyn FileSource) -> Option<Excerpt> {
    let SourceFile::Project(path) = &place.file else { return None };
    let bytes = files.read(path).ok()??;
    let index = LineIndex::new(&bytes);
    let first = place.first_line;
    let last = LineNumber(place.last_line.0.min(first.0.saturating_add(MAX_LINES - 1)));
    let last = LineNumber(last.0.clamp(first.0, index.line_count().max(first.0)));
    let start = index.line_range(first)?.start.0;
    let end = index.line_content(last, &bytes)?.end.0;
    let lossy = |range: std::ops::Range<usize>| {
        printable(&String::from_utf8_lossy(bytes.get(range).unwrap_or_default()))
    };
    let text = lossy(start..end);
    let exact = place.range.filter(|range| range.start.0 >= start && range.end.0 <= end);
    let span = match exact {
        Some(range) => {
            let before = lossy(start..range.start.0).len();
            before..(before + lossy(range.as_range()).len()).min(text.len())
        }
        None => {
            let blank = text.len() - text.trim_start().len();
            blank.min(text.len())..text.trim_end().len().max(blank)
        }
    };
    Some(Excerpt { path: path.to_string(), text, first_line: first.0, span })
}

fn name(place: &Place) -> String {
    match &place.file {
        SourceFile::Project(path) => path.to_string(),
        SourceFile::Bundle(name) => format!("{} (of the TeX bundle)", printable(name)),
        SourceFile::Generated(name) => format!("{} (written by TeX)", printable(name)),
    }
}

/// Without control characters: a document must not be able to steer the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() && c != '\n' && c != '\t' { '\u{fffd}' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::{Expect, expect};
    use quire_compile::diagnostics::Fix;
    use quire_project::{MemoryFiles, ProjectPath};
    use quire_text::ByteRange;

    fn check(source: &str, line: u32, range: Option<ByteRange>, expect: &Expect) {
        let path = ProjectPath::new("paper.tex").unwrap();
        let mut files = MemoryFiles::default();
        files.insert(path.clone(), source.as_bytes());
        let diagnostic = Diagnostic {
            code: "undefined-command".into(),
            severity: Severity::Error,
            place: Some(Place {
                file: SourceFile::Project(path),
                first_line: LineNumber(line),
                last_line: LineNumber(line),
                range,
            }),
            message: "Undefined control sequence \\sectoin".into(),
            explanation: "LaTeX does not know this command. It may be misspelt.".into(),
            fix: Some(Fix { title: "Replace it by \\section".into(), edits: Vec::new() }),
            caused: Vec::new(),
            log: None,
        };
        let text = render(&[diagnostic], &files, Detail::Normal, 80);
        expect.assert_eq(&anstream::adapter::strip_str(&text).to_string());
    }

    #[test]
    fn the_command_is_underlined() {
        check(
            "\\begin{document}\n\tÄ \\sectoin{One}\r\n\\end{document}\n",
            2,
            Some(ByteRange::new(21, 29)),
            &expect![[r#"
                error[undefined-command]: Undefined control sequence \sectoin
                 --> paper.tex:2:4
                  |
                2 |     Ä \sectoin{One}
                  |       ^^^^^^^^
                  |
                  = LaTeX does not know this command. It may be misspelt.
                  = help: Replace it by \section
            "#]],
        );
    }

    #[test]
    fn a_line_past_the_end_is_named_without_an_excerpt() {
        check(
            "one line",
            9,
            None,
            &expect![[r#"
                error[undefined-command]: Undefined control sequence \sectoin
                --> paper.tex:9
                 = LaTeX does not know this command. It may be misspelt.
                 = help: Replace it by \section
            "#]],
        );
    }

    #[test]
    fn a_document_cannot_steer_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\u{7}"), "a\u{fffd}[2Jb\u{fffd}");
    }
}
