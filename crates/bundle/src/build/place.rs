//! Putting a finished bundle in its place, and clearing away what interrupted builds left.

use super::{BuildError, io_at};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

/// How names of unfinished folders begin.
const UNFINISHED: [&str; 3] = [".partial-", ".install-", ".replaced-"];

/// The folder of bundles, held against other builds and installations until dropped.
pub(crate) struct Place {
    bundles: PathBuf,
    _lock: File,
}

impl Place {
    /// Wait for the folder. Whoever holds it is alone, so every unfinished folder is a dead one's.
    pub(crate) fn hold(bundles: &Path) -> Result<Self, BuildError> {
        fs::create_dir_all(bundles).map_err(io_at(bundles))?;
        let path = bundles.join("lock");
        let lock = File::create(&path).map_err(io_at(&path))?;
        lock.lock().map_err(io_at(&path))?;
        for entry in fs::read_dir(bundles).map_err(io_at(bundles))?.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if UNFINISHED.iter().any(|start| name.starts_with(start)) {
                // What cannot be removed is in nobody's way.
                let _ = fs::remove_dir_all(entry.path());
            }
        }
        Ok(Self { bundles: bundles.to_owned(), _lock: lock })
    }

    /// An empty folder to build in. It is removed unless it is put into place.
    pub(crate) fn begin(&self) -> Result<Unfinished<'_>, BuildError> {
        let path = self.bundles.join(format!(".partial-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(io_at(&path))?;
        Ok(Unfinished { place: self, path })
    }
}

/// A bundle being made.
pub(crate) struct Unfinished<'a> {
    place: &'a Place,
    path: PathBuf,
}

impl Unfinished<'_> {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Give it its name. A bundle of that name is exchanged for it in one step, where the file system
    /// can, and removed then: at no time is there none, or half of one.
    pub(crate) fn finish(self, name: &str) -> Result<PathBuf, BuildError> {
        let target = self.place.bundles.join(name);
        if target.exists() && exchange(&self.path, &target) {
            // The old one lies at our path now, and is removed with us.
            return Ok(target);
        }
        let replaced = self.place.bundles.join(format!(".replaced-{}", std::process::id()));
        let had_one = fs::rename(&target, &replaced).is_ok();
        if let Err(e) = fs::rename(&self.path, &target) {
            if had_one {
                let _ = fs::rename(&replaced, &target);
            }
            return Err(io_at(&target)(e));
        }
        if had_one {
            let _ = fs::remove_dir_all(&replaced);
        }
        Ok(target)
    }
}

impl Drop for Unfinished<'_> {
    fn drop(&mut self) {
        // Of no use to anybody; the next one to hold the place tries again.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(target_os = "linux")]
fn exchange(new: &Path, old: &Path) -> bool {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok()
}

#[cfg(not(target_os = "linux"))]
fn exchange(_new: &Path, _old: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn make(place: &Place, name: &str, contents: &str) -> PathBuf {
        let unfinished = place.begin().unwrap();
        fs::write(unfinished.path().join("manifest.json"), contents).unwrap();
        unfinished.finish(name).unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_bundle_of_the_same_name_is_replaced_and_nothing_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::hold(dir.path()).unwrap();
        let target = make(&place, "core-1", "old");
        assert_eq!(make(&place, "core-1", "new"), target);
        assert_eq!(fs::read_to_string(target.join("manifest.json")).unwrap(), "new");
        assert_eq!(names(dir.path()), ["core-1", "lock"]);
    }

    #[test]
    fn readers_never_find_the_bundle_absent_while_it_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let place = Place::hold(dir.path()).unwrap();
        let file = make(&place, "core-1", "0").join("manifest.json");
        let replaced = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for i in 1..200 {
                    make(&place, "core-1", &i.to_string());
                }
                replaced.store(true, std::sync::atomic::Ordering::Release);
            });
            while !replaced.load(std::sync::atomic::Ordering::Acquire) {
                assert!(cfg!(not(target_os = "linux")) || file.exists());
            }
        });
        assert_eq!(fs::read_to_string(file).unwrap(), "199");
    }

    #[test]
    fn what_died_half_way_is_cleared_away() {
        let dir = tempfile::tempdir().unwrap();
        for name in [".partial-1", ".install-2", ".replaced-3", "core-1"] {
            fs::create_dir(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name).join("bundle.pack"), "x").unwrap();
        }
        let place = Place::hold(dir.path()).unwrap();
        drop(place.begin().unwrap());
        assert_eq!(names(dir.path()), ["core-1", "lock"]);
    }
}
