//! The list of texts, here and there. It is compared when something may have changed, and now and then; what is to be
//! done is decided by `quire_relay_client::plan`, and done here, one step after the other, on a thread of its own.

use super::{
    share::{nothing, why_read_only},
    state::Standing,
};
use crate::{
    Event, Notice, NoticeLevel, Workbench, WorkbenchError, clock,
    desk::Desk,
    files::is_text_name,
    project::{Content, Entry},
};
use quire_project::{ContentHash, DocumentId, FileId, ProjectId, ProjectPath};
use quire_relay_client::{Account, Known, ProblemKind, RelayError, Step, plan};
use quire_store::{CaseClash, DiskState, FileKind, NewFile, Seq};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// A change elsewhere is seen in this time, and a relay that was away is found again.
const CHECK_EVERY: Duration = Duration::from_secs(8);
/// Changes here that come together are told together.
const SOON: Duration = Duration::from_millis(300);

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
        if std::mem::replace(&mut standing.is_checking, true) {
            standing.check_again = true;
            return;
        }
        let check = move || {
            let checked = workbench.compare_texts(id);
            workbench.sender().send(move |desk| desk.texts_checked(id, checked));
        };
        if std::thread::Builder::new().name("sharing".to_owned()).spawn(check).is_err() {
            self.with_standing(id, |standing| standing.is_checking = false);
            self.check_share_after(id, CHECK_EVERY);
        }
    }

    /// Files have changed here.
    pub(crate) fn check_share_soon(&mut self, id: ProjectId) {
        if self.open.get(&id).is_some_and(|project| project.shared.is_some()) {
            self.check_share_after(id, SOON);
        }
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

    fn texts_checked(&mut self, id: ProjectId, checked: Result<(), WorkbenchError>) {
        let are_lines_there = self.are_lines_there(id);
        let mut is_gone = false;
        let mut see = |standing: &mut Standing| match &checked {
            Ok(()) => standing.reached(are_lines_there),
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
        let mut again = false;
        let shared = self.open.get_mut(&id).and_then(|project| project.shared.as_mut());
        if let Some(shared) = shared {
            see(&mut shared.standing);
            shared.standing.is_checking = false;
            again = std::mem::take(&mut shared.standing.check_again);
            if let (Ok(()), Some(account)) = (&checked, &shared.account) {
                // Lines that wait to be tried again need not.
                account.reached();
            }
        }
        if is_gone && let Some(project) = self.open.get_mut(&id) {
            project.end_lines();
            self.tell_people(id);
        }
        self.tell_sharing(id);
        match again {
            true => self.check_share(id),
            false => self.check_share_after(id, CHECK_EVERY),
        }
    }
}

impl Workbench {
    /// Compare the lists beside everything else.
    pub(super) fn check_texts(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        self.ask(move |desk| desk.check_share(id))
    }

    fn compare_texts(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        let shared = self.try_ask(move |desk| {
            let shared = desk.project(id)?.shared.as_ref().ok_or(WorkbenchError::NotShared)?;
            Ok((shared.account.clone(), shared.stored.agreed.clone()))
        })?;
        let (Some(account), mut agreed) = shared else { return Ok(()) };
        if self.has_lost_folder(id)? {
            // What is not seen is not removed.
            return Ok(());
        }
        let info = self.relays().wait(account.project(id))?;
        if info.deleted_at.is_some() {
            let gone = "the project is in its owner's trash".to_owned();
            let kind = ProblemKind::NotFound;
            return Err(RelayError::Refused { kind, detail: gone, wait: None }.into());
        }
        let texts = self.relays().wait(account.documents(id))?;
        let read_only = why_read_only(&info);
        self.role_is(id, info.role, read_only.clone())?;
        let (here, others_here) = self.texts_here(id)?;
        let there = texts.into_iter().filter_map(|text| {
            // One that this system cannot name is left where it is.
            Some((text.id, ProjectPath::new(&text.path).ok()?))
        });
        let known = Known {
            here,
            others_here,
            there: there.collect(),
            agreed: agreed.clone(),
            may_write: read_only.is_none(),
        };
        let steps = plan(&known);
        let mut failed = None;
        for step in &steps {
            match self.take_step(id, &account, step) {
                Ok(()) => step.agree(&mut agreed),
                Err(WorkbenchError::Relay(error)) if error.passes() => {
                    failed = Some(error);
                    break;
                }
                // The next comparison sees how it is then.
                Err(_) => {}
            }
        }
        if agreed != known.agreed {
            self.agree(id, agreed)?;
        }
        self.open_lines(id)?;
        failed.map_or(Ok(()), |error| Err(error.into()))
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
    ) -> Result<(), WorkbenchError> {
        let changed = self.ask(move |desk| {
            let shared = desk.open.get_mut(&id)?.shared.as_mut()?;
            let stored = &mut shared.stored;
            if (stored.role, &stored.read_only) == (role, &read_only) {
                return None;
            }
            (stored.role, stored.read_only) = (role, read_only);
            let stored = stored.clone();
            desk.tell_sharing(id);
            Some(stored)
        })?;
        changed.map_or(Ok(()), |stored| self.keep_share(id, stored))
    }

    fn agree(
        &self,
        id: ProjectId,
        agreed: quire_relay_client::Agreed,
    ) -> Result<(), WorkbenchError> {
        let changed = self.ask(move |desk| {
            let shared = desk.open.get_mut(&id)?.shared.as_mut()?;
            shared.stored.agreed = agreed;
            Some(shared.stored.clone())
        })?;
        changed.map_or(Ok(()), |stored| self.keep_share(id, stored))
    }

    /// The texts of the project, and the paths of its other files. Texts of a folder become documents for that.
    fn texts_here(
        &self,
        id: ProjectId,
    ) -> Result<(BTreeMap<DocumentId, ProjectPath>, BTreeSet<ProjectPath>), WorkbenchError> {
        let unopened = self.try_ask(move |desk| {
            let is_unopened = |(path, entry): &(&ProjectPath, &Entry)| {
                entry.content == Content::OnDisk { document: None } && is_text_name(path)
            };
            let files = desk.project(id)?.files.iter().filter(is_unopened);
            Ok(files.map(|(path, _)| path.clone()).collect::<Vec<_>>())
        })?;
        for path in unopened {
            // What is no text after all stays where it is.
            let _ = self.try_ask(move |desk| Ok(desk.document(id, &path)?.0));
        }
        self.try_ask(move |desk| {
            let (mut texts, mut others) = (BTreeMap::new(), BTreeSet::new());
            for (path, entry) in &desk.project(id)?.files {
                match entry.content {
                    Content::Text(document) | Content::OnDisk { document: Some(document) } => {
                        texts.insert(document, path.clone());
                    }
                    Content::Blob { .. } | Content::OnDisk { document: None } => {
                        others.insert(path.clone());
                    }
                }
            }
            Ok((texts, others))
        })
    }

    /// Lines for all texts that both lists have, one job of the desk for each.
    fn open_lines(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        let paths = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            let Some(shared) = &project.shared else { return Ok(Vec::new()) };
            let is_agreed = |entry: &Entry| match entry.content {
                Content::Text(document) | Content::OnDisk { document: Some(document) } => {
                    shared.stored.agreed.contains_key(&document)
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
        self.try_ask(move |desk| {
            desk.open_channel(id)?;
            desk.open_talk_line(id)
        })
    }

    fn take_step(
        &self,
        id: ProjectId,
        account: &Account,
        step: &Step,
    ) -> Result<(), WorkbenchError> {
        match step.clone() {
            Step::RemoveHere(_, path) => {
                self.trash_here(id, path.clone())?;
                self.tell_author(
                    id,
                    format!("{path} was removed by a co-author. It is in the project's trash."),
                )
            }
            Step::StepAside(_, from, to) => {
                self.move_here(id, from.clone(), to.clone())?;
                self.tell_author(
                    id,
                    format!("A co-author has another file {from}. Yours is {to} now."),
                )
            }
            Step::MoveHere(_, from, to) => self.move_here(id, from, to).map(drop),
            Step::AddHere(document, path, _) => self.add_joined(id, document, path),
            Step::PutThere(document, path) => {
                self.relays().wait(account.put_document(id, document, &path)).map(drop)
            }
            Step::DeleteThere(document) => {
                match self.relays().wait(account.delete_document(id, document)) {
                    Err(WorkbenchError::Relay(error))
                        if error.kind() == Some(ProblemKind::NotFound) =>
                    {
                        Ok(())
                    }
                    deleted => deleted,
                }
            }
            Step::Same(..) | Step::Gone(_) => Ok(()),
        }
    }

    fn tell_author(&self, id: ProjectId, text: String) -> Result<(), WorkbenchError> {
        let notice = Notice { level: NoticeLevel::Info, text };
        self.ask(move |desk| desk.emit(&Event::Notice { project: Some(id), notice }))
    }

    /// A text that was made elsewhere: from the trash if it was here, else empty until its line brings it.
    fn add_joined(
        &self,
        id: ProjectId,
        document: DocumentId,
        path: ProjectPath,
    ) -> Result<(), WorkbenchError> {
        let trashed = self.store()?.read(|tx| tx.trash(id))?;
        let is_it = |file: &&quire_store::File| file.kind == FileKind::Text(document);
        let is_linked = self.is_linked(id)?;
        let (at, author) = (path.clone(), self.config().author.clone());
        let mut on_disk = Vec::new();
        let file = match trashed.iter().find(is_it) {
            Some(trashed) => {
                let file = trashed.id;
                let loaded = self.store()?.read(|tx| tx.load(document))?;
                on_disk = crate::documents::text_of(&loaded)?.text().into_bytes();
                self.store()?.write(move |tx| {
                    tx.restore_file(file, Some(&at), clock::now(), CaseClash::Refuse)
                })?;
                file
            }
            None => {
                let file = FileId(clock::fresh_id());
                let new = NewFile { id: file, project: id, path: at, clash: CaseClash::Refuse };
                let nothing = nothing();
                self.store()?.write(move |tx| {
                    tx.create_text_file(&new, document, &nothing, &author, clock::now())?;
                    match is_linked {
                        true => {
                            let hash = ContentHash::of(&[]);
                            let state = DiskState { seq: Seq(1), hash, merged: None };
                            tx.agree_on_disk_state(file, &state)
                        }
                        false => Ok(()),
                    }
                })?;
                file
            }
        };
        let content = match is_linked {
            true => Content::OnDisk { document: Some(document) },
            false => Content::Text(document),
        };
        let to = path.clone();
        self.ask(move |desk| desk.add_entry(id, to, file, content))?;
        match is_linked {
            true => self.put_into_folder(id, path, &on_disk),
            false => Ok(()),
        }
    }
}
