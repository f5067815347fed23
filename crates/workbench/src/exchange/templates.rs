//! New projects from the templates that come with the program.

use crate::{Workbench, WorkbenchError};
use quire_project::{ProjectId, ProjectPath};
use quire_templates::TEMPLATES;
use serde::Serialize;
use ts_rs::TS;

/// A template as a window offers it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct TemplateCard {
    /// Its id; the picture of its first page is served under it.
    pub id: &'static str,
    /// What it is called.
    pub name: &'static str,
    /// What it is for, a sentence.
    pub description: &'static str,
}

/// The first page of a template, as WebP.
pub fn template_picture(id: &str) -> Option<&'static [u8]> {
    Some(quire_templates::template(id)?.picture)
}

impl Workbench {
    /// What a project can begin with.
    pub fn templates(&self) -> Vec<TemplateCard> {
        let card = |template: &quire_templates::Template| TemplateCard {
            id: template.id,
            name: template.name,
            description: template.description,
        };
        TEMPLATES.iter().map(card).collect()
    }

    /// Make a project of a template.
    pub fn create_from_template(
        &self,
        name: &str,
        template: &str,
    ) -> Result<ProjectId, WorkbenchError> {
        let found = quire_templates::template(template)
            .ok_or_else(|| WorkbenchError::NoTemplate(template.to_owned()))?;
        let mut files = Vec::new();
        for file in found.files {
            files.push((ProjectPath::new(file.path)?, file.text.as_bytes().to_vec()));
        }
        self.create_project(name, files, Some(&ProjectPath::new(found.root())?))
    }
}
