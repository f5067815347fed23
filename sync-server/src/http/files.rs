//! The files of a project that are not texts.

use super::{
    Api,
    extract::{At, Body, Caller, Json},
    problem::{Problem, ProblemBody},
};
use crate::directory::{
    FileId, ProjectId,
    files::{self as kept, File, PutFile},
};
use axum::{extract::State, http::StatusCode};

/// The files of a project that are not texts, by path
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/files",
    tag = "file",
    params(("project" = ProjectId, Path)),
    security(("token" = [])),
    responses((status = 200, body = [File]), (status = 404, body = ProblemBody))
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
) -> Result<Json<Vec<File>>, Problem> {
    let act = caller.act();
    Ok(Json(api.directory.read(move |conn| kept::list(conn, &act, project)).await?))
}

/// Add a file, move it, replace what it holds, or bring it back, as an editor
///
/// The id is made by who adds the file, at random. What it is to hold was uploaded before, or is held by another file of
/// the project. Doing it twice is doing it once.
#[utoipa::path(
    put,
    path = "/api/v1/projects/{project}/files/{file}",
    tag = "file",
    params(("project" = ProjectId, Path), ("file" = FileId, Path)),
    request_body = PutFile,
    security(("token" = [])),
    responses(
        (status = 200, body = File),
        (status = 403, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "no-blob: upload it first; conflict: the path or the id is taken"),
        (status = 412, body = ProblemBody, description = "stale: it does not hold what `replaces` says"),
        (status = 422, body = ProblemBody, description = "the path is none")
    )
)]
pub(super) async fn put(
    State(api): State<Api>,
    caller: Caller,
    At((project, file)): At<(ProjectId, FileId)>,
    Body(wanted): Body<PutFile>,
) -> Result<Json<File>, Problem> {
    let act = caller.act();
    let change = move |conn: &_| kept::put(conn, &act, project, file, &wanted);
    Ok(Json(api.directory.change(change).await?))
}

/// Remove a file from a project, as an editor
///
/// What it held can be read, and the file brought back, until it makes room for something else, or the time has passed
/// after which what was deleted goes for good.
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}/files/{file}",
    tag = "file",
    params(("project" = ProjectId, Path), ("file" = FileId, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    At((project, file)): At<(ProjectId, FileId)>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    api.directory.change(move |conn| kept::delete(conn, &act, project, file)).await?;
    Ok(StatusCode::NO_CONTENT)
}
