//! For administrators: accounts, and the log of what was done. What is in projects is none of their business.

use super::{
    Api,
    accounts::post_reset,
    extract::{Asked, At, Body, Caller, Json},
    problem::{Problem, ProblemBody},
    projects::Page,
};
use crate::{
    directory::{
        UserId,
        audit::{self as log, Entry},
        letters::{self, Letter},
        logins,
        users::{self as kept, NewUser, User},
    },
    ws::open::Concern,
};
use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

/// Which part of the accounts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UsersPage {
    /// Those after this address.
    #[serde(default)]
    after: Option<String>,
    /// At most so many, and at most 500.
    #[serde(default = "hundred")]
    count: u32,
}

fn hundred() -> u32 {
    100
}

/// The accounts, by address
#[utoipa::path(
    get,
    path = "/api/v1/admin/users",
    tag = "admin",
    params(UsersPage),
    security(("token" = [])),
    responses((status = 200, body = [User]), (status = 403, body = ProblemBody))
)]
pub(super) async fn users(
    State(api): State<Api>,
    caller: Caller,
    Asked(page): Asked<UsersPage>,
) -> Result<Json<Vec<User>>, Problem> {
    caller.as_admin()?;
    let list = move |conn: &_| kept::list(conn, page.after.as_deref(), page.count.min(500));
    Ok(Json(api.directory.read(list).await?))
}

/// Who is to get an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CreateUser {
    email: String,
    name: String,
    #[serde(default)]
    is_admin: bool,
}

/// Make an account; a letter is sent with which its owner chooses a password
#[utoipa::path(
    post,
    path = "/api/v1/admin/users",
    tag = "admin",
    request_body = CreateUser,
    security(("token" = [])),
    responses(
        (status = 200, body = User),
        (status = 403, body = ProblemBody),
        (status = 409, body = ProblemBody)
    )
)]
pub(super) async fn create_user(
    State(api): State<Api>,
    caller: Caller,
    Body(said): Body<CreateUser>,
) -> Result<Json<User>, Problem> {
    let act = caller.as_admin()?;
    let new = NewUser {
        email: Some(said.email),
        name: said.name,
        password: None,
        is_admin: said.is_admin,
        is_verified: false,
    };
    let (user, secret) = api
        .directory
        .change(move |conn| {
            let user = kept::create(conn, &act, new)?;
            let secret = letters::write(conn, user.id, Letter::Reset, act.at)?;
            Ok((user, secret))
        })
        .await?;
    let why = "an administrator has made an account for you. You can now choose the password";
    post_reset(&api, user.clone(), &secret.reveal(), why);
    Ok(Json(user))
}

/// What is to be changed; what is not said stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeUser {
    #[serde(default)]
    is_admin: Option<bool>,
    /// Who is disabled is out at once, and cannot log in.
    #[serde(default)]
    is_disabled: Option<bool>,
}

/// Make somebody an administrator, or disable an account; and back
#[utoipa::path(
    patch,
    path = "/api/v1/admin/users/{user}",
    tag = "admin",
    params(("user" = UserId, Path)),
    request_body = ChangeUser,
    security(("token" = [])),
    responses(
        (status = 204),
        (status = 403, body = ProblemBody),
        (status = 404, body = ProblemBody),
        (status = 409, body = ProblemBody, description = "the last administrator")
    )
)]
pub(super) async fn change_user(
    State(api): State<Api>,
    caller: Caller,
    At(user): At<UserId>,
    Body(change): Body<ChangeUser>,
) -> Result<StatusCode, Problem> {
    caller.in_person()?;
    let act = caller.as_admin()?;
    api.directory
        .change(move |conn| {
            if let Some(is_admin) = change.is_admin {
                kept::set_admin(conn, &act, user, is_admin)?;
            }
            if let Some(is_disabled) = change.is_disabled {
                kept::set_disabled(conn, &act, user, is_disabled)?;
                if is_disabled {
                    logins::end_all(conn, &act, user, None, "the account was disabled")?;
                }
            }
            Ok(())
        })
        .await?;
    api.lines.recheck(Concern::User(user)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// What was done at this relay, the newest first
#[utoipa::path(
    get,
    path = "/api/v1/admin/audit",
    tag = "admin",
    params(Page),
    security(("token" = [])),
    responses((status = 200, body = [Entry]), (status = 403, body = ProblemBody))
)]
pub(super) async fn audit(
    State(api): State<Api>,
    caller: Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<Vec<Entry>>, Problem> {
    caller.as_admin()?;
    let newest = move |conn: &_| log::newest(conn, None, page.before, page.count.min(500));
    Ok(Json(api.directory.read(newest).await?))
}
