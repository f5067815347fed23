//! What the relay keeps of the past of a text, for those who may ask it: editors and the owner.

use super::{Connection, ShareRole};
use crate::{Workbench, WorkbenchError, history::OldText, writers::Writer};
use quire_project::{DocumentId, ProjectId, ProjectPath};
use quire_relay_client::{
    Account, AuthorInfo, Item, ProblemKind, RelayError, VersionInfo, WrittenInfo,
};
use quire_store::Seq;
use std::{
    sync::Arc,
    thread::sleep,
    time::{Duration, Instant},
};

/// What was written last is at the relay after this time, or cannot go there now.
const PATIENCE: Duration = Duration::from_secs(5);
/// While a name is given, others may go on writing: the version to be named becomes part of another.
const TRIES: usize = 3;

/// Where the past of a text is.
pub(crate) enum Past {
    /// The project is not shared.
    Here,
    /// It is, and the relay does not tell now: why, a sentence without capital and stop.
    Away(String),
    /// The relay tells.
    There(TextThere),
}

/// A text at the relay.
#[derive(Clone)]
pub(crate) struct TextThere {
    account: Arc<Account>,
    project: ProjectId,
    text: DocumentId,
    /// Up to this update it was written before it was shared; not known of what was shared by an earlier Quire.
    pub(crate) before: Option<Seq>,
    /// The relay has all that was written here.
    pub(crate) has_all: bool,
    /// Up to this update it is known to have all; nothing is known before it had all once.
    pub(crate) has_to: Option<Seq>,
}

impl Workbench {
    /// Where the past of a text is, for somebody of at least this role.
    pub(crate) fn past(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        least: ShareRole,
    ) -> Result<Past, WorkbenchError> {
        let path = path.clone();
        self.try_ask(move |desk| {
            let (_, document) = desk.document(id, &path)?;
            let (text, has_to) =
                (document.id, document.line.as_ref().and_then(|line| line.saved_to()));
            let has_all =
                document.is_settled() && document.line.as_ref().is_some_and(|line| line.is_saved());
            let project = desk.project(id)?;
            let Some(sharing) = project.sharing() else { return Ok(Past::Here) };
            let Some(shared) = &project.shared else { return Ok(Past::Here) };
            if let Some(why) = why_not(&sharing.connection, sharing.role, least) {
                return Ok(Past::Away(why));
            }
            let is_there = shared.stored.agreed.contains_key(&Item::Text(text));
            match &shared.account {
                Some(account) if is_there => Ok(Past::There(TextThere {
                    account: account.clone(),
                    project: id,
                    text,
                    before: shared.stored.before.get(&text).map(|last| Seq(*last)),
                    has_all,
                    has_to,
                })),
                _ => Ok(Past::Away("this text is not at the relay yet".to_owned())),
            }
        })
    }

    /// Wait until the relay has all that was written here.
    pub(crate) fn wait_for_relay(
        &self,
        id: ProjectId,
        path: &ProjectPath,
    ) -> Result<bool, WorkbenchError> {
        let start = Instant::now();
        loop {
            match self.past(id, path, ShareRole::Viewer)? {
                Past::There(there) if there.has_all => return Ok(true),
                Past::There(_) if start.elapsed() < PATIENCE => sleep(Duration::from_millis(20)),
                _ => return Ok(false),
            }
        }
    }

    /// Versions of a text at the relay before one, or the newest; the newest first.
    pub(crate) fn versions_there(
        &self,
        there: &TextThere,
        before: Option<u64>,
        count: usize,
    ) -> Result<Vec<VersionInfo>, WorkbenchError> {
        let TextThere { account, project, text, .. } = there;
        self.relays().wait(account.versions(*project, *text, before, count))
    }

    /// A text as the relay had it.
    pub(crate) fn text_there(
        &self,
        there: &TextThere,
        number: u64,
    ) -> Result<OldText, WorkbenchError> {
        let TextThere { account, project, text, .. } = there;
        let then = self.relays().wait(account.text_then(*project, *text, number))?;
        Ok(OldText { text: then.text, time: then.ended_at, missing: 0 })
    }

    /// Who wrote what of a text as the relay has it now.
    pub(crate) fn written_there(
        &self,
        there: &TextThere,
        from: u32,
        to: u32,
    ) -> Result<Vec<WrittenInfo>, WorkbenchError> {
        let TextThere { account, project, text, .. } = there;
        self.relays().wait(account.who_wrote(*project, *text, from, to))
    }

    /// Give a version at the relay a name that all see; the newest, if none is said.
    pub(crate) fn name_there(
        &self,
        there: &TextThere,
        number: Option<u64>,
        name: &str,
    ) -> Result<(), WorkbenchError> {
        let TextThere { account, project, text, .. } = there;
        let mut left = TRIES;
        loop {
            let wanted = match number {
                Some(number) => number,
                None => self.versions_there(there, None, 1)?.first().map_or(0, |one| one.number),
            };
            let named = self.relays().wait(account.name_version(*project, *text, wanted, name));
            left -= 1;
            match named {
                Err(WorkbenchError::Relay(RelayError::Refused {
                    kind: ProblemKind::NotFound,
                    ..
                })) if number.is_none() && left > 0 => {}
                named => return named,
            }
        }
    }

    /// Give all texts of a shared project a name at the relay; false when it cannot be asked now.
    pub(crate) fn name_project_there(
        &self,
        id: ProjectId,
        name: &str,
    ) -> Result<bool, WorkbenchError> {
        let account = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            let Some(sharing) = project.sharing() else { return Ok(None) };
            let may_ask = why_not(&sharing.connection, sharing.role, ShareRole::Editor).is_none();
            let account = project.shared.as_ref().and_then(|shared| shared.account.clone());
            Ok(account.filter(|_| may_ask))
        })?;
        let Some(account) = account else { return Ok(false) };
        self.relays().wait(account.name_project(id, name))?;
        Ok(true)
    }

    /// All that was written in a project is at its relay, as far as it is shared.
    pub(crate) fn wait_for_all_there(&self, id: ProjectId) -> Result<bool, WorkbenchError> {
        let start = Instant::now();
        loop {
            let connection = self.try_ask(move |desk| {
                Ok(desk.project(id)?.sharing().map(|sharing| sharing.connection))
            })?;
            match connection {
                Some(Connection::Online { saved: true }) => return Ok(true),
                Some(Connection::Online { .. }) if start.elapsed() < PATIENCE => {
                    sleep(Duration::from_millis(20));
                }
                _ => return Ok(false),
            }
        }
    }
}

/// Why the relay's history cannot be asked for now.
fn why_not(connection: &Connection, role: ShareRole, least: ShareRole) -> Option<String> {
    let why = match connection {
        Connection::Online { .. } if role >= least => return None,
        Connection::Online { .. } => "the relay tells what was removed only to those who may write",
        Connection::Connecting => "the relay was not reached yet",
        Connection::Offline { .. } => "the relay cannot be reached",
        Connection::SignedOut => "you are signed out of the relay",
        Connection::NoAccess => "the relay does not let you into this project any more",
    };
    Some(why.to_owned())
}

/// Whom the relay names; `me` is the own id there.
pub(crate) fn writer_there(author: AuthorInfo, me: &str) -> Writer {
    match author {
        AuthorInfo { user, .. } if user == me => Writer::Me,
        AuthorInfo { user, name: Some(name) } => Writer::Person { name, user: Some(user) },
        AuthorInfo { name: None, .. } => Writer::Gone,
    }
}

impl TextThere {
    /// The own id at the relay.
    pub(crate) fn me(&self) -> &str {
        &self.account.signed_in().user.id
    }
}
