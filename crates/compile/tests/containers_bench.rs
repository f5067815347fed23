//! How long TeX Live in a container takes: `cargo xtask bench container` shows it. In every test run the bounds are
//! wide, as machines are.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::build::{EngineChoice, Event, build};
use quire_container::{Ended, Execution, Sandbox, Watch};
use quire_tex_engine::CancelToken;
use std::{
    fs,
    time::{Duration, Instant},
};
use support::texlive::OnTexLive;

const PAPER: &str = "\\documentclass{article}\\begin{document}\\section{One}\\label{a}See \\ref{a}. Word.\\end{document}";
const ENDLESS: &str =
    "\\documentclass{article}\\begin{document}\\loop\\iftrue\\repeat\\end{document}";

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
