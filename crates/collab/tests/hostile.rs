//! Updates that no program writes.

#![allow(clippy::unwrap_used)]

use quire_collab::{
    Change, ClientId, Contents, DocumentError, Replica, TextDocument, compact,
    room::{Access, CloseReason, Identity, Limits, Output, Room, SessionId},
};
use std::collections::HashMap;
use yrs::{
    Any, Array, ClientID, Doc, Map, MapPrelim, OffsetKind, Options, Text, Transact, TransactionMut,
    WriteTxn,
};

/// One update of client 7 at 0 with one block: a list `chat` with one value of these bytes.
fn with_value(value: &[u8]) -> Vec<u8> {
    [&[1, 1, 7, 0, 8, 1, 4][..], b"chat", &[1], value, &[0]].concat()
}

fn insert(at: u32, inserted: &str) -> Change {
    Change { at, removed: 0, inserted: inserted.to_owned() }
}

fn made(make: impl FnOnce(&mut TransactionMut<'_>)) -> Vec<u8> {
    let mut options = Options::with_client_id(ClientID::new(7));
    options.offset_kind = OffsetKind::Utf16;
    let doc = Doc::with_options(options);
    let mut txn = doc.transact_mut();
    make(&mut txn);
    txn.encode_update_v1()
}

#[track_caller]
fn is_refused(update: &[u8]) {
    let refused = Replica::default().apply(update);
    assert!(matches!(refused, Err(DocumentError::Invalid(_))), "{refused:?}");
    assert!(Replica::default().holds(update).is_err());
    assert!(Replica::default().adds_nothing(update).is_err());
    assert!(Replica::open([update]).is_err());
    assert!(TextDocument::open(ClientId::from_random(1), [update]).is_err());
}

#[test]
fn values_that_lie_a_million_deep_are_refused() {
    for opens in [&[117, 1][..], &[118, 1, 1, b'k']] {
        let deep = |depth| with_value(&[&opens.repeat(depth), &[126][..]].concat());
        assert!(Replica::default().apply(&deep(20)).is_ok());
        for depth in [100, 10_000, 1_000_000] {
            is_refused(&deep(depth));
        }
    }
}

#[test]
fn what_is_promised_and_not_there_is_refused_before_room_is_made_for_it() {
    const MANY: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];
    const TOO_MANY: [u8; 6] = [0x81, 0x80, 0x80, 0x80, 0x80, 0x01];
    for number in [&MANY[..], &TOO_MANY] {
        is_refused(number);
        is_refused(&[&[1], number, &[7, 0]].concat());
        is_refused(&[&[1, 1, 7, 0, 8, 1, 4], &b"chat"[..], number, &[126, 0]].concat());
        is_refused(&with_value(&[&[117], number, &[126]].concat()));
        is_refused(&with_value(&[&[118], number, &[1, b'k', 126]].concat()));
        is_refused(&[&[0], number].concat());
        is_refused(&[&[0, 1, 7], number].concat());
    }
    // Of one author's insertions, or deletions, twice.
    is_refused(&[2, 1, 7, 0, 0, 1, 1, 7, 1, 0, 1, 0]);
    is_refused(&[0, 2, 7, 1, 0, 1, 7, 1, 1, 1]);
    // A deletion of nothing.
    is_refused(&[0, 1, 7, 1, 1, 0]);
    // More than there are numbers for, and an author whom JavaScript cannot name.
    is_refused(&[&[1, 2, 7, 0, 0][..], &MANY, &[0, 1, 0]].concat());
    is_refused(&[&[0, 1, 7, 1][..], &MANY, &[1]].concat());
    is_refused(&[1, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0, 0, 1, 0]);
}

#[test]
fn what_programs_write_is_taken() {
    let update = made(|txn| {
        let text = txn.get_or_insert_text("text");
        text.insert(txn, 0, "a🙂b");
        text.remove_range(txn, 0, 1);
        text.format(txn, 0, 2, [("bold".into(), Any::Bool(true))].into());
        let said = [("at", Any::from(1.5)), ("many", Any::from(vec![Any::Null; 20]))];
        let said = said.map(|(key, value)| (key.to_owned(), value));
        txn.get_or_insert_array("chat").push_back(txn, Any::from(HashMap::from(said)));
        txn.get_or_insert_map("threads").insert(txn, "id", MapPrelim::from([("text", "?")]));
    });
    // Only how letters look has no place in a discussion.
    assert!(Replica::default().taking(Contents::Discussion).apply(&update).is_err());
    let replica = Replica::open([&*update]).unwrap();
    assert_eq!(replica.text("text"), "🙂b");
    assert!(Replica::default().taking(Contents::Text).apply(&update).is_err());
    assert!(replica.is_same(&Replica::open([&*replica.snapshot()]).unwrap()));
}

#[test]
fn a_text_takes_nothing_that_is_counted_and_not_seen() {
    let embeds: [fn(&mut TransactionMut<'_>); 5] = [
        |txn| {
            txn.get_or_insert_text("text").insert_embed(txn, 0, Any::from("letters?"));
        },
        |txn| {
            txn.get_or_insert_text("text").insert_embed(txn, 0, MapPrelim::from([("a", "b")]));
        },
        |txn| {
            txn.get_or_insert_array("chat").push_back(txn, Any::Null);
        },
        |txn| {
            txn.get_or_insert_map("threads").insert(txn, "id", Any::Null);
        },
        // How letters look takes no place, but yrs does not say what then becomes of the letters.
        |txn| {
            let look = [("bold".into(), Any::Bool(true))].into();
            txn.get_or_insert_text("text").insert_with_attributes(txn, 0, "bold", look);
        },
    ];
    for embed in embeds {
        let update = made(embed);
        let mut text = TextDocument::new(ClientId::from_random(1));
        assert!(matches!(text.apply(&update), Err(DocumentError::Unfit(_))));
        assert!(text.is_empty() && text.holds(&text.snapshot()).unwrap());
        // Nor does it go through the relay, which says why.
        let replica = Replica::default().taking(Contents::Text);
        let mut room = Room::new(replica, 0, (0, 0), Limits::default());
        let (ann, mut out) = (SessionId(1), Vec::new());
        let identity = Identity { id: "ann".to_owned(), name: "Ann".to_owned() };
        room.join(ann, Access::Write, Some(identity), &mut out);
        out.clear();
        room.receive(ann, &quire_collab::frames::update(&update), &mut out);
        assert_eq!(out, [Output::Close { session: ann, reason: CloseReason::Unfit }]);
    }
}

#[test]
fn in_a_text_nothing_goes_with_what_it_was_in() {
    // Ten units of client 7 of which nothing is told.
    let gone = [1, 1, 7, 0, 0, 10, 0];
    let mut text = TextDocument::new(ClientId::from_random(1));
    assert!(matches!(text.apply(&gone), Err(DocumentError::Unfit(_))));
    let mut talk = Replica::default().taking(Contents::Discussion);
    assert!(!talk.apply(&gone).unwrap().update.is_empty());
}

#[test]
fn letters_in_the_chat_hold_nobody_up() {
    let update = made(|txn| {
        let said = HashMap::from([("id", "one"), ("by", "ann"), ("text", "Hello?")]);
        let said: HashMap<String, Any> =
            said.into_iter().map(|(key, value)| (key.to_owned(), Any::from(value))).collect();
        txn.get_or_insert_array("chat").push_back(txn, Any::from(said));
    });
    // Behind it, by client 8: letters of which one is two units of UTF-16.
    let letters = [&[1, 1, 8, 0, 0x84, 7, 0, 8][..], "𝛂𝛂".as_bytes(), &[0]].concat();
    let mut replica = Replica::default().taking(Contents::Discussion);
    replica.apply(&update).unwrap();
    let taken = replica.apply(&letters).unwrap();
    assert!(!taken.is_missing && !taken.update.is_empty());
    let messages = quire_collab::talk::messages(&replica);
    assert_eq!(messages["one"].excerpt, "Hello?");
}

#[test]
fn letters_of_another_text_are_not_taken() {
    let mut text = TextDocument::new(ClientId::from_random(1));
    text.seed("known").unwrap();
    // What we wrote ourselves as if it were of another text, and two letters behind it.
    let update = [&[1, 1, 1, 0, 4, 1, 5][..], b"other", &[7], b"known!!", &[0]].concat();
    let refused = text.apply(&update);
    assert!(matches!(refused, Err(DocumentError::Unfit(_))), "{refused:?}");
    assert_eq!(text.text(), "known");
}

#[test]
fn half_a_character_that_is_removed_is_seen_to_be() {
    let mut text = TextDocument::new(ClientId::from_random(1));
    text.seed("a𝛂b").unwrap();
    // Of client 1, the unit 2.
    let applied = text.apply(&[0, 1, 1, 1, 2, 1]).unwrap();
    let mut shown: Vec<u16> = "a𝛂b".encode_utf16().collect();
    for change in applied.changes.iter().rev() {
        let (at, removed) = (change.at as usize, change.removed as usize);
        shown.splice(at..at + removed, change.inserted.encode_utf16());
    }
    assert_eq!(String::from_utf16(&shown).unwrap(), text.text());
    assert!(text.text().starts_with('a') && text.text().ends_with('b'));
}

/// One letter of client 5, or two, right of one place of client 1 and left of another.
fn between(left: u8, right: u8, letters: &str) -> Vec<u8> {
    [&[1, 1, 5, 0, 0xc4, 1, left, 1, right, letters.len() as u8], letters.as_bytes(), &[0]].concat()
}

#[test]
fn what_stands_behind_what_it_stands_before_is_refused() {
    let mut text = TextDocument::new(ClientId::from_random(1));
    let typed = text.edit(&[insert(0, "in a run")]).unwrap();
    for (left, right) in [(3, 3), (3, 2), (7, 0)] {
        let update = between(left, right, "x");
        let refused = text.apply(&update);
        assert!(matches!(refused, Err(DocumentError::Unfit(_))), "{left} {right}: {refused:?}");
        let mut replica = Replica::default().taking(Contents::Text);
        replica.apply(&typed).unwrap();
        assert!(matches!(replica.apply(&update), Err(DocumentError::Unfit(_))));
        // With what it stands between, or when that is gone.
        let together = [&[2][..], &update[1..update.len() - 1], &typed[1..]].concat();
        let mut replica = Replica::default().taking(Contents::Text);
        assert!(matches!(replica.apply(&together), Err(DocumentError::Unfit(_))));
        let mut all_gone = TextDocument::open(ClientId::from_random(2), [&*typed]).unwrap();
        all_gone.edit(&[Change { at: 0, removed: 8, inserted: String::new() }]).unwrap();
        assert!(matches!(all_gone.apply(&update), Err(DocumentError::Unfit(_))));
    }
    // More of a run that is said to stand in its own midst, or before what is yet to come.
    for (from, right) in [(0, 4), (4, 2)] {
        let longer = [
            &[1, 1, 1, from, 0x44, 1, right, 12 - from],
            &b"any letters "[..12 - from as usize],
            &[0],
        ];
        assert!(text.apply(&longer.concat()).is_err(), "{from} {right}");
    }
    is_refused(&[1, 1, 1, 8, 0x44, 1, 9, 1, b'x', 0]);
    assert_eq!(text.text(), "in a run");
    // A log that somebody has it in all the same is not thrown away for a snapshot that reads otherwise.
    assert!(matches!(compact([&*typed, &*between(3, 2, "x")]), Err(DocumentError::Incomplete)));
    assert!(compact([&*typed, &*between(3, 4, "x")]).is_ok());
    assert_eq!(text.apply(&between(3, 4, "x")).unwrap().changes, [insert(4, "x")]);
    // What it stands between is yet to come.
    let mut replica = Replica::default().taking(Contents::Text);
    assert!(replica.apply(&between(3, 2, "x")).unwrap().is_missing);
}

#[test]
fn an_author_may_write_before_what_he_wrote() {
    let mut ann = TextDocument::new(ClientId::from_random(1));
    let mut log = Vec::new();
    let mut write = |at, removed, inserted: &str| {
        let change = Change { at, removed, inserted: inserted.to_owned() };
        log.push(ann.edit(&[change]).unwrap());
    };
    write(0, 0, "world");
    for (at, letter) in (0..).zip(["h", "e", "l", "l", "o", " "]) {
        write(at, 0, letter);
    }
    write(3, 3, "");
    write(3, 0, "p");
    write(0, 0, "Oh ");
    write(1, 1, "H");
    write(5, 0, "xyz");
    let one_by_one: Vec<&[u8]> = log.iter().map(Vec::as_slice).collect();
    let whole = ann.snapshot();
    for updates in [&one_by_one[..], &[&whole]] {
        let mut relay = Replica::default().taking(Contents::Text);
        let mut bob = TextDocument::new(ClientId::from_random(2));
        for update in updates {
            assert!(!relay.apply(update).unwrap().is_missing);
            assert_eq!(bob.apply(update).unwrap().ask_again, None);
        }
        assert_eq!((relay.text("text"), bob.text()), (ann.text(), ann.text()));
        // Somebody writes everywhere who has not seen the rest.
        for (seen, client) in (1..=one_by_one.len()).zip(10..) {
            let seen = one_by_one[..seen].iter().copied();
            let mut away = TextDocument::open(ClientId::from_random(client), seen).unwrap();
            for at in (0..=away.len()).rev() {
                assert!(!relay.apply(&away.edit(&[insert(at, "·")]).unwrap()).unwrap().is_missing);
            }
        }
        assert_eq!(compact([&*relay.snapshot()]).unwrap(), relay.snapshot());
    }
}

#[test]
fn what_is_in_something_that_holds_nothing_is_refused_as_a_whole() {
    // A value in the list `chat`, then two entries of what is not a map.
    let value = with_value(&[119, 1, b'v']);
    let entry = |client: u8, parent: u8| {
        [&[1, 1, client, 0, 0x28, 0, 7, parent, 1, b'k', 1][..], &[119, 1, b'v', 0]].concat()
    };
    let mut talk = TextDocument::new(ClientId::from_random(1)).taking(Contents::Discussion);
    talk.apply(&value).unwrap();
    let before = talk.snapshot();
    assert!(matches!(talk.apply(&entry(8, 0)), Err(DocumentError::Unfit(_))));
    let together = [&[2][..], &entry(8, 0)[1..14], &value[1..]].concat();
    let mut other = Replica::default().taking(Contents::Discussion);
    let refused = other.apply(&together);
    assert!(matches!(refused, Err(DocumentError::Unfit(_))), "{refused:?}");
    assert_eq!(talk.snapshot(), before);
    assert!(talk.apply(&entry(8, 1)).unwrap().ask_again.is_some());

    // Of a map that is gone.
    let made = |gone: bool| {
        made(|txn| {
            let list = txn.get_or_insert_array("comments");
            list.push_back(txn, MapPrelim::default());
            if gone {
                list.remove(txn, 0);
            }
        })
    };
    for gone in [false, true] {
        let mut talk = Replica::default().taking(Contents::Discussion);
        talk.apply(&made(gone)).unwrap();
        assert!(!talk.apply(&entry(8, 0)).unwrap().is_missing, "{gone}");
    }
}
