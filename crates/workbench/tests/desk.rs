//! The workbench as windows use it: real database, real folders, real engine.

#![allow(clippy::unwrap_used)]

mod support;

use quire_project::ProjectId;
use quire_workbench::{
    EntryMark, Event, LiveState, NamedFor, SearchQuery, Shelf, TextVersion, TimelineSource,
    Workbench, WorkbenchError, Writer,
};
use std::{
    fs,
    path::Path,
    sync::{Arc, Mutex},
};
use support::{Window, open, path, until};

fn project(workbench: &Workbench) -> ProjectId {
    let files = vec![
        (
            path("main.tex"),
            b"\\documentclass{article}\n\\begin{document}\nHi\n\\end{document}\n".to_vec(),
        ),
        (path("figures/dot.png"), vec![0x89, b'P', b'N', b'G', 0, 1]),
    ];
    let id = workbench.create_project("Paper", files, Some(&path("main.tex"))).unwrap();
    workbench.open_project(id).unwrap();
    id
}

#[test]
fn what_one_window_types_the_other_has_and_the_next_start_finds() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    let mut one = Window::open(&workbench, id, "main.tex", 1);
    let mut two = Window::open(&workbench, id, "main.tex", 2);
    one.type_at(0, 0, "% ü😀\n");
    two.type_at(0, 0, "% two\n");
    one.catch_up();
    two.catch_up();
    let text = workbench.text(id, path("main.tex")).unwrap();
    assert_eq!(one.document.text(), *text);
    assert_eq!(two.document.text(), *text);
    assert!(text.contains("% ü😀") && text.contains("% two"));
    workbench.close();
    let workbench = open(temp.path());
    workbench.open_project(id).unwrap();
    assert_eq!(workbench.text(id, path("main.tex")).unwrap(), text);
}

#[test]
fn an_engine_that_does_not_exist_is_refused() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    workbench.set_engine(id, "tectonic").unwrap();
    let unknown = workbench.set_engine(id, "wordstar");
    assert!(matches!(unknown, Err(quire_workbench::WorkbenchError::UnknownEngine(_))));
}

#[test]
fn files_are_made_moved_put_into_the_trash_and_restored() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    let told = Arc::new(Mutex::new(Vec::new()));
    let events = told.clone();
    workbench
        .listen(move |event| {
            events.lock().unwrap().push(event.clone());
            true
        })
        .unwrap();
    workbench.create_file(id, path("ch/one.tex"), "One").unwrap();
    assert!(matches!(
        workbench.create_file(id, path("ch/one.tex"), ""),
        Err(WorkbenchError::FileExists(_))
    ));
    let mut window = Window::open(&workbench, id, "ch/one.tex", 1);
    workbench.move_path(id, path("ch"), path("chapters")).unwrap();
    window.type_at(3, 0, " and only");
    assert_eq!(&*workbench.text(id, path("chapters/one.tex")).unwrap(), "One and only");
    let moved = |event: &Event| matches!(event, Event::FileMoved { to, .. } if *to == path("chapters/one.tex"));
    assert!(told.lock().unwrap().iter().any(moved));
    workbench.trash_path(id, path("chapters")).unwrap();
    assert!(matches!(workbench.text(id, path("chapters/one.tex")), Err(WorkbenchError::NoFile(_))));
    let file = workbench.trashed_files(id).unwrap()[0].file;
    workbench.restore_file(id, file).unwrap();
    assert_eq!(&*workbench.text(id, path("chapters/one.tex")).unwrap(), "One and only");
    // What is not in the trash (any more) is not deleted.
    workbench.trash_path(id, path("figures")).unwrap();
    let picture = workbench.trashed_files(id).unwrap()[0].file;
    workbench.delete_trashed(id, vec![file, picture]).unwrap();
    assert_eq!(workbench.trashed_files(id).unwrap(), []);
    assert!(workbench.restore_file(id, picture).is_err());
    assert_eq!(&*workbench.text(id, path("chapters/one.tex")).unwrap(), "One and only");
}

#[test]
fn every_window_is_told_which_file_is_built() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    workbench.create_file(id, path("other.tex"), "").unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let events = told.clone();
    workbench
        .listen(move |event| {
            if let Event::RootChosen { root, .. } = event {
                events.lock().unwrap().push(root.clone());
            }
            true
        })
        .unwrap();
    workbench.set_root(id, Some(path("other.tex"))).unwrap();
    workbench.set_root(id, None).unwrap();
    assert_eq!(*told.lock().unwrap(), [Some(path("other.tex")), None]);
}

#[test]
fn search_and_replace_reach_every_text() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    workbench.create_file(id, path("b.tex"), "é hi Hi high\r\nsay hi").unwrap();
    let query = SearchQuery { text: "hi".into(), whole_word: true, ..SearchQuery::default() };
    let found = workbench.search(id, &query).unwrap();
    assert_eq!((found.matches, found.files.len()), (4, 2));
    assert_eq!(found.files[0].lines[1].range.start.column, 6);
    let exact = SearchQuery { match_case: true, ..query };
    let only = [path("b.tex")];
    assert_eq!(workbench.replace_all(id, &exact, "$1ho", Some(&only)).unwrap(), (2, 1));
    assert_eq!(&*workbench.text(id, path("b.tex")).unwrap(), "é $1ho Hi high\r\nsay $1ho");
    let regex = SearchQuery { text: r"(\w+)gh".into(), is_regex: true, ..SearchQuery::default() };
    workbench.replace_all(id, &regex, "lo$1", None).unwrap();
    assert!(workbench.text(id, path("b.tex")).unwrap().contains("Hi lohi\r\n"));
    let replacement = Some("<$1>".to_owned());
    let include = "*.tex !main.tex".to_owned();
    let preview = SearchQuery {
        text: "s(a)y".into(),
        is_regex: true,
        include,
        replacement,
        ..SearchQuery::default()
    };
    let found = workbench.search(id, &preview).unwrap();
    assert_eq!(
        (found.files.len(), found.files[0].lines[0].replacement.as_deref()),
        (1, Some("<a>"))
    );
    let bad = SearchQuery { text: "(".into(), is_regex: true, ..SearchQuery::default() };
    assert!(matches!(workbench.search(id, &bad), Err(WorkbenchError::BadPattern(_))));
}

#[test]
fn the_past_of_a_file_is_seen_and_restored() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    workbench.create_file(id, path("a.tex"), "first").unwrap();
    let mut window = Window::open(&workbench, id, "a.tex", 1);
    window.type_at(0, 5, "second");
    until("the edit is durable", || workbench.history(id, &path("a.tex")).unwrap()[0].last == 2);
    assert_eq!(
        workbench.name_version(id, &path("a.tex"), None, "handed in").unwrap(),
        NamedFor::Me
    );
    let history = workbench.history(id, &path("a.tex")).unwrap();
    assert_eq!((&history[0].author, &*history[0].names[0].name), (&Writer::Me, "handed in"));
    assert_eq!(workbench.old_text(id, &path("a.tex"), here(1)).unwrap().text, "first");
    assert_eq!(workbench.restore_text(id, &path("a.tex"), here(1)).unwrap(), here(2));
    window.catch_up();
    assert_eq!(window.document.text(), "first");
    until("it is durable", || workbench.history(id, &path("a.tex")).unwrap()[0].last == 3);
    // As the list of an author who shares with nobody: one stretch, for it was all written at once.
    let timeline = workbench.timeline(id, &path("a.tex"), None).unwrap();
    assert_eq!((timeline.source, timeline.older), (TimelineSource::Here, None));
    let told: Vec<_> = timeline.entries.iter().map(|entry| (entry.version, entry.mark)).collect();
    assert_eq!(told, [(here(3), None)]);
    // Any two versions can be compared.
    let compared = workbench.compare(id, &path("a.tex"), here(1), Some(here(2))).unwrap();
    let added = &compared.stretches[0].last().unwrap().parts;
    assert!(added.iter().any(|part| part.text.contains("second")), "{added:?}");
    assert!(compared.other_time.is_some());
    let same = workbench.compare(id, &path("a.tex"), here(1), None).unwrap();
    assert!(same.stretches.is_empty() && same.other_time.is_none());
}

fn here(update: u64) -> TextVersion {
    TextVersion::Here { update }
}

#[test]
fn it_is_known_who_wrote_what_and_a_project_is_named_as_a_whole() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    workbench.create_file(id, path("a.tex"), "one three").unwrap();
    workbench.create_file(id, path("b.tex"), "b").unwrap();
    let mut window = Window::open(&workbench, id, "a.tex", 1);
    window.type_at(4, 0, "two ");
    until("the edit is durable", || workbench.history(id, &path("a.tex")).unwrap()[0].last == 2);
    let found = workbench.who_wrote(id, &path("a.tex"), 2..9).unwrap();
    assert_eq!(found.source, TimelineSource::Here);
    let parts: Vec<_> =
        found.parts.iter().map(|part| (part.at, &*part.text, &part.writer)).collect();
    assert_eq!(parts, [(2, "e two t", &Writer::Me)]);
    assert_eq!(found.parts[0].version, Some(here(2)));

    assert_eq!(workbench.name_project_version(id, "Draft").unwrap(), NamedFor::Me);
    window.type_at(0, 0, "zero ");
    until("the edit is durable", || workbench.history(id, &path("a.tex")).unwrap()[0].last == 3);
    assert_eq!(workbench.name_project_version(id, "Second").unwrap(), NamedFor::Me);
    let names = |file: &str| {
        let entries = workbench.timeline(id, &path(file), None).unwrap().entries;
        let names = entries.into_iter().flat_map(|entry| entry.names);
        names.map(|name| (name.name, name.of_project)).collect::<Vec<_>>()
    };
    // A text that nobody changed between two names has both.
    let both = [("Draft".to_owned(), true), ("Second".to_owned(), true)];
    assert_eq!(names("a.tex"), both);
    assert_eq!(names("b.tex"), both);
    let entries = workbench.timeline(id, &path("b.tex"), None).unwrap().entries;
    assert_eq!(entries[0].mark, Some(EntryMark::Made));
}

#[test]
fn a_project_goes_to_the_trash_and_comes_back_and_is_copied() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    workbench.set_tags(id, vec!["thesis".into()]).unwrap();
    let copy = workbench.duplicate_project(id, "Paper 2").unwrap();
    workbench.set_shelf(id, Shelf::Trashed).unwrap();
    let names = |shelf| {
        let page = workbench.projects(shelf, "", Some("thesis")).unwrap();
        page.projects.into_iter().map(|card| card.name).collect::<Vec<_>>()
    };
    assert_eq!(
        (names(Shelf::Active), names(Shelf::Trashed)),
        (vec!["Paper 2".into()], vec!["Paper".into()])
    );
    workbench.delete_project(id).unwrap();
    assert!(names(Shelf::Trashed).is_empty());
    workbench.open_project(copy).unwrap();
    assert!(workbench.text(copy, path("main.tex")).unwrap().contains("Hi"));
}

#[test]
fn a_project_is_found_by_words_of_its_texts() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    let names = |query: &str| {
        let found = workbench.search_everywhere(query).unwrap();
        found.into_iter().map(|found| found.places[0].line).collect::<Vec<_>>()
    };
    assert_eq!(names("hi documentclass"), [1]);
    // At once, open or not.
    let mut window = Window::open(&workbench, id, "main.tex", 1);
    window.type_at(0, 0, "% quokka\n");
    assert_eq!(names("quok"), [1]);
    window.type_at(0, 0, "% wombat\n");
    workbench.close_project(id).unwrap();
    assert_eq!(names("wombat"), [1]);
}

/// A folder with a file in it, and a project that lives there.
fn linked(workbench: &Workbench, folder: &Path) -> ProjectId {
    fs::create_dir_all(folder.join("ch")).unwrap();
    fs::write(folder.join("main.tex"), "one\ntwo\nthree\n").unwrap();
    let id = workbench.link_folder(folder).unwrap();
    workbench.open_project(id).unwrap();
    id
}

#[test]
fn both_sides_of_a_file_that_is_edited_here_and_there_are_kept() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("paper");
    let workbench = open(&temp.path().join("data"));
    let id = linked(&workbench, &folder);
    let file = folder.join("main.tex");
    let mut window = Window::open(&workbench, id, "main.tex", 1);
    window.type_at(0, 3, "ONE");
    fs::write(&file, "one\ntwo\nTHREE\n").unwrap();
    let wanted = "ONE\ntwo\nTHREE\n";
    until("the file is merged", || fs::read_to_string(&file).unwrap() == wanted);
    window.catch_up();
    assert_eq!(window.document.text(), wanted);
    // Replaced by renaming, as many editors save.
    fs::write(folder.join("main.tex~"), "ONE\ntwo and a half\nTHREE\n").unwrap();
    fs::rename(folder.join("main.tex~"), &file).unwrap();
    until("the window has it", || {
        window.catch_up();
        window.document.text().contains("and a half")
    });
}

#[test]
fn what_was_written_while_quire_was_closed_is_merged_with_what_was_not_written_yet() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("paper");
    let data = temp.path().join("data");
    let workbench = open(&data);
    let id = linked(&workbench, &folder);
    let mut window = Window::open(&workbench, id, "main.tex", 1);
    window.type_at(0, 3, "ONE");
    workbench.close();
    fs::write(folder.join("main.tex"), "one\ntwo\nTHREE\n").unwrap();
    let workbench = open(&data);
    workbench.open_project(id).unwrap();
    let text = workbench.text(id, path("main.tex")).unwrap();
    assert!(text.contains("THREE"), "{text}");
    // Whether the first edit had reached the file or not, nothing is there twice.
    assert!(["ONE\ntwo\nTHREE\n", "one\ntwo\nTHREE\n"].contains(&&*text), "{text}");
}

#[test]
fn files_that_come_and_go_in_the_folder_are_followed() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("paper");
    let workbench = open(&temp.path().join("data"));
    let id = linked(&workbench, &folder);
    let paths = || {
        let view = workbench.open_project(id).unwrap();
        view.files.into_iter().map(|file| file.path.to_string()).collect::<Vec<_>>()
    };
    fs::create_dir_all(folder.join("new/deep")).unwrap();
    fs::write(folder.join("new/deep/a.tex"), "a").unwrap();
    until("a file in a new folder", || paths().contains(&"new/deep/a.tex".to_owned()));
    workbench.text(id, path("new/deep/a.tex")).unwrap();
    let mut window = Window::open(&workbench, id, "main.tex", 1);
    window.type_at(0, 0, "% kept\n");
    until("it is written", || {
        fs::read_to_string(folder.join("main.tex")).unwrap().starts_with("% kept")
    });
    fs::remove_file(folder.join("main.tex")).unwrap();
    until("it is gone", || !paths().contains(&"main.tex".to_owned()));
    until("it is in the trash", || {
        workbench.trashed_files(id).unwrap().iter().any(|file| file.path == path("main.tex"))
    });
    // As when another branch is checked out and then this one again.
    fs::write(folder.join("main.tex"), "% kept\none\ntwo\nthree, four\n").unwrap();
    until("it is back", || paths().contains(&"main.tex".to_owned()));
    until("with its history", || {
        workbench.text(id, path("main.tex")).unwrap().contains("four")
            && workbench.history(id, &path("main.tex")).unwrap().last().unwrap().first == 1
    });
}

#[test]
fn deleting_in_a_linked_folder_keeps_the_file_in_the_trash() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("paper");
    let workbench = open(&temp.path().join("data"));
    let id = linked(&workbench, &folder);
    fs::write(folder.join("ch/dot.png"), b"\x89PNG\0").unwrap();
    until("the picture is seen", || workbench.file_bytes(id, &path("ch/dot.png")).is_ok());
    workbench.look_at_folders().unwrap();
    until("it is in the tree", || {
        workbench.open_project(id).unwrap().files.iter().any(|file| file.path == path("ch/dot.png"))
    });
    workbench.trash_path(id, path("ch")).unwrap();
    assert!(!folder.join("ch").exists());
    let file = workbench.trashed_files(id).unwrap()[0].file;
    workbench.restore_file(id, file).unwrap();
    assert_eq!(fs::read(folder.join("ch/dot.png")).unwrap(), b"\x89PNG\0");
}

#[test]
fn a_window_that_tells_its_tabs_takes_no_empty_folder_away() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let files = vec![(path("main.tex"), Vec::new())];
    let id = workbench.create_project("Paper", files, None).unwrap();
    let before = workbench.open_project(id).unwrap().settings;
    workbench.create_folder(id, path("figures")).unwrap();
    workbench.set_project_settings(id, before.clone()).unwrap();
    assert_eq!(workbench.open_project(id).unwrap().empty_folders, [path("figures")]);
    workbench.close_project(id).unwrap();
    workbench.set_project_settings(id, before).unwrap();
    assert_eq!(workbench.open_project(id).unwrap().empty_folders, [path("figures")]);
}

#[test]
fn windows_know_whether_pages_follow_the_keystroke() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    let told = Arc::new(Mutex::new(Vec::new()));
    let states = told.clone();
    workbench
        .listen(move |event| {
            if let Event::LiveState { state, .. } = event {
                states.lock().unwrap().push(state.clone());
            }
            true
        })
        .unwrap();
    let state = || workbench.open_project(id).unwrap().live_state;
    let here = if cfg!(target_os = "linux") { LiveState::NoBuild } else { LiveState::NotHere };
    assert_eq!(state(), here);
    workbench.set_engine(id, "lualatex").unwrap();
    let other = if cfg!(target_os = "linux") { LiveState::OtherEngine } else { LiveState::NotHere };
    assert_eq!(state(), other);
    workbench.set_engine(id, "tectonic").unwrap();
    assert_eq!(state(), here);
    if cfg!(target_os = "linux") {
        assert_eq!(*told.lock().unwrap(), [other, here]);
    }
}

#[test]
fn an_engine_of_tex_live_is_remembered() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    workbench.set_engine(id, "pdflatex").unwrap();
    assert_eq!(workbench.open_project(id).unwrap().engine, "pdflatex");
    workbench.close();
    let workbench = open(temp.path());
    assert_eq!(workbench.open_project(id).unwrap().engine, "pdflatex");
}
