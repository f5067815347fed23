//! The past of a shared text, as the desktops of its authors tell it.

use super::{Desktop, agree, free_address, path, relay, until};
use quire_project::ProjectId;
use quire_workbench::{
    Connection, EntryMark, NamedFor, ShareRole, TextVersion, TimelineEntry, TimelineSource, Writer,
};
use std::time::{Duration, Instant};

fn of(desktop: &Desktop) -> Writer {
    Writer::Person { name: desktop.me.name.clone(), user: Some(desktop.me.user.clone()) }
}

fn timeline(desktop: &Desktop, id: ProjectId, file: &str) -> (Vec<TimelineEntry>, TimelineSource) {
    let told = desktop.workbench.timeline(id, &path(file), None).unwrap();
    assert_eq!(told.older, None);
    (told.entries, told.source)
}

fn text_of(desktop: &Desktop, id: ProjectId, version: TextVersion) -> String {
    desktop.workbench.old_text(id, &path("main.tex"), version).unwrap().text
}

fn names(entries: &[TimelineEntry]) -> Vec<(String, bool)> {
    let names = entries.iter().flat_map(|entry| &entry.names);
    names.map(|name| (name.name.clone(), name.of_project)).collect()
}

#[test]
fn what_a_co_author_writes_stands_under_his_name() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    bob.write(id, "main.tex", 0, "Bob. ").unwrap();
    until("Ada sees it", || ada.text(id, "main.tex") == "Bob. One.\n");
    ada.write(id, "main.tex", 0, "Ada. ").unwrap();
    assert_eq!(agree(id, "main.tex", &ada, &bob), "Ada. Bob. One.\n");
    let writers = |desktop: &Desktop| {
        let history = desktop.workbench.history(id, &path("main.tex")).unwrap();
        history.into_iter().rev().map(|entry| entry.author).collect::<Vec<_>>()
    };
    until("it is kept", || writers(&ada) == [Writer::Me, of(&bob), Writer::Me]);
    // What was there when he came was written by he does not know whom.
    until("it is kept", || writers(&bob) == [Writer::Me, Writer::CoAuthors, Writer::Me, of(&ada)]);
    // Also after a start of the program, and without a relay.
    relay.kill();
    let ada = ada.again();
    ada.workbench.open_project(id).unwrap();
    assert_eq!(writers(&ada), [Writer::Me, of(&bob), Writer::Me]);
}

#[test]
fn the_relays_history_and_what_was_before_it_are_one_list() {
    let folder = tempfile::tempdir().unwrap();
    let first = relay(folder.path(), &free_address(), &[]);
    let address = first.address.clone();
    let ada = Desktop::of(&first, "Ada");
    let files =
        vec![(path("main.tex"), b"One.\n".to_vec()), (path("other.tex"), b"Other.\n".to_vec())];
    let id = ada.workbench.create_project("Paper", files, None).unwrap();
    ada.workbench.open_project(id).unwrap();
    ada.write(id, "main.tex", 0, "Before. ").unwrap();
    until("it is kept", || ada.workbench.history(id, &path("main.tex")).unwrap()[0].last == 2);
    assert_eq!(
        ada.workbench.name_version(id, &path("main.tex"), None, "Alone").unwrap(),
        NamedFor::Me
    );
    ada.workbench.share_project(id, &ada.me.relay, &ada.me.user).unwrap();
    until("it is saved", || ada.is_saved(id));
    let bob = Desktop::joining(&first, "Bob", &ada, id, ShareRole::Editor);
    bob.write(id, "main.tex", 0, "Bob. ").unwrap();
    assert_eq!(agree(id, "main.tex", &ada, &bob), "Bob. Before. One.\n");

    let (entries, source) = timeline(&ada, id, "main.tex");
    assert_eq!(source, TimelineSource::Together);
    // One version of both at the relay, for all was written at once; and what led to it here.
    let [together, before] = &entries[..] else { panic!("{entries:?}") };
    assert_eq!(together.mark, Some(EntryMark::Shared));
    assert!(together.writers.contains(&Writer::Me) && together.writers.contains(&of(&bob)));
    assert_eq!(text_of(&ada, id, together.version), "Bob. Before. One.\n");
    assert_eq!(before.version, TextVersion::Here { update: 2 });
    assert_eq!(text_of(&ada, id, before.version), "Before. One.\n");
    assert_eq!(names(&entries), [("Alone".to_owned(), false)]);
    // Who came later has none of what was before.
    let (entries, _) = timeline(&bob, id, "main.tex");
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert!(entries[0].writers.contains(&Writer::Me) && entries[0].writers.contains(&of(&ada)));

    // A name is for all, and ends a version; so does one of the whole project.
    let name = |desktop: &Desktop, name: &str| {
        desktop.workbench.name_version(id, &path("main.tex"), None, name).unwrap()
    };
    assert_eq!(name(&bob, "Sent in"), NamedFor::All);
    ada.write(id, "main.tex", 0, "Ada. ").unwrap();
    assert_eq!(ada.workbench.name_project_version(id, "Draft").unwrap(), NamedFor::All);
    let all = [("Draft", true), ("Sent in", false), ("Alone", false)];
    let all = all.map(|(name, of_project)| (name.to_owned(), of_project));
    let (entries, _) = timeline(&ada, id, "main.tex");
    assert_eq!(names(&entries), all);
    assert_eq!(names(&timeline(&bob, id, "main.tex").0), all[..2]);
    assert_eq!(names(&timeline(&bob, id, "other.tex").0), all[..1]);
    assert_eq!(text_of(&bob, id, entries[0].version), "Ada. Bob. Before. One.\n");

    // Any two are compared, whoever keeps them, and each can be gone back to.
    let sent_in = Some(entries[1].version);
    let compared = ada.workbench.compare(id, &path("main.tex"), before.version, sent_in).unwrap();
    let differing = compared.stretches.iter().flatten().flat_map(|line| &line.parts);
    let differing: String = differing.filter(|part| part.differs).map(|part| &*part.text).collect();
    assert_eq!(differing.trim(), "Bob.");
    let undo = ada.workbench.restore_text(id, &path("main.tex"), entries[1].version).unwrap();
    assert_eq!(agree(id, "main.tex", &ada, &bob), "Bob. Before. One.\n");
    ada.workbench.restore_text(id, &path("main.tex"), undo).unwrap();
    assert_eq!(agree(id, "main.tex", &ada, &bob), "Ada. Bob. Before. One.\n");

    // Without the relay there is what is kept here, with who wrote it, and why it is no more.
    first.kill();
    until("it is told", || matches!(ada.shared(id).connection, Connection::Offline { .. }));
    ada.write(id, "main.tex", 0, "Offline. ").unwrap();
    let (offline, source) = timeline(&ada, id, "main.tex");
    let TimelineSource::Away { why } = source else { panic!("{source:?}") };
    assert_eq!(why, "the relay cannot be reached");
    assert!(offline.iter().any(|entry| entry.writers == [of(&bob)]), "{offline:?}");
    assert_eq!(name(&ada, "On the train"), NamedFor::Me);
    assert!(ada.workbench.old_text(id, &path("main.tex"), entries[0].version).is_err());
    let found = ada.workbench.who_wrote(id, &path("main.tex"), 0..14).unwrap();
    let parts: Vec<_> = found.parts.iter().map(|part| (&*part.text, &part.writer)).collect();
    assert_eq!(parts, [("Offline. Ada. ", &Writer::Me)]);

    // Once it is there again, that name is the only thing that it does not have.
    let _second = relay(folder.path(), &address, &[]);
    until("it is saved", || ada.is_saved(id));
    let (entries, source) = timeline(&ada, id, "main.tex");
    assert_eq!(source, TimelineSource::Together);
    let only_here: Vec<_> =
        entries.iter().filter(|entry| entry.mark == Some(EntryMark::OnlyHere)).collect();
    let [on_the_train] = &only_here[..] else { panic!("{entries:?}") };
    assert_eq!((&*on_the_train.names[0].name, on_the_train.changes), ("On the train", 0));
    assert!(text_of(&ada, id, on_the_train.version).starts_with("Offline. "));
}

#[test]
fn who_wrote_what_is_known_to_all_and_what_was_removed_to_those_who_write() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One three.\n")]);
    let bob = Desktop::joining(&relay, "Bob", &ada, id, ShareRole::Editor);
    bob.write(id, "main.tex", 4, "two ").unwrap();
    assert_eq!(agree(id, "main.tex", &ada, &bob), "One two three.\n");
    let carol = Desktop::joining(&relay, "Carol", &ada, id, ShareRole::Viewer);
    until("Carol has it", || carol.text(id, "main.tex") == "One two three.\n");
    let parts = |desktop: &Desktop| {
        let found = desktop.workbench.who_wrote(id, &path("main.tex"), 2..10).unwrap();
        assert_eq!(found.source, TimelineSource::Together);
        let parts = found.parts.into_iter();
        let parts: Vec<_> =
            parts.map(|part| (part.text, part.writer, part.version.is_some())).collect();
        parts
    };
    let told = |ada: Writer, bob: Writer, may_look: bool| {
        [("e ", ada.clone()), ("two ", bob), ("th", ada)]
            .map(|(text, writer)| (text.to_owned(), writer, may_look))
    };
    assert_eq!(parts(&ada), told(Writer::Me, of(&bob), true));
    assert_eq!(parts(&bob), told(of(&ada), Writer::Me, true));
    assert_eq!(parts(&carol), told(of(&ada), of(&bob), false));
    let (_, source) = timeline(&carol, id, "main.tex");
    let TimelineSource::Away { why } = source else { panic!("{source:?}") };
    assert!(why.contains("only to those who may write"), "{why}");
    let named = carol.workbench.name_version(id, &path("main.tex"), None, "Mine").unwrap();
    assert_eq!(named, NamedFor::Me);
}

#[test]
fn what_the_relay_does_not_take_is_told_to_be_here_only() {
    let folder = tempfile::tempdir().unwrap();
    let small = ["--set", "limits.document_bytes=4000"];
    let relay = relay(folder.path(), &free_address(), &small);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "One.\n")]);
    until("it is saved", || ada.is_saved(id));
    // More than the relay keeps of a text; some time after it is full it says so.
    let full = Instant::now();
    while ada.is_saved(id) || full.elapsed() < Duration::from_secs(2) {
        ada.write(id, "main.tex", 0, &"x".repeat(400)).unwrap();
        let asked = Instant::now();
        while !ada.is_saved(id) && asked.elapsed() < Duration::from_secs(2) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
    until("that is told", || {
        let (entries, source) = timeline(&ada, id, "main.tex");
        let newest = &entries[0];
        source == TimelineSource::Together
            && newest.mark == Some(EntryMark::OnlyHere)
            && newest.writers == [Writer::Me]
            && text_of(&ada, id, newest.version) == ada.text(id, "main.tex")
    });
}

#[test]
fn older_versions_come_on_demand_without_a_gap_and_none_twice() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(folder.path(), &free_address(), &[]);
    let (ada, id) = Desktop::sharing(&relay, "Ada", &[("main.tex", "0")]);
    until("it is saved", || ada.is_saved(id));
    let name = |name: &str| ada.workbench.name_version(id, &path("main.tex"), None, name).unwrap();
    // A name ends a version: there are more than are told at once.
    for number in 0..120 {
        ada.write(id, "main.tex", 0, &format!("{number} ")).unwrap();
        assert_eq!(name(&format!("v{number}")), NamedFor::All);
    }
    let part = |older| ada.workbench.timeline(id, &path("main.tex"), older).unwrap();
    let newest = part(None);
    assert!(newest.older.is_some());
    let oldest = part(newest.older);
    assert_eq!(oldest.older, None);
    let all = [&newest.entries[..], &oldest.entries[..]].concat();
    let told: Vec<String> = names(&all).into_iter().map(|(name, _)| name).collect();
    assert_eq!(told, (0..120).rev().map(|number| format!("v{number}")).collect::<Vec<_>>());
    let marks: Vec<_> = all.iter().rev().filter_map(|entry| entry.mark).collect();
    assert_eq!(marks, [EntryMark::Made, EntryMark::Shared]);
    // Between what was shared and what was before it nothing is missing.
    assert_eq!(text_of(&ada, id, all.last().unwrap().version), "0");
    assert_eq!(all.iter().filter(|entry| entry.changes > 1).count(), 1, "{all:?}");
}
