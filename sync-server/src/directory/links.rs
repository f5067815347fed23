//! Links: whoever has one comes into the project, with the link's role. Its secret is a part of the address that browsers
//! do not send (`https://relay/join#…`), so that no log has it.

use super::{
    Act, DirectoryError, LinkId, ProjectId, Result, Timestamp, UserId, audit,
    members::{self, Role},
    projects::{self, Project},
    users::{self, NewUser, User},
};
use crate::auth::secret::{Purpose, Secret, SecretHash};
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

/// A project has at most so many that are good.
const MAX_PER_PROJECT: u32 = 50;

/// A link, without its secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// What who comes by it may do.
    pub role: Role,
    /// People without an account may come by it.
    pub admits_guests: bool,
    /// Who made it.
    pub created_by: UserId,
    /// Since when.
    pub created_at: Timestamp,
    /// When it ends; never, if it is not said.
    pub expires_at: Option<Timestamp>,
    /// How many belong to the project because of it.
    pub members: u32,
}

/// What a link promises, for who has it and does not belong to the project yet.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Offer {
    /// The project's name.
    pub project_name: String,
    /// What one will be able to do.
    pub role: Role,
    /// One needs no account.
    pub admits_guests: bool,
}

/// What a new link is to be.
#[derive(Clone, Copy, Debug)]
pub struct NewLink {
    /// What who comes by it may do: not an owner.
    pub role: Role,
    /// May people without an account come by it?
    pub admits_guests: bool,
    /// When does it end?
    pub expires_at: Option<Timestamp>,
}

struct Good {
    id: LinkId,
    project: ProjectId,
    offer: Offer,
}

/// Make one.
///
/// # Errors
/// When the one who acts is not the owner, or the link makes no sense.
pub fn create(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    new: NewLink,
) -> Result<(Link, Secret)> {
    members::require(conn, act, project, Role::Owner)?;
    let NewLink { role, admits_guests, expires_at } = new;
    if role == Role::Owner {
        return Err(DirectoryError::Invalid("a link makes nobody an owner".to_owned()));
    }
    if expires_at.is_some_and(|time| time <= act.at) {
        return Err(DirectoryError::Invalid("this link would have ended already".to_owned()));
    }
    let count: u32 = conn
        .prepare_cached("SELECT count(*) FROM links WHERE project = ?1 AND revoked_at IS NULL")?
        .query_row([project], |row| row.get(0))?;
    if count >= MAX_PER_PROJECT {
        let why = format!("the project has {MAX_PER_PROJECT} links: revoke one first");
        return Err(DirectoryError::Quota(why));
    }
    let (id, created_by) = (LinkId::new(), act.user()?);
    let secret = Secret::new(Purpose::Link);
    conn.prepare_cached("INSERT INTO links VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, NULL)")?
        .execute(params![
            id,
            secret.hash(),
            project,
            role,
            admits_guests,
            created_by,
            act.at,
            expires_at
        ])?;
    let detail = json!({ "role": role, "expires_at": expires_at, "admits_guests": admits_guests });
    audit::write(conn, act, "link.create", Some(project), Some(id.to_string()), &detail)?;
    let created_at = act.at;
    let link = Link { id, role, admits_guests, created_by, created_at, expires_at, members: 0 };
    Ok((link, secret))
}

/// Those of a project that have not been revoked.
///
/// # Errors
/// When the one who asks is not the owner.
pub fn list(conn: &Connection, act: &Act, project: ProjectId) -> Result<Vec<Link>> {
    members::require(conn, act, project, Role::Owner)?;
    let mut statement = conn.prepare_cached(
        "SELECT id, role, admits_guests, created_by, created_at, expires_at,
             (SELECT count(*) FROM members WHERE link = links.id)
         FROM links WHERE project = ?1 AND revoked_at IS NULL ORDER BY created_at, id",
    )?;
    let rows = statement.query_map([project], |row| {
        Ok(Link {
            id: row.get(0)?,
            role: row.get(1)?,
            admits_guests: row.get(2)?,
            created_by: row.get(3)?,
            created_at: row.get(4)?,
            expires_at: row.get(5)?,
            members: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Take a link back: nobody comes by it any more, and guests who did are out. Those who have an account stay members,
/// unless they are to go too.
///
/// # Errors
/// When the one who acts is not the owner, or there is no such link.
pub fn revoke(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    id: LinkId,
    removes_members: bool,
) -> Result<()> {
    members::require(conn, act, project, Role::Owner)?;
    let changed = conn
        .prepare_cached(
            "UPDATE links SET revoked_at = ?3
             WHERE id = ?1 AND project = ?2 AND revoked_at IS NULL",
        )?
        .execute(params![id, project, act.at])?;
    if changed == 0 {
        return Err(DirectoryError::NotFound("link"));
    }
    let removed = conn
        .prepare_cached(
            "DELETE FROM members WHERE link = ?1 AND role <> 'owner'
                 AND (?2 OR user IN (SELECT id FROM users WHERE email IS NULL))",
        )?
        .execute(params![id, removes_members])?;
    let detail = json!({ "removed_members": removed });
    audit::write(conn, act, "link.revoke", Some(project), Some(id.to_string()), &detail)
}

fn good(conn: &Connection, secret: SecretHash, now: Timestamp) -> Result<Good> {
    conn.prepare_cached(
        "SELECT l.id, l.project, p.name, l.role, l.admits_guests
         FROM links l JOIN projects p ON p.id = l.project
         WHERE l.hash = ?1 AND l.revoked_at IS NULL AND coalesce(l.expires_at > ?2, TRUE)
             AND p.deleted_at IS NULL",
    )?
    .query_row(params![secret, now], |row| {
        Ok(Good {
            id: row.get(0)?,
            project: row.get(1)?,
            offer: Offer {
                project_name: row.get(2)?,
                role: row.get(3)?,
                admits_guests: row.get(4)?,
            },
        })
    })
    .optional()?
    .ok_or(DirectoryError::BadSecret("this link is not good, or no longer: ask for another"))
}

/// What a link promises.
///
/// # Errors
/// When it is not good.
pub fn offer(conn: &Connection, secret: SecretHash, now: Timestamp) -> Result<Offer> {
    good(conn, secret, now).map(|link| link.offer)
}

/// Come into a project.
///
/// # Errors
/// When the link is not good.
pub fn join(conn: &Connection, act: &Act, secret: SecretHash) -> Result<Project> {
    let link = good(conn, secret, act.at)?;
    let user = act.user()?;
    members::add(conn, act, link.project, user, link.offer.role, Some(link.id))?;
    projects::find(conn, act, link.project)
}

/// Come into a project without an account.
///
/// # Errors
/// When the link is not good, or not for guests.
pub fn join_as_guest(
    conn: &Connection,
    act: &Act,
    secret: SecretHash,
    name: &str,
) -> Result<(User, Project)> {
    let link = good(conn, secret, act.at)?;
    if !link.offer.admits_guests {
        return Err(DirectoryError::Forbidden("this link is for those who have an account"));
    }
    let new = NewUser {
        email: None,
        name: name.to_owned(),
        password: None,
        is_admin: false,
        is_verified: false,
    };
    let guest = users::create(conn, act, new)?;
    let act = Act { user: Some(guest.id), ..*act };
    members::add(conn, &act, link.project, guest.id, link.offer.role, Some(link.id))?;
    let project = projects::find(conn, &act, link.project)?;
    Ok((guest, project))
}
