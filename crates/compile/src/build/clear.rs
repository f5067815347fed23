//! Clearing what builds have left, so that the next begins from nothing. Results are the author's and stay.

use super::texlive::MADE_BY;
use crate::cache::{BuildCache, CacheError, CacheKey, place_of};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Clear what builds of one document left in a folder of places: of caches, or of TeX Live. How many bytes that was;
/// an error while a build of it runs.
pub fn clear(places: &Path, key: CacheKey<'_>) -> Result<u64, CacheError> {
    let place = place_of(places, key);
    if place.is_dir() { clear_place(place) } else { Ok(0) }
}

/// Likewise, of all documents.
pub fn clear_all(places: &Path) -> Result<u64, CacheError> {
    let mut bytes = 0;
    for entry in fs::read_dir(places).into_iter().flatten().flatten() {
        // Beside places there are the locks of those who own containers.
        if entry.path().join(LOCK).is_file() {
            bytes += clear_place(entry.path())?;
        }
    }
    Ok(bytes)
}

/// By this a place is held.
const LOCK: &str = "lock";
/// Mounted in containers that wait for the next build: they are emptied and stay.
const MOUNTED: [&str; 2] = ["project", "build"];

fn clear_place(place: PathBuf) -> Result<u64, CacheError> {
    let held = BuildCache::open_place(place, &mut || false)?;
    let folder = held.place();
    // The folders that stay are still those of whoever made them.
    empty(folder, &|name| name == LOCK || name == MADE_BY)
        .map_err(|source| CacheError::Io { folder: folder.to_owned(), source })
}

fn empty(folder: &Path, stays: &dyn Fn(&str) -> bool) -> io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let (name, path) = entry.map(|entry| (entry.file_name(), entry.path()))?;
        let name = name.to_string_lossy();
        if stays(&name) {
            continue;
        }
        let metadata = fs::symlink_metadata(&path)?;
        if !metadata.is_dir() {
            bytes += metadata.len();
            fs::remove_file(&path)?;
        } else if MOUNTED.contains(&&*name) {
            bytes += empty(&path, &|_| false)?;
        } else {
            bytes += size(&path);
            remove(&path)?;
        }
    }
    Ok(bytes)
}

/// Remove a folder, though a build has closed parts of it.
fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(folder);
            fs::remove_dir_all(folder)
        }
        done => done,
    }
}

/// Nothing runs in a place that is held, so no folder becomes a link meanwhile.
fn open_up(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    }
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // That of the entry itself, not of what a link leads to.
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_up(&entry.path());
        }
    }
}

fn size(folder: &Path) -> u64 {
    let mut bytes = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        bytes += match entry.file_type() {
            Ok(kind) if kind.is_dir() => size(&entry.path()),
            _ => entry.metadata().map_or(0, |metadata| metadata.len()),
        };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: CacheKey<'static> = CacheKey { project: "p", root: "main.tex", engine: "pdflatex" };

    #[test]
    fn everything_goes_but_the_folders_that_containers_see() {
        let temp = tempfile::tempdir().unwrap();
        assert_eq!(clear(temp.path(), KEY).unwrap(), 0);
        let place = BuildCache::open(temp.path(), KEY, &mut || false).unwrap().place().to_owned();
        let outside = temp.path().join("outside");
        fs::create_dir_all(&outside).unwrap();
        fs::write(outside.join("thesis.tex"), "mine").unwrap();
        let work = place.join("build/work");
        fs::create_dir_all(&work).unwrap();
        fs::create_dir_all(place.join("project/files")).unwrap();
        fs::write(work.join("main.aux"), "12345").unwrap();
        fs::write(place.join("record"), "123").unwrap();
        fs::write(place.join(MADE_BY), "an image").unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::{PermissionsExt, symlink};
            symlink(&outside, work.join("link")).unwrap();
            fs::set_permissions(&work, fs::Permissions::from_mode(0o500)).unwrap();
        }
        assert!(clear(temp.path(), KEY).unwrap() >= 8);
        let left = |folder: &str| fs::read_dir(place.join(folder)).unwrap().count();
        assert_eq!((left("build"), left("project")), (0, 0));
        assert!(!place.join("record").exists());
        assert!(place.join(MADE_BY).exists());
        assert!(outside.join("thesis.tex").exists());
    }

    #[test]
    fn what_a_build_uses_is_not_cleared() {
        let temp = tempfile::tempdir().unwrap();
        let held = BuildCache::open(temp.path(), KEY, &mut || false).unwrap();
        assert!(matches!(clear(temp.path(), KEY), Err(CacheError::Busy)));
        assert!(matches!(clear_all(temp.path()), Err(CacheError::Busy)));
        fs::write(held.place().join("log"), "1234").unwrap();
        drop(held);
        assert_eq!(clear_all(temp.path()).unwrap(), 4);
    }
}
