use super::*;
use quire_project::MemoryFiles;

const CLASS: &str = "\\documentclass{article}\\begin{document}x\\end{document}";

fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

fn project(files: &[(&str, &str)]) -> MemoryFiles {
    let mut project = MemoryFiles::default();
    for (name, text) in files {
        project.insert(path(name), text.as_bytes().to_vec());
    }
    project
}

/// The root's name; several as `a|b`; nothing as `-`.
fn shown(choice: RootChoice) -> String {
    match choice {
        RootChoice::One { root, .. } => root.to_string(),
        RootChoice::Several { candidates, picked, .. } => {
            assert_eq!(candidates[0], picked);
            let names: Vec<_> = candidates.iter().map(ProjectPath::as_str).collect();
            names.join("|")
        }
        RootChoice::None { why } => {
            assert!(!why.is_empty());
            "-".into()
        }
    }
}

fn folder(files: &[(&str, &str)]) -> String {
    shown(root_in_folder(&project(files), ""))
}

fn file(files: &[(&str, &str)], asked: &str) -> String {
    shown(root_for_file(&project(files), &path(asked)))
}

#[test]
fn a_folder_with_one_document() {
    assert_eq!(folder(&[("a.tex", CLASS), ("b.tex", "\\section{x}")]), "a.tex");
    assert_eq!(folder(&[("b.tex", "x")]), "-");
    assert_eq!(folder(&[]), "-");
}

#[test]
fn a_file_of_settings_that_reads_the_document_is_a_root_when_named() {
    let files = [
        ("main.tex", CLASS),
        ("print.tex", "\\input{paper-a4}\\input{main}"),
        ("paper-a4.tex", "\\def\\a{4}"),
    ];
    assert_eq!(file(&files, "print.tex"), "print.tex");
    assert_eq!(file(&files, "main.tex"), "main.tex");
}

#[test]
fn what_another_file_reads_is_no_root() {
    let files = [
        ("doc.tex", "\\documentclass{book}\\include{ch/one}\\input{figs/pic.tex}"),
        ("ch/one.tex", "\\documentclass[../doc]{subfiles}"),
        ("figs/pic.tex", "\\documentclass{standalone}"),
    ];
    assert_eq!(folder(&files), "doc.tex");
    assert_eq!(file(&files, "ch/one.tex"), "ch/one.tex");
    assert_eq!(file(&files, "figs/pic.tex"), "figs/pic.tex");
}

#[test]
fn usual_names_and_shallow_places_win() {
    assert_eq!(folder(&[("slides.tex", CLASS), ("paper.tex", CLASS)]), "paper.tex");
    assert_eq!(folder(&[("paper.tex", CLASS), ("Main.tex", CLASS)]), "Main.tex");
    assert_eq!(folder(&[("z.tex", CLASS), ("old/main.tex", CLASS)]), "z.tex");
}

#[test]
fn equals_are_all_named() {
    assert_eq!(folder(&[("b.tex", CLASS), ("a.tex", CLASS), ("x/c.tex", CLASS)]), "a.tex|b.tex");
}

#[test]
fn a_folder_of_the_project_has_its_own_root() {
    let files = project(&[("main.tex", CLASS), ("talk/slides.tex", CLASS), ("talks.tex", CLASS)]);
    assert_eq!(shown(root_in_folder(&files, "talk")), "talk/slides.tex");
}

#[test]
fn a_part_leads_to_the_document_that_reads_it() {
    let files = [
        ("main.tex", "\\documentclass{book}\\input{parts/all}"),
        ("parts/all.tex", "\\input{parts/one}"),
        ("parts/one.tex", "text"),
        ("lost.tex", "text"),
    ];
    assert_eq!(file(&files, "parts/one.tex"), "main.tex");
    assert_eq!(file(&files, "lost.tex"), "-");
    assert_eq!(file(&files, "none.tex"), "-");
}

#[test]
fn the_magic_comment_wins() {
    let files = [
        ("doc.tex", CLASS),
        ("ch/a.tex", "% !TEX root = ../doc\n\\documentclass{article}"),
        ("ch/b.tex", "% !TEX root = ../../doc.tex\n"),
        ("ch/c.tex", "% !TEX root = d.tex\n"),
        ("ch/d.tex", "% !TEX root = c.tex\n"),
        ("self.tex", "% !TEX root = self.tex\n\\documentclass{article}"),
    ];
    assert_eq!(file(&files, "ch/a.tex"), "doc.tex");
    assert_eq!(file(&files, "ch/b.tex"), "-");
    assert_eq!(file(&files, "ch/c.tex"), "-");
    assert_eq!(file(&files, "self.tex"), "self.tex");
}

#[test]
fn the_program_is_read_from_the_root() {
    let files = project(&[("a.tex", "% !TeX program = lualatex\n\\documentclass{article}")]);
    assert_eq!(suggested_program(&files, &path("a.tex")).unwrap().name, "lualatex");
}

#[test]
fn real_projects() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let root = |name: &str| {
        let files = crate::disk::DiskFolder::open(&corpus.join(name))
            .expect("the corpus lies beside the repository");
        shown(root_in_folder(&files, ""))
    };
    assert_eq!(root("arxiv-style"), "template.tex");
    assert_eq!(root("awesome-cv"), "examples/coverletter.tex|examples/cv.tex|examples/resume.tex");
    assert_eq!(root("mtheme/demo"), "demo.tex");
}
