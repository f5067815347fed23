//! Blobs: bytes found by their SHA-256, kept once however many files hold them, in pieces so that a
//! large figure neither fills memory nor keeps a keystroke waiting.

use crate::{ReadTx, Store, StoreError, Thing, WriteTx, documents::Seq};
use quire_project::{ContentHash, Hasher, UnixMs};
use std::io::{self, Read, Write};

/// Bytes of one piece, and of one job of the writer.
const CHUNK: usize = 512 * 1024;

/// Why bytes could not be brought into the store, or out of it.
fn stream_failed(error: &io::Error) -> StoreError {
    StoreError::Disk(error.to_string())
}

impl Store {
    /// Store all that `source` gives and wait until it is durable. Each piece is a job of its own,
    /// between which other jobs go on. Until a file holds the blob, [`WriteTx::collect_blobs`] may
    /// take it when its grace time is over.
    ///
    /// Errors: those of the writer, and [`StoreError::Disk`] when `source` fails; no blob is left
    /// then, nor after a crash.
    pub fn put_blob(
        &self,
        source: &mut dyn Read,
        now: UnixMs,
    ) -> Result<(ContentHash, u64), StoreError> {
        let key = self.write(move |tx| {
            tx.insert("INSERT INTO blobs (hash, bytes, used_ms) VALUES (NULL, 0, ?)", [now.0])
        })?;
        let stored = self.store_chunks(key, source).and_then(|(hash, bytes)| {
            self.write(move |tx| tx.finish_blob(key, hash, bytes, now))?;
            Ok((hash, bytes))
        });
        if stored.is_err() {
            // If this fails too the next opening does it.
            let delete = "DELETE FROM blobs WHERE key = ? AND hash IS NULL";
            let _ = self.write(move |tx| tx.execute(delete, [key]));
        }
        stored
    }

    fn store_chunks(
        &self,
        key: i64,
        source: &mut dyn Read,
    ) -> Result<(ContentHash, u64), StoreError> {
        let mut hasher = Hasher::default();
        let mut total = 0;
        for number in 0.. {
            let mut chunk = Vec::new();
            source.take(CHUNK as u64).read_to_end(&mut chunk).map_err(|e| stream_failed(&e))?;
            if chunk.is_empty() {
                break;
            }
            hasher.update(&chunk);
            total += chunk.len() as u64;
            self.write(move |tx| {
                let row = crate::documents::row_key(key, Seq(number));
                tx.insert("INSERT INTO blob_chunks (key, bytes) VALUES (?, ?)", (row, chunk))
            })?;
        }
        Ok((hasher.finish(), total))
    }
}

impl ReadTx<'_> {
    /// True when the blob is in the store.
    pub fn has_blob(&self, hash: ContentHash) -> Result<bool, StoreError> {
        let found = self.row("SELECT 1 FROM blobs WHERE hash = ?", [hash.0], |_| Ok(()))?;
        Ok(found.is_some())
    }

    /// Write a blob to `sink`, piece by piece; the number of bytes.
    ///
    /// Whether they are the right ones is known at the end: when the hash differs the error is
    /// [`StoreError::Damaged`], and what was written must be thrown away.
    pub fn copy_blob(&self, hash: ContentHash, sink: &mut dyn Write) -> Result<u64, StoreError> {
        let keys = crate::documents::row_keys(self.blob_key(hash)?);
        let mut statement =
            self.prepare("SELECT bytes FROM blob_chunks WHERE key >= ? AND key < ? ORDER BY key")?;
        let mut rows = statement.query((keys.start, keys.end))?;
        let mut hasher = Hasher::default();
        let mut total = 0;
        while let Some(row) = rows.next()? {
            let chunk = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            hasher.update(chunk);
            total += chunk.len() as u64;
            sink.write_all(chunk).map_err(|error| stream_failed(&error))?;
        }
        if hasher.finish() != hash {
            return Err(StoreError::Damaged(Thing::Blob(hash).to_string()));
        }
        Ok(total)
    }

    /// All bytes of a blob, verified.
    pub fn blob(&self, hash: ContentHash) -> Result<Vec<u8>, StoreError> {
        let mut bytes = Vec::new();
        self.copy_blob(hash, &mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn blob_key(&self, hash: ContentHash) -> Result<i64, StoreError> {
        self.row("SELECT key FROM blobs WHERE hash = ?", [hash.0], |row| row.get(0))?
            .ok_or(StoreError::NotFound(Thing::Blob(hash)))
    }
}

impl WriteTx<'_> {
    /// Delete the blobs that no file, in a tree or in a trash, has held for `grace_ms`
    /// milliseconds; their number.
    pub fn collect_blobs(&self, now: UnixMs, grace_ms: i64) -> Result<usize, StoreError> {
        let sql = "DELETE FROM blobs WHERE hash IS NOT NULL AND used_ms <= ?
                   AND key NOT IN (SELECT blob FROM files WHERE blob IS NOT NULL)";
        self.execute(sql, [now.0.saturating_sub(grace_ms)])
    }

    /// The blob's key; its grace time begins anew.
    pub(crate) fn use_blob(&self, hash: ContentHash, now: UnixMs) -> Result<i64, StoreError> {
        let key = self.blob_key(hash)?;
        let sql = "UPDATE blobs SET used_ms = max(used_ms, ?) WHERE key = ?";
        self.execute(sql, (now.0, key))?;
        Ok(key)
    }

    fn finish_blob(
        &self,
        key: i64,
        hash: ContentHash,
        bytes: u64,
        now: UnixMs,
    ) -> Result<(), StoreError> {
        if self.has_blob(hash)? {
            self.use_blob(hash, now)?;
            return self.execute("DELETE FROM blobs WHERE key = ?", [key]).map(drop);
        }
        let sql = "UPDATE blobs SET hash = ?, bytes = ?, used_ms = ? WHERE key = ?";
        self.execute(sql, (hash.0, bytes, now.0, key)).map(drop)
    }

    /// What an upload left that a crash ended.
    pub(crate) fn drop_unfinished_blobs(&self) -> Result<(), StoreError> {
        self.execute("DELETE FROM blobs WHERE hash IS NULL", []).map(drop)
    }
}
