//! Labels in `\ref` and its kin, keys in `\cite` and its kin.

use super::{
    CompletionItem, CompletionKind, Completions, Place, Ranking, context::Argument, item_at, plain,
};
use crate::{
    BibItem, LatexFile, Snapshot,
    title::{clipped, title_text},
};
use quire_latex_syntax::facts::{Label, LabelKind};
use quire_project::ProjectPath;

/// No longer piece of a title is shown, in characters.
const TITLE_LIMIT: usize = 80;
/// Formulas are read no further, in bytes.
const FORMULA_LIMIT: usize = 600;

pub(super) fn labels(place: &Place<'_>, argument: &Argument<'_>) -> Completions {
    let range = item_at(place.text, argument.start, place.offset);
    let mut ranking = Ranking::new(place.typed(range));
    let document = place.snapshot.document_of(place.path);
    for path in &document.files {
        let Some(file) = place.snapshot.latex(path) else { continue };
        for label in file.labels() {
            let title = label_title(file, label);
            let near = if path == place.path { 20 } else { 0 };
            // `\eqref` wants equations.
            let wanted = argument.command == "eqref" && label.kind == LabelKind::Equation;
            let bonus = near + if wanted { 200 } else { 0 };
            ranking.add(&[&label.name, &title], bonus, || {
                let detail = format!("{}: {title}", label_kind(label.kind));
                let detail = detail.trim_end_matches([':', ' ']).to_owned();
                let item = plain(&label.name, CompletionKind::Label, detail, range);
                CompletionItem { filter_text: format!("{} {title}", label.name), ..item }
            });
        }
    }
    ranking.finish()
}

pub(super) fn citations(place: &Place<'_>, argument: &Argument<'_>) -> Completions {
    let range = item_at(place.text, argument.start, place.offset);
    let mut ranking = Ranking::new(place.typed(range));
    for (_, found) in cited(place.snapshot, place.path) {
        ranking.add(&[&found.key, &found.authors, &found.title], 0, || {
            let detail = format!("{} {} {}", found.authors, found.year, found.title);
            let item = plain(
                &found.key,
                CompletionKind::Citation,
                detail.split_whitespace().collect::<Vec<_>>().join(" "),
                range,
            );
            let filter_text = format!("{} {} {}", found.key, found.authors, found.title);
            CompletionItem { filter_text, ..item }
        });
    }
    ranking.finish()
}

/// What can be cited in a file: the document's bibliographies, or all of the project if it names none.
pub(crate) fn cited(snapshot: &Snapshot, path: &ProjectPath) -> Vec<(ProjectPath, BibItem)> {
    let document = snapshot.document_of(path);
    let mut found: Vec<(ProjectPath, BibItem)> = Vec::new();
    for path in &document.files {
        let Some(file) = snapshot.latex(path) else { continue };
        let items = file.bib_items().iter().map(|(key, key_range)| BibItem {
            key: key.clone(),
            key_range: *key_range,
            range: *key_range,
            entry_type: "bibitem".to_owned(),
            ..BibItem::default()
        });
        found.extend(items.map(|item| (path.clone(), item)));
    }
    let named = snapshot.bibliographies().filter(|(path, _)| {
        document.bibliographies.is_empty() && found.is_empty()
            || document.bibliographies.contains(path)
    });
    let entries =
        named.flat_map(|(path, file)| file.items().iter().map(|item| (path.clone(), item.clone())));
    let entries: Vec<_> = entries.collect();
    found.extend(entries);
    found
}

/// What a label names, in a word.
pub(crate) fn label_kind(kind: LabelKind) -> &'static str {
    match kind {
        LabelKind::Section => "Section",
        LabelKind::Equation => "Equation",
        LabelKind::Figure => "Figure",
        LabelKind::Table => "Table",
        LabelKind::Theorem => "Theorem",
        LabelKind::Item => "Item",
        LabelKind::Listing => "Listing",
        LabelKind::Algorithm => "Algorithm",
        LabelKind::Frame => "Slide",
        LabelKind::Footnote => "Footnote",
    }
}

/// Caption, title, note or formula of a label, shortened.
pub(crate) fn label_title(file: &LatexFile, label: &Label) -> String {
    let Some(title) = label.title else { return String::new() };
    let text = if label.kind == LabelKind::Equation {
        formula(clipped(file.tree().slice(title), FORMULA_LIMIT))
    } else {
        title_text(file.tree(), title)
    };
    match text.char_indices().nth(TITLE_LIMIT) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

/// A formula without what surrounds it: its environment, dollars, labels.
fn formula(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let frame = ["\\begin{", "\\end{", "\\label{"].iter().find(|name| rest.starts_with(**name));
        let end = match frame {
            Some(_) => rest.find('}').map_or(rest.len(), |end| end + 1),
            None if ["\\[", "\\]"].iter().any(|bracket| rest.starts_with(*bracket)) => 2,
            None => {
                let length = rest[1..].chars().next().map_or(1, |c| 1 + c.len_utf8());
                out.push_str(&rest[..length]);
                length
            }
        };
        rest = &rest[end..];
    }
    out.push_str(rest);
    out.replace("$$", "").split_whitespace().collect::<Vec<_>>().join(" ")
}
