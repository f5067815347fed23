//! A display that nobody sees.

use anyhow::{Context, Result, ensure};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// An X server without a screen. Ends with the value.
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Start one on a free number.
    pub fn start() -> Result<Self> {
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start Xvfb: is the package xvfb installed?")?;
        let output = server.stdout.take().context("Xvfb has no output")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number)?;
        ensure!(!number.trim().is_empty(), "Xvfb found no free display");
        Ok(Self { server, name: format!(":{}", number.trim()) })
    }

    /// What `DISPLAY` is set to.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}
