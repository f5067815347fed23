//! Work that a person waits for: it tells how far it is, and ends when it is no longer wanted. The
//! window numbers its tasks, so that it can cancel one before the first word of it.

use crate::{Event, Workbench, WorkbenchError, desk::DeskSender};
use std::{
    collections::HashMap,
    io::{self, Read, Seek, SeekFrom},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// Progress is told this often at most.
const TELL_EVERY: Duration = Duration::from_millis(50);

/// The tasks that run.
#[derive(Default)]
pub(crate) struct Tasks(Mutex<HashMap<u32, Arc<AtomicBool>>>);

impl Tasks {
    fn running(&self) -> MutexGuard<'_, HashMap<u32, Arc<AtomicBool>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A task that runs. Forgotten with the value.
pub(crate) struct Task {
    number: u32,
    cancelled: Arc<AtomicBool>,
    tasks: Arc<Tasks>,
    sender: DeskSender,
    told: Option<Instant>,
}

impl Task {
    /// Tell how far it is; an error when it is no longer wanted.
    pub(crate) fn tell(
        &mut self,
        doing: &str,
        done: u64,
        total: u64,
    ) -> Result<(), WorkbenchError> {
        self.go_on()?;
        if self.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return Ok(());
        }
        self.told = Some(Instant::now());
        let fraction = done as f64 / total.max(1) as f64;
        let (task, doing) = (self.number, doing.to_owned());
        self.sender.send(move |desk| desk.emit(&Event::Task { task, doing, fraction }));
        Ok(())
    }

    /// An error when it is no longer wanted.
    pub(crate) fn go_on(&self) -> Result<(), WorkbenchError> {
        match self.cancelled.load(Ordering::Relaxed) {
            true => Err(WorkbenchError::Cancelled),
            false => Ok(()),
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.tasks.running().remove(&self.number);
    }
}

impl Workbench {
    pub(crate) fn begin_task(&self, number: u32) -> Task {
        let (tasks, sender) = (self.tasks().clone(), self.sender());
        let cancelled = tasks.running().entry(number).or_default().clone();
        Task { number, cancelled, tasks, sender, told: None }
    }

    /// End a task. What it made so far goes.
    pub fn cancel_task(&self, number: u32) {
        if let Some(cancelled) = self.tasks().running().get(&number) {
            cancelled.store(true, Ordering::Relaxed);
        }
    }
}

/// A reader that tells how much of it was read, and fails once the task is cancelled.
pub(crate) struct Watched<'t, R> {
    pub(crate) reader: R,
    pub(crate) task: &'t mut Task,
    pub(crate) doing: &'static str,
    pub(crate) read: u64,
    pub(crate) total: u64,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.read += read as u64;
        let told = self.task.tell(self.doing, self.read.min(self.total), self.total);
        told.map_err(io::Error::other)?;
        Ok(read)
    }
}

impl<R: Seek> Seek for Watched<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.reader.seek(to)
    }
}
