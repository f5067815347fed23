//! The room of a build: taken when its first program starts, and kept for those that follow.

use super::{PRINTED_BYTES, TexLive};
use crate::build::BuildRequest;
use quire_container::{ContainerError, Ended, Execution, Finished, Room, Sandbox, Watch};
use quire_tex_engine::CancelToken;
use std::time::{Duration, Instant};

/// Rooms that are tried before a fault of the runtime is told.
const ATTEMPTS: u32 = 2;

/// Where the programs of one build run.
pub(super) struct Running<'a> {
    tex_live: &'a TexLive,
    sandbox: Sandbox,
    key: String,
    env: Vec<String>,
    cancel: &'a CancelToken,
    begin: Instant,
    wall: Duration,
    room: Option<Room>,
}

impl<'a> Running<'a> {
    pub(super) fn new(
        request: &BuildRequest,
        tex_live: &'a TexLive,
        (key, sandbox): (String, Sandbox),
        env: Vec<String>,
        cancel: &'a CancelToken,
    ) -> Self {
        let wall = request.limits.wall;
        let begin = Instant::now();
        Self { tex_live, sandbox, key, env, cancel, begin, wall, room: None }
    }

    /// Run a program to its end. What it prints goes to `output`. One bound on time holds for all programs together.
    pub(super) fn run(
        &mut self,
        command: Vec<String>,
        output: &mut dyn FnMut(&[u8]),
    ) -> Result<Finished, ContainerError> {
        let execution = Execution {
            command,
            env: self.env.clone(),
            folder: "/".to_owned(),
            wall: self.wall.saturating_sub(self.begin.elapsed()),
            output_bytes: PRINTED_BYTES,
            suspect: self.tex_live.shell_escape,
        };
        let cancel = self.cancel;
        let cancelled = || cancel.is_cancelled();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let mut room = match self.room.take() {
                Some(room) => room,
                None => self.tex_live.place.take(&self.key, self.sandbox.clone())?,
            };
            let finished = room.run(&execution, Watch { output, cancelled: &cancelled });
            match finished {
                // One that waited may have gone with its runtime; a new one tells.
                Err(_) if attempts < ATTEMPTS => drop(room),
                finished => {
                    self.room = Some(room);
                    return finished;
                }
            }
        }
    }

    /// Time since the build began.
    pub(super) fn elapsed(&self) -> Duration {
        self.begin.elapsed()
    }

    /// Whether the room is kept for the next build.
    pub(super) fn stays_warm(&self) -> bool {
        self.tex_live.keep_warm
    }
}

impl Drop for Running<'_> {
    /// Give the room back, or let it go.
    fn drop(&mut self) {
        if let Some(room) = self.room.take()
            && self.tex_live.keep_warm
        {
            // Programs of the document may still run in it.
            self.tex_live.place.give_back(&self.key, room, self.tex_live.shell_escape);
        }
    }
}

/// Whether a program came to its own end.
pub(super) fn ended_by_itself(finished: &Finished) -> bool {
    matches!(finished.ended, Ended::Exited(_))
}
