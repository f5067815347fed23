//! Where an edit makes no difference any more the rest of the document is not typeset, and the document is exact all
//! the same.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "support/live.rs"]
mod support;

use quire_compile::live::{LiveDocument, LivePage};
use quire_project::ProjectPath;
use quire_tex_engine::{CancelToken, Engine, JobSetup, TexReport};
use quire_xdv::{Index, Stream};
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use support::{files, options};

fn setup() -> JobSetup {
    JobSetup { synctex: true, ..support::setup() }
}

/// What a pass from the beginning comes to, and its XDV.
fn plain_pass(text: &str) -> (TexReport, Vec<u8>) {
    let mut engine = Engine::start(&options(), files(text), setup(), &CancelToken::new()).unwrap();
    let report = engine.run_tex(&mut |_| {}).unwrap();
    (report, engine.fetch("main.xdv").unwrap().unwrap())
}

/// All that stands on each page, and what surrounds the pages.
fn assert_same_pages(ours_xdv: &[u8], plain_xdv: &[u8]) {
    let read = |xdv: &[u8]| {
        let index = Index::read(xdv).unwrap();
        let mut stream = Stream::new(xdv[..index.pages[0].range.start].into());
        for page in &index.pages {
            stream.push(xdv[page.range.clone()].into()).unwrap();
        }
        (index, stream)
    };
    let ((ours_index, ours), (index, plain)) = (read(ours_xdv), read(plain_xdv));
    assert_eq!(ours_index.pages.len(), index.pages.len());
    assert_eq!(ours_index.fonts, index.fonts);
    for page in 0..index.pages.len() {
        assert!(ours.is_same_page(page, &plain), "page {}", page + 1);
    }
    // Each page points to the one before, the postamble to the last page and its end to the postamble.
    let four = |at: usize| u32::from_be_bytes(ours_xdv[at..at + 4].try_into().unwrap());
    let starts = ours_index.pages.iter().map(|page| page.range.start as u32);
    for (page, before) in ours_index.pages.iter().zip([u32::MAX].into_iter().chain(starts)) {
        assert_eq!(four(page.range.start + 41), before);
    }
    let postamble = |xdv: &[u8], index: &Index| {
        let last = index.pages.last().unwrap().range.clone();
        let end = xdv.iter().rposition(|byte| *byte != 223).unwrap() - 5;
        let (post, to) = (&xdv[last.end..end], &xdv[end..]);
        assert_eq!(post[1..5], (last.start as u32).to_be_bytes());
        assert_eq!(to[1..5], (last.end as u32).to_be_bytes());
        post[5..].to_vec()
    };
    assert_eq!(postamble(ours_xdv, &ours_index), postamble(plain_xdv, &index));
}

/// Wait until it is so.
fn step_until(document: &mut LiveDocument, is_so: impl Fn(&LiveDocument) -> bool) {
    let begun = Instant::now();
    while !is_so(document) {
        document.step(Some(Duration::from_millis(100)));
        assert!(begun.elapsed() < Duration::from_secs(120), "it never is");
    }
}

/// A document whose author has come to a place and thinks for so long that the snapshots behind have said what their
/// states are.
fn document_at(text: &str, at: usize) -> LiveDocument {
    let mut document = LiveDocument::start(options(), setup(), files(text)).unwrap();
    step_until(&mut document, LiveDocument::is_at_rest);
    let line = text[..at].rfind('\n').unwrap() + 1;
    document.expect_edit(&ProjectPath::new("main.tex").unwrap(), line as u64);
    document.step(Some(Duration::from_millis(100)));
    step_until(&mut document, LiveDocument::is_prepared);
    document
}

/// What an edit came to.
struct Edited {
    /// The last page that was told to be another.
    last_page: usize,
    /// The rest was not typeset.
    is_joined: bool,
}

/// Edit, and compare what comes of it with a pass from the beginning.
fn edit(document: &mut LiveDocument, text: &str) -> Edited {
    let root = BTreeSet::from([ProjectPath::new("main.tex").unwrap()]);
    let before = document.splices().joined;
    document.edit(files(text), Some(&root)).unwrap();
    let (begun, mut last_page) = (Instant::now(), 0);
    while !document.is_at_rest() {
        for told in document.step(Some(Duration::from_secs(1))) {
            match told {
                LivePage::Changed { number, .. } => last_page = last_page.max(number as usize),
                LivePage::Done(_) => {}
                LivePage::GivenUp(fault) => panic!("given up: {fault:?}"),
            }
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "the run never ends");
    }
    let (pass, (plain, plain_xdv)) = (document.pass().expect("a pass"), plain_pass(text));
    let ours = pass.report();
    assert_eq!(ours.outcome, plain.outcome);
    assert_eq!(ours.pages, plain.pages);
    // But for the length of the XDV.
    let log = |report: &TexReport| {
        let log = report.log.escape_ascii().to_string();
        log.rsplit_once("Output written on").unwrap().0.to_owned()
    };
    assert_eq!(log(ours), log(&plain));
    assert_eq!(ours.marks, plain.marks);
    assert_eq!(ours.messages, plain.messages);
    let sorted = |report: &TexReport| {
        let mut reads: Vec<String> = report.reads.iter().map(|read| format!("{read:?}")).collect();
        reads.sort();
        reads
    };
    assert_eq!(sorted(ours), sorted(&plain));
    // Among them the SyncTeX file. In the XDV movements may be written otherwise.
    let others = |report: &TexReport| -> Vec<_> {
        let outputs = report.outputs.iter();
        outputs
            .filter(|output| !["main.xdv", "main.log"].contains(&&*output.name))
            .cloned()
            .collect()
    };
    assert_eq!(others(ours), others(&plain));
    assert_same_pages(pass.output("main.xdv").unwrap(), &plain_xdv);
    Edited { last_page, is_joined: document.splices().joined > before }
}

/// Until all is typeset after all: it comes to the same.
fn think(document: &mut LiveDocument) {
    step_until(document, LiveDocument::is_prepared);
    assert_eq!(document.splices().wrong, 0);
}

fn paper() -> String {
    let path = "/../../../shared/corpus/synthetic/paper-27p.tex";
    std::fs::read_to_string(format!("{}{path}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Some forty pages that take no time.
fn story() -> String {
    let sentences = "It was told again and again, and each time it was a little longer. ".repeat(9);
    let paragraphs = |n| {
        let label = format!("\\section{{Part {n}}}\\label{{part{n}}}\n\n");
        format!("{label}{}", format!("{sentences}\n\n").repeat(6))
    };
    let body: String = (1..45).map(paragraphs).collect();
    format!("\\documentclass{{article}}\n\\begin{{document}}\n{body}\\end{{document}}\n")
}

/// The end of a sentence some way into the text.
fn place(text: &str, percent: usize) -> usize {
    let body = text.find("\\begin{document}").unwrap();
    let from = body + (text.len() - body) * percent / 100;
    from + text[from..].find(". ").unwrap()
}

/// Another word of the same width.
fn with_another_word(text: &str, at: usize) -> String {
    let word = at + text[at..].find("told").unwrap();
    format!("{}tald{}", &text[..word], &text[word + 4..])
}

#[test]
fn a_word_is_typeset_and_the_rest_of_the_document_is_not() {
    let mut text = story();
    let at = place(&text, 12);
    let mut document = document_at(&text, at);
    text = with_another_word(&text, at);
    let edited = edit(&mut document, &text);
    assert!(edited.is_joined);
    assert!(edited.last_page < 12, "page {} is another", edited.last_page);
    think(&mut document);
}

#[test]
fn one_word_after_the_other_is_typeset_and_the_rest_is_not() {
    let mut text = story();
    let at = place(&text, 12);
    let mut document = document_at(&text, at);
    // The second goes by a run that was put together itself; the third makes a line of the log.
    text = with_another_word(&text, at);
    assert!(edit(&mut document, &text).is_joined);
    text = with_another_word(&text, at);
    assert!(edit(&mut document, &text).is_joined);
    text.insert_str(at, "\\hbox to 5pt{}\\hbox to 1pt{to wide}");
    edit(&mut document, &text);
    text = with_another_word(&text, at);
    edit(&mut document, &text);
    think(&mut document);
    // Further on, where snapshots have been laid meanwhile.
    let at = place(&text, 60);
    let line = text[..at].rfind('\n').unwrap() + 1;
    document.expect_edit(&ProjectPath::new("main.tex").unwrap(), line as u64);
    document.step(Some(Duration::from_millis(100)));
    think(&mut document);
    text = with_another_word(&text, at);
    assert!(edit(&mut document, &text).is_joined);
    think(&mut document);
}

#[test]
fn words_of_a_paper_are_typeset_and_the_rest_is_not() {
    let mut text = paper();
    let at = place(&text, 12);
    let mut document = document_at(&text, at);
    // Where snapshots are taken is a matter of time: not every rest begins with a state that is known.
    let joined = (0..6).filter(|_| {
        text.insert_str(at, " word");
        let edited = edit(&mut document, &text);
        think(&mut document);
        edited.is_joined
    });
    let joined = joined.count();
    println!("{joined} of 6 were put together");
    assert!(joined > 0);
}

#[test]
fn a_book_is_exact_after_one_key_and_the_next() {
    let path = "/../../../shared/corpus/synthetic/book-246p.tex";
    let book = std::fs::read_to_string(format!("{}{path}", env!("CARGO_MANIFEST_DIR")));
    let mut text = book.unwrap();
    let at = place(&text, 20);
    let mut document = document_at(&text, at);
    // Each moves the XDV behind it by another length: what its buffer holds when it is written out is another.
    let joined = [" x", "y", " x", "y"].map(|typed| {
        text.insert_str(at, typed);
        let edited = edit(&mut document, &text);
        assert!(edited.last_page < 60, "page {} is another", edited.last_page);
        think(&mut document);
        edited.is_joined
    });
    assert!(joined.contains(&true));
}

#[test]
fn what_is_defined_set_counted_written_or_put_off_is_a_difference() {
    let text = story();
    let at = place(&text, 12);
    let mut document = document_at(&text, at);
    let mut is_joined = |difference: &str| {
        let edited = format!("{}{difference}{}", &text[..at], &text[at..]);
        let is_joined = edit(&mut document, &edited).is_joined;
        edit(&mut document, &text);
        think(&mut document);
        is_joined
    };
    assert!(is_joined("\\relax "));
    assert!(is_joined("\\rpcode\\font`\\.=0 "));
    for difference in [
        "\\gdef\\another{macro}",
        "\\global\\count37=5 ",
        "\\stepcounter{equation}",
        "\\label{place}",
        "\\global\\setbox37\\hbox{box}",
        "\\global\\count4711=5 ",
        "\\global\\fontdimen2\\font=4pt ",
        "\\rpcode\\font`\\.=700 ",
        "\\hyphenation{dif-fer-ence}",
        "\\global\\catcode`\\|=13 ",
        "\\global\\catcode`\\^^^^4e00=13 ",
        "\\global\\toks37={tokens}",
        "\\widowpenalty=17 ",
        "\\global\\font\\large=cmr10 at 17pt ",
        "\\newwrite\\another \\immediate\\openout\\another=another.txt ",
        "\\immediate\\write\\csname @auxout\\endcsname{\\relax}",
        "\\begin{figure}[p]\\vspace{9cm}\\end{figure}\\begin{figure}[b]\\vspace{22cm}\\end{figure}",
        "\n% a line more\n",
    ] {
        assert!(!is_joined(difference), "{difference}");
    }
}

#[test]
fn a_page_that_moves_is_a_difference() {
    let text = story();
    let at = place(&text, 12);
    let mut document = document_at(&text, at);
    let paragraphs = "\\par Another paragraph of some length, which moves those behind.".repeat(9);
    // Unless they happen to end where they ended before, all pages behind are others.
    let edited = format!("{}{paragraphs}{}", &text[..at], &text[at..]);
    assert!(!edit(&mut document, &edited).is_joined);
    think(&mut document);
}
