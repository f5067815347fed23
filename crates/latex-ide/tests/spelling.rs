//! Spelling, by example, with dictionaries of a few words.

#![allow(clippy::unwrap_used)]

mod support;

use quire_latex_ide::spelling::{Dictionaries, Language, SpellingOptions, check};
use std::collections::HashSet;
use support::fixture;

const ENGLISH_AFFIXES: &str = "SET UTF-8\nTRY esianrtolcdugmphbyfvkw\nSFX S Y 1\nSFX S 0 s .\n";
const ENGLISH: &str =
    "14\nword/S\nthe\na\nis\nand\nstate\nof\nart/S\nhere\ncat/S\nit's\nnaïve\ncolour\nsection\n";
const GERMAN: &str = "6\ndas\nWort\nist\nein\nschön\nHaus\n";
const FRENCH: &str = "4\nhomme\nle\nest\nbon\n";

fn dictionaries() -> Dictionaries {
    let mut dictionaries = Dictionaries::default();
    dictionaries.add(Language::new("en_GB"), ENGLISH_AFFIXES, ENGLISH).unwrap();
    dictionaries.add(Language::new("de-DE"), "SET UTF-8\n", GERMAN).unwrap();
    dictionaries.add(Language::new("fr"), "SET UTF-8\n", FRENCH).unwrap();
    dictionaries
}

/// The words that are wrong, with their language.
fn wrong(drawn: &str) -> String {
    let fixture = fixture(drawn);
    let words = HashSet::from(["Quire".to_owned(), "lemmata".to_owned()]);
    let default_language = &Language::new("en");
    let options = SpellingOptions { default_language, words: &words };
    let found = check(&fixture.snapshot, &fixture.path, &dictionaries(), options);
    let text = fixture.snapshot.text(&fixture.path).unwrap();
    for misspelling in &found {
        assert!(!text[misspelling.range.as_range()].is_empty());
    }
    let shown = found.iter().map(|found| format!("{} {}", found.language, found.word));
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn only_text_for_people_is_checked() {
    assert_eq!(wrong(r"The wrod is \textbf{heer} \emph{a cat}."), "en wrod, en heer");
    assert_eq!(
        wrong(
            "\\section{Sectoin}\\label{lbael} \\ref{lbael} \\cite{kyes} $mth$ \\url{http://xq.zz}\n\
             % comment wihtout\n\\begin{verbatim}\ncdoe\n\\end{verbatim}\\includegraphics{ctas}\\verb|qq|"
        ),
        "en Sectoin"
    );
    assert_eq!(
        wrong(r"\documentclass{artcle}\usepackage{xyz}\begin{document}wrod\end{document}"),
        "en wrod"
    );
}

#[test]
fn words_as_people_mean_them() {
    assert_eq!(wrong("x B2B H2O NASA PDFs the 3rd 42"), "");
    assert_eq!(wrong("state-of-the-art state-of-teh-art"), "en state-of-teh-art");
    assert_eq!(wrong("it’s it's Quire Quire's lemmata Lemmata quire"), "en quire");
    assert_eq!(wrong(r#"na\"{\i}ve na\"ive naive"#), "en naive");
    assert_eq!(wrong("The Cats cat Caats"), "en Caats");
    assert_eq!(wrong("The cat's colour's Caat's"), "en Caat's");
    assert_eq!(wrong("LaTeX and TikZ and Latx"), "en Latx");
    assert_eq!(wrong("the $n$th cat, xx.yy@zz.edu wwq.orgg $x$ wrod."), "en wrod");
}

#[test]
fn the_language_is_what_the_document_says() {
    let body = r"\begin{document}das Wort, the word\end{document}";
    assert_eq!(wrong(&format!(r"\documentclass{{article}}{body}")), "en das, en Wort");
    for preamble in [
        r"\documentclass{article}\usepackage[english,ngerman]{babel}",
        r"\documentclass{article}\usepackage[main=ngerman,english]{babel}",
        r"\documentclass[ngerman]{article}\usepackage{babel}",
        r"\documentclass{article}\usepackage{polyglossia}\setmainlanguage[spelling=new]{german}",
        "% !TEX spellcheck = de_DE\n\\documentclass{article}\\usepackage[english]{babel}",
    ] {
        assert_eq!(wrong(&format!("{preamble}{body}")), "de-DE the, de-DE word", "{preamble}");
    }
    // There is no dictionary for this one.
    assert_eq!(
        wrong(&format!(r"\documentclass{{article}}\usepackage[finnish]{{babel}}{body}")),
        ""
    );
}

#[test]
fn the_language_changes_within_the_text() {
    assert_eq!(
        wrong(
            r"the \begin{otherlanguage}{ngerman}das the\end{otherlanguage} das
              \foreignlanguage{ngerman}{Haus the} Haus {\selectlanguage{ngerman} das the} das
              \textgerman{Wort the} \begin{french} l'homme the\end{french} the \selectlanguage{finnish} xyzzy"
        ),
        "de-DE the, en das, de-DE the, en Haus, de-DE the, en das, de-DE the, fr the"
    );
}

#[test]
fn a_file_begins_in_the_language_of_the_place_where_it_is_read() {
    assert_eq!(
        wrong(
            "%! main.tex\n\\documentclass{article}\\usepackage[ngerman,english]{babel}\\begin{document}\n\
             \\selectlanguage{ngerman}\\input{a}\\end{document}\n%! a.tex\n|das the\n"
        ),
        "de-DE the"
    );
}

#[test]
fn suggestions_are_few() {
    let dictionaries = dictionaries();
    let suggested = dictionaries.suggest("wrod", &Language::new("en-GB"));
    assert_eq!(suggested.first().map(String::as_str), Some("word"));
    assert!(suggested.len() <= 6);
    assert!(dictionaries.suggest("wrod", &Language::new("fi")).is_empty());
    assert!(dictionaries.suggest(&"x".repeat(10_000), &Language::new("en")).is_empty());
}

#[test]
fn a_broken_dictionary_is_told() {
    let error = Dictionaries::default().add(Language::new("en"), "SET UTF-8\n", "no number\n");
    assert!(error.unwrap_err().to_string().starts_with("cannot read the dictionary for en"));
}
