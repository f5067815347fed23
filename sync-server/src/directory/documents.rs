//! The texts of a project. Ids are made by who makes a text, so that a project that was written offline keeps its own.

use super::{
    Act, DirectoryError, DocumentId, ProjectId, Result, Timestamp, audit, checked_name,
    members::{self, Role},
    paths,
};
use rusqlite::{Connection, ErrorCode, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// A project has at most so many.
const MAX_PER_PROJECT: u32 = 10_000;

/// A text of a project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// Its id: what `/ws/{document}` is asked for.
    pub id: DocumentId,
    /// Where it is in the project, like `chapters/one.tex`.
    pub path: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// All texts of a project, by path.
///
/// # Errors
/// When the one who asks does not belong to it.
pub fn list(conn: &Connection, act: &Act, project: ProjectId) -> Result<Vec<Document>> {
    members::role(conn, act, project)?;
    let mut statement = conn.prepare_cached(
        "SELECT id, path, created_at FROM documents
         WHERE project = ?1 AND kind = 'text' AND deleted_at IS NULL ORDER BY path",
    )?;
    let rows = statement.query_map([project], |row| {
        Ok(Document { id: row.get(0)?, path: row.get(1)?, created_at: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A text is to be in the project, at this path: it is made, moved, or brought back. Doing it twice is doing it once.
///
/// # Errors
/// When the one who acts may not write, the path is none or taken, or the id is of another project.
pub fn put(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    id: DocumentId,
    path: &str,
) -> Result<Document> {
    members::writable(conn, act, project)?;
    let path = paths::checked(path)?;
    let known: Option<(ProjectId, String, String, bool)> = conn
        .prepare_cached(
            "SELECT project, kind, path, deleted_at IS NOT NULL FROM documents WHERE id = ?1",
        )?
        .query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .optional()?;
    match known {
        Some((of, kind, ..)) if of != project || kind != "text" => {
            return Err(DirectoryError::Conflict("this id is taken"));
        }
        Some((_, _, old, false)) if old == path => return find(conn, project, id),
        _ => {}
    }
    if known.is_none() {
        let count: u32 = conn
            .prepare_cached("SELECT count(*) FROM documents WHERE project = ?1")?
            .query_row([project], |row| row.get(0))?;
        if count >= MAX_PER_PROJECT {
            let why = format!("a project has at most {MAX_PER_PROJECT} documents");
            return Err(DirectoryError::Quota(why));
        }
    }
    paths::free(conn, project, &path, &id.to_string())?;
    let kept = conn
        .prepare_cached(
            "INSERT INTO documents (id, project, kind, path, created_at)
             VALUES (?1, ?2, 'text', ?3, ?4)
             ON CONFLICT (id) DO UPDATE SET path = excluded.path, deleted_at = NULL",
        )?
        .execute(params![id, project, path, act.at]);
    match kept {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
            return Err(paths::TAKEN);
        }
        other => other?,
    };
    let action = if known.is_none() { "document.create" } else { "document.move" };
    let detail = json!({ "path": path });
    audit::write(conn, act, action, Some(project), Some(id.to_string()), &detail)?;
    find(conn, project, id)
}

/// Out of the project; its history is kept, and [`put`] brings it back.
///
/// # Errors
/// When the one who acts may not write, or it is not there.
pub fn delete(conn: &Connection, act: &Act, project: ProjectId, id: DocumentId) -> Result<()> {
    members::writable(conn, act, project)?;
    let changed = conn
        .prepare_cached(
            "UPDATE documents SET deleted_at = ?3
             WHERE id = ?1 AND project = ?2 AND kind = 'text' AND deleted_at IS NULL",
        )?
        .execute(params![id, project, act.at])?;
    if changed == 0 {
        return Err(DirectoryError::NotFound("document"));
    }
    audit::write(conn, act, "document.delete", Some(project), Some(id.to_string()), &json!({}))
}

/// The one who acts may do at least this with a text of the project, also with one that was removed from it.
///
/// # Errors
/// When he may not, or it is none.
pub fn text_of(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    id: DocumentId,
    least: Role,
) -> Result<()> {
    members::require(conn, act, project, least)?;
    let is_text: bool = conn
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM documents
             WHERE id = ?1 AND project = ?2 AND kind = 'text')",
        )?
        .query_row(params![id, project], |row| row.get(0))?;
    if is_text { Ok(()) } else { Err(DirectoryError::NotFound("document")) }
}

/// A version of a text may be given this name.
///
/// # Errors
/// When the one who acts may not, or the name is none.
pub fn version_name(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    id: DocumentId,
    name: &str,
) -> Result<String> {
    text_of(conn, act, project, id, Role::Editor)?;
    checked_name(name, "a version's name")
}

/// A version of a text was given a name, or its name taken.
///
/// # Errors
/// When the disk fails.
pub fn named(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    id: DocumentId,
    number: u64,
    name: Option<&str>,
) -> Result<()> {
    let detail = json!({ "number": number, "name": name });
    audit::write(conn, act, "history.name", Some(project), Some(id.to_string()), &detail)
}

/// All texts of a project may be given this name as they are: the name, and the texts.
///
/// # Errors
/// When the one who acts may not, or the name is none.
pub fn name_project(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    name: &str,
) -> Result<(String, Vec<DocumentId>)> {
    members::require(conn, act, project, Role::Editor)?;
    let name = checked_name(name, "a version's name")?;
    let texts = list(conn, act, project)?.into_iter().map(|text| text.id).collect();
    Ok((name, texts))
}

/// All texts of a project were given a name as they are.
///
/// # Errors
/// When the disk fails.
pub fn named_project(conn: &Connection, act: &Act, project: ProjectId, name: &str) -> Result<()> {
    audit::write(conn, act, "history.name_all", Some(project), None, &json!({ "name": name }))
}

/// A text was made what it had been.
///
/// # Errors
/// When the disk fails.
pub fn restored(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    id: DocumentId,
    number: u64,
) -> Result<()> {
    let detail = json!({ "number": number });
    audit::write(conn, act, "history.restore", Some(project), Some(id.to_string()), &detail)
}

/// The history of a text is about to be forgotten.
///
/// # Errors
/// When the one who acts is not the owner.
pub fn forgot_history(
    conn: &Connection,
    act: &Act,
    project: ProjectId,
    id: DocumentId,
) -> Result<()> {
    text_of(conn, act, project, id, Role::Owner)?;
    audit::write(conn, act, "history.forget", Some(project), Some(id.to_string()), &json!({}))
}

/// All documents that are kept: for who checks them.
///
/// # Errors
/// When the disk fails.
pub fn all(conn: &Connection) -> Result<Vec<DocumentId>> {
    let mut statement = conn.prepare("SELECT id FROM documents")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// All documents of a project, also those that were removed from it: they take room too.
///
/// # Errors
/// When the disk fails.
pub fn of_project(conn: &Connection, project: ProjectId) -> Result<Vec<DocumentId>> {
    let mut statement = conn.prepare_cached("SELECT id FROM documents WHERE project = ?1")?;
    let rows = statement.query_map([project], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn find(conn: &Connection, project: ProjectId, id: DocumentId) -> Result<Document> {
    conn.prepare_cached("SELECT path, created_at FROM documents WHERE id = ?1 AND project = ?2")?
        .query_row(params![id, project], |row| {
            Ok(Document { id, path: row.get(0)?, created_at: row.get(1)? })
        })
        .optional()?
        .ok_or(DirectoryError::NotFound("document"))
}
