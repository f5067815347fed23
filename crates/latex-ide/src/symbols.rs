//! Go to symbol: sections, labels, commands, environments and entries of the whole project by name.

use crate::{
    Location, Snapshot,
    completion::keys::{label_kind, label_title},
    fuzzy::Pattern,
    title::title_text,
};
use quire_latex_syntax::DefinitionKind;
use serde::{Deserialize, Serialize};

/// More symbols than this are not given.
pub const MOST_SYMBOLS: usize = 3_000;

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SymbolKind {
    /// A section or slide.
    Section,
    /// A label.
    Label,
    /// A command that the project defines.
    Command,
    /// An environment that the project defines.
    Environment,
    /// An entry of a bibliography.
    BibEntry,
}

/// Something in the project that has a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// What it is.
    pub kind: SymbolKind,
    /// Its name: a title, `\command`, a label, a key.
    pub name: String,
    /// What else is known of it.
    pub detail: String,
    /// Where it stands.
    pub location: Location,
}

/// The symbols whose name or detail fits `query`, the best first; all, as many as may be given, for an
/// empty one.
pub fn symbols(snapshot: &Snapshot, query: &str) -> Vec<Symbol> {
    let pattern = Pattern::new(query.trim());
    let mut found: Vec<(i32, Symbol)> = Vec::new();
    let mut add = |kind, name: &str, detail: String, location: Location| {
        let by_detail = pattern.score(&detail).map(|score| score - 150);
        if let Some(score) = pattern.score(name).max(by_detail) {
            found.push((score, Symbol { kind, name: name.to_owned(), detail, location }));
        }
    };
    for (path, file) in snapshot.latex_files() {
        let at = |range| Location { path: path.clone(), range };
        let tree = file.tree();
        for section in file.sections() {
            let title = section.title.map(|title| title_text(tree, title));
            let title = title.unwrap_or_default();
            add(SymbolKind::Section, &title, path.to_string(), at(section.heading));
        }
        for label in file.labels() {
            let title = label_title(file, label);
            let detail = if title.is_empty() { label_kind(label.kind).to_owned() } else { title };
            add(SymbolKind::Label, &label.name, detail, at(label.name_range));
        }
        for definition in tree.definitions() {
            let (kind, backslash) = match definition.kind {
                DefinitionKind::Command | DefinitionKind::Operator => (SymbolKind::Command, "\\"),
                DefinitionKind::Environment | DefinitionKind::Theorem => {
                    (SymbolKind::Environment, "")
                }
            };
            let name = format!("{backslash}{}", definition.name);
            add(kind, &name, path.to_string(), at(definition.name_range));
        }
        for (key, range) in file.bib_items() {
            add(SymbolKind::BibEntry, key, path.to_string(), at(*range));
        }
    }
    for (path, file) in snapshot.bibliographies() {
        for item in file.items() {
            let detail = format!("{} {} {}", item.authors, item.year, item.title);
            let location = Location { path: path.clone(), range: item.key_range };
            add(SymbolKind::BibEntry, &item.key, detail.trim().to_owned(), location);
        }
    }
    // Stable: what fits equally well stays in the order of the files.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.truncate(MOST_SYMBOLS);
    found.into_iter().map(|(_, symbol)| symbol).collect()
}
