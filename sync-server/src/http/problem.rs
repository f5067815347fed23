//! What is answered when something is not done: `application/problem+json` (RFC 9457), in words for people, with a `type`
//! that programs go by.

use crate::{
    auth::{password::PasswordError, tokens::TokenError},
    directory::DirectoryError,
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// What is wrong, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No access token, or none that is good.
    Unauthenticated,
    /// The access token has expired: refresh it.
    TokenExpired,
    /// The address and the password do not belong together, or there is no such account.
    WrongCredentials,
    /// The address has to be proven first.
    Unverified,
    /// Not with this role, or this kind of token.
    Forbidden,
    /// There is no such thing, or none that the one who asks may know of.
    NotFound,
    /// A link, invitation or letter that is not good, or no longer.
    BadSecret,
    /// It contradicts what is there.
    Conflict,
    /// Somebody else was quicker.
    Stale,
    /// The project does not have the bytes.
    NoBlob,
    /// The bytes asked for lie behind the end.
    Range,
    /// The request cannot be read.
    Malformed,
    /// The request can be read and makes no sense.
    Invalid,
    /// Longer than is taken.
    TooLarge,
    /// A bound was reached.
    Quota,
    /// Too often: wait.
    Throttled,
    /// Web pages of this origin may not connect.
    Origin,
    /// Too much is going on: wait.
    Busy,
    /// The disk of the relay is full.
    DiskFull,
    /// A fault of the relay.
    Internal,
}

impl Kind {
    const fn parts(self) -> (&'static str, StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::Unauthenticated => ("unauthenticated", S::UNAUTHORIZED, "Log in first"),
            Self::TokenExpired => ("token-expired", S::UNAUTHORIZED, "The token has expired"),
            Self::WrongCredentials => {
                ("wrong-credentials", S::UNAUTHORIZED, "Wrong address or password")
            }
            Self::Unverified => ("unverified", S::FORBIDDEN, "The address is not proven yet"),
            Self::Forbidden => ("forbidden", S::FORBIDDEN, "Not allowed"),
            Self::NotFound => ("not-found", S::NOT_FOUND, "Not found"),
            Self::BadSecret => ("bad-secret", S::NOT_FOUND, "Not good, or no longer"),
            Self::Conflict => ("conflict", S::CONFLICT, "Not as things are"),
            Self::Stale => ("stale", S::PRECONDITION_FAILED, "Changed meanwhile"),
            Self::NoBlob => ("no-blob", S::CONFLICT, "Not uploaded"),
            Self::Range => ("range", S::RANGE_NOT_SATISFIABLE, "Behind the end"),
            Self::Malformed => ("malformed", S::BAD_REQUEST, "The request cannot be read"),
            Self::Invalid => ("invalid", S::UNPROCESSABLE_ENTITY, "The request makes no sense"),
            Self::TooLarge => ("too-large", S::PAYLOAD_TOO_LARGE, "Too long"),
            Self::Quota => ("quota", S::FORBIDDEN, "A limit is reached"),
            Self::Throttled => ("throttled", S::TOO_MANY_REQUESTS, "Too often"),
            Self::Origin => ("origin", S::FORBIDDEN, "Not from this web page"),
            Self::Busy => ("busy", S::SERVICE_UNAVAILABLE, "Busy"),
            Self::DiskFull => ("disk-full", S::INSUFFICIENT_STORAGE, "The relay's disk is full"),
            Self::Internal => ("internal", S::INTERNAL_SERVER_ERROR, "A fault of the relay"),
        }
    }
}

/// An answer that something was not done.
#[derive(Clone, Debug)]
pub struct Problem {
    kind: Kind,
    detail: String,
    retry_after: Option<Duration>,
}

/// A problem as it is sent (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// What is wrong, for programs: `urn:quire-relay:problem:` and a word.
    #[serde(rename = "type")]
    #[schema(example = "urn:quire-relay:problem:forbidden")]
    kind: String,
    /// The same for people, in short.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What happened here, for people.
    detail: String,
}

impl Problem {
    /// With words for people.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), retry_after: None }
    }

    /// Try again after this time.
    pub fn wait(kind: Kind, detail: impl Into<String>, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..Self::new(kind, detail) }
    }

    /// What is wrong.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The same for people: of a fault of the relay they are told no more than that there is one.
    pub fn words(&self) -> &str {
        match self.kind {
            Kind::Internal => "something failed in the relay; its log says what",
            _ => &self.detail,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (word, status, title) = self.kind.parts();
        if status.is_server_error() {
            tracing::error!(word, detail = self.detail, "a request was not served");
        }
        let kind = format!("urn:quire-relay:problem:{word}");
        let detail = self.words().to_owned();
        let body = ProblemBody { kind, title, status: status.as_u16(), detail };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        let json = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, json);
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, (wait.as_secs() + 1).into());
        }
        response
    }
}

impl From<DirectoryError> for Problem {
    fn from(error: DirectoryError) -> Self {
        let kind = match &error {
            DirectoryError::NotFound(_) => Kind::NotFound,
            DirectoryError::Forbidden(_) => Kind::Forbidden,
            DirectoryError::Conflict(_) => Kind::Conflict,
            DirectoryError::Invalid(_) => Kind::Invalid,
            DirectoryError::LoggedOut(_) => Kind::Unauthenticated,
            DirectoryError::BadSecret(_) => Kind::BadSecret,
            DirectoryError::Quota(_) => Kind::Quota,
            DirectoryError::Stale(_) => Kind::Stale,
            DirectoryError::NoBlob => Kind::NoBlob,
            DirectoryError::DiskFull => Kind::DiskFull,
            DirectoryError::Closed => Kind::Busy,
            DirectoryError::Disk(_) | DirectoryError::Foreign(_) => Kind::Internal,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<PasswordError> for Problem {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => {
                Self::wait(Kind::Busy, error.to_string(), Duration::from_secs(1))
            }
            PasswordError::Length | PasswordError::Common => {
                Self::new(Kind::Invalid, error.to_string())
            }
        }
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let kind = match error {
            TokenError::Expired => Kind::TokenExpired,
            TokenError::NotOurs => Kind::Unauthenticated,
        };
        Self::new(kind, error.to_string())
    }
}
