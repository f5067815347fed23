//! Who is let in at a document: over a line of its own, or on a strand of its project's.

use super::{
    entry::Opener,
    open::{Entry, To, Verdict},
};
use crate::{
    directory::{DocumentId, ProjectId, standing::Standing},
    http::{
        Api,
        problem::{Kind, Problem},
    },
    room::{JoinError, Seat, Unread},
};
use quire_collab::room::Identity;
use std::time::Duration;

/// Somebody who was let in.
pub(super) struct Admitted {
    /// His line among those that are open.
    pub(super) entry: Entry,
    /// What he may do.
    pub(super) standing: Standing,
    /// His place in the room.
    pub(super) seat: Seat,
}

/// A line that documents of one project share.
pub(super) struct Shared<'l> {
    /// The project.
    pub(super) project: ProjectId,
    /// What waits for it.
    pub(super) unread: &'l Unread,
}

/// Let somebody in. Over a line that is shared only to documents of its project.
///
/// # Errors
/// When there is no such document for him, or no place.
pub(super) async fn admit(
    api: &Api,
    who: &Opener,
    document: DocumentId,
    line: Option<Shared<'_>>,
) -> Result<Admitted, Problem> {
    let (mut entry, standing) = api.lines.enter(who.user, who.by, To::Document(document)).await?;
    if line.as_ref().is_some_and(|line| line.project != standing.project) {
        return Err(no_document());
    }
    // What is full by now, the verdict says when it is asked.
    api.quotas.opened(standing.project, document).await;
    let access = match entry.verdict() {
        Verdict::Stays { access, .. } => access,
        Verdict::Ends(_) | Verdict::Unknown => return Err(no_document()),
    };
    let name = document.to_string();
    if standing.is_discussion {
        api.talks.follow(&name);
    }
    let identity = Identity { id: who.user.to_string(), name: standing.name.clone() };
    let unread = line.map(|line| line.unread);
    let takes = standing.contents();
    let seat = api.rooms.join(&name, takes, access, &identity, unread).await.map_err(refused)?;
    Ok(Admitted { entry, standing, seat })
}

/// The same for a document that is not there and one that somebody may not know of.
pub(super) fn no_document() -> Problem {
    Problem::new(Kind::NotFound, "there is no such document, or you have no access to it")
}

fn refused(error: JoinError) -> Problem {
    let wait = Duration::from_secs(5);
    match error {
        JoinError::NotLoaded(_) => Problem::new(Kind::Internal, error.to_string()),
        JoinError::Full | JoinError::Restarting => {
            Problem::wait(Kind::Busy, error.to_string(), wait)
        }
    }
}
