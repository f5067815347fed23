//! The worker program. Not for people: Quire starts it.

use quire_tex_engine::worker;
use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["serve", bundle, memory] if memory.parse::<u64>().is_ok() => {
            worker::serve(Path::new(bundle), memory.parse().unwrap_or_default())
        }
        #[cfg(target_os = "linux")]
        ["live", bundle, memory] if memory.parse::<u64>().is_ok() => {
            worker::serve_live(Path::new(bundle), memory.parse().unwrap_or_default())
        }
        ["exec", spec] => worker::run_confined(spec),
        ["enclose", ref words @ ..] => worker::enclose(words),
        ["warm-fonts"] => worker::warm_fonts(),
        ["format-serial"] => {
            println!("{}", worker::format_serial());
            ExitCode::SUCCESS
        }
        ["make-format", bundle] => finish(worker::make_format(Path::new(bundle), 0)),
        _ => {
            eprintln!(
                "usage: quire-tex-worker serve BUNDLE MEMORY | exec SPEC | enclose [NAME=VALUE …] -- PROGRAM … | warm-fonts | format-serial | \
                 make-format BUNDLE\nThis program is started by Quire."
            );
            ExitCode::from(2)
        }
    }
}

fn finish(made: Result<u64, String>) -> ExitCode {
    match made {
        Ok(bytes) => {
            println!("{bytes} bytes");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("cannot make the format: {reason}");
            ExitCode::FAILURE
        }
    }
}
