//! BibTeX: entries, fields, strings. What stands between entries is a comment, as for BibTeX itself.
//! An entry that does not close ends where the next line begins with `@`.

mod names;
mod parser;

pub use names::{Name, split_names};
pub use parser::parse;

use quire_text::ByteRange;

/// A parsed `.bib` file: its items lie end to end and cover the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bibliography {
    /// What it consists of, in order.
    pub items: Vec<Item>,
    /// What is broken.
    pub errors: Vec<BibError>,
}

impl Bibliography {
    /// The entries, in order.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Entry(entry) => Some(entry),
            _ => None,
        })
    }

    /// The definitions of `@string`, in order.
    pub fn strings(&self) -> impl Iterator<Item = &Field> {
        self.items.iter().filter_map(|item| match &item.kind {
            ItemKind::String(field) => field.as_ref(),
            _ => None,
        })
    }
}

/// A piece of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it stands.
    pub range: ByteRange,
    /// What it is.
    pub kind: ItemKind,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// Text outside entries, which BibTeX skips.
    Text,
    /// `@article{key, …}`.
    Entry(Entry),
    /// `@string{name = value}`; nothing if the name is missing.
    String(Option<Field>),
    /// `@preamble{value}`.
    Preamble(Vec<Piece>),
    /// `@comment{…}`.
    Comment,
}

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its type without `@`, as it is written.
    pub entry_type: ByteRange,
    /// Its key; empty while it is being written.
    pub key: ByteRange,
    /// Its fields, in order.
    pub fields: Vec<Field>,
    /// All of it.
    pub range: ByteRange,
}

impl Entry {
    /// The field of this name; case does not matter.
    pub fn field<'a>(&'a self, text: &str, name: &str) -> Option<&'a Field> {
        self.fields.iter().find(|field| {
            text.get(field.name.as_range()).is_some_and(|found| found.eq_ignore_ascii_case(name))
        })
    }
}

/// `name = value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: ByteRange,
    /// Its value with delimiters, all pieces; empty if it is missing.
    pub value: ByteRange,
    /// What the value is made of: more than one piece if `#` joins them.
    pub pieces: Vec<Piece>,
}

/// A piece of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// How it is written.
    pub kind: PieceKind,
    /// What it says, without delimiters.
    pub content: ByteRange,
}

/// How a piece of a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PieceKind {
    /// `{…}`.
    Braced,
    /// `"…"`.
    Quoted,
    /// Digits.
    Number,
    /// The name of a `@string`.
    Name,
}

/// What is broken in a bibliography.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BibErrorKind {
    /// An entry that does not close.
    UnclosedEntry,
    /// A value that does not close.
    UnclosedValue,
    /// An entry without key.
    MissingKey,
    /// A field without `=` or value.
    MissingValue,
    /// Fields without a comma between them.
    MissingComma,
    /// Something that is no field.
    Unexpected,
    /// `@` without a type or a brace behind it.
    BrokenEntry,
}

/// A fault and its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BibError {
    /// What is wrong.
    pub kind: BibErrorKind,
    /// Where.
    pub range: ByteRange,
}

/// The value of a field as text: pieces joined, names of `@string` replaced, white space folded.
/// Braces and commands stay.
pub fn value_text(bibliography: &Bibliography, text: &str, pieces: &[Piece]) -> String {
    let slice = |range: ByteRange| text.get(range.as_range()).unwrap_or_default();
    let mut value = String::new();
    for piece in pieces {
        let content = slice(piece.content);
        if piece.kind != PieceKind::Name {
            value.push_str(content);
            continue;
        }
        let named = |field: &&Field| slice(field.name).eq_ignore_ascii_case(content);
        match bibliography.strings().find(named) {
            // Strings made of strings are rare; one step cannot go in a circle.
            Some(field) => {
                field.pieces.iter().for_each(|piece| value.push_str(slice(piece.content)))
            }
            None => value.push_str(content),
        }
    }
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}
