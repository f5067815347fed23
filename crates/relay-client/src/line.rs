//! The line of one document, or of what is told about a project: made, kept with new tokens, and made again whenever it
//! is cut, until it is dropped.

use crate::{Account, Backoff, ProblemKind, RelayError, http::in_words};
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use quire_collab::frames;
use quire_project::{DocumentId, ProjectId};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    net::TcpStream,
    runtime::Handle,
    sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc},
    time::{sleep, sleep_until, timeout},
};
use tokio_tungstenite::{
    Connector, MaybeTlsStream, WebSocketStream, connect_async_tls_with_config,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderValue, StatusCode, header},
        protocol::{WebSocketConfig, frame::coding::CloseCode},
    },
};

/// To come to the relay.
const CONNECT: Duration = Duration::from_secs(15);
/// The relay says something every 14 seconds: with three of these missing, the line is dead.
const SILENCE: Duration = Duration::from_secs(45);
/// A line that does not take a frame in this time is dead.
const STUCK: Duration = Duration::from_secs(45);
/// To say good-bye.
const GOOD_BYE: Duration = Duration::from_secs(2);
/// A token that could not be renewed is tried again after this.
const RENEW_AGAIN: Duration = Duration::from_secs(10);
/// A line that was there so long did not fail at once.
const WORKED: Duration = Duration::from_secs(10);
/// Frames that wait to be sent; with more the line is cut, since what is missing is told anew when it is there again.
const WAITING: usize = 4096;
/// Frames that have come and are not taken yet: then the relay has to wait.
const UNTAKEN: usize = 64;
/// A whole document with its history.
const LONGEST_FRAME: usize = 128 << 20;
/// For each line, where 128 KiB are the default.
const READ_BUFFER: usize = 8 << 10;

/// Says, when it is dropped, that a frame was taken.
pub type Taken = OwnedSemaphorePermit;

/// What a line tells.
#[derive(Debug)]
pub enum LineEvent {
    /// It is there. What is sent from now on goes over it.
    Connected,
    /// A frame has come, over the line of a document.
    Frame(Bytes, Taken),
    /// Something in the project has changed: what is known of it is to be asked for again.
    Changed,
    /// Versions of its texts were given names, or forgotten.
    HistoryChanged,
    /// There is something new that one is to know of, in whatever project.
    Notified,
    /// It was cut, or could not be made: it is tried again.
    Cut(String),
    /// It is over. This is the last event.
    Ended(Ended),
}

/// Why a line is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// There is no such document, or none for us.
    NoAccess,
    /// One has to sign in again.
    SignedOut,
}

/// A line. What was sent still goes when it is dropped.
#[derive(Debug)]
pub struct Line {
    frames: mpsc::Sender<Bytes>,
    cut: Arc<Notify>,
}

impl Line {
    /// Begin with a document. Events come from a thread of `runtime`, one after the other.
    pub fn open(
        runtime: &Handle,
        account: Arc<Account>,
        document: DocumentId,
        tell: impl FnMut(LineEvent) + Send + 'static,
    ) -> Self {
        Self::begin(runtime, account, Subject::Document(document), tell)
    }

    /// Be told when something in a project has changed.
    pub fn watch(
        runtime: &Handle,
        account: Arc<Account>,
        project: ProjectId,
        tell: impl FnMut(LineEvent) + Send + 'static,
    ) -> Self {
        Self::begin(runtime, account, Subject::Project(project), tell)
    }

    fn begin(
        runtime: &Handle,
        account: Arc<Account>,
        subject: Subject,
        tell: impl FnMut(LineEvent) + Send + 'static,
    ) -> Self {
        let (frames, waiting) = mpsc::channel(WAITING);
        let cut = Arc::new(Notify::new());
        let task = Task {
            account,
            subject,
            waiting,
            cut: cut.clone(),
            untaken: Arc::new(Semaphore::new(UNTAKEN)),
            tell,
        };
        runtime.spawn(task.run());
        Self { frames, cut }
    }

    /// Send a frame. When too much waits the line is cut instead: what is missing is told when it is there again.
    pub fn send(&self, frame: Bytes) {
        if self.frames.try_send(frame).is_err() {
            self.cut();
        }
    }

    /// Cut it; it is made again.
    pub fn cut(&self) {
        self.cut.notify_one();
    }
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// What a line is about.
#[derive(Clone, Copy)]
enum Subject {
    Document(DocumentId),
    Project(ProjectId),
}

impl Subject {
    fn path(self) -> String {
        match self {
            Self::Document(document) => document.to_string(),
            Self::Project(project) => format!("projects/{project}"),
        }
    }

    /// A new token, before the old one ends.
    fn renewal(self, token: &str) -> Message {
        match self {
            Self::Document(_) => Message::Binary(frames::renew(token)),
            Self::Project(_) => {
                Message::text(serde_json::json!({ "type": "renew", "token": token }).to_string())
            }
        }
    }
}

/// What is told of a project; what it says beyond that is asked for.
#[derive(serde::Deserialize)]
struct Told {
    #[serde(rename = "type")]
    kind: String,
    /// What has changed.
    #[serde(default)]
    what: Vec<String>,
}

impl Told {
    /// What follows from it.
    fn events(&self) -> impl Iterator<Item = LineEvent> {
        let names = |name: &str| self.what.iter().any(|what| what == name);
        let notified = names("notifications").then_some(LineEvent::Notified);
        let history = names("history").then_some(LineEvent::HistoryChanged);
        let is_of_its_own = |what: &String| what == "notifications" || what == "history";
        let is_more = self.what.is_empty() || !self.what.iter().all(is_of_its_own);
        let changed = (self.kind != "people" && is_more).then_some(LineEvent::Changed);
        [notified, history, changed].into_iter().flatten()
    }
}

struct Task<Tell> {
    account: Arc<Account>,
    subject: Subject,
    waiting: mpsc::Receiver<Bytes>,
    cut: Arc<Notify>,
    untaken: Arc<Semaphore>,
    tell: Tell,
}

/// How a connection ended.
enum Outcome {
    /// Nobody holds the line any more.
    Dropped,
    /// It is tried again.
    Cut(String),
    /// It is not.
    Ended(Ended),
}

impl<Tell: FnMut(LineEvent) + Send> Task<Tell> {
    async fn run(mut self) {
        let mut backoff = Backoff::default();
        loop {
            let start = Instant::now();
            let outcome = match self.connect().await {
                Ok((socket, renew_at)) => {
                    // What was meant for the last connection.
                    while self.waiting.try_recv().is_ok() {}
                    (self.tell)(LineEvent::Connected);
                    self.account.reached();
                    self.talk(socket, renew_at).await
                }
                Err(outcome) => outcome,
            };
            if start.elapsed() > WORKED {
                backoff.worked();
            }
            match outcome {
                Outcome::Dropped => return,
                Outcome::Ended(why) => return (self.tell)(LineEvent::Ended(why)),
                Outcome::Cut(why) => (self.tell)(LineEvent::Cut(why)),
            }
            if !self.wait(backoff.failed(fastrand::f64())).await {
                return;
            }
        }
    }

    /// False when nobody holds the line any more.
    async fn wait(&mut self, wait: Duration) -> bool {
        let account = self.account.clone();
        let woken = account.is_reached();
        let wait = sleep(wait);
        tokio::pin!(wait, woken);
        loop {
            tokio::select! {
                () = &mut wait => return true,
                // The relay is there again: in a moment, not all at once.
                () = &mut woken => {
                    sleep(Duration::from_millis(fastrand::u64(..300))).await;
                    return true;
                }
                frame = self.waiting.recv() => if frame.is_none() { return false },
            }
        }
    }

    async fn connect(&mut self) -> Result<(Socket, Instant), Outcome> {
        let account = self.account.clone();
        let _turn = account.turn_to_connect().await;
        let (token, renew_at) = account.access().await.map_err(outcome_of)?;
        let cut = |error: &dyn std::fmt::Display| Outcome::Cut(in_words(&error.to_string()));
        let address = self.account.signed_in().relay.line(&self.subject.path());
        let mut request = address.into_client_request().map_err(|error| cut(&error))?;
        let bearer =
            HeaderValue::from_str(&format!("Bearer {token}")).map_err(|error| cut(&error))?;
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .max_message_size(Some(LONGEST_FRAME))
            .max_frame_size(Some(LONGEST_FRAME));
        let tls = self.account.http().tls().map_err(outcome_of)?;
        let tls = Connector::Rustls(tls);
        let connected = connect_async_tls_with_config(request, Some(config), true, Some(tls));
        match timeout(CONNECT, connected).await {
            Err(_) => Err(Outcome::Cut("it does not answer in time".to_owned())),
            Ok(Ok((socket, _))) => Ok((socket, renew_at)),
            Ok(Err(Error::Http(response))) => match response.status() {
                StatusCode::UNAUTHORIZED => {
                    self.account.reject(&token).await;
                    Err(Outcome::Cut("the log-in is renewed".to_owned()))
                }
                StatusCode::NOT_FOUND | StatusCode::FORBIDDEN => {
                    Err(Outcome::Ended(Ended::NoAccess))
                }
                status => Err(Outcome::Cut(format!("the relay answers {status}"))),
            },
            Ok(Err(Error::Io(error))) => Err(cut(&error)),
            Ok(Err(error)) => Err(cut(&error)),
        }
    }

    async fn talk(&mut self, socket: Socket, renew_at: Instant) -> Outcome {
        let (mut sink, mut stream) = socket.split();
        let account = self.account.clone();
        let renewal = renewed(&account, renew_at);
        tokio::pin!(renewal);
        loop {
            let message = tokio::select! {
                frame = self.waiting.recv() => match frame {
                    Some(frame) => Message::Binary(frame),
                    None => {
                        // What was sent is on its way by now.
                        let _ = timeout(GOOD_BYE, sink.close()).await;
                        return Outcome::Dropped;
                    }
                },
                message = timeout(SILENCE, stream.next()) => match message {
                    Err(_) => return Outcome::Cut("the relay does not answer any more".to_owned()),
                    Ok(None) => return Outcome::Cut("the line was cut".to_owned()),
                    Ok(Some(Err(error))) => return Outcome::Cut(in_words(&error.to_string())),
                    Ok(Some(Ok(Message::Binary(frame)))) => {
                        let Ok(taken) = self.untaken.clone().acquire_owned().await else {
                            return Outcome::Dropped;
                        };
                        (self.tell)(LineEvent::Frame(frame, taken));
                        continue;
                    }
                    Ok(Some(Ok(Message::Text(text)))) => {
                        let told: Result<Told, _> = serde_json::from_str(&text);
                        told.iter().flat_map(Told::events).for_each(&mut self.tell);
                        continue;
                    }
                    Ok(Some(Ok(Message::Close(close)))) => {
                        let code = close.as_ref().map_or(0, |close| u16::from(close.code));
                        return match code {
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
                        };
                    }
                    Ok(Some(Ok(_))) => continue,
                },
                renewed_to = &mut renewal => match renewed_to {
                    Ok((token, renew_at)) => {
                        renewal.set(renewed(&account, renew_at));
                        self.subject.renewal(&token)
                    }
                    Err(error) if error.passes() => {
                        renewal.set(renewed(&account, Instant::now() + RENEW_AGAIN));
                        continue;
                    }
                    Err(error) => return outcome_of(error),
                },
                () = self.cut.notified() => return Outcome::Cut("too much waits".to_owned()),
            };
            match timeout(STUCK, sink.send(message)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return Outcome::Cut(in_words(&error.to_string())),
                Err(_) => return Outcome::Cut("the line does not take anything".to_owned()),
            }
        }
    }
}

/// The next token, when it is time.
async fn renewed(account: &Account, at: Instant) -> Result<(String, Instant), RelayError> {
    sleep_until(at.into()).await;
    account.access().await
}

fn outcome_of(error: RelayError) -> Outcome {
    match error {
        RelayError::SignedOut(_) => Outcome::Ended(Ended::SignedOut),
        RelayError::Refused { kind: ProblemKind::Forbidden | ProblemKind::NotFound, .. } => {
            Outcome::Ended(Ended::NoAccess)
        }
        RelayError::Unreachable { why, .. } => Outcome::Cut(why),
        error => Outcome::Cut(error.to_string()),
    }
}
