//! What the author is told: file, lines, severity, TeX's message, an explanation, and a fix where
//! one is known.

mod characters;
mod cures;
mod explain;
mod fold;
mod live_run;
mod log;
mod near;
mod pictures;
mod places;
mod rules;
mod sources;
pub(crate) mod unended;

pub use explain::{Evidence, diagnose};
pub use live_run::{errors_of_run, new_error};
pub(crate) use pictures::{EXPORT_AGAIN, stem};
pub use unended::ends_in_group;

use quire_bundle::{BundleDir, CommandIndex, Pack};
use quire_project::ProjectPath;
use quire_tex_engine::MappedFile;
use quire_text::{ByteRange, LineIndex, LineNumber};
use serde::{Deserialize, Serialize};

/// Code and explanation of a message that stands by itself.
pub(crate) fn meaning_of(message: &str) -> Option<(&'static str, String)> {
    let (rule, captured) = rules::find(message)?;
    Some((rule.code, rules::fill(rule.explanation, &captured)))
}

/// Which package of the bundle defines which command, for [`Evidence::commands`]; empty when the bundle cannot
/// be read, which the engine would have noticed.
pub fn command_index(bundle: &BundleDir) -> CommandIndex {
    match MappedFile::open(&bundle.pack_path()).ok().map(Pack::open) {
        Some(Ok(pack)) => CommandIndex::of(&pack),
        _ => CommandIndex::default(),
    }
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A matter of taste: an underfull box.
    Hint,
    /// The output is probably not what is wanted.
    Warning,
    /// The output is wrong or missing.
    Error,
}

/// One thing to tell the author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Stable name of the rule, such as `undefined-command`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where, when known.
    pub place: Option<Place>,
    /// TeX's message, in one line.
    pub message: String,
    /// What it means and what to do, in plain words; empty when we have nothing better to say.
    pub explanation: String,
    /// A change that would cure it.
    pub fix: Option<Fix>,
    /// Later messages that this one caused.
    pub caused: Vec<Diagnostic>,
    /// The part of the log it was read from, as byte range into the log.
    pub log: Option<ByteRange>,
}

/// A place in a source file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file: a path in the project, or a name in the bundle.
    pub file: SourceFile,
    /// First line.
    pub first_line: LineNumber,
    /// Last line, the first one included.
    pub last_line: LineNumber,
    /// The exact bytes in the file, when known.
    pub range: Option<ByteRange>,
}

impl Place {
    /// The place of a range in a file of the project with these contents: the line it begins in.
    fn of_range(path: &ProjectPath, bytes: &[u8], range: ByteRange) -> Self {
        let line = LineIndex::new(bytes).line_of(range.start);
        let file = SourceFile::Project(path.clone());
        Self { file, first_line: line, last_line: line, range: Some(range) }
    }
}

/// Which file a place is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceFile {
    /// A file of the project.
    Project(ProjectPath),
    /// A file of the bundle: the author cannot change it.
    Bundle(String),
    /// A file that TeX itself wrote, such as the `.aux` file.
    Generated(String),
}

/// A change that cures a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// What it does: “Replace `\sectoin` by `\section`”.
    pub title: String,
    /// Text changes; empty when the fix is something to do by hand.
    pub edits: Vec<Edit>,
}

/// Replace the bytes of a range.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// The file.
    pub file: ProjectPath,
    /// What is replaced.
    pub range: ByteRange,
    /// By what.
    pub text: String,
}
