//! What everybody may know of a relay.

use super::{
    Api,
    extract::Json,
    sso::{self, Way},
};
use crate::{
    config::Registration,
    directory::{RelayId, relay_id},
    http::problem::Problem,
};
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// A relay.
#[derive(Serialize, ToSchema)]
pub(super) struct About {
    /// Always `quire-relay`.
    program: &'static str,
    /// Its version.
    version: &'static str,
    /// Never another's, wherever it moves.
    id: RelayId,
    /// Under which address people reach it.
    url: String,
    /// Who may register.
    registration: Registration,
    /// Others through which one can sign in, in a browser.
    sign_in: Vec<Way>,
    /// Letters are sent; else an administrator has to pass their secrets on.
    sends_mail: bool,
    /// Links may let people in who have no account.
    guests: bool,
    /// So many bytes may one frame of `/ws/{document}` have.
    frame_bytes: usize,
}

/// What this relay is, and who may come in
#[utoipa::path(get, path = "/api/v1", tag = "relay", responses((status = 200, body = About)))]
pub(super) async fn about(State(api): State<Api>) -> Result<Json<About>, Problem> {
    Ok(Json(About {
        program: "quire-relay",
        version: env!("CARGO_PKG_VERSION"),
        id: api.directory.read(relay_id).await?,
        url: api.config.public_url.clone(),
        registration: api.config.accounts.registration,
        sign_in: sso::ways(&api),
        sends_mail: api.letters.is_sending(),
        guests: api.config.accounts.guests,
        frame_bytes: api.limits.frame_bytes,
    }))
}

/// The keys with which others can check our access tokens (RFC 7517)
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "relay",
    responses((status = 200, body = Object, description = "A JSON Web Key Set"))
)]
pub(super) async fn public_keys(State(api): State<Api>) -> Json<Value> {
    Json(api.tokens.public_keys())
}
