//! Personal tokens: for scripts and programs that cannot log in.

use super::{
    Api,
    extract::{At, Body, Caller, Json},
    problem::{Problem, ProblemBody},
};
use crate::{
    directory::{
        Timestamp, TokenId,
        personal::{self as tokens, PersonalToken},
    },
    ws::open::Concern,
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A token that is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// What it is for.
    name: String,
    /// When it ends; never, if it is not said.
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

/// A new token.
#[derive(Serialize, ToSchema)]
pub(super) struct MadeToken {
    /// For the header `Authorization`, as `Bearer …`. It is told this once.
    secret: String,
    #[serde(flatten)]
    token: PersonalToken,
}

/// One's personal tokens
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    tag = "session",
    security(("token" = [])),
    responses((status = 200, body = [PersonalToken]), (status = 401, body = ProblemBody))
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Vec<PersonalToken>>, Problem> {
    caller.in_person()?;
    let user = caller.user.id;
    Ok(Json(api.directory.read(move |conn| tokens::list(conn, user)).await?))
}

/// Make a personal token
///
/// It may do with projects what its owner may, and nothing with the account.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "session",
    request_body = NewToken,
    security(("token" = [])),
    responses((status = 200, body = MadeToken), (status = 403, body = ProblemBody))
)]
pub(super) async fn create(
    State(api): State<Api>,
    caller: Caller,
    Body(new): Body<NewToken>,
) -> Result<Json<MadeToken>, Problem> {
    caller.in_person()?;
    let (act, user) = (caller.act(), caller.user.id);
    let (token, secret) = api
        .directory
        .change(move |conn| tokens::create(conn, &act, user, &new.name, new.expires_at))
        .await?;
    Ok(Json(MadeToken { secret: secret.reveal(), token }))
}

/// Take a personal token back
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{token}",
    tag = "session",
    params(("token" = TokenId, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 404, body = ProblemBody))
)]
pub(super) async fn revoke(
    State(api): State<Api>,
    caller: Caller,
    At(token): At<TokenId>,
) -> Result<StatusCode, Problem> {
    caller.in_person()?;
    let act = caller.act();
    api.directory.change(move |conn| tokens::revoke(conn, &act, token)).await?;
    api.lines.recheck(Concern::User(caller.user.id)).await;
    Ok(StatusCode::NO_CONTENT)
}
