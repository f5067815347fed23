//! Versions of texts: any moment of the past of a file can be seen, named and restored. Restoring is an edit like
//! any other: what was there before stays in the history. What the program itself keeps is here; what it is one list
//! with, of a shared project, is told by its relay ([`crate::timeline`]).

use crate::{
    ShareRole, Workbench, WorkbenchError, clock,
    documents::text_of,
    project::{Content, Entry},
    relay::past::{Past, TextThere},
    writers::{Writer, writer},
};
use quire_collab::changes_between;
use quire_project::{DocumentId, ProjectId, ProjectPath, UnixMs, VersionId};
use quire_store::{NewVersion, Seq, Span};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A longer pause begins another entry.
const PAUSE_MS: i64 = 60_000;

/// A version of a text, by who keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "side", rename_all = "camelCase")]
pub enum TextVersion {
    /// This program.
    Here {
        /// The update after which the text was so.
        #[ts(type = "number")]
        update: u64,
    },
    /// The relay.
    Relay {
        /// The number of the last update that it has of it.
        #[ts(type = "number")]
        number: u64,
    },
}

/// A name of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct VersionName {
    /// The name.
    pub name: String,
    /// All texts of the project were given it at once.
    pub of_project: bool,
}

/// A stretch of work on a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryEntry {
    /// Its first update.
    pub first: u64,
    /// Its last update.
    pub last: u64,
    /// When it began.
    pub began: UnixMs,
    /// When it ended.
    pub ended: UnixMs,
    /// Who wrote.
    pub author: Writer,
    /// Names given to states in it.
    pub names: Vec<VersionName>,
}

/// A file as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldText {
    /// The text.
    pub text: String,
    /// When it was so.
    pub time: Option<UnixMs>,
    /// Updates that a repair of the database could not save: the text may lack something.
    pub missing: u64,
}

/// Who sees a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum NamedFor {
    /// The author alone: the project is not shared, or the relay does not take the name now.
    Me,
    /// All who share the project.
    All,
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

    /// The history of a file as this program keeps it, the newest first.
    pub fn history(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<Vec<HistoryEntry>, WorkbenchError> {
        let document = self.document_of(id, path)?;
        let user =
            self.try_ask(move |desk| Ok(desk.project(id)?.sharing().map(|sharing| sharing.user)))?;
        self.entries(document, Seq(0), None, user.as_deref())
    }

    /// Part of a history, the newest first. `user`: the own id at the project's relay.
    pub(crate) fn entries(
        &self,
        document: DocumentId,
        after: Seq,
        through: Option<Seq>,
        user: Option<&str>,
    ) -> Result<Vec<HistoryEntry>, WorkbenchError> {
        let (spans, versions) = self.store()?.read(|tx| {
            Ok((tx.history(document, after, through, PAUSE_MS)?, tx.versions(document)?))
        })?;
        let entry = |span: Span| HistoryEntry {
            first: span.first.0,
            last: span.last.0,
            began: span.began,
            ended: span.ended,
            names: versions
                .iter()
                .filter(|version| (span.first..=span.last).contains(&version.seq))
                .map(|version| VersionName {
                    name: version.name.clone(),
                    of_project: version.of_project,
                })
                .collect(),
            author: writer(&span.author, &self.config().author, user),
        };
        Ok(spans.into_iter().rev().map(entry).collect())
    }

    /// A file as it was.
    pub fn old_text(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        version: TextVersion,
    ) -> Result<OldText, WorkbenchError> {
        match version {
            TextVersion::Here { update } => {
                let (document, at) = (self.document_of(id, path)?, Seq(update));
                let (loaded, time) = self
                    .store()?
                    .read(|tx| Ok((tx.load_at(document, at)?, tx.time_of(document, at)?)))?;
                Ok(OldText { text: text_of(&loaded)?.text(), time, missing: loaded.missing })
            }
            TextVersion::Relay { number } => self.text_there(&self.there(id, path)?, number),
        }
    }

    /// A text at the relay, which must be there to be asked.
    fn there(&self, id: ProjectId, path: &ProjectPath) -> Result<TextThere, WorkbenchError> {
        match self.past(id, path, ShareRole::Editor)? {
            Past::There(there) => Ok(there),
            Past::Away(why) => Err(WorkbenchError::NotNow(why)),
            Past::Here => Err(WorkbenchError::NotShared),
        }
    }

    /// The last update of a file at a time.
    pub fn update_at(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        time: UnixMs,
    ) -> Result<Option<u64>, WorkbenchError> {
        let document = self.document_of(id, path)?;
        Ok(self.store()?.read(|tx| tx.seq_at(document, time))?.map(|seq| seq.0))
    }

    /// Make a file what it was; what it was before that.
    pub fn restore_text(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        version: TextVersion,
    ) -> Result<TextVersion, WorkbenchError> {
        let old = self.old_text(id, path, version)?;
        let path = path.clone();
        self.try_ask(move |desk| {
            let document = desk.document(id, &path)?.1;
            let (now, Seq(update)) = (document.current(), document.last_edit());
            desk.edit(id, &path, &changes_between(&now, &old.text))?;
            Ok(TextVersion::Here { update })
        })
    }

    /// Give a version of a file a name; the present one, if none is said. Of a shared project all see it, if the relay
    /// has the version and takes the name.
    pub fn name_version(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        version: Option<TextVersion>,
        name: &str,
    ) -> Result<NamedFor, WorkbenchError> {
        let update = match version {
            Some(TextVersion::Relay { number }) => {
                self.name_there(&self.there(id, path)?, Some(number), name)?;
                return Ok(NamedFor::All);
            }
            Some(TextVersion::Here { update }) => Some(Seq(update)),
            None => {
                if let Past::There(there) = self.past(id, path, ShareRole::Editor)?
                    && self.wait_for_relay(id, path)?
                {
                    self.name_there(&there, None, name)?;
                    return Ok(NamedFor::All);
                }
                None
            }
        };
        let path = path.clone();
        let (document, last) = self.try_ask(move |desk| {
            let (_, open) = desk.document(id, &path)?;
            // Edits on their way to the disk are there before the name is.
            let last = if open.unsaved.is_empty() { open.last_edit() } else { open.last };
            Ok((open.id, last))
        })?;
        let new = fresh(name, false);
        let seq = update.unwrap_or(last);
        self.store()?.write(move |tx| tx.name_version(&new, document, seq, clock::now()))?;
        Ok(NamedFor::Me)
    }

    /// Give all texts of a project a name as they are in this moment. Of a shared one all see it, if the relay has all
    /// that was written here and takes the name.
    pub fn name_project_version(
        &self,
        id: ProjectId,
        name: &str,
    ) -> Result<NamedFor, WorkbenchError> {
        if self.wait_for_all_there(id)? && self.name_project_there(id, name)? {
            return Ok(NamedFor::All);
        }
        let documents = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            let text_of = |entry: &Entry| match entry.content {
                Content::Text(document) => Some(document),
                // A file of a folder that nobody has opened is not kept here.
                Content::OnDisk { document } => document,
                Content::Blob { .. } => None,
            };
            Ok(project.files.values().filter_map(text_of).collect::<Vec<_>>())
        })?;
        let name = name.to_owned();
        self.store()?.write(move |tx| {
            documents.into_iter().try_for_each(|document| {
                let last = tx.document(document)?.last;
                tx.name_version(&fresh(&name, true), document, last, clock::now())
            })
        })?;
        Ok(NamedFor::Me)
    }
}

fn fresh(name: &str, of_project: bool) -> NewVersion {
    NewVersion { id: VersionId(clock::fresh_id()), name: name.to_owned(), of_project }
}
