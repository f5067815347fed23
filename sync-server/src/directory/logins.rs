//! Log-ins. Each is a family of refresh tokens, of which one is good: it is used once, and another takes its place. Who
//! uses one that was used before is either somebody whose reply was lost, a moment ago, or two people have it: then the
//! log-in ends, for both (RFC 9700, section 4.14.2).

use super::{Act, DirectoryError, LoginId, Result, Timestamp, UserId, audit, checked_name};
use crate::auth::secret::{Purpose, Secret, SecretHash};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// How long things last.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// A refresh token, unused, in seconds.
    pub refresh_seconds: u32,
    /// After its use a refresh token may be used again for so long, if what took its place was not.
    pub grace_seconds: u32,
}

/// A log-in, for its owner to see.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Login {
    /// Its id.
    pub id: LoginId,
    /// What the program said of itself.
    pub device: String,
    /// From which address it was last used.
    pub address: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used.
    pub used_at: Timestamp,
    /// When it ends by itself, unless it is used.
    pub expires_at: Timestamp,
}

/// What came of a refresh token.
#[derive(Debug)]
pub enum Refreshed {
    /// It was good; this takes its place.
    Fresh {
        /// Of which log-in.
        login: LoginId,
        /// Whose.
        user: UserId,
        /// The next refresh token.
        secret: Secret,
    },
    /// Somebody else has used it: the log-in has ended.
    Reused {
        /// Whose it was.
        user: UserId,
    },
}

const BAD: DirectoryError =
    DirectoryError::LoggedOut("this log-in has ended, or never was: log in again");

/// Somebody has proven who he is.
///
/// # Errors
/// When the device's name is none.
pub fn begin(
    conn: &Connection,
    act: &Act,
    user: UserId,
    device: &str,
    lifetimes: Lifetimes,
) -> Result<(LoginId, Secret)> {
    let login = LoginId::new();
    let device = checked_name(device, "a device's name")?;
    let address = act.address.map(|address| address.to_string()).unwrap_or_default();
    let expires_at = act.at.after(lifetimes.refresh_seconds);
    conn.prepare_cached(
        "INSERT INTO logins (id, user, device, address, created_at, used_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6)",
    )?
    .execute(params![login, user, device, address, act.at, expires_at])?;
    let secret = issue(conn, login, expires_at)?;
    let act = Act { user: Some(user), ..*act };
    audit::write(
        conn,
        &act,
        "login.begin",
        None,
        Some(login.to_string()),
        &json!({ "device": device }),
    )?;
    Ok((login, secret))
}

fn issue(conn: &Connection, login: LoginId, expires_at: Timestamp) -> Result<Secret> {
    let secret = Secret::new(Purpose::Refresh);
    conn.prepare_cached(
        "INSERT INTO refresh_tokens (hash, login, expires_at) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![secret.hash(), login, expires_at])?;
    Ok(secret)
}

struct Kept {
    login: LoginId,
    user: UserId,
    used_at: Option<Timestamp>,
    successor_is_used: bool,
    successor: Option<Vec<u8>>,
    is_over: bool,
}

/// Use a refresh token.
///
/// # Errors
/// When there is no such token, or its log-in has ended.
pub fn refresh(
    conn: &Connection,
    act: &Act,
    token: SecretHash,
    lifetimes: Lifetimes,
) -> Result<Refreshed> {
    let kept = conn
        .prepare_cached(
            "SELECT t.login, l.user, t.used_at, s.used_at IS NOT NULL, t.successor,
                 t.expires_at <= ?2 OR l.ended_at IS NOT NULL OR u.disabled_at IS NOT NULL
             FROM refresh_tokens t JOIN logins l ON l.id = t.login JOIN users u ON u.id = l.user
                 LEFT JOIN refresh_tokens s ON s.hash = t.successor
             WHERE t.hash = ?1",
        )?
        .query_row(params![token, act.at], |row| {
            Ok(Kept {
                login: row.get(0)?,
                user: row.get(1)?,
                used_at: row.get(2)?,
                successor_is_used: row.get(3)?,
                successor: row.get(4)?,
                is_over: row.get(5)?,
            })
        })
        .optional()?
        .ok_or(BAD)?;
    if kept.is_over {
        return Err(BAD);
    }
    if let Some(used_at) = kept.used_at {
        let is_recent = act.at <= used_at.after(lifetimes.grace_seconds);
        if !is_recent || kept.successor_is_used {
            let act = Act { user: Some(kept.user), ..*act };
            end(conn, &act, kept.login, "a refresh token was used twice")?;
            return Ok(Refreshed::Reused { user: kept.user });
        }
        // Used "long ago": if whoever has it comes with it after all, there are two of them.
        conn.prepare_cached("UPDATE refresh_tokens SET used_at = 0 WHERE hash = ?1")?
            .execute([kept.successor])?;
    }
    let expires_at = act.at.after(lifetimes.refresh_seconds);
    let secret = issue(conn, kept.login, expires_at)?;
    conn.prepare_cached(
        "UPDATE refresh_tokens SET used_at = coalesce(used_at, ?2), successor = ?3 WHERE hash = ?1",
    )?
    .execute(params![token, act.at, secret.hash()])?;
    let address = act.address.map(|address| address.to_string()).unwrap_or_default();
    conn.prepare_cached(
        "UPDATE logins SET used_at = ?2, expires_at = ?3, address = ?4 WHERE id = ?1",
    )?
    .execute(params![kept.login, act.at, expires_at, address])?;
    Ok(Refreshed::Fresh { login: kept.login, user: kept.user, secret })
}

/// A log-in ends.
///
/// # Errors
/// When the disk fails.
pub fn end(conn: &Connection, act: &Act, login: LoginId, because: &str) -> Result<()> {
    let ended = conn
        .prepare_cached(
            "UPDATE logins SET ended_at = ?2, ended_because = ?3
             WHERE id = ?1 AND ended_at IS NULL",
        )?
        .execute(params![login, act.at, because])?;
    if ended > 0 {
        let detail = json!({ "because": because });
        audit::write(conn, act, "login.end", None, Some(login.to_string()), &detail)?;
    }
    Ok(())
}

/// A log-in of one's own ends.
///
/// # Errors
/// When it is not there, or another's.
pub fn end_own(conn: &Connection, act: &Act, login: LoginId) -> Result<()> {
    let is_own: bool = conn
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM logins WHERE id = ?1 AND user = ?2)")?
        .query_row(params![login, act.user()?], |row| row.get(0))?;
    if !is_own {
        return Err(DirectoryError::NotFound("log-in"));
    }
    end(conn, act, login, "by its owner")
}

/// All log-ins of somebody end, but for one.
///
/// # Errors
/// When the disk fails.
pub fn end_all(
    conn: &Connection,
    act: &Act,
    user: UserId,
    but: Option<LoginId>,
    because: &str,
) -> Result<()> {
    let ended = conn
        .prepare_cached(
            "UPDATE logins SET ended_at = ?2, ended_because = ?3
             WHERE user = ?1 AND ended_at IS NULL AND id IS NOT ?4",
        )?
        .execute(params![user, act.at, because, but])?;
    let detail = json!({ "because": because, "count": ended });
    audit::write(conn, act, "login.end_all", None, Some(user.to_string()), &detail)
}

/// The log-ins of somebody that have not ended, the last used first.
///
/// # Errors
/// When the disk fails.
pub fn list(conn: &Connection, user: UserId, now: Timestamp) -> Result<Vec<Login>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, device, address, created_at, used_at, expires_at FROM logins
         WHERE user = ?1 AND ended_at IS NULL AND expires_at > ?2 ORDER BY used_at DESC, id",
    )?;
    let rows = statement.query_map(params![user, now], |row| {
        Ok(Login {
            id: row.get(0)?,
            device: row.get(1)?,
            address: row.get(2)?,
            created_at: row.get(3)?,
            used_at: row.get(4)?,
            expires_at: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Forget log-ins that ended before a time, refresh tokens that could not be used since, and guests who have been in no
/// project since.
///
/// # Errors
/// When the disk fails.
pub fn sweep(conn: &Connection, before: Timestamp) -> Result<()> {
    conn.execute("DELETE FROM refresh_tokens WHERE expires_at < ?1", [before])?;
    conn.execute("DELETE FROM logins WHERE expires_at < ?1 OR ended_at < ?1", [before])?;
    conn.execute("DELETE FROM letters WHERE expires_at < ?1", [before])?;
    conn.execute(
        "DELETE FROM users WHERE email IS NULL AND created_at < ?1
             AND NOT EXISTS (SELECT 1 FROM members WHERE user = users.id)",
        [before],
    )?;
    Ok(())
}
