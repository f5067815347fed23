//! A build that begins with the end of a live run makes the very document that a clean build makes.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use quire_bundle::find_bundle;
use quire_compile::{
    build::{
        BuildDate, BuildOptions, BuildRequest, BuildResult, EngineChoice, FirstPass, OutputPlace,
    },
    build::{build, build_from, last_generated},
    diagnostics::Diagnostic,
    live::{LiveDocument, LivePage},
};
use quire_project::{MemoryFiles, ProjectPath};
use quire_tex_engine::{
    CancelToken, Engine, EngineOptions, JobSetup, Limits, TexReport, find_worker,
};
use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

/// 2026-01-01.
const DATE_S: u64 = 1_767_225_600;
/// Two hours later.
const NOW_S: u64 = DATE_S + 7200;

fn path(name: &str) -> ProjectPath {
    ProjectPath::new(name).unwrap()
}

/// A paper with all that needs more than one pass.
fn paper() -> BTreeMap<ProjectPath, Vec<u8>> {
    let section = |n: usize| {
        let text =
            format!("Paragraph of section {n} that goes on, see \\ref{{s{}}}. ", (n + 3) % 12);
        format!(
            "\\section{{Section {n}}}\\label{{s{n}}}\n{}\n\n\\begin{{equation}}x_{{{n}}}\\label{{e{n}}}\\end{{equation}}\n\
             On page~\\pageref{{s{}}}, \\cite{{k{}}}.\\footnote{{Note {n}.}}\n\n",
            text.repeat(12),
            (n + 5) % 12,
            n % 3
        )
    };
    let main = "\\documentclass{article}\n\\usepackage{hyperref}\n\\begin{document}\n\\tableofcontents\n\
                \\input{one}\n\\include{two}\n\\bibliographystyle{plain}\n\\bibliography{refs}\n\\end{document}\n";
    let entry = |n: usize| {
        format!(
            "@book{{k{n}, author={{Author {n}}}, title={{Book {n}}}, publisher={{P}}, year={{200{n}}}}}\n"
        )
    };
    BTreeMap::from([
        (path("main.tex"), main.into()),
        (path("one.tex"), (0..6).map(section).collect::<String>().into()),
        (path("two.tex"), (6..12).map(section).collect::<String>().into()),
        (path("refs.bib"), (0..3).map(entry).collect::<String>().into()),
    ])
}

fn files(parts: &BTreeMap<ProjectPath, Vec<u8>>) -> Arc<MemoryFiles> {
    let mut files = MemoryFiles::default();
    for (path, text) in parts {
        files.insert(path.clone(), text.as_slice());
    }
    Arc::new(files)
}

fn request(parts: &BTreeMap<ProjectPath, Vec<u8>>, folder: &Path) -> BuildRequest {
    BuildRequest {
        project: "paper".to_owned(),
        files: files(parts),
        root: path("main.tex"),
        engine: EngineChoice::Tectonic,
        tex_live: None,
        worker: find_worker().unwrap(),
        bundle: find_bundle(None).unwrap(),
        limits: Limits::default(),
        date: BuildDate::Now(NOW_S),
        synctex: true,
        xdv: false,
        options: BuildOptions::default(),
        max_passes: BuildRequest::DEFAULT_MAX_PASSES,
        output: Some(OutputPlace { folder: folder.join("out"), create: true }),
        builds_cache: Some(folder.join("cache")),
    }
}

/// PDF, SyncTeX, and what is told.
fn written(result: &BuildResult) -> (Vec<u8>, Vec<u8>, Vec<Diagnostic>) {
    let read = |place: &Option<std::path::PathBuf>| fs::read(place.as_ref().unwrap()).unwrap();
    (read(&result.pdf), read(&result.synctex), result.diagnostics.clone())
}

/// What a clean build of these sources makes.
fn clean(
    parts: &BTreeMap<ProjectPath, Vec<u8>>,
    date_s: u64,
) -> (Vec<u8>, Vec<u8>, Vec<Diagnostic>) {
    let folder = tempfile::tempdir().unwrap();
    let request = BuildRequest { date: BuildDate::Fixed(date_s), ..request(parts, folder.path()) };
    written(&build(&request, &mut |_| {}, &CancelToken::new()).unwrap())
}

/// Somebody who writes with live pages, and builds in pauses.
struct Author {
    parts: BTreeMap<ProjectPath, Vec<u8>>,
    document: LiveDocument,
    folder: tempfile::TempDir,
}

impl Author {
    fn new(parts: BTreeMap<ProjectPath, Vec<u8>>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let first =
            BuildRequest { date: BuildDate::Fixed(DATE_S), ..request(&parts, folder.path()) };
        build(&first, &mut |_| {}, &CancelToken::new()).unwrap();
        let request = request(&parts, folder.path());
        let options = EngineOptions {
            worker: request.worker.clone(),
            bundle: request.bundle.path().to_owned(),
            limits: Limits::default(),
        };
        let setup = JobSetup {
            root: request.root.clone(),
            job_name: "main".to_owned(),
            date_s: DATE_S,
            synctex: true,
            restored: generated(folder.path()),
        };
        let document = LiveDocument::start(options, setup, request.files).unwrap();
        let mut author = Self { parts, document, folder };
        author.settle();
        author
    }

    fn text(&mut self, name: &str) -> &mut Vec<u8> {
        self.parts.get_mut(&path(name)).unwrap()
    }

    fn edit(&mut self) {
        self.document.edit(files(&self.parts), None).unwrap();
    }

    fn settle(&mut self) {
        let start = Instant::now();
        while !self.document.is_at_rest() {
            for told in self.document.step(Some(Duration::from_secs(1))) {
                assert!(!matches!(told, LivePage::GivenUp(_)), "{told:?}");
            }
            assert!(start.elapsed() < Duration::from_secs(120), "the run never ends");
        }
    }

    /// The pass that a build after a pause begins with.
    fn pass(&mut self) -> Option<Arc<FirstPass>> {
        self.document.catch_up().unwrap();
        self.settle();
        self.document.pass()
    }

    fn build_from(&mut self, mut pass: Option<Arc<FirstPass>>) -> BuildResult {
        let request = request(&self.parts, self.folder.path());
        let result = build_from(&request, &mut |_| pass.take(), &mut |_| {}, &CancelToken::new());
        self.document.set_generated(generated(self.folder.path()));
        result.unwrap()
    }

    fn build(&mut self) -> BuildResult {
        let request = request(&self.parts, self.folder.path());
        let mut live = |generated: &BTreeMap<String, Arc<[u8]>>| {
            let files = generated.iter().map(|(name, bytes)| (name.clone(), bytes.to_vec()));
            self.document.set_generated(files.collect());
            self.pass()
        };
        let result = build_from(&request, &mut live, &mut |_| {}, &CancelToken::new());
        self.document.set_generated(generated(self.folder.path()));
        result.unwrap()
    }

    fn is_exact(&self, result: &BuildResult) -> bool {
        // One that begins with a live run has its date.
        let date_s = if lives(result)[0] { DATE_S } else { NOW_S };
        written(result) == clean(&self.parts, date_s)
    }
}

fn generated(folder: &Path) -> Vec<(String, Vec<u8>)> {
    last_generated(&folder.join("cache"), "paper", &path("main.tex"), EngineChoice::Tectonic)
}

/// Which passes were live.
fn lives(result: &BuildResult) -> Vec<bool> {
    result.passes.iter().map(|pass| pass.is_live).collect()
}

fn insert(text: &mut Vec<u8>, behind: &str, what: &str) {
    let found = text.windows(behind.len()).position(|part| part == behind.as_bytes()).unwrap();
    let at = found + behind.len();
    text.splice(at..at, what.bytes());
}

#[test]
fn the_end_of_a_run_that_went_on_from_a_snapshot_is_a_pass_like_any_other() {
    let mut author = Author::new(paper());
    for word in [" word", " and another", ""] {
        insert(author.text("two.tex"), "Paragraph of section 9", word);
        author.edit();
        author.settle();
    }
    insert(author.text("one.tex"), "Paragraph of section 3", " \\undefined");
    author.edit();
    let live = author.pass().unwrap();
    let request = request(&author.parts, author.folder.path());
    let options = EngineOptions {
        worker: request.worker,
        bundle: request.bundle.path().to_owned(),
        limits: Limits::default(),
    };
    let setup = JobSetup {
        root: path("main.tex"),
        job_name: "main".to_owned(),
        date_s: DATE_S,
        synctex: true,
        restored: generated(author.folder.path()),
    };
    let mut engine = Engine::start(&options, request.files, setup, &CancelToken::new()).unwrap();
    let plain = engine.run_tex(&mut |_| {}).unwrap();
    let TexReport { outcome, pages, log, marks, messages, reads, outputs, .. } = live.report();
    assert_eq!(String::from_utf8_lossy(log), String::from_utf8_lossy(&plain.log));
    assert_eq!((outcome, pages, marks), (&plain.outcome, &plain.pages, &plain.marks));
    assert_eq!((messages, reads, outputs), (&plain.messages, &plain.reads, &plain.outputs));
    assert!(outputs.iter().any(|output| output.name == "main.synctex.gz"), "{outputs:?}");
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
fn after_random_edits_a_build_from_the_live_run_equals_a_clean_one() {
    let seed: u64 = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap()) | 1;
    println!("QUIRE_SEED={seed}");
    let mut numbers = Numbers(seed);
    let mut author = Author::new(paper());
    let edits = std::env::var("QUIRE_EDITS").ok().and_then(|n| n.parse().ok()).unwrap_or(10);
    for edit in 0..edits {
        let name = ["one.tex", "two.tex", "refs.bib", "main.tex"][numbers.below(4)];
        let text = author.text(name);
        let words: Vec<usize> = text
            .windows(6)
            .enumerate()
            .filter(|(_, w)| *w == b"goes o")
            .map(|(at, _)| at)
            .collect();
        let change = [
            " more",
            "\n\nA new paragraph, which is longer. ",
            " \\textbf{bold}\\label{new} ",
            " \\undefined ",
            "\n\\section{New}\nText \\ref{new} \\cite{k1}. ",
            "\n\\newpage\n",
        ][numbers.below(6)];
        match words.get(numbers.below(words.len())) {
            Some(at) => drop(text.splice(at..at, change.bytes())),
            // Another author, or a comment at the end.
            None if name == "refs.bib" => insert(text, "author={", "Ann "),
            None => text.extend(b"% nothing\n"),
        }
        author.edit();
        if numbers.below(3) == 0 {
            // The next edit comes before the run is over.
            author.document.step(Some(Duration::from_millis(numbers.below(20) as u64)));
            continue;
        }
        let result = author.build();
        assert!(
            result.up_to_date || lives(&result)[0],
            "edit {edit} of seed {seed}: {:#?}",
            result.passes
        );
        assert!(author.is_exact(&result), "edit {edit} of seed {seed}");
    }
}

#[test]
fn the_passes_that_moved_references_take_are_live_too() {
    let mut author = Author::new(paper());
    insert(author.text("one.tex"), "section 2 that goes on", " longer");
    author.edit();
    let result = author.build();
    assert_eq!(lives(&result), [true]);
    assert!(author.is_exact(&result));
    insert(
        author.text("one.tex"),
        "section 2 that goes on",
        "\n\\newpage\\section{New}\\label{new}\n",
    );
    author.edit();
    let result = author.build();
    assert_eq!(lives(&result), [true, true]);
    assert!(author.is_exact(&result));
    // The live document has caught up with that: the pages need not be made once more.
    author.document.catch_up().unwrap();
    assert!(author.document.is_at_rest());
    insert(author.text("two.tex"), "section 8 that goes on", ", see \\ref{new}");
    author.edit();
    author.settle();
    let result = author.build();
    assert_eq!(lives(&result), [true]);
    assert!(author.is_exact(&result));
}

#[test]
fn a_pass_over_other_files_is_not_taken() {
    let mut author = Author::new(paper());
    insert(author.text("one.tex"), "section 2 that goes on", " longer");
    author.edit();
    // Since the run, a file has changed that it read …
    let pass = author.pass();
    insert(author.text("two.tex"), "section 7 that goes on", " longer");
    let result = author.build_from(pass);
    assert_eq!(lives(&result), [false]);
    assert!(author.is_exact(&result));
    // … or one has come that it looked for in vain.
    author.edit();
    let pass = author.pass();
    author.parts.insert(path("hyperref.cfg"), b"\\typeout{Here}\n".to_vec());
    let result = author.build_from(pass);
    assert!(!lives(&result)[0]);
    assert!(author.is_exact(&result));
    // … or it has read what an earlier build left.
    author.edit();
    author.settle();
    insert(
        author.text("one.tex"),
        "section 2 that goes on",
        "\n\\newpage\\section{New}\\label{new}\n",
    );
    author.edit();
    let pass = author.pass();
    author.build_from(pass);
    insert(author.text("one.tex"), "section 2 that goes on", " longer");
    author.edit();
    author.settle();
    let pass = author.document.pass();
    let result = author.build_from(pass);
    // A run that had to begin anew has read the new ones.
    assert!(author.is_exact(&result), "{:?}", lives(&result));
}

#[test]
fn when_its_processes_die_a_build_runs_by_itself() {
    let mut author = Author::new(paper());
    // The run stands still behind the page with the edit.
    author.document.set_hold(Duration::from_secs(60));
    insert(author.text("one.tex"), "section 2 that goes on", " longer");
    author.edit();
    while author.document.step(Some(Duration::from_secs(1))).is_empty() {}
    let one = author.document.processes()[0];
    let stat = fs::read_to_string(format!("/proc/{one}/stat")).unwrap();
    let group = stat.rsplit_once(") ").unwrap().1.split(' ').nth(2).unwrap();
    let all = format!("-{group}");
    assert!(Command::new("kill").args(["-9", "--", &all]).status().unwrap().success());
    while !author.document.is_at_rest() {
        author.document.step(Some(Duration::from_secs(1)));
    }
    let pass = author.document.pass();
    let result = author.build_from(pass);
    // A run that had to begin anew has read the new ones.
    assert!(author.is_exact(&result), "{:?}", lives(&result));
}

#[test]
fn the_exact_document_takes_hardly_more_than_one_pass() {
    let place =
        concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus/synthetic/paper-27p.tex");
    let mut author = Author::new(BTreeMap::from([(path("main.tex"), fs::read(place).unwrap())]));
    let mut ratios = Vec::new();
    for part in [10, 50, 90] {
        let text = author.text("main.tex");
        let from = text.len() * part / 100;
        let at = from + text[from..].windows(2).position(|w| w == b". ").unwrap();
        text.splice(at..at, *b" more");
        let start = Instant::now();
        author.edit();
        let result = author.build();
        let live = start.elapsed();
        // The same change without live pages.
        let text = author.text("main.tex");
        text.splice(at..at, *b" more");
        let start = Instant::now();
        let plain = author.build_from(None);
        let alone = start.elapsed();
        println!("{part} %: {live:?}, without live pages {alone:?}");
        ratios.push(live.as_secs_f64() / alone.as_secs_f64());
        assert_eq!((lives(&result), lives(&plain)), (vec![true], vec![false]));
        author.edit();
        author.settle();
    }
    // A machine that does something else meanwhile spoils one of them.
    assert!(ratios.iter().filter(|ratio| **ratio < 1.2).count() >= 2, "{ratios:?}");
}
