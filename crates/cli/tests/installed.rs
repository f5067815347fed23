//! `quire` with the TeX Live of this computer inside bubblewrap. Without these (`cargo xtask setup`) the tests fail.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use support::Project;

#[test]
fn a_document_is_built_without_a_container_and_the_report_says_so() {
    // Only pdfTeX knows `\pdfliteral`.
    let project = Project::article("Text.\\pdfliteral{q Q}");
    let run = project.build(&["--engine", "pdflatex", "--container", "host"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let finished = run.lines.last().unwrap();
    assert_eq!(finished["outcome"], "clean", "{finished}");
    assert_eq!(finished["pages"], 1);
    let place = finished["place"].as_str().unwrap();
    assert!(place.ends_with("of this computer, in bubblewrap"), "{place}");
    assert!(project.path("main.pdf").is_file());
    let embedded = project.build(&[]);
    assert!(embedded.lines.last().unwrap()["place"].is_null(), "{:?}", embedded.lines);
}

#[test]
fn the_doctor_tells_what_is_there_and_asks_inside_whether_the_walls_stand() {
    let project = Project::article("x");
    let output = project.quire(&["doctor", "--container", "host"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    for words in [
        "TeX Live 20",
        "bubblewrap",
        "bounds without a container",
        "bubblewrap sandbox: no network",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("Podman"), "only what was chosen is looked at: {said}");
    let alone = project.quire(&["doctor", "--container", "/no/such.sock"]).output().unwrap();
    let said = String::from_utf8_lossy(&alone.stdout);
    assert!(said.contains("no container: ") && said.contains("/no/such.sock"), "{said}");
    assert!(said.contains("bubblewrap sandbox: no network"), "{said}");
}

#[test]
fn nothing_is_left_of_a_build_whose_program_was_killed() {
    let project = Project::article("\\loop\\iftrue\\repeat");
    let mut build = project
        .quire(&["build", "main.tex", "--json", "--engine", "pdflatex", "--container", "host"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(build.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("\"pass\"")), "a pass begins");
    let inside = || {
        let folder = project.folder().parent().unwrap().join("cache").display().to_string();
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let mounts = processes.filter_map(|p| fs::read_to_string(p.path().join("mountinfo")).ok());
        mounts.filter(|mounts| mounts.contains(&folder)).count()
    };
    assert!(inside() > 0, "TeX runs in walls of its own");
    // As a crash ends it: nobody can tidy up.
    build.kill().unwrap();
    build.wait().unwrap();
    let begin = Instant::now();
    while inside() > 0 {
        assert!(begin.elapsed() < Duration::from_secs(5), "{} processes are left", inside());
        std::thread::yield_now();
    }
}

#[test]
fn what_is_missing_is_told_with_what_to_install() {
    let project = Project::article("Text.");
    // This computer, without some of its programs.
    let without = |programs: &[&str], args: &[&str]| {
        let quire = project.quire(args);
        let mut command = Command::new("bwrap");
        command.args(["--bind", "/", "/", "--dev-bind", "/dev", "/dev", "--proc", "/proc"]);
        for program in programs {
            command.args(["--ro-bind", "/dev/null", &format!("/usr/bin/{program}")]);
        }
        command.arg("--").arg(quire.get_program()).args(quire.get_args());
        command.current_dir(project.folder()).stdin(Stdio::null());
        command.envs(quire.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = command.output().unwrap();
        format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
    };
    let build = ["build", "main.tex", "--engine", "pdflatex", "--container", "host"];
    let none = without(&["bwrap", "kpsewhich"], &build);
    for words in ["there is no TeX Live", "there is no bubblewrap", "`apt install bubblewrap`"] {
        assert!(none.contains(words), "{words}: {none}");
    }
    let part = without(&["latexmk"], &["doctor", "--container", "host"]);
    assert!(part.contains("has no latexmk") && part.contains("apt install latexmk"), "{part}");
    let all = without(&[], &build);
    assert!(all.contains("Finished"), "{all}");
}
