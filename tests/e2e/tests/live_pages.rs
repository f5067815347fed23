//! Live pages are whole pages of the window: they come and go with the text, and what is done with pages is done with
//! them, before any build.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{Driver, key};
use serde_json::Value;
use support::{Author, PAPER, into_editor, long_paper, pdf_text, picture, top_of, until};

fn build_only_when_asked(window: &Driver) {
    window.shortcut(&[key::CONTROL, ","]).unwrap();
    window.press("Building").unwrap();
    window.press("While typing").unwrap();
    window.shortcut(&[key::ESCAPE]).unwrap();
}

fn to_end_of_line(window: &Driver, line: u32) {
    into_editor(window);
    window.shortcut(&[key::CONTROL, "g"]).unwrap();
    window.type_text(&format!("{line}\n")).unwrap();
    window.shortcut(&[key::END]).unwrap();
}

/// What a page has that follows the text, before a build has made it final.
const MARK: &str = "document.querySelector('.preview-page .preview-provisional')";

#[test]
fn a_page_comes_and_goes_with_its_text_without_a_build() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    build_only_when_asked(window);
    let count = |pages: u32| {
        format!("document.querySelector('.preview-page-field')?.textContent.includes('/ {pages}')")
    };
    let last = "document.querySelector('.preview-page:last-child')";
    let y = top_of(window, "Hello.");
    to_end_of_line(window, 4);
    window.type_text("\n\\newpage\\pdfpagewidth=400bp\\pdfpageheight=300bp A wide page.").unwrap();
    window.until("two pages", &count(2)).unwrap();
    let has_pixels = format!(
        "(() => {{ const page = {last}; const image = page?.querySelector('.preview-picture img'); \
           return page?.dataset.page === '1' && image?.naturalWidth > 0 \
             && Math.abs(image.naturalWidth / image.naturalHeight - 4 / 3) < 0.01 \
             && Math.abs(page.offsetWidth / page.offsetHeight - 4 / 3) < 0.01 }})()"
    );
    window.until("the page, of its own size", &has_pixels).unwrap();
    window.screenshot(&picture("page-added")).unwrap();
    assert!((top_of(window, "Hello.") - y).abs() < 1.0, "what is read has not moved");
    assert!(!pdf_text(&author.data).contains("wide"), "no build came in between");
    // The build takes over without taking the page away in between.
    let watch = "window.__least = 9; const watch = () => { window.__least = Math.min(window.__least, \
        document.querySelectorAll('.preview-page img').length); requestAnimationFrame(watch) }; watch()";
    window.run(watch, &[]).unwrap();
    window.shortcut(&[key::CONTROL, "s"]).unwrap();
    until("the build", || pdf_text(&author.data).contains("wide"));
    window.until("its picture", &format!("{MARK} === null && {has_pixels}")).unwrap();
    assert!(window.run("return window.__least", &[]).unwrap().as_u64().unwrap() >= 2);
    // And it goes before a build is there that has one page.
    window.shortcut(&[key::SHIFT, key::HOME]).unwrap();
    window.shortcut(&[key::BACKSPACE]).unwrap();
    let one = format!("document.querySelectorAll('.preview-page').length === 1 && {}", count(1));
    window.until("one page", &one).unwrap();
    assert!(pdf_text(&author.data).contains("wide"), "no build came in between");
}

/// From now on every frame notes which page is in the middle of the pages and where it stands.
const WATCH: &str = "window.__seen = []; const watch = () => { \
    const box = document.querySelector('.preview-scroll').getBoundingClientRect(); \
    const page = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2)?.closest('.preview-page'); \
    const seen = JSON.stringify([page?.dataset.page, page?.getBoundingClientRect().top, page?.querySelector('.preview-picture img')?.naturalWidth > 0]); \
    if (window.__seen.at(-1) !== seen) window.__seen.push(seen); requestAnimationFrame(watch) }; watch()";

#[test]
fn what_is_read_stays_while_pages_come_and_go_above_with_each_key() {
    let author = Author::writes(&[("main.tex", &long_paper())]);
    let window = author.app.window();
    build_only_when_asked(window);
    window
        .run("const box = document.querySelector('.preview-scroll'); box.scrollTop = box.scrollHeight / 2", &[])
        .unwrap();
    let before = top_of(window, "Marker21");
    // The live pages are there once the first key shows.
    to_end_of_line(window, 3);
    window.type_text(" x").unwrap();
    window
        .until("live pages", "document.querySelector('.status-live')?.textContent === 'Live'")
        .unwrap();
    std::thread::sleep(std::time::Duration::from_secs(2));
    window.run(WATCH, &[]).unwrap();
    let read = |page: u32| {
        let page =
            format!("document.querySelector('.preview-page-field input').value === '{page}'");
        window.until("the page", &page).unwrap();
        let after = top_of(window, "Marker21");
        assert!((after - before).abs() < 1.0, "it was at {before} and is at {after}");
    };
    read(21);
    window.type_text("\n\\newpage New").unwrap();
    read(22);
    window.screenshot(&picture("live-page-above")).unwrap();
    for _ in 0.."\\newpage New".len() {
        window.shortcut(&[key::BACKSPACE]).unwrap();
    }
    read(21);
    assert!(!pdf_text(&author.data).contains("New"), "no build came in between");
    let seen = window.run("return window.__seen.map((seen) => JSON.parse(seen))", &[]).unwrap();
    let seen = seen.as_array().unwrap();
    let pages: Vec<&str> = seen.iter().filter_map(|seen| seen[0].as_str()).collect();
    assert_eq!(pages, ["20", "21", "20"], "{seen:?}");
    let tops: Vec<f64> = seen.iter().filter_map(|seen| seen[1].as_f64()).collect();
    assert!(tops.iter().all(|top| (top - tops[0]).abs() < 1.0), "{tops:?}");
    assert!(seen.iter().all(|seen| seen[2] == Value::Bool(true)), "a blank: {seen:?}");
}

const LINKED: &str = "\\documentclass{article}\n\\usepackage{hyperref}\n\\begin{document}\nHello.\n\n\\newpage\n\
    \\section{Two}\\label{two}\n\\end{document}\n";

#[test]
fn live_pages_are_selected_searched_followed_and_presented() {
    let author = Author::writes(&[("main.tex", LINKED)]);
    let window = author.app.window();
    build_only_when_asked(window);
    top_of(window, "Hello.");
    window.press("Show thumbnails").unwrap();
    window.until("thumbnails", "document.querySelector('.preview-thumbnail img')").unwrap();
    to_end_of_line(window, 4);
    window.type_text(" See quokka \\ref{two}.").unwrap();
    // Words.
    top_of(window, "quokka");
    // Small pictures.
    let small = "[...document.querySelectorAll('.preview-thumbnail img')].some((i) => i.src.includes('/glance/') && i.naturalWidth > 0)";
    window.until("the thumbnail", small).unwrap();
    window.screenshot(&picture("live-words")).unwrap();
    // Search.
    window.run("document.querySelector('.preview-scroll').focus()", &[]).unwrap();
    window.shortcut(&[key::CONTROL, "f"]).unwrap();
    window.until("the field", "document.activeElement?.closest('.preview-find')").unwrap();
    window.type_text("quokka").unwrap();
    let found = |count: &str| {
        format!("document.querySelector('.preview-count')?.textContent === '{count}'")
    };
    window.until("the match", &found("1 of 1")).unwrap();
    window.screenshot(&picture("live-search")).unwrap();
    into_editor(window);
    to_end_of_line(window, 4);
    window.type_text(" Another quokka").unwrap();
    window.until("both", &found("1 of 2")).unwrap();
    // Links.
    window.press("Go to page 2").unwrap();
    let scrolled = "document.querySelector('.preview-scroll').scrollTop > 50";
    window.until("the other page", scrolled).unwrap();
    window.run("document.querySelector('.preview-scroll').scrollTop = 0", &[]).unwrap();
    let first = "document.querySelector('.preview-page-field input').value === '1'";
    window.until("the first page", first).unwrap();
    // On the whole screen.
    window.run("document.querySelector('.preview-scroll').focus()", &[]).unwrap();
    window.shortcut(&["\u{E035}"]).unwrap();
    let shown = "document.querySelector('.preview-presentation img')?.src.includes('/live/')";
    window.until("the page as it is", shown).unwrap();
    window.screenshot(&picture("live-presentation")).unwrap();
    assert!(!pdf_text(&author.data).contains("quokka"), "no build came in between");
}
