//! Pages that come soon: to who types before the preamble is through, and of documents of few pages.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "support/live.rs"]
mod support;

use quire_compile::live::{LiveDocument, LivePage};
use std::time::{Duration, Instant};
use support::{files, options, outcome, pages, setup};

fn afresh(text: &str) -> Vec<Vec<u8>> {
    let mut document = LiveDocument::start(options(), setup(), files(text)).unwrap();
    assert_eq!(outcome(&mut document), "done");
    pages(&document)
}

#[test]
fn pages_follow_an_author_who_types_before_the_preamble_is_through() {
    // Takes TeX a second or so, in one line.
    let slow = "\\newcount\\n \\loop\\ifnum\\n<1500000 \\advance\\n1 \\repeat";
    let text = |typed: &str| {
        let page = "A sentence of it. ".repeat(180) + "\\newpage\n\n";
        let rest = page.repeat(30);
        format!(
            "\\documentclass{{article}}\n{slow}\n\\begin{{document}}\nOne {typed}.\n\n{rest}\\end{{document}}\n"
        )
    };
    let mut document = LiveDocument::start(options(), setup(), files(text(""))).unwrap();
    document.set_calm(Some(Duration::from_millis(700)));
    let typed = "so it goes on and on and on and on and on";
    let begun = Instant::now();
    let mut pages_while_typing = 0;
    for end in 1..=typed.len() {
        document.edit(files(text(&typed[..end])), None).unwrap();
        let key = Instant::now();
        while key.elapsed() < Duration::from_millis(150) {
            let told = document.step(Some(Duration::from_millis(10)));
            let is_page =
                |page: &LivePage| matches!(page, LivePage::Changed { is_past_focus: true, .. });
            pages_while_typing += told.iter().filter(|told| is_page(told)).count();
        }
    }
    assert!(pages_while_typing > 0, "nothing in {:?}", begun.elapsed());
    assert_eq!(outcome(&mut document), "done");
    assert!(pages(&document) == afresh(&text(typed)));
}

#[test]
fn a_page_of_a_short_document_is_told_before_its_end() {
    // Takes TeX a second or so.
    let slow = "\\newcount\\n \\loop\\ifnum\\n<1500000 \\advance\\n1 \\repeat\n";
    let text = |edited: &str| {
        format!(
            "\\documentclass{{article}}\n\\begin{{document}}\n{edited}\n\\newpage\n{slow}Two\n\\end{{document}}\n"
        )
    };
    let mut document = LiveDocument::start(options(), setup(), files(text("One"))).unwrap();
    assert_eq!(outcome(&mut document), "done");
    for edited in ["One!", "One! And", "One! And more"] {
        document.edit(files(text(edited)), None).unwrap();
        let (mut told, begun) = (Vec::new(), Instant::now());
        while told.is_empty() {
            told = document.step(Some(Duration::from_millis(20)));
            assert!(begun.elapsed() < Duration::from_secs(30));
        }
        let first = &told[..];
        assert!(
            matches!(first, [LivePage::Changed { number: 1, is_past_focus: true }]),
            "{edited}: {first:?}"
        );
        assert_eq!(outcome(&mut document), "done");
        assert!(pages(&document) == afresh(&text(edited)), "{edited}");
    }
}

#[test]
fn an_edit_of_the_preamble_is_not_kept_waiting_by_it() {
    let text = |word: &str, edited: &str| {
        format!(
            "\\documentclass{{article}}\n\\def\\word{{{word}}}\n\\begin{{document}}\n\\word{edited}\n\\end{{document}}\n"
        )
    };
    let mut document = LiveDocument::start(options(), setup(), files(text("a", ""))).unwrap();
    document.step(Some(Duration::from_millis(50)));
    document.edit(files(text("a", "b")), None).unwrap();
    document.edit(files(text("c", "b")), None).unwrap();
    assert_eq!(outcome(&mut document), "done");
    assert!(pages(&document) == afresh(&text("c", "b")));
}
