//! Where things are in a project: texts and files share its paths.

use super::{DirectoryError, ProjectId, Result};
use quire_project::ProjectPath;
use rusqlite::{Connection, params};

const MAX_BYTES: usize = 1024;

/// Two things cannot be at one place.
pub(super) const TAKEN: DirectoryError =
    DirectoryError::Conflict("another text or file of the project has this path");

/// A path that cannot lead outside, in the one form that it has.
pub(crate) fn checked(path: &str) -> Result<String> {
    let invalid = |why: String| Err(DirectoryError::Invalid(why));
    if path.len() > MAX_BYTES || path.chars().any(char::is_control) {
        return invalid(format!(
            "a path has at most {MAX_BYTES} bytes, and no characters that cannot be seen"
        ));
    }
    match ProjectPath::new(path) {
        Ok(path) => Ok(path.as_str().to_owned()),
        Err(error) => invalid(error.to_string()),
    }
}

/// Nothing but `itself`, an id, is at this path, nor where one of its folders would be, nor is it the folder of anything.
pub(super) fn free(conn: &Connection, project: ProjectId, path: &str, itself: &str) -> Result<()> {
    let mut statement = conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM (
             SELECT id, path FROM documents
                 WHERE project = ?1 AND kind = 'text' AND deleted_at IS NULL
             UNION ALL SELECT id, path FROM files WHERE project = ?1)
         WHERE id <> ?3 AND (path = ?2
             OR substr(path, 1, length(?2) + 1) = ?2 || '/'
             OR substr(?2, 1, length(path) + 1) = path || '/'))",
    )?;
    let is_taken: bool = statement.query_row(params![project, path, itself], |row| row.get(0))?;
    if is_taken { Err(TAKEN) } else { Ok(()) }
}
