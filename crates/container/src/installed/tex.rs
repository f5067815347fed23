//! TeX Live as it is installed: which of several is used, its release, and the folders that its programs read.

use super::{Lacking, ask};
use crate::Surroundings;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::UNIX_EPOCH,
};

/// Its engines; one is enough.
const ENGINES: [&str; 3] = ["pdflatex", "lualatex", "xelatex"];
/// Its trees, by the names that they have in its configuration; the author's own tree is another.
const TREES: &str =
    "{$TEXMFROOT,$TEXMFDIST,$TEXMFMAIN,$TEXMFDEBIAN,$TEXMFLOCAL,$TEXMFSYSVAR,$TEXMFSYSCONFIG}";

/// One TeX Live.
#[derive(Debug)]
pub(super) struct Tex {
    /// The folder of its programs.
    pub(super) bin: PathBuf,
    /// `2022/Debian`.
    pub(super) release: String,
    /// Folders that it reads.
    pub(super) trees: Vec<PathBuf>,
    /// The author's own packages (`~/texmf`).
    pub(super) own_tree: Option<PathBuf>,
    /// LuaTeX's table of fonts, which takes a minute to make anew.
    pub(super) lua_cache: Option<PathBuf>,
    /// Changes when packages come or go.
    pub(super) stamp: String,
}

impl Tex {
    pub(super) fn find(surroundings: &Surroundings) -> Result<Self, Lacking> {
        let mut lacking = Lacking::TexLive;
        for folder in folders(surroundings) {
            let has = |name: &str| folder.join(name).is_file();
            if !has("kpsewhich") || !ENGINES.iter().any(|engine| has(engine)) {
                continue;
            }
            if !has("latexmk") {
                lacking = Lacking::Latexmk { folder };
                continue;
            }
            if let Some(found) = Self::of(folder, surroundings.home.as_deref()) {
                return Ok(found);
            }
        }
        Err(lacking)
    }

    /// Ask the programs in a folder what they are and what they read.
    fn of(folder: PathBuf, home: Option<&Path>) -> Option<Self> {
        let bin = real(folder);
        let engine = ENGINES.iter().map(|name| bin.join(name)).find(|engine| engine.is_file())?;
        let ask = |program: &Path, word: &str| {
            let mut command = Command::new(program);
            command.arg(word).env_clear().env("PATH", "/usr/bin:/bin");
            command.envs(home.map(|home| ("HOME", home)));
            let told = ask(&mut command)?;
            Some(String::from_utf8_lossy(&told.stdout).trim().to_owned())
        };
        let kpsewhich = bin.join("kpsewhich");
        let release = release(&ask(&engine, "--version")?);
        let trees = trees(&ask(&kpsewhich, &format!("--expand-path={TREES}"))?, home);
        let one = |name: &str| {
            let told = ask(&kpsewhich, &format!("--var-value={name}"))?;
            let first = trees_of(&told).next()?;
            (first.is_dir() && is_fit(&first, home)).then_some(first)
        };
        let lua_cache = one("TEXMFVAR").map(|var| var.join("luatex-cache"));
        let stamp = trees.iter().filter_map(|tree| changed_at(&tree.join("ls-R"))).sum::<u128>();
        Some(Self {
            release,
            own_tree: one("TEXMFHOME"),
            lua_cache: lua_cache.filter(|cache| cache.is_dir()),
            stamp: stamp.to_string(),
            trees,
            bin,
        })
    }
}

/// Folders that may hold its programs: those of `PATH`, then the usual places, the newest release first.
fn folders(surroundings: &Surroundings) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = surroundings.search.clone();
    let at_home = surroundings.home.iter().map(|home| home.join("texlive"));
    let systems = ["/usr/local/texlive", "/opt/texlive"].map(PathBuf::from);
    all.extend(at_home.chain(systems).flat_map(|base| releases(&base)));
    all.extend(["/usr/bin", "/usr/local/bin"].map(PathBuf::from));
    all.retain(|folder| folder.is_absolute());
    all
}

/// `BASE/2024/bin/x86_64-linux`, the newest first.
fn releases(base: &Path) -> Vec<PathBuf> {
    let list = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let mut years = list(base);
    years.sort();
    years.iter().rev().flat_map(|year| list(&year.join("bin"))).collect()
}

/// Where the programs themselves are, when the folder holds links to them.
fn real(folder: PathBuf) -> PathBuf {
    let kpsewhich = folder.join("kpsewhich").canonicalize().ok();
    let real = kpsewhich.and_then(|program| Some(program.parent()?.to_owned()));
    real.filter(|real| ["latexmk", "kpsewhich"].iter().all(|name| real.join(name).is_file()))
        .unwrap_or(folder)
}

/// `pdfTeX 3.14… (TeX Live 2022/Debian)` is `2022/Debian`.
fn release(told: &str) -> String {
    let line = told.lines().next().unwrap_or_default();
    let release = line.split_once("(TeX Live ").and_then(|(_, rest)| rest.split_once(')'));
    release.map_or(line, |(release, _)| release).to_owned()
}

fn trees_of(told: &str) -> impl Iterator<Item = PathBuf> + '_ {
    let places = told.split(':').map(|place| place.trim_start_matches("!!").trim_end_matches('/'));
    places.map(PathBuf::from).filter(|place| place.is_absolute())
}

fn trees(told: &str, home: Option<&Path>) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = trees_of(told).filter(|tree| is_fit(tree, home)).collect();
    all.sort();
    // What is in another tree is shown with it.
    all.dedup_by(|tree, outer| tree.starts_with(outer));
    all
}

/// A folder that holds the author's files, or half of the system, is not shown whatever a configuration says.
fn is_fit(tree: &Path, home: Option<&Path>) -> bool {
    tree.components().count() > 2 && !home.is_some_and(|home| home.starts_with(tree))
}

fn changed_at(place: &Path) -> Option<u128> {
    let changed = fs::metadata(place).ok()?.modified().ok()?;
    Some(changed.duration_since(UNIX_EPOCH).ok()?.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_is_in_the_first_line() {
        let told =
            "pdfTeX 3.141592653-2.6-1.40.24 (TeX Live 2022/Debian)\nkpathsea version 6.3.4\n";
        assert_eq!(release(told), "2022/Debian");
        assert_eq!(release("pdfTeX 3.1 (MiKTeX 24)"), "pdfTeX 3.1 (MiKTeX 24)");
    }

    #[test]
    fn trees_are_shown_once_and_never_the_authors_folder() {
        let told =
            "/home/a/tl/2024:/home/a/tl/2024/texmf-dist:!!/home/a/tl/texmf-local/:/home/a:/:.:/usr";
        let shown = trees(told, Some(Path::new("/home/a")));
        assert_eq!(shown, ["/home/a/tl/2024", "/home/a/tl/texmf-local"].map(PathBuf::from));
    }

    #[test]
    fn the_newest_release_of_the_usual_places_comes_first() {
        let home = tempfile::tempdir().unwrap();
        for year in ["2019", "2024", "2022"] {
            fs::create_dir_all(home.path().join(format!("texlive/{year}/bin/x86_64-linux")))
                .unwrap();
        }
        let surroundings =
            Surroundings { home: Some(home.path().to_owned()), ..Surroundings::default() };
        let first: Vec<PathBuf> = folders(&surroundings).into_iter().take(3).collect();
        let expected = ["2024", "2022", "2019"]
            .map(|year| home.path().join(format!("texlive/{year}/bin/x86_64-linux")));
        assert_eq!(first, expected);
    }
}
