//! `quire-relay`: see [`quire_relay`].

use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;

/// Authors of one document meet here
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve documents until told to end (SIGTERM); what is told to be saved is on the disk
    Serve(quire_relay::config::Config),
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let filter = EnvFilter::try_from_env("QUIRE_RELAY_LOG").unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Arguments::parse().command {
        Command::Serve(config) => quire_relay::serve(config).await,
    }
}
