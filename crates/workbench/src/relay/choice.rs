//! The main file and the engine of a shared project, which its authors choose together.

use crate::{Workbench, WorkbenchError, desk::Desk, gallery::ENGINE, project::Content};
use quire_project::{DocumentId, ProjectId, ProjectPath};
use quire_relay_client::{Account, BuildChoice, ProblemKind, settle};

impl Workbench {
    /// Let the same choice hold here and at the relay. What cannot be chosen here, as a text that has not come yet, is
    /// left to the next time.
    pub(super) fn share_choice(
        &self,
        id: ProjectId,
        account: &Account,
        there: &BuildChoice,
        may_write: bool,
    ) -> Result<(), WorkbenchError> {
        let (here, agreed) = self.try_ask(move |desk| desk.choice(id))?;
        let settled = settle(&here, &agreed, there);
        if settled != *there {
            if !may_write {
                return Ok(());
            }
            match self.relays().wait(account.put_choice(id, &settled)) {
                // The text is not there yet.
                Err(WorkbenchError::Relay(error))
                    if error.kind() == Some(ProblemKind::NotFound) =>
                {
                    return Ok(());
                }
                put => put?,
            };
        }
        let mut agree = settled.clone();
        if settled.engine != here.engine {
            let engine = settled.engine.clone().unwrap_or_else(|| ENGINE.to_owned());
            match self.set_engine(id, &engine) {
                // A newer program has it.
                Err(WorkbenchError::UnknownEngine(_)) => agree.engine.clone_from(&agreed.engine),
                set => set?,
            }
        }
        if settled.root != here.root {
            let path = match settled.root {
                Some(root) => self.try_ask(move |desk| desk.path_of_text(id, root))?,
                None => None,
            };
            match path.is_some() == settled.root.is_some() {
                true => self.set_root(id, path)?,
                false => agree.root = agreed.root,
            }
        }
        match agree == agreed {
            true => Ok(()),
            false => self.change_share(id, move |stored| stored.choice = agree),
        }
    }
}

impl Desk {
    /// What is chosen here, and what was agreed.
    fn choice(&mut self, id: ProjectId) -> Result<(BuildChoice, BuildChoice), WorkbenchError> {
        let project = self.project(id)?;
        let root = project.root_path().and_then(|path| match project.files.get(&path)?.content {
            Content::Text(document) | Content::OnDisk { document: Some(document) } => {
                Some(document)
            }
            Content::Blob { .. } | Content::OnDisk { document: None } => None,
        });
        let here = BuildChoice { root, engine: Some(project.engine.clone()) };
        let shared = project.shared.as_ref().ok_or(WorkbenchError::NotShared)?;
        Ok((here, shared.stored.choice.clone()))
    }

    fn path_of_text(
        &mut self,
        id: ProjectId,
        text: DocumentId,
    ) -> Result<Option<ProjectPath>, WorkbenchError> {
        let project = self.project(id)?;
        let is_it = |content: Content| {
            content == Content::Text(text) || content == Content::OnDisk { document: Some(text) }
        };
        let found = project.files.iter().find(|(_, entry)| is_it(entry.content));
        Ok(found.map(|(path, _)| path.clone()))
    }
}
