//! The application's end of a live run: one root process and its copies, a socket to each.

use super::{EngineOptions, serve, worker_command};
use crate::{
    live::{Asleep, Earlier, Resume, ShippedPage, State},
    protocol::{FromWorker, PROTOCOL_VERSION, ServedFile, ToWorker},
    report::{EngineError, JobSetup, ReadFile, TexReport},
};
use quire_project::FileSource;
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::{RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, recv, sendmsg},
    process::{Pid, Signal, kill_process_group},
};
use serde_bytes::ByteBuf;
use std::{
    collections::BTreeMap,
    io::{self, IoSlice, Write},
    mem::MaybeUninit,
    os::{
        fd::{AsFd, BorrowedFd, OwnedFd},
        unix::{net::UnixStream, process::CommandExt},
    },
    process::{Child, Stdio},
    sync::Arc,
    time::Duration,
};

/// One process of a live run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerId(u64);

/// A worker that does not take what it is told for so long is not well.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longer frames are nonsense: the output limit is below it.
const FRAME_LIMIT_BYTES: usize = 1 << 30;
/// Sockets that go with one message at most.
const SOCKETS_AT_ONCE: usize = 64;

/// What came from a process, or became of it.
#[derive(Debug)]
pub enum LiveMessage {
    /// It is a new snapshot.
    Asleep(Asleep),
    /// It has shipped a page.
    Page(ShippedPage),
    /// A snapshot says what its state is, as far as that can be said.
    State(Option<State>),
    /// It has come to a state from which the rest is known, and stands still until it is told what to do.
    Known(State),
    /// Its run is over.
    Done(Box<TexReport>),
    /// A file that was asked for with [`LiveHost::fetch`]; `None` when there is none of that name.
    Fetched(Option<Vec<u8>>),
    /// It is no more. The reason, if it gave one.
    Gone(Option<EngineError>),
}

/// A message and who sent it.
#[derive(Debug)]
pub struct LiveEvent {
    /// The process.
    pub peer: PeerId,
    /// What it said.
    pub message: LiveMessage,
}

/// Wakes [`LiveHost::wait`] from another thread.
#[derive(Clone, Debug)]
pub struct Waker(Arc<UnixStream>);

impl Waker {
    /// Let `wait` return.
    pub fn wake(&self) {
        // Full means that it is awake already.
        let _ = (&*self.0).write(&[0]);
    }
}

struct Peer {
    socket: UnixStream,
    inbox: Vec<u8>,
}

/// The processes of one live document. Dropping it ends them all.
pub struct LiveHost {
    leader: Child,
    peers: BTreeMap<PeerId, Peer>,
    next: u64,
    root_folder: String,
    woken: UnixStream,
    waker: Waker,
}

impl LiveHost {
    /// Start the first process; its run begins at once, with `spares` channels for snapshots.
    pub fn start(
        options: &EngineOptions,
        setup: JobSetup,
        spares: usize,
    ) -> Result<(Self, PeerId, Vec<PeerId>), EngineError> {
        let cannot_start = |reason: &dyn std::fmt::Display| EngineError::CannotStart {
            program: options.worker.display().to_string(),
            reason: reason.to_string(),
        };
        let (ours, theirs) = UnixStream::pair().map_err(|e| cannot_start(&e))?;
        let (woken, waker) = UnixStream::pair().map_err(|e| cannot_start(&e))?;
        woken.set_nonblocking(true).map_err(|e| cannot_start(&e))?;
        waker.set_nonblocking(true).map_err(|e| cannot_start(&e))?;
        let leader = worker_command(options, "live")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // A group of its own: its copies cannot leave it, and can be ended with it.
            .process_group(0)
            .spawn()
            .map_err(|e| cannot_start(&e))?;
        let mut host = Self {
            leader,
            peers: BTreeMap::new(),
            next: 0,
            root_folder: setup.root.folder().to_owned(),
            woken,
            waker: Waker(Arc::new(waker)),
        };
        let first = host.add(ours).map_err(|e| cannot_start(&e))?;
        let mut setup = setup;
        for (name, bytes) in std::mem::take(&mut setup.restored) {
            host.tell(first, &ToWorker::Put { name, bytes: ByteBuf::from(bytes) }, Vec::new());
        }
        let (spares, theirs) = host.channels(spares).map_err(|e| cannot_start(&e))?;
        host.tell(first, &ToWorker::Setup { setup, limits: options.limits }, theirs);
        host.tell(first, &ToWorker::Tex, Vec::new());
        Ok((host, first, spares))
    }

    /// Wakes [`wait`](Self::wait).
    pub fn waker(&self) -> Waker {
        self.waker.clone()
    }

    /// Take over what wakes `other`, in whose place this one is put: those who hold its waker wake this one.
    pub fn wake_as(&mut self, other: &mut Self) {
        std::mem::swap(&mut self.woken, &mut other.woken);
        std::mem::swap(&mut self.waker, &mut other.waker);
    }

    /// Copy a snapshot and let the copy go on. The snapshot stays. Answers with the new run and its channels
    /// for snapshots of its own.
    pub fn resume(
        &mut self,
        snapshot: PeerId,
        resume: Resume,
        spares: usize,
    ) -> io::Result<(PeerId, Vec<PeerId>)> {
        let (mut peers, sockets) = self.channels(spares + 1)?;
        self.tell(snapshot, &ToWorker::Resume(resume), sockets);
        let run = peers.remove(0);
        Ok((run, peers))
    }

    /// Let a copy of a snapshot get ready to go on from there, with its channels for snapshots of its own: it need
    /// not be made any more when the author waits for it.
    pub fn ready(&mut self, snapshot: PeerId, spares: usize) -> io::Result<(PeerId, Vec<PeerId>)> {
        let (mut peers, sockets) = self.channels(spares + 1)?;
        self.tell(snapshot, &ToWorker::Ready, sockets);
        let copy = peers.remove(0);
        Ok((copy, peers))
    }

    /// Let a copy that is [`ready`](Self::ready) go on.
    pub fn go_ready(&mut self, copy: PeerId, resume: Resume) {
        self.tell(copy, &ToWorker::Resume(resume), Vec::new());
    }

    /// A snapshot shall say what its state is: that takes a while, in which it does not wake.
    pub fn ask_state(&mut self, snapshot: PeerId) {
        self.tell(snapshot, &ToWorker::TellState, Vec::new());
    }

    /// A run need not hold.
    pub fn go_on(&mut self, run: PeerId) {
        self.tell(run, &ToWorker::GoOn, Vec::new());
    }

    /// A run that stands still in a known state shall take the rest from an earlier one, or typeset it.
    pub fn take_rest(&mut self, run: PeerId, earlier: Option<Earlier>) {
        self.tell(run, &ToWorker::Rest(earlier.map(Box::new)), Vec::new());
    }

    /// A process whose run is over shall send a file that it wrote.
    pub fn fetch(&mut self, run: PeerId, name: &str) {
        self.tell(run, &ToWorker::Fetch { name: name.to_owned() }, Vec::new());
    }

    /// End a process.
    pub fn close(&mut self, peer: PeerId) {
        self.peers.remove(&peer);
    }

    /// Wait for the next messages, at most for `timeout`. Files that a run asks for are served from `files`;
    /// `served` is told of each.
    pub fn wait(
        &mut self,
        timeout: Option<Duration>,
        files: &dyn FileSource,
        served: &mut dyn FnMut(PeerId, &ReadFile, &[u8]),
    ) -> Vec<LiveEvent> {
        let ready = self.readable(timeout);
        let mut events = Vec::new();
        for peer in ready {
            let open = self.read(peer);
            let mut fault = None;
            while let Some(frame) = self.frame(peer) {
                match frame {
                    Ok(FromWorker::Need { name }) => {
                        let file = serve(files, &self.root_folder, &name);
                        let read =
                            ReadFile { name, path: file.path.clone(), origin: file.origin.clone() };
                        served(peer, &read, &file.bytes);
                        self.answer(peer, file);
                    }
                    Ok(message) => match message_of(message) {
                        Ok(Some(message)) => events.push(LiveEvent { peer, message }),
                        Ok(None) => {}
                        Err(error) => fault = Some(error),
                    },
                    Err(error) => fault = Some(error),
                }
                if fault.is_some() {
                    break;
                }
            }
            if fault.is_some() || !open {
                self.close(peer);
                events.push(LiveEvent { peer, message: LiveMessage::Gone(fault) });
            }
        }
        events
    }

    fn answer(&mut self, peer: PeerId, file: ServedFile) {
        self.tell(peer, &ToWorker::File(file), Vec::new());
    }

    fn add(&mut self, socket: UnixStream) -> io::Result<PeerId> {
        socket.set_write_timeout(Some(PATIENCE))?;
        let id = PeerId(self.next);
        self.next += 1;
        self.peers.insert(id, Peer { socket, inbox: Vec::new() });
        Ok(id)
    }

    fn channels(&mut self, count: usize) -> io::Result<(Vec<PeerId>, Vec<OwnedFd>)> {
        let mut peers = Vec::new();
        let mut sockets = Vec::new();
        for _ in 0..count.min(SOCKETS_AT_ONCE) {
            let (ours, theirs) = UnixStream::pair()?;
            peers.push(self.add(ours)?);
            sockets.push(OwnedFd::from(theirs));
        }
        Ok((peers, sockets))
    }

    /// A peer that cannot be told is found to be gone when it is read from.
    fn tell(&mut self, peer: PeerId, message: &ToWorker, sockets: Vec<OwnedFd>) {
        let Some(peer) = self.peers.get_mut(&peer) else { return };
        let mut frame = Vec::new();
        let framed = crate::protocol::send(&mut frame, message);
        if framed.and_then(|()| send_with(&mut peer.socket, &frame, &sockets)).is_err() {
            let _ = peer.socket.shutdown(std::net::Shutdown::Both);
        }
    }

    fn readable(&self, timeout: Option<Duration>) -> Vec<PeerId> {
        let mut polled: Vec<PollFd<'_>> = vec![PollFd::new(&self.woken, PollFlags::IN)];
        polled.extend(self.peers.values().map(|p| PollFd::new(&p.socket, PollFlags::IN)));
        let timeout = timeout.and_then(|timeout| Timespec::try_from(timeout).ok());
        if poll(&mut polled, timeout.as_ref()).is_err() {
            return Vec::new();
        }
        if !polled[0].revents().is_empty() {
            let mut rest = [0; 64];
            while recv(&self.woken, &mut rest[..], RecvFlags::DONTWAIT).is_ok_and(|(n, _)| n > 0) {}
        }
        let ids = self.peers.keys().copied();
        ids.zip(&polled[1..]).filter(|(_, fd)| !fd.revents().is_empty()).map(|(id, _)| id).collect()
    }

    /// Take what a peer has sent; false when there will be no more.
    fn read(&mut self, peer: PeerId) -> bool {
        let Some(peer) = self.peers.get_mut(&peer) else { return false };
        let mut buffer = [0; 1 << 16];
        loop {
            match recv(&peer.socket, &mut buffer[..], RecvFlags::DONTWAIT) {
                Ok((0, _)) => return false,
                Ok((count, _)) => {
                    peer.inbox.extend_from_slice(&buffer[..count]);
                    if count < buffer.len() {
                        return true;
                    }
                }
                Err(rustix::io::Errno::AGAIN) => return true,
                Err(rustix::io::Errno::INTR) => {}
                Err(_) => return false,
            }
        }
    }

    fn frame(&mut self, peer: PeerId) -> Option<Result<FromWorker, EngineError>> {
        const HEADER: usize = 8;
        let inbox = &mut self.peers.get_mut(&peer)?.inbox;
        let length = usize::try_from(u64::from_le_bytes(inbox.get(..HEADER)?.try_into().ok()?));
        let nonsense = |what: String| Some(Err(EngineError::Protocol(what)));
        let Ok(length) = length else { return nonsense("a frame beyond all bounds".to_owned()) };
        if length > FRAME_LIMIT_BYTES {
            return nonsense(format!("a frame of {length} bytes"));
        }
        let body = inbox.get(HEADER..HEADER + length)?;
        let message = postcard::from_bytes(body).map_err(|e| EngineError::Protocol(e.to_string()));
        inbox.drain(..HEADER + length);
        Some(message)
    }
}

impl Drop for LiveHost {
    fn drop(&mut self) {
        self.peers.clear();
        // The leader is not reaped yet, so its number is still that of the group.
        if let Some(group) = i32::try_from(self.leader.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.leader.wait();
    }
}

fn message_of(message: FromWorker) -> Result<Option<LiveMessage>, EngineError> {
    Ok(Some(match message {
        FromWorker::Hello(hello) if hello.protocol == PROTOCOL_VERSION => return Ok(None),
        FromWorker::Hello(hello) => {
            return Err(EngineError::Protocol(format!(
                "it speaks version {}, we speak {PROTOCOL_VERSION}; reinstall Quire",
                hello.protocol
            )));
        }
        FromWorker::Asleep(asleep) => LiveMessage::Asleep(asleep),
        FromWorker::Page(page) => LiveMessage::Page(page),
        FromWorker::State(state) => LiveMessage::State(state),
        FromWorker::Known(state) => LiveMessage::Known(state),
        FromWorker::Tex(report) => LiveMessage::Done(Box::new(report)),
        FromWorker::Fetched(bytes) => LiveMessage::Fetched(bytes.map(ByteBuf::into_vec)),
        FromWorker::Progress(_) => return Ok(None),
        FromWorker::OutputLimit { at, outputs } => return Err(super::over_limit(at, &outputs)),
        FromWorker::Unusable { reason } => return Err(EngineError::Protocol(reason)),
        other @ (FromWorker::Need { .. } | FromWorker::Bibtex(_) | FromWorker::Pdf(_)) => {
            return Err(super::unexpected(&other));
        }
    }))
}

/// Write all of `bytes`; the sockets go with the first of them.
fn send_with(socket: &mut UnixStream, bytes: &[u8], sockets: &[OwnedFd]) -> io::Result<()> {
    if sockets.is_empty() {
        return socket.write_all(bytes);
    }
    let sockets: Vec<BorrowedFd<'_>> = sockets.iter().map(AsFd::as_fd).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS_AT_ONCE))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(&sockets)) {
        return Err(io::Error::other("too many sockets for one message"));
    }
    let sent = sendmsg(&*socket, &[IoSlice::new(bytes)], &mut ancillary, SendFlags::NOSIGNAL)?;
    socket.write_all(&bytes[sent..])
}
