//! A project in the making: its files come one at a time and wait outside of memory, until all of them
//! become a project at once. A large archive must not need as much memory as it unpacks to.

use crate::{Workbench, WorkbenchError, clock, files, gallery::ENGINE};
use quire_collab::TextDocument;
use quire_project::{ContentHash, DocumentId, FileId, ProjectId, ProjectPath};
use quire_store::{CaseClash, NewFile, NewProject, Seq, StoreError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use tempfile::SpooledTempFile;

/// What is spooled stays in memory up to this many bytes: most projects need no file.
const IN_MEMORY: usize = 8 << 20;

/// Files that are to be a project. Dropped, it leaves nothing.
pub(crate) struct Making<'w> {
    workbench: &'w Workbench,
    made: Vec<Made>,
    /// Texts, and what documents of them begin with.
    spool: SpooledTempFile,
    spooled: u64,
}

struct Made {
    file: FileId,
    path: ProjectPath,
    content: Content,
}

enum Content {
    Text { document: DocumentId, seed: Span, text: Span },
    Blob(ContentHash),
}

/// A part of the spool.
#[derive(Clone, Copy)]
struct Span {
    at: u64,
    bytes: u64,
}

impl Workbench {
    /// A place, outside of memory once it is large, for what is on its way into the store.
    pub(crate) fn spool(&self) -> SpooledTempFile {
        SpooledTempFile::new_in(IN_MEMORY, &self.config().data)
    }

    pub(crate) fn begin_project(&self) -> Making<'_> {
        Making { workbench: self, made: Vec::new(), spool: self.spool(), spooled: 0 }
    }
}

impl Making<'_> {
    pub(crate) fn is_empty(&self) -> bool {
        self.made.is_empty()
    }

    /// Add a file, which becomes a document if it is text by name and contents.
    pub(crate) fn add(&mut self, path: ProjectPath, bytes: &[u8]) -> Result<(), WorkbenchError> {
        match files::as_text(bytes).filter(|_| files::is_text_name(&path)) {
            Some(text) => self.add_text(path, text),
            None => self.add_binary(path, &mut &*bytes),
        }
    }

    fn add_text(&mut self, path: ProjectPath, text: &str) -> Result<(), WorkbenchError> {
        let seed = TextDocument::new(clock::fresh_client()).seed(text)?;
        let (seed, text) = (self.keep(&seed)?, self.keep(text.as_bytes())?);
        let document = DocumentId(clock::fresh_id());
        self.push(path, Content::Text { document, seed, text });
        Ok(())
    }

    /// Add a file that is no document, piece by piece.
    pub(crate) fn add_binary(
        &mut self,
        path: ProjectPath,
        source: &mut dyn Read,
    ) -> Result<(), WorkbenchError> {
        let (hash, _) = self.workbench.store()?.put_blob(source, clock::now())?;
        self.push(path, Content::Blob(hash));
        Ok(())
    }

    fn push(&mut self, path: ProjectPath, content: Content) {
        self.made.push(Made { file: FileId(clock::fresh_id()), path, content });
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<Span, WorkbenchError> {
        let span = Span { at: self.spooled, bytes: bytes.len() as u64 };
        self.spool.write_all(bytes).map_err(|error| spool_failed(&error))?;
        self.spooled += span.bytes;
        Ok(span)
    }

    /// Make the project. When that fails none is left.
    pub(crate) fn finish(
        self,
        name: &str,
        root: Option<&ProjectPath>,
    ) -> Result<ProjectId, WorkbenchError> {
        let Self { workbench, made, mut spool, .. } = self;
        let id = ProjectId(clock::fresh_id());
        let root_file =
            root.and_then(|root| made.iter().find(|made| made.path == *root)).map(|made| made.file);
        let new = NewProject {
            id,
            name: workbench.name_for(name)?,
            engine: ENGINE.to_owned(),
            linked_folder: None,
            settings: serde_json::json!({}),
        };
        let author = workbench.config().author.clone();
        workbench.store()?.write(move |tx| {
            let now = clock::now();
            tx.create_project(&new, now)?;
            for Made { file, path, content } in made {
                let new = NewFile { id: file, project: id, path, clash: CaseClash::Allow };
                match content {
                    Content::Text { document, seed, text } => {
                        let seed = read(&mut spool, seed)?;
                        let text = read(&mut spool, text)?;
                        tx.create_text_file(&new, document, &seed, &author, now)?;
                        tx.index_text(file, Seq(1), &String::from_utf8_lossy(&text))?;
                    }
                    Content::Blob(hash) => tx.create_binary_file(&new, hash, now)?,
                }
            }
            tx.set_root_file(id, root_file)
        })?;
        workbench.tell_gallery()?;
        Ok(id)
    }
}

fn read(spool: &mut SpooledTempFile, span: Span) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::new();
    spool
        .seek(SeekFrom::Start(span.at))
        .and_then(|_| spool.take(span.bytes).read_to_end(&mut bytes))
        .map_err(|error| spool_failed(&error))?;
    Ok(bytes)
}

fn spool_failed(error: &io::Error) -> StoreError {
    match error.kind() {
        io::ErrorKind::StorageFull => StoreError::DiskFull,
        _ => StoreError::Disk(error.to_string()),
    }
}
