//! Signing in through a provider, in a browser, for a program on the same machine (RFC 8252). The program listens on the
//! loopback and opens `/sso/{provider}` here; the browser goes to the provider, comes back with a code, and is sent on to
//! the program with a code of ours, which is good once, for a minute, and for who knows the verifier of the program's
//! challenge. So tokens are in no address, and whoever is made to open such an address signs nobody in but himself.

use super::{
    Api,
    extract::{Asked, At, Body, Json, Visitor},
    pages,
    problem::{Kind, Problem, ProblemBody},
    sessions::{self, Tokens},
};
use crate::{
    auth::secret::{Purpose, Secret, SecretHash},
    directory::{
        identities::{self, Admission},
        users,
    },
    sso::{Desktop, HandOver, Provider, SsoError, Underway},
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;
use utoipa::{IntoParams, ToSchema};

const COOKIE: &str = "quire_relay_sso";
/// BASE64URL of 32 bytes.
const CHALLENGE_LENGTH: usize = 43;
const LONGEST_STATE: usize = 128;

/// A way to sign in besides e-mail address and password.
#[derive(Serialize, ToSchema)]
pub(super) struct Way {
    /// For `/sso/{provider}`.
    id: String,
    /// What people call it.
    name: String,
}

pub(super) fn ways(api: &Api) -> Vec<Way> {
    let way = |one: &Provider| Way { id: one.id().to_owned(), name: one.name().to_owned() };
    api.providers.iter().map(way).collect()
}

/// For which program the sign-in is.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct Begin {
    /// The port of 127.0.0.1 at which the program listens.
    port: u16,
    /// BASE64URL(SHA-256(verifier)) of a verifier that only the program knows (RFC 7636).
    challenge: String,
    /// What the program is told back, so that it knows its own sign-in: at most 128 characters of base64url.
    state: String,
}

impl TryFrom<Begin> for Desktop {
    type Error = Problem;

    fn try_from(said: Begin) -> Result<Self, Problem> {
        let is_plain = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
        };
        let is_challenge = said.challenge.len() == CHALLENGE_LENGTH && is_plain(&said.challenge);
        let is_state = (1..=LONGEST_STATE).contains(&said.state.len()) && is_plain(&said.state);
        if said.port == 0 || !is_challenge || !is_state {
            return Err(Problem::new(
                Kind::Malformed,
                "port, challenge and state do not make sense",
            ));
        }
        Ok(Self { port: said.port, challenge: said.challenge, state: said.state })
    }
}

/// Begin to sign in, in a browser
#[utoipa::path(
    get,
    path = "/sso/{provider}",
    tag = "session",
    params(("provider" = String, Path, description = "as `GET /api/v1` names it"), Begin),
    responses(
        (status = 303, description = "to the provider"),
        (status = 404, body = ProblemBody),
        (status = 503, description = "a page that says that the provider is not reached")
    )
)]
pub(super) async fn begin(
    State(api): State<Api>,
    visitor: Visitor,
    At(provider): At<String>,
    Asked(said): Asked<Begin>,
) -> Result<Response, Problem> {
    let desktop = Desktop::try_from(said)?;
    let no_such = || Problem::new(Kind::NotFound, "one cannot sign in here in this way");
    let provider = api.providers.get(&provider).ok_or_else(no_such)?;
    let cookie = Secret::new(Purpose::SignIn);
    let begun = api.providers.begin(provider, desktop, cookie.hash(), visitor.now).await;
    let url = match begun {
        Ok(Some(url)) => url,
        Ok(None) => return Ok(pages::words(StatusCode::SERVICE_UNAVAILABLE, FAILED, BUSY)),
        Err(error) => {
            tracing::warn!(%error, provider = provider.id(), "a sign-in could not begin");
            let words = error.to_string();
            return Ok(pages::words(StatusCode::SERVICE_UNAVAILABLE, FAILED, &words));
        }
    };
    let public = &api.config.public_url;
    let secure = if public.starts_with("https:") { "; Secure" } else { "" };
    // A proxy may have put the relay into a folder.
    let folder = Url::parse(public).map(|url| url.path().trim_end_matches('/').to_owned());
    let (folder, cookie) = (folder.unwrap_or_default(), cookie.reveal());
    let cookie = format!(
        "{COOKIE}={cookie}; Path={folder}/sso/; Max-Age=600; HttpOnly; SameSite=Lax{secure}"
    );
    Ok(([(header::SET_COOKIE, cookie)], to(&url)).into_response())
}

const FAILED: &str = "That did not work";
const BUSY: &str = "Too many are signing in. Try again in some minutes.";
const STRANGE: &str = "This sign-in is over, or was begun elsewhere. Begin again in Quire.";

/// Send a browser on; what it came with is told nobody.
fn to(url: &Url) -> impl IntoResponse + use<> {
    let headers = [
        (header::LOCATION, url.to_string()),
        (header::CACHE_CONTROL, "no-store".to_owned()),
        (header::REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    (StatusCode::SEE_OTHER, headers)
}

/// With what a browser comes back from a provider (RFC 6749, 4.1.2; RFC 9207).
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Back {
    /// What we sent it away with.
    state: String,
    /// The provider's code,
    #[serde(default)]
    code: Option<String>,
    /// or why there is none.
    #[serde(default)]
    error: Option<String>,
    /// Which provider says so.
    #[serde(default)]
    iss: Option<String>,
}

/// Come back from a provider, in a browser
#[utoipa::path(
    get,
    path = "/sso/{provider}/callback",
    tag = "session",
    params(("provider" = String, Path), Back),
    responses(
        (status = 303, description = "to the program that began, with `state` and either `code` or `error` and `error_description`"),
        (status = 400, description = "a page that says that this is no sign-in that is under way")
    )
)]
pub(super) async fn back(
    State(api): State<Api>,
    visitor: Visitor,
    At(provider): At<String>,
    headers: HeaderMap,
    Asked(said): Asked<Back>,
) -> Result<Response, Problem> {
    let is_ours = |underway: &Underway| {
        let cookie = cookie(&headers).map(SecretHash::of);
        underway.provider == provider && cookie == Some(underway.cookie)
    };
    let underway = api.providers.take(&said.state, visitor.now).filter(is_ours);
    let (Some(underway), Some(provider)) = (underway, api.providers.get(&provider)) else {
        tracing::warn!(address = %visitor.address, "somebody came back from a sign-in that is not under way");
        return Ok(pages::words(StatusCode::BAD_REQUEST, FAILED, STRANGE));
    };
    let desktop = underway.desktop.clone();
    let came = finish(&api, visitor, provider, said, underway).await;
    let answer = match came {
        Ok(code) => [("code", code), ("state", desktop.state)].to_vec(),
        Err((word, why)) => {
            tracing::warn!(address = %visitor.address, provider = provider.id(), why, "a sign-in was refused");
            let word = ("error", word.to_owned());
            [word, ("error_description", why), ("state", desktop.state)].to_vec()
        }
    };
    let loopback = format!("http://127.0.0.1:{}/signed-in", desktop.port);
    let url = Url::parse_with_params(&loopback, answer);
    Ok(to(&url.map_err(|error| Problem::new(Kind::Internal, error.to_string()))?).into_response())
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|value| value.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then_some(value)
    })
}

/// The code with which the program gets its tokens; or a word for it and one for people.
async fn finish(
    api: &Api,
    visitor: Visitor,
    provider: &Provider,
    said: Back,
    underway: Underway,
) -> Result<String, (&'static str, String)> {
    if said.iss.as_deref().is_some_and(|issuer| issuer != provider.issuer()) {
        return Err(("access_denied", "another provider has answered".to_owned()));
    }
    let Some(code) = said.code.filter(|_| said.error.is_none()) else {
        return Err(("access_denied", format!("{} did not let you in", provider.name())));
    };
    let challenge = underway.desktop.challenge.clone();
    let identity = provider.identify(code, underway).await.map_err(|error| match error {
        SsoError::Unreachable { .. } => ("temporarily_unavailable", error.to_string()),
        SsoError::Untrusted { .. } | SsoError::Domain(_) => ("access_denied", error.to_string()),
    })?;
    let admission = Admission {
        creates_accounts: provider.creates_accounts(),
        registration: api.config.accounts.registration,
    };
    let act = visitor.act(None);
    let signed_in = api
        .directory
        .change(move |conn| identities::sign_in(conn, &act, &identity, admission))
        .await
        .map_err(|error| ("access_denied", error.to_string()))?;
    let hand_over = HandOver { user: signed_in.id, challenge };
    let code = api.providers.hand_overs.give(hand_over, visitor.now);
    code.map(Secret::reveal).ok_or(("temporarily_unavailable", BUSY.to_owned()))
}

/// What a program says to get the tokens of a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fetch {
    /// With what the browser came back to it.
    code: String,
    /// What its challenge was made from.
    verifier: String,
    /// What the program calls itself, for the list of log-ins.
    #[serde(default = "sessions::some_device")]
    #[schema(example = "Quire on laptop")]
    device: String,
}

/// Get the tokens of a sign-in through a provider
#[utoipa::path(
    post,
    path = "/api/v1/sessions/sso",
    tag = "session",
    request_body = Fetch,
    responses((status = 200, body = Tokens), (status = 404, body = ProblemBody, description = "bad-secret"))
)]
pub(super) async fn fetch(
    State(api): State<Api>,
    visitor: Visitor,
    Body(said): Body<Fetch>,
) -> Result<Json<Tokens>, Problem> {
    let taken = api.providers.hand_overs.take(SecretHash::of(&said.code), visitor.now);
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(said.verifier.as_bytes()));
    let bad = || {
        Problem::new(Kind::BadSecret, "this sign-in was used, is too old, or is another program's")
    };
    let id = taken.filter(|taken| taken.challenge == challenge).ok_or_else(bad)?.user;
    let user = api.directory.read(move |conn| users::find(conn, id)).await?;
    let user = user.filter(|user| user.disabled_at.is_none()).ok_or_else(bad)?;
    sessions::begin(&api, visitor, user, said.device).await.map(Json)
}
