//! Files of a project: a path, and behind it a document (text) or a blob (anything else). Folders
//! are not stored: they are there as long as a file is in them. Moving and deleting: `tree.rs`.

use crate::{ReadTx, StoreError, Thing, WriteTx, tx::bytes};
use quire_project::{ContentHash, DocumentId, FileId, ProjectId, ProjectPath, UnixMs};
use rusqlite::Row;
use unicode_normalization::UnicodeNormalization;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// Text that is edited: the lineage of its document, the same for ever.
    Text(DocumentId),
    /// Bytes that are replaced as a whole.
    Binary {
        /// SHA-256 of the bytes.
        hash: ContentHash,
        /// Their number.
        bytes: u64,
    },
}

/// A file as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its identity, whatever it is called.
    pub id: FileId,
    /// Its project.
    pub project: ProjectId,
    /// Where it is in the tree; in the trash: where it was.
    pub path: ProjectPath,
    /// What it holds.
    pub kind: FileKind,
    /// When it was made or moved, or its bytes replaced. Edits of a text are in its document.
    pub modified: UnixMs,
    /// When it was put into the trash, if it is there.
    pub trashed: Option<UnixMs>,
}

/// What to do about a path that differs from another only in case or composition (`Fig.pdf` and
/// `fig.pdf`, or two ways to write `ü`): systems other than Linux see one file there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaseClash {
    /// Refuse it: right for what a person does.
    Refuse,
    /// Let both be: right for importing what exists; see [`ReadTx::case_clashes`].
    Allow,
}

/// Where a new file goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewFile {
    /// A fresh id.
    pub id: FileId,
    /// Its project.
    pub project: ProjectId,
    /// Its place in the tree.
    pub path: ProjectPath,
    /// What if the path differs from another only in case.
    pub clash: CaseClash,
}

/// A path as a file system that ignores case and composition sees it.
pub(crate) fn folded(path: &str) -> String {
    path.nfc().flat_map(char::to_lowercase).nfc().collect()
}

pub(crate) const COLUMNS: &str =
    "f.id, p.id, f.path, d.id, b.hash, b.bytes, f.modified_ms, f.trashed_ms
    FROM files f JOIN projects p ON p.key = f.project
    LEFT JOIN documents d ON d.key = f.document LEFT JOIN blobs b ON b.key = f.blob";

pub(crate) fn file_of(row: &Row<'_>) -> rusqlite::Result<File> {
    let path: String = row.get(2)?;
    let conversion = |error| {
        rusqlite::Error::FromSqlConversionFailure(2, rusqlite::types::Type::Text, Box::new(error))
    };
    let kind = match row.get::<_, Option<[u8; 16]>>(3)? {
        Some(document) => FileKind::Text(DocumentId(document)),
        None => FileKind::Binary { hash: ContentHash(bytes(row, 4)?), bytes: row.get(5)? },
    };
    Ok(File {
        id: FileId(bytes(row, 0)?),
        project: ProjectId(bytes(row, 1)?),
        path: ProjectPath::new(&path).map_err(conversion)?,
        kind,
        modified: UnixMs(row.get(6)?),
        trashed: row.get::<_, Option<i64>>(7)?.map(UnixMs),
    })
}

impl ReadTx<'_> {
    /// The files in a project's tree, sorted by path.
    pub fn files(&self, project: ProjectId) -> Result<Vec<File>, StoreError> {
        let key = self.project_key(project)?;
        let sql = format!(
            "SELECT {COLUMNS} WHERE f.project = ? AND f.trashed_ms IS NULL ORDER BY f.path"
        );
        self.rows(&sql, [key], file_of)
    }

    /// A file, in the tree or in the trash.
    pub fn file(&self, id: FileId) -> Result<File, StoreError> {
        self.row(&format!("SELECT {COLUMNS} WHERE f.id = ?"), [id.0], file_of)?
            .ok_or(StoreError::NotFound(Thing::File(id)))
    }

    /// The file in a project's tree that has exactly this path.
    pub fn file_at(
        &self,
        project: ProjectId,
        path: &ProjectPath,
    ) -> Result<Option<File>, StoreError> {
        let key = self.project_key(project)?;
        let sql =
            format!("SELECT {COLUMNS} WHERE f.project = ? AND f.path = ? AND f.trashed_ms IS NULL");
        self.row(&sql, (key, path.as_str()), file_of)
    }

    /// Groups of paths in a project's tree that some systems take for one.
    pub fn case_clashes(&self, project: ProjectId) -> Result<Vec<Vec<ProjectPath>>, StoreError> {
        let mut groups = std::collections::BTreeMap::<String, Vec<ProjectPath>>::new();
        for file in self.files(project)? {
            groups.entry(folded(file.path.as_str())).or_default().push(file.path);
        }
        Ok(groups.into_values().filter(|group| group.len() > 1).collect())
    }

    pub(crate) fn file_key(&self, id: FileId) -> Result<i64, StoreError> {
        self.row("SELECT key FROM files WHERE id = ?", [id.0], |row| row.get(0))?
            .ok_or(StoreError::NotFound(Thing::File(id)))
    }

    /// Refuse a path that a file other than `own` is in the way of.
    pub(crate) fn check_path(
        &self,
        project: i64,
        path: &ProjectPath,
        own: &dyn Fn(i64) -> bool,
        clash: CaseClash,
    ) -> Result<(), StoreError> {
        let column = match clash {
            CaseClash::Refuse => "folded",
            CaseClash::Allow => "path",
        };
        let wanted = match clash {
            CaseClash::Refuse => folded(path.as_str()),
            CaseClash::Allow => path.as_str().to_owned(),
        };
        // The path itself, and each folder above it, must not be a file …
        let above = wanted.match_indices('/').map(|(end, _)| &wanted[..end]);
        let sql = format!(
            "SELECT key, path FROM files WHERE project = ? AND {column} = ? AND trashed_ms IS NULL"
        );
        let mut found: Vec<(i64, String)> = Vec::new();
        for taken in above.chain([wanted.as_str()]) {
            found.extend(self.rows(&sql, (project, taken), |row| Ok((row.get(0)?, row.get(1)?)))?);
        }
        // … and no file may be below it: '0' follows '/' in every encoding that matters.
        let sql = format!(
            "SELECT key, path FROM files WHERE project = ? AND {column} > ? AND {column} < ?
             AND trashed_ms IS NULL"
        );
        let below = (project, format!("{wanted}/"), format!("{wanted}0"));
        found.extend(self.rows(&sql, below, |row| Ok((row.get(0)?, row.get(1)?)))?);
        match found.into_iter().find(|(key, _)| !own(*key)) {
            Some((_, by)) => Err(StoreError::PathTaken { path: path.clone(), by: checked(&by)? }),
            None => Ok(()),
        }
    }
}

/// A path from the database.
pub(crate) fn checked(path: &str) -> Result<ProjectPath, StoreError> {
    ProjectPath::new(path).map_err(|error| StoreError::Damaged(error.to_string()))
}

impl WriteTx<'_> {
    /// Make a text file and its document, whose first state is `seed` (update 1, by `author`).
    pub fn create_text_file(
        &self,
        new: &NewFile,
        document: DocumentId,
        seed: &[u8],
        author: &str,
        now: UnixMs,
    ) -> Result<(), StoreError> {
        let document = self.create_document(document, seed, author, now)?;
        self.insert_file(new, (Some(document), None), now)
    }

    /// Make a binary file of a blob that is in the store: see [`crate::Store::put_blob`].
    pub fn create_binary_file(
        &self,
        new: &NewFile,
        hash: ContentHash,
        now: UnixMs,
    ) -> Result<(), StoreError> {
        let blob = self.use_blob(hash, now)?;
        self.insert_file(new, (None, Some(blob)), now)
    }

    /// Give a binary file other bytes. The old blob stays until [`WriteTx::collect_blobs`].
    /// A text is not replaced: its document is edited ([`StoreError::NotFound`]).
    pub fn replace_binary(
        &self,
        id: FileId,
        hash: ContentHash,
        now: UnixMs,
    ) -> Result<(), StoreError> {
        let old = match self.file(id)?.kind {
            FileKind::Binary { hash, .. } => hash,
            FileKind::Text(_) => return Err(StoreError::NotFound(Thing::File(id))),
        };
        self.use_blob(old, now)?;
        let blob = self.use_blob(hash, now)?;
        let sql = "UPDATE files SET blob = ?, modified_ms = ? WHERE id = ?";
        self.execute(sql, (blob, now.0, id.0)).map(drop)
    }

    /// Copy a file of the tree into another project, as a file with a document of its own.
    pub(crate) fn copy_file(
        &self,
        file: &File,
        project: ProjectId,
        id: FileId,
        fresh: &mut dyn FnMut() -> [u8; 16],
    ) -> Result<(), StoreError> {
        let content = match file.kind {
            FileKind::Text(document) => {
                (Some(self.copy_document(document, DocumentId(fresh()))?), None)
            }
            FileKind::Binary { hash, .. } => (None, Some(self.blob_key(hash)?)),
        };
        let path = file.path.clone();
        let new = NewFile { id, project, path, clash: CaseClash::Allow };
        self.insert_file(&new, content, file.modified)
    }

    fn insert_file(
        &self,
        new: &NewFile,
        (document, blob): (Option<i64>, Option<i64>),
        now: UnixMs,
    ) -> Result<(), StoreError> {
        let project = self.project_key(new.project)?;
        if self.file_key(new.id).is_ok() {
            return Err(StoreError::Exists(Thing::File(new.id)));
        }
        self.check_path(project, &new.path, &|_| false, new.clash)?;
        let sql = "INSERT INTO files (id, project, path, folded, document, blob, modified_ms)
                   VALUES (?, ?, ?, ?, ?, ?, ?)";
        let (path, folded) = (new.path.as_str(), folded(new.path.as_str()));
        self.insert(sql, (new.id.0, project, path, folded, document, blob, now.0)).map(drop)
    }
}
