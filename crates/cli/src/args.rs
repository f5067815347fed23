//! The command line.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Build LaTeX documents, offline, without a TeX installation.
#[derive(Debug, Parser)]
#[command(name = "quire", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Build a document to PDF
    Build(BuildArgs),
    /// Build again whenever a file changes, or let each page follow its text
    Watch(WatchArgs),
    /// Look for problems without writing a PDF
    Check(CheckArgs),
    /// Go from the source to the page and back
    #[command(subcommand)]
    Synctex(SynctexCommand),
    /// Forget what is kept from earlier builds of a document
    Clean(CleanArgs),
    /// The TeX support files
    #[command(subcommand)]
    Bundle(BundleCommand),
    /// Images of TeX Live, which pdfLaTeX, LuaLaTeX and XeLaTeX run in
    #[command(subcommand)]
    Texlive(TexliveCommand),
    /// Find out whether everything Quire needs works on this computer
    Doctor {
        #[command(flatten)]
        bundle: BundlePath,
        #[command(flatten)]
        container: ContainerArgs,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write all of them into a folder
    Man {
        /// The folder
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
}

#[derive(Clone, Debug, Args)]
pub(crate) struct BundlePath {
    /// Use the TeX bundle in this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) bundle: Option<PathBuf>,
}

/// Which document is meant.
#[derive(Clone, Debug, Args)]
pub(crate) struct LocationArgs {
    /// The document: a .tex file, or a folder with one; the current folder if left out
    #[arg(value_name = "DIR|FILE", default_value = ".")]
    pub(crate) target: PathBuf,
    /// The root file, relative to the project folder, when there are several
    #[arg(long, value_name = "FILE")]
    pub(crate) root: Option<String>,
    /// The project folder: the document can read what is in it and nothing else
    #[arg(long, value_name = "DIR")]
    pub(crate) project: Option<PathBuf>,
}

/// What runs containers.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RuntimeArgs {
    /// The container runtime: its socket, such as unix:///run/podman/podman.sock; or `host` for the TeX Live of this
    /// computer inside bubblewrap; found by itself if left out
    #[arg(long, value_name = "SOCKET|host")]
    pub(crate) container: Option<String>,
}

/// Which container TeX Live runs in.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ContainerArgs {
    #[command(flatten)]
    pub(crate) runtime: RuntimeArgs,
    /// The image with TeX Live; the first known one on this computer if left out
    #[arg(long, value_name = "NAME", env = "QUIRE_TEXLIVE_IMAGE")]
    pub(crate) image: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct DocumentArgs {
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    /// The TeX engine
    #[arg(long, value_enum, default_value_t = Engine::Tectonic)]
    pub(crate) engine: Engine,
    #[command(flatten)]
    pub(crate) container: ContainerArgs,
    /// Let this document run programs, as minted needs it: inside TeX Live's sandbox, without network
    #[arg(long)]
    pub(crate) shell_escape: bool,
    /// Leave pictures out: frames of their size are in their place
    #[arg(long)]
    pub(crate) draft: bool,
    /// Let TeX Live stop at the first error instead of making what pages it can
    #[arg(long)]
    pub(crate) stop_on_first_error: bool,
    #[command(flatten)]
    pub(crate) bundle: BundlePath,
    /// Stop after this time, such as 90s or 5m
    #[arg(long, value_name = "TIME", default_value = "60s", value_parser = parse_time)]
    pub(crate) timeout: std::time::Duration,
    /// Stop at this much memory, such as 512M or 2G
    #[arg(long, value_name = "SIZE", default_value = "2G", value_parser = parse_size)]
    pub(crate) memory: u64,
    /// Stop when this much is written, such as 512M; 512M for the built-in engine, 2G for TeX Live's if left out
    #[arg(long, value_name = "SIZE", value_parser = parse_output)]
    pub(crate) max_output: Option<u64>,
    /// Processors that TeX Live may keep busy
    #[arg(long, value_name = "NUMBER", default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) cpus: u32,
    /// Processes that TeX Live may have at once
    #[arg(long, value_name = "NUMBER", default_value_t = 256, value_parser = clap::value_parser!(u32).range(32..=4096))]
    pub(crate) processes: u32,
    /// Print events and diagnostics as JSON, one object a line, on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Say nothing but errors
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
    /// Show every warning and hint
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// What to build and what to write.
#[derive(Clone, Debug, Args)]
pub(crate) struct OutputArgs {
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
    /// Write the PDF into this folder instead of beside the root file
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// Write no SyncTeX file
    #[arg(long)]
    pub(crate) no_synctex: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Build again whenever a file changes
    #[arg(long)]
    pub(crate) watch: bool,
    /// Write the log beside the PDF
    #[arg(long)]
    pub(crate) keep_log: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct WatchArgs {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// Typeset from just before each edit, tell of each page that changes and how long it took, as
    /// JSON lines; an editor sends its edits on standard input (docs/live.md)
    #[arg(long)]
    pub(crate) live: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) document: DocumentArgs,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct CleanArgs {
    #[command(flatten)]
    pub(crate) location: LocationArgs,
    /// Also remove the PDF and SyncTeX files that Quire wrote, if they are unchanged
    #[arg(long)]
    pub(crate) outputs: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SynctexCommand {
    /// Print where a line of a source is on the pages
    View {
        /// The line, counted from 1
        #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
        line: u32,
        /// The file it is in, if not the one that is built
        #[arg(long, value_name = "FILE")]
        input: Option<PathBuf>,
        #[command(flatten)]
        document: DocumentArgs,
    },
    /// Print which line of a source a place on a page came from
    Edit {
        /// The page, counted from 1
        #[arg(long)]
        page: usize,
        /// From the left edge of the page, in PDF points (72 to an inch)
        #[arg(short)]
        x: f64,
        /// From the upper edge of the page
        #[arg(short)]
        y: f64,
        #[command(flatten)]
        document: DocumentArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Show what is in the bundle
    Info {
        #[command(flatten)]
        bundle: BundlePath,
    },
    /// Check every file of the bundle
    Verify {
        #[command(flatten)]
        bundle: BundlePath,
    },
    /// Build a bundle from a recipe
    Build {
        /// The recipe, such as tex-bundles/core.toml
        recipe: PathBuf,
        /// Take files from this TeX Live (the folder with texmf-dist and tlpkg) instead of
        /// downloading Debian packages
        #[arg(long, value_name = "DIR")]
        texlive: Option<PathBuf>,
        /// Also write the compressed archive for distribution into this folder
        #[arg(long, value_name = "DIR")]
        archive: Option<PathBuf>,
    },
    /// Install a bundle from its archive
    Install {
        /// The .tar.zst file
        archive: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TexliveCommand {
    /// Fetch an image with TeX Live from its registry
    Pull {
        /// Its name
        #[arg(default_value = "docker.io/texlive/texlive:latest")]
        image: String,
        #[command(flatten)]
        runtime: RuntimeArgs,
    },
    /// Clear what TeX Live's builds of all documents left: the next begin from nothing
    Clean,
    /// Make an image of a file that tex-bundles/container/build.sh has built
    Import {
        /// The .tar file
        file: PathBuf,
        /// What the image is called then
        #[arg(long, default_value = "localhost/quire-texlive:small")]
        name: String,
        #[command(flatten)]
        runtime: RuntimeArgs,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Engine {
    /// The built-in engine (XeTeX)
    Tectonic,
    /// pdfLaTeX of TeX Live, in a sandbox
    Pdflatex,
    /// LuaLaTeX of TeX Live, in a sandbox
    Lualatex,
    /// XeLaTeX of TeX Live, in a sandbox
    Xelatex,
}

/// `90s`, `5m`, `1h`, or a plain number of seconds.
fn parse_time(text: &str) -> Result<std::time::Duration, String> {
    let (number, unit_s) = match text.char_indices().next_back() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        _ => (text, 1),
    };
    let seconds: u64 = number.parse().map_err(|_| format!("`{text}` is not a time like 90s"))?;
    match seconds.checked_mul(unit_s) {
        Some(seconds @ 1..=86_400) => Ok(std::time::Duration::from_secs(seconds)),
        _ => Err("a time between 1s and 24h".to_owned()),
    }
}

fn parse_size(text: &str) -> Result<u64, String> {
    match size(text)? {
        bytes if bytes >= 256 << 20 => Ok(bytes),
        _ => Err("at least 256M: the engine needs that for itself".to_owned()),
    }
}

fn parse_output(text: &str) -> Result<u64, String> {
    match size(text)? {
        bytes if bytes >= 1 << 20 => Ok(bytes),
        _ => Err("at least 1M".to_owned()),
    }
}

/// `512M`, `2G`, or a plain number of bytes.
fn size(text: &str) -> Result<u64, String> {
    let (number, shift) = match text.char_indices().next_back() {
        Some((at, 'K' | 'k')) => (&text[..at], 10),
        Some((at, 'M' | 'm')) => (&text[..at], 20),
        Some((at, 'G' | 'g')) => (&text[..at], 30),
        _ => (text, 0),
    };
    let size: u64 = number.parse().map_err(|_| format!("`{text}` is not a size like 2G"))?;
    size.checked_mul(1 << shift).ok_or_else(|| format!("`{text}` is more than any computer has"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn times_and_sizes() {
        assert_eq!(parse_time("5m").unwrap().as_secs(), 300);
        assert_eq!(parse_time("7").unwrap().as_secs(), 7);
        assert!(parse_time("0s").is_err() && parse_time("x").is_err() && parse_time("").is_err());
        assert_eq!(parse_size("2G").unwrap(), 2 << 30);
        assert_eq!(parse_output("16M").unwrap(), 16 << 20);
        assert!(parse_output("1K").is_err() && parse_output("M").is_err());
        assert!(parse_size("1K").is_err() && parse_size("99999999999G").is_err());
    }
}
