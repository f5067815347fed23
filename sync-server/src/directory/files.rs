//! The files of a project that are not texts: pictures, data, fonts. A file is an id, a path and the hash of what it
//! holds; the bytes are kept by their hash, once, beside the database (see [`crate::blobs`]). Here is which of them a
//! project has: knowing a hash gives nobody the bytes of another project.

use super::{
    Act, BlobHash, DirectoryError, FileId, ProjectId, Result, Timestamp, UserId, audit, members,
    paths,
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A project has at most so many.
const MAX_PER_PROJECT: u32 = 10_000;

/// A file of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct File {
    /// Its id, whatever it is called and whatever it holds.
    pub id: FileId,
    /// Where it is in the project, like `figures/one.png`.
    pub path: String,
    /// What it holds.
    pub hash: BlobHash,
    /// How many bytes that are.
    pub size: u64,
    /// When it was last moved or replaced.
    pub changed_at: Timestamp,
    /// By whom.
    pub changed_by: Option<UserId>,
}

/// What a file is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutFile {
    /// In the project, with `/`: it cannot lead outside, and no text or other file is there.
    #[schema(example = "figures/one.png")]
    pub path: String,
    /// What it is to hold: bytes that the project has.
    pub hash: BlobHash,
    /// What it holds as far as the one who asks knows; when it holds something else by now, nothing is done.
    #[serde(default)]
    pub replaces: Option<BlobHash>,
}

const SELECT: &str = "
    SELECT f.id, f.path, f.hash, b.size, f.changed_at, f.changed_by
    FROM files f JOIN blobs b ON b.project = f.project AND b.hash = f.hash";

fn read(row: &Row<'_>) -> rusqlite::Result<File> {
    Ok(File {
        id: row.get(0)?,
        path: row.get(1)?,
        hash: row.get(2)?,
        size: row.get(3)?,
        changed_at: row.get(4)?,
        changed_by: row.get(5)?,
    })
}

/// All files of a project, by path.
///
/// # Errors
/// When the one who asks does not belong to it.
pub fn list(conn: &Connection, act: &Act, project: ProjectId) -> Result<Vec<File>> {
    members::role(conn, act, project)?;
    let mut statement =
        conn.prepare_cached(&format!("{SELECT} WHERE f.project = ?1 ORDER BY f.path"))?;
    let rows = statement.query_map([project], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A file is to be in the project, at this path, and hold this: it is made, moved, replaced, or brought back. Doing it
/// twice is doing it once.
///
/// # Errors
/// When the one who acts may not write, the path is none or taken, the id is of another project, the project does not
/// have the bytes, or somebody else was quicker.
pub fn put(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    id: FileId,
    wanted: &PutFile,
) -> Result<File> {
    members::writable(conn, act, project)?;
    let path = paths::checked(&wanted.path)?;
    let known: Option<(ProjectId, String, BlobHash)> = conn
        .prepare_cached("SELECT project, path, hash FROM files WHERE id = ?1")?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    if known.as_ref().is_some_and(|(of, ..)| *of != project) {
        return Err(DirectoryError::Conflict("this id is taken"));
    }
    if let Some((_, old, hash)) = &known
        && *old == path
        && *hash == wanted.hash
    {
        return find(conn, project, id);
    }
    let held = known.as_ref().map(|(_, _, hash)| *hash);
    if wanted.replaces.is_some() && wanted.replaces != held {
        return Err(DirectoryError::Stale("the file was replaced or removed by somebody else"));
    }
    if size_of(conn, project, wanted.hash)?.is_none() {
        return Err(DirectoryError::NoBlob);
    }
    if known.is_none() {
        let count: u32 = conn
            .prepare_cached("SELECT count(*) FROM files WHERE project = ?1")?
            .query_row([project], |row| row.get(0))?;
        if count >= MAX_PER_PROJECT {
            let why = format!("a project has at most {MAX_PER_PROJECT} files");
            return Err(DirectoryError::Quota(why));
        }
    }
    paths::free(conn, project, &path, &id.to_string())?;
    conn.prepare_cached(
        "INSERT INTO files VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (id) DO UPDATE SET path = excluded.path, hash = excluded.hash,
             changed_at = excluded.changed_at, changed_by = excluded.changed_by",
    )?
    .execute(params![id, project, path, wanted.hash, act.at, act.user])?;
    used(conn, act, project, wanted.hash)?;
    if let Some(old) = held {
        used(conn, act, project, old)?;
    }
    let action = match &known {
        None => "file.create",
        Some((_, _, hash)) if *hash == wanted.hash => "file.move",
        Some(_) => "file.replace",
    };
    let detail = json!({ "path": path, "hash": wanted.hash });
    audit::write(conn, act, action, Some(project), Some(id.to_string()), &detail)?;
    find(conn, project, id)
}

/// Out of the project. What it held is kept for some time, and [`put`] brings it back.
///
/// # Errors
/// When the one who acts may not write, or it is not there.
pub fn delete(conn: &Connection, act: &Act, project: ProjectId, id: FileId) -> Result<()> {
    members::writable(conn, act, project)?;
    let file = find(conn, project, id)?;
    conn.prepare_cached("DELETE FROM files WHERE id = ?1")?.execute([id])?;
    used(conn, act, project, file.hash)?;
    let detail = json!({ "path": file.path, "hash": file.hash });
    audit::write(conn, act, "file.delete", Some(project), Some(id.to_string()), &detail)
}

/// The project has these bytes, which no file of it holds yet.
pub(crate) fn hold(
    conn: &Connection,
    project: ProjectId,
    hash: BlobHash,
    size: u64,
    at: Timestamp,
) -> Result<()> {
    conn.prepare_cached("INSERT INTO blobs VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING")?
        .execute(params![project, hash, size, at])?;
    Ok(())
}

/// How many bytes these are, if the project has them and the one who asks belongs to it.
///
/// # Errors
/// When he does not, or it does not: that is the same to him.
pub fn blob(conn: &Connection, act: &Act, project: ProjectId, hash: BlobHash) -> Result<u64> {
    members::role(conn, act, project)?;
    size_of(conn, project, hash)?.ok_or(DirectoryError::NotFound("file of the project"))
}

/// How many bytes a project's files take, with those that were replaced or removed and not forgotten yet, and with those
/// that are on their way.
///
/// # Errors
/// When the disk fails.
pub fn bytes_of(conn: &Connection, project: ProjectId) -> Result<u64> {
    Ok(conn
        .prepare_cached(
            "SELECT (SELECT coalesce(sum(size), 0) FROM blobs WHERE project = ?1)
                 + (SELECT coalesce(sum(size), 0) FROM uploads WHERE project = ?1)",
        )?
        .query_row([project], |row| row.get(0))?)
}

/// All hashes that any project has, each once.
///
/// # Errors
/// When the disk fails.
pub fn all_hashes(conn: &Connection) -> Result<Vec<BlobHash>> {
    let mut statement = conn.prepare("SELECT DISTINCT hash FROM blobs ORDER BY hash")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Some project has these bytes.
///
/// # Errors
/// When the disk fails.
pub fn is_held(conn: &Connection, hash: BlobHash) -> Result<bool> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM blobs WHERE hash = ?1)")?
        .query_row([hash], |row| row.get(0))?)
}

/// What no file holds since before a time, projects have no longer.
///
/// # Errors
/// When the disk fails.
pub fn forget_unused_before(conn: &Connection, time: Timestamp) -> Result<()> {
    conn.execute("DELETE FROM blobs WHERE unused_since < ?1", [time])?;
    Ok(())
}

pub(super) fn size_of(
    conn: &Connection,
    project: ProjectId,
    hash: BlobHash,
) -> Result<Option<u64>> {
    Ok(conn
        .prepare_cached("SELECT size FROM blobs WHERE project = ?1 AND hash = ?2")?
        .query_row(params![project, hash], |row| row.get(0))
        .optional()?)
}

/// A file came to hold these bytes, or does so no longer.
fn used(conn: &Connection, act: &Act, project: ProjectId, hash: BlobHash) -> Result<()> {
    conn.prepare_cached(
        "UPDATE blobs SET unused_since = CASE
             WHEN EXISTS (SELECT 1 FROM files WHERE project = ?1 AND hash = ?2) THEN NULL ELSE ?3 END
         WHERE project = ?1 AND hash = ?2",
    )?
    .execute(params![project, hash, act.at])?;
    Ok(())
}

fn find(conn: &Connection, project: ProjectId, id: FileId) -> Result<File> {
    conn.prepare_cached(&format!("{SELECT} WHERE f.id = ?1 AND f.project = ?2"))?
        .query_row(params![id, project], read)
        .optional()?
        .ok_or(DirectoryError::NotFound("file"))
}
