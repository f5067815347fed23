//! A socket to the application that carries messages, and other sockets with them.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg},
};
use std::{
    cell::RefCell,
    io::{self, IoSliceMut, Read, Write},
    mem::MaybeUninit,
    os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd},
    rc::Rc,
    time::Duration,
};

/// Sockets that came with messages and were not taken yet.
pub(super) type Received = Rc<RefCell<Vec<OwnedFd>>>;

/// At most so many sockets come with one message.
pub(crate) const AT_ONCE: usize = 64;

#[derive(Clone)]
pub(super) struct Channel {
    socket: Rc<OwnedFd>,
    received: Received,
}

impl Channel {
    pub(super) fn new(socket: OwnedFd) -> (Self, Received) {
        let received = Received::default();
        (Self { socket: Rc::new(socket), received: received.clone() }, received)
    }

    pub(super) fn of_standard_input() -> (Self, Received) {
        // SAFETY: standard input is open, is ours, and nothing else of this program reads it.
        Self::new(unsafe { OwnedFd::from_raw_fd(0) })
    }

    /// Wait until there is something to read, at most for so long.
    pub(super) fn wait_for_word(&self, timeout: Duration) {
        let mut polled = [PollFd::new(&*self.socket, PollFlags::IN)];
        // Whatever comes of it: then it is time to go on.
        let timeout = Timespec::try_from(timeout).ok();
        let _ = poll(&mut polled, timeout.as_ref());
    }

    pub(super) fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

impl Read for Channel {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(AT_ONCE))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut into = [IoSliceMut::new(buf)];
        let message = loop {
            match recvmsg(&*self.socket, &mut into, &mut ancillary, RecvFlags::CMSG_CLOEXEC) {
                Err(rustix::io::Errno::INTR) => {}
                other => break other?,
            }
        };
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(sockets) = message {
                self.received.borrow_mut().extend(sockets);
            }
        }
        Ok(message.bytes)
    }
}

impl Write for Channel {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(rustix::io::write(&*self.socket, buf)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
