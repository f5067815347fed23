//! How it stands with a shared project, in terms that windows can put into plain words: saved on the relay, offline since
//! when, signed out, read only and why.

use super::{FileTransfers, ProjectMember, ShareRole, lines::DocumentLine};
use crate::{Event, clock, desk::Desk, project::OpenProject};
use quire_project::{ProjectId, UnixMs};
use quire_relay_client::Item;
use serde::Serialize;
use std::time::Duration;
use ts_rs::TS;

/// Saving at the relay that takes longer is told.
const NEWS: Duration = Duration::from_millis(500);
/// A line that is there again sooner was not away.
const AWAY: Duration = Duration::from_millis(1500);

/// How a project is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Sharing {
    /// The address of the relay.
    pub relay: String,
    /// What people call it.
    pub relay_name: String,
    /// The id of the one who is signed in.
    pub user: String,
    /// What one may do.
    pub role: ShareRole,
    /// Why the texts can only be read, a sentence without capital and stop.
    pub read_only: Option<String>,
    /// One may comment and suggest.
    pub may_discuss: bool,
    /// Who belongs to the project, as far as it is known.
    pub members: Vec<ProjectMember>,
    /// How it stands with the relay.
    pub connection: Connection,
    /// How it stands with files that are no texts.
    pub files: FileTransfers,
}

/// How it stands with the relay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Connection {
    /// It was not reached yet since the project was opened.
    Connecting,
    /// It is there.
    Online {
        /// All that was written here is durable there.
        saved: bool,
    },
    /// It is not reached; what is written is kept here and goes there later.
    Offline {
        /// Since when.
        since: UnixMs,
        /// What is in the way.
        why: String,
    },
    /// One has to sign in again.
    SignedOut,
    /// The project is gone there, or one does not belong to it any more.
    NoAccess,
}

/// What is known of how it stands.
#[derive(Debug, Default)]
pub(super) struct Standing {
    /// The lists are being compared now …
    pub(super) is_checking: bool,
    /// … and are to be once more.
    pub(super) check_again: bool,
    /// Something has changed that was not compared yet.
    pub(super) is_behind: bool,
    /// The relay was asked for the members since the project was opened.
    pub(super) has_asked_members: bool,
    /// It is about to be compared, in a moment that no other plan takes the place of.
    pub(super) is_due: bool,
    /// A comparison is planned, with this number; others that were planned are of no use.
    pub(super) planned_check: u64,
    /// The relay has answered since the project was opened.
    was_reached: bool,
    away: Option<(UnixMs, String)>,
    is_signed_out: bool,
    has_no_access: bool,
    told: Option<Sharing>,
    is_telling_planned: bool,
}

impl Standing {
    /// The relay has answered.
    pub(super) fn reached(&mut self, are_lines_there: bool) {
        self.was_reached = true;
        (self.is_signed_out, self.has_no_access) = (false, false);
        if are_lines_there {
            self.away = None;
        }
    }

    /// It is not reached.
    pub(super) fn not_reached(&mut self, why: String) {
        self.away.get_or_insert((clock::now(), why));
    }

    pub(super) fn signed_out(&mut self) {
        self.is_signed_out = true;
    }

    pub(super) fn no_access(&mut self) {
        self.has_no_access = true;
    }

    pub(super) fn may_go_on(&self) -> bool {
        !self.is_signed_out
    }

    fn connection(&self, has_account: bool, is_saved: bool, now: UnixMs) -> Connection {
        if !has_account || self.is_signed_out {
            return Connection::SignedOut;
        }
        if self.has_no_access {
            return Connection::NoAccess;
        }
        match &self.away {
            Some((since, why)) if now.0 - since.0 >= AWAY.as_millis() as i64 => {
                Connection::Offline { since: *since, why: why.clone() }
            }
            _ if !self.was_reached => Connection::Connecting,
            away => Connection::Online { saved: is_saved && away.is_none() },
        }
    }
}

impl OpenProject {
    /// How it is shared, if it is.
    pub(crate) fn sharing(&self) -> Option<Sharing> {
        let shared = self.shared.as_ref()?;
        // What may not be written does not go there, and is not waited for.
        let may_write = shared.stored.read_only.is_none();
        let mut texts = self.documents.values().filter_map(|document| document.line.as_ref());
        let are_texts_saved = texts.all(DocumentLine::is_saved) && self.has_all_lines();
        let is_waiting = shared.standing.is_behind || shared.transfers.has_outgoing();
        let talk = self.discussion.as_ref().and_then(|document| document.line.as_ref());
        let is_talk_saved = talk.is_none_or(DocumentLine::is_saved);
        let is_saved = (!may_write || (are_texts_saved && !is_waiting))
            && (!shared.stored.may_discuss || is_talk_saved);
        let has_account = shared.account.is_some();
        Some(Sharing {
            relay: shared.stored.relay.to_string(),
            relay_name: shared.stored.relay.name().to_owned(),
            user: shared.stored.user.clone(),
            role: shared.stored.role,
            read_only: shared.stored.read_only.clone(),
            may_discuss: shared.stored.may_discuss,
            members: shared.stored.members.clone(),
            connection: shared.standing.connection(has_account, is_saved, clock::now()),
            files: shared.transfers.told(),
        })
    }

    /// Every text that both lists have has a line.
    pub(super) fn has_all_lines(&self) -> bool {
        let Some(shared) = &self.shared else { return true };
        let with_line = self.documents.values().filter(|document| document.line.is_some());
        let with_line: std::collections::HashSet<_> =
            with_line.map(|document| document.id).collect();
        shared.stored.agreed.keys().all(|item| match item {
            Item::Text(document) => with_line.contains(document),
            Item::File(_) => true,
        })
    }
}

impl Desk {
    /// Tell how a project is shared, if that is news. What is saved within a moment is no news.
    pub(crate) fn tell_sharing(&mut self, id: ProjectId) {
        let Some(project) = self.open.get_mut(&id) else { return };
        let Some(sharing) = project.sharing() else { return };
        let Some(shared) = &mut project.shared else { return };
        let standing = &mut shared.standing;
        let Some(told) = standing.told.as_ref().filter(|told| **told != sharing) else {
            if standing.told.is_none() {
                standing.told = Some(sharing.clone());
                self.emit(&Event::Sharing { project: id, sharing: Some(sharing) });
            }
            return self.look_again_if_away(id);
        };
        let was_saved = told.connection == Connection::Online { saved: true };
        let is_saving = sharing.connection == Connection::Online { saved: false };
        let is_small = was_saved
            && is_saving
            && Sharing { connection: told.connection.clone(), ..sharing.clone() } == *told;
        if is_small {
            return self.tell_sharing_after(id, NEWS);
        }
        standing.told = Some(sharing.clone());
        self.emit(&Event::Sharing { project: id, sharing: Some(sharing) });
        self.look_again_if_away(id);
    }

    /// A line was cut a moment ago: whether it stays away is seen later.
    fn look_again_if_away(&mut self, id: ProjectId) {
        let project = self.open.get(&id);
        let standing = project.and_then(|project| Some(&project.shared.as_ref()?.standing));
        let is_recent = standing
            .and_then(|standing| standing.away.as_ref())
            .is_some_and(|(since, _)| clock::now().0 - since.0 < AWAY.as_millis() as i64);
        if is_recent {
            self.tell_sharing_after(id, AWAY);
        }
    }

    fn tell_sharing_after(&mut self, id: ProjectId, wait: Duration) {
        let project = self.open.get_mut(&id).and_then(|project| project.shared.as_mut());
        let Some(shared) = project else { return };
        if std::mem::replace(&mut shared.standing.is_telling_planned, true) {
            return;
        }
        self.after(wait, move |desk| {
            let Some(project) = desk.open.get_mut(&id) else { return };
            let sharing = project.sharing();
            let Some(shared) = &mut project.shared else { return };
            shared.standing.is_telling_planned = false;
            if sharing != shared.standing.told {
                shared.standing.told = sharing.clone();
                desk.emit(&Event::Sharing { project: id, sharing });
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_since_when_the_relay_is_away() {
        let mut standing = Standing::default();
        assert_eq!(standing.connection(true, true, UnixMs(0)), Connection::Connecting);
        standing.reached(true);
        let online = Connection::Online { saved: true };
        assert_eq!(standing.connection(true, true, UnixMs(0)), online);
        standing.not_reached("no network".to_owned());
        standing.not_reached("something else".to_owned());
        let now = clock::now();
        assert_eq!(standing.connection(true, true, now), Connection::Online { saved: false });
        let offline = standing.connection(true, true, UnixMs(now.0 + 60_000));
        assert!(matches!(offline, Connection::Offline { why, .. } if why == "no network"));
        standing.reached(true);
        assert_eq!(standing.connection(true, true, UnixMs(now.0 + 60_000)), online);
        standing.no_access();
        assert_eq!(standing.connection(true, true, now), Connection::NoAccess);
        assert_eq!(standing.connection(false, true, now), Connection::SignedOut);
    }
}
