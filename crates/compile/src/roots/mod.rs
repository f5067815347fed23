//! Which file of a project is the one to build.
//!
//! Asked for a file, its `% !TEX root` wins, then the file itself when it has a `\documentclass`
//! (a subfile or standalone picture asked for by name is built alone, which is what those packages
//! are for), then the document that reads it. Asked for a folder, the files with a class that no
//! other file reads are candidates: shallow before deep, usual names before others.

pub(crate) mod scan;

pub use scan::{DocumentClass, MagicProgram, SourceScan, scan_source};

use quire_project::{FileSource, ProjectPath};
use std::collections::{BTreeMap, BTreeSet};

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RootChoice {
    /// One file stands out.
    One {
        /// The root.
        root: ProjectPath,
        /// Why this one, for people; empty when it is what was asked for.
        why: String,
    },
    /// Several do equally well.
    Several {
        /// All of them, the picked one first.
        candidates: Vec<ProjectPath>,
        /// The one to build when nobody can be asked.
        picked: ProjectPath,
        /// Why they are equal, for people.
        why: String,
    },
    /// There is nothing to build.
    None {
        /// What was looked for, and what to do.
        why: String,
    },
}

/// Names that authors give to the file to build, the most telling first.
const USUAL_NAMES: [&str; 12] = [
    "main",
    "thesis",
    "paper",
    "dissertation",
    "manuscript",
    "book",
    "article",
    "report",
    "document",
    "master",
    "root",
    "ms",
];

/// Sources that are read to find the root. Larger projects name it.
const MAX_SCANNED: usize = 4_000;

/// Sources larger than this are data.
const MAX_SOURCE_BYTES: usize = 8 << 20;

/// `% !TEX root` comments that lead to one another: how many are followed.
const MAX_HOPS: usize = 8;

/// The root for a file that the author named.
pub fn root_for_file(files: &dyn FileSource, asked: &ProjectPath) -> RootChoice {
    let mut file = asked.clone();
    for _ in 0..MAX_HOPS {
        let Some(scan) = scan_file(files, &file) else {
            let why = if file == *asked {
                format!("there is no readable file `{asked}`")
            } else {
                format!("`% !TEX root` leads to `{file}`, which cannot be read")
            };
            return RootChoice::None { why };
        };
        let Some(root) = &scan.magic_root else {
            return match (scan.class, file == *asked) {
                (Some(_), true) => RootChoice::One { root: file, why: String::new() },
                (_, false) => {
                    let why = format!("`{asked}` names it in `% !TEX root`");
                    RootChoice::One { root: file, why }
                }
                (None, true) => root_reading(files, asked),
            };
        };
        match ProjectPath::resolve(file.folder(), root) {
            Ok(next) if next == file => {
                return RootChoice::One { root: file, why: String::new() };
            }
            Ok(next) => file = with_tex(files, next),
            Err(error) => {
                let why = format!("`% !TEX root` in `{file}`: {error}");
                return RootChoice::None { why };
            }
        }
    }
    RootChoice::None { why: format!("the `% !TEX root` comments of `{asked}` lead in a circle") }
}

/// The root below `folder`: a folder of the project, empty for the whole.
pub fn root_in_folder(files: &dyn FileSource, folder: &str) -> RootChoice {
    let project = Sources::scan(files);
    let inside = |path: &ProjectPath| {
        folder.is_empty()
            || path.as_str().strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    };
    let read = project.read_by_others();
    let stands_alone = |path: &&ProjectPath| !read.contains(*path);
    let is_root = |(_, scan): &(&ProjectPath, &SourceScan)| {
        scan.magic_root.is_none()
            && scan.class.as_ref().is_some_and(|class| class.name != "subfiles")
    };
    let candidates: Vec<ProjectPath> = (project.scans.iter())
        .filter(|(path, _)| inside(path))
        .filter(is_root)
        .map(|(path, _)| path)
        .filter(stands_alone)
        .cloned()
        .collect();
    let place = if folder.is_empty() { "this folder".into() } else { format!("`{folder}`") };
    if candidates.is_empty() {
        let seen = project.scans.keys().filter(|path| inside(path)).count();
        let why = if seen == 0 {
            format!("there is no readable .tex file in {place}")
        } else if seen == 1 {
            format!("the only .tex file in {place} has no \\documentclass")
        } else {
            format!("none of the {seen} .tex files in {place} has a \\documentclass of its own")
        };
        return RootChoice::None { why };
    }
    pick(candidates, &place)
}

/// The engine that the root file asks for in `% !TEX program`.
pub fn suggested_program(files: &dyn FileSource, root: &ProjectPath) -> Option<MagicProgram> {
    scan_file(files, root)?.magic_program
}

/// The documents that read `part`, directly or through others.
fn root_reading(files: &dyn FileSource, part: &ProjectPath) -> RootChoice {
    let project = Sources::scan(files);
    let mut readers = BTreeSet::from([part.clone()]);
    let mut grown = true;
    while grown {
        let before = readers.len();
        for (path, reads) in &project.reads {
            if reads.iter().any(|read| readers.contains(read)) {
                readers.insert(path.clone());
            }
        }
        grown = readers.len() > before;
    }
    let has_class = |path: &&ProjectPath| {
        project.scans.get(*path).and_then(|scan| scan.class.as_ref()).is_some()
    };
    let candidates: Vec<_> = readers.iter().filter(has_class).cloned().collect();
    match candidates.as_slice() {
        // A small file of settings that reads the document proper, one for each way to print it.
        [] if project.reads_a_class(part) => {
            RootChoice::One { root: part.clone(), why: String::new() }
        }
        [] => RootChoice::None {
            why: format!(
                "`{part}` has no \\documentclass, and no document in the project reads it; \
                 name its root with `% !TEX root = …` in its first line"
            ),
        },
        [root] => RootChoice::One { root: root.clone(), why: format!("it reads `{part}`") },
        _ => match pick(candidates, &format!("the documents that read `{part}`")) {
            RootChoice::One { root, .. } => {
                RootChoice::One { root, why: format!("it reads `{part}`") }
            }
            choice => choice,
        },
    }
}

/// The best of several: by depth, then by name.
fn pick(mut candidates: Vec<ProjectPath>, place: &str) -> RootChoice {
    let rank = |path: &ProjectPath| {
        let depth = path.as_str().matches('/').count();
        let stem = path.stem().to_lowercase();
        let usual = USUAL_NAMES.iter().position(|name| *name == stem);
        (depth, usual.unwrap_or(USUAL_NAMES.len()))
    };
    candidates.sort_by(|a, b| rank(a).cmp(&rank(b)).then_with(|| a.cmp(b)));
    let best = rank(&candidates[0]);
    let equal = candidates.iter().filter(|path| rank(path) == best).count();
    let picked = candidates[0].clone();
    if equal > 1 {
        let why = format!("{equal} files in {place} could be the root");
        candidates.truncate(equal);
        RootChoice::Several { candidates, picked, why }
    } else if candidates.len() > 1 {
        let why = if best.1 < USUAL_NAMES.len() {
            "by its name".to_owned()
        } else {
            "the others lie deeper".to_owned()
        };
        let others = candidates.len() - 1;
        RootChoice::One { root: picked, why: format!("{why}, before {others} other(s)") }
    } else {
        RootChoice::One { root: picked, why: format!("the only document in {place}") }
    }
}

/// All sources of a project and what they read.
struct Sources {
    scans: BTreeMap<ProjectPath, SourceScan>,
    reads: BTreeMap<ProjectPath, BTreeSet<ProjectPath>>,
}

impl Sources {
    fn scan(files: &dyn FileSource) -> Self {
        let listed = files.list();
        let mut sources: Vec<_> = (listed.iter())
            .filter(|path| matches!(path.extension(), "tex" | "ltx" | "latex" | "TEX"))
            .collect();
        sources.sort_by_key(|path| path.as_str().matches('/').count());
        sources.truncate(MAX_SCANNED);
        let scans: BTreeMap<_, _> = (sources.into_iter())
            .filter_map(|path| Some((path.clone(), scan_file(files, path)?)))
            .collect();
        let reads = (scans.iter())
            .map(|(path, scan)| {
                let read = scan.inputs.iter().filter_map(|name| existing(&scans, path, name));
                (path.clone(), read.collect())
            })
            .collect();
        Self { scans, reads }
    }

    /// True when `path` reads, directly or through others, a file with a `\\documentclass`.
    fn reads_a_class(&self, path: &ProjectPath) -> bool {
        let mut seen = BTreeSet::from([path]);
        let mut waiting = vec![path];
        while let Some(path) = waiting.pop() {
            if self.scans.get(path).is_some_and(|scan| scan.class.is_some()) {
                return true;
            }
            let reads = self.reads.get(path).into_iter().flatten();
            waiting.extend(reads.filter(|read| seen.insert(read)));
        }
        false
    }

    /// Files that another one reads. Of two that read each other, neither is ruled out.
    fn read_by_others(&self) -> BTreeSet<&ProjectPath> {
        let mut read = BTreeSet::new();
        for (reader, files) in &self.reads {
            for file in files {
                let back = self.reads.get(file).is_some_and(|files| files.contains(reader));
                if file != reader && !back {
                    read.insert(file);
                }
            }
        }
        read
    }
}

/// The source that `name` means in `reader`. Names count from the root's folder, which is not known
/// yet: the reader's own folder is tried first, then those above it.
fn existing(
    scans: &BTreeMap<ProjectPath, SourceScan>,
    reader: &ProjectPath,
    name: &str,
) -> Option<ProjectPath> {
    let mut folder = reader.folder();
    loop {
        for name in [name.to_owned(), format!("{name}.tex")] {
            if let Ok(path) = ProjectPath::resolve(folder, &name)
                && scans.contains_key(&path)
            {
                return Some(path);
            }
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
    }
}

fn scan_file(files: &dyn FileSource, path: &ProjectPath) -> Option<SourceScan> {
    let bytes = files.read(path).ok()??;
    (bytes.len() <= MAX_SOURCE_BYTES).then(|| scan_source(&bytes))
}

/// `path`, or `path.tex` when only that exists.
fn with_tex(files: &dyn FileSource, path: ProjectPath) -> ProjectPath {
    let exists = |path: &ProjectPath| matches!(files.read(path), Ok(Some(_)));
    match ProjectPath::new(&format!("{path}.tex")) {
        Ok(longer) if !exists(&path) && exists(&longer) => longer,
        _ => path,
    }
}

#[cfg(test)]
mod tests;
