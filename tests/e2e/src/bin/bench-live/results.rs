//! What was measured, as rows of a table for people and as a file for programs.

use crate::watch::Seen;
use anyhow::{Context, Result};
use quire_e2e::bench::quantile;
use serde_json::{Value, json};
use std::{fs, path::PathBuf};

pub(crate) const P50_MS: f64 = 60.0;
pub(crate) const P95_MS: f64 = 100.0;
pub(crate) const MEMORY_MB: f64 = 400.0;
/// The exact document takes at most so many times as long as one clean pass.
const EXACT_TIMES: f64 = 1.2;
/// Nought, but for a tick of the clock that falls on it.
pub(crate) const IDLE_MS_IN_5S: f64 = 20.0;

/// All lines so far; written anew with each, so that a run that ends early leaves what it has.
pub(crate) struct Results {
    file: Option<PathBuf>,
    lines: Vec<Value>,
}

impl Results {
    pub(crate) fn new(file: Option<PathBuf>) -> Self {
        println!(
            "| key to pixels | place | typed | told p50 | p95 | max | pixels p50 | p95 | max | keys | late | exact | \
             bar: p50 ≤ {P50_MS}, p95 ≤ {P95_MS} |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|"
        );
        Self { file, lines: Vec::new() }
    }

    /// Something of which the table does not speak.
    pub(crate) fn add(&mut self, line: Value) -> Result<()> {
        println!("{line}");
        self.keep(line)
    }

    fn keep(&mut self, line: Value) -> Result<()> {
        self.lines.push(line);
        let Some(file) = &self.file else { return Ok(()) };
        let text = serde_json::to_string_pretty(&json!({ "unit": "ms", "results": self.lines }))?;
        fs::write(file, text).with_context(|| file.display().to_string())
    }

    pub(crate) fn add_script(
        &mut self,
        document: &str,
        place: f64,
        typed: &str,
        seen: &Seen,
    ) -> Result<()> {
        let three = |times: &[f64]| [0.5, 0.95, 1.0].map(|q| quantile(times, q));
        let ([t50, t95, tmax], [p50, p95, pmax]) = (three(&seen.told_ms), three(&seen.pixels_ms));
        let is_kept = p50 <= P50_MS && p95 <= P95_MS;
        let keys = seen.pixels_ms.len();
        println!(
            "| {document} | {:.0} % | {typed} | {t50:.0} | {t95:.0} | {tmax:.0} | {p50:.0} | {p95:.0} | {pmax:.0} | \
             {keys} | {} | {:.0} | {} |",
            place * 100.0,
            seen.late,
            seen.exact_ms,
            if is_kept { "kept" } else { "MISSED" },
        );
        let quantiles = |[p50, p95, max]: [f64; 3]| json!({ "p50": p50, "p95": p95, "max": max });
        self.keep(json!({
            "document": document, "place": place, "typed": typed, "keys": keys, "late": seen.late,
            "told": quantiles([t50, t95, tmax]), "pixels": quantiles([p50, p95, pmax]),
            "exactAfterPause": seen.exact_ms, "cpuPerKey": seen.costs.cpu_ms / keys.max(1) as f64,
            "kept": is_kept,
        }))
    }

    /// How long the exact pages took after the pause, beside one clean pass of the same document.
    pub(crate) fn add_exact(
        &mut self,
        document: &str,
        times: &[f64],
        clean_pass_ms: f64,
    ) -> Result<()> {
        let (p50, max) = (quantile(times, 0.5), quantile(times, 1.0));
        let (p50_times, max_times) = (p50 / clean_pass_ms, max / clean_pass_ms);
        let is_kept = max_times <= EXACT_TIMES;
        println!(
            "| {document} | | exact: {p50_times:.2}×, at most {max_times:.2}× one clean pass | | | | {p50:.0} | | \
             {max:.0} | {} | | {clean_pass_ms:.0} | ≤ {EXACT_TIMES}×: {} |",
            times.len(),
            if is_kept { "kept" } else { "MISSED" },
        );
        self.keep(json!({
            "document": document, "exactAfterPause": { "p50": p50, "max": max }, "cleanPass": clean_pass_ms,
            "times": { "p50": p50_times, "max": max_times }, "kept": is_kept,
        }))
    }

    /// One of the programs that an author would use without Quire.
    pub(crate) fn add_peer(
        &mut self,
        document: &str,
        place: f64,
        peer: &str,
        times: &[f64],
    ) -> Result<()> {
        let (p50, max) = (quantile(times, 0.5), quantile(times, 1.0));
        println!(
            "| {document} | {:.0} % | {peer} | | | | {p50:.0} | | {max:.0} | {} | | | |",
            place * 100.0,
            times.len()
        );
        self.keep(
            json!({ "document": document, "place": place, "peer": peer, "p50": p50, "max": max }),
        )
    }
}
