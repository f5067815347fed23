//! The outline of a file, or of a document across the files that it reads: sections and slides, floats
//! with their captions, labels of formulas and theorems.

use crate::{LatexFile, Snapshot, completion::keys::label_title, title::title_text};
use quire_latex_syntax::{
    EnvironmentKind,
    facts::{FileReferenceKind, LabelKind, SectionLevel},
};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// What stands in an outline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OutlineKind {
    /// A section of some level, or a slide.
    Section(SectionLevel),
    /// A figure.
    Figure,
    /// A table.
    Table,
    /// A listing.
    Listing,
    /// An algorithm.
    Algorithm,
    /// A label of something else.
    Label(LabelKind),
}

/// An entry of an outline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutlineItem {
    /// What it is.
    pub kind: OutlineKind,
    /// Title or caption as it would be read; of a label what it names. May be empty.
    pub title: String,
    /// The label of a section or float; the name of a label.
    pub label: Option<String>,
    /// False for starred sections.
    pub is_numbered: bool,
    /// The file.
    pub path: ProjectPath,
    /// All of it within its file; of a section up to the next one.
    pub range: ByteRange,
    /// Where to go: the heading, the environment's beginning, the label.
    pub target: ByteRange,
    /// What stands below it, in order, from other files too.
    pub children: Vec<OutlineItem>,
}

/// The outline of one file.
pub fn of_file(snapshot: &Snapshot, path: &ProjectPath) -> Vec<OutlineItem> {
    let items = snapshot.latex(path).map(|file| items(file, path)).unwrap_or_default();
    nest(items)
}

/// The outline of the document that a file belongs to, in the order in which TeX reads it.
pub fn of_document(snapshot: &Snapshot, path: &ProjectPath) -> Vec<OutlineItem> {
    let root = snapshot.document_of(path).root.clone();
    nest(in_order(snapshot, &root, items))
}

/// What `of_file` finds in the files of a document, each file put where it is read, once.
pub(crate) fn in_order<T: Placed>(
    snapshot: &Snapshot,
    root: &ProjectPath,
    of_file: impl Fn(&LatexFile, &ProjectPath) -> Vec<T>,
) -> Vec<T> {
    let mut found = Vec::new();
    let mut seen = HashSet::from([root.clone()]);
    let mut open: Vec<std::vec::IntoIter<Part<T>>> = Vec::new();
    let parts = |path: &ProjectPath| -> Vec<Part<T>> {
        let Some(file) = snapshot.latex(path) else { return Vec::new() };
        let mut parts: Vec<Part<T>> = of_file(file, path).into_iter().map(Part::Found).collect();
        for reference in file.file_references() {
            let is_read = reference.kind == FileReferenceKind::Source
                && !file.tree().slice(reference.range).starts_with("\\includeonly");
            if let Some(inner) = snapshot.resolve(path, reference).filter(|_| is_read) {
                parts.push(Part::File(reference.range.start, inner));
            }
        }
        // Stable: what begins where a file is read comes before it.
        parts.sort_by_key(Part::start);
        parts
    };
    open.push(parts(root).into_iter());
    while let Some(top) = open.last_mut() {
        match top.next() {
            Some(Part::Found(item)) => found.push(item),
            Some(Part::File(_, path)) => {
                if seen.insert(path.clone()) {
                    let inner = parts(&path).into_iter();
                    open.push(inner);
                }
            }
            None => {
                open.pop();
            }
        }
    }
    found
}

/// Something with a place in its file.
pub(crate) trait Placed {
    /// Where it begins.
    fn start(&self) -> ByteOffset;
}

impl Placed for OutlineItem {
    fn start(&self) -> ByteOffset {
        self.target.start
    }
}

enum Part<T> {
    Found(T),
    File(ByteOffset, ProjectPath),
}

impl<T: Placed> Part<T> {
    fn start(&self) -> ByteOffset {
        match self {
            Self::Found(item) => item.start(),
            Self::File(start, _) => *start,
        }
    }
}

/// All items of a file in order, not nested.
fn items(file: &LatexFile, path: &ProjectPath) -> Vec<OutlineItem> {
    let tree = file.tree();
    let item = |kind, title, range, target| OutlineItem {
        kind,
        title,
        label: None,
        is_numbered: true,
        path: path.clone(),
        range,
        target,
        children: Vec::new(),
    };
    let mut items: Vec<OutlineItem> = Vec::new();
    for section in file.sections() {
        let title = section.title.map(|title| title_text(tree, title)).unwrap_or_default();
        let kind = OutlineKind::Section(section.level);
        let is_numbered = section.is_numbered;
        items
            .push(OutlineItem { is_numbered, ..item(kind, title, section.range, section.heading) });
    }
    for float in file.floats() {
        let caption = float.caption.map(|caption| title_text(tree, caption));
        let kind = match float.kind {
            EnvironmentKind::Table => OutlineKind::Table,
            EnvironmentKind::Listing => OutlineKind::Listing,
            EnvironmentKind::Algorithm => OutlineKind::Algorithm,
            _ => OutlineKind::Figure,
        };
        items.push(item(kind, caption.unwrap_or_default(), float.range, float.begin));
    }
    items.sort_by_key(|item| item.target.start);
    let mut labels = Vec::new();
    for label in file.labels() {
        let named = match label.kind {
            LabelKind::Section => section_of(&mut items, label.name_range, label.title),
            LabelKind::Figure | LabelKind::Table | LabelKind::Listing | LabelKind::Algorithm => {
                items.iter_mut().rev().find(|item| {
                    !matches!(item.kind, OutlineKind::Section(_))
                        && item.range.start <= label.name_range.start
                        && label.name_range.end <= item.range.end
                })
            }
            LabelKind::Frame => items.iter_mut().rev().find(|item| {
                item.kind == OutlineKind::Section(SectionLevel::Frame)
                    && item.range.start <= label.name_range.start
                    && label.name_range.end <= item.range.end
            }),
            _ => None,
        };
        match named {
            Some(named) if named.label.is_none() => named.label = Some(label.name.clone()),
            _ => labels.push(OutlineItem {
                label: Some(label.name.clone()),
                ..item(
                    OutlineKind::Label(label.kind),
                    label_title(file, label),
                    label.range,
                    label.name_range,
                )
            }),
        }
    }
    items.extend(labels);
    items.sort_by_key(|item| item.target.start);
    items
}

/// The section whose title the label has, if it follows that title soon.
fn section_of(
    items: &mut [OutlineItem],
    label: ByteRange,
    title: Option<ByteRange>,
) -> Option<&mut OutlineItem> {
    let title = title?;
    let is_section = |item: &&mut OutlineItem| matches!(item.kind, OutlineKind::Section(_));
    items.iter_mut().filter(is_section).find(|item| {
        item.target.start <= title.start
            && title.end <= item.target.end
            && item.target.start <= label.start
    })
}

/// Puts items below the sections that they stand in.
fn nest(items: Vec<OutlineItem>) -> Vec<OutlineItem> {
    let mut top: Vec<OutlineItem> = Vec::new();
    // Sections that are open, with their level.
    let mut open: Vec<(SectionLevel, OutlineItem)> = Vec::new();
    let close = |open: &mut Vec<(SectionLevel, OutlineItem)>, top: &mut Vec<OutlineItem>| {
        let Some((_, item)) = open.pop() else { return };
        match open.last_mut() {
            Some((_, parent)) => parent.children.push(item),
            None => top.push(item),
        }
    };
    for item in items {
        // A slide holds only what stands in it.
        while open.last().is_some_and(|(level, slide)| {
            *level == SectionLevel::Frame
                && (slide.path != item.path || slide.range.end <= item.target.start)
        }) {
            close(&mut open, &mut top);
        }
        match item.kind {
            OutlineKind::Section(level) => {
                while open.last().is_some_and(|(opened, _)| *opened >= level) {
                    close(&mut open, &mut top);
                }
                open.push((level, item));
            }
            _ => match open.last_mut() {
                Some((_, parent)) => parent.children.push(item),
                None => top.push(item),
            },
        }
    }
    while !open.is_empty() {
        close(&mut open, &mut top);
    }
    top
}
