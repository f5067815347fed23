//! Helper programs (biber, makeindex) in a sandbox: started through the worker binary, which closes
//! the walls around itself before it becomes the program.

use crate::{
    client::{CancelToken, Watch, Watchdog},
    report::EngineError,
};
use serde::{Deserialize, Serialize};
use std::{
    ffi::OsString,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// More than this on standard output or error is cut off.
const OUTPUT_LIMIT_BYTES: u64 = 16 << 20;

/// One run of a helper program.
#[derive(Clone, Debug)]
pub struct HelperRun {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Its whole environment.
    pub env: Vec<(OsString, OsString)>,
    /// Folders it may read and execute from.
    pub read_only: Vec<PathBuf>,
    /// The folder it starts in and may change: a private one.
    pub work_dir: PathBuf,
    /// What it gets on standard input.
    pub stdin: Option<Vec<u8>>,
    /// Time limit.
    pub wall: Duration,
    /// Memory limit (address space), in bytes.
    pub memory_bytes: u64,
}

/// What a helper program left.
#[derive(Clone, Debug)]
pub struct HelperOutput {
    /// Its exit code; `None` when a signal ended it.
    pub exit_code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// How long it ran.
    pub wall: Duration,
}

/// What the worker binary is told: JSON in its second argument.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Confinement {
    pub(crate) program: PathBuf,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) read_only: Vec<PathBuf>,
    pub(crate) work_dir: PathBuf,
    pub(crate) wall_s: u64,
    pub(crate) memory_bytes: u64,
}

/// Run a helper program to its end, its time limit or the cancellation.
pub fn run_helper(
    worker: &Path,
    run: &HelperRun,
    cancel: &CancelToken,
) -> Result<HelperOutput, EngineError> {
    let start = Instant::now();
    let cannot_start = |reason: String| EngineError::CannotStart {
        program: run.program.display().to_string(),
        reason,
    };
    let spec = Confinement {
        program: run.program.clone(),
        args: run.args.clone(),
        env: run.env.clone(),
        read_only: run.read_only.clone(),
        work_dir: run.work_dir.clone(),
        wall_s: run.wall.as_secs().max(1),
        memory_bytes: run.memory_bytes,
    };
    let spec = serde_json::to_string(&spec).map_err(|e| cannot_start(e.to_string()))?;
    let mut child = Command::new(worker)
        .arg("exec")
        .arg(spec)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| cannot_start(format!("{}: {e}", worker.display())))?;
    let stdin = child.stdin.take();
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let input = run.stdin.clone().unwrap_or_default();
    let feeder = thread::spawn(move || {
        if let Some(mut pipe) = stdin {
            // A program may end without reading all of it.
            let _ = pipe.write_all(&input);
        }
    });
    let out = thread::spawn(move || read_all(stdout));
    let err = thread::spawn(move || read_all(stderr));
    let watch = Watch { wall: run.wall, memory_bytes: None, cancel: cancel.clone() };
    let watchdog = Watchdog::start(child, watch);
    watchdog.arm(run.wall);
    let stdout = out.join().unwrap_or_default();
    let stderr = err.join().unwrap_or_default();
    let _ = feeder.join();
    let (status, reason) = watchdog.finish();
    if let Some(reason) = reason {
        return Err(reason.into_error(None));
    }
    let exit_code = status.and_then(|status| status.code());
    Ok(HelperOutput { exit_code, stdout, stderr, wall: start.elapsed() })
}

fn read_all(pipe: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(mut pipe) = pipe {
        let _ = pipe.by_ref().take(OUTPUT_LIMIT_BYTES).read_to_end(&mut bytes);
        // Keep the pipe empty so that the program is not blocked by its own chatter.
        let _ = std::io::copy(&mut pipe, &mut std::io::sink());
    }
    bytes
}
