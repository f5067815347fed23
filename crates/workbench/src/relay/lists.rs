//! The lists of texts and files, here and there. They are compared when something may have changed, and now and then;
//! what is to be done is decided by `quire_relay_client::plan`, and done, one step after the other, on a thread of its
//! own ([`super::steps`]).

use super::{
    here::Here,
    share::{may_discuss, why_read_only},
    state::Standing,
    steps::{Done, Steps},
};
use crate::{
    Workbench, WorkbenchError,
    desk::Desk,
    project::{Content, Entry},
};
use quire_project::{ContentHash, ProjectId, ProjectPath};
use quire_relay_client::{Account, Agreed, At, Item, Known, List, ProblemKind, RelayError, plan};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// While the relay tells of changes over the project's channel, nothing is missed; this is for what nobody thought of.
const CHECK_EVERY: Duration = Duration::from_secs(60);
/// A relay that is away is found again in this time, and what could not be done is tried again.
const LOOK_FOR_RELAY: Duration = Duration::from_secs(8);
/// Changes here that come together are told together.
const SOON: Duration = Duration::from_millis(300);

/// What came of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Compared {
    /// All that could be done is done.
    Whole,
    /// Something could not be done as things are now.
    InPart,
}

/// What the relay has.
struct There {
    list: List,
    sizes: BTreeMap<ContentHash, u64>,
}

impl Desk {
    /// Compare the lists now, beside everything else.
    pub(crate) fn check_share(&mut self, id: ProjectId) {
        let workbench = self.workbench.clone();
        let shared = self.open.get_mut(&id).and_then(|project| project.shared.as_mut());
        let Some(shared) = shared else { return };
        let standing = &mut shared.standing;
        if shared.account.is_none() || !standing.may_go_on() {
            return;
        }
        standing.is_due = false;
        if std::mem::replace(&mut standing.is_checking, true) {
            standing.check_again = true;
            return;
        }
        let check = move || {
            let checked = workbench.compare_lists(id);
            workbench.sender().send(move |desk| desk.lists_checked(id, checked));
        };
        if std::thread::Builder::new().name("sharing".to_owned()).spawn(check).is_err() {
            self.with_standing(id, |standing| standing.is_checking = false);
            self.check_share_after(id, LOOK_FOR_RELAY);
        }
    }

    /// Something has changed here.
    pub(crate) fn check_share_soon(&mut self, id: ProjectId) {
        if self.open.get(&id).is_some_and(|project| project.shared.is_some()) {
            self.with_standing(id, |standing| {
                (standing.is_behind, standing.is_due) = (true, true);
            });
            self.check_share_after(id, SOON);
        }
    }

    /// The channel of the project is cut: the relay is looked for.
    pub(super) fn look_for_relay(&mut self, id: ProjectId) {
        self.check_share_after(id, LOOK_FOR_RELAY);
    }

    fn check_share_after(&mut self, id: ProjectId, wait: Duration) {
        let number = self.number();
        self.with_standing(id, |standing| standing.planned_check = number);
        self.after(wait, move |desk| {
            let shared = desk.open.get(&id).and_then(|project| project.shared.as_ref());
            if shared.is_some_and(|shared| shared.standing.planned_check == number) {
                desk.check_share(id);
            }
        });
    }

    fn lists_checked(&mut self, id: ProjectId, checked: Result<Compared, WorkbenchError>) {
        let are_lines_there = self.are_lines_there(id);
        let mut is_gone = false;
        let mut see = |standing: &mut Standing| match &checked {
            Ok(_) => standing.reached(are_lines_there),
            Err(WorkbenchError::Relay(RelayError::SignedOut(_))) => standing.signed_out(),
            Err(WorkbenchError::Relay(RelayError::Refused {
                kind: ProblemKind::NotFound | ProblemKind::Forbidden,
                ..
            })) => {
                is_gone = true;
                standing.no_access();
            }
            Err(WorkbenchError::Relay(RelayError::Unreachable { why, .. })) => {
                standing.not_reached(why.clone());
            }
            Err(error) => standing.not_reached(error.to_string()),
        };
        let (mut again, mut is_due, mut next) = (false, false, LOOK_FOR_RELAY);
        let shared = self.open.get_mut(&id).and_then(|project| project.shared.as_mut());
        if let Some(shared) = shared {
            see(&mut shared.standing);
            let standing = &mut shared.standing;
            standing.is_checking = false;
            again = std::mem::take(&mut standing.check_again);
            is_due = standing.is_due;
            if checked.is_ok() {
                standing.is_behind = again || is_due;
            }
            if (shared.is_told && checked.as_ref().ok() == Some(&Compared::Whole)) || is_gone {
                next = CHECK_EVERY;
            }
            if let (Ok(_), Some(account)) = (&checked, &shared.account) {
                // Lines that wait to be tried again need not.
                account.reached();
            }
        }
        if is_gone && let Some(project) = self.open.get_mut(&id) {
            project.end_lines();
            self.tell_people(id);
        }
        self.tell_sharing(id);
        if again {
            self.check_share(id);
        } else if !is_due {
            self.check_share_after(id, next);
        }
    }
}

impl Workbench {
    /// Compare the lists beside everything else.
    pub(super) fn check_lists(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        self.ask(move |desk| {
            desk.with_standing(id, |standing| standing.is_behind = true);
            desk.check_share(id);
        })
    }

    fn compare_lists(&self, id: ProjectId) -> Result<Compared, WorkbenchError> {
        let shared = self.try_ask(move |desk| {
            let shared = desk.project(id)?.shared.as_ref().ok_or(WorkbenchError::NotShared)?;
            let stored = &shared.stored;
            Ok((shared.account.clone(), stored.agreed.clone(), stored.folder_files.clone()))
        })?;
        let (Some(account), agreed, folder) = shared else { return Ok(Compared::Whole) };
        if self.has_lost_folder(id)? {
            // What is not seen is not removed.
            return Ok(Compared::Whole);
        }
        let info = self.relays().wait(account.project(id))?;
        if info.deleted_at.is_some() {
            let gone = "the project is in its owner's trash".to_owned();
            let kind = ProblemKind::NotFound;
            return Err(RelayError::Refused { kind, detail: gone, wait: None }.into());
        }
        let there = self.what_is_there(id, &account)?;
        let read_only = why_read_only(&info);
        self.role_is(id, info.role, read_only.clone(), may_discuss(&info))?;
        self.look_at_members(id, &account, info.members)?;
        let Here { list: here, others, mut sizes, folder: files } =
            self.what_is_here(id, &folder)?;
        if files != folder {
            self.change_share(id, move |stored| stored.folder_files = files)?;
        }
        sizes.extend(there.sizes);
        let known = Known {
            here,
            others_here: others,
            there: there.list,
            agreed,
            may_write: read_only.is_none(),
        };
        let may_write = known.may_write;
        let compared = self.carry_out(id, account.clone(), known, sizes)?;
        self.share_choice(id, &account, &info.build, may_write)?;
        Ok(compared)
    }

    fn carry_out(
        &self,
        id: ProjectId,
        account: Arc<Account>,
        known: Known,
        sizes: BTreeMap<ContentHash, u64>,
    ) -> Result<Compared, WorkbenchError> {
        let mut agreed = known.agreed.clone();
        let (mut failed, mut compared) = (None, Compared::Whole);
        let mut steps = Steps::new(self, id, account, &known.there, sizes);
        for step in plan(&known) {
            match steps.take(&step) {
                Ok(Done::Yes) => step.agree(&mut agreed),
                Ok(Done::Later) => {}
                Err(WorkbenchError::Relay(error)) if error.passes() => {
                    failed = Some(error);
                    break;
                }
                Err(error) => {
                    compared = Compared::InPart;
                    steps.keep_back(&step, &error);
                }
            }
        }
        if agreed != known.agreed {
            self.agree(id, agreed)?;
        }
        let (wishes, kept_back) = steps.left();
        self.ask(move |desk| desk.want_bytes(id, wishes, kept_back))?;
        self.open_lines(id)?;
        failed.map_or(Ok(compared), |error| Err(error.into()))
    }

    fn what_is_there(&self, id: ProjectId, account: &Account) -> Result<There, WorkbenchError> {
        let texts = self.relays().wait(account.documents(id))?;
        let files = self.relays().wait(account.files(id))?;
        // What this system cannot name is left where it is.
        let texts = texts.into_iter().filter_map(|text| {
            let at = At { path: ProjectPath::new(&text.path).ok()?, holds: None };
            Some((Item::Text(text.id), at))
        });
        let sizes = files.iter().map(|file| (file.hash, file.size)).collect();
        let files = files.into_iter().filter_map(|file| {
            let at = At { path: ProjectPath::new(&file.path).ok()?, holds: Some(file.hash) };
            Some((Item::File(file.id), at))
        });
        Ok(There { list: texts.chain(files).collect(), sizes })
    }

    /// The project's folder is not there.
    fn has_lost_folder(&self, id: ProjectId) -> Result<bool, WorkbenchError> {
        self.try_ask(move |desk| {
            Ok(desk.project(id)?.folder.as_ref().is_some_and(|folder| folder.is_gone()))
        })
    }

    /// What one may do, as the relay says.
    fn role_is(
        &self,
        id: ProjectId,
        role: super::ShareRole,
        read_only: Option<String>,
        may_discuss: bool,
    ) -> Result<(), WorkbenchError> {
        let changed = self.ask(move |desk| {
            let shared = desk.open.get_mut(&id)?.shared.as_mut()?;
            let stored = &mut shared.stored;
            let known = (stored.role, &stored.read_only, stored.may_discuss);
            if known == (role, &read_only, may_discuss) {
                return None;
            }
            (stored.role, stored.read_only) = (role, read_only);
            stored.may_discuss = may_discuss;
            let stored = stored.clone();
            desk.tell_sharing(id);
            Some(stored)
        })?;
        changed.map_or(Ok(()), |stored| self.keep_share(id, stored))
    }

    fn agree(&self, id: ProjectId, agreed: Agreed) -> Result<(), WorkbenchError> {
        self.change_share(id, move |stored| stored.agreed = agreed)
    }

    /// Lines for all texts that both lists have, one job of the desk for each.
    fn open_lines(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        let paths = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            let Some(shared) = &project.shared else { return Ok(Vec::new()) };
            let is_agreed = |entry: &Entry| match entry.content {
                Content::Text(document) | Content::OnDisk { document: Some(document) } => {
                    shared.stored.agreed.contains_key(&Item::Text(document))
                }
                Content::Blob { .. } | Content::OnDisk { document: None } => false,
            };
            let files = project.files.iter().filter(|(_, entry)| is_agreed(entry));
            Ok(files.map(|(path, _)| path.clone()).collect::<Vec<_>>())
        })?;
        for path in paths {
            // One that cannot be opened says so when the author opens it.
            let _ = self.try_ask(move |desk| desk.open_line(id, &path));
        }
        self.try_ask(move |desk| desk.open_talk_line(id))
    }
}
