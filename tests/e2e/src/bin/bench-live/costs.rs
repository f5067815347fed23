//! What the program, its web processes and its engines use.

use anyhow::Result;
use quire_e2e::{App, bench};
use std::{collections::BTreeSet, fs};

pub(crate) struct Costs {
    /// Processor time so far; of processes that have ended, as far as somebody has waited for them.
    pub(crate) cpu_ms: f64,
    /// What they hold, each shared page counted in parts.
    pub(crate) memory_mb: f64,
    /// Processes of the engine.
    pub(crate) engines: usize,
}

impl Costs {
    pub(crate) fn of(app: &App) -> Result<Self> {
        /// Linux counts in hundredths of a second.
        const TICK_MS: f64 = 10.0;
        let mut processes: BTreeSet<u32> = app.processes()?.into_iter().collect();
        let engines = engines();
        processes.extend(&engines);
        let mut ticks = 0.0;
        for process in &processes {
            // One that has just ended counts for nothing.
            let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
            let fields: Vec<&str> =
                stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
            // Its own, and that of the children it has waited for.
            ticks += [11, 12, 13, 14]
                .iter()
                .filter_map(|field| fields.get(*field)?.parse::<f64>().ok())
                .sum::<f64>();
        }
        Ok(Self {
            cpu_ms: ticks * TICK_MS,
            memory_mb: processes.into_iter().map(bench::memory_mb).sum(),
            engines: engines.len(),
        })
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            cpu_ms: (self.cpu_ms - before.cpu_ms).max(0.0),
            memory_mb: self.memory_mb - before.memory_mb,
            engines: self.engines,
        }
    }
}

/// Snapshots whose parents have ended are nobody's children: they are found by name.
fn engines() -> Vec<u32> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|process| {
            let name = fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default();
            name.starts_with("quire-tex-worke")
        })
        .collect()
}
