//! Opening the database, and the handle through which everything else happens.

use crate::{
    Check, Pending, ReadTx, Seq, StoreError, WriteTx,
    check::{LookBeside, doubt, quick_check, trust},
    schema,
    writer::Writer,
};
use quire_project::{DocumentId, UnixMs};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How long a statement waits for a lock that a foreign tool (a backup, `sqlite3`) holds.
const BUSY: Duration = Duration::from_secs(5);
/// Reading connections kept open; more are opened and closed as needed.
const READERS: usize = 4;

/// How to open a database.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// When to look for damage in all of it.
    pub check: Check,
    /// Behave as if the disk were full when the database has this many bytes. For quotas and tests.
    pub max_bytes: Option<u64>,
}

/// An open database. Share it between threads behind an `Arc`; closing (dropping) it waits for what
/// is queued.
pub struct Store {
    path: PathBuf,
    /// `None` only while closing. Readers close first: the last connection to close writes the log
    /// back into the database, and a reading one may not.
    writer: Option<Writer>,
    readers: Mutex<Vec<Connection>>,
    look: Option<LookBeside>,
    /// Held while the store is open; the system lets go of it when the process dies.
    _lock: File,
}

impl Store {
    /// Open the database at `path`, made if there is none, brought to the newest version if it is
    /// of an earlier one.
    ///
    /// Errors: [`StoreError::InUse`] by another process (or another `Store`), `Damaged` (see
    /// [`crate::recover`]), `NewerVersion`, `Foreign`, `ReadOnly`, `DiskFull`, `Disk`.
    pub fn open(path: &Path, options: &Options) -> Result<Self, StoreError> {
        let lock = lock(path)?;
        crate::recover::finish_swap(path)?;
        let is_checked_first = options.check.is_first(path);
        let mut conn = connect(path)?;
        if is_checked_first {
            let faults = quick_check(&conn)?;
            if let Some(fault) = faults.first() {
                return Err(StoreError::Damaged(fault.clone()));
            }
            trust(path)?;
        }
        schema::migrate(&mut conn, schema::MIGRATIONS)?;
        let tx = WriteTx::new(&conn);
        if options.max_bytes.is_some() {
            tx.set_max_bytes(options.max_bytes)?;
        }
        tx.drop_unfinished_blobs()?;
        let writer = Some(Writer::start(conn)?);
        let look = match options.check {
            Check::WhenDoubtful if !is_checked_first => Some(LookBeside::start(path)?),
            _ => None,
        };
        let readers = Mutex::default();
        Ok(Self { path: path.to_owned(), writer, readers, look, _lock: lock })
    }

    /// Change the database and wait until the change is durable.
    ///
    /// Jobs run one after the other in the order in which they were sent; one that fails leaves no
    /// trace. Never call this from inside a job or an answer: the writer would wait for itself.
    pub fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.submit(work).wait()
    }

    /// As [`Store::write`], without waiting for the disk. Waits only while the queue is full.
    pub fn submit<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Pending<T> {
        let (answer, pending) = Pending::new();
        self.submit_then(work, move |result| {
            // Whoever dropped the `Pending` does not want to know.
            let _ = answer.send(result);
        });
        pending
    }

    /// As [`Store::submit`]; the answer is handed to `then` on the writing thread, which must not
    /// linger there: send it on to the thread that owns the state.
    pub fn submit_then<T: Send + 'static>(
        &self,
        work: impl FnOnce(&WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
        then: impl FnOnce(Result<T, StoreError>) + Send + 'static,
    ) {
        // When the writer is gone the closure is dropped with what it holds, and a `Pending` is
        // told that the store is closed.
        if let Some(writer) = &self.writer {
            let _ = writer.send(work, then);
        }
    }

    /// Append an update to a document; see [`WriteTx::append`]. The answer is the acknowledgement.
    pub fn append(
        &self,
        document: DocumentId,
        payload: Vec<u8>,
        author: &str,
        now: UnixMs,
    ) -> Pending<Seq> {
        let author = author.to_owned();
        self.submit(move |tx| tx.append(document, &payload, &author, now))
    }

    /// Read the last committed state, on the calling thread and beside the writer.
    pub fn read<T>(
        &self,
        work: impl FnOnce(&ReadTx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let idle = self.readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let conn = match idle {
            Some(conn) => conn,
            None => connect_reader(&self.path)?,
        };
        conn.execute_batch("BEGIN")?;
        let result = work(&ReadTx::new(&conn));
        if let Err(StoreError::Damaged(fault)) = &result {
            doubt(&self.path, fault);
        }
        conn.execute_batch("ROLLBACK")?;
        let mut readers = self.readers.lock().unwrap_or_else(PoisonError::into_inner);
        if readers.len() < READERS {
            readers.push(conn);
        }
        result
    }

    /// Look for damage in the whole database, as opening does, on the calling thread and beside the
    /// writer. What was found, one sentence each; nothing when it is sound.
    pub fn check(&self) -> Result<Vec<String>, StoreError> {
        quick_check(&connect_reader(&self.path)?)
    }

    /// Behave as if the disk were full when the database has this many bytes; `None` to lift a limit.
    pub fn set_max_bytes(&self, max_bytes: Option<u64>) -> Result<(), StoreError> {
        self.write(move |tx| tx.set_max_bytes(max_bytes))
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.look = None;
        self.readers.get_mut().unwrap_or_else(PoisonError::into_inner).clear();
        self.writer = None;
    }
}

/// Take the database for this process. Advisory: only programs that ask are kept out.
pub(crate) fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = beside(path, "lock");
    let open = File::options().create(true).truncate(false).write(true).open(&lock_path);
    let file = open.map_err(|error| StoreError::io(&lock_path, &error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse),
        Err(TryLockError::Error(error)) => Err(StoreError::io(&lock_path, &error)),
    }
}

/// `quire.db` and `lock` give `quire.db-lock`, as SQLite names its own files.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-");
    name.push(suffix);
    PathBuf::from(name)
}

/// A writing connection with everything set that durability rests on.
pub(crate) fn connect(path: &Path) -> Result<Connection, StoreError> {
    let conn = Connection::open(path)?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(128);
    let mode: String =
        conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))?;
    if mode != "wal" {
        return Err(StoreError::ReadOnly);
    }
    // FULL flushes the log at each commit. `fullfsync` matters on macOS, where fsync alone leaves
    // the data in the drive's cache.
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "fullfsync", true)?;
    conn.pragma_update(None, "checkpoint_fullfsync", true)?;
    conn.pragma_update(None, "foreign_keys", true)?;
    // Our own files are the only ones to trust; a damaged cell must not be read past its end.
    conn.pragma_update(None, "cell_size_check", true)?;
    conn.pragma_update(None, "trusted_schema", false)?;
    Ok(conn)
}

pub(crate) fn connect_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(conn)
}
