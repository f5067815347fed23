//! People who have an account, and guests, who have none but a name.

use super::{Act, DirectoryError, Result, Timestamp, UserId, audit, checked_name};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Somebody, without his secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// His id.
    pub id: UserId,
    /// His address, in lower case; a guest has none.
    pub email: Option<String>,
    /// What others see.
    pub name: String,
    /// He may manage the accounts of this relay.
    pub is_admin: bool,
    /// Since when it is known that he reads the mail of his address.
    pub verified_at: Option<Timestamp>,
    /// Since when he is here.
    pub created_at: Timestamp,
    /// Since when he may not come in.
    pub disabled_at: Option<Timestamp>,
}

/// Somebody new.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// None makes a guest.
    pub email: Option<String>,
    /// What others see.
    pub name: String,
    /// The hash of his password, if he has one yet.
    pub password: Option<String>,
    /// May he manage accounts?
    pub is_admin: bool,
    /// Is it known that he reads the mail of his address?
    pub is_verified: bool,
}

const COLUMNS: &str = "id, email, name, is_admin, verified_at, created_at, disabled_at";

fn read(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        email: row.get(1)?,
        name: row.get(2)?,
        is_admin: row.get(3)?,
        verified_at: row.get(4)?,
        created_at: row.get(5)?,
        disabled_at: row.get(6)?,
    })
}

/// An address as it is kept: what people write in capitals is the same mailbox.
///
/// # Errors
/// When it is none.
pub fn checked_email(email: &str) -> Result<String> {
    let email = email.trim().to_lowercase();
    match email.parse::<lettre::Address>() {
        Ok(_) if email.len() <= 254 => Ok(email),
        _ => Err(DirectoryError::Invalid("this is not an e-mail address".to_owned())),
    }
}

/// Make an account, or a guest.
///
/// # Errors
/// When the address has one.
pub fn create(conn: &Connection, act: &Act, new: NewUser) -> Result<User> {
    let user = User {
        id: UserId::new(),
        email: new.email.as_deref().map(checked_email).transpose()?,
        name: checked_name(&new.name, "a name")?,
        is_admin: new.is_admin,
        verified_at: new.is_verified.then_some(act.at),
        created_at: act.at,
        disabled_at: None,
    };
    let added = conn
        .prepare_cached(
            "INSERT INTO users (id, email, name, password, is_admin, verified_at, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (email) DO NOTHING",
        )?
        .execute(params![
            user.id,
            user.email,
            user.name,
            new.password,
            user.is_admin,
            user.verified_at,
            user.created_at
        ])?;
    if added == 0 {
        return Err(DirectoryError::Conflict("this address has an account"));
    }
    let detail = json!({ "email": user.email, "is_admin": user.is_admin });
    audit::write(conn, act, "user.create", None, Some(user.id.to_string()), &detail)?;
    Ok(user)
}

/// Somebody, if he is there.
///
/// # Errors
/// When the disk fails.
pub fn find(conn: &Connection, id: UserId) -> Result<Option<User>> {
    let mut statement =
        conn.prepare_cached(&format!("SELECT {COLUMNS} FROM users WHERE id = ?1"))?;
    Ok(statement.query_row([id], read).optional()?)
}

/// Whose address this is, and the hash of his password.
///
/// # Errors
/// When the disk fails.
pub fn find_by_email(conn: &Connection, email: &str) -> Result<Option<(User, Option<String>)>> {
    let mut statement =
        conn.prepare_cached(&format!("SELECT {COLUMNS}, password FROM users WHERE email = ?1"))?;
    Ok(statement.query_row([email], |row| Ok((read(row)?, row.get(7)?))).optional()?)
}

/// The hash of somebody's password.
///
/// # Errors
/// When the disk fails.
pub fn password_of(conn: &Connection, id: UserId) -> Result<Option<String>> {
    let mut statement = conn.prepare_cached("SELECT password FROM users WHERE id = ?1")?;
    Ok(statement.query_row([id], |row| row.get(0)).optional()?.flatten())
}

/// All accounts, by address, after one of them.
///
/// # Errors
/// When the disk fails.
pub fn list(conn: &Connection, after: Option<&str>, count: u32) -> Result<Vec<User>> {
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM users WHERE email > ?1 ORDER BY email LIMIT ?2"
    ))?;
    let rows = statement.query_map(params![after.unwrap_or_default(), count], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Give a password.
///
/// # Errors
/// When the disk fails.
pub fn set_password(conn: &Connection, act: &Act, user: UserId, hash: &str) -> Result<()> {
    conn.prepare_cached("UPDATE users SET password = ?2 WHERE id = ?1")?
        .execute(params![user, hash])?;
    audit::write(conn, act, "user.password", None, Some(user.to_string()), &json!({}))
}

/// The same password, hashed as we do now; unless it was changed meanwhile.
///
/// # Errors
/// When the disk fails.
pub fn rehash(conn: &Connection, user: UserId, old: &str, new: &str) -> Result<()> {
    conn.prepare_cached("UPDATE users SET password = ?3 WHERE id = ?1 AND password = ?2")?
        .execute(params![user, old, new])?;
    Ok(())
}

/// It is known that he reads the mail of his address.
///
/// # Errors
/// When the disk fails.
pub fn verify(conn: &Connection, act: &Act, user: UserId) -> Result<()> {
    let changed = conn
        .prepare_cached("UPDATE users SET verified_at = ?2 WHERE id = ?1 AND verified_at IS NULL")?
        .execute(params![user, act.at])?;
    if changed > 0 {
        audit::write(conn, act, "user.verify", None, Some(user.to_string()), &json!({}))?;
    }
    Ok(())
}

/// Another name.
///
/// # Errors
/// When it is none.
pub fn rename(conn: &Connection, act: &Act, user: UserId, name: &str) -> Result<()> {
    let name = checked_name(name, "a name")?;
    conn.prepare_cached("UPDATE users SET name = ?2 WHERE id = ?1")?
        .execute(params![user, name])?;
    audit::write(conn, act, "user.rename", None, Some(user.to_string()), &json!({ "name": name }))
}

/// What others see of these people; of those who are gone nothing.
///
/// # Errors
/// When the disk fails.
pub fn names(conn: &Connection, users: &BTreeSet<UserId>) -> Result<BTreeMap<UserId, String>> {
    let mut statement = conn.prepare_cached("SELECT name FROM users WHERE id = ?1")?;
    let mut names = BTreeMap::new();
    for user in users {
        let name = statement.query_row([user], |row| row.get(0)).optional()?;
        names.extend(name.map(|name| (*user, name)));
    }
    Ok(names)
}

/// Make somebody an administrator, or no longer. The last one stays.
///
/// # Errors
/// When he is not there, or is the last.
pub fn set_admin(conn: &Connection, act: &Act, user: UserId, is_admin: bool) -> Result<()> {
    let changed = conn
        .prepare_cached("UPDATE users SET is_admin = ?2 WHERE id = ?1 AND email IS NOT NULL")?
        .execute(params![user, is_admin])?;
    if changed == 0 {
        return Err(DirectoryError::NotFound("user"));
    }
    keep_an_admin(conn)?;
    let detail = json!({ "is_admin": is_admin });
    audit::write(conn, act, "user.admin", None, Some(user.to_string()), &detail)
}

/// Let somebody in no more, or again. His log-ins are the caller's to end.
///
/// # Errors
/// When he is not there, or is the last administrator.
pub fn set_disabled(conn: &Connection, act: &Act, user: UserId, is_disabled: bool) -> Result<()> {
    let changed = conn
        .prepare_cached("UPDATE users SET disabled_at = ?2 WHERE id = ?1")?
        .execute(params![user, is_disabled.then_some(act.at)])?;
    if changed == 0 {
        return Err(DirectoryError::NotFound("user"));
    }
    keep_an_admin(conn)?;
    let detail = json!({ "is_disabled": is_disabled });
    audit::write(conn, act, "user.disable", None, Some(user.to_string()), &detail)
}

/// True when somebody can manage accounts.
///
/// # Errors
/// When the disk fails.
pub fn has_admin(conn: &Connection) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT 1 FROM users WHERE is_admin AND disabled_at IS NULL)";
    Ok(conn.query_row(sql, [], |row| row.get(0))?)
}

fn keep_an_admin(conn: &Connection) -> Result<()> {
    if has_admin(conn)? {
        return Ok(());
    }
    Err(DirectoryError::Conflict("this is the last administrator: make another one first"))
}
