//! `cargo xtask bench engine`: full build, one-word change and no change, ours beside latexmk's in
//! the same run, interleaved, so that a busy machine slows all alike.

use crate::{bundle, paths, setup, shell};
use anyhow::{Context, Result, bail};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// What to measure.
#[derive(clap::Subcommand)]
pub(crate) enum What {
    /// The TeX engine and the build driver
    Engine {
        /// Repetitions of each measurement
        #[arg(long, default_value_t = 5)]
        repeat: usize,
        /// Only documents whose name contains this
        #[arg(long)]
        only: Option<String>,
    },
}

/// A document: folder in the corpus, root in it, a word of it that is changed, in which file.
struct Document {
    folder: &'static str,
    root: &'static str,
    edited: &'static str,
    word: &'static str,
}

const DOCUMENTS: [Document; 8] = [
    Document { folder: "arxiv-style", root: "template.tex", edited: "template.tex", word: "Lorem" },
    Document {
        folder: "awesome-cv",
        root: "examples/resume.tex",
        edited: "examples/resume/summary.tex",
        word: "Seasoned",
    },
    Document { folder: "mtheme", root: "demo/demo.tex", edited: "demo/demo.tex", word: "minimal" },
    Document { folder: "synthetic", root: "book-246p.tex", edited: "book-246p.tex", word: "the " },
    Document {
        folder: "synthetic",
        root: "paper-27p.tex",
        edited: "paper-27p.tex",
        word: "mollit",
    },
    Document {
        folder: "synthetic",
        root: "features/ams.tex",
        edited: "features/ams.tex",
        word: "See ",
    },
    Document {
        folder: "synthetic",
        root: "features/biblatex.tex",
        edited: "features/biblatex.tex",
        word: "Text",
    },
    Document {
        folder: "synthetic",
        root: "features/tikz.tex",
        edited: "features/tikz.tex",
        word: "\\begin{document}",
    },
];

/// The peers' packages, from the same distribution as the bundle's.
const PEERS: [&str; 9] = [
    "biber",
    "cm-super",
    "latexmk",
    "texlive-bibtex-extra",
    "texlive-fonts-extra",
    "texlive-latex-extra",
    "texlive-publishers",
    "texlive-science",
    "texlive-xetex",
];

pub(crate) fn run(what: &What) -> Result<()> {
    let What::Engine { repeat, only } = what;
    setup::system_packages()?;
    if !shell::exists("latexmk") || !shell::exists("xelatex") {
        setup::apt(&[&["install", "-qq", "-y", "--no-install-recommends"], &PEERS[..]].concat())?;
    }
    let bundle = bundle::ensure("full", None)?;
    let release = ["build", "--quiet", "--release"];
    let root = paths::root();
    shell::run(
        Command::new(env!("CARGO")).args(release).args(["-p", "quire-cli"]).current_dir(&root),
    )?;
    shell::run(
        Command::new(env!("CARGO"))
            .args(release)
            .args(["-p", "quire-tex-engine", "--features", "worker", "--bin", "quire-tex-worker"])
            .current_dir(&root),
    )?;
    let corpus = root.join("../shared/corpus");
    let ours = Ours { bundle, bin: paths::target().join("release") };
    let mut table = String::from(
        "| document | what | quire p50 | p95 | MB | latexmk -xelatex p50 | p95 | MB | latexmk -pdf p50 | ratio | bar |\n\
         |---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let mut missed = 0;
    for document in &DOCUMENTS {
        if only.as_ref().is_some_and(|only| !document.root.contains(only.as_str())) {
            continue;
        }
        missed += measure(document, &corpus, &ours, *repeat, &mut table)
            .with_context(|| document.root.to_owned())?;
    }
    let folder = paths::target().join("bench");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("engine.md"), &table)?;
    println!("{}\n{table}", versions()?);
    println!("written to {}", folder.join("engine.md").display());
    if missed > 0 {
        bail!("{missed} measurements miss their bar");
    }
    Ok(())
}

struct Ours {
    bundle: PathBuf,
    bin: PathBuf,
}

/// Times of one kind of measurement.
#[derive(Default)]
struct Samples {
    times: Vec<Duration>,
    peak_kb: u64,
}

impl Samples {
    fn quantile_ms(&self, q: f64) -> f64 {
        let mut times = self.times.clone();
        times.sort();
        let at = ((times.len() as f64 * q).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3)
    }

    fn push(&mut self, (time, kb): (Duration, u64)) {
        self.times.push(time);
        self.peak_kb = self.peak_kb.max(kb);
    }
}

/// Measure one document; returns how many bars it misses.
fn measure(
    document: &Document,
    corpus: &Path,
    ours: &Ours,
    repeat: usize,
    table: &mut String,
) -> Result<usize> {
    let work = paths::target().join("bench").join("work");
    let mut kinds: [(&str, f64, [Samples; 3]); 3] = [
        ("cold", 1.0, Default::default()),
        ("one word", 0.9, Default::default()),
        ("no change", f64::INFINITY, Default::default()),
    ];
    for round in 0..repeat {
        for peer in 0..3 {
            if work.exists() {
                fs::remove_dir_all(&work)?;
            }
            let project = work.join(document.folder);
            copy(&corpus.join(document.folder), &project)?;
            let once = || match peer {
                0 => build_ours(ours, &project, document, &work),
                1 => latexmk(&project, document, "-xelatex"),
                _ => latexmk(&project, document, "-pdf"),
            };
            kinds[0].2[peer].push(once()?);
            change(&project.join(document.edited), document.word, round)?;
            kinds[1].2[peer].push(once()?);
            kinds[2].2[peer].push(once()?);
        }
    }
    let mut missed = 0;
    for (name, bar, [quire, xelatex, pdflatex]) in &kinds {
        let ratio = quire.quantile_ms(0.5) / xelatex.quantile_ms(0.5);
        let kept =
            if *name == "no change" { quire.quantile_ms(0.5) <= 50.0 } else { ratio <= *bar };
        missed += usize::from(!kept);
        writeln!(
            table,
            "| {} | {name} | {:.0} | {:.0} | {} | {:.0} | {:.0} | {} | {:.0} | {ratio:.2} | {} |",
            document.root,
            quire.quantile_ms(0.5),
            quire.quantile_ms(0.95),
            quire.peak_kb / 1024,
            xelatex.quantile_ms(0.5),
            xelatex.quantile_ms(0.95),
            xelatex.peak_kb / 1024,
            pdflatex.quantile_ms(0.5),
            if kept { "kept" } else { "missed" },
        )?;
    }
    eprint!("{}", table.lines().rev().take(3).collect::<Vec<_>>().join("\n") + "\n");
    Ok(missed)
}

fn build_ours(
    ours: &Ours,
    project: &Path,
    document: &Document,
    work: &Path,
) -> Result<(Duration, u64)> {
    let mut command = Command::new(ours.bin.join("quire"));
    command
        .args(["build", "--quiet", "--no-synctex", "--project"])
        .arg(project)
        .arg(project.join(document.root))
        .env("QUIRE_BUNDLE", &ours.bundle)
        .env("QUIRE_CACHE", work.join("cache"));
    timed(&mut command)
}

fn latexmk(project: &Path, document: &Document, engine: &str) -> Result<(Duration, u64)> {
    let root = project.join(document.root);
    let folder = root.parent().unwrap_or(project);
    let mut command = Command::new("latexmk");
    command
        .args([engine, "-interaction=nonstopmode", "-silent", "-f"])
        .arg(root.file_name().unwrap_or_default())
        .current_dir(folder);
    timed(&mut command)
}

/// Run a program and take its time and the peak memory of it and what it starts, sampled every 2 ms.
/// A document that an engine finds faults in is measured all the same: it has worked.
fn timed(command: &mut Command) -> Result<(Duration, u64)> {
    let mut wrapped = Command::new("bash");
    wrapped
        .args(["-c", "\"$@\"; echo", "bench"])
        .arg(command.get_program())
        .args(command.get_args());
    for (key, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(key, value),
            None => wrapped.env_remove(key),
        };
    }
    if let Some(folder) = command.get_current_dir() {
        wrapped.current_dir(folder);
    }
    let start = Instant::now();
    let mut child = wrapped.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak_kb = 0;
    loop {
        if child.try_wait()?.is_some() {
            return Ok((start.elapsed(), peak_kb));
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

/// Change one word in the body, another way each round.
fn change(file: &Path, word: &str, round: usize) -> Result<()> {
    let bytes = fs::read(file)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let body = text.find("\\begin{document}").unwrap_or(0);
    let at = text[body..].find(word).map(|at| body + at + word.len());
    let at = at.with_context(|| format!("no `{word}` in {}", file.display()))?;
    fs::write(file, format!("{} changed{round} {}", &text[..at], &text[at..]))?;
    Ok(())
}

/// Copy a folder. Git's stand-ins for links become copies, which is what every engine can read.
fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)?.flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target)?;
            continue;
        }
        let bytes = fs::read(entry.path())?;
        let link = std::str::from_utf8(&bytes)
            .ok()
            .filter(|text| text.starts_with("../") && text.len() < 200 && !text.contains('\n'));
        match link.map(|link| from.join(link)).filter(|path| path.is_file()) {
            Some(original) => fs::write(&target, fs::read(original)?)?,
            None => fs::write(&target, &bytes)?,
        }
    }
    Ok(())
}

fn versions() -> Result<String> {
    let mut text = String::new();
    for program in ["latexmk", "xelatex", "pdflatex"] {
        let output = Command::new(program).arg("--version").output()?;
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        let line = words.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        writeln!(text, "{program}: {line}")?;
    }
    Ok(text)
}
