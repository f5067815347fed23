//! From the key to the pixels of its page, measured in the real window: `bench-live CORPUS` prints a table and JSON
//! lines. Run by `cargo xtask bench live`, which builds everything in release.

use anyhow::{Context, Result, ensure};
use quire_e2e::{
    App, Driver,
    bench::{BUILT, EDITABLE, numbers, quantile},
    copy_folder, key,
};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// A document of the corpus, and the places to write at.
struct Document {
    name: &'static str,
    /// The file or the folder in the corpus.
    from: &'static str,
    /// The file to write in.
    file: &'static str,
    /// Parts of the file's lines, from 0 to 1.
    places: &'static [f64],
}

const DOCUMENTS: [Document; 3] = [
    Document {
        name: "paper-27p",
        from: "synthetic/paper-27p.tex",
        file: "paper-27p.tex",
        places: &[0.1, 0.5, 0.9],
    },
    Document {
        name: "book-246p",
        from: "synthetic/book-246p.tex",
        file: "book-246p.tex",
        places: &[0.02, 0.25, 0.5, 0.75, 0.97],
    },
    Document { name: "arxiv-style", from: "arxiv-style", file: "template.tex", places: &[0.6] },
];

const KEYS: &str = "so it goes on and on";
const P50_MS: f64 = 60.0;
const P95_MS: f64 = 100.0;

/// Notes when keys are pressed, and when a picture of a changed page has been painted.
const WATCH: &str = "
    window.__keys = []; window.__pictures = [];
    window.addEventListener('keydown', (e) => { if (e.key.length === 1 && !e.ctrlKey) window.__keys.push(e.timeStamp) }, true);
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) {
        if (node.nodeName !== 'IMG' || !node.src.includes('/live/')) continue;
        const page = Number(node.closest('.preview-page').dataset.page);
        requestAnimationFrame(() => setTimeout(() => window.__pictures.push([performance.now(), page]), 0));
      }
    }).observe(document.body, { subtree: true, childList: true })";

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let corpus = args.next().context("usage: bench-live CORPUS [ONLY]")?;
    let only = args.next().map(|only| only.to_string_lossy().into_owned());
    println!(
        "| key to pixels | place | p50 | p95 | max | keys | bar: p50 ≤ {P50_MS}, p95 ≤ {P95_MS} |\n|---|---|---|---|---|---|---|"
    );
    for document in &DOCUMENTS {
        if only.as_deref().is_none_or(|only| only == document.name) {
            measure(document, &corpus)?;
        }
    }
    Ok(())
}

fn measure(document: &Document, corpus: &Path) -> Result<()> {
    let temp = tempfile::tempdir()?;
    let project = temp.path().join("project");
    let from = corpus.join(document.from);
    if from.is_dir() {
        copy_folder(&from, &project)?;
    } else {
        fs::create_dir_all(&project)?;
        fs::copy(&from, project.join(document.file))?;
    }
    let text = fs::read_to_string(project.join(document.file))?;
    let app = App::start(&temp.path().join("data"), &[&project])?;
    let window = app.window();
    window.until("the editor", EDITABLE)?;
    window.until("the build", BUILT)?;
    // The live run settles.
    std::thread::sleep(Duration::from_secs(6));
    window.run(WATCH, &[])?;
    for part in document.places {
        let line = prose_line(&text, *part).context("no prose there")?;
        let times = write_at(window, line)?;
        show(document.name, *part, &times);
    }
    Ok(())
}

/// The number of a line of plain prose near a place.
fn prose_line(text: &str, part: f64) -> Option<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let from = (lines.len() as f64 * part) as usize;
    let is_prose = |line: &str| line.len() > 40 && !line.contains(['\\', '$', '{', '}', '&', '%']);
    (from..lines.len()).find(|line| is_prose(lines[*line])).map(|line| line + 1)
}

fn write_at(window: &Driver, line: usize) -> Result<Vec<f64>> {
    let lines = window.find(".view-lines")?;
    window.click(&lines)?;
    window.shortcut(&[key::CONTROL, "g"])?;
    window.type_text(&format!("{line}\n"))?;
    window.shortcut(&[key::END])?;
    window.shortcut(&[key::CONTROL, key::ALT, "j"])?;
    std::thread::sleep(Duration::from_secs(3));
    window.run("window.__keys = []; window.__pictures = []", &[])?;
    for letter in KEYS.chars() {
        window.type_text(&letter.to_string())?;
        std::thread::sleep(Duration::from_millis(240));
    }
    std::thread::sleep(Duration::from_secs(1));
    let found = window.run("return [window.__keys, window.__pictures]", &[])?;
    let keys = numbers(&found[0]);
    let pictures: Vec<(f64, u64)> = found[1]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pair| Some((pair[0].as_f64()?, pair[1].as_u64()?)))
        .collect();
    let page = pictures.iter().map(|(_, page)| *page).min();
    ensure!(page.is_some(), "no page followed the keys at line {line}");
    let mut times = Vec::new();
    for (index, pressed) in keys.iter().enumerate() {
        let next = keys.get(index + 1).copied().unwrap_or(f64::INFINITY);
        let shown =
            pictures.iter().find(|(at, of)| Some(*of) == page && *at > *pressed && *at < next);
        // One that comes after the next key counts as late as that.
        times.push(shown.map_or(next - pressed, |(at, _)| at - pressed));
    }
    Ok(times)
}

fn show(name: &str, part: f64, times: &[f64]) {
    let [p50, p95, max] = [0.5, 0.95, 1.0].map(|q| quantile(times, q));
    let kept = p50 <= P50_MS && p95 <= P95_MS;
    println!(
        "| {name} | {:.0} % | {p50:.0} | {p95:.0} | {max:.0} | {} | {} |",
        part * 100.0,
        times.len(),
        if kept { "kept" } else { "MISSED" },
    );
    println!(
        "{}",
        json!({ "document": name, "place": part, "p50": p50, "p95": p95, "max": max,
                "keys": times.len(), "kept": kept, "unit": "ms" })
    );
}
