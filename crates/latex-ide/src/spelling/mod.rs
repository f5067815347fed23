//! Spelling of the text for people: no commands, formulas, labels, keys, addresses or code.

mod dictionaries;
mod language;

pub use dictionaries::{Dictionaries, DictionaryError, MOST_SUGGESTIONS};
pub use language::Language;

use crate::Snapshot;
use quire_latex_syntax::facts;
use quire_project::ProjectPath;
use quire_text::ByteRange;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A word that no dictionary knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Misspelling {
    /// Where it stands, commands for accents included.
    pub range: ByteRange,
    /// As it is printed.
    pub word: String,
    /// The language that it was checked in.
    pub language: Language,
}

/// How to check a text.
#[derive(Clone, Copy, Debug)]
pub struct SpellingOptions<'a> {
    /// The language of documents that do not say theirs.
    pub default_language: &'a Language,
    /// Words that are right, as the author has added them; case matters only where they have capitals.
    pub words: &'a HashSet<String>,
}

/// The languages that a file is written in.
pub fn languages(
    snapshot: &Snapshot,
    path: &ProjectPath,
    default_language: &Language,
) -> BTreeSet<Language> {
    let changes = language::languages(snapshot, path, default_language);
    changes.into_iter().map(|(_, language)| language).collect()
}

/// The words of a file that are not spelt right. Text in a language without a dictionary is left alone.
pub fn check(
    snapshot: &Snapshot,
    path: &ProjectPath,
    dictionaries: &Dictionaries,
    options: SpellingOptions<'_>,
) -> Vec<Misspelling> {
    let Some(file) = snapshot.latex(path).filter(|file| !file.is_package()) else {
        return Vec::new();
    };
    let mut changes =
        language::languages(snapshot, path, options.default_language).into_iter().peekable();
    let mut language = options.default_language.clone();
    let mut known: HashMap<Language, HashMap<String, bool>> = HashMap::new();
    let mut found = Vec::new();
    for word in facts::words(file.tree()) {
        while let Some((_, next)) = changes.next_if(|(start, _)| *start <= word.range.start) {
            language = next;
        }
        if !is_checked(&word.text) || is_part(file.text(), word.range) {
            continue;
        }
        let Some(dictionary) = dictionaries.of(&language) else { continue };
        let seen = known.entry(language.clone()).or_default();
        let is_right = match seen.get(word.text.as_ref()) {
            Some(is_right) => *is_right,
            None => {
                let is_right = is_own(options.words, &word.text) || dictionary.check(&word.text);
                seen.insert(word.text.clone().into_owned(), is_right);
                is_right
            }
        };
        if !is_right {
            let (word, range) = (word.text.into_owned(), word.range);
            found.push(Misspelling { range, word, language: language.clone() });
        }
    }
    found
}

/// Words with digits are names, those in capitals abbreviations, single letters variables.
fn is_checked(word: &str) -> bool {
    let letters = || word.chars().filter(|c| c.is_alphabetic());
    let is_acronym = letters().all(char::is_uppercase);
    // `PDFs`: the plural of an abbreviation.
    let is_plural = word
        .strip_suffix('s')
        .is_some_and(|stem| stem.chars().count() > 1 && stem.chars().all(char::is_uppercase));
    let is_ideographic = letters().any(|c| c >= '\u{2e80}');
    letters().count() > 1
        && !word.chars().any(char::is_numeric)
        && !is_acronym
        && !is_plural
        && !is_ideographic
}

/// True for the `th` of `$n$th`, and for the parts of addresses and names of files: `a.name@place.org`.
fn is_part(text: &str, range: ByteRange) -> bool {
    let before = text.get(..range.start.0).unwrap_or_default();
    let behind = text.get(range.end.0..).unwrap_or_default();
    let joins = |c: char| matches!(c, '@' | '$');
    let is_domain = |word: Option<char>, dot: Option<char>| {
        dot == Some('.') && word.is_some_and(char::is_alphanumeric)
    };
    let mut left = before.chars().rev();
    let mut right = behind.chars();
    let (last, next) = (left.next(), right.next());
    // A sentence may end with a formula, and begin behind a bracket; it never goes on at once.
    last.is_some_and(joins)
        || next.is_some_and(joins)
        || is_domain(left.next(), last)
        || is_domain(right.next(), next)
}

/// What every author of LaTeX writes and no dictionary knows.
const TEX_WORDS: [&str; 20] = [
    "TeX",
    "LaTeX",
    "LaTeXe",
    "BibTeX",
    "biblatex",
    "BibLaTeX",
    "XeTeX",
    "XeLaTeX",
    "LuaTeX",
    "LuaLaTeX",
    "pdfTeX",
    "pdfLaTeX",
    "ConTeXt",
    "MetaPost",
    "TikZ",
    "PGF",
    "KOMA-Script",
    "Beamer",
    "arXiv",
    "PostScript",
];

fn is_own(words: &HashSet<String>, word: &str) -> bool {
    TEX_WORDS.contains(&word)
        || words.contains(word)
        || words.contains(word.to_lowercase().as_str())
        || word.strip_suffix("'s").or_else(|| word.strip_suffix("’s")).is_some_and(|stem| {
            words.contains(stem) || words.contains(stem.to_lowercase().as_str())
        })
}
