//! The real process, real sockets, and `kill -9`. `QUIRE_KILLS` says how often.

#![allow(clippy::unwrap_used)]

mod support;

use std::{
    io::{Read, Write},
    net::TcpStream,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};
use support::{Author, Desk, Relay, connect, free_address};

const KILLS: usize = 12;
const AUTHORS: u64 = 3;

#[test]
fn no_kill_loses_what_was_acknowledged() {
    let kills = std::env::var("QUIRE_KILLS").map_or(KILLS, |kills| kills.parse().unwrap());
    let desk = Desk::new();
    let address = free_address();
    let is_over = Arc::new(AtomicBool::new(false));
    let mut relay = Relay::start_at(desk.path(), &address, &[]);
    let authors: Vec<_> = (0..AUTHORS)
        .map(|nth| {
            let (address, is_over) = (address.clone(), Arc::clone(&is_over));
            let mut author = Author::new(fastrand::Rng::with_seed(nth).u64(..), &desk.pass);
            if nth == 0 {
                author = author.over(desk.project);
            }
            thread::spawn(move || write_until(nth, author, &address, &is_over))
        })
        .collect();
    let mut rng = fastrand::Rng::with_seed(kills as u64);
    for _ in 0..kills {
        thread::sleep(Duration::from_millis(rng.u64(20..250)));
        relay.kill();
        relay = Relay::start_at(desk.path(), &address, &[]);
    }
    is_over.store(true, Ordering::Relaxed);
    let authors: Vec<Author> = authors.into_iter().map(|author| author.join().unwrap()).collect();
    relay.kill();
    let log = desk.kept();
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
    let on_a_strand = authors[0].acknowledged.len();
    assert!(on_a_strand > kills, "hardly tried over the project's line: {on_a_strand}");
}

/// Type without pause; when it is over, wait until everything is saved and everybody has the same length.
fn write_until(nth: u64, mut author: Author, address: &str, is_over: &AtomicBool) -> Author {
    let mut rng = fastrand::Rng::with_seed(nth);
    while !is_over.load(Ordering::Relaxed) {
        if !author.is_connected() && !author.connect(address) {
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
        if !author.is_connected() && !author.connect(address) {
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
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    author.type_at(0, 0, "the last words");
    author.until("saved", |author| author.line.is_saved());
    // One who has asked something, and might ask more.
    let client = relay.client();
    client.get("").done();
    assert!(relay.end(), "it did not end well");
    let log = std::fs::read_to_string(desk.path().join("relay.log")).unwrap();
    assert!(log.contains("what has come is kept") && !log.contains("did not end in time"), "{log}");
    drop(client);
    author.until("sent away", |author| !author.is_connected());
    assert_eq!(desk.kept().text("text"), "the last words");
}

#[test]
fn a_full_disk_is_not_told_to_be_saved_and_the_author_keeps_it() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &["--set", "limits.database_bytes=200000"]);
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    for _ in 0..100 {
        let length = author.document.len();
        author.type_at(length, 0, &"long ".repeat(1000));
        author.receive();
    }
    author.until("sent away", |author| !author.is_connected());
    assert!(!author.line.is_saved());
    relay.kill();
    let kept = desk.kept();
    for update in &author.acknowledged {
        assert!(kept.holds(update).unwrap());
    }
    // With more room the rest is kept.
    let relay = Relay::start(desk.path(), &[]);
    assert!(author.connect(&relay.address));
    author.until("saved", |author| author.line.is_saved());
    relay.kill();
    let kept = desk.kept();
    assert_eq!(kept.text("text").len(), 500_000);
}

#[test]
fn it_says_that_it_lives_and_that_it_can_write() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
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
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let mut line = connect(
        &relay.address,
        &desk.pass.document.to_string(),
        &[("authorization", &desk.pass.bearer())],
    )
    .unwrap();
    // It may be refused before all of it is sent.
    let _ = line.send(tungstenite::Message::Binary(vec![0; 17 << 20].into()));
    while line.read().is_ok() {}
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("served", |author| author.line.is_saved());
}

#[test]
#[cfg(unix)]
fn nobody_else_on_the_machine_may_look_into_the_folder() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let desk = Desk::new();
    let folder = desk.path().join("made by the relay");
    let relay = Relay::start_in(&folder, desk.path());
    assert_eq!(mode(&folder), 0o700);
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let is_database = path.to_string_lossy().contains(".sqlite3");
        assert!(!is_database || mode(&path) == 0o600, "{}", path.display());
    }
    assert_eq!(relay.client().get("").done()["url"], format!("http://{}", relay.address));
}

#[test]
fn a_setting_that_is_not_known_is_told_in_one_line() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_quire-relay"))
        .args(["serve", "--set", "limits.conections=3"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "quire-relay: limits.conections is no setting of the relay\n");
}
