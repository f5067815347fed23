//! What is read stays in sight, and leads on: to other pages, and out into the web.

#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use the rest")]
mod support;

use quire_e2e::App;
use std::fs;
use support::{Author, long_paper, top_of, until};

#[test]
fn pages_that_come_and_go_above_do_not_move_what_is_read() {
    let paper = long_paper();
    let author = Author::writes(&[("main.tex", &paper)]);
    let window = author.app.window();
    window
        .run("const box = document.querySelector('.preview-scroll'); box.scrollTop = box.scrollHeight / 2", &[])
        .unwrap();
    let before = top_of(window, "Marker21");
    let read = |page: u32| {
        let script =
            format!("document.querySelector('.preview-page-field input').value === '{page}'");
        window.until(&format!("page {page}"), &script).unwrap();
    };
    read(21);
    let more =
        paper.replace("Marker3 begins", "New.\n\\newpage\nNew, too.\n\\newpage\nMarker3 begins");
    let fewer = paper.replace("Marker3 begins it.\n\nTwo more lines.\n\\newpage\n", "");
    for (text, page) in [(more, 23), (fewer, 20), (paper, 21)] {
        fs::write(author.paper.join("main.tex"), text).unwrap();
        read(page);
        let after = top_of(window, "Marker21");
        assert!(
            (after - before).abs() < 1.5,
            "it was at {before} and is at {after} on page {page}"
        );
    }
}

#[test]
fn links_lead_to_the_web_through_the_system_and_to_other_pages() {
    let _turn = support::my_turn();
    let linked = "\\documentclass{article}\n\\usepackage{hyperref}\n\\begin{document}\n\
        \\href{https://example.org/paper}{web} \\ref{two}\n\\newpage\n\\section{Two}\\label{two}\n\\end{document}\n";
    let temp = support::folder(&[("main.tex", linked)]);
    let data = temp.path().join("data");
    let asked = temp.path().join("asked");
    fs::create_dir_all(data.join("bin")).unwrap();
    let browser = data.join("bin/xdg-open");
    fs::write(&browser, format!("#!/bin/sh\necho \"$@\" >> '{}'\n", asked.display())).unwrap();
    fs::set_permissions(&browser, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let app = App::start(&data, &[&temp.path().join("paper")]).unwrap();
    let window = app.window();
    support::built(window);
    window.press("https://example.org/paper").unwrap();
    until("the browser", || {
        fs::read_to_string(&asked).is_ok_and(|text| text == "https://example.org/paper\n")
    });
    window.press("Go to page 2").unwrap();
    window
        .until(
            "the other page",
            "document.querySelector('.preview-page-field input').value === '2'",
        )
        .unwrap();
}
