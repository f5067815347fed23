//! The history of a text through the real server: what was written when and by whom, and back to it.

#![allow(clippy::unwrap_used)]

mod support;

use quire_relay::archive::Archive;
use serde_json::{Value, json};
use support::{Author, Desk, Pass, Relay, http::Client, person};

struct Here {
    desk: Desk,
    relay: Relay,
    owner: Client,
    /// Of the text.
    at: String,
}

impl Here {
    fn new() -> Self {
        let desk = Desk::new();
        let relay = Relay::start(desk.path(), &[]);
        let owner = relay.client().with(&desk.pass.token);
        let at = format!("/projects/{}/documents/{}/history", desk.project, desk.pass.document);
        Self { desk, relay, owner, at }
    }

    fn joins(&self, name: &str, role: &str) -> (Client, String) {
        let who = person(&self.desk, &self.relay, name);
        let links = format!("/projects/{}/links", self.desk.project);
        let link = self.owner.post(&links, json!({ "role": role })).done();
        let secret = link["url"].as_str().unwrap().split_once("#link=").unwrap().1;
        who.post("/links/join", json!({ "secret": secret })).done();
        let id = who.get("/me").done()["id"].as_str().unwrap().to_owned();
        (who, id)
    }

    fn author(&self, who: &Client, random: u64) -> Author {
        let token = who.token.clone().unwrap();
        let mut author = Author::new(random, &Pass { token, document: self.desk.pass.document });
        assert!(author.connect(&self.relay.address));
        author.until("open", |author| author.line.is_saved());
        author
    }

    fn latest(&self) -> Value {
        self.owner.get(&format!("{}/latest", self.at)).done()
    }
}

fn types(author: &mut Author, at: u32, removed: u32, text: &str) {
    author.type_at(at, removed, text);
    author.until("saved", |author| author.line.is_saved());
}

fn goes_on(author: &mut Author, text: &str) {
    let length = author.document.len();
    types(author, length, 0, text);
}

#[test]
fn versions_tell_who_wrote_what_and_one_goes_back_to_them() {
    let here = Here::new();
    let (ann, ann_id) = here.joins("Ann", "editor");
    let mut owner = here.author(&here.owner, 1);
    types(&mut owner, 0, 0, "one two three");
    let first = here.latest();
    assert_eq!(first["text"], "one two three");
    let first = first["number"].as_u64().unwrap();
    here.owner.put(&format!("{}/{first}/name", here.at), json!({ "name": "Sent in" })).done();
    let mut other = here.author(&ann, 2);
    other.until("read", |author| author.document.len() == 13);
    types(&mut other, 4, 3, "2");
    types(&mut other, 11, 0, "!");
    owner.until("told", |author| author.document.text() == "one 2 three!");
    let listed = here.owner.get(&here.at).done();
    let [later, earlier] = &listed.as_array().unwrap()[..] else { panic!("{listed}") };
    assert_eq!((&earlier["name"], &earlier["number"]), (&json!("Sent in"), &json!(first)));
    assert_eq!(earlier["authors"][0]["name"], "Owner");
    assert_eq!(later["authors"], json!([{ "user": ann_id, "name": "Ann" }]));
    assert!(later["ended_at"].as_str().unwrap().starts_with("20"));
    assert_eq!(here.owner.get(&format!("{}?named=true", here.at)).done(), json!([earlier]));
    let changes = here.owner.get(&format!("{}/latest/changes?since={first}", here.at)).done();
    assert_eq!(
        changes["changes"],
        json!([
            { "at": 4, "removed": "two", "inserted": "2" },
            { "at": 13, "removed": "", "inserted": "!" }
        ])
    );
    let parts = here.owner.get(&format!("{}/latest/authors", here.at)).done();
    let by = |part: &Value| {
        let name = part["author"]["name"].as_str().unwrap().to_owned();
        (part["at"].as_u64().unwrap(), part["length"].as_u64().unwrap(), name)
    };
    let parts: Vec<_> = parts.as_array().unwrap().iter().map(by).collect();
    let expected = [(0, 4, "Owner"), (4, 1, "Ann"), (5, 6, "Owner"), (11, 1, "Ann")];
    assert_eq!(parts, expected.map(|(at, length, name)| (at, length, name.to_owned())));
    let part = here.owner.get(&format!("{}/latest/authors?from=2&to=5", here.at)).done();
    assert_eq!(
        (&part[0]["at"], &part[1]["length"], &part[2]),
        (&json!(2), &json!(1), &json!(null))
    );
    // Back, while somebody has it open: a change like any other.
    let restored = ann.post(&format!("{}/{first}/restore", here.at), json!({})).done();
    assert_eq!(restored["is_changed"], true);
    owner.until("told", |author| author.document.text() == "one two three");
    assert_eq!(here.latest()["text"], "one two three");
    let again = ann.post(&format!("{}/{first}/restore", here.at), json!({})).done();
    assert_eq!(again["is_changed"], false);
    types(&mut owner, 0, 0, "> ");
    other.until("told", |author| author.document.text() == "> one two three");
    let audit = here.owner.get(&format!("/projects/{}/audit", here.desk.project)).done();
    assert!(audit.as_array().unwrap().iter().any(|entry| entry["action"] == "history.restore"));
}

#[test]
fn all_texts_of_a_project_are_named_in_one_moment_and_kept_as_they_are() {
    let here = Here::new();
    let (ann, _) = here.joins("Ann", "editor");
    let mut owner = here.author(&here.owner, 1);
    types(&mut owner, 0, 0, "one");
    let versions = format!("/projects/{}/versions", here.desk.project);
    for name in ["Draft", "Draft", " Second "] {
        ann.post(&versions, json!({ "name": name })).done();
    }
    types(&mut owner, 3, 0, " two");
    ann.post(&versions, json!({ "name": "Third" })).done();
    let listed = here.owner.get(&here.at).done();
    let named = |at: usize| (listed[at]["project_names"].clone(), listed[at]["name"].clone());
    assert_eq!(named(0), (json!(["Third"]), json!(null)));
    assert_eq!(named(1), (json!(["Draft", "Second"]), json!(null)));
    assert_eq!(listed.as_array().unwrap().len(), 2, "a name ends a version");
    assert_eq!(here.owner.get(&format!("{}?named=true", here.at)).done(), listed);
    let first = here.owner.get(&format!("{}/{}", here.at, listed[1]["number"])).done();
    assert_eq!(first["text"], "one");
    let audit = here.owner.get(&format!("/projects/{}/audit", here.desk.project)).done();
    let told = audit.as_array().unwrap().iter();
    let told = told.filter(|entry| entry["action"] == "history.name_all");
    assert_eq!(told.count(), 4);

    here.owner.post(&versions, json!({ "name": " " })).refused(422, "invalid");
    for role in ["viewer", "commenter"] {
        let (who, _) = here.joins(role, role);
        who.post(&versions, json!({ "name": "x" })).refused(403, "forbidden");
    }
    let mallory = person(&here.desk, &here.relay, "Mallory");
    mallory.post(&versions, json!({ "name": "x" })).refused(404, "not-found");
}

#[test]
fn what_was_removed_is_for_editors_to_see() {
    let here = Here::new();
    let mut owner = here.author(&here.owner, 1);
    types(&mut owner, 0, 0, "a secret");
    types(&mut owner, 2, 6, "word");
    let number = here.latest()["number"].as_u64().unwrap();
    for role in ["viewer", "commenter"] {
        let (who, _) = here.joins(role, role);
        for refused in [
            who.get(&here.at),
            who.get(&format!("{}/1", here.at)),
            who.get(&format!("{}/latest/changes?since=1", here.at)),
            who.get(&format!("{}/1/authors", here.at)),
            who.put(&format!("{}/1/name", here.at), json!({ "name": "x" })),
            who.post(&format!("{}/1/restore", here.at), json!({})),
            who.delete(&here.at),
        ] {
            refused.refused(403, "forbidden");
        }
        // Who wrote what he can read, he may know.
        let parts = who.get(&format!("{}/latest/authors", here.at)).done();
        assert_eq!(parts[0]["author"]["name"], "Owner");
    }
    let mallory = person(&here.desk, &here.relay, "Mallory");
    mallory.get(&here.at).refused(404, "not-found");
    mallory.get(&format!("{}/latest/authors", here.at)).refused(404, "not-found");
    // Nor by the way of a project of his own.
    let own = mallory.post("/projects", json!({ "name": "Mine" })).done();
    let way = here.at.replace(&here.desk.project.to_string(), own["id"].as_str().unwrap());
    mallory.get(&way).refused(404, "not-found");
    here.owner.get(&format!("{}/{}", here.at, number + 1)).refused(404, "not-found");
    here.owner.get(&format!("{}/0", here.at)).refused(404, "not-found");
    here.owner.get(&format!("{}/none", here.at)).refused(404, "not-found");
    let (editor, _) = here.joins("Editor", "editor");
    editor.delete(&here.at).refused(403, "forbidden");
}

#[test]
fn a_long_history_outlives_its_snapshots_and_a_name_keeps_a_version() {
    let here = Here::new();
    let mut owner = here.author(&here.owner, 1);
    for nth in 0..60 {
        goes_on(&mut owner, &format!("{nth} "));
    }
    let then = here.latest();
    let number = then["number"].as_u64().unwrap();
    here.owner.put(&format!("{}/{number}/name", here.at), json!({ "name": " Draft " })).done();
    goes_on(&mut owner, "59a ");
    let whole = here.latest();
    let versions = format!("/projects/{}/versions", here.desk.project);
    here.owner.post(&versions, json!({ "name": "All of it" })).done();
    // Rows go once two snapshots stand for them: a snapshot is made after a hundred.
    let deadline = std::time::Instant::now();
    for nth in 60.. {
        goes_on(&mut owner, &format!("{nth} "));
        let path = here.desk.path().join("relay.sqlite3");
        let conn = rusqlite::Connection::open(path).unwrap();
        let runs: i64 =
            conn.query_row("SELECT count(*) FROM history", [], |row| row.get(0)).unwrap();
        if runs > 0 {
            break;
        }
        assert!(deadline.elapsed() < support::PATIENCE, "nothing goes");
    }
    let kept = here.owner.get(&format!("{}/{number}", here.at)).done();
    assert_eq!((&kept["text"], &kept["name"]), (&then["text"], &json!("Draft")));
    assert_eq!(kept["number"], json!(number));
    let kept = here.owner.get(&format!("{}/{}", here.at, whole["number"])).done();
    assert_eq!((&kept["text"], &kept["number"]), (&whole["text"], &whole["number"]));
    // A number within a run is the run's.
    let rounded = here.owner.get(&format!("{}/3", here.at)).done();
    assert!(rounded["number"].as_u64().unwrap() >= 3);
    let latest = here.latest();
    let parts = here.owner.get(&format!("{}/latest/authors", here.at)).done();
    let length: u64 =
        parts.as_array().unwrap().iter().map(|part| part["length"].as_u64().unwrap()).sum();
    assert_eq!(length, latest["text"].as_str().unwrap().len() as u64);
    // Forgotten, it takes less, and the text is as it was.
    here.owner.delete(&here.at).done();
    let listed = here.owner.get(&here.at).done();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["name"], &listed[0]["authors"]), (&json!(null), &json!([])));
    types(&mut owner, 0, 0, "still ");
    assert_eq!(here.latest()["text"], format!("still {}", latest["text"].as_str().unwrap()));
    let Here { desk, relay, .. } = here;
    relay.kill();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .args(["verify", "--data"])
        .arg(desk.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_was_kept_before_there_was_a_history_is_its_beginning() {
    let desk = Desk::new();
    let name = desk.pass.document.to_string();
    let relay = Relay::start(desk.path(), &[]);
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_saved());
    for nth in 0..10 {
        goes_on(&mut author, &format!("{nth} "));
    }
    drop(author);
    relay.kill();
    // As an earlier relay left it: two snapshots, and no rows before the first.
    let archive = Archive::open(desk.path(), None).unwrap();
    archive.compact(&name, 4).unwrap();
    archive.compact(&name, 8).unwrap();
    drop(archive);
    let conn = rusqlite::Connection::open(desk.path().join("relay.sqlite3")).unwrap();
    conn.execute_batch(
        "DROP TABLE history; DROP TABLE versions; DROP TABLE project_versions; ALTER TABLE updates DROP COLUMN author;
         ALTER TABLE updates DROP COLUMN at; PRAGMA user_version = 1",
    )
    .unwrap();
    drop(conn);
    // Whoever checks the folder before a new relay serves it has it brought to the new version.
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .args(["verify", "--data"])
        .arg(desk.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let archive = Archive::open(desk.path(), None).unwrap();
    let text = archive.load(&name).unwrap().replica.text("text");
    assert_eq!(text, "0 1 2 3 4 5 6 7 8 9 ");
    let entries = archive.history(&name).unwrap();
    assert_eq!((entries[0].last, entries[0].author.as_deref()), (4, None));
    assert_eq!(entries.last().unwrap().last, 10);
    assert_eq!(archive.version(&name, 4).unwrap().unwrap().len(), 1);
    archive.compact(&name, 10).unwrap();
    drop(archive);
    quire_relay::archive::verify(desk.path()).unwrap();
}
