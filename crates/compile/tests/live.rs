//! Pages that follow the text: after any edit they are those of a run from the beginning.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

#[path = "support/live.rs"]
mod support;

use quire_compile::live::{LiveDocument, LivePage, PageConverter};
use quire_project::{MemoryFiles, ProjectPath};
use quire_tex_engine::JobSetup;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use support::{files, options, outcome, pages, setup};

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
fn each_page_says_how_large_it_is_and_the_last_ones_go() {
    let text = |rest: &str| {
        let size = "\\pdfpagewidth=100bp \\pdfpageheight=200bp ";
        format!(
            "\\documentclass{{article}}\\begin{{document}}{size}One\\newpage {rest}\\end{{document}}"
        )
    };
    let wide = text("\\pdfpagewidth=200bp \\pdfpageheight=100bp Two\\newpage Three\\newpage");
    let mut document = LiveDocument::start(options(), setup(), files(wide.as_bytes())).unwrap();
    settle(&mut document);
    let sizes = |document: &LiveDocument| -> Vec<(f64, f64)> {
        let sizes = (1..).map_while(|number| document.paper(number));
        sizes.map(|size| (size.width, size.height)).collect()
    };
    assert_eq!(sizes(&document), [(100.0, 200.0), (200.0, 100.0), (200.0, 100.0)]);
    document.edit(files(text("Two").as_bytes()), None).unwrap();
    settle(&mut document);
    assert_eq!(sizes(&document), [(100.0, 200.0); 2]);
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
    for part in [90, 50, 50, 5] {
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
fn a_small_document_takes_little_memory() {
    let text = b"\\documentclass{article}\\begin{document}One\n\nTwo\\end{document}";
    let mut document = LiveDocument::start(options(), setup(), files(text)).unwrap();
    settle(&mut document);
    assert!(document.snapshots() > 0);
    // XeTeX's tables alone would be 150 MiB.
    let megabytes = document.memory_bytes() >> 20;
    let most = 70 + 5 * document.snapshots() as u64;
    assert!(megabytes <= most, "{megabytes} MiB in {} snapshots", document.snapshots());
}

#[test]
fn snapshots_of_a_book_stay_within_their_memory() {
    let mut text = corpus("book-246p.tex");
    let root = BTreeSet::from([ProjectPath::new("main.tex").unwrap()]);
    let mut document = LiveDocument::start(options(), setup(), files(&text)).unwrap();
    let (_, whole, _) = settle(&mut document);
    println!(
        "{whole:?}, {} pages, {} snapshots, {} MB",
        document.pages(),
        document.snapshots(),
        document.memory_bytes() >> 20
    );
    for part in [50, 50, 90, 20] {
        let from = text.len() * part / 100;
        let at = from + text[from..].windows(2).position(|w| w == b". ").unwrap_or(0);
        text.splice(at..at, *b" and more");
        let start = Instant::now();
        document.edit(files(&text), Some(&root)).unwrap();
        println!("  edit() {:?}", start.elapsed());
        let (page, whole, number) = settle(&mut document);
        println!(
            "{part} %: page {number} {page:?}, whole {whole:?}, {} snapshots, {} MB",
            document.snapshots(),
            document.memory_bytes() >> 20
        );
        assert!(document.memory_bytes() <= 128 << 20);
        assert!(document.snapshots() >= 8);
    }
}

/// A short document of several files, with what makes trouble: arguments over lines, verbatim text, footnotes.
fn parts() -> BTreeMap<ProjectPath, Vec<u8>> {
    let paragraph = |n: usize| {
        format!(
            "Paragraph {n} of a text that goes on for a while, with \\emph{{emphasis over\ntwo lines}}, a note\
             \\footnote{{Note {n}.}} and $x_{{{n}}}$.\n\n\\begin{{verbatim}}\nas % it & is\n\\end{{verbatim}}\n\n"
        )
    };
    let chapter = |from: usize| (from..from + 30).map(paragraph).collect::<String>();
    let main = "\\documentclass{article}\n\\newcommand\\word{word}\n\\begin{document}\n\\section{One}\n\
                \\input{chapters/one}\n\\word\n\n\\section{Two}\n\\input{chapters/two.tex}\nThe end.\n\\end{document}\n";
    let file = |name: &str, text: String| (ProjectPath::new(name).unwrap(), text.into_bytes());
    BTreeMap::from([
        file("main.tex", main.to_owned()),
        file("chapters/one.tex", chapter(0)),
        file("chapters/two.tex", chapter(100)),
    ])
}

fn source(parts: &BTreeMap<ProjectPath, Vec<u8>>) -> Arc<MemoryFiles> {
    let mut files = MemoryFiles::default();
    for (path, text) in parts {
        files.insert(path.clone(), text.as_slice());
    }
    Arc::new(files)
}

fn pages_afresh(parts: &BTreeMap<ProjectPath, Vec<u8>>) -> Vec<Vec<u8>> {
    let mut document = LiveDocument::start(options(), setup(), source(parts)).unwrap();
    assert_eq!(outcome(&mut document), "done");
    pages(&document)
}

fn assert_same(found: &[Vec<u8>], wanted: &[Vec<u8>], when: &str) {
    assert_eq!(found.len(), wanted.len(), "number of pages, {when}");
    let different: Vec<usize> = (0..found.len())
        .filter(|page| found[*page] != wanted[*page])
        .map(|page| page + 1)
        .collect();
    assert!(different.is_empty(), "pages {different:?} differ, {when}");
}

/// Numbers that look random, the same for each seed.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

#[test]
fn random_edits_in_any_file_give_the_pages_of_a_run_from_the_beginning() {
    let seed: u64 = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap()) | 1;
    println!("QUIRE_SEED={seed}");
    let mut numbers = Numbers(seed);
    let mut parts = parts();
    let mut past = vec![parts.clone()];
    let mut document = LiveDocument::start(options(), setup(), source(&parts)).unwrap();
    assert_eq!(outcome(&mut document), "done");
    let edits = std::env::var("QUIRE_EDITS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    for edit in 0..edits {
        if numbers.below(8) == 0 {
            parts = past[numbers.below(past.len())].clone();
        } else {
            // Most edits are where the last one was, as people write.
            let file = numbers.below(3);
            let text = parts.values_mut().nth(file).unwrap();
            let from = numbers.below(text.len());
            let at = from + text[from..].iter().position(|b| *b == b' ').unwrap_or(0);
            match numbers.below(4) {
                0 => drop(text.drain(at..(at + 1).min(text.len()))),
                1 => drop(text.splice(at..at, *b"\n\nA new paragraph, which is longer. ")),
                2 => drop(text.splice(at..at, *b" \\textbf{bold} ")),
                _ => drop(text.splice(at..at, *b" w")),
            }
        }
        if past.last() == Some(&parts) {
            continue;
        }
        past.push(parts.clone());
        document.edit(source(&parts), None).unwrap();
        if numbers.below(3) == 0 {
            // The next key comes before the run is over.
            document.step(Some(Duration::from_millis(numbers.below(20) as u64)));
            continue;
        }
        assert_eq!(outcome(&mut document), "done", "edit {edit} of seed {seed}");
        assert_same(
            &pages(&document),
            &pages_afresh(&parts),
            &format!("edit {edit} of seed {seed}"),
        );
    }
}

/// A document of the corpus: all files of its folder, and its root.
fn folder(name: &str, root: &str) -> (BTreeMap<ProjectPath, Vec<u8>>, JobSetup) {
    fn walk(folder: &Path, base: &Path, into: &mut BTreeMap<ProjectPath, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, base, into);
            } else if let Ok(name) =
                ProjectPath::new(path.strip_prefix(base).unwrap().to_str().unwrap())
            {
                into.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    let base = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus")).join(name);
    let mut files = BTreeMap::new();
    walk(&base, &base, &mut files);
    let root = ProjectPath::new(root).unwrap();
    let setup = JobSetup { job_name: root.stem().to_owned(), root, ..setup() };
    (files, setup)
}

#[test]
fn slides_letters_and_papers_stay_exact() {
    let documents = [
        ("arxiv-style", "template.tex", "template.tex"),
        ("mtheme/demo", "demo.tex", "demo.tex"),
        ("awesome-cv", "examples/cv.tex", "examples/cv/experience.tex"),
    ];
    for (name, root, edited) in documents {
        let (mut parts, setup) = folder(name, root);
        let mut document = LiveDocument::start(options(), setup.clone(), source(&parts)).unwrap();
        assert_eq!(outcome(&mut document), "done", "{name}");
        let edited = ProjectPath::new(edited).unwrap();
        for part in [50, 50, 80] {
            let text = parts.get_mut(&edited).unwrap();
            let body = text.windows(16).position(|w| w == b"\\begin{document}").unwrap_or(0);
            let from = body + (text.len() - body) * part / 100;
            let words =
                |w: &[u8]| w[1] == b' ' && w[0].is_ascii_lowercase() && w[2].is_ascii_lowercase();
            let at = from + text[from..].windows(3).position(words).unwrap_or(0) + 1;
            text.splice(at..at, *b" word");
            document.edit(source(&parts), None).unwrap();
            assert_eq!(outcome(&mut document), "done", "{name}");
            let mut fresh = LiveDocument::start(options(), setup.clone(), source(&parts)).unwrap();
            assert_eq!(outcome(&mut fresh), "done");
            assert!(pages(&document) == pages(&fresh), "{name} at {part} %");
        }
    }
}

#[test]
fn files_of_another_pass_are_read_once_the_author_pauses() {
    let text = b"\\documentclass{article}\n\\begin{document}\n\\tableofcontents\n\\section{One}\\label{a}\nSee \
                 \\ref{a} and \\ref{b}.\n\\section{Two}\\label{b}\nThe end.\n\\end{document}\n";
    let root = BTreeSet::from([ProjectPath::new("main.tex").unwrap()]);
    let mut document = LiveDocument::start(options(), setup(), files(text)).unwrap();
    settle(&mut document);
    let without = pages(&document);
    let generated = vec![
        (
            "main.aux".to_owned(),
            b"\\relax\n\\newlabel{a}{{1}{1}{}{}{}}\n\\newlabel{b}{{2}{1}{}{}{}}\n".to_vec(),
        ),
        ("main.toc".to_owned(), b"\\contentsline {section}{\\numberline {1}One}{1}{}%\n".to_vec()),
    ];
    document.set_generated(generated.clone());
    settle(&mut document);
    let with = pages(&document);
    assert!(with != without);
    let setup = JobSetup { restored: generated, ..setup() };
    let mut fresh = LiveDocument::start(options(), setup.clone(), files(text)).unwrap();
    settle(&mut fresh);
    assert!(with == pages(&fresh));
    // They are still read after an edit.
    let edited = String::from_utf8_lossy(text).replace("The end", "The very end");
    document.edit(files(edited.as_bytes()), Some(&root)).unwrap();
    settle(&mut document);
    let mut fresh = LiveDocument::start(options(), setup, files(edited.as_bytes())).unwrap();
    settle(&mut fresh);
    assert!(pages(&document) == pages(&fresh));
}

#[test]
fn any_process_may_be_killed_at_any_time() {
    let mut parts = parts();
    let mut document = LiveDocument::start(options(), setup(), source(&parts)).unwrap();
    assert_eq!(outcome(&mut document), "done");
    for round in 0..4 {
        let processes = document.processes();
        // Every second, or all of them.
        let killed = processes.iter().step_by(if round == 3 { 1 } else { 2 });
        let killed: Vec<String> = killed.map(u32::to_string).collect();
        assert!(Command::new("kill").arg("-9").args(&killed).status().unwrap().success());
        let text = parts.values_mut().next().unwrap();
        let middle = text.len() / 2;
        let at = middle + text[middle..].iter().position(|b| *b == b' ').unwrap();
        text.splice(at..at, *b" more");
        document.edit(source(&parts), None).unwrap();
        if outcome(&mut document) != "done" {
            // It had gone on from a process that died under it.
            document.edit(source(&parts), None).unwrap();
            assert_eq!(outcome(&mut document), "done", "round {round}");
        }
        assert!(pages(&document) == pages_afresh(&parts), "round {round}");
    }
}

#[test]
fn a_document_that_had_to_begin_anew_can_still_be_woken() {
    let mut parts = parts();
    let mut document = LiveDocument::start(options(), setup(), source(&parts)).unwrap();
    assert_eq!(outcome(&mut document), "done");
    let waker = document.waker();
    let all: Vec<String> = document.processes().iter().map(u32::to_string).collect();
    assert!(Command::new("kill").arg("-9").args(&all).status().unwrap().success());
    parts.values_mut().next().unwrap().extend(b"% other\n");
    document.edit(source(&parts), None).unwrap();
    if outcome(&mut document) != "done" {
        document.edit(source(&parts), None).unwrap();
        assert_eq!(outcome(&mut document), "done");
    }
    document.step(Some(Duration::ZERO));
    waker.wake();
    let start = Instant::now();
    document.step(Some(Duration::from_secs(20)));
    assert!(start.elapsed() < Duration::from_secs(10), "nobody woke it");
}

#[test]
fn where_pages_came_from_is_known_while_a_snapshot_is_made() {
    let text = |added: &str| {
        let words = "A line of it.\n".repeat(30);
        format!(
            "\\documentclass{{article}}\\begin{{document}}\nOne\n{added}\\newpage\n{words}\\newpage\nThree\n\\end{{document}}\n"
        )
    };
    let mut document = LiveDocument::start(options(), setup(), files(text(""))).unwrap();
    settle(&mut document);
    let line = text("").find("Three").unwrap();
    document.expect_edit(&ProjectPath::new("main.tex").unwrap(), line as u64);
    // A quick machine may be at the line at once.
    document.step(Some(Duration::ZERO));
    document.edit(files(text("\\newpage\nAdded\n")), None).unwrap();
    settle(&mut document);
    assert_eq!(
        [1, 2, 3, 4].map(|page| document.came_from(page)),
        [Some(1), None, Some(2), Some(3)]
    );
}

#[test]
fn a_snapshot_waits_where_the_author_is_expected_to_write() {
    let mut text = corpus("paper-27p.tex");
    let mut document = LiveDocument::start(options(), setup(), files(&text)).unwrap();
    settle(&mut document);
    let before = pages(&document);
    let word = b"Eiusmod voluptate do deserunt laborum";
    let line = text.windows(word.len()).position(|part| part == word).unwrap();
    // Where there are as many as there may be, another goes for it.
    let processes = document.processes();
    document.expect_edit(&ProjectPath::new("main.tex").unwrap(), line as u64);
    let start = Instant::now();
    while document.processes() == processes || !document.is_at_rest() {
        assert!(document.step(Some(Duration::from_millis(100))).is_empty(), "nothing has changed");
        assert!(start.elapsed() < Duration::from_secs(20), "no snapshot was taken");
    }
    assert!(pages(&document) == before);
    text.splice(line..line, *b"More. ");
    document.edit(files(&text), None).unwrap();
    settle(&mut document);
    assert!(pages(&document) == afresh(&text));
}

#[test]
fn a_loop_is_given_up_and_the_next_key_works() {
    let good = parts();
    let mut document = LiveDocument::start(options(), setup(), source(&good)).unwrap();
    assert_eq!(outcome(&mut document), "done");
    document.set_patience(Duration::from_millis(1500));
    let before = pages(&document);
    let mut bad = good.clone();
    let text = bad.get_mut(&ProjectPath::new("chapters/two.tex").unwrap()).unwrap();
    text.splice(0..0, *b"\\def\\x{\\x}\\x\n");
    document.edit(source(&bad), None).unwrap();
    assert_eq!(outcome(&mut document), "given up");
    document.edit(source(&good), None).unwrap();
    assert_eq!(outcome(&mut document), "done");
    assert!(pages(&document) == before);
}

#[test]
fn nothing_is_left_when_a_document_is_closed() {
    let mut document = LiveDocument::start(options(), setup(), source(&parts())).unwrap();
    assert_eq!(outcome(&mut document), "done");
    let processes = document.processes();
    assert!(!processes.is_empty());
    drop(document);
    std::thread::sleep(Duration::from_millis(300));
    for process in processes {
        assert!(!std::path::Path::new(&format!("/proc/{process}/exe")).exists(), "{process}");
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

#[test]
fn a_worker_that_has_made_many_pages_is_replaced() {
    let text = corpus("paper-27p.tex");
    let mut document = LiveDocument::start(options(), setup(), files(&text)).unwrap();
    settle(&mut document);
    let mut converter = PageConverter::new(options(), setup(), files(&text));
    let page = document.page(3).unwrap();
    let first = converter.convert(&page).unwrap();
    let workers: BTreeSet<u32> = (0..60)
        .map(|_| {
            assert_eq!(converter.convert(&page).unwrap(), first);
            converter.rest(&page);
            converter.process().unwrap()
        })
        .collect();
    assert_eq!(workers.len(), 2);
}
