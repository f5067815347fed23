//! From the log to what the author is told: place, meaning, and a change that cures it.

use super::{
    Diagnostic, Place, Severity, SourceFile, fold,
    log::{self, Kind, Message},
    near::nearest,
    rules,
    sources::Names,
};
use quire_bundle::CommandIndex;
use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::{EngineMessage, FileOrigin, LogMark, MessageKind, ReadFile};
use quire_text::{ByteRange, LineIndex, LineNumber};
use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    sync::Arc,
};

/// Boxes and missing characters beyond this many say nothing new.
const MAX_NOTICES: usize = 1_000;
/// Nobody reads more than this many messages.
const MAX_TOLD: usize = 5_000;

/// What a build left to be explained.
pub struct Evidence<'a> {
    /// The log of the last pass.
    pub log: &'a [u8],
    /// Places for its parts; empty for logs of other engines.
    pub marks: &'a [LogMark],
    /// What the engine and xdvipdfmx said beside the log.
    pub messages: &'a [EngineMessage],
    /// What the pass looked for.
    pub reads: &'a [ReadFile],
    /// The project.
    pub files: &'a dyn FileSource,
    /// The root file.
    pub root: &'a ProjectPath,
    /// Files of the project that were read.
    pub inputs: &'a [ProjectPath],
    /// Loads the bundle's index of commands; asked only when one is missing.
    pub commands: &'a dyn Fn() -> CommandIndex,
}

/// Everything that the log and the messages tell, one cause once, in order.
pub fn diagnose(evidence: &Evidence<'_>) -> Vec<Diagnostic> {
    let view = View {
        evidence,
        names: OnceCell::new(),
        index: OnceCell::new(),
        sources: RefCell::default(),
    };
    let mut notices = 0;
    let mut left_out = 0;
    let mut found = Vec::new();
    for message in log::messages(evidence.log, evidence.marks) {
        if message.kind == Kind::Notice {
            if view.is_about_the_bundle(&message) {
                continue;
            }
            notices += 1;
        }
        let is_notice = message.kind == Kind::Notice;
        // Many warnings leave room for the error after them.
        let room = if message.kind == Kind::Error { 2 * MAX_TOLD } else { MAX_TOLD };
        if found.len() >= room || (is_notice && notices > MAX_NOTICES) {
            left_out += 1;
            continue;
        }
        found.push(view.diagnostic(&message));
    }
    if left_out > 0 {
        found.push(more_in_the_log(left_out));
    }
    for message in evidence.messages {
        let explained =
            rules::find(&message.text).filter(|(rule, _)| rule.severity != Severity::Hint);
        let code = explained.as_ref().map_or("engine-error", |(rule, _)| rule.code);
        if explained.is_none() && message.kind != MessageKind::Error {
            continue;
        }
        let severity = explained.as_ref().map_or(Severity::Error, |(rule, _)| rule.severity);
        let explanation =
            explained.map(|(rule, captured)| rules::fill(rule.explanation, &captured));
        found.push(Diagnostic {
            code: code.to_owned(),
            severity,
            place: None,
            message: message.text.lines().collect::<Vec<_>>().join(" "),
            explanation: explanation.unwrap_or_default(),
            fix: None,
            caused: Vec::new(),
            log: None,
        });
    }
    fold::fold(found, &|package, name| {
        let index = view.index();
        let mut providers = index.providers(name).iter().chain(index.environment_providers(name));
        providers.any(|provider| provider == package)
    })
}

/// What stands for the messages beyond the bounds.
fn more_in_the_log(left_out: usize) -> Diagnostic {
    Diagnostic {
        code: "more-messages".to_owned(),
        severity: Severity::Hint,
        place: None,
        message: format!("{left_out} more messages are in the log"),
        explanation:
            "So many messages mostly have few causes: cure the first ones and build again."
                .to_owned(),
        fix: None,
        caused: Vec::new(),
        log: None,
    }
}

type IndexedSource = (LineIndex, Arc<[u8]>);

pub(super) struct View<'a> {
    pub(super) evidence: &'a Evidence<'a>,
    names: OnceCell<Names>,
    index: OnceCell<CommandIndex>,
    /// Files that messages are about, indexed once however many there are.
    sources: RefCell<HashMap<ProjectPath, IndexedSource>>,
}

impl View<'_> {
    pub(super) fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::scan(self.evidence.files, self.evidence.inputs))
    }

    pub(super) fn index(&self) -> &CommandIndex {
        self.index.get_or_init(|| (self.evidence.commands)())
    }

    fn diagnostic(&self, message: &Message) -> Diagnostic {
        let (code, severity, explanation, captured) = match rules::find(&message.text) {
            Some((rule, captured)) => {
                let explanation = rules::fill(rule.explanation, &captured);
                (rule.code, rule.severity, explanation, captured)
            }
            None if message.kind == Kind::Error => {
                ("tex-error", Severity::Error, String::new(), Vec::new())
            }
            None if message.text.starts_with("LaTeX Warning") => {
                ("tex-warning", Severity::Warning, String::new(), Vec::new())
            }
            None => ("package-warning", Severity::Hint, String::new(), Vec::new()),
        };
        // An error stays one, whatever rule of warnings its words fit.
        let severity = if message.kind == Kind::Error { Severity::Error } else { severity };
        let mut diagnostic = Diagnostic {
            code: code.to_owned(),
            severity,
            place: self.place(message),
            message: message.text.clone(),
            explanation,
            fix: None,
            caused: Vec::new(),
            log: Some(message.log),
        };
        self.narrow(&mut diagnostic, message, &captured);
        self.particular(&mut diagnostic, &captured);
        if let ("undefined-command", None, Some(culprit)) =
            (code, &diagnostic.fix, &message.culprit)
        {
            let name = culprit.trim_start_matches('\\');
            diagnostic.message = format!("Undefined control sequence {culprit}");
            self.add_package(&mut diagnostic, self.index().providers(name), culprit);
        }
        diagnostic
    }

    /// Packages hold bytes of old encodings in their comments; no author can change that.
    fn is_about_the_bundle(&self, message: &Message) -> bool {
        let in_bundle = |name: &str| matches!(self.source_file(name), SourceFile::Bundle(_));
        message.text.starts_with("Invalid UTF-8") && message.file.as_deref().is_some_and(in_bundle)
    }

    /// The place in the project: that of the message, or, for one inside a package, the line that was
    /// being read in the project's own file.
    fn place(&self, message: &Message) -> Option<Place> {
        let name = message.file.as_deref()?;
        let file = self.source_file(name);
        if let SourceFile::Bundle(_) = file
            && let Some((path, line)) = self.own_line_before(message.log.start.0)
        {
            let line = LineNumber(line);
            let file = SourceFile::Project(path);
            return Some(Place { file, first_line: line, last_line: line, range: None });
        }
        let first = LineNumber(message.first_line?.max(1));
        let last = LineNumber(message.last_line.unwrap_or(first.0).max(first.0));
        Some(Place { file, first_line: first, last_line: last, range: None })
    }

    fn own_line_before(&self, offset: usize) -> Option<(ProjectPath, u32)> {
        let marks = self.evidence.marks;
        let before = marks.partition_point(|mark| mark.log_offset <= offset as u64);
        marks[..before].iter().rev().find_map(|mark| match self.source_file(&mark.file) {
            SourceFile::Project(path) if mark.line > 0 => Some((path, mark.line)),
            _ => None,
        })
    }

    /// What a name of the engine's stands for. It leaves extensions out at times.
    fn source_file(&self, name: &str) -> SourceFile {
        let plain = name.strip_prefix("./").unwrap_or(name);
        let same = |read: &&ReadFile| {
            let asked = read.name.strip_prefix("./").unwrap_or(&read.name);
            asked == plain || asked.strip_suffix(".tex") == Some(plain)
        };
        let served = |read: &&ReadFile| !matches!(read.origin, FileOrigin::Missing);
        let read = self.evidence.reads.iter().filter(served).find(same);
        match read.map(|read| (&read.origin, &read.path)) {
            Some((FileOrigin::Project(_), Some(path))) => SourceFile::Project(path.clone()),
            Some((FileOrigin::Generated(_), _)) => SourceFile::Generated(plain.to_owned()),
            Some(_) => SourceFile::Bundle(plain.to_owned()),
            // Not of our worker: a log of another engine.
            None => match ProjectPath::resolve(self.evidence.root.folder(), plain) {
                Ok(path) if matches!(self.evidence.files.read(&path), Ok(Some(_))) => {
                    SourceFile::Project(path)
                }
                _ => SourceFile::Bundle(plain.to_owned()),
            },
        }
    }

    /// The bytes of the line that a place names.
    pub(super) fn line(&self, place: &Place) -> Option<(ProjectPath, Arc<[u8]>, ByteRange)> {
        let SourceFile::Project(path) = &place.file else { return None };
        let mut sources = self.sources.borrow_mut();
        if !sources.contains_key(path) {
            let bytes = self.evidence.files.read(path).ok()??;
            sources.insert(path.clone(), (LineIndex::new(&bytes), bytes));
        }
        let (index, bytes) = sources.get(path)?;
        let range = index.line_content(place.first_line, bytes)?;
        Some((path.clone(), bytes.clone(), range))
    }

    /// Find the exact bytes that a message is about: the last token that TeX had read, or the name
    /// that the message quotes.
    fn narrow(&self, diagnostic: &mut Diagnostic, message: &Message, captured: &[String]) {
        let Some(place) = &mut diagnostic.place else { return };
        if message.kind == Kind::Error && diagnostic.code != "undefined-command" {
            self.step_back(place, captured);
        }
        let Some((_, bytes, line)) = self.line(place) else { return };
        let text = String::from_utf8_lossy(&bytes[line.as_range()]);
        if text.len() != line.len() {
            return;
        }
        let quoted = captured
            .first()
            .filter(|name| name.len() > 1)
            .and_then(|name| text.find(name.as_str()).map(|at| at..at + name.len()));
        let stopped = message.context.as_ref().and_then(|(before, _)| stop(&text, before));
        let exact =
            if diagnostic.code == "undefined-command" { stopped } else { quoted.or(stopped) };
        place.range =
            exact.map(|range| ByteRange::new(line.start.0 + range.start, line.start.0 + range.end));
    }

    /// TeX looks ahead for an optional argument, into the next line, before it finds out: the line
    /// meant is the one that has the name.
    fn step_back(&self, place: &mut Place, captured: &[String]) {
        let Some(name) = captured.first().filter(|name| name.len() > 2) else { return };
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        for back in 0..3 {
            let Some(line) = place.first_line.0.checked_sub(back).filter(|line| *line > 0) else {
                return;
            };
            let there = Place { first_line: LineNumber(line), ..place.clone() };
            let Some((_, bytes, range)) = self.line(&there) else { return };
            if String::from_utf8_lossy(&bytes[range.as_range()]).contains(stem) {
                place.first_line = LineNumber(line);
                place.last_line = place.last_line.min(LineNumber(line));
                return;
            }
        }
    }

    fn particular(&self, diagnostic: &mut Diagnostic, captured: &[String]) {
        let named = captured.first().map(String::as_str).unwrap_or_default();
        match diagnostic.code.as_str() {
            "undefined-command" => self.undefined_command(diagnostic),
            "undefined-environment" => self.undefined_environment(diagnostic, named),
            "undefined-reference" => {
                let near = nearest(named, self.names().labels.iter().map(String::as_str));
                self.replace(diagnostic, near);
            }
            "undefined-citation" | "natbib-citation" | "biblatex-entry" => {
                let key = named.split(" on input").next().unwrap_or(named);
                let near = nearest(key, self.names().keys.iter().map(String::as_str));
                self.replace(diagnostic, near);
            }
            "missing-file" | "missing-image" | "listings-file" | "biblatex-no-bib" => {
                let files = self.evidence.files.list();
                let near = nearest(named, files.iter().map(ProjectPath::as_str)).or_else(|| {
                    let name = named.rsplit('/').next().unwrap_or(named);
                    let same =
                        files.iter().find(|path| path.file_name().eq_ignore_ascii_case(name));
                    same.map(ProjectPath::as_str)
                });
                if let Some(near) = near {
                    diagnostic.explanation.push_str(&format!(" Did you mean `{near}`?"));
                }
            }
            "multiply-defined-label" => diagnostic.place = self.last_label(named),
            "missing-dollar" => self.escape(diagnostic),
            _ => {}
        }
    }

    /// The last `\label{name}` of the document: TeX notices the double only in its own file.
    fn last_label(&self, name: &str) -> Option<Place> {
        let label = format!("\\label{{{name}}}");
        self.evidence.inputs.iter().rev().find_map(|path| {
            let bytes = self.evidence.files.read(path).ok()??;
            let at = std::str::from_utf8(&bytes).ok()?.rfind(&label)?;
            let line = LineIndex::new(&bytes).line_of(quire_text::ByteOffset(at));
            Some(Place {
                file: SourceFile::Project(path.clone()),
                first_line: line,
                last_line: line,
                range: Some(ByteRange::new(at, at + label.len())),
            })
        })
    }
}

/// The token before which TeX stopped: the end of `before` in the line.
fn stop(line: &str, before: &str) -> Option<std::ops::Range<usize>> {
    let shown = before.strip_prefix("...").unwrap_or(before);
    let at = if before.len() == shown.len() {
        line.starts_with(shown.trim_end()).then_some(0)?
    } else {
        line.find(shown.trim_end())?
    };
    let end = at + shown.trim_end().len();
    let read = &line[..end];
    let letters = read.chars().rev().take_while(char::is_ascii_alphabetic).count();
    let start = end - letters;
    if line[..start].ends_with('\\') {
        return Some(start - 1..end);
    }
    let last = read.chars().next_back()?.len_utf8();
    Some(end - last..end)
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "robust_tests.rs"]
mod robust_tests;
