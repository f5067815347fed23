//! The thread that owns the writing connection. It takes what waits in its queue into one
//! transaction and answers each job after the commit, so that a hundred keystrokes that arrive
//! together cost one flush of the disk.

use crate::{StoreError, WriteTx, open::beside};
use rusqlite::Connection;
use std::{
    fs,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Jobs that may wait; then the sender waits too. Nothing is dropped.
const QUEUE: usize = 1024;
/// A transaction is committed at the latest with this many jobs in it …
const GROUP_JOBS: usize = 256;
/// … or when it has been open for this long, so that the first in it is not kept waiting.
const GROUP_TIME: Duration = Duration::from_millis(10);

/// Tells the job's sender, once it is known whether the group was committed.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
/// Does the work in the open transaction, or learns why there is none. A second value is given when
/// the work failed.
type Job = Box<dyn FnOnce(Result<&Connection, StoreError>) -> (Answer, Option<StoreError>) + Send>;

/// The sending side. Dropping it finishes what is queued and closes the connection.
pub(crate) struct Writer {
    queue: Option<SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(crate) fn start(conn: Connection) -> Result<Self, StoreError> {
        let (queue, jobs) = sync_channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || write_groups(&conn, &jobs))
            .map_err(|error| StoreError::Disk(error.to_string()))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(crate) fn send<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
        then: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) -> Result<(), StoreError> {
        let job: Job = Box::new(move |conn| {
            let result = conn
                .and_then(|conn| in_savepoint(conn, work).map_err(|error| explained(conn, error)));
            let failed = result.as_ref().err().cloned();
            let answer: Answer =
                Box::new(move |committed| then(result.and_then(|value| committed.map(|()| value))));
            (answer, failed)
        });
        let queue = self.queue.as_ref().ok_or(StoreError::Closed)?;
        queue.send(job).map_err(|_| StoreError::Closed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A job that panicked has been reported by the panic itself.
            let _ = thread.join();
        }
    }
}

fn write_groups(conn: &Connection, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut answers = Vec::new();
        let committed = match conn.execute_batch("BEGIN IMMEDIATE") {
            Ok(()) => group(conn, first, jobs, &mut answers),
            Err(error) => {
                let error = explained(conn, error.into());
                answers.push(first(Err(error.clone())).0);
                Err(error)
            }
        };
        for answer in answers {
            answer(committed.clone());
        }
    }
}

/// Run `first` and what else waits, then commit.
fn group(
    conn: &Connection,
    first: Job,
    jobs: &Receiver<Job>,
    answers: &mut Vec<Answer>,
) -> Result<(), StoreError> {
    let opened = Instant::now();
    let mut next = Some(first);
    while let Some(job) = next {
        let (answer, failed) = job(Ok(conn));
        answers.push(answer);
        // A full disk or a failing one makes SQLite roll the whole transaction back: then the jobs
        // before this one are not kept either, and must not be acknowledged.
        if conn.is_autocommit() {
            return Err(failed.unwrap_or(StoreError::Closed));
        }
        let full = answers.len() >= GROUP_JOBS || opened.elapsed() >= GROUP_TIME;
        next = if full { None } else { jobs.try_recv().ok() };
    }
    conn.execute_batch("COMMIT").map_err(|error| {
        if !conn.is_autocommit() {
            // If even this fails the next BEGIN does, and says so.
            let _ = conn.execute_batch("ROLLBACK");
        }
        explained(conn, error.into())
    })
}

/// SQLite says only that the disk failed. Whether it is full or does not let us write is learnt by
/// writing something else beside the database.
fn explained(conn: &Connection, error: StoreError) -> StoreError {
    let (StoreError::Disk(_), Some(path)) = (&error, conn.path()) else { return error };
    let place = beside(path.as_ref(), "probe");
    let written = fs::write(&place, [0; 4096]);
    let _ = fs::remove_file(&place);
    match written.map_err(|refused| StoreError::io(&place, &refused)) {
        Err(reason @ (StoreError::DiskFull | StoreError::ReadOnly)) => reason,
        _ => error,
    }
}

/// Undo a job that fails without touching the others of its group.
fn in_savepoint<T>(
    conn: &Connection,
    work: impl FnOnce(&WriteTx<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    conn.execute_batch("SAVEPOINT job")?;
    let result = work(&WriteTx::new(conn));
    if result.is_ok() {
        conn.execute_batch("RELEASE job")?;
    } else if !conn.is_autocommit() {
        conn.execute_batch("ROLLBACK TO job; RELEASE job")?;
    }
    result
}

/// An answer that will come when the transaction is on the disk.
#[must_use = "without waiting it is not known whether the change is durable"]
pub struct Pending<T>(Receiver<Result<T, StoreError>>);

impl<T> Pending<T> {
    pub(crate) fn new() -> (SyncSender<Result<T, StoreError>>, Self) {
        let (answer, pending) = sync_channel(1);
        (answer, Self(pending))
    }

    /// Wait for the answer: the job's result, durable; or an error, and nothing of the job is kept.
    pub fn wait(self) -> Result<T, StoreError> {
        self.0.recv().unwrap_or(Err(StoreError::Closed))
    }

    /// The answer if it is there. It is given once.
    pub fn try_wait(&self) -> Option<Result<T, StoreError>> {
        match self.0.try_recv() {
            Ok(answer) => Some(answer),
            Err(std::sync::mpsc::TryRecvError::Empty) => None,
            Err(std::sync::mpsc::TryRecvError::Disconnected) => Some(Err(StoreError::Closed)),
        }
    }
}
