//! Outline, symbols, definitions, references, hover, folding, matching, closing and words, by example.

#![allow(clippy::unwrap_used)]

mod support;

use expect_test::{Expect, expect};
use quire_latex_ide::{
    close_environment::close_environment,
    definition::definition,
    folding, hover, matching,
    outline::{self, OutlineItem, OutlineKind},
    references::references,
    symbols::symbols,
    words,
};
use support::{fixture, path, shown};

const BOOK: &str = r"%! main.tex
\documentclass{book}
\newcommand{\vect}[1]{\mathbf{#1}}
\newtheorem{claim}{Claim}
\begin{document}
\chapter{First}\label{ch:first}
Some words here.
\include{ch/two}
\section{After}
\end{document}
%! ch/two.tex
\chapter*{Second \emph{one}}
\begin{figure}
  \includegraphics{img/cat}
  \caption[short]{A cat}\label{fig:cat}
\end{figure}
\section{Inner}
\begin{equation}\label{eq:x} \vect{x} \end{equation}
See \ref{fig:cat} and \cref{eq:x,ch:first}, $\vect y$.
%! img/cat.png
%! unused.tex
\section{Apart}\label{ch:first}
";

fn outline_text(items: &[OutlineItem], depth: usize, out: &mut String) {
    for item in items {
        let kind = match item.kind {
            OutlineKind::Section(level) => format!("{level:?}"),
            other => format!("{other:?}"),
        };
        let star = if item.is_numbered { "" } else { "*" };
        let label = item.label.as_deref().map(|label| format!(" [{label}]")).unwrap_or_default();
        let indent = "  ".repeat(depth);
        out.push_str(&format!("{indent}{kind}{star} {}{label} {}\n", item.title, item.path));
        outline_text(&item.children, depth + 1, out);
    }
}

fn check_outline(items: &[OutlineItem], expected: Expect) {
    let mut out = String::new();
    outline_text(items, 0, &mut out);
    expected.assert_eq(&out);
}

#[test]
fn the_outline_follows_what_tex_reads() {
    let book = fixture(BOOK);
    check_outline(
        &outline::of_document(&book.snapshot, &path("ch/two.tex")),
        expect![[r#"
        Chapter First [ch:first] main.tex
        Chapter* Second one ch/two.tex
          Figure A cat [fig:cat] ch/two.tex
          Section Inner ch/two.tex
            Label(Equation) \vect{x} [eq:x] ch/two.tex
          Section After main.tex
    "#]],
    );
    check_outline(
        &outline::of_file(&book.snapshot, &path("ch/two.tex")),
        expect![[r#"
        Chapter* Second one ch/two.tex
          Figure A cat [fig:cat] ch/two.tex
          Section Inner ch/two.tex
            Label(Equation) \vect{x} [eq:x] ch/two.tex
    "#]],
    );
}

#[test]
fn slides_hold_only_what_is_in_them() {
    let talk = fixture(
        r"\documentclass{beamer}\begin{document}\section{One}
\begin{frame}{Slide}\begin{table}\caption{T}\end{table}\end{frame}
\begin{frame}\frametitle{Next}\label{f:n}\end{frame}
\begin{figure}\caption{Outside}\end{figure}
\end{document}",
    );
    check_outline(
        &outline::of_document(&talk.snapshot, &talk.path),
        expect![[r#"
        Section One main.tex
          Frame* Slide main.tex
            Table T main.tex
          Frame* Next [f:n] main.tex
          Figure Outside main.tex
    "#]],
    );
}

#[test]
fn symbols_are_found_in_the_whole_project() {
    let book = fixture(BOOK);
    let found = |query: &str| {
        let found = symbols(&book.snapshot, query);
        let line = |s: &quire_latex_ide::symbols::Symbol| {
            format!("{:?} {} ({}) {}\n", s.kind, s.name, s.detail, s.location.path)
        };
        found.iter().map(line).collect::<String>()
    };
    expect![[r#"
        Label fig:cat (A cat) ch/two.tex
    "#]]
    .assert_eq(&found("cat"));
    expect![[r#"
        Command \vect (main.tex) main.tex
        Label eq:x (\vect{x}) ch/two.tex
    "#]]
    .assert_eq(&found("vect"));
    expect![[r#"
        Environment claim (main.tex) main.tex
    "#]]
    .assert_eq(&found("claim"));
    assert_eq!(symbols(&book.snapshot, "").len(), 11);
}

fn check_definition(drawn: &str, expected: Expect) {
    let fixture = fixture(drawn);
    let found = definition(&fixture.snapshot, &fixture.path, fixture.offset);
    expected.assert_eq(&shown(&fixture.snapshot, &found));
}

fn check_references(drawn: &str, expected: Expect) {
    let fixture = fixture(drawn);
    let found = references(&fixture.snapshot, &fixture.path, fixture.offset);
    expected.assert_eq(&shown(&fixture.snapshot, &found));
}

#[test]
fn definitions_are_found_across_files() {
    check_definition(
        &BOOK.replace("eq:x,ch:first", "eq:x,ch:f|irst"),
        expect![[r#"
        main.tex:5: ch:first
    "#]],
    );
    check_definition(
        &BOOK.replace("ref{fig", "ref{f|ig"),
        expect![[r#"
        ch/two.tex:4: fig:cat
    "#]],
    );
    check_definition(
        &BOOK.replace(r"$\vect", r"$\v|ect"),
        expect![[r#"
        main.tex:2: vect
    "#]],
    );
    check_definition(
        &BOOK.replace("{ch/two}", "{ch|/two}"),
        expect![[r#"
        ch/two.tex:1: 
    "#]],
    );
    check_definition(
        &BOOK.replace("{img/cat}", "{|img/cat}"),
        expect![[r#"
        img/cat.png
    "#]],
    );
    check_definition(
        "\\newtheorem{claim}{C}\\begin{cla|im}\\end{claim}",
        expect![[r#"
        main.tex:1: claim
    "#]],
    );
    let cited = "%! main.tex\n\\cite{a, k|n}\\bibliography{r}\n%! r.bib\n@book{kn, title={x}}\n";
    check_definition(
        cited,
        expect![[r#"
        r.bib:1: kn
    "#]],
    );
    // From the command that refers as well.
    check_definition(
        &BOOK.replace(r"\ref{fig", r"\r|ef{fig"),
        expect![[r#"
        ch/two.tex:4: fig:cat
    "#]],
    );
    check_definition(
        &cited.replace('|', "").replace(r"\cite", r"|\cite"),
        expect![[r#"
        r.bib:1: kn
    "#]],
    );
    check_definition(
        &BOOK.replace(r"\include{", r"\inc|lude{"),
        expect![[r#"
        ch/two.tex:1: 
    "#]],
    );
    check_definition(r"plain te|xt", expect![[""]]);
}

#[test]
fn references_are_found_across_files() {
    check_references(
        &BOOK.replace("{ch:first}\nSome", "{ch:|first}\nSome"),
        expect![[r#"
        ch/two.tex:8: ch:first
        main.tex:5: ch:first
        unused.tex:1: ch:first
    "#]],
    );
    check_references(
        &BOOK.replace(r"$\vect", r"$|\vect"),
        expect![[r#"
        ch/two.tex:7: vect
        ch/two.tex:8: vect
        main.tex:2: vect
    "#]],
    );
    check_references(
        "%! main.tex\n\\cite{kn}\\bibliography{r}\n%! r.bib\n@book{k|n, title={x}}\n",
        expect![[r#"
            main.tex:1: kn
            r.bib:1: kn
        "#]],
    );
    check_references(
        "%! main.tex\n\\input{a}\\input{./a.tex}\\input{|a}\\input{b}\n%! a.tex\n%! b.tex\n",
        expect![[r#"
            main.tex:1: a
            main.tex:1: ./a.tex
            main.tex:1: a
        "#]],
    );
}

#[test]
fn hover_tells_what_a_thing_is() {
    let check = |drawn: &str, expected: Expect| {
        let fixture = fixture(drawn);
        let found = hover::hover(&fixture.snapshot, &fixture.path, fixture.offset);
        expected.assert_eq(&found.map(|found| format!("{:?}", found.content)).unwrap_or_default());
    };
    check(
        &BOOK.replace("eq:x,ch:first", "eq|:x"),
        expect![[
            r#"Label { name: "eq:x", kind: Equation, title: "\\vect{x}", section: Some("Inner"), path: "ch/two.tex" }"#
        ]],
    );
    check(
        &BOOK.replace("ref{fig", "ref{f|ig"),
        expect![[
            r#"Label { name: "fig:cat", kind: Figure, title: "A cat", section: Some("Second one"), path: "ch/two.tex" }"#
        ]],
    );
    check(
        &BOOK.replace(r"$\vect", r"$\v|ect"),
        expect![[
            r#"Command { name: "\\vect", signature: "{…}", packages: [], definition: Some(("\\newcommand{\\vect}[1]{\\mathbf{#1}}", "main.tex")) }"#
        ]],
    );
    check(
        &BOOK.replace("{img/cat}", "{img/cat|}"),
        expect![[r#"File { kind: Graphics, name: "img/cat", path: Some("img/cat.png") }"#]],
    );
    check(
        r"\topr|ule",
        expect![[
            r#"Command { name: "\\toprule", signature: "[…]", packages: ["booktabs"], definition: None }"#
        ]],
    );
    check(
        "%! main.tex\n\\cite{k|n}\n%! r.bib\n@book{kn, title={A {B}ook}, author={K, D.}, year=1984}\n",
        expect![[
            r#"Citation { entry: BibItem { key: "kn", key_range: ByteRange { start: ByteOffset(6), end: ByteOffset(8) }, range: ByteRange { start: ByteOffset(0), end: ByteOffset(54) }, entry_type: "book", authors: "K", year: "1984", title: "A Book", place: "" }, path: "r.bib" }"#
        ]],
    );
    check(r"\nobodyknows|", expect![[""]]);
}

#[test]
fn pairs_are_matched() {
    let check = |drawn: &str, expected: &str| {
        let fixture = fixture(drawn);
        let text = fixture.snapshot.text(&fixture.path).unwrap();
        let pair = matching::matching(&fixture.snapshot, &fixture.path, fixture.offset);
        let shown = pair.map(|pair| {
            let slice = |range: quire_text::ByteRange| &text[range.as_range()];
            format!(
                "{}@{} {}@{}",
                slice(pair.open),
                pair.open.start.0,
                slice(pair.close),
                pair.close.start.0
            )
        });
        assert_eq!(shown.unwrap_or_default(), expected, "{drawn}");
    };
    check(r"\begin{ta|bular}{ll}x\end{tabular}", r"\begin{tabular}@0 \end{tabular}@20");
    check(r"\begin{a}x\en|d{a}", r"\begin{a}@0 \end{a}@10");
    check(r"\emph{a {b} c|}", "{@5 }@13");
    check(r"\emph{a {b|} c}", "{@8 }@10");
    check(r"a |$x$ b", "$@2 $@4");
    check(r"\[ x \|]", r"\[@0 \]@5");
    check(r"$\left( \left[ x \right] \right|)$", r"\left(@1 \right)@25");
    check(r"\sqrt|[3]{x}", "[@5 ]@7");
    check(r"a | b", "");
    check(r"\begin{a|} \end{b}", r"\begin{a}@0 \end{b}@10");
}

#[test]
fn an_environment_is_closed_once() {
    let check = |drawn: &str, expected: &str| {
        let fixture = fixture(drawn);
        let found = close_environment(&fixture.snapshot, &fixture.path, fixture.offset);
        assert_eq!(found.map(|found| found.end).unwrap_or_default(), expected, "{drawn}");
    };
    check("\\begin{document}\n\\begin{center}|\n\\end{document}", "\\end{center}");
    check("\\begin{document}\n\\begin{center}\n  |\n\\end{document}", "\\end{center}");
    check("\\begin{center}|\nx\n\\end{center}", "");
    check("\\begin{tabular}{ll}|\n", "\\end{tabular}");
    // The inner one takes the end that stands there: the outer one is open, and it is this name.
    check("\\begin{itemize}\n\\begin{itemize}|\n\\item\n\\end{itemize}\n", "\\end{itemize}");
    check("\\begin{itemize}|\n\\begin{itemize}\n\\item\n\\end{itemize}\n", "\\end{itemize}");
    check("\\begin{center} text|\n", "");
    check("\\begin{center}| text\n", "");
    let list = fixture("  \\begin{itemize}|");
    let found = close_environment(&list.snapshot, &list.path, list.offset).unwrap();
    assert!(found.wants_item);
    assert_eq!(found.indentation, "  ");
}

#[test]
fn words_are_counted_by_section() {
    let book = fixture(BOOK);
    let counted = words::of_document(&book.snapshot, &path("main.tex"));
    let line = |section: &words::SectionWords| {
        let (own, all) = (section.own, section.with_children);
        format!(
            "{:?} {}: {} of {}, {} captions\n",
            section.level, section.title, own.body, all.body, own.captions
        )
    };
    expect![[r#"
        None : 0 of 0, 0 captions
        Some(Chapter) First: 3 of 3, 0 captions
        Some(Chapter) Second one: 0 of 2, 3 captions
        Some(Section) Inner: 2 of 2, 0 captions
        Some(Section) After: 0 of 0, 0 captions
    "#]]
    .assert_eq(&counted.sections.iter().map(line).collect::<String>());
    let body: usize = counted.sections.iter().map(|section| section.own.body).sum();
    assert_eq!(body, counted.total.body);
}

#[test]
fn entries_fold() {
    let bib = fixture("%! r.bib\n@book{a,\n title={x}\n}\n@misc{b, title={y}}\n");
    assert_eq!(folding::foldings(&bib.snapshot, &bib.path).len(), 1);
    let book = fixture(BOOK);
    assert!(folding::foldings(&book.snapshot, &path("main.tex")).len() == 3);
}
