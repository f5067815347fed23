//! `bench-relay`: what the relay does for a core, a line and a millisecond, beside y-websocket's server and Hocuspocus, with the
//! same load in the same run. `cargo xtask bench relay` builds and installs what it needs.

mod crowd;
mod dialect;
mod measure;
mod report;
mod server;

use anyhow::{Result, bail};
use clap::Parser;
use report::Report;
use server::Programs;
use std::{fs, path::PathBuf, time::Duration};

/// Measure the relay beside its peers
#[derive(Parser)]
struct Args {
    /// The relay's program
    #[arg(long)]
    relay: PathBuf,
    /// The folder into which the peers are installed
    #[arg(long)]
    peers: PathBuf,
    /// A recording of somebody who wrote a paper
    #[arg(long)]
    trace: PathBuf,
    /// How long each load lasts
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// The folder for the table and the JSON lines
    #[arg(long)]
    out: PathBuf,
}

fn main() -> Result<()> {
    let Args { relay, peers, trace, seconds, out } = Args::parse();
    let programs = Programs { relay, peers };
    let mut report = Report::default();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let time = Duration::from_secs(seconds);
    let measured = tokio::task::LocalSet::new()
        .block_on(&runtime, measure::everything(&programs, &trace, time, &mut report));
    fs::create_dir_all(&out)?;
    fs::write(out.join("relay.md"), report.markdown())?;
    fs::write(out.join("relay.jsonl"), report.json_lines())?;
    println!("{}", report.markdown());
    println!("written to {} and relay.jsonl", out.join("relay.md").display());
    measured?;
    let missed = report.missed();
    if !missed.is_empty() {
        bail!("bars missed: {}", missed.join("; "));
    }
    Ok(())
}
