//! bubblewrap: where it is, and whether this system lets it put up walls. Both are found out by trying.

use super::{Lacking, ask, lacking::Refusal, on_path};
use crate::Surroundings;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The first version that bounds the size of a file system in memory (`--size`).
const OLDEST: (u32, u32) = (0, 7);

/// Whose rights there are to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Those of a user, who is himself in a user namespace of his own.
    Author,
    /// Those of root, who becomes nobody before TeX starts.
    Root,
}

/// A bubblewrap that works.
#[derive(Debug)]
pub(super) struct Bwrap {
    pub(super) program: PathBuf,
    pub(super) version: String,
    pub(super) who: Who,
}

impl Bwrap {
    pub(super) fn find(surroundings: &Surroundings) -> Result<Self, Lacking> {
        let program = on_path(surroundings, "bwrap").ok_or(Lacking::Bubblewrap)?;
        let told = ask(Command::new(&program).arg("--version")).ok_or(Lacking::Bubblewrap)?;
        // `bubblewrap 0.8.0`
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let version = told.split_whitespace().last().unwrap_or_default().to_owned();
        if number(&version).is_none_or(|number| number < OLDEST) {
            return Err(Lacking::OldBubblewrap { version });
        }
        let who = who();
        try_walls(&program, who).map_err(|refusal| Lacking::Namespaces { refusal })?;
        Ok(Self { program, version, who })
    }
}

/// `0.8.0` is 0 and 8.
fn number(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

#[cfg(unix)]
fn who() -> Who {
    use std::os::unix::fs::MetadataExt;
    // The folder of a process belongs to whom it runs as.
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0);
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    if is_root && has_all_users(&map) { Who::Root } else { Who::Author }
}

/// Whether root is that of the computer, who can become anybody, and not a user's in a namespace of his own.
fn has_all_users(map: &str) -> bool {
    map.split_whitespace().eq(["0", "0", "4294967295"])
}

#[cfg(not(unix))]
fn who() -> Who {
    Who::Author
}

/// What separates a bubble from the rest of the system.
const APART: [&str; 7] = [
    "--unshare-ipc",
    "--unshare-pid",
    "--unshare-net",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--cap-drop",
    "ALL",
];

/// What separates it, and who runs in it.
pub(super) fn apart(who: Who) -> impl Iterator<Item = &'static str> {
    let beside: &[&str] = match who {
        Who::Author => &["--unshare-user", "--uid", "1000", "--gid", "1000"],
        // Root inside a user namespace would still be root to the system's limits and files. The rights are to become
        // another user and to give up all rights for good, which is what the worker does with these.
        Who::Root => {
            &["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"]
        }
    };
    APART.into_iter().chain(beside.iter().copied())
}

fn try_walls(program: &Path, who: Who) -> Result<(), Refusal> {
    let mut command = Command::new(program);
    command.args(apart(who)).args(["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev"]);
    let silent = || Refusal::Words("it does not answer".to_owned());
    let tried = ask(command.args(["--", "/bin/sh", "-c", ":"])).ok_or_else(silent)?;
    if tried.status.success() {
        return Ok(());
    }
    let switch = |place: &str| fs::read_to_string(place).ok().map(|text| text.trim().to_owned());
    Err(refusal(&String::from_utf8_lossy(&tried.stderr), &|name| {
        switch(&format!("/proc/sys/{name}"))
    }))
}

/// Why it did not work, by what it said and how the system's switches stand.
fn refusal(said: &str, switch: &dyn Fn(&str) -> Option<String>) -> Refusal {
    let stands = |name: &str, value: &str| switch(name).as_deref() == Some(value);
    // What it says is the same for all of them: `Permission denied` or `No permissions to create a new namespace`.
    if stands("user/max_user_namespaces", "0") {
        Refusal::None
    } else if stands("kernel/unprivileged_userns_clone", "0") {
        Refusal::Switch
    } else if stands("kernel/apparmor_restrict_unprivileged_userns", "1") {
        Refusal::AppArmor
    } else {
        let last = said.lines().rev().map(str::trim).find(|line| !line.is_empty());
        let last = last.unwrap_or("it does not say why").trim_start_matches("bwrap: ");
        Refusal::Words(last.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        assert!(number("0.8.0").unwrap() >= OLDEST && number("0.11.0").unwrap() >= OLDEST);
        assert!(number("0.6.1").unwrap() < OLDEST && number("1.0").unwrap() >= OLDEST);
        assert_eq!(number("unknown"), None);
    }

    #[test]
    fn root_of_a_namespace_is_a_user() {
        assert!(has_all_users("         0          0 4294967295\n"));
        assert!(!has_all_users("         0       1000          1\n"));
        assert!(!has_all_users("0 1000 1\n1 100000 65536\n"));
    }

    #[test]
    fn the_reason_of_a_refusal_is_looked_for_in_the_systems_switches() {
        let with = |name: &'static str, value: &'static str| {
            let said = "bwrap: setting up uid map: Permission denied\n";
            refusal(said, &move |asked| (asked == name).then(|| value.to_owned()))
        };
        let ubuntu = with("kernel/apparmor_restrict_unprivileged_userns", "1");
        assert_eq!(ubuntu, Refusal::AppArmor);
        assert_eq!(with("kernel/unprivileged_userns_clone", "0"), Refusal::Switch);
        assert_eq!(with("user/max_user_namespaces", "0"), Refusal::None);
        let words = Refusal::Words("setting up uid map: Permission denied".to_owned());
        assert_eq!(with("user/max_user_namespaces", "9"), words);
    }
}
