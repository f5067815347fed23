//! Where a relay is, and the addresses by which one comes into a project.

use serde::{Deserialize, Serialize};
use std::fmt;
use url::{Host, Url};

/// A text is not the address of a relay.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It cannot be read as one.
    #[error("`{0}` is not the address of a relay, like relay.example.org")]
    NotAnAddress(String),
    /// Passwords would go over the network for everybody to read.
    #[error(
        "`{0}` is not protected: a relay on another computer has to have an address that begins with https://"
    )]
    NotProtected(String),
    /// It leads to a relay, but not into a project.
    #[error(
        "this is not a link into a project: it should end in /join#link= or /join#invitation= and a secret"
    )]
    NotALink,
}

/// The address of a relay, without a `/` at its end: `https://relay.example.org`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RelayAddress(String);

impl RelayAddress {
    /// What people write: the scheme may be missing.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let text = text.trim();
        let fault = || AddressError::NotAnAddress(text.to_owned());
        let with_scheme = match text.contains("://") {
            true => text.to_owned(),
            false if is_here(&Url::parse(&format!("http://{text}")).map_err(|_| fault())?) => {
                format!("http://{text}")
            }
            false => format!("https://{text}"),
        };
        let url = Url::parse(&with_scheme).map_err(|_| fault())?;
        let is_plain =
            url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if !["http", "https"].contains(&url.scheme()) || !url.has_host() || !is_plain {
            return Err(fault());
        }
        if url.scheme() == "http" && !is_here(&url) {
            return Err(AddressError::NotProtected(text.to_owned()));
        }
        Ok(Self::of(&url))
    }

    fn of(url: &Url) -> Self {
        let path = url.path().trim_end_matches('/');
        Self(format!("{}{path}", url.origin().ascii_serialization()))
    }

    /// The address of something there; `path` begins with `/`.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The address of a document's line.
    pub(crate) fn line(&self, document: &str) -> String {
        // Of `http` and `https`: the rest of the scheme stays.
        format!("ws{}/ws/{document}", self.0.strip_prefix("http").unwrap_or(&self.0))
    }

    /// As people call it: without the scheme that goes without saying.
    pub fn name(&self) -> &str {
        self.0
            .strip_prefix("https://")
            .or_else(|| self.0.strip_prefix("http://"))
            .unwrap_or(&self.0)
    }
}

/// On this computer, where nobody listens in.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl fmt::Display for RelayAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RelayAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RelayAddress({})", self.0)
    }
}

impl TryFrom<String> for RelayAddress {
    type Error = AddressError;
    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl From<RelayAddress> for String {
    fn from(address: RelayAddress) -> String {
        address.0
    }
}

/// How one comes into a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coming {
    /// By a link that its owner has made.
    Link,
    /// By an invitation that came by e-mail.
    Invitation,
}

/// A link or an invitation, as it was passed on.
#[derive(Clone, PartialEq, Eq)]
pub struct JoinLink {
    /// The relay.
    pub relay: RelayAddress,
    /// What it is.
    pub coming: Coming,
    /// Whoever has it may come in.
    pub secret: String,
}

impl JoinLink {
    /// What somebody has pasted.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        // Mail programs put addresses into brackets.
        let text = text.trim().trim_start_matches('<').trim_end_matches('>');
        let url = Url::parse(text).map_err(|_| AddressError::NotALink)?;
        let base = url.path().strip_suffix("/join").ok_or(AddressError::NotALink)?;
        let (kind, secret) =
            url.fragment().and_then(|part| part.split_once('=')).ok_or(AddressError::NotALink)?;
        let coming = match kind {
            "link" => Coming::Link,
            "invitation" => Coming::Invitation,
            _ => return Err(AddressError::NotALink),
        };
        let is_secret = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
        if secret.is_empty() || !secret.chars().all(is_secret) {
            return Err(AddressError::NotALink);
        }
        let relay = RelayAddress::parse(&format!("{}{base}", url.origin().ascii_serialization()))?;
        Ok(Self { relay, coming, secret: secret.to_owned() })
    }
}

impl fmt::Debug for JoinLink {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JoinLink({}, {:?})", self.relay, self.coming)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_what_people_write() {
        let parsed = |text| RelayAddress::parse(text).map(|address| address.to_string());
        assert_eq!(parsed(" relay.example.org/ ").as_deref(), Ok("https://relay.example.org"));
        assert_eq!(
            parsed("https://Example.org/quire/").as_deref(),
            Ok("https://example.org/quire")
        );
        assert_eq!(parsed("localhost:4400").as_deref(), Ok("http://localhost:4400"));
        assert_eq!(parsed("127.0.0.1:4400").as_deref(), Ok("http://127.0.0.1:4400"));
        for wrong in ["", "a b", "ftp://x.org", "https://me:word@x.org", "https://x.org/?a=b"] {
            assert!(matches!(parsed(wrong), Err(AddressError::NotAnAddress(_))), "{wrong}");
        }
    }

    #[test]
    fn passwords_do_not_go_unprotected_to_another_computer() {
        let parsed = RelayAddress::parse("http://relay.example.org");
        assert!(matches!(parsed, Err(AddressError::NotProtected(_))));
    }

    #[test]
    fn lines_are_protected_as_the_relay_is() {
        let line = |text| RelayAddress::parse(text).unwrap().line("00");
        assert_eq!(line("https://x.org/a"), "wss://x.org/a/ws/00");
        assert_eq!(line("http://localhost:1"), "ws://localhost:1/ws/00");
    }

    #[test]
    fn a_link_tells_relay_and_secret() {
        let link = JoinLink::parse("<https://x.org/quire/join#link=qrl_A-b_9>").unwrap();
        assert_eq!(link.relay.to_string(), "https://x.org/quire");
        assert_eq!((link.coming, &*link.secret), (Coming::Link, "qrl_A-b_9"));
        let link = JoinLink::parse("http://127.0.0.1:44/join#invitation=qri_x").unwrap();
        assert_eq!(link.coming, Coming::Invitation);
        assert!(!format!("{link:?}").contains("qri_x"));
        for wrong in
            ["https://x.org", "https://x.org/join", "https://x.org/join#link=", "join#link=a"]
        {
            assert_eq!(JoinLink::parse(wrong), Err(AddressError::NotALink), "{wrong}");
        }
    }
}
