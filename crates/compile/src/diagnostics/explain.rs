//! From the log to what the author is told: place, meaning, and a change that cures it.

use super::{
    Diagnostic, Place, Severity, SourceFile, characters, fold,
    log::{self, Kind, Message},
    near::nearest,
    rules,
    sources::Names,
    unended,
};
use quire_bundle::CommandIndex;
use quire_project::{FileSource, ProjectPath};
use quire_tex_engine::{EngineMessage, LogMark, MessageKind, ReadFile};
use quire_text::{ByteRange, LineIndex};
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
    /// Labels that are defined twice. LaTeX notices only in its second pass, which a document without
    /// references does not need.
    pub doubled_labels: &'a [String],
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
    if !found.iter().any(|told| told.severity == Severity::Error) {
        found.extend(unended::group(evidence.log, evidence.files, evidence.inputs));
    }
    if left_out > 0 {
        found.push(more_in_the_log(left_out));
    }
    for label in evidence.doubled_labels {
        let words = format!("LaTeX Warning: Label `{label}' multiply defined.");
        let is_told = |told: &Diagnostic| {
            told.code == "multiply-defined-label" && told.message.contains(&format!("{label}'"))
        };
        if !found.iter().any(is_told) {
            found.push(view.of_words(words));
        }
    }
    for message in evidence.messages {
        if view.tell_picture(&message.text, &mut found) {
            continue;
        }
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
pub(super) fn more_in_the_log(left_out: usize) -> Diagnostic {
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
    pub(super) sources: RefCell<HashMap<ProjectPath, IndexedSource>>,
}

impl View<'_> {
    /// What a warning of LaTeX's would tell.
    fn of_words(&self, text: String) -> Diagnostic {
        self.diagnostic(&Message {
            kind: Kind::Warning,
            text,
            file: None,
            first_line: None,
            last_line: None,
            context: None,
            culprit: None,
            log: ByteRange::default(),
        })
    }

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
        match (code, &message.culprit) {
            ("undefined-command", Some(culprit)) => self.undefined_within(&mut diagnostic, culprit),
            _ => self.particular(&mut diagnostic, &captured),
        }
        diagnostic
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
                if !matches!(&diagnostic.place, Some(Place { file: SourceFile::Project(_), .. })) {
                    diagnostic.place = self.argument_place(key).or(diagnostic.place.take());
                }
                let near = nearest(key, self.names().keys.iter().map(String::as_str));
                self.replace(diagnostic, near);
            }
            "missing-file" | "missing-image" | "listings-file" | "biblatex-no-bib" => {
                let files = self.evidence.files.list();
                let near = nearest(named, files.iter().map(ProjectPath::as_str)).or_else(|| {
                    let name = named.rsplit('/').next().unwrap_or(named);
                    let same =
                        files.iter().find(|path| path.file_name().eq_ignore_ascii_case(name));
                    let stem = |name: &str| name.rsplit_once('.').map(|(stem, _)| stem.to_owned());
                    let other = || files.iter().find(|path| stem(path.as_str()) == stem(named));
                    same.or_else(other).map(ProjectPath::as_str)
                });
                let is_whole = diagnostic.place.as_ref().and_then(|place| place.range);
                let is_whole = is_whole.is_some_and(|range| range.len() == named.len());
                // Names in the document are taken from the folder of the root.
                if is_whole && self.evidence.root.folder().is_empty() {
                    self.replace(diagnostic, near);
                } else if let Some(near) = near {
                    diagnostic.explanation.push_str(&format!(" Did you mean `{near}`?"));
                }
            }
            "missing-character" => characters::explain(diagnostic, captured),
            "minted-plain" => {
                diagnostic.place = self.argument_place("minted").or(diagnostic.place.take());
            }
            "multiply-defined-label" => diagnostic.place = self.last_label(named),
            "missing-dollar" => self.escape(diagnostic),
            "mismatched-environment" => self.mismatched_environment(diagnostic, captured),
            "file-ended" => self.unended_argument(diagnostic, named),
            _ => {}
        }
    }
}

#[cfg(test)]
#[path = "explain_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "robust_tests.rs"]
mod robust_tests;
