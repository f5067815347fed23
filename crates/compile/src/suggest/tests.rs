use super::*;
use quire_project::MemoryFiles;

const BUILT_IN: Chosen = Chosen { engine: EngineChoice::Tectonic, runs_programs: false };

fn project(files: &[(&str, &[u8])]) -> MemoryFiles {
    let mut project = MemoryFiles::default();
    for (name, text) in files {
        project.insert(ProjectPath::new(name).unwrap(), text.to_vec());
    }
    project
}

fn of(files: &[(&str, &[u8])], chosen: Chosen) -> Option<Suggestion> {
    let root = ProjectPath::new(files[0].0).unwrap();
    suggest(&project(files), &root, chosen, &[])
}

/// `pdflatex+programs @3`, or `-`.
fn shown(suggestion: Option<Suggestion>) -> String {
    let Some(Suggestion { engine, runs_programs, place, is_needed, .. }) = suggestion else {
        return "-".to_owned();
    };
    let programs = if runs_programs { "+programs" } else { "" };
    let wish = if is_needed { "" } else { " asked for" };
    format!("{}{programs}{wish} @{}", engine.name(), place.map_or(0, |(_, line)| line))
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(shown(of(&[("main.tex", text.as_bytes())], BUILT_IN)), expected, "{text}");
}

fn with(preamble: &str) -> String {
    format!(
        "\\documentclass[11pt]{{article}}\n\\usepackage{{amsmath,graphicx}}\n{preamble}\n\\begin{{document}}\nText.\n\\end{{document}}\n"
    )
}

#[test]
fn packages_name_the_engine_that_they_need() {
    check(&with("\\usepackage{luacode}"), "lualatex @3");
    check(&with("\\usepackage{booktabs, emoji}"), "lualatex @3");
    check(&with("\\usetikzlibrary{arrows, graphdrawing}"), "lualatex @3");
    check(&with("\\usepackage[newfloat]{minted}"), "pdflatex+programs @3");
    check(&with("\\usepackage{fontspec}\n\\usepackage{minted}"), "xelatex+programs @4");
    check(&with("\\usepackage{auto-pst-pdf}"), "pdflatex+programs @3");
    check("\\documentclass{ltjsarticle}\\begin{document}x\\end{document}", "lualatex @1");
}

#[test]
fn commands_name_the_engine_that_they_belong_to() {
    check(&with("\\pdfoutput=1\n\\pdfminorversion=5"), "pdflatex @4");
    check(&with("\\pdfcompresslevel=9\n\\pdfobjcompresslevel=2"), "pdflatex @3");
    check(
        "\\documentclass{article}\n\\begin{document}\n$\\iff$ \\directlua{tex.print(1)}\n\\end{document}",
        "lualatex @3",
    );
    check(&with("\\immediate\\write18{date > date.tex}"), "pdflatex+programs @3");
    check(&with("\\tikzexternalize[prefix=figures/]"), "pdflatex+programs @3");
    check(&with("\\input{|date}"), "pdflatex+programs @3");
    check(&with("\\addplot+[blue] gnuplot {sin(x)};"), "pdflatex+programs @3");
}

#[test]
fn what_every_engine_makes_do_with_is_no_reason() {
    for preamble in [
        "\\usepackage[utf8]{inputenc}\\usepackage[T1]{fontenc}\\usepackage{lmodern,microtype}",
        "\\usepackage{fontspec}\\setmainfont{TeX Gyre Pagella}",
        "\\usepackage[pdftex]{hyperref}\\hypersetup{pdfinfo={Title={x}}}",
        "\\pdfpagewidth=10cm \\pdfpageheight=10cm",
        "\\usepackage[draft]{minted}",
        "\\usepackage[frozencache=true]{minted}",
        "\\usepackage{luatex85}\\pdfcompresslevel=9",
        "\\pdfoutput=1 \\pdfmapfile{+x.map}",
        "\\tikzexternalize[mode=list and make]",
    ] {
        check(&with(preamble), "-");
    }
}

#[test]
fn what_may_never_be_done_is_no_reason() {
    for preamble in [
        "% \\usepackage{luacode}",
        "\\usepackage{ifpdf}\\ifpdf \\pdfoutput=1 \\pdfcompresslevel=9 \\fi",
        "\\usepackage{iftex}\\ifPDFTeX\\usepackage{cmap}\\pdfgentounicode=1\\else\\usepackage{fontspec}\\fi",
        "\\ifluatex\\usepackage{luacode}\\directlua{x()}\\fi",
        "\\ifx\\pdfoutput\\undefined\\else\\ifnum\\pdfoutput=1 \\pdfinfo{/Title (x)}\\fi\\fi",
        "\\makeatletter\\@ifundefined{pdfoutput}{}{\\pdfoutput=1 \\pdfinfo{/a (b)}}\\makeatother",
        "\\ifthenelse{\\isundefined{\\pdfoutput}}{}{\\pdfinfo{/a (b)}}",
        "\\newcommand{\\lua}[1]{\\directlua{#1}}",
        "\\def\\push#1{\\pdfliteral{q #1}}",
        "\\let\\pdfliteral\\relax \\pdfliteral",
        "\\newif\\ifdraft \\drafttrue",
        "\\usepackage{verbatim}\\begin{verbatim}\n\\directlua{x}\n\\end{verbatim}\\verb|\\pdfoutput|",
        "\\iffalse\\usepackage{minted}\\fi",
    ] {
        check(&with(preamble), "-");
    }
    // A condition that is over is over.
    check(&with("\\newif\\ifdraft\\ifdraft a\\else b\\fi\n\\usepackage{luacode}"), "lualatex @4");
}

#[test]
fn files_that_the_document_reads_are_read() {
    let main = with("\\input{setup/packages}\\usepackage{house}");
    let files: &[(&str, &[u8])] = &[
        ("main.tex", main.as_bytes()),
        ("setup/packages.tex", b"\\usepackage{booktabs}\n"),
        ("house.sty", b"\\ProvidesPackage{house}\n% style\n\\RequirePackage{luacode}\n"),
        ("unused.tex", b"\\usepackage{minted}"),
    ];
    let found = of(files, BUILT_IN).unwrap();
    assert_eq!(found.place.unwrap(), (ProjectPath::new("house.sty").unwrap(), 3));
    assert!(!found.runs_programs);
    assert!(found.why.contains("The package `luacode` in line 3 of `house.sty`"), "{}", found.why);
    // Two files that read each other.
    let files: &[(&str, &[u8])] = &[("a.tex", b"\\input{b}"), ("b.tex", b"\\input{a}")];
    assert_eq!(of(files, BUILT_IN), None);
}

#[test]
fn an_encoding_counts_where_the_text_is_in_it() {
    let text = |byte: &[u8]| {
        [
            b"\\documentclass{article}\n\\usepackage[latin1]{inputenc}\n\\begin{document}\n",
            byte,
            b"\n\\end{document}\n",
        ]
        .concat()
    };
    let told = |text: &[u8]| shown(of(&[("main.tex", text)], BUILT_IN));
    assert_eq!(told(&text(b"Stra\xdfe")), "pdflatex @2");
    assert_eq!(told(&text("Straße".as_bytes())), "-");
    // With the engine that reads it all is well.
    let chosen = Chosen { engine: EngineChoice::PdfLatex, runs_programs: false };
    assert_eq!(of(&[("main.tex", &text(b"Stra\xdfe"))], chosen), None);
}

#[test]
fn a_wish_is_told_while_nothing_speaks_against_it() {
    let ask = |program: &str, rest: &str| format!("% !TEX program = {program}\n{}", with(rest));
    check(&ask("pdflatex", ""), "pdflatex asked for @1");
    check(&ask("lualatex", ""), "lualatex @1");
    check(&ask("xelatex", ""), "-");
    check(&ask("uplatex", ""), "-");
    // It cannot have both.
    check(&ask("pdflatex", "\\usepackage{fontspec}"), "-");
    // The wish decides where several have what is needed.
    check(&ask("lualatex", "\\usepackage{minted}"), "lualatex+programs @4");
}

#[test]
fn another_engine_that_was_chosen_is_judged_as_well() {
    let chosen = |engine, runs_programs| Chosen { engine, runs_programs };
    let text = with("\\usepackage{fontspec}");
    let told = |chosen| shown(of(&[("main.tex", text.as_bytes())], chosen));
    assert_eq!(told(chosen(EngineChoice::PdfLatex, false)), "tectonic @3");
    assert_eq!(told(chosen(EngineChoice::LuaLatex, false)), "-");
    let text = with("\\usepackage{minted}");
    let told = |chosen| shown(of(&[("main.tex", text.as_bytes())], chosen));
    assert_eq!(told(chosen(EngineChoice::LuaLatex, false)), "lualatex+programs @3");
    assert_eq!(told(chosen(EngineChoice::LuaLatex, true)), "-");
    // No engine has everything: nothing is promised.
    check(&with("\\usepackage{luacode}\\usepackage{xeCJK}"), "-");
}

#[test]
fn what_a_build_has_told_counts_too() {
    let files = project(&[("main.tex", with("").as_bytes())]);
    let root = ProjectPath::new("main.tex").unwrap();
    let told = |code: &str| {
        let told = crate::programs::diagnostic(code, crate::diagnostics::Severity::Error, "x", "");
        suggest(&files, &root, BUILT_IN, &[told])
    };
    let found = told("needs-luatex").unwrap();
    assert_eq!((found.engine, found.place), (EngineChoice::LuaLatex, None));
    assert!(found.why.starts_with("The document needs LuaTeX, and the built-in engine is XeTeX."));
    assert_eq!(shown(told("pdftex-primitive")), "pdflatex @0");
    assert_eq!(shown(told("shell-escape")), "pdflatex+programs @0");
    assert_eq!(shown(told("undefined-command")), "-");
}

#[test]
fn odd_input_is_survived() {
    for text in [
        "\\",
        "\\def",
        "\\def\\x{",
        "\\let",
        "\\let\\",
        "\\newcommand",
        "\\newcommand{\\é}{",
        "\\ifx{",
        "\\input{",
        "\\usepackage",
        "\\write18",
        "{\\é}",
        "\\newcommand\\x{%",
        "\\IfFileExists{é%\n",
        "\\fi\\fi",
        "\\begin{minted}é",
    ] {
        of(&[("main.tex", text.as_bytes())], BUILT_IN);
    }
}
