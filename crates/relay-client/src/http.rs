//! Requests to a relay, and the TLS that they and the lines share: what the system trusts.

use crate::{RelayAddress, RelayError, error::refusal};
use bytes::Bytes;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, header};
use rustls::{ClientConfig, crypto::aws_lc_rs};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::{
    error::Error,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// To come to an address …
const CONNECT: Duration = Duration::from_secs(10);
/// … and to get an answer.
const ANSWER: Duration = Duration::from_secs(30);
/// To take a part of a file.
const PART: Duration = Duration::from_secs(150);
/// A file comes for as long as something of it comes; this is for ever.
const FILE: Duration = Duration::from_secs(24 * 3600);
/// A longer answer is none of a relay's.
const LONGEST_ANSWER: usize = 16 << 20;

/// The way to ask one relay. Clones share its connections, which begin when it is asked for the first time.
#[derive(Clone)]
pub struct Http {
    client: Arc<OnceLock<Client>>,
    address: RelayAddress,
}

impl Http {
    /// Nothing is asked yet, and nothing read.
    pub fn new(address: RelayAddress) -> Self {
        Self { client: Arc::default(), address }
    }

    /// The relay.
    pub fn address(&self) -> &RelayAddress {
        &self.address
    }

    /// The TLS that all relays share.
    pub(crate) fn tls(&self) -> Result<Arc<ClientConfig>, RelayError> {
        static TLS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
        if let Some(tls) = TLS.get() {
            return Ok(tls.clone());
        }
        let made = tls().map_err(|error| unreachable(&self.address, error.to_string()))?;
        Ok(TLS.get_or_init(|| Arc::new(made)).clone())
    }

    fn client(&self) -> Result<&Client, RelayError> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .tls_backend_preconfigured((*self.tls()?).clone())
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            // A relay redirects nowhere: tokens go to no other place.
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("Quire/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| unreachable(&self.address, reason(&error)))?;
        Ok(self.client.get_or_init(|| client))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
    ) -> Result<RequestBuilder, RelayError> {
        let address = self.address.at(&format!("/api/v1{path}"));
        let request = self.client()?.request(method, address);
        Ok(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    }

    /// Ask for something under `/api/v1`. An answer without a body is `null`.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Option<&Value>,
    ) -> Result<T, RelayError> {
        let mut request = self.request(method, path, token)?;
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(|error| self.failed(&error))?;
        self.answer(response).await
    }

    /// Send a part of a file.
    pub(crate) async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        token: &str,
        bytes: Bytes,
    ) -> Result<T, RelayError> {
        let request = self.request(Method::PATCH, path, Some(token))?.timeout(PART);
        let request = request.header(header::CONTENT_TYPE, "application/octet-stream").body(bytes);
        let response = request.send().await.map_err(|error| self.failed(&error))?;
        self.answer(response).await
    }

    /// Ask for bytes, from `from` on.
    pub(crate) async fn read(
        &self,
        path: &str,
        token: &str,
        from: u64,
    ) -> Result<Response, RelayError> {
        let mut request = self.request(Method::GET, path, Some(token))?.timeout(FILE);
        if from > 0 {
            request = request.header(header::RANGE, format!("bytes={from}-"));
        }
        let response = request.send().await.map_err(|error| self.failed(&error))?;
        let expected = if from > 0 { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK };
        if response.status() == expected {
            return Ok(response);
        }
        // An answer that is a success, but no such bytes, is none of a relay.
        match self.answer::<Value>(response).await {
            Err(error) => Err(error),
            Ok(_) => Err(RelayError::NotARelay(self.address.name().to_owned())),
        }
    }

    fn failed(&self, error: &reqwest::Error) -> RelayError {
        unreachable(&self.address, reason(error))
    }

    async fn answer<T: DeserializeOwned>(&self, mut response: Response) -> Result<T, RelayError> {
        let status = response.status();
        let wait = response.headers().get(header::RETRY_AFTER);
        let wait = wait.and_then(|wait| wait.to_str().ok()?.parse().ok()).map(Duration::from_secs);
        let mut answer = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.failed(&error))? {
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
pub(crate) fn reason(error: &reqwest::Error) -> String {
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
