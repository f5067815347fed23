//! From what the author typed (a file, a folder) to the project folder: the boundary of what the
//! document may read. A marker such as `.git` widens it from the file's own folder; the home folder
//! and everything above are never taken for a project just because a marker lies there.

use crate::roots::scan_source;
use quire_project::ProjectPath;
use std::{
    io,
    path::{Path, PathBuf},
};

/// Where the project is and what in it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectLocation {
    /// The project's top folder, absolute, links resolved.
    pub folder: PathBuf,
    /// What was asked for.
    pub asked: Asked,
}

/// What the author pointed at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A file of the project.
    File(ProjectPath),
    /// A folder of the project; empty for its top.
    Folder(String),
}

/// What to know of the system, so that this module asks nothing of the environment.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The home folder.
    pub home: Option<PathBuf>,
    /// The folder for temporary files.
    pub temporary: Option<PathBuf>,
}

/// Why there is no project.
#[derive(Debug, thiserror::Error)]
pub enum LocateError {
    /// Nothing there.
    #[error("there is no file or folder `{}`", path.display())]
    NotFound {
        /// What was asked for.
        path: PathBuf,
    },
    /// The system refuses.
    #[error("cannot look at `{}`: {source}", path.display())]
    Io {
        /// What was asked for.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The project folder given does not hold the file.
    #[error("`{}` does not lie in the project folder `{}`", path.display(), project.display())]
    OutsideProject {
        /// What was asked for.
        path: PathBuf,
        /// The folder given.
        project: PathBuf,
    },
    /// The name is not UTF-8 or holds a forbidden character.
    #[error("the name `{}` cannot be used in a document; rename it", path.display())]
    Unnameable {
        /// What was asked for.
        path: PathBuf,
    },
}

/// Files and folders that mark the top of a project.
const MARKERS: [&str; 6] = [".git", ".hg", ".gitignore", ".latexmkrc", "latexmkrc", "quire.toml"];

/// Find the project of `target`; `project` is the folder that the author gave explicitly.
pub fn locate(
    target: &Path,
    project: Option<&Path>,
    surroundings: &Surroundings,
) -> Result<ProjectLocation, LocateError> {
    let target = existing(target);
    let metadata = std::fs::metadata(&target).map_err(|error| failed(&target, error))?;
    // Only the folder is resolved: a linked file keeps the name and place it has in the project.
    let (folder, file) = if metadata.is_dir() {
        (real(&target)?, None)
    } else {
        let name = target.file_name().ok_or_else(|| unnameable(&target))?;
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
        (real(parent.unwrap_or(Path::new(".")))?, Some(name))
    };
    let top = match project {
        Some(project) => real(project)?,
        None => {
            let marked = marked_ancestor(&folder, surroundings);
            marked.unwrap_or_else(|| match file {
                Some(name) => reaching_root(&folder, &folder.join(name), surroundings),
                None => folder.clone(),
            })
        }
    };
    let inside = folder
        .strip_prefix(&top)
        .map_err(|_| LocateError::OutsideProject { path: target.clone(), project: top.clone() })?;
    let mut parts = Vec::new();
    for part in inside.iter().chain(file) {
        parts.push(part.to_str().ok_or_else(|| unnameable(&target))?);
    }
    let path = parts.join("/");
    let asked = match file {
        Some(_) => Asked::File(ProjectPath::new(&path).map_err(|_| unnameable(&target))?),
        None => Asked::Folder(path),
    };
    Ok(ProjectLocation { folder: top, asked })
}

/// What was typed, or the source it means: `paper` and `paper.pdf` mean `paper.tex`.
fn existing(target: &Path) -> PathBuf {
    let derived = target
        .extension()
        .is_some_and(|e| ["pdf", "aux", "log", "bbl", "synctex"].iter().any(|known| e == *known));
    let source = if derived || !target.exists() {
        let mut appended = target.as_os_str().to_owned();
        appended.push(".tex");
        let appended = PathBuf::from(appended);
        if derived { target.with_extension("tex") } else { appended }
    } else {
        target.to_owned()
    };
    if source.exists() { source } else { target.to_owned() }
}

fn marked_ancestor(folder: &Path, surroundings: &Surroundings) -> Option<PathBuf> {
    folder
        .ancestors()
        .take_while(|ancestor| may_be_project(ancestor, surroundings))
        .find(|ancestor| MARKERS.iter().any(|marker| ancestor.join(marker).exists()))
        .map(Path::to_owned)
}

fn may_be_project(folder: &Path, surroundings: &Surroundings) -> bool {
    let is_or_holds = |special: &Option<PathBuf>| {
        special.as_ref().is_some_and(|special| {
            let real = std::fs::canonicalize(special);
            real.as_deref().unwrap_or(special).starts_with(folder)
        })
    };
    folder.parent().is_some()
        && !is_or_holds(&surroundings.home)
        && !is_or_holds(&surroundings.temporary)
}

/// The file's folder, or the one above from which both the file and the root that it names
/// (`% !TEX root`, or the main file of a subfile) can be reached.
fn reaching_root(folder: &Path, file: &Path, surroundings: &Surroundings) -> PathBuf {
    let own = folder.to_owned();
    let is_source = file.extension().is_some_and(|extension| extension == "tex");
    let regular = std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.len() < 8 << 20);
    let Some(text) = (is_source && regular).then(|| std::fs::read(file).ok()).flatten() else {
        return own;
    };
    let scan = scan_source(&text);
    let main = scan.class.filter(|class| class.name == "subfiles").map(|class| class.options);
    let Some(named) = scan.magic_root.or(main) else { return own };
    let root = folder.join(&named);
    let root = if root.exists() { root } else { folder.join(named + ".tex") };
    let Ok(root) = std::fs::canonicalize(root) else { return own };
    let common = folder.ancestors().find(|ancestor| root.starts_with(ancestor));
    match common {
        Some(common) if may_be_project(common, surroundings) => common.to_owned(),
        _ => own,
    }
}

fn real(folder: &Path) -> Result<PathBuf, LocateError> {
    std::fs::canonicalize(folder).map_err(|error| failed(folder, error))
}

fn failed(path: &Path, error: io::Error) -> LocateError {
    let path = path.to_owned();
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => LocateError::NotFound { path },
        _ => LocateError::Io { path, source: error },
    }
}

fn unnameable(path: &Path) -> LocateError {
    LocateError::Unnameable { path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A home folder with files in it.
    fn home(files: &[(&str, &str)]) -> (tempfile::TempDir, Surroundings) {
        let temp = tempfile::tempdir().unwrap();
        let home = temp.path().canonicalize().unwrap();
        for (name, text) in files {
            let place = home.join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, text).unwrap();
        }
        (temp, Surroundings { home: Some(home), temporary: Some(std::env::temp_dir()) })
    }

    #[track_caller]
    fn check(files: &[(&str, &str)], target: &str, folder: &str, asked: &str) {
        let (temp, around) = home(files);
        let top = temp.path().canonicalize().unwrap();
        let found = locate(&top.join(target), None, &around).unwrap();
        assert_eq!(found.folder, top.join(folder).components().collect::<PathBuf>());
        let shown = match found.asked {
            Asked::File(path) => path.to_string(),
            Asked::Folder(folder) => format!("{folder}/"),
        };
        assert_eq!(shown, asked);
    }

    #[test]
    fn without_a_marker_the_own_folder_is_the_project() {
        check(&[("a/b/c.tex", "")], "a/b/c.tex", "a/b", "c.tex");
        check(&[("a/b/c.tex", "")], "a/b", "a/b", "/");
        check(&[("a/b/c.tex", "")], "a/b/c", "a/b", "c.tex");
        check(&[("a/c.tex", ""), ("a/c.pdf", "")], "a/c.pdf", "a", "c.tex");
    }

    #[test]
    fn the_nearest_marker_wins() {
        let files =
            [("p/.git/HEAD", ""), ("p/a/latexmkrc", ""), ("p/a/b/c.tex", ""), ("p/d.tex", "")];
        check(&files, "p/a/b/c.tex", "p/a", "b/c.tex");
        check(&files, "p/a/b", "p/a", "b/");
        check(&files, "p/d.tex", "p", "d.tex");
    }

    #[test]
    fn a_marker_in_the_home_folder_does_not_count() {
        check(&[(".git/HEAD", ""), ("a/b.tex", "")], "a/b.tex", "a", "b.tex");
    }

    #[test]
    fn the_project_reaches_up_to_the_root_that_a_part_names() {
        let files = [("a/main.tex", ""), ("a/ch/b.tex", "% !TEX root = ../main.tex\n")];
        check(&files, "a/ch/b.tex", "a", "ch/b.tex");
        let files = [("a/main.tex", ""), ("a/ch/b.tex", "\\documentclass[../main]{subfiles}")];
        check(&files, "a/ch/b.tex", "a", "ch/b.tex");
        let files = [("main.tex", ""), ("ch/b.tex", "% !TEX root = ../main.tex\n")];
        check(&files, "ch/b.tex", "ch", "b.tex");
    }

    #[test]
    fn a_project_given_must_hold_the_file() {
        let (temp, around) = home(&[("a/b.tex", ""), ("c/d.tex", "")]);
        let top = temp.path();
        let found = locate(&top.join("a/b.tex"), Some(top), &around).unwrap();
        assert_eq!(found.asked, Asked::File(ProjectPath::new("a/b.tex").unwrap()));
        let error = locate(&top.join("a/b.tex"), Some(&top.join("c")), &around).unwrap_err();
        assert!(matches!(error, LocateError::OutsideProject { .. }), "{error}");
        let error = locate(&top.join("none.tex"), None, &around).unwrap_err();
        assert!(matches!(error, LocateError::NotFound { .. }), "{error}");
    }
}
