//! The seeds and what fuzzing has found, as they are and with random changes. `QUIRE_SEED` repeats a
//! run; the seed of a failing one is printed.

#![allow(clippy::unwrap_used)]

use quire_fuzz::TARGETS;
use std::{
    fs, panic,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// Changed inputs for each seed file.
const CHANGES: usize = 300;

/// Pieces that mean something to one of the formats.
const PIECES: [&[u8]; 12] = [
    b"{1\n",
    b"}1\n",
    b"[1,2:3,4:5,6,7\n",
    b")",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"l.4 ",
    b"! ",
    b"\\",
    b"%!TEX root = ",
    b"\x8b\0",
    b"\xf0\x9f\x99\x82",
];

fn seeds(target: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(!paths.is_empty(), "no seeds in {}", folder.display());
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

fn change(random: &mut fastrand::Rng, bytes: &mut Vec<u8>) {
    for _ in 0..random.usize(1..8) {
        let at = random.usize(0..=bytes.len());
        match random.u8(0..6) {
            0 if at < bytes.len() => bytes[at] = random.u8(..),
            1 if at < bytes.len() => bytes[at] ^= 1 << random.u8(0..8),
            2 => bytes.truncate(at),
            3 => {
                let end = (at + random.usize(0..32)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let end = (at + random.usize(0..64)).min(bytes.len());
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => {
                let piece = PIECES[random.usize(0..PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
}

#[test]
fn no_parser_breaks_its_word() {
    let seed: u64 = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("QUIRE_SEED={seed}");
    for (name, feed) in TARGETS {
        for (path, bytes) in seeds(name) {
            feed(&bytes);
            for round in 0..CHANGES {
                let mut random = fastrand::Rng::with_seed(seed ^ (round as u64) << 32);
                let mut changed = bytes.clone();
                change(&mut random, &mut changed);
                let start = Instant::now();
                let held = panic::catch_unwind(|| feed(&changed));
                let told = format!(
                    "{name}: {} changed in round {round}, QUIRE_SEED={seed}",
                    path.display()
                );
                assert!(held.is_ok(), "{told}");
                assert!(start.elapsed() < Duration::from_secs(5), "slow: {told}");
            }
        }
    }
}
