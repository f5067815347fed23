//! Whose a container is, and the removal of those whose owner has died. An owner is a locked file in the cache
//! folder with the names of its containers: the lock falls with its process, however that ends. Runtimes are not
//! asked for lists: Podman's may hold states that Docker's clients do not know.

use crate::{ContainerError, Runtime};
use bollard::{errors::Error, query_parameters::RemoveContainerOptions};
use std::{
    collections::HashMap,
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

/// The process that a container belongs to, for whoever looks at the runtime's own list.
const OWNER_LABEL: &str = "org.quire.owner";
/// Begins of the lock files' names.
const OWNER: &str = "quire-";
/// Ends of the lock files' names.
const LOCK: &str = ".lock";

/// This process, as the owner of containers.
#[derive(Debug)]
pub struct Owner {
    folder: PathBuf,
    name: String,
    made: AtomicU32,
    /// Unlocked when dropped, or when the process dies.
    lock: Mutex<File>,
}

impl Owner {
    /// Become an owner; its lock is in `folder`, which is made when it is not there.
    pub fn new(folder: &Path) -> Result<Self, ContainerError> {
        let io = |source| ContainerError::Io { place: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(io)?;
        let mut builder = tempfile::Builder::new();
        let file = builder.prefix(OWNER).suffix(LOCK).tempfile_in(folder).map_err(io)?;
        let (lock, path) = file.keep().map_err(|error| io(error.error))?;
        lock.lock().map_err(io)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let name = name.unwrap_or_default();
        Ok(Self {
            folder: folder.to_owned(),
            name,
            made: AtomicU32::new(0),
            lock: Mutex::new(lock),
        })
    }

    pub(crate) fn labels(&self) -> HashMap<String, String> {
        HashMap::from([(OWNER_LABEL.to_owned(), self.name.clone())])
    }

    /// A name for a container that is about to be made, noted before it is.
    pub(crate) fn name_container(&self) -> Result<String, ContainerError> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{number}", self.name.trim_end_matches(LOCK));
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        let noted = writeln!(lock, "{name}").and_then(|()| lock.flush());
        let place = self.folder.join(&self.name);
        noted.map_err(|source| ContainerError::Io { place, source })?;
        Ok(name)
    }

    /// Remove the containers of this cache folder whose owners have died; returns how many there were.
    pub fn collect(&self, runtime: &Runtime) -> Result<usize, ContainerError> {
        let mut removed = 0;
        for owner in owners(&self.folder).into_iter().filter(|owner| self.is_dead(owner)) {
            removed += remove_noted(&self.folder.join(&owner), runtime)?;
            let _ = fs::remove_file(self.folder.join(&owner));
        }
        Ok(removed)
    }

    /// Remove all containers of this owner, also those that somebody is about to use; returns how many there were.
    pub fn remove_all(&self, runtime: &Runtime) -> Result<usize, ContainerError> {
        remove_noted(&self.folder.join(&self.name), runtime)
    }

    /// Names of this owner's containers that are there still.
    pub fn present(&self, runtime: &Runtime) -> Result<Vec<String>, ContainerError> {
        let mut present = names(&self.folder.join(&self.name));
        present.retain(|name| {
            let asked = runtime.tokio().block_on(runtime.client.inspect_container(name, None));
            !matches!(asked, Err(Error::DockerResponseServerError { status_code: 404, .. }))
        });
        Ok(present)
    }

    fn is_dead(&self, owner: &str) -> bool {
        owner != self.name
            && match File::open(self.folder.join(owner)) {
                // Whoever can lock it is the only one who has it open.
                Ok(lock) => lock.try_lock().is_ok(),
                Err(_) => false,
            }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.folder.join(&self.name));
    }
}

/// Remove the containers that a lock file names.
fn remove_noted(lock: &Path, runtime: &Runtime) -> Result<usize, ContainerError> {
    let mut removed = 0;
    for name in names(lock) {
        let remove = RemoveContainerOptions { force: true, v: true, ..Default::default() };
        match runtime.tokio().block_on(runtime.client.remove_container(&name, Some(remove))) {
            Ok(()) => removed += 1,
            Err(Error::DockerResponseServerError { status_code: 404, .. }) => {}
            Err(error) => return Err(ContainerError::of("remove a container")(error)),
        }
    }
    Ok(removed)
}

/// Names of the lock files in a folder.
fn owners(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(OWNER) && name.ends_with(LOCK)).collect()
}

/// Names of the containers that an owner has made.
fn names(lock: &Path) -> Vec<String> {
    let text = fs::read_to_string(lock).unwrap_or_default();
    text.lines().filter(|name| name.starts_with(OWNER)).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_dead_once_nobody_holds_its_lock() {
        let temp = tempfile::tempdir().unwrap();
        let (one, other) = (Owner::new(temp.path()).unwrap(), Owner::new(temp.path()).unwrap());
        assert!(!one.is_dead(&one.name) && !one.is_dead(&other.name));
        assert_eq!(owners(temp.path()).len(), 2);
        drop(other);
        assert_eq!(owners(temp.path()), std::slice::from_ref(&one.name));
        // As a crash leaves it: the file is there, its lock is not.
        fs::write(temp.path().join("quire-crashed.lock"), "quire-crashed-0\n").unwrap();
        assert!(one.is_dead("quire-crashed.lock"));
        assert_eq!(names(&temp.path().join("quire-crashed.lock")), ["quire-crashed-0"]);
    }

    #[test]
    fn a_container_is_noted_before_it_is_made() {
        let temp = tempfile::tempdir().unwrap();
        let owner = Owner::new(temp.path()).unwrap();
        let made = [owner.name_container().unwrap(), owner.name_container().unwrap()];
        assert_eq!(names(&temp.path().join(&owner.name)), made);
        assert_ne!(made[0], made[1]);
    }
}
