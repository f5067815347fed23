//! Small broken documents through the real engine: what is told, where, and with which cure.

mod support;

use quire_compile::diagnostics::{Diagnostic, SourceFile};
use support::Project;

/// Build `body` in an article and compare what is told of errors and warnings:
/// `code file:line {replacement}`.
fn check(preamble: &str, body: &str, expected: &[&str]) {
    let text = format!(
        "\\documentclass{{article}}\n{preamble}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    );
    let project = Project::new(&[("main.tex", &text), ("chapter.tex", "A chapter.\n")]);
    let result = project.build();
    let told: Vec<String> = result
        .diagnostics
        .iter()
        .filter(|d| d.severity != quire_compile::diagnostics::Severity::Hint)
        .map(show)
        .collect();
    assert_eq!(told, expected, "\n{}", String::from_utf8_lossy(&result.log));
}

fn show(diagnostic: &Diagnostic) -> String {
    let mut text = diagnostic.code.clone();
    if let Some(place) = &diagnostic.place {
        match &place.file {
            SourceFile::Project(path) => text.push_str(&format!(" {path}:{}", place.first_line.0)),
            other => text.push_str(&format!(" {other:?}")),
        }
    }
    if let Some(edit) = diagnostic.fix.as_ref().and_then(|fix| fix.edits.first()) {
        text.push_str(&format!(" {{{}}}", edit.text.trim()));
    }
    text
}

/// Line 4 of the document is the first of its body.
macro_rules! broken {
    ($($name:ident: $preamble:expr, $body:expr => [$($expected:expr),*];)*) => {
        $(#[test] fn $name() { check($preamble, $body, &[$($expected),*]); })*
    };
}

broken! {
    a_misspelt_command: "", "\\sectoin{A}" => ["undefined-command main.tex:4 {\\section}"];
    a_misspelt_command_of_ones_own: "\\newcommand{\\velocity}{v}", "x\n\\velocty"
        => ["undefined-command main.tex:5 {\\velocity}"];
    a_command_without_its_package: "", "\\toprule"
        => ["undefined-command main.tex:4 {\\usepackage{booktabs}}"];
    a_command_of_siunitx: "", "\\SI{1}{m}"
        => ["undefined-command main.tex:4 {\\usepackage{siunitx}}"];
    an_environment_without_its_package: "", "\\begin{align}a\\end{align}"
        => ["undefined-environment main.tex:4 {\\usepackage{amsmath}}"];
    a_misspelt_environment: "", "\\begin{itmize}\\item a\\end{itmize}"
        => ["undefined-environment main.tex:4 {itemize}"];
    an_underscore_in_text: "", "a_b" => ["missing-dollar main.tex:4 {\\_}"];
    a_missing_package: "\\usepackage{nosuchpackage}", "x" => ["missing-package main.tex:2"];
    a_missing_file: "", "\\input{chaptre}" => ["missing-file main.tex:4"];
    a_missing_image: "\\usepackage{graphicx}", "\\includegraphics{plot}"
        => ["missing-file main.tex:4"];
    a_reference_to_nothing: "", "\\ref{nowhere}" => ["undefined-reference main.tex:4"];
    a_misspelt_reference: "", "\\label{fig:plot}\\ref{fig:plto}"
        => ["undefined-reference main.tex:4 {fig:plot}"];
    a_citation_of_nothing: "", "\\cite{nobody}" => ["undefined-citation main.tex:4"];
    a_label_used_twice: "", "\\label{a}\\label{a}\\ref{a}" => ["multiply-defined-label main.tex:4"];
    a_lonely_item: "", "\\item x" => ["lonely-item main.tex:4"];
    an_empty_list: "", "\\begin{itemize}\\end{itemize}" => ["missing-item main.tex:4"];
    a_double_superscript: "", "$x^a^b$" => ["double-superscript main.tex:4"];
    a_double_subscript: "", "$x_a_b$" => ["double-subscript main.tex:4"];
    too_many_columns: "", "\\begin{tabular}{l}a & b\\end{tabular}"
        => ["extra-alignment-tab main.tex:4"];
    an_ampersand_in_text: "", "a & b" => ["misplaced-alignment-tab main.tex:4"];
    a_rule_in_a_row: "", "\\begin{tabular}{l}a \\hline b\\end{tabular}"
        => ["misplaced-noalign main.tex:4"];
    a_closing_brace_too_many: "", "a}" => ["too-many-closing-braces main.tex:4"];
    a_bracket_without_partner: "", "$\\right)$" => ["extra-right main.tex:4"];
    a_length_without_unit: "", "\\vspace{3}" => ["illegal-unit main.tex:4"];
    a_length_that_is_none: "", "\\hspace{abc}" => ["missing-number main.tex:4"];
    environments_that_cross: "", "\\begin{center}\\begin{quote}x\\end{center}\\end{quote}"
        => ["mismatched-environment main.tex:4"];
    a_command_defined_twice: "\\newcommand{\\vec}{x}", "x"
        => ["command-already-defined main.tex:2"];
    a_command_redefined_that_is_not_there: "\\renewcommand{\\nosuch}{x}", "x"
        => ["command-undefined main.tex:2"];
    text_before_the_document: "Hello", "x" => ["missing-begin-document main.tex:2"];
    a_line_end_without_a_line: "", "\\\\" => ["no-line-to-end main.tex:5"];
    a_caption_outside: "", "\\caption{x}" => ["caption-outside-float main.tex:4"];
    an_option_twice: "\\usepackage[a4paper]{geometry}\n\\usepackage[letterpaper]{geometry}", "x"
        => ["option-clash main.tex:3"];
    a_colour_that_is_none: "\\usepackage{xcolor}", "\\textcolor{blurple}{x}"
        => ["xcolor-undefined main.tex:4"];
    a_key_that_tikz_does_not_know: "\\usepackage{tikz}", "\\tikz\\draw[colr=red] (0,0)--(1,1);"
        => ["pgfkeys-unknown main.tex:4"];
    a_path_without_semicolon: "\\usepackage{tikz}", "\\tikz{\\draw (0,0)--(1,1) x}"
        => ["tikz-semicolon main.tex:4", "missing-character main.tex:4"];
    a_font_that_is_not_there: "\\usepackage{fontspec}\n\\setmainfont{No Such Font}", "x"
        => ["font-not-found main.tex:3"];
    a_program_of_minted: "\\usepackage{minted}", "x" => ["shell-escape-minted main.tex:3"];
    lua_code: "", "\\directlua{x}" => ["luatex-primitive main.tex:4"];
    a_macro_that_calls_itself: "\\newcommand{\\loop}{\\loop x}", "\\def\\a{\\a x}\\a"
        => ["command-already-defined main.tex:2", "input-stack main.tex:4"];
}

#[test]
fn an_error_in_another_file_is_told_there() {
    let main = "\\documentclass{article}\\begin{document}\n\\include{ch/one two}\n\\end{document}";
    let project = Project::new(&[("main.tex", main), ("ch/one two.tex", "x\n\n\\sectoin{A}\n")]);
    let told: Vec<String> = project.build().diagnostics.iter().map(show).collect();
    assert_eq!(told, ["undefined-command ch/one two.tex:3 {\\section}"]);
}
