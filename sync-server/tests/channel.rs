//! What is told of a project on `/ws/projects/{project}`, through the real server.

#![allow(clippy::unwrap_used)]

mod support;

use quire_relay::directory::{Act, Directory, users};
use serde_json::{Value, json};
use std::net::TcpStream;
use support::{Desk, PATIENCE, Relay, connect, http::Client, person};
use tungstenite::{Message, WebSocket, stream::MaybeTlsStream};

type Socket = WebSocket<MaybeTlsStream<TcpStream>>;

fn listen(relay: &Relay, project: &str, who: &Client) -> tungstenite::Result<Socket> {
    let bearer = format!("Bearer {}", who.token.as_deref().unwrap());
    let socket =
        connect(&relay.address, &format!("projects/{project}"), &[("authorization", &bearer)])?;
    if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
    }
    Ok(socket)
}

/// The next that is said, or the code with which the line was closed.
fn next(socket: &mut Socket) -> Result<Value, u16> {
    loop {
        match socket.read().unwrap() {
            Message::Text(said) => return Ok(serde_json::from_str(&said).unwrap()),
            Message::Close(why) => return Err(why.unwrap().code.into()),
            _ => {}
        }
    }
}

/// What is said until this type comes, which is answered.
fn until(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let said = next(socket).unwrap();
        if said["type"] == kind {
            return said;
        }
    }
}

fn say(socket: &mut Socket, said: Value) {
    socket.send(Message::Text(said.to_string().into())).unwrap();
}

fn joins(owner: &Client, at: &str, who: &Client, role: &str) -> String {
    let link = owner.post(&format!("{at}/links"), json!({ "role": role })).done();
    let secret = link["url"].as_str().unwrap().split_once("#link=").unwrap().1;
    who.post("/links/join", json!({ "secret": secret })).done();
    who.get("/me").done()["id"].as_str().unwrap().to_owned()
}

#[test]
fn members_are_told_what_was_changed_and_by_role_what_they_may() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let owner = relay.client().with(&desk.pass.token);
    let (ann, at) = (person(&desk, &relay, "Ann"), format!("/projects/{}", desk.project));
    let project = desk.project.to_string();
    let id = joins(&owner, &at, &ann, "editor");
    let mut line = listen(&relay, &project, &ann).unwrap();
    let hello = next(&mut line).unwrap();
    assert_eq!(
        (&hello["type"], &hello["role"], &hello["user"]),
        (&json!("hello"), &json!("editor"), &json!(id))
    );
    let changed = |line: &mut Socket| until(line, "changed")["what"].clone();
    let document = format!("{at}/documents/{}", quire_relay::directory::DocumentId::new());
    owner.put(&document, json!({ "path": "two.tex" })).done();
    assert_eq!(changed(&mut line), json!(["documents"]));
    // What changes nothing is not told, and what follows is.
    owner.put(&document, json!({ "path": "two.tex" })).done();
    owner.patch(&at, json!({ "name": "Thesis" })).done();
    assert_eq!(changed(&mut line), json!(["project"]));
    let empty = quire_project::ContentHash::of(&[]).to_string();
    owner.post(&format!("{at}/uploads"), json!({ "hash": empty, "size": 0 })).done();
    let file = format!("{at}/files/{}", quire_relay::directory::FileId::new());
    owner.put(&file, json!({ "path": "empty.dat", "hash": empty })).done();
    assert_eq!(changed(&mut line), json!(["files"]));
    // By another process: told with the next change.
    let (bob, ann_id) = (person(&desk, &relay, "Bob"), id.parse().unwrap());
    Directory::open(desk.path())
        .unwrap()
        .change_now(move |conn| users::rename(conn, &Act::of_operator(), ann_id, "Annabel"))
        .unwrap();
    bob.post("/projects", json!({ "name": "Elsewhere" })).done();
    assert_eq!(changed(&mut line), json!(["members"]));
    owner.patch(&format!("{at}/members/{id}"), json!({ "role": "viewer" })).done();
    assert_eq!(until(&mut line, "role")["role"], "viewer");
    owner.delete(&format!("{at}/members/{id}")).done();
    let code = loop {
        if let Err(code) = next(&mut line) {
            break code;
        }
    };
    assert_eq!(code, 4403);
    assert!(
        matches!(listen(&relay, &project, &ann), Err(tungstenite::Error::Http(answer)) if answer.status() == 404)
    );
}

#[test]
fn people_see_who_is_there_and_where() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let owner = relay.client().with(&desk.pass.token);
    let (ann, at) = (person(&desk, &relay, "Ann"), format!("/projects/{}", desk.project));
    let (project, id) = (desk.project.to_string(), joins(&owner, &at, &ann, "viewer"));
    let mut first = listen(&relay, &project, &owner).unwrap();
    next(&mut first).unwrap();
    let mut second = listen(&relay, &project, &ann).unwrap();
    let hello = next(&mut second).unwrap();
    let people = until(&mut first, "people");
    assert_eq!(
        (&people["here"][0]["name"], &people["here"][0]["user"]),
        (&json!("Ann"), &json!(id))
    );
    assert_eq!(people["here"][0]["line"], hello["line"]);
    assert_eq!(until(&mut second, "people")["here"][0]["name"], "Owner");
    let place = json!({ "document": desk.pass.document, "line": 12 });
    say(&mut second, json!({ "type": "here", "place": place, "color": "#aabbcc" }));
    let people = until(&mut first, "people");
    assert_eq!(
        (&people["here"][0]["place"], &people["here"][0]["color"]),
        (&place, &json!("#aabbcc"))
    );
    // A name is the relay's to tell, and a style sheet nobody's.
    say(&mut second, json!({ "type": "here", "place": null, "color": "red;}" }));
    let people = until(&mut first, "people");
    assert_eq!(people["here"][0].get("color"), None);
    drop(second);
    assert_eq!(until(&mut first, "people")["gone"], json!([hello["line"]]));
    say(&mut first, json!({ "type": "here", "name": "Somebody else" }));
    assert_eq!(next(&mut first), Err(1002));
}

#[test]
fn strangers_are_told_nothing_and_everybody_when_it_restarts() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &["--set", "limits.per_document=2"]);
    let owner = relay.client().with(&desk.pass.token);
    let mallory = person(&desk, &relay, "Mallory");
    let project = desk.project.to_string();
    let refused = |who: &Client, project: &str| match listen(&relay, project, who) {
        Err(tungstenite::Error::Http(answer)) => answer.status().as_u16(),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&mallory, &project), 404);
    assert_eq!(refused(&mallory, "not-an-id"), 404);
    assert_eq!(refused(&owner.with("nonsense"), &project), 401);
    let mut lines = [(); 2].map(|()| listen(&relay, &project, &owner).unwrap());
    for line in &mut lines {
        next(line).unwrap();
    }
    assert_eq!(refused(&owner, &project), 503);
    let ending = std::thread::spawn(move || relay.end());
    for line in &mut lines {
        let code = loop {
            if let Err(code) = next(line) {
                break code;
            }
        };
        assert_eq!(code, 1012);
    }
    drop(lines);
    assert!(ending.join().unwrap());
}
