//! How many passes documents take, and which programs run between them.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::build::BuildOutcome;
use support::{Project, codes, story};

fn article(body: &str) -> String {
    format!("\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n")
}

#[track_caller]
fn check(files: &[(&'static str, &str)], expected: &str) -> Project {
    let project = Project::new(files);
    let result = project.build();
    assert_eq!(story(&result), expected, "{:#?}\n{:#?}", result.passes, result.diagnostics);
    assert_eq!(result.outcome, BuildOutcome::Clean, "{:#?}", result.diagnostics);
    assert!(result.pages > 0);
    assert!(result.pdf.as_ref().is_some_and(|pdf| pdf.is_file()), "{:?}", result.pdf);
    assert!(result.synctex.as_ref().is_some_and(|place| place.is_file()));
    // Whatever it took: a document that changes without consequence takes one pass.
    let text = std::fs::read_to_string(project.path(project.root)).unwrap();
    project.write(project.root, text.replace("Hello", "Howdy"));
    let again = project.build();
    assert_eq!(story(&again), "tex", "{:#?}", again.passes);
    project
}

#[test]
fn plain_text_takes_one_pass() {
    check(&[("main.tex", &article("Hello."))], "tex");
}

#[test]
fn references_take_two() {
    check(&[("main.tex", &article("Hello.\\section{A}\\label{a} See \\ref{a}."))], "tex, tex");
}

#[test]
fn contents_take_two() {
    check(
        &[("main.tex", &article("\\tableofcontents\\section{A} Hello.\\section{B}"))],
        "tex, tex",
    );
}

#[test]
fn sections_without_contents_take_one() {
    check(&[("main.tex", &article("\\section{A} Hello.\\section{B}"))], "tex");
}

const BIB: &str = "@book{knuth, author={Donald Knuth}, title={The TeXbook}, year=1984, \
                   publisher={Addison-Wesley}}\n";

#[test]
fn a_bibliography_takes_three_and_bibtex() {
    let text = article("Hello \\cite{knuth}.\\bibliographystyle{plain}\\bibliography{refs}");
    let project =
        check(&[("main.tex", &text), ("refs.bib", BIB)], "tex, bibtex main.aux, tex, tex");
    project.write("refs.bib", BIB.replace("1984", "1986"));
    let result = project.build();
    assert_eq!(story(&result), "tex, bibtex main.aux, tex");
    assert_eq!(result.passes[1].reason, "main.bbl changed: 1 entry");
    assert_eq!(result.because.as_deref(), Some("refs.bib changed"));
    project.write("refs.bib", BIB.replace("1984", "1986") + "@book{other, title={Other}}");
    let result = project.build();
    assert_eq!(story(&result), "tex, bibtex main.aux");
}

#[test]
fn a_finished_bibliography_is_used_when_its_database_is_not_there() {
    let text = article("Hello \\cite{k}.\\bibliographystyle{plain}\\bibliography{refs}");
    let bbl = "\\begin{thebibliography}{1}\\bibitem{k} Shipped.\\end{thebibliography}";
    let project = check(&[("main.tex", &text), ("main.bbl", bbl)], "tex, tex");
    let result = project.build();
    assert!(codes(&result).contains(&"shipped-bibliography"), "{:?}", codes(&result));
    // With the database, the shipped one is not used any more.
    project.write("refs.bib", "@book{k, title={Made here}}");
    let result = project.build();
    assert!(story(&result).contains("bibtex"), "{}", story(&result));
    assert!(!codes(&result).contains(&"shipped-bibliography"));
}

#[test]
fn several_bibliographies_run_bibtex_for_each() {
    let text = "\\documentclass{article}\\usepackage{multibib}\\newcites{web}{Web}\n\
                \\begin{document}Hello \\cite{knuth} \\citeweb{site}\n\
                \\bibliographystyle{plain}\\bibliography{refs}\n\
                \\bibliographystyleweb{plain}\\bibliographyweb{web}\\end{document}";
    let web = BIB.replace("knuth", "site");
    check(
        &[("main.tex", text), ("refs.bib", BIB), ("web.bib", &web)],
        "tex, bibtex main.aux, bibtex web.aux, tex, tex",
    );
}

#[test]
fn labels_are_cut_from_names_with_accents() {
    let text = article("Hello \\cite{g}.\\bibliographystyle{alpha}\\bibliography{refs}");
    let bib = "@article{g, author={G{\\\"o}del, Kurt}, title={X}, journal={Y}, year=1958}";
    check(&[("main.tex", &text), ("refs.bib", bib)], "tex, bibtex main.aux, tex, tex");
}

#[test]
fn mistakes_in_a_database_are_told_with_their_line() {
    let text = article("Hello \\cite{knuth}.\\bibliographystyle{plain}\\bibliography{a/refs}");
    let bib = format!("{BIB}@book{{x,\n  title = }}\n");
    let project = Project::new(&[("main.tex", &text), ("a/refs.bib", &bib)]);
    let result = project.build();
    let told = result.diagnostics.iter().find(|d| d.code == "bibtex-syntax").unwrap();
    let place = told.place.as_ref().unwrap();
    assert_eq!(place.first_line.0, 3, "{told:?}");
    assert!(result.pdf.is_some());
}

#[test]
fn biblatex_runs_biber() {
    let text = "\\documentclass{article}\\usepackage{biblatex}\\addbibresource{bib/refs.bib}\n\
                \\begin{document}Hello \\cite{knuth}.\\printbibliography\\end{document}";
    let project =
        check(&[("main.tex", text), ("bib/refs.bib", BIB)], "tex, biber main.bcf, tex, tex");
    let gone = text.replace("bib/refs.bib", "https://example.org/refs.bib");
    project.write("main.tex", gone);
    let result = project.build();
    assert!(codes(&result).contains(&"remote-bibliography"), "{:?}", codes(&result));
    assert_eq!(result.outcome, BuildOutcome::Errors);
}

#[test]
fn an_index_takes_two_and_makeindex() {
    let text = "\\documentclass{article}\\usepackage{makeidx}\\makeindex\\begin{document}\n\
                Hello\\index{b}\\index{a!c}.\\printindex\\end{document}";
    let project = check(&[("main.tex", text)], "tex, makeindex main.idx, tex");
    project.write("main.tex", text.replace("\\index{b}", ""));
    assert_eq!(story(&project.build()), "tex, makeindex main.idx, tex");
}

#[test]
fn an_index_that_is_not_printed_is_not_sorted() {
    let text = "\\documentclass{article}\\usepackage{makeidx}\\makeindex\\begin{document}\n\
                Hello\\index{b}.\\end{document}";
    check(&[("main.tex", text)], "tex");
}

#[test]
fn several_indexes_with_a_style() {
    let text = "\\documentclass{article}\\usepackage{imakeidx}\n\
                \\makeindex\\makeindex[name=people,options=-s my.ist]\\begin{document}\n\
                Hello\\index{b}\\index[people]{Knuth}.\\printindex\\printindex[people]\
                \\end{document}";
    let style = "preamble \"\\n\\\\begin{theindex}\\\\item STYLED\\n\"\n";
    let project = check(
        &[("main.tex", text), ("my.ist", style)],
        "tex, makeindex main.idx, makeindex people.idx, tex",
    );
    project.write("my.ist", style.replace("STYLED", "RESTYLED"));
    assert_eq!(story(&project.build()), "tex, makeindex people.idx, tex");
}

#[test]
fn entries_of_one_file_are_split_into_several_indexes() {
    let text = "\\documentclass{article}\\usepackage{splitidx}\\makeindex\n\
                \\newindex[General]{gen}\\newindex[People]{ppl}\\begin{document}\n\
                Hello\\sindex[gen]{b}\\sindex[ppl]{Knuth}.\\printindex[gen]\\printindex[ppl]\
                \\end{document}";
    check(&[("main.tex", text)], "tex, makeindex main-gen.idx, makeindex main-ppl.idx, tex");
}

#[test]
fn glossaries_and_acronyms_need_no_perl() {
    let text = "\\documentclass{article}\\usepackage[acronym]{glossaries}\\makeglossaries\n\
                \\newglossaryentry{tex}{name=TeX,description={A program}}\n\
                \\newacronym{dvi}{DVI}{device independent}\\begin{document}\n\
                Hello \\gls{tex}, \\gls{dvi}.\\printglossaries\\end{document}";
    let project = Project::new(&[("main.tex", text)]);
    let result = project.build();
    let story = story(&result);
    assert!(story.starts_with("tex, makeindex main.glo, makeindex main.acn, tex"), "{story}");
    let log = String::from_utf8_lossy(&result.log);
    assert_eq!(result.outcome, BuildOutcome::Clean, "{:#?}\n{log}", result.diagnostics);
}

#[test]
fn a_nomenclature_is_sorted() {
    let text = "\\documentclass{article}\\usepackage{nomencl}\\makenomenclature\\begin{document}\n\
                Hello $c$\\nomenclature{$c$}{Speed of light}.\\printnomenclature\\end{document}";
    check(&[("main.tex", text)], "tex, makeindex main.nlo, tex");
}

#[test]
fn a_document_that_never_settles_is_told_so() {
    // Written when it is not there, removed when it is.
    let text = article(
        "Hello.\\makeatletter\\@ifundefined{r@x}{\\label{x}}{}\\makeatother \\ref{y}\\label{y}",
    );
    let project = Project::new(&[("main.tex", &text)]);
    let result = project.build();
    assert!(codes(&result).contains(&"never-settles"), "{:?} {:#?}", codes(&result), result.passes);
    assert!(result.passes.len() <= 4, "{:#?}", result.passes);
    assert!(result.pdf.is_some());
}

#[test]
fn spaces_and_accents_in_names_do_not_matter() {
    let text = "\\documentclass{article}\\usepackage{makeidx}\\makeindex\\begin{document}\n\
                \\tableofcontents\\section{A} Hello\\index{x} \\cite{knuth}.\\printindex\n\
                \\bibliographystyle{plain}\\bibliography{bücher/refs}\\end{document}";
    check(
        &[("ein Ordner/mein Aufsatz über.tex", text), ("ein Ordner/bücher/refs.bib", BIB)],
        "tex, bibtex mein Aufsatz über.aux, makeindex mein Aufsatz über.idx, tex, tex",
    );
}

#[test]
fn included_parts_have_aux_files_of_their_own() {
    let root = "\\documentclass{book}\\begin{document}\\tableofcontents Hello\n\
                \\include{part one/ch}\\include{two}\\end{document}";
    let files = [
        ("main.tex", root),
        ("part one/ch.tex", "\\chapter{One}\\label{one} See \\ref{two}."),
        ("two.tex", "\\chapter{Two}\\label{two} See \\ref{one}."),
    ];
    check(&files, "tex, tex");
}

/// Its author index would otherwise be missing without a word.
#[test]
fn indexes_of_the_package_index_are_made() {
    let project = Project::new(&[(
        "main.tex",
        "\\documentclass{article}\\usepackage{index}\\makeindex\n\
         \\newindex{aut}{adx}{and}{Authors}\n\\begin{document}\n\
         a\\index{word}\\index[aut]{Knuth}\\printindex\\printindex[aut]\n\\end{document}\n",
    )]);
    let result = project.build();
    assert_eq!(story(&result), "tex, makeindex main.idx, makeindex main.adx, tex");
    assert_eq!(result.pages, 3);
}

#[test]
fn a_second_pass_measures_its_own_fonts() {
    // The first loads another font in the place of the one that the second loads.
    let project = Project::new(&[(
        "main.tex",
        "\\documentclass{article}\n\\begin{document}\n\
         \\IfFileExists{\\jobname.second}{\\def\\size{10}}{\\def\\size{30}}\n\
         \\newwrite\\second \\immediate\\openout\\second=\\jobname.second\n\
         \\immediate\\write\\second{There was a pass.}\\immediate\\closeout\\second\n\
         \\font\\native=\"[lmroman10-regular.otf]\" at \\size pt\n\
         \\setbox0\\hbox{\\native A}\\typeout{HEIGHT \\the\\ht0}\\box0\n\\end{document}\n",
    )]);
    let result = project.build();
    assert_eq!(story(&result), "tex, tex", "{:#?}", result.diagnostics);
    let log = String::from_utf8_lossy(&result.log).into_owned();
    let height = log.split("HEIGHT ").nth(1).and_then(|rest| rest.split("pt").next()).unwrap();
    assert!(
        (5.0..10.0).contains(&height.parse::<f64>().unwrap()),
        "{height}pt for a letter of 10pt"
    );
}
