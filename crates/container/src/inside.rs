//! What a sandbox is asked about itself: a runtime may take a limit and not apply it (rootless Podman on
//! cgroup v1 does), and only the inside can tell.

use crate::{ContainerError, Execution, Finished, SandboxLimits, Watch, installed::address_space};
use std::time::Duration;

/// How long the questions may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// More than the answers have.
const ANSWERS_BYTES: u64 = 1 << 20;

/// Prints how often the container ran into its bounds, on either version of cgroups. Nothing but the shell itself
/// runs: there may be no process left for another program.
pub(crate) const SHORTAGES: &str = "cd /sys/fs/cgroup; for events in memory.events \
    memory/memory.oom_control pids.events pids/pids.events; do [ -r $events ] || continue; \
    while read -r line; do echo $events $line; done <$events; done";

/// How often a container ran into its bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shortages {
    /// Processes that were ended for want of memory.
    pub(crate) memory: u64,
    /// Processes that were not begun.
    pub(crate) processes: u64,
}

impl Shortages {
    /// Read the answer to [`SHORTAGES`].
    pub(crate) fn read(answer: &str) -> Self {
        let mut found = Self::default();
        for line in answer.lines() {
            let mut words = line.split_whitespace();
            let (file, name) = (words.next().unwrap_or_default(), words.next());
            let count = words.next().and_then(|count| count.parse().ok()).unwrap_or(0);
            match name {
                Some("oom_kill") => found.memory = found.memory.max(count),
                Some("max") if file.contains("pids") => {
                    found.processes = found.processes.max(count);
                }
                _ => {}
            }
        }
        found
    }
}

/// Each answer stands behind its question.
const QUESTIONS: &str = r#"
ask() { printf '\n? %s\n' "$1"; }
ask status; cat /proc/self/status
ask limits; cat /proc/self/limits
ask memory; cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/memory/memory.limit_in_bytes
ask pids; cat /sys/fs/cgroup/pids.max /sys/fs/cgroup/pids/pids.max
ask cpu; cat /sys/fs/cgroup/cpu.max || echo $(cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us)
ask net; cat /proc/net/dev
ask root; (: >/quire-probe) && echo written
ask project; (: >/project/quire-probe) && echo written
ask build; (: >/build/quire-probe) && echo written && rm /build/quire-probe
ask tmp; cp /bin/true /tmp/quire-probe && chmod +x /tmp/quire-probe && /tmp/quire-probe && echo executed; rm -f /tmp/quire-probe
"#;

/// Ask in a sandbox, where `run` runs programs.
pub(crate) fn ask(
    limits: &SandboxLimits,
    run: impl FnOnce(&Execution, Watch<'_>) -> Result<Finished, ContainerError>,
) -> Result<Inside, ContainerError> {
    let script = format!("exec 2>/dev/null\n{QUESTIONS}");
    let execution = Execution {
        command: vec!["/bin/sh".to_owned(), "-c".to_owned(), script],
        env: Vec::new(),
        folder: "/".to_owned(),
        wall: PATIENCE,
        output_bytes: ANSWERS_BYTES,
        suspect: false,
    };
    let mut answers = Vec::new();
    let mut output = |bytes: &[u8]| answers.extend_from_slice(bytes);
    run(&execution, Watch { output: &mut output, cancelled: &|| false })?;
    Ok(Inside::read(&String::from_utf8_lossy(&answers), limits))
}

/// What holds inside a sandbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inside {
    /// What does not hold that should; empty in a sound sandbox.
    pub weaknesses: Vec<Weakness>,
}

/// Something that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// It did not answer.
    NoAnswer,
    /// No bound on memory applies.
    Memory,
    /// No bound on processes applies.
    Processes,
    /// No bound on processors applies.
    Processors,
    /// It sees a network.
    Network,
    /// System calls are not filtered.
    Seccomp,
    /// It could come by more rights.
    NewPrivileges,
    /// It has rights of root.
    Capabilities,
    /// Its own file system can be written to.
    WritableRoot,
    /// The project can be written to.
    WritableProject,
    /// The build folder cannot.
    NoBuildFolder,
    /// Programs in `/tmp` can be run.
    ExecutableTmp,
}

impl Weakness {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NoAnswer => "it did not answer",
            Self::Memory => "the limit on memory is ignored",
            Self::Processes => "the limit on processes is ignored",
            Self::Processors => "the limit on processors is ignored",
            Self::Network => "there is a network",
            Self::Seccomp => "system calls are not filtered (seccomp)",
            Self::NewPrivileges => "programs could gain rights (no-new-privileges is off)",
            Self::Capabilities => "it has rights of root",
            Self::WritableRoot => "its file system can be written to",
            Self::WritableProject => "the project can be written to",
            Self::NoBuildFolder => "the build folder cannot be written to",
            Self::ExecutableTmp => "programs can be run from /tmp",
        }
    }

    /// Whether without it a document could do harm, or nothing works; the others only bound what is used up.
    pub fn is_grave(self) -> bool {
        !matches!(self, Self::Memory | Self::Processes | Self::Processors)
    }
}

impl Inside {
    /// Read the answers.
    pub(crate) fn read(answers: &str, limits: &SandboxLimits) -> Self {
        let answer = |question: &str| {
            let (_, rest) = answers.split_once(&format!("? {question}\n")).unwrap_or_default();
            rest.split_once("\n? ").map_or(rest, |(own, _)| own)
        };
        let status = |field: &str| {
            let line = answer("status").lines().find_map(|line| line.strip_prefix(field));
            line.and_then(|rest| rest.strip_prefix(':')).map(str::trim)
        };
        if status("Seccomp").is_none() {
            return Self { weaknesses: vec![Weakness::NoAnswer] };
        }
        let at_most = |question: &str, bound: u64| {
            let numbers = answer(question).split_whitespace().filter_map(|n| n.parse::<u64>().ok());
            numbers.min().is_some_and(|least| least <= bound)
        };
        let mut cpu = answer("cpu").split_whitespace().filter_map(|n| n.parse::<i64>().ok());
        let bounded_cpu = match (cpu.next(), cpu.next()) {
            (Some(quota), Some(period)) if quota > 0 && period > 0 => {
                quota * 1000 / period <= i64::from(limits.milli_cpus)
            }
            // Without a group of processes, the processors that may be used are counted.
            _ => status("Cpus_allowed").is_some_and(|mask| {
                let digits = mask.chars().filter_map(|digit| digit.to_digit(16));
                let allowed: u32 = digits.map(u32::count_ones).sum();
                allowed.saturating_mul(1000) <= limits.milli_cpus.next_multiple_of(1000)
            }),
        };
        // `Max processes             320                  320                  processes`
        let process_at_most = |limit: &str, bound: u64| {
            let line = answer("limits").lines().find_map(|line| line.strip_prefix(limit));
            let hard = line.and_then(|rest| rest.split_whitespace().nth(1)?.parse::<u64>().ok());
            hard.is_some_and(|hard| hard <= bound)
        };
        let bounded_memory = at_most("memory", limits.memory_bytes)
            || process_at_most("Max address space", address_space(limits.memory_bytes));
        let bounded_processes = at_most("pids", limits.processes.into())
            || process_at_most("Max processes", u64::from(limits.processes) * 5 / 4);
        let interfaces = answer("net").lines().filter_map(|line| line.split_once(':'));
        let has_network = interfaces.filter(|(name, _)| name.trim() != "lo").count() > 0;
        let no_rights =
            |field| status(field).is_some_and(|mask| mask.bytes().all(|digit| digit == b'0'));
        let did = |question: &str, what: &str| answer(question).lines().any(|line| line == what);
        let checks = [
            (bounded_memory, Weakness::Memory),
            (bounded_processes, Weakness::Processes),
            (bounded_cpu, Weakness::Processors),
            (!has_network, Weakness::Network),
            (status("Seccomp") == Some("2"), Weakness::Seccomp),
            (status("NoNewPrivs") == Some("1"), Weakness::NewPrivileges),
            (no_rights("CapEff") && no_rights("CapBnd"), Weakness::Capabilities),
            (!did("root", "written"), Weakness::WritableRoot),
            (!did("project", "written"), Weakness::WritableProject),
            (did("build", "written"), Weakness::NoBuildFolder),
            (!did("tmp", "executed"), Weakness::ExecutableTmp),
        ];
        let weaknesses = checks.iter().filter(|(holds, _)| !holds).map(|(_, weakness)| *weakness);
        Self { weaknesses: weaknesses.collect() }
    }

    /// Whether all holds.
    pub fn is_sound(&self) -> bool {
        self.weaknesses.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = "\n? status\nName:\tcat\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\n\
        NoNewPrivs:\t1\nSeccomp:\t2\n\n? memory\n2147483648\n\n? pids\n256\n\n? cpu\n200000 100000\n\n\
        ? net\nInter-| Receive\n face |bytes\n    lo:       0       0\n\n? root\n\n? project\n\n\
        ? build\nwritten\n\n? tmp\n";

    fn weaknesses(answers: &str) -> Vec<Weakness> {
        Inside::read(answers, &SandboxLimits::default()).weaknesses
    }

    #[test]
    fn a_sound_sandbox_has_no_weakness() {
        assert_eq!(weaknesses(SOUND), []);
    }

    #[test]
    fn limits_that_were_ignored_are_told() {
        // Rootless Podman on cgroup v1: the numbers are those of the whole computer.
        let ignored = SOUND
            .replace("2147483648", "9223372036854771712")
            .replace("pids\n256", "pids\nmax")
            .replace("200000 100000", "-1 100000");
        let found = weaknesses(&ignored);
        assert_eq!(found, [Weakness::Memory, Weakness::Processes, Weakness::Processors]);
        assert!(!found.iter().any(|weakness| weakness.is_grave()));
    }

    #[test]
    fn without_a_group_the_limits_of_each_process_count() {
        let alone = SOUND
            .replace("2147483648", "")
            .replace("pids\n256", "pids\n")
            .replace("200000 100000", "")
            .replace("Seccomp:", "Cpus_allowed:\t00,00000006\nSeccomp:")
            + "\n? limits\nLimit   Soft Limit  Hard Limit  Units\nMax processes   320   320   processes\n\
               Max address space   8589934592   8589934592   bytes\n";
        assert_eq!(weaknesses(&alone), []);
        let wide = alone.replace("00000006", "0000000f").replace("320", "unlimited");
        assert_eq!(weaknesses(&wide), [Weakness::Processes, Weakness::Processors]);
    }

    #[test]
    fn an_open_door_is_grave() {
        let open = SOUND
            .replace("    lo: ", "  eth0: ")
            .replace("project\n", "project\nwritten\n")
            .replace("Seccomp:\t2", "Seccomp:\t0");
        let found = weaknesses(&open);
        assert_eq!(found, [Weakness::Network, Weakness::Seccomp, Weakness::WritableProject]);
        assert!(found.iter().all(|weakness| weakness.is_grave()));
        assert_eq!(weaknesses(""), [Weakness::NoAnswer]);
    }

    #[test]
    fn shortages_are_counted_on_both_versions_of_cgroups() {
        let one = "memory/memory.oom_control oom_kill_disable 0\nmemory/memory.oom_control \
            oom_kill 3\npids/pids.events max 7\n";
        assert_eq!(Shortages::read(one), Shortages { memory: 3, processes: 7 });
        let two = "memory.events max 9\nmemory.events oom_kill 1\npids.events max 0\n";
        assert_eq!(Shortages::read(two), Shortages { memory: 1, processes: 0 });
        assert_eq!(Shortages::read(""), Shortages::default());
    }
}
