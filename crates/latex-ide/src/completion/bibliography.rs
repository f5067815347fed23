//! Types of entries and names of fields in a bibliography.

use super::{CompletionItem, CompletionKind, Completions, Ranking, plain, snippet};
use crate::Snapshot;
use quire_latex_syntax::bib::Entry;
use quire_project::ProjectPath;
use quire_text::ByteRange;

/// Types of entries with the fields that they need: of BibTeX, and behind them of biblatex.
const TYPES: [(&str, &[&str]); 22] = [
    ("article", &["author", "title", "journal", "year"]),
    ("book", &["author", "title", "publisher", "year"]),
    ("inproceedings", &["author", "title", "booktitle", "year"]),
    ("incollection", &["author", "title", "booktitle", "publisher", "year"]),
    ("inbook", &["author", "title", "chapter", "publisher", "year"]),
    ("phdthesis", &["author", "title", "school", "year"]),
    ("mastersthesis", &["author", "title", "school", "year"]),
    ("techreport", &["author", "title", "institution", "year"]),
    ("proceedings", &["title", "year"]),
    ("booklet", &["title"]),
    ("manual", &["title"]),
    ("unpublished", &["author", "title", "note"]),
    ("misc", &["author", "title", "year"]),
    ("string", &[]),
    ("online", &["author", "title", "url", "year"]),
    ("thesis", &["author", "title", "type", "institution", "year"]),
    ("report", &["author", "title", "type", "institution", "year"]),
    ("collection", &["editor", "title", "year"]),
    ("dataset", &["author", "title", "year"]),
    ("software", &["author", "title", "year"]),
    ("patent", &["author", "title", "number", "year"]),
    ("comment", &[]),
];

/// Names of fields, the frequent ones first.
const FIELDS: [&str; 47] = [
    "author",
    "title",
    "year",
    "journal",
    "booktitle",
    "volume",
    "number",
    "pages",
    "doi",
    "url",
    "publisher",
    "editor",
    "address",
    "edition",
    "series",
    "month",
    "note",
    "isbn",
    "issn",
    "keywords",
    "abstract",
    "institution",
    "school",
    "organization",
    "chapter",
    "howpublished",
    "type",
    "eprint",
    "archiveprefix",
    "primaryclass",
    "crossref",
    "key",
    "file",
    "language",
    "date",
    "urldate",
    "journaltitle",
    "location",
    "eprinttype",
    "eprintclass",
    "subtitle",
    "booksubtitle",
    "shorttitle",
    "translator",
    "pagetotal",
    "langid",
    "version",
];

pub(super) fn complete(snapshot: &Snapshot, path: &ProjectPath, offset: usize) -> Completions {
    let Some(file) = snapshot.bibliography(path) else { return Completions::default() };
    let text = file.text();
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let before = text[..offset].trim_end_matches(is_letter);
    let behind = text[offset..].find(|c| !is_letter(c)).unwrap_or(text.len() - offset);
    let word = ByteRange::new(before.len(), offset + behind);
    let typed = &text[word.start.0..offset];
    if let Some(line) = before.strip_suffix('@')
        && line
            .lines()
            .next_back()
            .is_none_or(|line| line.trim().is_empty() || before.ends_with("\n@"))
    {
        return types(text, word, typed);
    }
    let entries = file.bibliography().entries();
    let entry =
        entries.filter(|entry| entry.key.end.0 < offset && offset <= entry.range.end.0).last();
    match entry {
        Some(entry) if is_at_field(before, text, entry) => fields(text, entry, word, typed),
        _ => Completions::default(),
    }
}

fn types(text: &str, word: ByteRange, typed: &str) -> Completions {
    let mut ranking = Ranking::new(typed);
    let has_body = text[word.end.0..].trim_start_matches([' ', '\t']).starts_with(['{', '(']);
    for (i, (name, needed)) in TYPES.iter().enumerate() {
        let bonus = -i32::try_from(i).unwrap_or(0);
        ranking.add(&[name], bonus, || {
            let item = plain(name, CompletionKind::EntryType, needed.join(", "), word);
            if has_body || needed.is_empty() {
                return item;
            }
            let fields = needed
                .iter()
                .enumerate()
                .map(|(i, field)| format!("\n\t{field} = {{${{{}}}\\}},", i + 2));
            let fields: String = fields.collect();
            let insert_text = format!("{}{{${{1:key}},{fields}\n\\}}", snippet::escape(name));
            CompletionItem { insert_text, is_snippet: true, ..item }
        });
    }
    ranking.finish()
}

/// True where the name of a field can stand: behind a comma that is in no value.
fn is_at_field(before: &str, text: &str, entry: &Entry) -> bool {
    let offset = before.len();
    let in_value = entry.fields.iter().any(|field| {
        let value = field.value;
        !value.is_empty() && value.start.0 < offset && offset < value.end.0
            || text[field.name.end.0..].trim_start().starts_with('=')
                && value.start.0 <= offset
                && offset <= value.end.0
                && field.name.end.0 < offset
    });
    !in_value && before.trim_end().ends_with(',')
}

fn fields(text: &str, entry: &Entry, word: ByteRange, typed: &str) -> Completions {
    let mut ranking = Ranking::new(typed);
    let kind = text.get(entry.entry_type.as_range()).unwrap_or_default().to_lowercase();
    let needed = TYPES.iter().find(|(name, _)| *name == kind).map_or(&[] as &[_], |(_, n)| *n);
    let has_value = text[word.end.0..].trim_start_matches([' ', '\t']).starts_with('=');
    let given = |name: &str| entry.field(text, name).is_some_and(|field| field.name != word);
    for (i, name) in FIELDS.iter().enumerate().filter(|(_, name)| !given(name)) {
        let is_needed = needed.contains(name);
        let bonus = if is_needed { 100 } else { 0 } - i32::try_from(i).unwrap_or(0);
        ranking.add(&[name], bonus, || {
            let detail = if is_needed { format!("needed by @{kind}") } else { String::new() };
            let item = plain(name, CompletionKind::Field, detail, word);
            if has_value {
                return item;
            }
            CompletionItem {
                insert_text: format!("{name} = {{$1\\}},$0"),
                is_snippet: true,
                ..item
            }
        });
    }
    ranking.finish()
}
