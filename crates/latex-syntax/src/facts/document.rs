//! Class and packages.

use super::list_items;
use crate::{Form, NodeKind, Role, Tree};
use quire_text::ByteRange;

/// A class or a package that is loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassOrPackage {
    /// Its name.
    pub name: String,
    /// Where the name stands.
    pub name_range: ByteRange,
    /// Its options, shared with the others that the same command loads.
    pub options: Vec<ByteRange>,
    /// The whole command.
    pub range: ByteRange,
}

/// What a document begins with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// The class, of `\documentclass` or `\LoadClass`.
    pub class: Option<ClassOrPackage>,
    /// The packages, in order.
    pub packages: Vec<ClassOrPackage>,
}

/// Class and packages of a document.
pub fn header(tree: &Tree) -> Header {
    let mut header = Header::default();
    for node in tree.nodes().filter(|node| tree.kind(*node) == NodeKind::Command) {
        let is_class = match tree.name(node) {
            Some("documentclass" | "LoadClass" | "LoadClassWithOptions") => true,
            Some("usepackage" | "RequirePackage" | "RequirePackageWithOptions") => false,
            _ => continue,
        };
        let Some(names) = tree.argument(node, Role::Path) else { continue };
        // A date stands in brackets too, but behind the name.
        let options = tree
            .arguments(node)
            .find(|(form, _, argument)| *form == Form::Optional && *argument < names)
            .map(|(.., argument)| list_items(tree.text(), tree.content(argument)));
        let options = options.unwrap_or_default();
        for name_range in list_items(tree.text(), tree.content(names)) {
            let name = tree.slice(name_range).to_owned();
            let range = tree.range(node);
            let found = ClassOrPackage { name, name_range, options: options.clone(), range };
            if is_class {
                header.class.get_or_insert(found);
            } else {
                header.packages.push(found);
            }
        }
    }
    header
}
