//! The texts of a project.

use super::{
    Api,
    extract::{At, Body, Caller, Json},
    problem::{Problem, ProblemBody},
};
use crate::{
    directory::{
        DocumentId, ProjectId,
        documents::{self as kept, Document},
    },
    ws::open::Concern,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

/// The texts of a project, by path
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/documents",
    tag = "project",
    params(("project" = ProjectId, Path)),
    security(("token" = [])),
    responses((status = 200, body = [Document]), (status = 404, body = ProblemBody))
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
) -> Result<Json<Vec<Document>>, Problem> {
    let act = caller.act();
    Ok(Json(api.directory.read(move |conn| kept::list(conn, &act, project)).await?))
}

/// Where a text is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PutDocument {
    /// In the project, with `/`: it cannot lead outside.
    #[schema(example = "chapters/one.tex")]
    path: String,
}

/// Add a text, move it, or bring it back, as an editor
///
/// The id is made by who makes the text, at random, and never used for another. Doing it twice is doing it once.
#[utoipa::path(
    put,
    path = "/api/v1/projects/{project}/documents/{document}",
    tag = "project",
    params(("project" = ProjectId, Path), ("document" = DocumentId, Path)),
    request_body = PutDocument,
    security(("token" = [])),
    responses(
        (status = 200, body = Document),
        (status = 403, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "the path or the id is taken"),
        (status = 422, body = ProblemBody, description = "the path is none")
    )
)]
pub(super) async fn put(
    State(api): State<Api>,
    caller: Caller,
    At((project, document)): At<(ProjectId, DocumentId)>,
    Body(said): Body<PutDocument>,
) -> Result<Json<Document>, Problem> {
    let act = caller.act();
    let change = move |conn: &_| kept::put(conn, &act, project, document, &said.path);
    Ok(Json(api.directory.change(change).await?))
}

/// Remove a text from a project, as an editor
///
/// What it held is kept, and adding it again brings it back.
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}/documents/{document}",
    tag = "project",
    params(("project" = ProjectId, Path), ("document" = DocumentId, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    At((project, document)): At<(ProjectId, DocumentId)>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    api.directory.change(move |conn| kept::delete(conn, &act, project, document)).await?;
    api.lines.recheck(Concern::Project(project)).await;
    Ok(StatusCode::NO_CONTENT)
}
