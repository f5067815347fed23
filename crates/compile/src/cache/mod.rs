//! What is kept between builds of one document, in the user's cache folder: the record of the last
//! build and the files that TeX wrote for its own next pass. All of it may vanish or be damaged at
//! any time; then the next build starts from nothing and is slower, never wrong.

mod garbage;
mod record;

pub use garbage::{CollectLimits, collect};
pub use record::{
    BuildRecord, HelperRecord, InputRecord, OutputRecord, RecordedResult, Setting, StaleBecause,
};

use crate::outputs::replace_file;
use quire_project::{ContentHash, Hasher};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// How often a build looks whether another one of the same document has ended.
const LOCK_INTERVAL: Duration = Duration::from_millis(50);

/// First line of every cache file: what it is and in which version.
const HEADER: &str = "quire-build-cache 1";

/// The folder for build caches, as the platform has it; `None` without a home folder.
pub fn default_builds_folder() -> Option<PathBuf> {
    Some(quire_bundle::default_cache()?.join("builds"))
}

/// What makes two builds share a cache.
#[derive(Clone, Copy, Debug)]
pub struct CacheKey<'a> {
    /// The project: the real path of its folder.
    pub project: &'a str,
    /// The root file.
    pub root: &'a str,
    /// The engine's name.
    pub engine: &'a str,
}

/// The cache of one document, held so that no other build touches it.
pub struct BuildCache {
    folder: PathBuf,
    /// Unlocked when dropped, or when the process dies.
    _lock: File,
}

/// Why there is no cache to use. The build goes on without.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// The waiting was given up.
    #[error("another build of this document is running")]
    Busy,
    /// The folder cannot be made or written to.
    #[error("cannot use the build cache `{}`: {source}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl BuildCache {
    /// Open and lock the cache of `key`. While another build holds it, `keep_waiting` is asked again
    /// and again.
    pub fn open(
        builds: &Path,
        key: CacheKey<'_>,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Self, CacheError> {
        Self::open_place(place_of(builds, key), keep_waiting)
    }

    /// Open and lock a place that is known.
    pub(crate) fn open_place(
        folder: PathBuf,
        keep_waiting: &mut dyn FnMut() -> bool,
    ) -> Result<Self, CacheError> {
        let io = |source| CacheError::Io { folder: folder.clone(), source };
        fs::create_dir_all(&folder).map_err(io)?;
        let lock = File::create(folder.join("lock")).map_err(io)?;
        loop {
            match lock.try_lock() {
                Ok(()) => return Ok(Self { folder, _lock: lock }),
                Err(TryLockError::WouldBlock) if keep_waiting() => thread::sleep(LOCK_INTERVAL),
                Err(TryLockError::WouldBlock) => return Err(CacheError::Busy),
                Err(TryLockError::Error(source)) => return Err(io(source)),
            }
        }
    }

    /// The folder that is held.
    pub(crate) fn place(&self) -> &Path {
        &self.folder
    }

    /// The record of the last build, if there is one that can be trusted.
    pub fn record(&self) -> Option<BuildRecord> {
        serde_json::from_slice(&self.load("record")?).ok()
    }

    /// The generated files that go with a record.
    pub fn state(&self, record: &BuildRecord) -> Option<Vec<(String, Vec<u8>)>> {
        let bytes = self.load("state")?;
        (ContentHash::of(&bytes) == record.state?).then(|| decode(&bytes))?
    }

    /// The log of the last build; empty when it is lost.
    pub fn log(&self) -> Vec<u8> {
        self.load("log").unwrap_or_default()
    }

    /// Keep a build. Failing to do so costs time on the next build and nothing else.
    pub fn keep(
        &self,
        record: &mut BuildRecord,
        state: Option<&[(String, Vec<u8>)]>,
        log: &[u8],
    ) -> Result<(), CacheError> {
        let failed = |error: String| CacheError::Io {
            folder: self.folder.clone(),
            source: io::Error::other(error),
        };
        if let Some(state) = state {
            let bytes = encode(&state).map_err(&failed)?;
            record.state = Some(ContentHash::of(&bytes));
            self.store("state", &bytes).map_err(&failed)?;
        }
        self.store("log", log).map_err(&failed)?;
        self.keep_record(record)
    }

    /// Keep the record alone: the state and the log are those of the last build still.
    pub fn keep_record(&self, record: &BuildRecord) -> Result<(), CacheError> {
        let failed = |error: String| CacheError::Io {
            folder: self.folder.clone(),
            source: io::Error::other(error),
        };
        let bytes = serde_json::to_vec(record).map_err(|error| failed(error.to_string()))?;
        self.store("record", &bytes).map_err(failed)
    }

    /// Forget everything about this document.
    pub fn clear(&self) {
        for name in ["record", "state", "log"] {
            let _ = fs::remove_file(self.folder.join(name));
        }
    }

    /// A cache file: header, hash, contents. `None` unless it is whole.
    fn load(&self, name: &str) -> Option<Vec<u8>> {
        let bytes = fs::read(self.folder.join(name)).ok()?;
        let mut lines = bytes.splitn(3, |byte| *byte == b'\n');
        let (header, hash, contents) = (lines.next()?, lines.next()?, lines.next()?);
        let hash = ContentHash::from_hex(std::str::from_utf8(hash).ok()?)?;
        (header == HEADER.as_bytes() && ContentHash::of(contents) == hash)
            .then(|| contents.to_vec())
    }

    fn store(&self, name: &str, contents: &[u8]) -> Result<(), String> {
        let mut bytes = format!("{HEADER}\n{}\n", ContentHash::of(contents)).into_bytes();
        bytes.extend_from_slice(contents);
        replace_file(&self.folder.join(name), &bytes).map_err(|error| error.to_string())
    }
}

/// Where the cache of `key` is, if there is one.
pub(crate) fn place_of(builds: &Path, key: CacheKey<'_>) -> PathBuf {
    let mut hasher = Hasher::default();
    [key.project, key.root, key.engine].iter().for_each(|part| hasher.field(part.as_bytes()));
    builds.join(&hasher.finish().to_string()[..24])
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, String> {
    postcard::to_stdvec(value).map_err(|error| error.to_string())
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests;
