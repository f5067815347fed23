//! What a key changes on a page of a real document is found on it, and stands where it stands on the whole page.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "support/live.rs"]
mod support;

use quire_compile::live::{Band, LiveDocument, PageConverter, changed_band};
use quire_xdv::{Index, Item};
use std::collections::BTreeSet;
use support::{files, options, outcome, setup};

const PARAGRAPH: &str = "The quick brown fox jumps over the lazy dog, and $x^2 + \\sum_{k=1}^n k$ is what \\emph{he} \
                         thinks of it on the way, until he comes to \\cite{dog} and \\ref{end} and thinks of them.\n\n";

fn document(edited: &str, drawing: &str) -> String {
    let many = PARAGRAPH.repeat(4);
    format!(
        "\\documentclass{{article}}\\usepackage{{tikz}}\\usepackage[colorlinks]{{hyperref}}\\begin{{document}}{many}\
         {edited}\n\n{many}{drawing}\\[ \\int_0^1 f \\] {many}\\label{{end}}\\end{{document}}"
    )
}

/// What is on the lines of a band, without the places to the right.
fn glyphs(xdv: &[u8], band: &Band) -> Vec<(i32, String)> {
    let index = Index::read(xdv).unwrap();
    let items = index.items(xdv, index.pages[0].range.clone(), &|_| None).unwrap();
    let seen = items.iter().filter(|item| (band.top..band.bottom).contains(&item.v));
    seen.filter(|item| !matches!(item.item, Item::Special(_)))
        .map(|item| (item.v.0, format!("{:?}", item.item)))
        .collect()
}

fn changed(old: &str, new: &str) -> Option<Band> {
    let mut live = LiveDocument::start(options(), setup(), files(old)).unwrap();
    assert_eq!(outcome(&mut live), "done");
    let before = live.page(1).unwrap();
    live.edit(files(new), None).unwrap();
    assert_eq!(outcome(&mut live), "done");
    let now = live.page(1).unwrap();
    let band = changed_band(&before, &now)?;
    assert_eq!(glyphs(&band.xdv, &band), glyphs(&now, &band));
    let lines = |xdv: &[u8]| {
        let index = Index::read(xdv).unwrap();
        let items = index.items(xdv, index.pages[0].range.clone(), &|_| None).unwrap();
        let glyphs = items.iter().filter(|item| matches!(item.item, Item::Char { .. }));
        glyphs.map(|item| item.v).collect::<BTreeSet<_>>().len()
    };
    assert!(lines(&band.xdv) * 2 < lines(&now), "most of the page is left out");
    let mut converter = PageConverter::new(options(), setup(), files(new));
    let (part, whole) = (converter.convert(&band.xdv).unwrap(), converter.convert(&now).unwrap());
    assert!(part.len() < whole.len());
    Some(band)
}

#[test]
fn a_word_in_a_paragraph_changes_a_part_of_the_page() {
    let drawing = "\\begin{tikzpicture}\\draw (0,0) -- (2,1) node {there};\\end{tikzpicture}\n\n";
    for drawing in ["", drawing] {
        let old = document("Here somebody writes \\cite{words}.", drawing);
        let new = document("Here somebody writes much \\cite{words} in $a^2$.", drawing);
        let band = changed(&old, &new).expect("a part of it");
        assert!((band.bottom.0 - band.top.0) as f64 / 65536.0 < 80.0, "{band:?}");
    }
}

#[test]
fn a_line_more_or_a_drawing_is_all_of_the_page() {
    let old = document("Here somebody writes.", "");
    assert_eq!(changed(&old, &document(&"Here somebody writes. ".repeat(6), "")), None);
    let drawn = |node: &str| document(&format!("\\tikz \\node {{{node}}};"), "");
    assert_eq!(changed(&drawn("here"), &drawn("where")), None);
}
