//! What an author waits for without live pages: a build of Quire's, latexmk told to build again, and latexmk that
//! watches the files.

use crate::{
    documents::{Document, prose_line},
    results::Results,
};
use anyhow::{Context, Result, ensure};
use quire_e2e::bench::quantile;
use serde_json::{Value, json};
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant, SystemTime},
};

const ROUNDS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(120);

/// A process that does not outlive the measurement.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) fn show(document: &Document, corpus: &Path, results: &mut Results) -> Result<()> {
    let temp = tempfile::tempdir()?;
    let project = temp.path().join("project");
    document.copy(corpus, &project)?;
    let place = document.places.first().copied().unwrap_or(0.5);
    let mut rebuilt = Vec::new();
    let pdf = project.join(document.file).with_extension("pdf");
    // The author's own, when the document came with one.
    let _ = fs::remove_file(&pdf);
    latexmk(&project, document, &[])?.0.wait()?;
    if !pdf.exists() {
        let why = "latexmk -xelatex makes no PDF of it here";
        return results.add(json!({ "document": document.name, "peer": "latexmk", "error": why }));
    }
    for round in 0..ROUNDS {
        write(&project, document, place, round)?;
        let start = Instant::now();
        latexmk(&project, document, &[])?.0.wait()?;
        rebuilt.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    let watching = latexmk(&project, document, &["-pvc", "-view=none"])?;
    std::thread::sleep(Duration::from_secs(4));
    let mut followed = Vec::new();
    for round in ROUNDS..2 * ROUNDS {
        let old = changed_at(&pdf);
        write(&project, document, place, round)?;
        let start = Instant::now();
        while changed_at(&pdf) == old && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(5));
        }
        followed.push(start.elapsed().as_secs_f64() * 1000.0);
        // It looks again once it is through.
        std::thread::sleep(Duration::from_secs(3));
    }
    drop(watching);
    results.add_peer(document.name, place, "latexmk -xelatex", &rebuilt)?;
    results.add_peer(document.name, place, "latexmk -pvc -xelatex", &followed)
}

/// How long one clean pass takes, in milliseconds: what follows from an edit when everything is typeset anew, once,
/// and written as a PDF.
pub(crate) fn clean_pass_ms(document: &Document, corpus: &Path) -> Result<f64> {
    let temp = tempfile::tempdir()?;
    let project = temp.path().join("project");
    document.copy(corpus, &project)?;
    let place = document.places.first().copied().unwrap_or(0.5);
    build(&project, document)?;
    let mut times = Vec::new();
    for round in 0..ROUNDS {
        write(&project, document, place, round)?;
        let finished = build(&project, document)?;
        let ms = |of: &Value| of["ms"].as_f64().context("a build without a time");
        let passes = finished["passes"].as_array().context("a build without passes")?;
        let typeset: Vec<f64> = passes.iter().map(ms).collect::<Result<_>>()?;
        let last = typeset.last().context("the word changed nothing")?;
        times.push(ms(&finished)? - typeset.iter().sum::<f64>() + last);
    }
    times.sort_by(f64::total_cmp);
    Ok(quantile(&times, 0.5))
}

/// The last line of `quire build --json`.
fn build(project: &Path, document: &Document) -> Result<Value> {
    let quire = std::env::var_os("QUIRE_CLI").context("QUIRE_CLI names the program `quire`")?;
    let out = Command::new(quire)
        .args(["build", "--json", "--root", document.file])
        .current_dir(project)
        .stderr(Stdio::inherit())
        .output()?;
    let text = String::from_utf8(out.stdout)?;
    let finished: Value = serde_json::from_str(text.lines().last().unwrap_or_default())?;
    ensure!(finished["type"] == "finished", "quire build did not come to an end: {text}");
    Ok(finished)
}

fn latexmk(project: &Path, document: &Document, more: &[&str]) -> Result<Ended> {
    let child = Command::new("latexmk")
        .args(["-xelatex", "-interaction=nonstopmode", "-silent", "-f"])
        .args(more)
        .arg(document.file)
        .current_dir(project)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("cannot start latexmk; install it with XeLaTeX (Debian: latexmk texlive-xetex)")?;
    Ok(Ended(child))
}

/// One word more at the place.
fn write(project: &Path, document: &Document, place: f64, round: usize) -> Result<()> {
    let file = project.join(document.file);
    let text = fs::read_to_string(&file)?;
    let line = prose_line(&text, place).context("no prose there")?;
    let lines: Vec<String> = (1..)
        .zip(text.lines())
        .map(
            |(number, text)| {
                if number == line { format!("{text} word{round}") } else { text.to_owned() }
            },
        )
        .collect();
    Ok(fs::write(file, lines.join("\n") + "\n")?)
}

fn changed_at(file: &Path) -> Option<SystemTime> {
    fs::metadata(file).ok()?.modified().ok()
}
