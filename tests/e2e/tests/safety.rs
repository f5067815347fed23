//! What keeps an author's work, in the real window. Each step leaves a screenshot in `target/e2e`.

#![allow(clippy::unwrap_used)]

use quire_e2e::{App, Driver, key};
use std::{
    fs,
    path::{Path, PathBuf},
};

fn picture(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target =
        target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"));
    target.join("e2e").join(format!("{name}.png"))
}

const PAPER: &str =
    "\\documentclass{article}\n\\begin{document}\n\\section{One}\nHello.\n\n\\end{document}\n";

/// A project that lives in Quire's data, open in a window, with the cursor before the text.
struct Author {
    app: App,
    _temp: tempfile::TempDir,
    data: PathBuf,
}

impl Author {
    fn writes() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
        fs::create_dir_all(paper.join("ch")).unwrap();
        fs::write(paper.join("main.tex"), PAPER).unwrap();
        fs::write(paper.join("ch/one.tex"), "One.\n").unwrap();
        fs::write(paper.join("ch/two.tex"), "Two.\n").unwrap();
        let app = App::start(&data, &[&paper]).unwrap();
        let author = Self { app, _temp: temp, data };
        author.window().until("the text", HAS_TEXT).unwrap();
        let lines = author.window().find(".view-lines").unwrap();
        author.window().click(&lines).unwrap();
        author.window().shortcut(&[key::CONTROL, key::HOME]).unwrap();
        author
    }

    fn window(&self) -> &Driver {
        self.app.window()
    }
}

const DELETE: &str = "\u{E017}";
const HAS_TEXT: &str = "document.querySelector('.view-lines')?.innerText.includes('Hello')";

fn says(text: &str) -> String {
    format!("document.body.innerText.includes({})", serde_json::json!(text))
}

#[test]
fn what_is_typed_just_before_the_window_is_closed_is_there_again() {
    let author = Author::writes();
    author.window().type_text("% the very last words ").unwrap();
    let Author { app, _temp, data } = author;
    app.close().unwrap();
    let paper = _temp.path().join("paper");
    let app = App::start(&data, &[&paper]).unwrap();
    app.window().until("the last words", "document.querySelector('.view-lines')?.innerText.replaceAll('\u{a0}', ' ').includes('very last words')").unwrap();
}

#[test]
fn a_disk_that_breaks_is_told_and_the_window_is_not_closed_over_what_it_refuses() {
    let author = Author::writes();
    let window = author.window();
    author.app.refuse_writes(true).unwrap();
    window.type_text("% not on the disk ").unwrap();
    window.until("it is told", &says("cannot be saved now")).unwrap();
    window.screenshot(&picture("disk-refuses")).unwrap();
    author.app.ask_to_close();
    window.until("a question", &says("What you typed last is not saved")).unwrap();
    window.screenshot(&picture("closing-unsaved")).unwrap();
    // The window itself needs to write for a click.
    author.app.refuse_writes(false).unwrap();
    window.press("Keep Quire open").unwrap();
    window
        .until("it is saved", "document.querySelector('.status-bar')?.innerText.includes('Saved')")
        .unwrap();
    window.until("no warning", &format!("!({})", says("cannot be saved now"))).unwrap();
    window.screenshot(&picture("disk-takes-again")).unwrap();
    let Author { app, .. } = author;
    app.close().unwrap();
}

#[test]
fn deleted_files_can_be_restored_and_deleted_for_good() {
    let author = Author::writes();
    let window = author.window();
    window.press("ch").unwrap();
    window.shortcut(&[DELETE]).unwrap();
    window.press("Move to the trash").unwrap();
    window.until("the folder is gone", "![...document.querySelectorAll('[role=treeitem]')].some((e) => e.textContent.startsWith('ch'))").unwrap();
    window.press("More").unwrap();
    window.screenshot(&picture("files-menu")).unwrap();
    window.press("Deleted files").unwrap();
    window.until("both", &says("ch/two.tex")).unwrap();
    window.screenshot(&picture("deleted-files")).unwrap();
    window.press("Restore ch/one.tex").unwrap();
    window
        .until("one is back", "document.querySelectorAll('.trashed-files li').length === 1")
        .unwrap();
    window.press("Empty the trash").unwrap();
    window.until("a question", &says("Delete “ch/two.tex” for good?")).unwrap();
    window.screenshot(&picture("empty-trash")).unwrap();
    window.press("Delete for good").unwrap();
    window.until("nothing is left", &says("No deleted files")).unwrap();
    window.screenshot(&picture("trash-empty")).unwrap();
}
