//! Files that are no texts: pictures, PDFs, data.

use super::*;
use quire_project::ContentHash;
use quire_workbench::{Event, FileTransfers};
use std::sync::{Arc, Mutex};

/// Bytes that are like no others, and no text.
fn picture(seed: u64, size: usize) -> Vec<u8> {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut bytes = vec![0x89, b'P', b'N', b'G', 0];
    bytes.extend(std::iter::repeat_with(|| rng.u8(..)).take(size));
    bytes
}

impl Desktop {
    fn put(&self, id: ProjectId, file: &str, bytes: &[u8]) {
        self.workbench.put_file(id, path(file), bytes).unwrap();
    }

    fn bytes(&self, id: ProjectId, file: &str) -> Option<Vec<u8>> {
        self.workbench.file_bytes(id, &path(file)).ok().map(|bytes| bytes.to_vec())
    }

    fn transfers(&self, id: ProjectId) -> FileTransfers {
        self.shared(id).files
    }

    /// What the author is told from now on.
    fn notices(&self) -> Arc<Mutex<Vec<String>>> {
        let notices = Arc::new(Mutex::new(Vec::new()));
        let told = notices.clone();
        let listen = move |event: &Event| {
            if let Event::Notice { notice, .. } = event {
                told.lock().unwrap().push(notice.text.clone());
            }
            true
        };
        self.workbench.listen(listen).unwrap();
        notices
    }
}

#[track_caller]
fn both_have(id: ProjectId, one: &Desktop, other: &Desktop, expected: &[(&str, &[u8])]) {
    let has = |desktop: &Desktop| {
        let all =
            expected.iter().all(|(file, bytes)| desktop.bytes(id, file).as_deref() == Some(*bytes));
        all && desktop.files(id).len() == expected.len() + 1 && desktop.is_saved(id)
    };
    until("both have the same files", || has(one) && has(other));
}

/// A project with one text, shared by Ada and joined by Bob.
fn ada_and_bob(relay: &Relay) -> (Desktop, Desktop, ProjectId) {
    let (ada, id) = Desktop::sharing(relay, "Ada", &[("main.tex", "One.\n")]);
    let bob = Desktop::joining(relay, "Bob", &ada, id, ShareRole::Editor);
    (ada, bob, id)
}

#[test]
fn pictures_go_both_ways_and_are_there_when_a_project_is_joined() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    // More than one part, exactly one, and none.
    let (one, two, three) = (picture(1, 2_500_000), picture(2, (1 << 20) - 5), Vec::new());
    ada.put(id, "fig/one.png", &one);
    ada.put(id, "two.pdf", &two);
    ada.put(id, "three.xyz", &three);
    until("it is saved", || ada.is_saved(id));
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    assert_eq!(bob.bytes(id, "fig/one.png").unwrap(), one, "it is there at once");
    both_have(id, &ada, &bob, &[("fig/one.png", &one), ("two.pdf", &two), ("three.xyz", &three)]);

    let other = picture(4, 10);
    bob.put(id, "fig/one.png", &other);
    bob.workbench.move_path(id, path("two.pdf"), path("fig/two.pdf")).unwrap();
    ada.workbench.trash_path(id, path("three.xyz")).unwrap();
    both_have(id, &ada, &bob, &[("fig/one.png", &other), ("fig/two.pdf", &two)]);
    let trashed = bob.workbench.trashed_files(id).unwrap();
    assert_eq!(trashed.len(), 1, "what was removed is in the trash");
    bob.workbench.restore_file(id, trashed[0].file).unwrap();
    let all = [("fig/one.png", &*other), ("fig/two.pdf", &two), ("three.xyz", &three)];
    both_have(id, &ada, &bob, &all);
}

#[test]
fn what_both_do_to_files_while_the_relay_is_away_comes_together() {
    let folder = tempfile::tempdir().unwrap();
    let first = relay(folder.path(), &free_address(), &[]);
    let address = first.address.clone();
    let (ada, bob, id) = ada_and_bob(&first);
    let bytes: Vec<Vec<u8>> = (0..9).map(|seed| picture(seed, 3000)).collect();
    let names = ["both.png", "gone.png", "kept.png", "moved.png"];
    for (name, bytes) in names.iter().zip(&bytes) {
        ada.put(id, name, bytes);
    }
    until("Bob has them", || bob.files(id).len() == 5 && bob.is_saved(id));
    first.kill();
    let is_away = |desk: &Desktop| matches!(desk.shared(id).connection, Connection::Offline { .. });
    until("it is told", || is_away(&ada) && is_away(&bob));
    let told = ada.notices();
    let told_bob = bob.notices();
    ada.put(id, "both.png", &bytes[4]);
    bob.put(id, "both.png", &bytes[5]);
    ada.workbench.trash_path(id, path("gone.png")).unwrap();
    ada.workbench.trash_path(id, path("kept.png")).unwrap();
    bob.put(id, "kept.png", &bytes[6]);
    ada.workbench.move_path(id, path("moved.png"), path("fig/moved.png")).unwrap();
    bob.put(id, "moved.png", &bytes[7]);
    // Both make one of the same name.
    ada.put(id, "new.png", &bytes[8]);
    bob.put(id, "new.png", &bytes[0]);
    // And the same, which is one.
    ada.put(id, "same.png", &bytes[1]);
    bob.put(id, "same.png", &bytes[1]);

    let _second = relay(folder.path(), &address, &[]);
    until("both have the same files", || {
        ada.files(id) == bob.files(id)
            && ada.files(id).len() == 8
            && ada.is_saved(id)
            && bob.is_saved(id)
    });
    let expected = [
        "both-conflict.png",
        "both.png",
        "fig/moved.png",
        "kept.png",
        "main.tex",
        "new-2.png",
        "new.png",
        "same.png",
    ];
    assert_eq!(ada.files(id), expected);
    for file in expected.iter().filter(|file| **file != "main.tex") {
        assert_eq!(ada.bytes(id, file), bob.bytes(id, file), "{file}");
    }
    let either = |file: &str| ada.bytes(id, file).unwrap();
    let mut both = [either("both.png"), either("both-conflict.png")];
    both.sort();
    let mut expected = [bytes[4].clone(), bytes[5].clone()];
    expected.sort();
    assert_eq!(both, expected);
    assert_eq!(either("kept.png"), bytes[6], "who removed it did not know what it holds now");
    assert_eq!(either("fig/moved.png"), bytes[7]);
    let told = [told.lock().unwrap().clone(), told_bob.lock().unwrap().clone()].concat();
    let says = |what: &str| told.iter().any(|text| text.contains(what));
    assert!(
        says("replaced both.png at the same time") && says("kept as both-conflict.png"),
        "{told:?}"
    );
    assert!(says("has another file new.png"), "{told:?}");
}

#[test]
fn a_file_that_the_relay_does_not_take_is_told_of_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &["--set", "limits.file_bytes=100000"]);
    let (ada, bob, id) = ada_and_bob(&relay);
    let told = ada.notices();
    let (large, small) = (picture(1, 200_000), picture(2, 50_000));
    ada.put(id, "large.png", &large);
    ada.put(id, "small.png", &small);
    until("Bob has the small one", || bob.bytes(id, "small.png").as_deref() == Some(&*small));
    until("it is told", || !ada.transfers(id).kept_back.is_empty());
    let kept_back = &ada.transfers(id).kept_back[0];
    assert_eq!(kept_back.path, path("large.png"));
    assert!(kept_back.why.contains("at most"), "{kept_back:?}");
    assert!(told.lock().unwrap().iter().any(|text| text.starts_with("large.png is not shared")));
    // A smaller one in its place goes.
    ada.put(id, "large.png", &small);
    both_have(id, &ada, &bob, &[("large.png", &small), ("small.png", &small)]);
    assert_eq!(ada.transfers(id), FileTransfers::default());
    let count = told.lock().unwrap().iter().filter(|text| text.contains("not shared")).count();
    assert_eq!(count, 1, "it is told once");
}

#[test]
fn a_file_that_is_cut_on_its_way_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let first = relay(folder.path(), &free_address(), &[]);
    let address = first.address.clone();
    let (ada, bob, id) = ada_and_bob(&first);
    let large = picture(1, 60_000_000);
    ada.put(id, "large.bin", &large);
    let arrived = || -> u64 {
        let uploads = std::fs::read_dir(folder.path().join("uploads")).into_iter().flatten();
        uploads.filter_map(|entry| Some(entry.ok()?.metadata().ok()?.len())).sum()
    };
    until("some of it is there", || arrived() > 3_000_000);
    ada.workbench.stop_transfers(id, true).unwrap();
    until("it has stopped", || ada.transfers(id).current.is_none());
    assert!(ada.transfers(id).is_stopped && !ada.is_saved(id));
    // What was on its way still comes after that.
    first.kill();
    let before = arrived();
    assert!(before < large.len() as u64, "it was too quick for this test");
    let _second = relay(folder.path(), &address, &[]);
    assert_eq!(arrived(), before, "what came is kept");
    ada.workbench.stop_transfers(id, false).unwrap();
    both_have(id, &ada, &bob, &[("large.bin", &large)]);
}

/// The disk of the relay, or somebody on the way, has changed them.
#[test]
fn bytes_that_are_not_those_of_the_file_are_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    let real = picture(1, 5000);
    ada.put(id, "a.png", &real);
    until("it is saved", || ada.is_saved(id));
    let hash = ContentHash::of(&real).to_string();
    let blob = folder.path().join("blobs").join(&hash[..2]).join(&hash);
    let mut forged = real.clone();
    *forged.last_mut().unwrap() ^= 1;
    std::fs::write(&blob, &forged).unwrap();
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    until("it is told", || !bob.transfers(id).kept_back.is_empty());
    assert!(bob.bytes(id, "a.png").is_none());
    std::fs::write(&blob, &real).unwrap();
    bob.workbench.try_relay_again(id).unwrap();
    both_have(id, &ada, &bob, &[("a.png", &real)]);
}

#[test]
fn files_of_a_folder_are_shared_and_what_tex_leaves_there_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let sources = tempfile::tempdir().unwrap();
    let place = |name: &str| sources.path().join(name);
    let (one, two, three) = (picture(1, 9000), picture(2, 9000), picture(3, 9000));
    std::fs::create_dir(place("fig")).unwrap();
    for (name, bytes) in [
        ("main.tex", &b"One.\n"[..]),
        ("main.pdf", &two),
        ("main.aux", b"x"),
        ("fig/one.png", &one),
    ] {
        std::fs::write(place(name), bytes).unwrap();
    }
    let ada = Desktop::of(&relay, "Ada");
    let id = ada.workbench.link_folder(sources.path()).unwrap();
    ada.workbench.open_project(id).unwrap();
    ada.workbench.share_project(id, &ada.me.relay, &ada.me.user).unwrap();
    until("it is saved", || ada.is_saved(id));
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    until("Bob has what is shared", || bob.files(id) == ["fig/one.png", "main.tex"]);
    assert_eq!(bob.bytes(id, "fig/one.png").unwrap(), one);

    bob.put(id, "fig/two.png", &two);
    bob.put(id, "fig/one.png", &three);
    let holds =
        |name: &str, bytes: &[u8]| std::fs::read(place(name)).is_ok_and(|read| read == bytes);
    until("they are in the folder", || holds("fig/two.png", &two) && holds("fig/one.png", &three));
    // Another program does what it likes.
    std::fs::rename(place("fig/two.png"), place("two.png")).unwrap();
    std::fs::write(place("fig/one.png"), &two).unwrap();
    std::fs::write(place("three.png"), &three).unwrap();
    ada.workbench.look_at_folders().unwrap();
    until("Bob has it", || {
        bob.files(id) == ["fig/one.png", "main.tex", "three.png", "two.png"]
            && bob.bytes(id, "fig/one.png").as_deref() == Some(&*two)
    });
    bob.workbench.trash_path(id, path("two.png")).unwrap();
    bob.workbench.move_path(id, path("three.png"), path("fig/three.png")).unwrap();
    until("the folder has it", || !place("two.png").exists() && holds("fig/three.png", &three));
    assert_eq!(ada.workbench.trashed_files(id).unwrap().len(), 1);
    // Nothing of others becomes a file that programs obey.
    bob.put(id, ".git/config", &picture(5, 10));
    until("it is told", || !ada.transfers(id).kept_back.is_empty());
    assert!(!place(".git").exists());
}

#[test]
fn a_text_that_becomes_a_picture_is_one_for_both() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, bob, id) = ada_and_bob(&relay);
    ada.workbench.create_file(id, path("data"), "Text.\n").unwrap();
    until("Bob has the text", || bob.text(id, "data") == "Text.\n");
    let bytes = picture(1, 3000);
    bob.workbench.trash_path(id, path("data")).unwrap();
    bob.put(id, "data", &bytes);
    both_have(id, &ada, &bob, &[("data", &bytes)]);
    ada.workbench.trash_path(id, path("data")).unwrap();
    ada.workbench.create_file(id, path("data"), "Text again.\n").unwrap();
    until("Bob has the text", || bob.text(id, "data") == "Text again.\n");
}

#[test]
fn the_main_file_and_the_engine_that_one_chooses_are_so_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let files = [("main.tex", "Main.\n"), ("talk.tex", "Talk.\n")];
    let (ada, id) = Desktop::sharing(&relay, "Ada", &files);
    ada.workbench.set_root(id, Some(path("talk.tex"))).unwrap();
    ada.workbench.set_engine(id, "lualatex").unwrap();
    until("it is saved", || ada.is_saved(id));
    let chosen = |desktop: &Desktop| {
        let project = desktop.workbench.open_project(id).unwrap();
        (project.root.map(|root| root.to_string()), project.engine)
    };
    let has = |desktop: &Desktop, root: Option<&str>, engine: &str| {
        until("it is so", || chosen(desktop) == (root.map(str::to_owned), engine.to_owned()));
    };
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    has(&bob, Some("talk.tex"), "lualatex");
    bob.workbench.set_root(id, Some(path("main.tex"))).unwrap();
    has(&ada, Some("main.tex"), "lualatex");
    ada.workbench.set_engine(id, "tectonic").unwrap();
    has(&bob, Some("main.tex"), "tectonic");
    ada.workbench.set_root(id, None).unwrap();
    has(&bob, None, "tectonic");
    // Who may only read changes it for himself alone.
    ada.workbench.set_member_role(id, &bob.me.user, ShareRole::Viewer).unwrap();
    until("Bob is told", || bob.shared(id).read_only.is_some());
    bob.workbench.set_root(id, Some(path("talk.tex"))).unwrap();
    ada.write(id, "main.tex", 0, "A ").unwrap();
    until("Bob sees it", || bob.text(id, "main.tex") == "A Main.\n");
    assert_eq!(chosen(&ada).0, None);
}
