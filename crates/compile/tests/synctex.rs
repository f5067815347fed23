//! From source to page and back in documents that the engine has set.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::{
    build::{BuildOutcome, BuildResult},
    synctex::{Area, Source, SyncTex},
};
use quire_project::ProjectPath;
use quire_text::LineNumber;
use support::Project;

fn index(result: &BuildResult, root: &str) -> SyncTex {
    assert_ne!(result.outcome, BuildOutcome::Errors, "{:#?}", result.diagnostics);
    result.read_synctex(&ProjectPath::new(root).unwrap()).unwrap().expect("a SyncTeX file")
}

fn path(name: &str) -> ProjectPath {
    ProjectPath::new(name).unwrap()
}

/// The source of a place a little inside an area's left end.
fn back(synctex: &SyncTex, area: &Area) -> (Source, u32) {
    let middle = area.rect.y + area.rect.height / 2.0;
    let spot = synctex.source_at(area.page, area.rect.x + 20.0, middle).unwrap();
    (spot.source.clone(), spot.line.0)
}

#[test]
fn every_paragraph_of_every_file_is_found_and_found_again() {
    let text = |name: &str| {
        let paragraph = |n: usize| format!("Paragraph {n} of {name} is one line of source.\n\n");
        (0..12).map(paragraph).collect::<String>()
    };
    let main = "\\documentclass{article}\\begin{document}\n\\include{chapters/über uns}\n\
                \\include{chapters/part two/second}\n\\input{chapters/third.tex}\n\\end{document}\n";
    let files = ["chapters/über uns.tex", "chapters/part two/second.tex", "chapters/third.tex"];
    let texts = files.map(text);
    let project = Project::new(&[
        ("book/main.tex", main),
        ("book/chapters/über uns.tex", &texts[0]),
        ("book/chapters/part two/second.tex", &texts[1]),
        ("book/chapters/third.tex", &texts[2]),
    ]);
    let synctex = index(&project.build(), "book/main.tex");
    assert_eq!(synctex.page_count(), 3);
    for (page, name) in files.iter().enumerate() {
        let file = path(&format!("book/{name}"));
        for line in (1..24).step_by(2) {
            let areas = synctex.areas(&file, LineNumber(line));
            assert_eq!(areas.len(), 1, "{name}:{line}: {areas:?}");
            assert_eq!((areas[0].page, areas[0].line.0), (page, line), "{name}:{line}");
            assert_eq!(back(&synctex, &areas[0]), (Source::Project(file.clone()), line));
        }
    }
}

#[test]
fn a_bibliography_comes_from_a_generated_file_and_says_so() {
    let main = "\\documentclass{article}\\begin{document}\nSee \\cite{knuth}.\n\n\
                \\bibliographystyle{plain}\n\\bibliography{refs}\n\\end{document}\n";
    let refs = "@book{knuth, author={Donald Knuth}, title={The {\\TeX}book}, publisher={AW}, \
                year=1984}\n";
    let project = Project::new(&[("main.tex", main), ("refs.bib", refs)]);
    let synctex = index(&project.build(), "main.tex");
    let bbl = Source::Other("main.bbl".to_owned());
    assert!(synctex.sources().contains(&bbl), "{:?}", synctex.sources());
    let heading = &synctex.areas(&path("main.tex"), LineNumber(2))[0];
    let entry = (1..60).find_map(|step| {
        let y = heading.rect.y + f64::from(step) * 4.0;
        let spot = synctex.source_at(0, heading.rect.x + 80.0, y)?;
        (*spot.source == bbl).then_some(spot.line.0)
    });
    assert!(entry.is_some(), "no place below the text leads to the bibliography");
}

#[test]
fn a_formula_and_a_table_are_found_as_wholes() {
    let main = "\\documentclass{article}\\begin{document}\nText before.\n\\[\n  \\frac{a}{b} = c\n\\]\n\
                \\begin{tabular}{lr}\n  one & two \\\\\n  three & four \\\\\n\\end{tabular}\n\
                \\end{document}\n";
    let project = Project::new(&[("main.tex", main)]);
    let synctex = index(&project.build(), "main.tex");
    let at = |line: u32| synctex.areas(&path("main.tex"), LineNumber(line));
    let formula = at(4);
    assert_eq!(formula.len(), 1, "{formula:?}");
    assert!(formula[0].rect.height > 15.0, "the whole fraction: {formula:?}");
    // TeX ends a row when it has seen what follows: the second line leaves a trace in the first row.
    let (first, second) = (at(7), at(8));
    let (first, second) = (first.last().unwrap(), second.last().unwrap());
    assert!(first.line.0 == 7 && second.line.0 == 8, "{first:?} {second:?}");
    assert!(first.rect.y < second.rect.y, "{first:?} {second:?}");
}
