//! Snapshots: the state of a document after some update, so that loading need not replay the whole
//! log. A snapshot is a cache: the log before it stays, and a damaged snapshot is passed over.

use crate::{
    ReadTx, Seq, StoreError, Thing, Update, WriteTx,
    documents::{row_key, row_keys, seq_of},
    updates::sum,
};
use quire_project::{DocumentId, UnixMs};

/// A state of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// The last update that is part of it.
    pub through: Seq,
    /// The state, as one update.
    pub state: Vec<u8>,
}

/// What a document at some point is made of: apply the snapshot, then the updates in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The newest sound snapshot not past the point.
    pub snapshot: Option<Snapshot>,
    /// What came after it, up to the point.
    pub updates: Vec<Update>,
    /// How many updates between the snapshot and the point a repair could not save. 0 unless the
    /// database was damaged once; else text may be missing, which the user must be told.
    pub missing: u64,
}

impl ReadTx<'_> {
    /// A document as it is now.
    pub fn load(&self, document: DocumentId) -> Result<Loaded, StoreError> {
        self.load_at(document, self.document(document)?.last)
    }

    /// A document as it was after update `at`.
    pub fn load_at(&self, document: DocumentId, at: Seq) -> Result<Loaded, StoreError> {
        let key = self.document_key(document)?;
        let last = self.last_seq(key)?;
        if at > last {
            return Err(StoreError::NotFound(Thing::Update(document, at.0)));
        }
        let snapshot = self.newest_snapshot(key, at)?;
        let after = snapshot.as_ref().map_or(Seq(0), |snapshot| snapshot.through);
        let updates = self.updates(document, after, at)?;
        let missing = at.0 - after.0 - updates.len() as u64;
        Ok(Loaded { snapshot, updates, missing })
    }

    fn newest_snapshot(&self, key: i64, at: Seq) -> Result<Option<Snapshot>, StoreError> {
        let mut statement = self.prepare(
            "SELECT key, sum, state FROM snapshots WHERE key > ? AND key <= ? ORDER BY key DESC",
        )?;
        let mut rows = statement.query((row_keys(key).start, row_key(key, at)))?;
        while let Some(row) = rows.next()? {
            let state: Vec<u8> = row.get(2)?;
            if row.get::<_, i64>(1)? == sum(row.get(0)?, &state) {
                return Ok(Some(Snapshot { through: seq_of(row.get(0)?), state }));
            }
        }
        Ok(None)
    }
}

impl WriteTx<'_> {
    /// Keep the state of a document after update `through`. The caller has verified that it is what
    /// the log gives; here it is bytes.
    pub fn add_snapshot(
        &self,
        document: DocumentId,
        through: Seq,
        state: &[u8],
        now: UnixMs,
    ) -> Result<(), StoreError> {
        let key = self.document_key(document)?;
        if through == Seq(0) || through > self.last_seq(key)? {
            return Err(StoreError::NotFound(Thing::Update(document, through.0)));
        }
        let sql = "INSERT OR REPLACE INTO snapshots (key, time_ms, sum, state) VALUES (?, ?, ?, ?)";
        let row = row_key(key, through);
        self.execute(sql, (row, now.0, sum(row, state), state)).map(drop)
    }

    /// Forget all snapshots of a document but the newest `keep`; the log alone still gives every
    /// state. The number of those forgotten.
    pub fn thin_snapshots(&self, document: DocumentId, keep: u32) -> Result<usize, StoreError> {
        let keys = row_keys(self.document_key(document)?);
        let sql = "DELETE FROM snapshots WHERE key IN (
                       SELECT key FROM snapshots WHERE key >= ? AND key < ?
                       ORDER BY key DESC LIMIT -1 OFFSET ?)";
        self.execute(sql, (keys.start, keys.end, keep))
    }
}
