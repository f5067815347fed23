//! Logging in and out. A log-in has an access token for a quarter of an hour, and a refresh token with which one gets the
//! next two.

use super::{
    Api,
    extract::{At, Body, Caller, Json, Visitor},
    problem::{Kind, Problem, ProblemBody},
};
use crate::{
    auth::{password::Verdict, secret::SecretHash, tickets},
    directory::{
        DocumentId, LoginId, UserId, letters, logins,
        logins::{Lifetimes, Login, Refreshed},
        standing,
        users::{self, User},
    },
    ws::open::Concern,
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use std::time::{Duration, Instant};
use utoipa::ToSchema;

/// A wrong password is not answered sooner: hashes of other programs take another time than ours, and that is nobody's
/// business.
const WRONG_TAKES: Duration = Duration::from_millis(350);

/// Who wants to log in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LogIn {
    email: String,
    password: String,
    /// What the program calls itself, for the list of log-ins.
    #[serde(default = "some_device")]
    #[schema(example = "Quire on laptop")]
    device: String,
}

pub(super) fn some_device() -> String {
    "a program".to_owned()
}

/// The tokens of a log-in.
#[derive(Serialize, ToSchema)]
pub(super) struct Tokens {
    /// For the header `Authorization`.
    access_token: String,
    /// Always `Bearer`.
    token_type: &'static str,
    /// How many seconds the access token is good.
    expires_in: u32,
    /// Good once, for the next tokens.
    refresh_token: String,
    /// How many seconds the refresh token is good.
    refresh_expires_in: u32,
    /// The log-in.
    session: LoginId,
    /// Who one is.
    user: User,
}

/// A refresh token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Refresh {
    refresh_token: String,
}

/// Begin a log-in of somebody who has proven who he is.
pub(super) async fn begin(
    api: &Api,
    visitor: Visitor,
    user: User,
    device: String,
) -> Result<Tokens, Problem> {
    let lifetimes = lifetimes(api);
    let (id, act) = (user.id, visitor.act(Some(user.id)));
    let (login, secret) =
        api.directory.change(move |conn| logins::begin(conn, &act, id, &device, lifetimes)).await?;
    tokens(api, visitor, user, login, secret.reveal())
}

fn tokens(
    api: &Api,
    visitor: Visitor,
    user: User,
    login: LoginId,
    refresh_token: String,
) -> Result<Tokens, Problem> {
    let (access_token, expires_in) = api.tokens.issue(user.id, login, visitor.now)?;
    Ok(Tokens {
        access_token,
        token_type: "Bearer",
        expires_in,
        refresh_token,
        refresh_expires_in: api.config.tokens.refresh_seconds,
        session: login,
        user,
    })
}

fn lifetimes(api: &Api) -> Lifetimes {
    let tokens = &api.config.tokens;
    Lifetimes { refresh_seconds: tokens.refresh_seconds, grace_seconds: tokens.grace_seconds }
}

/// Log in
///
/// Whether the address is unknown or the password wrong, the answer and its time are the same. After some wrong
/// passwords one has to wait (429).
#[utoipa::path(
    post,
    path = "/api/v1/sessions",
    tag = "session",
    request_body = LogIn,
    responses(
        (status = 200, body = Tokens),
        (status = 401, body = ProblemBody, description = "wrong-credentials"),
        (status = 403, body = ProblemBody, description = "unverified: a letter was sent once more"),
        (status = 429, body = ProblemBody, description = "throttled, with Retry-After")
    )
)]
pub(super) async fn log_in(
    State(api): State<Api>,
    visitor: Visitor,
    Body(said): Body<LogIn>,
) -> Result<Json<Tokens>, Problem> {
    let start = Instant::now();
    let email = said.email.trim().to_lowercase();
    let tried = api.throttle.logins.begin(visitor.address, &email, start).map_err(|wait| {
        Problem::wait(Kind::Throttled, "too many wrong passwords: wait and try again", wait)
    })?;
    let found = api.directory.read(move |conn| users::find_by_email(conn, &email)).await?;
    let (user, kept) = found.map_or((None, None), |(user, kept)| (Some(user), kept));
    let verdict = api.passwords.verify(said.password, kept.clone()).await?;
    let user = user.filter(|user| user.disabled_at.is_none());
    let (Verdict::Right { rehashed }, Some(user)) = (verdict, user) else {
        tokio::time::sleep(WRONG_TAKES.saturating_sub(start.elapsed())).await;
        let why = "this address and this password do not belong together";
        return Err(Problem::new(Kind::WrongCredentials, why));
    };
    api.throttle.logins.succeeded(tried);
    if let (Some(new), Some(old)) = (rehashed, kept) {
        let id = user.id;
        api.directory.change(move |conn| users::rehash(conn, id, &old, &new)).await?;
    }
    if user.verified_at.is_none() && api.config.verifies_email() {
        super::accounts::send_verification(&api, &user, visitor).await?;
        let why = "prove first that this address is yours: we have sent a letter to it";
        return Err(Problem::new(Kind::Unverified, why));
    }
    begin(&api, visitor, user, said.device).await.map(Json)
}

/// Get the next tokens
///
/// A refresh token is good once. Used a second time it ends the log-in, unless the reply to its first use may have been
/// lost: within half a minute, and with what was in that reply unused.
#[utoipa::path(
    post,
    path = "/api/v1/sessions/refresh",
    tag = "session",
    request_body = Refresh,
    responses((status = 200, body = Tokens), (status = 401, body = ProblemBody))
)]
pub(super) async fn refresh(
    State(api): State<Api>,
    visitor: Visitor,
    Body(said): Body<Refresh>,
) -> Result<Json<Tokens>, Problem> {
    let (secret, act, lifetimes) =
        (SecretHash::of(&said.refresh_token), visitor.act(None), lifetimes(&api));
    let refreshed =
        api.directory.change(move |conn| logins::refresh(conn, &act, secret, lifetimes)).await?;
    match refreshed {
        Refreshed::Fresh { login, user, secret } => {
            let found = api.directory.read(move |conn| users::find(conn, user)).await?;
            let ended = || Problem::new(Kind::Unauthenticated, "this log-in has ended");
            tokens(&api, visitor, found.ok_or_else(ended)?, login, secret.reveal()).map(Json)
        }
        Refreshed::Reused { user } => {
            tracing::warn!(%user, address = %visitor.address, "a refresh token was used twice");
            api.lines.recheck(Concern::User(user)).await;
            let why =
                "this refresh token was used before: the log-in has ended, for whoever has it";
            Err(Problem::new(Kind::Unauthenticated, why))
        }
    }
}

/// One's log-ins
#[utoipa::path(
    get,
    path = "/api/v1/sessions",
    tag = "session",
    security(("token" = [])),
    responses((status = 200, body = [Login]), (status = 401, body = ProblemBody))
)]
pub(super) async fn list(
    State(api): State<Api>,
    caller: Caller,
) -> Result<Json<Vec<Login>>, Problem> {
    caller.in_person()?;
    let (user, now) = (caller.user.id, caller.act().at);
    Ok(Json(api.directory.read(move |conn| logins::list(conn, user, now)).await?))
}

/// Log out
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/current",
    tag = "session",
    security(("token" = [])),
    responses((status = 204), (status = 401, body = ProblemBody))
)]
pub(super) async fn log_out(State(api): State<Api>, caller: Caller) -> Result<StatusCode, Problem> {
    let (login, act) = (caller.in_person()?, caller.act());
    api.directory.change(move |conn| logins::end_own(conn, &act, login)).await?;
    ended(&api, caller.user.id).await
}

/// End one of one's log-ins
#[utoipa::path(
    delete,
    path = "/api/v1/sessions/{session}",
    tag = "session",
    params(("session" = LoginId, Path)),
    security(("token" = [])),
    responses((status = 204), (status = 404, body = ProblemBody))
)]
pub(super) async fn end(
    State(api): State<Api>,
    caller: Caller,
    At(login): At<LoginId>,
) -> Result<StatusCode, Problem> {
    caller.in_person()?;
    let act = caller.act();
    api.directory.change(move |conn| logins::end_own(conn, &act, login)).await?;
    ended(&api, caller.user.id).await
}

/// Log out everywhere
#[utoipa::path(
    delete,
    path = "/api/v1/sessions",
    tag = "session",
    security(("token" = [])),
    responses((status = 204), (status = 401, body = ProblemBody))
)]
pub(super) async fn log_out_everywhere(
    State(api): State<Api>,
    caller: Caller,
) -> Result<StatusCode, Problem> {
    caller.in_person()?;
    let (act, user) = (caller.act(), caller.user.id);
    api.directory
        .change(move |conn| logins::end_all(conn, &act, user, None, "everywhere, by its owner"))
        .await?;
    ended(&api, user).await
}

async fn ended(api: &Api, user: UserId) -> Result<StatusCode, Problem> {
    api.lines.recheck(Concern::User(user)).await;
    Ok(StatusCode::NO_CONTENT)
}

/// For which document a ticket is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskTicket {
    document: DocumentId,
}

/// A ticket.
#[derive(Serialize, ToSchema)]
pub(super) struct Ticket {
    /// For `/ws/{document}?ticket=…`, once.
    ticket: String,
    /// How many seconds it is good.
    expires_in: u32,
}

/// Get a ticket for one line
///
/// For programs that can say who they are nowhere but in an address, like stock clients in a browser: a ticket is good
/// once, for a minute, for one document.
#[utoipa::path(
    post,
    path = "/api/v1/tickets",
    tag = "session",
    request_body = AskTicket,
    security(("token" = [])),
    responses((status = 200, body = Ticket), (status = 404, body = ProblemBody))
)]
pub(super) async fn ticket(
    State(api): State<Api>,
    caller: Caller,
    Body(asked): Body<AskTicket>,
) -> Result<Json<Ticket>, Problem> {
    let (user, by, expires, now) = (caller.user.id, caller.by, caller.expires, caller.act().at);
    let document = asked.document;
    api.directory.read(move |conn| standing::of(conn, user, by, document, now)).await?;
    let holder = tickets::Holder { user, by, expires, document };
    let ticket = api.tickets.give(holder, now).ok_or_else(|| {
        let why = "too many tickets were asked for: try again in a minute";
        Problem::wait(Kind::Busy, why, Duration::from_secs(60))
    })?;
    Ok(Json(Ticket { ticket: ticket.reveal(), expires_in: tickets::SECONDS }))
}

/// Everything but one log-in ends: after a password was changed.
pub(super) async fn end_others(
    api: &Api,
    act: crate::directory::Act,
    user: UserId,
    but: Option<LoginId>,
    because: &'static str,
) -> Result<(), Problem> {
    api.directory.change(move |conn| logins::end_all(conn, &act, user, but, because)).await?;
    api.lines.recheck(Concern::User(user)).await;
    Ok(())
}

/// What a letter's secret stands for is used up.
pub(super) async fn take_letter(
    api: &Api,
    visitor: Visitor,
    secret: &str,
    letter: letters::Letter,
) -> Result<UserId, Problem> {
    let (secret, now) = (SecretHash::of(secret), visitor.now);
    Ok(api.directory.change(move |conn| letters::take(conn, secret, letter, now)).await?)
}
