//! Projects in and out.

use super::{Answer, answer};
use quire_project::ProjectId;
use quire_workbench::{Exported, Imported, PlaceKind, TemplateCard, Workbench, place_kind};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use ts_rs::TS;

/// Files and folders on the disk.
#[derive(Debug, Deserialize, TS)]
pub struct Places {
    places: Vec<String>,
}

/// What comes in.
#[derive(Debug, Deserialize, TS)]
pub struct ImportProjects {
    places: Vec<String>,
    /// A number for this, to follow and to cancel it.
    task: u32,
}

/// What goes out, and where to.
#[derive(Debug, Deserialize, TS)]
pub struct Export {
    project: ProjectId,
    place: String,
    /// A number for this, to follow and to cancel it.
    task: u32,
}

/// Something that takes long.
#[derive(Debug, Deserialize, TS)]
pub struct OneTask {
    task: u32,
}

pub(crate) fn templates(workbench: &Workbench, (): ()) -> Answer<Vec<TemplateCard>> {
    Ok(workbench.templates())
}

pub(crate) fn look(_: &Workbench, asked: Places) -> Answer<Vec<PlaceKind>> {
    Ok(asked.places.iter().map(|place| place_kind(Path::new(place))).collect())
}

pub(crate) fn import(workbench: &Workbench, asked: ImportProjects) -> Answer<Imported> {
    let places: Vec<PathBuf> = asked.places.into_iter().map(PathBuf::from).collect();
    answer(workbench.import(&places, asked.task))
}

pub(crate) fn zip(workbench: &Workbench, asked: Export) -> Answer<Exported> {
    answer(workbench.export_zip(asked.project, Path::new(&asked.place), asked.task))
}

pub(crate) fn pdf(workbench: &Workbench, asked: Export) -> Answer<Exported> {
    answer(workbench.export_pdf(asked.project, Path::new(&asked.place), asked.task))
}

pub(crate) fn source(workbench: &Workbench, asked: Export) -> Answer<Exported> {
    answer(workbench.export_source(asked.project, Path::new(&asked.place), asked.task))
}

pub(crate) fn cancel(workbench: &Workbench, asked: OneTask) -> Answer<()> {
    workbench.cancel_task(asked.task);
    Ok(())
}
