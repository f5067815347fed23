//! Sections, and the slides of beamer.

use crate::{EnvironmentKind, Form, NodeKind, Role, Step, Tree};
use quire_text::ByteRange;
use serde::{Deserialize, Serialize};

/// How deep a section stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum SectionLevel {
    /// `\part`.
    Part,
    /// `\chapter`, `\addchap`.
    Chapter,
    /// `\section`, `\addsec`.
    Section,
    /// `\subsection`.
    Subsection,
    /// `\subsubsection`.
    Subsubsection,
    /// `\paragraph`.
    Paragraph,
    /// `\subparagraph`.
    Subparagraph,
    /// A slide.
    Frame,
}

impl SectionLevel {
    fn of_command(name: &str) -> Option<Self> {
        Some(match name {
            "part" | "addpart" => Self::Part,
            "chapter" | "addchap" => Self::Chapter,
            "section" | "addsec" => Self::Section,
            "subsection" => Self::Subsection,
            "subsubsection" => Self::Subsubsection,
            "paragraph" => Self::Paragraph,
            "subparagraph" => Self::Subparagraph,
            _ => return None,
        })
    }
}

/// A section or slide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// How deep it stands; what is above it is the last one before of a smaller level.
    pub level: SectionLevel,
    /// The title as it is written, commands included; absent for a slide without one.
    pub title: Option<ByteRange>,
    /// The short title in brackets.
    pub short_title: Option<ByteRange>,
    /// False for the starred ones and those of KOMA-Script without number.
    pub is_numbered: bool,
    /// True behind `\appendix`.
    pub is_appendix: bool,
    /// The command.
    pub heading: ByteRange,
    /// From the command to the next section of the same or a smaller level, or the end of the document.
    pub range: ByteRange,
}

/// All sections in order.
pub fn outline(tree: &Tree) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut frames: Vec<usize> = Vec::new();
    let mut code = 0_usize;
    let mut is_appendix = false;
    for step in tree.walk(tree.root()) {
        let (node, enters) = match step {
            Step::Enter(node) => (node, true),
            Step::Leave(node) => (node, false),
            Step::Token(..) => continue,
        };
        match tree.kind(node) {
            NodeKind::Argument(_, Role::Code) if enters => code += 1,
            NodeKind::Argument(_, Role::Code) => code -= 1,
            NodeKind::End if enters && tree.name(node) == Some("document") => {
                close(&mut sections, &mut open, SectionLevel::Part, tree.range(node).start.0);
            }
            NodeKind::Environment(EnvironmentKind::Frame) if enters && code == 0 => {
                frames.push(sections.len());
                sections.push(frame(tree, node, is_appendix));
            }
            NodeKind::Environment(EnvironmentKind::Frame) if code == 0 => {
                frames.pop();
            }
            NodeKind::Command if enters && code == 0 => match tree.name(node) {
                Some("appendix" | "appendices") => is_appendix = true,
                Some("frametitle") => {
                    if let Some(slide) = frames.last().and_then(|i| sections.get_mut(*i)) {
                        let title = tree.argument(node, Role::Heading);
                        slide.title = slide.title.or(title.map(|title| tree.trimmed(title)));
                    }
                }
                Some(name) => {
                    let Some(level) = SectionLevel::of_command(name) else { continue };
                    let Some(section) = section(tree, node, level, is_appendix) else { continue };
                    close(&mut sections, &mut open, level, section.heading.start.0);
                    open.push(sections.len());
                    sections.push(section);
                }
                None => {}
            },
            _ => {}
        }
    }
    close(&mut sections, &mut open, SectionLevel::Part, tree.text().len());
    sections
}

/// Ends the open sections of this level and deeper ones.
fn close(sections: &mut [Section], open: &mut Vec<usize>, level: SectionLevel, end: usize) {
    while let Some(last) = open.last().filter(|last| sections[**last].level >= level) {
        sections[*last].range.end.0 = end;
        open.pop();
    }
}

fn section(
    tree: &Tree,
    node: crate::NodeId,
    level: SectionLevel,
    is_appendix: bool,
) -> Option<Section> {
    let heading = tree.range(node);
    let titles = || tree.arguments(node).filter(|(_, role, _)| *role == Role::Heading);
    let of_form = |wanted| titles().find(|(form, ..)| *form == wanted).map(|(.., node)| node);
    let title = of_form(Form::Mandatory)?;
    let name = tree.name(node).unwrap_or_default();
    let behind_name = heading.start.0 + 1 + name.len();
    let is_starred = tree.text()[behind_name..].starts_with('*');
    Some(Section {
        level,
        title: Some(tree.trimmed(title)),
        short_title: of_form(Form::Optional).map(|short| tree.trimmed(short)),
        is_numbered: !is_starred && !name.starts_with("add"),
        is_appendix,
        heading,
        range: heading,
    })
}

fn frame(tree: &Tree, node: crate::NodeId, is_appendix: bool) -> Section {
    let begin = tree.children(node).find(|child| tree.kind(*child) == NodeKind::Begin);
    let title = begin.and_then(|begin| tree.argument(begin, Role::Heading));
    Section {
        level: SectionLevel::Frame,
        title: title.map(|title| tree.trimmed(title)),
        short_title: None,
        is_numbered: false,
        is_appendix,
        heading: tree.range(begin.unwrap_or(node)),
        range: tree.range(node),
    }
}
