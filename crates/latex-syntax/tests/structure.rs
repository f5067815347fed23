//! Trees of small texts, whole and broken.

use expect_test::{Expect, expect};
use quire_latex_syntax::{NodeKind, ParseOptions, Step, Tree, parse, parse_with};

/// Nodes in parentheses, each with its kind; errors behind.
fn draw(tree: &Tree) -> String {
    let mut text = String::new();
    for step in tree.walk(tree.root()) {
        match step {
            Step::Enter(node) => {
                text += &match tree.kind(node) {
                    NodeKind::Root => String::new(),
                    NodeKind::Argument(_, role) => format!("‹{role:?} "),
                    NodeKind::Environment(kind) => format!("‹{kind:?}Env "),
                    NodeKind::Math(kind) => format!("‹{kind:?} "),
                    kind => format!("‹{kind:?} "),
                }
            }
            Step::Leave(node) if node == tree.root() => {}
            Step::Leave(_) => text += "›",
            Step::Token(token, _) => {
                text += &tree.slice(tree.token_range(token)).replace('\r', "␍");
            }
        }
    }
    for error in tree.errors() {
        let related = if error.related.is_empty() {
            error.related.start.0.to_string()
        } else {
            tree.slice(error.related).to_owned()
        };
        text += &format!("\n{:?} {} → {related}", error.kind, tree.slice(error.range));
    }
    text
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&draw(&parse(text)));
}

#[test]
fn commands_take_what_their_signature_says() {
    check(
        "\\section*[s]{A {b}} {c}",
        expect![[r#"‹Command \section*‹Heading [s]›‹Heading {A ‹Group {b}›}›› ‹Group {c}›"#]],
    );
    check(
        "\\frac12 \\frac\\alpha{b}\\sqrt[3]x \\alpha[1]",
        expect![[
            r#"‹Command \frac‹Math 1›‹Math 2›› ‹Command \frac‹Math ‹Command \alpha››‹Math {b}››‹Command \sqrt‹Math [3]›‹Math x›› ‹Command \alpha›[1]"#
        ]],
    );
    check(
        "\\cite % why\n [p]\n{a} \\cite\n\n{b}",
        expect![[r#"
        ‹Command \cite % why
         ‹Text [p]›
        ‹Citations {a}›› ‹Command \cite›

        ‹Group {b}›"#]],
    );
    check(
        "\\unknown*[a]{b}{c} {d} \\item<1->[x] \\put(0,1){a}",
        expect![[
            r#"‹Command \unknown*‹Unknown [a]›‹Unknown {b}›‹Unknown {c}›› ‹Group {d}› ‹Command \item‹Keys <1->›‹Text [x]›› ‹Command \put‹Keys (0,1)›‹Text {a}››"#
        ]],
    );
    check(
        "\\left[ a \\right] \\\\[2pt] \\\\ [b]",
        expect![[
            r#"‹Command \left‹Keys [›› a ‹Command \right‹Keys ]›› ‹Command \\‹Keys [2pt]›› ‹Command \\› [b]"#
        ]],
    );
    check(
        "\\def\\a#1.#2{x}\\let\\b=\\c \\newcommand\\d[1]{#1}\\d{e}",
        expect![[
            r#"‹Command \def‹CommandName ‹Command \a››‹Keys #1.#2›‹Code {x}››‹Command \let‹CommandName ‹Command \b››=‹CommandName ‹Command \c››› ‹Command \newcommand‹CommandName ‹Command \d››‹Keys [1]›‹Code {#1}››‹Command \d‹Printed {e}››"#
        ]],
    );
}

#[test]
fn verbatim_text_is_not_looked_into() {
    check(
        "\\verb|a{%|b \\url{a%b_c} \\lstinline!$! \\mintinline{py}{a{b}}",
        expect![[
            r#"‹Command \verb‹Verbatim |a{%|››b ‹Command \url‹Verbatim {a%b_c}›› ‹Command \lstinline‹Verbatim !$!›› ‹Command \mintinline‹Keys {py}›‹Verbatim {a{b}}››"#
        ]],
    );
    check(
        "\\begin{minted}[x]{c}\n\\end{a} $%\n\\end{minted}d",
        expect![[r#"
        ‹VerbatimEnv ‹Begin \begin{minted}‹Keys [x]›‹Keys {c}››
        \end{a} $%
        ‹End \end{minted}››d"#]],
    );
    check(
        "\\lstnewenvironment{r}[1]{}{}\\begin{r}{x}{$\\end{r}",
        expect![[
            r#"‹Command \lstnewenvironment‹EnvironmentName {r}›‹Keys [1]›‹Code {}›‹Code {}››‹VerbatimEnv ‹Begin \begin{r}‹Keys {x}››{$‹End \end{r}››"#
        ]],
    );
    check(
        "\\verb|a\nb \\url{c\nd",
        expect![[r#"
        ‹Command \verb‹Verbatim |a››
        b ‹Command \url‹Verbatim {c››
        d
        UnclosedVerbatim | → 7
        UnclosedBrace { → 16"#]],
    );
}

#[test]
fn formulas_begin_and_end() {
    check(
        "$a$$b$ $$c$$ \\(d\\) \\[e \\text{f $g$}\\]",
        expect![[
            r#"‹Dollar $a$›‹Dollar $b$› ‹DoubleDollar $$c$$› ‹Parentheses \(d\)› ‹Brackets \[e ‹Command \text‹Text {f ‹Dollar $g$›}››\]›"#
        ]],
    );
    check(
        "\\begin{align}a&b\\end{align} \\unknown{$a$} $\\unknown{$b$}$",
        expect![[
            r#"‹MathEnv ‹Begin \begin{align}›a&b‹End \end{align}›› ‹Command \unknown‹Unknown {‹Dollar $a$›}›› ‹Dollar $‹Command \unknown‹Unknown {‹Dollar $b$›}››$›"#
        ]],
    );
}

#[test]
fn an_unclosed_environment_ends_with_the_one_around() {
    check(
        "\\begin{a}\\begin{b}x\\end{a}\\section{c}",
        expect![[r#"
        ‹TextEnv ‹Begin \begin{a}›‹TextEnv ‹Begin \begin{b}›x›‹End \end{a}››‹Command \section‹Heading {c}››
        UnclosedEnvironment \begin{b} → 19"#]],
    );
    check(
        "\\begin{document}\\begin{itemize}\\item x\\end{document}",
        expect![[r#"
        ‹DocumentEnv ‹Begin \begin{document}›‹ListEnv ‹Begin \begin{itemize}›‹Command \item› x›‹End \end{document}››
        UnclosedEnvironment \begin{itemize} → 38"#]],
    );
}

#[test]
fn a_wrong_name_closes_what_is_open_but_a_stray_end_does_not() {
    check(
        "\\begin{a}x\\end{b}\\section{c}",
        expect![[r#"
        ‹TextEnv ‹Begin \begin{a}›x‹End \end{b}››‹Command \section‹Heading {c}››
        MismatchedEnd \end{b} → \begin{a}"#]],
    );
    check(
        "\\begin{a}x\\end{b}y\\end{a}",
        expect![[r#"
        ‹TextEnv ‹Begin \begin{a}›x‹Command \end{b}›y‹End \end{a}››
        StrayEnd \end{b} → \end{b}"#]],
    );
}

#[test]
fn a_missing_brace_hurts_its_paragraph_only() {
    check(
        "\\section{A\n\n\\section{B}",
        expect![[r#"
        ‹Command \section‹Heading {A››

        ‹Command \section‹Heading {B}››
        UnclosedBrace { → 10"#]],
    );
    check(
        "\\label{a\n\nb \\ref{c}",
        expect![[r#"
        ‹Command \label‹Label {a››

        b ‹Command \ref‹References {c}››
        UnclosedBrace { → 8"#]],
    );
    check(
        "\\begin{figure}\\caption{a\\end{figure}\\ref{b}",
        expect![[r#"
        ‹FigureEnv ‹Begin \begin{figure}›‹Command \caption‹Caption {a››‹End \end{figure}››‹Command \ref‹References {b}››
        UnclosedBrace { → 24"#]],
    );
    check(
        "\\newcommand{\\a}{b\n\\begin{document}\\a\\end{document}",
        expect![[r#"
        ‹Command \newcommand‹CommandName {‹Command \a›}›‹Code {b
        ››‹DocumentEnv ‹Begin \begin{document}›‹Command \a›‹End \end{document}››
        UnclosedBrace { → 18"#]],
    );
    check(
        "a } b \\ref{c}",
        expect![[r#"
        a } b ‹Command \ref‹References {c}››
        StrayBrace } → }"#]],
    );
    check(
        "\\includegraphics[width=1cm{a}\n\n\\ref{b}",
        expect![[r#"
        ‹Command \includegraphics‹Keys [width=1cm‹Group {a}›››

        ‹Command \ref‹References {b}››
        UnclosedBracket [ → 29"#]],
    );
}

#[test]
fn a_missing_dollar_hurts_its_paragraph_only() {
    check(
        "a $x\n\nb $y$ \\] c",
        expect![[r#"
        a ‹Dollar $x›

        b ‹Dollar $y$› ‹Command \]› c
        UnclosedMath $ → 4
        StrayMathEnd \] → \]"#]],
    );
    check(
        "{a $x} b \\[ c\n\nd",
        expect![[r#"
        ‹Group {a ‹Dollar $x›}› b ‹Brackets \[ c›

        d
        UnclosedMath $ → 5
        UnclosedMath \[ → 13"#]],
    );
}

#[test]
fn code_may_open_what_it_does_not_close() {
    check(
        "\\newenvironment{x}{\\begin{b}$}{$\\end{b}}\\begin{x}y\\end{x}",
        expect![[
            r#"‹Command \newenvironment‹EnvironmentName {x}›‹Code {‹TextEnv ‹Begin \begin{b}›‹Dollar $››}›‹Code {‹Dollar $‹Command \end{b}››}››‹TextEnv ‹Begin \begin{x}›y‹End \end{x}››"#
        ]],
    );
}

#[test]
fn letters_of_names_follow_the_document() {
    check(
        "\\a@b\\makeatletter\\a@b{\\makeatother\\a@b}\\a@b",
        expect![[
            r#"‹Command \a›@b‹Command \makeatletter›‹Command \a@b‹Unknown {‹Command \makeatother›‹Command \a›@b}››‹Command \a@b›"#
        ]],
    );
    check(
        "\\ExplSyntaxOn\\a_b:c\\ExplSyntaxOff\\a_b \\größe",
        expect![[
            r#"‹Command \ExplSyntaxOn›‹Command \a_b:c›‹Command \ExplSyntaxOff›‹Command \a›_b ‹Command \größe›"#
        ]],
    );
    let options = ParseOptions { is_package: true, signatures: None };
    expect![[r#"‹Command \a@b›}‹Group {‹TextEnv ‹Begin \begin{x}›››"#]]
        .assert_eq(&draw(&parse_with("\\a@b}{\\begin{x}", options)));
}

#[test]
fn other_files_teach_what_commands_take() {
    let macros =
        parse("\\newcommand{\\fig}[1]{\\ref{#1}}\\newenvironment{m}{\\begin{align}}{\\end{align}}");
    let options = ParseOptions { is_package: false, signatures: Some(macros.signatures()) };
    expect![[r#"‹Command \fig‹References {a}››‹MathEnv ‹Begin \begin{m}›b‹End \end{m}››"#]]
        .assert_eq(&draw(&parse_with("\\fig{a}\\begin{m}b\\end{m}", options)));
}

#[test]
fn line_ends_may_be_of_any_kind() {
    check(
        "a % b\r\n\\cite\r\n{c}\r\n\r\n\\cite\r\r{d}",
        expect![[r#"
        a % b␍
        ‹Command \cite␍
        ‹Citations {c}››␍
        ␍
        ‹Command \cite›␍␍‹Group {d}›"#]],
    );
}
