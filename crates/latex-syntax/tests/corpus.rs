//! Real documents: nothing is lost, and what is found is what a plain search finds.

#![allow(clippy::unwrap_used)]

mod support;

use quire_latex_syntax::{ParseOptions, Tree, bib, facts, parse, parse_with};
use std::{fs, time::Instant};
use walkdir::WalkDir;

/// Every file of the corpus with one of these extensions.
fn files(extensions: &[&str]) -> Vec<(String, String)> {
    let corpus = support::corpus();
    let files = WalkDir::new(&corpus).sort_by_file_name().into_iter().map(Result::unwrap);
    let wanted = files.filter(|file| {
        file.path().extension().is_some_and(|found| extensions.iter().any(|e| found == *e))
    });
    let read = |file: walkdir::DirEntry| {
        let name = file.path().strip_prefix(&corpus).unwrap().display().to_string();
        (name, String::from_utf8_lossy(&fs::read(file.path()).unwrap()).into_owned())
    };
    let files: Vec<_> = wanted.map(read).collect();
    assert!(!files.is_empty(), "no {extensions:?} in the corpus");
    files
}

/// The text without comments, to search in.
fn uncommented(text: &str) -> String {
    let line = |line: &str| {
        let end = line.match_indices('%').find(|(i, _)| !line[..*i].ends_with('\\'));
        line[..end.map_or(line.len(), |(i, _)| i)].to_owned()
    };
    let mut text = text.lines().map(line).collect::<Vec<_>>().join("\n");
    for name in ["comment", "verbatim"] {
        let (begin, end) = (format!("\\begin{{{name}}}"), format!("\\end{{{name}}}"));
        while let Some(start) = text.find(&begin) {
            let length = text[start..].find(&end).unwrap();
            // It is an environment itself.
            text.replace_range(start..start + length, "\\begin{left-out}");
        }
    }
    text
}

#[test]
fn every_document_is_kept_whole() {
    for (name, text) in files(&["tex", "sty", "cls"]) {
        let is_package = !name.ends_with(".tex");
        let tree = parse_with(text, ParseOptions { is_package, signatures: None });
        println!("{name}: {} errors", tree.errors().len());
        support::check(&tree);
    }
}

#[test]
fn documents_that_compile_have_no_faults() {
    let mut faults = Vec::new();
    // One is broken on purpose.
    for (name, text) in files(&["tex"]).into_iter().filter(|(name, _)| !name.ends_with("err.tex")) {
        let tree = parse(text);
        for error in tree.errors() {
            let line = tree.text()[..error.range.start.0].lines().count();
            faults.push(format!("{name}:{line}: {:?} {:?}", error.kind, tree.slice(error.range)));
        }
    }
    assert!(faults.is_empty(), "{}\n{} faults", faults.join("\n"), faults.len());
}

/// How often one of `words` stands in the text with a brace or bracket behind it.
fn count(text: &str, words: &[&str]) -> usize {
    let found = words.iter().map(|word| {
        ["{", "[", "*{"]
            .iter()
            .map(|b| text.matches(&format!("\\{word}{b}")).count())
            .sum::<usize>()
    });
    found.sum()
}

#[test]
fn facts_agree_with_a_plain_search() {
    let mut sections = 0;
    for (name, text) in files(&["tex"]) {
        // Definitions and code in verbatim text deceive a plain search.
        if ["macros", "feature", "commands", "minted", "opt-", "main-"]
            .iter()
            .any(|n| name.contains(n))
        {
            continue;
        }
        let tree = parse(text);
        let plain = uncommented(tree.text());
        let levels = ["part", "chapter", "section", "subsection", "subsubsection", "paragraph"];
        let outline = facts::outline(&tree);
        let without_frames =
            outline.iter().filter(|section| section.level != facts::SectionLevel::Frame).count();
        assert_eq!(without_frames, count(&plain, &levels), "sections of {name}");
        sections += without_frames;
        assert_eq!(facts::labels(&tree).len(), count(&plain, &["label"]), "labels of {name}");
        let begins = plain.matches("\\begin{").count();
        assert_eq!(facts::environments(&tree).len(), begins, "environments of {name}");
        // The path of one picture is made of commands.
        let graphics = count(&plain, &["includegraphics"]) - plain.matches("]{\\OPT").count();
        let found = facts::file_references(&tree);
        let found = found.iter().filter(|f| f.kind == facts::FileReferenceKind::Graphics).count();
        assert_eq!(found, graphics, "pictures of {name}");
    }
    assert!(sections > 300, "{sections}");
}

#[test]
fn bibliographies_are_kept_whole() {
    for (name, text) in files(&["bib"]) {
        let bibliography = bib::parse(&text);
        let mut end = 0;
        for item in &bibliography.items {
            assert_eq!(item.range.start.0, end);
            end = item.range.end.0;
        }
        assert_eq!(end, text.len(), "{name}");
        let plain = text.lines().filter(|line| line.starts_with('@')).filter(|line| {
            let line = line.to_lowercase();
            !["@string", "@comment", "@preamble"].iter().any(|kind| line.starts_with(kind))
        });
        assert_eq!(bibliography.entries().count(), plain.count(), "{name}");
        let lines: Vec<_> = bibliography
            .errors
            .iter()
            .map(|e| format!("{:?} in line {}", e.kind, text[..e.range.start.0].lines().count()))
            .collect();
        assert!(lines.is_empty(), "{name}: {lines:#?}");
    }
}

/// The best of several runs, in milliseconds.
fn best_ms<T>(mut run: impl FnMut() -> T) -> f64 {
    let time = |_| {
        let start = Instant::now();
        std::hint::black_box(run());
        start.elapsed().as_secs_f64() * 1e3
    };
    (0..9).map(time).fold(f64::INFINITY, f64::min)
}

/// A fact's name and how much of it there is.
type Fact = (&'static str, fn(&Tree) -> usize);

/// Also a benchmark: `cargo nextest run --release -p quire-latex-syntax book --no-capture`.
#[test]
fn a_book_parses_between_two_keystrokes() {
    let text = fs::read_to_string(support::corpus().join("synthetic/book-246p.tex")).unwrap();
    let tree = parse(text.as_str());
    let parse_ms = best_ms(|| parse(text.as_str()));
    println!("{} lines, {} bytes", text.lines().count(), text.len());
    println!("parse {parse_ms:.1} ms, {} tokens", tree.tokens().count());
    let facts: [Fact; 7] = [
        ("outline", |tree| facts::outline(tree).len()),
        ("labels", |tree| facts::labels(tree).len()),
        ("references", |tree| facts::references(tree).len()),
        ("foldings", |tree| facts::foldings(tree).len()),
        ("prose", |tree| facts::prose(tree).len()),
        ("words", |tree| facts::words(tree).len()),
        ("word count", |tree| facts::word_count(tree).total.body),
    ];
    for (name, fact) in facts {
        println!("{name}: {} in {:.1} ms", fact(&tree), best_ms(|| fact(&tree)));
    }
    let limit_ms = if cfg!(debug_assertions) { 400.0 } else { 20.0 };
    assert!(parse_ms < limit_ms, "{parse_ms:.1} ms");
}
