//! The relay's real process and an author with a real line to it.

// Each test uses a part.
#![allow(dead_code, clippy::unwrap_used)]

use quire_collab::{
    Change, ClientId, RelayLine, TextDocument,
    frames::{self, Frame},
};
use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tungstenite::{Message, WebSocket, client::IntoClientRequest, stream::MaybeTlsStream};

pub(crate) const SECRET: &str = "a secret for the tests";
/// Colleagues of the machine may hold it up for minutes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// The process; killed when dropped.
pub(crate) struct Relay {
    child: Child,
    pub(crate) address: String,
}

impl Relay {
    pub(crate) fn start(data: &Path, arguments: &[&str]) -> Self {
        Self::start_at(data, "127.0.0.1:0", arguments)
    }

    pub(crate) fn start_at(data: &Path, listen: &str, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_quire-relay"))
            .args(["serve", "--listen", listen, "--data"])
            .arg(data)
            .args(arguments)
            .env("QUIRE_RELAY_SECRET", SECRET)
            .env("QUIRE_RELAY_LOG", "warn")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("it does not start");
        Self { address: address.to_owned(), child }
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Tell it to end, and wait until it has; true when it ended well.
    #[cfg(unix)]
    pub(crate) fn end(mut self) -> bool {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        // It may have ended before.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Open a line to a document with these headers.
pub(crate) fn connect(
    address: &str,
    document: &str,
    headers: &[(&'static str, &str)],
) -> tungstenite::Result<WebSocket<MaybeTlsStream<TcpStream>>> {
    let mut request = format!("ws://{address}/ws/{document}").into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    Ok(tungstenite::connect(request)?.0)
}

pub(crate) fn bearer() -> String {
    format!("Bearer {SECRET}")
}

/// An author's program with a line.
pub(crate) struct Author {
    pub(crate) document: TextDocument,
    pub(crate) line: RelayLine,
    socket: Option<WebSocket<MaybeTlsStream<TcpStream>>>,
    sent: BTreeMap<u64, Vec<u8>>,
    /// Updates that the relay has told to be durable.
    pub(crate) acknowledged: Vec<Vec<u8>>,
}

impl Author {
    pub(crate) fn new(random: u64) -> Self {
        Self {
            document: TextDocument::new(ClientId::from_random(random)),
            line: RelayLine::new(random),
            socket: None,
            sent: BTreeMap::new(),
            acknowledged: Vec::new(),
        }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.socket.is_some()
    }

    /// Try to connect; true when the line is there.
    pub(crate) fn connect(&mut self, address: &str, document: &str) -> bool {
        let Ok(socket) = connect(address, document, &[("authorization", &bearer())]) else {
            return false;
        };
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
            stream.set_nodelay(true).unwrap();
        }
        self.socket = Some(socket);
        let hello = self.line.connected(&self.document);
        self.send(hello);
        self.is_connected()
    }

    pub(crate) fn cut(&mut self) {
        self.socket = None;
        self.line.disconnected();
    }

    pub(crate) fn type_at(&mut self, at: u32, removed: u32, text: &str) {
        let change = Change { at, removed, inserted: text.to_owned() };
        let update = self.document.edit(&[change]).unwrap();
        self.send_update(&update);
    }

    pub(crate) fn send_update(&mut self, update: &[u8]) {
        if let Some(frame) = self.line.edited(update) {
            self.send(frame);
        }
    }

    fn send(&mut self, frame: bytes::Bytes) {
        if let Ok([Frame::Numbered { origin, update }]) = frames::read(&frame).as_deref() {
            self.sent.insert(origin.sequence, update.to_vec());
        }
        let Some(socket) = &mut self.socket else { return };
        if socket.send(Message::Binary(frame)).is_err() {
            self.cut();
        }
    }

    /// Take what has come; false when nothing had.
    pub(crate) fn receive(&mut self) -> bool {
        let Some(socket) = &mut self.socket else { return false };
        let frame = match socket.read() {
            Ok(Message::Binary(frame)) => frame,
            Ok(Message::Close(_)) => {
                self.cut();
                return true;
            }
            Ok(_) => return true,
            Err(tungstenite::Error::Io(error))
                if matches!(
                    error.kind(),
                    std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut
                ) =>
            {
                return false;
            }
            Err(_) => {
                self.cut();
                return true;
            }
        };
        if let Ok([Frame::Kept(sequence)]) = frames::read(&frame).as_deref() {
            self.acknowledged.extend(self.sent.remove(sequence));
        }
        let received = self.line.receive(&mut self.document, &frame).unwrap();
        for frame in received.frames {
            self.send(frame);
        }
        true
    }

    /// Go on until the condition holds.
    pub(crate) fn until(&mut self, what: &str, condition: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !condition(self) {
            assert!(
                start.elapsed() < PATIENCE,
                "{what}: {} of the text is here",
                self.document.len()
            );
            self.receive();
        }
    }
}
