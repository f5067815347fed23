//! TLS by the relay itself, through the real process.

#![allow(clippy::unwrap_used)]

mod support;

use quire_collab::frames::{self, Frame};
use std::{
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use support::{Desk, PATIENCE, Relay};
use tokio_rustls::rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned, crypto::aws_lc_rs,
    pki_types::CertificateDer,
};
use tungstenite::client::IntoClientRequest;

struct Files {
    certificate: PathBuf,
    key: PathBuf,
}

impl Files {
    fn in_folder(folder: &Path) -> Self {
        Self { certificate: folder.join("relay.crt"), key: folder.join("relay.key") }
    }

    /// A new certificate takes the place of the old, as a program that renews them does it; what a client has to trust.
    fn renew(&self) -> CertificateDer<'static> {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        for (path, text) in
            [(&self.key, made.signing_key.serialize_pem()), (&self.certificate, made.cert.pem())]
        {
            let new = path.with_extension("new");
            std::fs::write(&new, text).unwrap();
            std::fs::rename(&new, path).unwrap();
        }
        made.cert.der().clone()
    }

    fn settings(&self) -> [String; 2] {
        let set = |key: &str, path: &Path| format!("tls.{key}={}", path.display());
        [set("certificate", &self.certificate), set("key", &self.key)]
    }
}

fn connect(
    relay: &Relay,
    trusted: &CertificateDer<'static>,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(&relay.address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let name = "localhost".try_into().unwrap();
    StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream)
}

/// What it says to be alive, if the line can be trusted.
fn health(relay: &Relay, trusted: &CertificateDer<'static>) -> std::io::Result<String> {
    let mut line = connect(relay, trusted);
    line.write_all(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")?;
    let mut said = String::new();
    line.read_to_string(&mut said)?;
    Ok(said)
}

#[test]
fn a_certificate_is_presented_and_another_without_a_restart() {
    let desk = Desk::new();
    let files = Files::in_folder(desk.path());
    let first = files.renew();
    let [certificate, key] = files.settings();
    let relay = Relay::start(desk.path(), &["--set", &certificate, "--set", &key]);
    assert!(health(&relay, &first).unwrap().ends_with("alive"));
    // Who does not speak TLS is told nothing.
    let mut plain = TcpStream::connect(&relay.address).unwrap();
    plain.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(plain, "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut said = Vec::new();
    // It may be cut.
    let _ = plain.read_to_end(&mut said);
    assert!(!said.windows(5).any(|five| five == b"alive"));
    // A line to a document.
    let url = format!("wss://localhost/ws/{}", desk.pass.document);
    let mut request = url.into_client_request().unwrap();
    request.headers_mut().insert("authorization", desk.pass.bearer().parse().unwrap());
    let (mut line, _) = tungstenite::client(request, connect(&relay, &first)).unwrap();
    let hello = line.read().unwrap().into_data();
    assert!(matches!(frames::read(&hello).unwrap()[..], [Frame::Ask(_)]));
    let second = files.renew();
    let start = Instant::now();
    while health(&relay, &second).is_err() {
        assert!(start.elapsed() < PATIENCE, "the new certificate is not presented");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(health(&relay, &first).is_err());
    // Half a certificate is none: the one that is good stays.
    std::fs::write(&files.certificate, "-----BEGIN CERTIFICATE-----\nhalf").unwrap();
    while !relay.log().contains("the old one stays") {
        assert!(start.elapsed() < PATIENCE, "nothing is said of it");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(health(&relay, &second).unwrap().ends_with("alive"));
    // The line was there all the time.
    line.send(tungstenite::Message::Binary(frames::KEEP_ALIVE)).unwrap();
    line.send(tungstenite::Message::Ping(bytes::Bytes::new())).unwrap();
    while !matches!(line.read().unwrap(), tungstenite::Message::Pong(_)) {}
    #[cfg(unix)]
    assert!(relay.end());
}

#[test]
fn a_certificate_without_its_key_is_told_at_the_start() {
    let desk = Desk::new();
    let files = Files::in_folder(desk.path());
    files.renew();
    let certificate = std::fs::read(&files.certificate).unwrap();
    files.renew();
    std::fs::write(&files.certificate, certificate).unwrap();
    let [certificate, key] = files.settings();
    let start = |settings: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_quire-relay"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(desk.path())
            .args(settings)
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let said = start(&["--set", &certificate, "--set", &key]);
    assert!(said.contains("do not belong together"), "{said}");
    let said = start(&["--set", &certificate]);
    assert!(said.contains("tls.certificate and tls.key belong together"), "{said}");
}
