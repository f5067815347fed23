//! The documents that are edited: those of the corpus as they are, and one of our own that has every kind of file.

use crate::pictures;
use quire_project::{MemoryFiles, ProjectPath};
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

/// All files of a document as they are at one moment.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Files(pub(crate) BTreeMap<ProjectPath, Arc<[u8]>>);

impl Files {
    pub(crate) fn source(&self) -> Arc<MemoryFiles> {
        let mut source = MemoryFiles::default();
        for (path, bytes) in &self.0 {
            source.insert(path.clone(), bytes.clone());
        }
        Arc::new(source)
    }

    pub(crate) fn text(&self, path: &ProjectPath) -> Option<&str> {
        std::str::from_utf8(self.0.get(path)?).ok()
    }
}

/// A document, and how often it is the one that is edited.
pub(crate) struct Document {
    pub(crate) name: &'static str,
    folder: &'static str,
    root: &'static str,
    /// Of a hundred edits so many are made in it.
    pub(crate) share: usize,
    /// The files that its author writes in; a folder means all texts in it.
    pub(crate) written: &'static [&'static str],
}

/// Short ones mostly: each edit is compared with a whole pass.
pub(crate) const DOCUMENTS: [Document; 7] = [
    Document {
        name: "report",
        folder: "",
        root: "main.tex",
        share: 60,
        written: &[
            "main.tex",
            "chapters/tin.tex",
            "chapters/straw.tex",
            "chapters/end.tex",
            "preamble.tex",
            "house.sty",
            "house.cls",
            "refs.bib",
        ],
    },
    Document {
        name: "arxiv-style",
        folder: "arxiv-style",
        root: "template.tex",
        share: 25,
        written: &["template.tex", "template.tex", "template.tex", "references.bib", "arxiv.sty"],
    },
    Document {
        name: "paper-27p",
        folder: "synthetic",
        root: "paper-27p.tex",
        share: 6,
        written: &["paper-27p.tex"],
    },
    Document {
        name: "book-246p",
        folder: "synthetic",
        root: "book-246p.tex",
        share: 1,
        written: &["book-246p.tex"],
    },
    Document {
        name: "mtheme",
        folder: "mtheme/demo",
        root: "demo.tex",
        share: 4,
        written: &["demo.tex", "demo.tex", "demo.bib"],
    },
    Document {
        name: "awesome-cv",
        folder: "awesome-cv",
        root: "examples/cv.tex",
        share: 4,
        written: &[
            "examples/cv.tex",
            "examples/cv/experience.tex",
            "examples/cv/education.tex",
            "examples/cv/honors.tex",
            "examples/cv/writing.tex",
        ],
    },
    Document {
        name: "hott-book",
        folder: "hott-book",
        root: "hott-online.tex",
        share: 1,
        written: &["preface.tex", "introduction.tex", "logic.tex", "formal.tex", "macros.tex"],
    },
];

impl Document {
    pub(crate) fn root(&self) -> ProjectPath {
        ProjectPath::new(self.root).unwrap()
    }

    /// Its files, as they are before any edit.
    pub(crate) fn files(&self) -> Files {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let corpus = here.join("../../../shared/corpus");
        let folder = match self.folder {
            "" => here.join("tests/trial/report"),
            folder => corpus.join(folder),
        };
        assert!(folder.is_dir(), "the corpus lies beside the repository: {}", folder.display());
        let mut files = BTreeMap::new();
        read_folder(&folder, &folder, &mut files);
        let mut put = |name: &str, bytes: &[u8]| {
            files.insert(ProjectPath::new(name).unwrap(), Arc::from(bytes));
        };
        match self.name {
            "report" => put("pictures/roof.png", &pictures::png(30, 20)),
            // Its Makefile writes it.
            "hott-book" => put("version.tex", b"\\newcommand{\\OPTversion}{0}\n"),
            _ => {}
        }
        Files(files)
    }
}

/// What Git has put in the place of a symbolic link is followed, as the folder of a project does.
fn read_folder(folder: &Path, base: &Path, files: &mut BTreeMap<ProjectPath, Arc<[u8]>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(base).unwrap().to_str().unwrap().replace('\\', "/");
        if path.is_dir() {
            read_folder(&path, base, files);
        } else if let Ok(name) = ProjectPath::new(&name) {
            let mut bytes = fs::read(&path).unwrap();
            if bytes.starts_with(b"../") && bytes.len() < 100 {
                let target = String::from_utf8(bytes).unwrap();
                bytes = fs::read(folder.join(target.trim())).unwrap();
            }
            files.insert(name, bytes.into());
        }
    }
}
