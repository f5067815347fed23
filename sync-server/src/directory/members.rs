//! Who belongs to a project, and what he may do in it.

use super::{Act, DirectoryError, ProjectId, Result, Timestamp, UserId, audit};
use rusqlite::{
    Connection, OptionalExtension, ToSql, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// What somebody may do in a project. Each may do all that the ones before may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads.
    Viewer,
    /// Takes part in the discussion.
    Commenter,
    /// Writes, and adds, renames and removes documents.
    Editor,
    /// Decides who belongs to the project, and what becomes of it. A project has one.
    Owner,
}

impl Role {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Commenter => "commenter",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }
}

impl ToSql for Role {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.word().into())
    }
}

impl FromSql for Role {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(match value.as_str()? {
            "viewer" => Self::Viewer,
            "commenter" => Self::Commenter,
            "editor" => Self::Editor,
            "owner" => Self::Owner,
            _ => return Err(FromSqlError::InvalidType),
        })
    }
}

/// Somebody who belongs to a project.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Member {
    /// Who.
    pub user: UserId,
    /// What others see.
    pub name: String,
    /// His address, which only the owner is told.
    pub email: Option<String>,
    /// He came by a link and has no account.
    pub is_guest: bool,
    /// What he may do.
    pub role: Role,
    /// Since when.
    pub added_at: Timestamp,
}

/// What the one who acts may do in a project; to whom it is deleted, or never was, it is the same.
///
/// # Errors
/// When he does not belong to it, or is a guest whose link has ended.
pub fn role(conn: &Connection, act: &Act, project: ProjectId) -> Result<Role> {
    conn.prepare_cached(
        "SELECT m.role FROM members m JOIN projects p ON p.id = m.project
             JOIN users u ON u.id = m.user LEFT JOIN links l ON l.id = m.link
         WHERE m.project = ?1 AND m.user = ?2 AND p.deleted_at IS NULL
             AND (u.email IS NOT NULL
                 OR l.revoked_at IS NULL AND coalesce(l.expires_at > ?3, TRUE))",
    )?
    .query_row(params![project, act.user()?, act.at], |row| row.get(0))
    .optional()?
    .ok_or(DirectoryError::NotFound("project"))
}

/// The one who acts may do at least this.
///
/// # Errors
/// When he may not.
pub fn require(conn: &Connection, act: &Act, project: ProjectId, least: Role) -> Result<Role> {
    let role = role(conn, act, project)?;
    if role >= least {
        return Ok(role);
    }
    Err(DirectoryError::Forbidden(match least {
        Role::Owner => "only the project's owner may do this",
        _ => "only the project's editors may do this",
    }))
}

/// The one who acts may change what the project holds.
///
/// # Errors
/// When he may not, or nobody may.
pub fn writable(conn: &Connection, act: &Act, project: ProjectId) -> Result<()> {
    require(conn, act, project, Role::Editor)?;
    let is_archived: bool = conn
        .prepare_cached("SELECT archived_at IS NOT NULL FROM projects WHERE id = ?1")?
        .query_row([project], |row| row.get(0))?;
    if is_archived {
        return Err(DirectoryError::Forbidden("the project is archived: nobody writes in it"));
    }
    Ok(())
}

/// All members, the owner first.
///
/// # Errors
/// When the one who asks is none.
pub fn list(conn: &Connection, act: &Act, project: ProjectId) -> Result<Vec<Member>> {
    let is_owner = role(conn, act, project)? == Role::Owner;
    let mut statement = conn.prepare_cached(
        "SELECT u.id, u.name, u.email, m.role, m.added_at FROM members m
             JOIN users u ON u.id = m.user
         WHERE m.project = ?1 ORDER BY m.role <> 'owner', u.name, u.id",
    )?;
    let rows = statement.query_map([project], |row| {
        let email: Option<String> = row.get(2)?;
        Ok(Member {
            user: row.get(0)?,
            name: row.get(1)?,
            is_guest: email.is_none(),
            email: email.filter(|_| is_owner),
            role: row.get(3)?,
            added_at: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Somebody comes to belong to a project. One who does already never may less than before. Answers what he may now.
///
/// # Errors
/// When the disk fails.
pub(super) fn add(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    user: UserId,
    role: Role,
    link: Option<super::LinkId>,
) -> Result<Role> {
    let known: Option<Role> = conn
        .prepare_cached("SELECT role FROM members WHERE project = ?1 AND user = ?2")?
        .query_row(params![project, user], |row| row.get(0))
        .optional()?;
    if let Some(known) = known
        && known >= role
    {
        return Ok(known);
    }
    conn.prepare_cached(
        "INSERT INTO members VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (project, user) DO UPDATE SET role = excluded.role",
    )?
    .execute(params![project, user, role, act.at, link])?;
    let detail = json!({ "role": role, "link": link });
    audit::write(conn, act, "member.add", Some(project), Some(user.to_string()), &detail)?;
    Ok(role)
}

/// Another role. There is one owner: [`transfer`] changes who.
///
/// # Errors
/// When the one who acts is not the owner, or the other is not a member.
pub fn set_role(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    user: UserId,
    role: Role,
) -> Result<()> {
    require(conn, act, project, Role::Owner)?;
    if role == Role::Owner || user == act.user()? {
        let why = "a project has one owner: hand it over to another member to change who";
        return Err(DirectoryError::Conflict(why));
    }
    let changed = conn
        .prepare_cached("UPDATE members SET role = ?3 WHERE project = ?1 AND user = ?2")?
        .execute(params![project, user, role])?;
    if changed == 0 {
        return Err(DirectoryError::NotFound("member"));
    }
    let detail = json!({ "role": role });
    audit::write(conn, act, "member.role", Some(project), Some(user.to_string()), &detail)
}

/// Somebody leaves: by himself, or because the owner wants it so.
///
/// # Errors
/// When the one who acts may not, or it is the owner who would leave.
pub fn remove(conn: &Connection, act: &Act, project: ProjectId, user: UserId) -> Result<()> {
    let own = role(conn, act, project)?;
    let is_self = user == act.user()?;
    match (own, is_self) {
        (Role::Owner, true) => {
            let why = "the owner cannot leave: hand the project over to another member first";
            return Err(DirectoryError::Conflict(why));
        }
        (Role::Owner, false) | (_, true) => {}
        (_, false) => {
            return Err(DirectoryError::Forbidden("only the project's owner may do this"));
        }
    }
    let removed = conn
        .prepare_cached("DELETE FROM members WHERE project = ?1 AND user = ?2")?
        .execute(params![project, user])?;
    if removed == 0 {
        return Err(DirectoryError::NotFound("member"));
    }
    let detail = json!({ "by_himself": is_self });
    audit::write(conn, act, "member.remove", Some(project), Some(user.to_string()), &detail)
}

/// Hand a project over to another member; the old owner becomes an editor.
///
/// # Errors
/// When the one who acts is not the owner, or the other is no member with an account.
pub fn transfer(conn: &Connection, act: &Act, project: ProjectId, to: UserId) -> Result<()> {
    require(conn, act, project, Role::Owner)?;
    let from = act.user()?;
    if from == to {
        return Ok(());
    }
    conn.prepare_cached("UPDATE members SET role = 'editor' WHERE project = ?1 AND user = ?2")?
        .execute(params![project, from])?;
    let changed = conn
        .prepare_cached(
            "UPDATE members SET role = 'owner' WHERE project = ?1 AND user = ?2
                 AND EXISTS (SELECT 1 FROM users WHERE id = ?2
                     AND email IS NOT NULL AND disabled_at IS NULL)",
        )?
        .execute(params![project, to])?;
    if changed == 0 {
        return Err(DirectoryError::NotFound("member with an account"));
    }
    let detail = json!({ "from": from });
    audit::write(conn, act, "project.transfer", Some(project), Some(to.to_string()), &detail)
}
