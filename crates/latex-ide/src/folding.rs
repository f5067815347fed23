//! What can be folded away in a file.

use crate::Snapshot;
use quire_latex_syntax::facts::{self, Folding, FoldingKind};
use quire_project::ProjectPath;

/// All foldings of a file in the order in which they begin.
pub fn foldings(snapshot: &Snapshot, path: &ProjectPath) -> Vec<Folding> {
    if let Some(file) = snapshot.latex(path) {
        return facts::foldings(file.tree());
    }
    let Some(file) = snapshot.bibliography(path) else { return Vec::new() };
    let entries = file.bibliography().entries().map(|entry| entry.range);
    let is_long = |range: &quire_text::ByteRange| {
        file.text().get(range.as_range()).is_some_and(|text| text.trim_end().contains('\n'))
    };
    let kind = FoldingKind::Group;
    entries.filter(is_long).map(|range| Folding { kind, range }).collect()
}
