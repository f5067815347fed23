//! Groups of processes with bounds of their own (cgroup v2), as systemd hands them out to users: the bounds then
//! hold for all programs of a build together, and the system itself sees to them.

use super::{ask, bwrap::Who, on_path};
use crate::{Ended, SandboxLimits, Surroundings, inside::Shortages};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{self, Command},
    sync::atomic::{AtomicU32, Ordering},
};

/// Processes of bubblewrap itself.
const OWN_PROCESSES: u32 = 8;
/// Begins of the scopes' names.
const NAME: &str = "quire-tex-";

/// Tells the group that it is run in, and what that bounds.
const BOUNDS: &str = "IFS=: read -r number names group </proc/self/cgroup; \
    cat /proc/self/cgroup /sys/fs/cgroup$group/memory.max /sys/fs/cgroup$group/pids.max";

/// A systemd that makes scopes for us.
#[derive(Debug)]
pub(super) struct Scopes {
    program: PathBuf,
    who: Who,
    /// What it needs to find the author's own systemd.
    runtime_dir: Option<PathBuf>,
    made: AtomicU32,
}

impl Scopes {
    /// `None` where there is no systemd, cgroups are of version 1, or users are given none.
    pub(super) fn find(surroundings: &Surroundings, who: Who) -> Option<Self> {
        let runtime_dir = surroundings.runtime_dir.clone();
        let socket = match who {
            Who::Root => PathBuf::from("/run/systemd/system"),
            Who::Author => runtime_dir.as_ref()?.join("systemd"),
        };
        if !socket.exists() || !Path::new("/sys/fs/cgroup/cgroup.controllers").exists() {
            return None;
        }
        let program = on_path(surroundings, "systemd-run")?;
        let scopes = Self { program, who, runtime_dir, made: AtomicU32::new(0) };
        let limits = SandboxLimits::default();
        let words = scopes.words(&limits);
        let mut command = Command::new(&words[0]);
        scopes.surround(command.args(&words[1..]).args(["/bin/sh", "-c", BOUNDS]));
        let told = ask(&mut command)?;
        applies(&String::from_utf8_lossy(&told.stdout), &limits).then_some(scopes)
    }

    /// The words before a command that is to run within `limits`.
    pub(super) fn words(&self, limits: &SandboxLimits) -> Vec<OsString> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        let mut words: Vec<OsString> = vec![self.program.clone().into()];
        if self.who == Who::Author {
            words.push("--user".into());
        }
        words.extend(["--scope", "--quiet", "--collect"].map(OsString::from));
        words.push(format!("--unit={NAME}{}-{number}", process::id()).into());
        for property in [
            format!("MemoryMax={}", limits.memory_bytes),
            "MemorySwapMax=0".to_owned(),
            format!("TasksMax={}", limits.processes.saturating_add(OWN_PROCESSES)),
            format!("CPUQuota={}%", limits.milli_cpus.div_ceil(10)),
        ] {
            words.extend(["--property".into(), property.into()]);
        }
        words.push("--".into());
        words
    }

    /// What it needs of the environment.
    pub(super) fn surround(&self, command: &mut Command) {
        command.env_clear().envs(self.runtime_dir.iter().map(|place| ("XDG_RUNTIME_DIR", place)));
    }
}

/// What the scope of a process has run out of, while that lives.
pub(super) fn shortage(pid: u32) -> Option<Ended> {
    let folder = group(&fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?)?;
    let events = |file: &str| {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
        text.lines().map(|line| format!("{file} {line}\n")).collect::<String>()
    };
    match Shortages::read(&(events("memory.events") + &events("pids.events"))) {
        Shortages { memory: 1.., .. } => Some(Ended::OutOfMemory),
        Shortages { processes: 1.., .. } => Some(Ended::OutOfProcesses),
        Shortages { memory: 0, processes: 0 } => None,
    }
}

/// Whether a group is a scope of ours and has its bounds: those that were taken and do not apply are none.
fn applies(told: &str, limits: &SandboxLimits) -> bool {
    let bounds = |bound: u64| told.lines().any(|line| line.trim().parse() == Ok(bound));
    let processes = u64::from(limits.processes.saturating_add(OWN_PROCESSES));
    group(told).is_some() && bounds(limits.memory_bytes) && bounds(processes)
}

/// The folder of a scope of ours, by what `/proc/PID/cgroup` says.
fn group(told: &str) -> Option<PathBuf> {
    let path = told.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let name = path.rsplit('/').next()?;
    (name.starts_with(NAME) && name.ends_with(".scope"))
        .then(|| Path::new("/sys/fs/cgroup").join(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(who: Who) -> Scopes {
        let program = "/usr/bin/systemd-run".into();
        Scopes { program, who, runtime_dir: None, made: AtomicU32::new(0) }
    }

    #[test]
    fn a_scope_has_all_bounds_and_no_swap() {
        let words = scopes(Who::Author).words(&SandboxLimits::default());
        let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
        assert_eq!(words[1], "--user");
        for bound in ["MemoryMax=2147483648", "MemorySwapMax=0", "TasksMax=264", "CPUQuota=200%"] {
            assert!(words.iter().any(|word| word == bound), "{bound}: {words:?}");
        }
        let of_root = scopes(Who::Root).words(&SandboxLimits::default());
        assert!(!of_root.contains(&"--user".into()));
    }

    #[test]
    fn bounds_that_do_not_apply_are_none() {
        let told = |memory: &str, processes: &str| {
            let told = format!("0::/user.slice/quire-tex-7-0.scope\n{memory}\n{processes}\n");
            applies(&told, &SandboxLimits::default())
        };
        assert!(told("2147483648", "264"));
        assert!(!told("max", "264") && !told("2147483648", "max"));
        assert!(!applies(
            "0::/user.slice/other.scope\n2147483648\n264\n",
            &SandboxLimits::default()
        ));
    }

    #[test]
    fn only_a_scope_of_ours_counts() {
        let own =
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/quire-tex-7-1.scope\n";
        let folder = group(own).unwrap();
        assert!(folder.starts_with("/sys/fs/cgroup/user.slice"), "{folder:?}");
        assert_eq!(group("0::/user.slice/user-1000.slice/session-2.scope\n"), None);
        assert_eq!(group("9:name=systemd:/\n0::/\n"), None);
    }
}
