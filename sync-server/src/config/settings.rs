//! The settings, and what they are where nothing is said.

use super::{Provider, Traces};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};

/// The settings of a relay.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    missing_docs,
    reason = "keys::KEYS says what each is, keys::PROVIDER_KEYS of those in `sso`"
)]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    pub public_url: String,
    pub metrics_listen: String,
    pub origins: Vec<String>,
    pub trusted_proxies: Vec<IpAddr>,
    pub accounts: Accounts,
    pub tls: Tls,
    pub tokens: Tokens,
    pub mail: Mail,
    pub traces: Traces,
    pub sso: BTreeMap<String, Provider>,
    pub limits: Limits,
}

/// Who may have an account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "keys::KEYS says what each is")]
pub struct Accounts {
    pub registration: Registration,
    pub verify_email: VerifyEmail,
    pub guests: bool,
}

/// Who may register.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Everybody.
    Open,
    /// Who was invited into a project by e-mail.
    Invited,
    /// Nobody: an administrator makes the accounts.
    Closed,
}

/// Must an address be proven before one can log in?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "keys::KEYS says what each is")]
pub enum VerifyEmail {
    Auto,
    Always,
    Never,
}

/// What the relay presents to who connects.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "keys::KEYS says what each is")]
pub struct Tls {
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// How long tokens are good.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "keys::KEYS says what each is")]
pub struct Tokens {
    pub access_seconds: u32,
    pub refresh_seconds: u32,
    pub grace_seconds: u32,
    pub key_days: u32,
}

/// Where letters go.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "keys::KEYS says what each is")]
pub struct Mail {
    pub host: String,
    pub port: u16,
    pub tls: MailTls,
    pub user: String,
    pub password: String,
    pub password_file: PathBuf,
    pub from: String,
}

/// How the line to the mail server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// It begins in clear and has to become TLS.
    StartTls,
    /// It is TLS from the beginning.
    Tls,
    /// In clear: for a mail server on this machine.
    None,
}

/// Bounds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "keys::KEYS says what each is")]
pub struct Limits {
    pub connections: usize,
    pub per_document: usize,
    pub strands: usize,
    pub database_bytes: u64,
    pub projects_per_user: u32,
    pub project_bytes: u64,
    pub document_bytes: u64,
    pub file_bytes: u64,
    pub deleted_days: u32,
    pub failed_logins: u32,
    pub requests_per_minute: u32,
    pub frames_per_minute: u32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data: default_folder(),
            listen: SocketAddr::from(([127, 0, 0, 1], 4400)),
            public_url: String::new(),
            metrics_listen: String::new(),
            origins: Vec::new(),
            trusted_proxies: Vec::new(),
            accounts: Accounts::default(),
            tls: Tls::default(),
            tokens: Tokens::default(),
            mail: Mail::default(),
            traces: Traces::default(),
            sso: BTreeMap::new(),
            limits: Limits::default(),
        }
    }
}

impl Default for Accounts {
    fn default() -> Self {
        Self { registration: Registration::Invited, verify_email: VerifyEmail::Auto, guests: true }
    }
}

impl Default for Tokens {
    fn default() -> Self {
        Self {
            access_seconds: 15 * 60,
            refresh_seconds: 7 * 24 * 3600,
            grace_seconds: 30,
            key_days: 30,
        }
    }
}

impl Default for Mail {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            tls: MailTls::StartTls,
            user: String::new(),
            password: String::new(),
            password_file: PathBuf::new(),
            from: String::new(),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            per_document: 1_000,
            strands: 2_000,
            database_bytes: 0,
            projects_per_user: 1_000,
            project_bytes: 1 << 30,
            document_bytes: 64 << 20,
            file_bytes: 128 << 20,
            deleted_days: 30,
            failed_logins: 10,
            requests_per_minute: 600,
            frames_per_minute: 12_000,
        }
    }
}

/// The folder of a service, as systemd names it, or the one of this user's data.
fn default_folder() -> PathBuf {
    let named = |variable: &str| std::env::var_os(variable).filter(|value| !value.is_empty());
    if let Some(folder) = named("STATE_DIRECTORY") {
        return folder.into();
    }
    let data = named("XDG_DATA_HOME")
        .map(PathBuf::from)
        .or_else(|| named("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    data.map_or_else(|| PathBuf::from("quire-relay"), |data| data.join("quire-relay"))
}
