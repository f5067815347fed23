//! Where somebody stands: is he still who he was when he logged in, and what may he do with a document now. Asked for
//! each request, for each line that is opened, and again for open lines when something was changed.

use super::{
    DirectoryError, DocumentId, LoginId, ProjectId, Result, Timestamp, TokenId, UserId,
    members::Role,
    users::{self, User},
};
use quire_collab::{
    Contents,
    room::{Access, ReadOnly},
};
use rusqlite::{Connection, OptionalExtension, params};

/// By what somebody was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Credential {
    /// An access token of a log-in.
    Login(LoginId),
    /// A personal token.
    Personal(TokenId),
}

/// What somebody may do with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The document's project.
    pub project: ProjectId,
    /// It is the project's discussion.
    pub is_discussion: bool,
    /// His role in it.
    pub role: Role,
    /// What that allows here.
    pub access: Access,
    /// What others see.
    pub name: String,
    /// A guest, for as long as his link is good.
    pub until: Option<Timestamp>,
}

impl Standing {
    /// What the document may hold.
    pub fn contents(&self) -> Contents {
        if self.is_discussion { Contents::Discussion } else { Contents::Text }
    }
}

/// Who came with a credential, if it is still good.
///
/// # Errors
/// When it is not.
pub fn user(conn: &Connection, user: UserId, by: Credential, now: Timestamp) -> Result<User> {
    let (sql, id) = match by {
        Credential::Login(id) => (
            "SELECT EXISTS (SELECT 1 FROM logins
             WHERE id = ?1 AND user = ?2 AND ended_at IS NULL AND expires_at > ?3)",
            id.to_string(),
        ),
        Credential::Personal(id) => (
            "SELECT EXISTS (SELECT 1 FROM personal_tokens
             WHERE id = ?1 AND user = ?2 AND coalesce(expires_at > ?3, TRUE))",
            id.to_string(),
        ),
    };
    let is_good: bool =
        conn.prepare_cached(sql)?.query_row(params![id, user, now], |row| row.get(0))?;
    let found = if is_good { users::find(conn, user)? } else { None };
    found
        .filter(|user| user.disabled_at.is_none())
        .ok_or(DirectoryError::LoggedOut("this log-in has ended: log in again"))
}

/// What somebody may do with a document. One that is not there, and one of a project to which he does not belong, are
/// the same to him.
///
/// # Errors
/// When he may do nothing.
pub fn of(
    conn: &Connection,
    who: UserId,
    by: Credential,
    document: DocumentId,
    now: Timestamp,
) -> Result<Standing> {
    let user = user(conn, who, by, now)?;
    let found: Option<(ProjectId, Role, bool, bool, Option<Timestamp>, bool)> = conn
        .prepare_cached(
            "SELECT d.project, m.role, d.kind = 'discussion', p.archived_at IS NOT NULL,
                 l.expires_at, l.revoked_at IS NOT NULL
             FROM documents d JOIN projects p ON p.id = d.project
                 JOIN members m ON m.project = d.project AND m.user = ?2
                 LEFT JOIN links l ON l.id = m.link
             WHERE d.id = ?1 AND d.deleted_at IS NULL AND p.deleted_at IS NULL",
        )?
        .query_row(params![document, who], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .optional()?;
    let none = DirectoryError::NotFound("document");
    let Some((project, role, is_discussion, is_archived, link_ends, is_revoked)) = found else {
        return Err(none);
    };
    let until = link_ends.filter(|_| user.email.is_none());
    if user.email.is_none() && (is_revoked || until.is_some_and(|end| end <= now)) {
        return Err(none);
    }
    let access = match role {
        _ if is_archived => Access::Read(ReadOnly::Archived),
        Role::Viewer => Access::Read(ReadOnly::Viewer),
        Role::Commenter if !is_discussion => Access::Read(ReadOnly::Commenter),
        Role::Commenter | Role::Editor | Role::Owner => Access::Write,
    };
    Ok(Standing { project, is_discussion, role, access, name: user.name, until })
}

/// What somebody may do in a project: as [`of`], for what is told of the project itself.
///
/// # Errors
/// When he may do nothing.
pub fn in_project(
    conn: &Connection,
    who: UserId,
    by: Credential,
    project: ProjectId,
    now: Timestamp,
) -> Result<Standing> {
    let found: Option<DocumentId> = conn
        .prepare_cached("SELECT id FROM documents WHERE project = ?1 AND kind = 'discussion'")?
        .query_row([project], |row| row.get(0))
        .optional()?;
    let missing = DirectoryError::NotFound("project");
    // Who belongs to a project may read its discussion, and nobody else.
    match of(conn, who, by, found.ok_or(missing.clone())?, now) {
        Err(DirectoryError::NotFound(_)) => Err(missing),
        standing => standing,
    }
}
