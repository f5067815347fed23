//! How many words a document has.

use super::{OutlineKind, positions::Positions};
use crate::{Range, Workbench, WorkbenchError};
use quire_latex_ide::{outline, words};
use quire_latex_syntax::facts;
use quire_project::{ProjectId, ProjectPath};
use serde::Serialize;
use ts_rs::TS;

/// What was counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Words {
    /// Words of the running text.
    pub body: usize,
    /// In titles.
    pub headings: usize,
    /// In captions.
    pub captions: usize,
    /// In footnotes.
    pub footnotes: usize,
    /// Formulas, in lines and on their own.
    pub formulas: usize,
    /// Figures, tables, listings, algorithms.
    pub floats: usize,
}

/// A section with what it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SectionWords {
    /// None for what stands before the first section.
    pub kind: Option<OutlineKind>,
    /// Its title.
    pub title: String,
    /// The file of its heading.
    pub path: ProjectPath,
    /// Its heading.
    pub heading: Range,
    /// Without the sections below it.
    pub own: Words,
    /// With them.
    pub with_children: Words,
}

/// A document with what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
pub struct WordCount {
    /// All of it.
    pub total: Words,
    /// Section by section.
    pub sections: Vec<SectionWords>,
}

impl From<facts::Counts> for Words {
    fn from(counts: facts::Counts) -> Self {
        Self {
            body: counts.body,
            headings: counts.headings,
            captions: counts.captions,
            footnotes: counts.footnotes,
            formulas: counts.inline_math + counts.display_math,
            floats: counts.floats,
        }
    }
}

impl Workbench {
    /// The words of the document that a file belongs to.
    pub fn word_count(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<WordCount, WorkbenchError> {
        let snapshot = self.understood(id)?;
        let mut positions = Positions::new(&snapshot);
        let count = words::of_document(&snapshot, path);
        let section = |section: words::SectionWords| SectionWords {
            kind: section.level.map(|level| outline::OutlineKind::Section(level).into()),
            heading: positions.range(&section.path, section.heading),
            title: section.title,
            path: section.path,
            own: section.own.into(),
            with_children: section.with_children.into(),
        };
        let sections = count.sections.into_iter().map(section).collect();
        Ok(WordCount { total: count.total.into(), sections })
    }
}
