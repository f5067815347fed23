//! Documents that mean harm, with the author's consent to run programs: whatever they try stays in the sandbox,
//! is told in plain words, and the next build is as good as any. The same for every place that TeX Live runs in.

use super::{codes, texlive::OnTexLive};
use quire_compile::build::{BuildOutcome, BuildResult, EngineChoice};
use quire_container::{Place, SandboxLimits};
use quire_tex_engine::Limits;
use std::{fs, time::Duration};

/// Makes a project with a TeX Live of its own.
pub(crate) type Make = fn(EngineChoice, &[(&'static str, &str)]) -> OnTexLive;

const GOOD: &str = "\\documentclass{article}\\begin{document}Good.\\end{document}";

/// A document that runs a script of its project, and shows what the script said.
fn hostile(make: Make, script: &str) -> OnTexLive {
    let root = "\\documentclass{article}\\begin{document}\\immediate\\write18{sh evil.sh >said.txt 2>&1}\n\
        \\typeout{SAID}\\begingroup\\catcode`\\_=12 \\newread\\f\\openin\\f=said.txt \\loop\\unless\\ifeof\\f \
        \\readline\\f to\\x\\typeout{said: \\x}\\repeat\\endgroup Text.\\end{document}";
    let mut document = make(EngineChoice::PdfLatex, &[("main.tex", root), ("evil.sh", script)]);
    document.tex_live.shell_escape = true;
    document
}

/// Build, with bounds that are quickly reached.
fn build(document: &OnTexLive, wall: Duration) -> BuildResult {
    let mut request = document.request();
    request.limits = Limits { wall, memory_bytes: 300 << 20, ..Limits::default() };
    let cancel = quire_tex_engine::CancelToken::new();
    quire_compile::build::build(&request, &mut |_| {}, &cancel).unwrap()
}

/// The document mends its ways: the next build works, and nothing is left behind.
fn recovers(document: OnTexLive) {
    document.project.write("main.tex", GOOD);
    let built = build(&document, Duration::from_secs(60));
    assert_eq!(built.outcome, BuildOutcome::Clean, "{:#?}", built.diagnostics);
    assert_eq!(document.left_behind(), [""; 0]);
}

fn log(built: &BuildResult) -> String {
    String::from_utf8_lossy(&built.log).into_owned()
}

const LONG: Duration = Duration::from_secs(60);

pub(crate) fn a_fork_bomb_is_defused(make: Make) {
    // A shell that is refused a process ends, and such a bomb is soon over by itself: the second one goes on.
    let bomb = "bomb() { bomb | bomb & }; bomb\n\
         exec python3 -c 'import os, time\nwhile True:\n try: os.fork()\n except OSError: time.sleep(.1)'\n";
    let document = hostile(make, bomb);
    let built = build(&document, Duration::from_secs(20));
    assert_eq!(built.outcome, BuildOutcome::Killed, "{:#?}", built.diagnostics);
    let told = &built.diagnostics[0].message;
    assert!(told.contains("processes") || told.contains("stopped after"), "{told}");
    recovers(document);
}

pub(crate) fn memory_is_bounded(make: Make) {
    let document = hostile(make, "exec python3 -c 'x = bytearray(3 << 30)'\n");
    let built = build(&document, LONG);
    assert_eq!(built.outcome, BuildOutcome::Killed, "{}", log(&built));
    assert_eq!(codes(&built)[0], "memory-limit");
    recovers(document);
}

pub(crate) fn a_disk_is_not_filled(make: Make) {
    // Many files, since each alone is bounded as well.
    let mut document = hostile(
        make,
        "i=0; while :; do i=$((i+1)); head -c 20000000 /dev/zero >/build/work/fill-$i || exit; done\n",
    );
    document.tex_live.limits = SandboxLimits { build_bytes: 200 << 20, ..document.tex_live.limits };
    let built = build(&document, LONG);
    assert_eq!(built.outcome, BuildOutcome::Killed, "{}", log(&built));
    assert_eq!(codes(&built)[0], "output-limit");
    recovers(document);
}

pub(crate) fn there_is_no_network_and_no_door(make: Make) {
    let secret = std::env::temp_dir().join(format!("quire-secret-{}", std::process::id()));
    fs::write(&secret, "secret").unwrap();
    let script = "cat SECRET; \
         python3 -c \"import socket; socket.create_connection(('1.1.1.1', 53), 2); print('connected')\"; \
         cat /proc/net/dev | grep -c eth; \
         echo x >/project/files/main.tex && echo wrote-project; \
         echo x >/etc/evil && echo wrote-root; \
         cat /dev/sda /dev/vda /dev/mem && echo read-device; \
         mknod /build/dev b 8 0 && echo made-device; \
         echo 1 >/proc/sys/kernel/sysrq && echo wrote-proc; \
         ls /proc/1/rootSECRET && echo other-root; \
         cat /sys/fs/cgroup/memory/release_agent; \
         mount -t tmpfs x /build && echo mounted; \
         cp /bin/sh /tmp/sh; /tmp/sh -c 'echo ran-from-tmp'; \
         cat /proc/1/environ | tr '\\0' '\\n' | grep QUIRE_; \
         unshare -r true && echo new-namespace; \
         id -u\n";
    let document = hostile(make, &script.replace("SECRET", &secret.display().to_string()));
    let before = fs::read_to_string(document.project.path("main.tex")).unwrap();
    let built = build(&document, LONG);
    let said: Vec<String> = log(&built)
        .lines()
        .filter_map(|line| line.strip_prefix("said: "))
        // How TeX writes the end of a line that it has read.
        .map(|line| line.trim_end_matches("^^M").to_owned())
        .collect();
    assert!(!said.is_empty(), "the script ran: {}", log(&built));
    let all = said.join("\n");
    for done in [
        "secret\n",
        "connected",
        "wrote-project",
        "wrote-root",
        "read-device",
        "made-device",
        "wrote-proc",
        "other-root",
        "mounted",
        "ran-from-tmp",
        // What runtimes allow in a container is theirs to say.
        if matches!(document.tex_live.place, Place::Installed(_)) { "new-namespace" } else { "" },
    ]
    .into_iter()
    .filter(|done| !done.is_empty())
    {
        assert!(
            !format!("{all}\n").lines().any(|line| line.trim() == done.trim()),
            "{done}: {all}"
        );
    }
    assert!(!all.contains("QUIRE_"), "the environment of this program: {all}");
    // It is the last thing that is asked.
    let user = said.iter().rev().find_map(|line| line.trim().parse::<u32>().ok());
    assert!(user.is_some_and(|user| user != 0) || !cfg!(target_os = "linux"), "{all}");
    assert_eq!(fs::read_to_string(document.project.path("main.tex")).unwrap(), before);
    fs::remove_file(&secret).unwrap();
    recovers(document);
}

pub(crate) fn links_that_a_program_makes_lead_nowhere(make: Make) {
    // The outputs, and the folder they are in, become links to files of this computer.
    let document = hostile(
        make,
        "cd /build/work && rm -f main.pdf main.synctex.gz main.fls && ln -s /etc/passwd main.fls && \
         ln -s /etc/passwd main.synctex.gz && mkdir -p sub && ln -s /etc sub/etc\n",
    );
    let built = build(&document, LONG);
    let inputs: Vec<&str> = built.inputs.iter().map(|path| path.as_str()).collect();
    assert!(!inputs.iter().any(|path| path.contains("root")), "{inputs:?}");
    let synctex = built.synctex.map(|place| fs::read(place).unwrap()).unwrap_or_default();
    assert!(!synctex.starts_with(b"root:"), "the host's file was read");
    recovers(document);
}

pub(crate) fn a_pdf_that_is_a_link_to_the_host_is_no_pdf(make: Make) {
    let document = hostile(
        make,
        "(while :; do ln -sfn /etc/passwd /build/work/main.log; done) & \
         (while :; do rm -rf /build/work/x; ln -s /etc /build/work/x; mkdir -p /build/work/x/y; done) & \
         sleep 2\n",
    );
    let built = build(&document, Duration::from_secs(20));
    assert!(!log(&built).contains("root:x:0:0"), "a file of the host is in the log");
    recovers(document);
}

pub(crate) fn who_ignores_signals_is_ended_all_the_same(make: Make) {
    let document = hostile(make, "trap '' TERM INT HUP QUIT; while :; do sleep 1; done\n");
    let built = build(&document, Duration::from_secs(4));
    assert_eq!(built.outcome, BuildOutcome::Killed, "{}", log(&built));
    assert_eq!(codes(&built)[0], "timed-out");
    recovers(document);
}

pub(crate) fn a_log_without_end_is_cut_off(make: Make) {
    let endless = "\\documentclass{article}\\begin{document}\n\\def\\x{xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx}\\batchmode\n\
        \\edef\\y{\\x\\x\\x\\x\\x\\x\\x\\x}\\edef\\y{\\y\\y\\y\\y\\y\\y\\y\\y}\n\
        \\loop\\immediate\\write-1{\\y\\y\\y\\y}\\iftrue\\repeat\n\\end{document}";
    let mut document = make(EngineChoice::PdfLatex, &[("main.tex", endless)]);
    document.tex_live.limits =
        SandboxLimits { file_bytes: 100 << 20, build_bytes: 150 << 20, ..document.tex_live.limits };
    let built = build(&document, LONG);
    assert!(
        matches!(built.outcome, BuildOutcome::Killed | BuildOutcome::Errors),
        "{:?}",
        built.outcome
    );
    assert!(!built.diagnostics.is_empty());
    recovers(document);
}
