//! Comments, suggestions and chat in the real window, kept over a restart. Each step leaves a screenshot in
//! `target/e2e`, to be looked at.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{App, Driver, key};
use std::fs;
use support::{
    built,
    editor::{choose, go_to, has_focus, is_gone, says, select},
    folder, into_editor, my_turn, picture, until,
};

const PAPER: &str = "\\documentclass{article}\n\\begin{document}\n\\section{Results}\n\
    The measurements agree with the theory.\n\nMore of them are needed.\n\\end{document}\n";

/// Comment on what is selected, and say who one is when that is asked.
fn comment(window: &Driver, text: &str, is_first: bool) {
    window.shortcut(&[key::CONTROL, key::ALT, "m"]).unwrap();
    if is_first {
        has_focus(window, ".q-dialog input");
        window.screenshot(&picture("review-name")).unwrap();
        window.shortcut(&[key::CONTROL, "a"]).unwrap();
        window.type_text("Ada Lovelace\n").unwrap();
    }
    has_focus(window, ".talk-composer textarea");
    window.type_text(text).unwrap();
    window.shortcut(&[key::ENTER]).unwrap();
    says(window, ".talk-message", text);
}

/// The paper open in a window, and where its folder and the data are.
fn paper() -> (tempfile::TempDir, App) {
    let temp = folder(&[("main.tex", PAPER)]);
    let app = App::start(&temp.path().join("data"), &[&temp.path().join("paper")]).unwrap();
    built(app.window());
    (temp, app)
}

#[test]
fn what_is_suggested_changes_the_text_when_it_is_accepted() {
    let _turn = my_turn();
    let (temp, app) = paper();
    let (folder, data) = (temp.path().join("paper"), temp.path().join("data"));
    let text = || fs::read_to_string(folder.join("main.tex")).unwrap();
    let window = app.window();
    into_editor(window);
    window.shortcut(&[key::CONTROL, key::ALT, "s"]).unwrap();
    has_focus(window, ".q-dialog input");
    window.type_text("\n").unwrap();
    says(window, ".status-suggest", "Suggesting");
    has_focus(window, ".monaco-editor textarea");

    // A replacement, an insertion and a deletion.
    select(window, 4, 5, 12);
    window.type_text("observations").unwrap();
    says(window, ".quire-struck", "measurements");
    says(window, ".quire-inserted", "observations");
    go_to(window, 6, 24);
    window.type_text(", and soon").unwrap();
    for _ in 0..3 {
        window.shortcut(&[key::BACKSPACE]).unwrap();
    }
    window.type_text("xno").unwrap();
    for _ in 0..2 {
        window.shortcut(&[key::BACKSPACE]).unwrap();
    }
    go_to(window, 4, 45);
    for _ in 0..4 {
        window.shortcut(&[key::BACKSPACE]).unwrap();
    }
    choose(window, ">Suggestions");
    window.until("three", "document.querySelectorAll('.talk-card').length === 3").unwrap();
    says(window, ".talk-change ins", "observations");
    says(window, ".talk-change ins", ", and sx");
    window.screenshot(&picture("suggest-mine")).unwrap();
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(text(), PAPER, "nothing of it is in the text");
    app.kill().unwrap();

    let app = App::start(&data, &[&folder]).unwrap();
    let window = app.window();
    built(window);
    choose(window, ">Suggestions");
    window.until("three", "document.querySelectorAll('.talk-card').length === 3").unwrap();
    says(window, ".quire-inserted", "observations");
    says(window, ".quire-struck", "measurements");
    window.screenshot(&picture("suggest-again")).unwrap();

    // The first is accepted, undone, and accepted again.
    let first = "[...document.querySelectorAll('.talk-card')].find((card) => card.innerText.includes('observations'))";
    let accept = format!(
        "[...{first}.querySelectorAll('button')].find((b) => b.textContent.trim() === 'Accept').click()"
    );
    window.run(&accept, &[]).unwrap();
    until("it is in the text", || text().contains("The observations agree"));
    window.until("two", "document.querySelectorAll('.talk-card').length === 2").unwrap();
    into_editor(window);
    window.shortcut(&[key::CONTROL, "z"]).unwrap();
    window.until("three again", "document.querySelectorAll('.talk-card').length === 3").unwrap();
    until("the text is as it was", || text() == PAPER);
    window.run(&accept, &[]).unwrap();
    until("it is in the text again", || text().contains("The observations agree"));

    // Rejected by keyboard: the next behind the start of the file.
    window.shortcut(&[key::CONTROL, key::HOME]).unwrap();
    window.shortcut(&[key::CONTROL, "\u{E038}"]).unwrap();
    window.until("one is looked at", "document.querySelector('.talk-card[data-active]')").unwrap();
    window.screenshot(&picture("suggest-next")).unwrap();
    window.shortcut(&[key::CONTROL, key::ALT, key::BACKSPACE]).unwrap();
    window.until("one", "document.querySelectorAll('.talk-card').length === 1").unwrap();
    choose(window, ">Accept all suggestions in this file");
    until("all is in the text", || text().contains("needed, and sx."));
    assert!(text().contains("The observations agree with the theory."), "{}", text());
    says(window, ".q-empty", "No suggestions");

    // What was decided is still told.
    let filter = "const s = document.querySelectorAll('.talk-filters select')[1]; s.value = 'closed'; s.dispatchEvent(new Event('change', { bubbles: true }))";
    window.run(filter, &[]).unwrap();
    window
        .until("three verdicts", "document.querySelectorAll('.talk-verdict').length === 3")
        .unwrap();
    choose(window, ">Dark theme");
    window.press("Open again").unwrap();
    into_editor(window);
    window.shortcut(&[key::CONTROL, key::ALT, "s"]).unwrap();
    says(window, ".status-suggest", "Suggesting");
    window.shortcut(&[key::CONTROL, key::HOME]).unwrap();
    window.type_text("% Draft.\n").unwrap();
    says(window, ".quire-inserted", "% Draft.");
    window.screenshot(&picture("suggest-dark")).unwrap();
}

#[test]
fn a_comment_is_written_answered_resolved_and_follows_its_text_over_a_restart() {
    let _turn = my_turn();
    let (temp, app) = paper();
    let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
    let window = app.window();
    into_editor(window);
    select(window, 4, 5, 12);
    window.until("the button at the selection", "document.querySelector('.quire-offer')").unwrap();
    window.screenshot(&picture("review-selection")).unwrap();
    comment(window, "Which ones?", true);
    says(window, ".quire-comment", "measurements");
    window.screenshot(&picture("review-comment")).unwrap();

    // A reply, in which somebody is spoken to.
    has_focus(window, "body, .talk-composer textarea, .monaco-editor textarea");
    let field = window.find(".talk-card .talk-composer textarea").unwrap();
    window.click(&field).unwrap();
    window.type_text("All of them, @ada").unwrap();
    window
        .until("a name is offered", "document.querySelector('.talk-names [role=option]')")
        .unwrap();
    window.screenshot(&picture("review-mention")).unwrap();
    window.type_text("\n").unwrap();
    window.type_text("!\n").unwrap();
    says(window, ".talk-mention", "@Ada Lovelace");

    // The mark goes with its characters.
    go_to(window, 4, 1);
    window.type_text("Indeed: ").unwrap();
    says(window, ".quire-comment", "measurements");
    select(window, 6, 1, 4);
    comment(window, "How many?", false);
    window.screenshot(&picture("review-two")).unwrap();

    // The text of a comment is deleted; the comment is not.
    select(window, 6, 1, 4);
    window.shortcut(&[key::BACKSPACE]).unwrap();
    says(window, ".talk-gone", "The text was deleted.");
    window.screenshot(&picture("review-deleted")).unwrap();
    window.shortcut(&[key::CONTROL, "z"]).unwrap();
    is_gone(window, ".talk-gone");

    let resolve = window.find(".talk-card button[aria-label=Resolve]").unwrap();
    window.click(&resolve).unwrap();
    window.until("one card", "document.querySelectorAll('.talk-card').length === 1").unwrap();
    let said = "document.querySelector('.talk-card').innerText.includes('How many?')";
    window.until("the other is open", said).unwrap();
    let main = paper.join("main.tex");
    until("the file", || fs::read_to_string(&main).unwrap().contains("Indeed: "));
    app.kill().unwrap();

    let app = App::start(&data, &[&paper]).unwrap();
    let window = app.window();
    built(window);
    says(window, ".quire-comment", "More");
    choose(window, ">Comments");
    says(window, ".talk-card", "How many?");
    let filter = "const s = [...document.querySelectorAll('.talk-filters select')][1]; s.value = 'resolved'; s.dispatchEvent(new Event('change', { bubbles: true }))";
    window.run(filter, &[]).unwrap();
    says(window, ".talk-card", "All of them, @Ada Lovelace");
    says(window, ".talk-resolved", "Resolved by Ada Lovelace");
    window.screenshot(&picture("review-resolved")).unwrap();
    window.press("Open again").unwrap();
    says(window, ".quire-comment", "measurements");

    // From the comment to its text.
    let filter = filter.replace("'resolved'", "'open'");
    window.run(&filter, &[]).unwrap();
    let quote = window.find(".talk-quote").unwrap();
    window.click(&quote).unwrap();
    says(window, ".status-bar", "Line 4");
    choose(window, ">Dark theme");
    window.screenshot(&picture("review-dark")).unwrap();

    choose(window, ">Chat");
    let field = window.find(".talk-chat-foot textarea").unwrap();
    window.click(&field).unwrap();
    window.type_text("Shall we send it on Friday?\n").unwrap();
    says(window, ".talk-message", "on Friday?");
    window.screenshot(&picture("review-chat")).unwrap();
}
