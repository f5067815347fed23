//! How a line says who it is, when it is opened. In the header `Authorization`; in a browser, which cannot set one, in the
//! cookie `quire_relay` or as a second protocol, `bearer.` and the token (`Sec-WebSocket-Protocol`); and for programs that
//! can do nothing but add to the address, with a ticket: never with a token there, where logs have it.

use crate::{
    auth::secret::SecretHash,
    directory::{DocumentId, Timestamp, UserId, standing::Credential},
    http::{
        Api,
        extract::{authenticate, bearer},
        problem::{Kind, Problem},
    },
};
use axum::http::{HeaderMap, header};

/// The protocol that lines speak, for those who have to name one to be able to name a second.
pub(super) const PROTOCOL: &str = "quire.sync";
const COOKIE: &str = "quire_relay=";

/// How a line says who it is.
pub(crate) struct Asked<'a> {
    proof: Proof<'a>,
    /// It names our protocol, and wants to hear that we speak it.
    pub(super) offers_protocol: bool,
}

enum Proof<'a> {
    Token(&'a str),
    Ticket(&'a str),
}

/// Who opens a line.
#[derive(Clone, Copy)]
pub(super) struct Opener {
    /// Who.
    pub(super) user: UserId,
    /// By what he is known.
    pub(super) by: Credential,
    /// When that ends.
    pub(super) expires: Option<Timestamp>,
}

/// Web pages may connect if their origin is among those that are named: browsers let any page open a line anywhere,
/// and send our cookie with it.
pub(super) fn check_origin(api: &Api, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(origin) = headers.get(header::ORIGIN) else { return Ok(()) };
    if api.config.origins.iter().any(|known| known.as_bytes() == origin.as_bytes()) {
        return Ok(());
    }
    tracing::warn!(?origin, "a foreign web page");
    Err(Problem::new(Kind::Origin, "web pages of this origin may not connect"))
}

impl<'a> Asked<'a> {
    /// Take the request apart.
    ///
    /// # Errors
    /// When it says nothing of who it is, or says it where it must not.
    pub(crate) fn of(headers: &'a HeaderMap, query: Option<&'a str>) -> Result<Self, Problem> {
        let protocols: Vec<&str> = headers
            .get_all(header::SEC_WEBSOCKET_PROTOCOL)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .collect();
        let named = |name: &str| {
            let mut pairs = query.unwrap_or_default().split('&');
            pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        if ["token", "access_token", "auth"].iter().any(|name| named(name).is_some()) {
            let why = "a token in the address ends up in logs: this one should be taken back. Ask for a ticket instead";
            return Err(Problem::new(Kind::Malformed, why));
        }
        let proof = bearer(headers)
            .or_else(|| protocols.iter().find_map(|name| name.strip_prefix("bearer.")))
            .or_else(|| cookie(headers))
            .map(Proof::Token)
            .or_else(|| named("ticket").map(Proof::Ticket));
        let why = "an access token is needed: in the header Authorization, as \"Bearer …\", in the cookie quire_relay or as \
             the protocol \"bearer.…\" beside \"quire.sync\"; or a ticket in the address";
        Ok(Self {
            proof: proof.ok_or_else(|| Problem::new(Kind::Unauthenticated, why))?,
            offers_protocol: protocols.contains(&PROTOCOL),
        })
    }

    /// The token or the ticket, as it was said.
    #[cfg(feature = "fuzz")]
    pub(crate) fn said(&self) -> &str {
        match self.proof {
            Proof::Token(said) | Proof::Ticket(said) => said,
        }
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE))
}

/// Who it is.
///
/// # Errors
/// When he is nobody.
pub(super) async fn known(
    api: &Api,
    asked: &Asked<'_>,
    document: Option<DocumentId>,
    now: Timestamp,
) -> Result<Opener, Problem> {
    match asked.proof {
        Proof::Token(token) => {
            let known = authenticate(api, token, now).await?;
            Ok(Opener { user: known.user.id, by: known.by, expires: known.expires })
        }
        Proof::Ticket(ticket) => {
            let secret = SecretHash::of(ticket);
            let holder = document.and_then(|document| api.tickets.take(secret, document, now));
            let why = "this ticket is not good, or no longer: it is for one line, within a minute";
            let holder = holder.ok_or_else(|| Problem::new(Kind::Unauthenticated, why))?;
            Ok(Opener { user: holder.user, by: holder.by, expires: holder.expires })
        }
    }
}
