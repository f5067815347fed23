//! Requests to a relay, and the TLS that they and the lines share: what the system trusts.

use crate::{RelayAddress, RelayError, error::refusal};
use reqwest::{Client, Method, header};
use rustls::{ClientConfig, crypto::aws_lc_rs};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{error::Error, sync::Arc, time::Duration};

/// To come to an address …
const CONNECT: Duration = Duration::from_secs(10);
/// … and to get an answer.
const ANSWER: Duration = Duration::from_secs(30);
/// A longer answer is none of a relay's.
const LONGEST_ANSWER: usize = 16 << 20;

/// The way to ask one relay. Clones share its connections.
#[derive(Clone)]
pub struct Http {
    client: Client,
    tls: Arc<ClientConfig>,
    address: RelayAddress,
}

impl Http {
    /// Nothing is asked yet.
    pub fn new(address: RelayAddress) -> Result<Self, RelayError> {
        let unreachable = |why: String| unreachable(&address, why);
        let tls = tls().map_err(|error| unreachable(error.to_string()))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls.clone())
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            // A relay redirects nowhere: tokens go to no other place.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Quire/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| unreachable(reason(&error)))?;
        Ok(Self { client, tls: Arc::new(tls), address })
    }

    /// The relay.
    pub fn address(&self) -> &RelayAddress {
        &self.address
    }

    pub(crate) fn tls(&self) -> Arc<ClientConfig> {
        self.tls.clone()
    }

    /// Ask for something under `/api/v1`. An answer without a body is `null`.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<T, RelayError> {
        let failed = |error: reqwest::Error| unreachable(&self.address, reason(&error));
        let mut request = self.client.request(method, self.address.at(&format!("/api/v1{path}")));
        if let Some(token) = token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        let wait = response.headers().get(header::RETRY_AFTER);
        let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            answer.extend_from_slice(&chunk);
            if answer.len() > LONGEST_ANSWER {
                return Err(RelayError::NotARelay(self.address.name().to_owned()));
            }
        }
        let strange = || match status.is_server_error() {
            // A proxy before the relay, as a rule.
            true => unreachable(&self.address, format!("its server answers {status}")),
            false => RelayError::NotARelay(self.address.name().to_owned()),
        };
        if !status.is_success() {
            return Err(refusal(&answer, wait).unwrap_or_else(strange));
        }
        let answer: &[u8] = if answer.is_empty() { b"null" } else { &answer };
        serde_json::from_slice(answer).map_err(|_| strange())
    }
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = rustls_platform_verifier::Verifier::new(provider.clone())?;
    let config =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    // Not less safe than the default: the system's own check of certificates, as browsers have it.
    Ok(config
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth())
}

pub(crate) fn unreachable(relay: &RelayAddress, why: String) -> RelayError {
    RelayError::Unreachable { relay: relay.name().to_owned(), why }
}

/// What is at the bottom of an error of the network, in the words of who knows most.
fn reason(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it does not answer in time".to_owned();
    }
    let mut innermost: &dyn Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    in_words(&innermost.to_string())
}

/// What the system says, without its numbers.
pub(crate) fn in_words(text: &str) -> String {
    let text = text.split(" (os error ").next().unwrap_or(text);
    if text.contains("failed to lookup address") || text.contains("Name or service not known") {
        return "there is no such address, or no network".to_owned();
    }
    if text.starts_with("Connection refused") {
        return "nothing answers at this address".to_owned();
    }
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}
