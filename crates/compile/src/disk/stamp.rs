//! Metadata by which an unchanged file is known without reading it.

use cap_std::fs::Metadata;
use quire_project::FileStamp;
use std::time::{Duration, SystemTime};

/// A file changed more recently than this could change once more within the same tick of the file
/// system's clock (two seconds on FAT), so its time says nothing yet.
const SETTLED_AFTER: Duration = Duration::from_secs(2);

/// The stamp of a file that has settled.
pub(super) fn of(metadata: &Metadata) -> Option<FileStamp> {
    let modified = metadata.modified().ok()?.into_std();
    if SystemTime::now().duration_since(modified).ok()? < SETTLED_AFTER {
        return None;
    }
    let since_1970 = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let (changed_ns, file_id) = inode(metadata);
    Some(FileStamp {
        bytes: metadata.len(),
        modified_ns: i64::try_from(since_1970.as_nanos()).ok()?,
        changed_ns,
        file_id,
    })
}

#[cfg(unix)]
fn inode(metadata: &Metadata) -> (i64, u64) {
    use cap_std::fs::MetadataExt;
    let changed = metadata.ctime().saturating_mul(1_000_000_000) + metadata.ctime_nsec();
    (changed, metadata.ino())
}

#[cfg(not(unix))]
fn inode(_metadata: &Metadata) -> (i64, u64) {
    (0, 0)
}
