//! What the program, its web processes and its engines use.

use anyhow::Result;
use quire_e2e::{App, bench};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    hint::black_box,
    time::{Duration, Instant},
};

pub(crate) struct Costs {
    /// Processor time so far; of processes that have ended, as far as somebody has waited for them.
    pub(crate) cpu_ms: f64,
    /// What they hold, each shared page counted in parts.
    pub(crate) memory_mb: f64,
    /// Of that, the engine's processes.
    pub(crate) engines_mb: f64,
    /// Those of WebKit.
    pub(crate) web_mb: f64,
    /// The program itself.
    pub(crate) application_mb: f64,
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
        let of = |name: &str| -> f64 {
            let own = processes.iter().filter(|process| name_of(**process).starts_with(name));
            own.copied().map(bench::memory_mb).sum()
        };
        Ok(Self {
            cpu_ms: ticks * TICK_MS,
            memory_mb: processes.iter().copied().map(bench::memory_mb).sum(),
            engines_mb: engines.iter().copied().map(bench::memory_mb).sum(),
            web_mb: of("WebKit"),
            application_mb: of("quire-desktop"),
            engines: engines.len(),
        })
    }

    pub(crate) fn since(&self, before: &Self) -> Self {
        Self {
            cpu_ms: (self.cpu_ms - before.cpu_ms).max(0.0),
            memory_mb: self.memory_mb - before.memory_mb,
            engines_mb: self.engines_mb - before.engines_mb,
            web_mb: self.web_mb - before.web_mb,
            application_mb: self.application_mb - before.application_mb,
            engines: self.engines,
        }
    }
}

/// How fast the machine is at this moment, which changes where several share one: how long a fixed piece of work
/// takes, at its best and in the middle of many, in milliseconds.
pub(crate) fn pace() -> Value {
    let mut times: Vec<f64> = (0..50)
        .map(|_| {
            let start = Instant::now();
            let mut state = black_box(1_u64);
            for _ in 0..2_000_000 {
                state =
                    state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1).rotate_left(17);
            }
            black_box(state);
            let took = start.elapsed();
            std::thread::sleep(Duration::from_millis(20));
            took.as_secs_f64() * 1000.0
        })
        .collect();
    times.sort_by(f64::total_cmp);
    json!({ "leastMs": times[0], "p50Ms": bench::quantile(&times, 0.5) })
}

/// The first letters of a program's name.
fn name_of(process: u32) -> String {
    fs::read_to_string(format!("/proc/{process}/comm")).unwrap_or_default()
}

/// Snapshots whose parents have ended are nobody's children: they are found by name.
fn engines() -> Vec<u32> {
    // Not those of other programs that run beside this one: ours are all of one folder.
    let own = std::env::var_os("QUIRE_TEX_WORKER").and_then(|worker| fs::canonicalize(worker).ok());
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    processes
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|process| {
            let program = fs::read_link(format!("/proc/{process}/exe")).ok();
            name_of(*process).starts_with("quire-tex-worke") && (own.is_none() || program == own)
        })
        .collect()
}
