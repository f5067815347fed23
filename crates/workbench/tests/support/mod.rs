//! What tests of the workbench have in common.

// Not every test uses all of it.
#![allow(dead_code, unreachable_pub)]

use quire_collab::{ClientId, Contents, TextDocument, session};
use quire_project::{ProjectId, ProjectPath};
use quire_workbench::{Attached, Config, Outbox, PeerId, Workbench, WorkbenchError};
use std::{
    path::Path,
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

/// A path of a project.
pub fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

/// Without engine, pages and dictionaries.
pub fn config(data: &Path) -> Config {
    Config {
        data: data.to_owned(),
        author: "Ada".to_owned(),
        engine: Err("not in this test".to_owned()),
        pdfium: Err("not in this test".to_owned()),
        dictionaries: None,
        uses_keyring: false,
    }
}

/// A workbench on a folder of data.
pub fn open(data: &Path) -> Workbench {
    Workbench::open(config(data)).unwrap().workbench
}

/// Wait until something holds.
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A window with one document open, as the editor has it.
pub struct Window {
    workbench: Workbench,
    peer: PeerId,
    pub document: TextDocument,
    frames: Receiver<Vec<u8>>,
}

impl Window {
    pub fn open(workbench: &Workbench, project: ProjectId, file: &str, client: u64) -> Self {
        let attach = |outbox| workbench.attach(project, path(file), outbox).unwrap();
        Self::on(workbench, attach, client)
    }

    /// A window on what is said about a project.
    pub fn on_discussion(workbench: &Workbench, project: ProjectId, client: u64) -> Self {
        let attach = |outbox| workbench.attach_discussion(project, outbox).unwrap();
        Self::on(workbench, attach, client)
    }

    fn on(workbench: &Workbench, attach: impl FnOnce(Outbox) -> Attached, client: u64) -> Self {
        let (outbox, frames) = channel();
        let attached = attach(Box::new(move |frame: Vec<u8>| outbox.send(frame).is_ok()));
        let document = TextDocument::new(ClientId::from_random(client)).taking(Contents::Anything);
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

    pub fn catch_up(&mut self) {
        while let Ok(frame) = self.frames.try_recv() {
            self.take(&frame);
        }
    }

    pub fn type_at(&mut self, at: u32, removed: u32, text: &str) {
        let change = quire_collab::Change { at, removed, inserted: text.to_owned() };
        let update = self.document.edit(&[change]).unwrap();
        self.send(update).unwrap();
    }

    /// An update of another program.
    pub fn send(&self, update: Vec<u8>) -> Result<(), WorkbenchError> {
        self.workbench.receive(self.peer, session::update_message(update))
    }
}
