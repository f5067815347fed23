//! What a tooltip says about the thing under the cursor. Plain data: the view puts it into words.

use crate::{
    BibItem, Snapshot,
    completion::{
        keys::{cited, label_title},
        signature,
    },
    cursor::{Thing, thing_at},
    definition,
    title::{clipped, title_text},
};
use quire_latex_syntax::facts::{FileReferenceKind, LabelKind};
use quire_project::ProjectPath;
use quire_text::{ByteOffset, ByteRange};
use serde::{Deserialize, Serialize};

/// What is known of a thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type")]
pub enum HoverContent {
    /// An entry of a bibliography.
    Citation {
        /// The entry.
        entry: BibItem,
        /// The file that it stands in.
        path: ProjectPath,
    },
    /// A label.
    Label {
        /// Its name.
        name: String,
        /// What it names.
        kind: LabelKind,
        /// Caption, title, note or formula.
        title: String,
        /// The section that it stands in.
        section: Option<String>,
        /// The file that it stands in.
        path: ProjectPath,
    },
    /// A command.
    Command {
        /// With its backslash.
        name: String,
        /// Its arguments: `[…]{…}`.
        signature: String,
        /// Packages and classes (`name.cls`) that define it, the likeliest first.
        packages: Vec<String>,
        /// What it stands for, and where that is said, if the project defines it.
        definition: Option<(String, ProjectPath)>,
    },
    /// An environment.
    Environment {
        /// Its name.
        name: String,
        /// Packages and classes that define it.
        packages: Vec<String>,
        /// The definition in the project, and where it stands.
        definition: Option<(String, ProjectPath)>,
    },
    /// A file.
    File {
        /// How it is used.
        kind: FileReferenceKind,
        /// The name as it is written.
        name: String,
        /// The file of the project; nothing if there is none, or it belongs to the bundle.
        path: Option<ProjectPath>,
    },
}

/// What is known of the thing at a place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hover {
    /// Where its name stands.
    pub range: ByteRange,
    /// What is known.
    pub content: HoverContent,
}

/// Definitions are shown up to this length, in bytes.
const DEFINITION_LIMIT: usize = 400;

/// What is known of the thing at `offset`.
pub fn hover(snapshot: &Snapshot, path: &ProjectPath, offset: ByteOffset) -> Option<Hover> {
    let (thing, range) = thing_at(snapshot, path, offset)?;
    let content = match &thing {
        Thing::Key(key) => {
            let (path, entry) =
                cited(snapshot, path).into_iter().find(|(_, item)| item.key == *key)?;
            HoverContent::Citation { entry, path }
        }
        Thing::Label(name) => label(snapshot, path, &thing, name)?,
        Thing::Command(name) => {
            let file = snapshot.latex(path)?;
            let slots = snapshot.slots(file, name).map(signature).unwrap_or_default();
            let packages = snapshot.catalogue().commands.get(name).cloned().unwrap_or_default();
            let definition = defined(snapshot, path, &thing);
            if slots.is_empty() && packages.is_empty() && definition.is_none() {
                return None;
            }
            let name = format!("\\{name}");
            HoverContent::Command { name, signature: slots, packages, definition }
        }
        Thing::Environment(name) => HoverContent::Environment {
            name: name.clone(),
            packages: snapshot.catalogue().environments.get(name).cloned().unwrap_or_default(),
            definition: defined(snapshot, path, &thing),
        },
        Thing::File(reference) => HoverContent::File {
            kind: reference.kind,
            name: reference.name.clone(),
            path: snapshot.resolve(path, reference),
        },
    };
    Some(Hover { range, content })
}

fn label(
    snapshot: &Snapshot,
    path: &ProjectPath,
    thing: &Thing,
    name: &str,
) -> Option<HoverContent> {
    let found = definition::of_thing(snapshot, path, thing).into_iter().next()?;
    let file = snapshot.latex(&found.path)?;
    let label = file.labels().iter().find(|label| label.name_range == found.range)?;
    let around = file.sections().iter().rfind(|section| {
        section.range.start <= found.range.start && found.range.end <= section.range.end
    });
    let section = around.and_then(|section| section.title);
    Some(HoverContent::Label {
        name: name.to_owned(),
        kind: label.kind,
        title: label_title(file, label),
        section: section.map(|title| title_text(file.tree(), title)),
        path: found.path,
    })
}

/// The definition of a command or environment as it is written.
fn defined(
    snapshot: &Snapshot,
    path: &ProjectPath,
    thing: &Thing,
) -> Option<(String, ProjectPath)> {
    let found = definition::of_thing(snapshot, path, thing).into_iter().next()?;
    let tree = snapshot.latex(&found.path)?.tree();
    let definition = tree.definitions().iter().find(|known| known.name_range == found.range)?;
    let text = tree.slice(definition.range);
    let shown = clipped(text, DEFINITION_LIMIT);
    let dots = if shown.len() < text.len() { "…" } else { "" };
    Some((format!("{shown}{dots}"), found.path))
}
