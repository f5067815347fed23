//! Projects out of archives, also of hostile ones.

#![allow(clippy::unwrap_used)]

mod support;

use quire_relay::{archive::Archive, directory};
use serde_json::{Value, json};
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};
use support::{Desk, Relay};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// As somebody writes it who does not look.
const OWNER: &str = "Owner@Example.org";

/// A zip with these entries, beside the relay's folder.
fn packed(folder: &Path, name: &str, entries: &[(&str, &[u8])]) -> PathBuf {
    let path = folder.join(name);
    let mut zip = ZipWriter::new(File::create(&path).unwrap());
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (entry, bytes) in entries {
        zip.start_file(*entry, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    path
}

/// What `quire-relay import` said: if it was done, else why not.
fn import(data: &Path, archive: &Path, owner: &str, more: &[&str]) -> Result<String, String> {
    let output = Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .args(["import", "--data"])
        .arg(data)
        .arg(archive)
        .args(["--owner", owner])
        .args(more)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

/// What the relay keeps: documents in the log, blobs, entries of the audit log.
fn kept(desk: &Desk) -> (u64, usize, i64) {
    let documents = quire_relay::archive::verify(desk.path()).unwrap();
    let (head, hashes) = directory::check(desk.path(), None).unwrap();
    (documents, hashes.len(), head.entries)
}

#[test]
fn an_archive_becomes_a_project_of_its_owner() {
    let (desk, outside) = (Desk::new(), tempfile::tempdir().unwrap());
    let picture: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let source = "\\documentclass{article}\r\n\\begin{document}Öfen 𝒜\\end{document}\n";
    let entries: [(&str, &[u8]); 5] = [
        ("thesis/main.tex", source.as_bytes()),
        ("thesis/chapters/empty.tex", b""),
        ("thesis/old.tex", b"caf\xe9\n"),
        ("thesis/figures/one.png", &picture),
        ("thesis/figures/again.png", &picture),
    ];
    let zip = packed(outside.path(), "from elsewhere.zip", &entries);
    let said = import(desk.path(), &zip, OWNER, &[]).unwrap();
    assert!(said.contains("“thesis” was made, with 3 texts and 2 other files"), "{said}");
    assert!(said.contains("old.tex"), "{said}");

    let relay = Relay::start(desk.path(), &[]);
    let owner = relay.client().with(&desk.pass.token);
    let projects = owner.get("/projects").done();
    let project = projects.as_array().unwrap().iter().find(|p| p["name"] == "thesis").unwrap();
    assert_eq!((&project["role"], &project["members"]), (&json!("owner"), &json!(1)));
    let at = format!("/projects/{}", project["id"].as_str().unwrap());
    let paths = |list: &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|d| d["path"].as_str().unwrap().to_owned()).collect()
    };
    let texts = owner.get(&format!("{at}/documents")).done();
    assert_eq!(paths(&texts), ["chapters/empty.tex", "main.tex", "old.tex"]);
    let files = owner.get(&format!("{at}/files")).done();
    assert_eq!(paths(&files), ["figures/again.png", "figures/one.png"]);
    let hash = files[0]["hash"].as_str().unwrap();
    let read = owner.bytes("GET", &format!("{at}/blobs/{hash}"), &[], b"");
    assert_eq!(read.body(), &picture);
    drop(relay);

    let archive = Archive::open(desk.path(), None).unwrap();
    let text = |nth: usize| {
        let loaded = archive.load(texts[nth]["id"].as_str().unwrap()).unwrap();
        loaded.replica.text("text")
    };
    assert_eq!([text(0), text(1), text(2)], ["", source, "café\n"]);
    drop(archive);
    // The one that was there, two with texts; both pictures are the same bytes.
    assert_eq!((kept(&desk).0, kept(&desk).1), (2, 1));
}

#[test]
fn an_archive_that_is_refused_changes_nothing() {
    let (desk, outside) = (Desk::new(), tempfile::tempdir().unwrap());
    drop(Archive::open(desk.path(), None).unwrap());
    let before = kept(&desk);
    let bomb = vec![0; 64 << 20];
    let large = [("main.tex", &b"x"[..]), ("a.png", b"\x89PNG\0\0\0"), ("b.tex", &[b'x'; 4000])];
    let hostile = [
        (packed(outside.path(), "bomb.zip", &[("a.png", &bomb)]), vec![], "too large"),
        (packed(outside.path(), "out.zip", &[("../../a.tex", b"x")]), vec![], "outside"),
        (packed(outside.path(), "both.zip", &[("a", b"x"), ("a/b", b"x")]), vec![], "both a file"),
        (
            packed(outside.path(), "large.zip", &large),
            vec!["--set", "limits.document_bytes=1000"],
            "larger than a text may be",
        ),
        (
            packed(outside.path(), "one too many.zip", &large),
            vec!["--set", "limits.projects_per_user=1"],
            "may own 1",
        ),
        (outside.path().join("none.zip"), vec![], "cannot read"),
    ];
    for (archive, arguments, why) in &hostile {
        let said = import(desk.path(), archive, OWNER, arguments).unwrap_err();
        assert!(said.contains(why), "{}: {said}", archive.display());
        assert_eq!(kept(&desk), before, "{}", archive.display());
    }
    let leftovers = std::fs::read_dir(desk.path().join("uploads")).unwrap().count();
    assert_eq!(leftovers, 0);
}

#[test]
fn a_relay_that_serves_is_not_written_into_and_a_stranger_owns_nothing() {
    let (desk, outside) = (Desk::new(), tempfile::tempdir().unwrap());
    let zip = packed(outside.path(), "a.zip", &[("main.tex", b"x")]);
    let relay = Relay::start(desk.path(), &[]);
    let said = import(desk.path(), &zip, OWNER, &[]).unwrap_err();
    assert!(said.contains("end the relay first"), "{said}");
    drop(relay);
    let said = import(desk.path(), &zip, "nobody@example.org", &[]).unwrap_err();
    assert!(said.contains("nobody"), "{said}");
}
