//! What a pointer at rest sees, in Markdown.

use super::positions::Positions;
use crate::{Position, Range, Workbench, WorkbenchError};
use quire_latex_ide::hover::{self, HoverContent};
use quire_project::{ProjectId, ProjectPath};
use serde::Serialize;
use ts_rs::TS;

/// What is known of a thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
pub struct Hover {
    /// Where its name stands.
    pub range: Range,
    /// What is known.
    pub markdown: String,
}

impl Workbench {
    /// What is known of the thing at a position.
    pub fn hover(
        &self,
        id: ProjectId,
        path: &ProjectPath,
        position: Position,
    ) -> Result<Option<Hover>, WorkbenchError> {
        let snapshot = self.understood(id)?;
        let mut positions = Positions::new(&snapshot);
        let offset = positions.offset(path, position)?;
        let found = hover::hover(&snapshot, path, offset);
        Ok(found.map(|found| Hover {
            range: positions.range(path, found.range),
            markdown: markdown(&found.content),
        }))
    }
}

/// Text that is shown as it stands.
fn plain(text: &str) -> String {
    let special = |c: char| "\\`*_{}[]()#+-.!<>|~$&".contains(c);
    text.chars().flat_map(|c| special(c).then_some('\\').into_iter().chain([c])).collect()
}

fn code(text: &str) -> String {
    // A fence that is longer than any in the text.
    format!("````latex\n{}\n````", text.trim_end())
}

fn from_packages(packages: &[String]) -> Option<String> {
    let named = |name: &String| match name.strip_suffix(".cls") {
        Some(class) => format!("class `{class}`"),
        None if name == "latex" => "LaTeX itself".to_owned(),
        None => format!("package `{name}`"),
    };
    let names: Vec<String> = packages.iter().take(3).map(named).collect();
    (!names.is_empty()).then(|| format!("From {}", names.join(", or ")))
}

fn markdown(content: &HoverContent) -> String {
    let parts: Vec<Option<String>> = match content {
        HoverContent::Citation { entry, path } => {
            let who = [&*entry.authors, &*entry.year].map(plain).join(" ");
            let title = (!entry.title.is_empty()).then(|| format!("*{}*", plain(&entry.title)));
            let place = (!entry.place.is_empty()).then(|| plain(&entry.place));
            vec![
                Some(format!("**{}**", who.trim())).filter(|who| who.len() > 4),
                title,
                place,
                Some(format!("`{}` in {}", entry.key, plain(path.as_str()))),
            ]
        }
        HoverContent::Label { name, kind, title, section, path } => {
            let kind = format!("{kind:?}");
            let what = if title.is_empty() { kind } else { format!("{kind}: {}", plain(title)) };
            let section = section.as_ref().filter(|section| *section != title);
            let place = section.map(|section| format!("In “{}”", plain(section)));
            vec![
                Some(format!("**{what}**")),
                place,
                Some(format!("`{name}` in {}", plain(path.as_str()))),
            ]
        }
        HoverContent::Command { name, signature, packages, definition } => vec![
            Some(format!("`{name}{signature}`")),
            definition.as_ref().map(|(text, _)| code(text)),
            match definition {
                Some((_, path)) => Some(format!("Defined in {}", plain(path.as_str()))),
                None => from_packages(packages),
            },
        ],
        HoverContent::Environment { name, packages, definition } => vec![
            Some(format!("Environment `{name}`")),
            definition.as_ref().map(|(text, _)| code(text)),
            match definition {
                Some((_, path)) => Some(format!("Defined in {}", plain(path.as_str()))),
                None => from_packages(packages),
            },
        ],
        HoverContent::File { name, path, .. } => vec![Some(match path {
            Some(path) => format!("File {}", plain(path.as_str())),
            None => format!("`{name}` is not a file of the project"),
        })],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_title_holds_is_not_markup() {
        let content = HoverContent::Label {
            name: "eq:a".to_owned(),
            kind: quire_latex_syntax::facts::LabelKind::Equation,
            title: "a_1 * b_2 <b>".to_owned(),
            section: Some("Proof".to_owned()),
            path: ProjectPath::new("main.tex").unwrap(),
        };
        let shown = markdown(&content);
        assert!(shown.contains(r"a\_1 \* b\_2 \<b\>"), "{shown}");
        assert!(shown.contains("In “Proof”"));
    }
}
