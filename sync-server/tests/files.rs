//! Files that are not texts, through the real server: sent in parts, read in parts, and nobody else's.

#![allow(clippy::unwrap_used)]

mod support;

use quire_project::ContentHash;
use quire_relay::directory::{Directory, FileId};
use serde_json::{Value, json};
use std::{
    io::Write,
    net::TcpStream,
    time::{Duration, Instant},
};
use support::{Desk, PATIENCE, Relay, http::Client, person};

struct Here {
    desk: Desk,
    relay: Relay,
    owner: Client,
    at: String,
}

impl Here {
    fn new(arguments: &[&str]) -> Self {
        let desk = Desk::new();
        let relay = Relay::start(desk.path(), arguments);
        let owner = relay.client().with(&desk.pass.token);
        let at = format!("/projects/{}", desk.project);
        Self { desk, relay, owner, at }
    }

    fn begin(&self, who: &Client, bytes: &[u8]) -> Value {
        let wanted = json!({ "hash": hash(bytes), "size": bytes.len() });
        who.post(&format!("{}/uploads", self.at), wanted).done()
    }

    fn send(&self, upload: &Value, offset: usize, bytes: &[u8]) -> (u16, Value) {
        let id = upload["id"].as_str().unwrap();
        let path = format!("{}/uploads/{id}?offset={offset}", self.at);
        let kind = [("content-type", "application/octet-stream")];
        let answer = self.owner.bytes("PATCH", &path, &kind, bytes);
        (answer.status().as_u16(), serde_json::from_slice(answer.body()).unwrap())
    }

    fn upload(&self, bytes: &[u8]) {
        let upload = self.begin(&self.owner, bytes);
        assert_eq!(self.send(&upload, 0, bytes).1["is_complete"], true);
    }

    fn put(&self, file: FileId, path: &str, bytes: &[u8]) -> support::http::Answer {
        let wanted = json!({ "path": path, "hash": hash(bytes) });
        self.owner.put(&format!("{}/files/{file}", self.at), wanted)
    }

    fn read(&self, who: &Client, bytes: &[u8]) -> (u16, Vec<u8>) {
        let answer = who.bytes("GET", &format!("{}/blobs/{}", self.at, hash(bytes)), &[], b"");
        (answer.status().as_u16(), answer.into_body())
    }
}

fn hash(bytes: &[u8]) -> String {
    ContentHash::of(bytes).to_string()
}

/// Bytes that are like no others.
fn picture(seed: u64, size: usize) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(seed);
    std::iter::repeat_with(|| rng.u8(..)).take(size).collect()
}

#[test]
fn a_file_is_added_moved_replaced_and_removed() {
    let here = Here::new(&[]);
    let (one, other, id) = (picture(1, 200_000), picture(2, 10), FileId::new());
    here.put(id, "figures/one.png", &one).refused(409, "no-blob");
    here.upload(&one);
    let file = here.put(id, "figures/one.png", &one).done();
    assert_eq!((&file["path"], &file["size"]), (&json!("figures/one.png"), &json!(200_000)));
    assert_eq!(file["changed_by"], json!(here.desk.owner));
    // The reply was lost.
    assert_eq!(here.put(id, "figures/one.png", &one).done(), file);
    assert_eq!(here.begin(&here.owner, &one)["is_complete"], true);
    assert_eq!(here.put(id, "fig.png", &one).done()["path"], "fig.png");
    here.upload(&other);
    let stale = json!({ "path": "fig.png", "hash": hash(&other), "replaces": hash(b"x") });
    here.owner.put(&format!("{}/files/{id}", here.at), stale).refused(412, "stale");
    let replaced = json!({ "path": "fig.png", "hash": hash(&other), "replaces": hash(&one) });
    here.owner.put(&format!("{}/files/{id}", here.at), replaced).done();
    let listed = here.owner.get(&format!("{}/files", here.at)).done();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!((&listed[0]["hash"], &listed[0]["size"]), (&json!(hash(&other)), &json!(10)));
    here.owner.delete(&format!("{}/files/{id}", here.at)).done();
    here.owner.delete(&format!("{}/files/{id}", here.at)).refused(404, "not-found");
    assert_eq!(here.owner.get(&format!("{}/files", here.at)).done(), json!([]));
    // What it held can still be read, and the file brought back.
    assert_eq!(here.read(&here.owner, &one), (200, one.clone()));
    here.put(id, "fig.png", &one).done();
    let audit = here.owner.get(&format!("{}/audit", here.at)).done();
    let done: Vec<&str> =
        audit.as_array().unwrap().iter().rev().map(|e| e["action"].as_str().unwrap()).collect();
    let files: Vec<&str> = done.into_iter().filter(|action| action.starts_with("file.")).collect();
    assert_eq!(files, ["file.create", "file.move", "file.replace", "file.delete", "file.create"]);
    drop(here.relay);
    let verified = verify(&here.desk);
    assert!(verified.contains("2 different contents"), "{verified}");
    let blob = here.desk.path().join("blobs").join(&hash(&one)[..2]).join(hash(&one));
    std::fs::write(blob, "something else").unwrap();
    assert!(verify(&here.desk).contains("it holds something else"));
}

fn verify(desk: &Desk) -> String {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .args(["verify", "--data"])
        .arg(desk.path())
        .output()
        .unwrap();
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn two_things_are_not_at_one_place() {
    let here = Here::new(&[]);
    let bytes = picture(1, 10);
    here.upload(&bytes);
    for taken in ["paper.tex", "paper.tex/inside.png"] {
        here.put(FileId::new(), taken, &bytes).refused(409, "conflict");
    }
    here.put(FileId::new(), "figures/one.png", &bytes).done();
    for taken in ["figures", "figures/one.png", "figures/one.png/deeper.tex"] {
        let document =
            format!("{}/documents/{}", here.at, quire_relay::directory::DocumentId::new());
        here.owner.put(&document, json!({ "path": taken })).refused(409, "conflict");
    }
    for outside in [
        "../x.png",
        "/etc/passwd",
        "a/../../x",
        "a\\..\\x",
        "C:/x.png",
        "",
        "a\u{0}b",
        "\u{202e}gpj",
    ] {
        let answer = here.put(FileId::new(), outside, &bytes);
        assert!(
            answer.status == 422 || !outside.contains(['/', '\\', '\u{0}']) && answer.status == 200,
            "{outside:?}: {answer:?}"
        );
    }
    for file in here.owner.get(&format!("{}/files", here.at)).done().as_array().unwrap() {
        let path = file["path"].as_str().unwrap();
        assert!(!path.starts_with('/') && !path.split('/').any(|part| part == ".."), "{path}");
    }
}

#[test]
fn an_upload_that_was_cut_goes_on_where_it_was() {
    let here = Here::new(&[]);
    let bytes = picture(3, 3_000_000);
    let upload = here.begin(&here.owner, &bytes);
    assert_eq!(upload["offset"], 0);
    // The line is cut in the middle of a part.
    let mut line = TcpStream::connect(&here.relay.address).unwrap();
    write!(
        line,
        "PATCH /api/v1{}/uploads/{}?offset=0 HTTP/1.1\r\nHost: relay\r\nAuthorization: {}\r\n\
         Content-Length: 3000000\r\n\r\n",
        here.at,
        upload["id"].as_str().unwrap(),
        here.desk.pass.bearer()
    )
    .unwrap();
    line.write_all(&bytes[..1_000_000]).unwrap();
    let start = Instant::now();
    while here.begin(&here.owner, &bytes)["offset"].as_u64().unwrap() < 1_000_000 {
        assert!(start.elapsed() < PATIENCE, "nothing comes");
        std::thread::sleep(Duration::from_millis(10));
    }
    // The relay does not know yet that the line is dead: who goes on is let.
    let (status, wrong) = here.send(&upload, 10, &bytes[10..]);
    assert_eq!((status, &wrong["type"]), (409, &json!("urn:quire-relay:problem:conflict")));
    let (status, progress) = here.send(&upload, 1_000_000, &bytes[1_000_000..2_000_000]);
    assert_eq!((status, progress["offset"].as_u64()), (200, Some(2_000_000)), "{progress}");
    drop(line);
    // So is the relay.
    let Here { desk, relay, at, .. } = here;
    relay.kill();
    let relay = Relay::start(desk.path(), &[]);
    let owner = relay.client().with(&desk.pass.token);
    let here = Here { desk, relay, owner, at };
    let again = here.begin(&here.owner, &bytes);
    assert_eq!((&again["id"], &again["offset"]), (&upload["id"], &json!(2_000_000)));
    let (_, progress) = here.send(&upload, 2_000_000, &bytes[2_000_000..]);
    assert_eq!(progress["is_complete"], true);
    assert_eq!(here.read(&here.owner, &bytes), (200, bytes));
    assert_eq!(names(&here, "uploads"), [""; 0]);
}

fn names(here: &Here, folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(here.desk.path().join(folder)).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn bytes_that_are_not_what_was_announced_do_not_count() {
    let here = Here::new(&[]);
    let (right, wrong) = (picture(4, 1000), picture(5, 1000));
    let upload = here.begin(&here.owner, &right);
    let (status, said) = here.send(&upload, 0, &wrong);
    assert_eq!((status, &said["type"]), (422, &json!("urn:quire-relay:problem:invalid")));
    assert_eq!(here.read(&here.owner, &right).0, 404);
    assert_eq!(here.read(&here.owner, &wrong).0, 404);
    let (status, said) = here.send(&upload, 0, &[&*right, b"more"].concat());
    assert_eq!((status, &said["type"]), (413, &json!("urn:quire-relay:problem:too-large")));
    // Whatever had come, the right bytes can still be sent.
    let offset =
        usize::try_from(here.begin(&here.owner, &right)["offset"].as_u64().unwrap()).unwrap();
    assert_eq!(here.send(&upload, offset, &right[offset..]).1["is_complete"], true);
    assert_eq!(here.read(&here.owner, &right), (200, right));
    // Of nothing there is nothing to send.
    assert_eq!(here.begin(&here.owner, b"")["is_complete"], true);
    here.put(FileId::new(), "empty.dat", b"").done();
    assert_eq!(here.read(&here.owner, b""), (200, Vec::new()));
}

#[test]
fn a_part_of_a_file_is_read() {
    let here = Here::new(&[]);
    let bytes = picture(6, 300_000);
    here.upload(&bytes);
    let path = format!("{}/blobs/{}", here.at, hash(&bytes));
    let part = here.owner.bytes("GET", &path, &[("range", "bytes=299990-")], b"");
    assert_eq!(part.status().as_u16(), 206);
    assert_eq!(part.headers()["content-range"], "bytes 299990-299999/300000");
    assert_eq!(part.body(), &bytes[299_990..]);
    let behind = here.owner.bytes("GET", &path, &[("range", "bytes=300000-")], b"");
    assert_eq!(behind.status().as_u16(), 416);
    let head = here.owner.bytes("HEAD", &path, &[], b"");
    assert_eq!(head.headers()["content-length"], "300000");
    assert_eq!(head.headers()["content-disposition"], "attachment");
}

#[test]
fn knowing_a_hash_gives_nobody_the_bytes_of_another_project() {
    let here = Here::new(&[]);
    let secret = picture(7, 5000);
    here.upload(&secret);
    here.put(FileId::new(), "secret.png", &secret).done();
    let mallory = person(&here.desk, &here.relay, "Mallory");
    assert_eq!(here.read(&mallory, &secret).0, 404);
    let own = mallory.post("/projects", json!({ "name": "Mine" })).done();
    let own = format!("/projects/{}", own["id"].as_str().unwrap());
    let blob = mallory.bytes("GET", &format!("{own}/blobs/{}", hash(&secret)), &[], b"");
    assert_eq!(blob.status().as_u16(), 404);
    let file = format!("{own}/files/{}", FileId::new());
    let wanted = json!({ "path": "stolen.png", "hash": hash(&secret) });
    mallory.put(&file, wanted.clone()).refused(409, "no-blob");
    // He would have to send them; that they are here already he does not learn.
    let announced = json!({ "hash": hash(&secret), "size": secret.len() });
    let begun = mallory.post(&format!("{own}/uploads"), announced.clone()).done();
    assert_eq!((&begun["offset"], &begun["is_complete"]), (&json!(0), &json!(false)));
    mallory.put(&file, wanted).refused(409, "no-blob");
    // Nor in a project that is not his, nor into another's upload.
    mallory.post(&format!("{}/uploads", here.at), announced).refused(404, "not-found");
    let upload = here.begin(&here.owner, &picture(8, 10));
    let path = format!("{}/uploads/{}?offset=0", here.at, upload["id"].as_str().unwrap());
    assert_eq!(mallory.bytes("PATCH", &path, &[], b"x").status().as_u16(), 404);
    let path = format!("{own}/uploads/{}?offset=0", upload["id"].as_str().unwrap());
    assert_eq!(mallory.bytes("PATCH", &path, &[], b"x").status().as_u16(), 404);
}

#[test]
fn who_only_reads_changes_no_files() {
    let here = Here::new(&[]);
    let bytes = picture(9, 100);
    here.upload(&bytes);
    let (id, ann) = (FileId::new(), person(&here.desk, &here.relay, "Ann"));
    here.put(id, "a.png", &bytes).done();
    let link =
        here.owner.post(&format!("{}/links", here.at), json!({ "role": "commenter" })).done();
    let secret = link["url"].as_str().unwrap().split_once("#link=").unwrap().1;
    ann.post("/links/join", json!({ "secret": secret })).done();
    assert_eq!(here.read(&ann, &bytes), (200, bytes.clone()));
    assert_eq!(ann.get(&format!("{}/files", here.at)).done()[0]["path"], "a.png");
    let file = format!("{}/files/{id}", here.at);
    ann.put(&file, json!({ "path": "b.png", "hash": hash(&bytes) })).refused(403, "forbidden");
    ann.delete(&file).refused(403, "forbidden");
    let wanted = json!({ "hash": hash(b"x"), "size": 1 });
    ann.post(&format!("{}/uploads", here.at), wanted.clone()).refused(403, "forbidden");
    here.owner.patch(&here.at, json!({ "archived": true })).done();
    here.owner.post(&format!("{}/uploads", here.at), wanted).refused(403, "forbidden");
}

#[test]
fn files_take_as_much_as_they_may_and_what_was_removed_makes_room() {
    let here =
        Here::new(&["--set", "limits.project_bytes=10000", "--set", "limits.file_bytes=8000"]);
    let wanted = json!({ "hash": hash(b"x"), "size": 8001 });
    here.owner.post(&format!("{}/uploads", here.at), wanted).refused(413, "too-large");
    let (old, new, id) = (picture(1, 6000), picture(2, 6000), FileId::new());
    here.upload(&old);
    here.put(id, "a.png", &old).done();
    let more = json!({ "hash": hash(&new), "size": 6000 });
    here.owner.post(&format!("{}/uploads", here.at), more).refused(403, "quota");
    here.owner.delete(&format!("{}/files/{id}", here.at)).done();
    here.upload(&new);
    here.put(id, "a.png", &new).done();
    assert_eq!(here.read(&here.owner, &old).0, 404);
    assert_eq!(here.read(&here.owner, &new).0, 200);
}

#[test]
fn what_no_project_has_goes_and_what_was_given_up() {
    let here = Here::new(&[]);
    let (kept, forgotten, cut) = (picture(1, 500), picture(2, 500), picture(3, 500));
    for bytes in [&kept, &forgotten] {
        here.upload(bytes);
    }
    here.put(FileId::new(), "kept.png", &kept).done();
    let upload = here.begin(&here.owner, &cut);
    here.send(&upload, 0, &cut[..100]);
    let Here { desk, relay, at, .. } = here;
    relay.kill();
    // A month later.
    Directory::open(desk.path())
        .unwrap()
        .change_now(|conn| {
            conn.execute("UPDATE blobs SET unused_since = unused_since - 32 * 86400", [])?;
            Ok(conn.execute("UPDATE uploads SET used_at = used_at - 2 * 86400", [])?)
        })
        .unwrap();
    let relay = Relay::start(desk.path(), &[]);
    let owner = relay.client().with(&desk.pass.token);
    let here = Here { desk, relay, owner, at };
    let start = Instant::now();
    let path =
        |bytes: &[u8]| here.desk.path().join("blobs").join(&hash(bytes)[..2]).join(hash(bytes));
    while path(&forgotten).exists() || !names(&here, "uploads").is_empty() {
        assert!(start.elapsed() < PATIENCE, "it stays");
        std::thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(here.read(&here.owner, &kept), (200, kept));
    assert_eq!(here.read(&here.owner, &forgotten).0, 404);
    assert_eq!(here.begin(&here.owner, &cut)["offset"], 0);
}
