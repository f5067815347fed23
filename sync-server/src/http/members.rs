//! Who belongs to a project.

use super::{
    Api,
    extract::{At, Body, Caller, Json},
    problem::{Problem, ProblemBody},
};
use crate::{
    directory::{
        ProjectId, UserId,
        members::{self as kept, Member, Role},
    },
    ws::open::Concern,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::ToSchema;

/// The members of a project, the owner first
///
/// Only the owner is told their addresses.
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/members",
    tag = "project",
    params(("project" = ProjectId, Path)),
    security(("token" = [])),
    responses((status = 200, body = [Member]), (status = 404, body = ProblemBody))
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
) -> Result<Json<Vec<Member>>, Problem> {
    let act = caller.act();
    Ok(Json(api.directory.read(move |conn| kept::list(conn, &act, project)).await?))
}

/// What a member is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetRole {
    role: Role,
}

/// Give a member another role, as the owner
///
/// It holds at once, also for the documents that he has open.
#[utoipa::path(
    patch,
    path = "/api/v1/projects/{project}/members/{user}",
    tag = "project",
    params(("project" = ProjectId, Path), ("user" = UserId, Path)),
    request_body = SetRole,
    security(("token" = [])),
    responses(
        (status = 204),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "there is one owner")
    )
)]
pub(super) async fn set_role(
    State(api): State<Api>,
    caller: Caller,
    At((project, user)): At<(ProjectId, UserId)>,
    Body(new): Body<SetRole>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    api.directory.change(move |conn| kept::set_role(conn, &act, project, user, new.role)).await?;
    api.lines.recheck(Concern::Project(project)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a member, as the owner; or leave
///
/// His lines to the project's documents end at once.
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}/members/{user}",
    tag = "project",
    params(("project" = ProjectId, Path), ("user" = UserId, Path)),
    security(("token" = [])),
    responses(
        (status = 204),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "the owner cannot leave")
    )
)]
pub(super) async fn remove(
    State(api): State<Api>,
    caller: Caller,
    At((project, user)): At<(ProjectId, UserId)>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    api.directory.change(move |conn| kept::remove(conn, &act, project, user)).await?;
    api.lines.recheck(Concern::Project(project)).await;
    Ok(StatusCode::NO_CONTENT)
}
