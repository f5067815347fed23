//! The lines of a project's texts, as the desk sees them: what is edited here goes out, what comes in is an edit by
//! somebody else, kept and shown like those of a window.

use super::{SharedProject, accounts::key_of, presence::Presences, transfers::Transfers};
use crate::{
    Event, PeerId, WorkbenchError, clock,
    desk::Desk,
    documents::{Held, OpenDocument},
    project::OpenProject,
    writers,
};
use bytes::Bytes;
use quire_collab::{RelayLine, frames};
use quire_project::{DocumentId, ProjectId, ProjectPath};
use quire_relay_client::{Ended, Line, LineEvent, ProjectLine};
use quire_store::Seq;

/// The line of an open document.
pub(crate) struct DocumentLine {
    /// Who it is among those who edit the document.
    peer: PeerId,
    line: Line,
    author: RelayLine,
    is_connected: bool,
    /// The relay's answer has come since the document was opened.
    has_answered: bool,
    pub(super) presences: Presences,
    /// Up to this update the relay is known to have all that was written here.
    saved_to: Option<Seq>,
}

impl DocumentLine {
    /// All up to this update is on the disk here.
    pub(crate) fn note_saved(&mut self, last: Seq) {
        if self.is_saved() {
            self.saved_to = Some(last);
        }
    }

    /// Up to which update the relay is known to have all that was written here.
    pub(super) fn saved_to(&self) -> Option<Seq> {
        self.saved_to
    }

    pub(super) fn is_saved(&self) -> bool {
        self.author.is_saved()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// An edit that did not come over this line goes over it.
    pub(crate) fn edited(&mut self, from: Option<PeerId>, update: &[u8]) {
        if from != Some(self.peer)
            && let Some(frame) = self.author.edited(update)
        {
            self.line.send(frame);
        }
    }

    /// A cursor, which is not worth keeping.
    pub(super) fn tell(&self, frame: Bytes) {
        if self.is_connected {
            self.line.send(frame);
        }
    }
}

impl OpenProject {
    /// Its relay is not to be reached any more.
    pub(super) fn end_lines(&mut self) {
        for document in self.documents.values_mut().chain(&mut self.discussion) {
            document.line = None;
        }
        if let Some(shared) = &mut self.shared {
            shared.channel = None;
            shared.is_told = false;
            shared.transfers = Transfers::default();
        }
    }
}

impl Desk {
    /// Open the line of a text, if it has none.
    pub(super) fn open_line(
        &mut self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<(), WorkbenchError> {
        let (file, document) = self.document(id, path)?;
        let lineage = document.id;
        self.open_line_of(id, Held::Text(file), lineage)
    }

    /// Open the line of the discussion, if it has none. The relay made its document with the project, ours was made
    /// here: all that was said comes together in both.
    pub(super) fn open_talk_line(&mut self, id: ProjectId) -> Result<(), WorkbenchError> {
        self.discussion(id)?;
        let shared = self.project(id)?.shared.as_ref();
        let Some(there) = shared.map(|shared| shared.stored.discussion) else { return Ok(()) };
        self.open_line_of(id, Held::Discussion, there)
    }

    /// Open the project's line, if that is not so already.
    fn open_channel(&mut self, id: ProjectId) -> Result<(), WorkbenchError> {
        let (runtime, sender) = (self.workbench.relays().runtime()?, self.sender.clone());
        let number = self.number();
        let Some(shared) = self.project(id)?.shared.as_mut() else { return Ok(()) };
        if let (None, Some(account)) = (&shared.channel, &shared.account) {
            let tell = move |event| sender.send(move |desk| desk.channel_says(id, number, &event));
            shared.channel = Some((number, ProjectLine::open(&runtime, account.clone(), id, tell)));
        }
        Ok(())
    }

    fn channel_says(&mut self, id: ProjectId, number: u64, event: &LineEvent) {
        let Some(project) = self.open.get_mut(&id) else { return };
        let Some(shared) = &mut project.shared else { return };
        if shared.channel.as_ref().is_none_or(|(current, _)| *current != number) {
            return;
        }
        match event {
            LineEvent::Connected => shared.is_told = true,
            LineEvent::Changed => self.check_share(id),
            LineEvent::HistoryChanged => self.emit(&Event::VersionsNamed { project: id }),
            LineEvent::Cut(_) => {
                shared.is_told = false;
                self.look_for_relay(id);
            }
            LineEvent::Ended(_) => {
                // Should the relay let us in again, there is another. A line may have been opened since it ended.
                (shared.is_told, shared.channel) = (false, None);
                for document in project.documents.values_mut().chain(&mut project.discussion) {
                    document.line = None;
                }
                self.tell_people(id);
                self.look_for_relay(id);
            }
            LineEvent::Notified => {
                if let Some(account) = &shared.account {
                    let key = key_of(account);
                    self.workbench.look_at_notifications(&key);
                }
            }
            LineEvent::Frame(..) => {}
        }
    }

    fn open_line_of(
        &mut self,
        id: ProjectId,
        held: Held,
        there: DocumentId,
    ) -> Result<(), WorkbenchError> {
        if self.open_document(id, held).is_none_or(|document| document.line.is_some()) {
            return Ok(());
        }
        self.open_channel(id)?;
        let (peer, sender) = (PeerId(self.number()), self.sender.clone());
        let tell = move |event| sender.send(move |desk| desk.line_says(id, held, peer, event));
        let shared = self.project(id)?.shared.as_ref();
        let Some((_, channel)) = shared.and_then(|shared| shared.channel.as_ref()) else {
            return Ok(());
        };
        let line = channel.document(there, tell);
        let Some(document) = self.open_document(id, held) else { return Ok(()) };
        // Eight random bytes: of the sixteen of an id, the first.
        let random =
            clock::fresh_id()[..8].iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte));
        document.line = Some(DocumentLine {
            peer,
            line,
            author: RelayLine::new(random),
            is_connected: false,
            has_answered: false,
            presences: Presences::default(),
            saved_to: None,
        });
        Ok(())
    }

    /// The document of a line, unless another has come in its place.
    fn of_line(&mut self, id: ProjectId, held: Held, peer: PeerId) -> Option<&mut OpenDocument> {
        let document = self.open_document(id, held)?;
        let is_current = document.line.as_ref().is_some_and(|line| line.peer == peer);
        is_current.then_some(document)
    }

    fn line_says(&mut self, id: ProjectId, held: Held, peer: PeerId, event: LineEvent) {
        let Some(document) = self.of_line(id, held, peer) else { return };
        let OpenDocument { line: Some(line), text, .. } = document else { return };
        match event {
            LineEvent::Connected => {
                line.is_connected = true;
                let ask = line.author.connected(text);
                line.line.send(ask);
                // Cursors are told anew: the relay has forgotten them with the line before.
                document.ask_for_presences();
            }
            LineEvent::Frame(frame, taken) => {
                self.line_brings(id, held, peer, &frame);
                drop(taken);
            }
            LineEvent::Cut(why) => {
                line.is_connected = false;
                line.author.disconnected();
                line.presences.clear();
                self.tell_people(id);
                self.with_standing(id, |standing| standing.not_reached(why));
            }
            LineEvent::Changed | LineEvent::HistoryChanged | LineEvent::Notified => {}
            LineEvent::Ended(why) => {
                document.line = None;
                self.tell_people(id);
                match why {
                    Ended::SignedOut => self.with_standing(id, |standing| standing.signed_out()),
                    // The list of texts says whether it is the text that is gone, or we.
                    Ended::NoAccess => self.check_share_soon(id),
                }
            }
        }
        if self.are_lines_there(id) {
            self.with_standing(id, |standing| standing.reached(true));
        }
        self.tell_sharing(id);
    }

    fn line_brings(&mut self, id: ProjectId, held: Held, peer: PeerId, frame: &[u8]) {
        let Some(document) = self.of_line(id, held, peer) else { return };
        let OpenDocument { line: Some(line), text, .. } = document else { return };
        let received = match line.author.receive(text, frame) {
            Ok(received) => received,
            // What was not taken is asked for once more, over a new line.
            Err(_) => return line.line.cut(),
        };
        line.has_answered |= !received.applied.is_empty();
        for frame in received.frames {
            line.line.send(frame);
        }
        let is_people_news = line.presences.take(&received.presences);
        if !received.presences.is_empty() {
            let frame = frames::awareness(received.presences.iter());
            document.tell_windows(&frame);
        }
        for told in received.applied {
            let update = told.change.update;
            if !update.is_empty() {
                let author = writers::label(told.by.as_ref());
                match held {
                    Held::Text(file) => self.keep_by(id, file, Some(peer), update, author),
                    Held::Discussion => self.keep_talk(id, Some(peer), update, author),
                }
            }
        }
        if let Some(document) = self.of_line(id, held, peer) {
            document.note_saved();
        }
        if is_people_news {
            self.tell_people(id);
        }
        if held == Held::Discussion {
            // Who may write there is another question.
            return;
        }
        let is_read_only = self.is_read_only(id);
        // A reader who is asked for what he has may write.
        let may_write_now = is_read_only && frame.starts_with(&[0, 0]);
        if received.denied.is_some() != is_read_only && (received.denied.is_some() || may_write_now)
        {
            self.check_share(id);
        }
    }

    pub(super) fn is_read_only(&self, id: ProjectId) -> bool {
        let shared = self.open.get(&id).and_then(|project| project.shared.as_ref());
        shared.is_some_and(|shared| shared.stored.read_only.is_some())
    }

    pub(super) fn are_lines_there(&self, id: ProjectId) -> bool {
        let Some(project) = self.open.get(&id) else { return false };
        let mut lines = project.all_open().filter_map(|document| document.line.as_ref());
        lines.all(DocumentLine::is_connected) && project.has_all_lines()
    }

    /// The relay has told of every text what it has, and the files are here.
    pub(super) fn has_all(&self, id: ProjectId) -> bool {
        let Some(project) = self.open.get(&id) else { return false };
        let is_here =
            |shared: &SharedProject| !shared.standing.is_behind && shared.transfers.is_idle();
        if !project.shared.as_ref().is_some_and(is_here) {
            return false;
        }
        let mut lines = project.all_open().filter_map(|document| document.line.as_ref());
        lines.all(|line| line.has_answered) && project.has_all_lines()
    }

    pub(super) fn with_standing(
        &mut self,
        id: ProjectId,
        change: impl FnOnce(&mut super::state::Standing),
    ) {
        if let Some(shared) = self.open.get_mut(&id).and_then(|project| project.shared.as_mut()) {
            change(&mut shared.standing);
        }
    }
}
