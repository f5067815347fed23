//! Many documents over one line of their project: through the real server, with everything that an attacker tries.

#![allow(clippy::unwrap_used)]

mod support;

use bytes::Bytes;
use quire_collab::{
    frames::{self, Frame, Origin},
    strands::{FromRelay, ToRelay, WINDOW},
};
use quire_relay::{archive::Archive, directory::DocumentId};
use serde_json::{Value, json};
use support::{
    Author, Desk, Relay,
    http::Client,
    person,
    strands::{Came, ProjectLine, update},
};

/// The owner of the desk's project, its address, and one more text in it.
fn with_two_texts(desk: &Desk, relay: &Relay) -> (Client, String, DocumentId) {
    let (owner, at) =
        (relay.client().with(&desk.pass.token), format!("/projects/{}", desk.project));
    let second = add_text(&owner, &at, "two.tex");
    (owner, at, second)
}

fn add_text(owner: &Client, project: &str, path: &str) -> DocumentId {
    let document = DocumentId::new();
    owner.put(&format!("{project}/documents/{document}"), json!({ "path": path })).done();
    document
}

fn member(owner: &Client, at: &str, who: &Client, role: &str) -> String {
    let link = owner.post(&format!("{at}/links"), json!({ "role": role })).done();
    let secret = link["url"].as_str().unwrap().split_once("#link=").unwrap().1;
    who.post("/links/join", json!({ "secret": secret })).done();
    format!("{at}/members/{}", who.get("/me").done()["id"].as_str().unwrap())
}

fn text_of(desk: &Desk, document: DocumentId) -> String {
    let archive = Archive::open(desk.path(), None).unwrap();
    archive.load(&document.to_string()).unwrap().replica.text("text")
}

fn nothing() -> Bytes {
    frames::ask(&quire_collab::Replica::default().state())
}

#[test]
fn texts_and_the_discussion_are_written_over_one_line() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (owner, at, second) = with_two_texts(&desk, &relay);
    let discussion = owner.get(&at).done()["discussion"].as_str().unwrap().to_owned();
    let mut line = ProjectLine::open(&relay, &owner, desk.project);
    let Came::Text(hello) = line.next() else { panic!("no hello") };
    assert_eq!((&hello["type"], hello["strands"].as_u64()), (&json!("hello"), Some(2000)));
    let one = line.strand(desk.pass.document).unwrap();
    let two = line.strand(second).unwrap();
    let talk = line.strand(&discussion).unwrap();
    line.write(one, 1, "the first");
    line.write(two, 2, "the second");
    line.write(talk, 3, "said");
    // None waits for another, so they may come in any order.
    let mut kept = Vec::new();
    while kept.len() < 3 {
        kept.push(line.until(|told| match told {
            FromRelay::Frame { strand, frame } => {
                let messages = frames::read(frame).unwrap();
                messages.iter().find_map(|message| match message {
                    Frame::Kept(sequence) => Some((*strand, *sequence)),
                    _ => None,
                })
            }
            _ => None,
        }));
    }
    kept.sort_unstable();
    assert_eq!(kept, [(one, 1), (two, 2), (talk, 3)]);
    // A stock line of the same text, in both directions.
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("read", |author| author.document.text() == "the first");
    line.frame(one, nothing());
    line.until_frame(one, |frame| matches!(frame, Frame::Answer(_)).then_some(()));
    author.type_at(0, 0, "more, and ");
    line.until_frame(one, |frame| matches!(frame, Frame::Update(_)).then_some(()));
    // One that is closed can be opened again, under another number.
    line.write(two, 4, "last words of ");
    line.say(&ToRelay::Close { strand: two });
    let again = line.strand(second).unwrap();
    line.write(again, 5, "and more of ");
    line.until_kept(again, 5);
    author.until("saved", |author| author.line.is_saved());
    relay.kill();
    assert_eq!(desk.kept().text("text"), "more, and the first");
    let text = text_of(&desk, second);
    assert!(text.contains("last words of ") && text.contains("and more of "), "{text}");
}

#[test]
fn what_is_refused_leaves_the_others_as_they_are() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &["--set", "limits.strands=2"]);
    let (owner, at, second) = with_two_texts(&desk, &relay);
    let third = add_text(&owner, &at, "three.tex");
    let stranger = person(&desk, &relay, "Stranger");
    let foreign = stranger.post("/projects", json!({ "name": "Own" })).done();
    let elsewhere = owner.post("/projects", json!({ "name": "Elsewhere" })).done();
    let mut line = ProjectLine::open(&relay, &owner, desk.project);
    let one = line.strand(desk.pass.document).unwrap();
    // Of others nobody learns whether they are there; one's own belong on the line of their project.
    let foreign = foreign["discussion"].as_str().unwrap().to_owned();
    let elsewhere = elsewhere["discussion"].as_str().unwrap().to_owned();
    let refusals: Vec<_> =
        [foreign, elsewhere, DocumentId::new().to_string(), "paper.tex".to_owned()]
            .iter()
            .map(|document| line.strand(document).unwrap_err())
            .collect();
    assert_eq!(refusals[0].0, 4403);
    assert!(refusals.iter().all(|refusal| *refusal == refusals[0]), "{refusals:?}");
    assert_eq!(line.strand(desk.pass.document).unwrap_err().0, 1008, "it is open already");
    let two = line.strand(second).unwrap();
    let (code, why) = line.strand(third).unwrap_err();
    assert_eq!(code, 1013);
    assert!(why.contains("open a line for this one"), "{why}");
    // What is no message of the protocol ends its strand, and so does what is too long.
    line.frame(two, Bytes::from_static(&[0, 9, 9]));
    assert_eq!(line.until_closed(two), 1002);
    // It may still come, and concerns nobody.
    line.write(two, 1, "too late");
    let three = line.strand(third).unwrap();
    line.frame(three, vec![0; (16 << 20) + 1].into());
    assert_eq!(line.until_closed(three), 1009);
    line.write(one, 2, "still here");
    line.until_kept(one, 2);
    relay.client().get("").done();
    let log = relay.log();
    assert_eq!(log.matches("a strand was refused").count(), 6, "{log}");
    relay.kill();
    assert_eq!(desk.kept().text("text"), "still here");
    assert_eq!(text_of(&desk, second), "");
}

#[test]
fn what_makes_no_sense_ends_the_line_and_changes_nothing() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let owner = relay.client().with(&desk.pass.token);
    let document = desk.pass.document.to_string();
    let open = |strand| ToRelay::Open { strand, document: document.clone() }.message();
    let written = frames::update(&update(9, "not said on any strand"));
    let bad: [&[&[u8]]; 9] = [
        &[&[]],
        &[&[7, 1]],
        // A strand that never was, closed or written on; no strand has the number 0.
        &[&ToRelay::Frame { strand: 1, frame: written.clone() }.message()],
        &[&ToRelay::Close { strand: 1 }.message()],
        &[&[0, 0]],
        &[&[2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
        // A number that was used, or is lower than one that was.
        &[&open(1), &open(1)],
        &[&open(5), &open(4)],
        &[&[&[0, 1][..], &[b'a'; 100]].concat()],
    ];
    for messages in bad {
        let mut line = ProjectLine::open(&relay, &owner, desk.project);
        for message in messages {
            line.raw(message.to_vec());
        }
        assert_eq!(line.end(), 1002, "{messages:?}");
    }
    // Nor is JSON taken that is longer than anybody's.
    let mut line = ProjectLine::open(&relay, &owner, desk.project);
    let long = json!({ "type": "here", "place": "x".repeat(20_000) }).to_string();
    line.socket.send(tungstenite::Message::Text(long.into())).unwrap();
    assert_eq!(line.end(), 1002);
    // What is longer than any frame is not read to its end.
    let mut line = ProjectLine::open(&relay, &owner, desk.project);
    let _ = line.socket.send(tungstenite::Message::Binary(vec![2; 17 << 20].into()));
    while line.socket.read().is_ok() {}
    assert_eq!(relay.log().matches("a project's line was closed").count(), 10);
    relay.kill();
    assert_eq!(desk.kept().text("text"), "");
}

#[test]
fn no_byte_of_a_viewer_comes_into_a_log_over_any_strand() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (owner, at, second) = with_two_texts(&desk, &relay);
    let discussion = owner.get(&at).done()["discussion"].as_str().unwrap().parse().unwrap();
    let viewer = person(&desk, &relay, "Viewer");
    member(&owner, &at, &viewer, "viewer");
    let mut line = ProjectLine::open(&relay, &viewer, desk.project);
    let documents = [desk.pass.document, second, discussion];
    for document in documents {
        let strand = line.strand(document).unwrap();
        let update = update(9, "not mine to write");
        let numbered = frames::numbered(Origin { session: 7, sequence: 1 }, &update);
        let together = [frames::KEEP_ALIVE.to_vec(), frames::update(&update).to_vec()].concat();
        for frame in [frames::update(&update), frames::answer(&update), numbered, together.into()] {
            line.frame(strand, frame);
            let why = line.until_denied(strand);
            assert!(why.contains("viewer"), "{why}");
        }
    }
    relay.kill();
    for document in documents {
        assert_eq!(text_of(&desk, document), "");
    }
}

#[test]
fn what_the_owner_changes_holds_on_all_strands_at_once() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (owner, at, second) = with_two_texts(&desk, &relay);
    let bob = person(&desk, &relay, "Bob");
    let bobs = member(&owner, &at, &bob, "editor");
    let mut line = ProjectLine::open(&relay, &bob, desk.project);
    let strands = [line.strand(desk.pass.document).unwrap(), line.strand(second).unwrap()];
    owner.patch(&bobs, json!({ "role": "viewer" })).done();
    let mut denied = Vec::new();
    while denied.len() < 2 {
        denied.push(line.until(|told| match told {
            FromRelay::Frame { strand, frame } => {
                let is_denied = |frame: &Frame<'_>| matches!(frame, Frame::Denied(_));
                frames::read(frame).unwrap().iter().any(is_denied).then_some(*strand)
            }
            _ => None,
        }));
    }
    denied.sort_unstable();
    assert_eq!(denied, strands);
    line.write(strands[1], 1, "not any more");
    line.until_denied(strands[1]);
    owner.patch(&bobs, json!({ "role": "editor" })).done();
    line.until_frame(strands[0], |frame| matches!(frame, Frame::Ask(_)).then_some(()));
    line.write(strands[0], 2, "again");
    line.until_kept(strands[0], 2);
    // A text that goes for good takes its strand with it, and no other.
    owner.delete(&format!("{at}/documents/{second}")).done();
    assert_eq!(line.until_closed(strands[1]), 4403);
    line.write(strands[0], 3, "still ");
    line.until_kept(strands[0], 3);
    owner.delete(&bobs).done();
    assert_eq!(line.end(), 4403);
    relay.kill();
    let text = desk.kept().text("text");
    assert!(text.contains("again") && text.contains("still "), "{text}");
    assert_eq!(text_of(&desk, second), "");
}

#[test]
fn a_log_in_that_ends_takes_its_strands_with_it() {
    let desk = Desk::new();
    let open = ["--set", "accounts.registration=open"];
    let relay = Relay::start(desk.path(), &open);
    let account = json!({ "email": "ann@example.org", "name": "Ann", "password": "correct horse" });
    relay.client().post("/register", account.clone()).done();
    let log_in = || {
        let tokens = relay.client().post("/sessions", account_of(&account)).done();
        relay.client().with(tokens["access_token"].as_str().unwrap())
    };
    let (ann, second) = (log_in(), log_in());
    let project = ann.post("/projects", json!({ "name": "Paper" })).done();
    let (id, talk) = (project["id"].as_str().unwrap(), project["discussion"].as_str().unwrap());
    let mut line = ProjectLine::open(&relay, &ann, id);
    let strand = line.strand(talk).unwrap();
    // She goes on by another log-in, and the one with which she came may end.
    let renew = json!({ "type": "renew", "token": second.token }).to_string();
    line.socket.send(tungstenite::Message::Text(renew.into())).unwrap();
    line.write(strand, 1, "here");
    line.until_kept(strand, 1);
    let mut other = ProjectLine::open(&relay, &ann, id);
    other.strand(talk).unwrap();
    ann.delete("/sessions/current").done();
    assert_eq!(other.end(), 4401);
    line.write(strand, 2, "still ");
    line.until_kept(strand, 2);
    second.delete("/sessions").done();
    assert_eq!(line.end(), 4401);
}

fn account_of(account: &Value) -> Value {
    json!({ "email": account["email"], "password": account["password"] })
}

#[test]
fn more_than_a_window_goes_through_as_it_is_given_back_and_no_more_is_taken() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (owner, _, second) = with_two_texts(&desk, &relay);
    let mut line = ProjectLine::open(&relay, &owner, desk.project);
    let strand = line.strand(desk.pass.document).unwrap();
    let piece = "x".repeat(50 << 10);
    let mut taken = 0;
    for sequence in 1..=20 {
        line.write(strand, sequence, &piece);
        line.until(|told| match told {
            FromRelay::Taken { strand: on, bytes } => {
                assert_eq!(*on, strand);
                taken += bytes;
                None
            }
            FromRelay::Frame { frame, .. } => {
                let is_kept =
                    |frame: &Frame<'_>| matches!(frame, Frame::Kept(kept) if *kept == sequence);
                frames::read(frame).unwrap().iter().any(is_kept).then_some(())
            }
            _ => None,
        });
    }
    let sent = 20 * (50 << 10);
    assert!(taken > sent - WINDOW && taken < sent + (4 << 10), "{taken} of {sent}");
    // Who does not wait for it is not listened to any more on that strand: before a document is open nothing is given
    // back, so that it is hardly ever too quick for him.
    let unknown = [&[120, 0xe0, 0xd4, 0x03][..], &[0; 60_000]].concat();
    let is_stopped = (0..20).any(|_| {
        let strand = line.ask_for(second);
        for _ in 0..40 {
            let frame = ToRelay::Frame { strand, frame: unknown.clone().into() };
            line.socket.write(tungstenite::Message::Binary(frame.message())).unwrap();
        }
        line.say(&ToRelay::Close { strand });
        line.frame(strand, Bytes::new());
        let after = line.strand(DocumentId::new()).unwrap_err();
        assert_eq!(after.0, 4403);
        relay.log().contains("more was sent than there is a window for")
    });
    assert!(is_stopped);
    line.write(1, 31, "the first goes on");
    line.until_kept(1, 31);
    relay.kill();
    assert_eq!(desk.kept().text("text").len(), 20 * (50 << 10) + "the first goes on".len());
}

#[test]
fn who_asks_and_does_not_read_is_not_read_either_and_holds_up_nobody_else() {
    const TEXTS: usize = 6;
    const BYTES: usize = 100 << 10;
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (owner, at, _) = with_two_texts(&desk, &relay);
    let texts: Vec<DocumentId> =
        (0..TEXTS).map(|nth| add_text(&owner, &at, &format!("{nth}.tex"))).collect();
    let mut writer = ProjectLine::open(&relay, &owner, desk.project);
    let one = writer.strand(desk.pass.document).unwrap();
    writer.frame(one, nothing());
    for (text, sequence) in texts.iter().zip(1..) {
        let strand = writer.strand(text).unwrap();
        writer.write(strand, sequence, &"x".repeat(BYTES));
        writer.until_kept(strand, sequence);
    }
    let mut reader = ProjectLine::open(&relay, &owner, desk.project);
    let late = reader.strand(desk.pass.document).unwrap();
    // It asks for 4 MB of each text and reads nothing, so that their rooms send it away. The other line is served meanwhile.
    let asks: Bytes = nothing().repeat(60).into();
    let strands: Vec<u32> = texts.iter().map(|text| reader.ask_for(text)).collect();
    for strand in &strands {
        reader.frame(*strand, asks.clone());
    }
    let mut sequence = 1000;
    let mut goes_on = |rounds: u64, is_enough: &dyn Fn() -> bool| {
        let end = sequence + rounds;
        while sequence < end && !is_enough() {
            sequence += 1;
            writer.write(one, sequence, "on ");
            writer.until_frame(one, |frame| match frame {
                Frame::Update(_) => panic!("it was read"),
                Frame::Kept(kept) => (*kept == sequence).then_some(()),
                _ => None,
            });
        }
    };
    let sent_away = || relay.log().matches("too much waits to be read").count();
    // At least two rooms: that is as much as may wait, but for what the system holds on its way.
    goes_on(100_000, &|| sent_away() >= 2);
    goes_on(200, &|| sent_away() == TEXTS);
    // What is said behind that is not read before what waits is; but for one message, which was waited for already.
    reader.frame(late, frames::KEEP_ALIVE);
    reader.write(late, 1, "late ");
    goes_on(30, &|| false);
    reader.until_kept(late, 1);
    let mut reader = ProjectLine::open(&relay, &owner, desk.project);
    for text in &texts {
        let strand = reader.strand(text).unwrap();
        reader.frame(strand, nothing());
        let bytes = reader.until_frame(strand, |frame| match frame {
            Frame::Answer(update) => Some(update.len()),
            _ => None,
        });
        assert!(bytes > BYTES, "{bytes}");
    }
}

#[test]
#[cfg(unix)]
fn a_relay_that_is_told_to_end_keeps_what_has_come_and_says_so_on_each_strand() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (owner, _, second) = with_two_texts(&desk, &relay);
    let mut line = ProjectLine::open(&relay, &owner, desk.project);
    let strands = [line.strand(desk.pass.document).unwrap(), line.strand(second).unwrap()];
    line.write(strands[0], 1, "one");
    line.until_kept(strands[0], 1);
    line.write(strands[1], 2, "two");
    line.until_kept(strands[1], 2);
    let ending = std::thread::spawn(move || relay.end());
    let mut closed = Vec::new();
    let code = loop {
        match line.next() {
            Came::Strand(FromRelay::Closed { strand, code, .. }) => closed.push((strand, code)),
            Came::End(code) => break code,
            _ => {}
        }
    };
    closed.sort_unstable();
    assert_eq!(closed, [(strands[0], 1012), (strands[1], 1012)]);
    assert_eq!(code, 1012);
    drop(line);
    assert!(ending.join().unwrap());
    assert_eq!(desk.kept().text("text"), "one");
    assert_eq!(text_of(&desk, second), "two");
}
