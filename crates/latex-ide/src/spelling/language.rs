//! In which language a text is written: what babel and polyglossia are told, where it changes, and the
//! comment `% !TEX spellcheck = de_DE`, which overrules them.

use crate::{LatexFile, Snapshot};
use quire_latex_syntax::{Form, NodeId, NodeKind, Step, Tree, facts};
use quire_project::ProjectPath;
use quire_text::ByteOffset;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Files that read files that read files: no document nests deeper.
const DEPTH_LIMIT: usize = 20;

/// A language as a tag: `en`, `en-GB`, `de-AT`. Case and `_` do not matter when it is made.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Language(String);

impl Language {
    /// The language with this tag.
    pub fn new(tag: &str) -> Self {
        let mut parts = tag.trim().split(['-', '_', '.']);
        let primary = parts.next().unwrap_or_default().to_ascii_lowercase();
        let region = parts.find(|part| part.len() == 2 && part.is_ascii());
        Self(match region {
            Some(region) => format!("{primary}-{}", region.to_ascii_uppercase()),
            None => primary,
        })
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language without its region.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The region.
    pub fn region(&self) -> Option<&str> {
        self.0.split_once('-').map(|(_, region)| region)
    }

    /// By the name that babel or polyglossia know; a language without a tag here is none we could check.
    fn named(name: &str) -> Option<Self> {
        let tag = match name.trim() {
            "english" | "american" | "USenglish" | "usenglish" => "en-US",
            "british" | "UKenglish" | "ukenglish" => "en-GB",
            "australian" => "en-AU",
            "canadian" => "en-CA",
            "newzealand" => "en-NZ",
            "german" | "ngerman" | "germanb" => "de-DE",
            "austrian" | "naustrian" => "de-AT",
            "swissgerman" | "nswissgerman" => "de-CH",
            "french" | "francais" | "frenchb" | "acadian" | "canadien" => "fr",
            "spanish" | "mexican" => "es",
            "portuguese" | "portuges" => "pt-PT",
            "brazilian" | "brazil" => "pt-BR",
            "italian" => "it",
            "dutch" => "nl",
            "danish" => "da",
            "swedish" => "sv",
            "norsk" | "norwegian" => "nb",
            "nynorsk" => "nn",
            "finnish" => "fi",
            "polish" => "pl",
            "czech" => "cs",
            "slovak" => "sk",
            "slovene" | "slovenian" => "sl",
            "croatian" => "hr",
            "hungarian" | "magyar" => "hu",
            "romanian" => "ro",
            "russian" => "ru",
            "ukrainian" => "uk",
            "bulgarian" => "bg",
            "serbian" => "sr",
            "greek" | "polutonikogreek" => "el",
            "turkish" => "tr",
            "latin" => "la",
            "catalan" => "ca",
            "galician" => "gl",
            "basque" => "eu",
            "estonian" => "et",
            "latvian" => "lv",
            "lithuanian" => "lt",
            "icelandic" => "is",
            "irish" => "ga",
            "welsh" => "cy",
            "esperanto" => "eo",
            "hebrew" => "he",
            "arabic" => "ar",
            "vietnamese" => "vi",
            "indonesian" => "id",
            _ => return None,
        };
        Some(Self::new(tag))
    }

    /// The same of a name that may be none: text in a language that is not known is not checked.
    fn named_or_unknown(name: &str) -> Self {
        Self::named(name).unwrap_or_else(|| Self("und".to_owned()))
    }
}

impl From<String> for Language {
    fn from(tag: String) -> Self {
        Self::new(&tag)
    }
}

impl From<Language> for String {
    fn from(language: Language) -> Self {
        language.0
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a language begins.
type Changes = Vec<(ByteOffset, Language)>;

/// The languages of a file, each from where it begins; the first from the start.
pub(super) fn languages(snapshot: &Snapshot, path: &ProjectPath, default: &Language) -> Changes {
    let Some(file) = snapshot.latex(path) else { return Vec::new() };
    if let Some(language) = spellcheck_comment(file) {
        return vec![(ByteOffset(0), language)];
    }
    let document = snapshot.document_of(path);
    let of_root = snapshot.latex(&document.root).and_then(spellcheck_comment);
    let main = of_root.or_else(|| {
        let headers = document.files.iter().filter_map(|path| snapshot.latex(path));
        headers.filter_map(main_language).next()
    });
    let main = main.unwrap_or_else(|| default.clone());
    let start = at_start(snapshot, path, &document.root, main, DEPTH_LIMIT);
    changes(file.tree(), start)
}

/// The language at the place where a file is read.
fn at_start(
    snapshot: &Snapshot,
    path: &ProjectPath,
    root: &ProjectPath,
    main: Language,
    depth: usize,
) -> Language {
    if path == root || depth == 0 {
        return main;
    }
    let document = snapshot.document_of(path);
    let reader = document.files.iter().filter(|reader| *reader != path).find_map(|reader| {
        let file = snapshot.latex(reader)?;
        let mut references = file.file_references().iter();
        let found = references.find(|found| snapshot.resolve(reader, found).as_ref() == Some(path));
        found.map(|found| (reader, file, found.range.start))
    });
    let Some((reader, file, place)) = reader else { return main };
    let start = at_start(snapshot, reader, root, main, depth - 1);
    let before = changes(file.tree(), start.clone()).into_iter();
    before.take_while(|(at, _)| *at <= place).last().map_or(start, |(_, language)| language)
}

fn spellcheck_comment(file: &LatexFile) -> Option<Language> {
    let comments = facts::magic_comments(file.tree()).into_iter();
    let mut comments = comments.filter(|comment| comment.key == "spellcheck");
    comments.next().map(|comment| Language::new(&comment.value))
}

/// babel's main language is the last of its options, or of the class's, or the one called `main`;
/// polyglossia has a command.
fn main_language(file: &LatexFile) -> Option<Language> {
    let tree = file.tree();
    let set = tree.nodes().find_map(|node| {
        let is_set = tree.kind(node) == NodeKind::Command
            && matches!(tree.name(node), Some("setmainlanguage" | "setdefaultlanguage"));
        let (name, options) = is_set.then(|| name_and_options(tree, node))??;
        Some(with_variant(&name, options))
    });
    if set.is_some() {
        return set;
    }
    let header = file.header();
    let babel = header.packages.iter().find(|package| package.name == "babel")?;
    let options = |of: &facts::ClassOrPackage| {
        of.options.iter().map(|range| tree.slice(*range).to_owned()).collect::<Vec<_>>()
    };
    let of_babel = options(babel);
    let named = of_babel.iter().find_map(|option| {
        let (key, value) = option.split_once('=')?;
        (key.trim() == "main").then(|| Language::named_or_unknown(value))
    });
    let of_class = header.class.as_ref().map(options).unwrap_or_default();
    let last = |options: &[String]| options.iter().rev().find_map(|name| Language::named(name));
    named.or_else(|| last(&of_babel)).or_else(|| last(&of_class))
}

/// `\setmainlanguage[variant=british]{english}`.
fn with_variant(name: &str, options: Option<String>) -> Language {
    let variant = options.iter().flat_map(|options| options.split(',')).find_map(|option| {
        let (key, value) = option.split_once('=')?;
        (key.trim() == "variant").then(|| Language::named(value))?
    });
    variant.unwrap_or_else(|| Language::named_or_unknown(name))
}

/// The content of the first argument in braces, and of one in brackets before it.
fn name_and_options(tree: &Tree, node: NodeId) -> Option<(String, Option<String>)> {
    let content = |node| tree.slice(tree.trimmed(node)).to_owned();
    let (.., name) = tree.arguments(node).find(|(form, ..)| *form == Form::Mandatory)?;
    let options = tree.arguments(node).find(|(form, ..)| *form == Form::Optional);
    Some((content(name), options.map(|(.., node)| content(node))))
}

/// Where the language changes in a tree that begins in `start`.
fn changes(tree: &Tree, start: Language) -> Changes {
    let mut changes = vec![(ByteOffset(0), start.clone())];
    // The language in each group and environment that is open.
    let mut open: Vec<(NodeId, Language)> = Vec::new();
    let mut now = start;
    let mut command: Option<NodeId> = None;
    for step in tree.walk(tree.root()) {
        match step {
            Step::Enter(node) => {
                let next = entered(tree, node, command);
                match tree.kind(node) {
                    NodeKind::Command => command = Some(node),
                    // What is within an argument is no argument of the same command.
                    NodeKind::Group | NodeKind::Environment(_) => command = None,
                    _ => {}
                }
                match tree.kind(node) {
                    NodeKind::Group | NodeKind::Argument(..) | NodeKind::Environment(_) => {
                        open.push((node, now.clone()));
                    }
                    _ => {}
                }
                if let Some(next) = next.filter(|next| *next != now) {
                    changes.push((tree.range(node).start, next.clone()));
                    now = next;
                }
            }
            Step::Leave(node) => {
                if let Some((_, before)) = open.pop_if(|(opened, _)| *opened == node)
                    && before != now
                {
                    changes.push((tree.range(node).end, before.clone()));
                    now = before;
                }
            }
            Step::Token(..) => {}
        }
    }
    changes
}

/// The language that begins with a node.
fn entered(tree: &Tree, node: NodeId, command: Option<NodeId>) -> Option<Language> {
    match tree.kind(node) {
        NodeKind::Command => {
            if tree.name(node) != Some("selectlanguage") {
                return None;
            }
            let (name, options) = name_and_options(tree, node)?;
            Some(with_variant(&name, options))
        }
        NodeKind::Environment(_) => {
            let name = tree.name(node)?;
            if name.trim_end_matches('*') == "otherlanguage" {
                let begin = tree.children(node).next()?;
                let (name, options) = name_and_options(tree, begin)?;
                return Some(with_variant(&name, options));
            }
            // polyglossia's `\begin{german}`.
            Language::named(name)
        }
        // `\foreignlanguage{german}{Text}`, and polyglossia's `\textgerman{Text}`.
        NodeKind::Argument(Form::Mandatory, _) => {
            let command = command?;
            let (.., last) = tree.arguments(command).last()?;
            if last != node {
                return None;
            }
            match tree.name(command)? {
                "foreignlanguage" | "textlang" => {
                    let (name, options) = name_and_options(tree, command)?;
                    Some(with_variant(&name, options))
                }
                name => Language::named(name.strip_prefix("text")?),
            }
        }
        _ => None,
    }
}
