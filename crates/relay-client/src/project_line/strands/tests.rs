use super::*;
use quire_collab::strands::{WINDOW, cost};
use std::time::Duration;

const EMPTY_ANSWER: Bytes = Bytes::from_static(&[0, 1, 2, 0, 0]);

fn document(nth: u8) -> DocumentId {
    DocumentId([nth; 16])
}

/// So many lines, numbered from 1, at a relay that carries them all.
fn strands(count: u8) -> Strands<()> {
    let mut strands = Strands::default();
    for nth in 1..=count {
        strands.add(u64::from(nth), document(nth));
    }
    strands.connected(1000);
    strands
}

/// All that is to be said now.
fn said(strands: &mut Strands<()>, now: Instant) -> Vec<ToRelay> {
    let next = std::iter::from_fn(|| strands.next(now));
    next.map(|message| ToRelay::read(&message).unwrap()).collect()
}

fn hears(strands: &mut Strands<()>, now: Instant, message: &FromRelay) -> Received {
    strands.receive(&message.message(), now, 1.0).unwrap()
}

fn opened(strands: &mut Strands<()>, now: Instant, strand: u32) {
    hears(strands, now, &FromRelay::Opened { strand });
    hears(strands, now, &FromRelay::Frame { strand, frame: EMPTY_ANSWER });
}

fn frame(strand: u32, frame: &'static [u8]) -> ToRelay {
    ToRelay::Frame { strand, frame: Bytes::from_static(frame) }
}

fn open(strand: u32, nth: u8) -> ToRelay {
    ToRelay::Open { strand, document: document(nth).to_string() }
}

fn closed(strand: u32, code: u16) -> FromRelay {
    FromRelay::Closed { strand, code, reason: "why".to_owned() }
}

#[test]
fn nothing_is_said_before_the_relay_is_there_and_all_is_opened_then() {
    let now = Instant::now();
    let mut strands = Strands::default();
    strands.add(7, document(7));
    assert!(said(&mut strands, now).is_empty());
    strands.connected(10);
    assert_eq!(said(&mut strands, now), [open(1, 7)]);
    strands.send(7, Bytes::from_static(b"too early"), ());
    assert!(said(&mut strands, now).is_empty());
    let received = hears(&mut strands, now, &FromRelay::Opened { strand: 1 });
    assert_eq!(received, Received::News(7, News::Opened));
    strands.send(7, Bytes::from_static(b"ask"), ());
    assert_eq!(said(&mut strands, now), [frame(1, b"ask")]);
    // Over another connection all is opened anew; what waited is told anew by who sent it.
    strands.send(7, Bytes::from_static(b"lost"), ());
    strands.cut();
    assert!(said(&mut strands, now).is_empty());
    strands.connected(10);
    assert_eq!(said(&mut strands, now), [open(1, 7)]);
}

#[test]
fn so_many_are_opened_at_a_time() {
    let now = Instant::now();
    let mut strands = strands(40);
    assert_eq!(said(&mut strands, now).len(), AT_A_TIME);
    hears(&mut strands, now, &FromRelay::Opened { strand: 1 });
    assert!(said(&mut strands, now).is_empty(), "what the relay has of it is on its way");
    opened(&mut strands, now, 2);
    assert_eq!(said(&mut strands, now), [open(17, 17)]);
    // One that is refused gives its turn to the next.
    hears(&mut strands, now, &closed(3, 4403));
    assert_eq!(said(&mut strands, now), [open(18, 18)]);
}

#[test]
fn each_has_its_turn_and_no_more_than_its_window() {
    let now = Instant::now();
    let mut strands = strands(2);
    said(&mut strands, now);
    opened(&mut strands, now, 1);
    opened(&mut strands, now, 2);
    let long = Bytes::from(vec![1; 100 << 10]);
    for _ in 0..5 {
        strands.send(1, long.clone(), ());
    }
    strands.send(2, Bytes::from_static(b"short"), ());
    let numbers: Vec<u32> = said(&mut strands, now)
        .iter()
        .map(|said| match said {
            ToRelay::Frame { strand, .. } => *strand,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(numbers, [1, 2, 1, 1], "a short one does not wait for all of a long one");
    hears(&mut strands, now, &FromRelay::Taken { strand: 1, bytes: cost(&long) * 3 });
    assert_eq!(said(&mut strands, now).len(), 2);
    // What nobody has sent is not given back.
    hears(&mut strands, now, &FromRelay::Taken { strand: 2, bytes: WINDOW * 9 });
    for _ in 0..5 {
        strands.send(2, long.clone(), ());
    }
    assert_eq!(said(&mut strands, now).len(), 3);
}

#[test]
fn what_is_closed_is_tried_again_later_and_the_others_go_on() {
    let now = Instant::now();
    let mut strands = strands(2);
    said(&mut strands, now);
    opened(&mut strands, now, 1);
    opened(&mut strands, now, 2);
    let received = hears(&mut strands, now, &closed(1, 1013));
    assert_eq!(received, Received::News(1, News::Cut("why".to_owned())));
    strands.send(2, Bytes::from_static(b"on"), ());
    assert_eq!(said(&mut strands, now), [frame(2, b"on")]);
    let due = strands.due().unwrap();
    assert!(due > now && said(&mut strands, now).is_empty());
    assert_eq!(said(&mut strands, due), [open(3, 1)]);
    // Again at once: it waits longer.
    hears(&mut strands, due, &closed(3, 1013));
    let again = strands.due().unwrap();
    assert!(again - due > due - now);
    // What the relay still says of the one before concerns nobody.
    let late = FromRelay::Frame { strand: 1, frame: EMPTY_ANSWER };
    assert_eq!(hears(&mut strands, due, &late), Received::Nothing);
    // After it was there for long it begins anew.
    said(&mut strands, again);
    opened(&mut strands, again, 4);
    let later = again + WORKED + Duration::from_secs(1);
    hears(&mut strands, later, &closed(4, 1009));
    assert_eq!(strands.due().unwrap() - later, due - now);
}

#[test]
fn what_was_sent_still_goes_when_a_strand_is_not_needed_any_more() {
    let now = Instant::now();
    let mut strands = strands(2);
    said(&mut strands, now);
    opened(&mut strands, now, 1);
    strands.send(1, Bytes::from_static(b"last"), ());
    strands.remove(1);
    strands.remove(2);
    let both = said(&mut strands, now);
    assert_eq!(
        both,
        [ToRelay::Close { strand: 2 }, frame(1, b"last"), ToRelay::Close { strand: 1 }]
    );
    assert_eq!(hears(&mut strands, now, &closed(1, 1012)), Received::Nothing);
    strands.cut();
    strands.connected(10);
    assert!(said(&mut strands, now).is_empty());
}

#[test]
fn one_that_is_cut_is_closed_and_made_anew() {
    let now = Instant::now();
    let mut strands = strands(1);
    assert!(!strands.restart(1, now, 1.0), "it is not there yet");
    said(&mut strands, now);
    opened(&mut strands, now, 1);
    strands.send(1, Bytes::from_static(b"lost"), ());
    assert!(strands.restart(1, now, 1.0));
    assert_eq!(said(&mut strands, now), [ToRelay::Close { strand: 1 }]);
    let due = strands.due().unwrap();
    assert_eq!(said(&mut strands, due), [open(2, 1)]);
}

#[test]
fn those_that_the_relay_does_not_carry_are_given_away() {
    let mut strands: Strands<()> = Strands::default();
    for nth in 1..=3 {
        strands.add(u64::from(nth), document(nth));
    }
    assert!(strands.beyond().is_empty(), "what it carries is not known yet");
    strands.connected(2);
    assert_eq!(strands.beyond(), [(3, document(3))]);
    let now = Instant::now();
    assert_eq!(said(&mut strands, now), [open(1, 1), open(2, 2)]);
    strands.add(4, document(4));
    assert_eq!(strands.beyond(), [(4, document(4))]);
    // An older relay says nothing of strands.
    strands.cut();
    strands.connected(0);
    assert_eq!(strands.beyond().len(), 2);
    assert!(said(&mut strands, now).is_empty());
}

#[test]
fn a_relay_that_says_what_makes_no_sense_is_not_listened_to() {
    let now = Instant::now();
    let mut strands = strands(1);
    said(&mut strands, now);
    let mut refuses = |message: &FromRelay| {
        assert!(strands.receive(&message.message(), now, 1.0).is_err(), "{message:?}");
    };
    refuses(&FromRelay::Opened { strand: 2 });
    refuses(&FromRelay::Frame { strand: 9, frame: EMPTY_ANSWER });
    assert!(strands.receive(&Bytes::from_static(&[9, 9]), now, 1.0).is_err());
    opened(&mut strands, now, 1);
    let twice = FromRelay::Opened { strand: 1 }.message();
    assert!(strands.receive(&twice, now, 1.0).is_err());
}
