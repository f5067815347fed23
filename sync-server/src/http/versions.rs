//! What is done with versions of a text: they are given names, the text is made one of them again, or all are forgotten.

use super::{
    Api,
    extract::{At, Body, Caller, Json},
    history::{Number, may, no_version, read, text_at},
    problem::{Kind, Problem, ProblemBody},
};
use crate::{
    directory::{DocumentId, ProjectId, documents, members::Role, standing},
    ids::random,
    room::{JoinError, Said, Seat},
};
use axum::{extract::State, http::StatusCode};
use bytes::Bytes;
use quire_collab::{
    ClientId, RelayLine, TextDocument,
    room::{Access, Identity},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::time::timeout;
use utoipa::ToSchema;

/// How long it may take until a text is as it was.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a version is to be called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    name: String,
}

/// Give a version a name, as an editor; it is kept as it is from now on
#[utoipa::path(
    put,
    path = "/api/v1/projects/{project}/documents/{document}/history/{number}/name",
    tag = "history",
    params(("project" = ProjectId, Path), ("document" = DocumentId, Path), ("number" = u64, Path)),
    request_body = Name,
    security(("token" = [])),
    responses(
        (status = 204),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody, description = "there is none of this number any more: look at the list again")
    )
)]
pub(super) async fn name(
    State(api): State<Api>,
    caller: Caller,
    At((project, document, number)): At<(ProjectId, DocumentId, u64)>,
    Body(Name { name }): Body<Name>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    let name = api
        .directory
        .read(move |conn| documents::version_name(conn, &act, project, document, &name))
        .await?;
    set_name(&api, &caller, project, document, number, Some(name)).await
}

/// Take a version's name, as an editor
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}/documents/{document}/history/{number}/name",
    tag = "history",
    params(("project" = ProjectId, Path), ("document" = DocumentId, Path), ("number" = u64, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn unname(
    State(api): State<Api>,
    caller: Caller,
    At((project, document, number)): At<(ProjectId, DocumentId, u64)>,
) -> Result<StatusCode, Problem> {
    may(&api, &caller, project, document, Role::Editor).await?;
    set_name(&api, &caller, project, document, number, None).await
}

async fn set_name(
    api: &Api,
    caller: &Caller,
    project: ProjectId,
    document: DocumentId,
    number: u64,
    name: Option<String>,
) -> Result<StatusCode, Problem> {
    let wanted = name.clone();
    let is_there =
        read(api, document, move |archive, of| archive.name_version(of, number, wanted.as_deref()));
    if !is_there.await? {
        return Err(no_version());
    }
    let act = caller.act();
    let told =
        move |conn: &_| documents::named(conn, &act, project, document, number, name.as_deref());
    api.directory.change(told).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give all texts of a project a name as they are now, as an editor
///
/// They are of one moment, and kept as they are from now on; the history of each tells the name. A text in which nobody
/// has written yet has no version to be named.
#[utoipa::path(
    post,
    path = "/api/v1/projects/{project}/versions",
    tag = "history",
    params(("project" = ProjectId, Path)),
    request_body = Name,
    security(("token" = [])),
    responses(
        (status = 204),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 422, body = ProblemBody, description = "the name is none")
    )
)]
pub(super) async fn name_project(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
    Body(Name { name }): Body<Name>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    let may = move |conn: &_| documents::name_project(conn, &act, project, &name);
    let (name, texts) = api.directory.read(may).await?;
    let texts = texts.iter().map(DocumentId::to_string).collect();
    let archive = api.rooms.archive();
    let given = name.clone();
    let named = tokio::task::spawn_blocking(move || archive.name_all(texts, &given)).await;
    let fault = |error: String| Problem::new(Kind::Internal, error);
    named.map_err(|error| fault(error.to_string()))?.map_err(|error| fault(error.to_string()))?;
    let act = caller.act();
    let told = move |conn: &_| documents::named_project(conn, &act, project, &name);
    api.directory.change(told).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What came of it.
#[derive(Serialize, ToSchema)]
pub(super) struct Restored {
    /// Something was changed: the text was another.
    is_changed: bool,
}

/// Make a text what it was, as an editor
///
/// It is a change like any other: nothing of what was written since is lost from the history, and what others write at
/// the same time keeps its place. It is on the disk when this is answered.
#[utoipa::path(
    post,
    path = "/api/v1/projects/{project}/documents/{document}/history/{number}/restore",
    tag = "history",
    params(
        ("project" = ProjectId, Path),
        ("document" = DocumentId, Path),
        ("number" = u64, Path)
    ),
    security(("token" = [])),
    responses((status = 200, body = Restored), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn restore(
    State(api): State<Api>,
    caller: Caller,
    At((project, document, number)): At<(ProjectId, DocumentId, u64)>,
) -> Result<Json<Restored>, Problem> {
    may(&api, &caller, project, document, Role::Editor).await?;
    let (user, by, now) = (caller.user.id, caller.by, caller.act().at);
    let standing =
        api.directory.read(move |conn| standing::of(conn, user, by, document, now)).await?;
    if let Access::Read(why) = standing.access {
        return Err(Problem::new(Kind::Forbidden, why.to_string()));
    }
    let then = text_at(&api, document, Number(Some(number))).await?;
    let (name, takes) = (document.to_string(), standing.contents());
    let identity = Identity { id: user.to_string(), name: standing.name };
    let seat = api.rooms.join(&name, takes, standing.access, &identity, None).await;
    let seat = seat.map_err(|error| match error {
        JoinError::NotLoaded(_) => Problem::new(Kind::Internal, error.to_string()),
        _ => Problem::wait(Kind::Busy, error.to_string(), Duration::from_secs(5)),
    })?;
    let written = timeout(PATIENCE, write(seat, then.text)).await;
    let slow = || Problem::wait(Kind::Busy, "the relay is busy", Duration::from_secs(5));
    let is_changed = written.map_err(|_| slow())??;
    let act = caller.act();
    api.directory
        .change(move |conn| documents::restored(conn, &act, project, document, number))
        .await?;
    Ok(Json(Restored { is_changed }))
}

/// As an author's program would: it reads the text, changes it, and waits until that is on the disk.
async fn write(mut seat: Seat, text: String) -> Result<bool, Problem> {
    let busy = || Problem::wait(Kind::Busy, "the text could not be saved", Duration::from_secs(5));
    let mut document = TextDocument::new(ClientId::from_random(u64::from_le_bytes(random())));
    let mut line = RelayLine::new(u64::from_le_bytes(random()));
    let (speaker, said) = seat.parts();
    speaker.receive(line.connected(&document)).await;
    let (mut text, mut is_changed) = (Some(text), false);
    loop {
        let Some(Said::Frames(frames, _)) = said.recv().await else { return Err(busy()) };
        speaker.written(frames.iter().map(Bytes::len).sum());
        for frame in &*frames {
            let received = line.receive(&mut document, frame).map_err(|_| busy())?;
            if let Some(why) = received.denied {
                return Err(Problem::new(Kind::Forbidden, why));
            }
            for frame in received.frames {
                speaker.receive(frame).await;
            }
            // The first update is the answer to what we asked: the text as it is.
            if line.is_open()
                && !received.applied.is_empty()
                && let Some(text) = text.take()
            {
                let (update, changes) = document.merge(&text).map_err(|_| busy())?;
                is_changed = !changes.is_empty();
                if is_changed && let Some(frame) = line.edited(&update) {
                    speaker.receive(frame).await;
                }
            }
        }
        if text.is_none() && line.is_saved() {
            return Ok(is_changed);
        }
    }
}

/// Forget the history of a text, with its named versions, as the owner of the project
///
/// The text stays as it is. A project that is full has room again; who wrote what so far is not known any more.
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}/documents/{document}/history",
    tag = "history",
    params(("project" = ProjectId, Path), ("document" = DocumentId, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn forget(
    State(api): State<Api>,
    caller: Caller,
    At((project, document)): At<(ProjectId, DocumentId)>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    api.directory
        .change(move |conn| documents::forgot_history(conn, &act, project, document))
        .await?;
    read(&api, document, |archive, name| archive.forget_history(name)).await?;
    api.quotas.recount(project).await;
    Ok(StatusCode::NO_CONTENT)
}
