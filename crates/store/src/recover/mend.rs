//! Makes whole what was saved: what fails its check sum goes, what lost its owner gets a new one,
//! and what is missing is written down.

use super::{DocumentDamage, Recovery};
use crate::{
    ReadTx, StoreError, WriteTx,
    documents::row_keys,
    files::{checked, folded},
    updates::sum,
};
use quire_project::{ContentHash, DocumentId, Hasher, ProjectPath};
use rusqlite::Connection;

/// The project that takes in what has none.
const RECOVERED: &str = "Recovered";

/// Mend the rows that were salvaged into `conn`, in its open transaction, with foreign keys off.
pub(super) fn mend(conn: &Connection, recovery: &mut Recovery) -> Result<(), StoreError> {
    let tx = WriteTx::new(conn);
    drop_false_bytes(&tx, recovery)?;
    adopt_documents(&tx)?;
    drop_misnamed_files(&tx)?;
    drop_empty_files(&tx, recovery)?;
    adopt_projects(&tx)?;
    name_documents(&tx, recovery)?;
    for sql in [
        "DELETE FROM project_tags WHERE project NOT IN (SELECT key FROM projects)",
        "DELETE FROM versions WHERE document NOT IN (SELECT key FROM documents)",
        "UPDATE projects SET root_file = NULL WHERE root_file NOT IN (SELECT key FROM files)",
        "UPDATE files SET indexed_seq = NULL",
    ] {
        tx.execute(sql, [])?;
    }
    recovery.documents = damage(&tx)?;
    Ok(())
}

/// Updates, snapshots and blobs that are not what was stored.
fn drop_false_bytes(tx: &WriteTx<'_>, recovery: &mut Recovery) -> Result<(), StoreError> {
    for (table, column) in [("updates", "payload"), ("snapshots", "state")] {
        let mut false_keys = Vec::new();
        let mut statement = tx.prepare(&format!("SELECT key, sum, {column} FROM {table}"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)?;
            if sum(row.get(0)?, bytes) != row.get::<_, i64>(1)? {
                false_keys.push(row.get::<_, i64>(0)?);
            }
        }
        for key in &false_keys {
            tx.execute(&format!("DELETE FROM {table} WHERE key = ?"), [key])?;
        }
        count(recovery, table, false_keys.len() as u64);
    }
    let blobs = tx.rows("SELECT key, hash FROM blobs", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, Option<[u8; 32]>>(1)?))
    })?;
    for (key, hash) in blobs {
        let whole = match hash {
            Some(hash) => hash_of_chunks(tx, key)? == ContentHash(hash),
            // An upload that was never finished is no loss.
            None => false,
        };
        if !whole {
            tx.execute("DELETE FROM blobs WHERE key = ?", [key])?;
            count(recovery, "blobs", u64::from(hash.is_some()));
        }
    }
    tx.execute("DELETE FROM blob_chunks WHERE key >> 32 NOT IN (SELECT key FROM blobs)", [])?;
    Ok(())
}

fn hash_of_chunks(tx: &ReadTx<'_>, blob: i64) -> Result<ContentHash, StoreError> {
    let keys = row_keys(blob);
    let mut statement =
        tx.prepare("SELECT bytes FROM blob_chunks WHERE key >= ? AND key < ? ORDER BY key")?;
    let mut rows = statement.query((keys.start, keys.end))?;
    let mut hasher = Hasher::default();
    while let Some(row) = rows.next()? {
        hasher.update(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?);
    }
    Ok(hasher.finish())
}

/// Rows that turn out to be false were counted as saved.
fn count(recovery: &mut Recovery, table: &str, lost: u64) {
    if let Some(loss) = recovery.tables.iter_mut().find(|loss| loss.table == table) {
        loss.saved = loss.saved.saturating_sub(lost);
        loss.broken_places += lost;
    }
}

/// A document of which only the log is left gets a new lineage: which one it was is not known.
fn adopt_documents(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    let sql = "SELECT key >> 32, min(time_ms) FROM
                   (SELECT key, time_ms FROM updates UNION ALL SELECT key, time_ms FROM snapshots)
               GROUP BY key >> 32 HAVING key >> 32 NOT IN (SELECT key FROM documents)";
    let orphans = tx.rows(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    for (key, time) in orphans {
        let sql = "INSERT INTO documents (key, id, created_ms) VALUES (?, ?, ?)";
        tx.insert(sql, (key, derived_id("document", key, time), time))?;
    }
    // A document without a single update or snapshot has no text to show; nothing has been said in
    // a discussion like that.
    let sql = "DELETE FROM documents WHERE
               NOT EXISTS (SELECT 1 FROM updates u WHERE u.key >> 32 = documents.key) AND
               NOT EXISTS (SELECT 1 FROM snapshots s WHERE s.key >> 32 = documents.key)";
    tx.execute(sql, []).map(drop)
}

/// An id for what lost its own: the same when the repair is done again, and unlike any other.
fn derived_id(what: &str, key: i64, time: i64) -> [u8; 16] {
    let mut hasher = Hasher::default();
    hasher.field(b"recovered");
    hasher.field(what.as_bytes());
    hasher.field(&key.to_be_bytes());
    hasher.field(&time.to_be_bytes());
    let mut id = [0; 16];
    id.copy_from_slice(&hasher.finish().0[..16]);
    id
}

fn drop_empty_files(tx: &WriteTx<'_>, recovery: &mut Recovery) -> Result<(), StoreError> {
    // NULL is not in an empty list: without IS NOT NULL a database without blobs loses every text.
    let sql = "SELECT key, path FROM files
               WHERE (document IS NOT NULL AND document NOT IN (SELECT key FROM documents))
               OR (blob IS NOT NULL AND blob NOT IN (SELECT key FROM blobs)) ORDER BY path";
    for (key, path) in
        tx.rows(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?
    {
        tx.execute("DELETE FROM files WHERE key = ?", [key])?;
        recovery.lost_files.push(checked(&path)?);
    }
    Ok(())
}

/// Names that nothing of ours has written. The document, if there is one, gets a new name below.
fn drop_misnamed_files(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    let files = tx.rows("SELECT key, path FROM files", [], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    })?;
    for (key, path) in files {
        if ProjectPath::new(&path).is_ok_and(|sound| sound.as_str() == path) {
            continue;
        }
        // The document must not go with its file.
        tx.execute("UPDATE files SET document = NULL, blob = 0 WHERE key = ?", [key])?;
        tx.execute("DELETE FROM files WHERE key = ?", [key])?;
    }
    Ok(())
}

/// Projects that are gone, but whose files or discussion are not.
fn adopt_projects(tx: &WriteTx<'_>) -> Result<(), StoreError> {
    let sql = "SELECT project, max(time_ms) FROM
                   (SELECT project, modified_ms AS time_ms FROM files UNION ALL
                    SELECT discusses, created_ms FROM documents WHERE discusses IS NOT NULL)
               WHERE project NOT IN (SELECT key FROM projects) GROUP BY project";
    for (key, time) in tx.rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))? {
        make_project(tx, Some(key), time)?;
    }
    Ok(())
}

fn make_project(tx: &WriteTx<'_>, key: Option<i64>, time: i64) -> Result<i64, StoreError> {
    let sql = "INSERT INTO projects (key, id, name, created_ms, opened_ms, state, state_since_ms,
               engine, settings) VALUES (?1, ?2, ?3, ?4, ?4, 'active', ?4, '', '{}')";
    let id = derived_id("project", key.unwrap_or(0), time);
    tx.insert(sql, (key, id, RECOVERED, time))
}

/// Documents that no file shows become files of a project of their own.
fn name_documents(tx: &WriteTx<'_>, recovery: &mut Recovery) -> Result<(), StoreError> {
    let sql = "SELECT key, created_ms FROM documents
               WHERE key NOT IN (SELECT document FROM files WHERE document IS NOT NULL)
               AND discusses IS NULL ORDER BY key";
    let nameless = tx.rows(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    let Some(newest) = nameless.iter().map(|(_, time)| *time).max() else { return Ok(()) };
    let project = make_project(tx, None, newest)?;
    for (i, (key, time)) in nameless.into_iter().enumerate() {
        let path = checked(&format!("recovered-{}.tex", i + 1))?;
        let sql = "INSERT INTO files (id, project, path, folded, document, modified_ms)
                   VALUES (?, ?, ?, ?, ?, ?)";
        let id = derived_id("file", key, time);
        tx.insert(sql, (id, project, path.as_str(), folded(path.as_str()), key, time))?;
        recovery.found_files.push(path);
    }
    Ok(())
}

/// Documents with gaps in the log.
fn damage(tx: &WriteTx<'_>) -> Result<Vec<DocumentDamage>, StoreError> {
    let sql = "SELECT d.key, d.id, f.path FROM documents d LEFT JOIN files f ON f.document = d.key
               ORDER BY d.key";
    let documents = tx.rows(sql, [], |row| {
        Ok((row.get::<_, i64>(0)?, DocumentId(row.get(1)?), row.get::<_, Option<String>>(2)?))
    })?;
    let mut found = Vec::new();
    for (key, document, path) in documents {
        let keys = row_keys(key);
        let sql = "SELECT count(*) FROM updates WHERE key >= ? AND key < ?";
        let updates = tx.row(sql, (keys.start, keys.end), |row| row.get::<_, u64>(0))?;
        let missing = tx.last_seq(key)?.0 - updates.unwrap_or(0);
        if missing > 0 {
            let path: Option<ProjectPath> = path.as_deref().map(checked).transpose()?;
            let missing_now = tx.load(document)?.missing;
            found.push(DocumentDamage { document, path, missing, missing_now });
        }
    }
    Ok(found)
}
