//! `cargo xtask bench engine`: full build, one-word change and no change, ours beside latexmk's in
//! the same run, interleaved, so that a busy machine slows all alike.

mod app;
mod documents;
mod relay;
mod run;

use crate::{bundle, paths, setup, shell};
use anyhow::{Context, Result, bail, ensure};
use documents::{DOCUMENTS, Document};
use quire_bundle::{BundleDir, Pack};
use run::{BUILDERS, Builder, Places, Run, build};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// What to measure.
#[derive(clap::Subcommand)]
pub(crate) enum What {
    /// The window: start, typing, pages, scrolling, memory
    App,
    /// From the key to the pixels of its page
    Live {
        /// Only this document
        #[arg(long)]
        only: Option<String>,
        /// Measure nothing, but take pictures of the window while a sentence is typed, into this folder
        #[arg(long)]
        record: Option<PathBuf>,
    },
    /// TeX Live in a container: starts, cancelling, and four documents beside the TeX Live of this computer
    Container,
    /// The relay, beside y-websocket's server and Hocuspocus
    Relay {
        /// How long each load lasts
        #[arg(long, default_value_t = 10)]
        seconds: u64,
    },
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

/// The peers' packages, from the same distribution as the bundle's.
const PEERS: [&str; 14] = [
    "biber",
    "cm-super",
    "latexmk",
    "lmodern",
    "texlive-bibtex-extra",
    "texlive-fonts-extra",
    "texlive-lang-arabic",
    "texlive-lang-chinese",
    "texlive-lang-cyrillic",
    "texlive-lang-greek",
    "texlive-latex-extra",
    "texlive-publishers",
    "texlive-science",
    "texlive-xetex",
];

/// Files of our bundle's supplement that a document needs and Debian's TeX Live lacks.
const SUPPLEMENT: [&str; 5] = [
    "fontawesome6.sty",
    "fontawesome6-icons.def",
    "fa-brands-400.ttf",
    "fa-regular-400.ttf",
    "fa-solid-900.ttf",
];

/// What is measured of each document, and the bar: ours against `latexmk -xelatex`.
const KINDS: [(&str, Bar); 3] = [
    ("cold", Bar::Ratio(1.0)),
    ("one word", Bar::Ratio(0.9)),
    ("no change", Bar::Milliseconds(50.0)),
];

#[derive(Clone, Copy)]
enum Bar {
    Ratio(f64),
    Milliseconds(f64),
}

pub(crate) fn run(what: &What) -> Result<()> {
    let (repeat, only) = match what {
        What::App => return app::run(),
        What::Container => {
            peers(&[&PEERS[..], &["texlive-luatex"]].concat())?;
            return crate::test::container_bench(&folder_of("pdflatex")?);
        }
        What::Live { only, record } => return app::live(only.as_deref(), record.as_deref()),
        What::Relay { seconds } => return relay::run(*seconds),
        What::Engine { repeat, only } => (repeat, only),
    };
    setup::system_packages()?;
    peers(&PEERS)?;
    let places = places()?;
    let wanted = |document: &&Document| {
        only.as_ref().is_none_or(|only| document.name().contains(only.as_str()))
    };
    let mut table = String::from(
        "| document | what | quire p50 ms | p95 | MB | latexmk -xelatex p50 | p95 | MB | latexmk -pdf p50 \
         | p95 | MB | ratio | bar |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
    );
    let mut lines = String::new();
    let mut missed = 0;
    for document in DOCUMENTS.iter().filter(wanted) {
        let measured = measure(document, &places, *repeat).with_context(|| document.name())?;
        let mut rows = String::new();
        for ((kind, bar), samples) in KINDS.iter().zip(&measured) {
            let row = Row { document: document.name(), kind, bar: *bar, samples };
            missed += usize::from(!row.is_kept());
            rows += &row.markdown();
            lines += &row.json();
        }
        eprint!("{rows}");
        table += &rows;
    }
    let folder = paths::target().join("bench");
    fs::write(folder.join("engine.md"), format!("{}\n{table}", versions()?))?;
    fs::write(folder.join("engine.jsonl"), lines)?;
    println!("{}\n{table}", versions()?);
    println!("written to {} and engine.jsonl", folder.join("engine.md").display());
    if missed > 0 {
        bail!("{missed} measurements miss their bar");
    }
    Ok(())
}

/// Install what is measured beside ours.
fn peers(packages: &[&str]) -> Result<()> {
    if !setup::are_installed(packages)? {
        setup::apt(&[&["install", "-qq", "-y", "--no-install-recommends"], packages].concat())?;
    }
    Ok(())
}

/// Where on the search path a program is.
fn folder_of(program: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folder = std::env::split_paths(&path).find(|folder| folder.join(program).is_file());
    folder.with_context(|| format!("no {program} on the search path"))
}

/// Build what is measured, and give the peers the fonts and files that they lack.
fn places() -> Result<Places> {
    let bundle = bundle::ensure("full", None)?;
    let root = paths::root();
    let cargo = |args: &[&str]| {
        let release = ["build", "--quiet", "--release"];
        shell::run(Command::new(env!("CARGO")).args(release).args(args).current_dir(&root))
    };
    cargo(&["-p", "quire-cli"])?;
    cargo(&["-p", "quire-tex-engine", "--features", "worker", "--bin", "quire-tex-worker"])?;
    let folder = paths::target().join("bench");
    let supplement = folder.join("supplement");
    fs::create_dir_all(&supplement)?;
    // Read, not mapped: what maps files is the engine's.
    let open = BundleDir::open(&bundle)?;
    let pack = Pack::open(fs::read(open.pack_path())?)?;
    for name in SUPPLEMENT {
        let bytes = pack.get(name).with_context(|| format!("no {name} in the bundle"))?;
        fs::write(supplement.join(name), bytes)?;
    }
    let font_config = folder.join("fonts.conf");
    let cache = folder.join("fontconfig");
    fs::write(
        &font_config,
        format!(
            "<?xml version=\"1.0\"?><!DOCTYPE fontconfig SYSTEM \"fonts.dtd\"><fontconfig>\
             <dir>{}</dir><dir>/usr/share/fonts</dir><cachedir>{}</cachedir></fontconfig>\n",
            open.fonts_path().display(),
            cache.display()
        ),
    )?;
    // An installation has its list of fonts; no measurement pays for it.
    shell::run(Command::new("fc-cache").env("FONTCONFIG_FILE", &font_config))?;
    let programs = paths::target().join("release");
    Ok(Places { bundle, programs, cache: folder.join("cache"), supplement, font_config })
}

/// Times of one kind of measurement by one builder.
#[derive(Default)]
struct Samples(Vec<Run>);

impl Samples {
    fn quantile_ms(&self, q: f64) -> f64 {
        let mut times: Vec<f64> = self.0.iter().map(|run| run.time.as_secs_f64() * 1e3).collect();
        times.sort_by(f64::total_cmp);
        let at = ((times.len() as f64 * q).ceil() as usize).clamp(1, times.len().max(1)) - 1;
        times.get(at).copied().unwrap_or(f64::NAN)
    }

    fn peak_mb(&self) -> u64 {
        self.0.iter().map(|run| run.peak_kb).max().unwrap_or(0) / 1024
    }

    /// Whether the builder can build the document at all.
    fn succeeded(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|run| run.succeeded)
    }
}

/// By builder, in the order of [`BUILDERS`].
type ByBuilder = [Samples; 3];

/// Measure one document: the three kinds, each by all builders.
fn measure(document: &Document, places: &Places, repeat: usize) -> Result<[ByBuilder; 3]> {
    let work = paths::target().join("bench").join("work");
    let mut kinds: [ByBuilder; 3] = Default::default();
    let original = document.project(&paths::root());
    for round in 0..repeat {
        for (i, builder) in BUILDERS.into_iter().enumerate() {
            // A peer that cannot build the document once is not asked again.
            if builder != Builder::Quire && round > 0 && !kinds[0][i].succeeded() {
                continue;
            }
            for stale in [&work, &places.cache.join("builds")] {
                if stale.exists() {
                    fs::remove_dir_all(stale)?;
                }
            }
            shell::copy_folder(&original, &work)?;
            if builder != Builder::Quire {
                find_names_from_the_top(&work, document.root)?;
            }
            if round == 0 && builder == Builder::Quire {
                // The list of fonts is made once for an installation.
                build(builder, places, &work, document)?;
                fs::remove_dir_all(&work)?;
                fs::remove_dir_all(places.cache.join("builds"))?;
                shell::copy_folder(&original, &work)?;
            }
            kinds[0][i].0.push(build(builder, places, &work, document)?);
            change(&work.join(document.edited), document.word, round)?;
            kinds[1][i].0.push(build(builder, places, &work, document)?);
            kinds[2][i].0.push(build(builder, places, &work, document)?);
        }
    }
    for kind in &kinds {
        ensure!(kind[0].succeeded(), "Quire does not build it");
    }
    Ok(kinds)
}

/// A document may name files from the top of its project, which Quire finds and the peers do not, as
/// they run in the root's folder: that folder gets its own name in itself.
fn find_names_from_the_top(project: &Path, root: &str) -> Result<()> {
    let Some((folder, _)) = root.split_once('/') else { return Ok(()) };
    let link = project.join(folder).join(folder);
    #[cfg(unix)]
    std::os::unix::fs::symlink(".", &link).with_context(|| link.display().to_string())?;
    #[cfg(not(unix))]
    eprintln!("{}: not linked on this system", link.display());
    Ok(())
}

/// A line of the table.
struct Row<'s> {
    document: String,
    kind: &'static str,
    bar: Bar,
    samples: &'s ByBuilder,
}

impl Row<'_> {
    /// Ours against latexmk -xelatex, where that builds the document.
    fn ratio(&self) -> Option<f64> {
        let [quire, xelatex, _] = self.samples;
        xelatex.succeeded().then(|| quire.quantile_ms(0.5) / xelatex.quantile_ms(0.5))
    }

    fn is_kept(&self) -> bool {
        match self.bar {
            Bar::Ratio(bar) => self.ratio().is_none_or(|ratio| ratio <= bar),
            Bar::Milliseconds(bar) => self.samples[0].quantile_ms(0.5) <= bar,
        }
    }

    fn markdown(&self) -> String {
        let mut row = format!("| {} | {} |", self.document, self.kind);
        for samples in self.samples {
            let [p50, p95] = [0.5, 0.95].map(|q| samples.quantile_ms(q));
            let shown = format!(" {p50:.0} | {p95:.0} | {} |", samples.peak_mb());
            row += if samples.succeeded() { &shown } else { " fails | | |" };
        }
        let ratio = self.ratio().map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
        row + &format!(" {ratio} | {} |\n", if self.is_kept() { "kept" } else { "missed" })
    }

    fn json(&self) -> String {
        let mut line = format!("{{\"document\":\"{}\",\"what\":\"{}\"", self.document, self.kind);
        for (name, samples) in ["quire", "latexmk_xelatex", "latexmk_pdf"].iter().zip(self.samples)
        {
            let ms: Vec<String> = samples
                .0
                .iter()
                .map(|run| format!("{:.1}", run.time.as_secs_f64() * 1e3))
                .collect();
            let (succeeded, mb) = (samples.succeeded(), samples.peak_mb());
            write!(
                line,
                ",\"{name}\":{{\"succeeded\":{succeeded},\"ms\":[{}],\"peak_mb\":{mb}}}",
                ms.join(",")
            )
            .unwrap_or_default();
        }
        line + &format!(",\"kept\":{}}}\n", self.is_kept())
    }
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
