//! Writing together through a relay. Somebody signs in ([`accounts`]), shares a project or joins one ([`share`]); from
//! then on its texts and files are kept the same here and there ([`lists`], [`steps`], [`transfers`]), and each of its
//! texts has a line over which edits and cursors go both ways ([`lines`], [`presence`]). How it stands, windows are told
//! ([`state`]), and what somebody is to know of ([`notifications`]).
//!
//! The network has threads of its own. It speaks to the desk as everybody does, with jobs in its queue; the desk speaks
//! to it over channels and never waits for it. What was written offline is found by asking the relay what it has.

mod accounts;
mod browser;
mod choice;
mod here;
mod lines;
mod lists;
mod members;
mod notifications;
pub(crate) mod past;
mod presence;
mod share;
mod state;
mod steps;
mod transfers;

pub use accounts::{RelayAccount, RelayProject};
pub use browser::SignInWay;
pub use members::{ProjectMember, ShareInvitation, ShareLink, ShareMember, Sharers};
pub use notifications::{AccountNotifications, Notification};
pub use presence::{Person, PersonPlace};
pub use quire_relay_client::{Digest, NotificationKind, Role as ShareRole};
pub use share::LinkOffer;
pub use state::{Connection, Sharing};
pub use transfers::{FileTransfers, KeptBack};

pub(crate) use lines::DocumentLine;
pub(crate) use notifications::Known as KnownNotifications;
pub(crate) use share::SharedProject;

use crate::WorkbenchError;
use quire_relay_client::{Account, RelayAddress, RelayError, Vault};
use std::{
    collections::BTreeMap,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::runtime::{Builder, Handle, Runtime};

/// What is on its way to a relay when the application closes has this long.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Who is signed in at a relay: one person once.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct AccountKey {
    pub(crate) relay: RelayAddress,
    pub(crate) user: String,
}

/// The relays that the application knows, and the threads of the network, which begin when they are first needed.
pub(crate) struct Relays {
    vault: Arc<Vault>,
    runtime: Mutex<Option<Runtime>>,
    accounts: Mutex<BTreeMap<AccountKey, Arc<Account>>>,
    browser: browser::Browser,
    watches: Mutex<BTreeMap<AccountKey, notifications::Watch>>,
}

impl Relays {
    pub(crate) fn new(uses_keyring: bool) -> Self {
        let vault = if uses_keyring { Vault::system() } else { Vault::this_run() };
        Self {
            vault: Arc::new(vault),
            runtime: Mutex::default(),
            accounts: Mutex::default(),
            browser: browser::Browser::default(),
            watches: Mutex::default(),
        }
    }

    pub(crate) fn vault(&self) -> Arc<Vault> {
        self.vault.clone()
    }

    pub(crate) fn runtime(&self) -> Result<Handle, WorkbenchError> {
        let mut runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner);
        if runtime.is_none() {
            let mut builder = Builder::new_multi_thread();
            let started = builder.worker_threads(1).thread_name("relay").enable_all().build();
            *runtime = Some(started.map_err(|_| WorkbenchError::Closed)?);
        }
        runtime.as_ref().map(|runtime| runtime.handle().clone()).ok_or(WorkbenchError::Closed)
    }

    /// Ask a relay, and wait for its answer.
    pub(crate) fn wait<T>(
        &self,
        answer: impl Future<Output = Result<T, RelayError>>,
    ) -> Result<T, WorkbenchError> {
        Ok(self.runtime()?.block_on(answer)?)
    }

    pub(crate) fn account(&self, key: &AccountKey) -> Option<Arc<Account>> {
        self.accounts().get(key).cloned()
    }

    pub(crate) fn accounts(&self) -> MutexGuard<'_, BTreeMap<AccountKey, Arc<Account>>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Those who ask what people are to know of.
    fn watches(&self) -> MutexGuard<'_, BTreeMap<AccountKey, notifications::Watch>> {
        self.watches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The application closes.
    pub(crate) fn close(&self) {
        self.watches().clear();
        let runtime = self.runtime.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runtime) = runtime {
            runtime.shutdown_timeout(LAST_WORDS);
        }
    }
}
