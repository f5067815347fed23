//! What the relay is told when it is started. Everything is checked before anything is opened.

use anyhow::{Context, Result, bail, ensure};
use axum::http::{HeaderMap, header};
use clap::Args;
use quire_collab::room::Access;
use std::{fs, net::SocketAddr, path::PathBuf};
use subtle::ConstantTimeEq;

/// A shorter secret can be guessed.
const MIN_SECRET_BYTES: usize = 16;
const SECRET: &str = "QUIRE_RELAY_SECRET";
const READ_SECRET: &str = "QUIRE_RELAY_READ_SECRET";

/// `quire-relay serve`
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// The folder of the documents, made if there is none
    #[arg(long, env = "QUIRE_RELAY_DATA")]
    pub data: PathBuf,
    /// The address to listen on; port 0 takes a free one, which is told
    #[arg(long, env = "QUIRE_RELAY_LISTEN", default_value = "127.0.0.1:4400")]
    pub listen: SocketAddr,
    /// A file that holds the secret of those who may write (or the environment's QUIRE_RELAY_SECRET)
    #[arg(long, env = "QUIRE_RELAY_SECRET_FILE")]
    pub secret_file: Option<PathBuf>,
    /// A file that holds the secret of those who may only read (or QUIRE_RELAY_READ_SECRET)
    #[arg(long, env = "QUIRE_RELAY_READ_SECRET_FILE")]
    pub read_secret_file: Option<PathBuf>,
    /// Web pages of this origin may connect, like https://editor.example.org; give it again for more. Others are
    /// refused; programs that are no web page name no origin
    #[arg(long = "origin", env = "QUIRE_RELAY_ORIGINS", value_delimiter = ',')]
    pub origins: Vec<String>,
    /// So many lines at once
    #[arg(long, env = "QUIRE_RELAY_MAX_CONNECTIONS", default_value_t = 10_000)]
    pub max_connections: usize,
    /// So many lines in one document
    #[arg(long, env = "QUIRE_RELAY_MAX_PER_DOCUMENT", default_value_t = 1_000)]
    pub max_per_document: usize,
    /// Behave as if the disk were full when the database has so many bytes
    #[arg(long, env = "QUIRE_RELAY_MAX_BYTES")]
    pub max_bytes: Option<u64>,
}

/// Who may come in.
pub struct Door {
    write: Option<Vec<u8>>,
    read: Option<Vec<u8>>,
    origins: Vec<String>,
}

/// Why somebody may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A web page of an origin that is not among the allowed.
    #[error("web pages of this origin may not connect")]
    Origin,
    /// Without a secret, or with a wrong one.
    #[error(
        "a secret is needed: in the header Authorization, as \"Bearer …\", or in the cookie quire_relay"
    )]
    Secret,
}

impl Door {
    /// As configured.
    ///
    /// # Errors
    /// When a secret cannot be read, is short, or is missing where others than this machine can connect.
    pub fn new(config: &Config) -> Result<Self> {
        let write = secret(config.secret_file.as_ref(), SECRET)?;
        let read = secret(config.read_secret_file.as_ref(), READ_SECRET)?;
        if write.is_none() && !config.listen.ip().is_loopback() {
            bail!(
                "{} can be reached from other machines: give a secret with {SECRET} or --secret-file",
                config.listen
            );
        }
        ensure!(write.is_some() || read.is_none(), "a secret for reading needs one for writing");
        ensure!(write.is_none() || write != read, "the two secrets are the same");
        let mut origins = config.origins.clone();
        for origin in &mut origins {
            ensure!(
                origin.starts_with("https://") || origin.starts_with("http://"),
                "an origin is like https://editor.example.org, not {origin}"
            );
            origin.truncate(origin.trim_end_matches('/').len());
        }
        Ok(Self { write, read, origins })
    }

    /// What the sender of these headers may do.
    ///
    /// # Errors
    /// When he may do nothing.
    pub fn admit(&self, headers: &HeaderMap) -> Result<Access, Refused> {
        if let Some(origin) = headers.get(header::ORIGIN)
            && !self.origins.iter().any(|known| known.as_bytes() == origin.as_bytes())
        {
            return Err(Refused::Origin);
        }
        let Some(write) = &self.write else { return Ok(Access::Write) };
        let Some(given) = given(headers) else { return Err(Refused::Secret) };
        let is = |secret: &[u8]| bool::from(secret.ct_eq(given));
        if is(write) {
            Ok(Access::Write)
        } else if self.read.as_deref().is_some_and(is) {
            Ok(Access::Read)
        } else {
            Err(Refused::Secret)
        }
    }
}

fn given(headers: &HeaderMap) -> Option<&[u8]> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| {
        let (scheme, secret) = value.as_bytes().split_at_checked(7)?;
        scheme.eq_ignore_ascii_case(b"Bearer ").then_some(secret)
    });
    bearer.or_else(|| {
        let cookies = headers.get_all(header::COOKIE).iter();
        cookies
            .flat_map(|value| value.as_bytes().split(|byte| *byte == b';'))
            .find_map(|cookie| cookie.trim_ascii().strip_prefix(b"quire_relay="))
    })
}

fn secret(file: Option<&PathBuf>, variable: &str) -> Result<Option<Vec<u8>>> {
    let secret = match file {
        Some(file) => {
            let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            Some(text.trim_ascii().to_vec())
        }
        None => std::env::var(variable).ok().map(String::into_bytes),
    };
    ensure!(
        secret.as_ref().is_none_or(|secret| secret.len() >= MIN_SECRET_BYTES),
        "a secret has at least {MIN_SECRET_BYTES} bytes ({variable})"
    );
    Ok(secret)
}
