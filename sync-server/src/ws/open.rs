//! The lines that are open, so that what is changed in the directory reaches them: a member who is removed is out at once,
//! and one who becomes a viewer writes no more.
//!
//! A line is entered here before it is asked what it may do. So a change either comes before the answer, or finds the line.

use crate::directory::{
    Directory, DirectoryError, DocumentId, ProjectId, Result, Timestamp, UserId,
    members::Role,
    standing::{self, Credential, Standing},
};
use quire_collab::room::{Access, ReadOnly};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::watch;

/// What a line may do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not asked yet.
    Unknown,
    /// It stays.
    Stays {
        /// What it may do.
        access: Access,
        /// Whose it is in the project.
        role: Role,
    },
    /// It ends.
    Ends(Ending),
}

/// Why a line ends that did nothing wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ending {
    /// The log-in has ended, or its token.
    #[error("log in again")]
    LoggedOut,
    /// The document, or the membership in its project, is gone.
    #[error("you have no access to this any more")]
    NoAccess,
}

/// Whose lines a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Concern {
    /// Those of a project.
    Project(ProjectId),
    /// Those of a person.
    User(UserId),
}

/// What has as much as it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Full {
    /// All documents of a project together.
    Project(ProjectId),
    /// One document.
    Document(DocumentId),
}

/// The lines.
#[derive(Clone)]
pub struct OpenLines(Arc<Inner>);

struct Inner {
    directory: Arc<Directory>,
    lines: Mutex<HashMap<u64, Line>>,
    next: AtomicU64,
    full: Mutex<HashSet<Full>>,
    /// One after the other, so that an older answer never comes after a newer.
    rechecking: tokio::sync::Mutex<()>,
}

struct Line {
    who: UserId,
    by: Credential,
    to: To,
    project: Option<ProjectId>,
    verdict: watch::Sender<Verdict>,
}

/// Where a line leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum To {
    /// A document.
    Document(DocumentId),
    /// What is told of a project.
    Project(ProjectId),
}

impl To {
    fn standing(
        self,
        conn: &rusqlite::Connection,
        who: UserId,
        by: Credential,
        now: Timestamp,
    ) -> Result<Standing> {
        match self {
            Self::Document(document) => standing::of(conn, who, by, document, now),
            Self::Project(project) => standing::in_project(conn, who, by, project, now),
        }
    }
}

/// A line's entry. Dropping it takes it out.
pub struct Entry {
    lines: OpenLines,
    number: u64,
    verdict: watch::Receiver<Verdict>,
}

impl OpenLines {
    /// None yet.
    pub fn new(directory: Arc<Directory>) -> Self {
        Self(Arc::new(Inner {
            directory,
            lines: Mutex::default(),
            next: AtomicU64::new(0),
            full: Mutex::default(),
            rechecking: tokio::sync::Mutex::default(),
        }))
    }

    /// A line is about to be opened: what it may do, and its entry.
    ///
    /// # Errors
    /// When it may do nothing.
    pub async fn enter(&self, who: UserId, by: Credential, to: To) -> Result<(Entry, Standing)> {
        let number = self.0.next.fetch_add(1, Ordering::Relaxed);
        let (sender, verdict) = watch::channel(Verdict::Unknown);
        let line = Line { who, by, to, project: None, verdict: sender };
        self.lock().insert(number, line);
        let entry = Entry { lines: self.clone(), number, verdict };
        let now = Timestamp::now();
        let standing = self.0.directory.read(move |conn| to.standing(conn, who, by, now)).await?;
        let verdict = self.judged(to, Ok(standing.clone()));
        if let Some(line) = self.lock().get_mut(&number) {
            line.project = Some(standing.project);
            // What a change has said meanwhile is newer.
            line.verdict.send_if_modified(|known| {
                let is_first = *known == Verdict::Unknown;
                if is_first {
                    *known = verdict;
                }
                is_first
            });
        }
        Ok((entry, standing))
    }

    /// Something was changed, and is durable: those whom it concerns are asked again.
    pub async fn recheck(&self, concern: Concern) {
        let _one = self.0.rechecking.lock().await;
        let now = Timestamp::now();
        let concerned: Vec<(u64, UserId, Credential, To)> = self
            .lock()
            .iter()
            .filter(|(_, line)| match concern {
                Concern::Project(id) => line.project.is_none_or(|project| project == id),
                Concern::User(id) => line.who == id,
            })
            .map(|(number, line)| (*number, line.who, line.by, line.to))
            .collect();
        if concerned.is_empty() {
            return;
        }
        let asked = concerned.clone();
        let answers = self.0.directory.read(move |conn| {
            let ask = |(_, who, by, to): (_, _, _, To)| to.standing(conn, who, by, now);
            Ok(asked.into_iter().map(ask).collect::<Vec<_>>())
        });
        // A directory that does not answer lets nobody do what he may no longer: the lines end, and are opened again.
        let failed = |error: DirectoryError| {
            tracing::error!(%error, "lines could not be asked again");
            concerned.iter().map(|_| Err(error.clone())).collect()
        };
        let answers: Vec<Result<Standing>> = answers.await.unwrap_or_else(failed);
        for ((number, .., to), answer) in concerned.into_iter().zip(answers) {
            let verdict = self.judged(to, answer);
            if let Some(line) = self.lock().get(&number) {
                line.verdict.send_replace(verdict);
            }
        }
    }

    /// Something is full, or no longer; true when that is news, and the lines are to be asked again.
    pub fn mark(&self, what: Full, is_full: bool) -> bool {
        let mut full = self.0.full.lock().unwrap_or_else(PoisonError::into_inner);
        if is_full { full.insert(what) } else { full.remove(&what) }
    }

    /// Nothing more is taken for this document.
    pub fn is_full(&self, project: ProjectId, document: DocumentId) -> bool {
        self.why_full(project, document).is_some()
    }

    fn why_full(&self, project: ProjectId, document: DocumentId) -> Option<ReadOnly> {
        let full = self.0.full.lock().unwrap_or_else(PoisonError::into_inner);
        if full.contains(&Full::Project(project)) {
            Some(ReadOnly::Full)
        } else {
            full.contains(&Full::Document(document)).then_some(ReadOnly::TooLong)
        }
    }

    /// How many are open.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// True when none is open.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn judged(&self, to: To, standing: Result<Standing>) -> Verdict {
        match standing {
            Ok(standing) => {
                let full = match to {
                    To::Document(document) => self.why_full(standing.project, document),
                    To::Project(_) => None,
                };
                let access = match (standing.access, full) {
                    (Access::Write, Some(why)) => Access::Remove(why),
                    (access, _) => access,
                };
                Verdict::Stays { access, role: standing.role }
            }
            Err(DirectoryError::LoggedOut(_)) => Verdict::Ends(Ending::LoggedOut),
            Err(_) => Verdict::Ends(Ending::NoAccess),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Line>> {
        self.0.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    /// What the line may do now.
    pub fn verdict(&mut self) -> Verdict {
        *self.verdict.borrow_and_update()
    }

    /// Until something else is said.
    pub async fn changed(&mut self) -> Verdict {
        // The sender is in the table for as long as the entry is here.
        let _ = self.verdict.changed().await;
        self.verdict()
    }

    /// The line was told another token of the same person.
    ///
    /// # Errors
    /// When it may do nothing with it.
    pub async fn renewed(&mut self, by: Credential) -> Result<Standing> {
        let (who, to) = {
            let mut lines = self.lines.lock();
            let line = lines.get_mut(&self.number).ok_or(DirectoryError::Closed)?;
            line.by = by;
            (line.who, line.to)
        };
        let now = Timestamp::now();
        let ask = move |conn: &rusqlite::Connection| to.standing(conn, who, by, now);
        self.lines.0.directory.read(ask).await
    }

    /// Whose line it is.
    pub fn who(&self) -> Option<UserId> {
        self.lines.lock().get(&self.number).map(|line| line.who)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.lines.lock().remove(&self.number);
    }
}
