//! Projects: what they are called, and what becomes of them.

use super::{
    Act, DirectoryError, DocumentId, ProjectId, Result, Timestamp, audit, checked_name,
    members::{self, Role},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

/// What a project is built from, and with, as far as its authors have chosen: for their programs, the relay builds nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The text that is built.
    #[serde(default)]
    pub root: Option<DocumentId>,
    /// The name of an engine.
    #[serde(default)]
    #[schema(example = "xelatex")]
    pub engine: Option<String>,
}

/// A project, as one of its members sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Project {
    /// Its id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// What the one who asks may do.
    pub role: Role,
    /// The document that holds comments and chat: commenters write in this one only.
    pub discussion: DocumentId,
    /// What it is built from, and with.
    pub build: Build,
    /// How many belong to it.
    pub members: u32,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when nobody writes in it.
    pub archived_at: Option<Timestamp>,
    /// Since when it is in the owner's trash.
    pub deleted_at: Option<Timestamp>,
}

const MAX_ENGINE_BYTES: usize = 64;

const SELECT: &str = "
    SELECT p.id, p.name, m.role, d.id, (SELECT count(*) FROM members WHERE project = p.id),
        p.created_at, p.archived_at, p.deleted_at, p.root, p.engine
    FROM members m JOIN projects p ON p.id = m.project
        JOIN documents d ON d.project = p.id AND d.kind = 'discussion'
        JOIN users u ON u.id = m.user LEFT JOIN links l ON l.id = m.link
    WHERE m.user = ?1 AND (p.deleted_at IS NULL OR m.role = 'owner')
        AND (u.email IS NOT NULL OR l.revoked_at IS NULL AND coalesce(l.expires_at > ?2, TRUE))";

fn read(row: &Row<'_>) -> rusqlite::Result<Project> {
    Ok(Project {
        id: row.get(0)?,
        name: row.get(1)?,
        role: row.get(2)?,
        discussion: row.get(3)?,
        build: Build { root: row.get(8)?, engine: row.get(9)? },
        members: row.get(4)?,
        created_at: row.get(5)?,
        archived_at: row.get(6)?,
        deleted_at: row.get(7)?,
    })
}

/// Make a project of one's own. With an id that is one's own project already, that: a reply may have been lost.
///
/// # Errors
/// When the name is none, the id is another's, or there are too many.
pub fn create(
    conn: &Connection,
    act: &Act,
    id: Option<ProjectId>,
    name: &str,
    max_projects: u32,
) -> Result<Project> {
    let user = act.user()?;
    let name = checked_name(name, "a project's name")?;
    let id = id.unwrap_or_default();
    if let Ok(known) = find(conn, act, id)
        && known.role == Role::Owner
    {
        return Ok(known);
    }
    let has_account: bool = conn
        .prepare_cached("SELECT email IS NOT NULL FROM users WHERE id = ?1")?
        .query_row([user], |row| row.get(0))?;
    if !has_account {
        return Err(DirectoryError::Forbidden("guests have no projects of their own"));
    }
    let count: u32 = conn
        .prepare_cached("SELECT count(*) FROM members WHERE user = ?1 AND role = 'owner'")?
        .query_row([user], |row| row.get(0))?;
    if count >= max_projects {
        let why = format!(
            "you own {count} projects, and may own {max_projects}: delete one for good, or hand one over"
        );
        return Err(DirectoryError::Quota(why));
    }
    let added = conn
        .prepare_cached(
            "INSERT INTO projects (id, name, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
        )?
        .execute(params![id, name, act.at])?;
    if added == 0 {
        return Err(DirectoryError::Conflict("this id is taken"));
    }
    conn.prepare_cached("INSERT INTO members VALUES (?1, ?2, 'owner', ?3, NULL)")?
        .execute(params![id, user, act.at])?;
    conn.prepare_cached(
        "INSERT INTO documents (id, project, kind, path, created_at)
         VALUES (?1, ?2, 'discussion', '', ?3)",
    )?
    .execute(params![DocumentId::new(), id, act.at])?;
    audit::write(conn, act, "project.create", Some(id), None, &json!({ "name": name }))?;
    find(conn, act, id)
}

/// One's projects, and those of one's own that are in the trash; the newest first.
///
/// # Errors
/// When the disk fails.
pub fn list(conn: &Connection, act: &Act) -> Result<Vec<Project>> {
    let mut statement =
        conn.prepare_cached(&format!("{SELECT} ORDER BY p.created_at DESC, p.id"))?;
    let rows = statement.query_map(params![act.user()?, act.at], read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A project of one's own, also from the trash, or to which one belongs.
///
/// # Errors
/// When there is none.
pub fn find(conn: &Connection, act: &Act, id: ProjectId) -> Result<Project> {
    conn.prepare_cached(&format!("{SELECT} AND p.id = ?3"))?
        .query_row(params![act.user()?, act.at, id], read)
        .optional()?
        .ok_or(DirectoryError::NotFound("project"))
}

/// Another name.
///
/// # Errors
/// When it is none, or the one who acts is not the owner.
pub fn rename(conn: &Connection, act: &Act, id: ProjectId, name: &str) -> Result<()> {
    let name = checked_name(name, "a project's name")?;
    let sql = "UPDATE projects SET name = ?2 WHERE id = ?1 AND deleted_at IS NULL";
    let changed = owned(conn, act, id)?.prepare_cached(sql)?.execute(params![id, name])?;
    changed_once(conn, act, changed, "project.rename", id, &json!({ "name": name }))
}

/// Another main file or engine.
///
/// # Errors
/// When the one who acts may not write, the text is none of the project, or the name is none.
pub fn choose(conn: &Connection, act: &Act, id: ProjectId, build: &Build) -> Result<Project> {
    members::writable(conn, act, id)?;
    let is_name = |name: &String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        (1..=MAX_ENGINE_BYTES).contains(&name.len()) && name.chars().all(is_plain)
    };
    if !build.engine.as_ref().is_none_or(is_name) {
        return Err(DirectoryError::Invalid("this is not the name of an engine".to_owned()));
    }
    if let Some(root) = build.root {
        let is_there: bool = conn
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM documents
                 WHERE id = ?1 AND project = ?2 AND kind = 'text' AND deleted_at IS NULL)",
            )?
            .query_row(params![root, id], |row| row.get(0))?;
        if !is_there {
            return Err(DirectoryError::NotFound("text of the project"));
        }
    }
    let known = find(conn, act, id)?;
    if known.build == *build {
        return Ok(known);
    }
    conn.prepare_cached("UPDATE projects SET root = ?2, engine = ?3 WHERE id = ?1")?
        .execute(params![id, build.root, build.engine])?;
    audit::write(conn, act, "project.choose", Some(id), None, &json!(build))?;
    find(conn, act, id)
}

/// Nobody writes in it any more; or again.
///
/// # Errors
/// When the one who acts is not the owner.
pub fn archive(conn: &Connection, act: &Act, id: ProjectId, is_archived: bool) -> Result<()> {
    let sql = "UPDATE projects SET archived_at = ?2 WHERE id = ?1 AND deleted_at IS NULL";
    let at = is_archived.then_some(act.at);
    let changed = owned(conn, act, id)?.prepare_cached(sql)?.execute(params![id, at])?;
    let detail = json!({ "is_archived": is_archived });
    changed_once(conn, act, changed, "project.archive", id, &detail)
}

/// Into the trash: nobody but the owner knows of it, and nobody comes in.
///
/// # Errors
/// When the one who acts is not the owner.
pub fn delete(conn: &Connection, act: &Act, id: ProjectId) -> Result<()> {
    let sql = "UPDATE projects SET deleted_at = ?2 WHERE id = ?1 AND deleted_at IS NULL";
    let changed = owned(conn, act, id)?.prepare_cached(sql)?.execute(params![id, act.at])?;
    changed_once(conn, act, changed, "project.delete", id, &json!({}))
}

/// Back from the trash.
///
/// # Errors
/// When the one who acts is not the owner, or it is not in the trash.
pub fn restore(conn: &Connection, act: &Act, id: ProjectId) -> Result<()> {
    let sql = "UPDATE projects SET deleted_at = NULL WHERE id = ?1 AND deleted_at IS NOT NULL";
    let changed = owned(conn, act, id)?.prepare_cached(sql)?.execute([id])?;
    changed_once(conn, act, changed, "project.restore", id, &json!({}))
}

/// For good, from the trash. Answers the documents, whose logs are the archive's to remove.
///
/// # Errors
/// When the one who acts is not the owner, or it is not in the trash.
pub fn purge(conn: &Connection, act: &Act, id: ProjectId) -> Result<Vec<DocumentId>> {
    if find(conn, act, id)?.deleted_at.is_none() {
        return Err(DirectoryError::Conflict("only what is in the trash is deleted for good"));
    }
    owned(conn, act, id)?;
    remove(conn, act, id)
}

/// The projects that are in the trash since before a time go for good.
///
/// # Errors
/// When the disk fails.
pub fn purge_deleted_before(
    conn: &Connection,
    act: &Act,
    time: Timestamp,
) -> Result<Vec<DocumentId>> {
    let mut statement = conn.prepare("SELECT id FROM projects WHERE deleted_at < ?1")?;
    let projects = statement.query_map([time], |row| row.get(0))?;
    let projects: Vec<ProjectId> = projects.collect::<rusqlite::Result<_>>()?;
    let mut documents = Vec::new();
    for project in projects {
        documents.extend(remove(conn, act, project)?);
    }
    Ok(documents)
}

fn remove(conn: &Connection, act: &Act, id: ProjectId) -> Result<Vec<DocumentId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM documents WHERE project = ?1")?;
    let documents = statement.query_map([id], |row| row.get(0))?;
    let documents = documents.collect::<rusqlite::Result<Vec<DocumentId>>>()?;
    // Those first that refer to the links.
    conn.execute("DELETE FROM members WHERE project = ?1", [id])?;
    conn.execute("DELETE FROM projects WHERE id = ?1", [id])?;
    let detail = json!({ "documents": documents.len() });
    audit::write(conn, act, "project.purge", Some(id), None, &detail)?;
    Ok(documents)
}

/// The connection, if the one who acts owns the project.
fn owned<'c>(conn: &'c Connection, act: &Act, id: ProjectId) -> Result<&'c Connection> {
    let project = find(conn, act, id)?;
    if project.role == Role::Owner {
        return Ok(conn);
    }
    members::require(conn, act, id, Role::Owner).map(|_| conn)
}

fn changed_once(
    conn: &Connection,
    act: &Act,
    changed: usize,
    action: &'static str,
    id: ProjectId,
    detail: &Value,
) -> Result<()> {
    if changed == 0 {
        return Err(DirectoryError::NotFound("project"));
    }
    audit::write(conn, act, action, Some(id), None, detail)
}
