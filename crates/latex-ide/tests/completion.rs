//! Completion, by example.

#![allow(clippy::unwrap_used)]

mod support;

use expect_test::{Expect, expect};
use quire_latex_ide::completion::{CompletionItem, Completions, complete};
use support::{Fixture, fixture};

fn completions(drawn: &str) -> (Fixture, Completions) {
    let fixture = fixture(drawn);
    let found = complete(&fixture.snapshot, &fixture.path, fixture.offset);
    (fixture, found)
}

/// The first items: label, detail, and what is inserted if that is more than the label.
fn check(drawn: &str, expected: Expect) {
    let (_, found) = completions(drawn);
    let shown = found.items.iter().take(6).map(|item| {
        let inserted = if item.insert_text == item.label {
            String::new()
        } else {
            format!(" → {}", item.insert_text.replace('\n', "⏎").replace('\t', "⇥"))
        };
        format!("{} ({}){inserted}\n", item.label, item.detail)
    });
    expected.assert_eq(&shown.collect::<String>());
}

fn item(drawn: &str, label: &str) -> (Fixture, CompletionItem) {
    let (fixture, found) = completions(drawn);
    let labels: Vec<String> = found.items.iter().map(|item| item.label.clone()).collect();
    let item = found.items.into_iter().find(|item| item.label == label);
    (fixture, item.unwrap_or_else(|| panic!("{label} is not among {labels:?}")))
}

/// The text after an item has been taken, snippets without their marks.
fn taken(drawn: &str, label: &str) -> String {
    let (fixture, item) = item(drawn, label);
    let mut edits = item.additional_edits.clone();
    edits.push(quire_latex_ide::FileEdit {
        path: fixture.path.clone(),
        range: item.range,
        text: item.insert_text,
    });
    edits.sort_by_key(|edit| edit.range.start);
    support::applied(&fixture.snapshot, &edits)[&fixture.path].clone()
}

#[test]
fn commands_of_latex_come_with_their_arguments() {
    check(
        r"\documentclass{article}\sect|",
        expect![[r#"
            \section (*[…][…]{…}) → \\section{${1:title}\}
            \subsection (*[…][…]{…}) → \\subsection{${1:title}\}
            \subsubsection (*[…][…]{…}) → \\subsubsection{${1:title}\}
            \subject ([…]{…}) → \\subject{${1:title}\}
            \selectfont ()
            \selectlanguage ([…]{…}) → \\selectlanguage{${1}\}
        "#]],
    );
    check(
        r"\documentclass{article}\usepackage{booktabs}\topr|",
        expect![[r#"
            \toprule ([…] booktabs)
        "#]],
    );
}

#[test]
fn arguments_that_stand_there_are_not_written_again() {
    assert_eq!(taken(r"\secti|{One}", r"\section"), r"\section{One}");
    assert_eq!(taken(r"\sub|tion{One}", r"\subsection"), r"\subsection{One}");
}

#[test]
fn own_commands_come_first() {
    check(
        "%! main.tex\n\\newcommand{\\vect}[2]{#1#2}\\input{sub}\n%! sub.tex\n\\newcommand{\\vec|}{}\n",
        expect![[r#"
            \vect ({…}{…} main.tex)
            \vector ((…){…})
        "#]],
    );
}

#[test]
fn what_authors_mean_comes_before_what_only_packages_use() {
    let first = |drawn| completions(drawn).1.items[0].label.clone();
    assert_eq!(first(r"\documentclass{article} \sec|"), r"\section");
    assert_eq!(first(r"\documentclass{article} \re|"), r"\ref");
    let (_, found) = completions(r"\documentclass{article} \re|");
    assert!(found.items.iter().all(|item| item.additional_edits.is_empty()), "{:?}", found.items);
    let (_, found) = completions(r"\documentclass{article} \resetE|");
    assert_eq!(found.items[0].detail, "needs package envlab");
}

#[test]
fn a_command_that_needs_a_package_brings_it() {
    let drawn =
        "\\documentclass{article}\n\\usepackage{amsmath} % maths\n\\begin{document}\n\\topr|\n";
    let (fixture, item) = item(drawn, r"\toprule");
    assert_eq!(item.detail, "[…] needs package booktabs");
    let texts = support::applied(&fixture.snapshot, &item.additional_edits);
    assert_eq!(
        texts[&fixture.path],
        "\\documentclass{article}\n\\usepackage{amsmath} % maths\n\\usepackage{booktabs}\n\\begin{document}\n\\topr\n"
    );
    // What only another class has cannot be had.
    let (_, found) = completions(r"\documentclass{article} \framet|");
    assert!(found.items.iter().all(|item| item.label != r"\frametitle"));
    let (_, found) = completions(r"\documentclass{beamer} \framet|");
    assert!(found.items.iter().any(|item| item.label == r"\frametitle"));
}

#[test]
fn an_environment_is_written_with_its_end() {
    check(
        "\\begin{itemi|}\n",
        expect![[r#"
            itemize () → itemize\}⏎⇥\\item $0⏎\\end{itemize\}
        "#]],
    );
    let with_arguments = "tabular\\}{${1}\\}\n\t$0\n\\\\end{tabular\\}";
    assert_eq!(taken("\\begin{tabu|", "tabular"), format!("\\begin{{{with_arguments}"));
    // With text behind it nobody knows where it ends.
    assert_eq!(taken("\\begin{itemi|} \\item a", "itemize"), "\\begin{itemize\\} \\item a");
}

#[test]
fn the_name_of_an_environment_changes_at_both_ends() {
    assert_eq!(
        taken("\\begin{|itemize}\n\\item x\n\\end{itemize}", "enumerate").replace("enumerate", "E"),
        "\\begin{E}\n\\item x\n\\end{E}"
    );
}

#[test]
fn what_is_open_is_offered_to_end() {
    check(
        "\\begin{document}\\begin{itemize}\\begin{center}\\end{center}\\end{|\n\\end{itemize}\\end{document}",
        expect![[r#"
            itemize () → itemize}
            document () → document}
        "#]],
    );
    assert_eq!(taken("\\begin{a}\\begin{bc}\\end{|}", "bc"), "\\begin{a}\\begin{bc}\\end{bc}");
}

#[test]
fn labels_are_shown_with_what_they_name() {
    let document = r"\section{One}\label{sec:one}
\begin{figure}\caption{A \emph{cat}}\label{fig:cat}\end{figure}
\begin{equation}\label{eq:e} e = mc^2\end{equation}
";
    check(
        &format!("{document}\\ref{{|"),
        expect![[r#"
            eq:e (Equation: e = mc^2)
            fig:cat (Figure: A cat)
            sec:one (Section: One)
        "#]],
    );
    check(
        &format!("{document}\\cref{{sec:one, ca|}}"),
        expect![[r#"
            fig:cat (Figure: A cat)
        "#]],
    );
    assert_eq!(taken("\\label{ab:c} \\ref{a|x:y, z}", "ab:c"), "\\label{ab:c} \\ref{ab:c, z}");
}

#[test]
fn citations_are_found_by_author_and_title() {
    let project = |typed: &str| {
        format!(
            "%! main.tex\n\\bibliography{{refs}}\\citep[p.~3]{{{typed}|}}\n%! refs.bib\n\
             @book{{texbook, author = {{Knuth, Donald E.}}, title = {{The {{\\TeX}}book}}, year = 1984}}\n\
             @article{{kp81, author = {{Knuth, D. and Plass, M.}}, title = {{Breaking paragraphs}}, year = 1981}}\n\
             %! other.bib\n@misc{{unused, title = {{Knuth}}}}\n"
        )
    };
    check(
        &project("knuth"),
        expect![[r#"
            texbook (Knuth 1984 The TeXbook)
            kp81 (Knuth and Plass 1981 Breaking paragraphs)
        "#]],
    );
    check(
        &project("parag"),
        expect![[r#"
            kp81 (Knuth and Plass 1981 Breaking paragraphs)
        "#]],
    );
    let (_, item) = item(&project("plass"), "kp81");
    assert_eq!(item.insert_text, "kp81");
    assert!(item.filter_text.contains("Plass"), "the editor compares with this");
}

#[test]
fn an_item_of_thebibliography_can_be_cited() {
    check(
        r"\cite{k|} \begin{thebibliography}{9}\bibitem{knuth} K.\end{thebibliography}",
        expect![[r#"
            knuth ()
        "#]],
    );
}

#[test]
fn files_are_named_as_tex_finds_them() {
    let files = "%! img/cat.png\n%! ch/one.tex\n%! data/x.csv\n%! refs.bib\n%! my.sty\n";
    let project = |drawn: &str| format!("%! main.tex\n{drawn}\n{files}");
    check(&project("\\input{|}"), expect![["ch/one ()\n"]]);
    check(&project("\\includegraphics[width=1cm]{c|}"), expect![["img/cat.png ()\n"]]);
    check(&project("\\graphicspath{{img/}}\\includegraphics{c|}"), expect![["cat.png ()\n"]]);
    check(&project("\\addbibresource{|}"), expect![["refs.bib ()\n"]]);
    check(&project("\\bibliography{|}"), expect![["refs ()\n"]]);
    check(&project("\\import{ch/}{|}"), expect![["one ()\n"]]);
    check(
        &project("\\usepackage{am|}"),
        expect![[r#"
            amsmath ()
        "#]],
    );
    check(&project("\\usepackage{booktabs,my|}"), expect![["my (in this project)\n"]]);
    check(&project("\\documentclass{b|}"), expect![["beamer ()\n"]]);
    check(&project("\\bibliographystyle{al|}"), expect![["alpha ()\n"]]);
    check(&project("\\documentclass[a|]{article}"), expect![[""]]);
}

#[test]
fn in_a_bibliography_types_and_fields_are_offered() {
    check(
        "%! refs.bib\n@artic|\n",
        expect![[r#"
            article (author, title, journal, year) → article{${1:key},⏎⇥author = {${2}\},⏎⇥title = {${3}\},⏎⇥journal = {${4}\},⏎⇥year = {${5}\},⏎\}
        "#]],
    );
    check(
        "%! refs.bib\n@article{k,\n  title = {x},\n  jou|\n}\n",
        expect![[r#"
            journal (needed by @article) → journal = {$1\},$0
            journaltitle () → journaltitle = {$1\},$0
        "#]],
    );
    check("%! refs.bib\n@article{k,\n  title = {jou|}\n}\n", expect![[""]]);
    check("%! refs.bib\n@article{k,\n  month = ja|\n}\n", expect![[""]]);
}

#[test]
fn nothing_is_offered_where_tex_does_not_read() {
    for drawn in
        [r"% \ref{|", "\\begin{verbatim}\n\\sec|\n\\end{verbatim}", r"\verb+\sec|+", r"\\sec|"]
    {
        let (_, found) = completions(drawn);
        assert!(found.items.is_empty(), "{drawn}: {:?}", found.items[0]);
    }
}

#[test]
fn the_argument_of_an_own_command_is_known_by_its_use() {
    check(
        r"\newcommand{\fig}[1]{Figure~\ref{#1}}\label{fig:x}\fig{|}",
        expect![[r#"
            fig:x (Section)
        "#]],
    );
}

#[test]
fn what_is_sent_is_limited() {
    let labels: String = (0..5000).map(|i| format!("\\label{{l{i}}}\n")).collect();
    let (_, found) = completions(&format!("{labels}\\ref{{l|"));
    assert_eq!(found.items.len(), 200);
    assert!(found.is_incomplete);
    let (_, found) = completions(&format!("{labels}\\ref{{l4999|"));
    assert_eq!(found.items[0].label, "l4999");
    assert!(!found.is_incomplete);
}

#[test]
fn what_most_authors_load_and_begin_comes_first() {
    let labels = |drawn| -> Vec<String> {
        completions(drawn).1.items.into_iter().map(|item| item.label).collect()
    };
    let packages = labels(r"\documentclass{article}\usepackage{|}");
    assert_eq!(packages, ["amsmath", "graphicx", "hyperref", "booktabs", "tikz", "01-IU8-base"]);
    assert_eq!(labels(r"\documentclass{|}")[..2], ["article", "beamer"]);
    assert_eq!(labels(r"\bibliographystyle{|}"), ["plain", "alpha"]);
    let begun = labels("\\documentclass{article}\\usepackage{amsmath}\n\\begin{|");
    assert_eq!(begun[..2], ["itemize", "align"]);
    let begun = labels("\\documentclass{article}\\usepackage{amsmath}\n\\begin{tab|");
    assert!(begun.iter().take(3).all(|name| name.starts_with("tab")), "{begun:?}");
}
