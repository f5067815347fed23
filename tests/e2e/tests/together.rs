//! Two authors with two windows and one relay write one paper. Each step leaves a screenshot in `target/e2e`, to be
//! looked at.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{App, Driver, key};
use serde_json::json;
use std::sync::MutexGuard;
use support::{
    axe::is_accessible,
    built,
    editor::{choose, go_to, has_focus, is_gone, says, select, shown, shows},
    folder, into_editor, my_turn, picture,
    relay::{Relay, close_dialog, in_size, join, link_for, select_option, share, status_says},
    until,
};

const PAPER: &str =
    "\\documentclass{article}\n\\begin{document}\n\\section{One}\nHello.\n\n\\end{document}\n";

/// Two who share a paper through a relay, each in a window of his own.
struct Pair {
    ada: App,
    grace: App,
    relay: Option<Relay>,
    relay_data: tempfile::TempDir,
    _temp: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Pair {
    /// Ada owns it; Grace has come by a link for this role.
    fn begin(role: &str) -> Self {
        let turn = my_turn();
        let temp = folder(&[("main.tex", PAPER), ("notes.tex", "% Notes\n")]);
        let relay_data = tempfile::tempdir().unwrap();
        let relay = Relay::start(relay_data.path(), "127.0.0.1:0");
        relay.register("Ada");
        relay.register("Grace");
        let ada = App::start(&temp.path().join("ada"), &[&temp.path().join("paper")]).unwrap();
        built(ada.window());
        share(ada.window(), &relay, "Ada");
        let link = link_for(ada.window(), role);
        status_says(ada.window(), "Saved on the relay");
        // Grace has nothing yet: two clicks and the link.
        let grace = App::start(&temp.path().join("grace"), &[]).unwrap();
        join(grace.window(), &link, "Grace");
        Self { ada, grace, relay: Some(relay), relay_data, _temp: temp, _turn: turn }
    }

    fn windows(&self) -> (&Driver, &Driver) {
        (self.ada.window(), self.grace.window())
    }

    /// The relay ends; where it was to be found.
    fn end_relay(&mut self) -> String {
        self.relay.take().map(|relay| relay.address.clone()).unwrap()
    }

    /// It is there again.
    fn start_relay(&mut self, address: &str) {
        self.relay = Some(Relay::start(self.relay_data.path(), address));
    }
}

/// Wait until both windows show the same text, in which each of these is once.
#[track_caller]
fn agree(one: &Driver, other: &Driver, parts: &[&str]) {
    until("both have everything once", || {
        let text = shown(one);
        text == shown(other) && parts.iter().all(|part| text.matches(part).count() == 1)
    });
}

fn undo(window: &Driver, times: u32) {
    for _ in 0..times {
        window.shortcut(&[key::CONTROL, "z"]).unwrap();
    }
}

fn save(window: &Driver, name: &str) {
    window.screenshot(&picture(&format!("together-{name}"))).unwrap();
}

#[test]
fn two_windows_and_one_relay_write_one_paper_and_one_is_offline_for_a_while() {
    let mut pair = Pair::begin("editor");
    let (ada, grace) = pair.windows();
    status_says(grace, "Saved on the relay");

    // Each sees what the other writes, and where.
    into_editor(grace);
    grace.shortcut(&[key::CONTROL, key::HOME]).unwrap();
    grace.type_text("% Grace\n").unwrap();
    shows(ada, "% Grace");
    ada.until("Grace is here", "document.querySelector('.sharing-person[aria-label^=Grace]')")
        .unwrap();
    ada.until("her cursor", "document.querySelector('.quire-peer-caret')").unwrap();
    save(ada, "cursor");
    into_editor(ada);
    ada.shortcut(&[key::CONTROL, key::END]).unwrap();
    ada.type_text("% Ada\n").unwrap();
    shows(grace, "% Ada");
    says(grace, ".quire-peer-name", "Ada");
    save(grace, "name");

    // Undo takes back only what one wrote oneself, though another wrote last.
    // More steps than there are: how letters make steps depends on the time.
    undo(grace, 6);
    until("Grace's is gone, and Ada's is there", || {
        [ada, grace].map(shown).iter().all(|text| !text.contains("Grace") && text.contains("% Ada"))
    });
    undo(ada, 6);
    until("Ada has nothing left to undo", || {
        [ada, grace].map(shown).iter().all(|text| text.trim_end() == PAPER.trim_end())
    });
    for window in [ada, grace] {
        for _ in 0..6 {
            window.shortcut(&[key::CONTROL, key::SHIFT, "z"]).unwrap();
        }
    }
    agree(ada, grace, &["% Grace\n", "% Ada"]);

    // Ada follows Grace into another file, until she goes somewhere herself.
    ada.press("Grace, in main.tex").unwrap();
    ada.press("Follow Grace").unwrap();
    choose(grace, "notes");
    has_focus(grace, ".monaco-editor textarea");
    grace.shortcut(&[key::CONTROL, key::END]).unwrap();
    grace.type_text("% More notes\n").unwrap();
    shows(ada, "% More notes");
    ada.until("whom she follows", "document.querySelector('.sharing-person[data-following]')")
        .unwrap();
    save(ada, "following");
    into_editor(ada);
    is_gone(ada, ".sharing-person[data-following]");
    choose(grace, "main");
    has_focus(grace, ".monaco-editor textarea");
    shows(ada, "% More notes");
    choose(ada, "main");
    has_focus(ada, ".monaco-editor textarea");

    // The relay is away; both go on.
    let address = pair.end_relay();
    let (ada, grace) = pair.windows();
    status_says(ada, "Offline since");
    status_says(grace, "Offline since");
    ada.shortcut(&[key::CONTROL, key::END]).unwrap();
    ada.type_text("% Ada offline\n").unwrap();
    grace.shortcut(&[key::CONTROL, key::HOME]).unwrap();
    grace.type_text("% Grace offline\n").unwrap();
    save(ada, "offline");
    pair.start_relay(&address);
    let (ada, grace) = pair.windows();
    status_says(ada, "Saved on the relay");
    status_says(grace, "Saved on the relay");
    agree(ada, grace, &["% Grace\n", "% Ada\n", "% Ada offline", "% Grace offline"]);
    save(grace, "again");
}

/// Open the bell.
fn open_bell(window: &Driver) {
    window.run("document.querySelector('.bell').click()", &[]).unwrap();
    says(window, ".q-popover", "Notifications");
}

/// Where the comment of a text is looked at.
const CARD: &str = "document.querySelector('.talk-card[data-active]')?.innerText";

#[test]
fn a_mention_rings_the_bell_of_the_one_who_is_meant_and_leads_to_the_comment() {
    let mut pair = Pair::begin("commenter");
    let (ada, grace) = pair.windows();
    status_says(grace, "Saved on the relay");
    // Both are signed in, and nobody has said anything.
    for window in [ada, grace] {
        window.until("the bell", "document.querySelector('.bell')").unwrap();
        is_gone(window, ".bell-count");
    }
    // Ada looks at other notes while Grace speaks to her in the paper.
    choose(ada, "notes");
    has_focus(ada, ".monaco-editor textarea");
    select(grace, 3, 10, 3);
    grace.shortcut(&[key::CONTROL, key::ALT, "m"]).unwrap();
    has_focus(grace, ".talk-composer textarea");
    grace.type_text("Is it the first, @Ada?\n").unwrap();
    says(grace, ".talk-mention", "@Ada");
    says(ada, ".bell-count", "1");
    is_gone(grace, ".bell-count");
    let looks = [("Dark theme", "100 %"), ("Light theme", "200 %"), ("Light theme", "100 %")];
    for (theme, size) in looks {
        choose(ada, &format!(">{theme}"));
        in_size(ada, size);
        open_bell(ada);
        says(ada, ".news-one[data-new]", "mentions you in a comment in");
        says(ada, ".news-one[data-new]", "Is it the first, @Ada?");
        says(ada, ".news-foot", "E-mail about what is not read");
        is_accessible(ada, &format!("the bell, {theme}, {size}"));
        save(ada, &format!("bell-{}-{}", theme.replace(' ', "-"), size.replace(" %", "")));
        if size != "100 %" || theme == "Dark theme" {
            ada.shortcut(&[key::ESCAPE]).unwrap();
            is_gone(ada, ".q-popover");
        }
    }

    // One click, and she reads it where it stands; it is no news any more.
    ada.run("document.querySelector('.news-one').click()", &[]).unwrap();
    shows(ada, "Hello");
    ada.until("the comment", &format!("{CARD}?.includes('Is it the first')")).unwrap();
    is_gone(ada, ".bell-count");
    save(ada, "bell-comment");

    // She answers, and from the first screen Grace comes back to it.
    has_focus_after_click(ada, ".talk-card[data-active] textarea");
    ada.type_text("It is.\n").unwrap();
    says(grace, ".bell-count", "1");
    grace.press("All projects").unwrap();
    grace.find(".gallery").unwrap();
    says(grace, ".bell-count", "1");
    open_bell(grace);
    says(grace, ".news-one[data-new]", "replied to a comment in");
    save(grace, "bell-gallery");
    grace.run("document.querySelector('.news-one').click()", &[]).unwrap();
    grace.until("the comment", &format!("{CARD}?.includes('It is.')")).unwrap();
    is_gone(grace, ".bell-count");

    // The relay is away: what it told last is there, and it says so.
    let address = pair.end_relay();
    let (ada, _) = pair.windows();
    status_says(ada, "Offline since");
    open_bell(ada);
    says(ada, ".news-away", "cannot be reached now");
    says(ada, ".news-one", "Is it the first, @Ada?");
    save(ada, "bell-offline");
    ada.shortcut(&[key::ESCAPE]).unwrap();
    is_gone(ada, ".q-popover");
    pair.start_relay(&address);
}

fn has_focus_after_click(window: &Driver, css: &str) {
    let find = format!("document.querySelector({})", json!(css));
    window.until(css, &find).unwrap();
    window.run(&format!("{find}.focus()"), &[]).unwrap();
    has_focus(window, css);
}

/// Write a suggestion over some letters.
fn suggest(window: &Driver, line: u32, length: usize, text: &str) {
    select(window, line, 1, length);
    window.type_text(text).unwrap();
    says(window, ".quire-inserted", text);
}

fn cards(window: &Driver, count: usize) {
    let script = format!("document.querySelectorAll('.talk-card').length === {count}");
    window.until(&format!("{count} cards"), &script).unwrap();
}

fn press_in_card(window: &Driver, text: &str, button: &str) {
    let find = format!(
        "[...document.querySelectorAll('.talk-card')].find((card) => card.innerText.includes({}))\
         ?.querySelectorAll('button')",
        json!(text)
    );
    let find =
        format!("[...({find} ?? [])].find((b) => b.textContent.trim() === {})", json!(button));
    window.until(button, &find).unwrap();
    window.run(&format!("{find}.click()"), &[]).unwrap();
}

fn set_role_of_grace(ada: &Driver, role: &str) {
    ada.press("Share").unwrap();
    select_option(ada, "Role of Grace", role);
    close_dialog(ada);
}

#[test]
fn a_commenter_suggests_and_what_one_may_do_changes_while_the_text_is_open() {
    let pair = Pair::begin("commenter");
    let (ada, grace) = pair.windows();
    says(grace, ".sharing-banner", "what you type is suggested");
    says(grace, ".status-suggest", "Suggesting");
    status_says(grace, "Saved on the relay");

    // What a commenter types is a suggestion, by the name that the relay knows.
    suggest(grace, 4, 5, "Welcome");
    suggest(grace, 5, 0, "And more.");
    choose(ada, ">Suggestions");
    cards(ada, 2);
    says(ada, ".talk-card .talk-name", "Grace");
    says(ada, ".quire-inserted", "Welcome");
    shows(ada, "Hello");
    choose(grace, ">Suggestions");
    save(grace, "commenter");
    let none = "![...document.querySelectorAll('.talk-card button')].some((b) => b.textContent.includes('Accept'))";
    grace.until("she does not decide", none).unwrap();

    // Her cursor is seen where it is in the text of the other, and the other's in hers.
    ada.until("Grace's cursor", "document.querySelector('.quire-peer-caret')").unwrap();
    into_editor(ada);
    ada.shortcut(&[key::CONTROL, key::ALT, "s"]).unwrap();
    says(ada, ".status-suggest", "Suggesting");
    suggest(ada, 6, 0, "% Ada");
    cards(grace, 3);
    grace.until("Ada's cursor", "document.querySelector('.quire-peer-caret')").unwrap();
    save(ada, "suggestions-of-two");

    // Accepted one by one, rejected, and all of one author.
    press_in_card(ada, "Welcome", "Accept");
    ada.shortcut(&[key::CONTROL, key::ALT, "s"]).unwrap();
    says(ada, ".status-suggest", "Editing");
    shows(grace, "Welcome.");
    select_option(ada, "By", "Ada");
    cards(ada, 1);
    press_in_card(ada, "% Ada", "Reject");
    cards(grace, 1);
    press_in_card(ada, "And more.", "Accept");
    cards(ada, 0);
    until("the text has what was accepted", || {
        let text = shown(grace);
        text == shown(ada) && text.contains("Welcome.\nAnd more.") && !text.contains("% Ada")
    });
    suggest(grace, 1, 0, "% One ");
    suggest(grace, 2, 0, "% Two ");
    cards(ada, 2);
    ada.press("Accept all 2").unwrap();
    cards(grace, 0);
    shows(grace, "% Two \\begin");
    save(ada, "decided");

    // A comment that speaks to the owner.
    select(grace, 3, 10, 3);
    grace.shortcut(&[key::CONTROL, key::ALT, "m"]).unwrap();
    has_focus(grace, ".talk-composer textarea");
    grace.type_text("First of how many, @a").unwrap();
    says(grace, ".talk-names [role=option]", "Ada");
    save(grace, "mention");
    grace.type_text("\n").unwrap();
    grace.type_text("?\n").unwrap();
    says(grace, ".talk-mention", "@Ada");
    choose(ada, ">Comments");
    says(ada, ".talk-mention[data-me]", "@Ada");
    says(ada, ".talk-card .talk-name", "Grace");
    save(ada, "mentioned");

    // A viewer can neither, and is told so.
    set_role_of_grace(ada, "viewer");
    says(grace, ".sharing-banner", "You are a viewer");
    status_says(grace, "Read only");
    is_gone(grace, ".status-suggest");
    let before = shown(grace);
    into_editor(grace);
    grace.type_text("x").unwrap();
    save(grace, "viewer");
    assert_eq!(shown(grace), before);
    grace.shortcut(&[key::CONTROL, key::ALT, "m"]).unwrap();
    grace.until("why not", "[...document.querySelectorAll('.q-toast')].some((e) => e.textContent.includes('You are a viewer'))").unwrap();
    is_gone(grace, ".talk-composer");

    // An editor writes the text, at once.
    set_role_of_grace(ada, "editor");
    is_gone(grace, ".sharing-banner");
    says(grace, ".status-suggest", "Editing");
    go_to(grace, 5, 10);
    grace.type_text(" Written.").unwrap();
    shows(ada, "Written.");
    is_gone(grace, ".quire-inserted");

    // And back to suggesting, without a word lost.
    set_role_of_grace(ada, "commenter");
    says(grace, ".sharing-banner", "what you type is suggested");
    go_to(grace, 5, 19);
    grace.type_text(" Or not.").unwrap();
    says(ada, ".quire-inserted", "Or not.");
    shows(ada, "Written.");
    save(ada, "again-a-commenter");
}

/// Press an entry of the history that says this, or what else is in its row.
fn press_in_history(window: &Driver, said: &str, css: &str) {
    let find = format!(
        "[...document.querySelectorAll('.history-row')].find((row) => row.innerText.includes({}))?.querySelector({})",
        json!(said),
        json!(css)
    );
    window.until(said, &find).unwrap();
    window.run(&format!("{find}.focus()"), &[]).unwrap();
    window.shortcut(&[key::ENTER]).unwrap();
}

fn choose_in_menu(window: &Driver, entry: &str) {
    says(window, ".q-menu", entry);
    window.press(entry).unwrap();
    is_gone(window, ".q-menu");
}

#[test]
fn the_past_of_a_shared_text_names_both_and_is_compared_and_restored() {
    let mut pair = Pair::begin("editor");
    let (ada, grace) = pair.windows();
    status_says(grace, "Saved on the relay");
    into_editor(grace);
    go_to(grace, 4, 7);
    grace.type_text(" From Grace.").unwrap();
    shows(ada, "From Grace.");
    status_says(grace, "Saved on the relay");

    // One list, with both names; what Ada calls the version, Grace sees.
    choose(ada, ">History of this file");
    says(ada, ".history-names", "You and Grace");
    ada.press("Name").unwrap();
    choose_in_menu(ada, "Name main.tex as it is now");
    has_focus(ada, ".history-name input");
    ada.type_text("Sent in\n").unwrap();
    says(ada, ".history-given", "Sent in");
    says(ada, ".q-toast", "seen by all");
    go_to(ada, 5, 1);
    ada.type_text("From Ada.").unwrap();
    shows(grace, "From Ada.");
    status_says(ada, "Saved on the relay");
    choose(grace, ">History of this file");
    says(grace, ".history-given", "Sent in");
    says(grace, ".history-names", "Ada");
    ada.until("two versions", "document.querySelectorAll('.history-row').length >= 3").unwrap();
    is_accessible(ada, "the history");
    save(ada, "history");

    // Who wrote the line: both, each with the own words.
    go_to(ada, 4, 1);
    choose(ada, ">Who wrote this");
    says(ada, ".q-dialog", "Who wrote line 4");
    says(ada, ".wrote-part", "From Grace.");
    says(ada, ".wrote-part .history-names", "Grace");
    says(ada, ".wrote-part .history-names", "You");
    is_accessible(ada, "who wrote it");
    save(ada, "who-wrote");
    // From there to the version, by the keyboard.
    has_focus(ada, ".wrote-part");
    ada.shortcut(&[key::ENTER]).unwrap();
    is_gone(ada, ".q-dialog");
    says(ada, ".history-entry[aria-pressed=true]", "Sent in");
    says(ada, ".comparison", "compared with now");

    // It stands beside the present text, and beside what was before it.
    says(ada, ".compared-added", "From Ada.");
    is_accessible(ada, "a comparison");
    save(ada, "compared");
    choose(ada, ">Dark theme");
    save(ada, "compared-dark");
    press_in_history(ada, "Sent in", ".history-more-button");
    save(ada, "history-menu-dark");
    choose_in_menu(ada, "Show what changed in it");
    says(ada, ".comparison", "Restore the earlier version");
    press_in_history(ada, "Sent in", ".history-entry");
    says(ada, ".compared-added", "From Ada.");

    // Restored, the other window has it, and it can be taken back.
    ada.press("Restore this version").unwrap();
    until("both have it", || {
        let text = shown(grace);
        text.contains("From Grace.") && !text.contains("From Ada.")
    });
    ada.press("Undo").unwrap();
    shows(grace, "From Ada.");
    shows(ada, "From Ada.");

    // All texts at once.
    status_says(ada, "Saved on the relay");
    ada.press("Name").unwrap();
    choose_in_menu(ada, "Name the whole project as it is now");
    has_focus(ada, ".history-name input");
    ada.type_text("First draft").unwrap();
    save(ada, "naming-dark");
    ada.type_text("\n").unwrap();
    says(grace, ".history-given", "First draft");
    choose(grace, "notes");
    says(grace, ".history h2", "notes.tex");
    says(grace, ".history-given", "First draft");

    // Without the relay there is what is kept here, and why it is no more.
    pair.end_relay();
    let (ada, _) = pair.windows();
    status_says(ada, "Offline since");
    says(
        ada,
        ".history-note",
        "The relay cannot be reached. This is what is kept on this computer.",
    );
    says(ada, ".history-names", "Grace");
    save(ada, "history-offline-dark");
    go_to(ada, 4, 8);
    choose(ada, ">Who wrote this");
    says(ada, ".q-dialog .history-note", "The relay cannot be reached.");
    says(ada, ".wrote-part .history-names", "Grace");
    save(ada, "who-wrote-offline-dark");
}
