//! An author's hands in the editor: going to a place, selecting, the palette, and what is to be seen then.

use super::until;
use quire_e2e::{Driver, key};
use serde_json::json;

/// What the focused editor shows, with spaces as they are in the text.
pub(crate) fn shown(window: &Driver) -> String {
    let lines = "return [...document.querySelectorAll('.view-line')] \
        .sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top)) \
        .map((line) => line.innerText.replaceAll('\\u00a0', ' ')).join('\\n')";
    window.run(lines, &[]).unwrap().as_str().unwrap_or_default().to_owned()
}

/// Choose something in the palette, of which the prefix is part of what is typed.
pub(crate) fn choose(window: &Driver, typed: &str) {
    window.shortcut(&[key::CONTROL, "p"]).unwrap();
    let open = "document.activeElement?.classList.contains('q-palette-input')";
    window.until("the palette", open).unwrap();
    window.type_text(typed).unwrap();
    // The symbols come from the application.
    window.until("a hit", "document.querySelector('.q-palette [role=option]') || document.activeElement.value.startsWith(':')").unwrap();
    window.shortcut(&[key::ENTER]).unwrap();
    window.until("the palette is gone", "!document.querySelector('.q-palette')").unwrap();
}

pub(crate) fn has_focus(window: &Driver, css: &str) {
    window.until("the focus", &format!("document.activeElement?.matches({})", json!(css))).unwrap();
}

/// Put the cursor at a line and column.
pub(crate) fn go_to(window: &Driver, line: u32, column: u32) {
    choose(window, &format!(":{line}:{column}"));
    has_focus(window, ".monaco-editor textarea");
}

/// Select so many letters from a place on.
pub(crate) fn select(window: &Driver, line: u32, column: u32, length: usize) {
    go_to(window, line, column);
    for _ in 0..length {
        window.shortcut(&[key::SHIFT, key::RIGHT]).unwrap();
    }
}

/// Wait until a part of the window says something.
pub(crate) fn says(window: &Driver, css: &str, text: &str) {
    let found = format!(
        "[...document.querySelectorAll({})].some((e) => e.innerText.replaceAll('\\u00a0', ' ').includes({}))",
        json!(css),
        json!(text)
    );
    window.until(&format!("{css} to say {text}"), &found).unwrap();
}

pub(crate) fn is_gone(window: &Driver, css: &str) {
    window
        .until(&format!("no {css}"), &format!("!document.querySelector({})", json!(css)))
        .unwrap();
}

/// Wait until the editor shows a text.
#[track_caller]
pub(crate) fn shows(window: &Driver, text: &str) {
    until(&format!("the editor shows {text}"), || shown(window).contains(text));
}
