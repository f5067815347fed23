//! What a relay sends, given to the code that reads it, and what must hold whatever it sends: for `tests/fuzz`, with the
//! feature `fuzz`. Each function panics when the code breaks its word.

use crate::project_line::strands::{AT_A_TIME, News, Received, Strands};
use bytes::Bytes;
use quire_collab::strands::{FromRelay, ToRelay, WINDOW, cost};
use quire_project::DocumentId;
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

/// Lines that there are.
const LINES: u8 = 24;
/// Messages of one story.
const STEPS: usize = 256;

/// A story: for each message of the relay a byte with what else happens, the message's length, and the message. Each message
/// is also read as one to the relay; what can be read can be said again, and is read as the same.
pub fn strands(mut bytes: &[u8]) {
    let mut strands = Strands::default();
    for line in 1..=LINES {
        strands.add(u64::from(line), DocumentId([line; 16]));
    }
    strands.connected(usize::from(LINES) - 1);
    assert_eq!(strands.beyond().len(), 1);
    let mut heard = Heard { open: HashMap::new(), last: 0 };
    let mut now = Instant::now();
    heard.all(&mut strands, now);
    for _ in 0..STEPS {
        let Some((&[tag, length], rest)) = bytes.split_first_chunk() else { return };
        let (message, rest) = rest.split_at(usize::from(length).min(rest.len()));
        bytes = rest;
        let message = Bytes::copy_from_slice(message);
        said_again(&message);
        let line = 1 + u64::from(tag % LINES);
        match tag / LINES {
            0..6 => {}
            6 => strands.send(line, Bytes::from(vec![0; usize::from(length) << 8]), ()),
            7 => drop(strands.restart(line, now, 0.5)),
            8 => strands.remove(line),
            _ => now += Duration::from_secs(1),
        }
        // One that says what makes no sense is cut.
        let Ok(received) = strands.receive(&message, now, 0.5) else { return };
        if let Received::News(line, News::NoAccess) = received {
            assert!(!strands.restart(line, now, 0.5), "it is forgotten");
        }
        if let Ok(FromRelay::Taken { strand, bytes }) = FromRelay::read(&message) {
            heard.open.entry(strand).and_modify(|left| {
                *left = left
                    .saturating_add(i64::try_from(bytes).unwrap_or(i64::MAX))
                    .min(WINDOW as i64);
            });
        }
        heard.all(&mut strands, now);
    }
}

/// What the relay hears: strands that are open, with what is left of their windows.
struct Heard {
    open: HashMap<u32, i64>,
    last: u32,
}

impl Heard {
    fn all(&mut self, strands: &mut Strands<()>, now: Instant) {
        let mut opened = 0;
        while let Some(message) = strands.next(now) {
            match ToRelay::read(&message).expect("what we say can be read") {
                ToRelay::Open { strand, .. } => {
                    assert!(strand > self.last, "a number that was used");
                    self.last = strand;
                    self.open.insert(strand, WINDOW as i64);
                    opened += 1;
                }
                ToRelay::Close { strand } => assert!(strand <= self.last, "it never was"),
                ToRelay::Frame { strand, frame } => {
                    let left = self.open.get_mut(&strand).expect("it never was");
                    assert!(*left > 0, "there is no window for it");
                    *left -= cost(&frame) as i64;
                }
            }
        }
        assert!(opened <= AT_A_TIME, "the relay is asked for too much at once");
    }
}

fn said_again(message: &Bytes) {
    if let Ok(said) = ToRelay::read(message) {
        assert_eq!(ToRelay::read(&said.message()), Ok(said));
    }
    if let Ok(said) = FromRelay::read(message) {
        assert_eq!(FromRelay::read(&said.message()), Ok(said));
    }
}
