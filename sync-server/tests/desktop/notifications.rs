//! What people are to know of, as their desktops have it.

use super::*;
use crate::support::{
    http::Client,
    talk::{Voice, discussion},
};
use quire_relay::directory::{Act, Directory, UserId, users};
use quire_workbench::{AccountNotifications, Digest, NotificationKind};

impl Desktop {
    /// What the relay has told last; nothing before it has told anything.
    fn told(&self) -> Option<AccountNotifications> {
        self.workbench.notifications().unwrap().into_iter().find(|list| list.user == self.me.user)
    }

    fn unseen(&self) -> u32 {
        self.told().map_or(0, |list| list.unseen)
    }
}

/// Somebody, as another program of his.
fn client(relay: &Relay, name: &str) -> Client {
    let email = format!("{}@example.org", name.to_lowercase());
    let log_in = json!({ "email": email, "password": PASSWORD, "device": "another program" });
    let token = relay.client().post("/sessions", log_in).text("access_token");
    relay.client().with(&token)
}

#[test]
fn a_mention_is_told_while_the_project_is_open_and_kept_while_the_relay_is_away() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    until("the relay has told that there is nothing", || bob.told().is_some());
    assert_eq!(bob.unseen(), 0);
    let of_ada = client(&relay, "Ada");
    let talk = discussion(&of_ada, &id.to_string());
    let mut voice = Voice::new(1, &of_ada, talk, &relay.address);
    voice.comment(&[], "t1", "Is this right, @Bob?", &[&bob.me.user]);
    voice.say(&[], "c1", "And this, @Bob?", &[&bob.me.user]);
    until("Bob is told", || bob.unseen() == 2);
    let list = bob.told().unwrap();
    let [chat, comment] = &list.notifications[..] else { panic!("{list:?}") };
    assert_eq!((chat.kind, &chat.thread), (NotificationKind::Mention, &None));
    assert_eq!((comment.thread.as_deref(), comment.by.as_deref()), (Some("t1"), Some("Ada")));
    assert_eq!((&*comment.excerpt, comment.project), ("Is this right, @Bob?", id));
    assert_eq!(ada.unseen(), 0);

    // Seen here, and so for the relay.
    bob.workbench.see_notification(&bob.me.relay, &bob.me.user, comment.id).unwrap();
    assert_eq!(bob.unseen(), 1);
    let of_bob = client(&relay, "Bob");
    assert_eq!(of_bob.get("/notifications").done()["unseen"], 1);
    // Seen elsewhere, and so here.
    of_bob.post("/notifications/seen", json!({ "up_to": chat.id })).done();
    until("it is seen", || bob.unseen() == 0);
    let of = (&*bob.me.relay, &*bob.me.user);
    assert_eq!(bob.workbench.digest(of.0, of.1).unwrap(), Digest::Daily);
    bob.workbench.set_digest(of.0, of.1, Digest::Off).unwrap();
    assert_eq!(bob.workbench.digest(of.0, of.1).unwrap(), Digest::Off);

    // The relay is away, and the program starts again: what it told last is there, and of when.
    relay.kill();
    bob.workbench.ask_for_notifications();
    until("it is told", || bob.told().is_some_and(|list| list.is_away.is_some()));
    let bob = bob.again();
    let kept = bob.told().unwrap();
    assert_eq!(kept.notifications.len(), 2);
    until("it is told again", || bob.told().is_some_and(|list| list.is_away.is_some()));
    bob.workbench.sign_out(&bob.me.relay, &bob.me.user).unwrap();
    until("nothing is left of it", || bob.told().is_none());
    assert!(bob.again().told().is_none());
}

#[test]
fn an_invitation_is_told_and_leads_into_the_project() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    let bob = Desktop::of(&relay, "Bob");
    let user: UserId = bob.me.user.parse().unwrap();
    Directory::open(folder.path())
        .unwrap()
        .change_now(move |conn| users::verify(conn, &Act::of_operator(), user))
        .unwrap();
    ada.workbench.invite(id, "bob@example.org", ShareRole::Editor).unwrap();
    bob.workbench.ask_for_notifications();
    until("Bob is told", || bob.unseen() == 1);
    let one = bob.told().unwrap().notifications.remove(0);
    assert_eq!((one.kind, one.role), (NotificationKind::Invitation, Some(ShareRole::Editor)));
    let invitation = one.invitation.unwrap();
    let joined = bob.workbench.accept_invitation(&bob.me.relay, &bob.me.user, &invitation).unwrap();
    assert_eq!(joined, id);
    assert_eq!(bob.text(id, "main.tex"), "One.\n");
    until("there is nothing left to do", || {
        bob.told().is_some_and(|list| list.notifications.is_empty())
    });
}
