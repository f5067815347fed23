//! What has changed in a text since a version of it, line by line, and in changed lines word by word.

use crate::{TextVersion, Workbench, WorkbenchError};
use quire_project::{ProjectId, ProjectPath, UnixMs};
use serde::Serialize;
use similar::{ChangeTag, InlineChange, TextDiff};
use std::time::{Duration, Instant};
use ts_rs::TS;

/// Lines shown around changes.
const CONTEXT: usize = 3;
/// Beyond this a coarser comparison is good enough.
const PATIENCE: Duration = Duration::from_millis(800);
/// In more lines than these, changed in one piece, nobody looks for the words that differ.
const MOST_LINES_WORD_BY_WORD: usize = 400;

/// A version of a text beside the present one, or beside a later version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// When the version was the present one.
    pub time: Option<UnixMs>,
    /// When the other was; none of the present text.
    pub other_time: Option<UnixMs>,
    /// Updates that a repair of the database could not save: the version may lack something.
    #[ts(type = "number")]
    pub missing: u64,
    /// Stretches with changes; between them are lines that did not change.
    pub stretches: Vec<Vec<ComparedLine>>,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub enum LineChange {
    /// It is in both.
    Same,
    /// Only the version has it.
    Removed,
    /// Only the present text, or the other version, has it.
    Added,
}

/// A line of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ComparedLine {
    /// What became of it.
    pub change: LineChange,
    /// Its number in the version.
    pub old_line: Option<u32>,
    /// Its number in the present text, or the other version.
    pub new_line: Option<u32>,
    /// Its text; of a line that was changed the parts that differ are marked.
    pub parts: Vec<ComparedPart>,
}

/// A part of a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct ComparedPart {
    /// The text.
    pub text: String,
    /// It differs.
    pub differs: bool,
}

impl Workbench {
    /// What has changed in a file from one version to another; to the present text, if no other is said.
    pub fn compare(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        version: TextVersion,
        other: Option<TextVersion>,
    ) -> Result<Comparison, WorkbenchError> {
        let then = self.old_text(id, path, version)?;
        let (stretches, other_time, missing) = match other {
            None => (stretches(&then.text, &self.text(id, path.clone())?), None, 0),
            Some(other) => {
                let other = self.old_text(id, path, other)?;
                (stretches(&then.text, &other.text), other.time, other.missing)
            }
        };
        Ok(Comparison { time: then.time, other_time, missing: then.missing + missing, stretches })
    }
}

fn stretches(then: &str, now: &str) -> Vec<Vec<ComparedLine>> {
    let end = Instant::now() + PATIENCE;
    let diff = TextDiff::configure().deadline(end).diff_lines(then, now);
    let number = |index: Option<usize>| Some(u32::try_from(index?).ok()?.saturating_add(1));
    let groups = diff.grouped_ops(CONTEXT).into_iter().map(|operations| {
        let changes = operations.iter().flat_map(|operation| {
            let lines = operation.old_range().len() + operation.new_range().len();
            let in_words = lines <= MOST_LINES_WORD_BY_WORD && Instant::now() < end;
            let words = in_words.then(|| diff.iter_inline_changes_deadline(operation, Some(end)));
            let whole = (!in_words).then(|| diff.iter_changes(operation).map(InlineChange::from));
            words.into_iter().flatten().chain(whole.into_iter().flatten())
        });
        let line = |change: InlineChange<'_, str>| ComparedLine {
            change: match change.tag() {
                ChangeTag::Equal => LineChange::Same,
                ChangeTag::Delete => LineChange::Removed,
                ChangeTag::Insert => LineChange::Added,
            },
            old_line: number(change.old_index()),
            new_line: number(change.new_index()),
            parts: change
                .iter_strings_lossy()
                .map(|(differs, text)| (differs, text.trim_end_matches(['\n', '\r']).to_owned()))
                .filter(|(_, text)| !text.is_empty())
                .map(|(differs, text)| ComparedPart { text, differs })
                .collect(),
        };
        changes.map(line).collect()
    });
    groups.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_words_that_changed_are_told() {
        let same = (0..10).map(|i| format!("line {i}\n")).collect::<String>();
        let (then, now) =
            (format!("{same}the old word\nend\n"), format!("{same}the new word\nend\n"));
        let found = stretches(&then, &now);
        let [stretch] = found.as_slice() else { panic!("{found:?}") };
        let told: Vec<_> =
            stretch.iter().map(|line| (line.change, line.old_line, line.new_line)).collect();
        assert_eq!(
            told[2..],
            [
                (LineChange::Same, Some(10), Some(10)),
                (LineChange::Removed, Some(11), None),
                (LineChange::Added, None, Some(11)),
                (LineChange::Same, Some(12), Some(12)),
            ]
        );
        let differing = stretch[4].parts.iter().filter(|part| part.differs);
        assert_eq!(differing.map(|part| &*part.text).collect::<String>(), "new");
        assert!(stretches(&then, &then).is_empty());
    }

    #[test]
    fn a_text_that_was_written_anew_is_compared_in_whole_lines() {
        let text = |word: &str| (0..5000).map(|i| format!("{word} line {i}\n")).collect::<String>();
        let found = stretches(&text("an old"), &text("a new"));
        let lines = found.iter().flatten();
        assert_eq!(lines.clone().count(), 10_000);
        assert!(lines.flat_map(|line| &line.parts).all(|part| !part.differs));
    }
}
