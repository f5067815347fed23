//! How long to wait before a line is tried again: longer each time, and never all at once.

use std::time::Duration;

/// The first wait …
const FIRST: Duration = Duration::from_millis(500);
/// … and the longest.
const LONGEST: Duration = Duration::from_secs(30);

/// Counts what went wrong since it last went well.
#[derive(Clone, Copy, Debug, Default)]
pub struct Backoff {
    failures: u32,
}

impl Backoff {
    /// It went wrong: how long to wait. `random` is drawn from 0 to 1, so that the desktops of a relay that was away do
    /// not all come back in the same moment.
    pub fn failed(&mut self, random: f64) -> Duration {
        let doubled = FIRST.saturating_mul(1 << self.failures.min(10));
        self.failures += 1;
        doubled.min(LONGEST).mul_f64(0.5 + random.clamp(0.0, 1.0) / 2.0)
    }

    /// It goes well.
    pub fn worked(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_a_bound_and_begin_anew() {
        let mut backoff = Backoff::default();
        let waits: Vec<u128> = (0..9).map(|_| backoff.failed(1.0).as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
        backoff.worked();
        assert_eq!(backoff.failed(0.0), Duration::from_millis(250));
    }
}
