//! Projects: what the gallery shows, and what is set for each.

use crate::{ReadTx, StoreError, Thing, WriteTx, settings::json, tx::bytes};
use quire_project::{FileId, ProjectId, UnixMs};
use rusqlite::Row;
use serde_json::Value;

/// Where a project is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProjectState {
    /// In the gallery.
    Active,
    /// Put away.
    Archived,
    /// In the trash, to be deleted for good or restored.
    Trashed,
}

impl ProjectState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
            Self::Trashed => "trashed",
        }
    }
}

/// A project as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// Its identity.
    pub id: ProjectId,
    /// Its name; names need not differ.
    pub name: String,
    /// When it was made.
    pub created: UnixMs,
    /// When it was last opened.
    pub opened: UnixMs,
    /// Sorted.
    pub tags: Vec<String>,
    /// Where it is kept …
    pub state: ProjectState,
    /// … and since when.
    pub state_since: UnixMs,
    /// Absolute path of the folder on disk that the project lives in, if it does.
    pub linked_folder: Option<String>,
    /// The file that is built. It stays the same file when it is renamed.
    pub root_file: Option<FileId>,
    /// Name of the engine that builds it.
    pub engine: String,
    /// What else is set, owned and understood by the application.
    pub settings: Value,
}

/// What a project begins with.
#[derive(Clone, Debug, PartialEq)]
pub struct NewProject {
    /// A fresh id.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// Name of the engine that builds it.
    pub engine: String,
    /// Absolute path of the folder on disk that it lives in, if it does.
    pub linked_folder: Option<String>,
    /// The application's settings for it; an object.
    pub settings: Value,
}

const COLUMNS: &str = "p.key, p.id, p.name, p.created_ms, p.opened_ms, p.state, p.state_since_ms,
    p.linked_folder, (SELECT id FROM files WHERE key = p.root_file), p.engine, p.settings";

impl ReadTx<'_> {
    /// A project, whatever its state.
    pub fn project(&self, id: ProjectId) -> Result<Project, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM projects p WHERE p.id = ?");
        let row = self.row(&sql, [id.0], row_of)?;
        self.finish(row.ok_or(StoreError::NotFound(Thing::Project(id)))?)
    }

    /// The projects in `state`, the last opened first. Every word of `search` must occur in the
    /// name or in a tag, upper or lower case alike; a `tag` must be there exactly.
    pub fn projects(
        &self,
        state: ProjectState,
        search: &str,
        tag: Option<&str>,
    ) -> Result<Vec<Project>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM projects p WHERE p.state = ? ORDER BY p.opened_ms DESC, p.key"
        );
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let mut found = Vec::new();
        for row in self.rows(&sql, [state.as_str()], row_of)? {
            let project = self.finish(row)?;
            let texts: Vec<String> = std::iter::once(&project.name)
                .chain(&project.tags)
                .map(|text| text.to_lowercase())
                .collect();
            let has_words = words.iter().all(|word| texts.iter().any(|text| text.contains(word)));
            if has_words && tag.is_none_or(|tag| project.tags.iter().any(|own| own == tag)) {
                found.push(project);
            }
        }
        Ok(found)
    }

    /// The projects, not in the trash, that live in a folder on disk, the last opened first.
    pub fn projects_of_folder(&self, folder: &str) -> Result<Vec<ProjectId>, StoreError> {
        let sql = "SELECT id FROM projects WHERE linked_folder = ? AND state <> 'trashed'
                   ORDER BY opened_ms DESC, key";
        self.rows(sql, [folder], |row| Ok(ProjectId(bytes(row, 0)?)))
    }

    pub(crate) fn project_key(&self, id: ProjectId) -> Result<i64, StoreError> {
        self.row("SELECT key FROM projects WHERE id = ?", [id.0], |row| row.get(0))?
            .ok_or(StoreError::NotFound(Thing::Project(id)))
    }

    fn finish(&self, (key, settings, mut project): Raw) -> Result<Project, StoreError> {
        project.tags = self.tags_of(key)?;
        project.settings = json(&settings)?;
        Ok(project)
    }
}

type Raw = (i64, String, Project);

fn row_of(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let root_file: Option<[u8; 16]> = row.get(8)?;
    let project = Project {
        id: ProjectId(bytes(row, 1)?),
        name: row.get(2)?,
        created: UnixMs(row.get(3)?),
        opened: UnixMs(row.get(4)?),
        tags: Vec::new(),
        state: match row.get_ref(5)?.as_str()? {
            "archived" => ProjectState::Archived,
            "trashed" => ProjectState::Trashed,
            _ => ProjectState::Active,
        },
        state_since: UnixMs(row.get(6)?),
        linked_folder: row.get(7)?,
        root_file: root_file.map(FileId),
        engine: row.get(9)?,
        settings: Value::Null,
    };
    Ok((row.get(0)?, row.get(10)?, project))
}

impl WriteTx<'_> {
    /// Make a project without files. `now` becomes its time of creation and of opening.
    pub fn create_project(&self, new: &NewProject, now: UnixMs) -> Result<(), StoreError> {
        if self.project_key(new.id).is_ok() {
            return Err(StoreError::Exists(Thing::Project(new.id)));
        }
        let sql = "INSERT INTO projects (id, name, created_ms, opened_ms, state, state_since_ms,
                   linked_folder, engine, settings) VALUES (?1, ?2, ?3, ?3, 'active', ?3, ?4, ?5, ?6)";
        let settings = new.settings.to_string();
        let values = (new.id.0, &new.name, now.0, &new.linked_folder, &new.engine, settings);
        self.insert(sql, values).map(drop)
    }

    /// Give a project another name.
    pub fn rename_project(&self, id: ProjectId, name: &str) -> Result<(), StoreError> {
        self.change(id, "UPDATE projects SET name = ?2 WHERE key = ?1", name)
    }

    /// Remember that a project was opened.
    pub fn project_opened(&self, id: ProjectId, now: UnixMs) -> Result<(), StoreError> {
        self.change(id, "UPDATE projects SET opened_ms = ?2 WHERE key = ?1", now.0)
    }

    /// Archive, trash or restore a project.
    pub fn set_project_state(
        &self,
        id: ProjectId,
        state: ProjectState,
        now: UnixMs,
    ) -> Result<(), StoreError> {
        let key = self.project_key(id)?;
        let sql = "UPDATE projects SET state = ?2, state_since_ms = ?3
                   WHERE key = ?1 AND state <> ?2";
        self.execute(sql, (key, state.as_str(), now.0)).map(drop)
    }

    /// Link a project to a folder on disk, or to none.
    pub fn set_linked_folder(&self, id: ProjectId, path: Option<&str>) -> Result<(), StoreError> {
        self.change(id, "UPDATE projects SET linked_folder = ?2 WHERE key = ?1", path)
    }

    /// Choose the file that is built, one of the project's own, or none.
    pub fn set_root_file(&self, id: ProjectId, file: Option<FileId>) -> Result<(), StoreError> {
        let project = self.project_key(id)?;
        let key = match file {
            Some(file) => {
                let sql = "SELECT key FROM files WHERE id = ? AND project = ?";
                let key = self.row(sql, (file.0, project), |row| row.get::<_, i64>(0))?;
                Some(key.ok_or(StoreError::NotFound(Thing::File(file)))?)
            }
            None => None,
        };
        self.change(id, "UPDATE projects SET root_file = ?2 WHERE key = ?1", key)
    }

    /// Choose the engine that builds a project.
    pub fn set_engine(&self, id: ProjectId, engine: &str) -> Result<(), StoreError> {
        self.change(id, "UPDATE projects SET engine = ?2 WHERE key = ?1", engine)
    }

    /// Replace the application's settings for a project.
    pub fn set_project_settings(&self, id: ProjectId, settings: &Value) -> Result<(), StoreError> {
        let sql = "UPDATE projects SET settings = ?2 WHERE key = ?1";
        self.change(id, sql, settings.to_string())
    }

    /// Delete a project for good, with its files, their documents and all history. Its blobs stay
    /// until [`WriteTx::collect_blobs`].
    pub fn delete_project(&self, id: ProjectId, now: UnixMs) -> Result<(), StoreError> {
        let key = self.project_key(id)?;
        let sql = "UPDATE blobs SET used_ms = ?2
                   WHERE key IN (SELECT blob FROM files WHERE project = ?1)";
        self.execute(sql, (key, now.0))?;
        self.execute("DELETE FROM projects WHERE key = ?", [key]).map(drop)
    }

    /// Copy a project under another name, with its tags, settings, files and their whole history,
    /// but not what is in its trash, not its discussion, which is about the texts of the first, and
    /// not its link to a folder. Every file and document of the
    /// copy gets an id of its own from `fresh`, since it goes its own way from now on.
    pub fn duplicate_project(
        &self,
        from: ProjectId,
        to: ProjectId,
        name: &str,
        now: UnixMs,
        fresh: &mut dyn FnMut() -> [u8; 16],
    ) -> Result<(), StoreError> {
        let source = self.project(from)?;
        let new = NewProject {
            id: to,
            name: name.to_owned(),
            engine: source.engine,
            linked_folder: None,
            settings: source.settings,
        };
        self.create_project(&new, now)?;
        self.set_tags(to, &source.tags)?;
        for file in self.files(from)? {
            let copy = FileId(fresh());
            self.copy_file(&file, to, copy, fresh)?;
            if source.root_file == Some(file.id) {
                self.set_root_file(to, Some(copy))?;
            }
        }
        Ok(())
    }

    fn change(
        &self,
        id: ProjectId,
        sql: &str,
        value: impl rusqlite::ToSql,
    ) -> Result<(), StoreError> {
        let key = self.project_key(id)?;
        self.execute(sql, (key, value)).map(drop)
    }
}
