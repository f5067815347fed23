//! What a browser does, as far as signing in needs it: cookies, redirects, forms; and a program that began a sign-in.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::{cell::Cell, collections::HashMap};
use ureq::Agent;
use url::Url;

/// It follows redirects, but not to the program on the loopback that waits for the outcome.
pub(crate) struct Browser {
    agent: Agent,
    /// Nor does it go back from the provider to the relay.
    pub(crate) stays_at_provider: Cell<bool>,
}

/// What is shown.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) url: Url,
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Browser {
    pub(crate) fn new() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false);
        Self { agent: config.build().into(), stays_at_provider: Cell::new(false) }
    }

    pub(crate) fn go(&self, url: &str) -> Page {
        let step = self.step(url, None);
        self.follow(step)
    }

    fn follow(&self, (mut page, mut next): (Page, Option<Url>)) -> Page {
        while let Some(url) = next {
            let is_back = self.stays_at_provider.get() && url.path().ends_with("/callback");
            if is_back || url.path() == "/signed-in" {
                return Page { url, ..page };
            }
            (page, next) = self.step(url.as_str(), None);
        }
        page
    }

    /// Where one is sent, which is not gone to.
    pub(crate) fn is_sent(&self, url: &str) -> Url {
        let (page, next) = self.step(url, None);
        next.unwrap_or_else(|| panic!("no redirect: {page:?}"))
    }

    /// Fill in the form of a page, and go on.
    pub(crate) fn submit(&self, page: &Page, fields: &[(&str, &str)]) -> Page {
        let action =
            attribute(&page.body, "<form", "action").unwrap_or_else(|| panic!("no form: {page:?}"));
        let mut said: Vec<(String, String)> = page
            .body
            .split("<input")
            .skip(1)
            .filter(|input| input.contains("hidden"))
            .map(|input| {
                let of = |name| attribute(&format!("<input{input}"), "<input", name).unwrap();
                (of("name"), of("value"))
            })
            .collect();
        said.extend(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let step = self.step(page.url.join(&action).unwrap().as_str(), Some(&said));
        self.follow(step)
    }

    /// Log in at the provider's page and consent at its next; the page after these.
    pub(crate) fn log_in_and_consent(&self, url: &str, name: &str) -> Page {
        let page = self.go(url);
        let page = self.submit(&page, &[("login", name), ("password", "of no interest")]);
        self.submit(&page, &[])
    }

    fn step(&self, url: &str, form: Option<&[(String, String)]>) -> (Page, Option<Url>) {
        let answered = match form {
            None => self.agent.get(url).call(),
            Some(fields) => {
                let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_str()));
                self.agent.post(url).send_form(fields)
            }
        };
        let answer = answered.unwrap_or_else(|error| panic!("{url}: {error}"));
        let url = Url::parse(url).unwrap();
        let next = answer.headers().get("location");
        let next = next.map(|next| url.join(next.to_str().unwrap()).unwrap());
        let status = answer.status().as_u16();
        (Page { url, status, body: answer.into_body().read_to_string().unwrap() }, next)
    }
}

fn attribute(html: &str, tag: &str, name: &str) -> Option<String> {
    let (_, rest) = html.split_once(tag)?;
    let (_, value) = rest[..rest.find('>')?].split_once(&format!("{name}=\""))?;
    Some(value[..value.find('"')?].to_owned())
}

impl Page {
    /// What follows `?` in its address.
    pub(crate) fn said(&self) -> HashMap<String, String> {
        self.url.query_pairs().into_owned().collect()
    }
}

/// A program that signs in: what it keeps to itself.
pub(crate) struct Program {
    pub(crate) verifier: String,
}

impl Program {
    /// The address that it opens.
    pub(crate) fn opens(&self, relay: &str, provider: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()));
        format!("http://{relay}/sso/{provider}?port=9&challenge={challenge}&state=mine")
    }
}
