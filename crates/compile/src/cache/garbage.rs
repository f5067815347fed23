//! Keeps the build caches from growing without bound: those of documents not built for long go
//! first, and none goes that a build holds.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// What may stay.
#[derive(Clone, Copy, Debug)]
pub struct CollectLimits {
    /// Caches not written to for longer go.
    pub max_age: Duration,
    /// Of the rest, the oldest go until this many bytes are left.
    pub max_bytes: u64,
    /// Nothing happens when the last collection is younger than this.
    pub interval: Duration,
}

impl Default for CollectLimits {
    fn default() -> Self {
        let day = Duration::from_secs(24 * 60 * 60);
        Self { max_age: 90 * day, max_bytes: 2 << 30, interval: day }
    }
}

/// Remove caches beyond the limits; returns how many went. What cannot be removed stays.
pub fn collect(builds: &Path, limits: CollectLimits, now: SystemTime) -> usize {
    let marker = builds.join("collected");
    let age_of = |time: SystemTime| now.duration_since(time).unwrap_or_default();
    let last = fs::metadata(&marker).and_then(|metadata| metadata.modified());
    if last.is_ok_and(|last| age_of(last) < limits.interval) {
        return 0;
    }
    let Ok(entries) = fs::read_dir(builds) else { return 0 };
    let folders = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    let mut caches: Vec<(SystemTime, u64, PathBuf)> = folders.map(measure).collect();
    caches.sort_by_key(|(used, ..)| std::cmp::Reverse(*used));
    let mut kept_bytes = 0;
    let mut removed = 0;
    for (used, bytes, folder) in caches {
        kept_bytes += bytes;
        let expendable = age_of(used) > limits.max_age || kept_bytes > limits.max_bytes;
        if expendable && remove(&folder) {
            kept_bytes -= bytes;
            removed += 1;
        }
    }
    let _ = fs::write(&marker, "");
    removed
}

/// When a cache was last used, and its size.
fn measure(folder: PathBuf) -> (SystemTime, u64, PathBuf) {
    let mut used = SystemTime::UNIX_EPOCH;
    let mut bytes = 0;
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let Ok(metadata) = entry.metadata() else { continue };
        bytes += metadata.len();
        used = used.max(metadata.modified().unwrap_or(used));
    }
    (used, bytes, folder)
}

fn remove(folder: &Path) -> bool {
    let lock = fs::File::create(folder.join("lock"));
    match lock {
        Ok(lock) if lock.try_lock().is_err() => false,
        // Held while its folder goes, so that no build begins in it meanwhile.
        Ok(_lock) => fs::remove_dir_all(folder).is_ok(),
        Err(_) => false,
    }
}
