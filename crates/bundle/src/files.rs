//! The files of a bundle beside the pack — format, programs, fonts — and whether they are what was built.
//!
//! `files.list` has a line for each but the fonts, which are copies of files in the pack: what it is (`f` a
//! file, `x` a program, `l` a link), the SHA-256 of its bytes or of the link's target, its path.

use quire_project::ContentHash;
use std::{
    collections::BTreeMap,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};
use walkdir::WalkDir;

/// The list's name in the bundle's folder.
pub(crate) const LIST: &str = "files.list";
/// The folder with fonts as plain files.
pub(crate) const FONTS: &str = "fonts";

/// What is wrong with a file of a bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// It has other contents, or is not executable any more.
    #[error("is not what was installed")]
    Changed,
    /// It was not there when the bundle was built.
    #[error("does not belong there")]
    Unexpected,
}

/// A file and what is wrong with it.
pub(crate) type Finding = (PathBuf, Damage);

/// Fonts that are also laid out as plain files, for look-up by family name.
pub(crate) fn is_font_file(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".otf", ".ttf", ".ttc"].iter().any(|end| lower.ends_with(end)) && !name.contains(['/', '\\'])
}

/// The list of the bundle in `root`, sorted by path.
pub(crate) fn list(root: &Path) -> io::Result<String> {
    let mut text = String::new();
    for (path, state) in states(root)? {
        let _ = writeln!(text, "{state} {path}");
    }
    Ok(text)
}

/// The first file in `root` that is not as `list` says.
pub(crate) fn check(root: &Path, list: &str) -> io::Result<Option<Finding>> {
    let found = states(root)?;
    let mut listed: BTreeMap<&str, &str> = BTreeMap::new();
    for line in list.lines() {
        // `x <64 digits> <path>`
        if let (Some(state), Some(path)) = (line.get(..66), line.get(67..)) {
            listed.insert(path, state);
        }
    }
    for (path, state) in &listed {
        match found.get(*path) {
            None => return Ok(Some((root.join(path), Damage::Missing))),
            Some(now) if now != state => return Ok(Some((root.join(path), Damage::Changed))),
            Some(_) => {}
        }
    }
    let unexpected = found.keys().find(|path| !listed.contains_key(path.as_str()));
    Ok(unexpected.map(|path| (root.join(path), Damage::Unexpected)))
}

/// The first font in `folder` that is not as in the pack.
pub(crate) fn check_fonts<B: AsRef<[u8]>>(
    folder: &Path,
    pack: &crate::Pack<B>,
) -> io::Result<Option<Finding>> {
    let mut expected = 0;
    for name in pack.names().filter(|name| is_font_file(name)) {
        expected += 1;
        let path = folder.join(name);
        match fs::read(&path) {
            Ok(bytes) if pack.get(name) == Some(&bytes) => {}
            Ok(_) => return Ok(Some((path, Damage::Changed))),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                return Ok(Some((path, Damage::Missing)));
            }
            Err(e) => return Err(e),
        }
    }
    let there: Vec<PathBuf> = match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(e) => return Err(e),
    };
    let is_known = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| is_font_file(name) && pack.get(name).is_some())
    };
    let surplus = (there.len() > expected).then(|| there.into_iter().find(|path| !is_known(path)));
    Ok(surplus.flatten().map(|path| (path, Damage::Unexpected)))
}

fn states(root: &Path) -> io::Result<BTreeMap<String, String>> {
    let mut states = BTreeMap::new();
    let of_its_own = ["bundle.pack", "manifest.json", LIST];
    let walk = WalkDir::new(root).into_iter().filter_entry(|entry| {
        let at_top = entry.depth() == 1;
        !(at_top
            && (entry.file_name() == FONTS || of_its_own.iter().any(|n| entry.file_name() == *n)))
    });
    for entry in walk {
        let entry = entry?;
        if entry.file_type().is_dir() {
            continue;
        }
        let path = entry.path();
        let below = path.strip_prefix(root).unwrap_or(path).to_string_lossy().replace('\\', "/");
        let (kind, hash) = if entry.path_is_symlink() {
            ('l', ContentHash::of(fs::read_link(path)?.to_string_lossy().as_bytes()))
        } else {
            let kind = if is_executable(&entry.metadata()?) { 'x' } else { 'f' };
            (kind, ContentHash::of(&fs::read(path)?))
        };
        states.insert(below, format!("{kind} {hash}"));
    }
    Ok(states)
}

#[cfg(unix)]
pub(crate) fn is_executable(data: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    data.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
pub(crate) fn is_executable(_data: &fs::Metadata) -> bool {
    false
}
