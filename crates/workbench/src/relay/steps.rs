//! What a plan says is done here, step by step. A step that needs bytes which are not where they have to be waits until
//! they are: bytes first, names later.

use super::{
    here::FolderFile,
    share::nothing,
    transfers::{KeptBack, Way, Wish},
};
use crate::{Event, Notice, NoticeLevel, Workbench, WorkbenchError, clock, project::Content};
use quire_project::{ContentHash, DocumentId, FileId, ProjectId, ProjectPath};
use quire_relay_client::{Account, At, Item, List, ProblemKind, Step};
use quire_store::{CaseClash, DiskState, FileKind, NewFile, Seq, StoreError, WriteTx};
use std::{collections::BTreeMap, sync::Arc};

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Done {
    Yes,
    /// Its bytes are wished for.
    Later,
}

/// Steps that are being done.
pub(super) struct Steps<'w> {
    workbench: &'w Workbench,
    id: ProjectId,
    account: Arc<Account>,
    there: &'w List,
    sizes: BTreeMap<ContentHash, u64>,
    wishes: Vec<Wish>,
    kept_back: Vec<KeptBack>,
}

impl<'w> Steps<'w> {
    pub(super) fn new(
        workbench: &'w Workbench,
        id: ProjectId,
        account: Arc<Account>,
        there: &'w List,
        sizes: BTreeMap<ContentHash, u64>,
    ) -> Self {
        let (wishes, kept_back) = (Vec::new(), Vec::new());
        Self { workbench, id, account, there, sizes, wishes, kept_back }
    }

    /// The bytes that are missing, and what is not shared for other reasons.
    pub(super) fn left(self) -> (Vec<Wish>, Vec<KeptBack>) {
        (self.wishes, self.kept_back)
    }

    /// A step cannot be done, and will not be by itself. What another comparison sees in another way is not told.
    pub(super) fn keep_back(&mut self, step: &Step, error: &WorkbenchError) {
        let is_lasting = match error {
            WorkbenchError::Relay(error) => matches!(
                error.kind(),
                Some(ProblemKind::Quota | ProblemKind::TooLarge | ProblemKind::Invalid)
            ),
            WorkbenchError::HiddenName(_) | WorkbenchError::Io { .. } => true,
            WorkbenchError::Store(error) => matches!(error, StoreError::DiskFull),
            _ => false,
        };
        let path = match step {
            Step::PutThere { at, .. } | Step::AddHere { at, .. } => at.path.clone(),
            Step::TakeHere { path, .. } | Step::MoveHere(_, _, path) => path.clone(),
            _ => return,
        };
        if is_lasting {
            self.kept_back.push(KeptBack { path, why: error.to_string() });
        }
    }

    pub(super) fn take(&mut self, step: &Step) -> Result<Done, WorkbenchError> {
        let (workbench, id) = (self.workbench, self.id);
        match step.clone() {
            Step::RemoveHere(_, path) => {
                workbench.trash_here(id, path.clone())?;
                let told = "was removed by a co-author. It is in the project's trash.";
                workbench.tell_author(id, format!("{path} {told}"))?;
            }
            Step::StepAside(_, from, to) => {
                workbench.move_here(id, from.clone(), to.clone())?;
                let told = format!("A co-author has another file {from}. Yours is {to} now.");
                workbench.tell_author(id, told)?;
            }
            Step::MoveHere(_, from, to) => {
                workbench.refuse_hidden(id, &to)?;
                workbench.move_here(id, from, to)?;
            }
            Step::AddHere { item: Item::Text(document), at, .. } => {
                workbench.refuse_hidden(id, &at.path)?;
                workbench.add_joined(id, document, at.path)?;
            }
            Step::AddHere { item: Item::File(file), at, .. } => return self.add_file(file, &at),
            Step::TakeHere { file, path, from, to, keep } => {
                if self.lacks(to, &path)? {
                    return Ok(Done::Later);
                }
                workbench.take_contents(id, file, &path, (from, to), keep.as_ref())?;
            }
            Step::Adopt { ours, theirs, at } => workbench.adopt_file(id, ours, theirs, at)?,
            Step::PutThere { item: item @ Item::Text(document), at, .. } => {
                if !self.there.contains_key(&item) {
                    workbench.note_sharing(id, document)?;
                }
                workbench.relays().wait(self.account.put_document(id, document, &at.path))?;
            }
            Step::PutThere { item: Item::File(file), at, replaces } => {
                return self.put_file(file, &at, replaces);
            }
            Step::DeleteThere(item) => self.delete(item)?,
            Step::Same(..) | Step::Gone(_) => {}
        }
        Ok(Done::Yes)
    }

    fn add_file(&mut self, file: FileId, at: &At) -> Result<Done, WorkbenchError> {
        self.workbench.refuse_hidden(self.id, &at.path)?;
        let Some(hash) = at.holds else { return Ok(Done::Later) };
        if self.lacks(hash, &at.path)? {
            return Ok(Done::Later);
        }
        self.workbench.add_file_of_relay(self.id, file, &at.path, hash)?;
        Ok(Done::Yes)
    }

    /// The bytes are not here yet.
    fn lacks(&mut self, hash: ContentHash, path: &ProjectPath) -> Result<bool, WorkbenchError> {
        let is_here = self.workbench.store()?.read(|tx| tx.has_blob(hash))?;
        if !is_here {
            self.wish(Way::Here, hash, path);
        }
        Ok(!is_here)
    }

    fn wish(&mut self, way: Way, hash: ContentHash, path: &ProjectPath) {
        let bytes = self.sizes.get(&hash).copied().unwrap_or(0);
        self.wishes.push(Wish { way, hash, bytes, path: path.clone() });
    }

    fn put_file(
        &mut self,
        file: FileId,
        at: &At,
        replaces: Option<ContentHash>,
    ) -> Result<Done, WorkbenchError> {
        let (id, Some(hash)) = (self.id, at.holds) else { return Ok(Done::Later) };
        // What any file holds there, the project has.
        let is_there = self.there.values().any(|there| there.holds == at.holds);
        let is_sent = self.workbench.ask(move |desk| desk.is_sent(id, hash))?;
        if !is_there && !is_sent {
            self.wish(Way::There, hash, &at.path);
            return Ok(Done::Later);
        }
        let put = self.account.put_file(id, file, at, replaces);
        match self.workbench.relays().wait(put) {
            Err(WorkbenchError::Relay(error)) if error.kind() == Some(ProblemKind::NoBlob) => {
                self.workbench.ask(move |desk| desk.is_not_sent(id, hash))?;
                self.wish(Way::There, hash, &at.path);
                Ok(Done::Later)
            }
            put => put.map(|_| Done::Yes),
        }
    }

    fn delete(&self, item: Item) -> Result<(), WorkbenchError> {
        let relays = self.workbench.relays();
        let deleted = match item {
            Item::Text(document) => relays.wait(self.account.delete_document(self.id, document)),
            Item::File(file) => relays.wait(self.account.delete_file(self.id, file)),
        };
        match deleted {
            Err(WorkbenchError::Relay(error)) if error.kind() == Some(ProblemKind::NotFound) => {
                Ok(())
            }
            deleted => deleted,
        }
    }
}

impl Workbench {
    fn tell_author(&self, id: ProjectId, text: String) -> Result<(), WorkbenchError> {
        let notice = Notice { level: NoticeLevel::Info, text };
        self.ask(move |desk| desk.emit(&Event::Notice { project: Some(id), notice }))
    }

    /// A text is about to come to the relay: what was written until now was before it was shared.
    fn note_sharing(&self, id: ProjectId, document: DocumentId) -> Result<(), WorkbenchError> {
        let Seq(last) = self.store()?.read(|tx| tx.document(document))?.last;
        self.change_share(id, move |stored| {
            stored.before.entry(document).or_insert(last);
        })
    }

    /// In a folder, what is hidden is for programs: nobody else puts anything there.
    fn refuse_hidden(&self, id: ProjectId, path: &ProjectPath) -> Result<(), WorkbenchError> {
        let is_hidden = path.as_str().split('/').any(|part| part.starts_with('.'));
        match is_hidden && self.is_linked(id)? {
            true => Err(WorkbenchError::HiddenName(path.clone())),
            false => Ok(()),
        }
    }

    /// A text that was made elsewhere: from the trash if it was here, else empty until its line brings it.
    fn add_joined(
        &self,
        id: ProjectId,
        document: DocumentId,
        path: ProjectPath,
    ) -> Result<(), WorkbenchError> {
        let trashed = self.store()?.read(|tx| tx.trash(id))?;
        let is_it = |file: &&quire_store::File| file.kind == FileKind::Text(document);
        let is_linked = self.is_linked(id)?;
        let (at, author) = (path.clone(), self.config().author.clone());
        let mut on_disk = Vec::new();
        let file = match trashed.iter().find(is_it) {
            Some(trashed) => {
                let file = trashed.id;
                let loaded = self.store()?.read(|tx| tx.load(document))?;
                on_disk = crate::documents::text_of(&loaded)?.text().into_bytes();
                self.store()?.write(move |tx| {
                    tx.restore_file(file, Some(&at), clock::now(), CaseClash::Refuse)
                })?;
                file
            }
            None => {
                let file = FileId(clock::fresh_id());
                let new = NewFile { id: file, project: id, path: at, clash: CaseClash::Refuse };
                let nothing = nothing();
                self.store()?.write(move |tx| {
                    tx.create_text_file(&new, document, &nothing, &author, clock::now())?;
                    match is_linked {
                        true => {
                            let hash = ContentHash::of(&[]);
                            let state = DiskState { seq: Seq(1), hash, merged: None };
                            tx.agree_on_disk_state(file, &state)
                        }
                        false => Ok(()),
                    }
                })?;
                file
            }
        };
        let content = match is_linked {
            true => Content::OnDisk { document: Some(document) },
            false => Content::Text(document),
        };
        let to = path.clone();
        self.ask(move |desk| desk.add_entry(id, to, file, content))?;
        match is_linked {
            true => self.put_into_folder(id, path, &on_disk),
            false => Ok(()),
        }
    }

    /// A file that was made elsewhere, whose bytes are here.
    fn add_file_of_relay(
        &self,
        id: ProjectId,
        file: FileId,
        path: &ProjectPath,
        hash: ContentHash,
    ) -> Result<(), WorkbenchError> {
        if self.is_linked(id)? {
            let bytes = self.store()?.read(|tx| tx.blob(hash))?;
            self.put_into_folder(id, path.clone(), &bytes)?;
            return self.know_folder_file(id, path, file, hash, bytes.len() as u64);
        }
        let at = path.clone();
        self.store()?.write(move |tx| make_file(tx, id, file, &at, hash))?;
        self.show_contents(id, file, path, hash)
    }

    /// A file of ours that is the same as one of theirs.
    fn adopt_file(
        &self,
        id: ProjectId,
        ours: FileId,
        theirs: FileId,
        at: At,
    ) -> Result<(), WorkbenchError> {
        let (At { path, .. }, Some(hash)) = (at.clone(), at.holds) else { return Ok(()) };
        if self.is_linked(id)? {
            return self.change_share(id, move |stored| {
                if let Some(file) = stored.folder_files.get_mut(&path) {
                    file.id = theirs;
                }
            });
        }
        let to = path.clone();
        self.store()?.write(move |tx| {
            tx.trash_file(ours, clock::now())?;
            make_file(tx, id, theirs, &to, hash)?;
            tx.delete_file(ours, clock::now())
        })?;
        self.show_contents(id, theirs, &path, hash)
    }

    /// Let a file hold what it holds at the relay, unless it was changed here in between. What it holds is kept beside
    /// it, if that is wanted.
    fn take_contents(
        &self,
        id: ProjectId,
        file: FileId,
        path: &ProjectPath,
        (from, to): (Option<ContentHash>, ContentHash),
        keep: Option<&ProjectPath>,
    ) -> Result<(), WorkbenchError> {
        if self.is_linked(id)? {
            let (bytes, ours) = (self.store()?.read(|tx| tx.blob(to))?, self.file_bytes(id, path)?);
            let ours_is = ContentHash::of(&ours);
            if from != Some(ours_is) {
                return Err(WorkbenchError::Outdated(path.clone()));
            }
            if let Some(keep) = keep {
                self.put_into_folder(id, keep.clone(), &ours)?;
            }
            self.replace_in_folder(id, path.clone(), ours_is, &bytes)?;
            self.know_folder_file(id, path, file, to, bytes.len() as u64)?;
        } else {
            let wanted = path.clone();
            let held = self.try_ask(move |desk| {
                Ok(desk.project(id)?.files.get(&wanted).map(|entry| entry.content))
            })?;
            let held = match held {
                Some(Content::Blob { hash, .. }) if from == Some(hash) => hash,
                _ => return Err(WorkbenchError::Outdated(path.clone())),
            };
            if let Some(keep) = keep {
                self.add_file_of_relay(id, FileId(clock::fresh_id()), keep, held)?;
            }
            self.store()?.write(move |tx| tx.replace_binary(file, to, clock::now()))?;
            self.show_contents(id, file, path, to)?;
        }
        match keep {
            None => Ok(()),
            Some(keep) => self.tell_author(
                id,
                format!(
                    "A co-author has replaced {path} at the same time as you. Theirs is {path}; yours is kept as {keep}."
                ),
            ),
        }
    }

    fn know_folder_file(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        file: FileId,
        hash: ContentHash,
        bytes: u64,
    ) -> Result<(), WorkbenchError> {
        let path = path.clone();
        self.change_share(id, move |stored| {
            stored.folder_files.insert(path, FolderFile { id: file, hash, bytes, stamp: None });
        })
    }

    fn show_contents(
        &self,
        id: ProjectId,
        file: FileId,
        path: &ProjectPath,
        hash: ContentHash,
    ) -> Result<(), WorkbenchError> {
        let stored = self.store()?.read(|tx| tx.file(file))?;
        let FileKind::Binary { bytes, .. } = stored.kind else { return Ok(()) };
        let path = path.clone();
        self.ask(move |desk| desk.add_entry(id, path, file, Content::Blob { hash, bytes }))
    }
}

/// A file of these bytes under this id: from the trash, if it was here.
fn make_file(
    tx: &WriteTx<'_>,
    project: ProjectId,
    file: FileId,
    path: &ProjectPath,
    hash: ContentHash,
) -> Result<(), StoreError> {
    let now = clock::now();
    let is_trashed = tx.trash(project)?.iter().any(|trashed| trashed.id == file);
    if is_trashed {
        tx.restore_file(file, Some(path), now, CaseClash::Refuse)?;
        return tx.replace_binary(file, hash, now);
    }
    let new = NewFile { id: file, project, path: path.clone(), clash: CaseClash::Refuse };
    tx.create_binary_file(&new, hash, now)
}
