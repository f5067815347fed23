//! A line's right to be there: what the directory says of it, and until when the proof lasts with which it was opened.

use super::{
    entry::Opener,
    open::{Entry, Verdict},
};
use crate::{
    directory::{
        Timestamp, UserId,
        standing::{Credential, Standing},
    },
    http::{Api, extract::authenticate},
};
use std::time::Duration;

pub(super) struct Pass {
    entry: Entry,
    user: UserId,
    until: Option<Timestamp>,
}

impl Pass {
    /// Of who opens a line, until his proof ends.
    pub(super) fn new(entry: Entry, who: &Opener, standing: &Standing) -> Self {
        Self { entry, user: who.user, until: sooner(who.expires, standing.until) }
    }

    /// Whose it is.
    pub(super) fn user(&self) -> UserId {
        self.user
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

    /// Another token, and by what its bearer is known now. `None` when it is not of the same person, or not good, so that
    /// the line ends.
    pub(super) async fn renew(&mut self, api: &Api, token: &str) -> Option<Credential> {
        let known = authenticate(api, token, Timestamp::now()).await.ok()?;
        if known.user.id != self.user {
            return None;
        }
        let standing = self.entry.renewed(known.by).await.ok()?;
        self.until = sooner(known.expires, standing.until);
        Some(known.by)
    }
}

fn sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    [one, other].into_iter().flatten().min()
}
