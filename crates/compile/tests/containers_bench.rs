//! How long TeX Live in a container takes: `cargo xtask bench container` shows it. In every test run the bounds are
//! wide, as machines are.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::build::{BuildResult, EngineChoice, Event, build};
use quire_container::{Ended, Execution, Sandbox, Watch};
use quire_tex_engine::CancelToken;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use support::texlive::OnTexLive;

const PAPER: &str = "\\documentclass{article}\\begin{document}\\section{One}\\label{a}See \\ref{a}. Word.\\end{document}";
const ENDLESS: &str =
    "\\documentclass{article}\\begin{document}\\loop\\iftrue\\repeat\\end{document}";

const DECK: &str = "\\documentclass[aspectratio=169]{beamer}\n\\usetheme{Madrid}\n\\usepackage{booktabs,pgfplots}\n\
    \\pgfplotsset{compat=1.17}\n\\title{A deck}\\author{An Author}\n\\begin{document}\n\\frame{\\titlepage}\n\\section{One}\n\
    \\begin{frame}{Items}\\begin{itemize}\\item<1-> One word\\item<2-> Two\\end{itemize}\\end{frame}\n\
    \\begin{frame}{Plot}\\begin{tikzpicture}\\begin{axis}\\addplot{x^2};\\end{axis}\\end{tikzpicture}\\end{frame}\n\
    \\end{document}\n";

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

fn show(what: &str, time: Duration) {
    println!("{what:>52} {:8.0} ms", time.as_secs_f64() * 1000.0);
}

/// A container's first start, and a program in one that waits.
fn starts(paper: &OnTexLive) {
    let temp = tempfile::tempdir().unwrap();
    let (project, place) = (temp.path().join("p"), temp.path().join("b"));
    [&project, &place].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
    let sandbox = Sandbox {
        image: paper.tex_live.image.clone(),
        project,
        build: place,
        limits: paper.tex_live.limits,
    };
    let begin = Instant::now();
    let mut container = paper.tex_live.place.take("bench", sandbox).unwrap();
    show("a container, from nothing", begin.elapsed());
    let execution = Execution {
        command: vec!["/bin/true".to_owned()],
        env: Vec::new(),
        folder: "/".to_owned(),
        wall: Duration::from_secs(20),
        output_bytes: 1000,
        suspect: false,
    };
    let mut programs = Vec::new();
    for _ in 0..9 {
        let watch = Watch { output: &mut |_| {}, cancelled: &|| false };
        let finished = container.run(&execution, watch).unwrap();
        assert_eq!(finished.ended, Ended::Exited(0));
        programs.push((finished.start, finished.wall));
    }
    let starts = programs.iter().map(|(start, _)| *start).collect();
    let walls = median(programs.iter().map(|(_, wall)| *wall).collect());
    show("a program in a warm one, until it is started", median(starts));
    show("the same, until it has ended", walls);
    assert!(walls < Duration::from_secs(3), "{walls:?}");
}

#[test]
fn a_warm_container_is_soon_at_work_and_soon_ended() {
    let paper = OnTexLive::in_container(EngineChoice::PdfLatex, &[("main.tex", PAPER)]);
    starts(&paper);
    show("pdfLaTeX, one page, first build", paper.build().wall);
    let mut changed = Vec::new();
    for round in 0..5 {
        paper.project.write("main.tex", PAPER.replace("Word", &format!("Word {round}")));
        changed.push(paper.build().wall);
    }
    show("pdfLaTeX, one page, a word changed", median(changed));
    show("pdfLaTeX, one page, nothing changed", paper.build().wall);
    paper.project.write("main.tex", ENDLESS);
    let cancel = CancelToken::new();
    let mut cancelled_at = None;
    let mut events = |event| {
        if matches!(event, Event::Pass { .. }) {
            cancel.cancel();
            cancelled_at = Some(Instant::now());
        }
    };
    build(&paper.request(), &mut events, &cancel).unwrap();
    let took = cancelled_at.unwrap().elapsed();
    show("an endless build, from cancel to the answer", took);
    assert!(took < Duration::from_secs(2), "{took:?}");
    assert_eq!(paper.left_behind(), [""; 0]);
}

/// A document that is measured: where a word is changed in it, and which bars hold for it.
struct Measured {
    name: &'static str,
    engine: EngineChoice,
    document: OnTexLive,
    text: String,
    word: &'static str,
    /// A word changed, against the host's engine.
    bar: Option<f64>,
}

/// Times of one kind, ours and those of the host's engine.
#[derive(Default)]
struct Times {
    ours: Vec<Duration>,
    host: Vec<Duration>,
}

fn quantile_ms(times: &[Duration], q: f64) -> f64 {
    let mut times: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e3).collect();
    times.sort_by(f64::total_cmp);
    let at = ((times.len() as f64 * q).ceil() as usize).clamp(1, times.len().max(1)) - 1;
    times.get(at).copied().unwrap_or(f64::NAN)
}

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(name)
}

fn archive() -> Measured {
    let text = fs::read_to_string(corpus("arxiv-style/template.tex")).unwrap();
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &[("template.tex", &text)]);
    for name in ["arxiv.sty", "orcid.pdf", "references.bib"] {
        document.project.write(name, fs::read(corpus("arxiv-style").join(name)).unwrap());
    }
    let (name, engine) = ("arxiv-style", EngineChoice::PdfLatex);
    Measured { name, engine, document, text, word: "\\lipsum[2]", bar: Some(0.6) }
}

fn deck() -> Measured {
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &[("deck.tex", DECK)]);
    let (name, engine, text) = ("Beamer deck", EngineChoice::PdfLatex, DECK.to_owned());
    Measured { name, engine, document, text, word: "One word", bar: Some(0.6) }
}

fn paper(engine: EngineChoice) -> Measured {
    let text = fs::read_to_string(corpus("synthetic/paper-27p.tex")).unwrap();
    let document = OnTexLive::in_container(engine, &[("paper.tex", &text)]);
    document.project.write("refs.bib", fs::read(corpus("synthetic/refs.bib")).unwrap());
    Measured { name: "paper-27p", engine, document, text, word: "\\section{", bar: None }
}

impl Measured {
    /// The text with a change in the body, and one in the preamble if it is to be read anew.
    fn changed(&self, round: usize, preamble: bool) -> String {
        let text = self.text.replacen(self.word, &format!("Word{round} {}", self.word), 1);
        let note = format!("% {round}\n\\begin{{document}}");
        if preamble { text.replacen("\\begin{document}", &note, 1) } else { text }
    }

    fn build(&self, text: &str) -> BuildResult {
        self.document.project.write(self.document.project.root, text);
        let built = self.document.build();
        assert!(built.pdf.is_some(), "{}: {:#?}", self.name, built.diagnostics);
        built
    }

    /// One run of the host's engine in a folder of its own, if there is one.
    fn host(&self, folder: &Path, text: &str) -> Option<Duration> {
        let programs = std::env::var_os("QUIRE_HOST_TEX")?;
        let root = self.document.project.root;
        fs::write(folder.join(root), text).unwrap();
        let mut command = Command::new(Path::new(&programs).join(self.engine.name()));
        command.args([
            "-interaction=nonstopmode",
            "-file-line-error",
            "-recorder",
            "-synctex=1",
            root,
        ]);
        let begin = Instant::now();
        let ended = command.current_dir(folder).stdout(Stdio::null()).status().unwrap();
        assert!(ended.code().is_some(), "{}: {ended}", self.name);
        Some(begin.elapsed())
    }

    fn row(&self, what: &str, times: &Times, bar: Option<(&str, bool)>) {
        let [ours, host] = [&times.ours, &times.host].map(|times| match times.is_empty() {
            true => " | ".to_owned(),
            false => [0.5, 0.95].map(|q| format!("{:.0}", quantile_ms(times, q))).join(" | "),
        });
        let (bar, kept) = bar.unwrap_or_default();
        let kept = match (bar.is_empty() || times.host.is_empty(), kept) {
            (true, _) => "",
            (false, true) => "kept",
            (false, false) => "missed",
        };
        let engine = self.engine.name();
        println!("| {} | {engine} | {what} | {ours} | {host} | {bar} | {kept} |", self.name);
    }

    /// Interleaved with the host's, so that a busy machine slows both.
    fn measure(&self, rounds: usize) {
        let host_folder = tempfile::tempdir().unwrap();
        let sources = self.document.project.folder();
        for entry in fs::read_dir(&sources).unwrap().flatten() {
            fs::copy(entry.path(), host_folder.path().join(entry.file_name())).unwrap();
        }
        let host = |text: &str| self.host(host_folder.path(), text);
        let mut cold = Times::default();
        cold.host.extend(host(&self.text));
        cold.ours.push(self.build(&self.text).wall);
        self.row("first build, all its passes (host: one pass)", &cold, None);
        let mut warm = Times::default();
        for round in 0..rounds {
            let text = self.changed(round, true);
            warm.host.extend(host(&text));
            warm.ours.push(self.build(&text).wall);
        }
        let more = quantile_ms(&warm.ours, 0.5) - quantile_ms(&warm.host, 0.5);
        self.row("preamble changed, warm", &warm, Some(("host + 100 ms", more <= 100.0)));
        for round in 0..2 {
            self.build(&self.changed(100 + round, false));
        }
        let mut word = Times::default();
        for round in 0..rounds {
            let text = self.changed(200 + round, false);
            word.host.extend(host(&text));
            let built = self.build(&text);
            let log = String::from_utf8_lossy(&built.log).into_owned();
            assert!(log.contains("preamble is precompiled") || self.bar.is_none(), "{}", self.name);
            word.ours.push(built.wall);
        }
        let ratio = quantile_ms(&word.ours, 0.5) / quantile_ms(&word.host, 0.5);
        let bar = self.bar.map(|bar| (format!("{bar} x host"), ratio <= bar));
        let bar = bar.as_ref().map(|(words, kept)| (words.as_str(), *kept));
        self.row("a word changed, warm", &word, bar);
        let again = Times { ours: vec![self.document.build().wall], host: Vec::new() };
        self.row("nothing changed", &again, None);
    }
}

/// Every run of the tests measures one document, once and alone; the bench all of them, beside the host's TeX Live.
#[test]
fn documents_beside_those_of_the_host() {
    println!("| document | engine | what | quire p50 ms | p95 | host p50 | p95 | bar | |");
    println!("|---|---|---|---|---|---|---|---|---|");
    if std::env::var_os("QUIRE_HOST_TEX").is_none() {
        return deck().measure(1);
    }
    for measured in
        [archive(), deck(), paper(EngineChoice::PdfLatex), paper(EngineChoice::LuaLatex)]
    {
        measured.measure(9);
    }
}
