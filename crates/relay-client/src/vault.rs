//! Where refresh tokens are kept: in the system's keyring, or, where there is none that can be used, in memory, which
//! the author is told.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError, mpsc},
    time::Duration,
};
use tokio::sync::oneshot;

/// Under this name the keyring shows what is ours.
const SERVICE: &str = "Quire";
/// A locked keyring asks its owner for a password.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Where a secret is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Keeping {
    /// In the system's keyring.
    Keyring,
    /// In memory, until the program ends; and why.
    ThisRun(String),
}

/// Secrets by name.
pub struct Vault {
    /// To the thread of the keyring; `None` when none is to be used.
    keyring: Option<mpsc::Sender<Job>>,
    /// What the keyring did not take.
    memory: Mutex<HashMap<String, String>>,
}

type Job = Box<dyn FnOnce() + Send>;

impl Vault {
    /// The system's keyring. It is asked on a thread of its own: it may wait for its owner.
    pub fn system() -> Self {
        let (jobs, queue) = mpsc::channel::<Job>();
        let work = move || {
            for job in queue {
                job();
            }
        };
        let started = std::thread::Builder::new().name("keyring".to_owned()).spawn(work);
        Self { keyring: started.ok().map(|_| jobs), memory: Mutex::default() }
    }

    /// Memory only.
    pub fn this_run() -> Self {
        Self { keyring: None, memory: Mutex::default() }
    }

    /// Keep a secret in place of the one of this name.
    pub async fn put(&self, name: &str, secret: &str) -> Keeping {
        let (entry, kept) = (name.to_owned(), secret.to_owned());
        let put = self.ask(move || keyring::Entry::new(SERVICE, &entry)?.set_password(&kept));
        match put.await {
            Ok(()) => {
                self.memory().remove(name);
                Keeping::Keyring
            }
            Err(why) => {
                self.memory().insert(name.to_owned(), secret.to_owned());
                Keeping::ThisRun(why)
            }
        }
    }

    /// The secret of this name.
    pub async fn get(&self, name: &str) -> Option<String> {
        if let Some(secret) = self.memory().get(name) {
            return Some(secret.clone());
        }
        let entry = name.to_owned();
        self.ask(move || keyring::Entry::new(SERVICE, &entry)?.get_password()).await.ok()
    }

    /// Forget it.
    pub async fn remove(&self, name: &str) {
        self.memory().remove(name);
        let entry = name.to_owned();
        let remove = move || keyring::Entry::new(SERVICE, &entry)?.delete_credential();
        // What was never there is removed.
        let _ = self.ask(remove).await;
    }

    fn memory(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> keyring::Result<T> + Send + 'static,
    ) -> Result<T, String> {
        let Some(keyring) = &self.keyring else {
            return Err("no keyring is used".to_owned());
        };
        let (answer, answered) = oneshot::channel();
        let job = Box::new(move || drop(answer.send(job())));
        let gone = "the keyring does not answer";
        keyring.send(job).map_err(|_| gone)?;
        let answer = tokio::time::timeout(LONGEST_WAIT, answered).await.map_err(|_| gone)?;
        answer.map_err(|_| gone)?.map_err(|error| why(&error).to_owned())
    }
}

fn why(error: &keyring::Error) -> &'static str {
    match error {
        keyring::Error::NoDefaultStore => "this system has no keyring, or it does not run",
        keyring::Error::NoStorageAccess(_) => "the keyring is locked",
        keyring::Error::NoEntry => "the keyring does not have it",
        _ => "the keyring failed",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_keyring_a_secret_is_kept_for_this_run_and_it_is_said() {
        let vault = Vault::this_run();
        assert!(matches!(vault.put("a", "1").await, Keeping::ThisRun(_)));
        vault.put("a", "2").await;
        assert_eq!(vault.get("a").await.as_deref(), Some("2"));
        vault.remove("a").await;
        assert_eq!(vault.get("a").await, None);
    }
}
