//! Projects through the real server: what becomes of them, who may do what, invitations and links.

#![allow(clippy::unwrap_used)]

mod support;

use quire_relay::directory::{Directory, DocumentId, ProjectId};
use serde_json::{Value, json};
use support::{Desk, Relay, http::Client, person};

/// A project's address.
fn at(project: &Value) -> String {
    format!("/projects/{}", project["id"].as_str().unwrap())
}

fn new_project(client: &Client, name: &str) -> Value {
    client.post("/projects", json!({ "name": name })).done()
}

/// Somebody comes in by a link with this role.
fn joins(owner: &Client, project: &Value, who: &Client, role: &str) {
    let link = owner.post(&format!("{}/links", at(project)), json!({ "role": role })).done();
    let joined = who.post("/links/join", json!({ "secret": secret_of(&link) })).done();
    assert_eq!(joined["role"], role);
}

fn secret_of(link: &Value) -> &str {
    link["url"].as_str().unwrap().split_once("/join#link=").unwrap().1
}

#[test]
fn a_project_is_made_renamed_archived_deleted_and_restored_by_its_owner() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (ann, bob) = (person(&desk, &relay, "Ann"), person(&desk, &relay, "Bob"));
    let id = ProjectId::new();
    let wanted = json!({ "id": id, "name": "Paper" });
    let project = ann.post("/projects", wanted.clone()).done();
    // The reply was lost: the same again is the same project.
    assert_eq!(ann.post("/projects", wanted.clone()).done(), project);
    bob.post("/projects", wanted).refused(409, "conflict");
    assert_eq!((&project["role"], &project["members"]), (&json!("owner"), &json!(1)));
    assert!(project["discussion"].is_string());
    let here = at(&project);
    bob.get(&here).refused(404, "not-found");
    assert_eq!(ann.patch(&here, json!({ "name": "Thesis" })).done()["name"], "Thesis");
    ann.patch(&here, json!({ "name": " " })).refused(422, "invalid");
    assert!(ann.patch(&here, json!({ "archived": true })).done()["archived_at"].is_string());
    let document = format!("{here}/documents/{}", DocumentId::new());
    ann.put(&document, json!({ "path": "a.tex" })).refused(403, "forbidden");
    ann.patch(&here, json!({ "archived": false })).done();
    ann.put(&document, json!({ "path": "a.tex" })).done();
    joins(&ann, &project, &bob, "editor");
    ann.delete(&format!("{here}?for_good=true")).refused(409, "conflict");
    bob.delete(&here).refused(403, "forbidden");
    ann.delete(&here).done();
    // The owner finds it in the trash; for others it is not there.
    assert!(ann.get("/projects").done()[0]["deleted_at"].is_string());
    assert_eq!(bob.get("/projects").done(), json!([]));
    bob.get(&here).refused(404, "not-found");
    bob.post(&format!("{here}/restore"), json!({})).refused(404, "not-found");
    ann.post(&format!("{here}/restore"), json!({})).done();
    assert_eq!(bob.get(&format!("{here}/documents")).done()[0]["path"], "a.tex");
    ann.delete(&here).done();
    ann.delete(&format!("{here}?for_good=true")).done();
    ann.get(&here).refused(404, "not-found");
    let done = desk_audit(&desk);
    assert!(done.windows(2).any(|two| two == ["project.delete", "project.purge"]), "{done:?}");
}

/// What the audit log says, read from the database, the oldest first.
fn desk_audit(desk: &Desk) -> Vec<String> {
    let directory = rusqlite::Connection::open(desk.path().join("directory.sqlite3")).unwrap();
    let mut actions = directory.prepare("SELECT action FROM audit ORDER BY number").unwrap();
    let actions = actions.query_map([], |row| row.get(0)).unwrap();
    actions.collect::<Result<_, _>>().unwrap()
}

#[test]
fn each_role_may_do_what_it_may_and_no_more() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let ann = person(&desk, &relay, "Ann");
    let project = new_project(&ann, "Paper");
    let here = at(&project);
    let stranger = person(&desk, &relay, "Stranger");
    let document = || format!("{here}/documents/{}", DocumentId::new());
    for (nth, role) in ["viewer", "commenter", "editor"].into_iter().enumerate() {
        let who = person(&desk, &relay, role);
        joins(&ann, &project, &who, role);
        let put = who.put(&document(), json!({ "path": format!("{role}.tex") }));
        if role == "editor" {
            put.done();
        } else {
            put.refused(403, "forbidden");
        }
        assert_eq!(who.get(&format!("{here}/members")).done().as_array().unwrap().len(), nth + 2);
        let me = who.get("/me").done()["id"].as_str().unwrap().to_owned();
        let member = format!("{here}/members/{me}");
        for refused in [
            who.patch(&here, json!({ "name": "Mine" })),
            who.delete(&here),
            who.patch(&member, json!({ "role": "owner" })),
            who.patch(&member, json!({ "role": "editor" })),
            who.put(&format!("{here}/owner"), json!({ "user": me })),
            who.post(&format!("{here}/links"), json!({ "role": "editor" })),
            who.get(&format!("{here}/links")),
            who.get(&format!("{here}/invitations")),
            who.get(&format!("{here}/audit")),
            who.post(
                &format!("{here}/invitations"),
                json!({ "email": "x@example.org", "role": "editor" }),
            ),
        ] {
            refused.refused(403, "forbidden");
        }
    }
    // To a stranger there is nothing, whatever he asks.
    for answer in [
        stranger.get(&here),
        stranger.get(&format!("{here}/members")),
        stranger.get(&format!("{here}/documents")),
        stranger.put(&document(), json!({ "path": "x.tex" })),
        stranger.delete(&here),
        stranger.post(&format!("{here}/links"), json!({ "role": "editor" })),
        stranger.get(&format!("/projects/{}", ProjectId::new())),
        stranger.get("/projects/not-an-id"),
    ] {
        answer.refused(404, "not-found");
    }
    relay.client().get(&here).refused(401, "unauthenticated");
}

#[test]
fn members_are_changed_removed_and_leave_and_one_becomes_the_owner() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (ann, bob) = (person(&desk, &relay, "Ann"), person(&desk, &relay, "Bob"));
    let project = new_project(&ann, "Paper");
    let here = at(&project);
    joins(&ann, &project, &bob, "viewer");
    let id = |who: &Client| who.get("/me").done()["id"].as_str().unwrap().to_owned();
    let (anns, bobs) = (id(&ann), id(&bob));
    let member = |id: &str| format!("{here}/members/{id}");
    // Addresses are the owner's to know.
    assert!(ann.get(&format!("{here}/members")).done()[1]["email"].is_string());
    assert!(bob.get(&format!("{here}/members")).done()[0]["email"].is_null());
    ann.patch(&member(&bobs), json!({ "role": "commenter" })).done();
    assert_eq!(bob.get(&here).done()["role"], "commenter");
    ann.patch(&member(&bobs), json!({ "role": "king" })).refused(400, "malformed");
    ann.patch(&member(&bobs), json!({ "role": "owner" })).refused(409, "conflict");
    ann.delete(&member(&anns)).refused(409, "conflict");
    ann.put(&format!("{here}/owner"), json!({ "user": desk.owner })).refused(404, "not-found");
    assert_eq!(ann.get(&here).done()["role"], "owner");
    ann.put(&format!("{here}/owner"), json!({ "user": bobs })).done();
    assert_eq!(ann.get(&here).done()["role"], "editor");
    ann.delete(&member(&bobs)).refused(403, "forbidden");
    bob.delete(&member(&anns)).done();
    ann.get(&here).refused(404, "not-found");
    // A link raises one's role, and never lowers it.
    joins(&bob, &project, &ann, "viewer");
    let editors = bob.post(&format!("{here}/links"), json!({ "role": "editor" })).done();
    let viewers = bob.post(&format!("{here}/links"), json!({ "role": "viewer" })).done();
    for link in [&editors, &viewers] {
        let joined = ann.post("/links/join", json!({ "secret": secret_of(link) })).done();
        assert_eq!(joined["role"], "editor");
    }
    ann.delete(&member(&anns)).done();
    ann.get(&here).refused(404, "not-found");
}

#[test]
fn documents_stay_in_their_project_and_on_paths_that_lead_nowhere_else() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let ann = person(&desk, &relay, "Ann");
    let (one, other) = (at(&new_project(&ann, "One")), at(&new_project(&ann, "Other")));
    let id = DocumentId::new();
    let put = |project: &str, id: DocumentId, path: &str| {
        ann.put(&format!("{project}/documents/{id}"), json!({ "path": path }))
    };
    let made = put(&one, id, "chapters/./one.tex").done();
    assert_eq!(made["path"], "chapters/one.tex");
    assert_eq!(put(&one, id, "chapters/one.tex").done(), made);
    put(&other, id, "one.tex").refused(409, "conflict");
    put(&one, DocumentId::new(), "chapters/one.tex").refused(409, "conflict");
    // The document of somebody else's project cannot be taken into one's own.
    put(&one, desk.pass.document, "stolen.tex").refused(409, "conflict");
    let long = "a/".repeat(600);
    for path in
        ["../x.tex", "a/../../x.tex", "/etc/passwd", "C:\\x.tex", "a\0b", "a\nb", "", ".", &long]
    {
        put(&one, DocumentId::new(), path).refused(422, "invalid");
    }
    put(&one, id, "two.tex").done();
    ann.delete(&format!("{other}/documents/{id}")).refused(404, "not-found");
    ann.delete(&format!("{one}/documents/{id}")).done();
    assert_eq!(ann.get(&format!("{one}/documents")).done(), json!([]));
    put(&one, id, "two.tex").done();
    assert_eq!(ann.get(&format!("{one}/documents")).done().as_array().unwrap().len(), 1);
}

#[test]
fn who_is_invited_by_mail_registers_and_comes_in() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let ann = person(&desk, &relay, "Ann");
    let project = new_project(&ann, "Paper");
    let invitations = format!("{}/invitations", at(&project));
    let invite = |email: &str| ann.post(&invitations, json!({ "email": email, "role": "editor" }));
    invite("nobody").refused(422, "invalid");
    invite("Bob@Example.org").done();
    let first = relay.letter("#invitation=");
    invite("bob@example.org").done();
    assert_eq!(ann.get(&invitations).done().as_array().unwrap().len(), 1);
    let start = std::time::Instant::now();
    let secret = loop {
        let secret = relay.letter("#invitation=");
        if secret != first {
            break secret;
        }
        assert!(start.elapsed() < support::PATIENCE, "no second letter");
    };
    let register = |email: &str, secret: &str| {
        relay.client().post(
            "/register",
            json!({ "email": email, "name": "Bob", "password": "correct horse", "invitation": secret }),
        )
    };
    register("bob@example.org", &first).refused(404, "bad-secret");
    register("eve@example.org", &secret).refused(403, "forbidden");
    assert_eq!(register("bob@example.org", &secret).done()["next"], "log-in");
    let log_in = json!({ "email": "bob@example.org", "password": "correct horse" });
    let tokens = relay.client().post("/sessions", log_in).done();
    let bob = relay.client().with(tokens["access_token"].as_str().unwrap());
    let joined = bob.post("/invitations/accept", json!({ "secret": secret })).done();
    assert_eq!((&joined["role"], &joined["name"]), (&json!("editor"), &json!("Paper")));
    bob.post("/invitations/accept", json!({ "secret": secret })).refused(404, "bad-secret");
    invite("bob@example.org").refused(409, "conflict");
    let carols = invite("carol@example.org").done();
    ann.delete(&format!("{invitations}/{}", carols["id"].as_str().unwrap())).done();
    assert_eq!(ann.get(&invitations).done(), json!([]));
}

#[test]
fn a_link_that_was_taken_back_or_has_ended_lets_nobody_in() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let (ann, bob) = (person(&desk, &relay, "Ann"), person(&desk, &relay, "Bob"));
    let project = new_project(&ann, "Paper");
    let links = format!("{}/links", at(&project));
    let link = ann.post(&links, json!({ "role": "viewer" })).done();
    let secret = json!({ "secret": secret_of(&link) });
    let offer = relay.client().post("/links/look", secret.clone()).done();
    assert_eq!(offer, json!({ "project_name": "Paper", "role": "viewer", "admits_guests": false }));
    let guest = json!({ "secret": secret_of(&link), "name": "Guest" });
    relay.client().post("/links/join-as-guest", guest).refused(403, "forbidden");
    relay.client().post("/links/join", secret.clone()).refused(401, "unauthenticated");
    bob.post("/links/join", secret.clone()).done();
    assert_eq!(ann.get(&links).done()[0]["members"], 1);
    let here = format!("{links}/{}", link["id"].as_str().unwrap());
    bob.delete(&here).refused(403, "forbidden");
    ann.delete(&here).done();
    // He is a member now, and nobody else becomes one.
    bob.get(&at(&project)).done();
    let carol = person(&desk, &relay, "Carol");
    for who in [&carol, &bob] {
        who.post("/links/join", secret.clone()).refused(404, "bad-secret");
    }
    relay.client().post("/links/look", secret).refused(404, "bad-secret");
    // With those who came by it.
    let link = ann.post(&links, json!({ "role": "viewer" })).done();
    carol.post("/links/join", json!({ "secret": secret_of(&link) })).done();
    ann.delete(&format!("{links}/{}?remove_members=true", link["id"].as_str().unwrap())).done();
    carol.get(&at(&project)).refused(404, "not-found");
    let past = json!({ "role": "viewer", "expires_at": "2020-01-01T00:00:00Z" });
    ann.post(&links, past).refused(422, "invalid");
    ann.post(&links, json!({ "role": "owner" })).refused(422, "invalid");
    let soon = quire_relay::ids::Timestamp::now().after(1);
    let link = ann.post(&links, json!({ "role": "viewer", "expires_at": soon })).done();
    std::thread::sleep(std::time::Duration::from_millis(2100));
    carol.post("/links/join", json!({ "secret": secret_of(&link) })).refused(404, "bad-secret");
}

#[test]
fn a_guest_is_in_one_project_for_as_long_as_the_link_is_good() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let ann = person(&desk, &relay, "Ann");
    let project = new_project(&ann, "Paper");
    let links = format!("{}/links", at(&project));
    let link = ann.post(&links, json!({ "role": "commenter", "admits_guests": true })).done();
    let said = json!({ "secret": secret_of(&link), "name": "Gus" });
    let joined = relay.client().post("/links/join-as-guest", said.clone()).done();
    let guest = relay.client().with(joined["tokens"]["access_token"].as_str().unwrap());
    assert_eq!(guest.get(&at(&project)).done()["role"], "commenter");
    guest.post("/projects", json!({ "name": "Own" })).refused(403, "forbidden");
    let members = ann.get(&format!("{}/members", at(&project))).done();
    assert_eq!((&members[1]["name"], &members[1]["is_guest"]), (&json!("Gus"), &json!(true)));
    let member = members[1]["user"].as_str().unwrap();
    ann.put(&format!("{}/owner", at(&project)), json!({ "user": member }))
        .refused(404, "not-found");
    ann.delete(&format!("{links}/{}", link["id"].as_str().unwrap())).done();
    guest.get(&at(&project)).refused(404, "not-found");
    assert_eq!(guest.get("/projects").done(), json!([]));
    relay.client().post("/links/join-as-guest", said).refused(404, "bad-secret");
    drop(relay);
    let relay = Relay::start(desk.path(), &["--set", "accounts.guests=false"]);
    let ann = relay.client().with(ann.token.as_deref().unwrap());
    ann.post(&links, json!({ "role": "viewer", "admits_guests": true })).refused(403, "forbidden");
}

#[test]
fn one_person_owns_so_many_projects() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &["--set", "limits.projects_per_user=2"]);
    let (ann, bob) = (person(&desk, &relay, "Ann"), person(&desk, &relay, "Bob"));
    let first = new_project(&ann, "One");
    let second = new_project(&ann, "Two");
    ann.post("/projects", json!({ "name": "Three" })).refused(403, "quota");
    // Those of others do not count; those in the trash do.
    joins(&bob, &new_project(&bob, "Bob's"), &ann, "editor");
    ann.delete(&at(&second)).done();
    ann.post("/projects", json!({ "name": "Three" })).refused(403, "quota");
    ann.delete(&format!("{}?for_good=true", at(&second))).done();
    new_project(&ann, "Three");
    drop(first);
}

#[test]
fn the_audit_log_is_chained_and_a_change_of_it_is_found() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let ann = person(&desk, &relay, "Ann");
    let project = new_project(&ann, "Paper");
    ann.patch(&at(&project), json!({ "name": "Thesis" })).done();
    let entries = ann.get(&format!("{}/audit", at(&project))).done();
    assert_eq!(entries[0]["action"], "project.rename");
    assert_eq!(entries[0]["detail"], json!({ "name": "Thesis" }));
    assert_eq!(entries[0]["address"], "127.0.0.1");
    assert_eq!(entries[0]["actor"], ann.get("/me").done()["id"]);
    let verify = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_quire-relay"))
            .args(["verify", "--data"])
            .arg(desk.path())
            .args(arguments)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        (output.status.success(), said + &String::from_utf8_lossy(&output.stderr))
    };
    let (is_whole, said) = verify(&[]);
    assert!(is_whole, "{said}");
    let head = said.lines().next().unwrap().rsplit(' ').next().unwrap().to_owned();
    ann.patch(&at(&project), json!({ "name": "Book" })).done();
    assert!(verify(&["--audit", &head]).0);
    relay.kill();
    let directory = rusqlite::Connection::open(desk.path().join("directory.sqlite3")).unwrap();
    for sql in ["UPDATE audit SET actor = NULL WHERE number = 3", "DELETE FROM audit"] {
        let refused = directory.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("only appended to"), "{refused}");
    }
    // By somebody who knows how: what he changed is found, and what he cut off.
    directory
        .execute_batch("DROP TRIGGER audit_is_not_changed; DROP TRIGGER audit_is_not_deleted")
        .unwrap();
    directory.execute("DELETE FROM audit WHERE number > 2", []).unwrap();
    assert!(verify(&[]).0);
    let (is_whole, said) = verify(&["--audit", &head]);
    assert!(!is_whole && said.contains("cut or written anew"), "{said}");
    directory.execute("UPDATE audit SET detail = '{}' WHERE number = 1", []).unwrap();
    let (is_whole, said) = verify(&[]);
    assert!(!is_whole && said.contains("entry 1"), "{said}");
}

#[test]
fn the_description_names_every_address_and_every_one_of_them_answers() {
    let desk = Desk::new();
    let relay = Relay::start(desk.path(), &[]);
    let client = relay.client();
    let description = client.get("/openapi.json").done();
    assert!(description["openapi"].as_str().unwrap().starts_with("3."));
    let paths = description["paths"].as_object().unwrap();
    assert!(paths.len() > 25, "{}", paths.len());
    for (path, methods) in paths {
        let address = path
            .split('/')
            .map(|part| if part.starts_with('{') { "0".repeat(32) } else { part.to_owned() })
            .collect::<Vec<_>>()
            .join("/");
        for (method, operation) in methods.as_object().unwrap() {
            assert!(operation["summary"].is_string(), "{method} {path} says nothing of itself");
            let needs_token = operation.get("security").is_some();
            let answer = client.ask(&method.to_uppercase(), &address);
            // Without a token it is refused or, where none is needed, reads what is asked.
            match answer.status {
                401 => assert!(needs_token, "{method} {path} needs a token"),
                200 | 400 => assert!(!needs_token, "{method} {path} needs no token"),
                status => panic!("{method} {path}: {status}"),
            }
        }
    }
    client.ask("GET", "/api/v1/elsewhere").refused(404, "not-found");
    let answer = client.ask("DELETE", "/api/v1/register");
    assert!(answer.status == 405 || answer.status == 400, "{answer:?}");
    drop(Directory::open(desk.path()).unwrap());
}
