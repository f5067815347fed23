//! Which documents there are.

use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// What may be kept of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Everything: it is ours.
    All,
    /// Hashes: it is others'.
    Hashes,
}

/// A document to build.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// Its name, and its folder below `expected/`.
    pub(crate) name: String,
    /// The project folder.
    pub(crate) folder: PathBuf,
    /// The root file in it.
    pub(crate) root: String,
    pub(crate) keep: Keep,
}

/// Root files of the corpus. The error document and the one for shell escape are among them: what is
/// told of them must stay too.
const CORPUS: [(&str, &str); 7] = [
    ("arxiv-style", "template.tex"),
    ("awesome-cv", "examples/resume.tex"),
    ("awesome-cv", "examples/cv.tex"),
    ("awesome-cv", "examples/coverletter.tex"),
    ("mtheme", "demo/demo.tex"),
    ("synthetic", "book-246p.tex"),
    ("synthetic", "paper-27p.tex"),
];

/// The folder of these tests.
pub(crate) fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Our own documents, the sample project, and those of the corpus.
pub(crate) fn all() -> Result<Vec<Document>> {
    let mut documents = Vec::new();
    for entry in fs::read_dir(here().join("documents"))?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let root = if name == "include" { "a thesis/main.tex" } else { "main.tex" };
        documents.push(own(name, entry.path(), root));
    }
    documents.push(own("sample".to_owned(), here().join("../fixtures/sample"), "main.tex"));
    let corpus = here().join("../../../shared/corpus");
    ensure!(corpus.is_dir(), "the corpus is not at {}", corpus.display());
    for (project, root) in CORPUS {
        documents.push(of_corpus(&corpus, project, root));
    }
    let features = corpus.join("synthetic/features");
    for entry in fs::read_dir(&features).with_context(|| features.display().to_string())?.flatten()
    {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".tex") {
            documents.push(of_corpus(&corpus, "synthetic", &format!("features/{name}")));
        }
    }
    documents.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(documents)
}

fn own(name: String, folder: PathBuf, root: &str) -> Document {
    Document { name, folder, root: root.to_owned(), keep: Keep::All }
}

fn of_corpus(corpus: &Path, project: &str, root: &str) -> Document {
    let stem = root.trim_end_matches(".tex").rsplit('/').next().unwrap_or(root);
    Document {
        name: format!("corpus-{project}-{stem}"),
        folder: corpus.join(project),
        root: root.to_owned(),
        keep: Keep::Hashes,
    }
}
