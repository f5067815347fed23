//! What a build tells the author, with positions as the editor has them.

use super::{engine::add_suggestion, tex_live::advice_on_containers};
use crate::{
    Range, WorkbenchError,
    desk::Desk,
    place::{Lines, Position},
    rebase::rebase,
    snapshot::ProjectSnapshot,
};
use quire_collab::Change;
use quire_compile::{
    build::{BuildError, BuildOutcome, BuildResult},
    diagnostics::{Diagnostic, Edit, Severity, SourceFile},
    suggest::Chosen,
};
use quire_project::{FileSource, ProjectId, ProjectPath};
use serde::Serialize;
use std::collections::{BTreeMap, HashMap};
use ts_rs::TS;

/// What came of a build.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct BuildReport {
    /// How it ended.
    pub outcome: Outcome,
    /// The file that was built.
    pub root: Option<ProjectPath>,
    /// What to tell the author.
    pub problems: Vec<Problem>,
    /// Number of pages.
    pub pages: u32,
    /// Passes of TeX.
    pub passes: u32,
    /// How long it took, in milliseconds.
    pub wall_ms: u32,
    /// Nothing had changed since the last build.
    pub up_to_date: bool,
    /// It ran away with the rest of the document while the author writes: the pages before are still shown.
    pub pages_kept: bool,
    /// It would run programs, which the author has not allowed: with the engine that is chosen.
    pub asks_for_programs: bool,
    /// The revision of the project that was built.
    #[ts(type = "number")]
    pub revision: u64,
}

/// How a build ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// Nothing to complain about.
    Clean,
    /// Warnings only.
    Warnings,
    /// The document has errors.
    Errors,
    /// It was stopped at a limit.
    Stopped,
    /// The author cancelled it.
    Cancelled,
    /// It could not begin.
    NotBegun,
}

/// One thing to tell the author.
#[derive(Clone, Debug, PartialEq, Serialize, TS)]
pub struct Problem {
    /// Stable name of the rule.
    pub code: String,
    /// How bad it is.
    pub severity: ProblemSeverity,
    /// The file of the project.
    pub path: Option<ProjectPath>,
    /// The file of the bundle or of TeX itself, which the author cannot change.
    pub foreign: Option<String>,
    /// Where in the file.
    pub range: Option<Range>,
    /// TeX's message.
    pub message: String,
    /// What it means and what to do.
    pub explanation: String,
    /// What would cure it.
    pub fix: Option<ProblemFix>,
    /// What to build with instead.
    pub action: Option<ProblemAction>,
    /// What this one caused.
    pub caused: Vec<Problem>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum ProblemSeverity {
    /// A matter of taste.
    Hint,
    /// Probably not what is wanted.
    Warning,
    /// Wrong or missing output.
    Error,
}

/// What would cure a problem.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProblemFix {
    /// What it does.
    pub title: String,
    /// It can be done with one click; else by hand.
    pub is_automatic: bool,
}

/// What else a document is built with when the author presses the button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ProblemAction {
    /// What it does: “Build with pdfLaTeX”.
    pub title: String,
    /// The engine, which the project has from then on.
    pub engine: String,
    /// The document runs programs with it: the author is asked first.
    pub runs_programs: bool,
}

impl BuildReport {
    pub(super) fn new(
        root: &ProjectPath,
        sources: &ProjectSnapshot,
        chosen: Chosen,
        result: &BuildResult,
    ) -> Self {
        let mut texts = HashMap::new();
        let told = &result.diagnostics;
        let mut problems: Vec<_> =
            told.iter().map(|told| problem(told, sources, &mut texts)).collect();
        let asks_for_programs = add_suggestion(&mut problems, told, sources, root, chosen);
        Self {
            outcome: match result.outcome {
                BuildOutcome::Clean => Outcome::Clean,
                BuildOutcome::Warnings => Outcome::Warnings,
                BuildOutcome::Errors => Outcome::Errors,
                BuildOutcome::Killed if result.was_cancelled() => Outcome::Cancelled,
                BuildOutcome::Killed => Outcome::Stopped,
            },
            root: Some(root.clone()),
            problems,
            pages: result.pages,
            passes: u32::try_from(result.passes.len()).unwrap_or(u32::MAX),
            wall_ms: u32::try_from(result.wall.as_millis()).unwrap_or(u32::MAX),
            up_to_date: result.up_to_date,
            pages_kept: false,
            asks_for_programs,
            revision: sources.revision,
        }
    }

    /// A build that could not begin.
    pub(super) fn not_begun(error: &WorkbenchError) -> Self {
        let explanation = match error {
            WorkbenchError::NoRoot(_) => {
                "A document begins with \\documentclass, as in \\documentclass{article}. Write it into the \
                 file that is to be built, or open the folder that has this file."
                    .to_owned()
            }
            WorkbenchError::Build(BuildError::Container { source }) => {
                advice_on_containers(source, std::env::consts::OS)
            }
            _ => String::new(),
        };
        let problem = Problem {
            code: "not-begun".to_owned(),
            severity: ProblemSeverity::Error,
            path: None,
            foreign: None,
            range: None,
            message: sentence(&error.to_string()),
            explanation,
            fix: None,
            action: None,
            caused: Vec::new(),
        };
        Self {
            outcome: Outcome::NotBegun,
            root: None,
            problems: vec![problem],
            pages: 0,
            passes: 0,
            wall_ms: 0,
            up_to_date: false,
            pages_kept: false,
            asks_for_programs: false,
            revision: 0,
        }
    }
}

/// What is wrong with a text that was not built yet: it is not in the list that fixes are taken from.
pub(crate) fn problem_while_typing(told: &Diagnostic, sources: &ProjectSnapshot) -> Problem {
    let problem = problem(told, sources, &mut HashMap::new());
    Problem { fix: None, action: None, caused: Vec::new(), ..problem }
}

fn problem(
    told: &Diagnostic,
    sources: &ProjectSnapshot,
    texts: &mut HashMap<ProjectPath, String>,
) -> Problem {
    let (mut path, mut foreign, mut range) = (None, None, None);
    if let Some(place) = &told.place {
        match &place.file {
            SourceFile::Bundle(name) | SourceFile::Generated(name) => foreign = Some(name.clone()),
            SourceFile::Project(file) => {
                let text = texts.entry(file.clone()).or_insert_with(|| text(sources, file));
                let lines = Lines::new(text);
                let whole = || Range {
                    start: Position { line: place.first_line.0, column: 1 },
                    end: Position { line: place.last_line.0, column: u32::MAX },
                };
                range = Some(place.range.map_or_else(whole, |bytes| lines.range(bytes)));
                path = Some(file.clone());
            }
        }
    }
    Problem {
        code: told.code.clone(),
        severity: match told.severity {
            Severity::Hint => ProblemSeverity::Hint,
            Severity::Warning => ProblemSeverity::Warning,
            Severity::Error => ProblemSeverity::Error,
        },
        path,
        foreign,
        range,
        // A place shows that the words are TeX's; without one they are ours.
        message: if told.place.is_some() { told.message.clone() } else { sentence(&told.message) },
        explanation: told.explanation.clone(),
        fix: told.fix.as_ref().map(|fix| ProblemFix {
            title: fix.title.clone(),
            is_automatic: !fix.edits.is_empty(),
        }),
        action: None,
        caused: told.caused.iter().map(|caused| problem(caused, sources, texts)).collect(),
    }
}

fn text(sources: &ProjectSnapshot, path: &ProjectPath) -> String {
    let bytes = sources.read(path).ok().flatten();
    bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// Make the edits of a fix in texts that may have changed since the build; all or none.
pub(super) fn apply(
    desk: &mut Desk,
    id: ProjectId,
    sources: &ProjectSnapshot,
    edits: &[Edit],
) -> Result<(), WorkbenchError> {
    let mut changes: BTreeMap<ProjectPath, Vec<Change>> = BTreeMap::new();
    for edit in edits {
        let old = text(sources, &edit.file);
        let now = desk.document(id, &edit.file)?.1.current();
        let outdated = || WorkbenchError::Outdated(edit.file.clone());
        let (at, end) = rebase(&old, &now, edit.range).ok_or_else(outdated)?;
        let change = Change { at, removed: end - at, inserted: edit.text.clone() };
        changes.entry(edit.file.clone()).or_default().push(change);
    }
    for (path, mut changes) in changes {
        changes.sort_by_key(|change| change.at);
        desk.edit(id, &path, &changes)?;
    }
    Ok(())
}

/// With a capital letter at the start, unless that is the name of a file.
pub fn sentence(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    if first.trim_end_matches(['.', ':']).contains(['.', '/', '\\']) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::{BuildReport, sentence};
    use crate::WorkbenchError;

    #[test]
    fn a_project_without_a_document_is_told_what_a_document_is() {
        let report = BuildReport::not_begun(&WorkbenchError::NoRoot("no .tex file".to_owned()));
        assert_eq!(report.problems[0].message, "Nothing to build: no .tex file");
        assert!(report.problems[0].explanation.contains("\\documentclass{article}"));
    }

    #[test]
    fn sentences_begin_with_a_capital_and_files_keep_their_names() {
        assert_eq!(sentence("first build"), "First build");
        assert_eq!(sentence("stopped."), "Stopped.");
        assert_eq!(sentence("main.aux is new; x.bbl is new"), "main.aux is new; x.bbl is new");
        assert_eq!(sentence("ch/one is gone"), "ch/one is gone");
        assert_eq!(sentence(""), "");
    }
}
