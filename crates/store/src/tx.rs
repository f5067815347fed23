//! A reading and a writing transaction. The other files of this crate hang their operations on
//! these two types, one file per table.

use crate::StoreError;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Params, Row};
use std::ops::Deref;

/// One committed state of the database. Whatever is read through it belongs together.
#[derive(Clone, Copy)]
pub struct ReadTx<'c> {
    conn: &'c Connection,
}

/// A change of the database, kept as a whole or not at all. It reads its own changes.
pub struct WriteTx<'c> {
    read: ReadTx<'c>,
}

impl<'c> Deref for WriteTx<'c> {
    type Target = ReadTx<'c>;
    fn deref(&self) -> &ReadTx<'c> {
        &self.read
    }
}

impl<'c> ReadTx<'c> {
    pub(crate) fn new(conn: &'c Connection) -> Self {
        Self { conn }
    }

    pub(crate) fn prepare(&self, sql: &str) -> Result<CachedStatement<'c>, StoreError> {
        Ok(self.conn.prepare_cached(sql)?)
    }

    /// The only row, if there is one.
    pub(crate) fn row<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Option<T>, StoreError> {
        Ok(self.prepare(sql)?.query_row(params, read).optional()?)
    }

    /// All rows.
    pub(crate) fn rows<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        Ok(self.prepare(sql)?.query_map(params, read)?.collect::<rusqlite::Result<_>>()?)
    }
}

impl<'c> WriteTx<'c> {
    pub(crate) fn new(conn: &'c Connection) -> Self {
        Self { read: ReadTx::new(conn) }
    }

    /// Run a statement; the number of changed rows.
    /// The largest number of bytes that the database may have.
    pub(crate) fn set_max_bytes(&self, max_bytes: Option<u64>) -> Result<(), StoreError> {
        /// What SQLite itself has as the limit when none is set.
        const UNLIMITED: u64 = 0xffff_fffe;
        let conn = self.read.conn;
        let page: u64 = conn.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = max_bytes.map_or(UNLIMITED, |bytes| bytes / page);
        conn.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))?;
        Ok(())
    }

    pub(crate) fn execute(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        Ok(self.prepare(sql)?.execute(params)?)
    }

    /// Run an insertion; the key of the new row.
    pub(crate) fn insert(&self, sql: &str, params: impl Params) -> Result<i64, StoreError> {
        Ok(self.prepare(sql)?.insert(params)?)
    }
}

/// A column that holds an id or a hash.
pub(crate) fn bytes<const N: usize>(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; N]> {
    row.get(column)
}
