//! What the relay is told when it is started: by a file (TOML), by the environment, and on the command line, each over the
//! one before. [`keys::KEYS`] names every key once, with what it means. All is checked before anything is opened, and a
//! key that is not known is an error that names it.

mod keys;
mod settings;
mod sso;
mod traces;

pub use keys::{KEYS, Key, Kind, described};
pub use settings::{
    Accounts, Config, Limits, Mail, MailTls, Registration, Tls, Tokens, VerifyEmail,
};
pub use sso::Provider;
pub use traces::Traces;

use crate::ids::Timestamp;
use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

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
        let mut everywhere = Vec::new();
        for (name, value) in environment {
            let is_known = |(known, _): &&(&str, _)| *known == name;
            if let Some((_, path)) = traces::KNOWN_EVERYWHERE.iter().find(is_known) {
                everywhere.push((*path, value));
                continue;
            }
            if !name.starts_with(keys::PREFIX) || keys::OTHERS.contains(&&*name) {
                continue;
            }
            let plain = KEYS.iter().find(|key| key.variable() == name);
            let known = plain.map(|key| (key, key.path.to_owned()));
            let of_provider = || sso::of_variable(&name[keys::PREFIX.len()..]);
            let Some((key, path)) = known.or_else(of_provider) else {
                bail!("the environment holds {name}, which is no setting of the relay");
            };
            put(&mut table, &path, key.kind, &value)
                .with_context(|| format!("the variable {name}"))?;
        }
        for (path, value) in everywhere {
            if !is_said(&table, path) {
                put(&mut table, path, Kind::Text, &value)?;
            }
        }
        for set in &self.set {
            let (path, value) = set.split_once('=').context("--set takes KEY=VALUE")?;
            let known = KEYS.iter().find(|key| key.path == path).or_else(|| sso::of_path(path));
            let Some(key) = known else {
                bail!("{path} is no setting of the relay");
            };
            put(&mut table, path, key.kind, value).with_context(|| format!("--set {path}"))?;
        }
        let mut config = Config::unchecked(table)?;
        config.data = self.data.clone().unwrap_or(config.data);
        config.listen = self.listen.unwrap_or(config.listen);
        config.checked()
    }
}

fn is_said(table: &Table, path: &str) -> bool {
    let (section, name) = path.split_once('.').unwrap_or(("", path));
    table.get(section).is_some_and(|section| section.get(name).is_some())
}

fn put(table: &mut Table, path: &str, kind: Kind, value: &str) -> Result<()> {
    let value = match kind {
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
    let (sections, name) = path.rsplit_once('.').unwrap_or(("", path));
    let mut table = table;
    for section in sections.split('.').filter(|section| !section.is_empty()) {
        table = table
            .entry(section)
            .or_insert_with(|| Value::Table(Table::new()))
            .as_table_mut()
            .with_context(|| format!("{section} is a section"))?;
    }
    table.insert(name.to_owned(), value);
    Ok(())
}

impl Config {
    /// Under which address the relay is reached that listens here, if nothing is said of it.
    pub(crate) fn address(&self, listen: SocketAddr) -> String {
        format!("{}://{listen}", if self.tls.is_set() { "https" } else { "http" })
    }

    fn unchecked(table: Table) -> Result<Self> {
        table.try_into().map_err(|error: toml::de::Error| anyhow::anyhow!("the settings: {error}"))
    }

    /// The settings of a file alone.
    #[cfg(feature = "fuzz")]
    pub(crate) fn of(table: Table) -> Result<Self> {
        Self::unchecked(table)?.checked()
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
        self.traces.check()?;
        for (id, provider) in &mut self.sso {
            provider.checked(id)?;
        }
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
        if let Some(text) =
            told_by_file("mail.password", !self.password.is_empty(), &self.password_file)?
        {
            text.trim_end().clone_into(&mut self.password);
        }
        ensure!(
            self.user.is_empty() == self.password.is_empty(),
            "mail.user and its password belong together"
        );
        Ok(())
    }
}

/// What a file says in place of a setting, which then is not given itself; `None` when no file is named.
fn told_by_file(setting: &str, is_given: bool, file: &Path) -> Result<Option<String>> {
    if file.as_os_str().is_empty() {
        return Ok(None);
    }
    ensure!(!is_given, "{setting} and {setting}_file are both given");
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Settings as a command line and an environment tell them.
    pub(super) fn load(set: &[&str], environment: &[(&str, &str)]) -> Result<Config> {
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
