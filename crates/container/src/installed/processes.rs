//! What the processes of a bubble use together, seen from outside: where the system bounds only each of them.

use std::fs;

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Load {
    /// Processes and threads.
    pub(super) processes: u32,
    /// Memory that is theirs alone, in bytes.
    pub(super) memory_bytes: u64,
}

/// The load of all processes below this one. Memory that copies of a process still share counts once only when the
/// sum is above `enough`: to find that out takes long.
pub(super) fn below(pid: u32, enough: u64) -> Load {
    let mut all = Vec::new();
    let mut waiting = children(pid);
    while let Some(pid) = waiting.pop() {
        waiting.extend(children(pid));
        all.push(pid);
    }
    let statuses: Vec<String> = all.iter().filter_map(|pid| file(*pid, "status")).collect();
    let sum = |field: &str| statuses.iter().filter_map(|text| number(text, field)).sum::<u64>();
    let mut memory = sum("RssAnon:");
    if memory > enough >> 10 {
        let exact = |pid: &u32| {
            let rollup = file(*pid, "smaps_rollup")?;
            number(&rollup, "Pss_Anon:")
        };
        // One that cannot be asked has ended.
        memory = all.iter().filter_map(exact).sum();
    }
    Load {
        processes: u32::try_from(sum("Threads:")).unwrap_or(u32::MAX),
        memory_bytes: memory << 10,
    }
}

fn file(pid: u32, name: &str) -> Option<String> {
    fs::read_to_string(format!("/proc/{pid}/{name}")).ok()
}

/// Of all its threads.
fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let lists =
        threads.filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok());
    lists
        .flat_map(|list| {
            list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<u32>>()
        })
        .collect()
}

/// `RssAnon:      1234 kB` is 1234.
fn number(text: &str, field: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(field))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::{
        io::{BufRead, BufReader},
        process::{Command, Stdio},
    };

    #[test]
    fn all_that_a_process_has_started_counts() {
        let script = "sleep 60 & sh -c 'sleep 60 & sleep 60 & echo ready; wait' & wait";
        let mut child =
            Command::new("sh").args(["-c", script]).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let load = below(child.id(), u64::MAX);
        assert_eq!(load.processes, 4, "{load:?}");
        assert!(load.memory_bytes > 0);
        // What they share counts once; they go on meanwhile, so the sums are not compared.
        let exact = below(child.id(), 0);
        assert!(exact.memory_bytes > 0 && exact.processes == 4, "{exact:?}");
        let of_this = below(std::process::id(), u64::MAX);
        assert!(of_this.processes >= 5, "{of_this:?}");
        for pid in below_pids(child.id()) {
            // It may have ended with one before it.
            let _ = Command::new("kill").arg(pid.to_string()).stderr(Stdio::null()).status();
        }
        child.wait().unwrap();
    }

    fn below_pids(pid: u32) -> Vec<u32> {
        let own = children(pid);
        let deeper: Vec<u32> = own.iter().flat_map(|pid| below_pids(*pid)).collect();
        deeper.into_iter().chain(own).collect()
    }
}
