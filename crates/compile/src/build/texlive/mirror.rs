//! The copy of a project that a container sees. It holds regular files only, whatever the project's folder has,
//! and is written from this side alone: the container has it read-only.

use crate::outputs::replace_preview;
use quire_project::{ContentHash, FileSource, FileStamp, Hasher, ProjectPath, Stamp};
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

/// Sources of documents, which a build never writes.
const FILES: &str = "files";
/// Files of the project that a build may write anew (`main.bbl`): copied where there are none yet.
const SEEDS: &str = "seeds";
/// What was written, to write only what has changed.
const INDEX: &str = "index";

/// Files that TeX and its programs make, by their last extension: those of an earlier run in the author's folder
/// must not be read in place of this one's.
const GENERATED: [&str; 34] = [
    "acn",
    "alg",
    "aux",
    "auxlock",
    "bcf",
    "blg",
    "fdb_latexmk",
    "fls",
    "glg",
    "glo",
    "glsdefs",
    "idx",
    "ilg",
    "ist",
    "loa",
    "lof",
    "log",
    "lol",
    "lot",
    "nav",
    "nlo",
    "out",
    "pre",
    "pyg",
    "slg",
    "slo",
    "snm",
    "synctex",
    "thm",
    "toc",
    "upa",
    "upb",
    "vrb",
    "xdv",
];
/// Of the document's own name: what may be there instead of the program that makes it.
const SEED_EXTENSIONS: [&str; 6] = ["acr", "bbl", "gls", "ind", "nls", "sls"];

/// What a file of the project is to a build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Source,
    Seed,
    Generated,
}

fn role(path: &ProjectPath, root: &ProjectPath) -> Role {
    let extension = path.extension();
    let is_of_job = path.folder() == root.folder()
        && path.file_name().strip_prefix(root.stem()).is_some_and(|rest| rest.starts_with('.'));
    let is_result = is_of_job && (extension == "pdf" || path.file_name().ends_with(".synctex.gz"));
    if GENERATED.contains(&extension) || is_result || path.file_name().ends_with(".run.xml") {
        Role::Generated
    } else if is_of_job && SEED_EXTENSIONS.contains(&extension) {
        Role::Seed
    } else {
        Role::Source
    }
}

/// Equal as long as no file comes or goes that TeX could read. TeX Live does not tell what was looked for in vain.
pub(in crate::build) fn listing(files: &dyn FileSource, root: &ProjectPath) -> ContentHash {
    let mut hasher = Hasher::default();
    let all = files.list();
    for path in all.iter().filter(|path| role(path, root) != Role::Generated) {
        hasher.field(path.as_str().as_bytes());
    }
    hasher.finish()
}

/// A copy that is up to date.
pub(super) struct Mirror {
    /// What it holds.
    pub(super) hashes: BTreeMap<ProjectPath, ContentHash>,
    /// What it does not hold, with the reason.
    pub(super) refused: BTreeMap<String, String>,
}

#[derive(Default, Serialize, Deserialize)]
struct Index(BTreeMap<ProjectPath, (ContentHash, Option<FileStamp>)>);

impl Mirror {
    /// Bring the copy in `folder` up to date.
    pub(super) fn sync(
        files: &dyn FileSource,
        root: &ProjectPath,
        folder: &Path,
    ) -> io::Result<Self> {
        let known: Index = fs::read(folder.join(INDEX))
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default();
        // Without the index nothing says what the copy holds; while it is written, neither.
        let _ = fs::remove_file(folder.join(INDEX));
        let top = folder.join("project");
        if known.0.is_empty() {
            for part in [FILES, SEEDS] {
                remove_folder(&top.join(part))?;
            }
        }
        for part in [FILES, SEEDS] {
            make_folder(&top.join(part))?;
        }
        let wanted: BTreeSet<ProjectPath> =
            files.list().into_iter().filter(|path| role(path, root) != Role::Generated).collect();
        let place = |path: &ProjectPath| {
            let part = if role(path, root) == Role::Seed { SEEDS } else { FILES };
            top.join(part).join(path.as_str())
        };
        for gone in known.0.keys().filter(|path| !wanted.contains(*path)) {
            match fs::remove_file(place(gone)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => remove_empty_folders(&place(gone), &top),
            }
        }
        let mut now = Index::default();
        let mut refused = BTreeMap::new();
        for path in wanted {
            let before = known.0.get(&path);
            let stamp = match files.stamp(&path) {
                Stamp::Known(stamp) => Some(stamp),
                Stamp::Missing | Stamp::Unknown => None,
            };
            if let (Some((hash, Some(then))), Some(stamp)) = (before, stamp)
                && *then == stamp
            {
                now.0.insert(path, (*hash, Some(stamp)));
                continue;
            }
            match files.read(&path) {
                Ok(Some(bytes)) => {
                    let hash = ContentHash::of(&bytes);
                    if before.is_none_or(|(known, _)| *known != hash) {
                        write(&place(&path), &bytes)?;
                    }
                    now.0.insert(path, (hash, stamp));
                }
                Ok(None) => {}
                Err(error) => {
                    refused.insert(path.to_string(), error.to_string());
                }
            }
        }
        let hashes = now.0.iter().map(|(path, (hash, _))| (path.clone(), *hash)).collect();
        let bytes = serde_json::to_vec(&now).map_err(io::Error::other)?;
        replace_preview(&folder.join(INDEX), &bytes).map_err(io::Error::other)?;
        Ok(Self { hashes, refused })
    }
}

fn write(place: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = place.parent() {
        make_folder(folder)?;
    }
    if fs::symlink_metadata(place).is_ok_and(|there| there.is_dir()) {
        remove_folder(place)?;
    }
    // A new file in place of the old one: a compile that was given up may still have that open.
    let _ = fs::remove_file(place);
    fs::write(place, bytes)?;
    readable(place, 0o644)
}

/// Make a folder and those above it that the container's user can look into.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent() {
        make_folder(above)?;
    }
    if folder.is_file() {
        fs::remove_file(folder)?;
    }
    fs::create_dir(folder)?;
    readable(folder, 0o755)
}

#[cfg(unix)]
fn readable(place: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(place, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn readable(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

fn remove_folder(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove_empty_folders(place: &Path, top: &Path) {
    let inside = place.ancestors().skip(1).take_while(|folder| folder.parent() != Some(top));
    for folder in inside {
        // One that is not empty stays, and all above it.
        if fs::remove_dir(folder).is_err() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quire_project::MemoryFiles;

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    fn project(files: &[(&str, &str)]) -> MemoryFiles {
        let mut all = MemoryFiles::default();
        files.iter().for_each(|(name, text)| all.insert(path(name), text.as_bytes()));
        all
    }

    fn copy(folder: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut waiting = vec![folder.join("project")];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(&folder).unwrap().flatten() {
                match entry.path().is_dir() {
                    true => waiting.push(entry.path()),
                    false => found.push(entry.path()),
                }
            }
        }
        let top = folder.join("project");
        let short = |path: &std::path::PathBuf| {
            path.strip_prefix(&top).unwrap().to_string_lossy().into_owned()
        };
        let mut names: Vec<String> = found.iter().map(short).collect();
        names.sort();
        names
    }

    #[test]
    fn the_copy_follows_the_project_and_leaves_out_what_builds_make() {
        let temp = tempfile::tempdir().unwrap();
        let root = path("a/main.tex");
        let sync =
            |files: &[(&str, &str)]| Mirror::sync(&project(files), &root, temp.path()).unwrap();
        sync(&[
            ("a/main.tex", "1"),
            ("a/main.aux", "old"),
            ("a/main.pdf", "old"),
            ("a/main.bbl", "seed"),
            ("a/fig/x.pdf", "picture"),
        ]);
        assert_eq!(
            copy(temp.path()),
            ["files/a/fig/x.pdf", "files/a/main.tex", "seeds/a/main.bbl"]
        );
        sync(&[("a/main.tex", "2"), ("a/fig", "no folder any more")]);
        assert_eq!(copy(temp.path()), ["files/a/fig", "files/a/main.tex"]);
        let text = fs::read_to_string(temp.path().join("project/files/a/main.tex")).unwrap();
        assert_eq!(text, "2");
    }

    #[test]
    fn a_copy_that_nothing_is_known_of_is_made_anew() {
        let temp = tempfile::tempdir().unwrap();
        let root = path("main.tex");
        let files = project(&[("main.tex", "1")]);
        Mirror::sync(&files, &root, temp.path()).unwrap();
        fs::write(temp.path().join("project/files/stray"), "").unwrap();
        fs::write(temp.path().join(INDEX), "damaged").unwrap();
        Mirror::sync(&files, &root, temp.path()).unwrap();
        assert_eq!(copy(temp.path()), ["files/main.tex"]);
    }

    #[test]
    fn the_listing_differs_only_by_what_tex_could_read() {
        let root = path("main.tex");
        let of = |files: &[(&str, &str)]| listing(&project(files), &root);
        let one = of(&[("main.tex", "1")]);
        assert_eq!(one, of(&[("main.tex", "2"), ("main.pdf", ""), ("main.synctex.gz", "")]));
        assert_ne!(one, of(&[("main.tex", "1"), ("logo.pdf", "")]));
    }
}
