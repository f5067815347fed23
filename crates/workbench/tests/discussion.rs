//! The discussion of a project as windows have it: shared, kept, and nothing that a build or a folder sees.

#![allow(clippy::unwrap_used)]

mod support;

use quire_project::ProjectId;
use quire_store::{Options, Store};
use quire_workbench::{Event, FileEntry, SaveState, Workbench};
use std::{
    fs,
    sync::{Arc, Mutex},
};
use support::{Window, config, open, path, until};

fn project(workbench: &Workbench) -> ProjectId {
    let files = vec![(path("main.tex"), b"Text\n".to_vec())];
    let id = workbench.create_project("Paper", files, Some(&path("main.tex"))).unwrap();
    workbench.open_project(id).unwrap();
    id
}

#[test]
fn what_is_said_in_one_window_the_other_hears_and_the_next_start_finds() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    let lineage = workbench.discussion_of(id).unwrap();
    let mut one = Window::on_discussion(&workbench, id, 1);
    let mut two = Window::on_discussion(&workbench, id, 2);
    let mut text = Window::open(&workbench, id, "main.tex", 3);
    one.type_at(0, 0, "Is this so?");
    two.catch_up();
    two.type_at(0, 0, "It is. ");
    one.catch_up();
    text.catch_up();
    assert_eq!(one.document.text(), "It is. Is this so?");
    assert_eq!(two.document.text(), one.document.text());
    assert_eq!(text.document.text(), "Text\n", "nothing of it is in a file");
    workbench.close();

    let workbench = open(temp.path());
    workbench.open_project(id).unwrap();
    let again = Window::on_discussion(&workbench, id, 4);
    assert_eq!(again.document.text(), "It is. Is this so?");
    assert_eq!(workbench.discussion_of(id).unwrap(), lineage);
    assert_eq!(*workbench.text(id, path("main.tex")).unwrap(), *"Text\n");
}

#[test]
fn a_discussion_takes_what_windows_make_and_a_text_nothing_but_letters() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    // By client 7, the first of the list `chat`: null.
    let said = [&[1, 1, 7, 0, 8, 1, 4], &b"chat"[..], &[1, 126, 0]].concat();
    let one = Window::on_discussion(&workbench, id, 1);
    one.send(said.clone()).unwrap();
    let two = Window::on_discussion(&workbench, id, 2);
    assert!(two.document.holds(&said).unwrap());
    let text = Window::open(&workbench, id, "main.tex", 3);
    let refused = text.send(said.clone()).unwrap_err();
    assert!(refused.to_string().contains("nothing but letters"), "{refused}");
    let again = Window::open(&workbench, id, "main.tex", 4);
    assert!(!again.document.holds(&said).unwrap());
    assert_eq!(again.document.text(), "Text\n");
    workbench.close();

    let workbench = open(temp.path());
    workbench.open_project(id).unwrap();
    assert!(Window::on_discussion(&workbench, id, 5).document.holds(&said).unwrap());
}

#[test]
fn a_long_discussion_is_read_from_a_snapshot() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    let mut window = Window::on_discussion(&workbench, id, 1);
    for number in 0..250 {
        window.type_at(0, 0, &format!("{number}\n"));
        workbench.settle().unwrap();
    }
    let lineage = workbench.discussion_of(id).unwrap();
    workbench.close();
    let store = Store::open(&config(temp.path()).database(), &Options::default()).unwrap();
    let loaded = store.read(|tx| tx.load(lineage)).unwrap();
    assert!(loaded.snapshot.is_some() && loaded.updates.len() < 250, "{}", loaded.updates.len());
    drop(store);
    let workbench = open(temp.path());
    workbench.open_project(id).unwrap();
    let again = Window::on_discussion(&workbench, id, 2);
    assert_eq!(again.document.text(), window.document.text());
}

#[test]
fn what_is_said_on_a_full_disk_is_told_and_saved_later() {
    let temp = tempfile::tempdir().unwrap();
    let workbench = open(temp.path());
    let id = project(&workbench);
    let last = Arc::new(Mutex::new(SaveState::Saved));
    let told = last.clone();
    let listen = move |event: &Event| {
        if let Event::Saving { state, .. } = event {
            *told.lock().unwrap() = state.clone();
        }
        true
    };
    workbench.listen(listen).unwrap();
    let mut window = Window::on_discussion(&workbench, id, 1);
    workbench.limit_database(Some(400_000)).unwrap();
    window.type_at(0, 0, &"x".repeat(500_000));
    until("it is said", || matches!(*last.lock().unwrap(), SaveState::Failed { .. }));
    workbench.close_project(id).unwrap();
    let still = Window::on_discussion(&workbench, id, 2);
    assert_eq!(still.document.len(), 500_000, "a project with what is not saved stays open");
    workbench.limit_database(None).unwrap();
    until("it is saved", || *last.lock().unwrap() == SaveState::Saved);
    workbench.close();
    let workbench = open(temp.path());
    workbench.open_project(id).unwrap();
    assert_eq!(Window::on_discussion(&workbench, id, 3).document.len(), 500_000);
}

/// Comments know a text by its document, and a file of a folder has none before it is opened.
#[test]
fn windows_are_told_the_document_of_a_file_of_a_folder_when_it_gets_one() {
    let (data, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("main.tex"), "Text\n").unwrap();
    let workbench = open(data.path());
    let files: Arc<Mutex<Vec<FileEntry>>> = Arc::default();
    let told = files.clone();
    let listen = move |event: &Event| {
        if let Event::FilesChanged { files, .. } = event {
            *told.lock().unwrap() = files.clone();
        }
        true
    };
    workbench.listen(listen).unwrap();
    let id = workbench.link_folder(folder.path()).unwrap();
    let seen = workbench.open_project(id).unwrap().files;
    assert_eq!(seen[0].document, None);
    let _window = Window::open(&workbench, id, "main.tex", 1);
    until("it is told", || {
        files.lock().unwrap().first().is_some_and(|file| file.document.is_some())
    });
    let known = files.lock().unwrap()[0].document;
    assert_eq!(workbench.open_project(id).unwrap().files[0].document, known);
}
