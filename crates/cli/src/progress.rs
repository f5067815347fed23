//! What is said while something runs: cargo's manner, a green verb on the right of a column, and on a
//! terminal one line that is rewritten in place.

use crate::errors::Failure;
use anstyle::{AnsiColor, Style};
use quire_compile::build::Event;
use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

/// Verbs end in this column.
const VERB_WIDTH: usize = 12;
/// The line is rewritten at most this often.
const INTERVAL: Duration = Duration::from_millis(50);

pub(crate) const GREEN: Style = AnsiColor::Green.on_default().bold();
pub(crate) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
pub(crate) const RED: Style = AnsiColor::Red.on_default().bold();
pub(crate) const CYAN: Style = AnsiColor::Cyan.on_default().bold();

/// A line with a verb: `    Finished paper.pdf …`.
pub(crate) fn status(style: Style, verb: &str, rest: &str) {
    let _ = writeln!(anstream::stderr(), "{style}{verb:>VERB_WIDTH$}{style:#} {rest}");
}

/// Something the author should know.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{CYAN}note{CYAN:#}: {text}");
}

/// Why the program ends.
pub(crate) fn error(failure: &Failure) {
    let mut err = anstream::stderr();
    let _ = writeln!(err, "{RED}error{RED:#}: {}", failure.message);
    if let Some(advice) = &failure.advice {
        let _ = writeln!(err, "{CYAN}help{CYAN:#}: {advice}");
    }
}

/// Shows a build's events.
pub(crate) struct Progress {
    document: String,
    live: bool,
    shown: bool,
    quiet: bool,
    last: Option<Instant>,
    reason: String,
}

impl Progress {
    pub(crate) fn new(document: &str, quiet: bool) -> Self {
        Self {
            document: document.to_owned(),
            live: io::stderr().is_terminal() && !quiet,
            shown: false,
            quiet,
            last: None,
            reason: String::new(),
        }
    }

    pub(crate) fn event(&mut self, event: &Event) {
        if self.quiet {
            return;
        }
        match event {
            Event::WaitingForOtherBuild => {
                self.clear();
                status(CYAN, "Waiting", "for another build of this document");
            }
            Event::Starting { because } => {
                let because = because.as_ref().map_or_else(String::new, |why| format!(" ({why})"));
                self.clear();
                status(GREEN, "Compiling", &format!("{}{because}", self.document));
            }
            Event::Pass { pass, reason } => {
                self.reason = format!("pass {pass}: {reason}");
                self.live_line(&self.reason.clone(), true);
            }
            Event::Page { page, .. } => {
                self.live_line(&format!("{}, page {page}", self.reason), false);
            }
            Event::Helper { name } => self.live_line(name, true),
            Event::WritingPdf => self.live_line("writing the PDF", true),
        }
    }

    fn live_line(&mut self, text: &str, always: bool) {
        if !self.live || (!always && self.last.is_some_and(|last| last.elapsed() < INTERVAL)) {
            return;
        }
        self.last = Some(Instant::now());
        let width = width().saturating_sub(VERB_WIDTH + 2);
        let text: String = text.chars().take(width).collect();
        let mut err = anstream::stderr();
        let _ = write!(err, "\r\x1b[2K{CYAN}{:>VERB_WIDTH$}{CYAN:#} {text}", "Running");
        let _ = err.flush();
        self.shown = true;
    }

    /// Take the live line away.
    pub(crate) fn clear(&mut self) {
        if self.shown {
            let mut err = io::stderr();
            let _ = write!(err, "\r\x1b[2K");
            let _ = err.flush();
            self.shown = false;
        }
    }
}

/// Columns of the terminal; 100 where there is none.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size_of(io::stderr()).map_or(100, |(width, _)| width.0.into())
}
