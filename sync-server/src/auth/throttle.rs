//! How often one may try. Each key has a bucket that leaks: what goes in is counted, and forgotten evenly over a window
//! of time. A wrong password is counted before it is looked at, so that many at once are no way around.

use crate::directory::UserId;
use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// With more keys than these, those are forgotten whose buckets are empty; and all, if none is.
const MAX_KEYS: usize = 100_000;

/// Buckets of one kind.
#[derive(Debug)]
pub struct Buckets<K> {
    capacity: f64,
    window: Duration,
    levels: Mutex<HashMap<K, (f64, Instant)>>,
}

impl<K: Eq + Hash> Buckets<K> {
    /// So much may go into each within a window; 0 for no bound.
    pub fn new(capacity: u32, window: Duration) -> Self {
        Self { capacity: f64::from(capacity), window, levels: Mutex::default() }
    }

    /// Put one into a bucket.
    ///
    /// # Errors
    /// When it is full: how long until there is room for one.
    pub fn put(&self, key: K, now: Instant) -> Result<(), Duration> {
        self.put_many(key, 1, now)
    }

    /// Put several into a bucket at once; more than it holds count as what it holds.
    ///
    /// # Errors
    /// When there is no room for them: how long until there is.
    pub fn put_many(&self, key: K, count: u32, now: Instant) -> Result<(), Duration> {
        let count = f64::from(count).min(self.capacity);
        if self.capacity == 0.0 {
            return Ok(());
        }
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        if levels.len() >= MAX_KEYS {
            levels.retain(|_, (level, at)| self.leaked(*level, *at, now) > 0.0);
            if levels.len() >= MAX_KEYS {
                levels.clear();
            }
        }
        let (level, at) = levels.entry(key).or_insert((0.0, now));
        let leaked = self.leaked(*level, *at, now);
        if leaked + count > self.capacity {
            let excess = leaked + count - self.capacity;
            return Err(self.window.mul_f64(excess / self.capacity));
        }
        (*level, *at) = (leaked + count, now);
        Ok(())
    }

    /// What was put in last was no misuse: take it out again.
    pub fn take_back(&self, key: &K) {
        let mut levels = self.levels.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((level, _)) = levels.get_mut(key) {
            *level = (*level - 1.0).max(0.0);
        }
    }

    /// Forget what is in a bucket.
    pub fn empty(&self, key: &K) {
        self.levels.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    fn leaked(&self, level: f64, at: Instant, now: Instant) -> f64 {
        let passed = now.saturating_duration_since(at).as_secs_f64();
        (level - passed * self.capacity / self.window.as_secs_f64()).max(0.0)
    }
}

/// One household: of an address of the sixth version whoever has it has the last 64 bits.
pub fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let bits = u128::from(address) >> 64 << 64;
            Ipv6Addr::from(bits).into()
        }
        address => address,
    }
}

/// Tries to log in, by address, by account and by both.
#[derive(Debug)]
pub struct LoginThrottle {
    by_both: Buckets<(IpAddr, String)>,
    by_address: Buckets<IpAddr>,
    by_account: Buckets<String>,
}

/// A try that was counted.
#[derive(Debug)]
pub struct Try {
    address: IpAddr,
    account: String,
}

impl LoginThrottle {
    /// So many wrong passwords for one account from one address in a quarter of an hour; five times as many for one
    /// address, and for one account: so that a stranger elsewhere does not soon lock its owner out.
    pub fn new(failed_logins: u32) -> Self {
        let window = Duration::from_secs(15 * 60);
        let many = failed_logins.saturating_mul(5);
        Self {
            by_both: Buckets::new(failed_logins, window),
            by_address: Buckets::new(many, window),
            by_account: Buckets::new(many, window),
        }
    }

    /// Somebody is about to try. `account` is what he says, whether it is there or not.
    ///
    /// # Errors
    /// How long he has to wait.
    pub fn begin(&self, address: IpAddr, account: &str, now: Instant) -> Result<Try, Duration> {
        let address = network_of(address);
        let account = account.to_owned();
        self.by_both.put((address, account.clone()), now)?;
        self.by_address.put(address, now)?;
        self.by_account.put(account.clone(), now)?;
        Ok(Try { address, account })
    }

    /// He was right.
    pub fn succeeded(&self, tried: Try) {
        let Try { address, account } = tried;
        self.by_address.take_back(&address);
        self.by_account.take_back(&account);
        self.by_both.empty(&(address, account));
    }
}

/// So many bytes count as one more frame.
const BYTES_PER_FRAME: usize = 16 << 10;

/// Frames on lines, by person and by household. Who sends too many is read more slowly; nothing of it is lost.
#[derive(Debug)]
pub struct FrameThrottle {
    by_user: Buckets<UserId>,
    by_address: Buckets<IpAddr>,
}

impl FrameThrottle {
    /// So many of one person in a minute, and ten times as many from one address, behind which a whole institute may be;
    /// 0 for no bound.
    pub fn new(frames_per_minute: u32) -> Self {
        let minute = Duration::from_secs(60);
        Self {
            by_user: Buckets::new(frames_per_minute, minute),
            by_address: Buckets::new(frames_per_minute.saturating_mul(10), minute),
        }
    }

    /// A frame came: how long to wait before it is read, if one has to. Then it is to be asked again.
    pub fn put(
        &self,
        user: UserId,
        address: IpAddr,
        bytes: usize,
        now: Instant,
    ) -> Option<Duration> {
        let count = u32::try_from(1 + bytes / BYTES_PER_FRAME).unwrap_or(u32::MAX);
        self.by_user
            .put_many(user, count, now)
            .and_then(|()| self.by_address.put_many(network_of(address), count, now))
            .err()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn who_guesses_waits_and_who_is_elsewhere_does_not() {
        let throttle = LoginThrottle::new(3);
        let now = Instant::now();
        let (attacker, owner) = (address("192.0.2.1"), address("198.51.100.1"));
        for _ in 0..3 {
            throttle.begin(attacker, "ann@example.org", now).unwrap();
        }
        let wait = throttle.begin(attacker, "ann@example.org", now).unwrap_err();
        assert!(wait > Duration::from_secs(200) && wait <= Duration::from_secs(300), "{wait:?}");
        assert!(throttle.begin(attacker, "ann@example.org", now + wait).is_ok());
        let own = throttle.begin(owner, "ann@example.org", now).unwrap();
        throttle.succeeded(own);
    }

    #[test]
    fn many_accounts_from_one_household_and_one_account_from_many_are_bounded_too() {
        let throttle = LoginThrottle::new(2);
        let now = Instant::now();
        let tries = (0..20).filter(|nth| {
            let address = address(&format!("2001:db8::{nth:x}"));
            throttle.begin(address, &format!("{nth}@example.org"), now).is_ok()
        });
        assert_eq!(tries.count(), 10);
        let tries = (0..20).filter(|nth| {
            throttle.begin(address(&format!("198.51.100.{nth}")), "ann", now).is_ok()
        });
        assert_eq!(tries.count(), 10);
    }

    #[test]
    fn who_sends_too_much_waits_and_a_long_frame_counts_as_many() {
        let throttle = FrameThrottle::new(60);
        let (now, user, here) = (Instant::now(), UserId::new(), address("192.0.2.1"));
        for _ in 0..59 {
            assert_eq!(throttle.put(user, here, 100, now), None);
        }
        let wait = throttle.put(user, here, BYTES_PER_FRAME * 4, now).unwrap();
        assert!((3.9..4.1).contains(&wait.as_secs_f64()), "{wait:?}");
        assert_eq!(throttle.put(user, here, BYTES_PER_FRAME * 4, now + wait), None);
        // Longer than the bucket: it waits for all of it, and no longer.
        let wait = throttle.put(user, here, 16 << 20, now + wait).unwrap();
        assert!(wait <= Duration::from_secs(60), "{wait:?}");
        assert_eq!(throttle.put(UserId::new(), here, 100, now), None);
        assert_eq!(FrameThrottle::new(0).put(user, here, 16 << 20, now), None);
    }
}
