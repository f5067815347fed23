//! Sharing a project and joining one. A shared project has the same id here and there, and so have its texts: nothing
//! is seeded twice, so nothing comes twice.

use super::{
    AccountKey, ProjectMember, ShareRole, accounts::key_of, here::FolderFiles, state::Standing,
    transfers::Transfers,
};
use crate::{Event, Shelf, Workbench, WorkbenchError, clock, desk::Desk, gallery::ENGINE};
use quire_collab::TextDocument;
use quire_project::{DocumentId, FileId, ProjectId, ProjectPath};
use quire_relay_client::{
    Account, Agreed, At, BuildChoice, Coming, DocumentInfo, Http, Item, JoinLink, ProjectInfo,
    ProjectLine, RelayAddress, RelayError,
};
use quire_store::{CaseClash, NewFile, NewProject, WriteTx};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};
use ts_rs::TS;

/// Texts and files of a project that is joined should come before it is shown; but it can be shown without.
const AT_FIRST: Duration = Duration::from_secs(10);

/// What a link promises.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LinkOffer {
    /// The address of the relay.
    pub relay: String,
    /// What people call it.
    pub relay_name: String,
    /// The project's name; an invitation does not tell.
    pub project: Option<String>,
    /// What one will be able to do; an invitation does not tell.
    pub role: Option<ShareRole>,
    /// One needs no account.
    pub admits_guests: bool,
}

/// What is stored of a shared project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Stored {
    pub(super) relay: RelayAddress,
    pub(super) user: String,
    pub(super) role: ShareRole,
    pub(super) read_only: Option<String>,
    /// One may comment and suggest.
    #[serde(default)]
    pub(super) may_discuss: bool,
    /// Who belongs to the project, as the relay said last.
    #[serde(default)]
    pub(super) members: Vec<ProjectMember>,
    /// The relay's document for what is said about the project.
    pub(super) discussion: DocumentId,
    pub(super) agreed: Agreed,
    /// Texts that were made here, with the last update of each before it came to the relay.
    #[serde(default)]
    pub(super) before: BTreeMap<DocumentId, u64>,
    /// Files of a folder that is shared.
    #[serde(default)]
    pub(super) folder_files: FolderFiles,
    /// What it is built from, and with, as was agreed.
    #[serde(default)]
    pub(super) choice: BuildChoice,
}

/// A project that is open and shared.
pub(crate) struct SharedProject {
    pub(super) stored: Stored,
    /// `None` when one is signed out.
    pub(super) account: Option<Arc<Account>>,
    pub(super) standing: Standing,
    /// Tells of what others change in the project, and carries the lines of its documents. With a number of its own, so that
    /// what the one before still says is not taken for its word.
    pub(super) channel: Option<(u64, ProjectLine)>,
    /// It is there.
    pub(super) is_told: bool,
    /// Files on their way.
    pub(super) transfers: Transfers,
}

impl SharedProject {
    pub(super) fn key(&self) -> AccountKey {
        AccountKey { relay: self.stored.relay.clone(), user: self.stored.user.clone() }
    }
}

/// The name under which it is stored how a project is shared.
fn setting(id: ProjectId) -> String {
    format!("shared {id}")
}

fn keep(tx: &WriteTx<'_>, id: ProjectId, stored: &Stored) -> Result<(), quire_store::StoreError> {
    tx.set_setting(&setting(id), &serde_json::to_value(stored).unwrap_or_default())
}

impl Workbench {
    /// How a project is shared, as it was stored.
    pub(super) fn stored_share(&self, id: ProjectId) -> Result<Option<Stored>, WorkbenchError> {
        let value = self.store()?.read(|tx| tx.setting(&setting(id)))?;
        Ok(value.and_then(|value| serde_json::from_value(value).ok()))
    }

    pub(super) fn keep_share(&self, id: ProjectId, stored: Stored) -> Result<(), WorkbenchError> {
        Ok(self.store()?.write(move |tx| keep(tx, id, &stored))?)
    }

    /// Change what is stored of a project that is open and shared.
    pub(super) fn change_share(
        &self,
        id: ProjectId,
        change: impl FnOnce(&mut Stored) + Send + 'static,
    ) -> Result<(), WorkbenchError> {
        let changed = self.ask(move |desk| {
            let shared = desk.open.get_mut(&id)?.shared.as_mut()?;
            change(&mut shared.stored);
            Some(shared.stored.clone())
        })?;
        changed.map_or(Ok(()), |stored| self.keep_share(id, stored))
    }

    /// A project that is being opened, if it is shared.
    pub(crate) fn shared_project(
        &self,
        id: ProjectId,
    ) -> Result<Option<SharedProject>, WorkbenchError> {
        Ok(self.stored_share(id)?.map(|stored| self.with_account(stored)))
    }

    fn with_account(&self, stored: Stored) -> SharedProject {
        let key = AccountKey { relay: stored.relay.clone(), user: stored.user.clone() };
        let account = self.relays().account(&key);
        SharedProject {
            stored,
            account,
            standing: Standing::default(),
            channel: None,
            is_told: false,
            transfers: Transfers::default(),
        }
    }

    /// Share a project: it and its texts are made at the relay under their own ids, and kept the same from now on.
    pub fn share_project(
        &self,
        id: ProjectId,
        relay: &str,
        user: &str,
    ) -> Result<(), WorkbenchError> {
        let account = self.account(relay, user)?;
        let name = self.store()?.read(|tx| tx.project(id))?.name;
        let made = self.relays().wait(account.create_project(id, &name))?;
        let stored = stored_as(&account, &made, Agreed::new());
        self.begin_sharing(id, stored)?;
        // What did not go through now is tried again by itself.
        self.check_lists(id)
    }

    /// Keep the project to oneself again. What is at the relay stays there.
    pub fn stop_sharing(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        self.store()?.write(move |tx| tx.set_setting(&setting(id), &serde_json::Value::Null))?;
        self.ask(move |desk| {
            if let Some(project) = desk.open.get_mut(&id) {
                project.end_lines();
                project.shared = None;
                desk.emit(&Event::Sharing { project: id, sharing: None });
                desk.emit(&Event::Present { project: id, people: Vec::new() });
            }
        })
    }

    /// Ask a relay that was away again now.
    pub fn try_relay_again(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        self.check_lists(id)
    }

    fn begin_sharing(&self, id: ProjectId, stored: Stored) -> Result<(), WorkbenchError> {
        self.keep_share(id, stored.clone())?;
        let shared = self.with_account(stored);
        self.ask(move |desk| {
            if let Some(project) = desk.open.get_mut(&id) {
                project.shared = Some(shared);
            }
            desk.tell_sharing(id);
        })
    }

    /// What a link or an invitation promises, before one uses it.
    pub fn look_at_link(&self, link: &str) -> Result<LinkOffer, WorkbenchError> {
        let link = JoinLink::parse(link).map_err(RelayError::from)?;
        let offer = match link.coming {
            Coming::Link => Some(self.relays().wait(Http::look_at_link(&link))?),
            Coming::Invitation => None,
        };
        Ok(LinkOffer {
            relay: link.relay.to_string(),
            relay_name: link.relay.name().to_owned(),
            admits_guests: offer.as_ref().is_some_and(|offer| offer.admits_guests),
            role: offer.as_ref().map(|offer| offer.role),
            project: offer.map(|offer| offer.project_name),
        })
    }

    /// Come into a project by a link or an invitation, as somebody who is signed in at its relay.
    pub fn join_by_link(&self, link: &str, user: &str) -> Result<ProjectId, WorkbenchError> {
        let link = JoinLink::parse(link).map_err(RelayError::from)?;
        let account = self.account(&link.relay.to_string(), user)?;
        let project = self.relays().wait(account.join(&link))?;
        self.bring_here(&account, &project)
    }

    /// Come into a project by a link, without an account.
    pub fn join_as_guest(&self, link: &str, name: &str) -> Result<ProjectId, WorkbenchError> {
        let link = JoinLink::parse(link).map_err(RelayError::from)?;
        let vault = self.relays().vault();
        let (account, project) =
            self.relays().wait(Account::join_as_guest(&link, vault, name.trim()))?;
        self.add_account(account.clone())?;
        self.bring_here(&account, &project)
    }

    /// Bring a project of the relay here, or find it when it is here.
    pub fn open_from_relay(
        &self,
        relay: &str,
        user: &str,
        project: ProjectId,
    ) -> Result<ProjectId, WorkbenchError> {
        let account = self.account(relay, user)?;
        let project = self.relays().wait(account.project(project))?;
        self.bring_here(&account, &project)
    }

    fn bring_here(
        &self,
        account: &Account,
        project: &ProjectInfo,
    ) -> Result<ProjectId, WorkbenchError> {
        let id = project.id;
        if self.store()?.read(|tx| tx.project(id)).is_ok() {
            self.set_shelf(id, Shelf::Active)?;
            let mut stored = stored_as(account, project, Agreed::new());
            if let Some(known) = self.stored_share(id)? {
                (stored.agreed, stored.folder_files) = (known.agreed, known.folder_files);
                (stored.choice, stored.before) = (known.choice, known.before);
            }
            self.begin_sharing(id, stored)?;
        } else {
            let texts = self.relays().wait(account.documents(id))?;
            self.make_joined(account, project, texts)?;
        }
        self.open_project(id)?;
        self.check_lists(id)?;
        let start = Instant::now();
        while start.elapsed() < AT_FIRST && !self.ask(move |desk| desk.has_all(id))? {
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(id)
    }

    /// A project with the relay's texts, each under its own id and empty: their lines bring what they hold. Other files
    /// come when their bytes have come.
    fn make_joined(
        &self,
        account: &Account,
        project: &ProjectInfo,
        texts: Vec<DocumentInfo>,
    ) -> Result<(), WorkbenchError> {
        let id = project.id;
        let new = NewProject {
            id,
            name: self.name_for(&project.name)?,
            engine: ENGINE.to_owned(),
            linked_folder: None,
            settings: serde_json::json!({}),
        };
        let texts: Vec<(FileId, DocumentId, ProjectPath)> = texts
            .into_iter()
            .filter_map(|text| {
                // A path that cannot be here is looked at with all others, later.
                let path = ProjectPath::new(&text.path).ok()?;
                Some((FileId(clock::fresh_id()), text.id, path))
            })
            .collect();
        let agreed = texts.iter().map(|(_, document, path)| {
            (Item::Text(*document), At { path: path.clone(), holds: None })
        });
        let agreed = agreed.collect();
        let stored = stored_as(account, project, agreed);
        let (nothing, author) = (nothing(), self.config().author.clone());
        self.store()?.write(move |tx| {
            let now = clock::now();
            tx.create_project(&new, now)?;
            for (file, document, path) in texts {
                let new = NewFile { id: file, project: id, path, clash: CaseClash::Allow };
                tx.create_text_file(&new, document, &nothing, &author, now)?;
            }
            keep(tx, id, &stored)
        })?;
        self.tell_gallery()
    }
}

/// The update that a text begins with whose contents are elsewhere.
pub(super) fn nothing() -> Vec<u8> {
    TextDocument::new(clock::fresh_client()).snapshot()
}

fn stored_as(account: &Account, project: &ProjectInfo, agreed: Agreed) -> Stored {
    let AccountKey { relay, user } = key_of(account);
    let me = ProjectMember { user: user.clone(), name: account.signed_in().user.name.clone() };
    Stored {
        relay,
        user,
        role: project.role,
        read_only: why_read_only(project),
        may_discuss: may_discuss(project),
        members: vec![me],
        discussion: project.discussion,
        agreed,
        before: BTreeMap::new(),
        folder_files: FolderFiles::new(),
        choice: BuildChoice::default(),
    }
}

/// Why the texts of a project can only be read, in words.
pub(super) fn why_read_only(project: &ProjectInfo) -> Option<String> {
    let why = match project.role {
        _ if project.archived_at.is_some() => "this project is archived: nobody can change it",
        ShareRole::Viewer => {
            "you are a viewer of this project: you can read it, but neither change the text nor comment on it"
        }
        ShareRole::Commenter => {
            "you are a commenter of this project: you can comment and suggest changes, but only its editors can change the text"
        }
        ShareRole::Editor | ShareRole::Owner => return None,
    };
    Some(why.to_owned())
}

/// Whether one may take part in what is said about a project.
pub(super) fn may_discuss(project: &ProjectInfo) -> bool {
    project.archived_at.is_none() && project.role >= ShareRole::Commenter
}

impl Desk {
    /// Refuse a change of a project that one may only read.
    pub(crate) fn refuse_read_only(&mut self, id: ProjectId) -> Result<(), WorkbenchError> {
        let shared = self.project(id)?.shared.as_ref();
        match shared.and_then(|shared| shared.stored.read_only.clone()) {
            Some(why) => Err(WorkbenchError::ReadOnly(why)),
            None => Ok(()),
        }
    }

    /// Somebody has signed in, or out.
    pub(super) fn account_changed(&mut self, key: &AccountKey, account: Option<Arc<Account>>) {
        let of_account = |shared: &SharedProject| shared.key() == *key;
        let concerned: Vec<ProjectId> = self
            .open
            .iter()
            .filter(|(_, project)| project.shared.as_ref().is_some_and(of_account))
            .map(|(id, _)| *id)
            .collect();
        for id in concerned {
            let Some(project) = self.open.get_mut(&id) else { continue };
            if let Some(shared) = &mut project.shared {
                shared.account = account.clone();
                shared.standing = Standing::default();
            }
            // Lines of the log-in before.
            project.end_lines();
            self.tell_sharing(id);
            self.check_share(id);
        }
    }
}
