//! Local history: any moment of the past of a file can be seen and restored. Restoring is an edit like
//! any other: what was there before stays in the history.

use crate::{Workbench, WorkbenchError, clock, documents::text_of};
use quire_collab::changes_between;
use quire_project::{DocumentId, ProjectId, ProjectPath, UnixMs, VersionId};
use quire_store::Seq;
use serde::Serialize;
use ts_rs::TS;

/// A longer pause begins another entry.
const PAUSE_MS: i64 = 60_000;

/// A stretch of work on a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct HistoryEntry {
    /// Its first update.
    #[ts(type = "number")]
    pub first: u64,
    /// Its last update: what to ask [`Workbench::old_text`] for.
    #[ts(type = "number")]
    pub last: u64,
    /// When it began.
    pub began: UnixMs,
    /// When it ended.
    pub ended: UnixMs,
    /// Who wrote.
    pub author: String,
    /// Names given to states in it.
    pub names: Vec<String>,
}

/// A file as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct OldText {
    /// The text.
    pub text: String,
    /// Updates that a repair of the database could not save: the text may lack something.
    #[ts(type = "number")]
    pub missing: u64,
}

impl Workbench {
    pub(crate) fn document_of(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<DocumentId, WorkbenchError> {
        let path = path.clone();
        self.try_ask(move |desk| Ok(desk.document(id, &path)?.1.id))
    }

    /// The history of a file, the newest first.
    pub fn history(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<Vec<HistoryEntry>, WorkbenchError> {
        let document = self.document_of(id, path)?;
        let (spans, versions) = self
            .store()?
            .read(|tx| Ok((tx.history(document, Seq(0), PAUSE_MS)?, tx.versions(document)?)))?;
        let entry = |span: quire_store::Span| HistoryEntry {
            first: span.first.0,
            last: span.last.0,
            began: span.began,
            ended: span.ended,
            names: versions
                .iter()
                .filter(|version| (span.first..=span.last).contains(&version.seq))
                .map(|version| version.name.clone())
                .collect(),
            author: span.author,
        };
        Ok(spans.into_iter().rev().map(entry).collect())
    }

    /// A file as it was after an update.
    pub fn old_text(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        at: u64,
    ) -> Result<OldText, WorkbenchError> {
        let document = self.document_of(id, path)?;
        let loaded = self.store()?.read(|tx| tx.load_at(document, Seq(at)))?;
        Ok(OldText { text: text_of(&loaded)?.text(), missing: loaded.missing })
    }

    /// A file as it was at a time.
    pub fn text_at_time(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        time: UnixMs,
    ) -> Result<Option<u64>, WorkbenchError> {
        let document = self.document_of(id, path)?;
        Ok(self.store()?.read(|tx| tx.seq_at(document, time))?.map(|seq| seq.0))
    }

    /// Make a file what it was after an update.
    pub fn restore_text(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        at: u64,
    ) -> Result<(), WorkbenchError> {
        let old = self.old_text(id, path, at)?;
        let path = path.clone();
        self.try_ask(move |desk| {
            let now = desk.document(id, &path)?.1.current();
            desk.edit(id, &path, &changes_between(&now, &old.text))
        })
    }

    /// Give the present state of a file a name.
    pub fn name_version(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        name: &str,
    ) -> Result<(), WorkbenchError> {
        let path = path.clone();
        let (document, last) = self.try_ask(move |desk| {
            let (_, open) = desk.document(id, &path)?;
            Ok((open.id, open.last))
        })?;
        let (version, name) = (VersionId(clock::fresh_id()), name.to_owned());
        Ok(self
            .store()?
            .write(move |tx| tx.name_version(version, document, last, &name, clock::now()))?)
    }
}
