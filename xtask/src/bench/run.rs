//! One program run with its time, its peak memory and whether it succeeded; ours and the peers'.

use super::documents::Document;
use anyhow::{Context, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Builder {
    Quire,
    XeLatex,
    PdfLatex,
}

pub(super) const BUILDERS: [Builder; 3] = [Builder::Quire, Builder::XeLatex, Builder::PdfLatex];

/// One run.
#[derive(Clone, Copy)]
pub(super) struct Run {
    pub(super) time: Duration,
    /// Resident, of the program and all that it starts.
    pub(super) peak_kb: u64,
    /// It says that the document has no errors.
    pub(super) succeeded: bool,
}

/// Where programs and what they need are.
pub(super) struct Places {
    pub(super) bundle: PathBuf,
    /// Folder of our programs.
    pub(super) programs: PathBuf,
    /// Our cache. What an installation keeps (the list of fonts) stays; builds are cleared.
    pub(super) cache: PathBuf,
    /// Files that the peers' TeX installation lacks.
    pub(super) supplement: PathBuf,
    /// The same fonts for the peers as for us.
    pub(super) font_config: PathBuf,
}

/// Build the document in `project` once.
pub(super) fn build(
    builder: Builder,
    places: &Places,
    project: &Path,
    document: &Document,
) -> Result<Run> {
    let root = project.join(document.root);
    let folder = root.parent().unwrap_or(project);
    let name = root.file_name().unwrap_or_default();
    let mut command;
    match builder {
        Builder::Quire => {
            command = Command::new(places.programs.join("quire"));
            command
                .args(["build", "--quiet", "--no-synctex", "--project"])
                .arg(project)
                .arg(&root)
                .env("QUIRE_BUNDLE", &places.bundle)
                .env("QUIRE_CACHE", &places.cache);
        }
        Builder::XeLatex | Builder::PdfLatex => {
            let engine = if builder == Builder::XeLatex { "-xelatex" } else { "-pdf" };
            let search = format!("{}//:", places.supplement.display());
            let fonts = format!("{search}{}//:", places.bundle.join("fonts").display());
            command = Command::new("latexmk");
            command
                .args([engine, "-interaction=nonstopmode", "-silent", "-f"])
                .arg(name)
                .current_dir(folder)
                .env("FONTCONFIG_FILE", &places.font_config);
            // The empty part at the end stands for what is searched by default.
            command.env("TEXINPUTS", format!(".:{search}"));
            command.env("TTFONTS", &fonts).env("OPENTYPEFONTS", &fonts);
        }
    }
    timed(&mut command)
}

/// Sampled every 2 ms.
fn timed(command: &mut Command) -> Result<Run> {
    let start = Instant::now();
    let mut child = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
    let mut peak_kb = 0;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Run { time: start.elapsed(), peak_kb, succeeded: status.success() });
        }
        peak_kb = peak_kb.max(tree_kb(child.id()));
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Resident memory of a process and all below it, in kB.
fn tree_kb(pid: u32) -> u64 {
    let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let own = read("status")
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok())
        .unwrap_or(0);
    let children = read(&format!("task/{pid}/children"));
    own + children.split_whitespace().filter_map(|id| id.parse().ok()).map(tree_kb).sum::<u64>()
}
