//! From the key to the pixels of its page, measured in the real window: `bench-live CORPUS [--only DOCUMENT]
//! [--json FILE] [--record FOLDER]` prints a table. Run by `cargo xtask bench live`, which builds everything in
//! release. Beside it, in the same run, what an author waits for with latexmk.
//!
//! With `--record` nothing is measured: pictures of the window are taken while a sentence is typed.

mod costs;
mod documents;
mod keys;
mod peers;
mod record;
mod results;
mod watch;

use anyhow::{Context, Result, bail, ensure};
use costs::Costs;
use documents::{DOCUMENTS, Document};
use quire_e2e::{
    App, Display,
    bench::{BUILT, EDITABLE},
};
use results::{IDLE_MS_IN_5S, MEMORY_MB, Results};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// What is asked for.
struct Wish {
    corpus: PathBuf,
    only: Option<String>,
    json: Option<PathBuf>,
    record: Option<PathBuf>,
}

impl Wish {
    fn read() -> Result<Self> {
        let usage = "usage: bench-live CORPUS [--only DOCUMENT] [--json FILE] [--record FOLDER]";
        let mut args = std::env::args_os().skip(1);
        let corpus = PathBuf::from(args.next().context(usage)?);
        let mut wish = Self { corpus, only: None, json: None, record: None };
        while let Some(option) = args.next() {
            let value = args.next().context(usage)?;
            match option.to_str() {
                Some("--only") => wish.only = Some(value.to_string_lossy().into_owned()),
                Some("--json") => wish.json = Some(value.into()),
                Some("--record") => wish.record = Some(value.into()),
                _ => bail!(usage),
            }
        }
        Ok(wish)
    }

    fn documents(&self) -> impl Iterator<Item = &'static Document> {
        DOCUMENTS
            .iter()
            .filter(|document| self.only.as_deref().is_none_or(|only| only == document.name))
    }
}

fn main() -> Result<()> {
    let wish = Wish::read()?;
    ensure!(wish.documents().next().is_some(), "there is no document of that name");
    if let Some(folder) = &wish.record {
        // One is enough to look at.
        return wish
            .documents()
            .take(1)
            .try_for_each(|document| record::record(document, &wish.corpus, folder));
    }
    let mut results = Results::new(wish.json.clone());
    let mut failed = Vec::new();
    for document in wish.documents() {
        // What one document cannot show, the others can.
        if let Err(error) = measure(document, &wish.corpus, &mut results) {
            results.add(json!({ "document": document.name, "error": format!("{error:#}") }))?;
            failed.push(document.name);
        }
    }
    ensure!(failed.is_empty(), "not measured to the end: {}", failed.join(", "));
    Ok(())
}

/// A window with a document that has been built.
fn open_on(
    display: Display,
    document: &Document,
    corpus: &Path,
    temp: &Path,
) -> Result<(App, String)> {
    let project = temp.join("project");
    document.copy(corpus, &project)?;
    let text = fs::read_to_string(project.join(document.file))?;
    let app = App::start_on(display, &temp.join("data"), &[&project])?;
    app.window().until("the editor", EDITABLE)?;
    app.window().until_within(documents::LONGEST_BUILD, "the build", BUILT)?;
    Ok((app, text))
}

/// What is used once the last run has read what the last build left.
fn at_rest(app: &App) -> Result<Costs> {
    const LONGEST_S: u32 = 60;
    const QUIET_MS_IN_1S: f64 = 60.0;
    let mut before = Costs::of(app)?;
    for second in 0..LONGEST_S {
        std::thread::sleep(Duration::from_secs(1));
        let now = Costs::of(app)?;
        // That run waits for a while before it begins.
        if second >= 3 && now.cpu_ms - before.cpu_ms < QUIET_MS_IN_1S {
            return Ok(now);
        }
        before = now;
    }
    Ok(before)
}

fn idle_ms_in_5s(app: &App) -> Result<f64> {
    /// The caret blinks for ten seconds after the last key.
    const CARET_RESTS: Duration = Duration::from_secs(12);
    std::thread::sleep(CARET_RESTS);
    let before = Costs::of(app)?;
    std::thread::sleep(Duration::from_secs(5));
    Ok(Costs::of(app)?.since(&before).cpu_ms)
}

fn measure(document: &Document, corpus: &Path, results: &mut Results) -> Result<()> {
    let temp = tempfile::tempdir()?;
    let (app, text) = open_on(Display::start()?, document, corpus, temp.path())?;
    let window = app.window();
    std::thread::sleep(Duration::from_secs(2));
    let before = at_rest(&app)?;
    let idle_before = idle_ms_in_5s(&app)?;
    let pace = costs::pace();
    window.run(watch::WATCH, &[])?;
    let (mut exact_ms, mut failed) = (Vec::new(), Vec::new());
    for (place, script) in keys::scripts(&text, document.places, corpus)? {
        match watch::type_script(&app, window, &script) {
            Ok(seen) => {
                exact_ms.push(seen.exact_ms);
                results.add_script(document.name, place, script.name, &seen)?;
            }
            Err(error) => {
                let what = format!("{} at line {}: {error:#}", script.name, script.line);
                results.add(json!({ "document": document.name, "error": what }))?;
                failed.push(script.name);
            }
        }
    }
    let after = at_rest(&app)?;
    let idle = idle_ms_in_5s(&app)?;
    let more = after.since(&before);
    results.add(json!({
        "document": document.name, "memoryOverIdleMb": more.memory_mb,
        "memoryKept": more.memory_mb <= MEMORY_MB, "ofThatEnginesMb": more.engines_mb,
        "ofThatWebMb": more.web_mb, "ofThatApplicationMb": more.application_mb,
        "idleKept": idle <= IDLE_MS_IN_5S,
        "engineProcesses": after.engines, "idleCpuMsIn5s": idle,
        "idleCpuBeforeMsIn5s": idle_before, "machine": [pace, costs::pace()],
    }))?;
    drop(app);
    results.add_exact(document.name, &exact_ms, peers::clean_pass_ms(document, corpus)?)?;
    peers::show(document, corpus, results)?;
    ensure!(failed.is_empty(), "not shown: {}", failed.join(", "));
    Ok(())
}
