//! A project at one moment. Cheap to clone and to send to another thread; what one edit does not touch
//! is shared with the snapshot before.

mod bib_file;
mod document;
mod floats;
mod latex_file;
mod parse;
mod resolve;

pub use bib_file::{BibFile, BibItem};
pub use document::Document;
pub use latex_file::LatexFile;
pub(crate) use resolve::{Resolved, resolve_in};

use crate::Catalogue;
use document::Structure;
use quire_latex_syntax::{Signatures, Slot, facts::FileReference};
use quire_project::ProjectPath;
use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

/// What a file of the project holds.
#[derive(Clone, Debug)]
pub enum Content {
    /// Text.
    Text(Arc<str>),
    /// Anything else: only its name matters here.
    Binary,
}

/// A file as it is kept.
#[derive(Clone, Debug)]
enum File {
    Latex(Arc<LatexFile>),
    Bibliography(Arc<BibFile>),
    Text(Arc<str>),
    Binary,
}

/// A project at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    files: BTreeMap<ProjectPath, File>,
    root: Option<ProjectPath>,
    catalogue: Arc<Catalogue>,
    /// What all files define, as each says by itself.
    signatures: Arc<Signatures>,
    structure: OnceLock<Structure>,
}

impl Snapshot {
    /// A project of these files. `root` is the document that is built, if that is known.
    pub fn new(
        files: impl IntoIterator<Item = (ProjectPath, Content)>,
        root: Option<ProjectPath>,
        catalogue: Arc<Catalogue>,
    ) -> Self {
        let empty = Self(Arc::new(Inner { root, catalogue, ..Inner::default() }));
        empty.with_files(files)
    }

    /// The same project with all its files anew. What has not changed is not parsed again.
    pub fn with_files(&self, files: impl IntoIterator<Item = (ProjectPath, Content)>) -> Self {
        let (files, signatures) =
            parse::all(&self.0.files, &self.0.signatures, files.into_iter().collect());
        self.successor(files, signatures, self.0.root.clone())
    }

    /// The same project with one file added or changed.
    pub fn with_file(&self, path: ProjectPath, content: Content) -> Self {
        let (files, signatures) = parse::one(&self.0.files, &self.0.signatures, path, content);
        self.successor(files, signatures, self.0.root.clone())
    }

    /// The same project with the text of one file changed.
    pub fn with_text(&self, path: ProjectPath, text: impl Into<Arc<str>>) -> Self {
        self.with_file(path, Content::Text(text.into()))
    }

    /// The same project with another root.
    pub fn with_root(&self, root: Option<ProjectPath>) -> Self {
        self.successor(self.0.files.clone(), self.0.signatures.clone(), root)
    }

    /// The same project with another bundle.
    pub fn with_catalogue(&self, catalogue: Arc<Catalogue>) -> Self {
        let (files, signatures) = (self.0.files.clone(), self.0.signatures.clone());
        let (root, structure) = (self.0.root.clone(), OnceLock::new());
        Self(Arc::new(Inner { files, root, catalogue, signatures, structure }))
    }

    fn successor(
        &self,
        files: BTreeMap<ProjectPath, File>,
        signatures: Arc<Signatures>,
        root: Option<ProjectPath>,
    ) -> Self {
        let catalogue = self.0.catalogue.clone();
        Self(Arc::new(Inner { files, root, catalogue, signatures, structure: OnceLock::new() }))
    }

    /// All files, in the order of their paths.
    pub fn paths(&self) -> impl Iterator<Item = &ProjectPath> {
        self.0.files.keys()
    }

    /// True if the project has a file of this name.
    pub fn has(&self, path: &ProjectPath) -> bool {
        self.0.files.contains_key(path)
    }

    /// The text of a file.
    pub fn text(&self, path: &ProjectPath) -> Option<&str> {
        match self.0.files.get(path)? {
            File::Latex(file) => Some(file.text()),
            File::Bibliography(file) => Some(file.text()),
            File::Text(text) => Some(text),
            File::Binary => None,
        }
    }

    /// A LaTeX source, class or package of the project.
    pub fn latex(&self, path: &ProjectPath) -> Option<&LatexFile> {
        match self.0.files.get(path)? {
            File::Latex(file) => Some(file),
            _ => None,
        }
    }

    /// A bibliography of the project.
    pub fn bibliography(&self, path: &ProjectPath) -> Option<&BibFile> {
        match self.0.files.get(path)? {
            File::Bibliography(file) => Some(file),
            _ => None,
        }
    }

    /// All LaTeX files.
    pub fn latex_files(&self) -> impl Iterator<Item = (&ProjectPath, &LatexFile)> {
        self.0.files.iter().filter_map(|(path, file)| match file {
            File::Latex(file) => Some((path, file.as_ref())),
            _ => None,
        })
    }

    /// All bibliographies.
    pub fn bibliographies(&self) -> impl Iterator<Item = (&ProjectPath, &BibFile)> {
        self.0.files.iter().filter_map(|(path, file)| match file {
            File::Bibliography(file) => Some((path, file.as_ref())),
            _ => None,
        })
    }

    /// The document that is built, if that is known.
    pub fn root(&self) -> Option<&ProjectPath> {
        self.0.root.as_ref()
    }

    /// What the TeX bundle has to offer.
    pub fn catalogue(&self) -> &Catalogue {
        &self.0.catalogue
    }

    /// The document that a file belongs to: the built one if it does, else another that reads it, else
    /// the built one with this file as a part that is not read yet.
    pub fn document_of(&self, path: &ProjectPath) -> Arc<Document> {
        self.structure().document_of(path)
    }

    fn structure(&self) -> &Structure {
        self.0.structure.get_or_init(|| Structure::new(self))
    }

    /// The file of the project that `reference` in the file `from` names.
    pub fn resolve(&self, from: &ProjectPath, reference: &FileReference) -> Option<ProjectPath> {
        self.resolve_with_base(from, reference).map(|resolved| resolved.path)
    }

    pub(crate) fn resolve_with_base(
        &self,
        from: &ProjectPath,
        reference: &FileReference,
    ) -> Option<Resolved> {
        let document = self.document_of(from);
        let folder = reference.folder.and_then(|range| self.text(from)?.get(range.as_range()));
        resolve_in(&|path| self.has(path), &document, from, reference, folder)
    }

    /// What a command takes in this file.
    pub(crate) fn slots<'a>(&'a self, file: &'a LatexFile, command: &str) -> Option<&'a [Slot]> {
        let own = &file.tree().signatures().commands;
        let built_in = &Signatures::built_in().commands;
        let found = own.get(command).or_else(|| self.0.signatures.commands.get(command));
        found.or_else(|| built_in.get(command)).map(AsRef::as_ref)
    }

    /// What environments take in this file.
    pub(crate) fn environment<'a>(
        &'a self,
        file: &'a LatexFile,
        name: &str,
    ) -> Option<&'a quire_latex_syntax::EnvironmentSignature> {
        let own = &file.tree().signatures().environments;
        let built_in = &Signatures::built_in().environments;
        let found = own.get(name).or_else(|| self.0.signatures.environments.get(name));
        found.or_else(|| built_in.get(name))
    }
}
