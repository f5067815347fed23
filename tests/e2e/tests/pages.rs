//! The pages in the real window: what is read stays where it is, whatever happens to the document.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{Driver, key};
use serde_json::{Value, json};
use std::fs;
use support::{Author, PAPER, into_editor, long_paper, pdf_text, picture, top_of, until};

/// The number of the build whose pages are shown, and whether the page in the middle is pixels.
fn shown(window: &Driver) -> (u64, bool) {
    let script = "const box = document.querySelector('.preview-scroll').getBoundingClientRect(); \
        const page = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)?.closest('.preview-page'); \
        const images = [...(page?.querySelectorAll('.preview-picture img') ?? [])]; \
        return [Number(images.at(-1)?.src.split('/').at(-4) ?? 0), images.some((i) => i.naturalWidth > 0)]";
    let found = window.run(script, &[]).unwrap();
    (found[0].as_u64().unwrap(), found[1] == Value::Bool(true))
}

/// From now on every frame notes where the page of a word stands and whether it has pixels.
const WATCH: &str = "window.__seen = []; const watch = () => { \
    const page = document.querySelector(`.preview-page[data-page='${arguments[0]}']`); \
    const picture = page?.querySelector('.preview-picture img'); \
    window.__seen.push([page?.getBoundingClientRect().top ?? null, (picture?.naturalWidth ?? 0) > 0]); \
    requestAnimationFrame(watch) }; watch()";

#[test]
fn new_pages_come_without_a_blank_and_without_a_jump() {
    let paper = long_paper();
    let author = Author::writes(&[("main.tex", &paper)]);
    let window = author.app.window();
    window
        .run("const box = document.querySelector('.preview-scroll'); box.scrollTop = box.scrollHeight / 2", &[])
        .unwrap();
    let before = top_of(window, "Marker21");
    until("pixels", || shown(window).1);
    let (first, _) = shown(window);
    window.run(WATCH, &[json!(20)]).unwrap();
    // A line on another page: nothing in sight changes, and nothing may move.
    let changed = paper.replace("Marker3 begins", "Marker3 has more words and begins");
    fs::write(author.paper.join("main.tex"), &changed).unwrap();
    until("the new pages", || ![0, first].contains(&shown(window).0));
    let after = top_of(window, "Marker21");
    assert!((after - before).abs() < 1.0, "it was at {before} and is at {after}");
    let seen = window.run("return window.__seen", &[]).unwrap();
    let frames = seen.as_array().unwrap();
    assert!(frames.len() > 5, "{frames:?}");
    let moved = frames.iter().filter(|frame| frame[0] != frames[0][0]).count();
    let blank = frames.iter().filter(|frame| frame[1] != Value::Bool(true)).count();
    assert_eq!((moved, blank), (0, 0), "of {} frames", frames.len());
    window.screenshot(&picture("pages-updated")).unwrap();
}

#[test]
fn zoom_keeps_what_is_read_and_is_crisp_at_both_ends() {
    let author = Author::writes(&[("main.tex", &long_paper())]);
    let window = author.app.window();
    window
        .run("const box = document.querySelector('.preview-scroll'); box.scrollTop = box.scrollHeight / 2; box.focus()", &[])
        .unwrap();
    let read = || {
        let script = "return document.querySelector('.preview-page-field input').value";
        window.run(script, &[]).unwrap()
    };
    top_of(window, "Marker21");
    let page = read();
    // The most pixels of a picture that was asked for.
    let note = "window.__most = 0; const decode = HTMLImageElement.prototype.decode; \
        HTMLImageElement.prototype.decode = async function () { await decode.call(this); \
          window.__most = Math.max(window.__most, this.naturalWidth * this.naturalHeight) }";
    window.run(note, &[]).unwrap();
    // To 800 % and back to 25 %.
    for (zoom, steps) in [("+", 20), ("-", 24)] {
        for _ in 0..steps {
            window.shortcut(&[key::CONTROL, zoom]).unwrap();
        }
        let crisp = "(() => { const box = document.querySelector('.preview-scroll').getBoundingClientRect(); \
            const at = [box.left + box.width / 2, box.top + box.height / 3]; \
            const page = document.elementFromPoint(...at)?.closest('.preview-page'); \
            return [...(page?.querySelectorAll('img') ?? [])].some((i) => { const r = i.getBoundingClientRect(); \
              return r.top <= at[1] && r.bottom >= at[1] && r.left <= at[0] && r.right >= at[0] \
                && i.naturalWidth >= Math.floor(r.width * devicePixelRatio) }) })()";
        window.until("pixels as fine as the screen's", crisp).unwrap();
        window.screenshot(&picture(if zoom == "+" { "zoom-800" } else { "zoom-25" })).unwrap();
        if zoom == "+" {
            assert_eq!(read(), page);
        }
    }
    let all = "(() => { const box = document.querySelector('.preview-scroll').getBoundingClientRect(); \
        return [...document.querySelectorAll('.preview-page')].every((page) => { const r = page.getBoundingClientRect(); \
          return r.bottom < box.top || r.top > box.bottom || page.querySelector('.preview-picture img') }) })()";
    window.until("every page in sight as pixels", all).unwrap();
    // Also while the zoom is ahead of the pictures a large page is never one of them.
    let most = window.run("return window.__most", &[]).unwrap().as_u64().unwrap();
    assert!((1..4_300_000).contains(&most), "{most} pixels");
}

#[test]
fn pages_are_searched_and_presented() {
    let author = Author::writes(&[("main.tex", &long_paper())]);
    let window = author.app.window();
    window.run("document.querySelector('.preview-scroll').focus()", &[]).unwrap();
    window.shortcut(&[key::CONTROL, "f"]).unwrap();
    window.until("the field", "document.activeElement?.closest('.preview-find')").unwrap();
    window.type_text("marker39").unwrap();
    window
        .until("the match", "document.querySelector('.preview-count')?.textContent === '1 of 1'")
        .unwrap();
    window
        .until("it is marked, in sight", "(() => { const r = document.querySelector('.preview-match[data-current]')?.getBoundingClientRect(); return r && r.top > 0 && r.bottom < innerHeight })()")
        .unwrap();
    window.screenshot(&picture("pages-searched")).unwrap();
    window.shortcut(&[key::ESCAPE]).unwrap();
    window.shortcut(&["\u{E035}"]).unwrap();
    let shows = |page: u32| {
        format!("document.querySelector('.preview-presentation img')?.alt === 'Page {page} of 40'")
    };
    window.until("the page that was read", &shows(39)).unwrap();
    window.shortcut(&["\u{E014}"]).unwrap();
    window.until("the next", &shows(40)).unwrap();
    window.screenshot(&picture("presentation")).unwrap();
    window.shortcut(&[key::ESCAPE]).unwrap();
    window.until("the end", "!document.querySelector('.preview-presentation')").unwrap();
    // The pages scroll there.
    window
        .until(
            "the page shown last",
            "document.querySelector('.preview-page-field input').value === '40'",
        )
        .unwrap();
}

#[test]
fn all_text_is_copied_also_of_pages_that_nobody_looked_at() {
    let author = Author::writes(&[("main.tex", &long_paper())]);
    let window = author.app.window();
    top_of(window, "Marker1");
    // Noted when the clipboard has taken it.
    let note = "const write = navigator.clipboard.write.bind(navigator.clipboard); \
        navigator.clipboard.write = async (items) => { await write(items); \
          window.__copied = await (await items[0].getType('text/plain')).text() }";
    window.run(note, &[]).unwrap();
    window.run("document.querySelector('.preview-scroll').focus()", &[]).unwrap();
    window.shortcut(&[key::CONTROL, "a"]).unwrap();
    window.until("the selection", "document.querySelector('.preview-selected')").unwrap();
    window.shortcut(&[key::CONTROL, "c"]).unwrap();
    window.until("the text on the clipboard", "window.__copied").unwrap();
    let text = window.run("return window.__copied", &[]).unwrap();
    let text = text.as_str().unwrap();
    for page in 1..=40 {
        assert!(text.contains(&format!("Marker{page} begins it. Two more lines.")), "{text}");
    }
}

#[test]
fn pages_in_a_window_of_their_own_follow_the_text() {
    let author = Author::writes(&[("main.tex", &long_paper())]);
    let window = author.app.window();
    let main = window.windows().unwrap();
    window.press("More about the pages").unwrap();
    window.press("Open in a window of its own").unwrap();
    until("the second window", || window.windows().unwrap().len() == 2);
    let own = window.windows().unwrap().into_iter().find(|w| !main.contains(w)).unwrap();
    window.switch_to(&own).unwrap();
    top_of(window, "Marker1");
    let text = long_paper().replace("Marker1 begins", "Changed begins");
    fs::write(author.paper.join("main.tex"), text).unwrap();
    top_of(window, "Changed");
    window.screenshot(&picture("pages-detached")).unwrap();
}

fn build_only_when_asked(window: &Driver) {
    window.shortcut(&[key::CONTROL, ","]).unwrap();
    window.press("Building").unwrap();
    window.press("While typing").unwrap();
    window.shortcut(&[key::ESCAPE]).unwrap();
}

fn to_end_of_line_4(window: &Driver) {
    into_editor(window);
    window.shortcut(&[key::CONTROL, "g"]).unwrap();
    window.type_text("4\n").unwrap();
    window.shortcut(&[key::END]).unwrap();
}

#[test]
fn a_page_follows_each_key_without_a_build() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    build_only_when_asked(window);
    let build = shown(window).0;
    to_end_of_line_4(window);
    let live = "[...document.querySelectorAll('.preview-picture img[data-live]')].findLast((i) => i.naturalWidth > 0)?.src";
    let mut seen = String::new();
    for letter in [" M", "o", "r", "e"] {
        window.type_text(letter).unwrap();
        let next = format!("{live} !== undefined && {live} !== {}", json!(seen));
        window.until(&format!("the page after {letter:?}"), &next).unwrap();
        seen = window.run(&format!("return {live}"), &[]).unwrap().as_str().unwrap().to_owned();
    }
    let patch = "document.querySelector('.preview-picture img[data-live=patch]')?.naturalWidth > 0";
    window.until("only what has changed was put over the picture", patch).unwrap();
    window.until("it says that it may change", &format!("{MARK}?.ariaLabel")).unwrap();
    window.until("the status bar says so", &status("Live")).unwrap();
    window.screenshot(&picture("page-follows")).unwrap();
    assert!(!pdf_text(&author.data).contains("More"), "no build came in between");
    // The build takes over, and what it made stays the same to the eye.
    window.shortcut(&[key::CONTROL, "s"]).unwrap();
    until("the build's page", || {
        shown(window).0 != build
            && window.run(&format!("return {live} === undefined"), &[]).unwrap()
                == Value::Bool(true)
    });
    assert!(pdf_text(&author.data).contains("More"));
    let is_marked = window.run(&format!("return {MARK} !== null"), &[]).unwrap();
    assert_eq!(is_marked, Value::Bool(false), "a build's page does not change");
}

/// What a page has that follows the text, before a build has made it final.
const MARK: &str = "document.querySelector('.preview-page .preview-provisional')";

/// The status bar says so much of pages that follow the keystroke.
fn status(words: &str) -> String {
    format!("document.querySelector('.status-live')?.textContent === {}", json!(words))
}

#[test]
fn an_edit_without_end_pauses_live_pages_until_the_next() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    build_only_when_asked(window);
    window.until("live pages", &status("Live")).unwrap();
    to_end_of_line_4(window);
    window.type_text("\\def\\x{\\x}\\x ").unwrap();
    window.until("what is said of it", &status("Live paused")).unwrap();
    window.screenshot(&picture("live-paused")).unwrap();
    for _ in 0..3 {
        window.shortcut(&["\u{E003}"]).unwrap();
    }
    window.until("live pages again", &status("Live")).unwrap();
}
