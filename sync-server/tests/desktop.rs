//! Two desktops without their windows, and the real relay between them.

// Tests may.
#![allow(clippy::unwrap_used)]

#[path = "desktop/files.rs"]
mod files;
#[path = "desktop/history.rs"]
mod history;
#[path = "desktop/lines.rs"]
mod lines;
#[path = "desktop/notifications.rs"]
mod notifications;
mod support;

use quire_project::{ProjectId, ProjectPath};
use quire_workbench::{
    Config, Connection, RelayAccount, ShareRole, Sharing, Workbench, WorkbenchError,
};
use serde_json::json;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use support::{PATIENCE, Relay, free_address};
use tempfile::TempDir;

const PASSWORD: &str = "correct horse battery";

/// Somebody's desktop.
struct Desktop {
    data: TempDir,
    workbench: Workbench,
    me: RelayAccount,
}

fn path(text: &str) -> ProjectPath {
    ProjectPath::new(text).unwrap()
}

fn open(data: &Path) -> Workbench {
    let config = Config {
        data: data.to_owned(),
        author: "me".to_owned(),
        engine: Err("not in this test".to_owned()),
        pdfium: Err("not in this test".to_owned()),
        dictionaries: None,
        uses_keyring: false,
    };
    Workbench::open(config).unwrap().workbench
}

#[track_caller]
fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A relay at which everybody may have an account.
fn relay(data: &Path, listen: &str, more: &[&str]) -> Relay {
    let open = ["--set", "accounts.registration=open", "--set", "accounts.verify_email=never"];
    Relay::start_at(data, listen, &[&open, more].concat())
}

impl Desktop {
    /// Somebody new at the relay.
    fn of(relay: &Relay, name: &str) -> Self {
        let email = format!("{}@example.org", name.to_lowercase());
        let new = json!({ "email": email, "name": name, "password": PASSWORD });
        relay.client().post("/register", new).done();
        let data = tempfile::tempdir().unwrap();
        let workbench = open(data.path());
        let me = workbench.sign_in(&relay.address, &email, PASSWORD).unwrap();
        Self { data, workbench, me }
    }

    /// With a project of these files, shared.
    fn sharing(relay: &Relay, name: &str, files: &[(&str, &str)]) -> (Self, ProjectId) {
        let desktop = Self::of(relay, name);
        let files = files.iter().map(|(at, text)| (path(at), text.as_bytes().to_vec())).collect();
        let id = desktop.workbench.create_project("Paper", files, None).unwrap();
        desktop.workbench.open_project(id).unwrap();
        desktop.workbench.share_project(id, &desktop.me.relay, &desktop.me.user).unwrap();
        (desktop, id)
    }

    /// Somebody who comes by a link.
    fn joining(relay: &Relay, name: &str, owner: &Self, id: ProjectId, role: ShareRole) -> Self {
        let desktop = Self::of(relay, name);
        let link = owner.workbench.make_share_link(id, role, false, None).unwrap();
        let joined = desktop.workbench.join_by_link(&link, &desktop.me.user).unwrap();
        assert_eq!(joined, id);
        desktop
    }

    fn text(&self, id: ProjectId, file: &str) -> String {
        self.workbench.text(id, path(file)).map(|text| text.to_string()).unwrap_or_default()
    }

    fn write(&self, id: ProjectId, file: &str, at: u32, text: &str) -> Result<(), WorkbenchError> {
        let change = quire_collab::Change { at, removed: 0, inserted: text.to_owned() };
        self.workbench.edit(id, path(file), vec![change])
    }

    fn shared(&self, id: ProjectId) -> Sharing {
        self.workbench.open_project(id).unwrap().sharing.unwrap()
    }

    fn is_saved(&self, id: ProjectId) -> bool {
        self.shared(id).connection == Connection::Online { saved: true }
    }

    fn files(&self, id: ProjectId) -> Vec<String> {
        let files = self.workbench.open_project(id).unwrap().files;
        files.into_iter().map(|file| file.path.to_string()).collect()
    }

    /// The program ends and starts again; what proves the log-in was in memory.
    fn again(self) -> Self {
        self.workbench.close();
        let workbench = open(self.data.path());
        Self { workbench, ..self }
    }

    fn sign_in_again(&self) {
        let email = self.me.email.as_deref().unwrap();
        self.workbench.sign_in(&self.me.relay, email, PASSWORD).unwrap();
    }
}

#[track_caller]
fn agree(id: ProjectId, file: &str, one: &Desktop, other: &Desktop) -> String {
    until("both have the same text, and it is saved", || {
        one.text(id, file) == other.text(id, file) && one.is_saved(id) && other.is_saved(id)
    });
    one.text(id, file)
}

#[test]
fn what_both_write_while_the_relay_is_away_is_in_the_paper_once() {
    let folder = tempfile::tempdir().unwrap();
    let first = relay(folder.path(), &free_address(), &[]);
    let address = first.address.clone();
    let files = [("main.tex", "One.\n"), ("chapters/two.tex", "Two.\n")];
    let (ada, id) = Desktop::sharing(&first, "Ada", &files);
    let bob = Desktop::joining(&first, "Bob", &ada, id, ShareRole::Editor);
    assert_eq!(bob.files(id), ["chapters/two.tex", "main.tex"]);
    assert_eq!(bob.text(id, "chapters/two.tex"), "Two.\n");

    bob.write(id, "main.tex", 0, "Bob. ").unwrap();
    until("Ada sees it", || ada.text(id, "main.tex") == "Bob. One.\n");
    until("Bob's is saved", || bob.is_saved(id));

    first.kill();
    until("it is told", || matches!(ada.shared(id).connection, Connection::Offline { .. }));
    ada.write(id, "main.tex", 0, "Ada, offline. ").unwrap();
    ada.write(id, "chapters/two.tex", 0, "Ada too. ").unwrap();
    // Bob's program ends, and he writes on after its next start.
    bob.write(id, "main.tex", 5, "before the end. ").unwrap();
    let bob = bob.again();
    bob.workbench.open_project(id).unwrap();
    bob.write(id, "main.tex", 5, "After the start, ").unwrap();
    until("it is told", || bob.shared(id).connection == Connection::SignedOut);

    let _second = relay(folder.path(), &address, &[]);
    bob.sign_in_again();
    let text = agree(id, "main.tex", &ada, &bob);
    for part in ["Ada, offline. ", "Bob. ", "After the start, ", "before the end. ", "One.\n"] {
        assert_eq!(text.matches(part).count(), 1, "{part:?} in {text:?}");
    }
    assert_eq!(agree(id, "chapters/two.tex", &ada, &bob), "Ada too. Two.\n");
}

#[test]
fn files_that_are_added_moved_and_removed_are_so_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let files = [("main.tex", "Main.\n"), ("old.tex", "Old.\n"), ("name.tex", "Name.\n")];
    let (ada, id) = Desktop::sharing(&relay, "Ada", &files);
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    ada.workbench.create_file(id, path("new.tex"), "New.\n").unwrap();
    ada.workbench.trash_path(id, path("old.tex")).unwrap();
    bob.workbench.move_path(id, path("name.tex"), path("better/name.tex")).unwrap();
    let after = ["better/name.tex", "main.tex", "new.tex"];
    until("both have them", || ada.files(id) == after && bob.files(id) == after);
    until("the new text came", || bob.text(id, "new.tex") == "New.\n");
    assert_eq!(bob.workbench.trashed_files(id).unwrap().len(), 1);
    // What was moved is the same text still.
    bob.write(id, "better/name.tex", 0, "A better ").unwrap();
    assert_eq!(agree(id, "better/name.tex", &ada, &bob), "A better Name.\n");
    // And from the trash it comes back for both.
    let trashed = bob.workbench.trashed_files(id).unwrap()[0].file;
    bob.workbench.restore_file(id, trashed).unwrap();
    until("it is back", || ada.files(id).contains(&"old.tex".to_owned()));
    assert_eq!(agree(id, "old.tex", &ada, &bob), "Old.\n");
}

#[test]
fn a_role_that_is_changed_holds_at_once_and_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    ada.workbench.set_member_role(id, &bob.me.user, ShareRole::Viewer).unwrap();
    until("Bob is told", || bob.shared(id).read_only.is_some());
    let refused = bob.write(id, "main.tex", 0, "No. ").unwrap_err();
    assert!(refused.to_string().contains("you are a viewer"), "{refused}");
    assert!(bob.workbench.create_file(id, path("b.tex"), "").is_err());
    ada.write(id, "main.tex", 0, "Read this. ").unwrap();
    until("a viewer sees it", || bob.text(id, "main.tex") == "Read this. One.\n");

    ada.workbench.set_member_role(id, &bob.me.user, ShareRole::Editor).unwrap();
    until("Bob may write", || bob.shared(id).read_only.is_none());
    bob.write(id, "main.tex", 0, "Yes. ").unwrap();
    assert_eq!(agree(id, "main.tex", &ada, &bob), "Yes. Read this. One.\n");

    ada.workbench.remove_member(id, &bob.me.user).unwrap();
    until("Bob is out", || bob.shared(id).connection == Connection::NoAccess);
    assert_eq!(bob.text(id, "main.tex"), "Yes. Read this. One.\n", "his copy stays");
}

#[test]
fn a_line_outlives_its_token() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &["--set", "tokens.access_seconds=5"]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "")]);
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    let start = Instant::now();
    let mut written = String::new();
    for number in 0.. {
        let text = format!("{number} ");
        ada.write(id, "main.tex", written.len() as u32, &text).unwrap();
        written.push_str(&text);
        until("Bob sees it", || bob.text(id, "main.tex") == written);
        if start.elapsed() > Duration::from_secs(12) {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(agree(id, "main.tex", &ada, &bob), written);
    let closed = relay.log().matches("log in again").count();
    assert_eq!(closed, 0, "lines were closed for want of a token");
}

#[test]
fn who_is_signed_out_at_the_relay_is_told_so_and_goes_on_after_signing_in() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &["--set", "tokens.access_seconds=5"]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    until("it is saved", || ada.is_saved(id));
    let log_in = json!({ "email": "ada@example.org", "password": PASSWORD, "device": "x" });
    let token = relay.client().post("/sessions", log_in).text("access_token");
    relay.client().with(&token).delete("/sessions").done();
    until("it is told", || ada.shared(id).connection == Connection::SignedOut);
    ada.write(id, "main.tex", 0, "Still here. ").unwrap();
    ada.sign_in_again();
    until("it is saved", || ada.is_saved(id));
}

#[test]
fn a_folder_can_be_shared_and_what_a_co_author_writes_is_in_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let sources = tempfile::tempdir().unwrap();
    std::fs::write(sources.path().join("main.tex"), "One.\n").unwrap();
    let ada = Desktop::of(&relay, "Ada");
    let id = ada.workbench.link_folder(sources.path()).unwrap();
    ada.workbench.open_project(id).unwrap();
    ada.workbench.share_project(id, &ada.me.relay, &ada.me.user).unwrap();
    until("it is saved", || ada.is_saved(id));
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    bob.write(id, "main.tex", 0, "Bob. ").unwrap();
    bob.workbench.create_file(id, path("new.tex"), "New.\n").unwrap();
    let read = |name: &str| std::fs::read_to_string(sources.path().join(name));
    until("the files have it", || {
        read("main.tex").is_ok_and(|text| text == "Bob. One.\n")
            && read("new.tex").is_ok_and(|text| text == "New.\n")
    });
    std::fs::write(sources.path().join("main.tex"), "Bob. One. Two.\n").unwrap();
    ada.workbench.look_at_folders().unwrap();
    until("Bob sees what another program wrote", || bob.text(id, "main.tex") == "Bob. One. Two.\n");
}

#[test]
fn a_guest_comes_without_an_account() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    let link = ada.workbench.make_share_link(id, ShareRole::Editor, true, None).unwrap();
    let data = tempfile::tempdir().unwrap();
    let guest = open(data.path());
    let offer = guest.look_at_link(&link).unwrap();
    assert_eq!((offer.project.as_deref(), offer.admits_guests), (Some("Paper"), true));
    assert_eq!(guest.join_as_guest(&link, "Grace").unwrap(), id);
    assert_eq!(&*guest.text(id, path("main.tex")).unwrap(), "One.\n");
    let members = ada.workbench.sharers(id).unwrap().members;
    assert!(members.iter().any(|member| member.name == "Grace" && member.is_guest));
}

#[test]
fn a_commenter_may_discuss_and_everybody_knows_who_can_be_spoken_to() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    let names = |of: &Desktop| {
        let members = of.shared(id).members;
        members.into_iter().map(|member| member.name).collect::<Vec<_>>()
    };
    assert_eq!(names(&ada), ["Ada"]);
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Commenter);
    until("they know each other", || names(&ada) == ["Ada", "Bob"] && names(&bob) == names(&ada));
    let rights = || {
        let shared = bob.shared(id);
        (shared.read_only.is_none(), shared.may_discuss)
    };
    assert_eq!(rights(), (false, true));
    ada.workbench.set_member_role(id, &bob.me.user, ShareRole::Viewer).unwrap();
    until("Bob may only read", || rights() == (false, false));
    ada.workbench.set_member_role(id, &bob.me.user, ShareRole::Editor).unwrap();
    until("Bob may write", || rights() == (true, true));
    let carol = Desktop::joining(&relay, "Carol", &ada, id, ShareRole::Viewer);
    until("all are known", || names(&bob).len() == 3);
    carol.workbench.remove_member(id, &carol.me.user).unwrap();
    assert_eq!(
        carol.workbench.open_project(id).unwrap().sharing,
        None,
        "who leaves shares no more"
    );
    until("Carol has left", || names(&ada) == ["Ada", "Bob"] && names(&bob) == names(&ada));
}

#[test]
fn a_project_is_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Viewer);
    let leave = ada.workbench.remove_member(id, &ada.me.user).unwrap_err();
    assert!(leave.to_string().contains("hand the project over"), "{leave}");
    ada.workbench.hand_over(id, &bob.me.user).unwrap();
    until("each has the other role", || {
        (ada.shared(id).role, bob.shared(id).role) == (ShareRole::Editor, ShareRole::Owner)
    });
    assert!(ada.workbench.hand_over(id, &ada.me.user).is_err(), "only the owner can");
    assert!(ada.workbench.sharers(id).unwrap().links.is_empty(), "links are the owner's business");
    ada.workbench.remove_member(id, &ada.me.user).unwrap();
    bob.write(id, "main.tex", 0, "Mine. ").unwrap();
    until("Bob's is saved", || bob.is_saved(id));
    assert_eq!(ada.text(id, "main.tex"), "One.\n");
}

#[test]
fn a_link_ends_when_it_was_to_end_or_is_taken_back_with_those_who_came_by_it() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    let long_ago = Some("2001-02-03T04:05:06Z");
    assert!(ada.workbench.make_share_link(id, ShareRole::Viewer, false, long_ago).is_err());
    let later = Some("2101-02-03T04:05:06.789Z");
    let link = ada.workbench.make_share_link(id, ShareRole::Viewer, false, later).unwrap();
    let bob = Desktop::of(&relay, "Bob");
    bob.workbench.join_by_link(&link, &bob.me.user).unwrap();
    let links = ada.workbench.sharers(id).unwrap().links;
    assert_eq!(links.len(), 1);
    assert_eq!((links[0].members, links[0].role), (1, ShareRole::Viewer));
    assert!(links[0].expires_at.as_deref().is_some_and(|end| end.starts_with("2101-02-03")));
    ada.workbench.revoke_share_link(id, &links[0].id, true).unwrap();
    until("Bob is out", || bob.shared(id).connection == Connection::NoAccess);
    assert!(bob.workbench.look_at_link(&link).is_err());
    assert_eq!(ada.workbench.sharers(id).unwrap().members.len(), 1);
}
