//! Every developer command. What it needs it installs; what it cannot install it names.

mod bench;
mod bundle;
mod check;
mod container;
mod dictionaries;
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
    /// Open the editor on a sample project; without a display, leave a picture and the PDF
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
    /// Build every template and make the pictures of their first pages anew
    Templates {
        /// Only templates whose id contains this
        filter: Option<String>,
    },
    /// Formatting, lints, dependency directions, licences, house rules
    Check,
    /// Measure, beside the peers, in one run
    Bench {
        #[command(subcommand)]
        what: bench::What,
    },
    /// Edit documents at random and compare all pages with those of a build after each edit
    Trial {
        #[command(subcommand)]
        what: test::Trial,
    },
    /// Feed hostile bytes to the parsers with libFuzzer
    Fuzz {
        /// Only this parser; without it, each in turn
        target: Option<String>,
        /// Time for each
        #[arg(long, default_value_t = 600)]
        seconds: u32,
    },
    /// Build the image of the TeX Live engine from Debian packages, as a tar file to import
    Image {
        /// `small` or `full`
        #[arg(default_value = "small")]
        size: String,
        /// The file
        #[arg(long)]
        out: PathBuf,
    },
    /// Run a program with a container engine that has TeX Live, as tests have it
    Container {
        /// The program and its arguments
        #[arg(required = true, trailing_var_arg = true)]
        command: Vec<String>,
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
        Command::Templates { filter } => test::templates(filter.as_deref()),
        Command::Check => {
            setup::system_packages()?;
            check::all()
        }
        Command::Bench { what } => bench::run(&what),
        Command::Trial { what } => test::trial(&what),
        Command::Fuzz { target, seconds } => fuzz::run(target.as_deref(), seconds),
        Command::Image { size, out } => container::image_file(&size, &out),
        Command::Container { command } => {
            let engine = container::Service::start()?;
            shell::run(
                Process::new(&command[0])
                    .args(&command[1..])
                    .env("QUIRE_CONTAINER_HOST", engine.address()),
            )
        }
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

/// Open the editor on a copy of the sample project; without a display on a virtual one, leaving a picture
/// of the window and the PDF.
fn run() -> Result<()> {
    setup::system_packages()?;
    let bundle = bundle::ensure("core", None)?;
    let pdfium = pdfium::ensure_library()?;
    dictionaries::ensure_folder()?;
    let worker = setup::worker()?;
    let desktop = setup::desktop()?;
    let out = paths::target().join("sample");
    let project = out.join("project");
    if !project.exists() {
        shell::copy_folder(&paths::root().join("tests/fixtures/sample"), &project)?;
    }
    let has_display = !cfg!(target_os = "linux")
        || ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some());
    let mut command = if has_display {
        let mut command = Process::new(&desktop);
        command.arg(&project).env("QUIRE_DATA", out.join("data"));
        command
    } else {
        setup::build(&["--workspace", "--bin", "show"])?;
        let mut command = Process::new(paths::built("show"));
        command.arg(&project).arg(out.join("data")).arg(&out);
        command
    };
    shell::run(
        command
            .env("QUIRE_BUNDLE", &bundle)
            .env("QUIRE_DESKTOP", &desktop)
            .env("QUIRE_PDFIUM", &pdfium)
            .env("QUIRE_TEX_WORKER", &worker),
    )?;
    if !has_display {
        println!("{}", out.join("window.png").display());
        println!("{}", out.join("main.pdf").display());
    }
    Ok(())
}
