//! The append-only log of a document: opaque updates (Yjs update format, version 1) in the order in
//! which they were applied. A row is never changed; it goes when its document is deleted for good.

use crate::{
    ReadTx, Seq, StoreError, Thing, WriteTx,
    documents::{row_key, row_keys, seq_of},
};
use quire_project::{DocumentId, Hasher, UnixMs};

/// One update of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Update {
    /// Its number.
    pub seq: Seq,
    /// When it was appended.
    pub time: UnixMs,
    /// Who made it, as was said when it was appended.
    pub author: String,
    /// The update itself.
    pub payload: Vec<u8>,
}

impl ReadTx<'_> {
    /// The updates after `after` up to and with `through`, in order. A number that a repair could
    /// not save is left out.
    ///
    /// Errors: `NotFound` for the document; `Damaged` when the bytes are not those that were
    /// appended.
    pub fn updates(
        &self,
        document: DocumentId,
        after: Seq,
        through: Seq,
    ) -> Result<Vec<Update>, StoreError> {
        let key = self.document_key(document)?;
        let sql = "SELECT u.key, u.time_ms, coalesce(a.label, ''), u.sum, u.payload
                   FROM updates u LEFT JOIN authors a ON a.key = u.author
                   WHERE u.key > ? AND u.key <= ? ORDER BY u.key";
        let rows = self.rows(sql, (row_key(key, after), row_key(key, through)), |row| {
            let payload: Vec<u8> = row.get(4)?;
            let sound = row.get::<_, i64>(3)? == sum(row.get(0)?, &payload);
            let (seq, time) = (seq_of(row.get(0)?), UnixMs(row.get(1)?));
            Ok((Update { seq, time, author: row.get(2)?, payload }, sound))
        })?;
        rows.into_iter()
            .map(|(update, sound)| {
                let thing = Thing::Update(document, update.seq.0);
                sound.then_some(update).ok_or_else(|| StoreError::Damaged(thing.to_string()))
            })
            .collect()
    }

    /// The newest sequence number of a document, snapshots included: after a repair a snapshot may
    /// be newer than the last update that was saved.
    pub(crate) fn last_seq(&self, document: i64) -> Result<Seq, StoreError> {
        let keys = row_keys(document);
        let sql = "SELECT max(coalesce((SELECT max(key) FROM updates WHERE key >= ?1 AND key < ?2), ?1),
                              coalesce((SELECT max(key) FROM snapshots WHERE key >= ?1 AND key < ?2), ?1))";
        let last = self.row(sql, (keys.start, keys.end), |row| row.get(0))?;
        Ok(seq_of(last.unwrap_or(keys.start)))
    }
}

impl WriteTx<'_> {
    /// Append an update to a document. `author` is a label for the history, not an identity.
    pub fn append(
        &self,
        document: DocumentId,
        payload: &[u8],
        author: &str,
        now: UnixMs,
    ) -> Result<Seq, StoreError> {
        let key = self.document_key(document)?;
        let seq = Seq(self.last_seq(key)?.0 + 1);
        let author = self.author_key(author)?;
        let row = row_key(key, seq);
        let sql = "INSERT INTO updates (key, time_ms, author, sum, payload) VALUES (?, ?, ?, ?, ?)";
        self.insert(sql, (row, now.0, author, sum(row, payload), payload))?;
        Ok(seq)
    }

    fn author_key(&self, label: &str) -> Result<i64, StoreError> {
        let found =
            self.row("SELECT key FROM authors WHERE label = ?", [label], |row| row.get(0))?;
        match found {
            Some(key) => Ok(key),
            None => self.insert("INSERT INTO authors (label) VALUES (?)", [label]),
        }
    }
}

/// What tells bytes that have changed on the disk, or that have come under another key: SQLite
/// itself keeps no check sums.
pub(crate) fn sum(key: i64, payload: &[u8]) -> i64 {
    let mut hasher = Hasher::default();
    hasher.update(&key.to_be_bytes());
    hasher.update(payload);
    let [a, b, c, d, e, f, g, h, ..] = hasher.finish().0;
    i64::from_be_bytes([a, b, c, d, e, f, g, h])
}
