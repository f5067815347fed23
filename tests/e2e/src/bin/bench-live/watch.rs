//! One script, typed in the window, and how long after each key what was to be seen.

use crate::{
    costs::Costs,
    documents::LONGEST_BUILD,
    keys::{Script, press},
};
use anyhow::{Result, ensure};
use quire_e2e::{
    App, Driver,
    bench::{BUILT, numbers},
    key,
};
use serde_json::Value;
use std::{
    cmp::Reverse,
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Between keys: about four a second, a person who writes, not one who copies.
const PAUSE: Duration = Duration::from_millis(240);
/// From the last key to the build, when the live pages are all there by then.
const BUILD_AFTER: Duration = Duration::from_millis(500);

/// Notes when keys are pressed, when the window has been told of a page (it asks for its picture, or got what is to
/// be put over the one it has), and when that has been painted.
pub(crate) const WATCH: &str = "
    const forget = () => { window.__keys = []; window.__told = []; window.__pictures = []; };
    forget(); window.__forget = forget;
    window.addEventListener('keydown', (e) => {
      if ((e.key.length === 1 || e.key === 'Backspace') && !e.ctrlKey) window.__keys.push(e.timeStamp);
    }, true);
    const live = (address) => /\\/live\\/[^/]+\\/\\d+\\/(\\d+)\\//.exec(address);
    const source = Object.getOwnPropertyDescriptor(HTMLImageElement.prototype, 'src');
    Object.defineProperty(HTMLImageElement.prototype, 'src', {
      ...source,
      set(address) {
        const found = live(String(address));
        const page = found ? found[1] : this.dataset.page;
        if (page !== undefined) window.__told.push([performance.now(), Number(page)]);
        source.set.call(this, address);
      },
    });
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) for (const node of addedNodes) {
        const shown = node.nodeName === 'IMG' && (live(node.src) || node.dataset.page) && node.closest('.preview-page');
        if (!shown) continue;
        const page = Number(shown.dataset.page);
        requestAnimationFrame(() => setTimeout(() => window.__pictures.push([performance.now(), page]), 0));
      }
    }).observe(document.body, { subtree: true, childList: true })";

/// Nothing is shown any more that a build has not made.
const EXACT: &str = "![...document.images].some((i) => i.src.includes('/live/')) && (BUILT)";

/// What one script showed.
pub(crate) struct Seen {
    /// From the key until the window asked for the page with it: it was told that this was shipped.
    pub(crate) told_ms: Vec<f64>,
    /// Until it was painted.
    pub(crate) pixels_ms: Vec<f64>,
    /// Of the keys that had to be seen those that were not before the next. They count among the others as late as
    /// that.
    pub(crate) late: usize,
    pub(crate) costs: Costs,
    /// From the end of the pause that a build waits for until the pages were those of a build.
    pub(crate) exact_ms: f64,
}

/// Go to the end of a line and show its page.
pub(crate) fn go_to(window: &Driver, line: usize) -> Result<()> {
    let lines = window.find(".view-lines")?;
    window.click(&lines)?;
    window.shortcut(&[key::CONTROL, "g"])?;
    window.type_text(&format!("{line}\n"))?;
    window.shortcut(&[key::END])?;
    window.shortcut(&[key::CONTROL, key::ALT, "j"])?;
    std::thread::sleep(Duration::from_secs(3));
    Ok(())
}

/// Type a script and look on.
pub(crate) fn type_script(app: &App, window: &Driver, script: &Script) -> Result<Seen> {
    go_to(window, script.line)?;
    window.run("window.__forget()", &[])?;
    let before = Costs::of(app)?;
    for stroke in &script.strokes {
        press(window, stroke)?;
        if stroke.is_seen().is_some() {
            std::thread::sleep(PAUSE);
        }
    }
    let rest = Instant::now();
    let found = window.run("return [window.__keys, window.__told, window.__pictures]", &[])?;
    let costs = Costs::of(app)?.since(&before);
    window.until_within(LONGEST_BUILD, "the exact pages", &EXACT.replace("BUILT", BUILT))?;
    let exact = (rest.elapsed() + PAUSE).saturating_sub(BUILD_AFTER);
    let keys = numbers(&found[0]);
    let must: Vec<bool> = script.strokes.iter().filter_map(|stroke| stroke.is_seen()).collect();
    ensure!(keys.len() == must.len(), "{} keys of {} reached the window", keys.len(), must.len());
    let (told, pictures) = (events(&found[1]), events(&found[2]));
    let page = most_frequent(pictures.iter().map(|(_, page)| *page));
    ensure!(page.is_some(), "no page followed the keys at line {}", script.line);
    let of_page = |events: &[(f64, u64)]| -> Vec<f64> {
        events.iter().filter(|(_, of)| Some(*of) == page).map(|(at, _)| *at).collect()
    };
    let (told_ms, _) = waits(&keys, &must, &of_page(&told));
    let (pixels_ms, late) = waits(&keys, &must, &of_page(&pictures));
    Ok(Seen { told_ms, pixels_ms, late, costs, exact_ms: exact.as_secs_f64() * 1000.0 })
}

/// From each key to the first event behind it, and how many keys had none before the next.
fn waits(keys: &[f64], must: &[bool], events: &[f64]) -> (Vec<f64>, usize) {
    const LONGEST_MS: f64 = 1000.0;
    let (mut waits, mut late) = (Vec::new(), 0);
    for (index, pressed) in keys.iter().enumerate() {
        let next = keys.get(index + 1).copied().unwrap_or(pressed + LONGEST_MS);
        match events.iter().find(|at| **at > *pressed && **at < next) {
            Some(at) => waits.push(at - pressed),
            None if must[index] => {
                late += 1;
                waits.push((next - pressed).min(LONGEST_MS));
            }
            None => {}
        }
    }
    (waits, late)
}

fn events(value: &Value) -> Vec<(f64, u64)> {
    let pairs = value.as_array().into_iter().flatten();
    pairs.filter_map(|pair| Some((pair[0].as_f64()?, pair[1].as_u64()?))).collect()
}

/// The page that is written on: those behind it follow less often.
fn most_frequent(pages: impl Iterator<Item = u64>) -> Option<u64> {
    let mut counts = BTreeMap::new();
    for page in pages {
        *counts.entry(page).or_insert(0) += 1;
    }
    counts.into_iter().max_by_key(|(page, count)| (*count, Reverse(*page))).map(|(page, _)| page)
}
