//! What the relay is told when it is started: by a file (TOML), by the environment, and on the command line, each over the
//! one before. [`keys::KEYS`] names every key once, with what it means. All is checked before anything is opened, and a
//! key that is not known is an error that names it.

mod keys;

pub use keys::{KEYS, Key, Kind, described};

use crate::ids::Timestamp;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
};
use toml::{Table, Value};

/// The settings of a relay.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "keys::KEYS says what each is")]
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

/// Where settings come from; the same for every command.
#[derive(Args, Clone, Debug, Default)]
pub struct Sources {
    /// The file with the settings (TOML): `quire-relay config` shows them all
    #[arg(long, env = "QUIRE_RELAY_CONFIG", value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// The folder of accounts and documents, made if there is none
    #[arg(long, value_name = "FOLDER", global = true)]
    pub data: Option<PathBuf>,
    /// The address to listen on; port 0 takes a free one, which is told
    #[arg(long, value_name = "ADDRESS", global = true)]
    pub listen: Option<SocketAddr>,
    /// One setting, over file and environment, like --set accounts.registration=open; give it again for more
    #[arg(long = "set", value_name = "KEY=VALUE", global = true)]
    pub set: Vec<String>,
}

impl Sources {
    /// Read and check all of them. `environment`: the variables of the process.
    ///
    /// # Errors
    /// At the first setting that is not known, cannot be read, or makes no sense.
    pub fn load(&self, environment: impl Iterator<Item = (String, String)>) -> Result<Config> {
        let mut table = Table::new();
        if let Some(file) = &self.config {
            let text = fs::read_to_string(file)
                .with_context(|| format!("cannot read {}", file.display()))?;
            table = text.parse().with_context(|| format!("{} is no TOML", file.display()))?;
        }
        for (name, value) in environment {
            if !name.starts_with(keys::PREFIX) || keys::OTHERS.contains(&&*name) {
                continue;
            }
            let Some(key) = KEYS.iter().find(|key| key.variable() == name) else {
                bail!("the environment holds {name}, which is no setting of the relay");
            };
            put(&mut table, key, &value).with_context(|| format!("the variable {name}"))?;
        }
        for set in &self.set {
            let (path, value) = set.split_once('=').context("--set takes KEY=VALUE")?;
            let Some(key) = KEYS.iter().find(|key| key.path == path) else {
                bail!("{path} is no setting of the relay");
            };
            put(&mut table, key, value).with_context(|| format!("--set {path}"))?;
        }
        let mut config: Config = table
            .try_into()
            .map_err(|error: toml::de::Error| anyhow::anyhow!("the settings: {error}"))?;
        config.data = self.data.clone().unwrap_or(config.data);
        config.listen = self.listen.unwrap_or(config.listen);
        config.checked()
    }
}

fn put(table: &mut Table, key: &Key, value: &str) -> Result<()> {
    let value = match key.kind {
        Kind::Text => Value::String(value.to_owned()),
        Kind::Number => Value::Integer(value.trim().parse().context("a number is needed")?),
        Kind::Switch => Value::Boolean(value.trim().parse().context("true or false is needed")?),
        Kind::List => Value::Array(
            value
                .split(',')
                .map(str::trim)
                .filter(|item| !item.is_empty())
                .map(|item| Value::String(item.to_owned()))
                .collect(),
        ),
    };
    let (section, name) = match key.path.split_once('.') {
        Some((section, name)) => (Some(section), name),
        None => (None, key.path),
    };
    let table = match section {
        None => table,
        Some(section) => table
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .with_context(|| format!("{section} is a section"))?,
    };
    table.insert(name.to_owned(), value);
    Ok(())
}

impl Config {
    /// Under which address the relay is reached that listens here, if nothing is said of it.
    pub(crate) fn address(&self, listen: SocketAddr) -> String {
        format!("{}://{listen}", if self.tls.is_set() { "https" } else { "http" })
    }

    fn checked(mut self) -> Result<Self> {
        let Tls { certificate, key } = &self.tls;
        ensure!(
            certificate.as_os_str().is_empty() == key.as_os_str().is_empty(),
            "tls.certificate and tls.key belong together"
        );
        if self.public_url.is_empty() {
            self.public_url = self.address(self.listen);
        }
        let is_web = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        ensure!(is_web(&self.public_url), "public_url begins with https:// or http://");
        self.public_url.truncate(self.public_url.trim_end_matches('/').len());
        for origin in &mut self.origins {
            ensure!(is_web(origin), "an origin is like https://editor.example.org, not {origin}");
            origin.truncate(origin.trim_end_matches('/').len());
        }
        ensure!(
            self.metrics_listen.is_empty() || self.metrics_listen.parse::<SocketAddr>().is_ok(),
            "metrics_listen is an address and a port, like 127.0.0.1:9400"
        );
        let frames = self.limits.frames_per_minute;
        ensure!(
            frames == 0 || frames >= 600,
            "limits.frames_per_minute is at least 600: somebody who types sends ten in a second"
        );
        let tokens = &self.tokens;
        ensure!(
            (1..=24 * 3600).contains(&tokens.access_seconds),
            "tokens.access_seconds is at most a day"
        );
        ensure!(
            tokens.refresh_seconds >= tokens.access_seconds,
            "tokens.refresh_seconds is at least tokens.access_seconds"
        );
        ensure!(tokens.grace_seconds <= 300, "tokens.grace_seconds is at most 300");
        ensure!(tokens.key_days >= 1, "tokens.key_days is at least 1");
        ensure!(self.limits.failed_logins >= 1, "limits.failed_logins is at least 1");
        self.mail.check()?;
        Ok(self)
    }

    /// Must an address be proven before one can log in?
    pub fn verifies_email(&self) -> bool {
        match self.accounts.verify_email {
            VerifyEmail::Auto => self.mail.is_set(),
            VerifyEmail::Always => true,
            VerifyEmail::Never => false,
        }
    }

    /// When what is deleted now goes for good; what was deleted before this time goes today.
    pub fn deleted_before(&self, now: Timestamp) -> Timestamp {
        Timestamp(now.0 - i64::from(self.limits.deleted_days) * 24 * 3600)
    }
}

impl Tls {
    /// True when the relay speaks TLS itself.
    pub fn is_set(&self) -> bool {
        !self.certificate.as_os_str().is_empty()
    }
}

impl Mail {
    /// True when letters can be sent.
    pub fn is_set(&self) -> bool {
        !self.host.is_empty()
    }

    fn check(&mut self) -> Result<()> {
        if !self.is_set() {
            ensure!(
                self.user.is_empty() && self.from.is_empty(),
                "mail.host is missing, though mail.user or mail.from is given"
            );
            return Ok(());
        }
        ensure!(
            self.from.parse::<lettre::message::Mailbox>().is_ok(),
            "mail.from is like \"Quire <quire@example.org>\""
        );
        if !self.password_file.as_os_str().is_empty() {
            ensure!(
                self.password.is_empty(),
                "mail.password and mail.password_file are both given"
            );
            let text = fs::read_to_string(&self.password_file)
                .with_context(|| format!("cannot read {}", self.password_file.display()))?;
            text.trim_end().clone_into(&mut self.password);
        }
        ensure!(
            self.user.is_empty() == self.password.is_empty(),
            "mail.user and its password belong together"
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(set: &[&str], environment: &[(&str, &str)]) -> Result<Config> {
        let set = set.iter().map(|set| (*set).to_owned()).collect();
        let environment =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Sources { set, ..Sources::default() }.load(environment)
    }

    #[test]
    fn what_is_nearer_wins() {
        let environment = [
            ("QUIRE_RELAY_ACCOUNTS_REGISTRATION", "open"),
            ("QUIRE_RELAY_ORIGINS", "https://a.example, https://b.example/"),
            ("HOME", "/home/ann"),
        ];
        let config = load(&["accounts.registration=closed", "limits.connections=7"], &environment);
        let config = config.unwrap();
        assert_eq!(config.accounts.registration, Registration::Closed);
        assert_eq!(config.origins, ["https://a.example", "https://b.example"]);
        assert_eq!(config.limits.connections, 7);
        assert!(!config.verifies_email());
    }

    #[test]
    fn a_key_that_is_not_known_is_named() {
        let fault = load(&["limits.conections=7"], &[]).unwrap_err().to_string();
        assert!(fault.contains("limits.conections"), "{fault}");
        let fault = load(&[], &[("QUIRE_RELAY_SECRET", "x")]).unwrap_err().to_string();
        assert!(fault.contains("QUIRE_RELAY_SECRET"), "{fault}");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relay.toml");
        fs::write(&file, "[mail]\nhots = \"x\"\n").unwrap();
        let sources = Sources { config: Some(file), ..Sources::default() };
        let fault = sources.load(std::iter::empty()).unwrap_err().to_string();
        assert!(fault.contains("hots") && fault.contains("host"), "{fault}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for set in [
            "public_url=relay.example.org",
            "tokens.access_seconds=0",
            "tokens.refresh_seconds=60",
            "accounts.registration=perhaps",
            "mail.user=ann",
            "origins=elsewhere",
            "limits.connections=many",
            "limits.frames_per_minute=5",
            "metrics_listen=9400",
        ] {
            assert!(load(&[set], &[]).is_err(), "{set}");
        }
        assert!(load(&["mail.host=localhost", "mail.from=Quire <q@example.org>"], &[]).is_ok());
    }

    #[test]
    fn every_setting_is_described_and_has_the_kind_that_is_said() {
        let table = Table::try_from(Config::default()).unwrap();
        let mut found = Vec::new();
        for (name, value) in &table {
            match value {
                Value::Table(section) => found
                    .extend(section.iter().map(|(key, value)| (format!("{name}.{key}"), value))),
                value => found.push((name.clone(), value)),
            }
        }
        assert_eq!(found.len(), KEYS.len());
        for (path, value) in found {
            let key = KEYS.iter().find(|key| key.path == path);
            let key = key.unwrap_or_else(|| panic!("{path} is not described"));
            let kind = match value {
                Value::Integer(_) => Kind::Number,
                Value::Boolean(_) => Kind::Switch,
                Value::Array(_) => Kind::List,
                _ => Kind::Text,
            };
            assert_eq!(kind, key.kind, "{path}");
        }
    }

    #[test]
    fn what_is_shown_is_a_file_that_can_be_used() {
        let shown = described();
        assert!(shown.contains("# QUIRE_RELAY_MAIL_PASSWORD_FILE"));
        let is_setting = |line: &&str| {
            let name = line.strip_prefix("# ").and_then(|line| line.split_once(" = "));
            name.is_some_and(|(name, _)| KEYS.iter().any(|key| key.path.ends_with(name)))
        };
        let file: String = shown
            .lines()
            .filter(|line| line.starts_with('[') || is_setting(line))
            .map(|line| format!("{}\n", line.trim_start_matches("# ")))
            .collect();
        let config: Config = file.parse::<Table>().unwrap().try_into().unwrap();
        assert_eq!(config.tokens.access_seconds, 900);
        assert_eq!(file.lines().filter(|line| !line.starts_with('[')).count(), KEYS.len());
    }
}
