//! The window for those who do not see it or have no mouse: axe-core finds no fault, and the keyboard reaches all parts.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{Driver, key};
use serde_json::Value;
use support::{
    Author,
    axe::is_accessible,
    editor::{choose, go_to, has_focus, says, select},
    into_editor, picture,
    relay::{Relay, fill, in_size, link_for, share},
};

const ARTICLE: &str = "\\documentclass{article}\n\\begin{document}\n\\section{One}\\label{one}\nHello \\ref{none} and mispeltt.\n\\undefinedthing\n\\end{document}\n";

/// Choose a command in the palette.
fn run(window: &Driver, command: &str) {
    choose(window, &format!(">{command}"));
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

/// The window with its contents in another size, in per cent.
/// What is to be looked at in a dialog or a part of the side bar.
fn look(window: &Driver, how: &str, what: &str) {
    let name = format!("people-{what}-{how}").replace([' ', '%'], "");
    window.screenshot(&picture(&name)).unwrap();
    is_accessible(window, &format!("{how}: {what}"));
}

#[test]
fn what_people_share_and_say_is_for_everybody() {
    let author = Author::writes(&[("main.tex", ARTICLE)]);
    let window = author.app.window();
    let data = tempfile::tempdir().unwrap();
    let relay = Relay::start(data.path(), "127.0.0.1:0");
    relay.register("Ada");
    relay.register("Grace");
    let looks = [("Light theme", "100 %"), ("Dark theme", "100 %"), ("Light theme", "200 %")];
    let each = |show: &dyn Fn(), what: &str| {
        for (theme, size) in looks {
            run(window, theme);
            in_size(window, size);
            show();
            look(window, &format!("{theme} {size}"), what);
            escape(window);
        }
        in_size(window, "100 %");
    };
    each(&|| run(window, "Join by link"), "join");
    each(&|| run(window, "Open from a relay"), "sign in");
    share(window, &relay, "Ada");
    let link = link_for(window, "editor");
    // A member, an invitation and links: all that the dialog can show.
    relay.join("Grace", &link);
    window.press("Share").unwrap();
    fill(window, "E-mail", "bob@example.org");
    window.press("Invite").unwrap();
    says(window, ".sharing-list", "bob@example.org");
    says(window, ".sharing-list", "Grace");
    escape(window);
    each(&|| run(window, "Share this project"), "share");
    each(&|| run(window, "Open from a relay"), "relay");
    run(window, "Share this project");
    window.press("More for Grace").unwrap();
    // A menu is outside all landmarks while it is open, as the others are.
    window.screenshot(&picture("people-member-menu")).unwrap();
    window.press("Make the owner …").unwrap();
    look(window, "Light theme", "hand over");
    window.press("Cancel").unwrap();
    window.press("Take back the link for Editor").unwrap();
    look(window, "Light theme", "take back");
    window.press("Cancel").unwrap();
    escape(window);

    // A comment, a suggestion, something said.
    select(window, 4, 1, 5);
    window.shortcut(&[key::CONTROL, key::ALT, "m"]).unwrap();
    has_focus(window, ".talk-composer textarea");
    window.type_text("Really, @gr").unwrap();
    says(window, ".talk-names", "Grace");
    look(window, "Light theme", "names");
    window.type_text("\n").unwrap();
    window.type_text("?\n").unwrap();
    window.shortcut(&[key::CONTROL, key::ALT, "s"]).unwrap();
    go_to(window, 4, 6);
    window.type_text(" there").unwrap();
    run(window, "Chat");
    let field = window.find(".talk-chat-foot textarea").unwrap();
    window.click(&field).unwrap();
    window.type_text("Shall we send it?\n").unwrap();
    for (theme, size) in looks {
        run(window, theme);
        in_size(window, size);
        for part in ["Comments", "Suggestions", "Chat"] {
            run(window, part);
            window.until(part, "document.querySelector('.talk-list')").unwrap();
            look(window, &format!("{theme} {size}"), part);
        }
    }
}
