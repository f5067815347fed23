//! The HTTP interface, `/api/v1`: accounts, projects, sharing. Each address is described where it is served, and the
//! description, `/openapi.json`, is made from the very table that serves them.

mod about;
mod accounts;
mod admin;
pub(crate) mod blobs;
mod documents;
pub mod extract;
mod files;
pub(crate) mod history;
mod members;
mod notifications;
mod pages;
mod personal;
pub mod problem;
mod projects;
mod sessions;
mod sharing;
mod sso;
mod versions;

use crate::{
    auth::{
        password::Passwords,
        throttle::{Buckets, FrameThrottle, LoginThrottle},
        tickets::Tickets,
        tokens::AccessTokens,
    },
    blobs::Blobs,
    config::Config,
    directory::{Directory, UserId},
    mail::Letterbox,
    metrics::Metrics,
    room::Rooms,
    sso::Providers,
    talks::Talks,
    ws::{channel::Channels, open::OpenLines, quota::Quotas},
};
use axum::{
    Router,
    extract::{Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use extract::{Visitor, throttle_address};
use problem::{Kind, Problem, ProblemBody};
use quire_collab::room::Limits;
use std::{net::IpAddr, ops::Deref, sync::Arc, time::Duration};
use tokio::sync::Semaphore;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{Http, HttpAuthScheme, SecurityScheme},
    },
};
use utoipa_axum::{router::OpenApiRouter, routes};

/// What the handlers work with; each part has its own rules.
pub struct Parts {
    /// The settings.
    pub config: Config,
    /// Who may do what.
    pub directory: Arc<Directory>,
    /// Access tokens.
    pub tokens: AccessTokens,
    /// Where passwords are hashed.
    pub passwords: Passwords,
    /// How often one may try.
    pub throttle: Throttles,
    /// Others through which people sign in.
    pub providers: Providers,
    /// Tickets for lines.
    pub tickets: Tickets,
    /// Where letters are put in.
    pub letters: Letterbox,
    /// The documents that are open.
    pub rooms: Rooms,
    /// The lines to them.
    pub lines: OpenLines,
    /// Who is told what is changed in a project.
    pub channels: Channels,
    /// Who reads what is said, to tell others of it.
    pub talks: Talks,
    /// What files hold.
    pub blobs: Blobs,
    /// Numbers.
    pub metrics: Arc<Metrics>,
    /// Free places among the lines and requests that are taken at once.
    pub places: Arc<Semaphore>,
    /// What projects take.
    pub quotas: Quotas,
    /// Bounds of a frame.
    pub limits: Limits,
}

/// The same for everybody who serves.
#[derive(Clone)]
pub struct Api(Arc<Parts>);

impl Api {
    /// All parts are there.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Api {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// How often one may try.
pub struct Throttles {
    /// Passwords.
    pub logins: LoginThrottle,
    /// Any request, of a person.
    pub by_user: Buckets<UserId>,
    /// Any request, of a household.
    pub by_address: Buckets<IpAddr>,
    /// What sends a letter, of a household.
    pub letters_by_address: Buckets<IpAddr>,
    /// Letters to one address.
    pub letters_to: Buckets<String>,
    /// New guests, of a household.
    pub guests: Buckets<IpAddr>,
    /// Frames on lines.
    pub frames: FrameThrottle,
}

impl Throttles {
    /// As configured.
    pub fn new(config: &Config) -> Self {
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3600));
        Self {
            logins: LoginThrottle::new(config.limits.failed_logins),
            by_user: Buckets::new(config.limits.requests_per_minute, minute),
            by_address: Buckets::new(config.limits.requests_per_minute, minute),
            letters_by_address: Buckets::new(30, hour),
            letters_to: Buckets::new(5, hour),
            guests: Buckets::new(30, hour),
            frames: FrameThrottle::new(config.limits.frames_per_minute),
        }
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "quire-relay",
        description = "Accounts, projects and sharing of a Quire relay. Whatever is not done is answered with \
            application/problem+json. Requests and answers are JSON; times are as in RFC 3339; ids are 32 hexadecimal \
            digits. The documents themselves are reached on /ws/{document}, and what is told of a project, \
            with all of its documents, on /ws/projects/{project} (see the README).",
        license(name = "MIT OR Apache-2.0")
    ),
    components(schemas(ProblemBody)),
    modifiers(&AccessToken),
    tags(
        (name = "relay", description = "The relay itself"),
        (name = "account", description = "One's own account"),
        (name = "session", description = "Log-ins and their tokens"),
        (name = "project", description = "Projects, their members and documents"),
        (name = "file", description = "Files that are not texts, and what they hold"),
        (name = "history", description = "What was written when, by whom, and back to it"),
        (name = "sharing", description = "Invitations and links"),
        (name = "notification", description = "What one is to know of"),
        (name = "admin", description = "For administrators")
    )
)]
struct Description;

/// How a caller says who he is.
struct AccessToken;

impl Modify for AccessToken {
    fn modify(&self, api: &mut openapi::OpenApi) {
        let mut scheme = Http::new(HttpAuthScheme::Bearer);
        scheme.description = Some("An access token (15 minutes), or a personal token".to_owned());
        let components = api.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

fn described() -> OpenApiRouter<Api> {
    OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(about::about))
        .routes(routes!(about::public_keys))
        .routes(routes!(accounts::register))
        .routes(routes!(accounts::verify))
        .routes(routes!(accounts::forgot))
        .routes(routes!(accounts::reset))
        .routes(routes!(accounts::me, accounts::rename))
        .routes(routes!(accounts::change_password))
        .routes(routes!(sessions::log_in, sessions::list, sessions::log_out_everywhere))
        .routes(routes!(sessions::refresh))
        .routes(routes!(sessions::log_out))
        .routes(routes!(sessions::end))
        .routes(routes!(sessions::ticket))
        .routes(routes!(sso::begin))
        .routes(routes!(sso::back))
        .routes(routes!(sso::fetch))
        .routes(routes!(personal::list, personal::create))
        .routes(routes!(personal::revoke))
        .routes(routes!(projects::list, projects::create))
        .routes(routes!(projects::find, projects::change, projects::delete))
        .routes(routes!(projects::restore))
        .routes(routes!(projects::choose))
        .routes(routes!(projects::transfer))
        .routes(routes!(projects::audit))
        .routes(routes!(members::list))
        .routes(routes!(members::set_role, members::remove))
        .routes(routes!(documents::list))
        .routes(routes!(documents::put, documents::delete))
        .routes(routes!(history::list, versions::forget))
        .routes(routes!(history::text))
        .routes(routes!(history::changes))
        .routes(routes!(history::authors))
        .routes(routes!(versions::name, versions::unname))
        .routes(routes!(versions::restore))
        .routes(routes!(versions::name_project))
        .routes(routes!(files::list))
        .routes(routes!(files::put, files::delete))
        .routes(routes!(blobs::begin))
        .routes(routes!(blobs::send))
        .routes(routes!(blobs::read))
        .routes(routes!(sharing::invitations, sharing::invite))
        .routes(routes!(sharing::uninvite))
        .routes(routes!(sharing::accept))
        .routes(routes!(sharing::links, sharing::make_link))
        .routes(routes!(sharing::revoke_link))
        .routes(routes!(sharing::offer))
        .routes(routes!(sharing::join))
        .routes(routes!(sharing::join_as_guest))
        .routes(routes!(notifications::list))
        .routes(routes!(notifications::seen))
        .routes(routes!(notifications::all_seen))
        .routes(routes!(notifications::settings, notifications::set_settings))
        .routes(routes!(notifications::accept))
        .routes(routes!(admin::users, admin::create_user))
        .routes(routes!(admin::change_user))
        .routes(routes!(admin::audit))
}

/// The description of the interface (OpenAPI 3.1).
pub fn description() -> openapi::OpenApi {
    described().into_openapi()
}

/// All addresses of the interface.
pub fn router(api: &Api) -> Router<Api> {
    let (router, description) = described().split_for_parts();
    let description: Arc<str> = description.to_json().unwrap_or_default().into();
    let described = get(move || {
        let description = Arc::clone(&description);
        async move { ([("content-type", "application/json")], description.to_string()) }
    });
    router
        .route("/openapi.json", described)
        .merge(pages::router())
        .fallback(|| async { Problem::new(Kind::NotFound, "nothing has this address") })
        .method_not_allowed_fallback(|| async {
            Problem::new(Kind::Malformed, "this address is not asked in this way")
        })
        .layer(middleware::from_fn_with_state(api.clone(), bounded))
}

async fn bounded(
    State(api): State<Api>,
    visitor: Visitor,
    request: Request,
    next: Next,
) -> Response {
    match throttle_address(&api, visitor) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    }
}

/// Whoever is refused is in the log, with where he comes from and what he wanted.
pub async fn refusals_are_logged(visitor: Visitor, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let status = response.status();
    if matches!(
        status,
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS
    ) {
        let (address, status) = (visitor.address, status.as_u16());
        tracing::warn!(%address, %method, path, status, "refused");
    }
    response
}
