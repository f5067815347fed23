//! Signing in through a provider, in the browser of this machine (RFC 8252). The browser comes back to a port of the
//! loopback with a code that is good once, and only with the verifier that never leaves this program (RFC 7636): another
//! program on this machine that listens there, or reads the browser's history, gets nothing by it.

use crate::{Http, ProblemKind, RelayAddress, RelayError, http::unreachable};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{collections::HashMap, net::Ipv4Addr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};
use url::Url;

/// As long as a relay waits for the provider, and then some.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// A browser that connects and says nothing is not waited for.
const REQUEST: Duration = Duration::from_secs(10);
const LONGEST_REQUEST: usize = 8 << 10;
/// Where the browser comes back to.
const PATH: &str = "/signed-in";

/// A way to sign in at a relay besides e-mail address and password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SignInWay {
    /// Its id at the relay.
    pub id: String,
    /// What people call it.
    pub name: String,
}

/// What everybody may know of a relay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct About {
    /// Ways to sign in through others; an older relay knows none.
    #[serde(default)]
    pub sign_in: Vec<SignInWay>,
}

/// A sign-in that is under way in a browser. Dropped, it is given up.
pub struct BrowserSignIn {
    http: Http,
    listener: TcpListener,
    url: Url,
    state: String,
    verifier: String,
}

/// With what the browser came back.
pub(crate) struct Came {
    pub(crate) http: Http,
    pub(crate) code: String,
    pub(crate) verifier: String,
}

impl Http {
    /// What the relay tells everybody.
    pub async fn about(&self) -> Result<About, RelayError> {
        self.ask(Method::GET, "", None, None).await
    }
}

impl BrowserSignIn {
    /// Listen for a browser that is to be sent to [`BrowserSignIn::url`].
    pub async fn begin(relay: RelayAddress, way: &str) -> Result<Self, RelayError> {
        let http = Http::new(relay);
        let no_port = |error: std::io::Error| unreachable(http.address(), error.to_string());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(no_port)?;
        let port = listener.local_addr().map_err(no_port)?.port().to_string();
        let (state, verifier) = (random()?, random()?);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        let not_there = || RelayError::NotARelay(http.address().name().to_owned());
        let mut url = Url::parse(&http.address().at("/sso/")).map_err(|_| not_there())?;
        // The id is another's word: it is one part of the path, whatever it says.
        url.path_segments_mut().map_err(|()| not_there())?.pop_if_empty().push(way);
        url.query_pairs_mut()
            .append_pair("port", &port)
            .append_pair("challenge", &challenge)
            .append_pair("state", &state);
        Ok(Self { http, listener, url, state, verifier })
    }

    /// What the browser is to open.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Wait until the browser comes back.
    pub(crate) async fn come_back(self) -> Result<Came, RelayError> {
        let Self { http, listener, state, verifier, .. } = self;
        let (back, mut came) = mpsc::channel(1);
        let state: Arc<str> = state.into();
        // A browser opens lines that it does not use: one is not waited for before the next.
        let serve = async {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&state), back.clone()));
            }
        };
        let answered = tokio::select! {
            answered = timeout(PATIENCE, came.recv()) => answered.ok().flatten(),
            () = serve => None,
        };
        let gave_up =
            || RelayError::SignInFailed("nobody has come back from the browser".to_owned());
        let code = answered.ok_or_else(gave_up)?.map_err(RelayError::SignInFailed)?;
        Ok(Came { http, code, verifier })
    }
}

/// 256 bits that nobody guesses, as base64url.
fn random() -> Result<String, RelayError> {
    let mut bytes = [0; 32];
    let failed = |error: getrandom::Error| RelayError::SignInFailed(error.to_string());
    getrandom::fill(&mut bytes).map_err(failed)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

type Outcome = Result<String, String>;

/// Answer one request of the browser; the outcome of the sign-in, if it is the one that is waited for.
async fn answer(mut stream: TcpStream, state: Arc<str>, back: mpsc::Sender<Outcome>) {
    let Ok(Some(head)) = timeout(REQUEST, head(&mut stream)).await else { return };
    let outcome = outcome(&head, &state);
    let (status, title, text) = match &outcome {
        None => ("404 Not Found", "Nothing is here", "This address belongs to Quire."),
        Some(Ok(_)) => ("200 OK", "You are signed in", "Close this page and go back to Quire."),
        Some(Err(_)) => ("200 OK", "That did not work", "Go back to Quire: it says why."),
    };
    // The page loads nothing, and keeps its address, in which the code is, to itself.
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>Quire</title><body style=\"font: 16px/1.5 system-ui, sans-serif; margin: 20vh auto; max-width: 30rem; \
         padding: 0 1.5rem\"><h1 style=\"font-size: 1.6rem\">{title}</h1><p>{text}</p></body></html>"
    );
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\ncache-control: no-store\r\n\
         referrer-policy: no-referrer\r\ncontent-security-policy: default-src 'none'; style-src 'unsafe-inline'\r\n\
         connection: close\r\n\r\n{body}",
        body.len()
    );
    // Whoever does not read it is told by the program.
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    if let Some(outcome) = outcome {
        // The first one counts.
        let _ = back.try_send(outcome);
    }
}

/// The request's head, if there is one and it is short.
async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|bytes| bytes == b"\r\n\r\n") {
        let mut chunk = [0; 1024];
        let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
        head.extend_from_slice(&chunk[..count]);
        if head.len() > LONGEST_REQUEST {
            return None;
        }
    }
    String::from_utf8(head).ok()
}

/// A code, or why there is none; `None` for what is not the end of our sign-in.
fn outcome(head: &str, state: &str) -> Option<Outcome> {
    let target = head.strip_prefix("GET ")?.split(' ').next()?;
    let url = Url::parse("http://127.0.0.1").ok()?.join(target).ok()?;
    let said: HashMap<_, _> = url.query_pairs().collect();
    if url.path() != PATH || said.get("state").map(AsRef::as_ref) != Some(state) {
        return None;
    }
    if let Some(code) = said.get("code") {
        return Some(Ok(code.clone().into_owned()));
    }
    let why = said.get("error_description").map_or("no reason was given", AsRef::as_ref);
    // It is shown: a sentence, and no more.
    Some(Err(why.chars().filter(|letter| !letter.is_control()).take(400).collect()))
}

/// What the relay says of a code that it does not take is for people already.
pub(crate) fn not_taken(error: RelayError) -> RelayError {
    match error {
        RelayError::Refused { kind: ProblemKind::BadSecret, detail, .. } => {
            RelayError::SignInFailed(detail)
        }
        error => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_our_own_sign_in_is_taken() {
        let get = |target: &str| outcome(&format!("GET {target} HTTP/1.1\r\nHost: x\r\n\r\n"), "s");
        assert_eq!(get("/signed-in?code=abc&state=s"), Some(Ok("abc".to_owned())));
        assert_eq!(get("/signed-in?code=abc&state=other"), None);
        assert_eq!(get("/signed-in?code=abc"), None);
        assert_eq!(get("/favicon.ico"), None);
        assert_eq!(get("http://evil.example/?code=abc&state=s"), None);
        let refused =
            get("/signed-in?error=access_denied&error_description=not%0athis+way&state=s");
        assert_eq!(refused, Some(Err("notthis way".to_owned())));
        assert_eq!(outcome("POST /signed-in?code=abc&state=s HTTP/1.1\r\n\r\n", "s"), None);
    }

    #[tokio::test]
    async fn a_browser_that_says_nothing_holds_nobody_up() {
        let relay = RelayAddress::parse("http://127.0.0.1:1").unwrap();
        let sign_in = BrowserSignIn::begin(relay, "a way/../x").await.unwrap();
        let url = Url::parse(sign_in.url()).unwrap();
        assert_eq!(url.path(), "/sso/a%20way%2F..%2Fx");
        let said: HashMap<_, _> = url.query_pairs().into_owned().collect();
        let port: u16 = said["port"].parse().unwrap();
        let waiting = tokio::spawn(sign_in.come_back());
        let _silent = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let mut browser = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let request = format!("GET /signed-in?code=abc&state={} HTTP/1.1\r\n\r\n", said["state"]);
        browser.write_all(request.as_bytes()).await.unwrap();
        let mut page = String::new();
        browser.read_to_string(&mut page).await.unwrap();
        assert!(page.contains("You are signed in") && !page.contains("abc"), "{page}");
        let came = waiting.await.unwrap().unwrap();
        assert_eq!(came.code, "abc");
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(came.verifier.as_bytes()));
        assert_eq!(said["challenge"], challenge);
    }
}
