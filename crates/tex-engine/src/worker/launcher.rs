//! Helper programs (biber, makeindex) behind the same walls: this process confines itself, then
//! becomes the program.

use super::sandbox::{self, Calls, Walls};
use crate::helper::Confinement;
use std::{
    path::PathBuf,
    process::{Command, ExitCode},
};

/// Exit code when the program could not be started; its words are on standard error.
const CANNOT_START: u8 = 126;

/// Confine this process as `spec` (JSON of [`Confinement`]) says, then run its program.
pub fn run_confined(spec: &str) -> ExitCode {
    let spec: Confinement = match serde_json::from_str(spec) {
        Ok(spec) => spec,
        Err(e) => {
            eprintln!("quire-tex-worker: bad specification: {e}");
            return ExitCode::from(CANNOT_START);
        }
    };
    super::signals::end_with_parent();
    if let Err(e) = std::env::set_current_dir(&spec.work_dir) {
        eprintln!("quire-tex-worker: `{}`: {e}", spec.work_dir.display());
        return ExitCode::from(CANNOT_START);
    }
    // The loader and the C library; nothing of the author's.
    let system =
        ["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/etc/ld.so.conf"];
    let devices = ["/dev/null", "/dev/zero", "/dev/urandom"];
    let mut execute = spec.read_only.clone();
    execute.extend(system.map(PathBuf::from));
    let mut write = vec![spec.work_dir.clone()];
    write.extend(devices.map(PathBuf::from));
    let report = sandbox::confine(&Walls {
        read: Vec::new(),
        execute,
        write,
        scratch: Vec::new(),
        address_space_bytes: Some(spec.memory_bytes),
        cpu_s: Some(spec.wall_s + 1),
        file_size_bytes: Some(spec.memory_bytes),
        processes: None,
        calls: Calls::NoNetwork,
    });
    if cfg!(target_os = "linux") && !(report.rlimits && report.seccomp) {
        eprintln!("quire-tex-worker: the sandbox could not be closed ({report:?})");
        return ExitCode::from(CANNOT_START);
    }
    become_program(&spec)
}

fn command(spec: &Confinement) -> Command {
    let mut command = Command::new(&spec.program);
    command.args(&spec.args).env_clear().envs(spec.env.iter().cloned());
    command
}

#[cfg(unix)]
fn become_program(spec: &Confinement) -> ExitCode {
    use std::os::unix::process::CommandExt;
    let e = command(spec).exec();
    eprintln!("quire-tex-worker: cannot start `{}`: {e}", spec.program.display());
    ExitCode::from(CANNOT_START)
}

#[cfg(not(unix))]
fn become_program(spec: &Confinement) -> ExitCode {
    match command(spec).status() {
        Ok(status) => ExitCode::from(u8::try_from(status.code().unwrap_or(1)).unwrap_or(1)),
        Err(e) => {
            eprintln!("quire-tex-worker: cannot start `{}`: {e}", spec.program.display());
            ExitCode::from(CANNOT_START)
        }
    }
}
