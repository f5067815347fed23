//! Ends a child process at its limits. A thread of its own looks at the clock, the memory and the
//! cancellation; the engine can be stopped in no other way than by ending its process.

use super::{CancelToken, read_bounded};
use crate::report::EngineError;
use std::{
    io::Read,
    process::{Child, ExitStatus},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How often the watchdog looks.
const INTERVAL: Duration = Duration::from_millis(15);
/// How long a process that was asked to end may take for its last words.
const GRACE: Duration = Duration::from_millis(150);
/// As much of standard error is kept.
const LAST_WORDS_BYTES: usize = 64 << 10;

/// What to watch.
pub(crate) struct Watch {
    pub(crate) wall: Duration,
    pub(crate) memory_bytes: Option<u64>,
    pub(crate) cancel: CancelToken,
}

/// Why the watchdog ended the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Cancelled,
    TimedOut(Duration),
    MemoryLimit(u64),
}

impl Reason {
    pub(crate) fn into_error(self, at: Option<(String, u32)>) -> EngineError {
        match self {
            Self::Cancelled => EngineError::Cancelled,
            Self::TimedOut(after) => EngineError::TimedOut { after, at },
            Self::MemoryLimit(limit_bytes) => EngineError::MemoryLimit { limit_bytes, at },
        }
    }
}

struct State {
    child: Child,
    deadline: Option<Instant>,
    reason: Option<Reason>,
    status: Option<ExitStatus>,
    /// The process waits for us: there is nothing to look at.
    is_at_rest: bool,
    stop: bool,
}

struct Inner {
    state: Mutex<State>,
    changed: Condvar,
    watch: Watch,
}

/// The thread that watches one child process.
pub(crate) struct Watchdog {
    inner: Arc<Inner>,
    thread: Option<JoinHandle<()>>,
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watchdog {
    pub(crate) fn start(child: Child, watch: Watch) -> Self {
        let state = State {
            child,
            deadline: None,
            reason: None,
            status: None,
            is_at_rest: false,
            stop: false,
        };
        let inner = Arc::new(Inner { state: Mutex::new(state), changed: Condvar::new(), watch });
        let thread = thread::spawn({
            let inner = inner.clone();
            move || inner.run()
        });
        Self { inner, thread: Some(thread) }
    }

    /// From now on the process has `remaining` time.
    pub(crate) fn arm(&self, remaining: Duration) {
        let mut state = lock(&self.inner.state);
        state.deadline = Some(Instant::now() + remaining);
        self.inner.look_again(&mut state);
    }

    /// The process waits for us; time does not count, and nobody looks until it is armed again.
    pub(crate) fn disarm(&self) {
        let mut state = lock(&self.inner.state);
        state.deadline = None;
        state.is_at_rest = true;
    }

    /// End the process without asking.
    pub(crate) fn kill(self) {
        let _ = lock(&self.inner.state).child.kill();
        self.finish();
    }

    /// Wait for a process that has closed its pipes; it is ended if it does not go.
    pub(crate) fn wait(self) -> (Option<ExitStatus>, Option<Reason>) {
        let patience = Instant::now() + Duration::from_secs(2);
        let mut state = lock(&self.inner.state);
        self.inner.look_again(&mut state);
        while state.status.is_none() && Instant::now() < patience {
            state = self
                .inner
                .changed
                .wait_timeout(state, INTERVAL)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        drop(state);
        self.finish()
    }

    /// Stop watching: end the process if it is still there, and take its status.
    pub(crate) fn finish(mut self) -> (Option<ExitStatus>, Option<Reason>) {
        lock(&self.inner.state).stop = true;
        self.inner.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        let state = lock(&self.inner.state);
        (state.status, state.reason)
    }
}

impl Inner {
    fn look_again(&self, state: &mut State) {
        if std::mem::take(&mut state.is_at_rest) {
            self.changed.notify_all();
        }
    }

    fn run(&self) {
        let mut state = lock(&self.state);
        loop {
            if let Ok(Some(status)) = state.child.try_wait() {
                state.status = Some(status);
                self.changed.notify_all();
                return;
            }
            if state.stop {
                // The owner has what it wanted: a process that closed its pipes gets the grace to
                // end by itself.
                state = self.end(state, false);
                self.changed.notify_all();
                drop(state);
                return;
            }
            if state.reason.is_none()
                && let Some(reason) = self.violation(&state)
            {
                state.reason = Some(reason);
                state = self.end(state, true);
                self.changed.notify_all();
                drop(state);
                return;
            }
            state = if state.is_at_rest {
                self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
            } else {
                let waited = self.changed.wait_timeout(state, INTERVAL);
                waited.unwrap_or_else(PoisonError::into_inner).0
            };
        }
    }

    fn violation(&self, state: &State) -> Option<Reason> {
        if self.watch.cancel.is_cancelled() {
            return Some(Reason::Cancelled);
        }
        if state.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Some(Reason::TimedOut(self.watch.wall));
        }
        let limit = self.watch.memory_bytes?;
        (resident_bytes(state.child.id())? > limit).then_some(Reason::MemoryLimit(limit))
    }

    /// Ask the process to end (when it may have last words), then end it, and reap it.
    fn end<'a>(&'a self, mut state: MutexGuard<'a, State>, ask: bool) -> MutexGuard<'a, State> {
        if ask {
            terminate(&state.child);
        }
        let patience = Instant::now() + GRACE;
        while Instant::now() < patience {
            if let Ok(Some(status)) = state.child.try_wait() {
                state.status = Some(status);
                return state;
            }
            drop(state);
            thread::sleep(Duration::from_millis(2));
            state = lock(&self.state);
        }
        let _ = state.child.kill();
        state.status = state.child.wait().ok();
        state
    }
}

#[cfg(unix)]
fn terminate(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};
    // The child is not reaped yet, so its number is still its own.
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, Signal::TERM);
    }
}

#[cfg(not(unix))]
fn terminate(_child: &Child) {}

/// Resident memory of a process; `None` where the system does not tell (macOS and Windows: there
/// only the process's own limits hold).
fn resident_bytes(pid: u32) -> Option<u64> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let statm = std::fs::read_to_string(format!("/proc/{pid}/statm")).ok()?;
    let mut fields = statm.split_ascii_whitespace().map(str::parse::<u64>);
    let resident = fields.nth(1)?.ok()?;
    // Pages of mapped files (the bundle) can be dropped at any time; they do not count.
    let shared = fields.next()?.ok()?;
    Some((resident - shared.min(resident)) * 4096)
}

/// Keep what a process says on standard error, up to a bound.
pub(super) fn collect(pipe: impl Read, into: &Mutex<Vec<u8>>) {
    read_bounded(pipe, into, LAST_WORDS_BYTES);
}

/// The place in `AT <line> <file>`, the last words of a worker that was asked to end.
pub(super) fn place(words: &str) -> Option<(String, u32)> {
    let rest = words.lines().rev().find_map(|line| line.strip_prefix("AT "))?;
    let (line, file) = rest.split_once(' ')?;
    Some((file.to_owned(), line.parse().ok()?))
}

/// The file in `OPENED <file>`, the last words of a worker that died.
fn opened(words: &str) -> Option<String> {
    words.lines().rev().find_map(|line| line.strip_prefix("OPENED ")).map(str::to_owned)
}

/// A worker that died by itself.
pub(super) fn crash(status: Option<ExitStatus>, words: &str) -> EngineError {
    let of_ours = |line: &str| line.starts_with("AT ") || line.starts_with("OPENED ");
    let mut said = words.lines().map(str::trim).filter(|line| !line.is_empty() && !of_ours(line));
    let last = said.next_back().unwrap_or_default();
    let mut how = status.map_or_else(|| "no status".to_owned(), |status| status.to_string());
    if !last.is_empty() {
        how = format!("{how}: {last}");
    }
    EngineError::Crashed { how, at: place(words), opened: opened(words) }
}

#[cfg(test)]
mod tests {
    use super::{Reason, Watch, Watchdog, crash, place};
    use crate::{client::CancelToken, report::EngineError};
    use std::{process::Command, thread, time::Duration};

    fn sleeper() -> (Watchdog, CancelToken) {
        let child = Command::new("sleep").arg("60").spawn().unwrap();
        let cancel = CancelToken::new();
        let watch = Watch {
            wall: Duration::from_secs(60),
            memory_bytes: Some(1 << 30),
            cancel: cancel.clone(),
        };
        (Watchdog::start(child, watch), cancel)
    }

    /// How often threads of this process, but the one that asks, have gone to sleep.
    #[cfg(target_os = "linux")]
    fn times_asleep() -> u64 {
        let own = std::fs::read_link("/proc/thread-self").unwrap();
        let threads = std::fs::read_dir("/proc/self/task").unwrap().map(|entry| entry.unwrap());
        threads
            .filter(|thread| own.file_name() != Some(&thread.file_name()))
            .map(|thread| std::fs::read_to_string(thread.path().join("status")).unwrap())
            .filter_map(|status| {
                let line =
                    status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
                line.unwrap().trim().parse::<u64>().ok()
            })
            .sum()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn nobody_looks_at_a_process_that_waits_for_us() {
        let (watchdog, _) = sleeper();
        watchdog.arm(Duration::from_secs(60));
        watchdog.disarm();
        thread::sleep(Duration::from_millis(100));
        let before = times_asleep();
        thread::sleep(Duration::from_millis(300));
        assert_eq!(times_asleep(), before);
        watchdog.kill();
    }

    #[test]
    fn a_process_that_goes_on_after_a_rest_is_watched_again() {
        let (watchdog, cancel) = sleeper();
        watchdog.disarm();
        thread::sleep(Duration::from_millis(100));
        watchdog.arm(Duration::from_secs(60));
        cancel.cancel();
        assert_eq!(watchdog.wait().1, Some(Reason::Cancelled));
        let (watchdog, _) = sleeper();
        watchdog.disarm();
        thread::sleep(Duration::from_millis(100));
        watchdog.arm(Duration::ZERO);
        assert_eq!(watchdog.wait().1, Some(Reason::TimedOut(Duration::from_secs(60))));
    }

    #[test]
    fn place_is_read_from_the_last_words() {
        let words = "warning: x\nAT 12 chapters/on e.tex\n";
        assert_eq!(place(words), Some(("chapters/on e.tex".to_owned(), 12)));
        assert_eq!(place("nothing"), None);
    }

    #[test]
    fn a_crash_tells_what_the_program_said_and_what_it_had_opened() {
        let words = "libpng error: bad\nAT 3 main.tex\nOPENED figs/a b.png\n";
        let EngineError::Crashed { how, at, opened } = crash(None, words) else { panic!("kind") };
        assert_eq!(how, "no status: libpng error: bad");
        assert_eq!(at, Some(("main.tex".to_owned(), 3)));
        assert_eq!(opened.as_deref(), Some("figs/a b.png"));
    }
}
