//! Sources put together: what comes out, to the byte.

#![allow(clippy::unwrap_used)]

use quire_exchange::{FlattenError, Flattened, Unresolved, flatten};
use quire_project::{MemoryFiles, ProjectPath};

fn flat(files: &[(&str, &str)], bbl: Option<&str>) -> Flattened {
    let mut memory = MemoryFiles::default();
    for (name, text) in files {
        memory.insert(ProjectPath::new(name).unwrap(), text.as_bytes());
    }
    flatten(&memory, &ProjectPath::new(files[0].0).unwrap(), bbl).unwrap()
}

fn notes(flattened: &Flattened) -> Vec<(String, &str, Unresolved)> {
    let told = flattened.notes.iter();
    told.map(|note| (note.file.to_string(), note.name.as_str(), note.problem)).collect()
}

fn needed(flattened: &Flattened) -> Vec<&str> {
    flattened.needed.iter().map(ProjectPath::as_str).collect()
}

#[test]
fn sources_stand_where_they_were_read() {
    let files = [
        ("main.tex", "a \\input{one} b\n\\input two\nc\n\\include{ch/three}\nd\n"),
        ("one.tex", "ONE\\input{deep/four}"),
        ("two.tex", "TWO % comment"),
        ("ch/three.tex", "THREE\n"),
        ("deep/four.tex", "FOUR\n"),
    ];
    let flattened = flat(&files, None);
    assert_eq!(
        flattened.text,
        "a ONEFOUR b\nTWO % comment\nc\n\\clearpage\nTHREE\n\\clearpage\nd\n"
    );
    assert_eq!((needed(&flattened), notes(&flattened)), (vec![], vec![]));
}

#[test]
fn a_paragraph_goes_on_behind_a_file_and_a_space_is_kept() {
    let main = "x \\input{a}\ny \\input{a}z\n\\input{b}\nend\n";
    let flattened = flat(&[("main.tex", main), ("a.tex", "A\n"), ("b.tex", "B\n\n")], None);
    assert_eq!(flattened.text, "x A\ny A\nz\nB\n\nend\n");
}

#[test]
fn comments_verbatim_and_code_stay_as_they_are() {
    let main = "\\begin{document}% \\input{one}\n\\verb|\\input{one}|\n\\begin{verbatim}\n\\input{one}\n\\end{verbatim}\n\
                \\begin{filecontents}{made.tex}\n\\input{one}\n\\end{filecontents}\n\\input{made}\n\
                \\newcommand{\\later}{\\input{one}}\n\\end{document}\n\\input{one}\n";
    let flattened = flat(&[("main.tex", main), ("one.tex", "ONE\n")], None);
    assert_eq!(flattened.text, main);
    assert_eq!((needed(&flattened), notes(&flattened)), (vec!["one.tex"], vec![]));
}

#[test]
fn cycles_and_missing_files_are_told_and_left() {
    let files =
        [("main.tex", "\\input{a}\\input{none}"), ("a.tex", "A\\input{main.tex}\\input{a}")];
    let flattened = flat(&files, None);
    assert_eq!(flattened.text, "A\\input{main.tex}\\input{a}\\input{none}");
    let a = || "a.tex".to_owned();
    let expected = [
        (a(), "main.tex", Unresolved::Cycle),
        (a(), "a", Unresolved::Cycle),
        ("main.tex".to_owned(), "none", Unresolved::Missing),
    ];
    assert_eq!(notes(&flattened), expected);
}

#[test]
fn imported_folders_are_written_into_the_names() {
    let files = [
        ("main.tex", "\\import{parts/}{one}\n\\subimport{parts}{one}\n\\includegraphics{logo}\n"),
        ("parts/one.tex", "\\input{two}\\includegraphics[width=1cm]{plot}\n"),
        ("parts/two.tex", "\\subimport{deep/}{three}"),
        ("parts/deep/three.tex", "\\lstinputlisting{code.c}"),
        ("parts/deep/code.c", ""),
        ("parts/plot.pdf", ""),
        ("logo.png", ""),
    ];
    let flattened = flat(&files, None);
    let one = "\\lstinputlisting{parts/deep/code.c}\\includegraphics[width=1cm]{parts/plot}\n";
    assert_eq!(flattened.text, format!("{one}{one}\\includegraphics{{logo}}\n"));
    assert_eq!(needed(&flattened), ["logo.png", "parts/deep/code.c", "parts/plot.pdf"]);
    assert_eq!(notes(&flattened), []);
}

#[test]
fn a_subfile_loses_its_preamble() {
    let chapter = "\\documentclass[../main]{subfiles}\n\\begin{document}\nText\\includegraphics{f}\n\
                   \\end{document}\n";
    let files = [
        ("main.tex", "\\begin{document}\n\\subfile{ch/one}\n\\end{document}\n"),
        ("ch/one.tex", chapter),
        ("ch/f.png", ""),
    ];
    let flattened = flat(&files, None);
    assert_eq!(flattened.text, "\\begin{document}\nText\\includegraphics{ch/f}\n\\end{document}\n");
    assert_eq!(needed(&flattened), ["ch/f.png"]);
}

#[test]
fn the_bibliography_is_put_in_when_it_is_given() {
    let files =
        [("main.tex", "\\cite{a}\n\\bibliography{refs}\n\\end{document}\n"), ("refs.bib", "")];
    let bbl = "\\begin{thebibliography}{1}\n\\bibitem{a} A\n\\end{thebibliography}\n";
    let flattened = flat(&files, Some(bbl));
    assert_eq!(flattened.text, format!("\\cite{{a}}\n{bbl}\\end{{document}}\n"));
    assert_eq!(needed(&flattened), [""; 0]);
    assert_eq!(needed(&flat(&files, None)), ["refs.bib"]);
}

#[test]
fn what_goes_with_the_source_is_found_as_latex_finds_it() {
    let main = "\\documentclass{own}\\usepackage{mine,amsmath}\\graphicspath{{figs/}{more/}}\n\
                \\addbibresource{r.bib}\\includegraphics{a}\\includegraphics{b.jpg}\\includegraphics{no}";
    let names = ["own.cls", "mine.sty", "r.bib", "figs/a.pdf", "more/b.jpg", "unused.png"];
    let files: Vec<_> =
        [("main.tex", main)].into_iter().chain(names.map(|name| (name, ""))).collect();
    let flattened = flat(&files, None);
    assert_eq!(flattened.text, main);
    assert_eq!(needed(&flattened), ["figs/a.pdf", "mine.sty", "more/b.jpg", "own.cls", "r.bib"]);
    assert_eq!(notes(&flattened), [("main.tex".to_owned(), "no", Unresolved::Missing)]);
}

#[test]
fn includeonly_and_endinput_are_obeyed() {
    let files = [
        ("main.tex", "\\includeonly{a}\n\\include{a}\n\\include{b}\n\\input{c}\n"),
        ("a.tex", "A\n"),
        ("b.tex", "B\n"),
        ("c.tex", "\\ifx\\x\\y\\endinput\\fi C\n\\endinput\nno\n"),
    ];
    let flattened = flat(&files, None);
    let expected = "\\includeonly{a}\n\\clearpage\nA\n\\clearpage\n\n\\ifx\\x\\y\\endinput\\fi C\n";
    assert_eq!(flattened.text, expected);
}

#[test]
fn files_that_double_each_other_do_not_fill_the_memory() {
    let mut memory = MemoryFiles::default();
    for i in 0..40 {
        let text = format!("{}\\input{{f{}}}\\input{{f{}}}", "x".repeat(1_000), i + 1, i + 1);
        memory.insert(ProjectPath::new(&format!("f{i}.tex")).unwrap(), text.into_bytes());
    }
    let error = flatten(&memory, &ProjectPath::new("f0.tex").unwrap(), None).unwrap_err();
    assert!(matches!(error, FlattenError::TooLarge { .. }), "{error}");
    let error = flatten(&memory, &ProjectPath::new("none.tex").unwrap(), None).unwrap_err();
    assert_eq!(error.to_string(), "there is no source `none.tex`");
}
