//! Versions of a document that someone gave a name.

use crate::{ReadTx, Seq, StoreError, Thing, WriteTx, tx::bytes};
use quire_project::{DocumentId, UnixMs, VersionId};

/// A point in the history of a document that has a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Its identity.
    pub id: VersionId,
    /// The last update that is part of it: see [`ReadTx::load_at`].
    pub seq: Seq,
    /// What it is called.
    pub name: String,
    /// When it was given that name.
    pub created: UnixMs,
    /// All texts of the project were given it at once.
    pub of_project: bool,
}

/// A version that is to be given a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewVersion {
    /// Its identity.
    pub id: VersionId,
    /// What it is called.
    pub name: String,
    /// All texts of the project are given it at once.
    pub of_project: bool,
}

impl ReadTx<'_> {
    /// The named versions of a document, the oldest first.
    pub fn versions(&self, document: DocumentId) -> Result<Vec<Version>, StoreError> {
        let key = self.document_key(document)?;
        let sql = "SELECT id, seq, name, created_ms, of_project FROM versions WHERE document = ?
                   ORDER BY seq, key";
        self.rows(sql, [key], |row| {
            Ok(Version {
                id: VersionId(bytes(row, 0)?),
                seq: Seq(row.get(1)?),
                name: row.get(2)?,
                created: UnixMs(row.get(3)?),
                of_project: row.get(4)?,
            })
        })
    }
}

impl WriteTx<'_> {
    /// Give the state of a document after update `seq` a name.
    pub fn name_version(
        &self,
        new: &NewVersion,
        document: DocumentId,
        seq: Seq,
        now: UnixMs,
    ) -> Result<(), StoreError> {
        let NewVersion { id, name, of_project } = new;
        let key = self.document_key(document)?;
        if seq == Seq(0) || seq > self.last_seq(key)? {
            return Err(StoreError::NotFound(Thing::Update(document, seq.0)));
        }
        if self.row("SELECT 1 FROM versions WHERE id = ?", [id.0], |_| Ok(()))?.is_some() {
            return Err(StoreError::Exists(Thing::Version(*id)));
        }
        let sql = "INSERT INTO versions (id, document, seq, name, created_ms, of_project)
                   VALUES (?, ?, ?, ?, ?, ?)";
        self.insert(sql, (id.0, key, seq.0, name, now.0, of_project)).map(drop)
    }

    /// Give a version another name.
    pub fn rename_version(&self, id: VersionId, name: &str) -> Result<(), StoreError> {
        match self.execute("UPDATE versions SET name = ? WHERE id = ?", (name, id.0))? {
            0 => Err(StoreError::NotFound(Thing::Version(id))),
            _ => Ok(()),
        }
    }

    /// Take a version's name away. The state it named stays in the history.
    pub fn forget_version(&self, id: VersionId) -> Result<(), StoreError> {
        match self.execute("DELETE FROM versions WHERE id = ?", [id.0])? {
            0 => Err(StoreError::NotFound(Thing::Version(id))),
            _ => Ok(()),
        }
    }
}
