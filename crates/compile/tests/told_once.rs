//! One fault is told once, where the author can mend it, whoever notices it.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::{
    build::{BuildOutcome, BuildRequest},
    diagnostics::SourceFile,
};
use quire_tex_engine::CancelToken;
use support::{Project, codes};

#[test]
fn a_file_outside_the_project_is_refused_once_and_the_document_is_built() {
    let text = "\\documentclass{article}\\begin{document}\nx\n\\newwrite\\w\
                \\immediate\\openout\\w=../evil.txt\n\\immediate\\write\\w{x}\\immediate\\closeout\\w\n\
                \\openout\\w=/tmp/evil.txt\n\\end{document}\n";
    let project = Project::new(&[("main.tex", text)]);
    let result = project.build();
    assert_eq!(codes(&result), ["refused-write", "refused-write"], "{:#?}", result.diagnostics);
    assert_eq!((result.outcome, result.pages), (BuildOutcome::Errors, 1));
    assert!(!project.path("../evil.txt").exists());
}

#[test]
fn a_chapter_in_a_folder_beside_the_roots_is_included() {
    let root = "\\documentclass{article}\\begin{document}\n\\include{../chapters/one}\n\
                See \\ref{one}.\n\\end{document}\n";
    let project = Project::new(&[
        ("tex/main.tex", root),
        ("chapters/one.tex", "\\section{One}\\label{one} Text.\n"),
    ]);
    let result = project.build();
    assert_eq!(codes(&result), [""; 0], "{:#?}", result.diagnostics);
    assert!(!project.path("chapters/one.aux").exists());
}

#[test]
fn a_key_that_biblatex_misses_is_told_at_its_citation() {
    let text = "\\documentclass{article}\\usepackage{biblatex}\\addbibresource{refs.bib}\n\
                \\begin{document}\nSee \\cite{knuth84}.\n\nAnd \\cite{knuht84}.\n\n\
                \\nocite{unseen}\n\\printbibliography\n\\end{document}\n";
    let entry = "@book{knuth84, title={The TeXbook}, author={Knuth, Donald}, year=1984}\n";
    let project = Project::new(&[("main.tex", text), ("refs.bib", entry)]);
    let result = project.build();
    assert_eq!(
        codes(&result),
        ["undefined-citation", "undefined-citation"],
        "{:#?}",
        result.diagnostics
    );
    let lines: Vec<u32> = (result.diagnostics.iter())
        .map(|told| {
            let place = told.place.as_ref().unwrap();
            assert!(matches!(place.file, SourceFile::Project(_)), "{place:?}");
            place.first_line.0
        })
        .collect();
    assert_eq!(lines, [5, 7]);
    let fix = result.diagnostics[0].fix.as_ref().unwrap();
    assert_eq!(fix.edits[0].text, "knuth84");
}

#[test]
fn a_label_used_twice_is_told_in_a_document_of_one_pass() {
    let text = "\\documentclass{article}\\begin{document}\n\\section{A}\\label{a}\n\
                \\section{B}\\label{a}\n\\end{document}\n";
    for passes in [1, 8] {
        let project = Project::new(&[("main.tex", text)]);
        let (change, cancel) =
            (|request: &mut BuildRequest| request.max_passes = passes, CancelToken::new());
        let result = project.try_build(change, &mut |_| {}, &cancel).unwrap();
        let told: Vec<_> =
            result.diagnostics.iter().filter(|d| d.code == "multiply-defined-label").collect();
        assert_eq!(told.len(), 1, "{passes}: {:#?}", result.diagnostics);
        assert_eq!(told[0].place.as_ref().unwrap().first_line.0, 3);
    }
}

#[test]
fn a_character_that_is_missing_is_told_with_its_font_and_a_cure() {
    let cases = [("😀", "Noto Emoji"), ("汉", "xeCJK"), ("Ж", "CMU Serif"), ("ع", "Amiri")];
    for (character, cure) in cases {
        let text = format!(
            "\\documentclass{{article}}\\begin{{document}}\nx {character}\n\\end{{document}}\n"
        );
        let result = Project::new(&[("main.tex", &text)]).build();
        assert_eq!(codes(&result), ["missing-character"], "{:#?}", result.diagnostics);
        let told = &result.diagnostics[0];
        assert!(told.message.starts_with("the font Latin Modern Roman has no "), "{told:?}");
        assert!(told.explanation.contains(cure), "{told:?}");
    }
}
