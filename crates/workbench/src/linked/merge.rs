//! What was written here and what was written there, brought together: the difference between the
//! state in which both agreed and the file is an edit of that state, and a document takes edits of any
//! of its states.

use super::encoding::{Encoding, decode};
use crate::{
    WorkbenchError, clock,
    desk::Desk,
    documents::{OpenDocument, text_of},
    project::{Content, Entry},
};
use quire_collab::{Contents, TextDocument, changes_between};
use quire_project::{ContentHash, DocumentId, FileId, FileSource, ProjectId, ProjectPath};
use quire_store::{CaseClash, DiskState, NewFile, Seq, Store, WriteTx};

/// What document and file had in common last.
pub(crate) struct SyncedWithDisk {
    /// SHA-256 of the file; `None` when it is gone.
    pub(super) hash: Option<ContentHash>,
    /// The document when it was like the file.
    state: Vec<u8>,
    pub(super) encoding: Encoding,
    /// A write of the file is planned or under way.
    pub(super) write_planned: bool,
    /// The writer is at it: until it answers, what the file holds may be what is written here, which is
    /// no edit of another program.
    pub(super) write_under_way: bool,
    /// The file was seen to change meanwhile.
    pub(super) seen_meanwhile: bool,
    /// It has been told that the file cannot be written.
    pub(super) refused: bool,
}

impl SyncedWithDisk {
    pub(super) fn new(hash: ContentHash, document: &TextDocument, encoding: Encoding) -> Self {
        Self::from_parts(hash, document.snapshot(), encoding)
    }

    pub(super) fn from_parts(hash: ContentHash, state: Vec<u8>, encoding: Encoding) -> Self {
        Self {
            hash: Some(hash),
            state,
            encoding,
            write_planned: false,
            write_under_way: false,
            seen_meanwhile: false,
            refused: false,
        }
    }

    /// The document when it was like the file, to be changed as the file was.
    fn fork(&self) -> Result<TextDocument, WorkbenchError> {
        Ok(TextDocument::open(clock::fresh_client(), [&*self.state])?)
    }
}

impl Desk {
    /// Make a file of the folder an open document.
    pub(crate) fn open_from_disk(
        &mut self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<FileId, WorkbenchError> {
        let (store, author) = (self.store.clone(), self.config.author.clone());
        let project = self.project(id)?;
        let no_file = || WorkbenchError::NoFile(path.clone());
        let entry = *project.files.get(path).ok_or_else(no_file)?;
        let folder = project.folder.as_ref().ok_or_else(no_file)?;
        let bytes = folder.disk()?.read(path)?.ok_or_else(no_file)?;
        let (text, encoding) =
            decode(&bytes).ok_or_else(|| WorkbenchError::NotText(path.clone()))?;
        let hash = ContentHash::of(&bytes);
        let (file, document) = match (entry.file, entry.content) {
            (Some(file), Content::OnDisk { document: Some(document) }) => (file, document),
            _ => {
                let (file, document) = (FileId(clock::fresh_id()), DocumentId(clock::fresh_id()));
                let seed = TextDocument::new(clock::fresh_client()).seed(&text)?;
                let clash = CaseClash::Allow;
                let new = NewFile { id: file, project: id, path: path.clone(), clash };
                store.write(move |tx| {
                    tx.create_text_file(&new, document, &seed, &author, clock::now())?;
                    tx.agree_on_disk_state(file, &DiskState { seq: Seq(1), hash, merged: None })
                })?;
                (file, document)
            }
        };
        let content = Content::OnDisk { document: Some(document) };
        project.files.insert(path.clone(), Entry { file: Some(file), content });
        let mut open = OpenDocument::load(&store, document, Contents::Text)?;
        let (base, known) = match last_common_state(&store, file, document, hash, &text)? {
            Some((base, known)) => (Some(base), known),
            None => (None, None),
        };
        let mut fork =
            base.unwrap_or(TextDocument::open(clock::fresh_client(), [&*open.text.snapshot()])?);
        fork.merge(&text)?;
        let synced = SyncedWithDisk::new(hash, &fork, encoding);
        // All of it: the end of the log may be lost that had an earlier edit of theirs.
        let applied = open.text.apply(&synced.state)?;
        open.disk = Some(synced);
        project.documents.insert(file, open);
        if !applied.update.is_empty() {
            self.keep(id, file, None, applied.update);
        } else {
            self.plan_disk_write(id, file);
        }
        match known {
            Some(known) => {
                store.submit_then(move |tx| tx.agree_on_disk_state(file, &known), drop);
            }
            None => self.remember_common(id, file, hash),
        }
        if entry.content != content {
            self.tell_files(id);
        }
        Ok(file)
    }

    /// Another program has written a file.
    pub(super) fn merge_from_disk(
        &mut self,
        id: ProjectId,
        path: &ProjectPath,
        bytes: &[u8],
    ) -> Result<(), WorkbenchError> {
        let project = self.project(id)?;
        let Some(file) = project.files.get(path).and_then(|entry| entry.file) else {
            return Ok(());
        };
        let Some(open) = project.documents.get_mut(&file) else { return Ok(()) };
        let hash = ContentHash::of(bytes);
        let Some(disk) = open.disk.as_mut().filter(|disk| disk.hash != Some(hash)) else {
            return Ok(());
        };
        if disk.write_under_way {
            disk.seen_meanwhile = true;
            return Ok(());
        }
        let (text, encoding) =
            decode(bytes).ok_or_else(|| WorkbenchError::NotText(path.clone()))?;
        let mut fork = disk.fork()?;
        let (theirs, _) = fork.merge(&text)?;
        let SyncedWithDisk { write_planned, refused, .. } = *disk;
        let synced = SyncedWithDisk::new(hash, &fork, encoding);
        *disk = SyncedWithDisk { write_planned, refused, ..synced };
        let applied = open.text.apply(&theirs)?;
        if !applied.update.is_empty() {
            self.keep(id, file, None, applied.update);
        }
        self.remember_common(id, file, hash);
        Ok(())
    }

    /// Once the merged text is durable, what the file holds is what it and the document have in common.
    fn remember_common(&mut self, id: ProjectId, file: FileId, hash: ContentHash) {
        let Some(open) = self.open.get_mut(&id).and_then(|p| p.documents.get_mut(&file)) else {
            return;
        };
        let text = open.current();
        let Some(disk) = &open.disk else { return };
        let is_alike = ContentHash::of(&super::encoding::encode(&text, disk.encoding).0) == hash;
        let merged = DiskState { seq: Seq(0), hash, merged: Some(disk.state.clone()) };
        // Edits are kept in order, so those under way are on the disk when this is; one that was
        // refused leaves the document short of the state that is meant.
        let (document, seq) = (open.id, Seq(open.last.0 + open.in_flight as u64));
        let is_whole = is_alike && open.unsaved.is_empty();
        let remember = move |tx: &WriteTx<'_>| match is_whole && tx.document(document)?.last == seq
        {
            true => tx.agree_on_disk_state(file, &DiskState { seq, hash, merged: None }),
            false => tx.agree_on_disk_state(file, &merged),
        };
        self.store.submit_then(remember, drop);
    }
}

/// What a document and its file had in common last: what the file still is, or, when another program
/// has changed it since, what it differs least from. There are two to choose from only after a crash
/// between the plan of a write and the write. What the file still is comes as the store has it, too.
fn last_common_state(
    store: &Store,
    file: FileId,
    document: DocumentId,
    hash: ContentHash,
    text: &str,
) -> Result<Option<(TextDocument, Option<DiskState>)>, WorkbenchError> {
    let states = store.read(|tx| tx.disk_states(file))?;
    let mut best: Option<(u64, TextDocument)> = None;
    for state in states {
        let opened = match &state.merged {
            Some(merged) => {
                TextDocument::open(clock::fresh_client(), [&**merged]).map_err(Into::into)
            }
            None => store
                .read(|tx| tx.load_at(document, state.seq))
                .map_err(Into::into)
                .and_then(|loaded| text_of(&loaded)),
        };
        // An end of the log that was lost to a full disk has no state.
        let Ok(candidate) = opened else { continue };
        if state.hash == hash {
            return Ok(Some((candidate, Some(state))));
        }
        let changed = changes_between(&candidate.text(), text);
        let cost = changed.iter().map(|c| u64::from(c.removed) + c.inserted.len() as u64).sum();
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, candidate));
        }
    }
    Ok(best.map(|(_, state)| (state, None)))
}
