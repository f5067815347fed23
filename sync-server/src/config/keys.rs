//! Every setting, once: its key in the file, its variable in the environment, and what it means.

use super::Config;
use std::fmt::Write;
use toml::{Table, Value};

/// How a setting is written in the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it is.
    Text,
    /// Decimal digits.
    Number,
    /// `true` or `false`.
    Switch,
    /// Between commas.
    List,
}

/// A setting.
#[derive(Debug)]
pub struct Key {
    /// Its key in the file: `section.name`, or `name`.
    pub path: &'static str,
    /// How it is written.
    pub kind: Kind,
    /// What it means.
    pub meaning: &'static str,
}

/// How every variable begins.
pub(super) const PREFIX: &str = "QUIRE_RELAY_";
/// Variables that are no settings.
pub(super) const OTHERS: [&str; 2] = ["QUIRE_RELAY_CONFIG", "QUIRE_RELAY_LOG"];

const fn key(path: &'static str, kind: Kind, meaning: &'static str) -> Key {
    Key { path, kind, meaning }
}

/// All settings, in the order in which they are shown.
pub const KEYS: [Key; 39] = [
    key("data", Kind::Text, "The folder of accounts and documents, made if there is none."),
    key("listen", Kind::Text, "The address to listen on; port 0 takes a free one."),
    key(
        "public_url",
        Kind::Text,
        "Under which address people reach the relay: it is in letters and links. The one to listen on, if empty.",
    ),
    key(
        "metrics_listen",
        Kind::Text,
        "Another address that answers /metrics to whoever reaches it, like 127.0.0.1:9400. Without one it is answered to \
         administrators, where everything else is.",
    ),
    key(
        "origins",
        Kind::List,
        "Web pages of these origins may open lines to documents. Programs that are no web page name none.",
    ),
    key(
        "trusted_proxies",
        Kind::List,
        "Addresses of proxies whose word is taken (X-Forwarded-For) for where a request comes from.",
    ),
    key(
        "accounts.registration",
        Kind::Text,
        "Who may make himself an account: \"open\" (everybody), \"invited\" (who was invited into a project by e-mail) \
         or \"closed\" (nobody: an administrator makes accounts).",
    ),
    key(
        "accounts.verify_email",
        Kind::Text,
        "Must an address be proven by a letter before one can log in: \"always\", \"never\" or \"auto\" (when letters \
         can be sent). \"never\" also lets strangers find out who has an account.",
    ),
    key(
        "accounts.guests",
        Kind::Switch,
        "May links be made that let people in who have no account?",
    ),
    key(
        "tls.certificate",
        Kind::Text,
        "A file with a certificate (PEM, with those of whoever signed it): the relay speaks TLS itself. It is read again \
         when it changes. Without one it speaks plain HTTP, for a proxy with TLS before it.",
    ),
    key("tls.key", Kind::Text, "A file with the certificate's key (PEM)."),
    key("tokens.access_seconds", Kind::Number, "How long an access token is good."),
    key(
        "tokens.refresh_seconds",
        Kind::Number,
        "How long a log-in lasts that is not used; each use prolongs it.",
    ),
    key(
        "tokens.grace_seconds",
        Kind::Number,
        "For so long a refresh token may be used again whose reply was lost. Later a second use ends the log-in.",
    ),
    key("tokens.key_days", Kind::Number, "How long a key signs before a new one takes its place."),
    key(
        "mail.host",
        Kind::Text,
        "The mail server that takes our letters (SMTP). Without one they are printed to the log, with the secrets in \
         them: for trying out, or where an administrator passes them on.",
    ),
    key("mail.port", Kind::Number, "Its port."),
    key(
        "mail.tls",
        Kind::Text,
        "\"starttls\", \"tls\", or \"none\" for a server on the same machine.",
    ),
    key("mail.user", Kind::Text, "The user there, if one has to log in."),
    key("mail.password", Kind::Text, "His password. Better in a file:"),
    key("mail.password_file", Kind::Text, "A file that holds his password."),
    key("mail.from", Kind::Text, "The sender, like \"Quire <quire@example.org>\"."),
    key(
        "traces.endpoint",
        Kind::Text,
        "The collector that is sent traces of what the relay does (OTLP over HTTP), like http://127.0.0.1:4318. Without one \
         there are no traces. What OTEL_EXPORTER_OTLP_ENDPOINT says, if nothing is said here.",
    ),
    key(
        "traces.per_thousand",
        Kind::Number,
        "Of so many traces in a thousand the collector is sent what they hold. What a proxy has decided for a request goes \
         before.",
    ),
    key(
        "traces.service",
        Kind::Text,
        "What the collector calls this relay. What OTEL_SERVICE_NAME says, if nothing is said here.",
    ),
    key(
        "traces.headers",
        Kind::List,
        "Headers that the collector wants, each like NAME=VALUE. Better in a file:",
    ),
    key("traces.headers_file", Kind::Text, "A file that holds them, one in a line."),
    key(
        "limits.connections",
        Kind::Number,
        "So many lines and requests at once. A document that is open over its project's line counts as a line.",
    ),
    key("limits.per_document", Kind::Number, "So many lines in one document."),
    key(
        "limits.strands",
        Kind::Number,
        "So many documents may be open over one line of their project; the app opens a line of its own for each that is \
         more. 0 for none.",
    ),
    key(
        "limits.database_bytes",
        Kind::Number,
        "Behave as if the disk were full when the documents take so many bytes; 0 for no bound.",
    ),
    key("limits.projects_per_user", Kind::Number, "So many projects may one person own."),
    key(
        "limits.project_bytes",
        Kind::Number,
        "So many bytes may the texts and files of a project take, with what is kept of their history; 0 for no bound. \
         A full project can be read.",
    ),
    key("limits.document_bytes", Kind::Number, "And so many may one text."),
    key("limits.file_bytes", Kind::Number, "And so many may one file that is not a text."),
    key(
        "limits.deleted_days",
        Kind::Number,
        "For so long a deleted project can be restored, and what a removed file held be read; then it goes for good.",
    ),
    key(
        "limits.failed_logins",
        Kind::Number,
        "After so many wrong passwords for one account from one address within a quarter of an hour others have to \
         wait; five times as many for one address, and for one account.",
    ),
    key(
        "limits.requests_per_minute",
        Kind::Number,
        "So many requests a minute from one address, and as many of one person; 0 for no bound.",
    ),
    key(
        "limits.frames_per_minute",
        Kind::Number,
        "So many frames a minute on the lines of one person, and ten times as many from one address; each 16 KB of a \
         frame count as one more. Who sends more is read more slowly. 0 for no bound.",
    ),
];

/// The settings of one provider through which people sign in.
pub(super) const PROVIDER_KEYS: [Key; 9] = [
    key(
        "sso.NAME.name",
        Kind::Text,
        "What the button says: \"Sign in with …\"; the section's name, if empty.",
    ),
    key(
        "sso.NAME.issuer",
        Kind::Text,
        "The provider's issuer, like https://login.example.org: all else is read there (/.well-known/openid-configuration).",
    ),
    key("sso.NAME.client_id", Kind::Text, "What the provider calls this relay."),
    key(
        "sso.NAME.client_secret",
        Kind::Text,
        "The secret that the provider gave it, if it gave one. Better in a file:",
    ),
    key("sso.NAME.client_secret_file", Kind::Text, "A file that holds the secret."),
    key("sso.NAME.scopes", Kind::List, "What the provider is asked to tell, besides \"openid\"."),
    key(
        "sso.NAME.domains",
        Kind::List,
        "Only who has an e-mail address of these domains comes in this way; everybody, if empty.",
    ),
    key(
        "sso.NAME.creates_accounts",
        Kind::Switch,
        "Whoever the provider knows gets an account. Without it: whom accounts.registration lets in.",
    ),
    key(
        "sso.NAME.trusts_email",
        Kind::Switch,
        "Take the provider's word for an address though it does not say that it has proven it (email_verified). Only for a \
         provider that gives its people their addresses itself.",
    ),
];

impl Key {
    /// Its variable: `QUIRE_RELAY_SECTION_NAME`.
    pub fn variable(&self) -> String {
        format!("{PREFIX}{}", self.path.to_uppercase().replace('.', "_"))
    }
}

/// All settings as a file, each with what it means, its variable and its default.
pub fn described() -> String {
    let table = Table::try_from(Config::default()).unwrap_or_default();
    let mut text = String::from(
        "# Settings of quire-relay, with their defaults. Each can also be given by the variable that is named, or with\n\
         # --set KEY=VALUE.\n",
    );
    let mut last = "";
    for key in &KEYS {
        let (section, name) = key.path.split_once('.').unwrap_or(("", key.path));
        if section != last {
            let _ = write!(text, "\n[{section}]\n");
            last = section;
        }
        let value = if section.is_empty() {
            table.get(name)
        } else {
            table.get(section).and_then(|section| section.get(name))
        };
        let value = value.map(Value::to_string).unwrap_or_default();
        let value =
            if name == "data" { "\"~/.local/share/quire-relay\"".to_owned() } else { value };
        let _ = write!(text, "\n# {}\n# {}\n# {name} = {value}\n", key.meaning, key.variable());
    }
    text + &super::sso::described()
}
