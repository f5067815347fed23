//! What a file of a linked folder held when its document and the disk agreed, so that a later
//! difference can be told apart: what the author wrote here, and what another program wrote there.
//!
//! A state is remembered before the file is written: after a crash in between, either the old or
//! the new contents are found on disk, and both are known. It is a memory aid, not a truth: a
//! repair of the database does not save it.

use crate::{ReadTx, Seq, StoreError, Thing, WriteTx, tx::bytes};
use quire_project::{ContentHash, FileId};

/// States kept of each file: more than one write can be under way when the power goes.
const KEPT: u32 = 8;

/// The contents of a file on disk, and the point of its document's history that they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskState {
    /// The last update that is part of it.
    pub seq: Seq,
    /// SHA-256 of the file's bytes.
    pub hash: ContentHash,
}

impl ReadTx<'_> {
    /// The states of a file that are remembered, the newest first.
    pub fn disk_states(&self, file: FileId) -> Result<Vec<DiskState>, StoreError> {
        let sql = "SELECT d.seq, d.hash FROM disk_states d JOIN files f ON f.key = d.file
                   WHERE f.id = ? ORDER BY d.key DESC";
        self.rows(sql, [file.0], |row| {
            Ok(DiskState { seq: Seq(row.get(0)?), hash: ContentHash(bytes(row, 1)?) })
        })
    }
}

impl WriteTx<'_> {
    /// Remember a state of a file; of the earlier ones a few are kept.
    pub fn remember_disk_state(&self, file: FileId, state: DiskState) -> Result<(), StoreError> {
        let found = self.row("SELECT key FROM files WHERE id = ?", [file.0], |row| row.get(0))?;
        let key: i64 = found.ok_or(StoreError::NotFound(Thing::File(file)))?;
        let sql = "INSERT INTO disk_states (file, seq, hash) VALUES (?, ?, ?)";
        self.insert(sql, (key, state.seq.0, state.hash.0))?;
        let sql = "DELETE FROM disk_states WHERE file = ?1 AND key NOT IN (
                       SELECT key FROM disk_states WHERE file = ?1 ORDER BY key DESC LIMIT ?2)";
        self.execute(sql, (key, KEPT)).map(drop)
    }

    /// Forget a state that the file did not come to: kept, many of them would take the place of the one
    /// that it has.
    pub fn forget_disk_state(&self, file: FileId, state: DiskState) -> Result<(), StoreError> {
        let sql = "DELETE FROM disk_states WHERE key = (
                       SELECT max(d.key) FROM disk_states d JOIN files f ON f.key = d.file
                       WHERE f.id = ? AND d.seq = ? AND d.hash = ?)";
        self.execute(sql, (file.0, state.seq.0, state.hash.0)).map(drop)
    }
}
