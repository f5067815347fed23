//! One program in a warm container: its output as it comes, and the bounds that end it.

use crate::{
    ContainerError, WarmContainer,
    bounds::{Bounds, TICK},
    inside::{self, Shortages},
};
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures_util::StreamExt;
use std::time::{Duration, Instant};
use tokio::time::MissedTickBehavior;

/// How often it is asked whether the program has ended though its output is open.
const LOOK: Duration = Duration::from_millis(700);

/// What to run.
#[derive(Clone, Debug)]
pub struct Execution {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// `NAME=value`, beside the container's own.
    pub env: Vec<String>,
    /// The folder it is started in, as the container sees it.
    pub folder: String,
    /// It is ended after this time.
    pub wall: Duration,
    /// It is ended when it has printed more than this, in bytes.
    pub output_bytes: u64,
    /// It may start programs of a stranger: what these used up is asked for however it ends.
    pub suspect: bool,
}

/// Who watches an execution.
pub struct Watch<'a> {
    /// Is told what the program prints, on either stream, as it comes.
    pub output: &'a mut dyn FnMut(&[u8]),
    /// Asked again and again: true ends the program.
    pub cancelled: &'a (dyn Fn() -> bool + Sync),
}

/// How a program came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Exited(i64),
    /// The caller wanted it.
    Cancelled,
    /// It ran too long.
    TimedOut,
    /// It printed too much.
    PrintedTooMuch,
    /// Its files outgrew the build folder's bounds.
    WroteTooMuch,
    /// It, or a process that it started, was ended for want of memory.
    OutOfMemory,
    /// It wanted more processes than it may have.
    OutOfProcesses,
    /// The container ended under it.
    Died,
}

/// What came of an execution.
#[derive(Clone, Copy, Debug)]
pub struct Finished {
    /// How it ended.
    pub ended: Ended,
    /// Time from the call to the end.
    pub wall: Duration,
    /// Time from the call until the runtime had started the program.
    pub start: Duration,
}

impl Finished {
    /// Whether the container may go on to another program: nothing was broken off in it.
    pub fn is_reusable(&self) -> bool {
        matches!(self.ended, Ended::Exited(_))
    }
}

impl WarmContainer {
    /// Run a program to its end or to a bound. When it is broken off the container is killed with it: that is
    /// the one way to end all that it may have started.
    pub fn run(
        &mut self,
        execution: &Execution,
        watch: Watch<'_>,
    ) -> Result<Finished, ContainerError> {
        let begin = Instant::now();
        let ended = self.runtime.tokio().block_on(self.execute(execution, watch, begin));
        match &ended {
            Ok(finished) if finished.is_reusable() => {}
            Ok(_) | Err(_) => self.kill(),
        }
        ended
    }

    async fn execute(
        &self,
        execution: &Execution,
        watch: Watch<'_>,
        begin: Instant,
    ) -> Result<Finished, ContainerError> {
        let failed = || ContainerError::of("run a program");
        let client = &self.runtime.client;
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            env: Some(execution.env.clone()),
            cmd: Some(execution.command.clone()),
            working_dir: Some(execution.folder.clone()),
            ..CreateExecOptions::default()
        };
        let id = client.create_exec(&self.id, options).await.map_err(failed())?.id;
        let started = client.start_exec(&id, None::<StartExecOptions>).await.map_err(failed())?;
        let start = begin.elapsed();
        let StartExecResults::Attached { mut output, .. } = started else {
            let reason = "it did not hand over what the program prints".to_owned();
            return Err(ContainerError::Runtime { what: "run a program", reason });
        };
        let mut bounds = Bounds::new(execution, self.sandbox.limits, &self.sandbox.build, begin);
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut look_at = begin + LOOK;
        let broken_off = loop {
            tokio::select! {
                // The bounds first: a program that prints without end must not keep them from being looked at.
                biased;
                _ = tick.tick() => {
                    if (watch.cancelled)() {
                        break Some(Ended::Cancelled);
                    }
                    if let Some(ended) = bounds.passed() {
                        break Some(ended);
                    }
                    if Instant::now() >= look_at {
                        // Processes that it left behind keep its output open.
                        let exec = client.inspect_exec(&id).await;
                        if exec.is_ok_and(|exec| exec.running == Some(false)) {
                            break None;
                        }
                        look_at = Instant::now() + LOOK;
                    }
                }
                next = output.next() => match next {
                    Some(Ok(printed)) => {
                        let bytes = printed.into_bytes();
                        (watch.output)(&bytes);
                        if bounds.printed(bytes.len()) {
                            break Some(Ended::PrintedTooMuch);
                        }
                    }
                    // The connection is cut when the container is ended.
                    Some(Err(_)) | None => break None,
                }
            }
        };
        let ended = match broken_off {
            Some(ended) => ended,
            None => self.how_it_ended(&id, execution.suspect).await,
        };
        Ok(Finished { ended, wall: begin.elapsed(), start })
    }

    async fn how_it_ended(&self, exec: &str, suspect: bool) -> Ended {
        let client = &self.runtime.client;
        let exited = client.inspect_exec(exec).await.ok();
        let code = exited.filter(|exec| exec.running != Some(true)).and_then(|exec| exec.exit_code);
        let state = client.inspect_container(&self.id, None).await.ok().and_then(|all| all.state);
        let is_running = state.as_ref().is_some_and(|state| state.running == Some(true));
        let ran_out = state.is_some_and(|state| state.oom_killed == Some(true));
        match code {
            _ if ran_out => Ended::OutOfMemory,
            Some(0) if is_running && !suspect => Ended::Exited(0),
            Some(code) if is_running => match self.shortages().await.unwrap_or_default() {
                Shortages { memory: 1.., .. } => Ended::OutOfMemory,
                Shortages { processes: 1.., .. } => Ended::OutOfProcesses,
                Shortages { memory: 0, processes: 0 } => Ended::Exited(code),
            },
            _ => Ended::Died,
        }
    }

    /// What the container has run out of so far: runtimes do not tell.
    async fn shortages(&self) -> Option<Shortages> {
        let client = &self.runtime.client;
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            cmd: Some(vec!["/bin/sh".to_owned(), "-c".to_owned(), inside::SHORTAGES.to_owned()]),
            ..CreateExecOptions::default()
        };
        let id = client.create_exec(&self.id, options).await.ok()?.id;
        let started = client.start_exec(&id, None::<StartExecOptions>).await.ok()?;
        let StartExecResults::Attached { mut output, .. } = started else { return None };
        let mut answer = Vec::new();
        while let Some(Ok(printed)) = output.next().await {
            answer.extend_from_slice(&printed.into_bytes());
        }
        Some(Shortages::read(&String::from_utf8_lossy(&answer)))
    }
}
