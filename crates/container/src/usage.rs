//! How much a folder holds that a hostile program writes to meanwhile: links are not followed, what vanishes is
//! not counted, and the count ends at its bounds.

use std::{fs, path::Path};

/// Sum of the sizes of files, and their number with that of folders.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) bytes: u64,
    pub(crate) entries: u64,
}

/// What is in `folder`; stops counting once either bound is passed.
pub(crate) fn usage(folder: &Path, max_bytes: u64, max_entries: u64) -> Usage {
    let mut sum = Usage::default();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            // Of the entry itself, never of what a link leads to.
            let Ok(metadata) = entry.metadata() else { continue };
            sum.entries += 1;
            sum.bytes = sum.bytes.saturating_add(on_disk(&metadata));
            if sum.bytes > max_bytes || sum.entries > max_entries {
                return sum;
            }
            if metadata.is_dir() {
                waiting.push(entry.path());
            }
        }
    }
    sum
}

/// What a file takes; a hole in it takes nothing.
#[cfg(unix)]
fn on_disk(metadata: &fs::Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::blocks(metadata) * 512
}

#[cfg(not(unix))]
fn on_disk(metadata: &fs::Metadata) -> u64 {
    metadata.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_files_count_and_no_link_is_followed() {
        let temp = tempfile::tempdir().unwrap();
        fs::create_dir_all(temp.path().join("a/b")).unwrap();
        fs::write(temp.path().join("a/b/c"), vec![1; 100_000]).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("/", temp.path().join("out")).unwrap();
        let all = usage(temp.path(), u64::MAX, u64::MAX);
        assert!((100_000..200_000).contains(&all.bytes), "{all:?}");
        assert!(all.entries <= 4, "{all:?}");
        assert_eq!(usage(temp.path(), u64::MAX, 1).entries, 2);
    }
}
