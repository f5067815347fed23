//! What a build does with the folder around it, the cache, and trouble.

#![allow(clippy::unwrap_used)]

mod support;

use quire_compile::{
    build::{BuildDate, BuildError, BuildOutcome, EngineChoice, Event, OutputPlace},
    diagnostics::Severity,
    disk::DiskFolder,
};
use quire_project::ProjectPath;
use quire_tex_engine::{CancelToken, Limits};
use std::{
    fs,
    sync::Arc,
    time::{Duration, Instant},
};
use support::{Project, codes, story};

const HELLO: &str = "\\documentclass{article}\\begin{document}Hello.\\end{document}\n";
const LOOP: &str = "\\documentclass{article}\\begin{document}\n\\def\\x{\\x}\\x\\end{document}\n";

#[test]
fn what_has_not_changed_is_not_built_again() {
    let project = Project::new(&[("main.tex", HELLO)]);
    let first = project.build();
    assert_eq!(first.outcome, BuildOutcome::Clean, "{:#?}", first.diagnostics);
    assert!(!first.up_to_date);
    let second = project.build();
    assert!(second.up_to_date, "{:?}", second.because);
    assert!(second.wall < Duration::from_millis(50), "{:?}", second.wall);
    assert_eq!((second.pages, &second.pdf, &second.log), (1, &first.pdf, &first.log));
}

#[test]
fn a_date_and_a_day_decide_whether_a_result_stands() {
    let project = Project::new(&[("main.tex", HELLO)]);
    let build = |date| {
        let change = |request: &mut quire_compile::build::BuildRequest| request.date = date;
        project.try_build(change, &mut |_| {}, &CancelToken::new()).unwrap().up_to_date
    };
    assert!(!build(BuildDate::Now(86_400 * 5)));
    assert!(build(BuildDate::Now(86_400 * 6 - 1)));
    assert!(!build(BuildDate::Now(86_400 * 6)));
    assert!(!build(BuildDate::Fixed(86_400 * 6)));
    assert!(!build(BuildDate::Fixed(86_400 * 6 + 1)));
}

#[test]
fn equal_inputs_and_dates_give_equal_bytes() {
    let bytes = || {
        let text = "\\documentclass{article}\\usepackage{hyperref}\\begin{document}\n\
                    \\section{A}\\today\\end{document}";
        let project = Project::new(&[("main.tex", text)]);
        fs::read(project.build().pdf.unwrap()).unwrap()
    };
    assert!(bytes() == bytes(), "two builds of the same text differ");
}

#[test]
fn a_file_that_appears_is_noticed() {
    let text = "\\documentclass{article}\\begin{document}\\InputIfFileExists{local}{}{None.}\
                \\end{document}\n";
    let project = Project::new(&[("main.tex", text)]);
    project.build();
    assert!(project.build().up_to_date);
    project.write("local.tex", "Some.");
    let result = project.build();
    assert_eq!(result.because.as_deref(), Some("local.tex is new"));
    fs::remove_file(project.path("local.tex")).unwrap();
    let result = project.build();
    assert_eq!(result.because.as_deref(), Some("local.tex changed"));
}

/// A PNG of one pixel, grey or black.
fn png(black: bool) -> Vec<u8> {
    let data: &[u8] = if black {
        b"\x00\x00\x00\x0aIDAT\x78\x9c\x63\x60\x00\x00\x00\x02\x00\x01\x48\xaf\xa4\x71"
    } else {
        b"\x00\x00\x00\x0aIDAT\x78\x9c\x63\x68\x00\x00\x00\x82\x00\x81\x77\xcd\x72\xb6"
    };
    let mut png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\
                    \x00\x00\x00\x3a\x7e\x9b\x55"
        .to_vec();
    png.extend_from_slice(data);
    png.extend_from_slice(b"\x00\x00\x00\x00IEND\xae\x42\x60\x82");
    png
}

#[test]
fn a_changed_picture_is_noticed() {
    let text = "\\documentclass{article}\\usepackage{graphicx}\\begin{document}\
                \\includegraphics{dot.png}\\end{document}\n";
    let project = Project::new(&[("main.tex", text)]);
    project.write("dot.png", png(true));
    let first = project.build();
    let before = fs::read(first.pdf.expect("a PDF")).unwrap();
    assert!(project.build().up_to_date);
    project.write("dot.png", png(false));
    let result = project.build();
    assert_eq!(result.because.as_deref(), Some("dot.png changed"));
    assert_ne!(before, fs::read(result.pdf.unwrap()).unwrap());
}

#[test]
fn files_that_another_tex_left_behind_are_not_read() {
    let text = "\\documentclass{article}\\begin{document}\\tableofcontents\\section{A}\
                \\label{a}\\ref{a}\\end{document}\n";
    let project = Project::new(&[
        ("main.tex", text),
        ("main.aux", "\\undefinedcommand{from another year}"),
        ("main.toc", "\\alsoundefined"),
    ]);
    let result = project.build();
    assert!(!String::from_utf8_lossy(&result.log).contains("undefined"), "the old files were read");
    assert_eq!(result.outcome, BuildOutcome::Clean, "{:#?}", result.diagnostics);
    assert_eq!(fs::read(project.path("main.toc")).unwrap(), b"\\alsoundefined");
}

#[test]
fn unsaved_text_is_what_is_built() {
    let project = Project::new(&[("main.tex", HELLO), ("part.tex", "saved")]);
    let unsaved = "\\documentclass{article}\\begin{document}A\\newpage B\\end{document}";
    let result = project
        .try_build(
            |request| {
                let main = ProjectPath::new("main.tex").unwrap();
                let files = DiskFolder::open(&project.folder()).unwrap();
                let overlay = [(main, Arc::from(unsaved.as_bytes()))];
                request.files = Arc::new(files.with_overlay(overlay));
            },
            &mut |_| {},
            &CancelToken::new(),
        )
        .unwrap();
    assert_eq!(result.pages, 2);
    assert_eq!(project.build().because.as_deref(), Some("main.tex changed"));
}

#[test]
fn a_faulty_document_keeps_going_and_a_hopeless_one_keeps_the_old_pdf() {
    let project = Project::new(&[("main.tex", HELLO)]);
    let pdf = project.build().pdf.unwrap();
    let good = fs::read(&pdf).unwrap();
    project.write("main.tex", "\\documentclass{article}\\begin{document}\n\\oops x\\end{document}");
    let result = project.build();
    assert_eq!(result.outcome, BuildOutcome::Errors);
    assert!(result.pdf.is_some(), "an error that TeX recovers from still gives pages");
    let told = result.diagnostics.iter().find(|told| told.severity == Severity::Error).unwrap();
    assert!(told.message.contains("ndefined"), "{told:?}");
    assert_eq!(told.place.as_ref().unwrap().first_line.0, 2);
    project.write("main.tex", HELLO);
    project.build();
    assert_eq!(fs::read(&pdf).unwrap(), good);
    project.write("main.tex", "\\documentclass{article}\\begin{document}\\input{nowhere}");
    let result = project.build();
    assert_eq!((result.outcome, result.pdf), (BuildOutcome::Errors, None));
    assert_eq!(fs::read(&pdf).unwrap(), good);
    let again = project.build();
    assert!(again.up_to_date);
    assert_eq!(again.outcome, BuildOutcome::Errors);
}

#[test]
fn names_count_from_the_roots_folder_and_then_from_the_projects() {
    let text = "\\documentclass{article}\\begin{document}\\input{doc/part}\\input{near/part}\\end{document}";
    let project = Project::new(&[
        ("doc/main.tex", text),
        ("doc/part.tex", "From the top."),
        ("doc/near/part.tex", "From here."),
        ("near/part.tex", "\\undefined"),
    ]);
    let result = project.build();
    assert_eq!(result.outcome, BuildOutcome::Clean, "{:#?}", result.diagnostics);
    let part = ProjectPath::new("doc/part.tex").unwrap();
    assert!(result.inputs.contains(&part), "{:?}", result.inputs);
}

#[test]
fn a_build_can_be_cancelled_at_any_time() {
    let project = Project::new(&[("main.tex", LOOP)]);
    let cancel = CancelToken::new();
    let start = Instant::now();
    let canceller = cancel.clone();
    let result = project
        .try_build(
            |_| {},
            &mut |event| {
                if matches!(event, Event::Pass { .. }) {
                    canceller.cancel();
                }
            },
            &cancel,
        )
        .unwrap();
    assert_eq!(result.outcome, BuildOutcome::Killed);
    assert_eq!(codes(&result), ["cancelled"]);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(!project.path("main.pdf").exists());
    assert!(!project.build_is_known());
}

impl Project {
    /// Whether another build would believe that there is nothing to do.
    fn build_is_known(&self) -> bool {
        self.write(self.root, HELLO);
        let known = self.build().because;
        known.is_some()
    }
}

#[test]
fn an_endless_loop_ends_at_the_time_limit() {
    let project = Project::new(&[("main.tex", LOOP)]);
    let limits = Limits { wall: Duration::from_millis(1500), ..Limits::default() };
    let result = project
        .try_build(|request| request.limits = limits, &mut |_| {}, &CancelToken::new())
        .unwrap();
    assert_eq!(result.outcome, BuildOutcome::Killed);
    assert_eq!(codes(&result), ["timed-out"]);
    assert!(result.diagnostics[0].message.contains("line 2"), "{:?}", result.diagnostics[0]);
}

/// A worker that is killed from outside, as by a system short of memory.
#[cfg(unix)]
#[test]
fn a_killed_worker_is_told_and_the_next_build_is_whole() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[("main.tex", LOOP)]);
    let script = project.path("worker.sh");
    let worker = project.request().worker;
    let text =
        format!("#!/bin/sh\n(sleep 0.5; kill -9 $$) &\nexec '{}' \"$@\"\n", worker.display());
    project.write("worker.sh", text);
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let result = project
        .try_build(|request| request.worker = script, &mut |_| {}, &CancelToken::new())
        .unwrap();
    assert_eq!(result.outcome, BuildOutcome::Killed);
    assert_eq!(codes(&result), ["engine-crashed"]);
    assert!(!project.path("main.pdf").exists());
    project.write("main.tex", HELLO);
    assert_eq!(project.build().outcome, BuildOutcome::Clean);
}

#[cfg(target_os = "linux")]
#[test]
fn the_address_space_of_the_worker_follows_the_limit_of_the_job() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::new(&[("main.tex", HELLO)]);
    let worker = project.request().worker;
    let text = format!(
        "#!/bin/sh\necho $$ >'{}/pid'\nexec '{}' \"$@\"\n",
        project.folder().display(),
        worker.display()
    );
    project.write("worker.sh", text);
    let script = project.path("worker.sh");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let limits = Limits { memory_bytes: 3 << 30, ..Limits::default() };
    let mut space = String::new();
    let mut on_event = |event| {
        if matches!(event, Event::Pass { .. }) {
            let pid = fs::read_to_string(project.path("pid")).unwrap();
            let table = fs::read_to_string(format!("/proc/{}/limits", pid.trim())).unwrap();
            let line = table.lines().find(|line| line.starts_with("Max address space")).unwrap();
            space = line.split_ascii_whitespace().nth(3).unwrap().to_owned();
        }
    };
    let change = |request: &mut quire_compile::build::BuildRequest| {
        request.worker = script;
        request.limits = limits;
    };
    project.try_build(change, &mut on_event, &CancelToken::new()).unwrap();
    // Twice the limit, and room for what is mapped.
    assert_eq!(space, (10_u64 << 30).to_string());
}

#[test]
fn files_that_stop_tex_are_left_out_in_a_second_attempt() {
    // The first build writes contents that stop the second one before it can write better ones.
    let text = |title: &str| {
        format!(
            "\\documentclass{{article}}\\newcommand\\kept{{A}}\\begin{{document}}\n\
             \\tableofcontents\\section{{{title}}}\\end{{document}}\n"
        )
    };
    let project = Project::new(&[("main.tex", &text("\\protect\\kept"))]);
    project.build();
    let changed = text("B").replace("\\newcommand\\kept{A}", "\\def\\kept{\\read16 to\\x}");
    project.write("main.tex", changed);
    let result = project.build();
    assert_eq!(result.outcome, BuildOutcome::Clean, "{:#?}", result.diagnostics);
    assert!(result.passes[0].reason.contains("once more"), "{:#?}", result.passes);
}

#[test]
fn results_go_where_they_are_wanted() {
    let project = Project::new(&[("ch 1/paper.tex", HELLO)]);
    let out = project.path("out/deep");
    let place = OutputPlace { folder: out.clone(), create: true };
    let result = project
        .try_build(|request| request.output = Some(place), &mut |_| {}, &CancelToken::new())
        .unwrap();
    assert_eq!(result.pdf, Some(out.join("paper.pdf")));
    assert_eq!(result.synctex, Some(out.join("paper.synctex.gz")));
    assert!(!project.path("ch 1/paper.pdf").exists());
    let check = || {
        let nothing = |request: &mut quire_compile::build::BuildRequest| {
            request.output = None;
            request.synctex = false;
        };
        project.try_build(nothing, &mut |_| {}, &CancelToken::new()).unwrap()
    };
    assert!(check().up_to_date, "a check needs no more than was done");
    project.write("ch 1/paper.tex", HELLO.replace("Hello", "Howdy"));
    let none = check();
    assert_eq!((none.outcome, none.pdf), (BuildOutcome::Clean, None));
}

#[test]
fn a_place_that_cannot_be_written_is_an_error_and_nothing_is_lost() {
    let project = Project::new(&[("main.tex", HELLO)]);
    fs::create_dir(project.path("main.pdf")).unwrap();
    let error = project.try_build(|_| {}, &mut |_| {}, &CancelToken::new()).unwrap_err();
    assert!(matches!(error, BuildError::Output { .. }), "{error}");
    fs::remove_dir(project.path("main.pdf")).unwrap();
    assert!(project.build().pdf.is_some());
}

#[test]
fn a_damaged_cache_costs_time_and_nothing_else() {
    let project = Project::new(&[("main.tex", HELLO)]);
    project.build();
    for cache in fs::read_dir(project.builds()).unwrap().flatten() {
        for file in fs::read_dir(cache.path()).into_iter().flatten().flatten() {
            fs::write(file.path(), "nonsense").unwrap();
        }
    }
    let result = project.build();
    assert_eq!((result.up_to_date, result.outcome), (false, BuildOutcome::Clean));
    assert!(project.build().up_to_date);
}

#[test]
fn engines_that_are_not_there_say_so() {
    let project = Project::new(&[("main.tex", HELLO)]);
    let change = |request: &mut quire_compile::build::BuildRequest| {
        request.engine = EngineChoice::LuaLatex;
    };
    let error = project.try_build(change, &mut |_| {}, &CancelToken::new()).unwrap_err();
    assert!(error.to_string().contains("`lualatex` is an engine of TeX Live"), "{error}");
}

#[test]
fn progress_is_told_in_order() {
    let text = "\\documentclass{article}\\begin{document}A\\newpage\\label{a}\\ref{a}\
                \\end{document}\n";
    let project = Project::new(&[("main.tex", text)]);
    let mut told = Vec::new();
    let mut events = |event| match event {
        Event::Starting { .. } => told.push("start".to_owned()),
        Event::Pass { pass, .. } => told.push(format!("pass {pass}")),
        Event::Page { .. } => {}
        Event::Helper { name } => told.push(name),
        Event::WritingPdf => told.push("pdf".to_owned()),
        Event::WaitingForOtherBuild => told.push("wait".to_owned()),
    };
    project.try_build(|_| {}, &mut events, &CancelToken::new()).unwrap();
    assert_eq!(told, ["start", "pass 1", "pass 2", "pdf"]);
}

#[cfg(unix)]
#[test]
fn links_out_of_the_project_and_fifos_are_refused() {
    let text = "\\documentclass{article}\\begin{document}A\\InputIfFileExists{out.tex}{}{}\
                \\InputIfFileExists{pipe.tex}{}{}\\end{document}\n";
    let project = Project::new(&[("main.tex", text)]);
    std::os::unix::fs::symlink("/etc/passwd", project.path("out.tex")).unwrap();
    let fifo = project.path("pipe.tex");
    assert!(std::process::Command::new("mkfifo").arg(fifo).status().unwrap().success());
    let result = project.build();
    assert!(!String::from_utf8_lossy(&result.log).contains("root:"), "{:?}", codes(&result));
    let refused = codes(&result).iter().filter(|code| **code == "refused-file").count();
    assert_eq!(refused, 2, "{:#?}", result.diagnostics);
}

#[test]
fn a_name_outside_the_project_is_refused_and_told_once() {
    let text = "\\documentclass{article}\\begin{document}A\\IfFileExists{/dev/null.x}{}{}\n\
                \\input{/etc/passwd}\\end{document}\n";
    let project = Project::new(&[("main.tex", text)]);
    let result = project.build();
    assert!(!String::from_utf8_lossy(&result.log).contains("root:"), "{:?}", codes(&result));
    assert_eq!(result.outcome, BuildOutcome::Errors);
    let refused: Vec<_> = (result.diagnostics.iter())
        .filter(|diagnostic| diagnostic.code == "refused-file")
        .map(|diagnostic| diagnostic.message.as_str())
        .collect();
    assert_eq!(refused, ["`/etc/passwd.tex` was not read: absolute path"]);
}

/// One message with the place, not one for each extension that TeX tries and another from LaTeX.
#[cfg(unix)]
#[test]
fn a_refused_file_is_told_where_it_is_missed() {
    let text =
        "\\documentclass{article}\n\\begin{document}\nA\\input{away/part}\n\\end{document}\n";
    let project = Project::new(&[("main.tex", text)]);
    let outside = project.builds();
    std::fs::create_dir_all(&outside).unwrap();
    std::fs::write(outside.join("part.tex"), "secret").unwrap();
    std::os::unix::fs::symlink(&outside, project.path("away")).unwrap();
    let result = project.build();
    assert_eq!(codes(&result), ["refused-file"], "{:#?}", result.diagnostics);
    let told = &result.diagnostics[0];
    assert!(told.message.contains("leads outside the project"), "{}", told.message);
    assert_eq!(told.place.as_ref().map(|place| place.first_line.0), Some(3));
}

#[test]
fn a_root_whose_name_tex_cannot_use_is_told_first() {
    for name in ["\u{1f600}.tex", "a\"b.tex"] {
        let text = "\\documentclass{article}\\begin{document}A\\label{a}\\ref{a}\\end{document}\n";
        let result = Project::new(&[(name, text)]).build();
        assert_eq!(codes(&result)[0], "unusable-name", "{:#?}", result.diagnostics);
    }
}

#[test]
fn a_document_without_pages_is_told_to_have_no_pdf() {
    let text = "\\documentclass{article}\\begin{document}\\end{document}\n";
    let result = Project::new(&[("main.tex", text)]).build();
    assert_eq!(codes(&result), ["no-pages"]);
    assert_eq!((result.pdf, result.pages), (None, 0));
}

#[test]
fn two_builds_at_once_take_turns() {
    let project = Project::new(&[("main.tex", HELLO)]);
    let results: Vec<_> = std::thread::scope(|scope| {
        let builds: Vec<_> = (0..2).map(|_| scope.spawn(|| project.build())).collect();
        builds.into_iter().map(|build| build.join().unwrap()).collect()
    });
    let fresh = results.iter().filter(|result| !result.up_to_date).count();
    assert_eq!(fresh, 1, "the second finds the work done");
    assert_eq!(story(&results[0]), "tex");
}
