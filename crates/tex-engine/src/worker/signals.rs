//! Last words. The application ends a worker that runs too long with SIGTERM first: the handler
//! writes where TeX is to standard error, and nothing more. A worker that the engine's C code crashes
//! adds which file it had opened last: the readers of pictures end the process on a damaged one.

use super::globals;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

/// What the application looks for on standard error.
pub(crate) const PLACE_PREFIX: &str = "AT ";

/// What the application looks for likewise.
const OPENED_PREFIX: &[u8] = b"OPENED ";

/// The name of the last file that was opened, where a signal handler can read it.
static OPENED: [AtomicU8; 400] = [const { AtomicU8::new(0) }; 400];
static OPENED_LENGTH: AtomicUsize = AtomicUsize::new(0);

/// Keep the name of the file that is being opened.
pub(super) fn remember_opened(name: &str) {
    let name = &name.as_bytes()[..name.floor_char_boundary(OPENED.len())];
    name.iter().zip(&OPENED).for_each(|(byte, kept)| kept.store(*byte, Ordering::Relaxed));
    OPENED_LENGTH.store(name.len(), Ordering::Relaxed);
}

#[cfg(unix)]
pub(super) extern "C" fn tell_crash(signal: libc::c_int) {
    let mut buffer = [0_u8; 1200];
    let length = globals::write_place(&mut buffer);
    // SAFETY: `write` is async-signal-safe and the buffer outlives the call.
    unsafe { libc::write(2, buffer.as_ptr().cast(), length) };
    let mut words = OPENED_PREFIX.iter().copied();
    let mut name = OPENED.iter().take(OPENED_LENGTH.load(Ordering::Relaxed));
    let mut length = 0;
    for place in &mut buffer {
        let next = words.next().or_else(|| name.next().map(|byte| byte.load(Ordering::Relaxed)));
        length += 1;
        *place = next.unwrap_or(b'\n');
        if next.is_none() {
            break;
        }
    }
    // SAFETY: `write`, `signal` and `raise` are async-signal-safe; the default action then ends the
    // process with this very signal, for the application to see.
    unsafe {
        libc::write(2, buffer.as_ptr().cast(), length);
        libc::signal(signal, libc::SIG_DFL);
        libc::raise(signal);
    }
}

#[cfg(unix)]
extern "C" fn tell_place(_signal: libc::c_int) {
    let mut buffer = [0_u8; 1200];
    let length = globals::write_place(&mut buffer);
    // SAFETY: `write` and `_exit` are async-signal-safe and the buffer outlives the call.
    unsafe {
        libc::write(2, buffer.as_ptr().cast(), length);
        libc::_exit(5);
    }
}

pub(super) fn report_place_at_the_end() {
    #[cfg(unix)]
    // SAFETY: the handler only reads integers, writes to a buffer on its own stack, and leaves
    // through async-signal-safe calls; the struct is fully initialised.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = tell_place as extern "C" fn(libc::c_int) as usize;
        libc::sigaction(libc::SIGTERM, &action, std::ptr::null_mut());
        action.sa_sigaction = tell_crash as extern "C" fn(libc::c_int) as usize;
        // A stack that ran over has no room for a handler: on the other one, which Rust has made.
        action.sa_flags = libc::SA_ONSTACK;
        for signal in [libc::SIGABRT, libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL] {
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
        // A closed pipe is an error to handle, not a reason to die.
        libc::signal(libc::SIGPIPE, libc::SIG_IGN);
    }
}

/// A worker whose application was killed must not go on computing.
pub(super) fn end_with_parent() {
    #[cfg(target_os = "linux")]
    {
        let _ =
            rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
    }
}

/// The channel of this process; see [`end_when_closed`].
static CHANNEL: std::sync::atomic::AtomicI32 = std::sync::atomic::AtomicI32::new(-1);

#[cfg(unix)]
extern "C" fn look_at_channel(_signal: libc::c_int) {
    let mut channel =
        libc::pollfd { fd: CHANNEL.load(Ordering::Relaxed), events: libc::POLLIN, revents: 0 };
    // SAFETY: `poll` and `_exit` are async-signal-safe; the array has one entry.
    unsafe {
        if libc::poll(&raw mut channel, 1, 0) > 0 && channel.revents & libc::POLLHUP != 0 {
            libc::_exit(0);
        }
    }
}

/// End this process, whatever it is at, when the other end of its channel is closed: the application does
/// that to runs that nobody needs any more, and the system does it for an application that was killed.
#[cfg(unix)]
pub(super) fn end_when_closed(channel: std::os::fd::RawFd) {
    CHANNEL.store(channel, Ordering::Relaxed);
    // SAFETY: the handler polls one descriptor and leaves through async-signal-safe calls; `fcntl` is told a
    // descriptor that this process has just taken as its own; the struct is fully initialised.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = look_at_channel as extern "C" fn(libc::c_int) as usize;
        action.sa_flags = libc::SA_RESTART;
        libc::sigaction(libc::SIGIO, &action, std::ptr::null_mut());
        libc::fcntl(channel, libc::F_SETOWN, libc::getpid());
        let flags = libc::fcntl(channel, libc::F_GETFL);
        libc::fcntl(channel, libc::F_SETFL, flags | libc::O_ASYNC);
        // Closed before anybody listened for it.
        look_at_channel(libc::SIGIO);
    }
}

/// Copies that end leave nothing behind.
#[cfg(unix)]
pub(super) fn do_not_wait_for_children() {
    // SAFETY: sets a signal's disposition to one that has no handler.
    unsafe { libc::signal(libc::SIGCHLD, libc::SIG_IGN) };
}
