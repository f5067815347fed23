//! The window for those who do not see it or have no mouse: axe-core finds no fault, and the keyboard reaches all parts.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{Driver, key};
use serde_json::Value;
use std::path::Path;
use support::{Author, into_editor};

const ARTICLE: &str = "\\documentclass{article}\n\\begin{document}\n\\section{One}\\label{one}\nHello \\ref{none} and mispeltt.\n\\undefinedthing\n\\end{document}\n";

/// What axe-core (https://github.com/dequelabs/axe-core) has against what is shown, a line for each fault. Monaco's own
/// insides are left out, but for their colours, which are ours.
fn faults(window: &Driver) -> Vec<String> {
    if window.run("return typeof window.axe", &[]).unwrap() == "undefined" {
        let axe =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/node_modules/axe-core/axe.min.js");
        let script = std::fs::read_to_string(axe).expect("`npm ci` in ui installs axe-core");
        window.run(&(script + "\nwindow.axe = axe"), &[]).unwrap();
    }
    // What fades in would be measured half transparent.
    window
        .until("all to stand still", "document.getAnimations().every((a) => a.playState !== 'running' || a.effect?.getTiming().iterations === Infinity)")
        .unwrap();
    let script = "const done = arguments[arguments.length - 1]; \
        axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => done(violations.flatMap(({ id, nodes }) => nodes \
          .filter(({ target }) => id === 'color-contrast' || !document.querySelector(target.join(' '))?.closest('.monaco-editor')) \
          .map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`))), (e) => done([String(e)]))";
    let found = window.run_async(script, &[]).unwrap();
    found.as_array().unwrap().iter().map(|fault| fault.as_str().unwrap().to_owned()).collect()
}

#[track_caller]
fn is_accessible(window: &Driver, what: &str) {
    let found = faults(window);
    assert!(found.is_empty(), "{what}:\n{}", found.join("\n"));
}

/// Choose a command in the palette.
fn run(window: &Driver, command: &str) {
    window.shortcut(&[key::CONTROL, key::SHIFT, "p"]).unwrap();
    window.until("the palette", "document.activeElement?.matches('.q-palette-input')").unwrap();
    window.type_text(command).unwrap();
    window.type_text("\n").unwrap();
    window.until("the palette to close", "!document.querySelector('.q-palette-input')").unwrap();
}

fn escape(window: &Driver) {
    window.shortcut(&[key::ESCAPE]).unwrap();
    window
        .until("no dialog", "!document.querySelector('[role=dialog]:not(.find-widget)')")
        .unwrap();
}

#[test]
fn nothing_is_nameless_or_faint() {
    let author = Author::writes(&[("main.tex", ARTICLE)]);
    let window = author.app.window();
    for theme in ["Light theme", "Dark theme"] {
        run(window, theme);
        into_editor(window);
        is_accessible(window, &format!("{theme}: the workspace"));
        window.shortcut(&[key::CONTROL, "f"]).unwrap();
        window.until("the find widget", "document.querySelector('.find-widget.visible')").unwrap();
        is_accessible(window, &format!("{theme}: find in a file"));
        escape(window);
        window.shortcut(&[key::CONTROL, "j"]).unwrap();
        window.until("the problems", "document.querySelector('.bottom-panel')").unwrap();
        is_accessible(window, &format!("{theme}: the problems"));
        run(window, "Outline");
        is_accessible(window, &format!("{theme}: the outline"));
        run(window, "History of this file");
        window.until("a version", "document.querySelector('.sidebar-body button')").unwrap();
        is_accessible(window, &format!("{theme}: the history"));
        for part in ["Comments", "Suggestions", "Chat"] {
            run(window, part);
            window.until(part, "document.querySelector('.talk-list')").unwrap();
            is_accessible(window, &format!("{theme}: {part}"));
        }
        run(window, "Find in project");
        window.type_text("Hello").unwrap();
        window
            .until(
                "what was found",
                "document.querySelector('.search-count')?.textContent.includes('1')",
            )
            .unwrap();
        is_accessible(window, &format!("{theme}: the search"));
        for (command, what) in [("Settings", "Editing"), ("Deleted files", ""), ("Count words", "")]
        {
            run(window, command);
            window
                .until(command, "document.querySelector('[role=dialog]:not(.find-widget)')")
                .unwrap();
            if !what.is_empty() {
                is_accessible(window, &format!("{theme}: {command}"));
                window.press(what).unwrap();
            }
            is_accessible(window, &format!("{theme}: {command} {what}"));
            escape(window);
        }
        window.shortcut(&[key::CONTROL, key::SHIFT, "p"]).unwrap();
        window.until("the palette", "document.activeElement?.matches('.q-palette-input')").unwrap();
        is_accessible(window, &format!("{theme}: the palette"));
        escape(window);
        window.shortcut(&[key::CONTROL, "j"]).unwrap();
    }
    run(window, "All projects");
    window
        .until("the gallery", "document.querySelector('h1')?.textContent === 'Projects'")
        .unwrap();
    is_accessible(window, "the gallery");
    window.shortcut(&[key::CONTROL, "n"]).unwrap();
    window.until("templates", "document.querySelector('[role=dialog]:not(.find-widget)')").unwrap();
    is_accessible(window, "the templates");
}

#[test]
fn one_key_leads_from_part_to_part() {
    let author = Author::writes(&[("main.tex", ARTICLE)]);
    let window = author.app.window();
    into_editor(window);
    let f6 = "\u{E036}";
    let part = || {
        let script = "return document.activeElement?.closest('[data-part], .editor-area')?.className.split(' ')[0]";
        window.run(script, &[]).unwrap()
    };
    let mut seen = vec![part()];
    for _ in 0..4 {
        window.shortcut(&[f6]).unwrap();
        seen.push(part());
    }
    assert_eq!(
        seen,
        ["editor-area", "preview", "top-bar", "sidebar", "editor-area"].map(Value::from)
    );
    window.type_text("Typed").unwrap();
    window
        .until(
            "what was typed",
            "document.querySelector('.view-lines').textContent.includes('Typed')",
        )
        .unwrap();
    window.shortcut(&[key::SHIFT, f6]).unwrap();
    assert_eq!(part(), "sidebar");
    window
        .until("an entry of the tree", "document.activeElement?.matches('[role=treeitem]')")
        .unwrap();
}
