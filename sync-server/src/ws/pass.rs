//! A line's right to be there: what the directory says of it, and until when the proof lasts with which it was opened.

use super::open::{Entry, Verdict};
use crate::{
    directory::{Timestamp, UserId, standing::Standing},
    http::{Api, extract::authenticate},
};
use std::time::Duration;

pub(super) struct Pass {
    entry: Entry,
    user: UserId,
    until: Option<Timestamp>,
}

impl Pass {
    /// Of this person, whose proof ends at `expires`, if it does.
    pub(super) fn new(
        entry: Entry,
        user: UserId,
        expires: Option<Timestamp>,
        standing: &Standing,
    ) -> Self {
        Self { entry, user, until: sooner(expires, standing.until) }
    }

    /// Whose it is.
    pub(super) fn user(&self) -> UserId {
        self.user
    }

    /// What the line may do now.
    pub(super) fn verdict(&mut self) -> Verdict {
        self.entry.verdict()
    }

    /// Until something else is said of it.
    pub(super) async fn changed(&mut self) -> Verdict {
        self.entry.changed().await
    }

    /// Until its time has come.
    pub(super) fn ends(&self) -> impl Future<Output = ()> + use<> {
        let left = self.until.map(|until| {
            let seconds = until.0.saturating_sub(Timestamp::now().0).max(0);
            Duration::from_secs(seconds.unsigned_abs())
        });
        async move {
            match left {
                Some(left) => tokio::time::sleep(left).await,
                None => std::future::pending().await,
            }
        }
    }

    /// Another token: false when it is not of the same person, or not good, so that the line ends.
    pub(super) async fn renew(&mut self, api: &Api, token: &str) -> bool {
        let Ok(known) = authenticate(api, token, Timestamp::now()).await else { return false };
        if known.user.id != self.user {
            return false;
        }
        let Ok(standing) = self.entry.renewed(known.by).await else { return false };
        self.until = sooner(known.expires, standing.until);
        true
    }
}

fn sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    [one, other].into_iter().flatten().min()
}
