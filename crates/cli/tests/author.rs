//! The program as an author uses it: the real binary with the real engine and the installed bundle.
//! Without them (`QUIRE_TEX_WORKER`, `QUIRE_BUNDLE`, or `cargo xtask setup`) these tests fail.

#![allow(clippy::unwrap_used)]

use quire_bundle::find_bundle;
use serde_json::Value;
use std::{
    fs,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// The worst a test waits for something that should come at once.
const PATIENCE: Duration = Duration::from_secs(60);

fn article(body: &str) -> String {
    format!("\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n")
}

/// A project folder with a cache of its own.
struct Project {
    temp: tempfile::TempDir,
}

impl Project {
    fn new(files: &[(&str, &str)]) -> Self {
        let project = Self { temp: tempfile::tempdir().unwrap() };
        fs::create_dir(project.path("")).unwrap();
        files.iter().for_each(|(name, text)| project.write(name, text));
        project
    }

    fn path(&self, name: &str) -> PathBuf {
        self.temp.path().join("project").join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let place = self.path(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    fn quire(&self, args: &[&str]) -> Command {
        let bundle = find_bundle(None).expect("a bundle is installed: `cargo xtask setup`");
        let mut command = Command::new(env!("CARGO_BIN_EXE_quire"));
        command
            .args(args)
            .current_dir(self.path(""))
            .env("QUIRE_BUNDLE", bundle.path())
            .env("QUIRE_CACHE", self.temp.path().join("cache"))
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.quire(args).output().unwrap()
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("")).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

#[track_caller]
fn assert_code(output: &Output, code: i32) {
    assert_eq!(output.status.code(), Some(code), "{}", stderr(output));
    assert!(!stderr(output).contains("panicked"), "{}", stderr(output));
}

#[track_caller]
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn each_diagnostic_line_has_what_an_editor_needs() {
    let project = Project::new(&[("paper.tex", &article("Ä😀\n\nÄ \\sectoin{One}"))]);
    let output = project.run(&["build", "paper.tex", "--json"]);
    assert_code(&output, 1);
    assert_eq!(stderr(&output), "");
    let lines = lines(&output);
    assert_eq!(lines.first().unwrap()["type"], "started");
    assert_eq!(lines.first().unwrap()["version"], 1);
    let last = lines.last().unwrap();
    assert_eq!((&last["type"], &last["pages"]), (&"finished".into(), &1.into()));
    assert!(last["pdf"].as_str().unwrap().ends_with("paper.pdf"));
    let wrong = lines.iter().find(|line| line["code"] == "undefined-command").unwrap();
    assert_eq!((&wrong["type"], &wrong["severity"]), (&"diagnostic".into(), &"error".into()));
    let place = &wrong["place"];
    assert_eq!((&place["file"], &place["first_line"]), (&"paper.tex".into(), &5.into()));
    assert!(place["path"].as_str().unwrap().ends_with("project/paper.tex"));
    let units = |name: &str, unit: usize| place[name][unit].as_u64().unwrap();
    // `Ä` is two bytes and one unit, `😀` four bytes and two units.
    let text = fs::read_to_string(project.path("paper.tex")).unwrap();
    let at = text.find("\\sectoin").unwrap();
    assert_eq!(units("bytes", 0), at as u64);
    assert_eq!(units("utf16", 0), text[..at].encode_utf16().count() as u64);
    assert_eq!(units("bytes", 1) - units("bytes", 0), 8);
    assert_eq!(place["start"], serde_json::json!({ "line": 5, "column": 3 }));
    assert_eq!(wrong["fix"]["edits"][0]["text"], "\\section");
}

#[test]
fn outputs_go_where_they_are_told() {
    let project = Project::new(&[("über uns/mein text.tex", &article("Hallo"))]);
    let output = project.run(&["build", "über uns/mein text.tex", "--out", "fertig für alle"]);
    assert_code(&output, 0);
    assert!(project.path("fertig für alle/mein text.pdf").exists());
    assert!(!project.path("über uns/mein text.pdf").exists());
    assert!(output.stdout.is_empty());
}

#[test]
fn a_place_that_cannot_be_written_to_is_named() {
    let project = Project::new(&[("paper.tex", &article("a")), ("taken", "a file")]);
    let output = project.run(&["build", "paper.tex", "--out", "taken"]);
    assert_code(&output, 2);
    assert!(stderr(&output).contains("taken"), "{}", stderr(&output));
    assert_eq!(project.names(), ["paper.tex", "taken"]);
}

#[test]
fn of_several_roots_one_is_picked_and_named() {
    let project = Project::new(&[("one.tex", &article("a")), ("two.tex", &article("b"))]);
    let output = project.run(&["build"]);
    assert_code(&output, 0);
    let said = stderr(&output);
    assert!(said.contains("one.tex") && said.contains("two.tex"), "{said}");
    assert!(said.contains("--root"), "{said}");
    let output = project.run(&["build", "--root", "two.tex", "-q"]);
    assert_code(&output, 0);
    assert_eq!(stderr(&output), "");
    assert!(project.path("two.pdf").exists());
}

#[test]
fn mistakes_on_the_command_line_are_told() {
    let project = Project::new(&[("paper.tex", &article("a")), ("empty/notes.txt", "a")]);
    let cases: [(&[&str], &str); 5] = [
        (&["build", "nope.tex"], "nope.tex"),
        (&["build", "empty"], "documentclass"),
        (&["build", "--timeout", "soon"], "soon"),
        (&["build", "--bundle", "nowhere"], "nowhere"),
        (&["bulid"], "build"),
    ];
    for (args, word) in cases {
        let output = project.run(args);
        assert_code(&output, 2);
        assert!(stderr(&output).contains(word), "{args:?}: {}", stderr(&output));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_no_unicode_is_told() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let project = Project::new(&[]);
    let name = OsStr::from_bytes(b"caf\xe9.tex");
    fs::write(project.path("").join(name), article("a")).unwrap();
    let output = project.quire(&["build"]).arg(name).output().unwrap();
    assert_code(&output, 2);
    assert!(stderr(&output).starts_with("error: "), "{}", stderr(&output));
}

#[test]
fn colour_is_for_terminals_and_those_who_ask() {
    let project = Project::new(&[("paper.tex", &article("\\nope"))]);
    let plain = project.run(&["build", "paper.tex"]);
    assert!(!stderr(&plain).contains('\x1b'));
    let asked = project.run(&["build", "paper.tex", "--color", "always"]);
    assert!(stderr(&asked).contains('\x1b'));
}

#[test]
fn sources_are_not_overwritten_by_the_document() {
    let text =
        article("a\\newwrite\\w\\immediate\\openout\\w=paper.tex\\relax\\immediate\\write\\w{x}");
    let project = Project::new(&[("paper.tex", &text)]);
    project.run(&["build", "paper.tex"]);
    assert_eq!(fs::read_to_string(project.path("paper.tex")).unwrap(), text);
}

#[test]
fn files_outside_cannot_be_opened_for_reading() {
    for name in ["/etc/passwd", "../secret.tex", "|id"] {
        let text = article(&format!(
            "\\newread\\r\\openin\\r={name}\\relax\\ifeof\\r a\\else\\errmessage{{IT IS OPEN}}\\fi"
        ));
        let project = Project::new(&[("paper.tex", &text)]);
        fs::write(project.path("../secret.tex"), "TOP SECRET").unwrap();
        let output = project.run(&["build", "paper.tex"]);
        let said = stderr(&output);
        assert!(!said.contains("IT IS OPEN"), "{name}: {said}");
        assert!(project.path("paper.pdf").exists(), "{name}: {said}");
    }
}

#[test]
fn completions_and_the_manual_are_printed() {
    let project = Project::new(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = project.run(&["completions", shell]);
        assert_code(&output, 0);
        assert!(String::from_utf8_lossy(&output.stdout).contains("keep-log"), "{shell}");
    }
    let output = project.run(&["man", "--out", "man"]);
    assert_code(&output, 0);
    assert!(project.path("man/quire-build.1").exists());
}

#[cfg(target_os = "linux")]
mod processes {
    use super::*;

    /// The engine's process below `pid`; others of its children prepare fonts.
    fn worker_of(pid: u32) -> Option<u32> {
        let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
        let lists =
            tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("children")).ok());
        let mut children = lists
            .flat_map(|list| list.split(' ').filter_map(|p| p.parse().ok()).collect::<Vec<u32>>());
        children.find(|child| {
            let line = fs::read_to_string(format!("/proc/{child}/cmdline"));
            line.is_ok_and(|line| line.split('\0').nth(1) == Some("serve"))
        })
    }

    fn signal(name: &str, pid: u32) {
        assert!(Command::new("kill").args([name, &pid.to_string()]).status().unwrap().success());
    }

    /// Ended with the test, whatever happens.
    struct Watch(Child, tempfile::NamedTempFile);

    impl Drop for Watch {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    impl Watch {
        fn start(project: &Project) -> Self {
            Self::start_with(project, &[])
        }

        fn start_with(project: &Project, options: &[&str]) -> Self {
            let mut command = project.quire(&["build", "paper.tex", "--watch", "-q"]);
            let words = tempfile::NamedTempFile::new().unwrap();
            let stderr = words.reopen().unwrap();
            Self(command.args(options).stdout(Stdio::null()).stderr(stderr).spawn().unwrap(), words)
        }

        /// Wait until the program has said so.
        fn expect(&self, words: &str) {
            let said = || fs::read_to_string(self.1.path()).unwrap().contains(words);
            wait_for(words, || said().then_some(()));
        }

        /// Ctrl-C: the program ends, and its worker with it.
        fn interrupt(mut self) {
            let worker = worker_of(self.0.id());
            signal("-INT", self.0.id());
            wait_for("the end", || self.0.try_wait().unwrap());
            if let Some(worker) = worker {
                wait_for("the worker's end", || {
                    let stat = fs::read_to_string(format!("/proc/{worker}/stat"));
                    stat.map_or(true, |stat| stat.contains(") Z ")).then_some(())
                });
            }
        }
    }

    #[test]
    fn a_change_of_any_file_read_builds_again() {
        let project =
            Project::new(&[("paper.tex", &article("\\input{part}")), ("part.tex", "one")]);
        let watch = Watch::start(&project);
        let pdf = || fs::read(project.path("paper.pdf")).ok();
        let first = wait_for("the first PDF", pdf);
        // At once, when the build may not have ended yet.
        project.write("part.tex", &"more words ".repeat(20));
        wait_for("the second PDF", || pdf().filter(|second| *second != first));
        watch.interrupt();
    }

    #[test]
    fn a_folder_or_the_root_may_go_and_come_back() {
        let root = article("\\input{parts/one}");
        let project = Project::new(&[("paper.tex", &root), ("parts/one.tex", "one")]);
        let watch = Watch::start(&project);
        let pdf = || fs::read(project.path("paper.pdf")).ok();
        let mut last = wait_for("the first PDF", pdf);
        let mut changes = |what: &str| {
            last = wait_for(what, || pdf().filter(|next| *next != last));
        };
        fs::rename(project.path("parts"), project.path("away")).unwrap();
        watch.expect("[missing-file]");
        project.write("parts/one.tex", &"one more word ".repeat(20));
        changes("the PDF with the new part");
        project.write("parts/one.tex", &"and another word ".repeat(20));
        changes("the PDF with the part changed");
        fs::remove_file(project.path("paper.tex")).unwrap();
        watch.expect("there is no file `paper.tex`");
        project.write("paper.tex", &article("another document"));
        changes("the PDF of the new root");
        watch.interrupt();
    }

    #[test]
    fn a_build_that_was_ended_before_it_told_what_it_read_can_be_cured() {
        let root = article("\\input{parts/one}");
        let project = Project::new(&[("paper.tex", &root), ("parts/one.tex", "\\def\\x{\\x}\\x")]);
        let watch = Watch::start_with(&project, &["--timeout", "8s"]);
        watch.expect("[timed-out]");
        project.write("parts/one.tex", "cured");
        wait_for("the PDF", || fs::read(project.path("paper.pdf")).ok());
        watch.interrupt();
    }

    #[test]
    fn a_change_ends_the_build_that_it_makes_obsolete() {
        let project = Project::new(&[("paper.tex", &article("a"))]);
        let watch = Watch::start(&project);
        let pdf = || fs::read(project.path("paper.pdf")).ok();
        let first = wait_for("the first PDF", pdf);
        // Two changes: into an endless loop, and, once that runs, out of it.
        let mut tries = 0;
        let endless = wait_for("the endless build", || {
            tries += 1;
            if tries % 50 == 1 {
                project.write("paper.tex", &article(&format!("\\def\\x{{\\x}}\\x % {tries}")));
            }
            worker_of(watch.0.id())
        });
        let start = Instant::now();
        project.write("paper.tex", &article(&"cured ".repeat(50)));
        wait_for("the PDF of the cured document", || pdf().filter(|second| *second != first));
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        assert_ne!(worker_of(watch.0.id()), Some(endless));
        watch.interrupt();
    }

    #[test]
    fn an_interrupt_ends_a_running_build_and_its_worker() {
        let project = Project::new(&[("paper.tex", &article("\\def\\x{\\x}\\x"))]);
        let watch = Watch::start(&project);
        wait_for("the worker", || worker_of(watch.0.id()));
        watch.interrupt();
        assert_eq!(project.names(), ["paper.tex"]);
    }

    #[test]
    fn a_killed_worker_is_told() {
        let project = Project::new(&[("paper.tex", &article("\\def\\x{\\x}\\x"))]);
        let mut command = project.quire(&["build", "paper.tex"]);
        let build = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pid = build.id();
        let worker = wait_for("the worker", || worker_of(pid));
        signal("-KILL", worker);
        let output = build.wait_with_output().unwrap();
        assert_code(&output, 1);
        assert!(stderr(&output).contains("[engine-crashed]"), "{}", stderr(&output));
        assert_eq!(project.names(), ["paper.tex"]);
    }
}

#[test]
fn the_engine_that_a_document_needs_is_named() {
    let project = Project::new(&[("main.tex", &article("\\directlua{tex.print(1)}"))]);
    let told = stderr(&project.run(&["build", "main.tex"]));
    assert!(told.contains("`\\directlua` in line 3 needs LuaTeX"), "{told}");
    assert!(told.contains("Try --engine lualatex"), "{told}");
}
