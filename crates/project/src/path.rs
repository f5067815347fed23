//! Paths of project files: relative, `/`-separated, UTF-8, without `.` or `..`. A value of this type
//! cannot name anything outside its project; symbolic links are the reader's business.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A normalised path of a file in a project, such as `chapters/über uns.tex`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct ProjectPath(String);

/// Why a text is not a path of a project file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing is left after normalising.
    #[error("the path is empty")]
    Empty,
    /// The path is absolute or has a drive letter.
    #[error("`{0}` is an absolute path")]
    Absolute(String),
    /// More `..` than folders to leave.
    #[error("`{0}` leads outside the project")]
    Outside(String),
    /// A NUL byte, or a backslash or colon that some system would read as a separator.
    #[error("`{0}` holds a character that no file name may have")]
    ForbiddenCharacter(String),
}

impl ProjectPath {
    /// Normalise `path`, taken from the project's top folder.
    pub fn new(path: &str) -> Result<Self, PathError> {
        Self::resolve("", path)
    }

    /// Where a file that the root names is looked for, the first that is there: from the root's folder,
    /// then, when the name has a folder, from the top. A document in a folder of the project may have
    /// been written for TeX started at the top; other names could hide files of the bundle there.
    pub fn look_ups(root_folder: &str, name: &str) -> Result<Vec<Self>, PathError> {
        let near = Self::resolve(root_folder, name)?;
        let has_folder = name.trim_start_matches("./").contains('/');
        let from_top = has_folder.then(|| Self::new(name).ok()).flatten();
        let from_top = from_top.filter(|path| *path != near);
        Ok(std::iter::once(near).chain(from_top).collect())
    }

    /// Normalise `path` as seen from the folder `base` (itself a project path, or empty).
    pub fn resolve(base: &str, path: &str) -> Result<Self, PathError> {
        if path.contains(['\0', '\\']) {
            return Err(PathError::ForbiddenCharacter(path.to_owned()));
        }
        if path.starts_with('/') {
            return Err(PathError::Absolute(path.to_owned()));
        }
        let mut parts: Vec<&str> = base.split('/').filter(|part| !part.is_empty()).collect();
        for part in path.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or_else(|| PathError::Outside(path.to_owned()))?;
                }
                // `C:` at the start is a drive and `name:stream` a stream on Windows.
                _ if part.contains(':') => {
                    return Err(PathError::ForbiddenCharacter(path.to_owned()));
                }
                _ => parts.push(part),
            }
        }
        if parts.is_empty() { Err(PathError::Empty) } else { Ok(Self(parts.join("/"))) }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last component.
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The folder, without a trailing slash; empty for a file at the top.
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The file name without its last extension.
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        match name.rsplit_once('.') {
            Some((stem, _)) if !stem.is_empty() => stem,
            _ => name,
        }
    }

    /// The last extension without its dot, or an empty text.
    pub fn extension(&self) -> &str {
        match self.file_name().rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => extension,
            _ => "",
        }
    }
}

impl TryFrom<String> for ProjectPath {
    type Error = PathError;
    fn try_from(path: String) -> Result<Self, PathError> {
        Self::new(&path)
    }
}

impl From<ProjectPath> for String {
    fn from(path: ProjectPath) -> String {
        path.0
    }
}

impl fmt::Display for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ProjectPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normalises_and_keeps_inside() {
        assert_eq!(ProjectPath::new("./a//b/../c.tex").unwrap().as_str(), "a/c.tex");
        assert_eq!(
            ProjectPath::resolve("ch/one", "../fig 1.pdf").unwrap().as_str(),
            "ch/fig 1.pdf"
        );
        assert_eq!(ProjectPath::new("../x"), Err(PathError::Outside("../x".into())));
        assert_eq!(ProjectPath::new("/etc/passwd"), Err(PathError::Absolute("/etc/passwd".into())));
        assert!(ProjectPath::new("C:\\x").is_err());
        assert!(ProjectPath::new("c:/x").is_err());
        assert_eq!(ProjectPath::new("a/.."), Err(PathError::Empty));
    }

    #[test]
    fn a_name_with_a_folder_is_looked_for_from_the_top_too_and_once() {
        let look_ups = |folder: &str, name: &str| -> Vec<String> {
            let paths = ProjectPath::look_ups(folder, name).unwrap();
            paths.into_iter().map(|path| path.to_string()).collect()
        };
        assert_eq!(look_ups("ch", "fig/a.pdf"), ["ch/fig/a.pdf", "fig/a.pdf"]);
        assert_eq!(look_ups("ch", "a.tex"), ["ch/a.tex"]);
        assert_eq!(look_ups("ch", "./a.tex"), ["ch/a.tex"]);
        assert_eq!(look_ups("", "fig/a.pdf"), ["fig/a.pdf"]);
        assert_eq!(look_ups("ch", "../fig/a.pdf"), ["fig/a.pdf"]);
        assert!(ProjectPath::look_ups("", "../a.tex").is_err());
    }

    #[test]
    fn parts_of_a_name() {
        let path = ProjectPath::new("ch/intro.v2.tex").unwrap();
        assert_eq!((path.folder(), path.stem(), path.extension()), ("ch", "intro.v2", "tex"));
        let hidden = ProjectPath::new(".latexmkrc").unwrap();
        assert_eq!((hidden.stem(), hidden.extension()), (".latexmkrc", ""));
    }
}
