//! Whose a container is, and the removal of those whose owner has died. An owner is a locked file in the cache
//! folder: the lock falls with its process, however that ends.

use crate::{ContainerError, Runtime};
use bollard::query_parameters::{ListContainersOptionsBuilder, RemoveContainerOptions};
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

/// Containers of one cache folder: other authors of this computer have theirs.
const HOME_LABEL: &str = "org.quire.home";
/// The process that a container belongs to.
const OWNER_LABEL: &str = "org.quire.owner";
/// Ends of the lock files' names.
const LOCK: &str = ".lock";

/// This process, as the owner of containers.
#[derive(Debug)]
pub struct Owner {
    folder: PathBuf,
    name: String,
    /// Unlocked when dropped, or when the process dies.
    _lock: File,
}

impl Owner {
    /// Become an owner; its lock is in `folder`, which is made when it is not there.
    pub fn new(folder: &Path) -> Result<Self, ContainerError> {
        let io = |source| ContainerError::Io { place: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(io)?;
        let file = tempfile::Builder::new().suffix(LOCK).tempfile_in(folder).map_err(io)?;
        let (lock, path) = file.keep().map_err(|error| io(error.error))?;
        lock.lock().map_err(io)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(Self { folder: folder.to_owned(), name: name.unwrap_or_default(), _lock: lock })
    }

    pub(crate) fn labels(&self) -> HashMap<String, String> {
        HashMap::from([
            (HOME_LABEL.to_owned(), home(&self.folder)),
            (OWNER_LABEL.to_owned(), self.name.clone()),
        ])
    }

    /// Remove the containers of this cache folder whose owners have died; returns how many there were.
    pub fn collect(&self, runtime: &Runtime) -> Result<usize, ContainerError> {
        let filters = HashMap::from([(
            "label".to_owned(),
            vec![format!("{HOME_LABEL}={}", home(&self.folder))],
        )]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        runtime.tokio().block_on(async {
            let all = runtime.client.list_containers(Some(options)).await;
            let all = all.map_err(ContainerError::of("list containers"))?;
            let mut removed = 0;
            for container in all {
                let labels = container.labels.unwrap_or_default();
                let owner = labels.get(OWNER_LABEL).map(String::as_str).unwrap_or_default();
                let Some(id) = container.id.filter(|_| self.is_dead(owner)) else { continue };
                let remove = RemoveContainerOptions { force: true, v: true, ..Default::default() };
                if runtime.client.remove_container(&id, Some(remove)).await.is_ok() {
                    removed += 1;
                }
            }
            self.forget_dead();
            Ok(removed)
        })
    }

    /// Names of the containers of this cache folder that are there, whoever owns them.
    pub fn present(&self, runtime: &Runtime) -> Result<Vec<String>, ContainerError> {
        let label = format!("{HOME_LABEL}={}", home(&self.folder));
        let filters = HashMap::from([("label".to_owned(), vec![label])]);
        let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
        let all = runtime.tokio().block_on(runtime.client.list_containers(Some(options)));
        let all = all.map_err(ContainerError::of("list containers"))?;
        Ok(all.into_iter().filter_map(|container| container.id).collect())
    }

    fn is_dead(&self, owner: &str) -> bool {
        if owner == self.name {
            return false;
        }
        if owner.is_empty() || owner.contains(['/', '\\']) {
            return true;
        }
        match File::open(self.folder.join(owner)) {
            // Whoever can lock it is the only one who has it open.
            Ok(lock) => lock.try_lock().is_ok(),
            Err(_) => true,
        }
    }

    /// Remove the lock files that nobody holds.
    fn forget_dead(&self) {
        for entry in fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(LOCK) && self.is_dead(&name) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.folder.join(&self.name));
    }
}

/// What tells one cache folder from another, without its path.
fn home(folder: &Path) -> String {
    let digest = Sha256::digest(folder.to_string_lossy().as_bytes());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_is_dead_once_nobody_holds_its_lock() {
        let temp = tempfile::tempdir().unwrap();
        let (one, other) = (Owner::new(temp.path()).unwrap(), Owner::new(temp.path()).unwrap());
        assert!(!one.is_dead(&one.name) && !one.is_dead(&other.name));
        let name = other.name.clone();
        drop(other);
        assert!(one.is_dead(&name) && one.is_dead("") && one.is_dead("../x"));
        // As a crash leaves it: the file is there, its lock is not.
        fs::write(temp.path().join("crashed.lock"), "").unwrap();
        assert!(one.is_dead("crashed.lock"));
        one.forget_dead();
        assert!(!temp.path().join("crashed.lock").exists());
        assert!(temp.path().join(&one.name).exists());
    }

    #[test]
    fn containers_of_other_cache_folders_have_another_label() {
        assert_ne!(home(Path::new("/a")), home(Path::new("/b")));
        assert_eq!(home(Path::new("/a")).len(), 16);
    }
}
