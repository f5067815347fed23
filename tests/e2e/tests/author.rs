//! A day of an author, in the real window. Each step leaves a screenshot in `target/e2e`, to be looked at.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{App, Driver, copy_folder, key};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use support::{Author, PAPER, built, folder, into_editor, my_turn, pdf_text, picture, until};

fn corpus(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus").join(name)
}

fn wait_for_page(window: &Driver) {
    window
        .until(
            "a page",
            "[...document.images].some((i) => i.src.includes('/page/') && i.complete && i.naturalWidth > 0)",
        )
        .unwrap();
}

fn end_of_file(window: &Driver) {
    window.shortcut(&[key::CONTROL, key::END]).unwrap();
}

#[test]
fn what_is_typed_is_on_the_page_a_moment_later() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    into_editor(window);
    end_of_file(window);
    // Before \end{document}.
    for _ in 0..2 {
        window.shortcut(&["\u{E013}"]).unwrap();
    }
    window.type_text("Typed in the window.").unwrap();
    until("the file on disk", || {
        fs::read_to_string(author.paper.join("main.tex")).unwrap().contains("Typed in the window.")
    });
    until("the page", || pdf_text(&author.data).contains("Typed in the window."));
    wait_for_page(window);
    window.screenshot(&picture("typed")).unwrap();
}

#[test]
fn a_citation_is_resolved_when_its_entry_is_written() {
    let _turn = my_turn();
    let temp = tempfile::tempdir().unwrap();
    let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
    copy_folder(&corpus("arxiv-style"), &paper).unwrap();
    let source = fs::read_to_string(paper.join("template.tex")).unwrap();
    let with =
        source.replace("\\end{document}", "As shown by \\cite{binder2026}.\n\\end{document}");
    fs::write(paper.join("template.tex"), with).unwrap();
    let app = App::start(&data, &[&paper]).unwrap();
    let window = app.window();
    built(window);
    window.press("references.bib").unwrap();
    window
        .until("the bibliography", "document.querySelector('.view-lines')?.innerText.includes('@')")
        .unwrap();
    into_editor(window);
    end_of_file(window);
    window
        .type_text("\n@book{binder2026,\nauthor = {Binder, Ada},\ntitle = {Folding},\nyear = {2026},\npublisher = {Quire")
        .unwrap();
    until("the entry in the bibliography", || {
        let text = pdf_text(&data);
        text.contains("Binder") && text.contains("Folding")
    });
    built(window);
    window.screenshot(&picture("citation")).unwrap();
}

#[test]
fn an_error_is_marked_explained_and_mended_with_one_click() {
    let broken = PAPER.replace("Hello.", "\\sectoin{Two} Hello.");
    let author = Author::writes(&[("main.tex", &broken)]);
    let window = author.app.window();
    window.until("a squiggle", "document.querySelector('.squiggly-error')").unwrap();
    window.click(&window.find(".status-problems").unwrap()).unwrap();
    window.until("the explanation", "document.querySelector('.problem-error')").unwrap();
    window.screenshot(&picture("error")).unwrap();
    let fix = window.find(".problem-error .q-button").unwrap();
    window.click(&fix).unwrap();
    until("the file is mended", || {
        fs::read_to_string(author.paper.join("main.tex")).unwrap().contains("\\section{Two}")
    });
    window.until("no squiggle", "!document.querySelector('.squiggly-error')").unwrap();
    window.screenshot(&picture("mended")).unwrap();
}

#[test]
fn nothing_is_lost_when_the_program_is_killed_while_one_types() {
    let _turn = my_turn();
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("data");
    let paper = folder(&[("main.tex", PAPER)]);
    let place = paper.path().join("paper");
    let app = App::start(&data, &[&place]).unwrap();
    let window = app.window();
    built(window);
    into_editor(window);
    end_of_file(window);
    window.type_text("abcdefghijklmnopqrstuvwxyz").unwrap();
    // Nothing but the time that is promised: 50 ms from the keystroke to the disk.
    std::thread::sleep(Duration::from_millis(50));
    app.kill().unwrap();
    let app = App::start(&data, &[&place]).unwrap();
    let window = app.window();
    window
        .until("the text", "document.querySelector('.view-lines')?.innerText.includes('abcdefghijklmnopqrstuvwxyz')")
        .unwrap();
    until("the file on disk has it, once", || {
        let text = fs::read_to_string(place.join("main.tex")).unwrap();
        text.matches("abcdefghijklmnopqrstuvwxyz").count() == 1
    });
    window.screenshot(&picture("after-kill")).unwrap();
}

#[test]
fn what_another_program_writes_appears_and_both_sides_stay() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    into_editor(window);
    end_of_file(window);
    window.type_text("% typed here").unwrap();
    let file = author.paper.join("main.tex");
    let theirs = fs::read_to_string(&file).unwrap().replace("Hello.", "Hello from Git.");
    fs::write(&file, theirs).unwrap();
    until("both sides are in the file", || {
        let text = fs::read_to_string(&file).unwrap();
        text.contains("Hello from Git.") && text.contains("% typed here")
    });
    window
        .until("both sides are in the window", "document.querySelector('.view-lines')?.innerText.replaceAll('\\u00a0', ' ').includes('Hello from Git.')")
        .unwrap();
    window.screenshot(&picture("external-edit")).unwrap();
}

#[test]
fn the_window_goes_dark() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    wait_for_page(window);
    window.shortcut(&[key::CONTROL, key::SHIFT, "P"]).unwrap();
    window.until("the palette", "document.activeElement?.tagName === 'INPUT'").unwrap();
    window.type_text("dark theme").unwrap();
    window.shortcut(&[key::ENTER]).unwrap();
    window.until("the dark theme", "document.documentElement.dataset.theme === 'dark'").unwrap();
    window.screenshot(&picture("dark")).unwrap();
}

#[test]
fn a_damaged_database_is_repaired_and_it_is_told() {
    let _turn = my_turn();
    let temp = folder(&[("main.tex", PAPER)]);
    let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
    let app = App::start(&data, &[&paper]).unwrap();
    built(app.window());
    into_editor(app.window());
    app.window().type_text("% kept ").unwrap();
    until("it is on the disk", || {
        fs::read_to_string(paper.join("main.tex")).unwrap().contains("% kept")
    });
    app.close().unwrap();
    let database = data.join("quire.db");
    let mut bytes = fs::read(&database).unwrap();
    // The second page: a table's root, of which SQLite says that it is malformed.
    let page = bytes.get_mut(4096..4096 + 64).unwrap();
    page.fill(0xff);
    fs::write(&database, bytes).unwrap();
    let app = App::start(&data, &[&paper]).unwrap();
    let window = app.window();
    window.until("it is told", "document.body.innerText.includes('has been repaired')").unwrap();
    window
        .until("the text", "document.querySelector('.view-lines')?.innerText.replaceAll('\\u00a0', ' ').includes('% kept')")
        .unwrap();
    let kept = fs::read_dir(&data).unwrap().flatten();
    assert!(kept.into_iter().any(|entry| entry.file_name().to_string_lossy().contains("damaged")));
    window.screenshot(&picture("repaired")).unwrap();
}

#[test]
fn a_second_start_hands_its_folder_to_the_first() {
    let _turn = my_turn();
    let temp = folder(&[("main.tex", PAPER)]);
    let other = folder(&[("other.tex", &PAPER.replace("Hello.", "The other one."))]);
    let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
    let app = App::start(&data, &[&paper]).unwrap();
    built(app.window());
    let second = std::process::Command::new(std::env::var_os("QUIRE_DESKTOP").unwrap())
        .arg(other.path().join("paper"))
        .env("QUIRE_DATA", &data)
        .env_remove("DISPLAY")
        .status()
        .unwrap();
    assert!(second.success());
    let window = app.window();
    window.until("the other folder", "document.body.innerText.includes('other.tex')").unwrap();
    window.screenshot(&picture("second-start")).unwrap();
}

/// Where a word stands on the screen, from the layer of text over the pages.
const WORD: &str = "const word = [...document.querySelectorAll('.preview-text span')]\
    .find((e) => e.textContent.trim() === arguments[0]); \
    if (word === undefined) return null; \
    const box = word.getBoundingClientRect(); return [box.x + box.width / 2, box.y + box.height / 2]";

#[test]
fn source_and_page_lead_to_each_other() {
    let mut text = String::from("\\documentclass{article}\n\\begin{document}\n");
    for number in 1..=60 {
        text.push_str(&format!("\\section{{Part {number}}}\nParagraph word{number}.\n\n"));
    }
    text.push_str("\\end{document}\n");
    let author = Author::writes(&[("main.tex", &text)]);
    let window = author.app.window();
    wait_for_page(window);
    // From the source: line 151 is in part 50, pages away.
    into_editor(window);
    window.shortcut(&[key::CONTROL, "g"]).unwrap();
    window.until("the palette", "document.activeElement?.tagName === 'INPUT'").unwrap();
    window.type_text("151\n").unwrap();
    window
        .until("the line", "document.querySelector('.status-bar').innerText.includes('Line 151')")
        .unwrap();
    window.shortcut(&[key::CONTROL, key::ALT, "j"]).unwrap();
    window.until("the mark", "document.querySelector('.preview-mark')").unwrap();
    window
        .until(
            "the word on the screen",
            "[...document.querySelectorAll('.preview-text span')].some((e) => e.textContent.trim() === 'word50.' \
              && e.getBoundingClientRect().y > 0 && e.getBoundingClientRect().y < innerHeight)",
        )
        .unwrap();
    window.screenshot(&picture("to-page")).unwrap();
    // From the page: some other word that is in sight now.
    let place = window.run(WORD, &["word48.".into()]).unwrap();
    let at = |i: usize| place[i].as_f64().unwrap();
    window.double_click_at(at(0), at(1)).unwrap();
    window
        .until(
            "the cursor in part 48",
            "/Line 14[4-6],/.test(document.querySelector('.status-bar').innerText)",
        )
        .unwrap();
    window.screenshot(&picture("to-source")).unwrap();
}

#[test]
fn two_windows_on_one_project_agree() {
    let author = Author::writes(&[("main.tex", PAPER)]);
    let window = author.app.window();
    let first = window.windows().unwrap()[0].clone();
    into_editor(window);
    window.shortcut(&[key::CONTROL, key::SHIFT, "N"]).unwrap();
    until("the second window", || window.windows().unwrap().len() == 2);
    let handles = window.windows().unwrap();
    let second = handles.into_iter().find(|handle| *handle != first).unwrap();
    window.switch_to(&second).unwrap();
    built(window);
    into_editor(window);
    end_of_file(window);
    window.type_text("% from the second").unwrap();
    window.switch_to(&first).unwrap();
    window
        .until("the first window has it", "document.querySelector('.view-lines')?.innerText.replaceAll('\\u00a0', ' ').includes('% from the second')")
        .unwrap();
    until("the file has it", || {
        fs::read_to_string(author.paper.join("main.tex")).unwrap().contains("% from the second")
    });
    window.screenshot(&picture("two-windows")).unwrap();
}

#[test]
fn a_project_begins_with_a_template_and_its_page_changes() {
    let _turn = my_turn();
    let temp = tempfile::tempdir().unwrap();
    let data = temp.path().join("data");
    let app = App::start(&data, &[]).unwrap();
    let window = app.window();
    window.until("the first window", "document.body.innerText.includes('Start writing')").unwrap();
    window.screenshot(&picture("welcome")).unwrap();
    window.press("Choose a template").unwrap();
    window
        .until(
            "the pictures of the templates",
            "document.querySelectorAll('.template img').length >= 10 \
              && [...document.querySelectorAll('.template img')].every((i) => i.complete && i.naturalWidth > 0)",
        )
        .unwrap();
    window.screenshot(&picture("templates")).unwrap();
    let name = window.find(".new-project-name input").unwrap();
    window.click(&name).unwrap();
    window.type_text("My paper\n").unwrap();
    built(window);
    wait_for_page(window);
    into_editor(window);
    window.shortcut(&[key::CONTROL, key::HOME]).unwrap();
    window.shortcut(&[key::CONTROL, "f"]).unwrap();
    window.type_text("\\maketitle\n").unwrap();
    window.shortcut(&[key::ESCAPE]).unwrap();
    window.shortcut(&[key::END]).unwrap();
    window.type_text("\nWritten over the template.\n").unwrap();
    until("the page", || pdf_text(&data).contains("Written over the template."));
    built(window);
    window.screenshot(&picture("from-template")).unwrap();
    // Back in the gallery the card shows the page.
    window.press("All projects").unwrap();
    window.until("the card", "document.body.innerText.includes('My paper')").unwrap();
    window
        .until("its picture", "[...document.images].some((i) => i.complete && i.naturalWidth > 0)")
        .unwrap();
    window.screenshot(&picture("gallery")).unwrap();
}

#[test]
fn a_word_is_replaced_in_all_files() {
    let main = PAPER.replace("Hello.", "Hello, quokka. \\input{part}");
    let author = Author::writes(&[("main.tex", &main), ("part.tex", "A quokka and a Quokka.\n")]);
    let window = author.app.window();
    window.shortcut(&[key::CONTROL, key::SHIFT, "F"]).unwrap();
    window.until("the field", "document.activeElement?.placeholder === 'Find'").unwrap();
    window.type_text("quokka").unwrap();
    window
        .until("the matches", "document.body.innerText.includes('3 matches in 2 files')")
        .unwrap();
    let only_case = window.find("[aria-label='Upper and lower case differ']").unwrap();
    window.click(&only_case).unwrap();
    window.until("fewer", "document.body.innerText.includes('2 matches in 2 files')").unwrap();
    let more = window.find(".search-line [aria-label='Replace']").unwrap();
    window.click(&more).unwrap();
    let with = window.find("input[placeholder='Replace with']").unwrap();
    window.click(&with).unwrap();
    window.type_text("wombat").unwrap();
    window.screenshot(&picture("search")).unwrap();
    window.press("All").unwrap();
    let sure = window
        .find("[role=alertdialog] .q-button-primary, [role=dialog] .q-button-primary")
        .unwrap();
    window.click(&sure).unwrap();
    let read = |name: &str| fs::read_to_string(author.paper.join(name)).unwrap();
    until("both files", || {
        read("main.tex").contains("Hello, wombat.")
            && read("part.tex") == "A wombat and a Quokka.\n"
    });
    until("the page", || pdf_text(&author.data).contains("wombat"));
    window.screenshot(&picture("replaced")).unwrap();
}
