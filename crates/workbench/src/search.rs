//! Find and replace in all texts of a project.

use crate::{Range, Workbench, WorkbenchError, place::Lines};
use quire_collab::Change;
use quire_project::{ProjectId, ProjectPath};
use quire_text::{ByteOffset, ByteRange, Utf16Offset, utf16_offset};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use ts_rs::TS;

/// More are counted, not shown.
const MAX_SHOWN: usize = 2_000;
/// Characters of a line that are shown around a match.
const CONTEXT: usize = 120;

/// What to look for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase", default)]
pub struct SearchQuery {
    /// Text, or an expression.
    pub text: String,
    /// It is a regular expression.
    pub is_regex: bool,
    /// Upper and lower case differ.
    pub match_case: bool,
    /// Only whole words.
    pub whole_word: bool,
    /// Only in these files: `*.bib, chapters`; `!` before a pattern leaves files out. Empty for all.
    pub include: String,
    /// Say what each match would become.
    pub replacement: Option<String>,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct SearchResult {
    /// File by file.
    pub files: Vec<FoundFile>,
    /// How many matches there are, shown or not.
    pub matches: usize,
}

/// A file with matches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FoundFile {
    /// The file.
    pub path: ProjectPath,
    /// Matches in order.
    pub lines: Vec<FoundLine>,
}

/// One match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct FoundLine {
    /// Where it is.
    pub range: Range,
    /// What stands before it in its line.
    pub before: String,
    /// What was found, of the first line.
    pub found: String,
    /// What stands behind it.
    pub after: String,
    /// What it would become.
    pub replacement: Option<String>,
}

impl SearchQuery {
    fn regex(&self) -> Result<Regex, WorkbenchError> {
        let mut pattern = if self.is_regex { self.text.clone() } else { regex::escape(&self.text) };
        if self.whole_word {
            pattern = format!(r"\b{{start-half}}(?:{pattern})\b{{end-half}}");
        }
        RegexBuilder::new(&pattern)
            .case_insensitive(!self.match_case)
            .multi_line(true)
            .crlf(true)
            .build()
            .map_err(|error| WorkbenchError::BadPattern(error.to_string()))
    }

    fn files(&self) -> FileFilter {
        let mut filter = FileFilter { only: Vec::new(), without: Vec::new() };
        for pattern in self.include.split([',', ' ']).filter(|pattern| !pattern.is_empty()) {
            let (pattern, list) = match pattern.strip_prefix('!') {
                Some(pattern) => (pattern, &mut filter.without),
                None => (pattern, &mut filter.only),
            };
            let pattern = regex::escape(pattern.trim_matches('/'));
            let pattern =
                pattern.replace(r"\*\*", ".*").replace(r"\*", "[^/]*").replace(r"\?", "[^/]");
            // A name, a path, or a folder above.
            if let Ok(regex) = Regex::new(&format!("^(?:.*/)?{pattern}(?:/.*)?$")) {
                list.push(regex);
            }
        }
        filter
    }

    /// What a match becomes.
    fn replaced(&self, regex: &Regex, text: &str, start: usize) -> Option<String> {
        let replacement = self.replacement.as_ref()?;
        if !self.is_regex {
            return Some(replacement.clone());
        }
        let mut replaced = String::new();
        regex.captures_at(text, start)?.expand(replacement, &mut replaced);
        Some(replaced)
    }
}

/// Which files are looked into.
struct FileFilter {
    only: Vec<Regex>,
    without: Vec<Regex>,
}

impl FileFilter {
    fn takes(&self, path: &ProjectPath) -> bool {
        let fits = |patterns: &[Regex]| patterns.iter().any(|regex| regex.is_match(path.as_str()));
        (self.only.is_empty() || fits(&self.only)) && !fits(&self.without)
    }
}

impl Workbench {
    /// Find in all texts of a project.
    pub fn search(
        &self,
        id: ProjectId,
        query: &SearchQuery,
    ) -> Result<SearchResult, WorkbenchError> {
        let mut result = SearchResult { files: Vec::new(), matches: 0 };
        if query.text.is_empty() {
            return Ok(result);
        }
        let regex = query.regex()?;
        let snapshot = self.try_ask(move |desk| desk.snapshot(id))?;
        let files = query.files();
        for (path, text) in snapshot.texts().filter(|(path, _)| files.takes(path)) {
            let mut found = regex.find_iter(&text).filter(|found| !found.is_empty()).peekable();
            if found.peek().is_none() {
                continue;
            }
            let lines = Lines::new(&text);
            let mut file = FoundFile { path: path.clone(), lines: Vec::new() };
            for found in found {
                if result.matches < MAX_SHOWN {
                    let replacement = query.replaced(&regex, &text, found.start());
                    let shown = line(&text, &lines, found.start(), found.end());
                    file.lines.push(FoundLine { replacement, ..shown });
                }
                result.matches += 1;
            }
            result.files.push(file);
        }
        Ok(result)
    }

    /// Replace in all texts of a project, or in those given. How many places in how many files.
    pub fn replace_all(
        &self,
        id: ProjectId,
        query: &SearchQuery,
        replacement: &str,
        only: Option<&[ProjectPath]>,
    ) -> Result<(usize, usize), WorkbenchError> {
        if query.text.is_empty() {
            return Ok((0, 0));
        }
        let regex = query.regex()?;
        let snapshot = self.try_ask(move |desk| desk.snapshot(id))?;
        let mut texts = BTreeMap::new();
        let files = query.files();
        for (path, text) in snapshot.texts().filter(|(path, _)| files.takes(path)) {
            if only.is_none_or(|only| only.contains(path)) && regex.is_match(&text) {
                texts.insert(path.clone(), ());
            }
        }
        let (replacement, is_regex) = (replacement.to_owned(), query.is_regex);
        self.try_ask(move |desk| {
            let (mut places, mut files) = (0, 0);
            for path in texts.into_keys() {
                // As it is now: it may have changed since it was looked at.
                let text = desk.document(id, &path)?.1.current();
                let changes = changes(&text, &regex, &replacement, is_regex);
                if !changes.is_empty() {
                    places += changes.len();
                    files += 1;
                    desk.edit(id, &path, &changes)?;
                }
            }
            Ok((places, files))
        })
    }
}

fn changes(text: &str, regex: &Regex, replacement: &str, is_regex: bool) -> Vec<Change> {
    let (mut changes, mut last_byte, mut last_unit) = (Vec::new(), 0, 0_u32);
    for captures in regex.captures_iter(text) {
        let Some(found) = captures.get(0).filter(|found| !found.is_empty()) else { continue };
        let units = |from: usize, to: usize| {
            let Utf16Offset(units) =
                utf16_offset(&text.as_bytes()[from..to], ByteOffset(to - from));
            u32::try_from(units).unwrap_or(u32::MAX)
        };
        let at = last_unit + units(last_byte, found.start());
        let removed = units(found.start(), found.end());
        let mut inserted = String::new();
        if is_regex {
            captures.expand(replacement, &mut inserted);
        } else {
            inserted.push_str(replacement);
        }
        (last_byte, last_unit) = (found.end(), at + removed);
        changes.push(Change { at, removed, inserted });
    }
    changes
}

fn line(text: &str, lines: &Lines<'_>, start: usize, end: usize) -> FoundLine {
    let line_start = text[..start].rfind(['\n', '\r']).map_or(0, |at| at + 1);
    let line_end = text[start..].find(['\n', '\r']).map_or(text.len(), |at| start + at);
    let found_end = end.min(line_end).max(start);
    let before: String = {
        let mut letters: Vec<char> = text[line_start..start].chars().rev().take(CONTEXT).collect();
        letters.reverse();
        letters.into_iter().collect()
    };
    FoundLine {
        range: lines.range(ByteRange::new(start, end)),
        before: before.trim_start().to_owned(),
        found: text[start..found_end].chars().take(CONTEXT).collect(),
        after: text[found_end..line_end.max(found_end)].chars().take(CONTEXT).collect(),
        replacement: None,
    }
}
