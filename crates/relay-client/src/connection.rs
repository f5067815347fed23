//! One connection of a line: how it is made, kept with new tokens, and why it ends.

use crate::{Account, ProblemKind, RelayError, http::in_words};
use std::time::{Duration, Instant};
use tokio::{
    net::TcpStream,
    time::{sleep, sleep_until, timeout},
};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
    tungstenite::{
        Error,
        client::IntoClientRequest,
        http::{HeaderValue, StatusCode, header},
        protocol::{CloseFrame, WebSocketConfig, frame::coding::CloseCode},
    },
};

/// To come to the relay.
const CONNECT: Duration = Duration::from_secs(15);
/// The relay says something every 14 seconds: with three of these missing, the line is dead.
pub(crate) const SILENCE: Duration = Duration::from_secs(45);
/// A line that does not take a frame in this time is dead.
pub(crate) const STUCK: Duration = Duration::from_secs(45);
/// To say good-bye.
pub(crate) const GOOD_BYE: Duration = Duration::from_secs(2);
/// A token that could not be renewed is tried again after this.
pub(crate) const RENEW_AGAIN: Duration = Duration::from_secs(10);
/// A line that was there so long did not fail at once.
pub(crate) const WORKED: Duration = Duration::from_secs(10);
/// Frames that wait to be sent; with more the line is cut, since what is missing is told anew when it is there again.
pub(crate) const WAITING: usize = 4096;
/// Frames that have come and are not taken yet: then the relay has to wait.
pub(crate) const UNTAKEN: usize = 64;
/// A whole document with its history.
const LONGEST_FRAME: usize = 128 << 20;
/// For each line, where 128 KiB are the default.
const READ_BUFFER: usize = 8 << 10;

pub(crate) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Why a line is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// There is no such document, or none for us.
    NoAccess,
    /// One has to sign in again.
    SignedOut,
}

/// How a connection ended.
pub(crate) enum Outcome {
    /// Nobody holds the line any more.
    Dropped,
    /// It is tried again.
    Cut(String),
    /// It is not.
    Ended(Ended),
}

/// Rest for so long, or until the relay is there again: then for a moment, so that not all come at once.
pub(crate) async fn rest(account: &Account, wait: Duration) {
    tokio::select! {
        () = sleep(wait) => {}
        () = account.is_reached() => sleep(Duration::from_millis(fastrand::u64(..300))).await,
    }
}

/// Connect; with when to ask for the next token.
pub(crate) async fn connect(account: &Account, path: &str) -> Result<(Socket, Instant), Outcome> {
    let _turn = account.turn_to_connect().await;
    let (token, renew_at) = account.access().await.map_err(outcome_of)?;
    let cut = |error: &dyn std::fmt::Display| Outcome::Cut(in_words(&error.to_string()));
    let address = account.signed_in().relay.line(path);
    let mut request = address.into_client_request().map_err(|error| cut(&error))?;
    let bearer = HeaderValue::from_str(&format!("Bearer {token}")).map_err(|error| cut(&error))?;
    request.headers_mut().insert(header::AUTHORIZATION, bearer);
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(LONGEST_FRAME))
        .max_frame_size(Some(LONGEST_FRAME));
    let tls = account.http().tls().map_err(outcome_of)?;
    let tls = Connector::Rustls(tls);
    let connected = connect_async_tls_with_config(request, Some(config), true, Some(tls));
    match timeout(CONNECT, connected).await {
        Err(_) => Err(Outcome::Cut("it does not answer in time".to_owned())),
        Ok(Ok((socket, _))) => Ok((socket, renew_at)),
        Ok(Err(Error::Http(response))) => match response.status() {
            StatusCode::UNAUTHORIZED => {
                account.reject(&token).await;
                Err(Outcome::Cut("the log-in is renewed".to_owned()))
            }
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => Err(Outcome::Ended(Ended::NoAccess)),
            status => Err(Outcome::Cut(format!("the relay answers {status}"))),
        },
        Ok(Err(Error::Io(error))) => Err(cut(&error)),
        Ok(Err(error)) => Err(cut(&error)),
    }
}

/// The relay has said good-bye.
pub(crate) async fn closed(account: &Account, close: Option<CloseFrame>) -> Outcome {
    let code = close.map_or(0, |close| u16::from(close.code));
    match code {
        4401 => {
            if let Ok((token, _)) = account.access().await {
                account.reject(&token).await;
            }
            Outcome::Cut("the log-in is renewed".to_owned())
        }
        4403 => Outcome::Ended(Ended::NoAccess),
        _ if code == u16::from(CloseCode::Restart) => {
            Outcome::Cut("the relay is restarting".to_owned())
        }
        _ => Outcome::Cut("the relay has closed the line".to_owned()),
    }
}

/// The next token, when it is time.
pub(crate) async fn renewed(
    account: &Account,
    at: Instant,
) -> Result<(String, Instant), RelayError> {
    sleep_until(at.into()).await;
    account.access().await
}

/// What an error of asking means for a line.
pub(crate) fn outcome_of(error: RelayError) -> Outcome {
    match error {
        RelayError::SignedOut(_) => Outcome::Ended(Ended::SignedOut),
        RelayError::Refused { kind: ProblemKind::Forbidden | ProblemKind::NotFound, .. } => {
            Outcome::Ended(Ended::NoAccess)
        }
        RelayError::Unreachable { why, .. } => Outcome::Cut(why),
        error => Outcome::Cut(error.to_string()),
    }
}
