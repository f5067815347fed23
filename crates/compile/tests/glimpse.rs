//! Where TeX works long on what follows the paragraph with the edit, the paragraph is there before the page.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "support/live.rs"]
mod support;

use quire_compile::live::{Glimpse, LiveDocument, LivePage};
use quire_project::MemoryFiles;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use support::{files, options, setup};

/// What takes TeX a second or so.
const SLOW: &str = "\\newcount\\steps\n\\loop\\ifnum\\steps<1500000 \\advance\\steps1 \\repeat\n";

/// The edited page is the sixth.
fn paper(edited: &str, follows: &str) -> Arc<MemoryFiles> {
    let page = "A sentence of it. ".repeat(180) + "\\newpage\n\n";
    let before = page.repeat(5);
    let text = format!(
        "\\documentclass{{article}}\n\\begin{{document}}\n{before}The first \
         paragraph.\n\nWhat is {edited} here.\n\n{follows}\nThe last paragraph.\n\\end{{document}}\n"
    );
    files(text)
}

fn open(files: Arc<MemoryFiles>) -> LiveDocument {
    let mut document = LiveDocument::start(options(), setup(), files).unwrap();
    document.set_glimpses(true);
    settle(&mut document);
    document
}

/// What came until the run ended: glimpses that came before their page, and pages.
fn settle(document: &mut LiveDocument) -> (Vec<Glimpse>, Vec<u32>) {
    let start = Instant::now();
    let (mut glimpses, mut pages) = (Vec::new(), Vec::new());
    loop {
        let told = document.step(Some(Duration::from_secs(1)));
        glimpses.extend(document.take_glimpse());
        for told in told {
            match told {
                LivePage::Changed { number, .. } => pages.push(number),
                LivePage::Done(_) => return (glimpses, pages),
                LivePage::GivenUp(error) => panic!("given up: {error:?}"),
            }
        }
        assert!(start.elapsed() < Duration::from_secs(120), "the run never ends");
    }
}

fn specials_and_glyphs(xdv: &[u8]) -> (Vec<String>, usize) {
    let index = quire_xdv::Index::read(xdv).unwrap();
    let items = index.items(xdv, index.pages[0].range.clone(), &|_| None).unwrap();
    let specials = items.iter().filter_map(|placed| match placed.item {
        quire_xdv::Item::Special(text) => Some(String::from_utf8_lossy(text).into_owned()),
        _ => None,
    });
    let glyphs = items.iter().map(|placed| match &placed.item {
        quire_xdv::Item::Glyphs { glyphs, .. } => glyphs.len(),
        _ => 0,
    });
    (specials.collect(), glyphs.sum())
}

#[test]
fn a_paragraph_is_there_before_what_follows_it_on_the_page() {
    let mut document = open(paper("new", SLOW));
    for edited in ["newe", "newer"] {
        document.edit(paper(edited, SLOW), None).unwrap();
        let (glimpses, pages) = settle(&mut document);
        assert_eq!(pages, [6], "{edited}");
        let [glimpse] = &glimpses[..] else { panic!("{} glimpses", glimpses.len()) };
        assert_eq!(glimpse.number, 6);
        let (specials, glyphs) = specials_and_glyphs(&glimpse.xdv);
        assert!(specials.contains(&"quire:end".to_owned()), "{specials:?}");
        // The text of an article on letter paper begins some 140 points below the edge.
        assert!((140.0..190.0).contains(&glimpse.end), "{}", glimpse.end);
        let page = document.page(6).unwrap();
        let (specials, all) = specials_and_glyphs(&page);
        assert!(!specials.contains(&"quire:end".to_owned()), "only a glimpse has it");
        assert_eq!(all, glyphs + "Thelastparagraph.".len());
    }
}

#[test]
fn what_a_drawing_pushes_down_is_pushed_down_in_the_next_glimpse() {
    let drawing = format!("\\begin{{figure}}[t]\\vspace{{90pt}}{SLOW}\\end{{figure}}\n");
    let mut document = open(paper("new", &drawing));
    let mut ends = Vec::new();
    // No other word on the page is as long; each makes the line as deep.
    for edited in ["changed", "unlikely", "typically"] {
        document.edit(paper(edited, &drawing), None).unwrap();
        let (glimpses, pages) = settle(&mut document);
        assert_eq!((glimpses.len(), pages), (1, vec![6]));
        let (glimpse, page) = (&glimpses[0].xdv, document.page(6).unwrap());
        ends.push(glimpses[0].end);
        // Where the line with the edit stands.
        let line = |xdv: &[u8]| {
            let index = quire_xdv::Index::read(xdv).unwrap();
            let items = index.items(xdv, index.pages[0].range.clone(), &|_| None).unwrap();
            let is_it = |item: &quire_xdv::Item<'_>| matches!(item, quire_xdv::Item::Glyphs { glyphs, .. } if glyphs.len() == edited.len());
            items.iter().find(|placed| is_it(&placed.item)).unwrap().v
        };
        let is_in_place = line(glimpse) == line(&page);
        assert_eq!(is_in_place, ends.len() > 1, "{ends:?}");
    }
    // And the space between floats and text.
    assert!((105.0..115.0).contains(&(ends[1] - ends[0])), "{ends:?}");
    assert_eq!(ends[1], ends[2]);
}

#[test]
fn a_last_line_that_becomes_deeper_stands_where_it_stood() {
    let mut document = open(paper("new", SLOW));
    let mut seen = |edited: &str| {
        document.edit(paper(edited, SLOW), None).unwrap();
        let (glimpses, _) = settle(&mut document);
        (glimpses[0].baseline, glimpses[0].end)
    };
    let (flat, deep) = (seen("news"), seen("newsy"));
    assert_eq!(flat.0, deep.0, "{flat:?} {deep:?}");
    assert!((0.0..0.5).contains(&(flat.1 - flat.0)), "{flat:?}");
    assert!((1.5..3.0).contains(&(deep.1 - deep.0)), "{deep:?}");
}

#[test]
fn a_page_that_is_there_at_once_needs_no_glimpse() {
    let mut document = open(paper("new", ""));
    // How soon it is there is known from the first on; a busy machine may take longer once or twice.
    let glimpses = (0..6).map(|n| {
        document.edit(paper(&"x".repeat(n + 1), ""), None).unwrap();
        settle(&mut document).0.len()
    });
    assert!(glimpses.sum::<usize>() < 5);
}

#[test]
fn a_preamble_has_no_page_to_be_glimpsed() {
    let with = |what: &str| {
        let text = format!(
            "\\documentclass{{article}}\n\\def\\x{{{what}}}\n\n{SLOW}\\begin{{document}}\n\\x\n\\end{{document}}\n"
        );
        files(text)
    };
    let mut document = open(with("a"));
    document.edit(with("b"), None).unwrap();
    assert_eq!(settle(&mut document), (Vec::new(), vec![1]));
}
