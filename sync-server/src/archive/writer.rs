//! The thread that owns the writing connection. It takes what waits into one transaction and answers after the
//! commit: a hundred authors who type at once cost one flush of the disk.

use super::{
    ArchiveError,
    history::{self, Run},
    sum_of,
};
use crate::{ids::Timestamp, traces};
use quire_collab::{frames::Origin, room::Row};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use std::{
    sync::{Arc, mpsc},
    thread::JoinHandle,
};
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// Jobs that may wait; then the rooms wait too.
const QUEUE: usize = 1024;
/// A transaction is committed at the latest with so many jobs in it.
const GROUP: usize = 512;

pub(super) type Done = Box<dyn FnOnce(Result<(), ArchiveError>) + Send>;

pub(super) enum Job {
    /// The next row of a document.
    Append { document: Arc<str>, row: Row, at: Timestamp, done: Done },
    /// A snapshot; what the one before it, at `from`, stands for goes into the history as runs, those behind `kept_to`.
    Snapshot {
        document: i64,
        from: u64,
        up_to: u64,
        bytes: Vec<u8>,
        kept_to: u64,
        runs: Vec<Run>,
        done: Done,
    },
    /// A version is given a name, or its name taken.
    Name { document: String, number: u64, name: Option<String>, done: Done },
    /// All these documents as they are now are given a name.
    NameAll { documents: Vec<String>, name: String, done: Done },
    /// The history goes; a snapshot is left.
    Forget { document: i64, kept_to: u64, up_to: u64, bytes: Vec<u8>, done: Done },
    /// A document goes for good.
    Remove { document: String, done: Done },
    /// Nothing, durably.
    Probe { done: Done },
}

pub(super) struct Writer {
    queue: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(conn: Connection) -> Result<Self, ArchiveError> {
        let (queue, jobs) = channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("archive-writer".to_owned())
            .spawn(move || write_groups(&conn, jobs))
            .map_err(|error| ArchiveError::Disk(error.to_string()))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(super) async fn send(&self, job: Job) {
        let Some(queue) = &self.queue else { return };
        if let Err(refused) = queue.send(job).await {
            done_of(refused.0)(Err(ArchiveError::Closed));
        }
    }

    /// Have a job done and wait for it. Blocks.
    pub(super) fn wait(&self, job: impl FnOnce(Done) -> Job) -> Result<(), ArchiveError> {
        let (answer, answered) = mpsc::sync_channel(1);
        let job = job(Box::new(move |result| {
            // Who asked has gone; the result stands.
            let _ = answer.send(result);
        }));
        let queue = self.queue.as_ref().ok_or(ArchiveError::Closed)?;
        queue.blocking_send(job).map_err(|_| ArchiveError::Closed)?;
        answered.recv().unwrap_or(Err(ArchiveError::Closed))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic has been reported by itself.
            let _ = thread.join();
        }
    }
}

fn done_of(job: Job) -> Done {
    match job {
        Job::Append { done, .. }
        | Job::Snapshot { done, .. }
        | Job::Name { done, .. }
        | Job::NameAll { done, .. }
        | Job::Forget { done, .. }
        | Job::Remove { done, .. }
        | Job::Probe { done } => done,
    }
}

fn write_groups(conn: &Connection, mut jobs: Receiver<Job>) {
    let mut group = Vec::with_capacity(GROUP);
    while jobs.blocking_recv_many(&mut group, GROUP) > 0 {
        let rows = group.iter().filter_map(|job| match job {
            Job::Append { row, .. } => Some(row.update.len()),
            _ => None,
        });
        let traced = traces::of_commit(group.len(), rows);
        let results = commit(conn, &group);
        traced.ends(results.is_ok());
        for (nth, job) in group.drain(..).enumerate() {
            let result = match &results {
                Ok(each) => each[nth].clone(),
                Err(error) => Err(error.clone()),
            };
            done_of(job)(result);
        }
    }
}

/// Do the jobs in one transaction. A job that is not fit to be done changes nothing and has an error of its own;
/// when the disk fails, so do all.
fn commit(conn: &Connection, group: &[Job]) -> Result<Vec<Result<(), ArchiveError>>, ArchiveError> {
    let all = || {
        conn.execute_batch("BEGIN IMMEDIATE")?;
        let results = group.iter().map(|job| run(conn, job)).collect::<Result<Vec<_>, _>>()?;
        conn.execute_batch("COMMIT")?;
        Ok(results)
    };
    let done: Result<_, rusqlite::Error> = all();
    if done.is_err() && !conn.is_autocommit() {
        // If even this fails the next BEGIN does, and says so.
        let _ = conn.execute_batch("ROLLBACK");
    }
    Ok(done?)
}

fn run(conn: &Connection, job: &Job) -> Result<Result<(), ArchiveError>, rusqlite::Error> {
    match job {
        Job::Append { document, row, at, .. } => append(conn, document, row, *at),
        Job::Snapshot { document, from, up_to, bytes, kept_to, runs, .. } => {
            conn.prepare_cached("INSERT OR IGNORE INTO snapshots VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![document, up_to, bytes, sum_of(bytes)])?;
            if !runs.is_empty() && !history::keep(conn, *document, *kept_to, *from, runs)? {
                // The next snapshot does it.
                return Ok(Ok(()));
            }
            conn.prepare_cached("DELETE FROM snapshots WHERE document = ?1 AND up_to < ?2")?
                .execute(params![document, from])?;
            Ok(Ok(()))
        }
        Job::Name { document, number, name, .. } => {
            let is_there = history::name(conn, document, *number, name.as_deref())?;
            let (document, number) = (document.clone(), *number);
            Ok(is_there.then_some(()).ok_or(ArchiveError::OutOfOrder { document, number }))
        }
        Job::NameAll { documents, name, .. } => {
            history::name_all(conn, documents, name)?;
            Ok(Ok(()))
        }
        Job::Forget { document, kept_to, up_to, bytes, .. } => {
            let is_done = history::forget(conn, *document, *kept_to, *up_to, bytes)?;
            let error = || ArchiveError::Disk("a snapshot was made meanwhile".to_owned());
            Ok(is_done.then_some(()).ok_or_else(error))
        }
        Job::Remove { document, .. } => {
            for table in ["updates", "snapshots", "history", "versions", "project_versions"] {
                let sql = format!(
                    "DELETE FROM {table} WHERE document = (SELECT id FROM documents WHERE name = ?1)"
                );
                conn.prepare_cached(&sql)?.execute([document])?;
            }
            conn.prepare_cached("DELETE FROM documents WHERE name = ?1")?.execute([document])?;
            Ok(Ok(()))
        }
        // A transaction that changes nothing is not flushed; this one is.
        Job::Probe { .. } => {
            conn.pragma_update(None, "user_version", super::VERSION)?;
            Ok(Ok(()))
        }
    }
}

fn append(
    conn: &Connection,
    document: &str,
    row: &Row,
    at: Timestamp,
) -> Result<Result<(), ArchiveError>, rusqlite::Error> {
    let id: Option<i64> = if row.number == 1 {
        conn.prepare_cached(
            "INSERT INTO documents (name, last_number) VALUES (?1, 1)
             ON CONFLICT DO NOTHING RETURNING id",
        )?
        .query_row([document], |found| found.get(0))
        .optional()?
    } else {
        conn.prepare_cached(
            "UPDATE documents SET last_number = ?2
             WHERE name = ?1 AND last_number = ?2 - 1 RETURNING id",
        )?
        .query_row(params![document, row.number], |found| found.get(0))
        .optional()?
    };
    let Some(id) = id else {
        let document = document.to_owned();
        return Ok(Err(ArchiveError::OutOfOrder { document, number: row.number }));
    };
    let insert = |origin: Option<Origin>| {
        conn.prepare_cached("INSERT INTO updates VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?.execute(
            params![
                id,
                row.number,
                &*row.update,
                sum_of(&row.update),
                origin.map(|origin| origin.session),
                origin.map(|origin| origin.sequence),
                row.author,
                at,
            ],
        )
    };
    match insert(row.origin) {
        // A number used twice, for different updates: neither is lost, the second has no name.
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            insert(None)?
        }
        other => other?,
    };
    Ok(Ok(()))
}
