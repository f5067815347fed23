//! A small client of the HTTP interface, and the answers that it got.

use serde_json::Value;
use std::time::Duration;
use ureq::{Agent, Body, http::Response};

/// Who asks: nobody, or somebody with a token.
#[derive(Clone)]
pub(crate) struct Client {
    agent: Agent,
    base: String,
    pub(crate) token: Option<String>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) retry_after: Option<u64>,
    pub(crate) body: Value,
}

impl Client {
    pub(crate) fn new(address: &str) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(300)));
        Self { agent: config.build().into(), base: format!("http://{address}"), token: None }
    }

    pub(crate) fn with(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None)
    }

    pub(crate) fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None)
    }

    pub(crate) fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body))
    }

    pub(crate) fn put(&self, path: &str, body: Value) -> Answer {
        self.send("PUT", path, Some(body))
    }

    pub(crate) fn patch(&self, path: &str, body: Value) -> Answer {
        self.send("PATCH", path, Some(body))
    }

    /// Whatever address, without a body.
    pub(crate) fn ask(&self, method: &str, address: &str) -> Answer {
        self.request(method, address, None)
    }

    /// With bytes, and these headers, whatever is answered.
    pub(crate) fn bytes(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response<Vec<u8>> {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}/api/v1{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let response = self.agent.run(request.body(body).unwrap()).unwrap();
        let (head, body) = response.into_parts();
        Response::from_parts(head, body.into_with_config().limit(1 << 30).read_to_vec().unwrap())
    }

    fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let path = if path.starts_with("/.") || !path.starts_with("/api") && path.contains('.') {
            path.to_owned()
        } else {
            format!("/api/v1{path}")
        };
        self.request(method, &path, body)
    }

    fn request(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("content-type", "application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let body = body.map(|body| body.to_string()).unwrap_or_default();
        let response: Response<Body> = self.agent.run(request.body(body).unwrap()).unwrap();
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            Some(value.to_str().unwrap().to_owned())
        };
        let (content_type, retry_after) = (header("content-type"), header("retry-after"));
        let status = response.status().as_u16();
        let text = response.into_body().read_to_string().unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer {
            status,
            content_type: content_type.unwrap_or_default(),
            retry_after: retry_after.map(|seconds| seconds.parse().unwrap()),
            body,
        }
    }
}

impl Answer {
    /// It was done: what was answered.
    #[track_caller]
    pub(crate) fn done(self) -> Value {
        assert!((200..300).contains(&self.status), "{self:?}");
        self.body
    }

    /// It was not done, for this reason.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, word: &str) -> Self {
        let kind = format!("urn:quire-relay:problem:{word}");
        assert_eq!((self.status, &self.body["type"]), (status, &Value::String(kind)), "{self:?}");
        assert_eq!(self.content_type, "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert!(self.body["detail"].as_str().is_some_and(|words| words.len() > 10), "{self:?}");
        self
    }

    /// A text of what was answered.
    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> String {
        let text = self.body[name].as_str();
        text.unwrap_or_else(|| panic!("{name} is not in {self:?}")).to_owned()
    }
}
