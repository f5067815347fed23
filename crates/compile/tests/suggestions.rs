//! Which engine real documents are said to need: those that the built-in one builds are left in peace.

#![allow(clippy::unwrap_used)]

use quire_compile::{
    build::EngineChoice,
    disk::DiskFolder,
    roots::scan_source,
    suggest::{Chosen, suggest},
};
use quire_project::FileSource;
use std::path::Path;

const BUILT_IN: Chosen = Chosen { engine: EngineChoice::Tectonic, runs_programs: false };

/// `features/minted.tex: pdflatex, programs` for each document below a folder that is told to need something; and how many there are.
fn told_below(folder: &Path) -> (Vec<String>, usize) {
    assert!(folder.is_dir(), "there is no folder {}", folder.display());
    let files = DiskFolder::open(folder).unwrap();
    let (mut told, mut count) = (Vec::new(), 0);
    for path in files.list().into_iter().filter(|path| path.extension() == "tex") {
        let bytes = files.read(&path).unwrap().unwrap();
        if scan_source(&bytes).class.is_none() {
            continue;
        }
        count += 1;
        if let Some(found) = suggest(&files, &path, BUILT_IN, &[]) {
            let programs = if found.runs_programs { ", programs" } else { "" };
            told.push(format!("{path}: {}{programs}", found.engine.name()));
        }
    }
    (told, count)
}

#[test]
fn documents_that_the_built_in_engine_builds_are_left_in_peace() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = here.join("../../../shared/corpus");
    for (name, least, expected) in [
        ("arxiv-style", 1, &[][..]),
        ("awesome-cv", 3, &[]),
        ("hott-book", 5, &[]),
        ("mtheme", 1, &[]),
        ("synthetic", 15, &["features/minted.tex: pdflatex, programs"]),
    ] {
        let (told, count) = told_below(&corpus.join(name));
        assert_eq!(told, expected, "{name}");
        assert!(count >= least, "{name} has {count} documents");
    }
    for folder in ["../../tests/golden/documents", "../templates"] {
        let (told, count) = told_below(&here.join(folder));
        assert!(told.is_empty() && count >= 10, "{count} in {folder}: {told:?}");
    }
}
