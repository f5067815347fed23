//! Helper programs between passes: BibTeX, biber, makeindex. Each runs only when what it reads has
//! changed since its last run, in this build or an earlier one, and only for a result that the
//! document looks for.

mod biber;
mod bibtex;
mod bibtex_log;
mod glossaries;
mod index;
mod makeindex;

use crate::{
    build::{Event, session::Session},
    cache::HelperRecord,
    convergence::plain,
    diagnostics::{Diagnostic, Severity},
};
use quire_project::{ContentHash, Hasher, ProjectPath};
use quire_tex_engine::{EngineError, HelperOutput, HelperRun, TexReport, run_helper};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    path::Path,
};

/// Exit code of the launcher when the program cannot be started.
const CANNOT_START: i32 = 126;

/// What helper programs did, in this build and the last.
#[derive(Debug, Default)]
pub(crate) struct ProgramMemory {
    known: BTreeMap<String, HelperRecord>,
    /// Those that this build's last pass asked for.
    used: BTreeSet<String>,
    /// Those that failed through no fault of the document: another build tries again.
    transient: BTreeSet<String>,
}

impl ProgramMemory {
    pub(crate) fn new(records: &[HelperRecord]) -> Self {
        let known = records.iter().map(|record| (record.name.clone(), record.clone())).collect();
        Self { known, ..Self::default() }
    }

    /// The records of the programs that the document needs, for the next build.
    /// Beside them the names of those that are to be tried again.
    pub(crate) fn into_records(self) -> (Vec<HelperRecord>, BTreeSet<String>) {
        let used = self.used;
        let records = self.known.into_values().filter(|record| used.contains(&record.name));
        (records.collect(), self.transient)
    }

    /// Whether `name` ran on inputs of this hash and its results are still there.
    fn is_current(&mut self, name: &str, key: ContentHash, session: &Session<'_>) -> bool {
        self.used.insert(name.to_owned());
        self.known.get(name).is_some_and(|record| {
            record.key == key
                && record.outputs.iter().all(|(output, hash)| {
                    let bytes = session.generated.get(output);
                    bytes.is_some_and(|bytes| ContentHash::of(bytes) == *hash)
                })
        })
    }

    fn remember(&mut self, record: HelperRecord) {
        self.used.insert(record.name.clone());
        let innocent = ["helper-missing", "helper-failed", "helper-crashed"];
        let is_innocent = |told: &Diagnostic| innocent.contains(&told.code.as_str());
        if record.diagnostics.iter().any(is_innocent) {
            self.transient.insert(record.name.clone());
        } else {
            self.transient.remove(&record.name);
        }
        self.known.insert(record.name.clone(), record);
    }
}

/// One call of [`run_programs`].
pub(crate) struct Round<'a, 'b> {
    session: &'a mut Session<'b>,
    memory: &'a mut ProgramMemory,
    events: &'a mut dyn FnMut(Event),
    /// Names that the pass looked for.
    looked_for: BTreeSet<String>,
    /// Names that the pass wrote.
    written: BTreeSet<String>,
    log: &'a [u8],
    ran: Vec<String>,
}

/// Run every program that has something new to work on after a pass; returns what ran.
pub(crate) fn run_programs(
    session: &mut Session<'_>,
    memory: &mut ProgramMemory,
    pass: &TexReport,
    events: &mut dyn FnMut(Event),
) -> Result<Vec<String>, EngineError> {
    memory.used.clear();
    let names = |name: &String| plain(name).to_owned();
    let mut round = Round {
        session,
        memory,
        events,
        looked_for: pass.reads.iter().map(|read| names(&read.name)).collect(),
        written: pass.outputs.iter().map(|output| names(&output.name)).collect(),
        log: &pass.log,
        ran: Vec::new(),
    };
    bibtex::run(&mut round)?;
    biber::run(&mut round)?;
    index::run(&mut round)?;
    glossaries::run(&mut round)?;
    Ok(round.ran)
}

impl Round<'_, '_> {
    fn begin(&mut self, name: &str) {
        (self.events)(Event::Helper { name: name.to_owned() });
        self.ran.push(name.to_owned());
    }

    /// Files of this extension that the pass wrote, by stem.
    fn written_stems(&self, extension: &str) -> Vec<String> {
        let stem = |name: &String| {
            name.strip_suffix(extension).and_then(|rest| rest.strip_suffix('.')).map(str::to_owned)
        };
        self.written.iter().filter_map(stem).collect()
    }

    /// Remember a run that there is nothing to show for but what to tell the author.
    fn remember_failure(&mut self, name: &str, key: ContentHash, diagnostic: Diagnostic) {
        self.memory.remember(HelperRecord {
            name: name.to_owned(),
            key,
            outputs: Vec::new(),
            transcript: Vec::new(),
            diagnostics: vec![diagnostic],
        });
    }

    /// Start a program of the bundle in a private folder. `Err(Err(_))` ends the build, `Err(Ok(_))`
    /// is something to tell the author.
    fn start(
        &self,
        tool: &str,
        args: &[&str],
        work_dir: &Path,
    ) -> Result<HelperOutput, Result<Box<Diagnostic>, EngineError>> {
        let request = self.session.request;
        let command = request.bundle.tool(tool).map_err(|error| {
            let message = format!("{tool} is needed and cannot be used: {error}");
            Ok(Box::new(diagnostic("helper-missing", Severity::Error, message, String::new())))
        })?;
        let mut all: Vec<OsString> = command.args;
        all.extend(args.iter().map(OsString::from));
        let mut env = command.env;
        env.push(("HOME".into(), work_dir.into()));
        env.push(("TMPDIR".into(), work_dir.into()));
        env.push(("TEXMFCNF".into(), work_dir.into()));
        for variable in ["INDEXSTYLE", "BIBINPUTS", "BSTINPUTS"] {
            env.push((variable.into(), work_dir.into()));
        }
        env.push(("LC_ALL".into(), "C.UTF-8".into()));
        let run = HelperRun {
            program: command.program,
            args: all,
            env,
            read_only: command.read_only,
            work_dir: work_dir.to_owned(),
            stdin: None,
            wall: request.limits.wall,
            memory_bytes: request.limits.memory_bytes,
        };
        let told = |code: &str, message: String| {
            let again =
                "The next build tries again. If it always fails, `quire doctor` tells more.";
            Ok(Box::new(diagnostic(code, Severity::Error, message, again)))
        };
        match run_helper(&request.worker, &run, self.session.cancel) {
            Ok(output) if matches!(output.exit_code, None | Some(CANNOT_START)) => {
                let words = String::from_utf8_lossy(&output.stderr);
                let last = words.lines().rev().find(|line| !line.trim().is_empty());
                let last = last.map_or_else(String::new, |line| format!(": {}", line.trim()));
                Err(told("helper-crashed", format!("{tool} stopped unexpectedly{last}")))
            }
            Ok(output) => Ok(output),
            Err(error @ EngineError::Cancelled) => Err(Err(error)),
            Err(error) => Err(told("helper-failed", format!("{tool} did not finish: {error}"))),
        }
    }
}

/// What a transcript of BibTeX tells the author, whoever ran it.
pub(crate) fn of_bibtex(
    transcript: &[u8],
    path: impl Fn(&str) -> Option<ProjectPath>,
) -> Vec<Diagnostic> {
    bibtex_log::explain(transcript, path)
}

/// What a transcript of biber (`.blg`) tells the author, whoever ran it.
pub(crate) fn of_biber(transcript: &str) -> Vec<Diagnostic> {
    // `[123] Biber.pm:114> WARN - …`
    let said = |line: &'_ str| line.split_once("> ").map_or(line, |(_, said)| said).to_owned();
    transcript.lines().filter_map(|line| biber::explain(&said(line))).collect()
}

/// Hash of a program's inputs, field by field.
fn key_of(fields: &[&[u8]]) -> ContentHash {
    let mut hasher = Hasher::default();
    fields.iter().for_each(|field| hasher.field(field));
    hasher.finish()
}

/// A diagnostic that belongs to no line of a source.
pub(crate) fn diagnostic(
    code: &str,
    severity: Severity,
    message: impl Into<String>,
    explanation: impl Into<String>,
) -> Diagnostic {
    Diagnostic {
        code: code.to_owned(),
        severity,
        place: None,
        message: message.into(),
        explanation: explanation.into(),
        fix: None,
        caused: Vec::new(),
        log: None,
    }
}
