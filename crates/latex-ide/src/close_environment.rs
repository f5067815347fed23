//! What closes an environment that has just been begun.

use crate::Snapshot;
use quire_latex_syntax::{EnvironmentKind, NodeKind, Signatures, facts};
use quire_project::ProjectPath;
use quire_text::ByteOffset;
use serde::{Deserialize, Serialize};

/// What to write behind a `\begin`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// `\end{name}`, which goes on a line of its own, indented as the `\begin`.
    pub end: String,
    /// The white space before the `\begin` on its line.
    pub indentation: String,
    /// True for lists: the first thing in it is an `\item`.
    pub wants_item: bool,
}

/// What closes the environment whose `\begin`, with its arguments, ends at or before `offset` with only
/// white space between; nothing if it ends already, or if more stands on the line behind `offset`.
pub fn close_environment(
    snapshot: &Snapshot,
    path: &ProjectPath,
    offset: ByteOffset,
) -> Option<Closing> {
    let file = snapshot.latex(path)?;
    let tree = file.tree();
    let before = tree.text().get(..offset.0)?;
    let line = tree.text()[offset.0..].split('\n').next().unwrap_or_default();
    if !line.trim().is_empty() {
        return None;
    }
    let written = before.trim_end();
    if before[written.len()..].matches('\n').count() > 1 {
        return None;
    }
    let begin = tree.nodes().find(|node| {
        // The arguments of a `\begin` may take in white space behind it.
        let range = tree.range(*node);
        tree.kind(*node) == NodeKind::Begin
            && range.start.0 < written.len()
            && tree.slice(range).trim_end().len() + range.start.0 == written.len()
    })?;
    let name = tree.name(begin)?;
    if name.is_empty() {
        return None;
    }
    // Of several with one name the outermost is left open by the parser, whichever was written last.
    let start = tree.range(begin).start;
    let is_open = facts::environments(tree).into_iter().any(|around| {
        tree.slice(around.name) == name
            && around.range.start <= start
            && start <= around.range.end
            && around.end_name.is_none_or(|end| tree.slice(end) != name)
    });
    if !is_open {
        return None;
    }
    let line_start = before[..start.0].rfind('\n').map_or(0, |end| end + 1);
    let begins = &before[line_start..start.0];
    let indentation = &begins[..begins.len() - begins.trim_start().len()];
    let signature = Signatures::built_in().environments.get(name);
    Some(Closing {
        end: format!("\\end{{{name}}}"),
        indentation: indentation.to_owned(),
        wants_item: signature.is_some_and(|known| known.kind == EnvironmentKind::List),
    })
}
