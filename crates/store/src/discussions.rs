//! The discussion of a project: one document that is no file, in which its authors talk about the texts. It has a log
//! like theirs, and goes with its project.

use crate::{ReadTx, StoreError, Thing, WriteTx};
use quire_project::{DocumentId, ProjectId, UnixMs};

impl ReadTx<'_> {
    /// The lineage of a project's discussion, once there is one.
    pub fn discussion(&self, project: ProjectId) -> Result<Option<DocumentId>, StoreError> {
        let key = self.project_key(project)?;
        let sql = "SELECT id FROM documents WHERE discusses = ?";
        self.row(sql, [key], |row| Ok(DocumentId(row.get(0)?)))
    }
}

impl WriteTx<'_> {
    /// Make the discussion of a project, in which nothing has been said.
    ///
    /// Errors: `Exists` with the document that is the discussion already.
    pub fn create_discussion(
        &self,
        project: ProjectId,
        id: DocumentId,
        now: UnixMs,
    ) -> Result<(), StoreError> {
        let key = self.project_key(project)?;
        if let Some(known) = self.discussion(project)? {
            return Err(StoreError::Exists(Thing::Document(known)));
        }
        if self.document_key(id).is_ok() {
            return Err(StoreError::Exists(Thing::Document(id)));
        }
        let sql = "INSERT INTO documents (id, created_ms, discusses) VALUES (?, ?, ?)";
        self.insert(sql, (id.0, now.0, key)).map(drop)
    }
}
