//! Copies of a relay that serves, and what becomes of them.

#![allow(clippy::unwrap_used)]

mod support;

use quire_project::ContentHash;
use serde_json::json;
use std::{
    path::Path,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};
use support::{Author, Desk, Relay};

/// Run a command of the relay: what it said, if it was done.
fn run(command: &str, folder: &Path, data: &Path) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .arg(command)
        .arg(folder)
        .arg("--data")
        .arg(data)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

#[test]
fn a_relay_is_copied_while_people_write_and_serves_again_elsewhere() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let owner = relay.client().with(&desk.pass.token);
    let at = format!("/projects/{}", desk.project);
    let bytes = b"a picture".to_vec();
    let hash = ContentHash::of(&bytes).to_string();
    let upload = owner.post(&format!("{at}/uploads"), json!({ "hash": hash, "size": bytes.len() }));
    let path = format!("{at}/uploads/{}?offset=0", upload.text("id"));
    assert_eq!(owner.bytes("PATCH", &path, &[], &bytes).status().as_u16(), 200);
    let file = format!("{at}/files/{}", quire_relay::directory::FileId::new());
    owner.put(&file, json!({ "path": "a.png", "hash": hash })).done();
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    author.type_at(0, 0, "written before");
    author.until("saved", |author| author.line.is_saved());
    let before = author.acknowledged.len();
    // And on it goes.
    let is_over = Arc::new(AtomicBool::new(false));
    let over = Arc::clone(&is_over);
    let writing = thread::spawn(move || {
        while !over.load(Ordering::Relaxed) {
            author.type_at(0, 0, "more ");
            author.until("saved", |author| author.line.is_saved());
        }
        author
    });
    let elsewhere = tempfile::tempdir().unwrap();
    for nth in 0..3 {
        let said = run("backup", &elsewhere.path().join(nth.to_string()), desk.path()).unwrap();
        assert!(said.contains("1 different contents"), "{said}");
    }
    is_over.store(true, Ordering::Relaxed);
    let author = writing.join().unwrap();
    assert!(author.acknowledged.len() > before);
    let copy = elsewhere.path().join("2");
    let not_empty = run("backup", &copy, desk.path()).unwrap_err();
    assert!(not_empty.contains("is not empty"), "{not_empty}");
    let not_empty = run("restore", &copy, desk.path()).unwrap_err();
    assert!(not_empty.contains("is not empty"), "{not_empty}");
    drop(relay);
    let data = elsewhere.path().join("data");
    run("restore", &copy, &data).unwrap();
    let relay = Relay::start(&data, &[]);
    let owner = relay.client().with(&desk.pass.token);
    let read = owner.bytes("GET", &format!("{at}/blobs/{hash}"), &[], b"");
    assert_eq!((read.status().as_u16(), read.body()), (200, &bytes));
    let text =
        owner.get(&format!("{at}/documents/{}/history/latest", desk.pass.document)).text("text");
    assert!(text.ends_with("written before") && text.starts_with("more "), "{text}");
    // Whoever wrote since brings it back.
    let mut author = author;
    author.cut();
    assert!(author.connect(&relay.address));
    author.until("saved", |author| author.line.is_saved());
    let text = author.document.text();
    let kept = owner.get(&format!("{at}/documents/{}/history/latest", desk.pass.document));
    assert_eq!(kept.text("text"), text);
    let folders = std::fs::read_dir(elsewhere.path()).unwrap();
    let names: Vec<_> = folders.map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("partial")), "{names:?}");
}

#[test]
fn a_copy_that_is_not_whole_is_not_put_back() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    author.type_at(0, 0, "words");
    author.until("saved", |author| author.line.is_saved());
    let elsewhere = tempfile::tempdir().unwrap();
    let (copy, data) = (elsewhere.path().join("copy"), elsewhere.path().join("data"));
    run("backup", &copy, desk.path()).unwrap();
    let conn = rusqlite::Connection::open(copy.join("relay.sqlite3")).unwrap();
    assert!(conn.execute("UPDATE updates SET bytes = x'0000'", []).unwrap() > 0);
    drop(conn);
    let damaged = run("restore", &copy, &data).unwrap_err();
    assert!(damaged.contains("damaged"), "{damaged}");
    std::fs::remove_file(copy.join("directory.sqlite3")).unwrap();
    let missing = run("restore", &copy, &data).unwrap_err();
    assert!(missing.contains("no whole copy"), "{missing}");
    assert!(!data.exists());
}
