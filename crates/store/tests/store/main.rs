//! What the store promises, on real databases in temporary folders.

#![allow(clippy::unwrap_used)]

mod blobs;
mod discussions;
mod disk_states;
mod documents;
mod failures;
mod files;
mod latency;
mod model;
mod projects;
mod recovery;
mod search;
mod versions;

use quire_project::{DocumentId, FileId, ProjectId, ProjectPath, UnixMs};
use quire_store::{CaseClash, NewFile, NewProject, Options, Store, StoreError};
use std::path::{Path, PathBuf};

/// A store in a folder of its own.
struct Fixture {
    folder: tempfile::TempDir,
    /// `None` only while it is closed.
    store: Option<Store>,
}

impl Fixture {
    fn new() -> Self {
        Self::with(&Options::default())
    }

    fn with(options: &Options) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("quire.db"), options).unwrap();
        Self { folder, store: Some(store) }
    }

    /// With a project whose id is `id(1)`.
    fn with_project() -> Self {
        let fixture = Self::new();
        fixture.write(|tx| tx.create_project(&project(1, "Thesis"), UnixMs(10)));
        fixture
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("quire.db")
    }

    fn store(&self) -> &Store {
        self.store.as_ref().unwrap()
    }

    fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&quire_store::WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        self.store().write(work).unwrap()
    }

    fn read<T>(&self, work: impl FnOnce(&quire_store::ReadTx<'_>) -> Result<T, StoreError>) -> T {
        self.store().read(work).unwrap()
    }

    /// A text file of project 1, with the same number as id of the file and of its document.
    fn text_file(&self, number: u8, path: &str) -> Result<(), StoreError> {
        let new = file(number, path);
        self.store().write(move |tx| {
            tx.create_text_file(&new, DocumentId(id(number)), b"seed", "Ada", UnixMs(20))
        })
    }

    fn paths(&self) -> Vec<String> {
        let files = self.read(|tx| tx.files(ProjectId(id(1))));
        files.into_iter().map(|file| file.path.to_string()).collect()
    }

    fn reopen(&mut self) {
        self.store = None;
        self.store = Some(Store::open(&self.path(), &Options::default()).unwrap());
    }
}

fn id(number: u8) -> [u8; 16] {
    [number; 16]
}

fn project(number: u8, name: &str) -> NewProject {
    NewProject {
        id: ProjectId(id(number)),
        name: name.to_owned(),
        engine: "xetex".to_owned(),
        linked_folder: None,
        settings: serde_json::json!({}),
    }
}

fn file(number: u8, path: &str) -> NewFile {
    NewFile {
        id: FileId(id(number)),
        project: ProjectId(id(1)),
        path: at(path),
        clash: CaseClash::Refuse,
    }
}

fn at(path: &str) -> ProjectPath {
    ProjectPath::new(path).unwrap()
}

/// Seeded random numbers (splitmix64), the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

/// What chance follows from, printed so that a failure can be repeated with `QUIRE_SEED`.
fn seed() -> u64 {
    let seed = std::env::var("QUIRE_SEED").map_or(1, |seed| seed.parse().unwrap());
    println!("QUIRE_SEED={seed}");
    seed
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
