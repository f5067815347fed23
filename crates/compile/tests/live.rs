//! Pages that follow the text: after any edit they are those of a run from the beginning.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use quire_bundle::find_bundle;
use quire_compile::live::{LiveDocument, LivePage, PageConverter};
use quire_project::{MemoryFiles, ProjectPath};
use quire_tex_engine::{EngineOptions, JobSetup, Limits, find_worker};
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};

fn options() -> EngineOptions {
    EngineOptions {
        worker: find_worker().unwrap(),
        bundle: find_bundle(None).unwrap().path().to_owned(),
        limits: Limits::default(),
    }
}

fn setup() -> JobSetup {
    JobSetup {
        root: ProjectPath::new("main.tex").unwrap(),
        job_name: "main".to_owned(),
        date_s: 0,
        synctex: false,
        restored: Vec::new(),
    }
}

fn files(text: &[u8]) -> Arc<MemoryFiles> {
    let mut files = MemoryFiles::default();
    files.insert(ProjectPath::new("main.tex").unwrap(), text);
    Arc::new(files)
}

/// Run to the end; answers with the time until the page with the edit came, and the whole.
fn settle(document: &mut LiveDocument) -> (Option<Duration>, Duration, u32) {
    let start = Instant::now();
    let (mut page, mut number_of) = (None, 0);
    loop {
        for told in document.step(Some(Duration::from_secs(60))) {
            match told {
                LivePage::Changed { is_past_focus: true, number } if page.is_none() => {
                    page = Some(start.elapsed());
                    number_of = number;
                }
                LivePage::Changed { .. } => {}
                LivePage::Done(report) => {
                    println!("done {} pages, {:?}", report.pages, report.outcome);
                    return (page, start.elapsed(), number_of);
                }
                LivePage::GivenUp(fault) => panic!("given up: {fault:?}"),
            }
        }
        assert!(start.elapsed() < Duration::from_secs(120), "the run never ends");
    }
}

fn pages(document: &LiveDocument) -> Vec<Vec<u8>> {
    (1..=document.pages()).map(|n| document.page(n as u32).unwrap()).collect()
}

fn afresh(text: &[u8]) -> Vec<Vec<u8>> {
    let mut document = LiveDocument::start(options(), setup(), files(text)).unwrap();
    settle(&mut document);
    pages(&document)
}

fn corpus(name: &str) -> Vec<u8> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/synthetic/");
    std::fs::read(format!("{path}{name}")).unwrap()
}

#[test]
fn an_edit_anywhere_gives_the_pages_of_a_run_from_the_beginning() {
    let mut text = corpus("paper-27p.tex");
    let root = BTreeSet::from([ProjectPath::new("main.tex").unwrap()]);
    let mut document = LiveDocument::start(options(), setup(), files(&text)).unwrap();
    let (_, whole, _) = settle(&mut document);
    println!("first: {whole:?}, {} pages, {} snapshots", document.pages(), document.snapshots());
    assert_eq!(pages(&document), afresh(&text));
    let body = text.windows(16).position(|w| w == b"\\begin{document}").unwrap();
    for part in [90, 50, 50, 50, 10, 98, 99, 5] {
        let from = body + (text.len() - body) * part / 100;
        let at = from + text[from..].windows(2).position(|w| w == b". ").unwrap_or(0);
        text.splice(at..at, *b" and more words");
        document.edit(files(&text), Some(&root)).unwrap();
        let (page, whole, number) = settle(&mut document);
        println!(
            "{part} %: page {number} {page:?}, whole {whole:?}, {} snapshots",
            document.snapshots()
        );
        assert!(pages(&document) == afresh(&text), "at {part} %");
    }
}

#[test]
fn a_single_page_becomes_a_pdf() {
    let text = corpus("paper-27p.tex");
    let mut document = LiveDocument::start(options(), setup(), files(&text)).unwrap();
    settle(&mut document);
    let mut converter = PageConverter::new(options(), setup(), files(&text));
    for number in [1, 7, 7, 20, 25] {
        let start = Instant::now();
        let pdf = converter.convert(&document.page(number).unwrap()).unwrap();
        println!("page {number}: {:?}, {} bytes", start.elapsed(), pdf.len());
        assert!(pdf.starts_with(b"%PDF"));
    }
}
