//! What one is to know of, and how often letters tell it.

use super::{
    Api,
    extract::{Asked, At, Body, Caller, Json},
    problem::{Problem, ProblemBody},
};
use crate::{
    directory::{
        InvitationId, invitations,
        notifications::{self, Digest, Notification},
        projects::Project,
    },
    ws::open::Concern,
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

const MOST: u32 = 100;
const USUAL: u32 = 50;

/// Which part of the list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    /// Those with a lower number.
    before: Option<i64>,
    /// At most so many: 50, and 100 at most.
    count: Option<u32>,
}

/// A part of the list.
#[derive(Serialize, ToSchema)]
pub(super) struct Notifications {
    /// The latest first.
    notifications: Vec<Notification>,
    /// How many one has not seen, of all.
    unseen: u32,
}

/// What one is to know of: invitations, messages that speak to one, and replies
///
/// Only what one may read now: of projects to which one belongs, and invitations that wait. They go after 60 days, and
/// the oldest of more than 500 before. Who has a project open is told over its channel when there is something new.
#[utoipa::path(
    get,
    path = "/api/v1/notifications",
    tag = "notification",
    params(Page),
    security(("token" = [])),
    responses((status = 200, body = Notifications), (status = 401, body = ProblemBody))
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<Notifications>, Problem> {
    let (user, now) = (caller.user.id, caller.act().at);
    let count = page.count.unwrap_or(USUAL).min(MOST);
    let found =
        api.directory.read(move |conn| notifications::list(conn, user, page.before, count, now));
    let (notifications, unseen) = found.await?;
    Ok(Json(Notifications { notifications, unseen }))
}

/// One has seen one of them
#[utoipa::path(
    put,
    path = "/api/v1/notifications/{notification}/seen",
    tag = "notification",
    params(("notification" = i64, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 404, body = ProblemBody))
)]
pub(super) async fn seen(
    State(api): State<Api>,
    caller: Caller,
    At(notification): At<i64>,
) -> Result<StatusCode, Problem> {
    let (user, now) = (caller.user.id, caller.act().at);
    api.directory.change(move |conn| notifications::seen(conn, user, notification, now)).await?;
    api.channels.notify(user);
    Ok(StatusCode::NO_CONTENT)
}

/// Up to which one has seen all.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpTo {
    /// The number of the last that one has seen: what came meanwhile was not.
    up_to: i64,
}

/// One has seen all of them, up to one
#[utoipa::path(
    post,
    path = "/api/v1/notifications/seen",
    tag = "notification",
    request_body = UpTo,
    security(("token" = [])),
    responses((status = 204), (status = 401, body = ProblemBody))
)]
pub(super) async fn all_seen(
    State(api): State<Api>,
    caller: Caller,
    Body(said): Body<UpTo>,
) -> Result<StatusCode, Problem> {
    let (user, now) = (caller.user.id, caller.act().at);
    api.directory.change(move |conn| notifications::all_seen(conn, user, said.up_to, now)).await?;
    api.channels.notify(user);
    Ok(StatusCode::NO_CONTENT)
}

/// How one wants to be told.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NotificationSettings {
    /// How often a letter tells what one has not seen, if there is something and the relay sends letters.
    digest: Digest,
}

/// How one is told
#[utoipa::path(
    get,
    path = "/api/v1/notifications/settings",
    tag = "notification",
    security(("token" = [])),
    responses((status = 200, body = NotificationSettings), (status = 401, body = ProblemBody))
)]
pub(super) async fn settings(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<NotificationSettings>, Problem> {
    let user = caller.user.id;
    let digest = api.directory.read(move |conn| notifications::digest(conn, user)).await?;
    Ok(Json(NotificationSettings { digest }))
}

/// Choose how one is told
#[utoipa::path(
    put,
    path = "/api/v1/notifications/settings",
    tag = "notification",
    request_body = NotificationSettings,
    security(("token" = [])),
    responses((status = 204), (status = 422, body = ProblemBody))
)]
pub(super) async fn set_settings(
    State(api): State<Api>,
    caller: Caller,
    Body(said): Body<NotificationSettings>,
) -> Result<StatusCode, Problem> {
    let user = caller.user.id;
    api.directory.change(move |conn| notifications::set_digest(conn, user, said.digest)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Come into the project to which one is invited, as the account whose address the invitation was sent to
///
/// Only who has proven to read the mail of that address; others need the invitation's secret.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/{invitation}/accept",
    tag = "notification",
    params(("invitation" = InvitationId, Path)),
    security(("token" = [])),
    responses((status = 200, body = Project), (status = 404, body = ProblemBody))
)]
pub(super) async fn accept(
    State(api): State<Api>,
    caller: Caller,
    At(invitation): At<InvitationId>,
) -> Result<Json<Project>, Problem> {
    let act = caller.act();
    let accepted = api
        .directory
        .change(move |conn| invitations::accept_as_addressee(conn, &act, invitation))
        .await?;
    api.lines.recheck(Concern::User(caller.user.id)).await;
    Ok(Json(accepted))
}
