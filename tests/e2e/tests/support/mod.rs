//! What all tests of the window share: an author with a folder, and waiting.

pub(crate) mod axe;
pub(crate) mod editor;
pub(crate) mod relay;

use quire_e2e::{App, Driver};
use serde_json::json;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// One window at a time: two would wait for each other's turn on a small machine.
static TURN: Mutex<()> = Mutex::new(());

pub(crate) fn my_turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn picture(name: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target =
        target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target"));
    target.join("e2e").join(format!("{name}.png"))
}

#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(30));
    }
}

/// A project folder with these files.
pub(crate) fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let temp = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let place = temp.path().join("paper").join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }
    temp
}

/// An author who has begun: a folder with a document is open in a window and built.
pub(crate) struct Author {
    pub(crate) app: App,
    pub(crate) paper: PathBuf,
    pub(crate) data: PathBuf,
    _temp: tempfile::TempDir,
    _turn: MutexGuard<'static, ()>,
}

impl Author {
    pub(crate) fn writes(files: &[(&str, &str)]) -> Self {
        let turn = my_turn();
        let temp = folder(files);
        let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
        let app = App::start(&data, &[&paper]).unwrap();
        built(app.window());
        Self { app, paper, data, _temp: temp, _turn: turn }
    }
}

/// All the text of the PDF that the window shows.
pub(crate) fn pdf_text(data: &Path) -> String {
    let library = quire_pdf::find_library().unwrap();
    let renderer = quire_pdf::Renderer::start(&library).unwrap();
    let builds = fs::read_dir(data.join("builds")).into_iter().flatten().flatten();
    let files = builds.flat_map(|build| fs::read_dir(build.path()).into_iter().flatten().flatten());
    let mut text = String::new();
    for file in files.filter(|file| file.path().extension().is_some_and(|e| e == "pdf")) {
        let Ok(document) = renderer.open(fs::read(file.path()).unwrap()) else { continue };
        for page in 0..document.pages().len() {
            text.extend(document.text(page).unwrap().into_iter().map(|run| run.text + " "));
        }
    }
    text
}

pub(crate) fn built(window: &Driver) {
    window
        .until("the text in the editor", "document.querySelector('.view-lines .view-line')")
        .unwrap();
    window
        .until_within(
            Duration::from_secs(150),
            "the build to end",
            "/ page/.test(document.querySelector('.status-build')?.textContent) && !document.querySelector('.status-build .q-spinner')",
        )
        .unwrap();
}

pub(crate) fn into_editor(window: &Driver) {
    let lines = window.find(".view-lines").unwrap();
    window.click(&lines).unwrap();
}

pub(crate) const PAPER: &str =
    "\\documentclass{article}\n\\begin{document}\n\\section{One}\nHello.\n\n\\end{document}\n";

/// Forty pages; each says which it is.
pub(crate) fn long_paper() -> String {
    let mut text = String::from("\\documentclass{article}\n\\begin{document}\n");
    for page in 1..=40 {
        text.push_str(&format!("Marker{page} begins it.\n\nTwo more lines.\n\\newpage\n"));
    }
    text + "\\end{document}\n"
}

/// Where a word of the pages stands in the window, once its layer of text is there.
pub(crate) fn top_of(window: &Driver, word: &str) -> f64 {
    let found = format!(
        "[...document.querySelectorAll('.preview-text span')].find((e) => e.textContent.trim() === {})",
        json!(word)
    );
    window.until(&format!("{word} on the pages"), &found).unwrap();
    let top = window.run(&format!("return {found}.getBoundingClientRect().top"), &[]).unwrap();
    top.as_f64().unwrap()
}
