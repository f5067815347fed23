//! The files that a document names.

use super::list_items;
use crate::{Form, NodeKind, Role, Tree};
use quire_text::ByteRange;
use serde::{Deserialize, Serialize};

/// How a file is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FileReferenceKind {
    /// A source that is read here: `\input`, `\include`, `\subfile`, `\import`.
    Source,
    /// A picture.
    Graphics,
    /// A source that is printed as it is.
    Listing,
    /// A bibliography.
    Bibliography,
    /// A class, which may be a file of the project.
    Class,
    /// A package, which may be a file of the project.
    Package,
    /// Anything else: a table of data, a PDF to include.
    Other,
}

/// A file's name in a document, as it is written there: often without extension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReference {
    /// How the file is used.
    pub kind: FileReferenceKind,
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub name_range: ByteRange,
    /// The folder of `\import{folder}{name}`, below which `\input` looks from there on.
    pub folder: Option<ByteRange>,
    /// The whole command.
    pub range: ByteRange,
}

/// All files that are named, in order.
pub fn file_references(tree: &Tree) -> Vec<FileReference> {
    let mut found = Vec::new();
    for node in tree.nodes() {
        if tree.kind(node) != NodeKind::Command {
            continue;
        }
        let range = tree.range(node);
        let name = tree.name(node).unwrap_or_default();
        let mut paths = tree
            .arguments(node)
            .filter(|(form, role, _)| *role == Role::Path && *form == Form::Mandatory)
            .map(|(.., argument)| argument);
        let Some(first) = paths.next() else {
            // Plain TeX's way: `\input name`.
            if matches!(name, "input" | "include") && tree.arguments(node).next().is_none() {
                found.extend(plain_input(tree, range));
            }
            continue;
        };
        let second = paths.next();
        let folder = second.map(|_| tree.trimmed(first));
        let kind = kind_of(name);
        for name_range in list_items(tree.text(), tree.content(second.unwrap_or(first))) {
            let name = tree.slice(name_range).trim_matches('"').to_owned();
            // A path made of commands or arguments is none that we could find.
            if !name.contains(['\\', '#']) {
                found.push(FileReference { kind, name, name_range, folder, range });
            }
        }
    }
    found
}

fn kind_of(command: &str) -> FileReferenceKind {
    match command {
        "input" | "include" | "includeonly" | "subfile" | "subfileinclude" | "import"
        | "subimport" | "includefrom" | "subincludefrom" | "inputfrom" | "subinputfrom"
        | "loadglsentries" | "includestandalone" | "InputIfFileExists" => FileReferenceKind::Source,
        "includegraphics" | "includesvg" | "includepdf" => FileReferenceKind::Graphics,
        "lstinputlisting" | "verbatiminput" | "VerbatimInput" | "inputminted" => {
            FileReferenceKind::Listing
        }
        "bibliography" | "addbibresource" | "addglobalbib" | "addsectionbib" => {
            FileReferenceKind::Bibliography
        }
        "documentclass" | "LoadClass" | "LoadClassWithOptions" => FileReferenceKind::Class,
        "usepackage" | "RequirePackage" | "RequirePackageWithOptions" => FileReferenceKind::Package,
        _ => FileReferenceKind::Other,
    }
}

fn plain_input(tree: &Tree, command: ByteRange) -> Option<FileReference> {
    let rest = tree.text().get(command.end.0..)?;
    let spaces = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let name = rest[spaces..].split(['\\', '{', '}', '%', ' ', '\t', '\n', '\r', '#']).next()?;
    if name.is_empty() || spaces == 0 {
        return None;
    }
    let start = command.end.0 + spaces;
    let name_range = ByteRange::new(start, start + name.len());
    let range = ByteRange::new(command.start.0, name_range.end.0);
    let kind = FileReferenceKind::Source;
    Some(FileReference { kind, name: name.to_owned(), name_range, folder: None, range })
}
