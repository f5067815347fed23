//! Invitations by e-mail. Who has the secret reads the mail of the address, and may take the invitation with whatever
//! account is his; a new one, if he has none, even where strangers may not register.

use super::{
    Act, DirectoryError, InvitationId, ProjectId, Result, Timestamp, UserId, audit,
    members::{self, Role},
    notifications,
    projects::{self, Project},
    users,
};
use crate::auth::secret::{Purpose, Secret, SecretHash};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// How long one is good, in seconds.
const SECONDS: u32 = 14 * 24 * 3600;
/// A project has at most so many that wait.
const MAX_PER_PROJECT: u32 = 200;

/// An invitation that waits.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// Its id.
    pub id: InvitationId,
    /// To whom it was sent.
    pub email: String,
    /// What he will be able to do.
    pub role: Role,
    /// Who sent it.
    pub invited_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// What is to be in the letter.
#[derive(Debug)]
pub struct Letter {
    /// The invitation.
    pub invitation: Invitation,
    /// Its secret.
    pub secret: Secret,
    /// The project's name.
    pub project_name: String,
    /// The name of the one who invites.
    pub inviter: String,
    /// Who has an account with this address, and is told there too.
    pub told: Option<UserId>,
}

/// Invite somebody. One who waits already gets another letter, and the one before is good no more.
///
/// # Errors
/// When the one who acts is not the owner, or the address is none.
pub fn create(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    email: &str,
    role: Role,
) -> Result<Letter> {
    members::require(conn, act, project, Role::Owner)?;
    let email = users::checked_email(email)?;
    if role == Role::Owner {
        return Err(DirectoryError::Invalid("nobody is invited to be an owner".to_owned()));
    }
    let is_member: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM members m JOIN users u ON u.id = m.user
                 WHERE m.project = ?1 AND u.email = ?2)",
        )?
        .query_row(params![project, email], |row| row.get(0))?;
    if is_member {
        return Err(DirectoryError::Conflict("whoever has this address is a member"));
    }
    let count: u32 = conn
        .prepare_cached("SELECT count(*) FROM invitations WHERE project = ?1")?
        .query_row([project], |row| row.get(0))?;
    if count >= MAX_PER_PROJECT {
        let why = format!("{MAX_PER_PROJECT} invitations wait: revoke one first");
        return Err(DirectoryError::Quota(why));
    }
    let inviter = act.user()?;
    let secret = Secret::new(Purpose::Invitation);
    let invitation = Invitation {
        id: InvitationId::new(),
        email,
        role,
        invited_by: inviter,
        created_at: act.at,
        expires_at: act.at.after(SECONDS),
    };
    conn.prepare_cached("DELETE FROM invitations WHERE project = ?1 AND email = ?2")?
        .execute(params![project, invitation.email])?;
    conn.prepare_cached("INSERT INTO invitations VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
        .execute(params![
            invitation.id,
            secret.hash(),
            project,
            invitation.email,
            role,
            inviter,
            invitation.created_at,
            invitation.expires_at
        ])?;
    let detail = json!({ "email": invitation.email, "role": role });
    let id = invitation.id.to_string();
    audit::write(conn, act, "invitation.create", Some(project), Some(id), &detail)?;
    let told = notifications::invited(conn, act, project, invitation.id, &invitation.email)?;
    let (project_name, inviter) = conn.query_row(
        "SELECT p.name, u.name FROM projects p, users u WHERE p.id = ?1 AND u.id = ?2",
        params![project, inviter],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    Ok(Letter { invitation, secret, project_name, inviter, told })
}

/// Those of a project that wait.
///
/// # Errors
/// When the one who asks is not the owner.
pub fn list(conn: &Connection, act: &Act, project: ProjectId) -> Result<Vec<Invitation>> {
    members::require(conn, act, project, Role::Owner)?;
    let mut statement = conn.prepare_cached(
        "SELECT id, email, role, invited_by, created_at, expires_at FROM invitations
         WHERE project = ?1 AND expires_at > ?2 ORDER BY created_at, id",
    )?;
    let rows = statement.query_map(params![project, act.at], |row| {
        Ok(Invitation {
            id: row.get(0)?,
            email: row.get(1)?,
            role: row.get(2)?,
            invited_by: row.get(3)?,
            created_at: row.get(4)?,
            expires_at: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Take one back.
///
/// # Errors
/// When the one who acts is not the owner, or there is none.
pub fn revoke(conn: &Connection, act: &Act, project: ProjectId, id: InvitationId) -> Result<()> {
    members::require(conn, act, project, Role::Owner)?;
    let removed = conn
        .prepare_cached("DELETE FROM invitations WHERE id = ?1 AND project = ?2")?
        .execute(params![id, project])?;
    if removed == 0 {
        return Err(DirectoryError::NotFound("invitation"));
    }
    audit::write(conn, act, "invitation.revoke", Some(project), Some(id.to_string()), &json!({}))
}

/// To whom a good invitation was sent.
///
/// # Errors
/// When it is not good.
pub fn addressee(conn: &Connection, secret: SecretHash, now: Timestamp) -> Result<String> {
    good(conn, secret, now).map(|(_, _, email, _)| email)
}

/// Come into the project to which one is invited.
///
/// # Errors
/// When the invitation is not good.
pub fn accept(conn: &Connection, act: &Act, secret: SecretHash) -> Result<Project> {
    let good = good(conn, secret, act.at)?;
    come_in(conn, act, good)
}

/// Come into the project to which one is invited, as the one whose address it was sent to: that one reads the mail of it is
/// proven.
///
/// # Errors
/// When there is no such invitation for the one who acts.
pub fn accept_as_addressee(conn: &Connection, act: &Act, id: InvitationId) -> Result<Project> {
    let good = conn
        .prepare_cached(
            "SELECT i.id, i.project, i.email, i.role FROM invitations i
                 JOIN projects p ON p.id = i.project JOIN users u ON u.email = i.email
             WHERE i.id = ?1 AND u.id = ?2 AND u.verified_at IS NOT NULL AND i.expires_at > ?3
                 AND p.deleted_at IS NULL",
        )?
        .query_row(params![id, act.user()?, act.at], read_good)
        .optional()?;
    come_in(conn, act, good.ok_or(DirectoryError::NotFound("invitation"))?)
}

fn come_in(conn: &Connection, act: &Act, (id, project, email, role): Good) -> Result<Project> {
    members::add(conn, act, project, act.user()?, role, None)?;
    conn.prepare_cached("DELETE FROM invitations WHERE id = ?1")?.execute([id])?;
    let detail = json!({ "email": email });
    audit::write(conn, act, "invitation.accept", Some(project), Some(id.to_string()), &detail)?;
    projects::find(conn, act, project)
}

type Good = (InvitationId, ProjectId, String, Role);

fn read_good(row: &rusqlite::Row<'_>) -> rusqlite::Result<Good> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn good(conn: &Connection, secret: SecretHash, now: Timestamp) -> Result<Good> {
    conn.prepare_cached(
        "SELECT i.id, i.project, i.email, i.role FROM invitations i
             JOIN projects p ON p.id = i.project
         WHERE i.hash = ?1 AND i.expires_at > ?2 AND p.deleted_at IS NULL",
    )?
    .query_row(params![secret, now], read_good)
    .optional()?
    .ok_or(DirectoryError::BadSecret("this invitation is not good, or no longer: ask for another"))
}
