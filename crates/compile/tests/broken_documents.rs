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
    let list = "In a list:\n\\begin{itemize}\n\\item one\n";
    let files = [("main.tex", text.as_str()), ("chapter.tex", "A chapter.\n"), ("list.tex", list)];
    let project = Project::new(&files);
    project.write("figs/plot.png", b"for its name only");
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
    an_image_of_another_kind: "\\usepackage{graphicx}", "\\includegraphics{figs/plot.jpg}"
        => ["missing-file main.tex:4 {figs/plot.png}"];
    a_unit_of_siunitx_misspelt: "\\usepackage{siunitx}", "\\SI{3}{\\metre\\per\\secnd}"
        => ["undefined-command main.tex:4 {\\second}", "siunitx-unit main.tex:4"];
    an_end_misspelt: "", "\\begin{tabular}{l}\na\n\\end{tabluar}"
        => ["mismatched-environment main.tex:6 {tabular}"];
    an_environment_without_end_in_another_file: "", "\\input{list}"
        => ["mismatched-environment list.tex:2"];
    a_brace_without_its_end: "", "x\n\\textbf{bold\n\nmore" => ["file-ended main.tex:5"];
    text_in_a_formula: "", "$x \\text{if} y$" => ["undefined-command main.tex:4 {\\usepackage{amsmath}}"];
    text_before_an_item: "", "\\begin{itemize}\ntext\n\\item x\n\\end{itemize}"
        => ["missing-item main.tex:6"];
    a_package_after_the_beginning: "", "\\usepackage{amsmath}"
        => ["can-be-used-only-in-preamble main.tex:4"];
    a_formula_in_a_formula: "\\usepackage{amsmath}", "\\begin{equation}\n$x$\n\\end{equation}"
        => ["display-math-end main.tex:5"];
    a_blank_line_in_a_display: "\\usepackage{amsmath}", "\\begin{align}\na &= b\n\nc &= d\n\\end{align}"
        => ["amsmath-align-blank main.tex:6"];
    a_left_without_right: "", "$\\left( x $" => ["missing-right main.tex:4"];
    quotes_and_dashes_from_a_word_processor: "", "“a” – b — it’s …" => [];
    a_minus_from_a_word_processor: "", "−5 ≤ 3" => ["missing-character main.tex:4"];
    an_ampersand_in_a_caption: "", "\\begin{figure}\\caption{A & B}\\end{figure}"
        => ["misplaced-alignment-tab main.tex:4"];
    an_option_that_no_one_knows: "\\usepackage[margins=2cm]{geometry}", "x"
        => ["keyval-undefined main.tex:2"];
    a_node_that_is_not_there: "\\usepackage{tikz}", "\\tikz\\draw (a) -- (b);"
        => ["pgf-no-shape main.tex:4", "pgf-no-shape main.tex:4"];
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
    minted_without_its_program: "\\usepackage{minted}", "x" => ["minted-plain main.tex:2"];
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

#[test]
fn a_frame_with_code_needs_to_be_fragile() {
    let text = "\\documentclass{beamer}\\begin{document}\n\\begin{frame}{Code}\n\
                \\begin{verbatim}\nx\n\\end{verbatim}\n\\end{frame}\n\\end{document}\n";
    let result = Project::new(&[("main.tex", text)]).build();
    let told = &result.diagnostics[0];
    assert_eq!(show(told), "file-ended main.tex:3");
    assert!(told.explanation.contains("[fragile]"), "{told:?}");
}
