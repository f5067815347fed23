//! The figures that an author feels, measured in the real window: `bench-app SAMPLE CORPUS DIST [ONLY]` prints a table
//! and JSON lines. Run by `cargo xtask bench app`, which builds everything in release.

use anyhow::{Context, Result, ensure};
use quire_e2e::{
    App, Driver,
    bench::{self, BUILT, EDITABLE, Figure, numbers},
    copy_folder, key,
};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

fn main() -> Result<()> {
    let mut args = std::env::args_os().skip(1).map(PathBuf::from);
    let mut next = || args.next().context("usage: bench-app SAMPLE CORPUS DIST");
    let (sample, corpus, dist) = (next()?, next()?, next()?);
    let only = args.next().map(|only| only.to_string_lossy().into_owned());
    let is_wanted = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let temp = tempfile::tempdir()?;
    println!("| what | p50 | p95 | max | bar | |\n|---|---|---|---|---|---|");
    if is_wanted("start") {
        start(&sample, temp.path())?.iter().for_each(Figure::show);
    }
    if is_wanted("typing") {
        typing(temp.path())?.show();
    }
    if is_wanted("durable") {
        durable(temp.path())?.iter().for_each(Figure::show);
    }
    if is_wanted("book") {
        book(&corpus, temp.path())?.iter().for_each(Figure::show);
    }
    if is_wanted("files") {
        many_files(temp.path())?.show();
    }
    let bytes: u64 = walk(&dist)?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "js"))
        .filter_map(|path| Some(fs::metadata(path).ok()?.len()))
        .sum();
    let values = vec![bytes as f64 / 1e6];
    Figure { name: "JavaScript", unit: "MB", values, bar: (1.0, 4.5) }.show();
    Ok(())
}

const FIRST_PAGE: &str = "[...document.images].some((i) => i.src.includes('/page/') && i.complete && i.naturalWidth > 0)";
fn now_ms() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1000.0
}

/// From the start of the process to an editor with the text in it, and to the first page.
fn start(sample: &Path, temp: &Path) -> Result<[Figure; 2]> {
    let (data, project) = (temp.join("start-data"), temp.join("sample"));
    copy_folder(sample, &project)?;
    let first = App::start(&data, &[&project])?;
    first.window().until("the first build", BUILT)?;
    drop(first);
    let (mut editable, mut page) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        let app = App::start(&data, &[&project])?;
        let window = app.window();
        window.until("the editor", EDITABLE)?;
        window.until("the first page", FIRST_PAGE)?;
        let began = process_start_ms(&app)?;
        let at = |mark: &str| -> Result<f64> {
            let script = format!(
                "return performance.timeOrigin + performance.getEntriesByName('{mark}')[0].startTime"
            );
            Ok(window.run(&script, &[])?.as_f64().context("no mark")? - began)
        };
        editable.push(at("quire:editable")?);
        page.push(at("quire:first-page")?);
    }
    Ok([
        Figure { name: "start to editable", unit: "ms", values: editable, bar: (0.5, 1000.0) },
        Figure { name: "start to first page", unit: "ms", values: page, bar: (0.5, 1500.0) },
    ])
}

/// When the program's process began, in milliseconds since 1970.
fn process_start_ms(app: &App) -> Result<f64> {
    /// Linux counts in hundredths of a second.
    const TICKS: f64 = 100.0;
    let program = *app.processes()?.first().context("no process")?;
    let stat = fs::read_to_string(format!("/proc/{program}/stat"))?;
    let fields = stat.rsplit(')').next().context("stat")?.split_whitespace();
    let ticks: f64 = fields.collect::<Vec<_>>().get(19).context("stat")?.parse()?;
    let uptime = fs::read_to_string("/proc/uptime")?;
    let uptime: f64 = uptime.split_whitespace().next().context("uptime")?.parse()?;
    Ok(now_ms() - (uptime - ticks / TICKS) * 1000.0)
}

/// A text of 10,000 lines, open and built, with the cursor at the end of a line in its middle.
fn long_text(temp: &Path) -> Result<App> {
    let (data, project) = (temp.join("long-data"), temp.join("long"));
    fs::create_dir_all(&project)?;
    let mut text = String::from("\\documentclass{article}\n\\begin{document}\n");
    for line in 0..10_000 {
        text.push_str(&match line % 10 {
            0 => format!("\\section{{Section {line}}}\\label{{sec:{line}}}\n"),
            5 => format!("As in \\cref{{sec:{}}}, $x_{{{line}}} = \\alpha + {line}$.\n", line - 5),
            _ => {
                "A line of prose that is as long as lines of prose usually are in a paper.\n".into()
            }
        });
    }
    text.push_str("\\end{document}\n");
    fs::write(project.join("main.tex"), text)?;
    let app = App::start(&data, &[&project])?;
    let window = app.window();
    window.until("the editor", EDITABLE)?;
    window.until("the build", BUILT)?;
    let lines = window.find(".view-lines")?;
    window.click(&lines)?;
    window.shortcut(&[key::CONTROL, "g"])?;
    window.type_text("5004\n")?;
    window.shortcut(&[key::END])?;
    Ok(app)
}

/// Sixteen letters a second, as a quick typist.
fn type_as_people_do(window: &Driver, text: &str) -> Result<()> {
    for letter in text.chars() {
        window.type_text(&letter.to_string())?;
        std::thread::sleep(Duration::from_millis(60));
    }
    Ok(())
}

const PROSE: &str = "the quick brown fox jumps over the lazy dog and so on and on until enough ";

/// From the edit of the text to the answer of the database that it is on the disk: typed by a person,
/// in bursts as when a key is held down, and while the document is being built.
fn durable(temp: &Path) -> Result<[Figure; 3]> {
    let app = long_text(temp)?;
    let window = app.window();
    window.run(
        "performance.mark('quire:watch-durability'); window.__durable = []; \
         new PerformanceObserver((list) => window.__durable.push(...list.getEntriesByName('quire:durable').map((e) => e.duration))) \
           .observe({ entryTypes: ['measure'] })",
        &[],
    )?;
    let typed = |edits: usize, name: &'static str| -> Result<Figure> {
        window.until("every edit to be durable", &format!("window.__durable.length >= {edits}"))?;
        let values = numbers(&window.run("return window.__durable.splice(0)", &[])?);
        Ok(Figure { name, unit: "ms", values, bar: (1.0, 50.0) })
    };
    let text = PROSE.repeat(2);
    type_as_people_do(window, &text)?;
    let calm = typed(text.len(), "edit to durable, typing")?;
    for _ in 0..8 {
        window.type_text(PROSE)?;
        std::thread::sleep(Duration::from_millis(300));
    }
    let bursts = typed(PROSE.len() * 8, "edit to durable, in bursts")?;
    let mut edits = 0;
    for _ in 0..4 {
        window.shortcut(&[key::CONTROL, "s"])?;
        window.until("a build", "document.querySelector('.status-build .q-spinner')")?;
        let part = &PROSE[..24];
        type_as_people_do(window, part)?;
        edits += part.len();
        window.until("the build", BUILT)?;
    }
    Ok([calm, bursts, typed(edits, "edit to durable, while building")?])
}

/// From the key to the glyph in a file of 10,000 lines.
fn typing(temp: &Path) -> Result<Figure> {
    let app = long_text(temp)?;
    let window = app.window();
    // From the event's own time to the frame after the one in which the line changed.
    window.run(
        "window.__glyphs = []; \
         const lines = document.querySelector('.view-lines'); \
         let pressed = null; \
         window.addEventListener('keydown', (e) => { pressed = e.timeStamp }, true); \
         new MutationObserver(() => { \
           if (pressed === null) return; const t = pressed; pressed = null; \
           requestAnimationFrame(() => setTimeout(() => window.__glyphs.push(performance.now() - t), 0)); \
         }).observe(lines, { subtree: true, childList: true, characterData: true })",
        &[],
    )?;
    type_as_people_do(window, &PROSE.repeat(4))?;
    let values = numbers(&window.run("return window.__glyphs", &[])?);
    ensure!(values.len() > 100, "only {} keys were seen", values.len());
    Ok(Figure { name: "key to glyph, 10,000 lines", unit: "ms", values, bar: (0.95, 50.0) })
}

/// Pages, scrolling and memory with 246 pages.
fn book(corpus: &Path, temp: &Path) -> Result<[Figure; 3]> {
    let empty = {
        let app = App::start(&temp.join("empty-data"), &[])?;
        app.window().until("the gallery", "document.querySelector('main')")?;
        app.window().go("about:blank")?;
        std::thread::sleep(Duration::from_secs(2));
        memory_mb(&app)?
    };
    let project = temp.join("book");
    fs::create_dir_all(&project)?;
    fs::copy(corpus.join("synthetic/book-246p.tex"), project.join("book-246p.tex"))?;
    let app = App::start(&temp.join("book-data"), &[&project])?;
    let window = app.window();
    window.until("the editor", EDITABLE)?;
    window.until("the build", BUILT)?;
    window.until("a page", FIRST_PAGE)?;
    std::thread::sleep(Duration::from_secs(2));
    let memory = memory_mb(&app)? - empty;
    let pages = window.run_async(PAGE_TIMES, &[])?;
    let scrolled = window.run_async(SCROLL, &[])?;
    // No bar of the issue's: a page that comes too late is as bad as a frame that does.
    println!("pages seen as pixels while scrolling: {}", scrolled["share"]);
    std::thread::sleep(Duration::from_secs(2));
    // No bar of the issue's: what reading all of it leaves.
    println!(
        "memory after scrolling through all pages: {:.0} MB over an empty window",
        memory_mb(&app)? - empty
    );
    Ok([
        Figure {
            name: "page at 150 dpi to pixels",
            unit: "ms",
            values: numbers(&pages),
            bar: (0.5, 30.0),
        },
        Figure {
            name: "frame while scrolling 246 pages",
            unit: "ms",
            values: numbers(&scrolled["frames"]),
            bar: (1.0, 34.0),
        },
        Figure {
            name: "memory with the book, over an empty window",
            unit: "MB",
            values: vec![memory],
            bar: (1.0, 450.0),
        },
    ])
}

/// Fetch and decode pages that were not shown yet, one after the other.
const PAGE_TIMES: &str = "
    const done = arguments[arguments.length - 1];
    const shown = [...document.images].find((i) => i.src.includes('/page/')).src;
    const parts = shown.match(/^(.*\\/page\\/[0-9a-f]+\\/[0-9]+)\\//)[1];
    (async () => {
      const times = [];
      for (let page = 20; page < 220; page += 4) {
        const start = performance.now();
        const image = new Image();
        image.src = `${parts}/${page}/2.0833/light`;
        await image.decode();
        times.push(performance.now() - start);
      }
      done(times);
    })()";

/// Scroll through everything at a reader's hurry; how long each frame took, and which share of the pages
/// in view had their picture, counted at each frame.
const SCROLL: &str = "
    const done = arguments[arguments.length - 1];
    const scrolls = (e) => e.scrollHeight > e.clientHeight * 20 && /auto|scroll/.test(getComputedStyle(e).overflowY);
    const image = [...document.images].find((i) => i.src.includes('/page/'));
    let box = image.parentElement;
    while (box !== null && !scrolls(box)) box = box.parentElement;
    const end = box.scrollHeight - box.clientHeight;
    const step = Math.max(60, end / 1500);
    const frames = [];
    let last = null, seen = 0, shown = 0;
    const count = () => {
      const view = box.getBoundingClientRect();
      for (const page of box.querySelectorAll('.preview-page')) {
        const place = page.getBoundingClientRect();
        if (place.bottom <= view.top || place.top >= view.bottom) continue;
        seen += 1;
        const picture = page.querySelector('.preview-picture img');
        if (picture !== null && picture.complete && picture.naturalWidth > 0) shown += 1;
      }
    };
    const next = (now) => {
      if (last !== null) frames.push(now - last);
      last = now;
      count();
      if (box.scrollTop >= end - 1) return done({ frames, share: `${(100 * shown / seen).toFixed(1)} %` });
      box.scrollTop += step;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next)";

/// A project of 2,000 files: from the start of opening to its tree and its text.
fn many_files(temp: &Path) -> Result<Figure> {
    let (data, project) = (temp.join("many-data"), temp.join("many"));
    for number in 0..2_000 {
        let folder = project.join(format!("part{}", number % 40));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("file{number}.tex")), format!("Text {number}.\n"))?;
    }
    fs::write(
        project.join("main.tex"),
        "\\documentclass{article}\\begin{document}Hi\\end{document}\n",
    )?;
    let mut values = Vec::new();
    for _ in 0..5 {
        let app = App::start(&data, &[&project])?;
        let window: &Driver = app.window();
        window.until("the editor", EDITABLE)?;
        window.until("the tree", "document.querySelectorAll('[role=treeitem]').length > 10")?;
        let script = "return performance.getEntriesByName('quire:editable')[0].startTime \
                      - performance.getEntriesByName('quire:opening')[0].startTime";
        values.push(window.run(script, &[])?.as_f64().context("no mark")?);
    }
    Ok(Figure { name: "opening a project of 2,000 files", unit: "ms", values, bar: (0.5, 1000.0) })
}

/// What the program and its web processes hold, each shared page counted in parts.
fn memory_mb(app: &App) -> Result<f64> {
    let megabytes: f64 = app.processes()?.into_iter().map(bench::memory_mb).sum();
    ensure!(megabytes > 0.0, "no process to measure");
    Ok(megabytes)
}

fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())?.flatten() {
        if entry.path().is_dir() {
            found.extend(walk(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    Ok(found)
}
