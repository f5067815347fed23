//! Broken and hostile texts: nothing panics, nothing is lost, nothing takes the square of its length.
//! `QUIRE_SEED` repeats a random run.

#![allow(clippy::unwrap_used)]

mod support;

use quire_latex_syntax::{bib, parse};
use std::{fs, time::Instant};

const DOCUMENT: &str = "% !TEX root = main.tex\r\n\\documentclass[a4paper]{article}\n\\usepackage{amsmath,\
    % why\n  natbib}\n\\newcommand{\\fig}[2][x]{Figure~\\ref{#2} $#1$}\n\\makeatletter\\def\\a@b#1#2{#1}\n\
    \\makeatother\\newenvironment{eq}{\\begin{equation}}{\\end{equation}}\n\\lstnewenvironment{rust}[1]{}{}\n\
    \\title{Größe \\& Maß}\\begin{document}\n\\section[short]{A \\emph{long} title}\\label{sec:a}\n\
    na\\\"{\\i}ve Stra\\ss e, \\verb|a{%| \\url{http://a.b/c%20d} $a_1^{2}$ $$b$$ \\(c\\) \\[d \\text{if $e$}\\]\n\n\
    \\begin{figure}[ht]\\includegraphics[width=3cm]{a/b}\\caption[s]{Cap\\footnote{Foot}}\\label{fig:b}\\end{figure}\n\
    \\begin{rust}{x}\nfn main() { $\n\\end{rust}\n\\begin{eq}x & y \\\\[2pt] z\\end{eq}\n\\fig[y]{fig:b} \\cite[p.~1]{a, b}\n\
    \\begin{itemize}\\item[x] <1-> 漢字 🙂 ^^M \\end{itemize}\n\\end{document}\nrest";

const BIB: &str = "text @string{jan = \"January\"}\n@article{key, author = {Knuth, Donald E. and {Größe GmbH}},\n\
    title = \"A {\"}B{\"} c\" # jan, year = 1984 }\n@comment{a {b}}@preamble{ \"x\" # y }\n@book(k2, a=1,)\n";

fn seed() -> u64 {
    let seed = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("QUIRE_SEED={seed}");
    seed
}

fn check_bib(text: &str) {
    let bibliography = bib::parse(text);
    let mut end = 0;
    for item in &bibliography.items {
        assert_eq!(item.range.start.0, end);
        end = item.range.end.0;
        assert!(text.get(item.range.as_range()).is_some());
    }
    assert_eq!(end, text.len());
    let inside = |range: quire_text::ByteRange| {
        assert!(text.get(range.as_range()).is_some(), "{range:?}");
    };
    bibliography.errors.iter().for_each(|error| inside(error.range));
    for entry in bibliography.entries() {
        inside(entry.key);
        inside(entry.entry_type);
        for field in &entry.fields {
            inside(field.name);
            inside(field.value);
            field.pieces.iter().for_each(|piece| inside(piece.content));
            let value = bib::value_text(&bibliography, text, &field.pieces);
            bib::split_names(&value).iter().for_each(|name| drop(name.display()));
        }
    }
}

#[test]
fn every_prefix_and_suffix_parses() {
    for (at, _) in DOCUMENT.char_indices() {
        support::check(&parse(&DOCUMENT[..at]));
        support::check(&parse(&DOCUMENT[at..]));
    }
    for (at, _) in BIB.char_indices() {
        check_bib(&BIB[..at]);
        check_bib(&BIB[at..]);
    }
}

/// Something random happens to a text, on the bounds of characters.
fn change(random: &mut fastrand::Rng, text: &mut String) {
    const PIECES: [&str; 24] = [
        "{",
        "}",
        "[",
        "]",
        "$",
        "$$",
        "\\",
        "%",
        "\n\n",
        "\\begin{a}",
        "\\end{a}",
        "\\begin{verbatim}",
        "\\end{document}",
        "\\verb",
        "|",
        "\\section",
        "\\newcommand",
        "#1",
        "\\[",
        "\\)",
        "ä",
        "@",
        "\"",
        ",",
    ];
    let bound = |random: &mut fastrand::Rng, text: &str| {
        let mut at = random.usize(0..=text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    for _ in 0..random.usize(1..6) {
        let (a, b) = (bound(random, text), bound(random, text));
        let (start, end) = (a.min(b), a.max(b));
        match random.u8(0..5) {
            0 => text.truncate(end),
            1 => {
                let mut end = end.min(start + 20);
                while !text.is_char_boundary(end) {
                    end -= 1;
                }
                text.replace_range(start..end, "");
            }
            2 => {
                let piece = text[start..end].to_owned();
                text.insert_str(a, &piece);
            }
            _ => text.insert_str(a, PIECES[random.usize(0..PIECES.len())]),
        }
    }
    let mut most = text.len().min(20_000);
    while !text.is_char_boundary(most) {
        most -= 1;
    }
    text.truncate(most);
}

#[test]
fn random_changes_lose_nothing() {
    let seed = seed();
    for round in 0..1_500 {
        let mut random = fastrand::Rng::with_seed(seed ^ round << 32);
        let mut text = DOCUMENT.to_owned();
        change(&mut random, &mut text);
        let held = std::panic::catch_unwind(|| support::check(&parse(text.as_str())));
        assert!(held.is_ok(), "QUIRE_SEED={seed}, round {round}: {text:?}");
        let mut text = BIB.to_owned();
        change(&mut random, &mut text);
        let held = std::panic::catch_unwind(|| check_bib(&text));
        assert!(held.is_ok(), "QUIRE_SEED={seed}, round {round}: {text:?}");
    }
}

#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    for (open, close) in [
        ("{", "}"),
        ("\\emph{", "}"),
        ("\\begin{itemize}", "\\end{itemize}"),
        ("\\newcommand{\\a}{", "}"),
        ("\\text{$", "$}"),
        ("\\cite[", "]"),
        ("\\x{", "}"),
        ("\\footnote{\\caption{", "}}"),
    ] {
        let text = open.repeat(100_000) + "x" + &close.repeat(100_000);
        support::check(&parse(text.as_str()));
        support::check(&parse(open.repeat(100_000)));
        support::check(&parse(close.repeat(100_000)));
    }
    check_bib(&("@a{b, c = ".to_owned() + &"{".repeat(100_000)));
}

#[test]
fn no_text_takes_the_square_of_its_length() {
    let pieces = [
        "{",
        "[",
        "$",
        "\\[",
        "\\begin{a}",
        "\\end{a}",
        "\\begin{a",
        "\\begin{verbatim}",
        "\\verb|",
        "\\url{",
        "\\begin{a}{",
        "\\begin{a}\\end{b}",
        "\\a[",
        "\\a{",
        "\\cite[\\cite{",
        "\\newcommand{\\a}{",
        "\\def\\a#1",
        "\\frac",
        "\\sqrt[",
        "%\n",
        "\\item<",
        "\\put(",
        "#",
        "^^",
        "\\\\",
        "\\\"",
        "\\section{a}",
        "\\begin{figure}\\caption{",
        "\\label{",
        "\\ref{a,",
        "\\begin{verbatim}\\end{document}",
        "\\lstinline{",
        "\\begin{itemize}\\label{a}\\caption{",
        "$\\text{",
        "\\documentclass",
        " ",
        "\n",
        "\\section ",
        "a,b=",
        "\\end{verbatim}\\begin{lstlisting}",
        "\\newenvironment{a}{\\begin{b}}{",
        "\\ss \\\"",
        "\\begin{equation}$",
        "\\newcommand{\\a}[9]{{#1}",
        "\\begin{lstlisting}[label=",
        "\\verb{",
        "\\hyperref[",
        "\\input a ",
    ];
    let time = |text: String| {
        let start = Instant::now();
        let tree = parse(text);
        support::check(&tree);
        start.elapsed().as_secs_f64()
    };
    for piece in pieces {
        let short = time(piece.repeat(40_000 / piece.len()));
        let long = time(piece.repeat(400_000 / piece.len()));
        println!("{piece:?}: {short:.3} s, then {long:.3} s");
        // Ten times as long; the square would be a hundred. A busy machine may be slow for a while.
        assert!(long < 1.0 || long < short * 40.0, "{piece:?}: {short:.3} s, then {long:.3} s");
    }
    for piece in [
        "{",
        "@",
        "@a{",
        "@a{b,c=",
        "@a{b,c={",
        "@string{",
        "\n@a{b,",
        "a = \"",
        "#",
        " @a",
        "@comment{",
    ] {
        let start = Instant::now();
        check_bib(&("@article{a,".to_owned() + &piece.repeat(400_000 / piece.len())));
        let took = start.elapsed().as_secs_f64();
        assert!(took < 2.0, "{piece:?}: {took:.1} s");
    }
}

#[test]
fn prefixes_of_a_chapter_parse() {
    let text = fs::read_to_string(support::corpus().join("hott-book/logic.tex")).unwrap();
    let mut random = fastrand::Rng::with_seed(seed());
    for _ in 0..60 {
        let mut at = random.usize(0..=text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        support::check(&parse(&text[..at]));
    }
}
