//! What is found in small documents.

use expect_test::{Expect, expect};
use quire_latex_syntax::{Tree, facts, parse};
use std::fmt::Write as _;

fn check(text: &str, fact: impl Fn(&Tree) -> String, expected: Expect) {
    expected.assert_eq(&fact(&parse(text)));
}

fn lines<T>(found: impl IntoIterator<Item = T>, line: impl Fn(T) -> String) -> String {
    found.into_iter().fold(String::new(), |mut text, found| {
        let _ = writeln!(text, "{}", line(found));
        text
    })
}

fn outline(tree: &Tree) -> String {
    lines(facts::outline(tree), |section| {
        let text = |range: Option<_>| range.map_or("–", |range| tree.slice(range)).to_owned();
        let end = tree.slice(section.range).trim_end().chars().rev().take(4).collect::<String>();
        format!(
            "{:?} {} [{}]{}{} …{}",
            section.level,
            text(section.title),
            text(section.short_title),
            if section.is_numbered { "" } else { " unnumbered" },
            if section.is_appendix { " appendix" } else { "" },
            end.chars().rev().collect::<String>()
        )
    })
}

#[test]
fn sections_and_slides_make_the_outline() {
    check(
        "\\part{P}\\chapter[short]{A \\emph{b}}a\\section*{S}b1\\addchap{Foreword}c2 % \\section{no}\n\
         \\newcommand{\\x}{\\section{no}}\\appendix\\section{X}\n\
         \\begin{frame}<1>[t]{Slide}{Sub}d\\end{frame}\\begin{frame}\\frametitle{T}\\end{frame}\\end{document}",
        outline,
        expect![[r#"
            Part P [–] …ent}
            Chapter A \emph{b} [short] …S}b1
            Section S [–] unnumbered …S}b1
            Chapter Foreword [–] unnumbered …ent}
            Section X [–] appendix …ent}
            Frame Slide [–] unnumbered appendix …ame}
            Frame T [–] unnumbered appendix …ame}
        "#]],
    );
}

fn labels(tree: &Tree) -> String {
    lines(facts::labels(tree), |label| {
        let title = label.title.map_or("–", |title| tree.slice(title));
        format!("{} {:?} {:?} {title}", label.name, label.kind, label.context)
    })
}

#[test]
fn labels_know_what_they_name() {
    check(
        "\\newtheorem{satz}{Satz}\\newenvironment{eq}{\\begin{equation}}{\\end{equation}}\
         \\section{One}\\label{sec:one}\n\
         \\begin{figure}\\label{fig:before}\\caption{Cap}\\end{figure}\
         \\begin{table*}\\caption{T}\\label{tab}\\end{table*}\
         \\begin{satz}[Note]\\label{th}\\begin{equation}\\label{eq:in}x\\end{equation}\\end{satz}\
         \\begin{eq}y\\label{eq:own}\\end{eq}\
         \\begin{enumerate}\\item\\label{it}\\end{enumerate}\
         \\begin{lstlisting}[caption={Cap, too},label=lst]\n\\label{no}\n\\end{lstlisting}\
         \\begin{frame}[label=slide]{Title}\\end{frame}\
         % \\label{no}\n\\footnote{a\\label{fn}}\\[x\\label{d}\\]",
        labels,
        expect![[r#"
            sec:one Section Some("section") One
            fig:before Figure Some("figure") Cap
            tab Table Some("table*") T
            th Theorem Some("satz") Note
            eq:in Equation Some("equation") \begin{equation}\label{eq:in}x\end{equation}
            eq:own Equation Some("eq") \begin{eq}y\label{eq:own}\end{eq}
            it Item Some("enumerate") –
            lst Listing Some("lstlisting") Cap, too
            slide Frame Some("frame") Title
            fn Footnote None –
            d Equation None \[x\label{d}\]
        "#]],
    );
}

#[test]
fn references_and_citations_are_found_in_lists_and_through_macros() {
    let names = |tree: &Tree| {
        lines(facts::references(tree), |found| format!("{} {}", found.command, found.name))
            + &lines(facts::citations(tree), |found| format!("{} {}", found.command, found.key))
    };
    check(
        "\\newcommand{\\fig}[2][p]{Figure~\\ref{fig:x}, \\cref{#2}}\\fig[a]{fig:plot}\n\
         \\cref{a, b,% c\n d}\\eqref{e}\\hyperref[h]{text}\\hyperref{no}\\verb|\\ref{no}|\n\
         \\cite[see][p.~1]{k1,k2}\\textcite*{k3}\\parencites(x)(y)[1]{k4}[2]{k5}\\nocite{*}",
        names,
        expect![[r#"
            ref fig:x
            fig fig:plot
            cref a
            cref b
            cref d
            eqref e
            hyperref h
            cite k1
            cite k2
            textcite k3
            parencites k4
            parencites k5
        "#]],
    );
}

#[test]
fn files_class_and_packages() {
    let found = |tree: &Tree| {
        let header = facts::header(tree);
        let options = |options: &[_]| {
            options.iter().map(|range| tree.slice(*range)).collect::<Vec<_>>().join("|")
        };
        let loaded = header.class.iter().chain(&header.packages);
        lines(loaded, |found| format!("{} [{}]", found.name, options(&found.options)))
            + &lines(facts::file_references(tree), |file| {
                let folder = file.folder.map_or("", |folder| tree.slice(folder));
                format!("{:?} {folder}{}", file.kind, file.name)
            })
    };
    check(
        "\\documentclass[a4paper,\n % no\n pagesize={a,b}]{book}\\usepackage{a,b}[2020/01/01]\n\
         \\input chapters/one \\input{two}\\include{three}\\import{dir/}{four}\\includegraphics[width=1cm]{\"my plot\"}\n\
         \\lstinputlisting[language=C]{a.c}\\bibliography{x,y}\\addbibresource{z.bib}\\input{\\jobname.x}",
        found,
        expect![[r#"
            book [a4paper|pagesize={a,b}]
            a []
            b []
            Class book
            Package a
            Package b
            Source chapters/one
            Source two
            Source three
            Source dir/four
            Graphics my plot
            Listing a.c
            Bibliography x
            Bibliography y
            Bibliography z.bib
        "#]],
    );
}

#[test]
fn definitions_say_what_they_take() {
    let found = |tree: &Tree| {
        lines(tree.definitions(), |found| {
            let slots = tree.signatures().commands.get(&found.name).map(|slots| slots.to_vec());
            let roles = slots.unwrap_or_default().iter().fold(String::new(), |text, slot| {
                format!("{text} {:?}:{:?}", slot.form, slot.role)
            });
            format!("{:?} {} {}{roles}", found.kind, found.name, found.arity)
        })
    };
    check(
        "\\newcommand*\\vect[1]{\\mathbf{#1}}\\newcommand{\\name}[2][x]{\\textbf{#2} #1}\n\
         \\NewDocumentCommand{\\doc}{s O{a} m +m}{\\footnote{#3} $#4$}\\def\\a#1#2{}\\def\\b#1.#2{}\n\
         \\DeclareMathOperator*{\\argmin}{arg\\,min}\\newtheorem{thmm}{T}[section]\\newenvironment{e}[1]{}{}\n\
         \\newmintinline{rust}{}\\newminted{c}{}\\let\\x\\y",
        found,
        expect![[r#"
            Command vect 1 Mandatory:Math
            Command name 2 Optional:Printed Mandatory:Text
            Command doc 3 Star:Keys Optional:Keys Mandatory:Footnote Mandatory:Math
            Command a 2 Mandatory:Keys Mandatory:Keys
            Command b 0
            Operator argmin 0
            Theorem thmm 0
            Environment e 1
            Command rustinline 2 Optional:Keys Delimited:Verbatim
            Environment ccode 0
        "#]],
    );
}

fn prose(tree: &Tree) -> String {
    lines(facts::prose(tree), |prose| format!("{:?} {:?}", prose.kind, tree.slice(prose.range)))
}

#[test]
fn prose_is_what_people_read() {
    check(
        "\\documentclass{article}\\title{My title}\\newcommand{\\x}{not this}\\begin{document}\n\
         Some text \\emph{with stress}\\label{no} and $x \\text{ where math}$ % no\n\
         end.\n\nNew~one\\footnote{A foot}\\includegraphics[width=no]{no}\\unknown{key}\\unknown{two words}\n\
         \\begin{tikzpicture}[no]\\node {no};\\end{tikzpicture}\\begin{verbatim}no\\end{verbatim}\n\
         \\begin{align}a &= b \\intertext{so that} c\\end{align}\\textcolor{red}{red text}\\caption[Short]{Long}\n\
         \\begin{tabular}{no} one & two \\\\[2pt] three\\end{tabular}\\href{no}{link} \\verb|no|\n\
         \\end{document} no",
        prose,
        expect![[r#"
            Heading "My title"
            Body "Some text"
            Body "with stress"
            Body "and"
            Body "where math"
            Body "end."
            Body "New~one"
            Footnote "A foot"
            Body "two words"
            Body "so that"
            Body "red text"
            Caption "Short"
            Caption "Long"
            Body "one"
            Body "two"
            Body "three"
            Body "link"
        "#]],
    );
}

#[test]
fn words_read_as_they_are_printed() {
    let words = |tree: &Tree| {
        let words = facts::words(tree);
        words.iter().map(|word| &*word.text).collect::<Vec<_>>().join(" | ")
    };
    check(
        "na\\\"{\\i}ve Stra\\ss e \\'Etude c\\oe ur \\AA ngstr\\\"om Erd\\H{o}s \\v{S}koda well-known it's 3.14 a -- b--c \
         \\textbf{W}ord hy\\-phen {T}itle d'\\'etat 漢字 one\\\\two Größe~x foo\\footnote{bar}baz",
        words,
        expect![
            "naïve | Straße | Étude | cœur | Ångström | Erdős | Škoda | well-known | it's | 3.14 | a | b | c | Word | hyphen | Title | d'état | 漢 | 字 | one | two | Größe | x | foo | bar | baz"
        ],
    );
}

#[test]
fn words_are_counted_by_section() {
    let tree = parse(
        "Before it. \\section{Two words} a b c\\footnote{d e} $x$ \\[y\\] \\section{Next}\n\
         \\begin{figure}\\caption{One two three}\\end{figure} f-g \\begin{align}\\begin{aligned}x\\end{aligned}\\end{align}",
    );
    let count = facts::word_count(&tree);
    let line = |counts: facts::Counts| {
        let facts::Counts {
            body,
            headings,
            captions,
            footnotes,
            inline_math,
            display_math,
            floats,
        } = counts;
        format!("{body} {headings} {captions} {footnotes}, {inline_math} {display_math} {floats}")
    };
    expect![[r#"
        2 0 0 0, 0 0 0
        3 2 0 2, 1 1 0
        1 1 3 0, 0 1 1
    "#]]
    .assert_eq(&lines(&count.sections, |section| line(section.own)));
    expect!["6 3 3 2, 1 2 1"].assert_eq(&line(count.total));
}

#[test]
fn foldings_span_lines() {
    let found = |tree: &Tree| {
        lines(facts::foldings(tree), |folding| {
            format!("{:?} {:?}", folding.kind, tree.slice(folding.range))
        })
    };
    check(
        "\\documentclass{a}\n\\begin{document}\n\\section{A}\nx\n\\section{B}\n% c\n% d\n$a$ \\[\nb\n\\]\n\\end{document}\n",
        found,
        expect![[r#"
            Environment "\\begin{document}\n\\section{A}\nx\n\\section{B}\n% c\n% d\n$a$ \\[\nb\n\\]\n\\end{document}"
            Section "\\section{A}\nx"
            Section "\\section{B}\n% c\n% d\n$a$ \\[\nb\n\\]"
            Comment "% c\n% d"
            Math "\\[\nb\n\\]"
        "#]],
    );
}

#[test]
fn magic_comments_set_things() {
    let found = |tree: &Tree| {
        lines(facts::magic_comments(tree), |magic| format!("{}={}", magic.key, magic.value))
    };
    check(
        "% !TEX root = ../main.tex\r\n%!TeX program=xelatex\n% !TeX spellcheck = de-DE\n%!BIB program = biber\n% no = x\n%% !TEX encoding = UTF-8 Unicode",
        found,
        expect![[r#"
            root=../main.tex
            program=xelatex
            spellcheck=de-DE
            bib program=biber
            encoding=UTF-8 Unicode
        "#]],
    );
}

#[test]
fn names_of_environments_are_found_for_renaming() {
    let found = |tree: &Tree| {
        lines(facts::environments(tree), |found| {
            let end = found.end_name.map(|name| tree.slice(name));
            format!(
                "{} {end:?} {:?} {:?}",
                tree.slice(found.name),
                found.kind,
                tree.slice(found.body)
            )
        })
    };
    check(
        "\\begin{table}[h] a \\begin {tabular}{c}b\\end{tabular}\\end{table}\\begin{open}",
        found,
        expect![[r#"
            table Some("table") Table " a \\begin {tabular}{c}b\\end{tabular}"
            tabular Some("tabular") Text "b"
            open None Text ""
        "#]],
    );
}

#[test]
fn uses_of_a_command_include_its_definition() {
    let tree = parse("\\newcommand{\\foo}{x}\\foo \\foobar $\\foo_1$ \\verb|\\foo| %\\foo");
    let starts: Vec<_> = facts::uses_of(&tree, "foo").iter().map(|range| range.start.0).collect();
    assert_eq!(starts, [13, 21, 35]);
}

#[test]
fn a_definition_ends_where_it_is_written_out() {
    let tree = parse("\\newcommand{\\a}[1]{\\b{#1}}\n\\newtheorem{c}{C} text {more}");
    let ranges = tree.definitions().iter().map(|found| tree.slice(found.range));
    let bodies = tree.definitions().iter().filter_map(|found| Some(tree.slice(found.body?)));
    assert_eq!(
        ranges.chain(bodies).collect::<Vec<_>>(),
        ["\\newcommand{\\a}[1]{\\b{#1}}", "\\newtheorem{c}{C}", "\\b{#1}"]
    );
}
