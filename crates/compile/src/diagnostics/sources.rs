//! What the document itself defines: its macros, labels and citation keys, for “did you mean”.

use quire_project::{FileSource, ProjectPath};
use std::{collections::BTreeSet, sync::Arc};

/// More and larger files than this are not looked through.
const MAX_FILES: usize = 500;
const MAX_BYTES: usize = 4 << 20;

/// Names found in the project's sources.
#[derive(Debug, Default)]
pub(super) struct Names {
    pub(super) macros: BTreeSet<String>,
    pub(super) environments: BTreeSet<String>,
    pub(super) labels: BTreeSet<String>,
    pub(super) keys: BTreeSet<String>,
}

impl Names {
    /// Look through the files that a build read.
    pub(super) fn scan(files: &dyn FileSource, paths: &[ProjectPath]) -> Self {
        let mut names = Self::default();
        for path in paths.iter().take(MAX_FILES) {
            let Ok(Some(bytes)) = files.read(path) else { continue };
            if bytes.len() <= MAX_BYTES {
                names.scan_file(path, &bytes);
            }
        }
        names
    }

    fn scan_file(&mut self, path: &ProjectPath, bytes: &Arc<[u8]>) {
        let text = String::from_utf8_lossy(bytes);
        if path.extension() == "bib" {
            self.keys.extend(entry_keys(&text));
            return;
        }
        let defining =
            ["\\newcommand", "\\renewcommand", "\\providecommand", "\\DeclareMathOperator"];
        for start in defining.into_iter().chain(["\\def", "\\NewDocumentCommand"]) {
            self.macros.extend(after(&text, start).filter_map(command_name));
        }
        for start in ["\\newenvironment", "\\newtheorem", "\\NewDocumentEnvironment"] {
            self.environments.extend(after(&text, start).filter_map(braced));
        }
        self.labels.extend(after(&text, "\\label").filter_map(braced));
        self.keys.extend(after(&text, "\\bibitem").filter_map(|rest| {
            let rest = rest
                .strip_prefix('[')
                .map_or(rest, |rest| rest.split_once(']').map_or("", |(_, after)| after));
            braced(rest)
        }));
    }
}

/// What follows each occurrence of `start`.
fn after<'a>(text: &'a str, start: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(start).map(move |(at, _)| &text[at + start.len()..])
}

/// `*{\name}` or `\name`.
fn command_name(rest: &str) -> Option<String> {
    let rest = rest.trim_start_matches(['*', '{', ' ']).strip_prefix('\\')?;
    let name: String = rest.chars().take_while(char::is_ascii_alphabetic).collect();
    (!name.is_empty()).then_some(name)
}

/// `{name}`.
fn braced(rest: &str) -> Option<String> {
    let (name, _) = rest.trim_start_matches('*').strip_prefix('{')?.split_once('}')?;
    (!name.is_empty() && name.len() < 200).then(|| name.to_owned())
}

/// Keys of `@type{key,`.
fn entry_keys(text: &str) -> impl Iterator<Item = String> {
    text.lines().filter_map(|line| {
        let entry = line.trim_start().strip_prefix('@')?;
        let (kind, rest) = entry.split_once(['{', '('])?;
        let no_entry = ["string", "comment", "preamble"];
        let key = rest.split(',').next()?.trim();
        let kind = kind.trim().to_ascii_lowercase();
        (!no_entry.contains(&kind.as_str()) && !key.is_empty()).then(|| key.to_owned())
    })
}
