//! What makes TeX Live's builds quick, and that nothing is other for it: passes without latexmk, precompiled preambles,
//! drafts, stopping at the first error.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::{
    build::{BuildOptions, BuildOutcome, BuildResult, EngineChoice, Event, build},
    diagnostics::{Diagnostic, SourceFile},
};
use quire_project::ProjectPath;
use quire_tex_engine::CancelToken;
use quire_text::LineNumber;
use std::{fs, path::Path};
use support::{Project, codes, texlive::OnTexLive};

/// With packages, a style of its own, references, and something on the page before the document begins.
const ARTICLE: &str = r"\documentclass[11pt]{article}
\usepackage[T1]{fontenc}\usepackage[utf8]{inputenc}
\usepackage{amsmath,amsthm,booktabs,xcolor,tikz,microtype}
\usepackage{house}
\usepackage[colorlinks]{hyperref}
\newsavebox\dotbox\savebox\dotbox{\tikz\draw(0,0)circle(2pt);}
\newtheorem{claim}{Claim} % 100% { unbalanced
\title{On Häuser}\author{A. Author}
\color{blue}
\begin{document}
\maketitle\tableofcontents
\section{One}\label{one}A word. See \ref{two}. \usebox\dotbox\ \house
\begin{claim}$a^2$\end{claim}

\begin{tikzpicture}\shade[left color=red](0,0)rectangle(1,1);\end{tikzpicture}

\section{Two}\label{two}Last.
\end{document}
";
const HOUSE: &str = "\\ProvidesPackage{house}\\newcommand\\house{Ours}\n";

const DECK: &str = r"\documentclass[aspectratio=169]{beamer}
\usetheme{Madrid}
\usepackage{booktabs}
\title{A deck}\author{An Author}
\begin{document}
\frame{\titlepage}
\section{One}
\begin{frame}{Items}\begin{itemize}\item<1-> One word\item<2-> Two\end{itemize}\end{frame}
\begin{frame}[fragile]{Code}
\begin{verbatim}
a_1
\end{verbatim}
\end{frame}
\end{document}
";

fn is_on_format(built: &BuildResult) -> bool {
    String::from_utf8_lossy(&built.log).contains("Quire: the preamble is precompiled")
}

fn pdf(built: &BuildResult) -> Vec<u8> {
    fs::read(built.pdf.as_ref().unwrap_or_else(|| panic!("{:#?}", built.diagnostics))).unwrap()
}

/// What the author is told; where in the log it is said may differ.
fn told(built: &BuildResult) -> Vec<Diagnostic> {
    let without_log = |told: &Diagnostic| Diagnostic { log: None, ..told.clone() };
    built.diagnostics.iter().map(without_log).collect()
}

/// A build of nothing but the sources, by latexmk.
fn from_nothing(document: &OnTexLive) -> BuildResult {
    let mut request = document.request();
    request.builds_cache = None;
    request.tex_live.as_mut().unwrap().wipe = true;
    build(&request, &mut |_| {}, &CancelToken::new()).unwrap()
}

/// Two builds with the preamble as it is, and one on its format.
fn up_to_the_format(document: &OnTexLive, text: &str, word: &str) -> [BuildResult; 3] {
    [0, 1, 2].map(|round| {
        let text = text.replacen(word, &format!("{word} {round}"), 1);
        document.project.write(document.project.root, text);
        document.build()
    })
}

/// The third build stands on the format, and nothing of it is other than of a build from nothing.
fn same_as_from_nothing(document: &OnTexLive, text: &str, word: &str) {
    let [first, second, third] = up_to_the_format(document, text, word);
    assert!(!is_on_format(&first) && !is_on_format(&second));
    let notes = third.transcripts.iter().map(|t| String::from_utf8_lossy(&t.text).into_owned());
    let notes: Vec<String> = notes.collect();
    assert!(is_on_format(&third), "{notes:?}\n{}", String::from_utf8_lossy(&second.log));
    assert_eq!((second.passes.len(), third.passes.len()), (1, 1));
    let root = ProjectPath::new(document.project.root).unwrap();
    // What the preamble lays out is of the place where it is used.
    let begin = text.lines().position(|line| line.starts_with("\\begin{document}")).unwrap();
    let [begin, end] = [begin + 1, text.lines().count()].map(|line| u32::try_from(line).unwrap());
    let places = |built: &BuildResult| -> Vec<String> {
        let synctex = built.read_synctex(&root).unwrap().unwrap();
        (begin..=end).map(|line| format!("{:?}", synctex.areas(&root, LineNumber(line)))).collect()
    };
    let (on_format, places_on_format) = (pdf(&third), places(&third));
    let plain = from_nothing(document);
    assert!(!is_on_format(&plain));
    assert!(on_format == pdf(&plain), "{} is another PDF on the format", document.project.root);
    assert_eq!(places_on_format, places(&plain));
    assert_eq!(told(&third), told(&plain));
    assert_eq!((third.outcome, third.pages), (plain.outcome, plain.pages));
    assert_eq!(third.inputs, plain.inputs);
}

#[test]
fn an_article_is_the_same_with_a_precompiled_preamble() {
    let files = [("main.tex", ARTICLE), ("house.sty", HOUSE)];
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &files);
    same_as_from_nothing(&document, ARTICLE, "word");
    assert_eq!(document.left_behind(), [""; 0]);
}

#[test]
fn slides_are_the_same_with_a_precompiled_preamble() {
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &[("talk/deck.tex", DECK)]);
    same_as_from_nothing(&document, DECK, "word");
}

#[test]
fn a_paper_of_the_archive_is_the_same_with_a_precompiled_preamble() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/arxiv-style");
    let text = fs::read_to_string(corpus.join("template.tex")).expect("the corpus lies beside");
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &[("template.tex", &text)]);
    for name in ["arxiv.sty", "orcid.pdf", "references.bib"] {
        document.project.write(name, fs::read(corpus.join(name)).unwrap());
    }
    same_as_from_nothing(&document, &text, "lipsum[2]");
}

#[test]
fn a_changed_preamble_is_read_and_then_precompiled_anew() {
    let files = [("main.tex", ARTICLE), ("house.sty", HOUSE)];
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &files);
    assert!(is_on_format(&up_to_the_format(&document, ARTICLE, "word")[2]));
    // A mistake is told in its line of the real file, by a pass from the beginning.
    let wrong = ARTICLE.replace("Last.", "\\nosuchthing");
    document.project.write("main.tex", &wrong);
    let built = document.build();
    assert_eq!(built.outcome, BuildOutcome::Errors);
    let place = built.diagnostics[0].place.as_ref().unwrap();
    assert_eq!(place.file, SourceFile::Project(ProjectPath::new("main.tex").unwrap()));
    let line = wrong.lines().position(|line| line.contains("nosuchthing")).unwrap() + 1;
    assert_eq!(place.first_line, LineNumber(u32::try_from(line).unwrap()));
    assert!(!is_on_format(&built) && built.passes.len() == 2, "{:?}", built.passes);
    // A file that the preamble reads.
    document.project.write("main.tex", ARTICLE);
    assert!(is_on_format(&document.build()));
    document.project.write("house.sty", HOUSE.replace("Ours", "Theirs"));
    let other = document.build();
    assert!(!is_on_format(&other));
    let [.., third] = up_to_the_format(&document, ARTICLE, "word");
    assert!(is_on_format(&third));
    // The preamble itself.
    let more = ARTICLE.replace("{booktabs,", "{booktabs,textcomp,").replace("Author", "Other");
    let [first, second, third] = up_to_the_format(&document, &more, "word");
    assert_eq!([&first, &second, &third].map(is_on_format), [false, false, true]);
    let on_format = pdf(&third);
    assert!(on_format == pdf(&from_nothing(&document)));
}

#[test]
fn what_a_format_would_lose_is_built_without_one_and_said() {
    let index = "\\documentclass{article}\\usepackage{makeidx}\n\\makeindex\n\\begin{document}\nA word\\index{word}.\n\
        \\printindex\n\\end{document}\n";
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &[("main.tex", index)]);
    let built = up_to_the_format(&document, index, "A word");
    assert!(!built.iter().any(is_on_format));
    let [.., fourth] = up_to_the_format(&document, index, "A word");
    let note = fourth.transcripts.iter().find(|told| told.name.contains("preamble")).unwrap();
    let note = String::from_utf8_lossy(&note.text).into_owned();
    assert!(note.contains("writes the file"), "{note}");
    assert_eq!(fourth.outcome, BuildOutcome::Clean, "{:#?}", fourth.diagnostics);
}

#[test]
fn a_moved_label_takes_two_passes_and_a_citation_its_program() {
    let text = "\\documentclass{article}\n\\begin{document}\nOne. See \\pageref{two}.\n\n\\section{Two}\\label{two}\n\
        Text.\n\\bibliographystyle{plain}\\bibliography{all}\n\\end{document}\n";
    let book =
        "@book{knuth, author={Donald Knuth}, title={The TeXbook}, year=1984, publisher={A}}\n";
    let files = [("main.tex", text), ("all.bib", book)];
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &files);
    document.project.write("main.tex", text.replace("Text.", "Text \\cite{knuth}."));
    assert_eq!(document.build().outcome, BuildOutcome::Clean);
    let cited = text.replace("Text.", "Other text \\cite{knuth}.");
    document.project.write("main.tex", &cited);
    assert_eq!(document.build().passes.len(), 1);
    document.project.write("main.tex", cited.replace("One.", "One.\\newpage"));
    let moved = document.build();
    let reasons: Vec<&str> = moved.passes.iter().map(|pass| pass.reason.as_str()).collect();
    // In the words of our own judgement: latexmk names files only.
    assert_eq!(reasons, ["main.tex changed", "main.aux changed: 1 label"]);
    let here = pdf(&moved);
    assert!(here == pdf(&from_nothing(&document)));
    // A citation more is for BibTeX, which latexmk runs.
    document.project.write("main.tex", cited.replace("One.", "\\nocite{*}One."));
    let mut helpers = Vec::new();
    document.told(&mut |event| {
        if let Event::Helper { name } = event {
            helpers.push(name);
        }
    });
    assert!(helpers.iter().any(|name| name.starts_with("bibtex")), "{helpers:?}");
}

const PICTURE: &[u8] = include_bytes!("../../../src-tauri/icons/32x32.png");
const WITH_PICTURE: &str = "\\documentclass{article}\\usepackage{graphicx}\n\\begin{document}\n\
    \\includegraphics[width=3cm]{icon.png}\\undefinedthing\n\\end{document}\n";

fn has_picture(built: &BuildResult) -> bool {
    pdf(built).windows(6).any(|window| window == b"/Image")
}

#[test]
fn a_draft_has_frames_in_place_of_pictures_and_keeps_its_lines() {
    let line = |built: &BuildResult| built.diagnostics[0].place.as_ref().unwrap().first_line;
    let project = Project::new(&[("main.tex", WITH_PICTURE)]);
    project.write("icon.png", PICTURE);
    let options = BuildOptions { draft: true, ..BuildOptions::default() };
    let cancel = CancelToken::new();
    let make = |options| {
        let change = |request: &mut quire_compile::build::BuildRequest| request.options = options;
        project.try_build(change, &mut |_| {}, &cancel).unwrap()
    };
    assert!(has_picture(&project.build()));
    let draft = make(options);
    assert!(!draft.up_to_date && !has_picture(&draft));
    assert_eq!((codes(&draft), line(&draft)), (vec!["undefined-command"], LineNumber(3)));
    assert!(has_picture(&make(BuildOptions::default())));

    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &[("main.tex", WITH_PICTURE)]);
    document.project.write("icon.png", PICTURE);
    let make = |options| {
        let request = quire_compile::build::BuildRequest { options, ..document.request() };
        build(&request, &mut |_| {}, &CancelToken::new()).unwrap()
    };
    assert!(!has_picture(&make(options)));
    let finished = make(BuildOptions::default());
    assert!(has_picture(&finished));
    let draft = make(options);
    assert!(!has_picture(&draft));
    assert_eq!((codes(&draft), line(&draft)), (vec!["undefined-command"], LineNumber(3)));
}

#[test]
fn who_wants_it_is_told_of_the_first_error_alone() {
    let text = "\\documentclass{article}\\begin{document}\nA \\firstwrong\n\nB \\secondwrong\n\\end{document}\n";
    let document = OnTexLive::in_container(EngineChoice::PdfLatex, &[("main.tex", text)]);
    let all = document.build();
    let undefined = |built: &BuildResult| {
        codes(built).iter().filter(|code| **code == "undefined-command").count()
    };
    assert_eq!((undefined(&all), all.pages), (2, 1), "{:#?}", all.diagnostics);
    let mut request = document.request();
    request.options.stop_on_first_error = true;
    let first = build(&request, &mut |_| {}, &CancelToken::new()).unwrap();
    assert_eq!((first.outcome, undefined(&first), first.pages), (BuildOutcome::Errors, 1, 0));
    let text = text.replace("\\firstwrong", "").replace("\\secondwrong", "");
    document.project.write("main.tex", &text);
    request.files = document.request().files;
    let mended = build(&request, &mut |_| {}, &CancelToken::new()).unwrap();
    assert_eq!(mended.outcome, BuildOutcome::Clean, "{:#?}", mended.diagnostics);
    // The same where TeX runs alone.
    document.project.write("main.tex", text.replace("B", "B \\secondwrong"));
    request.files = document.request().files;
    let second = build(&request, &mut |_| {}, &CancelToken::new()).unwrap();
    assert_eq!((undefined(&second), second.pages), (1, 0), "{:#?}", second.diagnostics);
}
