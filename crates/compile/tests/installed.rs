//! The TeX Live of this computer inside bubblewrap: what it builds and tells, and that it looks as in a container.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::{
    build::{BuildOutcome, EngineChoice, Event, build},
    diagnostics::SourceFile,
    synctex::Source,
};
use quire_container::{ContainerError, Place, Sandbox, Surroundings, Wanted, find, find_place};
use quire_project::ProjectPath;
use quire_tex_engine::{CancelToken, find_worker};
use quire_text::LineNumber;
use std::{
    fs, thread,
    time::{Duration, Instant},
};
use support::texlive::{OnTexLive, installed};

const PAPER: &str = "\\documentclass{article}\n\\begin{document}\n\\tableofcontents\n\\section{One}\\label{one}\n\
    See \\ref{two}.\n\\newpage\\section{Two}\\label{two}\n\\pdfliteral{q Q}Text.\n\\end{document}\n";

fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

#[test]
fn a_paper_is_built_told_of_and_known_the_next_time() {
    let paper = OnTexLive::installed(EngineChoice::PdfLatex, &[("main.tex", PAPER)]);
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
    let place = first.place.unwrap();
    assert!(place.starts_with("TeX Live 20") && place.contains("bubblewrap"), "{place}");
    let pdf = fs::read(first.pdf.unwrap()).unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 10_000);
    assert!(paper.build().up_to_date);
    paper.project.write("main.tex", PAPER.replace("Text", "Words"));
    let changed = paper.build();
    assert_eq!(changed.because.as_deref(), Some("main.tex changed"));
    assert_eq!(changed.passes.len(), 1, "{:?}", changed.passes);
    assert_eq!(paper.left_behind(), [""; 0]);
}

#[test]
fn mistakes_have_their_place_and_a_click_leads_to_the_source() {
    let chapter = "Fine.\n\nHere \\undefinedthing is.\n";
    let root =
        "\\documentclass{article}\\begin{document}\n\\input{parts/chapter}\n\\end{document}\n";
    let files = [("doc/main.tex", root), ("doc/parts/chapter.tex", chapter)];
    let document = OnTexLive::installed(EngineChoice::PdfLatex, &files);
    let built = document.build();
    assert_eq!(built.outcome, BuildOutcome::Errors);
    let told = &built.diagnostics[0];
    assert_eq!(told.code, "undefined-command", "{:#?}", built.diagnostics);
    let place = told.place.as_ref().unwrap();
    assert_eq!(place.file, SourceFile::Project(path("doc/parts/chapter.tex")));
    assert_eq!(place.first_line, LineNumber(3));
    let synctex = built.read_synctex(&path("doc/main.tex")).unwrap().unwrap();
    let areas = synctex.areas(&path("doc/parts/chapter.tex"), LineNumber(3));
    let area = areas.first().unwrap_or_else(|| panic!("{:?}", synctex.sources()));
    let (x, y) = (area.rect.x + 5.0, area.rect.y + area.rect.height / 2.0);
    let spot = synctex.source_at(area.page, x, y).unwrap();
    assert_eq!(*spot.source, Source::Project(path("doc/parts/chapter.tex")));
}

#[test]
fn a_build_is_cancelled_at_once() {
    let endless =
        "\\documentclass{article}\\begin{document}\n\\loop\\iftrue\\repeat\n\\end{document}";
    let document = OnTexLive::installed(EngineChoice::PdfLatex, &[("main.tex", endless)]);
    let cancel = CancelToken::new();
    let request = document.request();
    let (built, cancelled_at) = thread::scope(|scope| {
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
        drop(begun);
        (built, canceller.join().unwrap())
    });
    let took = cancelled_at.elapsed();
    assert!(built.was_cancelled(), "{:#?}", built.diagnostics);
    println!("from cancel to the answer: {} ms", took.as_millis());
    assert!(took < Duration::from_millis(600), "{took:?}");
    document.project.write("main.tex", PAPER);
    assert_eq!(document.build().outcome, BuildOutcome::Clean);
    assert_eq!(document.left_behind(), [""; 0]);
}

#[test]
fn what_another_tex_live_has_left_is_not_built_upon() {
    let mut paper = OnTexLive::installed(EngineChoice::PdfLatex, &[("main.tex", PAPER)]);
    assert_eq!(paper.build().outcome, BuildOutcome::Clean);
    // As after packages were brought up to date.
    paper.tex_live.image.push_str(" and newer");
    let again = paper.build();
    assert_eq!(again.outcome, BuildOutcome::Clean, "{:#?}", again.diagnostics);
    assert!(again.passes.len() >= 2, "began from nothing: {:?}", again.passes);
}

#[test]
fn where_no_runtime_answers_what_is_installed_is_used() {
    let temp = tempfile::tempdir().unwrap();
    let nowhere = temp.path().join("nothing");
    let surroundings = Surroundings {
        chosen: None,
        container_host: Some(nowhere.display().to_string()),
        docker_host: None,
        home: Some(temp.path().to_owned()),
        runtime_dir: None,
        ..Surroundings::here(None)
    };
    // A runtime that the system itself has would go before.
    assert!(
        find(&surroundings).is_err(),
        "this test needs a computer without a runtime of its own"
    );
    let owners = temp.path().join("owners");
    let worker = find_worker().unwrap();
    let wanted =
        Wanted { surroundings: &surroundings, image: None, worker: &worker, owners: &owners };
    let found = find_place(&wanted).unwrap();
    assert!(matches!(found.place, Place::Installed(_)), "{}", found.place.words());
    // Who has chosen an image or a runtime is told that it is not there.
    let chosen = Wanted { image: Some("mine"), ..wanted };
    assert!(matches!(find_place(&chosen), Err(ContainerError::NoRuntime { .. })));
}

#[test]
fn the_sandbox_holds_what_it_promises() {
    let temp = tempfile::tempdir().unwrap();
    let tex_live = installed(temp.path());
    let (project, build) = (temp.path().join("p"), temp.path().join("b"));
    [&project, &build].into_iter().for_each(|folder| fs::create_dir(folder).unwrap());
    let sandbox =
        Sandbox { image: tex_live.image.clone(), project, build, limits: tex_live.limits };
    let inside = tex_live.place.take("p", sandbox).unwrap().ask_inside().unwrap();
    assert!(inside.is_sound(), "{:?}", inside.weaknesses);
}
