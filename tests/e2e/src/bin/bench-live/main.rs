//! From the key to the pixels of its page, measured in the real window: `bench-live CORPUS [ONLY]` prints a table and
//! JSON lines. Run by `cargo xtask bench live`, which builds everything in release. Beside it, in the same run, what
//! an author waits for with latexmk.

mod costs;
mod documents;
mod peers;

use anyhow::{Context, Result, ensure};
use costs::Costs;
use documents::{DOCUMENTS, Document};
use quire_e2e::{
    App, Driver,
    bench::{BUILT, EDITABLE, numbers, quantile},
    key,
};
use serde_json::json;
use std::{
    cmp::Reverse,
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// What is typed, and how it is called. At four keys a second or so: a person who writes, not one who copies.
const SCRIPTS: [(&str, &str); 2] =
    [("prose", " so it goes on and on"), ("maths", " as $a_1+\\frac{b}{2}$ is")];
const PAUSE: Duration = Duration::from_millis(240);

const P50_MS: f64 = 60.0;
const P95_MS: f64 = 100.0;
const MEMORY_MB: f64 = 400.0;

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

/// Nothing is shown any more that a build has not made.
const EXACT: &str = "![...document.images].some((i) => i.src.includes('/live/')) && (BUILT)";

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let corpus = args.next().context("usage: bench-live CORPUS [ONLY]")?;
    let only = args.next().map(|only| only.to_string_lossy().into_owned());
    println!(
        "| key to pixels | place | typed | p50 | p95 | max | keys | bar: p50 ≤ {P50_MS}, p95 ≤ {P95_MS} |\n\
         |---|---|---|---|---|---|---|---|"
    );
    let mut failed = Vec::new();
    for document in &DOCUMENTS {
        if only.as_deref().is_some_and(|only| only != document.name) {
            continue;
        }
        // What one document cannot show, the others can.
        if let Err(error) = measure(document, &corpus) {
            println!("{}", json!({ "document": document.name, "error": format!("{error:#}") }));
            failed.push(document.name);
        }
    }
    ensure!(failed.is_empty(), "not measured to the end: {}", failed.join(", "));
    Ok(())
}

fn measure(document: &Document, corpus: &Path) -> Result<()> {
    let temp = tempfile::tempdir()?;
    let project = temp.path().join("project");
    document.copy(corpus, &project)?;
    let text = fs::read_to_string(project.join(document.file))?;
    let app = App::start(&temp.path().join("data"), &[&project])?;
    let window = app.window();
    window.until("the editor", EDITABLE)?;
    window.until("the build", BUILT)?;
    std::thread::sleep(Duration::from_secs(2));
    let before = Costs::of(&app)?;
    window.run(WATCH, &[])?;
    for part in document.places {
        let line = documents::prose_line(&text, *part).context("no prose there")?;
        for (typed, keys) in SCRIPTS {
            let (times, costs, exact) = write_at(&app, window, line, keys)?;
            show(document.name, *part, typed, &times);
            println!(
                "{}",
                json!({ "document": document.name, "place": part, "typed": typed,
                        "cpuPerKeyMs": costs.cpu_ms / times.len() as f64,
                        "exactAfterPauseMs": exact.as_secs_f64() * 1000.0 })
            );
        }
    }
    std::thread::sleep(Duration::from_secs(4));
    let after = Costs::of(&app)?;
    std::thread::sleep(Duration::from_secs(5));
    let idle = Costs::of(&app)?.cpu_ms - after.cpu_ms;
    let more = after.memory_mb - before.memory_mb;
    println!(
        "{}",
        json!({ "document": document.name, "memoryOverIdleMb": more, "memoryKept": more <= MEMORY_MB,
                "engineProcesses": after.engines, "idleCpuMsIn5s": idle })
    );
    drop(app);
    peers::show(document, corpus)
}

/// How long after each key its page was painted; what that cost; and how long after the pause that a build waits for
/// the pages were those of a build.
fn write_at(
    app: &App,
    window: &Driver,
    line: usize,
    typed: &str,
) -> Result<(Vec<f64>, Costs, Duration)> {
    /// From the last key to the build.
    const BUILD_AFTER: Duration = Duration::from_secs(1);
    let lines = window.find(".view-lines")?;
    window.click(&lines)?;
    window.shortcut(&[key::CONTROL, "g"])?;
    window.type_text(&format!("{line}\n"))?;
    window.shortcut(&[key::END])?;
    window.shortcut(&[key::CONTROL, key::ALT, "j"])?;
    std::thread::sleep(Duration::from_secs(3));
    window.run("window.__keys = []; window.__pictures = []", &[])?;
    let before = Costs::of(app)?;
    for letter in typed.chars() {
        window.type_text(&letter.to_string())?;
        std::thread::sleep(PAUSE);
    }
    let rest = Instant::now();
    let found = window.run("return [window.__keys, window.__pictures]", &[])?;
    let costs = Costs::of(app)?.since(&before);
    window.until("the exact pages", &EXACT.replace("BUILT", BUILT))?;
    let exact = (rest.elapsed() + PAUSE).saturating_sub(BUILD_AFTER);
    let keys = numbers(&found[0]);
    let pictures: Vec<(f64, u64)> = found[1]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pair| Some((pair[0].as_f64()?, pair[1].as_u64()?)))
        .collect();
    let page = most_frequent(pictures.iter().map(|(_, page)| *page));
    ensure!(page.is_some(), "no page followed the keys at line {line}");
    let mut times = Vec::new();
    for (index, pressed) in keys.iter().enumerate() {
        let next = keys.get(index + 1).copied().unwrap_or(f64::INFINITY);
        let shown =
            pictures.iter().find(|(at, of)| Some(*of) == page && *at > *pressed && *at < next);
        // A key that changes nothing on the page, as a space at the end of a line or half of a command that is an
        // error, has no picture; one that comes after the next key counts as late as that.
        match shown {
            Some((at, _)) => times.push(at - pressed),
            None if changes_a_page(typed, index) => times.push((next - pressed).min(1000.0)),
            None => {}
        }
    }
    Ok((times, costs, exact))
}

/// The page that is written on: those behind it follow less often.
fn most_frequent(pages: impl Iterator<Item = u64>) -> Option<u64> {
    let mut counts = BTreeMap::new();
    for page in pages {
        *counts.entry(page).or_insert(0) += 1;
    }
    counts.into_iter().max_by_key(|(page, count)| (*count, Reverse(*page))).map(|(page, _)| page)
}

/// Whether a key of what is typed must be seen: letters outside of formulas and commands.
fn changes_a_page(typed: &str, index: usize) -> bool {
    let before: String = typed.chars().take(index + 1).collect();
    let is_text = before.matches('$').count().is_multiple_of(2) && !before.ends_with('$');
    is_text && before.ends_with(char::is_alphabetic)
}

fn show(name: &str, part: f64, typed: &str, times: &[f64]) {
    let [p50, p95, max] = [0.5, 0.95, 1.0].map(|q| quantile(times, q));
    let kept = p50 <= P50_MS && p95 <= P95_MS;
    println!(
        "| {name} | {:.0} % | {typed} | {p50:.0} | {p95:.0} | {max:.0} | {} | {} |",
        part * 100.0,
        times.len(),
        if kept { "kept" } else { "MISSED" },
    );
    println!(
        "{}",
        json!({ "document": name, "place": part, "typed": typed, "p50": p50, "p95": p95, "max": max,
                "keys": times.len(), "kept": kept, "unit": "ms" })
    );
}
