//! What of a project is here to be shared: its texts, and its other files by what they hold. A file of a folder has no
//! place in the database, so that its id and the hash that it had are kept with how the project is shared.

use crate::{
    Workbench, WorkbenchError, clock,
    desk::Desk,
    files::is_text_name,
    project::{Content, Entry},
};
use quire_compile::disk::DiskFolder;
use quire_project::{ContentHash, FileId, FileSource, FileStamp, ProjectId, ProjectPath, Stamp};
use quire_relay_client::{At, Item, List};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What TeX and its helpers leave beside the sources, and what systems and editors do.
const LEFT_BEHIND: [&str; 43] = [
    "acn",
    "acr",
    "alg",
    "aux",
    "bak",
    "bcf",
    "blg",
    "dvi",
    "fdb_latexmk",
    "fls",
    "fmt",
    "glg",
    "glo",
    "idx",
    "ilg",
    "ind",
    "lod",
    "lof",
    "log",
    "lol",
    "lot",
    "maf",
    "mtc",
    "mtc0",
    "nav",
    "out",
    "pre",
    "pytxcode",
    "run",
    "snm",
    "swo",
    "swp",
    "synctex",
    "tdo",
    "thm",
    "tmp",
    "toc",
    "upa",
    "upb",
    "vrb",
    "xdv",
    "xdy",
    "xref",
];

/// A file of a folder that is shared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FolderFile {
    /// Its id at the relay.
    pub(super) id: FileId,
    /// What it held when it was last read …
    pub(super) hash: ContentHash,
    /// … so many bytes …
    pub(super) bytes: u64,
    /// … and by what it is known that it still does.
    pub(super) stamp: Option<FileStamp>,
}

/// The files of a folder that are shared, by where they are.
pub(super) type FolderFiles = BTreeMap<ProjectPath, FolderFile>;

/// What is here.
#[derive(Debug, Default)]
pub(super) struct Here {
    pub(super) list: List,
    /// Files that are for nobody else, and those that cannot be read.
    pub(super) others: BTreeSet<ProjectPath>,
    /// How many bytes files hold.
    pub(super) sizes: BTreeMap<ContentHash, u64>,
    pub(super) folder: FolderFiles,
}

impl Workbench {
    /// What is here. Texts of a folder become documents for that.
    pub(super) fn what_is_here(
        &self,
        id: ProjectId,
        known: &FolderFiles,
    ) -> Result<Here, WorkbenchError> {
        self.open_texts_of_folder(id)?;
        let (entries, top) = self.try_ask(move |desk| {
            let project = desk.project(id)?;
            let entries: Vec<(ProjectPath, Entry)> =
                project.files.iter().map(|(path, entry)| (path.clone(), *entry)).collect();
            Ok((entries, project.folder.as_ref().map(|folder| folder.top.clone())))
        })?;
        let mut here = Here::default();
        let mut on_disk = Vec::new();
        let all: BTreeSet<&ProjectPath> = entries.iter().map(|(path, _)| path).collect();
        for (path, entry) in &entries {
            match (entry.content, entry.file) {
                (Content::Text(document) | Content::OnDisk { document: Some(document) }, _) => {
                    let at = At { path: path.clone(), holds: None };
                    here.list.insert(Item::Text(document), at);
                }
                (Content::Blob { hash, bytes }, Some(file)) if top.is_none() => {
                    here.add(file, path.clone(), hash, bytes);
                }
                (Content::OnDisk { document: None }, _) if is_for_others(path, &all) => {
                    on_disk.push(path.clone());
                }
                (Content::Blob { .. } | Content::OnDisk { document: None }, _) => {
                    here.others.insert(path.clone());
                }
            }
        }
        if let Some(top) = top {
            here.look_into(&DiskFolder::open(&top)?, on_disk, known);
        }
        Ok(here)
    }

    fn open_texts_of_folder(&self, id: ProjectId) -> Result<(), WorkbenchError> {
        let unopened = self.try_ask(move |desk| {
            let is_unopened = |(path, entry): &(&ProjectPath, &Entry)| {
                entry.content == Content::OnDisk { document: None } && is_text_name(path)
            };
            let files = desk.project(id)?.files.iter().filter(is_unopened);
            Ok(files.map(|(path, _)| path.clone()).collect::<Vec<_>>())
        })?;
        for path in unopened {
            // What is no text after all is a file like others.
            let _ = self.try_ask(move |desk| Ok(desk.document(id, &path)?.0));
        }
        Ok(())
    }
}

impl Desk {
    /// Files have other places: each is the same file still.
    pub(crate) fn shared_files_moved(
        &mut self,
        id: ProjectId,
        moved: &[(ProjectPath, ProjectPath)],
    ) {
        let shared = self.open.get_mut(&id).and_then(|project| project.shared.as_mut());
        let Some(shared) = shared else { return };
        let files = &mut shared.stored.folder_files;
        let taken: Vec<_> =
            moved.iter().filter_map(|(from, to)| Some((to.clone(), files.remove(from)?))).collect();
        files.extend(taken);
    }
}

impl Here {
    fn add(&mut self, file: FileId, path: ProjectPath, hash: ContentHash, bytes: u64) {
        self.list.insert(Item::File(file), At { path, holds: Some(hash) });
        self.sizes.insert(hash, bytes);
    }

    fn look_into(&mut self, disk: &DiskFolder, paths: Vec<ProjectPath>, known: &FolderFiles) {
        let mut found = Vec::new();
        for path in paths {
            match look_at(disk, &path, known.get(&path)) {
                Some(seen) => found.push((path, seen)),
                None => drop(self.others.insert(path)),
            }
        }
        self.folder = identified(found, known, || FileId(clock::fresh_id()));
        for (path, file) in self.folder.clone() {
            self.add(file.id, path, file.hash, file.bytes);
        }
    }
}

/// What a file holds.
#[derive(Clone, Debug)]
struct Seen {
    hash: ContentHash,
    bytes: u64,
    stamp: Option<FileStamp>,
}

/// What a file of the folder holds, read only if it may have changed. One that cannot be read is as it was known.
fn look_at(disk: &DiskFolder, path: &ProjectPath, known: Option<&FolderFile>) -> Option<Seen> {
    let as_known = || {
        known.map(|FolderFile { hash, bytes, stamp, .. }| Seen {
            hash: *hash,
            bytes: *bytes,
            stamp: *stamp,
        })
    };
    let stamp = match disk.stamp(path) {
        Stamp::Known(stamp) => Some(stamp),
        Stamp::Missing | Stamp::Unknown => None,
    };
    if stamp.is_some() && known.is_some_and(|known| known.stamp == stamp) {
        return as_known();
    }
    match disk.read(path) {
        Ok(Some(bytes)) => {
            Some(Seen { hash: ContentHash::of(&bytes), bytes: bytes.len() as u64, stamp })
        }
        _ => as_known(),
    }
}

/// Which file is which: the same by its path, else, when one with the same contents is gone, by these.
fn identified(
    found: Vec<(ProjectPath, Seen)>,
    known: &FolderFiles,
    mut fresh: impl FnMut() -> FileId,
) -> FolderFiles {
    let places: BTreeSet<&ProjectPath> = found.iter().map(|(path, _)| path).collect();
    let mut gone: Vec<&FolderFile> =
        known.iter().filter(|(path, _)| !places.contains(path)).map(|(_, file)| file).collect();
    let mut files = FolderFiles::new();
    for (path, Seen { hash, bytes, stamp }) in &found {
        let id = known.get(path).map(|file| file.id).or_else(|| {
            let moved = gone.iter().position(|file| file.hash == *hash)?;
            Some(gone.swap_remove(moved).id)
        });
        let (id, hash, bytes, stamp) = (id.unwrap_or_else(&mut fresh), *hash, *bytes, *stamp);
        files.insert(path.clone(), FolderFile { id, hash, bytes, stamp });
    }
    files
}

/// Not hidden, not left behind by a program, and not the PDF that a source beside it makes.
fn is_for_others(path: &ProjectPath, all: &BTreeSet<&ProjectPath>) -> bool {
    if path.as_str().split('/').any(|part| part.starts_with('.')) || path.file_name().ends_with('~')
    {
        return false;
    }
    let extension = path.extension().to_lowercase();
    let is_synctex = path.file_name().ends_with(".synctex.gz");
    if is_synctex || path.file_name().ends_with(".run.xml") {
        return false;
    }
    let source = ProjectPath::resolve(path.folder(), &format!("{}.tex", path.stem()));
    let is_output = extension == "pdf" && source.is_ok_and(|source| all.contains(&source));
    !is_output && !LEFT_BEHIND.contains(&&*extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> ProjectPath {
        ProjectPath::new(text).unwrap()
    }

    fn seen(contents: &str) -> Seen {
        let hash = ContentHash::of(contents.as_bytes());
        Seen { hash, bytes: contents.len() as u64, stamp: None }
    }

    #[test]
    fn a_file_of_a_folder_is_the_same_when_it_was_moved_and_when_it_was_replaced() {
        let mut next = 0;
        let mut fresh = || {
            next += 1;
            FileId([next; 16])
        };
        let ids = |files: &FolderFiles| -> Vec<(String, u8)> {
            files.iter().map(|(path, file)| (path.to_string(), file.id.0[0])).collect()
        };
        let first = vec![(path("a.png"), seen("A")), (path("b.png"), seen("B"))];
        let known = identified(first, &FolderFiles::new(), &mut fresh);
        let then = vec![
            (path("a.png"), seen("other")),
            (path("c.png"), seen("A")),
            (path("fig/b.png"), seen("B")),
        ];
        let known = identified(then, &known, &mut fresh);
        let expected = [("a.png", 1), ("c.png", 3), ("fig/b.png", 2)];
        assert_eq!(ids(&known), expected.map(|(path, id)| (path.to_owned(), id)));
    }

    #[test]
    fn what_programs_leave_is_for_nobody_else() {
        let names = [
            "main.tex",
            "main.pdf",
            "main.aux",
            "main.synctex.gz",
            "fig/plot.pdf",
            ".git/x",
            "b.png",
        ];
        let paths = names.map(path);
        let all: BTreeSet<&ProjectPath> = paths.iter().collect();
        let shared: Vec<&str> = paths
            .iter()
            .filter(|path| is_for_others(path, &all))
            .map(ProjectPath::as_str)
            .collect();
        assert_eq!(shared, ["main.tex", "fig/plot.pdf", "b.png"]);
    }
}
