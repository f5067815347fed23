//! Letters by SMTP, to a server that takes everything and keeps it for the test.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::mpsc::{Receiver, channel},
    thread,
};
use support::{Desk, PATIENCE, Relay, person};

/// A mail server as a stand-in: its address, and the letters that it takes, each as it is sent.
fn mail_server() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (letters, taken) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let mut say = |text: &str| stream.write_all(format!("{text}\r\n").as_bytes()).is_ok();
            say("220 stand-in");
            while let Some(Ok(line)) = lines.next() {
                if line == "DATA" {
                    say("354 go on");
                    let letter: Vec<String> = lines
                        .by_ref()
                        .map_while(Result::ok)
                        .take_while(|line| line != ".")
                        .collect();
                    if letters.send(letter.join("\n")).is_err() {
                        return;
                    }
                }
                if !say("250 good") || line == "QUIT" {
                    break;
                }
            }
        }
    });
    (port, taken)
}

/// The text of a letter, put together again where the transport has broken it.
fn text_of(letter: &str) -> String {
    letter.replace("=\n", "").replace("=3D", "=")
}

#[test]
fn letters_leave_by_smtp_and_their_secrets_are_in_no_log() {
    let (port, taken) = mail_server();
    let desk = Desk::new();
    let settings = [
        "mail.host=127.0.0.1".to_owned(),
        format!("mail.port={port}"),
        "mail.tls=none".to_owned(),
        "mail.from=Quire <quire@example.org>".to_owned(),
        "accounts.registration=open".to_owned(),
        "public_url=https://relay.example.org/".to_owned(),
    ];
    let settings: Vec<&str> = settings.iter().flat_map(|set| ["--set", set]).collect();
    let relay = Relay::start(desk.path(), &settings);
    let client = relay.client();
    let new = json!({ "email": "ann@example.org", "name": "Ann", "password": "correct horse" });
    // Letters can be sent, so addresses are proven.
    assert_eq!(client.post("/register", new).done()["next"], "read-mail");
    let letter = text_of(&taken.recv_timeout(PATIENCE).unwrap());
    for part in [
        "From: Quire <quire@example.org>",
        "To: ann@example.org",
        "Subject: Prove your address",
        "https://relay.example.org/account#verify=qrm_",
    ] {
        assert!(letter.contains(part), "{part}: {letter}");
    }
    let secret = letter.split("#verify=").nth(1).unwrap().split_whitespace().next().unwrap();
    client.post("/verify", json!({ "secret": secret })).done();
    // What an inviter chose cannot make a header of its own.
    let bob = person(&desk, &relay, "Bob");
    let project =
        bob.post("/projects", json!({ "name": "Paper – “½” Bcc: eve@example.org" })).done();
    let invitations = format!("/projects/{}/invitations", project["id"].as_str().unwrap());
    bob.post(&invitations, json!({ "email": "carol@example.org", "role": "viewer" })).done();
    let letter = text_of(&taken.recv_timeout(PATIENCE).unwrap());
    let headers = letter.split("\n\n").next().unwrap();
    assert!(!headers.lines().any(|line| line.starts_with("Bcc")), "{headers}");
    assert!(letter.contains("https://relay.example.org/join#invitation=qri_"), "{letter}");
    assert!(!relay.log().contains("qrm_") && !relay.log().contains("qri_"));
}
