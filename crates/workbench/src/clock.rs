//! The one place that reads the clock and draws random numbers.

use quire_collab::ClientId;
use quire_project::{ContentHash, UnixMs};
use std::time::{SystemTime, UNIX_EPOCH};

pub(crate) fn now() -> UnixMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMs(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// 128 random bits for an id. Without the system's source of randomness nothing can be made.
pub(crate) fn fresh_id() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).unwrap_or_else(|error| panic!("no random numbers: {error}"));
    bytes
}

/// A client id that nobody ever had: one for each document each time it is opened.
pub(crate) fn fresh_client() -> ClientId {
    let id = fresh_id();
    let (bits, _) = id.split_at(8);
    ClientId::from_random(bits.iter().fold(0, |bits, byte| bits << 8 | u64::from(*byte)))
}

/// A secret that cannot be guessed, as text.
pub fn random_token() -> String {
    ContentHash::of(&[fresh_id(), fresh_id()].concat()).to_string()
}
