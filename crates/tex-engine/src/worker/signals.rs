//! Last words. The application ends a worker that runs too long with SIGTERM first: the handler
//! writes where TeX is to standard error, and nothing more.

use super::globals;

/// What the application looks for on standard error.
pub(crate) const PLACE_PREFIX: &str = "AT ";

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

pub(super) fn report_place_when_terminated() {
    #[cfg(unix)]
    // SAFETY: the handler only reads integers, writes to a buffer on its own stack, and leaves
    // through async-signal-safe calls; the struct is fully initialised.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = tell_place as extern "C" fn(libc::c_int) as usize;
        libc::sigaction(libc::SIGTERM, &action, std::ptr::null_mut());
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
