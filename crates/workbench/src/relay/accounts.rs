//! Signing in and out. What is stored tells who is signed in where; the secret that proves it is in the keyring.

use super::{AccountKey, ShareRole};
use crate::{Event, Workbench, WorkbenchError};
use quire_project::ProjectId;
use quire_relay_client::{Account, Keeping, RelayAddress, SignedIn};
use serde::Serialize;
use std::sync::Arc;
use ts_rs::TS;

/// The name under which it is stored who is signed in.
const NAME: &str = "relays";
/// What the list of log-ins at the relay calls this program.
pub(super) const DEVICE: &str = "Quire";

/// Somebody who is signed in at a relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RelayAccount {
    /// The address of the relay.
    pub relay: String,
    /// What people call it.
    pub relay_name: String,
    /// The id of the person there.
    pub user: String,
    /// What others see.
    pub name: String,
    /// The e-mail address; a guest has none.
    pub email: Option<String>,
    /// Why one will have to sign in again after the next start, when the system's keyring could not be used.
    pub not_kept: Option<String>,
}

/// A project at a relay that one belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RelayProject {
    /// Its id, here and there.
    pub project: ProjectId,
    /// Its name.
    pub name: String,
    /// What one may do.
    pub role: ShareRole,
    /// How many belong to it.
    pub members: u32,
    /// Nobody writes in it.
    pub archived: bool,
    /// It is on this computer already.
    pub here: bool,
}

fn told(account: &Account) -> RelayAccount {
    let SignedIn { relay, user, .. } = account.signed_in();
    RelayAccount {
        relay: relay.to_string(),
        relay_name: relay.name().to_owned(),
        user: user.id.clone(),
        name: user.name.clone(),
        email: user.email.clone(),
        not_kept: match account.keeping() {
            Keeping::Keyring => None,
            Keeping::ThisRun(why) => Some(why),
        },
    }
}

pub(super) fn key_of(account: &Account) -> AccountKey {
    let SignedIn { relay, user, .. } = account.signed_in();
    AccountKey { relay: relay.clone(), user: user.id.clone() }
}

impl Workbench {
    /// Go on with the log-ins of the last start; no relay is asked yet.
    pub(crate) fn resume_accounts(&self) -> Result<(), WorkbenchError> {
        let stored = self.store()?.read(|tx| tx.setting(NAME))?;
        let known: Vec<SignedIn> =
            stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        for signed_in in known {
            let account = Account::resume(signed_in, self.relays().vault());
            self.relays().accounts().insert(key_of(&account), account);
        }
        Ok(())
    }

    fn keep_accounts(&self) -> Result<(), WorkbenchError> {
        let known: Vec<SignedIn> =
            self.relays().accounts().values().map(|account| account.signed_in().clone()).collect();
        let value = serde_json::to_value(known).unwrap_or_default();
        Ok(self.store()?.write(move |tx| tx.set_setting(NAME, &value))?)
    }

    /// Who is signed in where.
    pub fn relay_accounts(&self) -> Vec<RelayAccount> {
        self.relays().accounts().values().map(|account| told(account)).collect()
    }

    /// Sign in at a relay.
    pub fn sign_in(
        &self,
        relay: &str,
        email: &str,
        password: &str,
    ) -> Result<RelayAccount, WorkbenchError> {
        let relay = RelayAddress::parse(relay).map_err(quire_relay_client::RelayError::from)?;
        let relays = self.relays();
        let vault = relays.vault();
        let account =
            relays.wait(Account::sign_in(relay, vault, email.trim(), password, DEVICE))?;
        self.add_account(account)
    }

    pub(super) fn add_account(
        &self,
        account: Arc<Account>,
    ) -> Result<RelayAccount, WorkbenchError> {
        let card = told(&account);
        let key = key_of(&account);
        let earlier = self.relays().accounts().insert(key.clone(), account.clone());
        self.watch_notifications(account.clone());
        self.keep_accounts()?;
        if let Some(earlier) = earlier {
            // Its log-in is of no use any more; should it not be reached, it ends by itself.
            let _ = self
                .relays()
                .runtime()
                .map(|runtime| runtime.spawn(async move { earlier.sign_out().await }));
        }
        self.ask(move |desk| {
            desk.account_changed(&key, Some(account));
            desk.emit(&Event::RelaysChanged);
        })?;
        Ok(card)
    }

    /// Sign out. Projects that were shared through this relay stay here, and are not kept the same any more.
    pub fn sign_out(&self, relay: &str, user: &str) -> Result<(), WorkbenchError> {
        let key = self.key(relay, user)?;
        let account = self.relays().accounts().remove(&key);
        self.forget_notifications(&key);
        self.keep_accounts()?;
        self.ask(move |desk| {
            desk.account_changed(&key, None);
            desk.emit(&Event::RelaysChanged);
        })?;
        if let Some(account) = account {
            self.relays().wait(async {
                account.sign_out().await;
                Ok(())
            })?;
        }
        Ok(())
    }

    fn key(&self, relay: &str, user: &str) -> Result<AccountKey, WorkbenchError> {
        let relay = RelayAddress::parse(relay).map_err(quire_relay_client::RelayError::from)?;
        Ok(AccountKey { relay, user: user.to_owned() })
    }

    /// Somebody who is signed in.
    pub(super) fn account(&self, relay: &str, user: &str) -> Result<Arc<Account>, WorkbenchError> {
        let key = self.key(relay, user)?;
        self.relays().account(&key).ok_or_else(|| WorkbenchError::NotSignedIn(relay.to_owned()))
    }

    /// The projects that one has at a relay, without those in the trash.
    pub fn relay_projects(
        &self,
        relay: &str,
        user: &str,
    ) -> Result<Vec<RelayProject>, WorkbenchError> {
        let account = self.account(relay, user)?;
        let projects = self.relays().wait(account.projects())?;
        let store = self.store()?;
        let told = |project: quire_relay_client::ProjectInfo| RelayProject {
            project: project.id,
            here: store.read(|tx| tx.project(project.id)).is_ok(),
            name: project.name,
            role: project.role,
            members: project.members,
            archived: project.archived_at.is_some(),
        };
        Ok(projects.into_iter().filter(|project| project.deleted_at.is_none()).map(told).collect())
    }
}
