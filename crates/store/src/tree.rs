//! Changes of a project's tree: moving files and folders, the trash, deleting for good.

use crate::{
    CaseClash, File, ReadTx, StoreError, Thing, WriteTx,
    files::{COLUMNS, checked, file_of, folded},
};
use quire_project::{FileId, ProjectId, ProjectPath, UnixMs};
use std::collections::HashSet;

impl ReadTx<'_> {
    /// The files in a project's trash, the last deleted first.
    pub fn trash(&self, project: ProjectId) -> Result<Vec<File>, StoreError> {
        let key = self.project_key(project)?;
        let sql = format!(
            "SELECT {COLUMNS} WHERE f.project = ? AND f.trashed_ms IS NOT NULL
             ORDER BY f.trashed_ms DESC, f.path, f.key"
        );
        self.rows(&sql, [key], file_of)
    }

    fn files_below(&self, project: i64, folder: &str) -> Result<Vec<(i64, String)>, StoreError> {
        let sql = "SELECT key, path FROM files WHERE project = ? AND path > ? AND path < ?
                   AND trashed_ms IS NULL ORDER BY path";
        let range = (project, format!("{folder}/"), format!("{folder}0"));
        self.rows(sql, range, |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Project and path of a file that is in the tree, or of one that is in the trash.
    fn placed(&self, id: FileId, in_trash: bool) -> Result<(i64, i64, ProjectPath), StoreError> {
        let sql = "SELECT key, project, path FROM files WHERE id = ? AND
                   (trashed_ms IS NOT NULL) = ?";
        let found = self.row(sql, (id.0, in_trash), |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))
        })?;
        let (key, project, path) = found.ok_or(StoreError::NotFound(Thing::File(id)))?;
        Ok((key, project, checked(&path)?))
    }
}

impl WriteTx<'_> {
    /// Rename or move a file. Its document, its history and its being the root file go with it.
    pub fn move_file(
        &self,
        id: FileId,
        to: &ProjectPath,
        now: UnixMs,
        clash: CaseClash,
    ) -> Result<(), StoreError> {
        let (key, project, _) = self.placed(id, false)?;
        self.check_path(project, to, &|other| other == key, clash)?;
        self.place(key, to, now)
    }

    /// Rename or move a folder with all that is in it; the paths before and after, sorted. Into a
    /// folder that exists it is merged, unless a name is taken: then nothing is moved.
    pub fn move_folder(
        &self,
        project: ProjectId,
        from: &ProjectPath,
        to: &ProjectPath,
        now: UnixMs,
        clash: CaseClash,
    ) -> Result<Vec<(ProjectPath, ProjectPath)>, StoreError> {
        let inside = to.as_str().strip_prefix(from.as_str()).is_some_and(|s| s.starts_with('/'));
        if inside {
            return Err(StoreError::IntoItself(from.clone()));
        }
        let project = self.project_key(project)?;
        let files = self.files_below(project, from.as_str())?;
        if files.is_empty() {
            return Err(StoreError::NotFound(Thing::Folder(from.clone())));
        }
        let own: HashSet<i64> = files.iter().map(|(key, _)| *key).collect();
        let mut moved = Vec::new();
        for (key, path) in files {
            let rest = &path[from.as_str().len() + 1..];
            let target = checked(&format!("{to}/{rest}"))?;
            self.check_path(project, &target, &|other| own.contains(&other), clash)?;
            moved.push((key, checked(&path)?, target));
        }
        // All leave the tree before the first comes back: `a/b/x` may go where `a/x` still is.
        for (key, ..) in &moved {
            self.execute("UPDATE files SET trashed_ms = ? WHERE key = ?", (now.0, key))?;
        }
        for (key, _, target) in &moved {
            self.place(*key, target, now)?;
        }
        Ok(moved.into_iter().map(|(_, from, to)| (from, to)).collect())
    }

    /// Put a file into the trash. Its path is free from then on.
    pub fn trash_file(&self, id: FileId, now: UnixMs) -> Result<(), StoreError> {
        let (key, ..) = self.placed(id, false)?;
        self.execute("UPDATE files SET trashed_ms = ? WHERE key = ?", (now.0, key)).map(drop)
    }

    /// Put all files of a folder into the trash; their number.
    pub fn trash_folder(
        &self,
        project: ProjectId,
        folder: &ProjectPath,
        now: UnixMs,
    ) -> Result<usize, StoreError> {
        let files = self.files_below(self.project_key(project)?, folder.as_str())?;
        if files.is_empty() {
            return Err(StoreError::NotFound(Thing::Folder(folder.clone())));
        }
        for (key, _) in &files {
            self.execute("UPDATE files SET trashed_ms = ? WHERE key = ?", (now.0, key))?;
        }
        Ok(files.len())
    }

    /// Take a file out of the trash, to where it was or to `to`. When that path is taken meanwhile
    /// ([`StoreError::PathTaken`]) it stays in the trash.
    pub fn restore_file(
        &self,
        id: FileId,
        to: Option<&ProjectPath>,
        now: UnixMs,
        clash: CaseClash,
    ) -> Result<(), StoreError> {
        let (key, project, path) = self.placed(id, true)?;
        let to = to.unwrap_or(&path);
        self.check_path(project, to, &|_| false, clash)?;
        self.place(key, to, now)
    }

    /// Delete a file of the trash for good, with its document and history. A blob stays until
    /// [`WriteTx::collect_blobs`].
    pub fn delete_file(&self, id: FileId, now: UnixMs) -> Result<(), StoreError> {
        let (key, ..) = self.placed(id, true)?;
        let sql = "UPDATE blobs SET used_ms = ? WHERE key = (SELECT blob FROM files WHERE key = ?)";
        self.execute(sql, (now.0, key))?;
        self.execute("DELETE FROM files WHERE key = ?", [key]).map(drop)
    }

    /// Give a file a place in the tree, wherever it was.
    fn place(&self, key: i64, path: &ProjectPath, now: UnixMs) -> Result<(), StoreError> {
        let sql = "UPDATE files SET path = ?, folded = ?, modified_ms = ?, trashed_ms = NULL
                   WHERE key = ?";
        let values = (path.as_str(), folded(path.as_str()), now.0, key);
        self.execute(sql, values).map(drop)
    }
}
