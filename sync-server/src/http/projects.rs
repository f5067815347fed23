//! Projects, and what becomes of them.

use super::{
    Api,
    extract::{Asked, At, Body, Caller, Json},
    problem::{Problem, ProblemBody},
};
use crate::{
    directory::{
        ProjectId, UserId,
        audit::{self as log, Entry},
        members::{self, Role},
        projects::{self as kept, Build, Project},
    },
    ws::open::Concern,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// A project that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProject {
    /// Its id, made by who asks, at random: asked again with the same, one gets the same project. The relay makes one
    /// otherwise.
    #[serde(default)]
    id: Option<ProjectId>,
    name: String,
}

/// One's projects, the newest first; also those of one's own that are in the trash
#[utoipa::path(
    get,
    path = "/api/v1/projects",
    tag = "project",
    security(("token" = [])),
    responses((status = 200, body = [Project]), (status = 401, body = ProblemBody))
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Vec<Project>>, Problem> {
    let act = caller.act();
    Ok(Json(api.directory.read(move |conn| kept::list(conn, &act)).await?))
}

/// Make a project
#[utoipa::path(
    post,
    path = "/api/v1/projects",
    tag = "project",
    request_body = NewProject,
    security(("token" = [])),
    responses(
        (status = 200, body = Project),
        (status = 403, body = ProblemBody, description = "quota, or a guest"),
        (status = 409, body = ProblemBody, description = "the id is another's")
    )
)]
pub(super) async fn create(
    State(api): State<Api>,
    caller: Caller,
    Body(new): Body<NewProject>,
) -> Result<Json<Project>, Problem> {
    let (act, max) = (caller.act(), api.config.limits.projects_per_user);
    let made =
        api.directory.change(move |conn| kept::create(conn, &act, new.id, &new.name, max)).await?;
    Ok(Json(made))
}

/// One project
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}",
    tag = "project",
    params(("project" = ProjectId, Path)),
    security(("token" = [])),
    responses((status = 200, body = Project), (status = 404, body = ProblemBody))
)]
pub(super) async fn find(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
) -> Result<Json<Project>, Problem> {
    let act = caller.act();
    Ok(Json(api.directory.read(move |conn| kept::find(conn, &act, project)).await?))
}

/// What is to be changed; what is not said stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeProject {
    #[serde(default)]
    name: Option<String>,
    /// Nobody writes in an archived project.
    #[serde(default)]
    archived: Option<bool>,
}

/// Rename or archive a project, as its owner
#[utoipa::path(
    patch,
    path = "/api/v1/projects/{project}",
    tag = "project",
    params(("project" = ProjectId, Path)),
    request_body = ChangeProject,
    security(("token" = [])),
    responses(
        (status = 200, body = Project),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody)
    )
)]
pub(super) async fn change(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
    Body(change): Body<ChangeProject>,
) -> Result<Json<Project>, Problem> {
    let act = caller.act();
    let changed = api
        .directory
        .change(move |conn| {
            if let Some(name) = &change.name {
                kept::rename(conn, &act, project, name)?;
            }
            if let Some(is_archived) = change.archived {
                kept::archive(conn, &act, project, is_archived)?;
            }
            kept::find(conn, &act, project)
        })
        .await?;
    api.lines.recheck(Concern::Project(project)).await;
    Ok(Json(changed))
}

/// Choose what a project is built from, and with, as an editor
///
/// It is kept for the programs of its authors; the relay builds nothing.
#[utoipa::path(
    put,
    path = "/api/v1/projects/{project}/build",
    tag = "project",
    params(("project" = ProjectId, Path)),
    request_body = Build,
    security(("token" = [])),
    responses(
        (status = 200, body = Project),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody, description = "there is no such project, or no such text in it"),
        (status = 422, body = ProblemBody)
    )
)]
pub(super) async fn choose(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
    Body(build): Body<Build>,
) -> Result<Json<Project>, Problem> {
    let act = caller.act();
    let chosen = api.directory.change(move |conn| kept::choose(conn, &act, project, &build));
    Ok(Json(chosen.await?))
}

/// How a project is to be deleted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Delete {
    /// For good, from the trash.
    #[serde(default)]
    for_good: bool,
}

/// Put a project into the trash, or delete it for good from there, as its owner
///
/// Lines to its documents end. What is in the trash goes for good by itself after some time.
#[utoipa::path(
    delete,
    path = "/api/v1/projects/{project}",
    tag = "project",
    params(("project" = ProjectId, Path), Delete),
    security(("token" = [])),
    responses(
        (status = 204),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "for good, and not in the trash")
    )
)]
pub(super) async fn delete(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
    Asked(how): Asked<Delete>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    if how.for_good {
        let documents = api.directory.change(move |conn| kept::purge(conn, &act, project)).await?;
        api.rooms.remove(documents).await;
    } else {
        api.directory.change(move |conn| kept::delete(conn, &act, project)).await?;
        api.lines.recheck(Concern::Project(project)).await;
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Take a project out of the trash, as its owner
#[utoipa::path(
    post,
    path = "/api/v1/projects/{project}/restore",
    tag = "project",
    params(("project" = ProjectId, Path)),
    security(("token" = [])),
    responses((status = 200, body = Project), (status = 404, body = ProblemBody))
)]
pub(super) async fn restore(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
) -> Result<Json<Project>, Problem> {
    let act = caller.act();
    let restored = api
        .directory
        .change(move |conn| {
            kept::restore(conn, &act, project)?;
            kept::find(conn, &act, project)
        })
        .await?;
    Ok(Json(restored))
}

/// To whom a project is handed over.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Transfer {
    /// A member who has an account.
    user: UserId,
}

/// Hand a project over to another member, as its owner; one becomes an editor
#[utoipa::path(
    put,
    path = "/api/v1/projects/{project}/owner",
    tag = "project",
    params(("project" = ProjectId, Path)),
    request_body = Transfer,
    security(("token" = [])),
    responses((status = 204), (status = 403, body = ProblemBody), (status = 404, body = ProblemBody))
)]
pub(super) async fn transfer(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
    Body(to): Body<Transfer>,
) -> Result<StatusCode, Problem> {
    let act = caller.act();
    api.directory.change(move |conn| members::transfer(conn, &act, project, to.user)).await?;
    api.lines.recheck(Concern::Project(project)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// Which part of a log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Page {
    /// Entries before this number; the newest, if it is not said.
    #[serde(default)]
    pub(super) before: Option<i64>,
    /// At most so many, and at most 500.
    #[serde(default = "hundred")]
    pub(super) count: u32,
}

fn hundred() -> u32 {
    100
}

/// What was done in a project, the newest first, as its owner
#[utoipa::path(
    get,
    path = "/api/v1/projects/{project}/audit",
    tag = "project",
    params(("project" = ProjectId, Path), Page),
    security(("token" = [])),
    responses((status = 200, body = [Entry]), (status = 403, body = ProblemBody))
)]
pub(super) async fn audit(
    State(api): State<Api>,
    caller: Caller,
    At(project): At<ProjectId>,
    Asked(page): Asked<Page>,
) -> Result<Json<Vec<Entry>>, Problem> {
    let act = caller.act();
    let entries = api.directory.read(move |conn| {
        members::require(conn, &act, project, Role::Owner)?;
        log::newest(conn, Some(project), page.before, page.count.min(500))
    });
    Ok(Json(entries.await?))
}
