//! Secrets that are good once and for a short time, kept in memory: by their hash, with what they stand for. They are lost
//! when the relay ends, and asked for again.

use super::secret::{Purpose, Secret, SecretHash};
use crate::ids::Timestamp;
use std::{
    collections::HashMap,
    fmt,
    sync::{Mutex, PoisonError},
};

/// With more than these, those that have ended are forgotten; and no more are given if none has.
const MAX: usize = 100_000;

/// What was given and not used.
pub struct Once<T> {
    purpose: Purpose,
    seconds: u32,
    given: Mutex<HashMap<SecretHash, (T, Timestamp)>>,
}

impl<T> Once<T> {
    /// Secrets for a purpose, each good for so long.
    pub fn new(purpose: Purpose, seconds: u32) -> Self {
        Self { purpose, seconds, given: Mutex::default() }
    }

    /// Give one, unless there are too many.
    pub fn give(&self, what: T, now: Timestamp) -> Option<Secret> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        if given.len() >= MAX {
            given.retain(|_, (_, until)| *until > now);
        }
        let secret = Secret::new(self.purpose);
        let has_room = given.len() < MAX;
        has_room.then(|| {
            given.insert(secret.hash(), (what, now.after(self.seconds)));
            secret
        })
    }

    /// Use one.
    pub fn take(&self, secret: SecretHash, now: Timestamp) -> Option<T> {
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let (what, until) = given.remove(&secret)?;
        (until > now).then_some(what)
    }
}

impl<T> fmt::Debug for Once<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Once({:?})", self.purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_good_once_and_not_for_long() {
        let once = Once::new(Purpose::HandOver, 60);
        let give = || once.give(7, Timestamp(0)).unwrap().hash();
        let secret = give();
        assert_eq!(once.take(secret, Timestamp(59)), Some(7));
        assert_eq!(once.take(secret, Timestamp(59)), None);
        assert_eq!(once.take(give(), Timestamp(60)), None);
    }
}
