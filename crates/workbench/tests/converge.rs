//! Random edits from two windows and from other programs on the disk, with restarts in between, end in one
//! text that has all of them. The seed is printed; one that fails becomes a test of its own.

#![allow(clippy::unwrap_used)]

use quire_collab::{Change, ClientId, TextDocument, session};
use quire_project::{ProjectId, ProjectPath};
use quire_workbench::{Config, PeerId, Workbench};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

fn main_tex() -> ProjectPath {
    ProjectPath::new("main.tex").unwrap()
}

fn open(data: &Path) -> Workbench {
    let config = Config {
        data: data.to_owned(),
        author: "Ada".to_owned(),
        engine: Err("not in this test".to_owned()),
        pdfium: Err("not in this test".to_owned()),
        dictionaries: None,
    };
    Workbench::open(config).unwrap().workbench
}

struct Window {
    workbench: Workbench,
    peer: PeerId,
    document: TextDocument,
    frames: Receiver<Vec<u8>>,
}

impl Window {
    fn open(workbench: &Workbench, project: ProjectId, client: u64) -> Self {
        let (outbox, frames) = channel();
        let send = Box::new(move |frame: Vec<u8>| outbox.send(frame).is_ok());
        let attached = workbench.attach(project, main_tex(), send).unwrap();
        let document = TextDocument::new(ClientId::from_random(client));
        let mut window =
            Self { workbench: workbench.clone(), peer: attached.peer, document, frames };
        window.workbench.receive(window.peer, session::hello(&window.document)).unwrap();
        window.take(&attached.hello);
        window.catch_up();
        window
    }

    fn take(&mut self, frame: &[u8]) {
        let mut events = Vec::new();
        session::receive(&mut self.document, frame, true, &mut events).unwrap();
        for event in events {
            if let session::Event::Reply(reply) = event {
                self.workbench.receive(self.peer, reply).unwrap();
            }
        }
    }

    fn catch_up(&mut self) {
        while let Ok(frame) = self.frames.try_recv() {
            self.take(&frame);
        }
    }

    fn insert(&mut self, at: u32, text: &str) {
        let change = Change { at, removed: 0, inserted: text.to_owned() };
        let update = self.document.edit(&[change]).unwrap();
        self.workbench.receive(self.peer, session::update_message(update)).unwrap();
    }
}

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
        window.insert(u32::try_from(at).unwrap(), &mark);
    }
}

fn run(seed: u64) {
    println!("seed {seed}");
    let temp = tempfile::tempdir().unwrap();
    let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
    fs::create_dir(&paper).unwrap();
    let file = paper.join("main.tex");
    fs::write(&file, "one\ntwo\nthree\nfour\n").unwrap();
    let mut session = Session { random: fastrand::Rng::with_seed(seed), written: Vec::new(), file };
    let mut workbench = open(&data);
    let id = workbench.link_folder(&paper).unwrap();
    let mut client = seed << 8;
    for _ in 0..3 {
        workbench.open_project(id).unwrap();
        client += 2;
        let mut one = Window::open(&workbench, id, client);
        let mut two = Window::open(&workbench, id, client + 1);
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
        let text = workbench.text(id, main_tex()).unwrap();
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
        None => (1..=6).chain([fastrand::u64(100..1 << 40)]).for_each(run),
    }
}
