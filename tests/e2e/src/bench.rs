//! What the benches of the window share.

use serde_json::{Value, json};

/// The editor has the text in it.
pub const EDITABLE: &str = "performance.getEntriesByName('quire:editable').length > 0";
/// The build has ended, and the status bar says how many pages there are.
pub const BUILT: &str = "/ page/.test(document.querySelector('.status-build')?.textContent ?? '') \
                         && !document.querySelector('.status-build .q-spinner')";

/// One figure beside its bar.
pub struct Figure {
    /// What was measured.
    pub name: &'static str,
    /// Of the values and the bar.
    pub unit: &'static str,
    /// One for each time that it was measured.
    pub values: Vec<f64>,
    /// Which quantile the bar is about, and the bar.
    pub bar: (f64, f64),
}

impl Figure {
    fn quantile(&self, q: f64) -> f64 {
        quantile(&self.values, q)
    }

    /// Print it as a row of a table, and as a line of JSON.
    pub fn show(&self) {
        let (q, bar) = self.bar;
        let found = self.quantile(q);
        let is_kept = found <= bar;
        println!(
            "| {} | {:.1} | {:.1} | {:.1} | {} {} ≤ {bar} | {} |",
            self.name,
            self.quantile(0.5),
            self.quantile(0.95),
            self.quantile(1.0),
            self.unit,
            if q == 1.0 { "max".to_owned() } else { format!("p{:.0}", q * 100.0) },
            if is_kept { "kept" } else { "MISSED" },
        );
        println!(
            "{}",
            json!({ "name": self.name, "unit": self.unit, "p50": self.quantile(0.5),
                    "p95": self.quantile(0.95), "max": self.quantile(1.0), "runs": self.values.len(),
                    "bar": bar, "kept": is_kept })
        );
    }
}

/// The value that this part of all values do not exceed, `q` from 0 to 1; not a number when there is none.
pub fn quantile(values: &[f64], q: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted.get((q * last as f64).round() as usize).copied().unwrap_or(f64::NAN)
}

/// What a process holds, each shared page counted in parts, in MB; nothing for one that has ended.
pub fn memory_mb(process: u32) -> f64 {
    let rollup =
        std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).unwrap_or_default();
    let pss = rollup.lines().find_map(|line| line.strip_prefix("Pss:"));
    let kilobytes = pss.and_then(|text| text.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) / 1024.0
}

/// The numbers of a list that a script has answered with.
pub fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().into_iter().flatten().filter_map(Value::as_f64).collect()
}
