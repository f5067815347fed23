//! What a request is taken apart into: from where it comes, who sent it, and what it says; each refused with a
//! [`Problem`].

use super::{
    Api,
    problem::{Kind, Problem},
};
use crate::{
    auth::{secret::SecretHash, throttle::network_of},
    directory::{Act, Timestamp, UserId, personal, standing, standing::Credential, users::User},
};
use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, OptionalFromRequestParts, Path, Query, Request},
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    convert::Infallible,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// A longer request is not read.
const MAX_BODY_BYTES: usize = 64 << 10;
/// And one that does not come in this time is not waited for.
const BODY_COMES_IN: Duration = Duration::from_secs(30);

/// From where a connection comes.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok())
            .is_some_and(|kind| kind.starts_with("application/json"));
        if !is_json {
            let why = "the body is to be JSON, with the content type application/json";
            return Err(Problem::new(Kind::Malformed, why));
        }
        let read = timeout(BODY_COMES_IN, to_bytes(request.into_body(), MAX_BODY_BYTES)).await;
        let read = read.map_err(|_| Problem::new(Kind::Malformed, "the body did not come"))?;
        let bytes: Bytes = read.map_err(|_| {
            Problem::new(Kind::TooLarge, format!("a body has at most {MAX_BODY_BYTES} bytes"))
        })?;
        let parsed = serde_json::from_slice(&bytes);
        parsed.map(Self).map_err(|error| Problem::new(Kind::Malformed, error.to_string()))
    }
}

/// Answered as JSON, which nobody may keep.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let headers =
            [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
        match serde_json::to_vec(&self.0) {
            Ok(bytes) => (headers, bytes).into_response(),
            Err(error) => Problem::new(Kind::Internal, error.to_string()).into_response(),
        }
    }
}

/// Parts of the path.
#[derive(Debug)]
pub struct At<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for At<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = <Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        path.map(|Path(at)| Self(at))
            .map_err(|_| Problem::new(Kind::NotFound, "nothing has this address"))
    }
}

/// What follows `?`.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Asked<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = <Query<T> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        query
            .map(|Query(asked)| Self(asked))
            .map_err(|error| Problem::new(Kind::Malformed, error.body_text()))
    }
}

/// From where and when a request comes, by whomever.
#[derive(Clone, Copy, Debug)]
pub struct Visitor {
    /// The address.
    pub address: IpAddr,
    /// Now.
    pub now: Timestamp,
}

impl Visitor {
    /// He does something.
    pub fn act(self, user: Option<UserId>) -> Act {
        Act { user, at: self.now, address: Some(self.address) }
    }
}

impl FromRequestParts<Api> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<Peer>().map(|Peer(peer)| peer.ip());
        let peer = peer.unwrap_or(Ipv4Addr::UNSPECIFIED.into());
        let address = origin_of(peer, &parts.headers, &api.config.trusted_proxies);
        Ok(Self { address, now: Timestamp::now() })
    }
}

/// The nearest address that is no proxy of ours: what is farther away, anybody can write there.
pub(crate) fn origin_of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut address = peer.to_canonical();
    for said in forwarded.iter().rev() {
        if !trusted.contains(&address) {
            break;
        }
        let Ok(next) = said.trim().parse::<IpAddr>() else { break };
        address = next.to_canonical();
    }
    address
}

/// Who sent a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub user: User,
    /// By what he is known.
    pub by: Credential,
    /// When that ends.
    pub expires: Option<Timestamp>,
    visitor: Visitor,
}

impl Caller {
    /// He does something.
    pub fn act(&self) -> Act {
        self.visitor.act(Some(self.user.id))
    }

    /// He has logged in himself: for what concerns the account.
    ///
    /// # Errors
    /// When he came with a personal token.
    pub fn in_person(&self) -> Result<crate::directory::LoginId, Problem> {
        match self.by {
            Credential::Login(login) => Ok(login),
            Credential::Personal(_) => Err(Problem::new(
                Kind::Forbidden,
                "this cannot be done with a personal token: log in",
            )),
        }
    }

    /// He manages accounts.
    ///
    /// # Errors
    /// When he does not.
    pub fn as_admin(&self) -> Result<Act, Problem> {
        if self.user.is_admin {
            Ok(self.act())
        } else {
            Err(Problem::new(Kind::Forbidden, "only administrators may do this"))
        }
    }
}

impl FromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Problem> {
        let Ok(visitor) = <Visitor as FromRequestParts<Api>>::from_request_parts(parts, api).await;
        let Some(token) = bearer(&parts.headers) else {
            let why = "an access token is needed, in the header Authorization, as \"Bearer …\"";
            return Err(Problem::new(Kind::Unauthenticated, why));
        };
        let known = authenticate(api, token, visitor.now).await?;
        api.throttle
            .by_user
            .put(known.user.id, Instant::now())
            .map_err(|wait| Problem::wait(Kind::Throttled, "too many requests: wait", wait))?;
        Ok(Self { user: known.user, by: known.by, expires: known.expires, visitor })
    }
}

impl OptionalFromRequestParts<Api> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Option<Self>, Problem> {
        if !parts.headers.contains_key(header::AUTHORIZATION) {
            return Ok(None);
        }
        <Self as FromRequestParts<Api>>::from_request_parts(parts, api).await.map(Some)
    }
}

/// The token of the header `Authorization`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Somebody whose token is good.
#[derive(Clone, Debug)]
pub struct Known {
    /// Who.
    pub user: User,
    /// By what.
    pub by: Credential,
    /// When that ends.
    pub expires: Option<Timestamp>,
}

/// Whose token this is, an access token or a personal one.
///
/// # Errors
/// When it is not good.
pub async fn authenticate(api: &Api, token: &str, now: Timestamp) -> Result<Known, Problem> {
    if token.starts_with(crate::auth::secret::Purpose::Personal.prefix()) {
        let secret = SecretHash::of(token);
        let found = api.directory.read(move |conn| {
            let Some(found) = personal::find(conn, secret, now)? else { return Ok(None) };
            let by = Credential::Personal(found.id);
            let user = standing::user(conn, found.user, by, now)?;
            Ok(Some((Known { user, by, expires: found.expires_at }, found)))
        });
        let Some((known, found)) = found.await? else {
            let why = "this personal token is not good, or no longer";
            return Err(Problem::new(Kind::Unauthenticated, why));
        };
        if found.is_to_be_noted {
            api.directory.change(move |conn| personal::used(conn, found.id, now)).await?;
        }
        return Ok(known);
    }
    let claims = api.tokens.check(token, now)?;
    let by = Credential::Login(claims.sid);
    let user = api.directory.read(move |conn| standing::user(conn, claims.sub, by, now)).await?;
    Ok(Known { user, by, expires: Some(Timestamp(claims.exp)) })
}

/// Not more requests than are taken from one household.
///
/// # Errors
/// When there are.
pub fn throttle_address(api: &Api, visitor: Visitor) -> Result<(), Problem> {
    api.throttle
        .by_address
        .put(network_of(visitor.address), Instant::now())
        .map_err(|wait| Problem::wait(Kind::Throttled, "too many requests: wait", wait))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_of_our_own_proxies_is_taken() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "203.0.113.9, 198.51.100.7, 10.0.0.2".parse().unwrap());
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let proxies = [address("10.0.0.1"), address("10.0.0.2")];
        let origin = |peer, trusted| origin_of(address(peer), &headers, trusted);
        assert_eq!(origin("10.0.0.1", &proxies), address("198.51.100.7"));
        assert_eq!(origin("::ffff:10.0.0.1", &proxies), address("198.51.100.7"));
        assert_eq!(origin("10.0.0.1", &[]), address("10.0.0.1"));
        assert_eq!(origin("192.0.2.1", &proxies), address("192.0.2.1"));
    }
}
