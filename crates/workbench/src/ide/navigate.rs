//! Places and structure: definitions, references, outline, symbols, folds.

use super::positions::Positions;
use crate::{Position, Range, Workbench, WorkbenchError};
use quire_latex_ide::{Location, Snapshot, definition, folding, outline, references, symbols};
use quire_latex_syntax::facts::{FoldingKind, LabelKind, SectionLevel};
use quire_project::{ProjectId, ProjectPath};
use quire_text::ByteOffset;
use serde::Serialize;
use ts_rs::TS;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Place {
    /// The file.
    pub path: ProjectPath,
    /// Where in it.
    pub range: Range,
}

/// What stands in an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum OutlineKind {
    Part,
    Chapter,
    Section,
    Subsection,
    Subsubsection,
    Paragraph,
    Frame,
    Figure,
    Table,
    Listing,
    Algorithm,
    Equation,
    Theorem,
    /// A label of something else.
    Label,
}

/// An entry of an outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutlineEntry {
    /// What it is.
    pub kind: OutlineKind,
    /// Title or caption; may be empty.
    pub title: String,
    /// Its label.
    pub label: Option<String>,
    /// False for starred sections.
    pub is_numbered: bool,
    /// The file.
    pub path: ProjectPath,
    /// All of it within its file.
    pub range: Range,
    /// Its heading.
    pub heading: Range,
    /// What stands below it, from other files too.
    pub children: Vec<OutlineEntry>,
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum SymbolKind {
    Section,
    Label,
    Command,
    Environment,
    Entry,
}

/// Something in the project that has a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ProjectSymbol {
    /// What it is.
    pub kind: SymbolKind,
    /// As it is shown.
    pub name: String,
    /// What else is known.
    pub detail: String,
    /// Where it stands.
    pub place: Place,
}

/// Lines that fold into the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FoldRange {
    /// The first line, which stays.
    pub start: u32,
    /// The last one.
    pub end: u32,
    /// They are comments.
    pub is_comment: bool,
}

impl From<outline::OutlineKind> for OutlineKind {
    fn from(kind: outline::OutlineKind) -> Self {
        use outline::OutlineKind as K;
        match kind {
            K::Section(SectionLevel::Part) => Self::Part,
            K::Section(SectionLevel::Chapter) => Self::Chapter,
            K::Section(SectionLevel::Section) => Self::Section,
            K::Section(SectionLevel::Subsection) => Self::Subsection,
            K::Section(SectionLevel::Subsubsection) => Self::Subsubsection,
            K::Section(SectionLevel::Paragraph | SectionLevel::Subparagraph) => Self::Paragraph,
            K::Section(SectionLevel::Frame) => Self::Frame,
            K::Figure | K::Label(LabelKind::Figure) => Self::Figure,
            K::Table | K::Label(LabelKind::Table) => Self::Table,
            K::Listing | K::Label(LabelKind::Listing) => Self::Listing,
            K::Algorithm | K::Label(LabelKind::Algorithm) => Self::Algorithm,
            K::Label(LabelKind::Equation) => Self::Equation,
            K::Label(LabelKind::Theorem) => Self::Theorem,
            K::Label(_) => Self::Label,
        }
    }
}

impl From<symbols::SymbolKind> for SymbolKind {
    fn from(kind: symbols::SymbolKind) -> Self {
        match kind {
            symbols::SymbolKind::Section => Self::Section,
            symbols::SymbolKind::Label => Self::Label,
            symbols::SymbolKind::Command => Self::Command,
            symbols::SymbolKind::Environment => Self::Environment,
            symbols::SymbolKind::BibEntry => Self::Entry,
        }
    }
}

fn entries(items: Vec<outline::OutlineItem>, positions: &mut Positions<'_>) -> Vec<OutlineEntry> {
    let entry = |item: outline::OutlineItem| OutlineEntry {
        kind: item.kind.into(),
        title: item.title,
        label: item.label,
        is_numbered: item.is_numbered,
        range: positions.range(&item.path, item.range),
        heading: positions.range(&item.path, item.target),
        path: item.path,
        children: entries(item.children, positions),
    };
    items.into_iter().map(entry).collect()
}

impl Workbench {
    /// Ask about a position.
    pub(super) fn at<T>(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        position: Position,
        answer: impl FnOnce(&Snapshot, ByteOffset, &mut Positions<'_>) -> T,
    ) -> Result<T, WorkbenchError> {
        let snapshot = self.understood(id)?;
        let mut positions = Positions::new(&snapshot);
        let offset = positions.offset(path, position)?;
        Ok(answer(&snapshot, offset, &mut positions))
    }

    fn places(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        position: Position,
        find: fn(&Snapshot, &ProjectPath, ByteOffset) -> Vec<Location>,
    ) -> Result<Vec<Place>, WorkbenchError> {
        self.at(id, path, position, |snapshot, offset, positions| {
            let found = find(snapshot, path, offset);
            found.iter().map(|location| positions.place(location)).collect()
        })
    }

    fn outlined(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        outline: fn(&Snapshot, &ProjectPath) -> Vec<outline::OutlineItem>,
    ) -> Result<Vec<OutlineEntry>, WorkbenchError> {
        let snapshot = self.understood(id)?;
        Ok(entries(outline(&snapshot, path), &mut Positions::new(&snapshot)))
    }

    /// Where the thing at a position is defined.
    pub fn definition(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        position: Position,
    ) -> Result<Vec<Place>, WorkbenchError> {
        self.places(id, path, position, definition::definition)
    }

    /// All places that name the thing at a position.
    pub fn references(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        position: Position,
    ) -> Result<Vec<Place>, WorkbenchError> {
        self.places(id, path, position, references::references)
    }

    /// The outline of one file.
    pub fn file_outline(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<Vec<OutlineEntry>, WorkbenchError> {
        self.outlined(id, path, outline::of_file)
    }

    /// The outline of the document that a file belongs to.
    pub fn outline(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<Vec<OutlineEntry>, WorkbenchError> {
        self.outlined(id, path, outline::of_document)
    }

    /// What has a name in the project and fits what is looked for.
    pub fn symbols(
        &self,
        id: ProjectId,
        query: &str,
    ) -> Result<Vec<ProjectSymbol>, WorkbenchError> {
        let snapshot = self.understood(id)?;
        let mut positions = Positions::new(&snapshot);
        let symbol = |symbol: symbols::Symbol| ProjectSymbol {
            kind: symbol.kind.into(),
            place: positions.place(&symbol.location),
            name: symbol.name,
            detail: symbol.detail,
        };
        Ok(symbols::symbols(&snapshot, query).into_iter().map(symbol).collect())
    }

    /// What folds in a file.
    pub fn folds(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<Vec<FoldRange>, WorkbenchError> {
        let snapshot = self.understood(id)?;
        let mut positions = Positions::new(&snapshot);
        let folds = folding::foldings(&snapshot, path).into_iter().map(|fold| {
            let range = positions.range(path, fold.range);
            // What closes stays in sight.
            let keeps_last = matches!(fold.kind, FoldingKind::Environment | FoldingKind::Preamble);
            let end = if keeps_last { range.end.line - 1 } else { range.end.line };
            FoldRange {
                start: range.start.line,
                end,
                is_comment: fold.kind == FoldingKind::Comment,
            }
        });
        Ok(folds.filter(|fold| fold.start < fold.end).collect())
    }
}
