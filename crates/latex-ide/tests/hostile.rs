//! Random edits at random places: nothing panics, every answer points into the text, and a snapshot
//! that was edited says what one made anew says. The seed is printed; set `QUIRE_SEED` to repeat it.

#![allow(clippy::unwrap_used)]

mod support;

use fastrand::Rng;
use quire_latex_ide::{
    Content, Snapshot, close_environment, completion, definition, folding, hover, matching,
    outline::{self, OutlineItem},
    references, rename,
    spelling::{Dictionaries, Language, SpellingOptions, check},
    symbols, words,
};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};
use std::{collections::HashSet, sync::Arc, time::Instant};
use support::path;

const PIECES: [&str; 48] = [
    "\\section{",
    "}",
    "{",
    "[",
    "]",
    "$",
    "$$",
    "\\[",
    "\\]",
    "\\begin{figure}",
    "\\end{figure}",
    "\\begin{",
    "\\end{",
    "\\caption{A cat}",
    "\\label{",
    "\\ref{",
    "\\cite{a,",
    "\\input{b}",
    "\\input{main}",
    "\\include{c/d}",
    "\\import{c/}{d}",
    "\\newcommand{\\x}[2]{\\ref{#1}}",
    "\\x{l}{m}",
    "\\newenvironment{e}[1]{\\begin{figure}}{\\end{figure}}",
    "\\begin{e}{f}",
    "\\end{e}",
    "\n\n",
    "% no\n",
    "é",
    "中",
    "\u{301}",
    "\\usepackage[ngerman]{babel}",
    "\\selectlanguage{english}",
    "wrod ",
    "the ",
    "\\foreignlanguage{ngerman}{Haus}",
    "\\graphicspath{{c/}}",
    "\\includegraphics{p}",
    "\\documentclass{article}",
    "\\begin{document}",
    "\\end{document}",
    "\\def\\y#1{",
    "\\verb|",
    "\\begin{verbatim}",
    "\\\\",
    "#1",
    ",",
    "@book{k, author = {A and B}, title = ",
];

fn files() -> Vec<(ProjectPath, Content)> {
    let text = |text: &str| Content::Text(text.into());
    vec![
        (
            path("main.tex"),
            text("\\documentclass{article}\\begin{document}\\input{b}\\end{document}"),
        ),
        (path("b.tex"), text("\\section{B}\\label{b} the wrod")),
        (path("c/d.tex"), text("\\newtheorem{thm}{T}\\begin{thm}\\label{t}\\end{thm}")),
        (path("my.sty"), text("\\newcommand{\\mine}[1]{}")),
        (path("r.bib"), text("@book{k, title={x}}")),
        (path("c/p.png"), Content::Binary),
    ]
}

fn edit(text: &str, rng: &mut Rng) -> String {
    let boundaries: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
    let from = boundaries[rng.usize(..boundaries.len())];
    let to = boundaries[rng.usize(..boundaries.len())];
    let (from, to) = if rng.u8(..4) == 0 {
        (from.min(to), from.max(to).min(from.min(to) + 60))
    } else {
        (from, from)
    };
    let to = (to..=text.len()).find(|to| text.is_char_boundary(*to)).unwrap();
    let pieces: String = (0..rng.usize(..4)).map(|_| PIECES[rng.usize(..PIECES.len())]).collect();
    format!("{}{pieces}{}", &text[..from], &text[to..])
}

fn dictionaries() -> Dictionaries {
    let mut dictionaries = Dictionaries::default();
    for language in ["en-US", "de-DE"] {
        dictionaries.add(Language::new(language), "SET UTF-8\n", "2\nthe\nHaus\n").unwrap();
    }
    dictionaries
}

/// Everything that can be asked at a place; returns what does not depend on it.
fn ask(
    snapshot: &Snapshot,
    file: &ProjectPath,
    offset: ByteOffset,
    dictionaries: &Dictionaries,
) -> String {
    let text = snapshot.text(file).unwrap();
    let inside = |path: &ProjectPath, range: ByteRange| {
        let Some(text) = snapshot.text(path) else { return };
        assert!(text.get(range.as_range()).is_some(), "{range:?} is not in {path}");
    };
    let found = completion::complete(snapshot, file, offset);
    assert!(found.items.len() <= completion::MOST_ITEMS);
    for item in &found.items {
        inside(file, item.range);
        assert!(item.range.start <= offset && offset <= item.range.end, "{item:?} at {offset:?}");
        item.additional_edits.iter().for_each(|edit| inside(&edit.path, edit.range));
    }
    let _ = hover::hover(snapshot, file, offset);
    let _ = matching::matching(snapshot, file, offset).map(|pair| {
        inside(file, pair.open);
        inside(file, pair.close);
    });
    let _ = close_environment::close_environment(snapshot, file, offset);
    let places = definition::definition(snapshot, file, offset);
    let uses = references::references(snapshot, file, offset);
    places.iter().chain(&uses).for_each(|place| inside(&place.path, place.range));
    if let Ok(edits) = rename::rename(snapshot, file, offset, "anew") {
        for pair in edits.windows(2) {
            let apart = pair[0].path != pair[1].path || pair[0].range.end <= pair[1].range.start;
            assert!(apart, "edits overlap: {pair:?}");
        }
    }
    let moves = [rename::FileMove { from: path("b.tex"), to: path("c/e.tex") }];
    rename::rename_files(snapshot, &moves).iter().for_each(|edit| inside(&edit.path, edit.range));
    let sections = outline::of_document(snapshot, file);
    within(&sections, &inside);
    let default_language = &Language::new("en-US");
    let options = SpellingOptions { default_language, words: &HashSet::new() };
    let wrong = check(snapshot, file, dictionaries, options);
    wrong.iter().for_each(|word| inside(file, word.range));
    let folded = folding::foldings(snapshot, file);
    folded.iter().for_each(|folding| inside(file, folding.range));
    assert!(text.is_char_boundary(offset.0));
    format!(
        "{sections:?} {wrong:?} {folded:?} {:?} {:?} {:?}",
        symbols::symbols(snapshot, "a"),
        words::of_document(snapshot, file),
        snapshot.document_of(file),
    )
}

fn within(items: &[OutlineItem], inside: &dyn Fn(&ProjectPath, ByteRange)) {
    for item in items {
        inside(&item.path, item.range);
        inside(&item.path, item.target);
        within(&item.children, inside);
    }
}

#[test]
fn random_edits_do_no_harm() {
    let seed: u64 = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("QUIRE_SEED={seed}");
    let mut rng = Rng::with_seed(seed);
    let dictionaries = dictionaries();
    for _ in 0..30 {
        let mut files = files();
        let make = |files: &[(ProjectPath, Content)]| {
            Snapshot::new(files.to_vec(), Some(path("main.tex")), Arc::new(support::catalogue()))
        };
        let mut snapshot = make(&files);
        for round in 0..30 {
            let at = rng.usize(..5);
            let (file, content) = &mut files[at];
            let Content::Text(text) = content else { unreachable!("a picture comes last") };
            let edited: Arc<str> = edit(text, &mut rng).into();
            *content = Content::Text(edited.clone());
            snapshot = snapshot.with_text(file.clone(), edited.clone());
            let offset =
                (0..=rng.usize(..=edited.len())).rev().find(|at| edited.is_char_boundary(*at));
            let offset = ByteOffset(offset.unwrap());
            let file = file.clone();
            let start = Instant::now();
            let answer = ask(&snapshot, &file, offset, &dictionaries);
            assert!(start.elapsed().as_secs() < 2, "slow: {edited}");
            if round % 5 == 0 {
                let fresh = make(&files);
                assert_eq!(
                    ask(&fresh, &file, offset, &dictionaries),
                    answer,
                    "after edits of {file}"
                );
            }
        }
    }
}

/// Found by the test above with the seed 8760568680724699263.
#[test]
fn what_is_used_before_it_is_defined_means_the_same_however_it_came_about() {
    let main = "\\documentclass{article}\\begin{document}\\begin{e}{f}\\end{e}\
        \\newenvironment{e}[1]{\\begin{figure}}{\\end{figure}}\\end{document}";
    let make = |other: &str| {
        let files = [("main.tex", main), ("b.tex", other)]
            .map(|(name, text)| (path(name), Content::Text(text.into())));
        Snapshot::new(files, Some(path("main.tex")), Arc::new(support::catalogue()))
    };
    let other = "\\def\\y#1{}";
    let answers = [make(other), make("").with_text(path("b.tex"), other), make("")]
        .map(|snapshot| ask(&snapshot, &path("main.tex"), ByteOffset(0), &dictionaries()));
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

/// Texts made to be slow: each is asked in a time that grows with its length.
#[test]
fn hostile_texts_are_answered_in_time() {
    let dictionaries = dictionaries();
    for (what, text) in [
        ("braces", "{".repeat(50_000)),
        ("begins", "\\begin{figure}".repeat(5_000)),
        ("sections", "\\section{\\section{".repeat(3_000)),
        ("labels", "\\label{a}\\ref{a}".repeat(5_000)),
        ("inputs", "\\input{b}\\input{c/d}".repeat(3_000)),
        ("captions", "\\begin{figure}\\caption{\\caption{".repeat(2_000)),
        ("languages", "{\\selectlanguage{ngerman} wrod \\begin{german}".repeat(2_000)),
        (
            "definitions",
            (0..3_000)
                .map(|i| format!("\\newcommand{{\\a{}}}[1]{{#1}}", "x".repeat(i % 50)))
                .collect(),
        ),
        ("dollars", "$ \\left( ".repeat(5_000)),
        ("commas", "\\cite{".to_owned() + &"a,".repeat(20_000)),
        ("words", "a-b'c-".repeat(10_000)),
    ] {
        let mut files = files();
        files[0].1 = Content::Text(text.as_str().into());
        let start = Instant::now();
        let snapshot = Snapshot::new(files, Some(path("main.tex")), Arc::new(support::catalogue()));
        ask(&snapshot, &path("main.tex"), ByteOffset(text.len()), &dictionaries);
        ask(&snapshot, &path("main.tex"), ByteOffset(text.len() / 2), &dictionaries);
        let took = start.elapsed();
        println!("{what}: {} bytes in {} ms", text.len(), took.as_millis());
        assert!(took.as_secs() < 5, "{what} took {took:?}");
    }
}
