//! Real documents, and how long it takes to see that nothing changed.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::build::{BuildOutcome, build};
use quire_project::ProjectPath;
use quire_tex_engine::CancelToken;
use std::{path::Path, time::Duration};

#[test]
fn a_long_book_that_has_not_changed_is_known_at_once() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/synthetic");
    assert!(corpus.is_dir(), "the corpus lies beside the repository: {}", corpus.display());
    let temp = tempfile::tempdir().unwrap();
    let root = ProjectPath::new("book-246p.tex").unwrap();
    let request = || support::request(&corpus, root.clone(), temp.path(), &temp.path().join("c"));
    let first = build(&request(), &mut |_| {}, &CancelToken::new()).unwrap();
    assert_ne!(first.outcome, BuildOutcome::Killed);
    assert_eq!(first.pages, 246, "{:#?}", first.diagnostics);
    let mut walls = Vec::new();
    for _ in 0..5 {
        let again = build(&request(), &mut |_| {}, &CancelToken::new()).unwrap();
        assert!(again.up_to_date, "{:?}", again.because);
        walls.push(again.wall);
    }
    walls.sort();
    assert!(walls[2] < Duration::from_millis(50), "{walls:?}");
}

#[test]
fn a_class_that_git_checked_out_as_a_placeholder_is_found() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/awesome-cv");
    assert!(corpus.is_dir(), "the corpus lies beside the repository: {}", corpus.display());
    let temp = tempfile::tempdir().unwrap();
    let root = ProjectPath::new("examples/resume.tex").unwrap();
    let request = support::request(&corpus, root, temp.path(), &temp.path().join("c"));
    let result = build(&request, &mut |_| {}, &CancelToken::new()).unwrap();
    assert!(support::codes(&result).contains(&"link-placeholder"), "{:#?}", result.diagnostics);
    assert!(result.pdf.is_some(), "{:#?}", result.diagnostics);
}

#[test]
fn a_curriculum_vitae_has_its_fonts_and_icons() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/awesome-cv");
    assert!(corpus.is_dir(), "the corpus lies beside the repository: {}", corpus.display());
    let temp = tempfile::tempdir().unwrap();
    for (document, pages) in [("resume", 3), ("cv", 5), ("coverletter", 1)] {
        let root = ProjectPath::new(&format!("examples/{document}.tex")).unwrap();
        let request = support::request(&corpus, root, temp.path(), &temp.path().join("c"));
        let result = build(&request, &mut |_| {}, &CancelToken::new()).unwrap();
        assert_eq!(result.outcome, BuildOutcome::Clean, "{:#?}", result.diagnostics);
        assert_eq!(result.pages, pages, "{document}");
        let codes = support::codes(&result);
        assert!(!codes.contains(&"missing-character"), "{document}: {codes:?}");
    }
}
