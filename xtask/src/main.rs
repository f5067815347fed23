//! Every developer command. What it needs it installs; what it cannot install it names.

mod bench;
mod bundle;
mod check;
mod fuzz;
mod paths;
mod pdfium;
mod setup;
mod shell;
mod test;
mod ui;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::{path::PathBuf, process::Command as Process};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Quire's developer commands")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install system packages and tools, build the TeX bundle
    Setup,
    /// Build the sample project and say where its PDF is
    Run,
    /// Set up, check, and run every test
    Test {
        /// Only tests whose name contains this
        filter: Option<String>,
    },
    /// Write the TypeScript of the interface between window and application
    Bindings,
    /// Compare every page of the golden documents with what was blessed
    Golden {
        /// Only documents whose name contains this
        filter: Option<String>,
        /// Accept what there is now
        #[arg(long)]
        bless: bool,
    },
    /// Formatting, lints, dependency directions, licences, house rules
    Check,
    /// Measure, beside the peers, in one run
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
    /// Feed hostile bytes to the parsers with libFuzzer
    Fuzz {
        /// Only this parser; without it, each in turn
        target: Option<String>,
        /// Time for each
        #[arg(long, default_value_t = 600)]
        seconds: u32,
    },
    /// Build a TeX bundle into the cache and print its folder
    Bundle {
        /// Recipe in tex-bundles/
        #[arg(default_value = "full")]
        name: String,
        /// Take files from this TeX Live (the folder with texmf-dist and tlpkg) instead of packages
        #[arg(long)]
        texlive: Option<PathBuf>,
        /// Also write the compressed archive for distribution into this folder
        #[arg(long)]
        archive: Option<PathBuf>,
    },
}

fn main() -> Result<()> {
    match Args::parse().command {
        Command::Setup => setup::all().map(|_| ()),
        Command::Run => run(),
        Command::Test { filter } => test::run(filter.as_deref()),
        Command::Bindings => ui::bindings(),
        Command::Golden { filter, bless } => test::golden(filter.as_deref(), bless),
        Command::Check => {
            setup::system_packages()?;
            check::all()
        }
        Command::Bench { what } => bench::run(&what),
        Command::Fuzz { target, seconds } => fuzz::run(target.as_deref(), seconds),
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

/// Until there is a window: build the sample project as an author would.
fn run() -> Result<()> {
    setup::system_packages()?;
    let bundle = bundle::ensure("core", None)?;
    setup::build(&["--package", "quire-cli", "--bin", "quire"])?;
    let sample = paths::root().join("tests/fixtures/sample");
    let out = paths::target().join("sample");
    shell::run(
        Process::new(paths::built("quire"))
            .arg("build")
            .arg(&sample)
            .arg("--out")
            .arg(&out)
            .env("QUIRE_BUNDLE", &bundle)
            .env("QUIRE_TEX_WORKER", paths::built("quire-tex-worker")),
    )?;
    println!("{}", out.join("main.pdf").display());
    Ok(())
}
