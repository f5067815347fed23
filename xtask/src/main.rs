//! Every developer command. What it needs it installs; what it cannot install it names.

mod bundle;
mod paths;
mod setup;
mod shell;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Quire's developer commands")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install system packages and build the TeX bundle
    Setup,
    /// Build a TeX bundle into the cache and print its folder
    Bundle {
        /// Recipe in tex-bundles/
        #[arg(default_value = "full")]
        name: String,
        /// Take files from this TeX Live (the folder with texmf-dist and tlpkg) instead of packages
        #[arg(long)]
        texlive: Option<std::path::PathBuf>,
        /// Also write the compressed archive for distribution into this folder
        #[arg(long)]
        archive: Option<std::path::PathBuf>,
    },
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Setup => setup::all().map(|_| ()),
        Command::Bundle { name, texlive, archive } => {
            setup::system_packages()?;
            let dir = bundle::ensure(&name, texlive)?;
            println!("{}", dir.display());
            if let Some(folder) = archive {
                println!("{}", quire_bundle::build::pack_archive(&dir, &folder)?.display());
            }
            Ok(())
        }
    }
}
