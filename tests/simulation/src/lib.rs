//! A world of chance around the real room and the real authors' code: lines are cut at both ends or at one, frames doubled
//! and swapped, the relay crashes between any two steps, its disk fills up, its clock jumps, readers stop reading, and
//! authors become readers and authors again. All of it follows from a seed. While it runs it checks that nothing leaves the relay that its log does not have.

// A world is a test: what must not happen ends it.
#![allow(clippy::unwrap_used)]

mod author;
mod relay;

use author::{Author, Kind};
use fastrand::Rng;
use relay::Relay;

/// What a run went through, so that a test can tell that it was worth it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Edits of authors.
    pub edits: u64,
    /// Acknowledgements that reached an author; each was looked up in the log.
    pub acknowledged: u64,
    /// Crashes of the relay, with whatever was on its way to the log.
    pub crashes: u64,
    /// Rows that the disk did not take.
    pub disk_failures: u64,
    /// Times that the disk took nothing for a while.
    pub full_disks: u64,
    /// Snapshots made.
    pub snapshots: u64,
    /// Updates that came with who wrote them.
    pub signed: u64,
    /// Updates that were refused because something before them was missing.
    pub refused: u64,
    /// Edits of readers that were refused.
    pub denied: u64,
    /// Starts of authors' programs from what they had kept.
    pub restarts: u64,
    /// Lines of which the relay did not notice that they were cut, so that what was on its way came after what their
    /// authors said on the next.
    pub partitions: u64,
    /// Frames that came twice, or not in their order.
    pub spoiled: u64,
    /// Times that an author stopped reading.
    pub pauses: u64,
    /// Times that somebody may do something else.
    pub role_changes: u64,
    /// Jumps of the relay's clock.
    pub clock_jumps: u64,
    /// Lines that ended because their token did.
    pub expired: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.edits += other.edits;
        self.acknowledged += other.acknowledged;
        self.crashes += other.crashes;
        self.disk_failures += other.disk_failures;
        self.full_disks += other.full_disks;
        self.snapshots += other.snapshots;
        self.signed += other.signed;
        self.refused += other.refused;
        self.denied += other.denied;
        self.restarts += other.restarts;
        self.partitions += other.partitions;
        self.spoiled += other.spoiled;
        self.pauses += other.pauses;
        self.role_changes += other.role_changes;
        self.clock_jumps += other.clock_jumps;
        self.expired += other.expired;
    }
}

/// Run the world of this seed for so many steps, heal it, and check that everybody has the same.
///
/// # Panics
/// When anything that must hold does not.
pub fn run(seed: u64, steps: usize) -> Tally {
    let mut world = World::new(seed);
    for _ in 0..steps {
        world.step();
    }
    world.heal();
    world.tally
}

struct World {
    rng: Rng,
    relay: Relay,
    authors: Vec<Author>,
    /// Frames are doubled and swapped on their way: worse than any WebSocket.
    is_line_bad: bool,
    tally: Tally,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let is_line_bad = rng.u8(..4) == 0;
        let relay = Relay::new(&mut rng);
        let count = rng.usize(2..6);
        let authors = (0..count)
            .map(|nth| {
                let kind = match (nth, rng.u8(..6)) {
                    (0, _) | (_, 0..=2) => Kind::Native,
                    (_, 3 | 4) => Kind::Stock,
                    _ => Kind::Reader,
                };
                Author::new(nth, kind, &mut rng)
            })
            .collect();
        Self { rng, relay, authors, is_line_bad, tally: Tally::default() }
    }

    fn step(&mut self) {
        let Self { rng, relay, authors, tally, .. } = self;
        let nth = rng.usize(..authors.len());
        let author = &mut authors[nth];
        match rng.u16(..1000) {
            0..=239 => author.edit(rng, tally),
            240..=499 => {
                if self.is_line_bad {
                    author.spoil(rng, tally);
                }
                author.deliver_to_relay(rng, relay);
            }
            500..=729 => {
                author.deliver_from_relay(relay, tally);
            }
            730..=889 => {
                relay.commit(rng.usize(1..8), tally);
            }
            890..=939 => author.connect(relay),
            940..=943 => author.cut(relay),
            944..=947 => author.lose(tally),
            948..=951 => author.forget_lost(relay),
            952..=955 => author.change_role(rng, relay, tally),
            956..=958 => relay.pass_time(rng, tally),
            959 => relay.jump(rng, tally),
            960..=963 => author.restart(rng, relay, tally),
            964..=979 => author.turn_away(tally),
            980..=982 => relay.fail(tally),
            983 => relay.fill(tally),
            984..=986 => relay.crash(rng, tally),
            987..=988 => relay.drain(tally),
            989..=991 => relay.make_room(),
            _ => relay.compact(tally),
        }
        self.carry();
    }

    /// What the relay has said comes onto the lines.
    fn carry(&mut self) {
        for author in &mut self.authors {
            author.carry(&mut self.relay);
        }
    }

    fn heal(&mut self) {
        self.relay.make_room();
        for author in &mut self.authors {
            author.heal(&mut self.relay);
        }
        for round in 0.. {
            assert!(round < 10_000, "the world does not come to rest");
            let mut is_at_rest = true;
            for author in &mut self.authors {
                author.connect(&mut self.relay);
                author.carry(&mut self.relay);
                is_at_rest &= !author.deliver_to_relay(&mut self.rng, &mut self.relay);
                is_at_rest &= !author.deliver_from_relay(&mut self.relay, &mut self.tally);
            }
            is_at_rest &= !self.relay.commit(usize::MAX, &mut self.tally);
            self.carry();
            if is_at_rest && self.authors.iter().all(Author::is_quiet) {
                break;
            }
        }
        let kept = self.relay.check_log();
        for author in &self.authors {
            author.check_healed(&kept);
        }
    }
}
