//! What the state of the engine means, as a number: two runs with the same number at a place go on alike from
//! there, whatever addresses, free lists and string numbers they use.
//!
//! What cannot be told has no number. It is taken only between paragraphs of the outermost vertical list, where
//! nothing of the engine's state is on the stack of its C code.

mod digest;
mod engine;
mod flow;
mod lists;
mod nodes;
mod tables;
mod tokens;
mod watch;

use digest::Digest;
use engine::Engine;
use tokens::Walk;
pub(super) use watch::Watch;

/// From now on it is known what changes: the number takes less time, here and in copies of this process.
pub(super) fn watch() -> Option<Watch> {
    let engine = Engine::at_rest();
    Walk::new(&engine).watch()
}

/// The number; `None` when there is none.
pub(super) fn of_engine(watch: Option<&Watch>) -> Option<u128> {
    let engine = Engine::at_rest();
    let mut walk = Walk::new(&engine);
    // Cheap ones first: most of them refuse.
    let parts = [
        walk.reading()?,
        walk.groups()?,
        walk.page()?,
        walk.rest()?,
        walk.fonts()?,
        walk.registers()?,
        walk.table(watch)?,
    ];
    let mut digest = Digest::new();
    for part in parts {
        digest.add(part as u64);
        digest.add((part >> 64) as u64);
    }
    Some(digest.value())
}

/// A number for bytes.
pub(super) fn of_bytes(bytes: &[u8]) -> u128 {
    let mut digest = Digest::new();
    digest.add_bytes(bytes);
    digest.value()
}
