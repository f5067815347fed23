//! `quire-relay`: see [`quire_relay`].

mod operator;

use clap::{Parser, Subcommand};
use quire_relay::{
    config::{self, Config, Sources},
    traces,
};
use std::{path::PathBuf, process::ExitCode};
use tracing_subscriber::EnvFilter;

/// Authors of one document meet here
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    sources: Sources,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve documents until told to end (SIGTERM); what is told to be saved is on the disk
    Serve,
    /// Manage accounts and keys, also while the relay serves
    #[command(subcommand)]
    Admin(operator::Admin),
    /// Check that nothing of what is kept was changed or lost, also while the relay serves
    Verify {
        /// What an earlier check has told of the audit log: it has to be in it still
        #[arg(long, value_name = "HASH")]
        audit: Option<String>,
    },
    /// Copy everything to a new folder, also while the relay serves, and read the copy
    Backup {
        /// The new folder
        folder: PathBuf,
    },
    /// Make the relay's folder, which must not be there, of a copy
    Restore {
        /// What `backup` has made
        folder: PathBuf,
    },
    /// Make a project of an archive of sources, while the relay does not serve
    Import {
        /// A zip, tar or tar.gz, as Overleaf and arXiv have them
        archive: PathBuf,
        /// The address of the one who is to own it
        #[arg(long, value_name = "EMAIL")]
        owner: String,
        /// What it is called; as the archive, if it is not said
        #[arg(long)]
        name: Option<String>,
    },
    /// Take accounts over from another program
    ImportUsers {
        /// A file with one JSON object in a line: email, name, and password, a hash of bcrypt or argon2id
        file: PathBuf,
    },
    /// Show all settings, what they mean and their defaults
    Config,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("quire-relay: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let Arguments { sources, command } = Arguments::parse();
    if let Command::Config = command {
        print!("{}", config::described());
        return Ok(());
    }
    let config = sources.load(std::env::vars())?;
    let log = EnvFilter::try_from_env("QUIRE_RELAY_LOG").unwrap_or_else(|_| "info".into());
    let is_serving = matches!(command, Command::Serve);
    let none = config::Traces::default();
    let traces = traces::start(log, if is_serving { &config.traces } else { &none })?;
    let done = done(command, config).await;
    traces.end().await;
    done
}

async fn done(command: Command, config: Config) -> anyhow::Result<()> {
    match command {
        Command::Serve => quire_relay::serve(config).await,
        Command::Admin(admin) => operator::admin(&config, admin).await,
        Command::Verify { audit } => operator::verify(&config, audit).await,
        Command::Backup { folder } => operator::backup(&config, folder).await,
        Command::Restore { folder } => operator::restore(&config, folder).await,
        Command::Import { archive, owner, name } => {
            operator::import(&config, &archive, &owner, name).await
        }
        Command::ImportUsers { file } => operator::import_users(&config, &file).await,
        Command::Config => Ok(()),
    }
}
