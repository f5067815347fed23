//! Half-typed text leaves the pages as they were; what is only a little wrong follows after a pause.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "support/live.rs"]
mod support;

use quire_compile::live::{LiveDocument, LivePage};
use std::time::{Duration, Instant};
use support::{files, options, setup};

const NONE: [u32; 0] = [];
/// So long the author does not write before a page with an error follows.
const CALM: Duration = Duration::from_millis(400);
/// Until the run ends, the author has not paused yet, however busy the machine is.
const NO_PAUSE: Duration = Duration::from_secs(300);

fn open(text: &str) -> LiveDocument {
    let mut document = LiveDocument::start(options(), setup(), files(text)).unwrap();
    settle(&mut document);
    document
}

/// The pages that change until the run ends.
fn settle(document: &mut LiveDocument) -> Vec<u32> {
    document.set_calm(Some(NO_PAUSE));
    let start = Instant::now();
    let mut changed = Vec::new();
    let mut is_done = false;
    while !is_done {
        for told in document.step(Some(Duration::from_secs(1))) {
            match told {
                LivePage::Changed { number, .. } => changed.push(number),
                LivePage::Done(_) | LivePage::GivenUp(_) => is_done = true,
            }
        }
        assert!(start.elapsed() < Duration::from_secs(120), "the run never ends");
    }
    changed
}

/// The pages that change while the author pauses.
fn pause(document: &mut LiveDocument) -> Vec<u32> {
    document.set_calm(Some(CALM));
    let start = Instant::now();
    let mut changed = Vec::new();
    while start.elapsed() < CALM * 2 {
        for told in document.step(Some(CALM / 4)) {
            if let LivePage::Changed { number, .. } = told {
                changed.push(number);
            }
        }
    }
    changed
}

fn pages(document: &LiveDocument) -> Vec<Vec<u8>> {
    (1..=document.pages()).map(|n| document.page(n as u32).unwrap()).collect()
}

/// A paper of some pages, and the place of an edit in the middle of a paragraph on the third.
fn paper() -> (String, usize) {
    let paragraph = |n: usize| format!("Paragraph {n}. {}\n\n", "A sentence of it. ".repeat(60));
    let body: String = (0..30).map(paragraph).collect();
    let text = format!(
        "\\documentclass{{article}}\n\\begin{{document}}\n{body}The end.\n\\end{{document}}\n"
    );
    let at = text.find("Paragraph 12").unwrap() + 100;
    (text, at)
}

fn with(text: &str, at: usize, what: &str) -> String {
    format!("{}{what}{}", &text[..at], &text[at..])
}

#[test]
fn what_runs_away_with_the_rest_leaves_all_pages_as_they_were() {
    let (text, at) = paper();
    let mut document = open(&text);
    let before = pages(&document);
    for what in [
        "\\textbf{",
        "\\footnote{See",
        "{\\bfseries ",
        "\n\\begin{itemize}\n",
        "\n\\begin{itemize}\n\\item one\n",
        "\n\\begin{equation}\n",
        "\n\\begin{verbatim}\n",
        "\n\\begin{figure}\n",
        "\n\\section{",
        "\\iffalse ",
        "\\def\\x{",
    ] {
        document.edit(files(with(&text, at, what)), None).unwrap();
        assert_eq!(settle(&mut document), NONE, "{what}");
        assert_eq!(pause(&mut document), NONE, "{what}, after a pause");
        assert!(document.holds_pages(), "{what}");
        assert!(pages(&document) == before, "{what}");
        document.edit(files(&text), None).unwrap();
        assert_eq!(settle(&mut document), NONE, "{what}, mended");
        assert!(!document.holds_pages() && pages(&document) == before, "{what}, mended");
    }
}

#[test]
fn what_is_a_little_wrong_follows_once_the_author_pauses() {
    let (text, at) = paper();
    let mut document = open(&text);
    let before = pages(&document);
    for what in [" $x", "\\nosuch x", "\\ref{", "\\verb|", "\\item "] {
        document.edit(files(with(&text, at, what)), None).unwrap();
        assert_eq!(settle(&mut document), NONE, "{what}");
        assert!(pages(&document) == before, "{what}");
        document.edit(files(&text), None).unwrap();
        assert_eq!(settle(&mut document), NONE, "{what}, mended at once");
        document.edit(files(with(&text, at, &format!("{what} "))), None).unwrap();
        let at_once = settle(&mut document);
        let later = pause(&mut document);
        assert!(!at_once.is_empty() || !later.is_empty(), "{what} is never shown");
        assert!(!document.holds_pages(), "{what}");
        // It is shown now: more text follows at once.
        document.edit(files(with(&text, at, &format!("{what} more text "))), None).unwrap();
        settle(&mut document);
        assert!(!document.holds_pages(), "{what}, and more");
        document.edit(files(&text), None).unwrap();
        settle(&mut document);
        assert!(pages(&document) == before, "{what}, mended");
    }
}

#[test]
fn an_environment_across_pages_waits_for_nobody_once_it_is_closed() {
    let (text, at) = paper();
    let mut document = open(&text);
    let end = text.find("Paragraph 20").unwrap();
    let open_text = with(&text, at, "\n\\begin{quote}\n");
    let closed = with(&open_text, end + "\n\\begin{quote}\n".len(), "\\end{quote}\n");
    document.edit(files(&open_text), None).unwrap();
    assert_eq!(settle(&mut document), NONE);
    document.edit(files(&closed), None).unwrap();
    assert!(settle(&mut document).len() > 1);
    assert!(pages(&document) == pages(&open(&closed)));
}

#[test]
fn a_build_that_was_shown_ends_the_waiting() {
    let (text, at) = paper();
    let mut document = open(&text);
    let broken = with(&text, at, "{\\bfseries ");
    document.edit(files(&broken), None).unwrap();
    assert_eq!(settle(&mut document), NONE);
    document.accept();
    assert!(!document.step(Some(Duration::ZERO)).is_empty());
    assert!(pages(&document) == pages(&open(&broken)));
}

#[test]
fn a_loop_ends_soon_and_what_was_slow_before_may_be_slow_again() {
    let (text, at) = paper();
    let mut document = open(&text);
    let before = pages(&document);
    let start = Instant::now();
    document.edit(files(with(&text, at, "\\def\\x{\\x}\\x ")), None).unwrap();
    assert_eq!(settle(&mut document), NONE);
    let bound = start.elapsed();
    assert!((2..6).contains(&bound.as_secs()), "{bound:?}");
    assert!(pages(&document) == before);
    document.edit(files(&text), None).unwrap();
    settle(&mut document);
    assert!(pages(&document) == before);
}

#[test]
fn a_document_goes_on_behind_an_end_that_is_taken_away() {
    let (text, at) = paper();
    let mut document = open(&text);
    let before = pages(&document);
    document.edit(files(with(&text, at, "\\end{document}")), None).unwrap();
    settle(&mut document);
    assert!(document.pages() < before.len());
    document.edit(files(&text), None).unwrap();
    settle(&mut document);
    assert!(pages(&document) == before);
}
