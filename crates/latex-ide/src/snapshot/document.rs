//! Documents: a root and the files that are read from it, in order.

use super::Snapshot;
use crate::catalogue::add_brought;
use quire_latex_syntax::facts::FileReferenceKind;
use quire_project::ProjectPath;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
};

/// A document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The file that is built.
    pub root: ProjectPath,
    /// The LaTeX files in the order in which they are first read, the root among them; its own classes
    /// and packages too.
    pub files: Vec<ProjectPath>,
    /// Its bibliographies in the project.
    pub bibliographies: Vec<ProjectPath>,
    /// Packages by name, classes as `name.cls`; those among them that others bring.
    pub packages: BTreeSet<String>,
    /// Where it looks for pictures, from the root's folder.
    pub graphics_folders: Vec<String>,
}

impl Document {
    fn empty(root: ProjectPath) -> Self {
        Self {
            root,
            files: Vec::new(),
            bibliographies: Vec::new(),
            packages: BTreeSet::new(),
            graphics_folders: Vec::new(),
        }
    }
}

/// Which file belongs to which document.
#[derive(Debug, Default)]
pub(super) struct Structure {
    by_file: HashMap<ProjectPath, Arc<Document>>,
    main: Option<Arc<Document>>,
}

impl Structure {
    pub(super) fn new(snapshot: &Snapshot) -> Self {
        let mut structure = Self::default();
        let known = snapshot.root().filter(|root| snapshot.latex(root).is_some());
        let roots = snapshot
            .latex_files()
            .filter(|(_, file)| !file.is_package() && file.header().class.is_some());
        // A file with a class that another reads is a subfile.
        let mut roots: Vec<&ProjectPath> = roots.map(|(path, _)| path).collect();
        roots.sort_by_key(|path| path.as_str().matches('/').count());
        let mut documents: BTreeMap<&ProjectPath, Arc<Document>> = BTreeMap::new();
        for root in known.into_iter().chain(roots) {
            if structure.by_file.contains_key(root) || documents.contains_key(root) {
                continue;
            }
            let document = Arc::new(read(snapshot, root));
            for path in document.files.iter().chain(&document.bibliographies) {
                structure.by_file.entry(path.clone()).or_insert_with(|| document.clone());
            }
            structure.main.get_or_insert_with(|| document.clone());
            documents.insert(root, document);
        }
        structure
    }

    pub(super) fn document_of(&self, path: &ProjectPath) -> Arc<Document> {
        if let Some(document) = self.by_file.get(path) {
            return document.clone();
        }
        let mut document =
            self.main.as_ref().map_or_else(|| Document::empty(path.clone()), |d| (**d).clone());
        document.files.push(path.clone());
        Arc::new(document)
    }
}

/// Follows what the root reads. A file that is read twice counts where it is read first.
fn read(snapshot: &Snapshot, root: &ProjectPath) -> Document {
    let mut document = Document::empty(root.clone());
    let mut seen = HashSet::from([root.clone()]);
    // Files still to be read, the next one last.
    let mut open = vec![root.clone()];
    while let Some(path) = open.pop() {
        let Some(file) = snapshot.latex(&path) else { continue };
        document.files.push(path.clone());
        let header = file.header();
        let class = header.class.iter().map(|class| format!("{}.cls", class.name));
        let packages = header.packages.iter().map(|package| package.name.clone());
        document.packages.extend(class.chain(packages));
        if !file.graphics_folders().is_empty() {
            document.graphics_folders = file.graphics_folders().to_vec();
        }
        let mut next = Vec::new();
        for reference in file.file_references() {
            let folder = reference.folder.map(|range| file.tree().slice(range));
            let exists = |path: &ProjectPath| snapshot.has(path);
            match reference.kind {
                FileReferenceKind::Source
                | FileReferenceKind::Bibliography
                | FileReferenceKind::Class
                | FileReferenceKind::Package => {}
                _ => continue,
            }
            let Some(found) = super::resolve_in(&exists, &document, &path, reference, folder)
            else {
                continue;
            };
            if !seen.insert(found.path.clone()) {
                continue;
            }
            if reference.kind == FileReferenceKind::Bibliography {
                document.bibliographies.push(found.path);
            } else {
                next.push(found.path);
            }
        }
        open.extend(next.into_iter().rev());
    }
    add_brought(&mut document.packages);
    document
}
