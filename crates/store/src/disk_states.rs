//! What a file of a linked folder held when its document and the disk agreed, so that a later
//! difference can be told apart: what the author wrote here, and what another program wrote there.
//!
//! The oldest state is the one that both last had in common for certain. What is about to be written
//! comes after it: after a crash the file is what it was, or what was to be written. Anything else,
//! be it a text that the file had long ago, another program has put there; so nothing older is kept.
//! It is a memory aid, not a truth: a repair of the database does not save it.

use crate::{ReadTx, Seq, StoreError, Thing, WriteTx, tx::bytes};
use quire_project::{ContentHash, FileId};

/// The contents of a file on disk, and the state of its document that they were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskState {
    /// The last update of the document that is part of it.
    pub seq: Seq,
    /// SHA-256 of the file's bytes.
    pub hash: ContentHash,
    /// The state itself, when the document never was in it alone: another program's edit of an earlier
    /// state, while something else was written here.
    pub merged: Option<Vec<u8>>,
}

impl ReadTx<'_> {
    /// The state that document and file last had in common, behind those of writes that may not have
    /// reached the disk, the newest first.
    pub fn disk_states(&self, file: FileId) -> Result<Vec<DiskState>, StoreError> {
        let sql = "SELECT d.seq, d.hash, d.merged FROM disk_states d JOIN files f ON f.key = d.file
                   WHERE f.id = ? ORDER BY d.key DESC";
        self.rows(sql, [file.0], |row| {
            let hash = ContentHash(bytes(row, 1)?);
            Ok(DiskState { seq: Seq(row.get(0)?), hash, merged: row.get(2)? })
        })
    }
}

impl WriteTx<'_> {
    /// Remember what a file is about to become.
    pub fn plan_disk_state(&self, file: FileId, state: &DiskState) -> Result<(), StoreError> {
        let found = self.row("SELECT key FROM files WHERE id = ?", [file.0], |row| row.get(0))?;
        let key: i64 = found.ok_or(StoreError::NotFound(Thing::File(file)))?;
        let sql = "INSERT INTO disk_states (file, seq, hash, merged) VALUES (?, ?, ?, ?)";
        self.insert(sql, (key, state.seq.0, state.hash.0, &state.merged)).map(drop)
    }

    /// A file has become what was planned: what it was before is past.
    pub fn reach_disk_state(&self, file: FileId, state: &DiskState) -> Result<(), StoreError> {
        let Some(planned) = self.planned(file, state)? else { return Ok(()) };
        let sql = "DELETE FROM disk_states WHERE key < ?1 AND file = (
                       SELECT file FROM disk_states WHERE key = ?1)";
        self.execute(sql, [planned]).map(drop)
    }

    /// A file has not become what was planned.
    pub fn forget_disk_state(&self, file: FileId, state: &DiskState) -> Result<(), StoreError> {
        let Some(planned) = self.planned(file, state)? else { return Ok(()) };
        self.execute("DELETE FROM disk_states WHERE key = ?", [planned]).map(drop)
    }

    /// A file was looked at: it and its document have this in common, and no earlier state counts.
    pub fn agree_on_disk_state(&self, file: FileId, state: &DiskState) -> Result<(), StoreError> {
        let sql = "DELETE FROM disk_states WHERE file = (SELECT key FROM files WHERE id = ?)";
        self.execute(sql, [file.0])?;
        self.plan_disk_state(file, state)
    }

    fn planned(&self, file: FileId, state: &DiskState) -> Result<Option<i64>, StoreError> {
        let sql = "SELECT max(d.key) FROM disk_states d JOIN files f ON f.key = d.file
                   WHERE f.id = ? AND d.seq = ? AND d.hash = ?";
        Ok(self.row(sql, (file.0, state.seq.0, state.hash.0), |row| row.get(0))?.flatten())
    }
}
