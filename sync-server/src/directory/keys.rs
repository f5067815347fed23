//! Keys that sign access tokens. The newest signs; older ones are kept until nothing that they signed is good any more.

use super::{KeyId, Result, Timestamp};
use rusqlite::{Connection, params};

/// A key as it is kept.
pub struct Kept {
    /// Its id, which tokens name.
    pub id: KeyId,
    /// PKCS #8, DER.
    pub private: Vec<u8>,
    /// Since when.
    pub created_at: Timestamp,
}

/// All keys, the newest first.
///
/// # Errors
/// When the disk fails.
pub fn list(conn: &Connection) -> Result<Vec<Kept>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, private, created_at FROM signing_keys ORDER BY created_at DESC, id",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Kept { id: row.get(0)?, private: row.get(1)?, created_at: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Add a key, which signs from now on.
///
/// # Errors
/// When the disk fails.
pub fn add(conn: &Connection, key: &Kept) -> Result<()> {
    conn.execute(
        "INSERT INTO signing_keys VALUES (?1, ?2, ?3)",
        params![key.id, key.private, key.created_at],
    )?;
    Ok(())
}

/// Remove the keys in whose place another was put before a time.
///
/// # Errors
/// When the disk fails.
pub fn remove_replaced_before(conn: &Connection, time: Timestamp) -> Result<()> {
    conn.execute(
        "DELETE FROM signing_keys AS old WHERE EXISTS (
             SELECT 1 FROM signing_keys AS new
             WHERE new.created_at > old.created_at AND new.created_at < ?1)",
        [time],
    )?;
    Ok(())
}
