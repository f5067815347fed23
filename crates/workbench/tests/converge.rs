//! Random edits from two windows and from other programs on the disk, with restarts in between, end in one
//! text that has all of them. The seed is printed; one that fails becomes a test of its own.

#![allow(clippy::unwrap_used)]

mod support;

use quire_project::ProjectId;
use quire_workbench::Workbench;
use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};
use support::{Window, open, path};

const MAIN: &str = "main.tex";

/// What is written has a name, so that it can be looked for: nothing may be lost, nothing be there twice.
struct Session {
    random: fastrand::Rng,
    written: Vec<String>,
    file: PathBuf,
}

impl Session {
    fn mark(&mut self, who: &str) -> String {
        let mark = format!("<{who}{}>", self.written.len());
        self.written.push(mark.clone());
        mark
    }

    /// As an editor that does not know of Quire: read, change a line, write in one of the usual ways.
    fn other_program(&mut self) {
        let text = fs::read_to_string(&self.file).unwrap();
        let mut lines: Vec<String> = text.split('\n').map(str::to_owned).collect();
        let at = self.random.usize(0..lines.len());
        let mark = self.mark("disk");
        if self.random.bool() {
            lines.insert(at, mark);
        } else {
            lines[at].push_str(&mark);
        }
        let text = lines.join("\n");
        let beside = self.file.with_extension("tmp~");
        fs::write(&beside, &text).unwrap();
        // Replaced in one step: a program that truncates and writes loses what comes between by itself.
        fs::rename(&beside, &self.file).unwrap();
    }

    fn type_in(&mut self, window: &mut Window, who: &str) {
        window.catch_up();
        let text: Vec<u16> = window.document.text().encode_utf16().collect();
        let is_inside = |at: usize| {
            // Not into a mark, or it could not be found again.
            let before = String::from_utf16_lossy(&text[..at]);
            before.matches('<').count() != before.matches('>').count()
        };
        let places: Vec<usize> = (0..=text.len()).filter(|at| !is_inside(*at)).collect();
        let at = places[self.random.usize(0..places.len())];
        let mark = self.mark(who);
        window.type_at(u32::try_from(at).unwrap(), 0, &mark);
    }
}

fn run(seed: u64) {
    println!("seed {seed}");
    let temp = tempfile::tempdir().unwrap();
    let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
    fs::create_dir(&paper).unwrap();
    let file = paper.join(MAIN);
    fs::write(&file, "one\ntwo\nthree\nfour\n").unwrap();
    let mut session = Session { random: fastrand::Rng::with_seed(seed), written: Vec::new(), file };
    let mut workbench = open(&data);
    let id = workbench.link_folder(&paper).unwrap();
    let mut client = seed << 8;
    for _ in 0..3 {
        workbench.open_project(id).unwrap();
        client += 2;
        let mut one = Window::open(&workbench, id, MAIN, client);
        let mut two = Window::open(&workbench, id, MAIN, client + 1);
        for _ in 0..session.random.usize(5..30) {
            match session.random.u8(0..10) {
                0..4 => session.type_in(&mut one, "a"),
                4..7 => session.type_in(&mut two, "b"),
                7 => session.other_program(),
                8 => std::thread::sleep(Duration::from_millis(session.random.u64(0..300))),
                _ => std::thread::yield_now(),
            }
        }
        settle(&session, &workbench, id, &mut one, &mut two);
        workbench.close();
        if session.random.bool() {
            // While Quire is not running.
            session.other_program();
        }
        workbench = open(&data);
    }
    workbench.close();
}

/// Until all have the same text; then it must hold everything once.
fn settle(
    session: &Session,
    workbench: &Workbench,
    id: ProjectId,
    one: &mut Window,
    two: &mut Window,
) {
    let start = Instant::now();
    loop {
        one.catch_up();
        two.catch_up();
        let text = workbench.text(id, path(MAIN)).unwrap();
        let all =
            [one.document.text(), two.document.text(), fs::read_to_string(&session.file).unwrap()];
        let has_all = session.written.iter().all(|mark| text.contains(mark.as_str()));
        if has_all && all.iter().all(|other| **other == *text) {
            for mark in &session.written {
                assert_eq!(text.matches(mark.as_str()).count(), 1, "{mark} in {text}");
            }
            return;
        }
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "no agreement; written {:?}\nworkbench {text}\nwindows and disk {all:#?}",
            session.written
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn windows_and_other_programs_end_in_one_text() {
    let given = std::env::var("QUIRE_SEED").ok().and_then(|seed| seed.parse().ok());
    match given {
        Some(seed) => run(seed),
        None => (1..=7).for_each(run),
    }
}
