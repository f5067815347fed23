//! Letters by SMTP, to a server that takes everything and keeps it for the test.

#![allow(clippy::unwrap_used)]

mod support;

use serde_json::json;
use support::{
    Desk, PATIENCE, Relay,
    mail::{self, text_of},
    person,
};

#[test]
fn letters_leave_by_smtp_and_their_secrets_are_in_no_log() {
    let (port, taken) = mail::server();
    let desk = Desk::new();
    let ours = ["accounts.registration=open", "public_url=https://relay.example.org/"];
    let settings = mail::settings(port);
    let settings = settings.iter().map(String::as_str).chain(ours);
    let settings: Vec<&str> = settings.flat_map(|set| ["--set", set]).collect();
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
