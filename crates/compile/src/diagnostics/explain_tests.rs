//! Logs as the engine writes them, and what becomes of them.

use super::{super::SourceFile, *};
use quire_project::{ContentHash, MemoryFiles};
use quire_tex_engine::FileOrigin;

/// `code line [range text] {fix text}` of each diagnostic, folded ones indented.
fn check(files: &[(&str, &str)], log: &str, expected: &[&str]) {
    let mut project = MemoryFiles::default();
    let mut inputs = Vec::new();
    let mut reads = Vec::new();
    for (name, text) in files {
        let path = ProjectPath::new(name).unwrap();
        project.insert(path.clone(), text.as_bytes());
        let origin = FileOrigin::Project(ContentHash::of(text.as_bytes()));
        reads.push(ReadFile { name: (*name).to_owned(), path: Some(path.clone()), origin });
        inputs.push(path);
    }
    let index = b"\\frac latex\n\\includegraphics graphicx\n\\section latex\n\\toprule booktabs\n{align amsmath\n{itemize latex\n";
    let evidence = Evidence {
        log: log.as_bytes(),
        marks: &[],
        messages: &[],
        reads: &reads,
        files: &project,
        root: &inputs[0],
        inputs: &inputs,
        doubled_labels: &[],
        commands: &|| CommandIndex::parse(index),
    };
    let mut shown = Vec::new();
    for diagnostic in diagnose(&evidence) {
        shown.push(show(&diagnostic, &project));
        shown.extend(diagnostic.caused.iter().map(|d| format!("  {}", d.code)));
    }
    assert_eq!(shown, expected);
}

fn show(diagnostic: &Diagnostic, files: &MemoryFiles) -> String {
    let mut text = diagnostic.code.clone();
    if let Some(place) = &diagnostic.place {
        text.push_str(&format!(" {}", place.first_line.0));
        if let (SourceFile::Project(path), Some(range)) = (&place.file, place.range) {
            let bytes = files.read(path).unwrap().unwrap();
            text.push_str(&format!(" [{}]", String::from_utf8_lossy(&bytes[range.as_range()])));
        }
    }
    if let Some(fix) = &diagnostic.fix {
        let edits: Vec<&str> = fix.edits.iter().map(|edit| edit.text.trim_end()).collect();
        text.push_str(&format!(" {{{}}}", edits.join("|")));
    }
    text
}

const MAIN: &str = "\\documentclass{article}\n\\newcommand{\\vecx}{x}\n\\begin{document}\nÄ \\sectoin{A}\n\\toprule\nsee \\ref{fig:plto} \\label{fig:plot}\na_b\n\\end{document}\n";

#[test]
fn a_misspelt_command_is_replaced() {
    check(
        &[("main.tex", MAIN)],
        "main.tex:4: Undefined control sequence.\nl.4 Ä \\sectoin\n              {A}\n\n",
        &["undefined-command 4 [\\sectoin] {\\section}"],
    );
}

#[test]
fn a_command_of_a_package_that_is_not_loaded() {
    check(
        &[("main.tex", MAIN)],
        "main.tex:5: Undefined control sequence.\nl.5 \\toprule\n            \n\n",
        &["undefined-command 5 [\\toprule] {\\usepackage{booktabs}}"],
    );
}

#[test]
fn a_label_that_nearly_exists() {
    check(
        &[("main.tex", MAIN)],
        "(main.tex\nLaTeX Warning: Reference `fig:plto' on page 1 undefined on input line 6.\n\n\
         LaTeX Warning: There were undefined references.\n\n",
        &["undefined-reference 6 [fig:plto] {fig:plot}", "  undefined-references"],
    );
}

#[test]
fn an_underscore_in_text() {
    check(
        &[("main.tex", MAIN)],
        "main.tex:7: Missing $ inserted.\n<inserted text> \n                $\nl.7 a_\n      b\n\n\
         main.tex:7: Extra }, or forgotten $.\nl.7 a_b\n       \n\n",
        &["missing-dollar 7 [_] {\\_}", "  extra-brace-or-dollar"],
    );
}

#[test]
fn what_a_missing_package_would_define_is_its_fault() {
    check(
        &[("main.tex", MAIN)],
        "main.tex:2: LaTeX Error: File `booktabs.sty' not found.\n\nl.2 x\n     y\n\n\
         main.tex:5: Undefined control sequence.\nl.5 \\toprule\n            \n\n\
         main.tex:8: Emergency stop.\nl.8 \\end{document}\n\n\n",
        &["missing-package 2", "  undefined-command", "  emergency-stop"],
    );
}

#[test]
fn a_citation_key_from_the_bibliography() {
    check(
        &[("main.tex", "\\cite{knuht84}"), ("r.bib", "@book{knuth84,\n title={x}}")],
        "(main.tex\nLaTeX Warning: Citation `knuht84' on page 1 undefined on input line 1.\n\n",
        &["undefined-citation 1 [knuht84] {knuth84}"],
    );
}

#[test]
fn an_unknown_error_keeps_its_words() {
    check(
        &[("main.tex", MAIN)],
        "main.tex:3: Package foo Error: Something odd.\n\nl.3 \\begin{document}\n\n\n",
        &["tex-error 3 [}]"],
    );
}

#[test]
fn tabs_and_characters_above_ffff_do_not_lose_the_place() {
    let check_line = |source: &str, logged: &str, expected: &str| {
        let log =
            format!("main.tex:1: Undefined control sequence.\nl.1 {logged}\n            {{A}}\n\n");
        check(&[("main.tex", source)], &log, &[expected]);
    };
    let told = "undefined-command 1 [\\sectoin] {\\section}";
    check_line("\t😀 a \\sectoin{A}", "^^I\u{f600} a \\sectoin", told);
    check_line("x 😀 a \\sectoin{A}", "...\u{f600} a \\sectoin", told);
    check_line("𝠀 \\sectoin{A}", "\u{fffd}\u{fffd}\u{fffd} \\sectoin", told);
}

#[test]
fn a_command_of_pdftex_deep_in_a_macro_is_named_with_its_engine() {
    let log = "main.tex:3: Undefined control sequence.\n\\@bmpsize@read #1->\\edef \\@bmpsize@buf {\\pdf@filedump \n                                     {#3}}\nl.3 \\begin{document}\n                    \n\n\
               main.tex:3: Missing \\endgroup inserted.\n<inserted text> \n                \\endgroup \nl.3 \\begin{document}\n                    \n\n";
    let source = "\\documentclass{book}\n\n\\begin{document}\n";
    check(&[("main.tex", source)], log, &["pdftex-primitive 3", "  missing-endgroup"]);
}

#[test]
fn a_command_that_an_argument_holds_is_pointed_at() {
    let log = "main.tex:3: Undefined control sequence.\n<recently read> \\versoin \n                          \nl.3 \\texttt{\\versoin}\n                    \n\n";
    let source = "\\documentclass{book}\n\n\\texttt{\\versoin}\n\\newcommand\\version{1}\n";
    check(&[("main.tex", source)], log, &["undefined-command 3 [\\versoin] {\\version}"]);
}

#[test]
fn what_minted_misses_follows_from_what_it_may_not_do() {
    let log = "main.tex:2: Package minted Error: You must invoke LaTeX with the -shell-escape flag.\n\nl.2 \\begin{document}\n                    \n\n\
               main.tex:5: Package catchfile Error: File `_minted-main/default.pygstyle' not found.\n\nl.5 \\end{minted}\n               \n\n\
               main.tex:5: Package minted Error: Missing Pygments output.\n\nl.5 \\end{minted}\n               \n\n";
    let source = "\\usepackage{minted}\n\\begin{document}\n\\begin{minted}{c}\nx\n\\end{minted}\n";
    check(
        &[("main.tex", source)],
        log,
        &["shell-escape-minted 2 [}]", "  missing-file", "  tex-error"],
    );
}
