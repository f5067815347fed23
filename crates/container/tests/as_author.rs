//! The TeX Live of this computer inside bubblewrap, started by a user without any rights, as on most desks: where
//! the tests run as root, this one starts itself anew as another user.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

use quire_container::{
    Bubble, Ended, Execution, Finished, Installed, Sandbox, SandboxLimits, Surroundings, Watch,
};
use std::{
    env, fs,
    os::unix::{
        fs::{MetadataExt, PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// Where the started copy of this test finds the worker.
const WORKER: &str = "QUIRE_TEX_WORKER";
const AUTHOR: u32 = 1000;

fn worker() -> PathBuf {
    let beside = || Some(env::current_exe().ok()?.parent()?.parent()?.join("quire-tex-worker"));
    let worker = env::var_os(WORKER).map(PathBuf::from).or_else(beside).unwrap();
    assert!(worker.is_file(), "the worker is built: `cargo xtask setup`");
    worker
}

/// A copy of this test, run by somebody else.
fn run_as_author(name: &str) {
    let temp = tempfile::tempdir().unwrap();
    fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o755)).unwrap();
    chown(temp.path(), Some(AUTHOR), Some(AUTHOR)).unwrap();
    // Folders above these may be closed to him.
    let copy = |from: &Path, name: &str| {
        let to = temp.path().join(name);
        fs::copy(from, &to).unwrap();
        fs::set_permissions(&to, fs::Permissions::from_mode(0o755)).unwrap();
        to
    };
    let test = copy(&env::current_exe().unwrap(), "test");
    let status = Command::new(test)
        .args(["--exact", name, "--nocapture"])
        .env(WORKER, copy(&worker(), "worker"))
        .env("HOME", temp.path())
        .env("TMPDIR", temp.path())
        .env_remove("XDG_RUNTIME_DIR")
        .current_dir(temp.path())
        .uid(AUTHOR)
        .gid(AUTHOR)
        .status()
        .unwrap();
    assert!(status.success(), "as user {AUTHOR}: {status}");
}

fn run(bubble: &mut Bubble, script: &str) -> (Finished, String) {
    let execution = Execution {
        command: ["/bin/sh", "-c", script].map(str::to_owned).to_vec(),
        env: Vec::new(),
        folder: "/build".to_owned(),
        wall: Duration::from_secs(60),
        output_bytes: 1 << 20,
        suspect: true,
    };
    let mut printed = Vec::new();
    let mut output = |bytes: &[u8]| printed.extend_from_slice(bytes);
    let finished =
        bubble.run(&execution, Watch { output: &mut output, cancelled: &|| false }).unwrap();
    (finished, String::from_utf8_lossy(&printed).into_owned())
}

#[test]
fn without_any_rights_the_walls_stand_as_well() {
    if fs::metadata("/proc/self").unwrap().uid() == 0 {
        return run_as_author("without_any_rights_the_walls_stand_as_well");
    }
    let temp = tempfile::tempdir().unwrap();
    let folder = |name: &str| {
        let folder = temp.path().join(name);
        fs::create_dir(&folder).unwrap();
        folder
    };
    let (project, build) = (folder("project"), folder("build"));
    let installed = Installed::find(&Surroundings::here(None), &worker())
        .expect("bubblewrap, latexmk and texlive-latex-base are installed");
    let limits = SandboxLimits { memory_bytes: 300 << 20, ..SandboxLimits::default() };
    let sandbox = Sandbox { image: installed.identity(), project, build: build.clone(), limits };
    let mut bubble = installed.bubble(sandbox).unwrap();

    let inside = bubble.ask_inside().unwrap();
    assert!(inside.is_sound(), "{:?}", inside.weaknesses);

    let paper = r"id -u; pdflatex -interaction=batchmode '\documentclass{article}\begin{document}Words.\end{document}'";
    let (finished, said) = run(&mut bubble, paper);
    assert_eq!(finished.ended, Ended::Exited(0), "{said}");
    assert_eq!(said.lines().next(), Some("1000"));
    assert!(fs::read(build.join("texput.pdf")).unwrap().starts_with(b"%PDF"));

    let (finished, said) = run(&mut bubble, "bomb() { bomb | bomb & }; bomb; sleep 30");
    assert_eq!(finished.ended, Ended::OutOfProcesses, "{said}");
    let (finished, said) = run(&mut bubble, "exec python3 -c 'x = bytearray(3 << 30)'");
    assert_eq!(finished.ended, Ended::OutOfMemory, "{said}");
    let (finished, said) = run(&mut bubble, "echo still; exit 3");
    assert_eq!((finished.ended, said.as_str()), (Ended::Exited(3), "still\n"));
}
