//! Documents: the lineage of a text. A document is made once, together with its first state, and
//! never seeded again: a text that is seeded twice is a text that holds everything twice.

use crate::{ReadTx, StoreError, Thing, WriteTx, updates::sum};
use quire_project::{DocumentId, UnixMs};
use std::ops::Range;

/// Number of an update within its document: 1 for the seed, then one more for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seq(pub u64);

/// What is known of a document without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Document {
    /// Its lineage.
    pub id: DocumentId,
    /// When it was seeded.
    pub created: UnixMs,
    /// The newest update.
    pub last: Seq,
}

/// Documents, and sequence numbers within one, each have this many bits of a row's key.
const SEQ_BITS: u32 = 32;

/// Key of an update or snapshot.
pub(crate) fn row_key(document: i64, seq: Seq) -> i64 {
    // A document cannot reach 2^32 updates: that is a keystroke a second for 136 years.
    (document << SEQ_BITS) | i64::from(u32::try_from(seq.0).unwrap_or(u32::MAX))
}

/// Keys of all updates or snapshots of a document.
pub(crate) fn row_keys(document: i64) -> Range<i64> {
    document << SEQ_BITS..(document + 1) << SEQ_BITS
}

/// The sequence number in a key.
pub(crate) fn seq_of(key: i64) -> Seq {
    Seq(u64::try_from(key & 0xffff_ffff).unwrap_or(0))
}

impl ReadTx<'_> {
    /// A document.
    pub fn document(&self, id: DocumentId) -> Result<Document, StoreError> {
        let found =
            self.row("SELECT key, created_ms FROM documents WHERE id = ?", [id.0], |row| {
                Ok((row.get(0)?, UnixMs(row.get(1)?)))
            })?;
        let (key, created) = found.ok_or(StoreError::NotFound(Thing::Document(id)))?;
        Ok(Document { id, created, last: self.last_seq(key)? })
    }

    pub(crate) fn document_key(&self, id: DocumentId) -> Result<i64, StoreError> {
        self.row("SELECT key FROM documents WHERE id = ?", [id.0], |row| row.get(0))?
            .ok_or(StoreError::NotFound(Thing::Document(id)))
    }
}

impl WriteTx<'_> {
    /// Make a document with its first state `seed`, which becomes update 1. It belongs to no file
    /// yet: [`WriteTx::create_text_file`] does both.
    pub(crate) fn create_document(
        &self,
        id: DocumentId,
        seed: &[u8],
        author: &str,
        now: UnixMs,
    ) -> Result<i64, StoreError> {
        if self.document_key(id).is_ok() {
            return Err(StoreError::Exists(Thing::Document(id)));
        }
        let sql = "INSERT INTO documents (id, created_ms) VALUES (?, ?)";
        let key = self.insert(sql, (id.0, now.0))?;
        self.append(id, seed, author, now)?;
        Ok(key)
    }

    /// Copy a document with its history into one of its own lineage.
    pub(crate) fn copy_document(
        &self,
        from: DocumentId,
        to: DocumentId,
    ) -> Result<i64, StoreError> {
        let source = self.document_key(from)?;
        let sql = "INSERT INTO documents (id, created_ms)
                   SELECT ?2, created_ms FROM documents WHERE key = ?1";
        let key = self.insert(sql, (source, to.0))?;
        self.copy_rows(source, key, "updates", "payload", "author")?;
        self.copy_rows(source, key, "snapshots", "state", "NULL")?;
        Ok(key)
    }

    /// Copy the rows of one document to another. Each check sum is verified and made anew, since the
    /// key is part of it: damage must not be signed as sound.
    fn copy_rows(
        &self,
        from: i64,
        to: i64,
        table: &str,
        bytes: &str,
        author: &str,
    ) -> Result<(), StoreError> {
        let keys = row_keys(from);
        let sql = format!(
            "SELECT key, time_ms, sum, {bytes}, {author} FROM {table} WHERE key >= ? AND key < ?"
        );
        let rows = self.rows(&sql, (keys.start, keys.end), |row| {
            let (key, time, bytes): (i64, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(3)?);
            let sound = row.get::<_, i64>(2)? == sum(key, &bytes);
            Ok((key, time, bytes, row.get::<_, Option<i64>>(4)?, sound))
        })?;
        let (column, value) = if author == "author" { (", author", ", ?5") } else { ("", "") };
        let sql = format!(
            "INSERT INTO {table} (key, time_ms, sum, {bytes}{column}) VALUES (?1, ?2, ?3, ?4{value})"
        );
        for (key, time, bytes, author, sound) in rows {
            if !sound {
                return Err(StoreError::Damaged(format!("row {key} of {table}")));
            }
            let key = row_key(to, seq_of(key));
            let sum = sum(key, &bytes);
            match author {
                Some(author) => self.insert(&sql, (key, time, sum, bytes, author))?,
                None => self.insert(&sql, (key, time, sum, bytes))?,
            };
        }
        Ok(())
    }
}
