//! Words by section over a whole document.

use crate::{
    LatexFile, Snapshot,
    outline::{Placed, in_order},
    title::title_text,
};
use quire_latex_syntax::facts::{Counts, SectionLevel};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};
use serde::{Deserialize, Serialize};

/// What one section holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionWords {
    /// How deep it stands; nothing for what stands before the first one.
    pub level: Option<SectionLevel>,
    /// Its title as it would be read.
    pub title: String,
    /// The file of its heading.
    pub path: ProjectPath,
    /// Its heading.
    pub heading: ByteRange,
    /// Without the sections below it.
    pub own: Counts,
    /// With them.
    pub with_children: Counts,
}

/// What a document holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentWords {
    /// All of it.
    pub total: Counts,
    /// Section by section in the order in which TeX reads them.
    pub sections: Vec<SectionWords>,
}

/// Words of the document that a file belongs to. Text behind an `\input` counts for the section of its
/// own file.
pub fn of_document(snapshot: &Snapshot, path: &ProjectPath) -> DocumentWords {
    let root = snapshot.document_of(path).root.clone();
    count(in_order(snapshot, &root, sections))
}

/// Words of one file.
pub fn of_file(snapshot: &Snapshot, path: &ProjectPath) -> DocumentWords {
    count(snapshot.latex(path).map(|file| sections(file, path)).unwrap_or_default())
}

impl Placed for SectionWords {
    fn start(&self) -> ByteOffset {
        self.heading.start
    }
}

/// The sections of a file; what stands before the first one begins the list.
fn sections(file: &LatexFile, path: &ProjectPath) -> Vec<SectionWords> {
    let headings = file.sections().iter().map(|section| section.heading);
    let headings = [ByteRange::default()].into_iter().chain(headings);
    let counted = file.word_count().sections.iter().zip(headings);
    let section = |(section, heading): (&quire_latex_syntax::facts::SectionCount, ByteRange)| {
        let title = section.title.map(|title| title_text(file.tree(), title));
        SectionWords {
            level: section.level,
            title: title.unwrap_or_default(),
            path: path.clone(),
            heading,
            own: section.own,
            with_children: section.own,
        }
    };
    counted.map(section).collect()
}

fn count(parts: Vec<SectionWords>) -> DocumentWords {
    let mut count = DocumentWords::default();
    for part in parts {
        add(&mut count.total, &part.own);
        match count.sections.last_mut() {
            // A file that is read within a section begins in it.
            Some(last) if part.level.is_none() => add(&mut last.own, &part.own),
            _ => count.sections.push(part),
        }
    }
    // Slides and sections below a section come behind it.
    for i in 0..count.sections.len() {
        let mut sum = count.sections[i].own;
        if let Some(level) = count.sections[i].level {
            let below = count.sections[i + 1..].iter();
            below
                .take_while(|next| next.level.is_some_and(|next| next > level))
                .for_each(|next| add(&mut sum, &next.own));
        }
        count.sections[i].with_children = sum;
    }
    count
}

fn add(sum: &mut Counts, other: &Counts) {
    sum.body += other.body;
    sum.headings += other.headings;
    sum.captions += other.captions;
    sum.footnotes += other.footnotes;
    sum.inline_math += other.inline_math;
    sum.display_math += other.display_math;
    sum.floats += other.floats;
}
