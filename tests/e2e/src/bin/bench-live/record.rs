//! The window while a sentence is typed: a picture each tenth of a second, beside the keys, for somebody to look at.

use crate::{
    documents::Document,
    keys::{self, press},
    open_on, watch,
};
use anyhow::{Context, Result, ensure};
use quire_e2e::Display;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const EVERY: Duration = Duration::from_millis(100);
/// Somebody who types fast.
const PAUSE: Duration = Duration::from_millis(170);
/// Until the build after the pause has ended.
const AFTERWARDS: Duration = Duration::from_secs(6);
const SENTENCE: &str = " And then it was $x^2+1$ more than \\emph{anybody} had thought.";

/// When something happened, since the beginning.
type At = Duration;

/// Write the pictures and a page that shows them, `index.html`, into a folder.
pub(crate) fn record(document: &Document, corpus: &Path, folder: &Path) -> Result<()> {
    let temp = tempfile::tempdir()?;
    let frames = temp.path().join("frames");
    fs::create_dir_all(&frames)?;
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let display = Display::start_with_frames(&frames)?;
    let screen = display.frame().context("the display leaves no frames")?;
    let (app, text) = open_on(display, document, corpus, temp.path())?;
    let place = document.places[document.places.len() / 2];
    let line = crate::documents::prose_line(&text, place).context("no prose there")?;
    watch::go_to(app.window(), line)?;
    let start = Instant::now();
    let is_over = Arc::new(AtomicBool::new(false));
    let camera = thread::spawn({
        let (is_over, frames) = (is_over.clone(), frames.clone());
        move || take(&screen, &frames, start, &is_over)
    });
    let mut typed: Vec<(At, char)> = Vec::new();
    for letter in SENTENCE.chars() {
        press(app.window(), &keys::Stroke::Letter { letter, is_seen: true })?;
        typed.push((start.elapsed(), letter));
        thread::sleep(PAUSE);
    }
    thread::sleep(AFTERWARDS);
    is_over.store(true, Ordering::Relaxed);
    let taken = camera.join().map_err(|_| anyhow::anyhow!("the camera broke"))??;
    drop(app);
    for (number, (_, frame)) in taken.iter().enumerate() {
        let picture = folder.join(format!("{number:04}.png"));
        let source = format!("xwd:{}", frame.display());
        let made = Command::new("convert").arg(source).arg(&picture).status();
        let made = made.context("cannot start `convert`: is the package imagemagick installed?")?;
        ensure!(made.success(), "no picture of {}", frame.display());
    }
    fs::write(folder.join("index.html"), page(document.name, &taken, &typed)?)?;
    println!("{} pictures: {}", taken.len(), folder.join("index.html").display());
    Ok(())
}

/// Copies of what the display shows; those that differ from the one before.
fn take(
    screen: &Path,
    into: &Path,
    start: Instant,
    is_over: &AtomicBool,
) -> Result<Vec<(At, PathBuf)>> {
    let (mut taken, mut last) = (Vec::new(), Vec::new());
    let mut next = start;
    while !is_over.load(Ordering::Relaxed) {
        let at = start.elapsed();
        let frame = fs::read(screen).with_context(|| screen.display().to_string())?;
        if frame != last {
            let file = into.join(format!("{:04}.xwd", taken.len()));
            fs::write(&file, &frame)?;
            taken.push((at, file));
            last = frame;
        }
        next += EVERY;
        thread::sleep(next.saturating_duration_since(Instant::now()));
    }
    Ok(taken)
}

fn page(name: &str, taken: &[(At, PathBuf)], typed: &[(At, char)]) -> Result<String> {
    let mut html = format!(
        "<!doctype html><meta charset=utf-8><title>{name}</title>\
         <style>body{{font:14px sans-serif}}img{{width:100%;border:1px solid #999}}</style><h1>{name}</h1>\
         <p>A picture each {} ms while this is typed, without those that are like the one before: \
         <code>{SENTENCE}</code></p>\n",
        EVERY.as_millis()
    );
    for (number, (at, _)) in taken.iter().enumerate() {
        let so_far: String =
            typed.iter().filter(|(key, _)| key <= at).map(|(_, letter)| letter).collect();
        let last = typed.iter().rfind(|(key, _)| key <= at);
        let since = last.map_or(0, |(key, _)| (*at - *key).as_millis());
        writeln!(
            html,
            "<h2 id=\"{number}\">{} ms</h2><p>{since} ms after the key: <code>{so_far}</code></p>\
             <img loading=lazy src=\"{number:04}.png\">",
            at.as_millis()
        )?;
    }
    Ok(html)
}
