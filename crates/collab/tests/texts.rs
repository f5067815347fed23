//! Texts that several write, as examples and at random.

#![allow(clippy::unwrap_used)]

use quire_collab::{
    Change, ClientId, DocumentError, TextDocument, changes_between,
    session::{self, Event, SessionError},
};

fn document(client: u64) -> TextDocument {
    TextDocument::new(ClientId::from_random(client))
}

fn change(at: u32, removed: u32, inserted: &str) -> Change {
    Change { at, removed, inserted: inserted.to_owned() }
}

/// A second document with the same contents.
fn copy_of(document: &TextDocument, client: u64) -> TextDocument {
    TextDocument::open(ClientId::from_random(client), [&*document.snapshot()]).unwrap()
}

#[test]
fn edits_are_counted_in_utf16_and_reach_the_other_side() {
    let mut ours = document(1);
    ours.seed("a🙂b").unwrap();
    let mut theirs = copy_of(&ours, 2);
    let update = ours.edit(&[change(1, 2, "é"), change(4, 0, "!")]).unwrap();
    assert_eq!(ours.text(), "aéb!");
    let applied = theirs.apply(&update).unwrap();
    assert_eq!(theirs.text(), "aéb!");
    assert_eq!(applied.changes, [change(1, 2, "é"), change(4, 0, "!")]);
    assert_eq!(applied.ask_again, None);
}

#[test]
fn an_update_that_is_known_changes_nothing() {
    let mut ours = document(1);
    let update = ours.seed("text").unwrap();
    let mut theirs = copy_of(&ours, 2);
    let applied = theirs.apply(&update).unwrap();
    assert!(applied.update.is_empty() && applied.changes.is_empty(), "{applied:?}");
}

#[test]
fn a_deletion_alone_is_new() {
    let mut ours = document(1);
    ours.seed("text").unwrap();
    let mut theirs = copy_of(&ours, 2);
    let applied = theirs.apply(&ours.edit(&[change(0, 2, "")]).unwrap()).unwrap();
    assert!(!applied.update.is_empty());
    assert_eq!(theirs.text(), "xt");
}

#[test]
fn an_update_whose_past_is_missing_is_asked_for_again() {
    let mut ours = document(1);
    ours.seed("one ").unwrap();
    let mut theirs = copy_of(&ours, 2);
    ours.edit(&[change(4, 0, "two ")]).unwrap();
    let third = ours.edit(&[change(8, 0, "three")]).unwrap();
    let applied = theirs.apply(&third).unwrap();
    assert!(applied.update.is_empty());
    let lacking = ours.difference(&applied.ask_again.unwrap()).unwrap();
    theirs.apply(&lacking).unwrap();
    assert_eq!(theirs.text(), "one two three");
}

#[test]
fn a_text_is_seeded_once() {
    let mut ours = document(1);
    ours.seed("text").unwrap();
    assert!(matches!(ours.seed("text"), Err(DocumentError::NotEmpty)));
    let mut theirs = copy_of(&ours, 2);
    assert!(matches!(theirs.seed("text"), Err(DocumentError::NotEmpty)));
}

#[test]
fn changes_outside_the_text_or_within_a_character_are_refused() {
    let mut first = document(1);
    first.seed("a🙂b").unwrap();
    // One that was opened knows its characters as well as one that was typed.
    let mut ours = TextDocument::open(ClientId::from_random(2), [&*first.snapshot()]).unwrap();
    let wrong = [
        change(5, 0, "x"),
        change(3, 2, ""),
        change(2, 0, "x"),
        change(0, 2, ""),
        change(u32::MAX, 9, ""),
    ];
    for wrong in wrong {
        let error = ours.edit(std::slice::from_ref(&wrong)).unwrap_err();
        assert!(matches!(error, DocumentError::OutOfRange { .. }), "{wrong:?}: {error}");
    }
    let overlapping = [change(0, 3, ""), change(1, 0, "x")];
    assert!(ours.edit(&overlapping).is_err());
    assert_eq!(ours.text(), "a🙂b");
}

#[test]
fn a_file_that_changed_on_disk_keeps_what_others_write_meanwhile() {
    let mut ours = document(1);
    ours.seed("First line.\nSecond line.\nThird line.\n").unwrap();
    let mut theirs = copy_of(&ours, 2);
    // Another program rewrites the first and third line; a co-author types into the second.
    let (disk, changes) = ours.merge("A first line.\nSecond line.\nThird, last line.\n").unwrap();
    assert_eq!(changes.len(), 2, "{changes:?}");
    let typed = theirs.edit(&[change(19, 0, "better ")]).unwrap();
    ours.apply(&typed).unwrap();
    theirs.apply(&disk).unwrap();
    assert_eq!(ours.text(), "A first line.\nSecond better line.\nThird, last line.\n");
    assert_eq!(ours.text(), theirs.text());
}

#[test]
fn words_that_both_sides_take_away_and_one_brings_back_are_not_mixed_with_those_that_came() {
    let mut ours = document(1);
    ours.seed("Wombats are tiny here.\n").unwrap();
    let mut theirs = copy_of(&ours, 2);
    let (disk, _) = theirs.merge("Quokkas are small marsupials here.\n").unwrap();
    ours.edit(&[change(0, 8, "")]).unwrap();
    ours.apply(&disk).unwrap();
    // As undo does.
    let at = ours.text().find("are").unwrap() as u32;
    ours.edit(&[change(at, 0, "Wombats ")]).unwrap();
    assert_eq!(ours.text(), "QuokkasWombats are small marsupials here.\n");
}

#[test]
fn a_word_is_replaced_as_a_whole_and_a_slip_in_it_by_its_letters() {
    let changes = |old, new| changes_between(old, new);
    assert_eq!(changes("Wombats run", "Quokkas run"), [change(0, 7, "Quokkas")]);
    assert_eq!(changes("a speling error", "a spelling error"), [change(6, 0, "l")]);
    assert_eq!(changes("one two three", "four five three"), [change(0, 7, "four five")]);
    assert_eq!(
        changes("one two three", "four two five"),
        [change(0, 3, "four"), change(8, 5, "five")]
    );
    assert_eq!(
        changes("\u{6587}\u{7ae0}\u{5f88}", "\u{6587}\u{5b57}\u{5f88}"),
        [change(1, 1, "\u{5b57}")]
    );
}

#[test]
fn two_peers_agree_after_hello() {
    let mut ours = document(1);
    ours.seed("ours ").unwrap();
    let mut theirs = document(2);
    theirs.seed("theirs").unwrap();
    let answer = |to: &mut TextDocument, frame: &[u8]| -> Vec<Vec<u8>> {
        let mut events = Vec::new();
        session::receive(to, frame, true, &mut events).unwrap();
        events
            .into_iter()
            .filter_map(|e| match e {
                Event::Reply(r) => Some(r),
                _ => None,
            })
            .collect()
    };
    for reply in answer(&mut theirs, &session::hello(&ours)) {
        answer(&mut ours, &reply);
    }
    for reply in answer(&mut ours, &session::hello(&theirs)) {
        answer(&mut theirs, &reply);
    }
    assert_eq!(ours.text(), theirs.text());
    assert!(ours.text().contains("ours ") && ours.text().contains("theirs"));
}

#[test]
fn who_may_only_read_may_repeat_what_is_known_and_nothing_else() {
    let mut ours = document(1);
    let known = ours.seed("text").unwrap();
    let repeated = session::update_message(known);
    let mut events = Vec::new();
    session::receive(&mut ours, &repeated, false, &mut events).unwrap();
    let new = copy_of(&ours, 2).edit(&[change(0, 0, "x")]).unwrap();
    let frame = session::update_message(new);
    let refused = session::receive(&mut ours, &frame, false, &mut events).unwrap_err();
    assert!(matches!(refused, SessionError::ReadOnly), "{refused}");
    assert_eq!(events, []);
    assert_eq!(ours.text(), "text");
}

#[test]
fn what_came_before_a_refused_message_is_told() {
    let mut ours = document(1);
    ours.seed("text").unwrap();
    let good = copy_of(&ours, 2).edit(&[change(0, 0, "x")]).unwrap();
    let frame = [session::update_message(good), vec![0, 2, 1, 0xff]].concat();
    let mut events = Vec::new();
    assert!(session::receive(&mut ours, &frame, true, &mut events).is_err());
    assert!(matches!(&events[..], [Event::Changed(applied)] if !applied.update.is_empty()));
    assert_eq!(ours.text(), "xtext");
}

#[test]
fn nonsense_is_refused_and_harms_nothing() {
    let mut ours = document(1);
    ours.seed("text").unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let good = session::update_message(copy_of(&ours, 2).edit(&[change(4, 0, " more")]).unwrap());
    for _ in 0..2_000 {
        let mut bytes = good.clone();
        for _ in 0..random.usize(1..4) {
            let at = random.usize(0..bytes.len());
            bytes[at] = random.u8(..);
        }
        bytes.truncate(random.usize(0..=bytes.len()));
        let mut copy = copy_of(&ours, 3);
        let _ = session::receive(&mut copy, &bytes, true, &mut Vec::new());
        // Whatever came of it can be written down and read again.
        assert_eq!(copy_of(&copy, 4).text(), copy.text());
    }
}

/// Any two texts: the changes lead from one to the other.
#[test]
fn changes_between_texts_lead_from_one_to_the_other() {
    let seed: u64 = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("QUIRE_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let letters: Vec<char> = "ab \n\r é🙂\u{301}\\{}".chars().collect();
    let mut text = |length: usize| -> String {
        (0..random.usize(0..length)).map(|_| letters[random.usize(0..letters.len())]).collect()
    };
    for _ in 0..500 {
        let (old, new) = (text(60), text(60));
        let mut document = document(1);
        document.seed(&old).unwrap();
        document.edit(&changes_between(&old, &new)).unwrap();
        assert_eq!(document.text(), new, "from {old:?}, QUIRE_SEED={seed}");
    }
}

/// Three peers that edit, merge files and exchange updates late, twice or out of order end with one text.
#[test]
fn peers_converge_whatever_the_order() {
    let seed: u64 = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("QUIRE_SEED={seed}");
    for round in 0..40 {
        let mut random = fastrand::Rng::with_seed(seed ^ round);
        let mut first = document(1);
        first.seed("The quick brown fox\njumps over\nthe lazy dog.\n").unwrap();
        let mut peers = [copy_of(&first, 11), copy_of(&first, 12), copy_of(&first, 13)];
        let mut sent: Vec<Vec<u8>> = Vec::new();
        for _ in 0..60 {
            let peer = random.usize(0..3);
            match random.u8(0..4) {
                0 | 1 => {
                    let length = peers[peer].len();
                    let at = random.u32(0..=length);
                    let removed = random.u32(0..=(length - at).min(5));
                    let edit = change(at, removed, ["x", "", "word ", "\n"][random.usize(0..4)]);
                    sent.push(peers[peer].edit(&[edit]).unwrap());
                }
                2 => {
                    let text = peers[peer].text().replace("o", "oo");
                    let text: String = text.chars().take(400).collect();
                    sent.push(peers[peer].merge(&text).unwrap().0);
                }
                _ if !sent.is_empty() => {
                    let update = sent[random.usize(0..sent.len())].clone();
                    peers[peer].apply(&update).unwrap();
                }
                _ => {}
            }
        }
        for from in 0..3 {
            for to in 0..3 {
                let lacking = peers[from].difference(&peers[to].state_vector()).unwrap();
                assert_eq!(peers[to].apply(&lacking).unwrap().ask_again, None);
            }
        }
        let texts: Vec<String> = peers.iter().map(TextDocument::text).collect();
        assert!(texts.iter().all(|text| *text == texts[0]), "QUIRE_SEED={seed}: {texts:?}");
    }
}
