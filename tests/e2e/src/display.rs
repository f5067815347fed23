//! A display that nobody sees.

use anyhow::{Context, Result, ensure};
use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// An X server without a screen. Ends with the value.
pub struct Display {
    server: Child,
    name: String,
    frames: Option<PathBuf>,
}

impl Display {
    /// Start one on a free number.
    pub fn start() -> Result<Self> {
        Self::begin(None)
    }

    /// Start one that keeps what it shows in a file in this folder, where it can be read at any moment at no cost.
    pub fn start_with_frames(folder: &Path) -> Result<Self> {
        Self::begin(Some(folder))
    }

    fn begin(frames: Option<&Path>) -> Result<Self> {
        let mut command = Command::new("Xvfb");
        command.args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"]);
        if let Some(folder) = frames {
            command.arg("-fbdir").arg(folder);
        }
        let mut server = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Xvfb: is the package xvfb installed?")?;
        let output = server.stdout.take().context("Xvfb has no output")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number)?;
        ensure!(!number.trim().is_empty(), "Xvfb found no free display");
        let frames = frames.map(Path::to_owned);
        Ok(Self { server, name: format!(":{}", number.trim()), frames })
    }

    /// What `DISPLAY` is set to.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file with what is shown, in the format XWD, if it keeps one.
    pub fn frame(&self) -> Option<PathBuf> {
        Some(self.frames.as_ref()?.join("Xvfb_screen0"))
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
