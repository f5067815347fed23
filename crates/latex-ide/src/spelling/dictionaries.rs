//! Dictionaries in the format of Hunspell, by language.

use super::Language;
use spellbook::Dictionary;
use std::{collections::BTreeMap, fmt, sync::Arc};

/// More suggestions than this help nobody.
pub const MOST_SUGGESTIONS: usize = 6;
/// Longer words, in bytes, are no words, and suggestions for them would take long.
const WORD_LIMIT: usize = 80;

/// Why a dictionary cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot read the dictionary for {language}: {reason}")]
pub struct DictionaryError {
    /// Its language.
    pub language: Language,
    /// What is wrong with it.
    pub reason: String,
}

/// Dictionaries by language. Cheap to clone.
#[derive(Clone, Default)]
pub struct Dictionaries(BTreeMap<Language, Arc<Loaded>>);

/// A dictionary with what Hunspell's users expect around it.
pub(super) struct Loaded(Dictionary);

impl fmt::Debug for Dictionaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Dictionaries {
    /// Adds the dictionary of a language from the texts of its `.aff` and `.dic` files. Takes some tens
    /// of milliseconds: not for the thread of the window.
    pub fn add(&mut self, language: Language, aff: &str, dic: &str) -> Result<(), DictionaryError> {
        // Some files begin with a byte order mark.
        let text = |text: &str| text.trim_start_matches('\u{feff}').to_owned();
        let dictionary = Dictionary::new(&text(aff), &text(dic)).map_err(|error| {
            DictionaryError { language: language.clone(), reason: error.to_string() }
        })?;
        self.0.insert(language, Arc::new(Loaded(dictionary)));
        Ok(())
    }

    /// The languages that can be checked.
    pub fn languages(&self) -> impl Iterator<Item = &Language> {
        self.0.keys()
    }

    /// The dictionary for a language: its own, that of the language without region, or of another region.
    pub(super) fn of(&self, language: &Language) -> Option<&Loaded> {
        let same = |known: &Language| known.primary() == language.primary();
        let exact = self.0.get(language);
        let general = || self.0.iter().find(|(known, _)| same(known) && known.region().is_none());
        let other = || self.0.iter().find(|(known, _)| same(known));
        exact.or_else(|| general().or_else(other).map(|(_, found)| found)).map(Arc::as_ref)
    }

    /// What may have been meant, the likeliest first. Takes up to some hundred milliseconds for a word
    /// that is far from all others: to be asked for one word when its author wants to know.
    pub fn suggest(&self, word: &str, language: &Language) -> Vec<String> {
        let mut suggestions = Vec::new();
        if let Some(Loaded(dictionary)) = self.of(language).filter(|_| word.len() <= WORD_LIMIT) {
            dictionary.suggest(&typewriter(word), &mut suggestions);
        }
        suggestions.truncate(MOST_SUGGESTIONS);
        // With the apostrophe that the author writes.
        let (other, own) =
            if word.contains('\u{2019}') { ("'", "\u{2019}") } else { ("\u{2019}", "'") };
        for suggestion in &mut suggestions {
            *suggestion = suggestion.replace(other, own);
        }
        suggestions
    }
}

impl Loaded {
    /// True if the word is right as a whole, or its parts between hyphens or behind an elision are.
    pub(super) fn check(&self, word: &str) -> bool {
        let word = typewriter(word);
        if word.len() > WORD_LIMIT || self.0.check(&word) {
            return true;
        }
        if word.contains('-') {
            let is_right =
                |part: &str| part.is_empty() || !super::is_checked(part) || self.check(part);
            return word.split('-').all(is_right);
        }
        // `l'homme`, `dell'arte`: elided words stand in few dictionaries.
        match word.split_once('\'') {
            Some((elided, rest)) if rest.chars().count() > 1 => {
                let is_elided = elided.chars().count() <= 2 || self.0.check(&format!("{elided}'"));
                is_elided && self.check(rest)
            }
            // `geht's`, and the genitive of names.
            Some((stem, "s")) => self.check(stem),
            _ => false,
        }
    }
}

/// With the apostrophe and hyphen of dictionaries, without soft hyphens.
fn typewriter(word: &str) -> String {
    let straight = |c: char| match c {
        '’' => Some('\''),
        '‐' => Some('-'),
        '\u{ad}' => None,
        c => Some(c),
    };
    word.chars().filter_map(straight).collect()
}
