//! `quire watch --live` as an editor drives it: the real program over pipes, with the real engine.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::{Duration, Instant},
};
use support::Project;

/// The worst a test waits for something that should come at once.
const PATIENCE: Duration = Duration::from_secs(90);

/// An editor and its `quire watch --live`.
struct Editor {
    child: Child,
    input: Option<ChildStdin>,
    events: Receiver<Value>,
    /// Everything that was told.
    told: Vec<Value>,
}

impl Editor {
    fn start(project: &Project, options: &[&str]) -> Self {
        let mut all = vec!["watch", "--live", "main.tex"];
        all.extend(options);
        Self::of(project.quire(&all).stdin(Stdio::piped()))
    }

    fn of(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).expect(&line));
            }
        });
        Self { input: child.stdin.take(), child, events, told: Vec::new() }
    }

    fn send(&mut self, request: &Value) {
        self.send_bytes(format!("{request}\n").as_bytes());
    }

    fn send_bytes(&mut self, bytes: &[u8]) {
        self.input.as_mut().unwrap().write_all(bytes).unwrap();
    }

    /// The next event that is `wanted`.
    #[track_caller]
    fn wait_for(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            match self.events.recv_timeout(Duration::from_millis(100)) {
                Ok(event) => {
                    self.told.push(event.clone());
                    if wanted(&event) {
                        return event;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        panic!("waited in vain for {what}: {:#?}", self.told);
    }

    #[track_caller]
    fn done(&mut self, revision: u64) -> Value {
        self.wait_for("the end of a run", |e| e["event"] == "done" && e["revision"] == revision)
    }

    #[track_caller]
    fn error(&mut self, line: u64) -> String {
        let told = self.wait_for("an error", |e| e["event"] == "error" && e["line"] == line);
        format!("{}; {}", told["message"].as_str().unwrap(), told["advice"])
    }

    /// Insert before the first `place` of a text.
    fn insert(&mut self, text: &mut String, place: &str, what: &str, revision: u64) {
        let at = text.find(place).unwrap();
        let line = text[..at].matches('\n').count();
        let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let at_line = json!({
            "line": line, "character": text[start..at].encode_utf16().count(),
        });
        self.send(&json!({"change": {
            "path": "main.tex", "range": {"start": at_line, "end": at_line}, "text": what,
            "revision": revision,
        }}));
        text.insert_str(at, what);
    }

    /// The program and all that it has started.
    fn processes(&self) -> BTreeSet<u32> {
        let mut found = BTreeSet::from([self.child.id()]);
        loop {
            let known = found.len();
            // The first engine may have ended: its number is still that of the group of the others.
            for (pid, parent, group, _) in processes() {
                if found.contains(&parent) || found.contains(&group) {
                    found.insert(pid);
                }
            }
            if found.len() == known {
                return found;
            }
        }
    }
}

impl Drop for Editor {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Process, parent and group of all, and whether it lives: one that has ended is there until it is waited for.
fn processes() -> Vec<(u32, u32, u32, bool)> {
    let stats = fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        let pid = entry.file_name().to_str()?.parse().ok()?;
        let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
        let rest: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        Some((pid, rest[1].parse().ok()?, rest[2].parse().ok()?, rest[0] != "Z"))
    });
    stats.collect()
}

#[track_caller]
fn expect_gone(processes: &BTreeSet<u32>) {
    let start = Instant::now();
    loop {
        let living = self::processes().into_iter().filter(|(.., lives)| *lives);
        let left: Vec<u32> = living.map(|p| p.0).filter(|p| processes.contains(p)).collect();
        if left.is_empty() {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(20), "left behind: {left:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn corpus(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/synthetic");
    fs::read_to_string(path.join(name)).unwrap()
}

fn words_of(pdf: &Path) -> String {
    let library = quire_pdf::find_library().expect("PDFium: `cargo xtask setup`");
    let document =
        quire_pdf::Renderer::start(&library).unwrap().open(fs::read(pdf).unwrap()).unwrap();
    (0..document.pages().len()).map(|page| document.page_text(page).unwrap().plain()).collect()
}

/// Pages enough for snapshots, and a word on each to find it by.
fn long_article() -> String {
    let pages: String = (1..=12)
        .map(|page| format!("Place{page} of a page. {}\n\n\\newpage\n", "Some words. ".repeat(60)))
        .collect();
    format!("\\documentclass{{article}}\n\\begin{{document}}\n{pages}The end.\n\\end{{document}}\n")
}

fn long_project() -> (Project, String) {
    let text = long_article();
    (Project::new(&[("main.tex", text.as_bytes())]), text)
}

#[test]
fn a_word_typed_into_a_paper_is_on_its_page_and_then_in_the_exact_pdf() {
    let mut text = corpus("paper-27p.tex");
    let project = Project::new(&[("main.tex", text.as_bytes())]);
    let mut editor = Editor::start(&project, &[]);
    let hello = editor.wait_for("a greeting", |_| true);
    assert_eq!(hello["event"], "hello");
    assert_eq!((&hello["version"], &hello["live"]), (&json!(1), &json!(true)), "{hello}");
    let first = editor.done(0);
    assert_eq!((&first["cause"], &first["pages"]), (&json!("start"), &json!(25)));
    let exact = editor.wait_for("the first PDF", |e| e["event"] == "exact");
    editor.send(&json!({"open": {"path": "main.tex"}}));
    editor.done(1);
    let body = text.find("\\begin{document}").unwrap();
    let from = body + (text.len() - body) / 2;
    let place = from + text[from..].find(". ").unwrap();
    let place = text[place..place + 60].to_owned();
    editor.insert(&mut text, &place, " quixotically", 2);
    let page = editor.wait_for("the page", |e| e["event"] == "page" && e["past_edit"] == true);
    assert_eq!((&page["revision"], &page["cause"]), (&json!(2), &json!("edit")));
    // How soon is for the bench to say: here the machine may be busy with other tests.
    assert!(page["ms"].as_f64().unwrap() < 20_000.0, "{page}");
    let to = project.path("page.pdf");
    editor.send(&json!({"page": {"number": page["number"], "format": "pdf", "to": to}}));
    let written = editor.wait_for("its PDF", |e| e["event"] == "written");
    assert_eq!((&written["number"], &written["revision"]), (&page["number"], &json!(2)));
    assert_eq!(written["to"], json!(to));
    assert!(words_of(&to).contains("quixotically"), "{}", words_of(&to));
    let to = project.path("page.png");
    editor.send(&json!({"page": {"number": 1, "format": "png", "dpi": 72, "to": to}}));
    editor.wait_for("its picture", |e| e["event"] == "written" && e["format"] == "png");
    let picture = fs::read(to).unwrap();
    assert!(picture.starts_with(b"\x89PNG") && picture.len() > 1_000, "{}", picture.len());
    editor.done(2);
    let exact = editor.wait_for("the exact PDF", |e| {
        e["event"] == "exact" && e["revision"] == 2 && e["pdf"] == exact["pdf"]
    });
    let pdf = PathBuf::from(exact["pdf"].as_str().unwrap());
    assert!(words_of(&pdf).contains("quixotically"));
    // What is on the disk is the author's.
    assert_eq!(fs::read_to_string(project.path("main.tex")).unwrap(), corpus("paper-27p.tex"));
}

#[test]
fn many_quick_changes_end_in_the_text_that_they_make() {
    let (project, mut text) = long_project();
    let mut editor = Editor::start(&project, &[]);
    editor.send(&json!({"open": {"path": "main.tex", "text": text}}));
    editor.done(1);
    for revision in 2..302 {
        let page = revision % 12 + 1;
        editor.insert(&mut text, &format!("Place{page} "), &format!("w{revision} "), revision);
    }
    editor.done(301);
    let pages: BTreeSet<u64> = editor
        .told
        .iter()
        .filter(|e| e["event"] == "page" && e["cause"] == "edit")
        .map(|e| e["number"].as_u64().unwrap())
        .collect();
    assert!(pages.is_superset(&(1..=12).collect()), "{pages:?}");
    let exact = editor.wait_for("the exact PDF", |e| e["event"] == "exact" && e["revision"] == 301);
    let words = words_of(Path::new(exact["pdf"].as_str().unwrap()));
    (2..302).for_each(|n| assert!(words.contains(&format!("w{n}")), "w{n} is missing"));
}

#[test]
fn bad_requests_are_answered_and_change_nothing() {
    let (project, mut text) = long_project();
    let mut editor = Editor::start(&project, &[]);
    editor.send(&json!({"open": {"path": "main.tex", "text": text}}));
    editor.send_bytes(b"no JSON\n");
    assert!(editor.error(2).contains("no request"));
    editor.send_bytes(b"\xff\xfe\n\n");
    assert!(editor.error(3).contains("UTF-8"));
    editor.error(4);
    editor.send(&json!({"compile": {}}));
    assert!(editor.error(5).contains("unknown variant `compile`"));
    let range =
        json!({"start": {"line": 900, "character": 0}, "end": {"line": 901, "character": 0}});
    editor.send(&json!({"change": {"path": "main.tex", "range": range, "text": "x"}}));
    let told = editor.error(6);
    assert!(
        told.contains("line 900") && told.contains("send `open` with the whole text"),
        "{told}"
    );
    editor.send(&json!({"change": {"path": "other.tex", "text": "x"}}));
    assert!(editor.error(7).contains("`other.tex` is not open; \"send `open` first\""));
    editor.send(&json!({"open": {"path": "other.tex"}}));
    assert!(editor.error(8).contains("there is no file `other.tex`"));
    editor.send(&json!({"open": {"path": "/etc/passwd"}}));
    assert!(editor.error(9).contains("is not in the project"));
    editor.send(&json!({"open": {"path": "../../etc/passwd", "text": ""}}));
    assert!(editor.error(10).contains("outside the project"));
    editor.send(&json!({"close": {"path": "chapter.tex"}}));
    assert!(editor.error(11).contains("not open"));
    editor.done(1);
    editor.send(&json!({"page": {"number": 0, "to": "p.pdf"}}));
    assert!(editor.error(12).contains("there is no page 0; so far there are 13"));
    editor.send(&json!({"page": {"number": 4_000_000_000_u32, "to": "p.pdf"}}));
    editor.error(13);
    editor.send(&json!({"page": {"number": 1, "to": "/dev/null"}}));
    assert!(editor.error(14).contains("not a regular file"));
    editor.send(&json!({"page": {"number": 1, "to": "nowhere/p.pdf"}}));
    assert!(editor.error(15).contains("nowhere"));
    editor.send(&json!({"page": {"number": 1, "format": "docx", "to": "p.pdf"}}));
    assert!(editor.error(16).contains("unknown variant `docx`"));
    for dpi in [0, u32::MAX] {
        editor.send(&json!({"page": {"number": 1, "format": "png", "dpi": dpi, "to": "p.png"}}));
    }
    assert!(editor.error(17).contains("`dpi` is 0"));
    assert!(editor.error(18).contains("try a smaller `dpi`"));
    editor.insert(&mut text, "Place7", "healthy ", 2);
    let page = editor.wait_for("the page", |e| e["event"] == "page" && e["revision"] == 2);
    assert_eq!(page["number"], 7);
}

#[test]
fn an_error_is_told_at_once_and_heals_with_the_next_key() {
    let (project, mut text) = long_project();
    let mut editor = Editor::start(&project, &[]);
    editor.send(&json!({"open": {"path": "main.tex", "text": text}}));
    editor.wait_for("the first PDF", |e| e["event"] == "exact");
    editor.insert(&mut text, "Place5", "\\sectoin{One}", 2);
    assert_eq!(editor.done(2)["outcome"], "errors");
    let told = editor.wait_for("the error", |e| e["event"] == "diagnostics");
    assert_eq!((&told["revision"], &told["exact"]), (&json!(2), &json!(false)));
    let error = &told["items"][0];
    assert_eq!(
        (&error["code"], &error["severity"]),
        (&json!("undefined-command"), &json!("error"))
    );
    assert_eq!(error["fix"]["edits"][0]["text"], "\\section");
    assert_eq!(error["place"]["file"], "main.tex");
    text = text.replace("\\sectoin{One}", "");
    editor.send(&json!({"change": {"path": "main.tex", "text": text, "revision": 3}}));
    assert_ne!(editor.done(3)["outcome"], "errors");
    let told = editor.wait_for("its end", |e| e["event"] == "diagnostics" && e["revision"] == 3);
    assert_eq!(told["items"], json!([]));
}

#[test]
fn an_endless_loop_is_given_up_and_the_next_edit_heals() {
    let (project, mut text) = long_project();
    let good = text.clone();
    let mut editor = Editor::start(&project, &["--timeout", "2s"]);
    editor.send(&json!({"open": {"path": "main.tex", "text": text}}));
    editor.done(1);
    editor.insert(&mut text, "Place9", "\\def\\x{\\x}\\x ", 2);
    let told = editor.wait_for("the end", |e| e["event"] == "given-up");
    assert_eq!(told["revision"], 2);
    assert!(told["message"].as_str().unwrap().contains("endless loop"), "{told}");
    editor.send(&json!({"change": {"path": "main.tex", "text": good, "revision": 3}}));
    assert_eq!(editor.done(3)["pages"], 13);
    editor.wait_for("the exact PDF", |e| e["event"] == "exact" && e["revision"] == 3);
}

#[test]
fn the_end_of_input_ends_all_processes() {
    let (project, mut text) = long_project();
    let mut editor = Editor::start(&project, &[]);
    editor.send(&json!({"open": {"path": "main.tex", "text": text}}));
    editor.done(1);
    editor.insert(&mut text, "Place3", "\\def\\x{\\x}\\x ", 2);
    let processes = editor.processes();
    // How many snapshots there are depends on how fast the machine is.
    assert!(processes.len() > 1, "{processes:?}");
    editor.input = None;
    let start = Instant::now();
    assert!(editor.child.wait().unwrap().success());
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
    expect_gone(&processes);
}

#[test]
fn a_program_that_is_killed_leaves_nothing_behind() {
    let (project, _) = long_project();
    let mut editor = Editor::start(&project, &[]);
    editor.done(0);
    let processes = editor.processes();
    editor.child.kill().unwrap();
    editor.child.wait().unwrap();
    expect_gone(&processes);
}

#[test]
fn a_reader_that_goes_away_ends_the_program() {
    let (project, text) = long_project();
    let mut child = project
        .quire(&["watch", "--live", "main.tex"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    // Pages of the first run find nobody.
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        assert!(start.elapsed() < PATIENCE, "it goes on");
        let _ = writeln!(input, "{}", json!({"open": {"path": "main.tex", "text": text}}));
        std::thread::sleep(Duration::from_millis(50));
    };
    assert!(status.success());
}

#[test]
fn without_an_editor_saved_files_are_followed() {
    let root = long_article().replace("Place6", "\\input{part} Place6");
    let project = Project::new(&[("main.tex", root.as_bytes()), ("part.tex", b"first")]);
    let mut editor = Editor::of(&mut project.quire(&["watch", "--live"]));
    editor.done(0);
    editor.wait_for("the first PDF", |e| e["event"] == "exact");
    project.write("part.tex", b"second thoughts");
    let page = editor.wait_for("the page", |e| e["event"] == "page" && e["cause"] == "edit");
    assert_eq!((&page["number"], &page["past_edit"]), (&json!(6), &json!(true)));
    assert!(page["ms"].as_f64().unwrap() < 2_000.0, "{page}");
    editor.wait_for("its end", |e| e["event"] == "done");
    let exact = editor.wait_for("the exact PDF", |e| e["event"] == "exact");
    assert!(words_of(Path::new(exact["pdf"].as_str().unwrap())).contains("second thoughts"));
    let processes = editor.processes();
    assert!(
        Command::new("kill")
            .args(["-INT", &editor.child.id().to_string()])
            .status()
            .unwrap()
            .success()
    );
    assert!(editor.child.wait().unwrap().success());
    expect_gone(&processes);
}

#[test]
fn a_file_of_another_program_counts_until_the_editor_opens_it() {
    let root = long_article().replace("Place6", "\\input{part} Place6");
    let project = Project::new(&[("main.tex", root.as_bytes()), ("part.tex", b"first")]);
    let mut editor = Editor::start(&project, &[]);
    editor.done(0);
    project.write("part.tex", b"second");
    let page = editor.wait_for("the page", |e| e["event"] == "page" && e["cause"] == "edit");
    assert_eq!((&page["number"], &page["revision"]), (&json!(6), &json!(1)));
    editor.send(&json!({"open": {"path": "part.tex", "text": "third", "revision": 50}}));
    editor.done(50);
    editor.send(&json!({"close": {"path": "part.tex", "revision": 60}}));
    editor.done(60);
    let to = project.path("p.pdf");
    editor.send(&json!({"page": {"number": 6, "to": "p.pdf"}}));
    editor.wait_for("the page", |e| e["event"] == "written" && e["to"] == json!(to));
    assert!(words_of(&to).contains("second"), "{}", words_of(&to));
}

#[test]
fn references_follow_the_exact_build() {
    let text = long_article().replace("The end.", "\\label{end} See page \\pageref{end}.");
    let project = Project::new(&[("main.tex", text.as_bytes())]);
    let mut editor = Editor::start(&project, &[]);
    editor.done(0);
    let page =
        editor.wait_for("the number", |e| e["event"] == "page" && e["cause"] == "references");
    assert_eq!((&page["number"], &page["revision"]), (&json!(13), &json!(0)));
    let done = editor.wait_for("its end", |e| e["event"] == "done");
    assert_eq!(done["cause"], "references");
}

#[test]
fn where_pages_cannot_follow_the_greeting_says_so() {
    let (project, text) = long_project();
    let mut editor = Editor::start(&project, &["--engine", "lualatex"]);
    let hello = editor.wait_for("a greeting", |_| true);
    assert_eq!(hello["live"], false);
    assert!(hello["why"].as_str().unwrap().contains("lualatex"), "{hello}");
    editor.send(&json!({"open": {"path": "main.tex", "text": text}}));
    let exact = editor.wait_for("the build", |e| e["event"] == "exact");
    assert!(exact["pdf"].as_str().unwrap().ends_with("main.pdf"), "{exact}");
    editor.send(&json!({"page": {"number": 1, "to": "p.pdf"}}));
    assert!(editor.error(2).contains("no single pages"));
    let processes = editor.processes();
    editor.input = None;
    assert!(editor.child.wait().unwrap().success());
    expect_gone(&processes);
}
