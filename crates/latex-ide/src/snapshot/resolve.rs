//! Which file a name in a document means. TeX looks from the folder of the root document, whatever file
//! the name stands in; `\graphicspath`, `\import` and subfiles add other folders.

use super::Document;
use quire_latex_syntax::facts::{FileReference, FileReferenceKind};
use quire_project::{PathError, ProjectPath};

/// What a name was taken from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// The folder of the root document.
    Root,
    /// A folder of `\graphicspath`, from the root's folder.
    Graphics(String),
    /// The folder of `\import`, from the root's folder.
    Import(String),
    /// The folder of the file that the name stands in: for subfiles, and folders that `\import` entered.
    Own,
}

/// A file and how its name was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resolved {
    pub(crate) path: ProjectPath,
    pub(crate) base: Base,
}

impl Base {
    /// The folder that a name is taken from, from the top of the project; nothing if it leads outside.
    /// `import` is the folder of `\import`, which in a file that was itself imported is below its own.
    pub(crate) fn folder(
        &self,
        root: &ProjectPath,
        from: &ProjectPath,
        import: Option<&str>,
    ) -> Option<String> {
        match self {
            Self::Root => Some(root.folder().to_owned()),
            Self::Graphics(folder) | Self::Import(folder) => below(root.folder(), folder),
            Self::Own => below(from.folder(), import.unwrap_or_default()),
        }
    }
}

fn below(base: &str, folder: &str) -> Option<String> {
    match ProjectPath::resolve(base, folder) {
        Ok(path) => Some(path.as_str().to_owned()),
        Err(PathError::Empty) => Some(String::new()),
        Err(_) => None,
    }
}

/// Extensions that may be left out, in the order in which they are tried. An empty one is the name as
/// it is written.
pub(crate) fn extensions(kind: FileReferenceKind) -> &'static [&'static str] {
    match kind {
        FileReferenceKind::Source => &[".tex", "", ".tikz", ".ltx"],
        FileReferenceKind::Graphics => {
            &["", ".pdf", ".png", ".jpg", ".jpeg", ".eps", ".PDF", ".PNG", ".JPG", ".JPEG", ".svg"]
        }
        FileReferenceKind::Listing | FileReferenceKind::Other => &["", ".tex"],
        FileReferenceKind::Bibliography => &["", ".bib"],
        FileReferenceKind::Class => &[".cls"],
        FileReferenceKind::Package => &[".sty"],
    }
}

/// The first file that exists among those that the name could mean.
pub(crate) fn resolve_in(
    exists: &dyn Fn(&ProjectPath) -> bool,
    document: &Document,
    from: &ProjectPath,
    reference: &FileReference,
    folder: Option<&str>,
) -> Option<Resolved> {
    let mut bases = Vec::new();
    if let Some(folder) = folder {
        bases.push(Base::Import(folder.to_owned()));
    } else {
        bases.push(Base::Root);
    }
    if reference.kind == FileReferenceKind::Graphics {
        bases.extend(document.graphics_folders.iter().cloned().map(Base::Graphics));
    }
    bases.push(Base::Own);
    bases.into_iter().find_map(|base| {
        let top = base.folder(&document.root, from, folder)?;
        let path = extensions(reference.kind).iter().find_map(|extension| {
            let path =
                ProjectPath::resolve(&top, &format!("{}{extension}", reference.name)).ok()?;
            exists(&path).then_some(path)
        })?;
        Some(Resolved { path, base })
    })
}
