//! The settings of providers through which people sign in, one section for each: `[sso.campus]`.

use super::{
    keys::{Key, Kind, PROVIDER_KEYS},
    told_by_file,
};
use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};
use std::{net::IpAddr, path::PathBuf};
use url::{Host, Url};

/// An OpenID Connect provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(missing_docs, reason = "PROVIDER_KEYS says what each is")]
pub struct Provider {
    pub name: String,
    pub issuer: String,
    pub client_id: String,
    pub client_secret: String,
    pub client_secret_file: PathBuf,
    pub scopes: Vec<String>,
    pub domains: Vec<String>,
    pub creates_accounts: bool,
    pub trusts_email: bool,
}

impl Default for Provider {
    fn default() -> Self {
        Self {
            name: String::new(),
            issuer: String::new(),
            client_id: String::new(),
            client_secret: String::new(),
            client_secret_file: PathBuf::new(),
            scopes: vec!["email".to_owned(), "profile".to_owned()],
            domains: Vec::new(),
            creates_accounts: false,
            trusts_email: false,
        }
    }
}

/// The setting of a provider that this variable gives, without its prefix, and the setting's path.
pub(super) fn of_variable(rest: &str) -> Option<(&'static Key, String)> {
    let rest = rest.strip_prefix("SSO_")?;
    PROVIDER_KEYS.iter().find_map(|key| {
        let field = key.path.rsplit('.').next()?;
        let id = rest.strip_suffix(&field.to_uppercase())?.strip_suffix('_')?;
        let id = id.to_lowercase().replace('_', "-");
        (!id.is_empty()).then(|| (key, format!("sso.{id}.{field}")))
    })
}

/// The setting of a provider that has this path.
pub(super) fn of_path(path: &str) -> Option<&'static Key> {
    let (id, field) = path.strip_prefix("sso.")?.split_once('.')?;
    let is_meant = |key: &&Key| key.path.rsplit('.').next() == Some(field);
    PROVIDER_KEYS.iter().find(is_meant).filter(|_| !id.is_empty())
}

/// How a provider's settings are shown in the file of all settings.
pub(super) fn described() -> String {
    let mut text = String::from(
        "\n# Providers through which people sign in (OpenID Connect), each in a section of its own with a name of your\n\
         # choice. At the provider, register the relay with the redirect URI PUBLIC_URL/sso/NAME/callback.\n\n# [sso.name]\n",
    );
    for key in &PROVIDER_KEYS {
        let field = key.path.rsplit('.').next().unwrap_or_default();
        let value = match (field, key.kind) {
            ("scopes", _) => r#"["email", "profile"]"#,
            (_, Kind::List) => "[]",
            (_, Kind::Switch) => "false",
            _ => r#""""#,
        };
        let variable = key.variable();
        text += &format!("\n# {}\n# {variable}\n# {field} = {value}\n", key.meaning);
    }
    text
}

impl Provider {
    /// Complete the settings of the provider with this id.
    ///
    /// # Errors
    /// When they make no sense.
    pub(super) fn checked(&mut self, id: &str) -> Result<()> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        ensure!(
            (1..=32).contains(&id.len()) && id.bytes().all(is_plain),
            "the name of the section sso.{id} has small letters, digits and hyphens only"
        );
        ensure!(!self.client_id.is_empty(), "sso.{id}.client_id is missing");
        let issuer = Url::parse(&self.issuer)
            .with_context(|| format!("sso.{id}.issuer is like https://login.example.org"))?;
        ensure!(
            issuer.scheme() == "https" || (issuer.scheme() == "http" && is_this_machine(&issuer)),
            "sso.{id}.issuer begins with https://"
        );
        let setting = format!("sso.{id}.client_secret");
        let is_given = !self.client_secret.is_empty();
        if let Some(text) = told_by_file(&setting, is_given, &self.client_secret_file)? {
            text.trim_end().clone_into(&mut self.client_secret);
        }
        for domain in &mut self.domains {
            ensure!(!domain.contains('@'), "sso.{id}.domains are like example.org");
            *domain = domain.to_lowercase();
        }
        if self.name.is_empty() {
            id.clone_into(&mut self.name);
        }
        Ok(())
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => IpAddr::from(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::from(address).is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Sources, tests::load};

    #[test]
    fn providers_come_from_file_environment_and_command_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("relay.toml");
        let text = "[sso.campus]\nissuer = \"https://login.example.org\"\nclient_id = \"quire\"\n";
        std::fs::write(&file, text).unwrap();
        let environment = [
            ("QUIRE_RELAY_SSO_CAMPUS_CLIENT_SECRET", "s3cret"),
            ("QUIRE_RELAY_SSO_MY_LAB_ISSUER", "http://127.0.0.1:9000"),
            ("QUIRE_RELAY_SSO_MY_LAB_CLIENT_ID", "lab"),
        ];
        let environment = environment.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let set = vec!["sso.campus.domains=Example.org, example.com".to_owned()];
        let sources = Sources { config: Some(file), set, ..Sources::default() };
        let config = sources.load(environment).unwrap();
        let campus = &config.sso["campus"];
        assert_eq!((&*campus.name, &*campus.client_secret), ("campus", "s3cret"));
        assert_eq!(campus.domains, ["example.org", "example.com"]);
        assert_eq!(campus.scopes, ["email", "profile"]);
        assert_eq!(config.sso["my-lab"].client_id, "lab");
    }

    #[test]
    fn a_provider_that_makes_no_sense_is_refused() {
        let faults = [
            (&["sso.campus.client_id=quire"][..], "issuer"),
            (&["sso.campus.issuer=https://login.example.org"], "client_id"),
            (&["sso.campus.issuer=http://login.example.org", "sso.campus.client_id=q"], "https"),
            (&["sso.Campus.issuer=https://login.example.org", "sso.Campus.client_id=q"], "letters"),
            (&["sso.campus.isuer=https://login.example.org"], "isuer"),
        ];
        for (set, part) in faults {
            let fault = format!("{:#}", load(set, &[]).unwrap_err());
            assert!(fault.contains(part), "{part}: {fault}");
        }
        let fault = load(&[], &[("QUIRE_RELAY_SSO_CAMPUS_SECRET", "x")]).unwrap_err().to_string();
        assert!(fault.contains("QUIRE_RELAY_SSO_CAMPUS_SECRET"), "{fault}");
    }
}
