//! Projects and the gallery.

use super::{Answer, answer};
use quire_project::{ProjectId, ProjectPath};
use quire_workbench::{FoundProject, GalleryPage, ProjectView, Settled, Shelf, Workbench};
use serde::Deserialize;
use std::path::PathBuf;
use ts_rs::TS;

/// A project.
#[derive(Debug, Deserialize, TS)]
pub struct OneProject {
    project: ProjectId,
}

impl OneProject {
    pub(super) fn id(&self) -> ProjectId {
        self.project
    }
}

/// A project and a name for it.
#[derive(Debug, Deserialize, TS)]
pub struct NamedProject {
    project: ProjectId,
    name: String,
}

/// Which projects to show.
#[derive(Debug, Deserialize, TS)]
pub struct ListProjects {
    shelf: Shelf,
    /// Words of names and tags.
    search: String,
    tag: Option<String>,
}

/// Words to look for in all texts.
#[derive(Debug, Deserialize, TS)]
pub struct SearchEverywhere {
    query: String,
}

/// What a new project is called.
#[derive(Debug, Deserialize, TS)]
pub struct CreateProject {
    name: String,
    /// The id of a template.
    template: Option<String>,
}

/// Where the folder of a project is now.
#[derive(Debug, Deserialize, TS)]
pub struct Relink {
    project: ProjectId,
    folder: String,
}

/// A folder on disk.
#[derive(Debug, Deserialize, TS)]
pub struct FolderPath {
    folder: String,
}

/// Where to put a project.
#[derive(Debug, Deserialize, TS)]
pub struct SetShelf {
    project: ProjectId,
    shelf: Shelf,
}

/// Tags for a project.
#[derive(Debug, Deserialize, TS)]
pub struct SetTags {
    project: ProjectId,
    tags: Vec<String>,
}

pub(crate) fn list(workbench: &Workbench, asked: ListProjects) -> Answer<GalleryPage> {
    answer(workbench.projects(asked.shelf, &asked.search, asked.tag.as_deref()))
}

pub(crate) fn search_everywhere(
    workbench: &Workbench,
    asked: SearchEverywhere,
) -> Answer<Vec<FoundProject>> {
    answer(workbench.search_everywhere(&asked.query))
}

/// A document that builds, to begin with.
const FIRST: &str = "\\documentclass{article}\n\n\\title{Untitled}\n\\author{}\n\n\\begin{document}\n\\maketitle\n\n\\section{Introduction}\n\n\n\\end{document}\n";

pub(crate) fn create(workbench: &Workbench, asked: CreateProject) -> Answer<ProjectId> {
    if let Some(template) = &asked.template {
        return answer(workbench.create_from_template(&asked.name, template));
    }
    let main = answer(ProjectPath::new("main.tex").map_err(Into::into))?;
    let files = vec![(main.clone(), FIRST.as_bytes().to_vec())];
    answer(workbench.create_project(&asked.name, files, Some(&main)))
}

pub(crate) fn link_folder(workbench: &Workbench, asked: FolderPath) -> Answer<ProjectId> {
    answer(workbench.link_folder(&PathBuf::from(asked.folder)))
}

pub(crate) fn relink(workbench: &Workbench, asked: Relink) -> Answer<()> {
    answer(workbench.relink(asked.project, &PathBuf::from(asked.folder)))
}

pub(crate) fn rename(workbench: &Workbench, asked: NamedProject) -> Answer<()> {
    answer(workbench.rename_project(asked.project, &asked.name))
}

pub(crate) fn duplicate(workbench: &Workbench, asked: NamedProject) -> Answer<ProjectId> {
    answer(workbench.duplicate_project(asked.project, &asked.name))
}

pub(crate) fn set_shelf(workbench: &Workbench, asked: SetShelf) -> Answer<()> {
    answer(workbench.set_shelf(asked.project, asked.shelf))
}

pub(crate) fn delete(workbench: &Workbench, asked: OneProject) -> Answer<()> {
    answer(workbench.delete_project(asked.project))
}

pub(crate) fn set_tags(workbench: &Workbench, asked: SetTags) -> Answer<()> {
    answer(workbench.set_tags(asked.project, asked.tags))
}

pub(crate) fn open(workbench: &Workbench, asked: OneProject) -> Answer<ProjectView> {
    answer(workbench.open_project(asked.project))
}

pub(crate) fn close(workbench: &Workbench, asked: OneProject) -> Answer<()> {
    answer(workbench.close_project(asked.project))
}

pub(crate) fn settle(workbench: &Workbench, (): ()) -> Answer<Settled> {
    answer(workbench.settle())
}
