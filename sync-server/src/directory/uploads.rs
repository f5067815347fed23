//! Bytes on their way to a project. Who sends them says first how many they are and what their hash is; asked again, he is
//! told of the same upload, and goes on where it was cut. Bytes that another project has already are sent all the same:
//! whoever knows a hash must not learn from us whether it is here.

use super::{
    Act, BlobHash, DirectoryError, ProjectId, Result, Timestamp, UploadId, files, members,
};
use rusqlite::{Connection, OptionalExtension, params};

/// One person has at most so many under way.
const MAX_PER_USER: u32 = 64;

/// Bytes that are announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: UploadId,
    /// What they will have.
    pub hash: BlobHash,
    /// How many they will be.
    pub size: u64,
}

/// What becomes of bytes that somebody wants to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// The project has them: they need not be sent.
    IsThere,
    /// They are to be sent, or the rest of them.
    Upload(UploadId),
}

/// Bytes are announced. What the project's files do not hold any more makes room for them, the oldest first.
/// `free_bytes`: what texts leave of what the project may take.
///
/// # Errors
/// When the one who acts may not write, or there is no room.
pub fn begin(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    hash: BlobHash,
    size: u64,
    free_bytes: u64,
) -> Result<Begun> {
    members::writable(conn, act, project)?;
    let user = act.user()?;
    if files::size_of(conn, project, hash)?.is_some() {
        // What is about to be used again is not the next to go.
        conn.prepare_cached(
            "UPDATE blobs SET unused_since = ?3
             WHERE project = ?1 AND hash = ?2 AND unused_since IS NOT NULL",
        )?
        .execute(params![project, hash, act.at])?;
        return Ok(Begun::IsThere);
    }
    let known: Option<(UploadId, u64)> = conn
        .prepare_cached(
            "UPDATE uploads SET used_at = ?4 WHERE project = ?1 AND user = ?2 AND hash = ?3
             RETURNING id, size",
        )?
        .query_row(params![project, user, hash, act.at], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((id, known_size)) = known {
        if known_size == size {
            return Ok(Begun::Upload(id));
        }
        drop_upload(conn, id)?;
    }
    let count: u32 = conn
        .prepare_cached("SELECT count(*) FROM uploads WHERE user = ?1")?
        .query_row([user], |row| row.get(0))?;
    if count >= MAX_PER_USER {
        let why = format!("{count} files of yours are on their way already: send those first");
        return Err(DirectoryError::Quota(why));
    }
    make_room(conn, project, size, free_bytes)?;
    let id = UploadId::new();
    conn.prepare_cached("INSERT INTO uploads VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?
        .execute(params![id, project, user, hash, size, act.at])?;
    Ok(Begun::Upload(id))
}

/// A number of bytes, for people.
pub fn in_words(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} KB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

fn make_room(conn: &Connection, project: ProjectId, size: u64, free_bytes: u64) -> Result<()> {
    let taken = files::bytes_of(conn, project)?;
    let mut excess = taken.saturating_add(size).saturating_sub(free_bytes);
    if excess == 0 {
        return Ok(());
    }
    let mut statement = conn.prepare_cached(
        "SELECT hash, size FROM blobs WHERE project = ?1 AND unused_since IS NOT NULL
         ORDER BY unused_since",
    )?;
    let unused = statement.query_map([project], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let unused: Vec<(BlobHash, u64)> = unused.collect::<rusqlite::Result<_>>()?;
    for (hash, bytes) in unused {
        if excess == 0 {
            break;
        }
        conn.prepare_cached("DELETE FROM blobs WHERE project = ?1 AND hash = ?2")?
            .execute(params![project, hash])?;
        excess = excess.saturating_sub(bytes);
    }
    if excess > 0 {
        let excess = in_words(excess);
        let why =
            format!("the project is full at the relay: {excess} too many. Remove something first");
        return Err(DirectoryError::Quota(why));
    }
    Ok(())
}

/// One's own upload, of which there is a sign of life.
///
/// # Errors
/// When there is none, or the one who acts may not write any more.
pub fn find(conn: &Connection, act: &Act, project: ProjectId, id: UploadId) -> Result<Upload> {
    members::writable(conn, act, project)?;
    conn.prepare_cached(
        "UPDATE uploads SET used_at = ?4 WHERE id = ?1 AND project = ?2 AND user = ?3
         RETURNING hash, size",
    )?
    .query_row(params![id, project, act.user()?, act.at], |row| {
        Ok(Upload { id, hash: row.get(0)?, size: row.get(1)? })
    })
    .optional()?
    .ok_or(DirectoryError::NotFound("upload"))
}

/// All have come, and are kept: the project has them.
///
/// # Errors
/// As [`find`].
pub fn finish(conn: &Connection, act: &Act, project: ProjectId, id: UploadId) -> Result<()> {
    let Upload { hash, size, .. } = find(conn, act, project, id)?;
    drop_upload(conn, id)?;
    files::hold(conn, project, hash, size, act.at)
}

/// It is given up.
///
/// # Errors
/// When the disk fails.
pub fn drop_upload(conn: &Connection, id: UploadId) -> Result<()> {
    conn.prepare_cached("DELETE FROM uploads WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// Those of which there was no sign of life since before a time are given up.
///
/// # Errors
/// When the disk fails.
pub fn give_up_before(conn: &Connection, time: Timestamp) -> Result<()> {
    conn.execute("DELETE FROM uploads WHERE used_at < ?1", [time])?;
    Ok(())
}

/// Somebody may still go on with it.
///
/// # Errors
/// When the disk fails.
pub fn is_under_way(conn: &Connection, id: UploadId) -> Result<bool> {
    Ok(conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM uploads WHERE id = ?1)")?
        .query_row([id], |row| row.get(0))?)
}
