//! Finding the files of a TeX tree: which of several files of one name counts, and what is left out.

use super::{
    BuildError, Versions, extract_deb, io_at,
    licences::{self, Licences, Owner},
};
use crate::Recipe;
use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

/// Folders of a TeX tree in the order in which kpathsea would look for XeLaTeX: the first file of a
/// name counts.
const ORDER: [&str; 26] = [
    "tex/xelatex",
    "tex/latex",
    "tex/xetex",
    "tex/generic",
    "tex/plain",
    "bibtex/bst",
    "bibtex/bib",
    "bibtex/csf",
    "fonts/map",
    "fonts/enc",
    "fonts/tfm",
    "fonts/vf",
    "fonts/ofm",
    "fonts/ovf",
    "fonts/type1",
    "fonts/opentype",
    "fonts/truetype",
    "fonts/cmap",
    "fonts/sfd",
    "fonts/misc",
    "fonts/cid",
    "dvips",
    "dvipdfmx",
    "makeindex",
    "omega",
    "tex/lualatex",
];

/// A package as it lies unpacked on disk.
#[derive(Clone, Debug)]
pub(crate) struct Unpacked {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) licence: String,
    /// The folder that stands for `/`.
    pub(crate) root: PathBuf,
    /// TeX trees in it.
    pub(crate) trees: Vec<PathBuf>,
    /// Only these files, relative to the first tree (an installed TeX Live, where all share a tree).
    pub(crate) files: Option<Vec<String>>,
    /// Settings of hyphenation patterns, a language a line.
    pub(crate) hyphenation: Vec<String>,
}

/// A file of the bundle to be.
#[derive(Clone, Debug)]
pub(crate) enum TexFile {
    /// From a package.
    OnDisk { path: PathBuf, tree_path: String, package: String },
    /// Made by us.
    Generated(Vec<u8>),
}

impl TexFile {
    pub(crate) fn generated(bytes: Vec<u8>) -> Self {
        Self::Generated(bytes)
    }

    pub(crate) fn read(&self) -> Result<Cow<'_, [u8]>, BuildError> {
        match self {
            Self::OnDisk { path, .. } => Ok(Cow::Owned(fs::read(path).map_err(io_at(path))?)),
            Self::Generated(bytes) => Ok(Cow::Borrowed(bytes)),
        }
    }

    pub(crate) fn package(&self) -> &str {
        match self {
            Self::OnDisk { package, .. } => package,
            Self::Generated(_) => "quire",
        }
    }
}

/// All files that the recipe wants, by name.
pub(crate) fn collect(
    recipe: &Recipe,
    unpacked: &[Unpacked],
) -> Result<BTreeMap<String, TexFile>, BuildError> {
    let sources: HashMap<&str, _> =
        recipe.source.iter().map(|source| (source.package.as_str(), source)).collect();
    let mut found: Vec<(usize, String, PathBuf, String)> = Vec::new();
    for package in unpacked {
        let Some(source) = sources.get(package.name.as_str()) else { continue };
        for (tree_path, path) in files_of(package, unpacked) {
            let Some(rank) = rank(&tree_path) else { continue };
            let unwanted =
                is_noise(&tree_path) || recipe.leaves_out(&tree_path) || !source.wants(&tree_path);
            if unwanted {
                continue;
            }
            if let Some(path) = resolve(&path, package, unpacked).filter(|path| path.is_file()) {
                found.push((rank, tree_path, path, package.name.clone()));
            }
        }
    }
    found.sort();
    let mut files = BTreeMap::new();
    for (_, tree_path, path, package) in found {
        let name = tree_path.rsplit('/').next().unwrap_or(&tree_path).to_owned();
        files.entry(name).or_insert(TexFile::OnDisk { path, tree_path, package });
    }
    Ok(files)
}

fn files_of(package: &Unpacked, all: &[Unpacked]) -> Vec<(String, PathBuf)> {
    if let (Some(files), Some(tree)) = (&package.files, package.trees.first()) {
        return files.iter().map(|file| (file.clone(), tree.join(file))).collect();
    }
    let mut found = Vec::new();
    for tree in &package.trees {
        for entry in WalkDir::new(tree).into_iter().flatten() {
            if entry.file_type().is_dir() {
                continue;
            }
            let relative = entry.path().strip_prefix(tree).ok().and_then(Path::to_str);
            let Some(relative) = relative.map(|path| path.replace('\\', "/")) else { continue };
            // Debian links whole folders of fonts into the TeX tree.
            let folder = entry.path_is_symlink().then(|| resolve(entry.path(), package, all));
            match folder.flatten().filter(|target| target.is_dir()) {
                Some(target) => {
                    let names = fs::read_dir(target).into_iter().flatten().flatten();
                    found.extend(names.filter_map(|file| {
                        let name = file.file_name().into_string().ok()?;
                        Some((format!("{relative}/{name}"), file.path()))
                    }));
                }
                None => found.push((relative, entry.path().to_owned())),
            }
        }
    }
    found
}

fn rank(tree_path: &str) -> Option<usize> {
    ORDER
        .iter()
        .position(|folder| tree_path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
}

/// What the engine never asks for.
fn is_noise(tree_path: &str) -> bool {
    const ENDS: [&str; 14] = [
        ".lua",
        ".mf",
        ".pl",
        ".ps",
        ".log",
        ".fmt",
        ".md",
        "/ls-R",
        "/Makefile",
        ".dtx",
        ".ins",
        ".pk",
        ".gf",
        ".afm",
    ];
    const FOLDERS: [&str; 4] = ["context", "luatex", "latex-dev", "doc"];
    let name = tree_path.rsplit('/').next().unwrap_or_default();
    let folders = || tree_path.split('/');
    let map_for_others = tree_path.starts_with("fonts/map/")
        && ["/fontname/", "/vtex/"].iter().any(|folder| tree_path.contains(folder));
    let lualatex = tree_path.starts_with("tex/lualatex/") && !name.ends_with(".sty");
    ENDS.iter().any(|end| tree_path.ends_with(end))
        || name.starts_with("README")
        || FOLDERS.iter().any(|unwanted| folders().any(|folder| folder == *unwanted))
        || map_for_others
        || lualatex
}

/// The file or folder behind a path: packages link to each other by absolute paths.
fn resolve(path: &Path, package: &Unpacked, all: &[Unpacked]) -> Option<PathBuf> {
    let mut path = path.to_owned();
    let mut home = package;
    for _ in 0..8 {
        let kind = fs::symlink_metadata(&path).ok()?;
        if !kind.is_symlink() {
            return Some(path);
        }
        let target = fs::read_link(&path).ok()?;
        let below_root = if target.is_absolute() {
            target.strip_prefix("/").ok()?.to_owned()
        } else {
            let here = path.parent()?.strip_prefix(&home.root).ok()?.join(target);
            normalise(&here)
        };
        let owner = std::iter::once(home)
            .chain(all)
            .find(|owner| fs::symlink_metadata(owner.root.join(&below_root)).is_ok())?;
        path = owner.root.join(&below_root);
        home = owner;
    }
    None
}

fn normalise(path: &Path) -> PathBuf {
    let mut parts: Vec<std::path::Component<'_>> = Vec::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => {
                parts.pop();
            }
            std::path::Component::CurDir => {}
            part => parts.push(part),
        }
    }
    parts.iter().collect()
}

/// minted has another program colour code, which may not run here: without it the code is set plain,
/// unless the project brings along what that program wrote.
const PLAIN_MINTED: &str = "\
\\ifdefined\\AddToHook
\\AddToHook{package/minted/before}{%
  \\IfFileExists{_minted-\\jobname/default.pygstyle}{}{%
    \\PassOptionsToPackage{draft}{minted}%
    \\PackageWarningNoLine{minted}{Pygments cannot be run: code is set without colours}}}
\\fi
";

/// LaTeX's kernel for a place without a terminal to ask for the name of a missing file, and without
/// other programs.
pub(crate) fn latex_kernel(files: &BTreeMap<String, TexFile>) -> Result<Vec<u8>, BuildError> {
    let file = files.get("latex.ltx").ok_or_else(|| BuildError::Lacks("latex.ltx".into()))?;
    let source = file.read()?;
    let text: String = source.iter().map(|&byte| char::from(byte)).collect();
    let lacks = || BuildError::Lacks("`\\@missingfileerror` in latex.ltx".into());
    let lacks_dump = || BuildError::Lacks("`\\dump` in latex.ltx".into());
    let start = text.find("\\gdef\\@missingfileerror#1#2{%").ok_or_else(lacks)?;
    let end = start + text[start..].find("\n}\n").ok_or_else(lacks)?;
    let ours = "\\gdef\\@missingfileerror#1#2{%\n  \
                \\errmessage{LaTeX Error: File `#1.#2' not found}%\n  \
                \\let\\@missingfile@area\\@empty\\let\\@missingfile@base\\@empty\n  \
                \\def\\@missingfile@ext{tex}%";
    let dump = end + text[end..].rfind("\\dump\n").ok_or_else(lacks_dump)?;
    let patched = [&text[..start], ours, &text[end..dump], PLAIN_MINTED, &text[dump..]].concat();
    // One char a byte in, one byte a char out.
    Ok(patched.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect())
}

/// biblatex's version, from its own source.
pub(crate) fn biblatex_version(files: &BTreeMap<String, TexFile>) -> Option<String> {
    macro_value(files, "\\def\\abx@version{")
}

/// The version of the control file that biblatex writes and biber must know.
pub(crate) fn bcf_version(files: &BTreeMap<String, TexFile>) -> Option<String> {
    macro_value(files, "\\def\\blx@bcfversion{")
}

fn macro_value(files: &BTreeMap<String, TexFile>, start: &str) -> Option<String> {
    let source = files.get("biblatex.sty")?.read().ok()?;
    let text = String::from_utf8_lossy(&source);
    let rest = text.split_once(start)?.1;
    Some(rest.split_once('}')?.0.to_owned())
}

/// The collections of an installed TeX Live that the recipe names, with the revision of each.
pub(crate) fn collections(root: &Path, recipe: &Recipe) -> Result<Versions, BuildError> {
    let database = Database::read(root)?;
    let mut versions = Versions::new();
    for source in &recipe.source {
        for package in database.members(&collection(&source.package)) {
            let revision = database.field(package, "revision").unwrap_or("unknown");
            versions.insert(format!("{}/{package}", source.package), revision.to_owned());
        }
    }
    Ok(versions)
}

/// The licence of every file of those collections.
pub(crate) fn licences(root: &Path, recipe: &Recipe) -> Result<Licences, BuildError> {
    let database = Database::read(root)?;
    let mut licences = Licences::default();
    for source in &recipe.source {
        for package in database.members(&collection(&source.package)) {
            let licence = database.field(package, "catalogue-license").unwrap_or_default();
            let owner = Owner { name: package.to_owned(), licence: licences::stated(licence) };
            for file in database.files(package) {
                licences.add(&file, owner.clone());
            }
        }
    }
    Ok(licences)
}

/// The same collections as packages with their files.
pub(crate) fn installed(root: &Path, recipe: &Recipe) -> Result<Vec<Unpacked>, BuildError> {
    let database = Database::read(root)?;
    let mut packages = Vec::new();
    for source in &recipe.source {
        let members = database.members(&collection(&source.package));
        let files = members.iter().flat_map(|package| database.files(package)).collect();
        let licences: std::collections::BTreeSet<&str> = members
            .iter()
            .filter_map(|package| database.field(package, "catalogue-license"))
            .collect();
        packages.push(Unpacked {
            name: source.package.clone(),
            version: database.field("00texlive.config", "revision").unwrap_or("unknown").to_owned(),
            licence: licences.into_iter().collect::<Vec<_>>().join(" "),
            root: PathBuf::from("/"),
            trees: vec![root.join("texmf-dist")],
            files: Some(files),
            hyphenation: members.iter().flat_map(|package| database.hyphenation(package)).collect(),
        });
    }
    Ok(packages)
}

/// `texlive-latex-extra` is TeX Live's `collection-latexextra`; a few have other names.
fn collection(debian: &str) -> String {
    let name = debian.strip_prefix("texlive-").unwrap_or(debian);
    match name {
        "base" => "collection-basic".to_owned(),
        "latex-base" => "collection-latex".to_owned(),
        "science" => "collection-mathscience".to_owned(),
        name => format!("collection-{}", name.replace('-', "")),
    }
}

/// `texlive.tlpdb`: paragraphs of `key value` lines.
struct Database(HashMap<String, Vec<String>>);

impl Database {
    fn read(root: &Path) -> Result<Self, BuildError> {
        let path = root.join("tlpkg/texlive.tlpdb");
        let text = fs::read_to_string(&path).map_err(io_at(&path))?;
        let mut packages = HashMap::new();
        for paragraph in text.split("\n\n") {
            let lines: Vec<String> = paragraph.lines().map(str::to_owned).collect();
            if let Some(name) = lines.first().and_then(|line| line.strip_prefix("name ")) {
                packages.insert(name.to_owned(), lines);
            }
        }
        Ok(Self(packages))
    }

    fn lines(&self, package: &str) -> &[String] {
        self.0.get(package).map_or(&[], Vec::as_slice)
    }

    fn field(&self, package: &str, key: &str) -> Option<&str> {
        let prefix = format!("{key} ");
        self.lines(package).iter().find_map(|line| line.strip_prefix(&prefix))
    }

    /// `execute AddHyphen name=german …` lines, without their beginning.
    fn hyphenation(&self, package: &str) -> Vec<String> {
        let settings = self.lines(package).iter();
        settings
            .filter_map(|line| Some(line.strip_prefix("execute AddHyphen ")?.to_owned()))
            .collect()
    }

    fn members(&self, collection: &str) -> Vec<&str> {
        let depends = self.lines(collection).iter().filter_map(|line| line.strip_prefix("depend "));
        depends.filter(|name| !name.starts_with("collection-")).collect()
    }

    fn files(&self, package: &str) -> Vec<String> {
        let mut inside = false;
        let mut files = Vec::new();
        for line in self.lines(package) {
            if let Some(file) = line.strip_prefix(' ') {
                let path = file.split(' ').next().unwrap_or(file);
                if let (true, Some(path)) = (inside, path.strip_prefix("texmf-dist/")) {
                    files.push(path.to_owned());
                }
            } else {
                inside = line.starts_with("runfiles");
            }
        }
        files
    }
}

/// Unpack a Debian package without its documentation.
pub(crate) fn unpack_deb(deb: &Path, into: &Path) -> Result<(), BuildError> {
    let partial = into.with_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).map_err(io_at(&partial))?;
    }
    fs::create_dir_all(&partial).map_err(io_at(&partial))?;
    const EXCLUDED: [&str; 5] = [
        "./usr/share/texlive/texmf-dist/doc/*",
        "./usr/share/doc/texlive-doc/*",
        "./usr/share/texlive/texmf-dist/source/*",
        "./usr/share/man/*",
        "./usr/share/info/*",
    ];
    extract_deb(deb, &partial, &EXCLUDED)?;
    fs::rename(&partial, into).map_err(io_at(into))
}
