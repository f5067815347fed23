//! A thread that owns a connection and does for others what they ask of it, in the order in which they ask.

use super::{DirectoryError, Result};
use rusqlite::Connection;
use std::{sync::mpsc as blocking, thread::JoinHandle};
use tokio::sync::{mpsc, oneshot};

/// Jobs that may wait; then who asks waits too.
const QUEUE: usize = 256;

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

pub(super) struct Worker {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Worker {
    pub(super) fn start(name: &str, mut conn: Connection) -> std::io::Result<Self> {
        let (queue, mut jobs) = mpsc::channel::<Job>(QUEUE);
        conn.set_prepared_statement_cache_capacity(128);
        let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
            while let Some(job) = jobs.blocking_recv() {
                job(&mut conn);
            }
        })?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    pub(super) async fn call<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |conn| {
            // Who asked may have gone; what was done stands.
            let _ = answer.send(job(conn));
        });
        let queue = self.queue.as_ref().ok_or(DirectoryError::Closed)?;
        queue.send(job).await.map_err(|_| DirectoryError::Closed)?;
        answered.await.unwrap_or(Err(DirectoryError::Closed))
    }

    pub(super) fn call_now<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = blocking::sync_channel(1);
        let job: Job = Box::new(move |conn| {
            // Who asked may have gone; what was done stands.
            let _ = answer.send(job(conn));
        });
        let queue = self.queue.as_ref().ok_or(DirectoryError::Closed)?;
        queue.blocking_send(job).map_err(|_| DirectoryError::Closed)?;
        answered.recv().unwrap_or(Err(DirectoryError::Closed))
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A panic has been reported by itself.
            let _ = thread.join();
        }
    }
}
