//! Looking for damage. Reading the whole database takes time in proportion to its size; at a start it is done first
//! only when there is a reason to doubt, and otherwise beside everything else.

use crate::{
    StoreError,
    open::{beside, connect_reader},
};
use rusqlite::{Connection, InterruptHandle};
use std::{fs, io, path::Path, thread};

/// When to look for damage in the whole database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Check {
    /// Before the opening, which is refused when there is damage.
    First,
    /// Before the opening when the last end was not an orderly one, when damage was met before, or when it takes no
    /// time; otherwise beside it. What is found then makes the next opening look first.
    #[default]
    WhenDoubtful,
    /// Damage is met when it is read.
    Never,
}

/// Databases up to this size are read in a few milliseconds.
const SMALL: u64 = 8 << 20;

impl Check {
    /// Whether to look before the opening; to be asked before there is a connection.
    pub(crate) fn is_first(self, path: &Path) -> bool {
        // An orderly end writes the log back and takes it away.
        let has_log = || length(&beside(path, "wal")) > 0;
        let is_doubted = || beside(path, "doubted").exists();
        match self {
            Self::First => true,
            Self::WhenDoubtful => length(path) <= SMALL || has_log() || is_doubted(),
            Self::Never => false,
        }
    }
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |metadata| metadata.len())
}

/// Make the next opening look for damage first.
pub(crate) fn doubt(path: &Path, fault: &str) {
    // Failing it, the next start looks beside the opening and finds the same.
    let _ = fs::write(beside(path, "doubted"), fault);
}

/// There is no doubt any more.
pub(crate) fn trust(path: &Path) -> Result<(), StoreError> {
    let mark = beside(path, "doubted");
    match fs::remove_file(&mark) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io(&mark, &error)),
        _ => Ok(()),
    }
}

/// A look for damage on a thread of its own; given up when it is dropped.
pub(crate) struct LookBeside {
    interrupt: InterruptHandle,
    thread: Option<thread::JoinHandle<()>>,
}

impl LookBeside {
    pub(crate) fn start(path: &Path) -> Result<Self, StoreError> {
        let conn = connect_reader(path)?;
        let interrupt = conn.get_interrupt_handle();
        let place = path.to_owned();
        let look = move || {
            // Given up, or a disk that fails: no word on whether the database is sound.
            let faults = quick_check(&conn).unwrap_or_default();
            if let Some(fault) = faults.first() {
                doubt(&place, fault);
            }
        };
        let thread = thread::Builder::new().name("store-check".to_owned()).spawn(look);
        let thread = Some(thread.map_err(|error| StoreError::io(path, &error))?);
        Ok(Self { interrupt, thread })
    }
}

impl Drop for LookBeside {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        // Again and again: one that comes before the statement has begun is not heard.
        while !thread.is_finished() {
            self.interrupt.interrupt();
            thread::sleep(std::time::Duration::from_millis(1));
        }
        // A look that panicked has been reported by the panic itself.
        let _ = thread.join();
    }
}

/// What `PRAGMA quick_check` complains of; an error that means damage is one complaint.
pub(crate) fn quick_check(conn: &Connection) -> Result<Vec<String>, StoreError> {
    let found: Result<Vec<String>, StoreError> = (|| {
        let mut statement = conn.prepare("PRAGMA quick_check(20)")?;
        let rows = statement.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<Vec<String>>>()?)
    })();
    match found {
        Ok(lines) if lines == ["ok"] => Ok(Vec::new()),
        Ok(lines) => Ok(lines),
        Err(StoreError::Damaged(fault)) => Ok(vec![fault]),
        Err(error) => Err(error),
    }
}
