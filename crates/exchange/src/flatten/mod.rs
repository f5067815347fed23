//! One source of many: what publishers ask for. Files that are read as sources are put where they are
//! read; comments, verbatim text and code stay as they are, to the byte.

mod names;
mod splice;

use crate::text::{Content, content};
use names::{Listed, Lookup};
use quire_latex_syntax::{
    NodeKind, ParseOptions, Role, Signatures, Tree,
    facts::{FileReference, FileReferenceKind, file_references},
    parse_with,
};
use quire_project::{FileSource, ProjectPath, ReadError};
use quire_text::ByteRange;
use splice::{Edit, apply};
use std::collections::BTreeSet;

/// Files within files within files.
const MAX_DEPTH: usize = 50;
/// Bytes of the result: files that read others twice, which do so too, grow without bound.
const MAX_BYTES: usize = 64 << 20;

/// One source, and what it still needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flattened {
    /// The source.
    pub text: String,
    /// Files of the project that it names: pictures, bibliographies, classes, what is printed verbatim.
    /// Sorted. They go with the source, under the paths that they have.
    pub needed: Vec<ProjectPath>,
    /// What could not be resolved.
    pub notes: Vec<FlattenNote>,
}

/// A place where the source is not what the author may expect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlattenNote {
    /// The file.
    pub file: ProjectPath,
    /// Where in it.
    pub range: ByteRange,
    /// The name that is written there.
    pub name: String,
    /// What is wrong with it.
    pub problem: Unresolved,
}

/// Why a file was not put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unresolved {
    /// The project has none of that name.
    Missing,
    /// It is being read already.
    Cycle,
    /// Files within files, too many.
    TooDeep,
    /// It is not a text.
    NotAText,
}

/// Why there is no source.
#[derive(Debug, thiserror::Error)]
pub enum FlattenError {
    /// Choose another root.
    #[error("there is no source `{path}`")]
    NoRoot {
        /// The root.
        path: ProjectPath,
    },
    /// A file could not be read.
    #[error("cannot put the sources together: {0}")]
    Read(#[from] ReadError),
    /// Files are read again and again.
    #[error("the sources put together have more than {limit} bytes")]
    TooLarge {
        /// The bound.
        limit: usize,
    },
}

/// Put the sources that `root` reads into one text. With `bbl` (what BibTeX made) in the place of
/// `\bibliography`, which publishers ask for.
pub fn flatten(
    files: &dyn FileSource,
    root: &ProjectPath,
    bbl: Option<&str>,
) -> Result<Flattened, FlattenError> {
    let Some(text) = read_text(files, root)? else {
        return Err(FlattenError::NoRoot { path: root.clone() });
    };
    let tree = parse_with(text, ParseOptions::default());
    let mut flattening = Flattening {
        lookup: Lookup::new(files, root, &tree),
        bbl,
        signatures: tree.signatures().clone(),
        only: only_included(&tree),
        open: vec![root.clone()],
        needed: BTreeSet::new(),
        notes: Vec::new(),
        bytes: 0,
    };
    let text = flattening.expand(&tree, root, "")?;
    let Flattening { needed, notes, .. } = flattening;
    Ok(Flattened { text, needed: needed.into_iter().collect(), notes })
}

struct Flattening<'f> {
    lookup: Lookup<'f>,
    bbl: Option<&'f str>,
    /// What the root defines: verbatim environments of its own, above all.
    signatures: Signatures,
    /// The names in `\includeonly`.
    only: Option<Vec<String>>,
    open: Vec<ProjectPath>,
    needed: BTreeSet<ProjectPath>,
    notes: Vec<FlattenNote>,
    bytes: usize,
}

impl Flattening<'_> {
    /// The text of a file with everything put in. `base` is the folder below which `\import` and
    /// `\subfile` have led.
    fn expand(
        &mut self,
        tree: &Tree,
        file: &ProjectPath,
        base: &str,
    ) -> Result<String, FlattenError> {
        self.bytes += tree.text().len();
        if self.bytes > MAX_BYTES {
            return Err(FlattenError::TooLarge { limit: MAX_BYTES });
        }
        let end = end_of_document(tree);
        let is_kept = kept_as_code(tree);
        let mut edits: Vec<Edit> = Vec::new();
        for reference in file_references(tree) {
            if reference.range.start.0 >= end
                || edits.last().is_some_and(|e| e.overlaps(&reference))
            {
                continue;
            }
            let command = command_of(tree, &reference);
            let code = is_kept(reference.range);
            match (reference.kind, command) {
                (FileReferenceKind::Source, "includeonly") => {}
                (FileReferenceKind::Source, command) if !code && is_inlined(command) => {
                    edits.extend(self.put_in(tree, &reference, command, file, base)?);
                }
                (FileReferenceKind::Bibliography, "bibliography") if self.bbl.is_some() => {
                    let bbl = self.bbl.unwrap_or_default().trim_end().to_owned();
                    edits.push(Edit::whole(reference.range, bbl));
                }
                (kind, _) => edits.extend(self.needs(kind, &reference, file, base)),
            }
        }
        Ok(apply(tree.text(), edits))
    }

    fn put_in(
        &mut self,
        tree: &Tree,
        reference: &FileReference,
        command: &str,
        file: &ProjectPath,
        base: &str,
    ) -> Result<Option<Edit>, FlattenError> {
        if command == "include" && self.only.as_ref().is_some_and(|o| !o.contains(&reference.name))
        {
            return Ok(Some(Edit::whole(reference.range, String::new())));
        }
        let folder = reference.folder.map(|range| tree.slice(range)).unwrap_or_default();
        let Some((path, base)) = self.lookup.source(command, folder, &reference.name, base) else {
            if !self.lookup.is_made_by_document(&reference.name) {
                self.note(file, reference, Unresolved::Missing);
            }
            return Ok(None);
        };
        let problem = match () {
            () if self.open.contains(&path) => Some(Unresolved::Cycle),
            () if self.open.len() >= MAX_DEPTH => Some(Unresolved::TooDeep),
            () => None,
        };
        if let Some(problem) = problem {
            self.note(file, reference, problem);
            return Ok(None);
        }
        let Some(text) = read_text(self.lookup.files, &path)? else {
            self.note(file, reference, Unresolved::NotAText);
            self.needed.insert(path);
            return Ok(None);
        };
        let options = ParseOptions { is_package: false, signatures: Some(&self.signatures) };
        let inner = parse_with(text, options);
        self.open.push(path.clone());
        let expanded = self.expand(&inner, &path, &base);
        self.open.pop();
        let mut text = expanded?;
        if command.starts_with("subfile")
            && let Some(body) = splice::body(&text)
        {
            text = body.to_owned();
        }
        let text = splice::read_by_tex(&text).to_owned();
        let begins_page =
            matches!(command, "include" | "subfileinclude" | "includefrom" | "subincludefrom");
        Ok(Some(Edit::source(tree.text(), reference.range, &text, begins_page)))
    }

    /// A file that goes with the source. Its name changes if the folder that it was looked for in is
    /// no longer known.
    fn needs(
        &mut self,
        kind: FileReferenceKind,
        reference: &FileReference,
        file: &ProjectPath,
        base: &str,
    ) -> Option<Edit> {
        if self.lookup.is_made_by_document(&reference.name) {
            return None;
        }
        match self.lookup.other(kind, &reference.name, base) {
            Some(Listed { path, renamed }) => {
                self.needed.insert(path);
                renamed.map(|name| Edit::whole(reference.name_range, name))
            }
            // Classes, packages and the like may come with TeX.
            None if matches!(kind, FileReferenceKind::Graphics | FileReferenceKind::Listing) => {
                self.note(file, reference, Unresolved::Missing);
                None
            }
            None => None,
        }
    }

    fn note(&mut self, file: &ProjectPath, reference: &FileReference, problem: Unresolved) {
        let (file, name) = (file.clone(), reference.name.clone());
        self.notes.push(FlattenNote { file, range: reference.range, name, problem });
    }
}

fn read_text(files: &dyn FileSource, path: &ProjectPath) -> Result<Option<String>, ReadError> {
    let Some(bytes) = files.read(path)? else { return Ok(None) };
    Ok(match content("tex", bytes.to_vec(), None) {
        Content::Text { text, .. } => Some(text),
        Content::Binary(_) => None,
    })
}

/// Commands that only read a file. Others do more (`\InputIfFileExists`, `\loadglsentries`).
fn is_inlined(command: &str) -> bool {
    matches!(
        command,
        "input"
            | "include"
            | "subfile"
            | "subfileinclude"
            | "import"
            | "subimport"
            | "inputfrom"
            | "subinputfrom"
            | "includefrom"
            | "subincludefrom"
    )
}

fn command_of<'t>(tree: &'t Tree, reference: &FileReference) -> &'t str {
    let text = tree.slice(reference.range).strip_prefix('\\').unwrap_or_default();
    let end = text.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(text.len());
    &text[..end]
}

/// Within the arguments of definitions a file is read later, or never, or often: it stays a file.
fn kept_as_code(tree: &Tree) -> impl Fn(ByteRange) -> bool {
    let code: Vec<ByteRange> = tree
        .nodes()
        .filter(|node| matches!(tree.kind(*node), NodeKind::Argument(_, Role::Code)))
        .map(|node| tree.range(node))
        .collect();
    move |range| code.iter().any(|c| c.start.0 <= range.start.0 && range.end.0 <= c.end.0)
}

/// Behind `\end{document}` nothing is read.
fn end_of_document(tree: &Tree) -> usize {
    let is_end =
        |node: &_| tree.kind(*node) == NodeKind::End && tree.name(*node) == Some("document");
    tree.nodes().find(is_end).map_or(usize::MAX, |node| tree.range(node).start.0)
}

fn only_included(tree: &Tree) -> Option<Vec<String>> {
    let references = file_references(tree).into_iter();
    let only = references.filter(|reference| command_of(tree, reference) == "includeonly");
    let names: Vec<String> = only.map(|reference| reference.name).collect();
    (!names.is_empty()).then_some(names)
}
