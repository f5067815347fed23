//! The bundle's biber is without much of what its Perl came with. What it sorts by must be there.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::build::BuildOutcome;
use support::Project;

/// Build a bibliography of these authors and let TeX itself complain about another order than theirs.
fn check(locale: &str, authors: &[&str]) {
    let mut database = String::new();
    let mut expected = String::new();
    for (i, author) in authors.iter().enumerate() {
        database.insert_str(
            0,
            &format!("@book{{k{i}, author={{{author}}}, title={{T}}, date={{2001~}}}}\n"),
        );
        expected.push_str(&format!("k{i},"));
    }
    let text = format!(
        "\\documentclass{{article}}\n\
         \\usepackage[style=authoryear,sortlocale={locale}]{{biblatex}}\\addbibresource{{refs.bib}}\n\
         \\def\\found{{}}\\edef\\expected{{\\detokenize{{{expected}}}}}\n\
         \\AtEveryBibitem{{\\xdef\\found{{\\found\\thefield{{entrykey}},}}}}\n\
         \\begin{{document}}\\nocite{{*}}\\printbibliography\n\
         \\edef\\found{{\\detokenize\\expandafter{{\\found}}}}\n\
         \\ifx\\found\\empty\\else\\ifx\\found\\expected\\else\\errmessage{{order: \\found}}\\fi\\fi\n\
         \\end{{document}}\n"
    );
    let result = Project::new(&[("main.tex", &text), ("refs.bib", &database)]).build();
    // The usual font lacks some of the letters: a warning.
    let outcomes = [BuildOutcome::Clean, BuildOutcome::Warnings];
    assert!(outcomes.contains(&result.outcome), "{locale}: {:#?}", result.diagnostics);
    assert!(support::story(&result).contains("biber"), "{locale}");
}

#[test]
fn every_language_has_its_order() {
    check("sv_SE", &["Olsson, A.", "Zorn, A.", "Åkesson, A.", "Ärlig, A.", "Öhman, A."]);
    check("de_DE", &["Nolte, A.", "Öhm, A.", "Olm, A.", "Pohl, A."]);
    check("cs_CZ", &["Cibula, A.", "Čapek, A.", "Havel, A.", "Chalupa, A.", "Ibl, A."]);
    check("es_ES", &["Núñez, A.", "Ñandú, A.", "Ochoa, A."]);
    check("ru_RU", &["Ёлкин, A.", "Ельцин, A.", "Жуков, A.", "Яшин, A."]);
    check("zh__pinyin", &["李, A.", "王, A.", "张, A."]);
}
