//! TLS by the relay itself, without a proxy: a certificate and its key, read from two files, and read again when they
//! change, so that whoever renews them need not restart anything. Lines that are open stay as they are.

use crate::config;
use anyhow::{Context, Result, ensure};
use std::{
    fs,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, SystemTime},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
};

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(2);

/// What is presented to who connects.
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    now: RwLock<(Arc<ServerConfig>, Stamp)>,
}

/// When the files were changed.
type Stamp = [Option<SystemTime>; 2];

impl Tls {
    /// As configured; none when the relay speaks plain HTTP.
    ///
    /// # Errors
    /// When the files cannot be read, or do not belong together.
    pub(crate) fn open(config: &config::Tls) -> Result<Option<Arc<Self>>> {
        if !config.is_set() {
            return Ok(None);
        }
        let config::Tls { certificate, key } = config.clone();
        let stamp = stamp(&certificate, &key);
        let now = RwLock::new((read(&certificate, &key)?, stamp));
        Ok(Some(Arc::new(Self { certificate, key, now })))
    }

    /// For the next who connects.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        TlsAcceptor::from(Arc::clone(&now.0))
    }

    /// Look at the files now and then. What cannot be used is said, and the old stays.
    pub(crate) async fn watch(self: Arc<Self>) {
        let mut looks = tokio::time::interval(LOOK_EVERY);
        loop {
            looks.tick().await;
            let stamp = stamp(&self.certificate, &self.key);
            if self.now.read().unwrap_or_else(PoisonError::into_inner).1 == stamp {
                continue;
            }
            let read = read(&self.certificate, &self.key);
            let mut now = self.now.write().unwrap_or_else(PoisonError::into_inner);
            now.1 = stamp;
            match read {
                Ok(config) => {
                    now.0 = config;
                    tracing::info!("another certificate is presented from now on");
                }
                Err(error) => {
                    tracing::error!(
                        error = format!("{error:#}"),
                        "the certificate cannot be used: the old one stays"
                    );
                }
            }
        }
    }
}

fn stamp(certificate: &PathBuf, key: &PathBuf) -> Stamp {
    [certificate, key].map(|path| fs::metadata(path).and_then(|about| about.modified()).ok())
}

fn read(certificate: &PathBuf, key: &PathBuf) -> Result<Arc<ServerConfig>> {
    let unread = |path: &PathBuf| format!("cannot read {}", path.display());
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(|| unread(certificate))?;
    ensure!(!chain.is_empty(), "{} holds no certificate", certificate.display());
    let secret = PrivateKeyDer::from_pem_file(key).with_context(|| unread(key))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .with_context(|| {
            let (certificate, key) = (certificate.display(), key.display());
            format!("the certificate in {certificate} and the key in {key} do not belong together")
        })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
