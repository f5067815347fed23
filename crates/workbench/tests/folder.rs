//! A linked folder with what folders hold: branches that change, encodings, links, files that are no text.

#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use quire_project::{ContentHash, ProjectId};
use quire_store::{DiskState, Options, Seq, Store};
use quire_workbench::{TextVersion, Workbench, WorkbenchError};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};
use support::{Window, open, path, until};

fn after(update: u64) -> TextVersion {
    TextVersion::Here { update }
}

fn git(folder: &Path, args: &[&str]) {
    let git = Command::new("git")
        .args([
            "-c",
            "user.name=Ada",
            "-c",
            "user.email=ada@example.org",
            "-c",
            "commit.gpgsign=false",
        ])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
}

fn linked(workbench: &Workbench, folder: &Path) -> ProjectId {
    let id = workbench.link_folder(folder).unwrap();
    workbench.open_project(id).unwrap();
    id
}

fn names(workbench: &Workbench, id: ProjectId) -> Vec<String> {
    let view = workbench.open_project(id).unwrap();
    view.files.into_iter().map(|file| file.path.to_string()).collect()
}

#[test]
fn another_branch_is_followed_and_the_first_comes_back_with_its_history() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("paper");
    let data = temp.path().join("data");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("main.tex"), "one\ntwo\nthree\n").unwrap();
    fs::write(folder.join("only-here.tex"), "here\n").unwrap();
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "first"]);
    git(&folder, &["checkout", "-q", "-b", "other"]);
    fs::write(folder.join("main.tex"), "one\nTWO\nthree\nfour\n").unwrap();
    fs::remove_file(folder.join("only-here.tex")).unwrap();
    git(&folder, &["commit", "-q", "-a", "-m", "other"]);
    git(&folder, &["checkout", "-q", "main"]);

    let workbench = open(&data);
    let id = linked(&workbench, &folder);
    let mut window = Window::open(&workbench, id, "main.tex", 1);
    let mut here = Window::open(&workbench, id, "only-here.tex", 2);
    here.type_at(0, 0, "still ");
    let file = folder.join("only-here.tex");
    until("it is written", || fs::read_to_string(&file).unwrap() == "still here\n");
    git(&folder, &["commit", "-q", "-a", "-m", "still"]);
    git(&folder, &["checkout", "-q", "other"]);
    until("the other branch", || {
        window.catch_up();
        window.document.text() == "one\nTWO\nthree\nfour\n" && names(&workbench, id) == ["main.tex"]
    });
    // What was merged is a state that the next start knows: nothing comes twice.
    workbench.close();
    let workbench = open(&data);
    let id = linked(&workbench, &folder);
    assert_eq!(&*workbench.text(id, path("main.tex")).unwrap(), "one\nTWO\nthree\nfour\n");
    git(&folder, &["checkout", "-q", "main"]);
    until("the first branch", || {
        names(&workbench, id).len() == 2
            && &*workbench.text(id, path("main.tex")).unwrap() == "one\ntwo\nthree\n"
    });
    assert_eq!(names(&workbench, id), ["main.tex", "only-here.tex"]);
    assert_eq!(&*workbench.text(id, path("main.tex")).unwrap(), "one\ntwo\nthree\n");
    assert_eq!(&*workbench.text(id, path("only-here.tex")).unwrap(), "still here\n");
    let history = workbench.history(id, &path("only-here.tex")).unwrap();
    assert_eq!(history.last().unwrap().first, 1, "its history goes back to its first state");
    assert_eq!(workbench.old_text(id, &path("only-here.tex"), after(1)).unwrap().text, "here\n");
    assert_eq!(workbench.trashed_files(id).unwrap(), []);
    let status = Command::new("git").args(["status", "--porcelain"]).current_dir(&folder).output();
    assert_eq!(String::from_utf8(status.unwrap().stdout).unwrap(), "", "nothing was written");
}

#[test]
fn line_ends_encodings_links_and_other_files_stay_what_they_are() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().join("paper");
    fs::create_dir_all(folder.join("sub")).unwrap();
    let utf16: Vec<u8> = "\u{feff}caf\u{e9}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let files: [(&str, &[u8]); 5] = [
        ("crlf.tex", b"one\r\ntwo\r\n"),
        ("latin.tex", b"caf\xe9\n"),
        ("utf16.tex", &utf16),
        ("bom.tex", b"\xef\xbb\xbfone\n"),
        ("picture.png", b"\x89PNG\r\n\0\0"),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    std::os::unix::fs::symlink("..", folder.join("sub/loop")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.join("dangling.tex")).unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.join("outside.tex")).unwrap();
    let huge = fs::File::create(folder.join("huge.dat")).unwrap();
    huge.set_len(3 << 30).unwrap();

    let workbench = open(&temp.path().join("data"));
    let id = linked(&workbench, &folder);
    assert!(workbench.text(id, path("huge.dat")).is_err());
    for (number, name) in [(1, "crlf.tex"), (2, "latin.tex"), (3, "bom.tex")] {
        let mut window = Window::open(&workbench, id, name, number);
        let end = window.document.len();
        window.type_at(end, 0, "é");
    }
    let holds = |name: &str, bytes: &[u8]| fs::read(folder.join(name)).unwrap() == bytes;
    until("CRLF stays", || holds("crlf.tex", "one\r\ntwo\r\né".as_bytes()));
    until("Latin-1 stays", || holds("latin.tex", b"caf\xe9\n\xe9"));
    until("the mark stays", || holds("bom.tex", "\u{feff}one\né".as_bytes()));
    for name in ["picture.png", "utf16.tex", "outside.tex"] {
        let refused = workbench.text(id, path(name));
        assert!(
            matches!(
                refused,
                Err(WorkbenchError::NotText(_)
                    | WorkbenchError::Read(_)
                    | WorkbenchError::NoFile(_))
            ),
            "{name}: {refused:?}"
        );
    }
    assert!(holds("utf16.tex", &utf16));
}

/// A paper of one file, open, with that file's place.
fn paper(temp: &Path, text: &str) -> (Workbench, ProjectId, PathBuf) {
    let folder = temp.join("paper");
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("main.tex");
    fs::write(&file, text).unwrap();
    let workbench = open(&temp.join("data"));
    let id = linked(&workbench, &folder);
    (workbench, id, file)
}

/// The text and the file after a start, once nothing is written any more.
fn after_start(data: &Path, id: ProjectId, file: &Path) -> (String, String) {
    let workbench = open(data);
    workbench.open_project(id).unwrap();
    let text = workbench.text(id, path("main.tex")).unwrap();
    workbench.close();
    (text.to_string(), fs::read_to_string(file).unwrap())
}

fn both(text: &str) -> (String, String) {
    (text.to_owned(), text.to_owned())
}

#[test]
fn a_branch_that_comes_back_while_quire_is_closed_stays() {
    let temp = tempfile::tempdir().unwrap();
    let (main, other) = ("one\ntwo\nthree\n", "one\nTWO\nthree\nfour\n");
    let (workbench, id, file) = paper(temp.path(), main);
    let mut window = Window::open(&workbench, id, "main.tex", 1);
    fs::write(&file, other).unwrap();
    until("the other branch", || {
        window.catch_up();
        window.document.text() == other
    });
    workbench.close();
    for branch in [main, other, main] {
        fs::write(&file, branch).unwrap();
        assert_eq!(after_start(&temp.path().join("data"), id, &file), both(branch));
    }
}

#[test]
fn a_file_that_was_put_back_to_what_it_was_before_our_edit_stays() {
    let temp = tempfile::tempdir().unwrap();
    let (workbench, id, file) = paper(temp.path(), "one\n");
    let mut window = Window::open(&workbench, id, "main.tex", 1);
    for text in ["two\none\n", "three\ntwo\none\n"] {
        window.type_at(0, 0, text.strip_suffix(&window.document.text()).unwrap());
        until("it is written", || fs::read_to_string(&file).unwrap() == text);
    }
    workbench.close();
    fs::write(&file, "two\none\n").unwrap();
    assert_eq!(after_start(&temp.path().join("data"), id, &file), both("two\none\n"));
    let workbench = open(&temp.path().join("data"));
    workbench.open_project(id).unwrap();
    let history = workbench.history(id, &path("main.tex")).unwrap();
    let old = |seq| workbench.old_text(id, &path("main.tex"), after(seq)).unwrap().text;
    assert!(history.iter().any(|entry| old(entry.last) == "two\none\n"));
    assert_eq!(old(3), "three\ntwo\none\n", "what was put back is in the history");
}

/// Killed before the write was planned, between plan and write, and between the write and its note.
#[test]
fn an_edit_that_a_crash_kept_from_its_file_is_written_after_the_next_start() {
    let temp = tempfile::tempdir().unwrap();
    let (workbench, id, file) = paper(temp.path(), "one\n");
    let mut window = Window::open(&workbench, id, "main.tex", 1);
    window.type_at(0, 0, "zero\n");
    assert!(workbench.settle().unwrap().unsaved.is_empty());
    let killed = temp.path().join("killed");
    fs::create_dir(&killed).unwrap();
    for name in ["quire.db", "quire.db-wal"] {
        fs::copy(temp.path().join("data").join(name), killed.join(name)).unwrap();
    }
    workbench.close();
    fs::write(&file, "one\n").unwrap();
    assert_eq!(after_start(&killed, id, &file), both("zero\none\n"));

    let file_id = {
        let store = Store::open(&killed.join("quire.db"), &Options::default()).unwrap();
        store.read(|tx| tx.files(id)).unwrap()[0].id
    };
    for on_disk in ["one\n", "zero\none\n"] {
        let store = Store::open(&killed.join("quire.db"), &Options::default()).unwrap();
        let state = |seq: u64, text: &str| {
            let hash = ContentHash::of(text.as_bytes());
            DiskState { seq: Seq(seq), hash, merged: None }
        };
        let (before, planned) = (state(1, "one\n"), state(2, "zero\none\n"));
        store.write(move |tx| tx.agree_on_disk_state(file_id, &before)).unwrap();
        store.write(move |tx| tx.plan_disk_state(file_id, &planned)).unwrap();
        drop(store);
        fs::write(&file, on_disk).unwrap();
        assert_eq!(after_start(&killed, id, &file), both("zero\none\n"));
    }
}
