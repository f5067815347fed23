//! A room's rules, each by its smallest example. What they do together is the simulation's.

#![allow(clippy::unwrap_used)]

use bytes::Bytes;
use quire_collab::{
    Change, ClientId, Replica, TextDocument, compact,
    frames::{self, Frame, Origin, Presence},
    room::{Access, CloseReason, Identity, Limits, Output, ReadOnly, Room, SessionId},
};

const ANN: SessionId = SessionId(1);
const BOB: SessionId = SessionId(2);
const CAROL: SessionId = SessionId(3);

fn document(client: u64) -> TextDocument {
    TextDocument::new(ClientId::from_random(client))
}

fn typed(document: &mut TextDocument, text: &str) -> Vec<u8> {
    let change = Change { at: document.len(), removed: 0, inserted: text.to_owned() };
    document.edit(&[change]).unwrap()
}

/// Ann and Bob in an empty document, both following.
fn room() -> Room {
    let mut room = Room::new(Replica::default(), 0, (0, 0), Limits::default());
    let mut out = Vec::new();
    for session in [ANN, BOB] {
        room.join(session, Access::Write, None, &mut out);
        room.receive(session, &frames::ask(&document(9).state_of()), &mut out);
    }
    room
}

trait StateOf {
    fn state_of(&self) -> yrs::StateVector;
}

impl StateOf for TextDocument {
    fn state_of(&self) -> yrs::StateVector {
        Replica::open([&*self.snapshot()]).unwrap().state()
    }
}

fn said(out: &[Output], who: SessionId) -> Vec<Frame<'_>> {
    let sent = out.iter().filter_map(|output| match output {
        Output::Send { to, frames } if *to == who => Some(&**frames),
        _ => None,
    });
    sent.flatten().flat_map(|frame| frames::read(frame).unwrap()).collect()
}

fn receive(room: &mut Room, from: SessionId, frame: &Bytes) -> Vec<Output> {
    let mut out = Vec::new();
    room.receive(from, frame, &mut out);
    out
}

#[test]
fn an_update_leaves_when_it_is_durable_and_is_acknowledged_to_who_numbered_it() {
    let mut room = room();
    let update = typed(&mut document(1), "text");
    let origin = Origin { session: 5, sequence: 1 };
    let out = receive(&mut room, ANN, &frames::numbered(origin, &update));
    let [Output::Append(row)] = &out[..] else { panic!("{out:?}") };
    assert_eq!((row.number, row.origin), (1, Some(origin)));
    let mut out = Vec::new();
    room.committed(1, &mut out);
    assert_eq!(said(&out, ANN), [Frame::Kept(1)]);
    assert_eq!(said(&out, BOB), [Frame::Update(&row.update)]);
    // Sent again, it is no second row.
    let out = receive(&mut room, ANN, &frames::numbered(origin, &update));
    assert_eq!(said(&out, ANN), [Frame::Kept(1)]);
    assert_eq!(out.len(), 1, "{out:?}");
}

#[test]
fn what_becomes_durable_together_leaves_together_and_nobody_is_told_what_he_has_said() {
    let mut room = room();
    let (mut ann, mut bob) = (document(1), document(2));
    let (first, second) = (typed(&mut ann, "one "), typed(&mut ann, "two "));
    let third = typed(&mut bob, "three");
    let origin = |sequence| Origin { session: 5, sequence };
    receive(&mut room, ANN, &frames::numbered(origin(1), &first));
    receive(&mut room, ANN, &frames::numbered(origin(2), &second));
    receive(&mut room, BOB, &frames::update(&third));
    let mut out = Vec::new();
    room.committed(3, &mut out);
    let told = said(&out, BOB);
    assert!(matches!(told[..], [Frame::Update(_), Frame::Update(_)]), "{told:?}");
    let to_bob = out.iter().filter(|said| matches!(said, Output::Send { to: BOB, .. }));
    assert_eq!(to_bob.count(), 1, "{out:?}");
    assert_eq!(said(&out, ANN), [Frame::Kept(1), Frame::Kept(2), Frame::Update(&third)]);
}

#[test]
fn who_wrote_it_is_told_to_those_who_want_to_know() {
    let mut room = Room::new(Replica::default(), 0, (0, 0), Limits::default());
    let mut out = Vec::new();
    let nothing = document(9).state_of();
    // Carol has a stock client, which begins as it always did.
    for (session, name, first) in [
        (ANN, "Ann", frames::ask_with_authors(&nothing)),
        (BOB, "Bob", frames::ask_with_authors(&nothing)),
        (CAROL, "Carol", frames::ask(&nothing)),
    ] {
        let identity = Identity { id: name.to_lowercase(), name: name.to_owned() };
        room.join(session, Access::Write, Some(identity), &mut out);
        room.receive(session, &first, &mut out);
    }
    let (first, second) = (typed(&mut document(1), "one"), typed(&mut document(2), "two"));
    receive(&mut room, ANN, &frames::update(&first));
    receive(&mut room, CAROL, &frames::update(&second));
    let mut out = Vec::new();
    room.committed(2, &mut out);
    let by = |name: &'static str, id: &'static str| Frame::By { id, name };
    let (one, two) = (Frame::Update(&first), Frame::Update(&second));
    assert_eq!(said(&out, BOB), [by("Ann", "ann"), one.clone(), by("Carol", "carol"), two.clone()]);
    assert_eq!(said(&out, ANN), [by("Carol", "carol"), two]);
    assert_eq!(said(&out, CAROL), [one]);
    // With its author an update is one frame, so that nothing comes between.
    let to_bob = out.iter().find_map(|output| match output {
        Output::Send { to: BOB, frames } => Some(frames.len()),
        _ => None,
    });
    assert_eq!(to_bob, Some(2));
    // And what one says of others is not listened to.
    let third = typed(&mut document(3), "three");
    let forged = [frames::by("bob", "Bob"), frames::update(&third)].concat();
    let out = receive(&mut room, CAROL, &forged.into());
    let [Output::Append(row)] = &out[..] else { panic!("{out:?}") };
    assert_eq!(row.author.as_deref(), Some("carol"));
}

#[test]
fn an_update_whose_past_is_missing_is_refused_and_asked_for() {
    let mut room = room();
    let mut ann = document(1);
    typed(&mut ann, "one ");
    let second = typed(&mut ann, "two");
    let origin = Origin { session: 5, sequence: 1 };
    let out = receive(&mut room, ANN, &frames::numbered(origin, &second));
    let [Frame::Refused(1), Frame::Ask(state)] = &said(&out, ANN)[..] else { panic!("{out:?}") };
    assert!(state.is_empty());
    assert_eq!(room.rows_in_flight(), 0);
}

#[test]
fn an_update_with_a_hole_is_not_taken_in_part() {
    let mut ann = document(1);
    let first = typed(&mut ann, "one ");
    typed(&mut ann, "two ");
    // By itself, as another program would merge it: what is at the end knows nothing of the middle.
    let third = ann.edit(&[Change { at: 0, removed: 0, inserted: "zero ".to_owned() }]).unwrap();
    let holed = yrs::merge_updates_v1([first, third]).unwrap();
    let mut replica = Replica::default();
    let taken = replica.apply(&holed).unwrap();
    assert!(taken.is_missing && taken.update.is_empty(), "{taken:?}");
    assert!(replica.state().is_empty());
}

#[test]
fn a_deletion_of_what_is_unknown_is_refused_and_one_of_what_is_known_is_a_row() {
    let mut ann = document(1);
    let text = typed(&mut ann, "text");
    let deletion = ann.edit(&[Change { at: 0, removed: 4, inserted: String::new() }]).unwrap();
    let mut replica = Replica::default();
    assert!(replica.apply(&deletion).unwrap().is_missing);
    replica.apply(&text).unwrap();
    assert!(!replica.holds(&deletion).unwrap());
    let taken = replica.apply(&deletion).unwrap();
    assert!(!taken.is_missing && !taken.update.is_empty());
    assert!(replica.holds(&deletion).unwrap());
    assert_eq!(replica.text("text"), "");
}

#[test]
fn a_reader_may_repeat_what_is_known_and_is_told_when_more_is_not_taken() {
    let mut room = room();
    let mut ann = document(1);
    let update = typed(&mut ann, "text");
    let mut out = receive(&mut room, ANN, &frames::update(&update));
    room.committed(1, &mut out);
    let reader = SessionId(3);
    room.join(reader, Access::Read(ReadOnly::Viewer), None, &mut out);
    assert_eq!(receive(&mut room, reader, &frames::answer(&update)), []);
    let more = typed(&mut ann, " and more");
    let out = receive(&mut room, reader, &frames::update(&more));
    assert!(matches!(said(&out, reader)[..], [Frame::Denied(_)]), "{out:?}");
    assert_eq!(room.rows_in_flight(), 0);
}

#[test]
fn a_role_that_changes_is_told_and_holds_from_then_on() {
    let mut room = room();
    let mut ann = document(1);
    let mut out = Vec::new();
    room.regrade(ANN, Access::Read(ReadOnly::Archived), &mut out);
    let [Frame::Denied(why)] = said(&out, ANN)[..] else { panic!("{out:?}") };
    assert!(why.contains("archived"), "{why}");
    let update = typed(&mut ann, "kept back");
    let numbered = frames::numbered(Origin { session: 1, sequence: 1 }, &update);
    for frame in [frames::update(&update), frames::answer(&update), numbered] {
        let out = receive(&mut room, ANN, &frame);
        assert!(matches!(said(&out, ANN)[..], [Frame::Denied(_)]), "{out:?}");
    }
    assert_eq!(room.rows_in_flight(), 0);
    out.clear();
    room.regrade(ANN, Access::Write, &mut out);
    assert!(matches!(said(&out, ANN)[..], [Frame::Ask(_)]), "{out:?}");
    receive(&mut room, ANN, &frames::answer(&update));
    assert_eq!(room.rows_in_flight(), 1);
}

#[test]
fn where_nothing_may_be_added_what_is_there_can_be_removed() {
    let mut room = room();
    let mut ann = document(1);
    let mut out = receive(&mut room, ANN, &frames::update(&typed(&mut ann, "too much")));
    room.committed(1, &mut out);
    room.regrade(ANN, Access::Remove(ReadOnly::TooLong), &mut out);
    let removed = ann.edit(&[Change { at: 0, removed: 4, inserted: String::new() }]).unwrap();
    let numbered = frames::numbered(Origin { session: 1, sequence: 1 }, &removed);
    receive(&mut room, ANN, &numbered);
    assert_eq!(room.rows_in_flight(), 1);
    // Put something else in its place, and it is more.
    let replaced = ann.edit(&[Change { at: 0, removed: 2, inserted: "x".to_owned() }]).unwrap();
    let out = receive(&mut room, ANN, &frames::update(&replaced));
    assert_eq!(room.rows_in_flight(), 1);
    room.committed(2, &mut Vec::new());
    let out = [out, receive(&mut room, ANN, &frames::update(&replaced))].concat();
    assert!(said(&out, ANN).iter().any(|frame| matches!(frame, Frame::Denied(_))), "{out:?}");
}

#[test]
fn a_cursor_bears_the_name_that_the_relay_knows() {
    let mut room = Room::new(Replica::default(), 0, (0, 0), Limits::default());
    let mut out = Vec::new();
    for (session, name) in [(ANN, "Ann"), (BOB, "Bob"), (SessionId(3), "Bob")] {
        let identity = Identity { id: name.to_lowercase(), name: name.to_owned() };
        room.join(session, Access::Write, Some(identity), &mut out);
    }
    let tell = |room: &mut Room, who, clock, state: &str| {
        let cursor = Presence { client: 7, clock, state: state.to_owned() };
        receive(room, who, &frames::awareness([&cursor].into_iter()))
    };
    let out = tell(
        &mut room,
        BOB,
        1,
        r##"{"at":3,"user":{"name":"Ann","id":"ann","color":"#ff0000","colorLight":"url(x)"}}"##,
    );
    let [Frame::Awareness(told)] = &said(&out, ANN)[..] else { panic!("{out:?}") };
    let state = r##"{"at":3,"user":{"color":"#ff0000","id":"bob","name":"Bob"}}"##;
    assert_eq!(told[0].state, state);
    // Another person does not get hold of the cursor; the same one, with a new line, does.
    assert_eq!(tell(&mut room, ANN, 2, "{}"), []);
    assert!(!tell(&mut room, SessionId(3), 2, "{}").is_empty());
    assert_eq!(tell(&mut room, SessionId(3), 3, "\"no object\""), []);
    // Nobody brings back who has gone by repeating what he said.
    let mut out = Vec::new();
    room.leave(SessionId(3), &mut out);
    assert_eq!(tell(&mut room, ANN, 2, "{}"), []);
}

#[test]
fn what_is_no_message_ends_the_session_and_nobody_elses() {
    let promises_a_million_cursors = [1, 3, 0xc0, 0x84, 0x3d];
    let promises_a_million_clients = [0, 0, 3, 0xc0, 0x84, 0x3d];
    let is_no_update = [0, 2, 3, 9, 9, 9];
    let cut_off = [0, 2, 100, 0];
    let wrong: [&[u8]; 4] =
        [&promises_a_million_cursors, &promises_a_million_clients, &is_no_update, &cut_off];
    for wrong in wrong {
        let mut room = room();
        let out = receive(&mut room, ANN, &Bytes::copy_from_slice(wrong));
        let reason = CloseReason::NotAMessage;
        assert_eq!(out, [Output::Close { session: ANN, reason }], "{wrong:?}");
        assert_eq!(room.sessions(), 1);
    }
}

#[test]
fn a_log_that_fails_ends_the_room_and_tells_nobody_what_is_lost() {
    let mut room = room();
    receive(&mut room, ANN, &frames::update(&typed(&mut document(1), "text")));
    let mut out = Vec::new();
    room.failed(&mut out);
    room.committed(1, &mut out);
    let reason = CloseReason::NotSaved;
    let closed = [ANN, BOB].map(|session| Output::Close { session, reason });
    assert_eq!(out, closed);
    assert!(room.is_over());
}

#[test]
fn a_cursor_belongs_to_who_told_it_and_goes_with_him() {
    let mut room = room();
    let cursor = |clock, state: &str| Presence { client: 7, clock, state: state.to_owned() };
    let tell = |room: &mut Room, who, cursor: &Presence| {
        receive(room, who, &frames::awareness([cursor].into_iter()))
    };
    let out = tell(&mut room, ANN, &cursor(1, "{}"));
    assert_eq!(said(&out, BOB), [Frame::Awareness(vec![cursor(1, "{}")])]);
    // Stock clients repeat what they hear, and drop whom they have not heard of for a while.
    assert_eq!(tell(&mut room, BOB, &cursor(1, "{}")), []);
    assert_eq!(tell(&mut room, BOB, &cursor(1, "null")), []);
    let mut out = Vec::new();
    room.leave(ANN, &mut out);
    assert_eq!(said(&out, BOB), [Frame::Awareness(vec![cursor(1, "null")])]);
}

#[test]
fn cursors_are_bounded() {
    let mut room = room();
    let cursors: Vec<Presence> = (0..100)
        .map(|client| Presence { client, clock: 1, state: "{}".to_owned() })
        .chain([Presence { client: 200, clock: 1, state: "x".repeat(5000) }])
        .collect();
    let out = receive(&mut room, ANN, &frames::awareness(cursors.iter()));
    let [Frame::Awareness(told)] = &said(&out, BOB)[..] else { panic!("{out:?}") };
    assert_eq!(told.len(), 16);
}

#[test]
fn who_asks_and_does_not_read_is_ended() {
    let limits = Limits { unread_answer_bytes: 1000, ..Limits::default() };
    let mut ann = document(1);
    let long = typed(&mut ann, &"long ".repeat(100));
    let mut room = Room::new(Replica::open([&*long]).unwrap(), 1, (0, 0), limits);
    let mut out = Vec::new();
    room.join(ANN, Access::Write, None, &mut out);
    let ask = frames::ask(&document(2).state_of());
    let ends = (0..10).position(|_| {
        receive(&mut room, ANN, &ask)
            .contains(&Output::Close { session: ANN, reason: CloseReason::TooSlow })
    });
    assert_eq!(ends, Some(2));
}

#[test]
fn a_snapshot_stands_for_its_log_and_a_log_with_a_hole_has_none() {
    let mut ann = document(1);
    let updates: Vec<Vec<u8>> =
        ["one ", "two ", "three"].iter().map(|text| typed(&mut ann, text)).collect();
    let snapshot = compact(updates.iter().map(Vec::as_slice)).unwrap();
    assert_eq!(Replica::open([&*snapshot]).unwrap().text("text"), "one two three");
    assert!(compact([&*updates[0], &*updates[2]]).is_err());
}
