//! What the people who are signed in are to know of: that they were invited, spoken to, answered. Each account has a task of
//! the network that asks its relay: at first, when the relay says over the channel of an open project that there is something
//! new, and every few minutes, for who has none open. What was told last is kept, so that it is there without a network too.

use super::{AccountKey, ShareRole, accounts::key_of};
use crate::{Event, Workbench, WorkbenchError, clock, desk::Desk};
use quire_project::{ProjectId, UnixMs};
use quire_relay_client::{
    Account, Digest, NotificationInfo, NotificationKind, NotificationList, RelayAddress, RelayError,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{sync::Notify, task::JoinHandle};
use ts_rs::TS;

/// A relay is asked so often by who has no project of it open.
const ASK_EVERY: Duration = Duration::from_secs(120);
/// One that is away is looked for so often.
const LOOK_FOR_RELAY: Duration = Duration::from_secs(20);
/// The name under which what was told last is stored.
const NAME: &str = "notifications";

/// Something that somebody is to know of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Notification {
    /// Its number at the relay: later ones have higher ones.
    #[ts(type = "number")]
    pub id: i64,
    /// What happened.
    pub kind: NotificationKind,
    /// The project.
    pub project: ProjectId,
    /// Its name.
    pub project_name: String,
    /// Who invites or has written, as far as his name is known.
    pub by: Option<String>,
    /// How the message begins.
    pub excerpt: String,
    /// The message, in chat or a thread.
    pub message: Option<String>,
    /// The thread.
    pub thread: Option<String>,
    /// The invitation.
    pub invitation: Option<String>,
    /// What one would be able to do.
    pub role: Option<ShareRole>,
    /// When it happened, as RFC 3339 has it.
    pub at: String,
    /// One has seen it.
    pub is_seen: bool,
}

/// What somebody is to know of, as a relay has told it last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AccountNotifications {
    /// The address of the relay.
    pub relay: String,
    /// What people call it.
    pub relay_name: String,
    /// The id of the person there.
    pub user: String,
    /// The latest first.
    pub notifications: Vec<Notification>,
    /// How many of all were not seen.
    pub unseen: u32,
    /// When the relay has told it.
    pub told_at: UnixMs,
    /// Why the relay cannot be asked now, if it cannot.
    pub is_away: Option<String>,
}

fn told(info: NotificationInfo) -> Notification {
    Notification {
        id: info.id,
        kind: info.kind,
        project: info.project,
        project_name: info.project_name,
        by: info.by_name,
        excerpt: info.excerpt,
        message: info.message,
        thread: info.thread,
        invitation: info.invitation,
        role: info.role,
        at: info.created_at,
        is_seen: info.seen_at.is_some(),
    }
}

/// Asks the relay of one account.
pub(super) struct Watch {
    look: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// What was told last, by account.
#[derive(Default)]
pub(crate) struct Known(BTreeMap<AccountKey, AccountNotifications>);

impl Workbench {
    /// What was told in an earlier run, of who is still signed in.
    pub(crate) fn stored_notifications(&self) -> Result<Known, WorkbenchError> {
        let stored = self.store()?.read(|tx| tx.setting(NAME))?;
        let lists: Vec<AccountNotifications> =
            stored.and_then(|value| serde_json::from_value(value).ok()).unwrap_or_default();
        let known = lists.into_iter().filter_map(|list| {
            let relay = RelayAddress::parse(&list.relay).ok()?;
            let key = AccountKey { relay, user: list.user.clone() };
            self.relays().account(&key).is_some().then_some((key, list))
        });
        Ok(Known(known.collect()))
    }

    /// Ask the relays of all who are signed in, from now on.
    pub(crate) fn watch_all_notifications(&self) {
        let accounts: Vec<Arc<Account>> = self.relays().accounts().values().cloned().collect();
        for account in accounts {
            self.watch_notifications(account);
        }
    }

    /// Ask the relay of somebody from now on, in the place of who asked for him before.
    pub(super) fn watch_notifications(&self, account: Arc<Account>) {
        let Ok(runtime) = self.relays().runtime() else { return };
        let (key, sender, look) = (key_of(&account), self.sender(), Arc::new(Notify::new()));
        let (of, asked) = (key.clone(), look.clone());
        let task = runtime.spawn(async move {
            loop {
                let answer = account.notifications().await;
                let wait = match &answer {
                    Err(error) if error.passes() => LOOK_FOR_RELAY,
                    _ => ASK_EVERY,
                };
                let key = of.clone();
                sender.send(move |desk| desk.notifications_are(&key, answer));
                tokio::select! {
                    () = asked.notified() => {}
                    () = tokio::time::sleep(wait) => {}
                }
            }
        });
        self.relays().watches().insert(key, Watch { look, task });
    }

    /// Somebody has signed out.
    pub(super) fn forget_notifications(&self, key: &AccountKey) {
        self.relays().watches().remove(key);
        let key = key.clone();
        self.sender().send(move |desk| {
            desk.notifications.0.remove(&key);
            desk.keep_notifications();
        });
    }

    /// Ask the relay of somebody now.
    pub(super) fn look_at_notifications(&self, key: &AccountKey) {
        if let Some(watch) = self.relays().watches().get(key) {
            watch.look.notify_one();
        }
    }

    /// What all who are signed in are to know of, by relay.
    pub fn notifications(&self) -> Result<Vec<AccountNotifications>, WorkbenchError> {
        self.ask(|desk| desk.notifications.0.values().cloned().collect())
    }

    /// Ask all relays again.
    pub fn ask_for_notifications(&self) {
        for watch in self.relays().watches().values() {
            watch.look.notify_one();
        }
    }

    /// Somebody has seen one of his.
    pub fn see_notification(&self, relay: &str, user: &str, id: i64) -> Result<(), WorkbenchError> {
        self.seen(
            relay,
            user,
            move |one| one == id,
            async move |account: &Account| account.see_notification(id).await,
        )
    }

    /// Somebody has seen all of his up to this one.
    pub fn see_notifications(
        &self,
        relay: &str,
        user: &str,
        up_to: i64,
    ) -> Result<(), WorkbenchError> {
        self.seen(
            relay,
            user,
            move |one| one <= up_to,
            async move |account: &Account| account.see_notifications(up_to).await,
        )
    }

    fn seen(
        &self,
        relay: &str,
        user: &str,
        is_meant: impl Fn(i64) -> bool + Send + 'static,
        tell: impl AsyncFnOnce(&Account) -> Result<(), RelayError>,
    ) -> Result<(), WorkbenchError> {
        let account = self.account(relay, user)?;
        self.relays().wait(tell(&account))?;
        let key = key_of(&account);
        let of = key.clone();
        // Shown at once; the relay counts anew.
        self.ask(move |desk| {
            let Some(list) = desk.notifications.0.get_mut(&of) else { return };
            for one in &mut list.notifications {
                if !one.is_seen && is_meant(one.id) {
                    one.is_seen = true;
                    list.unseen = list.unseen.saturating_sub(1);
                }
            }
            desk.emit(&Event::NotificationsChanged);
        })?;
        self.look_at_notifications(&key);
        Ok(())
    }

    /// How often somebody is sent letters about what he has not seen.
    pub fn digest(&self, relay: &str, user: &str) -> Result<Digest, WorkbenchError> {
        let account = self.account(relay, user)?;
        self.relays().wait(account.digest())
    }

    /// Choose that.
    pub fn set_digest(
        &self,
        relay: &str,
        user: &str,
        digest: Digest,
    ) -> Result<(), WorkbenchError> {
        let account = self.account(relay, user)?;
        self.relays().wait(account.set_digest(digest))
    }

    /// Come into a project to which one was invited, and bring it here.
    pub fn accept_invitation(
        &self,
        relay: &str,
        user: &str,
        invitation: &str,
    ) -> Result<ProjectId, WorkbenchError> {
        let account = self.account(relay, user)?;
        let project = self.relays().wait(account.accept_invitation(invitation))?;
        self.look_at_notifications(&key_of(&account));
        self.open_from_relay(relay, user, project.id)
    }
}

impl Desk {
    fn notifications_are(
        &mut self,
        key: &AccountKey,
        answer: Result<Option<NotificationList>, RelayError>,
    ) {
        if self.workbench.relays().account(key).is_none() {
            return;
        }
        let known = self.notifications.0.get(key);
        let next = match answer {
            // The relay tells nobody of anything.
            Ok(None) => None,
            Ok(Some(list)) => Some(AccountNotifications {
                relay: key.relay.to_string(),
                relay_name: key.relay.name().to_owned(),
                user: key.user.clone(),
                notifications: list.notifications.into_iter().map(told).collect(),
                unseen: list.unseen,
                told_at: clock::now(),
                is_away: None,
            }),
            // What was told last is shown; nothing, if nothing was.
            Err(error) => known.map(|known| AccountNotifications {
                is_away: Some(error.to_string()),
                ..known.clone()
            }),
        };
        let shown = |list: Option<&AccountNotifications>| {
            list.map(|list| AccountNotifications { told_at: UnixMs(0), ..list.clone() })
        };
        let is_news = shown(known) != shown(next.as_ref());
        match next {
            Some(list) => drop(self.notifications.0.insert(key.clone(), list)),
            None => drop(self.notifications.0.remove(key)),
        }
        if is_news {
            self.keep_notifications();
        }
    }

    /// They have changed: kept for the next start, and told.
    fn keep_notifications(&mut self) {
        let lists: Vec<&AccountNotifications> = self.notifications.0.values().collect();
        let value = serde_json::to_value(lists).unwrap_or_default();
        // Without it the relay is asked for it, which it is anyway.
        self.store.submit_then(move |tx| tx.set_setting(NAME, &value), drop);
        self.emit(&Event::NotificationsChanged);
    }
}
