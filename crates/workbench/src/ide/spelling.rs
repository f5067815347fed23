//! Spelling. Dictionaries are files in Hunspell's format beside the program, read when a text in their
//! language is first checked. They are data with licences of their own and no part of the program.

use super::{lock, positions::Positions};
use crate::{Range, Workbench, WorkbenchError};
use quire_latex_ide::spelling::{self, Dictionaries, Language, SpellingOptions};
use quire_project::{ProjectId, ProjectPath};
use serde::Serialize;
use std::{
    collections::{BTreeSet, HashSet},
    fs,
    path::Path,
    sync::Mutex,
};
use ts_rs::TS;

/// The language of texts that do not say theirs, when the project says none.
const DEFAULT_LANGUAGE: &str = "en";

/// A word that no dictionary knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SpellingMark {
    /// Where it stands.
    pub range: Range,
    /// As it is printed.
    pub word: String,
    /// The language that it was checked in.
    pub language: String,
}

/// The dictionaries that were needed so far.
#[derive(Default)]
pub(super) struct Speller(Mutex<Loaded>);

#[derive(Default)]
struct Loaded {
    dictionaries: Dictionaries,
    /// Files that were tried, whether they could be read or not.
    tried: BTreeSet<String>,
}

impl Speller {
    /// The dictionaries, those for these languages among them, if there are any.
    fn with(&self, folder: Option<&Path>, languages: &BTreeSet<Language>) -> Dictionaries {
        let mut loaded = lock(&self.0);
        if let Some(folder) = folder {
            for language in languages {
                loaded.add(folder, language);
            }
        }
        loaded.dictionaries.clone()
    }
}

impl Loaded {
    /// The dictionary of the region if there is one, else the general one of the language.
    fn add(&mut self, folder: &Path, language: &Language) {
        for tag in [language.as_str(), language.primary()] {
            let place = |extension: &str| folder.join(format!("{tag}.{extension}"));
            if !place("dic").is_file() {
                continue;
            }
            if self.tried.insert(tag.to_owned())
                && let (Ok(affixes), Ok(words)) =
                    (fs::read_to_string(place("aff")), fs::read_to_string(place("dic")))
            {
                // One that cannot be understood is as one that is not there.
                let _ = self.dictionaries.add(Language::new(tag), &affixes, &words);
            }
            return;
        }
    }
}

impl Workbench {
    /// The words of a file that are not spelt right.
    pub fn misspellings(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<Vec<SpellingMark>, WorkbenchError> {
        let snapshot = self.understood(id)?;
        let settings = self.try_ask(move |desk| Ok(desk.project(id)?.settings.clone()))?;
        let language = settings.language.as_deref().unwrap_or(DEFAULT_LANGUAGE);
        let default_language = &Language::new(language);
        let languages = spelling::languages(&snapshot, path, default_language);
        let folder = self.config().dictionaries.as_deref();
        let dictionaries = self.intelligence().speller.with(folder, &languages);
        let words: HashSet<String> = settings.words.into_iter().collect();
        let options = SpellingOptions { default_language, words: &words };
        let mut positions = Positions::new(&snapshot);
        let found = spelling::check(&snapshot, path, &dictionaries, options).into_iter();
        let mark = |found: spelling::Misspelling| SpellingMark {
            range: positions.range(path, found.range),
            word: found.word,
            language: found.language.to_string(),
        };
        Ok(found.map(mark).collect())
    }

    /// What may have been meant by a word.
    pub fn suggest_spelling(&self, word: &str, language: &str) -> Vec<String> {
        let language = Language::new(language);
        let folder = self.config().dictionaries.as_deref();
        let wanted = BTreeSet::from([language.clone()]);
        self.intelligence().speller.with(folder, &wanted).suggest(word, &language)
    }

    /// The languages that can be checked, as tags.
    pub fn spelling_languages(&self) -> Vec<String> {
        let Some(folder) = &self.config().dictionaries else { return Vec::new() };
        let files = fs::read_dir(folder).into_iter().flatten().flatten();
        let tag =
            |file: fs::DirEntry| Some(file.file_name().to_str()?.strip_suffix(".dic")?.to_owned());
        let mut tags: Vec<String> = files.filter_map(tag).collect();
        tags.sort();
        tags
    }
}
