//! What the editor asks, through the workbench: answers follow every edit, and edits reach closed files.

#![allow(clippy::unwrap_used)]

mod support;

use quire_collab::Change;
use quire_project::ProjectId;
use quire_workbench::{Config, Position, ProjectSettings, TextVersion, Workbench};
use std::{fs, path::Path};
use support::{config, path};

fn open(data: &Path, dictionaries: Option<&Path>) -> Workbench {
    let config = Config { dictionaries: dictionaries.map(Path::to_owned), ..config(data) };
    Workbench::open(config).unwrap().workbench
}

const MAIN: &str = "\\documentclass{article}\n\\newcommand{\\R}{\\mathbb{R}}\n\\begin{document}\n\
    \\section{One}\\label{sec:one}\n\\input{ch/two}\nSee \\ref{sec:two}.\n\n\\end{document}\n";
const TWO: &str =
    "\\section{Two}\\label{sec:two}\nLike \\ref{sec:one} in $\\R$ and \\ref{sec:two}.\n";

fn project(workbench: &Workbench) -> ProjectId {
    let files = vec![
        (path("main.tex"), MAIN.as_bytes().to_vec()),
        (path("ch/two.tex"), TWO.as_bytes().to_vec()),
    ];
    let id = workbench.create_project("Paper", files, Some(&path("main.tex"))).unwrap();
    workbench.open_project(id).unwrap();
    id
}

fn at(line: u32, column: u32) -> Position {
    Position { line, column }
}

/// Writes at a position of a file, as a window's edit would arrive.
fn write(workbench: &Workbench, id: ProjectId, file: &str, place: &str, text: &str) {
    let before = workbench.text(id, path(file)).unwrap();
    let at = before[..before.find(place).unwrap()].encode_utf16().count();
    let change = Change { at: at.try_into().unwrap(), removed: 0, inserted: text.to_owned() };
    workbench.edit(id, path(file), vec![change]).unwrap();
}

fn offered(workbench: &Workbench, id: ProjectId, file: &str, position: Position) -> Vec<String> {
    let found = workbench.complete(id, &path(file), position).unwrap();
    found.items.into_iter().map(|item| item.label).collect()
}

#[test]
fn completion_knows_what_was_typed_a_moment_ago_in_any_file() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path(), None);
    let id = project(&workbench);
    write(&workbench, id, "main.tex", "\n\\end{document}", "\\ref{");
    assert_eq!(offered(&workbench, id, "main.tex", at(7, 6)), ["sec:one", "sec:two"]);
    write(&workbench, id, "ch/two.tex", "Like", "😀\\label{sec:new} ");
    assert_eq!(offered(&workbench, id, "main.tex", at(7, 6)), ["sec:one", "sec:new", "sec:two"]);
    write(&workbench, id, "main.tex", "See", "\\input{ch/three}\n");
    workbench.create_file(id, path("ch/three.tex"), "\\label{sec:three}").unwrap();
    assert!(offered(&workbench, id, "main.tex", at(8, 6)).contains(&"sec:three".to_owned()));
    workbench.trash_path(id, path("ch/three.tex")).unwrap();
    assert!(!offered(&workbench, id, "main.tex", at(8, 6)).contains(&"sec:three".to_owned()));
}

#[test]
fn a_label_is_renamed_in_open_and_closed_files() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path(), None);
    let id = project(&workbench);
    let main = path("main.tex");
    assert_eq!(workbench.renamable(id, &main, at(6, 12)).unwrap().unwrap().name, "sec:two");
    let edits = workbench.rename(id, &main, at(6, 12), "sec:second").unwrap();
    assert_eq!(edits.len(), 3);
    workbench.apply_edits(id, edits).unwrap();
    assert_eq!(*workbench.text(id, main.clone()).unwrap(), *MAIN.replace("sec:two", "sec:second"));
    assert_eq!(
        *workbench.text(id, path("ch/two.tex")).unwrap(),
        *TWO.replace("sec:two", "sec:second")
    );
    // What was there is in the history.
    assert_eq!(
        workbench.old_text(id, &path("ch/two.tex"), TextVersion::Here { update: 1 }).unwrap().text,
        TWO
    );
    assert!(workbench.rename(id, &main, at(6, 12), "sec:one").is_err(), "the name is taken");
}

#[test]
fn places_and_structure_lead_across_files() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path(), None);
    let id = project(&workbench);
    let main = path("main.tex");
    let found = workbench.definition(id, &main, at(6, 12)).unwrap();
    assert_eq!((&found[0].path, found[0].range.start), (&path("ch/two.tex"), at(1, 21)));
    assert_eq!(workbench.references(id, &main, at(4, 24)).unwrap().len(), 2);
    let outline = workbench.outline(id, &path("ch/two.tex")).unwrap();
    let titles: Vec<_> = outline.iter().map(|entry| &*entry.title).collect();
    assert_eq!(titles, ["One", "Two"]);
    let hover = workbench.hover(id, &path("ch/two.tex"), at(2, 24)).unwrap().unwrap();
    assert!(hover.markdown.contains("\\mathbb{R}"), "{}", hover.markdown);
    let words = workbench.word_count(id, &main).unwrap();
    assert_eq!((words.total.headings, words.sections.len()), (2, 3));
    let folds = workbench.folds(id, &main).unwrap();
    assert!(folds.iter().any(|fold| (fold.start, fold.end) == (3, 7)), "{folds:?}");
}

#[test]
fn what_names_a_file_follows_when_it_is_moved() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path(), None);
    let id = project(&workbench);
    let moved = workbench.move_with_references(id, path("ch"), path("parts")).unwrap();
    assert_eq!(moved.references, 1);
    assert!(workbench.text(id, path("main.tex")).unwrap().contains("\\input{parts/two}"));
    assert!(workbench.move_with_references(id, path("parts/two.tex"), path("main.tex")).is_err());
    assert!(workbench.text(id, path("main.tex")).unwrap().contains("\\input{parts/two}"));
}

#[test]
fn a_linked_folder_is_followed() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("paper");
    fs::create_dir_all(folder.join("ch")).unwrap();
    fs::write(folder.join("main.tex"), MAIN).unwrap();
    fs::write(folder.join("ch/two.tex"), TWO).unwrap();
    let workbench = open(&temp.path().join("data"), None);
    let id = workbench.link_folder(&folder).unwrap();
    workbench.open_project(id).unwrap();
    let labels = || workbench.symbols(id, "sec:").unwrap().len();
    assert_eq!(labels(), 2);
    fs::write(folder.join("ch/two.tex"), format!("{TWO}\\label{{sec:four}}")).unwrap();
    let start = std::time::Instant::now();
    while labels() != 3 {
        assert!(start.elapsed().as_secs() < 20, "the change was not seen");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

#[test]
fn spelling_knows_the_languages_and_the_words_of_the_project() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("dictionaries");
    fs::create_dir_all(&folder).unwrap();
    for (tag, words) in [("en", "3\nlike\nsee\nin\n"), ("de", "1\nWort\n")] {
        fs::write(folder.join(format!("{tag}.aff")), "SET UTF-8\nTRY abcdefghijklmnopqrstuvwxyz\n")
            .unwrap();
        fs::write(folder.join(format!("{tag}.dic")), words).unwrap();
    }
    let workbench = open(&temp.path().join("data"), Some(&folder));
    assert_eq!(workbench.spelling_languages(), ["de", "en"]);
    let id = project(&workbench);
    let wrong = || -> Vec<String> {
        let found = workbench.misspellings(id, &path("ch/two.tex")).unwrap();
        found.into_iter().map(|mark| format!("{} {}", mark.language, mark.word)).collect()
    };
    assert_eq!(wrong(), ["en Two", "en and"]);
    let words = vec!["two".to_owned()];
    let settings = ProjectSettings { words, ..ProjectSettings::default() };
    workbench.set_project_settings(id, settings.clone()).unwrap();
    assert_eq!(wrong(), ["en and"]);
    let language = Some("de".to_owned());
    workbench.set_project_settings(id, ProjectSettings { language, ..settings }).unwrap();
    assert_eq!(wrong(), ["de Like", "de in", "de and"]);
    assert_eq!(workbench.suggest_spelling("liek", "en"), ["like"]);
}
