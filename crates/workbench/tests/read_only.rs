//! Disks that are read-only, or become it while Quire is open. Each test mounts a disk of its own in a
//! namespace of its own, which needs no rights on the systems that allow it, and runs there.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use quire_project::ProjectId;
use quire_workbench::{Event, StoreError, Workbench, WorkbenchError};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};
use support::{Window, config, open, path, until};

const INSIDE: &str = "QUIRE_TEST_DISK";

/// Runs `test` in a namespace with a disk at the given place; the same binary, once more.
fn with_disk(name: &str, test: impl FnOnce(&Path)) {
    if let Some(place) = std::env::var_os(INSIDE) {
        let place = PathBuf::from(place);
        assert!(mount(&["-t", "tmpfs", "-o", "size=64m", "quire-test"], &place));
        return test(&place);
    }
    let unshare = || {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--mount"]);
        unshare
    };
    let may_mount = unshare().arg("true").status().is_ok_and(|status| status.success());
    assert!(
        may_mount,
        "{name} needs `unshare` of util-linux, and a system that allows user namespaces"
    );
    let place = tempfile::tempdir().unwrap();
    let status = unshare()
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, place.path())
        .status()
        .unwrap();
    assert!(status.success(), "see above");
}

fn mount(args: &[&str], place: &Path) -> bool {
    Command::new("mount").args(args).arg(place).status().unwrap().success()
}

fn set_writable(place: &Path, writable: bool) {
    let mode = if writable { "remount,rw" } else { "remount,ro" };
    assert!(mount(&["-o", mode], place));
}

fn notices(workbench: &Workbench) -> Arc<Mutex<Vec<String>>> {
    let notices = Arc::new(Mutex::new(Vec::new()));
    let told = notices.clone();
    let listen = move |event: &Event| {
        if let Event::Notice { notice, .. } = event {
            told.lock().unwrap().push(notice.text.clone());
        }
        true
    };
    workbench.listen(listen).unwrap();
    notices
}

/// A window on the file `main.tex` of a linked folder, and what is told meanwhile.
fn open_linked(
    data: &Path,
    folder: &Path,
) -> (Workbench, ProjectId, Window, Arc<Mutex<Vec<String>>>) {
    let workbench = open(data);
    let notices = notices(&workbench);
    let id = workbench.link_folder(folder).unwrap();
    workbench.open_project(id).unwrap();
    let window = Window::open(&workbench, id, "main.tex", 1);
    (workbench, id, window, notices)
}

#[test]
fn a_data_folder_that_is_read_only_at_the_start_is_told() {
    with_disk("a_data_folder_that_is_read_only_at_the_start_is_told", |disk| {
        for has_data in [false, true] {
            if has_data {
                let workbench = open(&disk.join("data"));
                workbench.create_project("Paper", Vec::new(), None).unwrap();
                workbench.close();
            }
            set_writable(disk, false);
            let refused = Workbench::open(config(&disk.join("data"))).map(drop);
            match refused.unwrap_err() {
                WorkbenchError::Store(error) => assert_eq!(error, StoreError::ReadOnly),
                WorkbenchError::Io { source, .. } => {
                    assert_eq!(source.kind(), std::io::ErrorKind::ReadOnlyFilesystem);
                }
                error => panic!("{error}"),
            }
            set_writable(disk, true);
        }
        let workbench = open(&disk.join("data"));
        assert_eq!(
            workbench.projects(quire_workbench::Shelf::Active, "", None).unwrap().projects.len(),
            1
        );
    });
}

#[test]
fn a_folder_that_becomes_read_only_is_told_once_and_written_later() {
    with_disk("a_folder_that_becomes_read_only_is_told_once_and_written_later", |disk| {
        let temp = tempfile::tempdir().unwrap();
        let (file, data) = (disk.join("main.tex"), temp.path().join("data"));
        fs::write(&file, "one\n").unwrap();
        fs::write(disk.join("other.tex"), "other\n").unwrap();
        let (workbench, id, mut window, notices) = open_linked(&data, disk);
        set_writable(disk, false);
        window.type_at(0, 0, "zero\n");
        until("it is told", || !notices.lock().unwrap().is_empty());
        assert!(notices.lock().unwrap()[0].contains("the disk is read-only"));
        assert!(workbench.settle().unwrap().unsaved.is_empty(), "it is safe in the database");
        assert!(workbench.create_file(id, path("new.tex"), "").is_err());
        // Longer than a few tries: what the file has must not be forgotten for what it should have.
        std::thread::sleep(std::time::Duration::from_secs(5));
        window.type_at(0, 0, "less\n");
        set_writable(disk, true);
        until("it is written", || fs::read_to_string(&file).unwrap() == "less\nzero\none\n");
        until("that is told", || notices.lock().unwrap().len() == 2);
        assert!(notices.lock().unwrap()[1].contains("written to its folder again"));
        let tree = workbench.open_project(id).unwrap().files;
        assert_eq!(tree.len(), 2, "nothing is left beside the files");
    });
}

#[test]
fn what_a_read_only_folder_did_not_take_is_written_after_the_next_start() {
    with_disk("what_a_read_only_folder_did_not_take_is_written_after_the_next_start", |disk| {
        let temp = tempfile::tempdir().unwrap();
        let (file, data) = (disk.join("main.tex"), temp.path().join("data"));
        fs::write(&file, "one\n").unwrap();
        let (workbench, id, mut window, notices) = open_linked(&data, disk);
        set_writable(disk, false);
        for letter in ["g", "f", "e", "d", "c", "b", "a"] {
            window.type_at(0, 0, letter);
            std::thread::sleep(std::time::Duration::from_millis(1200));
        }
        until("it is told", || !notices.lock().unwrap().is_empty());
        workbench.close();
        set_writable(disk, true);
        let workbench = open(&data);
        workbench.open_project(id).unwrap();
        until("it is written", || fs::read_to_string(&file).unwrap() == "abcdefgone\n");
        assert_eq!(&*workbench.text(id, path("main.tex")).unwrap(), "abcdefgone\n");
    });
}

#[test]
fn a_disk_that_is_taken_out_and_put_back_loses_nothing() {
    with_disk("a_disk_that_is_taken_out_and_put_back_loses_nothing", |disk| {
        let temp = tempfile::tempdir().unwrap();
        let (stick, data) = (disk.join("stick"), temp.path().join("data"));
        let (kept, file) = (disk.join("kept"), stick.join("main.tex"));
        fs::create_dir_all(&stick).unwrap();
        fs::create_dir_all(&kept).unwrap();
        fs::write(kept.join("main.tex"), "one\n").unwrap();
        let kept = kept.to_str().unwrap();
        assert!(mount(&["--bind", kept], &stick));
        let (workbench, id, mut window, notices) = open_linked(&data, &stick);
        assert!(Command::new("umount").arg(&stick).status().unwrap().success());
        workbench.look_at_folders().unwrap();
        until("it is told", || notices.lock().unwrap().iter().any(|text| text.contains("is gone")));
        window.type_at(0, 0, "zero\n");
        std::thread::sleep(std::time::Duration::from_secs(1));
        assert_eq!(workbench.open_project(id).unwrap().files.len(), 1, "the tree stays");
        assert!(mount(&["--bind", kept], &stick));
        window.type_at(0, 0, "less\n");
        until("it is written", || fs::read_to_string(&file).unwrap() == "less\nzero\none\n");
        assert_eq!(&*workbench.text(id, path("main.tex")).unwrap(), "less\nzero\none\n");
    });
}

/// The text has what others wrote, the file has not what was written here: no state of the history.
#[test]
fn what_others_wrote_into_a_folder_that_takes_nothing_comes_once_after_the_next_start() {
    let name = "what_others_wrote_into_a_folder_that_takes_nothing_comes_once_after_the_next_start";
    with_disk(name, |disk| {
        let temp = tempfile::tempdir().unwrap();
        let data = temp.path().join("data");
        let (ours, theirs) = (disk.join("ours"), disk.join("theirs"));
        fs::create_dir_all(&ours).unwrap();
        fs::create_dir_all(&theirs).unwrap();
        fs::write(theirs.join("main.tex"), "one\n").unwrap();
        let theirs = theirs.to_str().unwrap();
        assert!(mount(&["--bind", theirs], &ours));
        assert!(mount(&["-o", "remount,bind,ro"], &ours));
        let workbench = open(&data);
        let id = workbench.link_folder(&ours).unwrap();
        workbench.open_project(id).unwrap();
        let mut window = Window::open(&workbench, id, "main.tex", 1);
        window.type_at(0, 0, "zero\n");
        let file = Path::new(theirs).join("main.tex");
        fs::write(&file, "one\ntwo\n").unwrap();
        let both = "zero\none\ntwo\n";
        until("both", || &*workbench.text(id, path("main.tex")).unwrap() == both);
        workbench.close();
        let workbench = open(&data);
        workbench.open_project(id).unwrap();
        assert_eq!(&*workbench.text(id, path("main.tex")).unwrap(), both);
        assert!(mount(&["-o", "remount,bind,rw"], &ours));
        until("it is written", || fs::read_to_string(&file).unwrap() == both);
        assert_eq!(&*workbench.text(id, path("main.tex")).unwrap(), both);
    });
}
