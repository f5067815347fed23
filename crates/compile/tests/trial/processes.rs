//! Processes of a live document, and their end by other hands.

use std::{fs, process::Command};

/// The number of the group that a process belongs to.
fn group(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit(')').next()?.split_whitespace().nth(2)?.parse().ok()
}

/// Kill any one of the group that these snapshots belong to: their run as well.
pub(crate) fn kill_one(snapshots: &[u32], which: usize) {
    let Some(own) = snapshots.iter().find_map(|process| group(*process)) else { return };
    let mut all: Vec<u32> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|process| group(*process) == Some(own))
        .collect();
    all.sort_unstable();
    if !all.is_empty() {
        let killed = all[which % all.len()].to_string();
        // It may have ended by itself.
        let _ = Command::new("kill").args(["-KILL", &killed]).status();
    }
}
