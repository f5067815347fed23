//! What happens on a terminal only: a real one, made by `script` of util-linux.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
};
use support::Project;

/// Run `quire build .` on a terminal, type `answer` when it asks; what it showed, and its exit code.
fn on_terminal(project: &Project, answer: &str) -> (String, Option<i32>) {
    let quire = project.quire(&["build", ".", "--color", "never"]);
    let line: Vec<String> = std::iter::once(quire.get_program())
        .chain(quire.get_args())
        .map(|word| format!("'{}'", word.to_str().unwrap()))
        .collect();
    let mut command = Command::new("script");
    command.args(["-qefc", &line.join(" "), "/dev/null"]).current_dir(project.folder());
    for (name, value) in quire.get_envs() {
        value.map(|value| command.env(name, value));
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = Vec::new();
    let mut buffer = [0; 1024];
    let mut asked = false;
    while let Ok(count @ 1..) = screen.read(&mut buffer) {
        shown.extend_from_slice(&buffer[..count]);
        if !asked && String::from_utf8_lossy(&shown).contains("Which one?") {
            asked = true;
            keyboard.write_all(answer.as_bytes()).unwrap();
        }
    }
    (String::from_utf8_lossy(&shown).into_owned(), child.wait().unwrap().code())
}

fn two_roots() -> Project {
    let text = b"\\documentclass{article}\\begin{document}x\\end{document}\n";
    Project::new(&[("alpha.tex", text), ("beta.tex", text)])
}

#[test]
fn with_several_roots_the_author_is_asked() {
    let project = two_roots();
    let (shown, code) = on_terminal(&project, "2\n");
    assert!(shown.contains("1) alpha.tex") && shown.contains("2) beta.tex"), "{shown}");
    assert_eq!(code, Some(0), "{shown}");
    assert!(project.path("beta.pdf").exists() && !project.path("alpha.pdf").exists());
}

#[test]
fn return_takes_the_first_and_nonsense_is_refused() {
    let project = two_roots();
    let (shown, code) = on_terminal(&project, "seven\n");
    assert_eq!(code, Some(2), "{shown}");
    assert!(shown.contains("`seven` is none of the numbers"), "{shown}");
    let (shown, code) = on_terminal(&project, "\n");
    assert_eq!(code, Some(0), "{shown}");
    assert!(project.path("alpha.pdf").exists());
}

#[test]
fn a_message_without_a_place_has_no_empty_margin() {
    let text = b"\\documentclass{article}\\begin{document}x\\newwrite\\w\n\
                 \\immediate\\openout\\w=../x.txt\n\\end{document}\n";
    let project = Project::new(&[("main.tex", text)]);
    let (shown, _) = on_terminal(&project, "");
    assert!(shown.contains("refused to write"), "{shown}");
    assert!(!shown.lines().any(|line| line.trim() == "|"), "{shown}");
}
