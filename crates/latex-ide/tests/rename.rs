//! Renaming of names and files, by example.

#![allow(clippy::unwrap_used)]

mod support;

use quire_latex_ide::rename::{FileMove, RenameError, RenameKind, renamable, rename, rename_files};
use support::{applied, fixture, path};

/// The files that change, as they are afterwards.
fn renamed(drawn: &str, new_name: &str) -> Result<String, RenameError> {
    let fixture = fixture(drawn);
    let edits = rename(&fixture.snapshot, &fixture.path, fixture.offset, new_name)?;
    let texts = applied(&fixture.snapshot, &edits);
    Ok(texts.into_iter().map(|(path, text)| format!("{path}: {text}")).collect())
}

#[test]
fn a_label_changes_everywhere() {
    assert_eq!(
        renamed("%! main.tex\n\\label{a|b}\\input{x}\n%! x.tex\n\\cref{z,ab}\\ref{abc}\n", "c d"),
        Ok("main.tex: \\label{c d}\\input{x}\nx.tex: \\cref{z,c d}\\ref{abc}\n".to_owned())
    );
    assert_eq!(
        renamed("\\label{a}\\ref{|a}\\label{b}", "b"),
        Err(RenameError::Taken("b".to_owned()))
    );
    assert_eq!(renamed("\\ref{|a}", "x,y"), Err(RenameError::Invalid("x,y".to_owned())));
}

#[test]
fn a_key_changes_in_the_bibliography_too() {
    assert_eq!(
        renamed("%! main.tex\n\\citep[1]{a,|k}\n%! r.bib\n@book{k, title={k}}\n", "knuth"),
        Ok("main.tex: \\citep[1]{a,knuth}\nr.bib: @book{knuth, title={k}}\n".to_owned())
    );
}

#[test]
fn a_command_changes_where_it_is_used() {
    assert_eq!(
        renamed("\\newcommand{\\ab}{x}\\a|b \\abc $\\ab$ % \\ab\n", "\\cd"),
        Ok("main.tex: \\newcommand{\\cd}{x}\\cd \\abc $\\cd$ % \\ab\n".to_owned())
    );
    assert_eq!(renamed("\\textb|f{x}", "y"), Err(RenameError::Nothing));
    assert_eq!(renamed("\\newcommand{\\a|b}{x}", "c1"), Err(RenameError::Invalid("c1".to_owned())));
}

#[test]
fn an_environment_changes_at_both_ends() {
    assert_eq!(
        renamed("\\newtheorem{th}{T}\\begin{t|h}\\end{th}\\begin{th}\\end{th}", "thm"),
        Ok("main.tex: \\newtheorem{thm}{T}\\begin{thm}\\end{thm}\\begin{thm}\\end{thm}".to_owned())
    );
    // One of LaTeX's own changes only here.
    assert_eq!(
        renamed("\\begin{a}\\begin{a}\\end{a|}\\end{a}", "b"),
        Ok("main.tex: \\begin{a}\\begin{b}\\end{b}\\end{a}".to_owned())
    );
    let fixture = fixture("\\begin{a|}\\end{a}");
    let found = renamable(&fixture.snapshot, &fixture.path, fixture.offset).unwrap();
    assert_eq!(found.kind, RenameKind::Pair);
}

/// The files that change when files are moved, as they are before the move.
fn moved(drawn: &str, moves: &[(&str, &str)]) -> String {
    let fixture = fixture(drawn);
    let moves: Vec<FileMove> =
        moves.iter().map(|(from, to)| FileMove { from: path(from), to: path(to) }).collect();
    let texts = applied(&fixture.snapshot, &rename_files(&fixture.snapshot, &moves));
    texts.into_iter().map(|(path, text)| format!("{path}: {text}")).collect()
}

#[test]
fn names_of_files_follow_in_their_spelling() {
    let project = "%! main.tex\n\\input{a}\\input{./a}\\include{a.tex}\\input{\"a\"}\\input a\n\
                   %! a.tex\n\\includegraphics{p/cat}\\includegraphics{p/cat.png}\n%! p/cat.png\n\
                   %! r.bib\n%! b.tex\n\\bibliography{r}\\addbibresource{r.bib}\n";
    assert_eq!(
        moved(project, &[("a.tex", "ch/one.tex")]),
        "main.tex: \\input{ch/one}\\input{./ch/one}\\include{ch/one.tex}\\input{\"ch/one\"}\\input ch/one\n"
    );
    assert_eq!(
        moved(project, &[("p/cat.png", "q/dog.png")]),
        "a.tex: \\includegraphics{q/dog}\\includegraphics{q/dog.png}\n"
    );
    assert_eq!(
        moved(project, &[("r.bib", "refs.bib")]),
        "b.tex: \\bibliography{refs}\\addbibresource{refs.bib}\n"
    );
    // What another format is called without its ending is still found.
    assert_eq!(
        moved(project, &[("p/cat.png", "p/cat.pdf")]),
        "a.tex: \\includegraphics{p/cat}\\includegraphics{p/cat.pdf}\n"
    );
}

#[test]
fn a_moved_reader_needs_no_change_but_a_moved_root_does() {
    let project = "%! main.tex\n\\documentclass{article}\\input{ch/a}\n%! ch/a.tex\n\\includegraphics{p/cat}\n%! p/cat.png\n";
    assert_eq!(
        moved(project, &[("ch/a.tex", "ch/b.tex")]),
        "main.tex: \\documentclass{article}\\input{ch/b}\n"
    );
    assert_eq!(
        moved(project, &[("main.tex", "src/main.tex")]),
        "ch/a.tex: \\includegraphics{../p/cat}\nmain.tex: \\documentclass{article}\\input{../ch/a}\n"
    );
    // All of it together stays as it is.
    let all = ["main.tex", "ch/a.tex", "p/cat.png"];
    let moves: Vec<(String, String)> =
        all.iter().map(|name| ((*name).to_owned(), format!("src/{name}"))).collect();
    let moves: Vec<(&str, &str)> = moves.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(moved(project, &moves), "");
}

#[test]
fn pictures_and_imports_are_named_from_their_folders() {
    let project = "%! main.tex\n\\graphicspath{{img/}}\\includegraphics{cat}\\import{ch/}{a}\n%! img/cat.png\n%! ch/a.tex\n";
    assert_eq!(
        moved(project, &[("img/cat.png", "img/old/dog.png")]),
        "main.tex: \\graphicspath{{img/}}\\includegraphics{old/dog}\\import{ch/}{a}\n"
    );
    assert_eq!(
        moved(project, &[("ch/a.tex", "ch/b.tex")]),
        "main.tex: \\graphicspath{{img/}}\\includegraphics{cat}\\import{ch/}{b}\n"
    );
}
