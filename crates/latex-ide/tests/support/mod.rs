//! Fixtures that draw the cursor: files begin with a line `%! path`, `|` is the cursor. A text without
//! such a line is `main.tex`. The first file is the root.

#![allow(dead_code, clippy::unwrap_used)]

use quire_latex_ide::{Catalogue, Content, FileEdit, Location, Snapshot};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A project and where the cursor is in it.
pub(crate) struct Fixture {
    pub(crate) snapshot: Snapshot,
    pub(crate) path: ProjectPath,
    pub(crate) offset: ByteOffset,
}

pub(crate) fn path(name: &str) -> ProjectPath {
    ProjectPath::new(name).unwrap()
}

pub(crate) fn fixture(drawn: &str) -> Fixture {
    let mut files: Vec<(ProjectPath, String)> = Vec::new();
    for line in drawn.split_inclusive('\n') {
        match line.strip_prefix("%! ") {
            Some(name) => files.push((path(name.trim()), String::new())),
            None if files.is_empty() => files.push((path("main.tex"), line.to_owned())),
            None => files.last_mut().unwrap().1.push_str(line),
        }
    }
    let root = files[0].0.clone();
    let mut cursor = (root.clone(), ByteOffset(0));
    for (path, text) in &mut files {
        if let Some(offset) = text.find('|') {
            text.remove(offset);
            cursor = (path.clone(), ByteOffset(offset));
        }
    }
    let text = |name: &ProjectPath, text: String| match name.extension() {
        "png" | "pdf" | "jpg" => Content::Binary,
        _ => Content::Text(text.into()),
    };
    let files: Vec<_> = files
        .into_iter()
        .map(|(path, content)| {
            let content = text(&path, content);
            (path, content)
        })
        .collect();
    let snapshot = Snapshot::new(files, Some(root), Arc::new(catalogue()));
    Fixture { snapshot, path: cursor.0, offset: cursor.1 }
}

/// A small bundle.
pub(crate) fn catalogue() -> Catalogue {
    let table = |lines: &[(&str, &[&str])]| {
        let entry = |(name, by): &(&str, &[&str])| {
            ((*name).to_owned(), by.iter().map(|by| (*by).to_owned()).collect())
        };
        lines.iter().map(entry).collect::<BTreeMap<_, _>>()
    };
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Catalogue {
        commands: table(&[
            ("section", &["biblatex", "memoir.cls"]),
            ("re", &["envlab"]),
            ("resetEMspecials", &["envlab"]),
            ("textbf", &["latex"]),
            ("frac", &["latex"]),
            ("toprule", &["booktabs"]),
            ("includegraphics", &["graphicx"]),
            ("cref", &["cleveref"]),
            ("frametitle", &["beamer.cls"]),
        ]),
        environments: table(&[
            ("align", &["amsmath"]),
            ("itemize", &["latex"]),
            ("tabular", &["latex"]),
            ("frame", &["beamer.cls"]),
        ]),
        packages: set(&["01-IU8-base", "booktabs", "amsmath", "graphicx", "hyperref", "tikz"]),
        classes: set(&["article", "beamer"]),
        bibliography_styles: set(&["plain", "alpha"]),
    }
}

/// The texts after changes.
pub(crate) fn applied(snapshot: &Snapshot, edits: &[FileEdit]) -> BTreeMap<ProjectPath, String> {
    let mut texts: BTreeMap<ProjectPath, String> = BTreeMap::new();
    for edit in edits.iter().rev() {
        let text = texts
            .entry(edit.path.clone())
            .or_insert_with(|| snapshot.text(&edit.path).unwrap().to_owned());
        text.replace_range(edit.range.as_range(), &edit.text);
    }
    texts
}

/// Places as `path:line: what stands there`.
pub(crate) fn shown(snapshot: &Snapshot, places: &[Location]) -> String {
    let line = |place: &Location| format!("{}\n", at(snapshot, &place.path, place.range));
    places.iter().map(line).collect()
}

pub(crate) fn at(snapshot: &Snapshot, path: &ProjectPath, range: ByteRange) -> String {
    let Some(text) = snapshot.text(path) else { return path.to_string() };
    let line = text[..range.start.0].matches('\n').count() + 1;
    format!("{path}:{line}: {}", text[range.as_range()].replace('\n', "⏎"))
}

/// The folder of documents beside the repository.
pub(crate) fn corpus() -> PathBuf {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    assert!(corpus.is_dir(), "the corpus lies beside the repository: {}", corpus.display());
    corpus
}
