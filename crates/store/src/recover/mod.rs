//! Repair of a damaged database: what can be read goes, table by table, into a new one; the damaged
//! files are set aside as they are. Until the last step the damaged database stays where it was, so
//! that a repair that is cut short can begin again.

mod graft;
mod mend;
mod salvage;

use crate::{
    StoreError,
    check::{quick_check, trust},
    open::{beside, connect, lock},
    schema,
};
use quire_project::{DocumentId, ProjectPath, UnixMs};
use rusqlite::Connection;
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// What a repair saved and what it could not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recovery {
    /// The damaged database, as it was found; its log, if it had one, has `-wal` after the name.
    pub set_aside: PathBuf,
    /// Each table that was read.
    pub tables: Vec<TableLoss>,
    /// Documents of whose updates some are lost, also those that a snapshot makes up for.
    pub documents: Vec<DocumentDamage>,
    /// Files whose contents are lost altogether.
    pub lost_files: Vec<ProjectPath>,
    /// Files that were found without a name or without a project: they are in a project called
    /// "Recovered" now.
    pub found_files: Vec<ProjectPath>,
}

/// How much of a table was saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableLoss {
    /// Its name.
    pub table: &'static str,
    /// Rows that were saved.
    pub saved: u64,
    /// Places where one row or more could not be read, or were not what the table may hold. How many
    /// rows were there cannot be known.
    pub broken_places: u64,
}

/// A document with gaps in its log. An end of the log that is lost without a trace is not seen here:
/// see the broken places of the table `updates`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentDamage {
    /// The document.
    pub document: DocumentId,
    /// Its file.
    pub path: Option<ProjectPath>,
    /// Updates that are lost.
    pub missing: u64,
    /// Those of them that are not part of a snapshot either: when this is 0 the text is whole and
    /// only its history is not.
    pub missing_now: u64,
}

impl Recovery {
    /// True when every row was read and every file has its contents.
    pub fn is_complete(&self) -> bool {
        self.tables.iter().all(|table| table.broken_places == 0)
            && self.documents.is_empty()
            && self.lost_files.is_empty()
    }
}

/// Repair the database at `path`, which no [`crate::Store`] may have open, and put the repaired one
/// in its place. `now` becomes part of the name of the damaged one.
///
/// Client ids of the editing sessions before must not be used again: the end of a log may be lost.
///
/// Errors: `InUse`, `DiskFull` (a repair needs twice the space of the database), `ReadOnly`, `Disk`,
/// `NewerVersion`, `Foreign`; the damaged database is where it was.
pub fn recover(path: &Path, now: UnixMs) -> Result<Recovery, StoreError> {
    let _lock = lock(path)?;
    finish_swap(path)?;
    let (copy, new) = (beside(path, "salvage"), beside(path, "recovered"));
    for database in [&copy, &new] {
        remove(database)?;
    }
    let repaired = rebuild(path, &copy, &new);
    remove(&copy)?;
    match repaired {
        Ok(mut recovery) => {
            recovery.set_aside = swap(path, &new, now)?;
            trust(path)?;
            Ok(recovery)
        }
        Err(error) => {
            // The reason of the failure says more than that cleaning up after it failed too.
            let _ = remove(&new);
            Err(error)
        }
    }
}

/// Make the database at `new` from a copy of the damaged one.
fn rebuild(path: &Path, copy: &Path, new: &Path) -> Result<Recovery, StoreError> {
    copy_file(path, copy)?;
    if beside(path, "wal").exists() {
        copy_file(&beside(path, "wal"), &beside(copy, "wal"))?;
    }
    let (damaged, version) = graft::open_damaged(copy, new)?;
    let mut saved = connect(new)?;
    saved.pragma_update(None, "foreign_keys", false)?;
    schema::migrate(&mut saved, &schema::MIGRATIONS[..version])?;
    saved.execute_batch("BEGIN IMMEDIATE")?;
    let tables = salvage::tables(&damaged, &saved)?;
    let mut recovery = Recovery {
        set_aside: PathBuf::new(),
        tables,
        documents: Vec::new(),
        lost_files: Vec::new(),
        found_files: Vec::new(),
    };
    mend::mend(&saved, &mut recovery)?;
    saved.execute_batch("COMMIT")?;
    schema::migrate(&mut saved, schema::MIGRATIONS)?;
    sound(&saved)?;
    saved.close().map_err(|(_, error)| StoreError::from(error))?;
    Ok(recovery)
}

/// The new database must be beyond doubt before it takes the place of the old.
fn sound(conn: &Connection) -> Result<(), StoreError> {
    if let Some(fault) = quick_check(conn)?.first() {
        return Err(StoreError::Damaged(fault.clone()));
    }
    let dangling: u32 =
        conn.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))?;
    match dangling {
        0 => Ok(()),
        _ => Err(StoreError::Damaged(format!("{dangling} rows refer to nothing"))),
    }
}

/// Set the damaged database aside and put the new one in its place. The order matters:
/// [`finish_swap`] can go on from every point at which this may be cut short.
fn swap(path: &Path, new: &Path, now: UnixMs) -> Result<PathBuf, StoreError> {
    let aside = beside(path, &format!("damaged-{}", now.0));
    if beside(path, "wal").exists() {
        copy_file(&beside(path, "wal"), &beside(&aside, "wal"))?;
    }
    fs::rename(path, &aside).map_err(|error| StoreError::io(path, &error))?;
    sync_folder(path)?;
    debug_assert!(new.exists());
    finish_swap(path)?;
    Ok(aside)
}

/// Finish, or clear away, what a repair left that was cut short.
pub(crate) fn finish_swap(path: &Path) -> Result<(), StoreError> {
    let new = beside(path, "recovered");
    if !new.exists() {
        return Ok(());
    }
    if path.exists() {
        return remove(&new);
    }
    // A log that does not belong to the new database; a copy of it is beside the damaged one.
    remove(path)?;
    fs::rename(&new, path).map_err(|error| StoreError::io(&new, &error))?;
    sync_folder(path)
}

/// Delete a database with its log.
fn remove(path: &Path) -> Result<(), StoreError> {
    for file in [path.to_owned(), beside(path, "wal"), beside(path, "shm")] {
        match fs::remove_file(&file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(StoreError::io(&file, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

fn copy_file(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::copy(from, to).map_err(|error| StoreError::io(from, &error))?;
    let copy = fs::File::options().write(true).open(to);
    copy.and_then(|file| file.sync_all()).map_err(|error| StoreError::io(to, &error))
}

/// Make renames in the folder of `path` durable. Windows has no call for it and needs none.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    if cfg!(unix) {
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let synced = fs::File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| StoreError::io(folder, &error))?;
    }
    Ok(())
}
