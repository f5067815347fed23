//! Documents that mean harm, and machines that are in a bad way: each ends within its limits with a
//! plain word, and nothing outside the project is touched.

#![allow(clippy::unwrap_used)]

mod support;

use std::{
    fs,
    time::{Duration, Instant},
};
use support::{Project, Run, exists};

#[test]
fn an_endless_loop_ends_at_the_time_limit_with_its_place() {
    let start = Instant::now();
    let run =
        Project::article("text\n\n\\def\\x{\\let\\y=\\relax\\x}\\x").build(&["--timeout", "2s"]);
    run.expect("timed-out");
    assert!(start.elapsed() < Duration::from_secs(10));
    let told = run.lines.iter().find(|line| line["code"] == "timed-out").unwrap();
    assert!(told["message"].as_str().unwrap().contains("main.tex, line 5"), "{told}");
}

#[test]
fn an_expansion_without_end_ends() {
    let run = Project::article("\\def\\x{\\x\\x\\x\\x}\\x").build(&["--timeout", "20s"]);
    assert_eq!(run.code, Some(1), "{:?}", run.lines);
    let ends = ["input-stack", "capacity", "main-memory", "timed-out", "memory-limit"];
    assert!(run.codes().iter().any(|code| ends.contains(&code.as_str())), "{:?}", run.codes());
}

#[test]
fn ten_gigabytes_of_text_hit_a_limit() {
    let body = "\\def\\a{xxxxxxxxxx}\\def\\d#1{\\edef\\a{\\a\\a\\a\\a\\a\\a\\a\\a\\a\\a}}\
                \\d0\\d0\\d0\\d0\\d0\\d0\\d0\\d0\\d0\\d0";
    let run = Project::article(body).build(&["--timeout", "20s", "--memory", "512M"]);
    assert_eq!(run.code, Some(1), "{:?}", run.lines);
    assert!(!run.codes().is_empty());
}

#[test]
fn a_gigabyte_of_output_is_stopped() {
    let body = "\\newwrite\\w\\immediate\\openout\\w=big.txt\n\
                \\def\\a{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}\n\
                \\edef\\a{\\a\\a\\a\\a\\a\\a\\a\\a\\a\\a}\\edef\\a{\\a\\a\\a\\a\\a\\a\\a\\a\\a\\a}\n\
                \\loop\\immediate\\write\\w{\\a}\\iftrue\\repeat";
    let run = Project::article(body).build(&["--timeout", "50s"]);
    assert_eq!(run.code, Some(1), "{:?}", run.lines);
    let ends = ["output-limit", "timed-out"];
    assert!(run.codes().iter().any(|code| ends.contains(&code.as_str())), "{:?}", run.codes());
}

#[test]
fn files_of_the_system_are_not_read() {
    for name in ["/etc/passwd", "../../../../etc/passwd"] {
        let run = Project::article(&format!("\\input{{{name}}}")).build(&[]);
        assert_eq!(run.code, Some(1), "{name}: {:?}", run.lines);
        assert!(!run.lines.iter().any(|line| line.to_string().contains("root:x:")));
    }
    let body = "\\newread\\r\\openin\\r=/etc/passwd \\ifeof\\r shut\\else\\undefined\\fi";
    let run = Project::article(body).build(&[]);
    assert_eq!(run.code, Some(0), "{:?}", run.lines);
}

#[test]
fn programs_are_not_run() {
    let project =
        Project::article("\\immediate\\write18{touch ran.txt}\\input{|\"touch ran.txt\"}");
    let run = project.build(&[]);
    assert!(run.code.is_some());
    assert!(!exists(&project.path("ran.txt")));
}

#[test]
fn nothing_is_written_outside() {
    let project = Project::article(
        "\\newwrite\\w\\immediate\\openout\\w=../evil.txt \\immediate\\write\\w{x}",
    );
    let run = project.build(&[]);
    assert_eq!(run.code, Some(1), "{:?}", run.lines);
    assert!(!exists(&project.path("../evil.txt")));
    let absolute = std::env::temp_dir().join(format!("quire-evil-{}", std::process::id()));
    let body = format!(
        "\\newwrite\\w\\immediate\\openout\\w={} \\immediate\\write\\w{{x}}",
        absolute.display()
    );
    let run = Project::article(&body).build(&[]);
    assert_eq!(run.code, Some(1), "{:?}", run.lines);
    assert!(!exists(&absolute));
}

#[test]
fn what_the_document_writes_stays_in_memory() {
    let project =
        Project::article("\\newwrite\\w\\immediate\\openout\\w=own.txt \\immediate\\write\\w{x}y");
    assert_eq!(project.build(&[]).code, Some(0));
    let mut names: Vec<_> =
        fs::read_dir(project.folder()).unwrap().flatten().map(|e| e.file_name()).collect();
    names.sort();
    assert_eq!(names, ["main.pdf", "main.synctex.gz", "main.tex"]);
}

#[test]
fn odd_bytes_are_told_and_survived() {
    let bytes = b"\\documentclass{article}\\begin{document}a\xff\xfe b\0c\n\x01\\end{document}\n";
    let run = Project::new(&[("main.tex", bytes)]).build(&[]);
    assert!(run.code.is_some());
    assert!(run.codes().iter().any(|code| code == "invalid-utf8"), "{:?}", run.codes());
}

#[test]
fn files_that_read_each_other_end() {
    let main = b"\\documentclass{article}\\begin{document}\\input{a}\\end{document}";
    let run =
        Project::new(&[("main.tex", main), ("a.tex", b"\\input{b}"), ("b.tex", b"\\input{a}")])
            .build(&[]);
    run.expect("input-levels");
}

#[test]
fn a_picture_of_a_hundred_megabytes_is_refused_or_used() {
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    picture.resize(100 << 20, 0x5a);
    let main = b"\\documentclass{article}\\usepackage{graphicx}\\begin{document}\
                 \\includegraphics{p.png}\\end{document}";
    let run = Project::new(&[("main.tex", main), ("p.png", &picture)]).build(&[]);
    assert_eq!(run.code, Some(1), "{:?}", run.lines);
    assert!(!run.codes().is_empty());
}

#[test]
fn ten_thousand_files_do_not_slow_a_build() {
    let project = Project::article("x");
    for i in 0..10_000 {
        project.write(&format!("d{}/f{i}.dat", i % 100), b"x");
    }
    let start = Instant::now();
    assert_eq!(project.build(&[]).code, Some(0));
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[cfg(unix)]
#[test]
fn links_that_lead_outside_are_not_followed() {
    let project = Project::article("\\input{secret}");
    std::os::unix::fs::symlink("/etc/passwd", project.path("secret.tex")).unwrap();
    let run = project.build(&[]);
    run.expect("refused-file");
    assert!(!run.lines.iter().any(|line| line.to_string().contains("root:x:")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_keeps_the_old_pdf_and_says_so() {
    let project = Project::article("first");
    assert_eq!(project.build(&[]).code, Some(0));
    let before = fs::read(project.path("main.pdf")).unwrap();
    project.write("main.tex", b"\\documentclass{article}\\begin{document}second\\end{document}");
    // No file may grow: the disk is full for this process.
    let mut command = std::process::Command::new("prlimit");
    let quire = project.quire(&["build", "main.tex", "--json"]);
    command.args(["--fsize=100", "--"]).arg(quire.get_program()).args(quire.get_args());
    for (key, value) in quire.get_envs() {
        if let Some(value) = value {
            command.env(key, value);
        }
    }
    // Without this the signal of the limit, which a full disk does not send, ends the program.
    let output = std::process::Command::new("bash")
        .args(["-c", "trap '' XFSZ; exec \"$@\"", "bash"])
        .arg(command.get_program())
        .args(command.get_args())
        .envs(command.get_envs().filter_map(|(k, v)| Some((k, v?))))
        .current_dir(project.folder())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains("/main."), "{output:?}");
    assert_eq!(fs::read(project.path("main.pdf")).unwrap(), before);
}

#[test]
fn a_reader_that_goes_away_is_no_crash() {
    let project = Project::article("x");
    let mut child = project
        .quire(&["build", "main.tex", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn json_lines_and_exit_codes() {
    let project = Project::article("\\undefinedcommand");
    let run = project.build(&[]);
    assert_eq!(run.code, Some(1));
    assert_eq!(run.lines.first().unwrap()["type"], "started");
    assert_eq!(run.lines.last().unwrap()["type"], "finished");
    assert_eq!(run.lines.last().unwrap()["outcome"], "errors");
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    let missing = Run::of(project.quire(&["build", "nosuch.tex", "--json"]).output().unwrap());
    assert_eq!(missing.code, Some(2));
    assert!(missing.stderr.contains("nosuch.tex"));
    let nowhere = ["build", "main.tex", "--engine", "lualatex", "--container", "/no/such.sock"];
    let engine = Run::of(project.quire(&nowhere).output().unwrap());
    assert_eq!(engine.code, Some(2));
    assert!(engine.stderr.contains("neither Podman nor Docker answers"), "{}", engine.stderr);
    assert!(engine.stderr.contains("--engine tectonic"), "{}", engine.stderr);
}

#[test]
fn a_check_writes_nothing_and_clean_takes_the_outputs_back() {
    let project = Project::article("x");
    assert!(project.quire(&["check", "main.tex"]).status().unwrap().success());
    assert!(!exists(&project.path("main.pdf")));
    assert_eq!(project.build(&[]).code, Some(0));
    assert!(exists(&project.path("main.pdf")));
    assert!(project.quire(&["clean", "main.tex", "--outputs"]).status().unwrap().success());
    assert!(!exists(&project.path("main.pdf")));
    assert!(exists(&project.path("main.tex")));
}
