//! Requests to providers: bounded in time and length, and no redirect is followed, so that what a provider's description
//! names is what is asked.

use axum::http::Response;
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::{Client, redirect::Policy};
use std::{pin::Pin, time::Duration};

/// To come to a provider …
const CONNECT: Duration = Duration::from_secs(5);
/// … and to have its answer.
const ANSWER: Duration = Duration::from_secs(10);
/// A longer answer is none of a provider's.
const LONGEST_ANSWER: usize = 1 << 20;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error(transparent)]
    Network(#[from] reqwest::Error),
    #[error("the answer is too long")]
    TooLong,
    #[error(transparent)]
    Strange(#[from] axum::http::Error),
}

/// The way to providers. Clones share its connections.
#[derive(Clone)]
pub(super) struct Fetch(Client);

impl Fetch {
    pub(super) fn new() -> reqwest::Result<Self> {
        let client = Client::builder()
            .connect_timeout(CONNECT)
            .timeout(ANSWER)
            .redirect(Policy::none())
            .user_agent(concat!("quire-relay/", env!("CARGO_PKG_VERSION")));
        client.build().map(Self)
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        let mut response = self.0.execute(request.try_into()?).await?;
        let mut head = Response::builder().status(response.status());
        if let Some(headers) = head.headers_mut() {
            headers.clone_from(response.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > LONGEST_ANSWER {
                return Err(FetchError::TooLong);
            }
        }
        Ok(head.body(body)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Fetch {
    type Error = FetchError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, FetchError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
