//! Why a relay did not do what was asked, in plain words; what programs react to is the kind.

use crate::AddressError;
use serde::Deserialize;
use std::time::Duration;

/// What a relay says is wrong: the word behind `urn:quire-relay:problem:`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// No token, or none that is good.
    Unauthenticated,
    /// The access token has expired.
    TokenExpired,
    /// E-mail address and password do not belong together.
    WrongCredentials,
    /// The e-mail address has to be proven first.
    Unverified,
    /// The role does not allow it.
    Forbidden,
    /// A bound is reached.
    Quota,
    /// There is no such thing for the one who asks.
    NotFound,
    /// The link or invitation is not good, or no longer.
    BadSecret,
    /// It contradicts what is there.
    Conflict,
    /// The project does not have the bytes that a file is to hold.
    NoBlob,
    /// Somebody else was quicker.
    Stale,
    /// It makes no sense.
    Invalid,
    /// It is too long.
    TooLarge,
    /// Too often.
    Throttled,
    /// The relay is busy, or its disk full; later it may go well.
    NotNow,
    /// One that this program does not know.
    Other,
}

impl ProblemKind {
    fn of(kind: &str) -> Self {
        match kind.strip_prefix("urn:quire-relay:problem:").unwrap_or_default() {
            "unauthenticated" => Self::Unauthenticated,
            "token-expired" => Self::TokenExpired,
            "wrong-credentials" => Self::WrongCredentials,
            "unverified" => Self::Unverified,
            "forbidden" => Self::Forbidden,
            "quota" => Self::Quota,
            "not-found" => Self::NotFound,
            "bad-secret" => Self::BadSecret,
            "conflict" => Self::Conflict,
            "no-blob" => Self::NoBlob,
            "stale" => Self::Stale,
            "invalid" | "malformed" => Self::Invalid,
            "too-large" => Self::TooLarge,
            "throttled" => Self::Throttled,
            "busy" | "disk-full" | "internal" => Self::NotNow,
            _ => Self::Other,
        }
    }
}

/// Why it was not done.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RelayError {
    /// The relay is not reached: no network, or it does not run.
    #[error("the relay {relay} cannot be reached: {why}")]
    Unreachable {
        /// Its name.
        relay: String,
        /// What is in the way.
        why: String,
    },
    /// Something else than a relay answered.
    #[error("there is no relay at {0}: something else answers there")]
    NotARelay(String),
    /// The relay refused.
    #[error("{detail}")]
    Refused {
        /// Why, for programs.
        kind: ProblemKind,
        /// Why, for people.
        detail: String,
        /// When to try again.
        wait: Option<Duration>,
    },
    /// What came is not what it said.
    #[error("the relay {0} does not have the bytes that it says it has")]
    WrongBytes(String),
    /// The log-in has ended.
    #[error("you are signed out of the relay {0}")]
    SignedOut(String),
    /// Signing in through a provider came to nothing.
    #[error("you are not signed in: {0}")]
    SignInFailed(String),
    /// It cannot be asked there.
    #[error(transparent)]
    Address(#[from] AddressError),
}

impl RelayError {
    /// What the relay said is wrong, if it said so.
    pub fn kind(&self) -> Option<ProblemKind> {
        match self {
            Self::Refused { kind, .. } => Some(*kind),
            _ => None,
        }
    }

    /// It may go well later, without anybody doing anything.
    pub fn passes(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { kind, .. } => {
                matches!(kind, ProblemKind::NotNow | ProblemKind::Throttled)
            }
            Self::NotARelay(_)
            | Self::WrongBytes(_)
            | Self::SignedOut(_)
            | Self::SignInFailed(_)
            | Self::Address(_) => false,
        }
    }
}

/// `application/problem+json` (RFC 9457).
#[derive(Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    detail: String,
}

/// What an answer with this body means that is none of success; `None` when it is not a relay's.
pub(crate) fn refusal(body: &[u8], wait: Option<Duration>) -> Option<RelayError> {
    let problem: Problem = serde_json::from_slice(body).ok()?;
    Some(RelayError::Refused { kind: ProblemKind::of(&problem.kind), detail: problem.detail, wait })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_is_read_for_programs_and_for_people() {
        let body = br#"{"type":"urn:quire-relay:problem:token-expired","title":"x","status":401,"detail":"it has expired"}"#;
        let error = refusal(body, None).unwrap();
        assert_eq!(error.kind(), Some(ProblemKind::TokenExpired));
        assert_eq!(error.to_string(), "it has expired");
        assert!(refusal(b"<html>Bad gateway</html>", None).is_none());
    }
}
