//! What is measured: each document with a word of it that is changed.

use std::path::{Path, PathBuf};

/// A document.
pub(super) struct Document {
    /// The project folder: of the corpus, or of our own below `tests/`.
    folder: &'static str,
    /// The root file in it.
    pub(super) root: &'static str,
    /// The file whose word is changed.
    pub(super) edited: &'static str,
    /// The word; another one is put behind its first place in the text.
    pub(super) word: &'static str,
}

/// Where [`Document::folder`] is: `tests/` for our own.
const OURS: &str = "tests/";

impl Document {
    /// The project folder.
    pub(super) fn project(&self, root: &Path) -> PathBuf {
        let corpus = || root.join("../shared/corpus").join(self.folder);
        if self.folder.starts_with(OURS) { root.join(self.folder) } else { corpus() }
    }

    /// What it is called in the table.
    pub(super) fn name(&self) -> String {
        let folder = self.folder.rsplit('/').next().unwrap_or(self.folder);
        format!("{folder}/{}", self.root)
    }
}

const fn one(folder: &'static str, root: &'static str, word: &'static str) -> Document {
    Document { folder, root, edited: root, word }
}

/// Every document that must come out right, but the two that are there for their errors.
pub(super) const DOCUMENTS: [Document; 33] = [
    one("arxiv-style", "template.tex", "Lorem"),
    Document {
        folder: "awesome-cv",
        root: "examples/resume.tex",
        edited: "examples/resume/summary.tex",
        word: "Seasoned",
    },
    Document {
        folder: "awesome-cv",
        root: "examples/cv.tex",
        edited: "examples/cv/skills.tex",
        word: "Koa",
    },
    one("awesome-cv", "examples/coverletter.tex", "Lorem"),
    one("mtheme", "demo/demo.tex", "minimal"),
    one("synthetic", "book-246p.tex", "manifold"),
    one("synthetic", "paper-27p.tex", "mollit"),
    one("synthetic", "features/acm.tex", "hello"),
    one("synthetic", "features/ams.tex", "See "),
    one("synthetic", "features/babel.tex", "Donaudampfschiff"),
    one("synthetic", "features/beamer.tex", "text"),
    one("synthetic", "features/biblatex.tex", "Text"),
    one("synthetic", "features/biblatexbt.tex", "Text"),
    one("synthetic", "features/fontname.tex", "family"),
    one("synthetic", "features/fontspec.tex", "Bundled"),
    one("synthetic", "features/ieee.tex", "\\begin{abstract}"),
    one("synthetic", "features/listings.tex", "return"),
    one("synthetic", "features/t1.tex", "Legacy"),
    one("synthetic", "features/t1lm.tex", "Legacy"),
    one("synthetic", "features/t1times.tex", "Legacy"),
    one("synthetic", "features/tikz.tex", "(5,5);"),
    one("tests/golden/documents/beamer", "main.tex", "third"),
    one("tests/golden/documents/biber", "main.tex", "again"),
    one("tests/golden/documents/chinese", "main.tex", "words"),
    one("tests/golden/documents/exam", "main.tex", "Consider"),
    one("tests/golden/documents/greek", "main.tex", "Μοῦσα"),
    one("tests/golden/documents/ieee", "main.tex", "paragraph"),
    Document {
        folder: "tests/golden/documents/include",
        root: "a thesis/main.tex",
        edited: "a thesis/chapters one/part two/second chapter.tex",
        word: "deeper",
    },
    one("tests/golden/documents/index", "main.tex", "Ranges"),
    one("tests/golden/documents/math", "main.tex", "Multiply"),
    one("tests/golden/documents/persian", "main.tex", "paragraph"),
    one("tests/golden/documents/tikz", "main.tex", "source"),
    Document {
        folder: "tests/fixtures/sample",
        root: "main.tex",
        edited: "sections/folding.tex",
        word: "sheet",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_in_the_text_of_its_document() {
        for document in &DOCUMENTS {
            let file = document.project(&crate::paths::root()).join(document.edited);
            let bytes = std::fs::read(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let body = text.find("\\begin{document}").unwrap_or(0);
            assert!(
                text[body..].contains(document.word),
                "no {} in {}",
                document.word,
                file.display()
            );
        }
    }
}
