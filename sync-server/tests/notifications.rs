//! What people are told of, through the real server: by what is said in a real discussion, and by whom.

#![allow(clippy::unwrap_used)]

mod support;

use quire_relay::directory::{
    Act, Directory, DocumentId, ProjectId, Timestamp, UserId,
    notifications::{self, Kind, Said},
};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use support::{
    Desk, PATIENCE, Relay,
    http::Client,
    mail::{self, text_of},
    person,
    talk::{DOCUMENT, Voice, discussion},
};

/// This test asks again and again.
const IMPATIENT: [&str; 2] = ["--set", "limits.requests_per_minute=0"];

/// A project with its owner, Ann and Bob, and the discussion of it.
struct Scene {
    desk: Desk,
    relay: Relay,
    owner: Client,
    ann: Client,
    bob: Client,
    discussion: DocumentId,
}

impl Scene {
    fn new() -> Self {
        let desk = Desk::new();
        let relay = Relay::start(desk.path(), &IMPATIENT);
        let owner = relay.client().with(&desk.pass.token);
        let discussion = discussion(&owner, &desk.project.to_string());
        let [ann, bob] = ["Ann", "Bob"].map(|name| {
            let somebody = person(&desk, &relay, name);
            joins(&owner, &desk, &somebody, "commenter");
            somebody
        });
        Self { desk, relay, owner, ann, bob, discussion }
    }

    fn voice(&self, number: u64, who: &Client) -> Voice {
        Voice::new(number, who, self.discussion, &self.relay.address)
    }

    /// The relay ends and starts again; `between` has its folder.
    fn again(mut self, between: impl FnOnce(&Desk)) -> Self {
        let address = self.relay.address.clone();
        self.relay.kill();
        between(&self.desk);
        self.relay = Relay::start_at(self.desk.path(), &address, &IMPATIENT);
        self
    }
}

fn joins(owner: &Client, desk: &Desk, who: &Client, role: &str) {
    let links = format!("/projects/{}/links", desk.project);
    let link = owner.post(&links, json!({ "role": role })).done();
    let secret = link["url"].as_str().unwrap().split_once("#link=").unwrap().1;
    who.post("/links/join", json!({ "secret": secret })).done();
}

fn told(who: &Client) -> Vec<Value> {
    who.get("/notifications").done()["notifications"].as_array().unwrap().clone()
}

/// Wait until somebody is told of so much.
#[track_caller]
fn until(who: &Client, count: usize) -> Vec<Value> {
    let start = Instant::now();
    loop {
        let told = told(who);
        if told.len() >= count {
            assert_eq!(told.len(), count, "{told:?}");
            return told;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain: {told:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn who_is_spoken_to_or_answered_is_told_once_and_nobody_else() {
    let scene = Scene::new();
    let (mut ann, mut bob) = (scene.voice(1, &scene.ann), scene.voice(2, &scene.bob));
    let bob_id = bob.user.clone();
    ann.comment(&[&bob], "t1", "Is this right,\n@Bob?", &[&bob_id, &ann.user.clone()]);
    let one = until(&scene.bob, 1).remove(0);
    for (field, value) in [
        ("kind", json!("mention")),
        ("project", json!(scene.desk.project)),
        ("project_name", json!("Paper")),
        ("by", json!(ann.user)),
        ("by_name", json!("Ann")),
        ("excerpt", json!("Is this right, @Bob?")),
        ("thread", json!("t1")),
        ("message", json!("t1")),
        ("document", json!(DOCUMENT)),
        ("seen_at", Value::Null),
    ] {
        assert_eq!(one[field], value, "{field}");
    }
    // She is answered, and not told of her own.
    bob.reply(&[&ann], ("t1", "m2"), &bob_id, "It is.", &[]);
    let reply = until(&scene.ann, 1).remove(0);
    assert_eq!((&reply["kind"], &reply["excerpt"]), (&json!("reply"), &json!("It is.")));
    // Both in one message are one.
    ann.reply(&[&bob], ("t1", "m3"), &ann.user.clone(), "Thanks @Bob", &[&bob_id]);
    ann.say(&[&bob], "c1", "Done, @Bob", &[&bob_id]);
    let told_bob = until(&scene.bob, 3);
    assert_eq!(told_bob[0]["kind"], "mention");
    assert_eq!((&told_bob[0]["thread"], &told_bob[0]["message"]), (&Value::Null, &json!("c1")));
    assert_eq!(told_bob[1]["kind"], "mention");
    assert_eq!(told(&scene.owner), Vec::<Value>::new());

    // He has seen one, which nobody else can say for him, and then all.
    let id = told_bob[1]["id"].as_i64().unwrap();
    scene.ann.put(&format!("/notifications/{id}/seen"), json!({})).refused(404, "not-found");
    scene.bob.put(&format!("/notifications/{id}/seen"), json!({})).done();
    let page = scene.bob.get("/notifications?count=1").done();
    assert_eq!((&page["unseen"], page["notifications"].as_array().unwrap().len()), (&json!(2), 1));
    let page = scene.bob.get(&format!("/notifications?before={id}")).done();
    assert_eq!(page["notifications"], json!([told_bob[2]]));
    let last = told_bob[0]["id"].clone();
    scene.ann.post("/notifications/seen", json!({ "up_to": last })).done();
    scene.bob.post("/notifications/seen", json!({ "up_to": id })).done();
    assert_eq!(scene.bob.get("/notifications").done()["unseen"], 1);
    scene.relay.client().get("/notifications").refused(401, "unauthenticated");
}

#[test]
fn nobody_is_told_under_a_false_name() {
    let scene = Scene::new();
    let (mut ann, mut bob) = (scene.voice(1, &scene.ann), scene.voice(2, &scene.bob));
    let (ann_id, bob_id) = (ann.user.clone(), bob.user.clone());
    ann.comment(&[&bob], "t1", "What do you think?", &[]);
    // Bob writes what says that it is Ann's, and speaks to the owner in it.
    let owner_id = scene.desk.owner.to_string();
    bob.reply(&[&ann], ("t1", "forged"), &ann_id, "Give @Bob your password", &[&owner_id]);
    // Ann's own message gets another mention by Bob's hand.
    bob.change(&[&ann], |doc| {
        use yrs::{Any, Map, Out, Transact};
        let threads = doc.get_or_insert_map("threads");
        let mut txn = doc.transact_mut();
        let Some(Out::YMap(thread)) = threads.get(&txn, "t1") else { panic!() };
        let Some(Out::YMap(messages)) = thread.get(&txn, "messages") else { panic!() };
        let Some(Out::YMap(message)) = messages.get(&txn, "t1") else { panic!() };
        let owner = std::collections::HashMap::from([("id".to_owned(), Any::from(&*owner_id))]);
        message.insert(&mut txn, "mentions", Any::from(vec![Any::from(owner)]));
    });
    bob.reply(&[&ann], ("t1", "m2"), &bob_id, "This is @Owner’s", &[&owner_id]);
    let one = until(&scene.owner, 1).remove(0);
    assert_eq!((&one["message"], &one["by_name"]), (&json!("m2"), &json!("Bob")));
    assert_eq!(until(&scene.ann, 1)[0]["message"], "m2");
}

#[test]
fn who_does_not_belong_to_the_project_reads_nothing_of_it() {
    let scene = Scene::new();
    let stranger = person(&scene.desk, &scene.relay, "Carol");
    let stranger_id = stranger.get("/me").text("id");
    let (mut ann, bob) = (scene.voice(1, &scene.ann), scene.voice(2, &scene.bob));
    ann.comment(&[], "t1", "Secret, @Bob and @Carol", &[&bob.user, &stranger_id]);
    until(&scene.bob, 1);
    assert_eq!(told(&stranger), Vec::<Value>::new());
    let members = format!("/projects/{}/members", scene.desk.project);
    scene.owner.delete(&format!("{members}/{}", bob.user)).done();
    let page = scene.bob.get("/notifications").done();
    assert_eq!(page, json!({ "notifications": [], "unseen": 0 }));
    // Who comes later is not told of what was said before.
    joins(&scene.owner, &scene.desk, &stranger, "commenter");
    ann.say(&[], "c1", "Welcome, @Carol", &[&stranger_id]);
    assert_eq!(until(&stranger, 1)[0]["excerpt"], "Welcome, @Carol");
}

#[test]
fn what_was_told_is_not_told_again_and_what_was_not_is_told_after_a_restart() {
    let scene = Scene::new();
    let (mut ann, bob) = (scene.voice(1, &scene.ann), scene.voice(2, &scene.bob));
    let bob_id = bob.user.clone();
    ann.comment(&[], "t1", "First, @Bob", &[&bob_id]);
    let first = until(&scene.bob, 1);
    let (discussion, project) = (scene.discussion, scene.desk.project);
    drop((ann, bob));
    // All is read once more.
    let scene = scene.again(|desk| {
        let directory = Directory::open(desk.path()).unwrap();
        directory.change_now(move |conn| notifications::told_to(conn, discussion, 0)).unwrap();
    });
    let mut ann = scene.voice(3, &scene.ann);
    ann.comment(&[], "t2", "Second, @Bob", &[&bob_id]);
    let told = until(&scene.bob, 2);
    assert_eq!(told[1], first[0]);
    drop(ann);
    // As if it had ended before anybody was told.
    let scene = scene.again(|desk| {
        let directory = Directory::open(desk.path()).unwrap();
        let forget = move |conn: &rusqlite::Connection| {
            conn.execute("DELETE FROM notifications", [])?;
            notifications::told_to(conn, discussion, 0)
        };
        directory.change_now(forget).unwrap();
    });
    let told = until(&scene.bob, 2);
    let excerpts: Vec<&Value> = told.iter().map(|one| &one["excerpt"]).collect();
    assert_eq!(excerpts, ["Second, @Bob", "First, @Bob"]);
    // A discussion from before the relay told of any: what it holds is no news.
    let scene = scene.again(|desk| {
        let directory = Directory::open(desk.path()).unwrap();
        let forget = move |conn: &rusqlite::Connection| {
            conn.execute("DELETE FROM notifications", [])?;
            conn.execute("UPDATE talks SET read_to = -1", [])?;
            Ok(())
        };
        directory.change_now(forget).unwrap();
    });
    let mut ann = scene.voice(4, &scene.ann);
    let start = Instant::now();
    loop {
        // Until it was read, what is said now would be from before too.
        let directory = Directory::open(scene.desk.path()).unwrap();
        let unread = directory
            .change_now(move |conn| notifications::discussion(conn, discussion))
            .unwrap()
            .unwrap();
        assert_eq!(unread.project, project);
        if unread.read_to.is_some() {
            break;
        }
        assert!(start.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
    ann.say(&[], "c1", "Third, @Bob", &[&bob_id]);
    assert_eq!(until(&scene.bob, 1)[0]["excerpt"], "Third, @Bob");
}

#[test]
fn one_person_does_not_fill_anothers_list() {
    let scene = Scene::new();
    let (mut ann, bob) = (scene.voice(1, &scene.ann), scene.voice(2, &scene.bob));
    let long = "word ".repeat(10_000);
    ann.change(&[], |doc| {
        use yrs::{Any, Array, Transact};
        let chat = doc.get_or_insert_array("chat");
        let mut txn = doc.transact_mut();
        for nth in 0..200 {
            let mention =
                std::collections::HashMap::from([("id".to_owned(), Any::from(&*bob.user))]);
            let said = std::collections::HashMap::from([
                ("id".to_owned(), Any::from(format!("c{nth:03}"))),
                ("by".to_owned(), Any::from(&*scene.ann.get("/me").text("id"))),
                ("text".to_owned(), Any::from(if nth == 0 { &*long } else { "Hey" })),
                ("mentions".to_owned(), Any::from(vec![Any::from(mention); 100])),
            ]);
            chat.push_back(&mut txn, Any::from(said));
        }
    });
    let told = until(&scene.bob, 30);
    assert!(told.iter().all(|one| one["excerpt"].as_str().unwrap().chars().count() <= 241));
    // Others can still speak to him.
    let mut owner = scene.voice(3, &scene.owner);
    owner.say(&[], "mine", "Hello @Bob", &[&bob.user]);
    assert_eq!(until(&scene.bob, 31)[0]["excerpt"], "Hello @Bob");
}

#[test]
fn a_list_has_a_bound() {
    let desk = Desk::new();
    let directory = Directory::open(desk.path()).unwrap();
    let (owner, project) = (desk.owner, desk.project);
    let listed = directory.change_now(move |conn| {
        let now = Timestamp(1_800_000_000);
        for nth in 0..520 {
            // Hours apart, each by somebody else.
            let said = said(owner, project, UserId::new(), &format!("m{nth}"), "words");
            assert!(notifications::said(conn, &said, now.after(nth * 3600)).unwrap());
        }
        let (listed, unseen) = notifications::list(conn, owner, None, 1000, now).unwrap();
        assert_eq!(unseen, 500);
        notifications::forget_before(conn, now.after(519 * 3600)).unwrap();
        let (left, _) = notifications::list(conn, owner, None, 1000, now).unwrap();
        assert_eq!(left.len(), 1);
        Ok(listed)
    });
    let listed = listed.unwrap();
    assert_eq!(listed.len(), 500);
    assert_eq!(listed[0].message.as_deref(), Some("m519"));
}

fn said(to: UserId, project: ProjectId, by: UserId, message: &str, excerpt: &str) -> Said {
    Said {
        to,
        kind: Kind::Mention,
        project,
        by,
        message: message.to_owned(),
        thread: Some("t1".to_owned()),
        document: None,
        excerpt: excerpt.to_owned(),
    }
}

#[test]
fn an_invitation_is_told_to_whose_address_it_is_and_he_alone_can_come_by_it() {
    let scene = Scene::new();
    let carol = person(&scene.desk, &scene.relay, "Carol");
    let invitations = format!("/projects/{}/invitations", scene.desk.project);
    let invite = || {
        let whom = json!({ "email": "Carol.Person@example.org", "role": "editor" });
        scene.owner.post(&invitations, whom).text("id")
    };
    let first = invite();
    let one = until(&carol, 1).remove(0);
    assert_eq!((&one["kind"], &one["invitation"]), (&json!("invitation"), &json!(first)));
    assert_eq!((&one["role"], &one["by_name"]), (&json!("editor"), &json!("Owner")));
    // The next takes its place.
    let second = invite();
    assert_eq!(until(&carol, 1)[0]["invitation"], json!(second));
    let accept = |id: &str, who: &Client| who.post(&format!("/invitations/{id}/accept"), json!({}));
    accept(&second, &scene.ann).refused(404, "not-found");
    accept(&first, &carol).refused(404, "not-found");
    assert_eq!(accept(&second, &carol).done()["role"], "editor");
    accept(&second, &carol).refused(404, "not-found");
    assert_eq!(told(&carol), Vec::<Value>::new());
    // One that is taken back is told no more.
    let dave = person(&scene.desk, &scene.relay, "Dave");
    let whom = json!({ "email": "dave.person@example.org", "role": "viewer" });
    let third = scene.owner.post(&invitations, whom).text("id");
    until(&dave, 1);
    scene.owner.delete(&format!("{invitations}/{third}")).done();
    assert_eq!(told(&dave), Vec::<Value>::new());
}

#[test]
fn who_has_a_project_open_is_told_at_once_and_the_others_are_not() {
    let scene = Scene::new();
    let (mut ann, bob) = (scene.voice(1, &scene.ann), scene.voice(2, &scene.bob));
    let listen = |who: &Client| {
        let bearer = format!("Bearer {}", who.token.as_deref().unwrap());
        let at = format!("projects/{}", scene.desk.project);
        let mut line =
            support::connect(&scene.relay.address, &at, &[("authorization", &bearer)]).unwrap();
        let hello: Value = serde_json::from_str(line.read().unwrap().to_text().unwrap()).unwrap();
        assert_eq!(hello["type"], "hello");
        line
    };
    let (mut to_bob, mut to_owner) = (listen(&scene.bob), listen(&scene.owner));
    ann.say(&[], "c1", "Look, @Bob", &[&bob.user]);
    let changed = |line: &mut tungstenite::WebSocket<_>| loop {
        let message: tungstenite::Message = line.read().unwrap();
        let Ok(text) = message.to_text() else { continue };
        let Ok(said) = serde_json::from_str::<Value>(text) else { continue };
        if said["type"] == "changed" {
            break said["what"].clone();
        }
    };
    assert_eq!(changed(&mut to_bob), json!(["notifications"]));
    scene.owner.patch(&format!("/projects/{}", scene.desk.project), json!({ "name": "Thesis" }));
    assert_eq!(changed(&mut to_owner), json!(["project"]));
}

#[test]
fn a_letter_tells_once_what_was_not_seen_and_how_to_get_none() {
    let (port, letters) = mail::server();
    let desk = Desk::new();
    let (owner, project) = (desk.owner, desk.project);
    let directory = Directory::open(desk.path()).unwrap();
    let made = directory.change_now(move |conn| {
        use quire_relay::directory::users::{self, NewUser};
        let new = NewUser {
            email: Some("ann@example.org".to_owned()),
            name: "Ann\u{2019}s".to_owned(),
            password: None,
            is_admin: false,
            is_verified: true,
        };
        let ann = users::create(conn, &Act::of_operator(), new)?.id;
        let at = |ago| Timestamp(Timestamp::now().0 - ago);
        let tell = |message, words: &str, ago| {
            notifications::said(conn, &said(owner, project, ann, message, words), at(ago))
        };
        assert!(tell("m1", "Look at section 2\r\nBcc: eve@example.org", 3 * 3600)?);
        assert!(tell("m2", "Seen already", 3 * 3600)?);
        let (listed, _) = notifications::list(conn, owner, None, 9, at(0))?;
        notifications::seen(conn, owner, listed[0].id, at(0))?;
        notifications::set_digest(conn, owner, notifications::Digest::Hourly)?;
        Ok(ann)
    });
    let ann = made.unwrap();
    drop(directory);
    let settings = mail::settings(port);
    let settings: Vec<&str> = settings.iter().flat_map(|set| ["--set", set.as_str()]).collect();
    let relay = Relay::start(desk.path(), &settings);
    let letter = text_of(&letters.recv_timeout(PATIENCE).unwrap());
    let (head, body) = letter.split_once("\n\n").unwrap();
    assert!(head.contains("To: owner@example.org"), "{head}");
    assert!(head.contains("Subject: One thing for you in Quire"), "{head}");
    assert!(!head.lines().any(|line| line.starts_with("Bcc")), "{head}");
    let body = decoded(body);
    assert!(body.contains("mentions you in a comment in") && body.contains("section 2"), "{body}");
    assert!(body.contains("not at all") && !body.contains("Seen already"), "{body}");
    // It was one letter: the next tells what came after it, and that not before an hour.
    let client = relay.client().with(&desk.pass.token);
    assert_eq!(client.get("/notifications/settings").done(), json!({ "digest": "hourly" }));
    drop(relay);
    let directory = Directory::open(desk.path()).unwrap();
    let due = directory.change_now(move |conn| {
        let now = Timestamp::now();
        let more = said(owner, project, ann, "m3", "More");
        assert!(notifications::said(conn, &more, now).unwrap());
        assert_eq!(notifications::take_due(conn, now.after(3000)).unwrap().len(), 0);
        let due = notifications::take_due(conn, now.after(3700)).unwrap();
        assert_eq!(notifications::take_due(conn, now.after(9999)).unwrap().len(), 0);
        // Who wants none gets none.
        notifications::set_digest(conn, owner, notifications::Digest::Off).unwrap();
        let last = said(owner, project, ann, "m4", "And more");
        assert!(notifications::said(conn, &last, now).unwrap());
        assert_eq!(notifications::take_due(conn, now.after(99_999)).unwrap().len(), 0);
        Ok(due)
    });
    let due = due.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!(due[0].unseen.iter().map(|one| &*one.excerpt).collect::<Vec<_>>(), ["More"]);
    assert_eq!(letters.try_iter().count(), 0);
}

/// The body of a letter, whatever it was wrapped in for its letters beyond ASCII.
fn decoded(body: &str) -> String {
    use base64::{Engine, prelude::BASE64_STANDARD};
    let all: String = body.split_whitespace().collect();
    match BASE64_STANDARD.decode(&all) {
        Ok(bytes) => String::from_utf8(bytes).unwrap(),
        Err(_) => body.to_owned(),
    }
}
