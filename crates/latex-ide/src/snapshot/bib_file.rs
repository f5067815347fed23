//! A bibliography with its entries as lists show them.

use quire_latex_syntax::{
    bib::{self, Bibliography, Entry},
    facts::plain_text,
};
use quire_text::ByteRange;
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

/// An entry of a bibliography, as it would be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BibItem {
    /// Its key.
    pub key: String,
    /// Where the key stands.
    pub key_range: ByteRange,
    /// All of it.
    pub range: ByteRange,
    /// Its type in lower case: `article`; `bibitem` for one of `thebibliography`.
    pub entry_type: String,
    /// Authors, or editors: `Knuth`, `Knuth and Plass`, `Knuth et al.`
    pub authors: String,
    /// The year.
    pub year: String,
    /// The title.
    pub title: String,
    /// Journal, book or publisher.
    pub place: String,
}

/// A bibliography.
#[derive(Debug)]
pub struct BibFile {
    text: Arc<str>,
    bibliography: Bibliography,
    items: OnceLock<Vec<BibItem>>,
}

impl BibFile {
    pub(super) fn new(text: Arc<str>) -> Self {
        let bibliography = bib::parse(&text);
        Self { text, bibliography, items: OnceLock::new() }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its entries and strings.
    pub fn bibliography(&self) -> &Bibliography {
        &self.bibliography
    }

    /// Its entries that have a key.
    pub fn items(&self) -> &[BibItem] {
        self.items.get_or_init(|| {
            let entries = self.bibliography.entries().filter(|entry| !entry.key.is_empty());
            entries.map(|entry| self.item(entry)).collect()
        })
    }

    fn item(&self, entry: &Entry) -> BibItem {
        let slice = |range: ByteRange| self.text.get(range.as_range()).unwrap_or_default();
        let value = |names: &[&str]| {
            let field = names.iter().find_map(|name| entry.field(&self.text, name));
            let value =
                |field: &bib::Field| bib::value_text(&self.bibliography, &self.text, &field.pieces);
            field.map(value).unwrap_or_default()
        };
        let year = value(&["year", "date"]);
        BibItem {
            key: slice(entry.key).to_owned(),
            key_range: entry.key,
            range: entry.range,
            entry_type: slice(entry.entry_type).to_lowercase(),
            authors: people(&value(&["author", "editor", "organization"])),
            year: plain_text(&year).chars().take_while(|c| *c != '-').collect(),
            title: plain_text(&value(&["title"])),
            place: plain_text(&value(&["journal", "journaltitle", "booktitle", "publisher"])),
        }
    }
}

/// Last names, at most two.
fn people(value: &str) -> String {
    let names = bib::split_names(value);
    let last = |name: &bib::Name| {
        let von = if name.von.is_empty() { String::new() } else { format!("{} ", name.von) };
        plain_text(&format!("{von}{}", name.last))
    };
    match names.as_slice() {
        [] => String::new(),
        [one] => last(one),
        [one, two] if two.last == "others" => format!("{} et al.", last(one)),
        [one, two] => format!("{} and {}", last(one), last(two)),
        [one, ..] => format!("{} et al.", last(one)),
    }
}
