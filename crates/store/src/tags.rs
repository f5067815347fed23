//! Tags of projects.

use crate::{ReadTx, StoreError, WriteTx};
use quire_project::ProjectId;

impl ReadTx<'_> {
    /// Every tag in use, sorted, with the number of projects that have it.
    pub fn tags(&self) -> Result<Vec<(String, u32)>, StoreError> {
        let sql = "SELECT tag, count(*) FROM project_tags GROUP BY tag ORDER BY tag";
        self.rows(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    pub(crate) fn tags_of(&self, project: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT tag FROM project_tags WHERE project = ? ORDER BY tag";
        self.rows(sql, [project], |row| row.get(0))
    }
}

impl WriteTx<'_> {
    /// Give a project exactly these tags.
    pub fn set_tags(&self, project: ProjectId, tags: &[String]) -> Result<(), StoreError> {
        let key = self.project_key(project)?;
        self.execute("DELETE FROM project_tags WHERE project = ?", [key])?;
        for tag in tags {
            let sql = "INSERT OR IGNORE INTO project_tags (project, tag) VALUES (?, ?)";
            self.execute(sql, (key, tag))?;
        }
        Ok(())
    }
}
