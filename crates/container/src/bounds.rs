//! The bounds of time, output and files of one execution. No bound is asked of the program itself.

use crate::{Ended, Execution, SandboxLimits, usage::usage};
use std::{
    path::{Path, PathBuf},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How often the bounds are looked at; a cancelled program ends within this and the time of a signal.
pub(crate) const TICK: Duration = Duration::from_millis(30);
/// How often the build folder is measured, at most; a large one more seldom.
const MEASURE: Duration = Duration::from_millis(250);

/// The bounds of one execution, and how near it is to them.
pub(crate) struct Bounds {
    deadline: Instant,
    output_left: u64,
    limits: SandboxLimits,
    folder: PathBuf,
    measure_at: Instant,
    /// The measurement that is under way: a large folder must not keep the other bounds waiting.
    measuring: Option<JoinHandle<(bool, Duration)>>,
}

impl Bounds {
    /// Those of an execution that began at `begin` and writes to `folder`.
    pub(crate) fn new(
        execution: &Execution,
        limits: SandboxLimits,
        folder: &Path,
        begin: Instant,
    ) -> Self {
        Self {
            deadline: begin + execution.wall,
            output_left: execution.output_bytes,
            limits,
            folder: folder.to_owned(),
            measure_at: begin + MEASURE,
            measuring: None,
        }
    }

    /// Count what was printed; true when it is too much.
    pub(crate) fn printed(&mut self, bytes: usize) -> bool {
        let bytes = bytes as u64;
        let too_much = bytes > self.output_left;
        self.output_left = self.output_left.saturating_sub(bytes);
        too_much
    }

    /// The bound that has been passed, if one has.
    pub(crate) fn passed(&mut self) -> Option<Ended> {
        let now = Instant::now();
        if now >= self.deadline {
            return Some(Ended::TimedOut);
        }
        if let Some(measuring) = self.measuring.take_if(|measuring| measuring.is_finished()) {
            let (too_much, took) = measuring.join().unwrap_or_default();
            self.measure_at = Instant::now() + MEASURE.max(took * 4);
            return too_much.then_some(Ended::WroteTooMuch);
        }
        if self.measuring.is_none() && now >= self.measure_at {
            let (folder, limits) = (self.folder.clone(), self.limits);
            self.measuring = Some(thread::spawn(move || {
                let begin = Instant::now();
                let found = usage(&folder, limits.build_bytes, limits.build_entries);
                let too_much =
                    found.bytes > limits.build_bytes || found.entries > limits.build_entries;
                (too_much, begin.elapsed())
            }));
        }
        None
    }
}
