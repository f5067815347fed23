//! Half-typed text in the real window: one problem, told when the author pauses, gone when it is mended; and the
//! pages behind stay as they were.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{App, Driver, key};
use std::{fs, time::Duration};
use support::{Author, into_editor, picture};

const PAPER: &str = "\\documentclass{article}\n\\begin{document}\n\\section{One}\nHello.\n\nMore of it.\n\\newpage\n\
    The second page.\n\\end{document}\n";

/// Notes the last key, and how long after it the first problem is told.
const WATCH: &str = "window.__key = 0; window.__after = null; \
    addEventListener('keydown', () => { window.__key = performance.now() }, true); \
    const problems = document.querySelector('.status-problems'); \
    new MutationObserver(() => { if (window.__after === null && /^\\s*1error/.test(problems.textContent)) \
      window.__after = performance.now() - window.__key }) \
      .observe(problems, { subtree: true, childList: true, characterData: true })";

fn errors(count: u32) -> String {
    let word = if count == 1 { "error" } else { "errors" };
    format!("/^\\s*{count}{word},/.test(document.querySelector('.status-problems').textContent)")
}

fn delete(window: &Driver, letters: usize) {
    for _ in 0..letters {
        window.shortcut(&["\u{E003}"]).unwrap();
    }
}

#[test]
fn one_problem_is_told_after_a_pause_and_goes_when_it_is_mended() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    window.shortcut(&[key::CONTROL, ","]).unwrap();
    window.press("Building").unwrap();
    window.press("While typing").unwrap();
    window.shortcut(&[key::ESCAPE]).unwrap();
    into_editor(window);
    window.shortcut(&[key::CONTROL, "g"]).unwrap();
    window.type_text("4\n").unwrap();
    window.shortcut(&[key::END]).unwrap();
    window.run(WATCH, &[]).unwrap();
    // A command that does not exist, then text that swallows the rest of the document.
    for (text, name) in [(" \\nosuch x", "calm-command"), (" \\iffalse x", "calm-swallowed")] {
        window.run("window.__after = null", &[]).unwrap();
        window.type_text(text).unwrap();
        let told = window.until("one problem", &errors(1));
        window.screenshot(&picture(name)).unwrap();
        told.unwrap();
        let after = window.run("return window.__after", &[]).unwrap().as_f64().unwrap();
        assert!(after > 600.0, "told {after} ms after the last key");
        window.until("its mark in the text", "document.querySelector('.squiggly-error')").unwrap();
        window.run("document.querySelector('.status-problems').click()", &[]).unwrap();
        window.until("what it means", "document.querySelector('.problem-now')").unwrap();
        window.screenshot(&picture(name)).unwrap();
        let pages = "return document.querySelectorAll('.preview-page').length";
        assert_eq!(window.run(pages, &[]).unwrap(), 2);
        into_editor(window);
        window.shortcut(&[key::CONTROL, "g"]).unwrap();
        window.type_text("4\n").unwrap();
        window.shortcut(&[key::END]).unwrap();
        delete(window, text.len());
        window.until("no problem", &errors(0)).unwrap();
    }
}

/// Processor time of the program and what it has started, so far.
fn cpu_ms(app: &App) -> u64 {
    /// Linux counts in hundredths of a second.
    const TICK_MS: u64 = 10;
    let of = |process: u32| -> u64 {
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
        fields.skip(11).take(4).filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
    };
    app.processes().unwrap().into_iter().map(of).sum::<u64>() * TICK_MS
}

#[test]
fn a_window_that_is_left_alone_does_nothing() {
    /// The caret blinks for ten seconds after the last key.
    const RESTS: Duration = Duration::from_secs(12);
    const LOOK: Duration = Duration::from_secs(5);
    /// Of those; a second of work now and then is not told from the clock's tick. With one caret that blinks it was 60.
    const MOST_MS: u64 = 30;
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    into_editor(window);
    window.shortcut(&[key::CONTROL, "g"]).unwrap();
    window.type_text("4\n").unwrap();
    window.shortcut(&[key::END]).unwrap();
    window.type_text(" Still.").unwrap();
    window.until("no problem", &errors(0)).unwrap();
    std::thread::sleep(RESTS);
    // What a build does in the background may be late on a busy machine.
    let mut least = u64::MAX;
    for _ in 0..6 {
        let before = cpu_ms(&author.app);
        std::thread::sleep(LOOK);
        least = least.min(cpu_ms(&author.app) - before);
        if least <= MOST_MS {
            break;
        }
    }
    assert!(least <= MOST_MS, "{least} ms in five seconds in which nobody did anything");
    let caret = "document.activeElement.className.includes('inputarea')";
    assert_eq!(
        window.run(&format!("return {caret}"), &[]).unwrap(),
        true,
        "the editor has the focus"
    );
}
