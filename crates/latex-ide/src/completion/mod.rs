//! What could be written at a place. Items are filtered by what is typed already, the best first: a
//! bundle knows tens of thousands of commands, and an editor needs a list that it can show.

mod bibliography;
mod commands;
mod context;
pub(crate) mod environments;
pub(crate) mod files;
mod frequent;
pub(crate) mod keys;
mod snippet;

pub(crate) use context::{argument_at, command_at, item_at};
pub(crate) use snippet::signature;

use crate::{FileEdit, Snapshot, fuzzy::Pattern};
use quire_latex_syntax::{Role, TokenKind};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};
use serde::{Deserialize, Serialize};

/// More items than this are not sent.
pub const MOST_ITEMS: usize = 200;

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CompletionKind {
    /// A command.
    Command,
    /// A command that the project defines.
    OwnCommand,
    /// An environment.
    Environment,
    /// A label.
    Label,
    /// An entry of a bibliography.
    Citation,
    /// A file.
    File,
    /// A package.
    Package,
    /// A class.
    Class,
    /// A style of bibliographies.
    BibliographyStyle,
    /// A type of entry of a bibliography.
    EntryType,
    /// A field of an entry.
    Field,
}

/// Something that could be written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompletionItem {
    /// As the list shows it.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// What else the list says: arguments, a caption, author and year, “needs package X”.
    pub detail: String,
    /// What is inserted.
    pub insert_text: String,
    /// True if `insert_text` is a snippet in the syntax of Monaco.
    pub is_snippet: bool,
    /// What is replaced.
    pub range: ByteRange,
    /// What the editor compares with what is typed.
    pub filter_text: String,
    /// In the order of this the list is shown.
    pub sort_text: String,
    /// What changes elsewhere: `\usepackage` in the preamble, the name in `\end`.
    pub additional_edits: Vec<FileEdit>,
}

/// What could be written at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Completions {
    /// The best first.
    pub items: Vec<CompletionItem>,
    /// True if there are more: ask again when more is typed.
    pub is_incomplete: bool,
}

/// What could be written at `offset` of a file.
pub fn complete(snapshot: &Snapshot, path: &ProjectPath, offset: ByteOffset) -> Completions {
    let Some(text) = snapshot.text(path).filter(|text| text.is_char_boundary(offset.0)) else {
        return Completions::default();
    };
    if snapshot.bibliography(path).is_some() {
        return bibliography::complete(snapshot, path, offset.0);
    }
    let Some(file) = snapshot.latex(path) else { return Completions::default() };
    if is_silent(file.tree(), offset) {
        return Completions::default();
    }
    let place = Place { snapshot, path, file, text, offset: offset.0 };
    if let Some(range) = command_at(text, offset.0) {
        return commands::complete(&place, range);
    }
    let Some(argument) = argument_at(text, offset.0) else { return Completions::default() };
    match (argument.command, argument.bracket) {
        ("begin" | "end", b'{') if argument.before.is_empty() => {
            return environments::complete(&place, &argument);
        }
        ("bibliographystyle", b'{') => return files::bibliography_styles(&place, &argument),
        _ => {}
    }
    match argument.role(snapshot.slots(file, argument.command)) {
        Role::References => keys::labels(&place, &argument),
        Role::Citations => keys::citations(&place, &argument),
        Role::Path => files::complete(&place, &argument),
        Role::EnvironmentName if argument.command.starts_with("renew") => {
            environments::names(&place, &argument)
        }
        _ => Completions::default(),
    }
}

/// Where something is written.
pub(crate) struct Place<'a> {
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) path: &'a ProjectPath,
    pub(crate) file: &'a crate::LatexFile,
    pub(crate) text: &'a str,
    pub(crate) offset: usize,
}

impl Place<'_> {
    /// What is typed of the thing at `range`.
    fn typed(&self, range: ByteRange) -> &str {
        self.text.get(range.start.0..self.offset).unwrap_or_default()
    }
}

/// True within comments and code that is printed as it stands.
fn is_silent(tree: &quire_latex_syntax::Tree, offset: ByteOffset) -> bool {
    tree.token_before(offset).is_some_and(|(kind, range)| match kind {
        TokenKind::Comment => true,
        TokenKind::Verbatim => offset < range.end,
        _ => false,
    })
}

/// What fits without gaps scores more.
const WHOLE: i32 = 330;

/// Collects items with how well they fit.
struct Ranking {
    pattern: Pattern,
    found: Vec<(i32, CompletionItem)>,
}

impl Ranking {
    fn new(typed: &str) -> Self {
        Self { pattern: Pattern::new(typed), found: Vec::new() }
    }

    /// Adds an item if one of `names` fits; a later name counts less. `bonus` lifts it.
    fn add(&mut self, names: &[&str], bonus: i32, item: impl FnOnce() -> CompletionItem) {
        let scores = names.iter().enumerate().filter_map(|(i, name)| {
            // What a title says counts where it says what is typed, not letters here and there.
            let score = self.pattern.score(name).filter(|score| i == 0 || *score > WHOLE)?;
            Some(score - i32::try_from(i).unwrap_or(0) * 150)
        });
        if let Some(score) = scores.max() {
            self.found.push((score + bonus, item()));
        }
    }

    fn finish(mut self) -> Completions {
        self.found
            .sort_by(|(a, left), (b, right)| b.cmp(a).then_with(|| left.label.cmp(&right.label)));
        let is_incomplete = self.found.len() > MOST_ITEMS;
        self.found.truncate(MOST_ITEMS);
        let ranked = self.found.into_iter().enumerate();
        let items =
            ranked.map(|(i, (_, item))| CompletionItem { sort_text: format!("{i:04}"), ..item });
        Completions { items: items.collect(), is_incomplete }
    }
}

/// An item that inserts its label.
fn plain(label: &str, kind: CompletionKind, detail: String, range: ByteRange) -> CompletionItem {
    CompletionItem {
        label: label.to_owned(),
        kind,
        detail,
        insert_text: label.to_owned(),
        is_snippet: false,
        range,
        filter_text: label.to_owned(),
        sort_text: String::new(),
        additional_edits: Vec::new(),
    }
}
