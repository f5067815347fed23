//! Documents that need another engine than the built-in one: what the window suggests, one click, and consent. TeX Live
//! runs in a container of a real engine; without one these tests fail.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::{App, Display, Driver, key};
use std::{fs, time::Duration};
use support::{
    Author, axe::is_accessible, editor::choose, folder, my_turn, pdf_text, picture, until,
};

/// Only pdfTeX has a banner of this kind, and only it knows these commands.
const PDFTEX: &str = "\\documentclass{article}\n\\pdfminorversion=5\n\\begin{document}\nSet by \\pdftexbanner.\n\\end{document}";

/// minted has Pygments colour the code.
const MINTED: &str = "\\documentclass{article}\n\\usepackage{minted}\n\\begin{document}\n\\begin{minted}{python}\n\
    def fold(sheet):\n    return sheet / 2\n\\end{minted}\nFolded.\n\\end{document}";

/// A container is started, and TeX with it: on a machine that does other things as well.
const PATIENCE: Duration = Duration::from_secs(120);

const BUTTON: &str = "document.querySelector('.problems .problem .q-button')?.textContent";
const DIALOG: &str = "document.querySelector('[role=alertdialog]')";

fn run(window: &Driver, command: &str) {
    choose(window, &format!(">{command}"));
}

fn show_problems(window: &Driver) {
    window.click(&window.find(".status-problems").unwrap()).unwrap();
    window.until("the list of problems", "document.querySelector('.bottom-panel')").unwrap();
}

fn in_both_themes(window: &Driver, name: &str) {
    for (theme, attribute) in [("Dark theme", "dark"), ("Light theme", "light")] {
        run(window, theme);
        let is_there = format!("document.documentElement.dataset.theme === '{attribute}'");
        window.until(theme, &is_there).unwrap();
        window.screenshot(&picture(&format!("{name}-{attribute}"))).unwrap();
        is_accessible(window, &format!("{name}: {theme}"));
    }
}

#[test]
fn a_document_for_pdftex_is_built_by_it_with_one_click() {
    let author = Author::writes(&[("main.tex", PDFTEX)]);
    let window = author.app.window();
    show_problems(window);
    window.until("the suggestion", &format!("{BUTTON} === 'Build with pdfLaTeX'")).unwrap();
    let said = "document.querySelector('.problem-meaning').textContent";
    window.until("why", &format!("{said}.includes('in line 2 needs pdfTeX')")).unwrap();
    in_both_themes(window, "engine-suggested");
    // The editor has it as a quick fix, for the line.
    window.click(&window.find(".problem-text").unwrap()).unwrap();
    run(window, "Quick fix");
    window
        .until("the quick fix", "[...document.querySelectorAll('.action-widget .title')].some((e) => e.textContent === 'Build with pdfLaTeX')")
        .unwrap();
    window.screenshot(&picture("engine-quick-fix")).unwrap();
    window.shortcut(&[key::ESCAPE]).unwrap();
    window.press("Build with pdfLaTeX").unwrap();
    window
        .until_within(PATIENCE, "the page by pdfTeX", "/1 page/.test(document.querySelector('.status-build')?.textContent) && document.querySelectorAll('.problem').length === 0")
        .unwrap();
    until("the page", || pdf_text(&author.data).contains("pdfTeX"));
    window.screenshot(&picture("engine-switched")).unwrap();
    // The project remembers it, and its settings tell of it.
    run(window, "Settings of this project");
    window
        .until(
            "the engine",
            "[...document.querySelectorAll('select')].some((e) => e.value === 'pdflatex')",
        )
        .unwrap();
    window
        .until("the bounds", "document.querySelectorAll('.settings-limit').length === 5")
        .unwrap();
    window.screenshot(&picture("engine-settings")).unwrap();
    set_memory(window);
    is_accessible(window, "the settings of the project");
    window.shortcut(&[key::ESCAPE]).unwrap();
    run(window, "Clear what builds left");
    window.until("it is told", "document.body.innerText.includes('of earlier builds')").unwrap();
    let work = fs::read_dir(author.data.join("texlive")).unwrap().flatten();
    let left = work.filter(|place| place.path().join("build/work").exists()).count();
    assert_eq!(left, 0);
    assert!(pdf_text(&author.data).contains("pdfTeX"), "the pages stay");
}

/// Set a bound: what cannot be is refused where it is typed.
fn set_memory(window: &Driver) {
    window.click(&window.find(".settings-more > summary").unwrap()).unwrap();
    let type_in = |text: &str| {
        window.click(&window.find(".settings-limit input").unwrap()).unwrap();
        window.shortcut(&[key::CONTROL, "a"]).unwrap();
        window.type_text(text).unwrap();
    };
    type_in("100\n");
    let error = "document.querySelector('.settings-limit .q-field-error')?.textContent";
    window.until("what can be set", &format!("{error} === 'From 256 to 65,536 MB.'")).unwrap();
    type_in("1024\n");
    let back = "document.querySelector('[aria-label=\"Memory as for every project\"]')";
    window.until("the way back", back).unwrap();
    window.screenshot(&picture("engine-bounds")).unwrap();
    window.click(&window.find("[aria-label='Memory as for every project']").unwrap()).unwrap();
    window.until("the default", &format!("!{back}")).unwrap();
}

#[test]
fn programs_run_once_the_author_has_allowed_them() {
    let author = Author::writes(&[("main.tex", MINTED)]);
    let window = author.app.window();
    run(window, "Build with pdfLaTeX");
    window.until_within(PATIENCE, "the question", DIALOG).unwrap();
    let focus = "document.activeElement?.textContent === 'Do not allow'";
    window.until("the careful answer has the focus", focus).unwrap();
    window.screenshot(&picture("programs-asked-light")).unwrap();
    is_accessible(window, "the question");
    window.press("Do not allow").unwrap();
    window
        .until(
            "a plain answer",
            "document.body.innerText.includes('The document runs no programs.')",
        )
        .unwrap();
    show_problems(window);
    window.until("the way back", &format!("{BUTTON} === 'Let it run programs'")).unwrap();
    window.screenshot(&picture("programs-refused")).unwrap();
    // Building once more does not ask again.
    run(window, "Build");
    window
        .until_within(
            PATIENCE,
            "the build to end",
            "!document.querySelector('.status-build .q-spinner')",
        )
        .unwrap();
    assert!(!window.run(&format!("return !!{DIALOG}"), &[]).unwrap().as_bool().unwrap());
    run(window, "Dark theme");
    window.press("Let it run programs").unwrap();
    window.until("the question", DIALOG).unwrap();
    window.screenshot(&picture("programs-asked-dark")).unwrap();
    is_accessible(window, "the question, dark");
    window.press("Allow and build").unwrap();
    window
        .until_within(PATIENCE, "a page without problems", "/1 page/.test(document.querySelector('.status-build')?.textContent) && document.querySelectorAll('.problem').length === 0")
        .unwrap();
    until("the code is on the page", || pdf_text(&author.data).contains("fold"));
    window.screenshot(&picture("programs-allowed")).unwrap();
}

#[test]
fn where_nothing_runs_containers_it_says_what_to_install() {
    let _turn = my_turn();
    let temp = folder(&[("main.tex", PDFTEX)]);
    let (paper, data) = (temp.path().join("paper"), temp.path().join("data"));
    let nowhere = temp.path().join("no.sock").display().to_string();
    let env = [("QUIRE_CONTAINER_HOST", nowhere.as_str())];
    let app = App::start_in(Display::start().unwrap(), &data, &[&paper], &env).unwrap();
    let window = app.window();
    support::built(window);
    show_problems(window);
    window.press("Build with pdfLaTeX").unwrap();
    window
        .until(
            "what to install",
            "document.querySelector('[role=dialog]')?.innerText.includes('Install Podman')",
        )
        .unwrap();
    window.screenshot(&picture("engine-missing")).unwrap();
    is_accessible(window, "what to install");
    window.press("Understood").unwrap();
    window.until("nothing was changed", &format!("{BUTTON} === 'Build with pdfLaTeX'")).unwrap();
}
