//! One program within its walls: its output as it comes, and the bounds that end it.

use super::{Found, processes, scope, walls};
use crate::{
    ContainerError, Ended, Execution, Finished, Inside, Sandbox, Watch,
    bounds::{Bounds, TICK},
    inside,
};
use std::{
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

/// What the worker program prints once the walls stand, before it becomes what is to run.
const ENCLOSED: &[u8] = b"quire: enclosed\n";
/// As much is kept of what is said in place of that.
const REASON_BYTES: usize = 8 << 10;
/// Pieces of output that wait to be read.
const WAITING: usize = 16;
/// How often it is asked whether a program is gone that has closed its output.
const GONE: Duration = Duration::from_millis(2);
/// How long processes that were ended may take to go.
const BURIAL: Duration = Duration::from_secs(5);

/// What one document's programs run in. Nothing is left of it once a program has ended.
pub struct Bubble {
    found: Arc<Found>,
    sandbox: Sandbox,
}

impl Bubble {
    pub(super) fn new(found: Arc<Found>, sandbox: Sandbox) -> Self {
        Self { found, sandbox }
    }

    /// Ask inside which of the bounds truly apply.
    pub fn ask_inside(&mut self) -> Result<Inside, ContainerError> {
        let limits = self.sandbox.limits;
        inside::ask(&limits, |execution, watch| self.run(execution, watch))
    }

    /// Run a program to its end or to a bound.
    pub fn run(
        &mut self,
        execution: &Execution,
        watch: Watch<'_>,
    ) -> Result<Finished, ContainerError> {
        let begin = Instant::now();
        let mut started = self.start(execution)?;
        let mut start = None;
        let mut bounds = Bounds::new(execution, self.sandbox.limits, &self.sandbox.build, begin);
        let mut opening = Vec::new();
        let mut look_at = begin + TICK;
        let broken_off = loop {
            let patience = look_at.saturating_duration_since(Instant::now());
            match started.output.recv_timeout(patience) {
                // Nobody is left who could print; whoever is left is not let out of sight.
                Err(RecvTimeoutError::Disconnected) => match started.child.try_wait() {
                    Ok(None) => thread::sleep(GONE),
                    Ok(Some(_)) | Err(_) => break None,
                },
                Ok(piece) if start.is_some() => {
                    (watch.output)(&piece);
                    if bounds.printed(piece.len()) {
                        break Some(Ended::PrintedTooMuch);
                    }
                }
                Ok(piece) => {
                    opening.extend_from_slice(&piece);
                    if let Some(rest) = opening.strip_prefix(ENCLOSED) {
                        start = Some(begin.elapsed());
                        (watch.output)(rest);
                    }
                    opening.truncate(REASON_BYTES);
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= look_at {
                if (watch.cancelled)() {
                    break Some(Ended::Cancelled);
                }
                if let Some(ended) = bounds.passed().or_else(|| self.used_up(started.child.id())) {
                    break Some(ended);
                }
                look_at = Instant::now() + TICK;
            }
        };
        let status = started.end(broken_off.is_some())?;
        let Some(start) = start.or_else(|| broken_off.map(|_| begin.elapsed())) else {
            let said = String::from_utf8_lossy(&opening);
            let last = said.lines().map(str::trim).rfind(|line| !line.is_empty());
            let reason = last.map_or_else(|| status.to_string(), str::to_owned);
            return Err(ContainerError::NoWalls { reason });
        };
        let ended = broken_off.unwrap_or_else(|| match status.code() {
            Some(code) => Ended::Exited(code.into()),
            None => Ended::Died,
        });
        Ok(Finished { ended, wall: begin.elapsed(), start })
    }

    fn start(&self, execution: &Execution) -> Result<Started, ContainerError> {
        let words = walls::command(&self.found, &self.sandbox, execution);
        let program = &words[0];
        let failed = |source| ContainerError::Io { place: program.into(), source };
        let (mut reader, writer) = io::pipe().map_err(failed)?;
        let mut command = Command::new(program);
        command.args(&words[1..]).env_clear().stdin(Stdio::null());
        if let Some(scopes) = &self.found.scopes {
            scopes.surround(&mut command);
        }
        command.stdout(writer.try_clone().map_err(failed)?).stderr(writer);
        let child = command.spawn().map_err(failed)?;
        // With it goes this side's copy of the pipe's end: the output is over when all who write to it are gone.
        drop(command);
        let (sender, output) = sync_channel(WAITING);
        thread::spawn(move || pass_on(&mut reader, &sender));
        Ok(Started { child, output })
    }

    /// What all processes together have used up, if anything.
    fn used_up(&self, pid: u32) -> Option<Ended> {
        if self.found.scopes.is_some() {
            return scope::shortage(pid);
        }
        let limits = &self.sandbox.limits;
        let load = processes::below(pid, limits.memory_bytes);
        if load.memory_bytes > limits.memory_bytes {
            Some(Ended::OutOfMemory)
        } else if load.processes > limits.processes {
            Some(Ended::OutOfProcesses)
        } else {
            None
        }
    }
}

/// A program that runs; it and all that it has started end when this is dropped.
struct Started {
    child: Child,
    output: Receiver<Vec<u8>>,
}

impl Started {
    /// Wait for the end; with `kill`, make it. bubblewrap takes with it the first process inside, and that all others.
    fn end(&mut self, kill: bool) -> Result<ExitStatus, ContainerError> {
        if kill {
            // One that has ended cannot be killed.
            let _ = self.child.kill();
        }
        let failed = |source| ContainerError::Io { place: "bwrap".into(), source };
        let status = self.child.wait().map_err(failed)?;
        let patience = Instant::now() + BURIAL;
        while let Ok(_piece) =
            self.output.recv_timeout(patience.saturating_duration_since(Instant::now()))
        {}
        Ok(status)
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Until the pipe is closed, or nobody listens any more.
fn pass_on(reader: &mut impl Read, sender: &SyncSender<Vec<u8>>) {
    let mut piece = vec![0; 64 << 10];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return,
            Ok(read) if sender.send(piece[..read].to_vec()).is_ok() => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => return,
        }
    }
}
