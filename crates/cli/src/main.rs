//! `quire`: build, check and watch LaTeX documents from a terminal.
//!
//! Exit codes: 0 built (warnings allowed), 1 the document has errors or ran into a limit, 2 the
//! command line or the installation is at fault, 130 ended by Ctrl-C.

mod args;
mod build;
mod bundle;
mod clean;
mod doctor;
mod document;
mod errors;
mod json;
mod live;
mod progress;
mod render;
mod synctex;
mod texlive;
mod watch;

use args::{Cli, Color, Command};
use clap::{CommandFactory, Parser};
use errors::Failure;
use std::{
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

/// Exit code when the command line or the installation is at fault.
const FAULT: u8 = 2;

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let done = match cli.command {
        Command::Build(args) if args.watch => watch::run(&args.output),
        Command::Build(args) => build::run(&args),
        Command::Watch(args) if args.live => live::run(&args.output),
        Command::Watch(args) => watch::run(&args.output),
        Command::Check(args) => build::check(&args),
        Command::Synctex(command) => synctex::run(&command),
        Command::Clean(args) => clean::run(&args),
        Command::Bundle(command) => bundle::run(command),
        Command::Texlive(command) => texlive::run(&command),
        Command::Doctor { bundle, container } => doctor::run(&bundle, &container),
        Command::Completions { shell } => completions(shell),
        Command::Man { out } => man(out.as_deref()),
    };
    match done {
        Ok(code) => code,
        Err(failure) => {
            progress::error(&failure);
            ExitCode::from(FAULT)
        }
    }
}

fn completions(shell: clap_complete::Shell) -> Result<ExitCode, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "quire", &mut script);
    print_bytes(&script)
}

fn man(folder: Option<&Path>) -> Result<ExitCode, Failure> {
    if let Some(folder) = folder {
        let failed =
            |e: io::Error| Failure::new(format!("cannot write to `{}`: {e}", folder.display()));
        std::fs::create_dir_all(folder).map_err(failed)?;
        clap_mangen::generate_to(Cli::command(), folder).map_err(failed)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|e| Failure::new(format!("cannot make the manual page: {e}")))?;
    print_bytes(&page)
}

/// Write to standard output; a reader that has gone is no error.
fn print_bytes(bytes: &[u8]) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write to standard output: {e}")))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}
