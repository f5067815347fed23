//! What the editor does for an author beside typing, in the real window: the past of a file, names, words,
//! lists, settings. Each step leaves a screenshot in `target/e2e`, to be looked at.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{App, Driver, key};
use serde_json::json;
use std::fs;
use support::{
    Author, PAPER, built,
    editor::{choose, has_focus, shown},
    folder, into_editor, my_turn, pdf_text, picture, until,
};

#[test]
fn a_version_is_compared_with_the_present_restored_and_the_restoring_undone() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    into_editor(window);
    window.shortcut(&[key::CONTROL, key::HOME]).unwrap();
    window.type_text("% A word too many.\n").unwrap();
    let file = || fs::read_to_string(author.paper.join("main.tex")).unwrap();
    until("the file", || file().contains("too many"));
    compare_with_the_oldest(window);
    window
        .until(
            "what was added",
            "document.querySelector('.compared-added')?.innerText.includes('too many')",
        )
        .unwrap();
    window.screenshot(&picture("history-compared")).unwrap();
    window.press("Restore this version").unwrap();
    until("the file is as it was", || file() == PAPER);
    has_focus(window, ".monaco-editor textarea");
    window.screenshot(&picture("history-restored")).unwrap();
    window.press("Undo").unwrap();
    until("it is undone", || file().contains("too many"));
}

/// What the file was at first, beside what it is.
fn compare_with_the_oldest(window: &Driver) {
    choose(window, ">History of this file");
    let entry = window.find(".history-entry").unwrap();
    window.click(&entry).unwrap();
    let slider = window.find(".comparison-slider input").unwrap();
    window.click(&slider).unwrap();
    window.shortcut(&[key::HOME]).unwrap();
}

#[test]
fn a_long_text_that_was_replaced_is_compared_without_a_pause() {
    let long = |word: &str| (0..8000).map(|i| format!("{word} line {i}\n")).collect::<String>();
    let author = Author::writes(&[("main.tex", PAPER), ("long.tex", &long("an old"))]);
    let window = author.app.window();
    choose(window, "long");
    window
        .until("the text", "document.querySelector('.view-lines')?.innerText.includes('old')")
        .unwrap();
    fs::write(author.paper.join("long.tex"), long("a new")).unwrap();
    window
        .until("the new text", "document.querySelector('.view-lines')?.innerText.includes('new')")
        .unwrap();
    compare_with_the_oldest(window);
    window.until("the comparison", "document.querySelector('.compared-removed')").unwrap();
    // As many lines as fit many times into the window; the others come when one scrolls.
    let drawn = "return document.querySelectorAll('.comparison tr').length";
    assert!(window.run(drawn, &[]).unwrap().as_u64().unwrap() < 1000);
    window.run("document.querySelector('.comparison-body').scrollTop = 1e6", &[]).unwrap();
    window.until("more lines", "document.querySelectorAll('.comparison tr').length > 300").unwrap();
}

#[test]
fn a_label_is_renamed_in_all_files() {
    let main = "\\documentclass{article}\n\\begin{document}\n\\section{One}\\label{sec:one}\n\\input{part}\n\\end{document}\n";
    let author = Author::writes(&[("main.tex", main), ("part.tex", "See \\ref{sec:one}.\n")]);
    let window = author.app.window();
    choose(window, "@sec:one");
    has_focus(window, ".monaco-editor textarea");
    window.shortcut(&["\u{E032}"]).unwrap();
    has_focus(window, ".rename-input");
    window.screenshot(&picture("rename")).unwrap();
    window.shortcut(&[key::CONTROL, "a"]).unwrap();
    window.type_text("sec:first\n").unwrap();
    let read = |name: &str| fs::read_to_string(author.paper.join(name)).unwrap();
    until("both files", || {
        read("main.tex").contains("\\label{sec:first}")
            && read("part.tex").contains("\\ref{sec:first}")
    });
    // All places of it, the text of the file that is not open among them.
    window.shortcut(&[key::SHIFT, "\u{E03C}"]).unwrap();
    window
        .until("the list of places", "document.querySelector('.reference-zone-widget .preview .view-lines')?.innerText.includes('documentclass')")
        .unwrap();
    window.screenshot(&picture("references")).unwrap();
}

#[test]
fn words_are_counted_by_section() {
    let text = "\\documentclass{article}\n\\begin{document}\nTwo words.\n\\section{One}\nHere are \\emph{five} words more.\n\\section{Two}\n$x = y$ % none\nThree of them.\n\\end{document}\n";
    let author = Author::writes(&[("main.tex", text)]);
    let window = author.app.window();
    window
        .until("the number", "document.querySelector('.word-count')?.innerText === '12 words'")
        .unwrap();
    window.click(&window.find(".word-count").unwrap()).unwrap();
    let rows = "[...document.querySelectorAll('.words-table tbody tr')].map((row) => [...row.children].map((cell) => cell.innerText.trim()).join(' '))";
    window.until("the sections", &format!("{rows}.length === 3")).unwrap();
    let rows = window.run(&format!("return {rows}"), &[]).unwrap();
    assert_eq!(rows, json!(["Before the first section 2 2", "One 6 6", "Two 4 4"]));
    window.screenshot(&picture("words")).unwrap();
}

#[test]
fn enter_goes_on_with_a_list_and_leaves_it() {
    let text = PAPER.replace("Hello.\n", "");
    let author = Author::writes(&[("main.tex", &text)]);
    let window = author.app.window();
    choose(window, ":3:99");
    has_focus(window, ".monaco-editor textarea");
    window.type_text("\n\\begin{itemize}").unwrap();
    window.type_text("\nfirst\nsecond\n\nafter").unwrap();
    window
        .until("the text", "document.querySelector('.view-lines')?.innerText.includes('after')")
        .unwrap();
    let list = "\\begin{itemize}\n  \\item first\n  \\item second\n\\end{itemize}\nafter";
    assert!(shown(window).contains(list), "{}", shown(window));
    until("the page", || pdf_text(&author.data).contains("after"));
}

#[test]
fn settings_hold_at_once_and_after_a_restart() {
    let _turn = my_turn();
    let temp = folder(&[("main.tex", PAPER)]);
    let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
    let app = App::start(&data, &[&paper]).unwrap();
    let window = app.window();
    built(window);
    window.shortcut(&[key::CONTROL, ","]).unwrap();
    window.press("Dark").unwrap();
    window.until("the dark theme", "document.documentElement.dataset.theme === 'dark'").unwrap();
    window.press("Editing").unwrap();
    window.press("Vim").unwrap();
    window
        .until(
            "the mode",
            "document.querySelector('.quire-keys-status')?.innerText.includes('NORMAL')",
        )
        .unwrap();
    window.screenshot(&picture("settings")).unwrap();
    window.shortcut(&[key::ESCAPE]).unwrap();
    has_focus(window, ".monaco-editor textarea");
    app.close().unwrap();
    let app = App::start(&data, &[&paper]).unwrap();
    let window = app.window();
    window.until("the dark theme", "document.documentElement.dataset.theme === 'dark'").unwrap();
    window
        .until(
            "the mode",
            "document.querySelector('.quire-keys-status')?.innerText.includes('NORMAL')",
        )
        .unwrap();
    has_focus(window, ".monaco-editor textarea");
    // A line goes, and what is typed in the mode of insertion is text.
    window.type_text("ddiTyped.").unwrap();
    let typed = PAPER.replace("\\documentclass{article}\n", "Typed.");
    until("the file", || fs::read_to_string(paper.join("main.tex")).unwrap() == typed);
    window.screenshot(&picture("vim")).unwrap();
}

/// What can be used and has no name, and dialogs without a title.
const NAMELESS: &str = "const named = (e) => (e.getAttribute('aria-label') \
      ?? (e.getAttribute('aria-labelledby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join('')).trim() \
      || [...(e.labels ?? [])].map((label) => label.textContent).join('').trim(); \
    const all = document.querySelectorAll('button, a[href], input, select, textarea, [tabindex=\"0\"], [role=slider], [role=dialog], [role=alertdialog]'); \
    return [...all].filter((e) => e.getClientRects().length > 0 && e.getAttribute('aria-hidden') !== 'true') \
      .filter((e) => !named(e) && (e.matches('input, select, textarea, [role=dialog], [role=alertdialog]') || !e.textContent.trim())) \
      .map((e) => e.outerHTML.slice(0, 200))";

#[test]
fn everything_that_can_be_used_has_a_name() {
    let author = Author::writes(&[("main.tex", &PAPER.replace("Hello.", "\\emhp{x}"))]);
    let window = author.app.window();
    let check = |view: &str| assert_eq!(window.run(NAMELESS, &[]).unwrap(), json!([]), "{view}");
    for view in [">Outline", ">Find in project", ">History of this file", ">Files"] {
        choose(window, view);
        check(view);
    }
    window.click(&window.find(".status-problems").unwrap()).unwrap();
    window.until("the problem", "document.querySelector('.problem-error')").unwrap();
    check("problems");
    choose(window, ">Find in this file");
    check("find");
    window.shortcut(&[key::ESCAPE]).unwrap();
    window.shortcut(&[key::CONTROL, ","]).unwrap();
    for page in ["Appearance", "Editing", "Building", "This project"] {
        window.press(page).unwrap();
        check(page);
    }
    window.shortcut(&[key::ESCAPE]).unwrap();
    choose(window, ">Count words");
    window.find(".words-table").unwrap();
    check("words");
    window.shortcut(&[key::ESCAPE]).unwrap();
    window.press("All projects").unwrap();
    window.find(".gallery").unwrap();
    check("gallery");
}

#[test]
fn the_keys_of_emacs_are_not_the_windows() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    choose(window, ">Emacs keys");
    window
        .until(
            "the mode",
            "document.querySelector('.quire-keys-status')?.innerText.includes('EMACS')",
        )
        .unwrap();
    has_focus(window, ".monaco-editor textarea");
    choose_line(window);
    // The line is killed, the cursor goes down, and what was killed is yanked there.
    for key in ["a", "k", "n", "y", "p", "b"] {
        window.shortcut(&[key::CONTROL, key]).unwrap();
    }
    let text = PAPER.replace("\\section{One}\nHello.", "\n\\section{One}Hello.");
    until("the file", || fs::read_to_string(author.paper.join("main.tex")).unwrap() == text);
    // The window's own, by its name in Emacs.
    window.shortcut(&[key::ALT, "x"]).unwrap();
    has_focus(window, ".q-palette-input");
    window.screenshot(&picture("emacs")).unwrap();
}

/// Down to the section: the palette is not `Ctrl+P` any more.
fn choose_line(window: &Driver) {
    window.shortcut(&[key::CONTROL, key::HOME]).unwrap();
    window.shortcut(&[key::DOWN]).unwrap();
    window.shortcut(&[key::DOWN]).unwrap();
}
