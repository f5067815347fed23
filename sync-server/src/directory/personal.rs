//! Personal tokens: for scripts and programs that cannot log in. They do what their owner may do with projects, and
//! nothing with the account itself.

use super::{Act, DirectoryError, Result, Timestamp, TokenId, UserId, audit, checked_name};
use crate::auth::secret::{Purpose, Secret, SecretHash};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// A personal token, without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PersonalToken {
    /// Its id.
    pub id: TokenId,
    /// What it is for, in its owner's words.
    pub name: String,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub used_at: Option<Timestamp>,
    /// When it ends; never, if it is not said.
    pub expires_at: Option<Timestamp>,
}

/// Whose secret it was.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// The token.
    pub id: TokenId,
    /// Whose.
    pub user: UserId,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// It was not used lately: [`used`] is to be said.
    pub is_to_be_noted: bool,
}

/// One person has at most so many.
const MAX: u32 = 50;

/// Make one.
///
/// # Errors
/// When its name is none, or there are too many.
pub fn create(
    conn: &Connection,
    act: &Act,
    user: UserId,
    name: &str,
    expires_at: Option<Timestamp>,
) -> Result<(PersonalToken, Secret)> {
    let name = checked_name(name, "a token's name")?;
    let count: u32 = conn
        .prepare_cached("SELECT count(*) FROM personal_tokens WHERE user = ?1")?
        .query_row([user], |row| row.get(0))?;
    if count >= MAX {
        return Err(DirectoryError::Quota(format!("there are {MAX} tokens: remove one first")));
    }
    let secret = Secret::new(Purpose::Personal);
    let id = TokenId::new();
    conn.prepare_cached(
        "INSERT INTO personal_tokens (id, hash, user, name, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![id, secret.hash(), user, name, act.at, expires_at])?;
    let detail = json!({ "name": name, "user": user });
    audit::write(conn, act, "token.create", None, Some(id.to_string()), &detail)?;
    Ok((PersonalToken { id, name, created_at: act.at, used_at: None, expires_at }, secret))
}

/// Those of somebody, the newest first.
///
/// # Errors
/// When the disk fails.
pub fn list(conn: &Connection, user: UserId) -> Result<Vec<PersonalToken>> {
    let mut statement = conn.prepare_cached(
        "SELECT id, name, created_at, used_at, expires_at FROM personal_tokens
         WHERE user = ?1 ORDER BY created_at DESC, id",
    )?;
    let rows = statement.query_map([user], |row| {
        Ok(PersonalToken {
            id: row.get(0)?,
            name: row.get(1)?,
            created_at: row.get(2)?,
            used_at: row.get(3)?,
            expires_at: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Take one back.
///
/// # Errors
/// When it is not there, or another's.
pub fn revoke(conn: &Connection, act: &Act, id: TokenId) -> Result<()> {
    let removed = conn
        .prepare_cached("DELETE FROM personal_tokens WHERE id = ?1 AND user = ?2")?
        .execute(params![id, act.user()?])?;
    if removed == 0 {
        return Err(DirectoryError::NotFound("token"));
    }
    audit::write(conn, act, "token.revoke", None, Some(id.to_string()), &json!({}))
}

/// Whose secret this is.
///
/// # Errors
/// When the disk fails.
pub fn find(conn: &Connection, secret: SecretHash, now: Timestamp) -> Result<Option<Found>> {
    Ok(conn
        .prepare_cached(
            "SELECT user, id, expires_at, coalesce(used_at < ?2 - 3600, TRUE) FROM personal_tokens
             WHERE hash = ?1 AND (expires_at IS NULL OR expires_at > ?2)",
        )?
        .query_row(params![secret, now], |row| {
            Ok(Found {
                user: row.get(0)?,
                id: row.get(1)?,
                expires_at: row.get(2)?,
                is_to_be_noted: row.get(3)?,
            })
        })
        .optional()?)
}

/// It was used.
///
/// # Errors
/// When the disk fails.
pub fn used(conn: &Connection, id: TokenId, now: Timestamp) -> Result<()> {
    conn.prepare_cached("UPDATE personal_tokens SET used_at = ?2 WHERE id = ?1")?
        .execute(params![id, now])?;
    Ok(())
}
