//! What waits to be written to one line that many documents share. Each room bounds what waits of its document; this bounds
//! all of them together, and with it what somebody who does not read can make the relay hold.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::sync::Notify;

/// The bytes of one line.
#[derive(Clone)]
pub struct Unread(Arc<Inner>);

struct Inner {
    bytes: AtomicUsize,
    bound: usize,
    is_over: AtomicBool,
    /// Something was written. One waits for it.
    less: Notify,
    /// The bound was passed. One waits for it.
    over: Notify,
}

/// What some of the bytes are: when it is dropped they do not wait any more.
pub struct Weight {
    of: Unread,
    bytes: usize,
}

impl Unread {
    /// Nothing waits, and never may more than this.
    pub fn new(bound: usize) -> Self {
        Self(Arc::new(Inner {
            bytes: AtomicUsize::new(0),
            bound,
            is_over: AtomicBool::new(false),
            less: Notify::new(),
            over: Notify::new(),
        }))
    }

    /// These wait too. `None` when that is too much: then the line is over, and nothing waits for it any more, since what
    /// came next would have a gap before it. What is alone may be of any length.
    pub fn put(&self, bytes: usize) -> Option<Weight> {
        if self.0.is_over.load(Ordering::Acquire) {
            return None;
        }
        let before = self.0.bytes.fetch_add(bytes, Ordering::AcqRel);
        let weight = Weight { of: self.clone(), bytes };
        if before > 0 && before + bytes > self.0.bound {
            self.0.is_over.store(true, Ordering::Release);
            self.0.over.notify_one();
            return None;
        }
        Some(weight)
    }

    /// How many wait.
    pub fn bytes(&self) -> usize {
        self.0.bytes.load(Ordering::Acquire)
    }

    /// Until fewer than these wait. For one who waits at a time.
    pub async fn fewer_than(&self, bytes: usize) {
        while self.bytes() >= bytes {
            self.0.less.notified().await;
        }
    }

    /// Until too much waits. For one who waits at a time.
    pub async fn too_much(&self) {
        while !self.0.is_over.load(Ordering::Acquire) {
            self.0.over.notified().await;
        }
    }
}

impl Drop for Weight {
    fn drop(&mut self) {
        self.of.0.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        // One that nobody waits for is kept for who waits next, who then looks for himself.
        self.of.0.less.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_is_bounded_and_what_was_written_counts_no_more() {
        let unread = Unread::new(100);
        let long = unread.put(500).expect("it is alone");
        drop(long);
        let (one, other) = (unread.put(60), unread.put(40));
        assert!(one.is_some() && other.is_some());
        let waiting = unread.fewer_than(50);
        tokio::pin!(waiting);
        tokio::select! {
            biased;
            () = &mut waiting => panic!("a hundred wait"),
            () = std::future::ready(()) => {}
        }
        drop(one);
        waiting.await;
        assert_eq!(unread.bytes(), 40);
        assert!(unread.put(61).is_none());
        unread.too_much().await;
        drop(other);
        assert!(unread.put(1).is_none(), "there would be a gap");
        assert_eq!(unread.bytes(), 0);
    }
}
