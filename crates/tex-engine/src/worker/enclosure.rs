//! The innermost walls of TeX Live where there is no container: the first program inside bubblewrap, which closes
//! Landlock, seccomp and limits around itself, gives up what is left of root, and becomes what is to run.
//!
//! `enclose [NAME=VALUE …] -- PROGRAM ARGUMENT …`: `read`, `execute`, `write` and `scratch` are places and may be
//! named again and again, `memory` and `file` are bytes, `processes` and `processors` how many, `user` whom root becomes.

use super::sandbox::{self, Calls, Walls};
use std::process::ExitCode;

/// Exit code when the walls could not be closed; its words are on standard error.
const NOT_ENCLOSED: u8 = 126;
/// Says that what comes now is of the program. Who starts this waits for it.
const ENCLOSED: &str = "quire: enclosed";

/// What is asked for.
struct Enclosure {
    walls: Walls,
    processors: Option<usize>,
    user: Option<u32>,
}

/// Close the walls that the words ask for, then become the program that stands behind them.
pub fn enclose(words: &[&str]) -> ExitCode {
    let mut parts = words.splitn(2, |word| *word == "--");
    let (wishes, program) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let begun = Enclosure::read(wishes).and_then(|enclosure| enclosure.begin(program));
    let Err(reason) = begun;
    eprintln!("quire-tex-worker: {reason}");
    ExitCode::from(NOT_ENCLOSED)
}

impl Enclosure {
    fn read(wishes: &[&str]) -> Result<Self, String> {
        let mut walls = Walls {
            read: Vec::new(),
            execute: Vec::new(),
            write: Vec::new(),
            scratch: Vec::new(),
            address_space_bytes: None,
            cpu_s: None,
            file_size_bytes: None,
            processes: None,
            calls: Calls::Enclosed,
        };
        let (mut processors, mut user) = (None, None);
        for wish in wishes {
            let unknown = || format!("`{wish}` is not known");
            let (name, value) = wish.split_once('=').ok_or_else(unknown)?;
            let number = || value.parse::<u64>().map_err(|_| format!("`{wish}`: no number"));
            match name {
                "read" => walls.read.push(value.into()),
                "execute" => walls.execute.push(value.into()),
                "write" => walls.write.push(value.into()),
                "scratch" => walls.scratch.push(value.into()),
                "memory" => walls.address_space_bytes = Some(number()?),
                "file" => walls.file_size_bytes = Some(number()?),
                "processes" => walls.processes = Some(number()?),
                "processors" => processors = usize::try_from(number()?).ok(),
                "user" => user = u32::try_from(number()?).ok(),
                _ => return Err(unknown()),
            }
        }
        Ok(Self { walls, processors, user })
    }

    #[cfg(unix)]
    fn begin(self, program: &[&str]) -> Result<std::convert::Infallible, String> {
        use std::{io::Write, os::unix::process::CommandExt, process::Command};
        let (name, arguments) = program.split_first().ok_or("there is nothing to run")?;
        super::signals::end_with_parent();
        if let Some(most) = self.processors {
            processors::keep(most)?;
        }
        if self.user.is_some() {
            rights::forget()?;
        }
        let report = sandbox::confine(&self.walls);
        if !(report.rlimits && report.seccomp) {
            return Err(format!("the sandbox could not be closed ({report:?})"));
        }
        let mut out = std::io::stdout();
        let told = writeln!(out, "{ENCLOSED}").and_then(|()| out.flush());
        told.map_err(|e| format!("nobody listens: {e}"))?;
        let mut command = Command::new(name);
        command.args(arguments);
        if let Some(user) = self.user {
            // Takes it out of all groups as well, and with root's number all its rights are gone.
            command.uid(user).gid(user);
        }
        Err(format!("cannot start `{name}`: {}", command.exec()))
    }

    #[cfg(not(unix))]
    fn begin(self, _: &[&str]) -> Result<std::convert::Infallible, String> {
        let _ = (&self.walls, self.processors, self.user, ENCLOSED);
        let _ = sandbox::confine;
        Err("there is no bubblewrap on this system".to_owned())
    }
}

#[cfg(target_os = "linux")]
mod processors {
    /// Run on so many processors of those that this process may use, and on others than the next one if there are
    /// enough.
    pub(super) fn keep(most: usize) -> Result<(), String> {
        // SAFETY: an array of bits, of which all zeros is a value.
        let mut allowed: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        let size = size_of::<libc::cpu_set_t>();
        // SAFETY: the set is as large as is said, and belongs to this function.
        if unsafe { libc::sched_getaffinity(0, size, &raw mut allowed) } != 0 {
            return Err(format!("processors: {}", std::io::Error::last_os_error()));
        }
        let bits = usize::try_from(libc::CPU_SETSIZE).unwrap_or_default();
        // SAFETY: the number is within the set.
        let usable = (0..bits).filter(|n| unsafe { libc::CPU_ISSET(*n, &allowed) });
        let usable: Vec<usize> = usable.collect();
        if usable.len() <= most {
            return Ok(());
        }
        let first = std::process::id() as usize % usable.len();
        // SAFETY: as above.
        let mut kept: libc::cpu_set_t = unsafe { std::mem::zeroed() };
        for number in usable.iter().cycle().skip(first).take(most.max(1)) {
            // SAFETY: the number is one of the set's.
            unsafe { libc::CPU_SET(*number, &mut kept) };
        }
        // SAFETY: the set is as large as is said, and is only read.
        match unsafe { libc::sched_setaffinity(0, size, &raw const kept) } {
            0 => Ok(()),
            _ => Err(format!("processors: {}", std::io::Error::last_os_error())),
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod processors {
    pub(super) fn keep(_: usize) -> Result<(), String> {
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod rights {
    /// More than there are.
    const CAPABILITIES: libc::c_ulong = 64;

    /// No program that is started from here on can come by any right of root.
    pub(super) fn forget() -> Result<(), String> {
        for capability in 0..CAPABILITIES {
            // SAFETY: this call takes a number and touches no memory.
            if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) } != 0 {
                let error = std::io::Error::last_os_error();
                // The first number that the system does not know.
                let is_past = error.raw_os_error() == Some(libc::EINVAL);
                return if is_past { Ok(()) } else { Err(format!("rights: {error}")) };
            }
        }
        Ok(())
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
mod rights {
    pub(super) fn forget() -> Result<(), String> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_closes_nothing() {
        let of = |wishes: &[&str]| Enclosure::read(wishes).err();
        assert_eq!(of(&["read=/usr", "memory=7", "user=1000"]), None);
        assert_eq!(of(&["raed=/usr"]).as_deref(), Some("`raed=/usr` is not known"));
        assert_eq!(of(&["memory=much"]).as_deref(), Some("`memory=much`: no number"));
        assert_eq!(of(&["/usr"]).as_deref(), Some("`/usr` is not known"));
    }
}
