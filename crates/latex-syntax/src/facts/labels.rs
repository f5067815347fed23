//! Labels, and what they name.

use super::option_value;
use crate::{EnvironmentKind, NodeId, NodeKind, Role, Step, Tree};
use quire_text::ByteRange;
use serde::{Deserialize, Serialize};

/// What a label names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LabelKind {
    /// A section, or the text in it.
    Section,
    /// An equation.
    Equation,
    /// A figure.
    Figure,
    /// A table.
    Table,
    /// A theorem or its like.
    Theorem,
    /// An item of a list.
    Item,
    /// A listing of code.
    Listing,
    /// An algorithm.
    Algorithm,
    /// A slide.
    Frame,
    /// A footnote.
    Footnote,
}

/// A label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub name_range: ByteRange,
    /// The whole command, or the environment that has it as an option.
    pub range: ByteRange,
    /// What it names.
    pub kind: LabelKind,
    /// The environment that it stands in, by name, or the command of the section above.
    pub context: Option<String>,
    /// The caption, the title of the section, the note of the theorem, or the formula.
    pub title: Option<ByteRange>,
}

/// Something that a label in it could name.
struct Around {
    node: NodeId,
    kind: LabelKind,
    title: Option<ByteRange>,
    /// The labels in it, which get its caption, which may follow them.
    labels: Vec<usize>,
}

/// All labels in order.
pub fn labels(tree: &Tree) -> Vec<Label> {
    let mut labels: Vec<Label> = Vec::new();
    let mut around: Vec<Around> = Vec::new();
    // Places of the floats in it.
    let mut floats: Vec<usize> = Vec::new();
    let mut section: Option<(String, ByteRange)> = None;
    for step in tree.walk(tree.root()) {
        match step {
            Step::Enter(node) => match tree.kind(node) {
                NodeKind::Environment(kind) => {
                    let Some(kind) = label_kind(kind) else { continue };
                    if is_float(kind) {
                        floats.push(around.len());
                    }
                    around.push(Around { node, kind, title: None, labels: Vec::new() });
                    let title = note_or_formula(tree, node, kind);
                    if let Some(top) = around.last_mut() {
                        top.title = title;
                    }
                }
                NodeKind::Math(kind) if kind.is_display() => {
                    let (kind, title) = (LabelKind::Equation, Some(tree.range(node)));
                    around.push(Around { node, kind, title, labels: Vec::new() });
                }
                NodeKind::Argument(_, Role::Footnote) => {
                    let kind = LabelKind::Footnote;
                    around.push(Around { node, kind, title: None, labels: Vec::new() });
                }
                NodeKind::Argument(_, Role::Caption) => {
                    if let Some(float) = floats.last().and_then(|i| around.get_mut(*i)) {
                        float.title = Some(tree.trimmed(node));
                    }
                }
                NodeKind::Argument(_, Role::Heading) => {}
                NodeKind::Command => {
                    if let Some(title) = section_title(tree, node) {
                        section = Some((tree.name(node).unwrap_or_default().to_owned(), title));
                    }
                    add_label(tree, node, &mut around, section.as_ref(), &mut labels);
                }
                NodeKind::Begin => {
                    add_option(tree, node, &mut around, section.as_ref(), &mut labels);
                }
                _ => {}
            },
            Step::Leave(node) => {
                if let Some(top) = around.pop_if(|top| top.node == node) {
                    floats.pop_if(|place| *place == around.len());
                    for label in top.labels {
                        labels[label].title = labels[label].title.or(top.title);
                    }
                }
            }
            Step::Token(..) => {}
        }
    }
    labels
}

fn label_kind(kind: EnvironmentKind) -> Option<LabelKind> {
    Some(match kind {
        EnvironmentKind::Math => LabelKind::Equation,
        EnvironmentKind::Figure => LabelKind::Figure,
        EnvironmentKind::Table => LabelKind::Table,
        EnvironmentKind::Theorem => LabelKind::Theorem,
        EnvironmentKind::List => LabelKind::Item,
        EnvironmentKind::Algorithm => LabelKind::Algorithm,
        EnvironmentKind::Listing | EnvironmentKind::Verbatim => LabelKind::Listing,
        EnvironmentKind::Frame => LabelKind::Frame,
        EnvironmentKind::Document
        | EnvironmentKind::Text
        | EnvironmentKind::Abstract
        | EnvironmentKind::Comment
        | EnvironmentKind::Picture => return None,
    })
}

fn is_float(kind: LabelKind) -> bool {
    use LabelKind::{Algorithm, Figure, Listing, Table};
    matches!(kind, Figure | Table | Listing | Algorithm)
}

fn begin_of(tree: &Tree, node: NodeId) -> Option<NodeId> {
    tree.children(node).next().filter(|child| tree.kind(*child) == NodeKind::Begin)
}

fn note_or_formula(tree: &Tree, node: NodeId, kind: LabelKind) -> Option<ByteRange> {
    let begin = begin_of(tree, node)?;
    match kind {
        LabelKind::Equation => Some(tree.range(node)),
        LabelKind::Theorem => tree.argument(begin, Role::Text).map(|note| tree.trimmed(note)),
        LabelKind::Frame => tree.argument(begin, Role::Heading).map(|title| tree.trimmed(title)),
        _ => None,
    }
}

/// The title of a sectioning command: one that has a heading and is not the title of the document.
fn section_title(tree: &Tree, node: NodeId) -> Option<ByteRange> {
    let name = tree.name(node)?;
    let is_section = name.ends_with("section")
        || name.ends_with("paragraph")
        || matches!(name, "part" | "chapter" | "addpart" | "addchap" | "addsec");
    let titles = tree.arguments(node).filter(|(_, role, _)| *role == Role::Heading);
    let title = titles.last().filter(|_| is_section).map(|(.., title)| title)?;
    Some(tree.trimmed(title))
}

fn add_label(
    tree: &Tree,
    node: NodeId,
    around: &mut [Around],
    section: Option<&(String, ByteRange)>,
    labels: &mut Vec<Label>,
) {
    for (_, role, argument) in tree.arguments(node) {
        let name = match role {
            Role::Label => tree.trimmed(argument),
            Role::Keys if tree.name(node) == Some("lstinputlisting") => {
                let Some(name) = option_value(tree.text(), tree.content(argument), "label") else {
                    continue;
                };
                name
            }
            _ => continue,
        };
        add(tree, tree.range(node), name, around, section, labels);
    }
}

/// `label=` among the options of an environment.
fn add_option(
    tree: &Tree,
    begin: NodeId,
    around: &mut [Around],
    section: Option<&(String, ByteRange)>,
    labels: &mut Vec<Label>,
) {
    let Some(top) = around.last() else { return };
    let has_option = matches!(top.kind, LabelKind::Listing | LabelKind::Frame);
    if !has_option || begin_of(tree, top.node) != Some(begin) {
        return;
    }
    let range = tree.range(top.node);
    for (_, role, argument) in tree.arguments(begin) {
        let value = |key| option_value(tree.text(), tree.content(argument), key);
        if role != Role::Keys {
            continue;
        }
        if let Some(name) = value("label") {
            add(tree, range, name, around, section, labels);
            let title = value("caption");
            if let (Some(label), Some(title)) = (labels.last_mut(), title) {
                label.title = Some(title);
            }
        }
    }
}

fn add(
    tree: &Tree,
    range: ByteRange,
    name_range: ByteRange,
    around: &mut [Around],
    section: Option<&(String, ByteRange)>,
    labels: &mut Vec<Label>,
) {
    if name_range.len() > super::LIST_LIMIT {
        return;
    }
    let name = tree.slice(name_range).to_owned();
    // The argument of a macro is no label.
    if name.is_empty() || name.contains('#') {
        return;
    }
    let mut label = Label {
        name,
        name_range,
        range,
        kind: LabelKind::Section,
        context: section.map(|(command, _)| command.clone()),
        title: section.map(|(_, title)| *title),
    };
    if let Some(top) = around.last_mut() {
        label.kind = top.kind;
        label.context = tree.name(top.node).map(str::to_owned);
        label.title = None;
        top.labels.push(labels.len());
    }
    labels.push(label);
}
