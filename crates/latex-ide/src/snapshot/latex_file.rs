//! A LaTeX file with what is known of it. Facts are worked out when they are first asked for.

use super::floats::{Float, floats};
use quire_latex_syntax::{
    NodeKind, Role, Signatures, Tree,
    facts::{self, Citation, FileReference, Header, Label, Reference, Section, WordCount},
};
use quire_text::ByteRange;
use std::sync::{Arc, OnceLock};

/// A LaTeX source, class or package.
#[derive(Debug)]
pub struct LatexFile {
    tree: Tree,
    text: Arc<str>,
    is_package: bool,
    own: Arc<Signatures>,
    labels: OnceLock<Vec<Label>>,
    references: OnceLock<Vec<Reference>>,
    citations: OnceLock<Vec<Citation>>,
    files: OnceLock<Vec<FileReference>>,
    header: OnceLock<Header>,
    sections: OnceLock<Vec<Section>>,
    floats: OnceLock<Vec<Float>>,
    bib_items: OnceLock<Vec<(String, ByteRange)>>,
    graphics_folders: OnceLock<Vec<String>>,
    word_count: OnceLock<WordCount>,
}

impl LatexFile {
    pub(super) fn new(tree: Tree, is_package: bool, own: Arc<Signatures>) -> Self {
        Self {
            text: tree.text_arc(),
            tree,
            is_package,
            own,
            labels: OnceLock::new(),
            references: OnceLock::new(),
            citations: OnceLock::new(),
            files: OnceLock::new(),
            header: OnceLock::new(),
            sections: OnceLock::new(),
            floats: OnceLock::new(),
            bib_items: OnceLock::new(),
            graphics_folders: OnceLock::new(),
            word_count: OnceLock::new(),
        }
    }

    /// Its text.
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn text_arc(&self) -> Arc<str> {
        self.text.clone()
    }

    /// Its tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// True for classes and packages.
    pub fn is_package(&self) -> bool {
        self.is_package
    }

    /// What it defines, as far as its text says by itself.
    pub(super) fn own(&self) -> &Arc<Signatures> {
        &self.own
    }

    /// The labels that it sets.
    pub fn labels(&self) -> &[Label] {
        self.labels.get_or_init(|| facts::labels(&self.tree))
    }

    /// Its references to labels.
    pub fn references(&self) -> &[Reference] {
        self.references.get_or_init(|| facts::references(&self.tree))
    }

    /// Its citations.
    pub fn citations(&self) -> &[Citation] {
        self.citations.get_or_init(|| facts::citations(&self.tree))
    }

    /// The files that it names.
    pub fn file_references(&self) -> &[FileReference] {
        self.files.get_or_init(|| facts::file_references(&self.tree))
    }

    /// Its class and packages.
    pub fn header(&self) -> &Header {
        self.header.get_or_init(|| facts::header(&self.tree))
    }

    /// Its sections and slides.
    pub fn sections(&self) -> &[Section] {
        self.sections.get_or_init(|| facts::outline(&self.tree))
    }

    /// Its floats.
    pub(crate) fn floats(&self) -> &[Float] {
        self.floats.get_or_init(|| floats(&self.tree))
    }

    /// Its words.
    pub fn word_count(&self) -> &WordCount {
        self.word_count.get_or_init(|| facts::word_count(&self.tree))
    }

    /// Keys of `\bibitem`, with their places.
    pub fn bib_items(&self) -> &[(String, ByteRange)] {
        self.bib_items.get_or_init(|| {
            let tree = &self.tree;
            let commands = tree.nodes().filter(|node| {
                tree.kind(*node) == NodeKind::Command && tree.name(*node) == Some("bibitem")
            });
            let keys = commands.filter_map(|node| {
                let (.., key) = tree
                    .arguments(node)
                    .find(|(form, ..)| *form == quire_latex_syntax::Form::Mandatory)?;
                let range = tree.trimmed(key);
                let key = tree.slice(range);
                let is_key = !key.is_empty() && !key.contains(['#', '\\', '{', '\n']);
                is_key.then(|| (key.to_owned(), range))
            });
            keys.collect()
        })
    }

    /// Where `\graphicspath` looks for pictures: `figures/`.
    pub fn graphics_folders(&self) -> &[String] {
        self.graphics_folders.get_or_init(|| {
            let tree = &self.tree;
            let commands = tree.nodes().filter(|node| {
                tree.kind(*node) == NodeKind::Command && tree.name(*node) == Some("graphicspath")
            });
            let argument = commands.filter_map(|node| tree.argument(node, Role::Keys)).last();
            let list = argument.map(|argument| tree.slice(tree.content(argument)));
            let folders = list.unwrap_or_default().split(['{', '}']).map(str::trim);
            folders.filter(|folder| !folder.is_empty()).map(str::to_owned).collect()
        })
    }
}
