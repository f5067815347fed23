//! The projects: making, finding, naming, tagging, putting away.

use crate::{Event, Programs, Workbench, WorkbenchError, clock, files::UNUSED_MS, settings};
use quire_compile::project_folder::{Asked, Surroundings, locate};
use quire_project::{ProjectId, ProjectPath, UnixMs};
use quire_store::{NewProject, Project, ProjectState, StoreError};
use serde::{Deserialize, Serialize};
use std::{collections::HashSet, path::Path};
use ts_rs::TS;

/// The engine that a new project has.
pub(crate) const ENGINE: &str = "tectonic";

/// A project as the gallery shows it.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProjectCard {
    /// The project.
    pub id: ProjectId,
    /// Its name.
    pub name: String,
    /// When it was last opened.
    pub opened: UnixMs,
    /// When it was made.
    pub created: UnixMs,
    /// Since when it is where it is (in the archive, in the trash).
    pub since: UnixMs,
    /// Sorted.
    pub tags: Vec<String>,
    /// The folder on disk that it lives in.
    pub folder: Option<String>,
    /// That folder is not there now.
    pub folder_missing: bool,
    /// When the picture of its first page was made, if there is one.
    pub page: Option<UnixMs>,
}

/// How many projects there are, whatever is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ShelfCounts {
    /// In the gallery.
    pub active: usize,
    /// Put away.
    pub archived: usize,
    /// In the trash.
    pub trashed: usize,
}

/// A tag and how many projects have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Tag {
    /// The tag.
    pub name: String,
    /// How many have it.
    pub projects: u32,
}

/// What the gallery shows.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct GalleryPage {
    /// The projects that match, the last opened first.
    pub projects: Vec<ProjectCard>,
    /// All tags in use.
    pub tags: Vec<Tag>,
    /// How many there are on each shelf.
    pub counts: ShelfCounts,
}

/// Where a project is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Shelf {
    /// In the gallery.
    Active,
    /// Put away.
    Archived,
    /// In the trash.
    Trashed,
}

impl From<Shelf> for ProjectState {
    fn from(shelf: Shelf) -> Self {
        match shelf {
            Shelf::Active => Self::Active,
            Shelf::Archived => Self::Archived,
            Shelf::Trashed => Self::Trashed,
        }
    }
}

impl Workbench {
    /// Projects on a shelf whose name or tags hold every word of `search`.
    pub fn projects(
        &self,
        shelf: Shelf,
        search: &str,
        tag: Option<&str>,
    ) -> Result<GalleryPage, WorkbenchError> {
        let (projects, tags, counts) = self.store()?.read(|tx| {
            let count = |state| Ok::<_, StoreError>(tx.projects(state, "", None)?.len());
            let counts = ShelfCounts {
                active: count(ProjectState::Active)?,
                archived: count(ProjectState::Archived)?,
                trashed: count(ProjectState::Trashed)?,
            };
            Ok((tx.projects(shelf.into(), search, tag)?, tx.tags()?, counts))
        })?;
        Ok(GalleryPage {
            projects: projects.into_iter().map(|project| self.card(project)).collect(),
            tags: tags.into_iter().map(|(name, projects)| Tag { name, projects }).collect(),
            counts,
        })
    }

    fn card(&self, project: Project) -> ProjectCard {
        ProjectCard {
            page: self.first_page_made(project.id),
            folder_missing: project
                .linked_folder
                .as_ref()
                .is_some_and(|folder| !Path::new(folder).is_dir()),
            id: project.id,
            name: project.name,
            opened: project.opened,
            created: project.created,
            since: project.state_since,
            tags: project.tags,
            folder: project.linked_folder,
        }
    }

    /// Make a project of these files. One that is text by name and contents becomes a document. When
    /// anything fails no project is left.
    pub fn create_project(
        &self,
        name: &str,
        files: Vec<(ProjectPath, Vec<u8>)>,
        root: Option<&ProjectPath>,
    ) -> Result<ProjectId, WorkbenchError> {
        let mut making = self.begin_project();
        for (path, bytes) in files {
            making.add(path, &bytes)?;
        }
        making.finish(name, root)
    }

    /// A name that can be given, and that no other project has.
    pub(crate) fn name_for(&self, name: &str) -> Result<String, WorkbenchError> {
        self.free_name(&usable(name)?)
    }

    /// Make a project of a folder on disk, which stays where it is. One that there is for it already
    /// is taken.
    pub fn link_folder(&self, folder: &Path) -> Result<ProjectId, WorkbenchError> {
        let real = std::fs::canonicalize(folder).map_err(|source| WorkbenchError::Io {
            doing: "open the folder",
            place: folder.to_owned(),
            source,
        })?;
        let place = real.to_string_lossy().into_owned();
        if let Some(id) = self.store()?.read(|tx| tx.projects_of_folder(&place))?.first() {
            let id = *id;
            self.set_shelf(id, Shelf::Active)?;
            return Ok(id);
        }
        let id = ProjectId(clock::fresh_id());
        let name = real.file_name().map_or_else(|| place.clone(), |n| n.to_string_lossy().into());
        let new = NewProject {
            id,
            name,
            engine: ENGINE.to_owned(),
            linked_folder: Some(place),
            settings: serde_json::json!({}),
        };
        self.store()?.write(move |tx| tx.create_project(&new, clock::now()))?;
        self.tell_gallery()?;
        Ok(id)
    }

    /// Open the project on disk that a source belongs to: the project, and the file in it. A folder is
    /// a project itself.
    pub fn link_place(
        &self,
        place: &Path,
        surroundings: &Surroundings,
    ) -> Result<(ProjectId, Option<ProjectPath>), WorkbenchError> {
        if place.is_dir() {
            return Ok((self.link_folder(place)?, None));
        }
        let location = locate(place, None, surroundings)?;
        let file = match location.asked {
            Asked::File(path) => Some(path),
            Asked::Folder(_) => None,
        };
        Ok((self.link_folder(&location.folder)?, file))
    }

    /// Give a project another name.
    pub fn rename_project(&self, id: ProjectId, name: &str) -> Result<(), WorkbenchError> {
        let name = usable(name)?;
        let stored = name.clone();
        self.store()?.write(move |tx| tx.rename_project(id, &stored))?;
        self.ask(move |desk| {
            if let Some(project) = desk.open.get_mut(&id) {
                project.name = name;
            }
            desk.emit(&Event::GalleryChanged);
        })
    }

    /// Copy a project with its history.
    pub fn duplicate_project(
        &self,
        id: ProjectId,
        name: &str,
    ) -> Result<ProjectId, WorkbenchError> {
        let (copy, name) = (ProjectId(clock::fresh_id()), self.free_name(&usable(name)?)?);
        self.store()?.write(move |tx| {
            tx.duplicate_project(id, copy, &name, clock::now(), &mut clock::fresh_id)?;
            // What the author has allowed the one is not allowed to the other.
            let mut settings = settings::parse(tx.project(copy)?.settings);
            settings.build.programs = Programs::NotAsked;
            tx.set_project_settings(copy, &serde_json::to_value(&settings).unwrap_or_default())
        })?;
        self.tell_gallery()?;
        Ok(copy)
    }

    /// Put a project on another shelf.
    pub fn set_shelf(&self, id: ProjectId, shelf: Shelf) -> Result<(), WorkbenchError> {
        self.store()?.write(move |tx| tx.set_project_state(id, shelf.into(), clock::now()))?;
        self.tell_gallery()
    }

    /// Delete a project for good. The folder of a linked one is not touched.
    pub fn delete_project(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        // What builds left is a cache: what of it cannot be cleared is in nobody's way.
        let _ = self.clear_builds(id);
        self.close_project(id)?;
        self.store()?.write(move |tx| {
            tx.delete_project(id, clock::now())?;
            tx.collect_blobs(clock::now(), UNUSED_MS).map(drop)
        })?;
        let _ = std::fs::remove_dir_all(self.config().builds().join(id.to_string()));
        self.tell_gallery()
    }

    /// Give a project exactly these tags.
    pub fn set_tags(&self, id: ProjectId, tags: Vec<String>) -> Result<(), WorkbenchError> {
        self.store()?.write(move |tx| tx.set_tags(id, &tags))?;
        self.tell_gallery()
    }

    /// A name that no project in the gallery has: `Paper`, `Paper 2` …
    fn free_name(&self, wanted: &str) -> Result<String, WorkbenchError> {
        let projects = self.store()?.read(|tx| tx.projects(ProjectState::Active, "", None))?;
        let taken: HashSet<String> = projects.into_iter().map(|project| project.name).collect();
        let numbered = (2..).map(|number| format!("{wanted} {number}"));
        let mut names = std::iter::once(wanted.to_owned()).chain(numbered);
        Ok(names.find(|name| !taken.contains(name)).unwrap_or_default())
    }

    /// Let a linked project live in another folder: its own was moved.
    pub fn relink(&self, id: ProjectId, folder: &Path) -> Result<(), WorkbenchError> {
        let real = std::fs::canonicalize(folder).map_err(|source| WorkbenchError::Io {
            doing: "open the folder",
            place: folder.to_owned(),
            source,
        })?;
        self.close_project(id)?;
        let place = real.to_string_lossy().into_owned();
        self.store()?.write(move |tx| tx.set_linked_folder(id, Some(&place)))?;
        self.tell_gallery()
    }

    /// When the picture of the first page was made.
    fn first_page_made(&self, id: ProjectId) -> Option<UnixMs> {
        let made = std::fs::metadata(self.first_page_file(id)).ok()?.modified().ok()?;
        let since = made.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(UnixMs(i64::try_from(since.as_millis()).ok()?))
    }

    pub(crate) fn tell_gallery(&self) -> Result<(), WorkbenchError> {
        self.ask(|desk| desk.emit(&Event::GalleryChanged))
    }
}

/// A name as it is kept: on one line, without space around it.
fn usable(name: &str) -> Result<String, WorkbenchError> {
    let name: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match name.trim() {
        "" => Err(WorkbenchError::NoName),
        name => Ok(name.to_owned()),
    }
}
