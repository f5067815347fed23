//! Who may open a line, and what he may do on it: through the real server, with everything that an attacker tries.

#![allow(clippy::unwrap_used)]

mod support;

use quire_collab::{
    Change, ClientId, TextDocument,
    frames::{self, Frame, Origin},
};
use quire_relay::{
    auth::tokens::AccessTokens,
    directory::{Directory, DocumentId, Timestamp},
};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};
use support::{Author, Desk, PATIENCE, Pass, Relay, connect, http::Client, person};
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

/// Long enough for two lines to be opened on a machine that has other things to do.
const SHORT_SECONDS: u32 = 6;

type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

/// The answer to who is not let in: the status and the words.
fn refused(relay: &Relay, document: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let mut stream = TcpStream::connect(&relay.address).unwrap();
    let mut request = format!(
        "GET /ws/{document} HTTP/1.1\r\nHost: relay\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    );
    for (name, value) in headers {
        request += &format!("{name}: {value}\r\n");
    }
    stream.write_all(format!("{request}\r\n").as_bytes()).unwrap();
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let status = line.split(' ').nth(1).unwrap().parse().unwrap();
    assert_ne!(status, 101, "a line");
    let mut length = 0;
    while line.trim() != "" {
        line.clear();
        reader.read_line(&mut line).unwrap();
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

fn bearer(client: &Client) -> String {
    format!("Bearer {}", client.token.as_deref().unwrap())
}

fn open(relay: &Relay, client: &Client, document: &DocumentId) -> Socket {
    let headers = [("authorization", &*bearer(client))];
    let socket = connect(&relay.address, &document.to_string(), &headers).unwrap();
    if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
    }
    socket
}

fn send(socket: &mut Socket, frame: impl Into<bytes::Bytes>) {
    socket.send(Message::Binary(frame.into())).unwrap();
}

/// Read until a message of the protocol is what is wanted.
fn until<T>(socket: &mut Socket, wanted: impl Fn(&Frame<'_>) -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        assert!(start.elapsed() < PATIENCE, "it does not come");
        let Message::Binary(frame) = socket.read().unwrap() else { continue };
        if let Some(found) = frames::read(&frame).unwrap().iter().find_map(&wanted) {
            return found;
        }
    }
}

fn denied(socket: &mut Socket) -> String {
    until(socket, |frame| match frame {
        Frame::Denied(why) => Some((*why).to_owned()),
        _ => None,
    })
}

/// Read until the line ends: the code, and why.
fn ending(socket: &mut Socket) -> (u16, String) {
    loop {
        match socket.read() {
            Ok(Message::Close(Some(frame))) => {
                return (frame.code.into(), frame.reason.to_string());
            }
            Ok(_) => {}
            Err(error) => panic!("it ended without a word: {error}"),
        }
    }
}

/// The project of the desk: its owner, and its address.
fn owner(desk: &Desk, relay: &Relay) -> (Client, String) {
    (relay.client().with(&desk.pass.token), format!("/projects/{}", desk.project))
}

/// Somebody comes into the desk's project with this role; his address as a member.
fn member(desk: &Desk, relay: &Relay, name: &str, role: &str) -> (Client, String) {
    let (owner, project) = owner(desk, relay);
    let link = owner.post(&format!("{project}/links"), json!({ "role": role })).done();
    let who = person(desk, relay, name);
    let secret = link["url"].as_str().unwrap().split_once("#link=").unwrap().1;
    who.post("/links/join", json!({ "secret": secret })).done();
    let id = who.get("/me").done()["id"].as_str().unwrap().to_owned();
    (who, format!("{project}/members/{id}"))
}

fn update(client: u64, text: &str) -> Vec<u8> {
    let mut document = TextDocument::new(ClientId::from_random(client));
    document.edit(&[Change { at: 0, removed: 0, inserted: text.to_owned() }]).unwrap()
}

/// An update in every message that can hold one.
fn writes(update: &[u8]) -> [bytes::Bytes; 4] {
    let numbered = frames::numbered(Origin { session: 7, sequence: 1 }, update);
    let together = [frames::KEEP_ALIVE.to_vec(), frames::update(update).to_vec()].concat();
    [frames::update(update), frames::answer(update), numbered, together.into()]
}

#[test]
fn no_byte_of_a_viewer_comes_into_the_log_whatever_message_he_uses() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let document = desk.pass.document;
    for (role, word) in [("viewer", "viewer"), ("commenter", "commenter")] {
        let (who, _) = member(&desk, &relay, role, role);
        let mut line = open(&relay, &who, &document);
        for frame in writes(&update(9, "not mine to write")) {
            send(&mut line, frame);
            let why = denied(&mut line);
            assert!(why.contains(word), "{why}");
        }
    }
    // He reads what others write.
    let (viewer, _) = member(&desk, &relay, "Reader", "viewer");
    let mut line = open(&relay, &viewer, &document);
    send(&mut line, frames::ask(&quire_collab::Replica::default().state()));
    let mut author = Author::new(1, &desk.pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    author.type_at(0, 0, "the owner's words");
    author.until("saved", |author| author.line.is_saved());
    until(&mut line, |frame| matches!(frame, Frame::Update(_)).then_some(()));
    relay.kill();
    assert_eq!(desk.kept().text("text"), "the owner's words");
}

#[test]
fn a_commenter_writes_in_the_discussion_and_a_viewer_does_not() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (owner, project) = owner(&desk, &relay);
    let discussion = owner.get(&project).done()["discussion"].as_str().unwrap().parse().unwrap();
    let numbered = frames::numbered(Origin { session: 7, sequence: 1 }, &update(9, "I doubt it."));
    let (viewer, _) = member(&desk, &relay, "Viewer", "viewer");
    let mut line = open(&relay, &viewer, &discussion);
    send(&mut line, numbered.clone());
    assert!(denied(&mut line).contains("viewer"));
    let (commenter, _) = member(&desk, &relay, "Commenter", "commenter");
    let mut line = open(&relay, &commenter, &discussion);
    send(&mut line, numbered);
    until(&mut line, |frame| matches!(frame, Frame::Kept(1)).then_some(()));
}

#[test]
fn a_document_of_another_project_is_as_if_it_were_not_there() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let stranger = person(&desk, &relay, "Stranger");
    let own = stranger.post("/projects", json!({ "name": "Own" })).done();
    let bearer = bearer(&stranger);
    let headers = [("authorization", &*bearer)];
    let answer = refused(&relay, &desk.pass.document.to_string(), &headers);
    assert_eq!(answer.0, 404);
    for document in [DocumentId::new().to_string(), "paper".to_owned(), "..%2f..".to_owned()] {
        assert_eq!(refused(&relay, &document, &headers), answer, "{document}");
    }
    let ticket = json!({ "document": desk.pass.document });
    stranger.post("/tickets", ticket).refused(404, "not-found");
    // Nor through a ticket for one's own.
    let own = own["discussion"].as_str().unwrap();
    let ticket = stranger.post("/tickets", json!({ "document": own })).done();
    let ticket = ticket["ticket"].as_str().unwrap();
    let foreign = format!("{}?ticket={ticket}", desk.pass.document);
    assert_eq!(refused(&relay, &foreign, &[]).0, 401);
    assert_eq!(refused(&relay, &format!("{own}?ticket={ticket}"), &[]).0, 401, "it was used");
    open(&relay, &stranger, &own.parse().unwrap());
}

#[test]
fn a_line_says_who_it_is_in_four_ways_and_in_no_address() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &["--set", "origins=https://editor.example.org"]);
    let (document, token) = (desk.pass.document.to_string(), &desk.pass.token);
    let bearer = desk.pass.bearer();
    assert_eq!(refused(&relay, &document, &[]).0, 401);
    assert_eq!(refused(&relay, &document, &[("authorization", token)]).0, 401);
    assert_eq!(refused(&relay, &document, &[("authorization", "Bearer qrp_wrong")]).0, 401);
    let foreign = ("origin", "https://elsewhere.example.org");
    let (status, problem) = refused(&relay, &document, &[("authorization", &bearer), foreign]);
    assert_eq!((status, &problem["type"]), (403, &json!("urn:quire-relay:problem:origin")));
    let own = ("origin", "https://editor.example.org");
    connect(&relay.address, &document, &[("authorization", &bearer), own]).unwrap();
    let cookie = format!("a=b; quire_relay={token}");
    connect(&relay.address, &document, &[("cookie", &cookie), own]).unwrap();
    // A browser sends the cookie for any page that asks.
    assert_eq!(refused(&relay, &document, &[("cookie", &cookie), foreign]).0, 403);
    let protocols = format!("quire.sync, bearer.{token}");
    connect(&relay.address, &document, &[("sec-websocket-protocol", &protocols)]).unwrap();
    let owner = relay.client().with(token);
    let ticket = owner.post("/tickets", json!({ "document": document })).done();
    let with_ticket = format!("{document}?ticket={}", ticket["ticket"].as_str().unwrap());
    connect(&relay.address, &with_ticket, &[]).unwrap();
    assert_eq!(refused(&relay, &with_ticket, &[]).0, 401);
    for name in ["token", "access_token", "auth"] {
        let (status, problem) = refused(&relay, &format!("{document}?{name}={token}"), &[]);
        assert_eq!(status, 400, "{problem}");
    }
}

#[test]
fn what_the_owner_changes_holds_for_lines_that_are_open() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (owner, project) = owner(&desk, &relay);
    let (bob, bobs) = member(&desk, &relay, "Bob", "editor");
    let mut line = open(&relay, &bob, &desk.pass.document);
    let write = |sequence, text: &str| {
        frames::numbered(Origin { session: 7, sequence }, &update(100 + sequence, text))
    };
    send(&mut line, write(1, "one "));
    until(&mut line, |frame| matches!(frame, Frame::Kept(1)).then_some(()));
    owner.patch(&bobs, json!({ "role": "viewer" })).done();
    assert!(denied(&mut line).contains("viewer"));
    send(&mut line, write(2, "kept back "));
    denied(&mut line);
    // Asked for what was kept back, once he may write again.
    owner.patch(&bobs, json!({ "role": "editor" })).done();
    until(&mut line, |frame| matches!(frame, Frame::Ask(_)).then_some(()));
    send(&mut line, write(2, "kept back "));
    until(&mut line, |frame| matches!(frame, Frame::Kept(2)).then_some(()));
    owner.patch(&project, json!({ "archived": true })).done();
    assert!(denied(&mut line).contains("archived"));
    owner.patch(&project, json!({ "archived": false })).done();
    owner.delete(&bobs).done();
    let (code, why) = ending(&mut line);
    assert_eq!((code, &*why), (4403, "you have no access to this any more"));
    // The owner's own line, when the project goes into the trash.
    let mut own = open(&relay, &owner, &desk.pass.document);
    owner.delete(&project).done();
    assert_eq!(ending(&mut own).0, 4403);
    relay.kill();
    let text = desk.kept().text("text");
    assert!(text.contains("one ") && text.contains("kept back "), "{text}");
}

#[test]
fn a_guest_is_out_when_his_link_is_taken_back_or_ends() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (owner, project) = owner(&desk, &relay);
    let guest = |link: &Value| {
        let secret = link["url"].as_str().unwrap().split_once("#link=").unwrap().1;
        let said = json!({ "secret": secret, "name": "Gus" });
        let joined = relay.client().post("/links/join-as-guest", said).done();
        let guest = relay.client().with(joined["tokens"]["access_token"].as_str().unwrap());
        (open(&relay, &guest, &desk.pass.document), guest)
    };
    let links = format!("{project}/links");
    let link = owner.post(&links, json!({ "role": "editor", "admits_guests": true })).done();
    let (mut line, who) = guest(&link);
    owner.delete(&format!("{links}/{}", link["id"].as_str().unwrap())).done();
    assert_eq!(ending(&mut line).0, 4403);
    let headers = [("authorization", &*bearer(&who))];
    assert_eq!(refused(&relay, &desk.pass.document.to_string(), &headers).0, 404);
    let soon = Timestamp::now().after(3);
    let short = json!({ "role": "editor", "admits_guests": true, "expires_at": soon });
    let (mut line, _) = guest(&owner.post(&links, short).done());
    assert_eq!(ending(&mut line).0, 4401);
}

/// Somebody with a password, logged in: the client, and his tokens.
fn log_in(relay: &Relay) -> (Client, Value) {
    let email = "ann@example.org";
    let account = json!({ "email": email, "name": "Ann", "password": "correct horse" });
    // A second log-in finds the account.
    relay.client().post("/register", account);
    let said = json!({ "email": email, "password": "correct horse" });
    let tokens = relay.client().post("/sessions", said).done();
    (relay.client().with(tokens["access_token"].as_str().unwrap()), tokens)
}

#[test]
fn a_line_ends_with_its_token_unless_it_is_told_another() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &["--set", "accounts.registration=open"]);
    let (ann, tokens) = log_in(&relay);
    let project = ann.post("/projects", json!({ "name": "Paper" })).done();
    let document: DocumentId = project["discussion"].as_str().unwrap().parse().unwrap();
    // Tokens of the same log-in that end sooner.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let directory = Directory::open(desk.path()).unwrap();
    let short = runtime.block_on(AccessTokens::open(&directory, SHORT_SECONDS, 30)).unwrap();
    let user = tokens["user"]["id"].as_str().unwrap().parse().unwrap();
    let login = tokens["session"].as_str().unwrap().parse().unwrap();
    let soon = || {
        let (token, _) = short.issue(user, login, Timestamp::now()).unwrap();
        open(&relay, &ann.with(&token), &document)
    };
    let mut left = soon();
    let mut kept = soon();
    let opened = Instant::now();
    send(&mut kept, frames::renew(ann.token.as_deref().unwrap()));
    assert_eq!(ending(&mut left), (4401, "log in again".to_owned()));
    // The other goes on, and what it writes is kept.
    std::thread::sleep(Duration::from_secs(SHORT_SECONDS.into()).saturating_sub(opened.elapsed()));
    send(&mut kept, frames::numbered(Origin { session: 7, sequence: 1 }, &update(9, "still here")));
    until(&mut kept, |frame| matches!(frame, Frame::Kept(1)).then_some(()));
    // Nobody goes on with another's token.
    send(&mut kept, frames::renew(&desk.pass.token));
    assert_eq!(ending(&mut kept).0, 4401);
}

#[test]
fn a_line_ends_with_its_log_in() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &["--set", "accounts.registration=open"]);
    let (ann, _) = log_in(&relay);
    let (second, _) = log_in(&relay);
    let project = ann.post("/projects", json!({ "name": "Paper" })).done();
    let document = project["discussion"].as_str().unwrap().parse().unwrap();
    let (mut one, mut other) = (open(&relay, &ann, &document), open(&relay, &second, &document));
    ann.delete("/sessions/current").done();
    assert_eq!(ending(&mut one).0, 4401);
    send(&mut other, frames::numbered(Origin { session: 7, sequence: 1 }, &update(9, "here")));
    until(&mut other, |frame| matches!(frame, Frame::Kept(1)).then_some(()));
    second.delete("/sessions").done();
    assert_eq!(ending(&mut other).0, 4401);
}

#[test]
fn a_project_and_a_document_take_so_much_and_no_more() {
    for setting in ["limits.project_bytes=20000", "limits.document_bytes=20000"] {
        let desk = Desk::new();
        let relay = Relay::start(desk.path(), &["--set", setting]);
        let mut line = open(&relay, &relay.client().with(&desk.pass.token), &desk.pass.document);
        let mut sequence = 0;
        let why = loop {
            sequence += 1;
            assert!(sequence < 1000, "nothing is refused");
            let more = update(1000 + sequence, &"x".repeat(1000));
            send(&mut line, frames::numbered(Origin { session: 7, sequence }, &more));
            let answer = until(&mut line, |frame| match frame {
                Frame::Kept(kept) if *kept == sequence => Some(None),
                Frame::Denied(why) => Some(Some((*why).to_owned())),
                _ => None,
            });
            if let Some(why) = answer {
                break why;
            }
        };
        let word = if setting.contains("project") { "full" } else { "as long as it may be" };
        assert!(why.contains(word), "{why}");
        assert!(sequence > 15, "{sequence}");
        drop(line);
        relay.kill();
        // Also after a start; with more room it goes on.
        let relay = Relay::start(desk.path(), &["--set", setting]);
        let client = relay.client().with(&desk.pass.token);
        let mut line = open(&relay, &client, &desk.pass.document);
        send(&mut line, frames::update(&update(9, "more")));
        assert!(denied(&mut line).contains(word));
        // What is there can be removed.
        let mut author = Author::new(2, &desk.pass);
        assert!(author.connect(&relay.address));
        author.until("read", |author| author.document.len() > 10_000 && author.line.is_saved());
        let length = author.document.len();
        author.type_at(0, length, "");
        author.until("saved", |author| author.line.is_saved());
        relay.kill();
        assert_eq!(desk.kept().text("text"), "");
        let relay = Relay::start(desk.path(), &[]);
        let mut author = Author::new(1, &desk.pass);
        assert!(author.connect(&relay.address));
        author.until("saved", |author| author.line.is_saved());
    }
}

#[test]
fn the_pass_of_a_document_is_needed_for_each_line() {
    // A personal token that was taken back ends its lines, and opens no more.
    let desk = Desk::new();
    let settings = ["--set", "accounts.registration=open"];
    let relay = Relay::start(desk.path(), &settings);
    let (ann, _) = log_in(&relay);
    let project = ann.post("/projects", json!({ "name": "Paper" })).done();
    let document = project["discussion"].as_str().unwrap().parse().unwrap();
    let token = ann.post("/tokens", json!({ "name": "script" })).done();
    let pass = Pass { token: token["secret"].as_str().unwrap().to_owned(), document };
    let mut author = Author::new(1, &pass);
    assert!(author.connect(&relay.address));
    author.until("open", |author| author.line.is_open());
    ann.delete(&format!("/tokens/{}", token["id"].as_str().unwrap())).done();
    author.until("sent away", |author| !author.is_connected());
    assert!(!author.connect(&relay.address));
}
