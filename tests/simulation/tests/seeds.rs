//! Worlds of many seeds. `QUIRE_SEEDS` says how many, `QUIRE_FROM` from which on, `QUIRE_SEED` runs one again.

use quire_simulation::{Tally, run};
use std::{panic::catch_unwind, thread};

const SEEDS: u64 = 240;
const STEPS: usize = 2000;

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|value| value.parse().expect("a number"))
}

#[test]
fn everybody_has_the_same_and_nothing_acknowledged_is_lost() {
    let seeds = match from_environment("QUIRE_SEED") {
        Some(seed) => seed..seed + 1,
        None => {
            let from = from_environment("QUIRE_FROM").unwrap_or(0);
            from..from + from_environment("QUIRE_SEEDS").unwrap_or(SEEDS)
        }
    };
    let is_whole = seeds.end - seeds.start >= SEEDS;
    let middle = seeds.start.midpoint(seeds.end);
    let halves = [seeds.start..middle, middle..seeds.end].map(|half| {
        thread::spawn(move || {
            let mut total = Tally::default();
            for seed in half {
                total += catch_unwind(|| run(seed, STEPS))
                    .unwrap_or_else(|_| panic!("run again with QUIRE_SEED={seed}"));
            }
            total
        })
    });
    let mut total = Tally::default();
    for half in halves {
        total += half.join().expect("a seed above");
    }
    println!("{total:?}");
    if is_whole {
        let Tally { edits, acknowledged, crashes, disk_failures, .. } = total;
        let Tally { full_disks, snapshots, refused, denied, restarts, partitions, spoiled, .. } =
            total;
        let Tally { pauses, role_changes, clock_jumps, expired, signed, .. } = total;
        let of_relay =
            [crashes, disk_failures, full_disks, snapshots, role_changes, clock_jumps, expired];
        let of_authors = [edits, acknowledged, refused, denied, restarts, signed];
        let of_lines = [partitions, spoiled, pauses];
        let mut happened = of_relay.iter().chain(&of_authors).chain(&of_lines);
        assert!(happened.all(|count| *count > 100), "hardly tried: {total:?}");
    }
}

#[test]
fn a_seed_is_one_story() {
    assert_eq!(run(7, STEPS), run(7, STEPS));
}
