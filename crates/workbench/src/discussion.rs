//! What authors say about a project: comments, suggestions and chat, in one document beside those of the files. The
//! desk keeps and passes on its updates, and does not look into them: what is in it is told in
//! `ui/src/features/discussion`.

use crate::{
    Attached, Outbox, PeerId, Workbench, WorkbenchError, clock,
    desk::Desk,
    documents::{Held, OpenDocument},
};
use quire_collab::Contents;
use quire_project::{DocumentId, ProjectId};
use quire_store::Store;

impl Desk {
    /// The discussion of a project, loaded if nobody has it open.
    pub(crate) fn discussion(
        &mut self,
        id: ProjectId,
    ) -> Result<&mut OpenDocument, WorkbenchError> {
        let store = self.store.clone();
        let open = match self.project(id)?.discussion.take() {
            Some(open) => open,
            None => OpenDocument::load(&store, lineage(&store, id)?, Contents::Discussion)?,
        };
        Ok(self.project(id)?.discussion.insert(open))
    }

    /// An update that the discussion has taken already: keep it and tell everybody but its author. Pages do not show
    /// it, so that nothing is built.
    pub(crate) fn keep_talk(
        &mut self,
        id: ProjectId,
        from: Option<PeerId>,
        update: Vec<u8>,
        author: String,
    ) {
        let Some(talk) = self.open_document(id, Held::Discussion) else { return };
        talk.tell_others(from, &update);
        self.append(id, Held::Discussion, update, author);
        self.tell_sharing(id);
    }
}

/// The document that holds the discussion of a project; made when it is asked for the first time.
fn lineage(store: &Store, project: ProjectId) -> Result<DocumentId, WorkbenchError> {
    Ok(store.write(move |tx| match tx.discussion(project)? {
        Some(known) => Ok(known),
        None => {
            let fresh = DocumentId(clock::fresh_id());
            tx.create_discussion(project, fresh, clock::now())?;
            Ok(fresh)
        }
    })?)
}

impl Workbench {
    /// The document that holds the discussion of a project, for whoever carries it elsewhere.
    pub fn discussion_of(&self, project: ProjectId) -> Result<DocumentId, WorkbenchError> {
        self.try_ask(move |desk| Ok(desk.discussion(project)?.id))
    }

    /// Make a window a peer of a project's discussion, as [`attach`](Self::attach) does of a text.
    pub fn attach_discussion(
        &self,
        project: ProjectId,
        outbox: Outbox,
    ) -> Result<Attached, WorkbenchError> {
        self.try_ask(move |desk| {
            let peer = PeerId(desk.number());
            let hello = desk.discussion(project)?.welcome(peer, outbox);
            desk.peers.insert(peer, (project, Held::Discussion));
            Ok(Attached { peer, hello })
        })
    }
}
