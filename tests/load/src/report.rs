//! What was measured, as a table and as JSON lines, and whether the bars are kept.

use crate::server::{KINDS, Kind};
use serde_json::json;
use std::fmt::Write as _;

/// What ours has to be.
#[derive(Clone, Copy)]
pub(crate) enum Bar {
    /// At most this.
    AtMost(f64),
    /// At least so many times the best of the peers.
    Times(f64),
}

/// One thing that was measured.
pub(crate) struct Figure {
    pub(crate) what: String,
    pub(crate) unit: &'static str,
    pub(crate) bar: Option<Bar>,
    values: [Option<f64>; 3],
}

impl Figure {
    fn ours(&self) -> Option<f64> {
        self.values[0]
    }

    /// Ours by the greatest of the peers'.
    fn ratio(&self) -> Option<f64> {
        let best = self.values[1..].iter().flatten().copied().reduce(f64::max)?;
        Some(self.ours()? / best)
    }

    fn verdict(&self) -> Option<(bool, String)> {
        Some(match self.bar? {
            Bar::AtMost(bar) => (self.ours()? <= bar, format!("at most {bar} {}", self.unit)),
            Bar::Times(bar) => {
                let ratio = self.ratio()?;
                (ratio >= bar, format!("{bar} × the better peer: {ratio:.1} ×"))
            }
        })
    }
}

/// All figures, in the order in which they came.
#[derive(Default)]
pub(crate) struct Report(Vec<Figure>);

impl Report {
    pub(crate) fn put(
        &mut self,
        kind: Kind,
        what: impl Into<String>,
        unit: &'static str,
        value: f64,
        bar: Option<Bar>,
    ) {
        let what = what.into();
        eprintln!("{}: {what}: {} {unit}", kind.name(), shown(value));
        let at = match self.0.iter().position(|figure| figure.what == what) {
            Some(at) => at,
            None => {
                self.0.push(Figure { what, unit, bar, values: [None; 3] });
                self.0.len() - 1
            }
        };
        let nth = KINDS.iter().position(|known| *known == kind).unwrap_or(0);
        self.0[at].values[nth] = Some(value);
    }

    pub(crate) fn markdown(&self) -> String {
        let mut table = String::from("| what | unit |");
        for kind in KINDS {
            write!(table, " {} |", kind.name()).unwrap_or_default();
        }
        table += " bar |\n|---|---|---|---|---|---|\n";
        for figure in &self.0 {
            write!(table, "| {} | {} |", figure.what, figure.unit).unwrap_or_default();
            for value in figure.values {
                let value = value.map(shown).unwrap_or_default();
                write!(table, " {value} |").unwrap_or_default();
            }
            let verdict = figure.verdict().map(|(is_kept, bar)| {
                format!("{bar} – {}", if is_kept { "kept" } else { "missed" })
            });
            writeln!(table, " {} |", verdict.unwrap_or_default()).unwrap_or_default();
        }
        table
    }

    pub(crate) fn json_lines(&self) -> String {
        let mut lines = String::new();
        for figure in &self.0 {
            for (kind, value) in KINDS.iter().zip(figure.values) {
                let Some(value) = value else { continue };
                let what = &figure.what;
                let line =
                    json!({ "what": what, "server": kind, "value": value, "unit": figure.unit });
                writeln!(lines, "{line}").unwrap_or_default();
            }
        }
        lines
    }

    /// What misses its bar.
    pub(crate) fn missed(&self) -> Vec<&str> {
        let is_missed = |figure: &&Figure| figure.verdict().is_some_and(|(is_kept, _)| !is_kept);
        self.0.iter().filter(is_missed).map(|figure| &*figure.what).collect()
    }
}

fn shown(value: f64) -> String {
    if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") }
}

/// The value below which this part of them lies. They are ascending.
pub(crate) fn quantile(ascending: &[u32], q: f64) -> f64 {
    let at = ((ascending.len() as f64 * q).ceil() as usize).clamp(1, ascending.len().max(1)) - 1;
    ascending.get(at).copied().map_or(f64::NAN, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_held_against_the_better_peer() {
        let mut report = Report::default();
        for (kind, value) in KINDS.into_iter().zip([9.0, 1.0, 2.0]) {
            report.put(kind, "deliveries", "1/s", value, Some(Bar::Times(5.0)));
            report.put(kind, "memory", "KB", value, Some(Bar::AtMost(12.0)));
        }
        assert_eq!(report.missed(), ["deliveries"]);
        assert!(report.markdown().contains("4.5 ×"), "{}", report.markdown());
        assert_eq!(report.json_lines().lines().count(), 6);
        assert_eq!(quantile(&[1, 2, 3, 4], 0.5), 2.0);
    }
}
