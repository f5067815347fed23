//! Documents that somebody edits. A window is a peer that speaks the sync protocol; so is a relay, over its line. An
//! edit goes to the store, to the other peers, and starts the timers of builds and of the folder.

use crate::{
    Event, Notice, NoticeLevel, SaveState, Workbench, WorkbenchError, clock, desk::Desk,
    linked::SyncedWithDisk, project::Content, relay::DocumentLine,
};
use quire_collab::{Change, Contents, TextDocument, session};
use quire_project::{DocumentId, FileId, ProjectId, ProjectPath, UnixMs};
use quire_store::{Loaded, Seq, Store, StoreError};
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, mpsc},
    time::Duration,
};
use ts_rs::TS;

/// Takes frames for a peer; false when it is gone.
pub type Outbox = Box<dyn FnMut(Vec<u8>) -> bool + Send>;

/// A peer of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(pub u64);

/// Which document of a project a peer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// The text of a file.
    Text(FileId),
    /// What is said about all of them.
    Discussion,
}

/// A peer that was attached to a document.
pub struct Attached {
    /// Its number, for every later frame.
    pub peer: PeerId,
    /// The first frame for it: our state vector.
    pub hello: Vec<u8>,
}

/// How it stands with what was edited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Settled {
    /// The projects, by name, of which the disk refuses something: that is kept in memory, and tried
    /// again.
    pub unsaved: Vec<String>,
    /// When all the others had become durable.
    pub saved_at: UnixMs,
}

/// How long to wait before saving is tried again.
const RETRY: Duration = Duration::from_secs(2);
/// Saving that takes longer is told.
const NEWS: Duration = Duration::from_millis(200);
/// Updates after which a snapshot spares the next opening the log.
const SNAPSHOT_EVERY: u32 = 200;
/// Snapshots kept of a document.
const SNAPSHOTS: u32 = 3;

/// An update that the disk did not take, and the label of who wrote it.
pub(crate) struct Unsaved {
    update: Vec<u8>,
    author: String,
}

pub(crate) struct OpenDocument {
    pub(crate) id: DocumentId,
    /// For the discussion, a document whose text stays empty.
    pub(crate) text: TextDocument,
    /// The text as it is, once somebody has asked for it.
    cached: Option<Arc<str>>,
    peers: BTreeMap<PeerId, Outbox>,
    /// Updates on their way to the disk.
    pub(crate) in_flight: usize,
    /// Updates that the disk did not take.
    pub(crate) unsaved: Vec<Unsaved>,
    /// The last update that is durable.
    pub(crate) last: Seq,
    since_snapshot: u32,
    /// The last update by which the text can be found.
    pub(crate) indexed: Seq,
    /// For a file of a linked folder: what the disk held when it last agreed.
    pub(crate) disk: Option<SyncedWithDisk>,
    /// For a text of a shared project: the way to its relay.
    pub(crate) line: Option<DocumentLine>,
}

impl OpenDocument {
    /// From what the store has of it.
    pub(crate) fn load(
        store: &Store,
        id: DocumentId,
        takes: Contents,
    ) -> Result<Self, WorkbenchError> {
        let loaded = store.read(|tx| tx.load(id))?;
        let last = store.read(|tx| tx.document(id))?.last;
        let since_snapshot = u32::try_from(loaded.updates.len()).unwrap_or(u32::MAX);
        Ok(Self {
            id,
            text: text_of(&loaded)?.taking(takes),
            cached: None,
            peers: BTreeMap::new(),
            in_flight: 0,
            unsaved: Vec::new(),
            last,
            since_snapshot,
            indexed: Seq(0),
            disk: None,
            line: None,
        })
    }

    pub(crate) fn current(&mut self) -> Arc<str> {
        self.cached.get_or_insert_with(|| self.text.text().into()).clone()
    }

    /// True when all that was edited is durable.
    pub(crate) fn is_settled(&self) -> bool {
        self.in_flight == 0 && self.unsaved.is_empty()
    }

    /// Make a peer one of this document; the first frame for it.
    pub(crate) fn welcome(&mut self, peer: PeerId, outbox: Outbox) -> Vec<u8> {
        self.peers.insert(peer, outbox);
        session::hello(&self.text)
    }

    pub(crate) fn tell_others(&mut self, from: Option<PeerId>, update: &[u8]) {
        let frame = session::update_message(update.to_vec());
        self.peers.retain(|peer, outbox| Some(*peer) == from || outbox(frame.clone()));
        if let Some(line) = &mut self.line {
            line.edited(from, update);
        }
    }

    /// The relay may have come to have all that is here.
    pub(crate) fn note_saved(&mut self) {
        let last = self.is_settled().then_some(self.last);
        if let (Some(line), Some(last)) = (&mut self.line, last) {
            line.note_saved(last);
        }
    }

    /// The number that the last edit has in the history, or will have: edits are kept in order.
    pub(crate) fn last_edit(&self) -> Seq {
        Seq(self.last.0 + (self.in_flight + self.unsaved.len()) as u64)
    }

    /// Something other than an edit, for all windows.
    pub(crate) fn tell_windows(&mut self, frame: &[u8]) {
        self.peers.retain(|_, outbox| outbox(frame.to_vec()));
    }

    /// As [`tell_windows`](Self::tell_windows), for one.
    pub(crate) fn tell_window(&mut self, peer: PeerId, frame: &[u8]) {
        if let Some(outbox) = self.peers.get_mut(&peer) {
            outbox(frame.to_vec());
        }
    }
}

/// A document as the store has it, under a client id of its own.
pub(crate) fn text_of(loaded: &Loaded) -> Result<TextDocument, WorkbenchError> {
    let snapshot = loaded.snapshot.iter().map(|snapshot| &*snapshot.state);
    let updates = loaded.updates.iter().map(|update| &*update.payload);
    Ok(TextDocument::open(clock::fresh_client(), snapshot.chain(updates))?)
}

impl Desk {
    /// The document of a file, loaded if nobody has it open.
    pub(crate) fn document(
        &mut self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<(FileId, &mut OpenDocument), WorkbenchError> {
        let store = self.store.clone();
        let project = self.project(id)?;
        let entry = *project.files.get(path).ok_or_else(|| WorkbenchError::NoFile(path.clone()))?;
        let is_open = |file| project.documents.contains_key(&file);
        let file = match (entry.file, entry.content) {
            (Some(file), Content::Text(_) | Content::OnDisk { document: Some(_) })
                if is_open(file) =>
            {
                file
            }
            (Some(file), Content::Text(document)) => {
                project
                    .documents
                    .insert(file, OpenDocument::load(&store, document, Contents::Text)?);
                file
            }
            (_, Content::OnDisk { .. }) => self.open_from_disk(id, path)?,
            _ => return Err(WorkbenchError::NotText(path.clone())),
        };
        let document = self.open_document(id, Held::Text(file)).ok_or(WorkbenchError::NoPeer)?;
        Ok((file, document))
    }

    /// An update that the document has taken already, written here: keep it and tell everybody but its author.
    pub(crate) fn keep(
        &mut self,
        id: ProjectId,
        file: FileId,
        from: Option<PeerId>,
        update: Vec<u8>,
    ) {
        let author = self.config.author.clone();
        self.keep_by(id, file, from, update, author);
    }

    /// As [`keep`](Self::keep), written by whom this label names.
    pub(crate) fn keep_by(
        &mut self,
        id: ProjectId,
        file: FileId,
        from: Option<PeerId>,
        update: Vec<u8>,
        author: String,
    ) {
        let Some(document) = self.open_document(id, Held::Text(file)) else { return };
        document.cached = None;
        document.tell_others(from, &update);
        self.append(id, Held::Text(file), update, author);
        self.plan_disk_write(id, file);
        self.plan_index(id);
        self.edited(id);
        self.tell_sharing(id);
    }

    /// Change a text from here: a fix, a replacement, a restored version.
    pub(crate) fn edit(
        &mut self,
        id: ProjectId,
        path: &ProjectPath,
        changes: &[Change],
    ) -> Result<(), WorkbenchError> {
        self.refuse_read_only(id)?;
        let (file, document) = self.document(id, path)?;
        let update = document.text.edit(changes)?;
        self.keep(id, file, None, update);
        Ok(())
    }

    pub(crate) fn open_document(&mut self, id: ProjectId, held: Held) -> Option<&mut OpenDocument> {
        let project = self.open.get_mut(&id)?;
        match held {
            Held::Text(file) => project.documents.get_mut(&file),
            Held::Discussion => project.discussion.as_mut(),
        }
    }

    fn receive(&mut self, peer: PeerId, frame: &[u8]) -> Result<(), WorkbenchError> {
        if self.receive_presence(peer, frame)? {
            return Ok(());
        }
        let (project, held) = *self.peers.get(&peer).ok_or(WorkbenchError::NoPeer)?;
        let document = self.open_document(project, held).ok_or(WorkbenchError::NoPeer)?;
        let mut events = Vec::new();
        let refused = session::receive(&mut document.text, frame, true, &mut events);
        // What was taken before a message was refused is in the document: it is kept.
        for event in events {
            match event {
                session::Event::Reply(reply) => {
                    let document = self.open_document(project, held);
                    let peers = document.map(|document| &mut document.peers);
                    if let Some(outbox) = peers.and_then(|peers| peers.get_mut(&peer)) {
                        outbox(reply);
                    }
                }
                session::Event::Changed(applied) => match held {
                    Held::Text(file) => self.keep(project, file, Some(peer), applied.update),
                    Held::Discussion => {
                        let author = self.config.author.clone();
                        self.keep_talk(project, Some(peer), applied.update, author);
                    }
                },
                session::Event::Awareness(_) => {}
            }
        }
        Ok(refused?)
    }

    pub(crate) fn append(&mut self, id: ProjectId, held: Held, update: Vec<u8>, author: String) {
        let (sender, store) = (self.sender.clone(), self.store.clone());
        let Some(document) = self.open_document(id, held) else { return };
        if !document.unsaved.is_empty() {
            // What waits goes first.
            document.unsaved.push(Unsaved { update, author });
            return;
        }
        document.in_flight += 1;
        let kept = Unsaved { update: update.clone(), author: author.clone() };
        let (lineage, now) = (document.id, clock::now());
        store.submit_then(
            move |tx| tx.append(lineage, &update, &author, now),
            move |result| sender.send(move |desk| desk.appended(id, held, kept, result)),
        );
        self.tell_save_state(id);
    }

    fn appended(
        &mut self,
        id: ProjectId,
        held: Held,
        update: Unsaved,
        result: Result<Seq, StoreError>,
    ) {
        let store = self.store.clone();
        let Some(document) = self.open_document(id, held) else { return };
        document.in_flight -= 1;
        match result {
            Ok(seq) => {
                document.last = document.last.max(seq);
                document.since_snapshot += 1;
                document.note_saved();
                if document.is_settled() && document.since_snapshot >= SNAPSHOT_EVERY {
                    add_snapshot(&store, document);
                }
            }
            Err(error) => {
                document.unsaved.push(update);
                self.cannot_save(id, &error);
            }
        }
        self.tell_save_state(id);
    }

    fn cannot_save(&mut self, id: ProjectId, error: &StoreError) {
        let reason = error.to_string();
        if let Some(project) = self.open.get_mut(&id) {
            let failed = SaveState::Failed { reason };
            if project.save_state != failed {
                project.save_state = failed.clone();
                self.emit(&Event::Saving { project: id, state: failed });
            }
        }
        if !self.retry_planned {
            self.retry_planned = true;
            self.after(RETRY, Self::save_again);
        }
    }

    /// Try to save what could not be saved.
    fn save_again(&mut self) {
        self.retry_planned = false;
        let mut waiting = Vec::new();
        for (id, project) in &mut self.open {
            let texts = project.documents.iter_mut();
            let texts = texts.map(|(file, document)| (Held::Text(*file), document));
            let talk = project.discussion.as_mut().map(|talk| (Held::Discussion, talk));
            for (held, document) in texts.chain(talk) {
                let updates = std::mem::take(&mut document.unsaved);
                waiting.extend(updates.into_iter().map(|update| (*id, held, update)));
            }
        }
        for (id, held, Unsaved { update, author }) in waiting {
            self.append(id, held, update, author);
        }
    }

    /// Tell how it stands, if that is news. What is on the disk within a moment is no news.
    fn tell_save_state(&mut self, id: ProjectId) {
        let Some(project) = self.open.get_mut(&id) else { return };
        let is_settled = project.all_open().all(OpenDocument::is_settled);
        match (&project.save_state, is_settled) {
            (SaveState::Saved, false) if !project.save_watched => {
                project.save_watched = true;
                self.after(NEWS, move |desk| desk.still_saving(id));
            }
            (SaveState::Saving | SaveState::Failed { .. }, true) => {
                project.save_state = SaveState::Saved;
                self.emit(&Event::Saving { project: id, state: SaveState::Saved });
            }
            // While saving is tried again it is not known to go well.
            _ => {}
        }
    }

    fn still_saving(&mut self, id: ProjectId) {
        let Some(project) = self.open.get_mut(&id) else { return };
        project.save_watched = false;
        let is_settled = project.all_open().all(OpenDocument::is_settled);
        if !is_settled && project.save_state == SaveState::Saved {
            project.save_state = SaveState::Saving;
            self.emit(&Event::Saving { project: id, state: SaveState::Saving });
        }
    }
}

fn add_snapshot(store: &Store, document: &mut OpenDocument) {
    document.since_snapshot = 0;
    let (id, last, state) = (document.id, document.last, document.text.snapshot());
    // Without it the next opening is slower, nothing else.
    store.submit_then(
        move |tx| {
            tx.add_snapshot(id, last, &state, clock::now())?;
            tx.thin_snapshots(id, SNAPSHOTS)
        },
        drop,
    );
}

impl Workbench {
    /// Make a window a peer of a document. Frames for it go to `outbox`.
    pub fn attach(
        &self,
        project: ProjectId,
        path: ProjectPath,
        outbox: Outbox,
    ) -> Result<Attached, WorkbenchError> {
        self.try_ask(move |desk| {
            let peer = PeerId(desk.number());
            let (file, document) = desk.document(project, &path)?;
            let hello = document.welcome(peer, outbox);
            desk.peers.insert(peer, (project, Held::Text(file)));
            Ok(Attached { peer, hello })
        })
    }

    /// A frame from a peer. Answers go to its outbox.
    pub fn receive(&self, peer: PeerId, frame: Vec<u8>) -> Result<(), WorkbenchError> {
        self.try_ask(move |desk| desk.receive(peer, &frame))
    }

    /// As [`receive`](Self::receive), without waiting: frames are taken in the order in which they are
    /// posted. One that is refused is told to all windows.
    pub fn post(&self, peer: PeerId, frame: Vec<u8>) {
        self.sender().send(move |desk| {
            if let Err(error) = desk.receive(peer, &frame) {
                let text = format!("Something that was typed last was not taken: {error}.");
                let notice = Notice { level: NoticeLevel::Error, text };
                desk.emit(&Event::Notice { project: None, notice });
            }
        });
    }

    /// Wait until all that was edited so far is on the disk, or refused by it.
    pub fn settle(&self) -> Result<Settled, WorkbenchError> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.ask(move |desk| {
            let sender = desk.sender.clone();
            // Jobs of the store are done in order: when this one is, those before it are. What failed
            // has been told to the desk by then.
            let all_before = move |_| {
                let saved_at = clock::now();
                sender.send(move |desk| {
                    let unsaved = desk.open.values().filter(|project| project.is_unsaved());
                    let unsaved = unsaved.map(|project| project.name.clone()).collect();
                    let _ = answer.send(Settled { unsaved, saved_at });
                });
            };
            desk.store.submit_then(|_| Ok(()), all_before);
        })?;
        answered.recv().map_err(|_| WorkbenchError::Closed)
    }

    /// A peer goes. The document stays in memory until its project is closed.
    pub fn detach(&self, peer: PeerId) -> Result<(), WorkbenchError> {
        self.ask(move |desk| {
            if let Some((project, held)) = desk.peers.remove(&peer)
                && let Some(document) = desk.open_document(project, held)
            {
                document.peers.remove(&peer);
                if let Some(line) = &mut document.line {
                    line.window_goes(peer);
                }
            }
        })
    }

    /// The text of a file as it is now.
    pub fn text(&self, project: ProjectId, path: ProjectPath) -> Result<Arc<str>, WorkbenchError> {
        self.try_ask(move |desk| Ok(desk.document(project, &path)?.1.current()))
    }

    /// Change a text from here: a fix, a replacement. Peers are told.
    pub fn edit(
        &self,
        project: ProjectId,
        path: ProjectPath,
        changes: Vec<Change>,
    ) -> Result<(), WorkbenchError> {
        self.try_ask(move |desk| desk.edit(project, &path, &changes))
    }
}
