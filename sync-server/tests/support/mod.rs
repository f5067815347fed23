//! The relay's real process, somebody who has an account and a project there, and an author with a real line to it.

// Each test uses a part.
#![allow(dead_code, clippy::unwrap_used)]

pub(crate) mod browser;
pub(crate) mod http;
pub(crate) mod liar;
pub(crate) mod mail;
pub(crate) mod strands;
pub(crate) mod talk;

use quire_collab::{
    Change, ClientId, Contents, RelayLine, Replica, TextDocument,
    frames::{self, Frame},
    strands::{FromRelay, ToRelay, framed},
};
use quire_relay::{
    archive::Archive,
    directory::{
        Act, Directory, DocumentId, ProjectId, UserId, documents, personal, projects,
        users::{self, NewUser},
    },
};
use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tungstenite::{Message, WebSocket, client::IntoClientRequest, stream::MaybeTlsStream};

/// Colleagues of the machine may hold it up for minutes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(300);

/// A relay's folder, in which somebody has a project with one text.
pub(crate) struct Desk {
    pub(crate) folder: TempDir,
    pub(crate) pass: Pass,
    pub(crate) owner: UserId,
    pub(crate) project: ProjectId,
}

/// With what one comes to a document.
#[derive(Clone)]
pub(crate) struct Pass {
    /// A personal token.
    pub(crate) token: String,
    pub(crate) document: DocumentId,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let document = DocumentId::new();
        let directory = Directory::open(folder.path()).unwrap();
        let made = directory.change_now(move |conn| {
            let new = NewUser {
                email: Some("owner@example.org".to_owned()),
                name: "Owner".to_owned(),
                password: None,
                is_admin: true,
                is_verified: true,
            };
            let owner = users::create(conn, &Act::of_operator(), new)?.id;
            let act = Act { user: Some(owner), ..Act::of_operator() };
            let (_, token) = personal::create(conn, &act, owner, "the test", None)?;
            let project = projects::create(conn, &act, None, "Paper", 10)?.id;
            documents::put(conn, &act, project, document, "paper.tex")?;
            Ok((owner, token.reveal(), project))
        });
        let (owner, token, project) = made.unwrap();
        Self { folder, pass: Pass { token, document }, owner, project }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// What the log has of the text, once the relay has ended.
    pub(crate) fn kept(&self) -> Replica {
        let archive = Archive::open(self.path(), None).unwrap();
        archive.load(&self.pass.document.to_string()).unwrap().replica
    }
}

impl Pass {
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }
}

/// Somebody else with an account, and a personal token of his.
pub(crate) fn person(desk: &Desk, relay: &Relay, name: &str) -> http::Client {
    let name = name.to_owned();
    let made = Directory::open(desk.path()).unwrap().change_now(move |conn| {
        let new = NewUser {
            email: Some(format!("{}.person@example.org", name.to_lowercase())),
            name,
            password: None,
            is_admin: false,
            is_verified: true,
        };
        let user = users::create(conn, &Act::of_operator(), new)?.id;
        Ok(personal::create(conn, &Act::of_operator(), user, "the test", None)?.1)
    });
    relay.client().with(&made.unwrap().reveal())
}

/// An address that is free, and stays so while nobody listens there: what connects somewhere gets its own port from above
/// these, and keeps it for a minute.
pub(crate) fn free_address() -> String {
    let addresses =
        std::iter::repeat_with(|| format!("127.0.0.1:{}", fastrand::u16(10_000..30_000)));
    addresses.into_iter().find(|address| TcpListener::bind(address).is_ok()).unwrap()
}

/// The process; killed when dropped.
pub(crate) struct Relay {
    child: Child,
    pub(crate) address: String,
    log: PathBuf,
}

impl Relay {
    pub(crate) fn start(data: &Path, arguments: &[&str]) -> Self {
        Self::start_at(data, &free_address(), arguments)
    }

    /// In a folder that need not be there, with its log elsewhere.
    pub(crate) fn start_in(data: &Path, log_folder: &Path) -> Self {
        Self::start_with(data, log_folder, &free_address(), &[])
    }

    pub(crate) fn start_at(data: &Path, listen: &str, arguments: &[&str]) -> Self {
        Self::start_with(data, data, listen, arguments)
    }

    fn start_with(data: &Path, log_folder: &Path, listen: &str, arguments: &[&str]) -> Self {
        let log = log_folder.join("relay.log");
        let mut child = Command::new(env!("CARGO_BIN_EXE_quire-relay"))
            .args(["serve", "--listen", listen, "--data"])
            .arg(data)
            .args(arguments)
            .env("QUIRE_RELAY_LOG", "info")
            .stderr(File::options().create(true).append(true).open(&log).unwrap())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on ").expect("it does not start");
        Self { address: address.to_owned(), child, log }
    }

    /// A client that is nobody yet.
    pub(crate) fn client(&self) -> http::Client {
        http::Client::new(&self.address)
    }

    /// What follows this in a letter that was printed to the log, the last of them.
    pub(crate) fn letter(&self, before: &str) -> String {
        let start = Instant::now();
        loop {
            let log = std::fs::read_to_string(&self.log).unwrap();
            if let Some((_, after)) = log.rsplit_once(before) {
                return after.split_whitespace().next().unwrap().to_owned();
            }
            assert!(start.elapsed() < PATIENCE, "no letter with {before}: {log}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
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

/// An author's program with a line.
pub(crate) struct Author {
    pub(crate) document: TextDocument,
    pub(crate) line: RelayLine,
    pass: Pass,
    /// He comes over the line of this project, on a strand.
    over: Option<ProjectId>,
    socket: Option<WebSocket<MaybeTlsStream<TcpStream>>>,
    sent: BTreeMap<u64, Vec<u8>>,
    /// Updates that the relay has told to be durable.
    pub(crate) acknowledged: Vec<Vec<u8>>,
}

impl Author {
    pub(crate) fn new(random: u64, pass: &Pass) -> Self {
        Self {
            pass: pass.clone(),
            over: None,
            document: TextDocument::new(ClientId::from_random(random)).taking(Contents::Anything),
            line: RelayLine::new(random),
            socket: None,
            sent: BTreeMap::new(),
            acknowledged: Vec::new(),
        }
    }

    /// Who comes over the line of the document's project.
    pub(crate) fn over(self, project: ProjectId) -> Self {
        Self { over: Some(project), ..self }
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.socket.is_some()
    }

    /// Try to connect; true when the line is there.
    pub(crate) fn connect(&mut self, address: &str) -> bool {
        let headers = [("authorization", &*self.pass.bearer())];
        let document = self.pass.document.to_string();
        let path = self.over.map_or(document.clone(), |project| format!("projects/{project}"));
        let Ok(socket) = connect(address, &path, &headers) else {
            return false;
        };
        if let MaybeTlsStream::Plain(stream) = socket.get_ref() {
            stream.set_read_timeout(Some(Duration::from_millis(5))).unwrap();
            stream.set_nodelay(true).unwrap();
        }
        self.socket = Some(socket);
        if self.over.is_some() {
            self.write(ToRelay::Open { strand: 1, document }.message());
        }
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
        self.write(match self.over {
            Some(_) => framed(1, &frame).into(),
            None => frame,
        });
    }

    fn write(&mut self, message: bytes::Bytes) {
        let Some(socket) = &mut self.socket else { return };
        if socket.send(Message::Binary(message)).is_err() {
            self.cut();
        }
    }

    /// Take what has come; false when nothing had.
    pub(crate) fn receive(&mut self) -> bool {
        let Some(socket) = &mut self.socket else { return false };
        let frame = match socket.read() {
            Ok(Message::Binary(message)) if self.over.is_some() => {
                match FromRelay::read(&message).unwrap() {
                    FromRelay::Frame { strand: 1, frame } => frame,
                    FromRelay::Closed { .. } => {
                        self.cut();
                        return true;
                    }
                    _ => return true,
                }
            }
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
