//! Running programs: shown before they start, named when they fail.

use anyhow::{Context, Result, ensure};
use std::{fs, path::Path, process::Command};

/// Run a program to its end with our own input and output.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", shown(command));
    let status = command.status().with_context(|| format!("cannot start {}", shown(command)))?;
    ensure!(status.success(), "{} ended with {status}", shown(command));
    Ok(())
}

/// True when a program can be started.
pub(crate) fn exists(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// Copy a folder. Git's stand-ins for links become copies, which is what every engine can read.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())?.flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target)?;
            continue;
        }
        let bytes = fs::read(entry.path())?;
        let link = std::str::from_utf8(&bytes)
            .ok()
            .filter(|text| text.starts_with("../") && text.len() < 200 && !text.contains('\n'));
        match link.map(|link| from.join(link)).filter(|path| path.is_file()) {
            Some(original) => fs::write(&target, fs::read(original)?)?,
            None => fs::write(&target, &bytes)?,
        }
    }
    Ok(())
}
