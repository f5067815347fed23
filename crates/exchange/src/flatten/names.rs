//! Which file a name means: as TeX looks for it, and LaTeX's packages for it.

use quire_latex_syntax::{NodeKind, Tree, facts::FileReferenceKind};
use quire_project::{FileSource, ProjectPath};
use std::collections::BTreeSet;

/// What `\includegraphics` tries, in the order of XeTeX's driver.
const GRAPHICS: [&str; 8] = ["pdf", "png", "jpg", "jpeg", "eps", "svg", "PDF", "PNG"];

pub(super) struct Lookup<'f> {
    pub(super) files: &'f dyn FileSource,
    known: BTreeSet<ProjectPath>,
    /// The folder of the root, where TeX runs.
    folder: String,
    graphics_folders: Vec<String>,
    /// Files that the document writes itself, in `filecontents`.
    made: Vec<String>,
}

/// A file that goes with the source.
pub(super) struct Listed {
    pub(super) path: ProjectPath,
    /// What must be written for it from now on, if that is something else.
    pub(super) renamed: Option<String>,
}

impl<'f> Lookup<'f> {
    pub(super) fn new(files: &'f dyn FileSource, root: &ProjectPath, tree: &Tree) -> Self {
        let known = files.list().into_iter().collect();
        let folder = root.folder().to_owned();
        let (graphics_folders, made) = (graphics_folders(tree), made_by(tree));
        Self { files, known, folder, graphics_folders, made }
    }

    /// The source that a command reads, and the folder in which names within it are looked for first.
    pub(super) fn source(
        &self,
        command: &str,
        folder: &str,
        name: &str,
        base: &str,
    ) -> Option<(ProjectPath, String)> {
        // `\subimport` and `\subfile` begin where they stand, `\import` at the root.
        let from = if command.starts_with("sub") { base } else { "" };
        let written = match (command, folder) {
            (_, "") => [join(base, name), name.to_owned()],
            _ => [join(&join(from, folder), name), join(folder, name)],
        };
        let path = written.iter().find_map(|name| self.with_extension(name, &["tex"]))?;
        let base = match command {
            "input" | "include" => base.to_owned(),
            _ => {
                self.below_root(&path)?.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
            }
        };
        Some((path, base))
    }

    pub(super) fn other(&self, kind: FileReferenceKind, name: &str, base: &str) -> Option<Listed> {
        use FileReferenceKind as Kind;
        let extensions: &[&str] = match kind {
            Kind::Graphics => &GRAPHICS,
            Kind::Bibliography => &["bib"],
            Kind::Class => &["cls"],
            Kind::Package => &["sty"],
            Kind::Source => &["tex"],
            Kind::Listing | Kind::Other => &[],
        };
        let at = |written: &str| self.with_extension(written, extensions);
        let in_folders = || {
            let folders = self.graphics_folders.iter().filter(|_| kind == Kind::Graphics);
            folders.into_iter().find_map(|folder| at(&join(folder, name)))
        };
        if !base.is_empty()
            && let Some(path) = at(&join(base, name))
        {
            let renamed = Some(join(base, name));
            return Some(Listed { path, renamed });
        }
        at(name).or_else(in_folders).map(|path| Listed { path, renamed: None })
    }

    pub(super) fn is_made_by_document(&self, name: &str) -> bool {
        self.made.iter().any(|made| made == name || made.strip_suffix(".tex") == Some(name))
    }

    /// TeX tries the name with its extension first, then as it is.
    fn with_extension(&self, name: &str, extensions: &[&str]) -> Option<ProjectPath> {
        let has_one = extensions.iter().any(|e| name.ends_with(&format!(".{e}")));
        let longer = extensions.iter().filter(|_| !has_one).map(|e| format!("{name}.{e}"));
        longer.chain([name.to_owned()]).find_map(|name| {
            let path = ProjectPath::resolve(&self.folder, &name).ok()?;
            self.known.contains(&path).then_some(path)
        })
    }

    fn below_root<'p>(&self, path: &'p ProjectPath) -> Option<&'p str> {
        if self.folder.is_empty() {
            return Some(path.as_str());
        }
        path.as_str().strip_prefix(self.folder.as_str())?.strip_prefix('/')
    }
}

fn join(folder: &str, name: &str) -> String {
    let folder = folder.trim_end_matches('/');
    if folder.is_empty() || folder == "." { name.to_owned() } else { format!("{folder}/{name}") }
}

/// The folders in `\graphicspath{{one/}{two/}}`.
fn graphics_folders(tree: &Tree) -> Vec<String> {
    let is_path = |node: &_| {
        tree.kind(*node) == NodeKind::Command && tree.name(*node) == Some("graphicspath")
    };
    let Some(node) = tree.nodes().find(is_path) else { return Vec::new() };
    let rest = tree.text().get(tree.range(node).start.0..).unwrap_or_default();
    let line = rest.split('\n').next().unwrap_or_default();
    let folders = line.split(['{', '}']).skip(1).map(str::trim);
    folders.filter(|folder| !folder.is_empty()).map(str::to_owned).collect()
}

/// The names in `\begin{filecontents*}[overwrite]{name}`.
fn made_by(tree: &Tree) -> Vec<String> {
    let begins = tree.nodes().filter(|node| tree.kind(*node) == NodeKind::Begin);
    let of_files =
        begins.filter(|node| tree.name(*node).is_some_and(|name| name.starts_with("filecontents")));
    let names = of_files.filter_map(|node| {
        let (.., argument) = tree.arguments(node).last()?;
        Some(tree.slice(tree.trimmed(argument)).to_owned())
    });
    names.collect()
}
