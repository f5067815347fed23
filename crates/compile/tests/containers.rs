//! TeX Live in a container: what it builds, what it tells, and that it looks as the embedded engine does.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::{
    build::{BuildOutcome, BuildRequest, EngineChoice, Event, build},
    diagnostics::SourceFile,
    disk::DiskFolder,
    synctex::Source,
};
use quire_project::ProjectPath;
use quire_tex_engine::{CancelToken, Limits};
use quire_text::LineNumber;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use support::texlive::{OnTexLive, containers, tex_live};

const PAPER: &str = "\\documentclass{article}\n\\begin{document}\n\\tableofcontents\n\\section{One}\\label{one}\n\
    See \\ref{two}.\n\\newpage\\section{Two}\\label{two}\n\\pdfliteral{q Q}Text.\n\\end{document}\n";

fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

fn corpus(folder: &str) -> PathBuf {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(folder);
    assert!(corpus.is_dir(), "the corpus lies beside the repository: {}", corpus.display());
    corpus
}

#[test]
fn a_paper_is_built_told_of_and_known_the_next_time() {
    let paper = OnTexLive::in_container(EngineChoice::PdfLatex, &[("main.tex", PAPER)]);
    let mut pages = Vec::new();
    let first = paper.told(&mut |event| {
        if let Event::Page { page, .. } = event {
            pages.push(page);
        }
    });
    assert_eq!(first.outcome, BuildOutcome::Clean, "{:#?}", first.diagnostics);
    assert_eq!(first.pages, 2);
    assert!(first.passes.len() >= 2, "{:?}", first.passes);
    assert_eq!(pages.first(), Some(&1));
    assert_eq!(first.inputs, [path("main.tex")]);
    let pdf = fs::read(first.pdf.unwrap()).unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 10_000);

    let again = paper.build();
    assert!(again.up_to_date, "{:?}", again.because);
    // What TeX would have looked for is not known: any file that comes may matter.
    paper.project.write("logo.pdf", "x");
    let third = paper.build();
    assert_eq!(third.because.as_deref(), Some("a file of the project is new or gone"));
    paper.project.write("main.tex", PAPER.replace("Text", "Words"));
    let fourth = paper.build();
    assert_eq!(fourth.because.as_deref(), Some("main.tex changed"));
    assert_eq!(fourth.passes.len(), 1, "{:?}", fourth.passes);
    assert_eq!(paper.left_behind(), [""; 0]);
}

#[test]
fn mistakes_have_their_file_and_line_and_the_pages_are_there() {
    let chapter = "Fine.\n\nHere \\undefinedthing is.\n";
    let root =
        "\\documentclass{article}\\begin{document}\n\\input{parts/chapter}\n\\end{document}\n";
    let files = [("doc/main.tex", root), ("doc/parts/chapter.tex", chapter)];
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &files);
    let built = document.build();
    assert_eq!(built.outcome, BuildOutcome::Errors);
    assert_eq!(built.pages, 1);
    assert!(built.pdf.is_some());
    let told = &built.diagnostics[0];
    assert_eq!(told.code, "undefined-command", "{:#?}", built.diagnostics);
    let place = told.place.as_ref().unwrap();
    assert_eq!(place.file, SourceFile::Project(path("doc/parts/chapter.tex")));
    assert_eq!(place.first_line, LineNumber(3));
}

#[test]
fn a_click_leads_to_the_source_and_back() {
    let root = "\\documentclass{article}\\begin{document}\n\\input{parts/a}\n\\end{document}\n";
    let files = [("doc/main.tex", root), ("doc/parts/a.tex", "One line.\n\nAnother line.\n")];
    for engine in [EngineChoice::PdfLatex, EngineChoice::LuaLatex, EngineChoice::XeLatex] {
        let document = OnTexLive::in_container(engine, &files);
        let built = document.build();
        assert_eq!(built.outcome, BuildOutcome::Clean, "{engine:?}: {:#?}", built.diagnostics);
        let synctex = built.read_synctex(&path("doc/main.tex")).unwrap().unwrap();
        let areas = synctex.areas(&path("doc/parts/a.tex"), LineNumber(3));
        let area = areas.first().unwrap_or_else(|| panic!("{engine:?}: {:?}", synctex.sources()));
        let (x, y) = (area.rect.x + 5.0, area.rect.y + area.rect.height / 2.0);
        let spot = synctex.source_at(area.page, x, y).unwrap();
        assert_eq!(*spot.source, Source::Project(path("doc/parts/a.tex")), "{engine:?}");
    }
}

#[test]
fn what_the_author_has_not_saved_is_built() {
    let paper = OnTexLive::in_container(EngineChoice::PdfLatex, &[("main.tex", PAPER)]);
    let files = DiskFolder::open(&paper.project.folder()).unwrap();
    let unsaved = PAPER.replace("Text", "\\newpage Unsaved");
    let files = files.with_overlay([(path("main.tex"), Arc::from(unsaved.as_bytes()))]);
    let request = BuildRequest { files: Arc::new(files), ..paper.request() };
    let built = build(&request, &mut |_| {}, &CancelToken::new()).unwrap();
    assert_eq!(built.pages, 3);
}

/// As the thesis template of the corpus: LuaLaTeX with biblatex, glossaries and an index.
const THESIS: &str = r"% !TEX program = lualatex
\documentclass[english]{scrbook}
\usepackage{fontspec}\usepackage{babel}
\usepackage[backend=biber]{biblatex}\addbibresource{bibliography.bib}
\usepackage{makeidx}\makeindex
\usepackage[acronym,nomain]{glossaries}\makeglossaries
\newacronym{nato}{NATO}{North Atlantic Treaty Organization}
\begin{document}
\tableofcontents
\chapter{One}\directlua{tex.print('Lua speaks.')} \gls{nato}\index{nato}, \cite{Winery,Binz2009}.
\printindex\printglossary[type=acronym]\printbibliography
\end{document}
";

#[test]
fn a_thesis_has_its_bibliography_its_index_and_its_glossary() {
    let bibliography = fs::read_to_string(corpus("thesis").join("bibliography.bib")).unwrap();
    let files = [("main.tex", THESIS), ("bibliography.bib", bibliography.as_str())];
    let thesis = OnTexLive::in_container(EngineChoice::LuaLatex, &files);
    let mut helpers = Vec::new();
    let mut request = thesis.request();
    request.limits = Limits { wall: Duration::from_secs(300), ..Limits::default() };
    let mut events = |event| {
        if let Event::Helper { name } = event {
            helpers.push(name);
        }
    };
    let built = build(&request, &mut events, &CancelToken::new()).unwrap();
    let settled = [BuildOutcome::Clean, BuildOutcome::Warnings].contains(&built.outcome);
    assert!(settled, "{:?}: {:#?}", built.outcome, built.diagnostics);
    for program in ["biber", "makeindex", "makeglossaries"] {
        assert!(helpers.iter().any(|name| name.starts_with(program)), "{program}: {helpers:?}");
    }
    let log = String::from_utf8_lossy(&built.log);
    assert!(!log.contains("undefined references"), "{log}");
    assert!(built.inputs.contains(&path("bibliography.bib")), "{:?}", built.inputs);
    assert!(built.transcripts.iter().any(|transcript| transcript.name.starts_with("biber")));
    assert!(built.pages >= 6, "{}", built.pages);
}

#[test]
fn the_book_on_homotopy_type_theory_is_built() {
    let temp = tempfile::tempdir().unwrap();
    let files = DiskFolder::open(&corpus("hott-book")).unwrap();
    let version = &b"\\newcommand{\\OPTversion}{first-edition}\n"[..];
    let files = files.with_overlay([(path("version.tex"), Arc::from(version))]);
    let mut request = support::request(
        &corpus("hott-book"),
        path("hott-online.tex"),
        temp.path(),
        &temp.path().join("cache"),
    );
    request.files = Arc::new(files);
    request.engine = EngineChoice::PdfLatex;
    request.tex_live = Some(tex_live(&temp.path().join("texlive")));
    request.limits = Limits { wall: Duration::from_secs(400), ..Limits::default() };
    let built = build(&request, &mut |_| {}, &CancelToken::new()).unwrap();
    assert!(built.pdf.is_some(), "{:#?}", built.diagnostics);
    assert_ne!(built.outcome, BuildOutcome::Errors, "{:#?}", built.diagnostics);
    assert!(built.pages > 480, "{}", built.pages);
}

const MINTED: &str = "\\documentclass{article}\\usepackage{minted}\\begin{document}\n\
    \\begin{minted}{python}\nprint(1)\n\\end{minted}\n\\end{document}\n";

#[test]
fn programs_of_the_document_run_only_with_consent() {
    let mut document = OnTexLive::in_container(EngineChoice::PdfLatex, &[("main.tex", MINTED)]);
    let without = document.build();
    assert_eq!(without.outcome, BuildOutcome::Errors, "{:#?}", without.diagnostics);
    document.tex_live.shell_escape = true;
    let with = document.build();
    assert_eq!(with.outcome, BuildOutcome::Clean, "{:#?}", with.diagnostics);
    assert_eq!(document.left_behind(), [""; 0]);
}

#[test]
fn a_build_is_cancelled_at_once() {
    let endless =
        "\\documentclass{article}\\begin{document}\n\\loop\\iftrue\\repeat\n\\end{document}";
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &[("main.tex", endless)]);
    let cancel = CancelToken::new();
    let request = document.request();
    let mut cancelled_at = None;
    let built = thread::scope(|scope| {
        let (token, (begun, begins)) = (&cancel, std::sync::mpsc::channel());
        let canceller = scope.spawn(move || {
            begins.recv().unwrap();
            token.cancel();
            Instant::now()
        });
        let mut events = |event| {
            if matches!(event, Event::Pass { .. }) {
                let _ = begun.send(());
            }
        };
        let built = build(&request, &mut events, &cancel).unwrap();
        cancelled_at = Some(canceller.join().unwrap());
        built
    });
    let took = cancelled_at.unwrap().elapsed();
    assert!(built.was_cancelled(), "{:#?}", built.diagnostics);
    assert!(took < Duration::from_millis(600), "{took:?}");
    document.project.write("main.tex", PAPER);
    assert_eq!(document.build().outcome, BuildOutcome::Clean);
    assert_eq!(document.left_behind(), [""; 0]);
}

#[test]
fn a_container_that_went_while_it_waited_is_replaced() {
    let paper = OnTexLive::in_container(EngineChoice::PdfLatex, &[("main.tex", PAPER)]);
    assert_eq!(paper.build().outcome, BuildOutcome::Clean);
    // As when the runtime is started anew between two builds.
    let pool = containers(&paper.tex_live);
    assert_eq!(pool.owner().remove_all(pool.runtime()).unwrap(), 1);
    paper.project.write("main.tex", PAPER.replace("Text", "Words"));
    let again = paper.build();
    assert_eq!(again.outcome, BuildOutcome::Clean, "{:#?}", again.diagnostics);
}

#[test]
fn the_sandbox_holds_what_it_promises() {
    let temp = tempfile::tempdir().unwrap();
    let tex_live = tex_live(temp.path());
    let (project, build) = (temp.path().join("p"), temp.path().join("b"));
    [&project, &build].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
    let sandbox = quire_container::Sandbox {
        image: tex_live.image.clone(),
        project,
        build,
        limits: tex_live.limits,
    };
    let inside = tex_live.place.take("p", sandbox).unwrap().ask_inside().unwrap();
    assert!(inside.is_sound(), "{:?}", inside.weaknesses);
}

#[test]
fn containers_of_a_process_that_died_are_collected() {
    let temp = tempfile::tempdir().unwrap();
    let (project, build) = (temp.path().join("p"), temp.path().join("b"));
    [&project, &build].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
    let owners = temp.path().join("owners");
    let first = tex_live(temp.path());
    let sandbox = quire_container::Sandbox {
        image: first.image.clone(),
        project,
        build,
        limits: first.limits,
    };
    // As a crash leaves it: nobody removes the container, and its owner's lock is gone.
    std::mem::forget(first.place.take("p", sandbox).unwrap());
    let runtime = containers(&first).runtime().clone();
    assert_eq!(containers(&first).owner().present(&runtime).unwrap().len(), 1);
    let lock = fs::read_dir(&owners).unwrap().next().unwrap().unwrap().path();
    let crashed = fs::read(&lock).unwrap();
    drop(first);
    fs::write(&lock, crashed).unwrap();
    let second = quire_container::Owner::new(&owners).unwrap();
    assert_eq!(second.collect(&runtime).unwrap(), 1);
    assert_eq!(second.collect(&runtime).unwrap(), 0);
    assert_eq!(fs::read_dir(&owners).unwrap().count(), 1);
}
