//! The trial of live documents: authors edit documents at random, and after each edit that settles, pages, files for
//! the next pass and log are those of a plain pass over the same files; after each pause those of a build from
//! nothing.
//!
//! A part of it runs with all tests. `cargo xtask trial live` runs all of it: `QUIRE_EDITS`, `QUIRE_SEED`,
//! `QUIRE_DOCUMENT`; `QUIRE_STEPS=1` tells each edit, `QUIRE_SHRINK=0` does not look for the fewest that differ. A seed
//! that finds something becomes a test with a name.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod author;
mod clean;
mod documents;
mod habits;
mod named;
mod numbers;
mod pictures;
mod processes;
mod replay;
mod shrink;
mod steps;

use author::Author;
use documents::{DOCUMENTS, Document};
use replay::{Replay, Times};
use std::time::{Duration, Instant};
use steps::Step;

/// After so many edits an author begins with the document as it was.
const SESSION: usize = 75;

fn number_of(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Edit one document so often, or until the time is over; answers with how often it was.
fn session(document: &Document, seed: u64, edits: usize, end: Instant, times: &mut Times) -> usize {
    let mut author = Author::new(document, seed);
    let replay = Replay::start(document, document.files());
    let mut replay = replay.unwrap_or_else(|why| panic!("{}: {why}", document.name));
    let mut steps: Vec<Step> = Vec::new();
    let is_told = std::env::var_os("QUIRE_STEPS").is_some();
    while steps.len() < edits && Instant::now() < end && !replay.is_hopeless_for_long() {
        steps.push(author.next());
        let step = &steps[steps.len() - 1];
        let start = Instant::now();
        if let Err(why) = replay.take(step, times) {
            tell(document, seed, steps, &why);
        }
        if is_told {
            println!("{:6} ms: {step}", start.elapsed().as_millis());
        }
    }
    steps.len()
}

fn tell(document: &Document, seed: u64, steps: Vec<Step>, why: &str) -> ! {
    println!("{}, seed {seed}, edit {}: {why}", document.name, steps.len());
    println!("{}", steps[steps.len() - 1]);
    if number_of("QUIRE_SHRINK") != Some(0) {
        let fewer = shrink::shrink(document, steps);
        println!("the fewest edits that differ: {}", fewer.len());
        fewer.iter().for_each(|step| println!("  {step}"));
    }
    panic!("{}, seed {seed}: {why}", document.name);
}

#[test]
fn random_edits_of_real_documents_come_to_what_a_build_comes_to() {
    let seed = number_of("QUIRE_SEED").unwrap_or(1);
    let only = std::env::var("QUIRE_DOCUMENT").ok();
    println!("QUIRE_SEED={seed}");
    let (edits, end) = match number_of("QUIRE_EDITS") {
        Some(edits) => (edits as usize, Duration::from_secs(24 * 3600)),
        None => (60, Duration::from_secs(40)),
    };
    let start = Instant::now();
    let end = start + end;
    let mut times = Times::default();
    let documents: Vec<&Document> = DOCUMENTS
        .iter()
        .filter(|document| only.as_deref().is_none_or(|only| only == document.name))
        .collect();
    let shares: usize = documents.iter().map(|document| document.share).sum();
    let mut made = 0;
    for document in documents {
        // Not less than one edit: the longest take a minute to begin.
        let mut left = edits * document.share / shares;
        let mut session_seed = seed;
        while left > 0 && Instant::now() < end {
            let done = session(document, session_seed, left.min(SESSION), end, &mut times);
            made += done;
            left = left.saturating_sub(done.max(1));
            println!(
                "{:5.0} s: {made} edits; {} seed {session_seed} done; {} compared, {} builds, {} killed, {} given up, \
                 {} rests known, {} taken; live {:.0} s, oracle {:.0} s",
                start.elapsed().as_secs_f64(),
                document.name,
                times.compared,
                times.built,
                times.killed,
                times.given_up,
                times.known,
                times.joined,
                times.live.as_secs_f64(),
                times.oracle.as_secs_f64(),
            );
            session_seed += 1;
        }
    }
}
