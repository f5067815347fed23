//! The real process, real sockets, and `kill -9`. `QUIRE_KILLS` says how often.

#![allow(clippy::unwrap_used)]

mod support;

use quire_relay::archive::Archive;
use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use support::{Author, Relay, SECRET, bearer, connect};
use tempfile::tempdir;

const KILLS: usize = 12;
const AUTHORS: u64 = 3;

/// A port that was free a moment ago: the relay has to come back where its authors look for it.
fn free_port() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

#[test]
fn no_kill_loses_what_was_acknowledged() {
    let kills = std::env::var("QUIRE_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let folder = tempdir().unwrap();
    let address = free_port();
    let is_over = Arc::new(AtomicBool::new(false));
    let mut relay = Relay::start_at(folder.path(), &address, &[]);
    let authors: Vec<_> = (0..AUTHORS)
        .map(|nth| {
            let (address, is_over) = (address.clone(), Arc::clone(&is_over));
            thread::spawn(move || write_until(nth, &address, &is_over))
        })
        .collect();
    let mut rng = fastrand::Rng::with_seed(kills as u64);
    for _ in 0..kills {
        thread::sleep(Duration::from_millis(rng.u64(20..250)));
        relay.kill();
        relay = Relay::start_at(folder.path(), &address, &[]);
    }
    is_over.store(true, Ordering::Relaxed);
    let authors: Vec<Author> = authors.into_iter().map(|author| author.join().unwrap()).collect();
    relay.kill();
    let log = Archive::open(folder.path(), None).unwrap().load("paper").unwrap().replica;
    let mut acknowledged = 0;
    for author in &authors {
        for update in &author.acknowledged {
            assert!(log.holds(update).unwrap(), "an acknowledged update is lost");
        }
        acknowledged += author.acknowledged.len();
        assert_eq!(author.document.text(), log.text("text"));
    }
    println!("{kills} kills, {acknowledged} acknowledged updates, none lost");
    assert!(acknowledged > kills * 5, "hardly tried: {acknowledged}");
}

/// Type without pause; when it is over, wait until everything is saved and everybody has the same length.
fn write_until(nth: u64, address: &str, is_over: &AtomicBool) -> Author {
    let mut rng = fastrand::Rng::with_seed(nth);
    let mut author = Author::new(rng.u64(..));
    while !is_over.load(Ordering::Relaxed) {
        if !author.is_connected() && !author.connect(address, "paper") {
            thread::sleep(Duration::from_millis(5));
        }
        let length = author.document.len();
        let at = rng.u32(..=length);
        let removed = if rng.bool() { (length - at).min(2) } else { 0 };
        author.type_at(at, removed, "word ");
        author.receive();
    }
    let mut quiet = 0;
    let start = std::time::Instant::now();
    // The others may still have something to say.
    while quiet < 400 {
        assert!(start.elapsed() < support::PATIENCE, "not saved");
        if !author.is_connected() && !author.connect(address, "paper") {
            thread::sleep(Duration::from_millis(5));
        }
        let is_news = author.receive();
        quiet = if is_news || !author.line.is_saved() { 0 } else { quiet + 1 };
    }
    author
}

#[test]
#[cfg(unix)]
fn a_relay_that_is_told_to_end_keeps_what_has_come() {
    let folder = tempdir().unwrap();
    let relay = Relay::start(folder.path(), &[]);
    let mut author = Author::new(1);
    assert!(author.connect(&relay.address, "paper"));
    author.until("open", |author| author.line.is_open());
    author.type_at(0, 0, "the last words");
    author.until("saved", |author| author.line.is_saved());
    assert!(relay.end(), "it did not end well");
    author.until("sent away", |author| !author.is_connected());
    let archive = Archive::open(folder.path(), None).unwrap();
    assert_eq!(archive.load("paper").unwrap().replica.text("text"), "the last words");
}

#[test]
fn a_full_disk_is_not_told_to_be_saved_and_the_author_keeps_it() {
    let folder = tempdir().unwrap();
    let relay = Relay::start(folder.path(), &["--max-bytes", "200000"]);
    let mut author = Author::new(1);
    assert!(author.connect(&relay.address, "paper"));
    author.until("open", |author| author.line.is_open());
    for _ in 0..100 {
        let length = author.document.len();
        author.type_at(length, 0, &"long ".repeat(1000));
        author.receive();
    }
    author.until("sent away", |author| !author.is_connected());
    assert!(!author.line.is_saved());
    relay.kill();
    let kept = Archive::open(folder.path(), None).unwrap().load("paper").unwrap().replica;
    for update in &author.acknowledged {
        assert!(kept.holds(update).unwrap());
    }
    // With more room the rest is kept.
    let relay = Relay::start(folder.path(), &[]);
    assert!(author.connect(&relay.address, "paper"));
    author.until("saved", |author| author.line.is_saved());
    relay.kill();
    let kept = Archive::open(folder.path(), None).unwrap().load("paper").unwrap().replica;
    assert_eq!(kept.text("text").len(), 500_000);
}

fn refused(relay: &Relay, headers: &[(&'static str, &str)]) -> u16 {
    match connect(&relay.address, "paper", headers) {
        Err(tungstenite::Error::Http(response)) => response.status().as_u16(),
        other => panic!("{:?}", other.map(|_| "a line")),
    }
}

#[test]
fn strangers_and_foreign_pages_are_refused() {
    let folder = tempdir().unwrap();
    let relay = Relay::start(folder.path(), &["--origin", "https://editor.example.org"]);
    let bearer = bearer();
    assert_eq!(refused(&relay, &[]), 401);
    assert_eq!(refused(&relay, &[("authorization", "Bearer a secret for the test")]), 401);
    assert_eq!(refused(&relay, &[("authorization", SECRET)]), 401);
    let foreign = ("origin", "https://elsewhere.example.org");
    assert_eq!(refused(&relay, &[("authorization", &bearer), foreign]), 403);
    let own = ("origin", "https://editor.example.org");
    connect(&relay.address, "paper", &[("authorization", &bearer), own]).unwrap();
    let cookie = format!("a=b; quire_relay={SECRET}");
    connect(&relay.address, "paper", &[("cookie", &cookie)]).unwrap();
    // The secret in the address is no secret.
    let in_address = connect(&relay.address, &format!("paper?secret={SECRET}"), &[]);
    assert!(in_address.is_err());
}

#[test]
fn nobody_but_this_machine_is_listened_to_without_a_secret() {
    let folder = tempdir().unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .args(["serve", "--listen", "0.0.0.0:0", "--data"])
        .arg(folder.path())
        .env_remove("QUIRE_RELAY_SECRET")
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("QUIRE_RELAY_SECRET"), "{said}");
}

#[test]
fn it_says_that_it_lives_and_that_it_can_write() {
    let folder = tempdir().unwrap();
    let relay = Relay::start(folder.path(), &[]);
    for path in ["/health", "/ready"] {
        let mut stream = TcpStream::connect(&relay.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: relay\r\n\r\n").unwrap();
        let mut said = String::new();
        stream.read_to_string(&mut said).unwrap();
        assert!(said.starts_with("HTTP/1.1 200"), "{path}: {said}");
    }
}

#[test]
fn a_frame_that_is_too_long_ends_its_line() {
    let folder = tempdir().unwrap();
    let relay = Relay::start(folder.path(), &[]);
    let mut line = connect(&relay.address, "paper", &[("authorization", &bearer())]).unwrap();
    // It may be refused before all of it is sent.
    let _ = line.send(tungstenite::Message::Binary(vec![0; 17 << 20].into()));
    while line.read().is_ok() {}
    let mut author = Author::new(1);
    assert!(author.connect(&relay.address, "paper"));
    author.until("served", |author| author.line.is_saved());
}
