//! One's own account: how one gets it, and what one can change in it. No answer tells a stranger who has an account.

use super::{
    Api,
    extract::{Body, Caller, Json, Visitor},
    problem::{Kind, Problem, ProblemBody},
    sessions::{end_others, take_letter},
};
use crate::{
    auth::{password::Verdict, secret::SecretHash, throttle::network_of},
    config::Registration,
    directory::{
        DirectoryError, invitations, letters,
        letters::Letter as Purpose,
        users::{self, NewUser, User},
    },
    mail::Letter,
};
use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use std::time::Instant;
use utoipa::ToSchema;

/// Who wants an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Register {
    email: String,
    /// What others see.
    name: String,
    /// 8 to 256 characters.
    password: String,
    /// The secret of an invitation that was sent to this address: needed where strangers may not register. It is not used
    /// up: accept it once you have logged in.
    #[serde(default)]
    invitation: Option<String>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Next {
    /// Log in.
    LogIn,
    /// A letter was sent: follow what it says, then log in.
    ReadMail,
}

/// An account is there, or will be.
#[derive(Serialize, ToSchema)]
pub(super) struct Registered {
    next: Next,
}

/// Get an account
///
/// Where addresses are proven by a letter the answer is the same whether the address has an account or not; the letter
/// tells which.
#[utoipa::path(
    post,
    path = "/api/v1/register",
    tag = "account",
    request_body = Register,
    responses(
        (status = 200, body = Registered),
        (status = 403, body = ProblemBody, description = "Strangers may not register here"),
        (status = 409, body = ProblemBody, description = "Only to who proves to read the mail of the address, \
            and where no address is proven"),
        (status = 422, body = ProblemBody)
    )
)]
pub(super) async fn register(
    State(api): State<Api>,
    visitor: Visitor,
    Body(said): Body<Register>,
) -> Result<Json<Registered>, Problem> {
    throttle_letters(&api, visitor)?;
    let email = users::checked_email(&said.email)?;
    let is_invited = match &said.invitation {
        Some(secret) => {
            let (secret, now) = (SecretHash::of(secret), visitor.now);
            let to = api.directory.read(move |conn| invitations::addressee(conn, secret, now));
            if to.await? != email {
                let why = "this invitation was sent to another address";
                return Err(Problem::new(Kind::Forbidden, why));
            }
            true
        }
        None => false,
    };
    match api.config.accounts.registration {
        Registration::Open => {}
        Registration::Invited if is_invited => {}
        Registration::Invited => {
            let why = "one registers here with an invitation only: ask somebody to share a project with you";
            return Err(Problem::new(Kind::Forbidden, why));
        }
        Registration::Closed => {
            let why = "only an administrator makes accounts here";
            return Err(Problem::new(Kind::Forbidden, why));
        }
    }
    let must_prove = api.config.verifies_email() && !is_invited;
    let password = api.passwords.hash(said.password).await?;
    let new = NewUser {
        email: Some(email.clone()),
        name: said.name,
        password: Some(password),
        is_admin: false,
        is_verified: is_invited,
    };
    let act = visitor.act(None);
    match api.directory.change(move |conn| users::create(conn, &act, new)).await {
        Ok(user) if must_prove => send_verification(&api, &user, visitor).await?,
        Ok(_) => {}
        Err(DirectoryError::Conflict(_)) if must_prove => send_known(&api, email),
        Err(error) => return Err(error.into()),
    }
    Ok(Json(Registered { next: if must_prove { Next::ReadMail } else { Next::LogIn } }))
}

fn throttle_letters(api: &Api, visitor: Visitor) -> Result<(), Problem> {
    let household = network_of(visitor.address);
    api.throttle
        .letters_by_address
        .put(household, Instant::now())
        .map_err(|wait| Problem::wait(Kind::Throttled, "too often: wait and try again", wait))
}

/// A letter that proves an address; none, if some were sent lately.
pub(super) async fn send_verification(
    api: &Api,
    user: &User,
    visitor: Visitor,
) -> Result<(), Problem> {
    let Some(email) = user.email.clone() else { return Ok(()) };
    if api.throttle.letters_to.put(email.clone(), Instant::now()).is_err() {
        return Ok(());
    }
    let (id, now) = (user.id, visitor.now);
    let secret =
        api.directory.change(move |conn| letters::write(conn, id, Purpose::Verify, now)).await?;
    let (url, secret) = (&api.config.public_url, secret.reveal());
    api.letters.post(Letter {
        to: email,
        subject: "Prove your address".to_owned(),
        body: format!(
            "Hello {},\n\nsomebody, probably you, has made an account at {url} with this address. To prove that it is \
             yours, open\n\n{url}/account#verify={secret}\n\nor give this code to Quire:\n\n{secret}\n\n\
             It is good for three days. If it was not you, do nothing.\n",
            user.name
        ),
    });
    Ok(())
}

fn send_known(api: &Api, email: String) {
    if api.throttle.letters_to.put(email.clone(), Instant::now()).is_err() {
        return;
    }
    let url = &api.config.public_url;
    api.letters.post(Letter {
        to: email,
        subject: "You have an account already".to_owned(),
        body: format!(
            "Hello,\n\nsomebody, probably you, wanted to make an account at {url} with this address. It has one \
             already: log in, or ask for a new password there. If it was not you, do nothing.\n"
        ),
    });
}

/// The secret of a letter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Verify {
    secret: String,
}

/// Prove an address with the secret of a letter
#[utoipa::path(
    post,
    path = "/api/v1/verify",
    tag = "account",
    request_body = Verify,
    responses((status = 204), (status = 404, body = ProblemBody, description = "bad-secret"))
)]
pub(super) async fn verify(
    State(api): State<Api>,
    visitor: Visitor,
    Body(said): Body<Verify>,
) -> Result<StatusCode, Problem> {
    let user = take_letter(&api, visitor, &said.secret, Purpose::Verify).await?;
    let act = visitor.act(Some(user));
    api.directory.change(move |conn| users::verify(conn, &act, user)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whose password is forgotten.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Forgot {
    email: String,
}

/// Ask for a letter with which one can choose a new password
///
/// The answer, and its time, are the same whether the address has an account or not.
#[utoipa::path(
    post,
    path = "/api/v1/password/forgot",
    tag = "account",
    request_body = Forgot,
    responses((status = 202), (status = 429, body = ProblemBody))
)]
pub(super) async fn forgot(
    State(api): State<Api>,
    visitor: Visitor,
    Body(said): Body<Forgot>,
) -> Result<StatusCode, Problem> {
    throttle_letters(&api, visitor)?;
    let email = said.email.trim().to_lowercase();
    // By itself, so that its time is not the answer's.
    tokio::spawn(async move {
        if let Err(error) = send_reset(&api, email, visitor).await {
            tracing::error!(?error, "a letter could not be written");
        }
    });
    Ok(StatusCode::ACCEPTED)
}

async fn send_reset(api: &Api, email: String, visitor: Visitor) -> Result<(), Problem> {
    if api.throttle.letters_to.put(email.clone(), Instant::now()).is_err() {
        return Ok(());
    }
    let now = visitor.now;
    let written = api.directory.change(move |conn| {
        let found = users::find_by_email(conn, &email)?;
        let Some((user, _)) = found.filter(|(user, _)| user.disabled_at.is_none()) else {
            return Ok(None);
        };
        let secret = letters::write(conn, user.id, Purpose::Reset, now)?;
        Ok(Some((user, secret)))
    });
    if let Some((user, secret)) = written.await? {
        post_reset(
            api,
            user,
            &secret.reveal(),
            "somebody, probably you, has forgotten the password",
        );
    }
    Ok(())
}

/// A letter with which one can choose a password.
pub(super) fn post_reset(api: &Api, user: User, secret: &str, why: &str) {
    let Some(to) = user.email else { return };
    let url = &api.config.public_url;
    api.letters.post(Letter {
        to,
        subject: "Choose a password".to_owned(),
        body: format!(
            "Hello {},\n\n{why} of the account at {url} with this address. To choose one, open\n\n\
             {url}/account#reset={secret}\n\nor give this code to Quire:\n\n{secret}\n\n\
             It is good for an hour. If it was not you, do nothing: your password stays as it is.\n",
            user.name
        ),
    });
}

/// A new password, for a letter's secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    secret: String,
    /// 8 to 256 characters.
    password: String,
}

/// Choose a new password with the secret of a letter
///
/// All log-ins end.
#[utoipa::path(
    post,
    path = "/api/v1/password/reset",
    tag = "account",
    request_body = Reset,
    responses((status = 204), (status = 404, body = ProblemBody, description = "bad-secret"))
)]
pub(super) async fn reset(
    State(api): State<Api>,
    visitor: Visitor,
    Body(said): Body<Reset>,
) -> Result<StatusCode, Problem> {
    let hash = api.passwords.hash(said.password).await?;
    let user = take_letter(&api, visitor, &said.secret, Purpose::Reset).await?;
    let act = visitor.act(Some(user));
    api.directory
        .change(move |conn| {
            users::set_password(conn, &act, user, &hash)?;
            // Who has the letter reads the mail of the address.
            users::verify(conn, &act, user)
        })
        .await?;
    end_others(&api, act, user, None, "the password was chosen anew").await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Who one is
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "account",
    security(("token" = [])),
    responses((status = 200, body = User), (status = 401, body = ProblemBody))
)]
pub(super) async fn me(caller: Caller) -> Json<User> {
    Json(caller.user)
}

/// What is to be changed of an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rename {
    /// What others see.
    name: String,
}

/// Take another name
#[utoipa::path(
    patch,
    path = "/api/v1/me",
    tag = "account",
    request_body = Rename,
    security(("token" = [])),
    responses((status = 204), (status = 422, body = ProblemBody))
)]
pub(super) async fn rename(
    State(api): State<Api>,
    caller: Caller,
    Body(said): Body<Rename>,
) -> Result<StatusCode, Problem> {
    caller.in_person()?;
    let (act, user) = (caller.act(), caller.user.id);
    api.directory.change(move |conn| users::rename(conn, &act, user, &said.name)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The old password and the new.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangePassword {
    old: String,
    /// 8 to 256 characters.
    new: String,
}

/// Change one's password
///
/// All other log-ins end.
#[utoipa::path(
    post,
    path = "/api/v1/me/password",
    tag = "account",
    request_body = ChangePassword,
    security(("token" = [])),
    responses((status = 204), (status = 401, body = ProblemBody, description = "wrong-credentials"))
)]
pub(super) async fn change_password(
    State(api): State<Api>,
    visitor: Visitor,
    caller: Caller,
    Body(said): Body<ChangePassword>,
) -> Result<StatusCode, Problem> {
    let (login, user, act) = (caller.in_person()?, caller.user.id, caller.act());
    let account = caller.user.email.unwrap_or_default();
    let tried = api.throttle.logins.begin(visitor.address, &account, Instant::now());
    let tried = tried.map_err(|wait| {
        Problem::wait(Kind::Throttled, "too many wrong passwords: wait and try again", wait)
    })?;
    let kept = api.directory.read(move |conn| users::password_of(conn, user)).await?;
    if api.passwords.verify(said.old, kept).await? == Verdict::Wrong {
        return Err(Problem::new(Kind::WrongCredentials, "this is not the old password"));
    }
    api.throttle.logins.succeeded(tried);
    let hash = api.passwords.hash(said.new).await?;
    api.directory.change(move |conn| users::set_password(conn, &act, user, &hash)).await?;
    end_others(&api, act, user, Some(login), "the password was changed").await?;
    Ok(StatusCode::NO_CONTENT)
}
