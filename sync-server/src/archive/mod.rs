//! One durable, append-only log for each document, in one SQLite database; snapshots of it spare reading it from the
//! beginning. Rows go only when two later snapshots stand for them, the older of which has been read back.

mod history;
mod writer;

pub use history::{Entry, Log, Since};

use crate::{ids::Timestamp, private};
use quire_collab::{DocumentError, Replica, compact, room::Row};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use writer::{Job, Writer};

/// The database, in the relay's folder.
pub(crate) const FILE: &str = "relay.sqlite3";
const LOCK: &str = "relay.lock";
/// "qrly": another program's database is not written into.
const APPLICATION_ID: i32 = 0x7172_6c79;
const VERSION: i32 = 3;
const SCHEMA: &str = "
    CREATE TABLE documents (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        last_number INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE updates (
        document INTEGER NOT NULL REFERENCES documents (id),
        number INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        sum BLOB NOT NULL,
        session INTEGER,
        sequence INTEGER,
        PRIMARY KEY (document, number)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX one_of_each_origin ON updates (document, session, sequence)
        WHERE session IS NOT NULL;
    CREATE TABLE snapshots (
        document INTEGER NOT NULL REFERENCES documents (id),
        up_to INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        sum BLOB NOT NULL,
        PRIMARY KEY (document, up_to)
    ) STRICT;
";
/// What came with the second version: who wrote what and when, kept when snapshots stand for the rows. Of what was thrown
/// away before, the oldest snapshot is the beginning.
const HISTORY: &str = "
    ALTER TABLE updates ADD COLUMN author TEXT;
    ALTER TABLE updates ADD COLUMN at INTEGER;
    CREATE TABLE history (
        document INTEGER NOT NULL REFERENCES documents (id),
        first INTEGER NOT NULL,
        last INTEGER NOT NULL,
        author TEXT,
        began_at INTEGER,
        ended_at INTEGER,
        bytes BLOB NOT NULL,
        sum BLOB NOT NULL,
        PRIMARY KEY (document, last)
    ) STRICT;
    CREATE TABLE versions (
        document INTEGER NOT NULL REFERENCES documents (id),
        number INTEGER NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (document, number)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO history SELECT document, 1, up_to, NULL, NULL, NULL, bytes, sum FROM snapshots s
        WHERE up_to = (SELECT min(up_to) FROM snapshots WHERE document = s.document)
            AND NOT EXISTS
                (SELECT 1 FROM updates WHERE document = s.document AND number <= s.up_to);
";
/// What came with the third: names that all texts of a project were given at once. A text that nobody changes between two
/// of them has both.
const PROJECT_VERSIONS: &str = "
    CREATE TABLE project_versions (
        document INTEGER NOT NULL REFERENCES documents (id),
        number INTEGER NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (document, number, name)
    ) STRICT, WITHOUT ROWID;
";

/// Why the archive did not do what it was asked to.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Another relay has this folder open.
    #[error("another relay uses {0}")]
    InUse(PathBuf),
    /// The database is of a later version, or of another program.
    #[error("{0} is no database of this relay's version")]
    Foreign(PathBuf),
    /// The disk has no room: nothing of the group was kept.
    #[error("the disk is full")]
    DiskFull,
    /// The disk or the database failed: nothing of the group was kept.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// A row that is not the next of its document: another room has written, or one before it was not kept.
    #[error("row {number} of {document} is not its next")]
    OutOfOrder {
        /// The document.
        document: String,
        /// The row.
        number: u64,
    },
    /// What was kept of a document does not come out whole.
    #[error("{document} is damaged: {what}")]
    Damaged {
        /// The document.
        document: String,
        /// What is wrong.
        what: String,
    },
    /// The archive is being closed.
    #[error("the archive is closed")]
    Closed,
}

impl From<rusqlite::Error> for ArchiveError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::DiskFull,
            _ => Self::Disk(error.to_string()),
        }
    }
}

/// A document as the log has it.
#[derive(Debug)]
pub struct Loaded {
    /// Its contents.
    pub replica: Replica,
    /// The number of its last row; 0 when it has none.
    pub last_number: u64,
    /// Rows, and bytes of them, that no snapshot holds.
    pub since_snapshot: (u64, u64),
}

/// The open archive. Dropping it finishes what is queued.
pub struct Archive {
    path: PathBuf,
    writer: Writer,
    /// Held while the archive is open; the system lets go of it when the process dies.
    _lock: File,
}

impl Archive {
    /// Open the archive in a folder, made if there is none. Nothing but one relay may have it open.
    /// `max_bytes`: behave as if the disk were full when the database has so many.
    pub fn open(folder: &Path, max_bytes: Option<u64>) -> Result<Self, ArchiveError> {
        let disk = |error: std::io::Error| ArchiveError::Disk(error.to_string());
        private::make_folder(folder).map_err(disk)?;
        let lock = File::create(folder.join(LOCK)).map_err(disk)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => ArchiveError::InUse(folder.to_owned()),
            TryLockError::Error(error) => disk(error),
        })?;
        let path = folder.join(FILE);
        private::make_file(&path).map_err(disk)?;
        let conn = Connection::open(&path)?;
        conn.busy_timeout(Duration::from_secs(5))?;
        conn.pragma_update(None, "journal_mode", "WAL")?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
        let version: i32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let id: i32 = conn.pragma_query_value(None, "application_id", |row| row.get(0))?;
        match (version, id) {
            (0, 0) => conn.execute_batch(&format!(
                "BEGIN IMMEDIATE; {SCHEMA} {HISTORY} {PROJECT_VERSIONS}
                 PRAGMA application_id = {APPLICATION_ID};
                 PRAGMA user_version = {VERSION}; COMMIT"
            ))?,
            (1, APPLICATION_ID) => conn.execute_batch(&format!(
                "BEGIN IMMEDIATE; {HISTORY} {PROJECT_VERSIONS}
                 PRAGMA user_version = {VERSION}; COMMIT"
            ))?,
            (2, APPLICATION_ID) => conn.execute_batch(&format!(
                "BEGIN IMMEDIATE; {PROJECT_VERSIONS} PRAGMA user_version = {VERSION}; COMMIT"
            ))?,
            (VERSION, APPLICATION_ID) => {}
            _ => return Err(ArchiveError::Foreign(path)),
        }
        if let Some(bytes) = max_bytes {
            let page: u64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
            conn.pragma_update(None, "max_page_count", bytes / page)?;
        }
        let writer = Writer::start(conn)?;
        Ok(Self { path, writer, _lock: lock })
    }

    /// Append a row to a document's log. `done` is called on the writer's thread, once, when it is known whether the
    /// row is durable; a row after one that is not kept is not kept either. `at`: when it came.
    pub async fn append(
        &self,
        document: Arc<str>,
        row: Row,
        at: Timestamp,
        done: impl FnOnce(Result<(), ArchiveError>) + Send + 'static,
    ) {
        self.writer.send(Job::Append { document, row, at, done: Box::new(done) }).await;
    }

    /// Read a document; one that nobody has written is empty. Blocks.
    pub fn load(&self, document: &str) -> Result<Loaded, ArchiveError> {
        let conn = self.reader()?;
        let reading = conn.unchecked_transaction()?;
        load(&reading, document)
    }

    /// Remove a document's log, for good. Blocks.
    pub fn remove(&self, document: &str) -> Result<(), ArchiveError> {
        let document = document.to_owned();
        self.writer.wait(|done| Job::Remove { document, done })
    }

    /// How many bytes the logs, histories and snapshots of these documents take. Blocks.
    pub fn bytes_of<'d>(
        &self,
        documents: impl Iterator<Item = &'d str>,
    ) -> Result<Vec<u64>, ArchiveError> {
        let conn = self.reader()?;
        let reading = conn.unchecked_transaction()?;
        let mut sum = reading.prepare(
            "SELECT (SELECT coalesce(sum(length(bytes)), 0) FROM updates WHERE document = d.id)
                 + (SELECT coalesce(sum(length(bytes)), 0) FROM history WHERE document = d.id)
                 + (SELECT coalesce(max(length(bytes)), 0) FROM snapshots WHERE document = d.id)
             FROM documents d WHERE name = ?1",
        )?;
        documents
            .map(|name| Ok(sum.query_row([name], |row| row.get(0)).optional()?.unwrap_or(0)))
            .collect()
    }

    /// The numbers of the last rows of these documents; 0 of those that nobody has written. Blocks.
    pub fn last_numbers<'d>(
        &self,
        documents: impl Iterator<Item = &'d str>,
    ) -> Result<Vec<u64>, ArchiveError> {
        let conn = self.reader()?;
        documents.map(|name| Ok(find(&conn, name)?.map_or(0, |(_, last)| last))).collect()
    }

    /// Make a snapshot of the log up to a row, from what is on the disk, and let rows go into the history that two snapshots
    /// stand for.
    /// Blocks.
    pub fn compact(&self, document: &str, up_to: u64) -> Result<(), ArchiveError> {
        let conn = self.reader()?;
        let reading = conn.unchecked_transaction()?;
        let Some((id, last_number)) = find(&reading, document)? else { return Ok(()) };
        let mut known = snapshots(&reading, id)?;
        let from = known.first().map_or(0, |(up_to, _)| *up_to);
        if up_to <= from || up_to > last_number {
            return Ok(());
        }
        let (kept_to, runs) = history::runs(&reading, document, id, from, &known)?;
        let (_, snapshot) = known.swap_remove(0);
        let snapshot = snapshot.map_err(|what| damaged(document, what))?;
        let rows = rows(&reading, document, id, from, up_to)?;
        drop(reading);
        let all = snapshot.iter().chain(&rows).map(Vec::as_slice);
        let bytes = compact(all).map_err(|error: DocumentError| damaged(document, error))?;
        self.writer.wait(|done| Job::Snapshot {
            document: id,
            from,
            up_to,
            bytes,
            kept_to,
            runs,
            done,
        })
    }

    /// True when the database can be written to now. Blocks.
    pub fn is_ready(&self) -> bool {
        self.writer.wait(|done| Job::Probe { done }).is_ok()
    }

    fn reader(&self) -> Result<Connection, ArchiveError> {
        read_only(&self.path)
    }
}

/// Bring the tables of a folder that no relay serves to this version, and make those that are missing; a relay that serves
/// it has done so. Blocks.
///
/// # Errors
/// When the disk fails, or the tables are another program's or a later version's.
pub fn upgrade(folder: &Path) -> Result<(), ArchiveError> {
    let version =
        |conn: Connection| conn.pragma_query_value(None, "user_version", |row| row.get(0));
    let path = folder.join(FILE);
    // While it is open here, a relay could not start.
    if read_only(&path).and_then(|conn| Ok(version(conn)?)).is_ok_and(|known: i32| known == VERSION)
    {
        return Ok(());
    }
    match Archive::open(folder, None) {
        Ok(_) | Err(ArchiveError::InUse(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Read every document that a folder holds, also while a relay has it open: how many there are. Blocks.
///
/// # Errors
/// At the first that does not come out whole.
pub fn verify(folder: &Path) -> Result<u64, ArchiveError> {
    let conn = read_only(&folder.join(FILE))?;
    let fault: String = conn.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
    if fault != "ok" {
        return Err(ArchiveError::Disk(fault));
    }
    let mut names = conn.prepare("SELECT name FROM documents ORDER BY name")?;
    let names = names.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    for name in &names {
        let reading = conn.unchecked_transaction()?;
        let loaded = load(&reading, name)?;
        let Some((id, last_number)) = find(&reading, name)? else { continue };
        let all = history::everything(&reading, name, id, last_number)?;
        let replayed = Replica::open(all.iter().map(history::Run::bytes));
        if !replayed.map_err(|error| damaged(name, error))?.is_same(&loaded.replica) {
            return Err(damaged(name, "its history does not lead to what it holds"));
        }
    }
    Ok(names.len() as u64)
}

fn read_only(path: &Path) -> Result<Connection, ArchiveError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::from_secs(5))?;
    Ok(conn)
}

fn load(conn: &Connection, document: &str) -> Result<Loaded, ArchiveError> {
    let Some((id, last_number)) = find(conn, document)? else {
        let replica = Replica::default();
        return Ok(Loaded { replica, last_number: 0, since_snapshot: (0, 0) });
    };
    let mut fault = None;
    for (from, snapshot) in snapshots(conn, id)? {
        let tail =
            snapshot.map_err(|what| damaged(document, what)).and_then(|snapshot| match snapshot {
                Some(_) => Ok((snapshot, rows(conn, document, id, from, last_number)?)),
                None => {
                    let all = history::everything(conn, document, id, last_number)?;
                    Ok((None, all.into_iter().map(history::Run::into_bytes).collect()))
                }
            });
        let opened = tail.and_then(|(snapshot, tail)| {
            let all = snapshot.iter().chain(&tail).map(Vec::as_slice);
            let replica = Replica::open(all).map_err(|error| damaged(document, error))?;
            let bytes = tail.iter().map(|update| update.len() as u64).sum();
            Ok(Loaded { replica, last_number, since_snapshot: (tail.len() as u64, bytes) })
        });
        match opened {
            Ok(loaded) => {
                if let Some(fault) = fault {
                    tracing::error!(document, %fault, "an earlier snapshot was used");
                }
                return Ok(loaded);
            }
            Err(error) => fault = fault.or(Some(error)),
        }
    }
    Err(fault.unwrap_or_else(|| damaged(document, "it has neither rows nor snapshots")))
}

fn find(conn: &Connection, document: &str) -> Result<Option<(i64, u64)>, ArchiveError> {
    let found = conn
        .prepare("SELECT id, last_number FROM documents WHERE name = ?1")?
        .query_row([document], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found)
}

type Snapshot = (u64, Result<Option<Vec<u8>>, &'static str>);

/// The snapshots of a document, the newest first; the last is none, and stands for reading all rows.
fn snapshots(conn: &Connection, document: i64) -> Result<Vec<Snapshot>, ArchiveError> {
    let mut found = conn
        .prepare("SELECT up_to, bytes, sum FROM snapshots WHERE document = ?1 ORDER BY up_to DESC")?
        .query_map([document], |row| {
            let (bytes, sum): (Vec<u8>, Vec<u8>) = (row.get(1)?, row.get(2)?);
            let is_whole = sum == sum_of(&bytes);
            Ok((row.get(0)?, if is_whole { Ok(Some(bytes)) } else { Err("a snapshot's sum") }))
        })?
        .collect::<Result<Vec<Snapshot>, _>>()?;
    found.push((0, Ok(None)));
    Ok(found)
}

/// The rows after `from` up to `to`, without a gap.
fn rows(
    conn: &Connection,
    document: &str,
    id: i64,
    from: u64,
    to: u64,
) -> Result<Vec<Vec<u8>>, ArchiveError> {
    let mut statement = conn.prepare(
        "SELECT number, bytes, sum FROM updates
         WHERE document = ?1 AND number > ?2 AND number <= ?3 ORDER BY number",
    )?;
    let mut found = statement.query(params![id, from, to])?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let (number, bytes, sum): (u64, Vec<u8>, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if number != from + rows.len() as u64 + 1 {
            return Err(damaged(document, format!("rows before {number} are missing")));
        }
        if sum != sum_of(&bytes) {
            return Err(damaged(document, format!("the sum of row {number}")));
        }
        rows.push(bytes);
    }
    if from + rows.len() as u64 != to {
        return Err(damaged(document, format!("rows before {to} are missing")));
    }
    Ok(rows)
}

fn damaged(document: &str, what: impl ToString) -> ArchiveError {
    ArchiveError::Damaged { document: document.to_owned(), what: what.to_string() }
}

/// SQLite does not notice when a disk gives back other bytes than it took.
fn sum_of(bytes: &[u8]) -> [u8; 8] {
    let mut sum = [0; 8];
    sum.copy_from_slice(&Sha256::digest(bytes)[..8]);
    sum
}
