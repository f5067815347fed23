//! Which files a folder holds. Broad before deep and within bounds, so that a home folder opened by
//! mistake costs a moment and not a minute.

use cap_std::fs::{Dir, DirEntry};
use quire_project::ProjectPath;
use std::collections::{BTreeSet, VecDeque};

/// Files listed at most.
const MAX_FILES: usize = 50_000;

/// Folders entered at most.
const MAX_FOLDERS: usize = 5_000;

/// Levels of folders entered.
const MAX_DEPTH: usize = 24;

/// Folders with nothing an author wrote; hidden ones are left out as well.
const SKIPPED: [&str; 6] =
    ["node_modules", "target", "__pycache__", "venv", "_minted", "svg-inkscape"];

/// The files of a folder.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// All files with usable names, sorted.
    pub files: Vec<ProjectPath>,
    /// Names that are not UTF-8 or hold a character that other systems forbid, made readable. TeX
    /// cannot ask for these.
    pub unnameable: Vec<String>,
    /// True when there are more files than the walk looks at.
    pub truncated: bool,
}

/// Walk `top`; `extra` are files to list whether or not they are there.
pub(super) fn walk<'a>(top: &Dir, extra: impl Iterator<Item = &'a ProjectPath>) -> Listing {
    let mut files: BTreeSet<ProjectPath> = extra.cloned().collect();
    let mut listing = Listing::default();
    let mut folders = VecDeque::from([(String::new(), 0)]);
    let mut entered = 0;
    while let Some((folder, depth)) = folders.pop_front() {
        if entered == MAX_FOLDERS || files.len() >= MAX_FILES {
            listing.truncated = true;
            break;
        }
        entered += 1;
        let here = if folder.is_empty() { "." } else { &folder };
        // A folder that may not be read, or went away, has nothing for us.
        let Ok(entries) = top.read_dir(here) else { continue };
        let mut below = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name();
            let path = name.to_str().and_then(|name| ProjectPath::resolve(&folder, name).ok());
            let Some(path) = path else {
                listing.unnameable.push(format!("{folder}/{}", name.to_string_lossy()));
                continue;
            };
            match kind(top, &entry, &path) {
                Kind::File => {
                    files.insert(path);
                }
                Kind::Folder if depth < MAX_DEPTH && !is_skipped(path.file_name()) => {
                    below.push(path);
                }
                Kind::Folder => listing.truncated |= depth == MAX_DEPTH,
                Kind::Other => {}
            }
        }
        below.sort();
        folders.extend(below.into_iter().map(|path| (path.as_str().to_owned(), depth + 1)));
    }
    listing.files = files.into_iter().take(MAX_FILES).collect();
    listing.unnameable.sort();
    listing
}

enum Kind {
    File,
    Folder,
    Other,
}

fn kind(top: &Dir, entry: &DirEntry, path: &ProjectPath) -> Kind {
    let Ok(file_type) = entry.file_type() else { return Kind::Other };
    if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_file() {
        Kind::File
    } else if file_type.is_symlink() && top.metadata(path.as_str()).is_ok_and(|to| to.is_file()) {
        // Linked folders are not entered: they may lead in circles.
        Kind::File
    } else {
        Kind::Other
    }
}

fn is_skipped(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("_minted-") || SKIPPED.contains(&name)
}
