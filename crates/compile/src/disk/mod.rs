//! A project in a folder on disk. Files are opened through a capability of that folder, so neither
//! `..` nor a symbolic link leads outside; each file is read once and then stays as it was, so all
//! passes of one build see the same project even while the author saves.

mod listing;
mod placeholder;
mod stamp;

use cap_fs_ext::OpenOptionsSyncExt;
use cap_std::{
    ambient_authority,
    fs::{Dir, OpenOptions},
};
use quire_project::{FileSource, FileStamp, ProjectPath, ReadError, Stamp};
use std::{
    collections::{BTreeMap, HashMap},
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

pub use listing::Listing;

/// The largest file that is read unless the caller says otherwise: 1 GB.
pub const DEFAULT_FILE_LIMIT: u64 = 1_000_000_000;

/// Contents kept for later reads of the same build; what goes beyond is read anew each time.
const VIEW_BYTES: u64 = 1 << 30;

/// Why a folder cannot be opened as a project.
#[derive(Debug, thiserror::Error)]
#[error("cannot open the folder `{}`: {source}", folder.display())]
pub struct OpenFolderError {
    /// The folder.
    pub folder: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

/// The files of a folder, with unsaved texts laid over them.
pub struct DiskFolder {
    dir: Dir,
    /// The folder's real path, for links that are absolute but lead back inside.
    real: PathBuf,
    overlay: BTreeMap<ProjectPath, Arc<[u8]>>,
    file_limit: u64,
    view: Mutex<View>,
    listing: OnceLock<Listing>,
}

/// What has been read so far.
#[derive(Default)]
struct View {
    files: HashMap<ProjectPath, Option<Seen>>,
    bytes: u64,
}

/// A file as it was when first read.
#[derive(Clone)]
struct Seen {
    bytes: Arc<[u8]>,
    stamp: Option<FileStamp>,
    /// Set when the bytes are another file's: see [`placeholder`].
    stand_in: Option<ProjectPath>,
}

impl DiskFolder {
    /// Open the project folder. It must exist; a link to a folder is followed.
    pub fn open(folder: &Path) -> Result<Self, OpenFolderError> {
        let failed = |source| OpenFolderError { folder: folder.to_owned(), source };
        let real = std::fs::canonicalize(folder).map_err(failed)?;
        let dir = Dir::open_ambient_dir(&real, ambient_authority()).map_err(failed)?;
        Ok(Self {
            dir,
            real,
            overlay: BTreeMap::new(),
            file_limit: DEFAULT_FILE_LIMIT,
            view: Mutex::default(),
            listing: OnceLock::new(),
        })
    }

    /// Serve these texts in place of what is on disk.
    #[must_use]
    pub fn with_overlay(
        mut self,
        texts: impl IntoIterator<Item = (ProjectPath, Arc<[u8]>)>,
    ) -> Self {
        self.overlay.extend(texts);
        self
    }

    /// Refuse files larger than `bytes`.
    #[must_use]
    pub fn with_file_limit(mut self, bytes: u64) -> Self {
        self.file_limit = bytes;
        self
    }

    /// The folder's real path, all links resolved.
    pub fn real_path(&self) -> &Path {
        &self.real
    }

    /// All files with what the walk left out.
    pub fn listing(&self) -> &Listing {
        self.listing.get_or_init(|| listing::walk(&self.dir, self.overlay.keys()))
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file as first seen, read now when it was not yet.
    fn see(&self, path: &ProjectPath) -> Result<Option<Seen>, ReadError> {
        if let Some(text) = self.overlay.get(path) {
            return Ok(Some(Seen { bytes: text.clone(), stamp: None, stand_in: None }));
        }
        if let Some(seen) = self.view().files.get(path) {
            return Ok(seen.clone());
        }
        let mut seen = self.read_from_disk(path)?;
        if let Some(found) = &mut seen
            && let Some(target) = placeholder::target(path, &found.bytes)
            && let Some(served) = self.follow(target)?
        {
            *found = served;
        }
        let mut view = self.view();
        let bytes = seen.as_ref().map_or(0, |seen| seen.bytes.len() as u64);
        if view.bytes + bytes <= VIEW_BYTES {
            view.bytes += bytes;
            view.files.insert(path.clone(), seen.clone());
        }
        Ok(seen)
    }

    /// What a placeholder that names `target` stands for, through at most a few further ones.
    fn follow(&self, mut target: ProjectPath) -> Result<Option<Seen>, ReadError> {
        for _ in 0..placeholder::MAX_HOPS {
            let found = match self.overlay.get(&target) {
                Some(text) => Some(Seen { bytes: text.clone(), stamp: None, stand_in: None }),
                None => self.read_from_disk(&target)?,
            };
            let Some(found) = found else { return Ok(None) };
            match placeholder::target(&target, &found.bytes) {
                // The stamp is dropped: it says nothing about the placeholder itself.
                None => return Ok(Some(Seen { stamp: None, stand_in: Some(target), ..found })),
                Some(next) => target = next,
            }
        }
        Ok(None)
    }

    fn read_from_disk(&self, path: &ProjectPath) -> Result<Option<Seen>, ReadError> {
        let inside = Path::new(path.as_str());
        match self.read_at(path, inside) {
            Err(ReadError::LeadsOutside { .. }) => match self.real_place(inside) {
                Some(real) => self.read_at(path, &real),
                None => Err(ReadError::LeadsOutside { path: path.clone() }),
            },
            result => result,
        }
    }

    /// Where a path with an absolute link in it ends, when that is inside. The answer may be out of
    /// date at once; it is opened through the capability like any other.
    fn real_place(&self, inside: &Path) -> Option<PathBuf> {
        let real = std::fs::canonicalize(self.real.join(inside)).ok()?;
        real.strip_prefix(&self.real).ok().map(Path::to_owned)
    }

    fn read_at(&self, path: &ProjectPath, place: &Path) -> Result<Option<Seen>, ReadError> {
        // Looked at before opening, since opening alone can act on a device; and opened without
        // blocking, since it may have become a FIFO in between.
        match self.dir.metadata(place) {
            Ok(metadata) if metadata.is_file() => {}
            Ok(_) => return Err(ReadError::NotAFile { path: path.clone() }),
            Err(error) => return absent_or_error(path, error),
        }
        let mut options = OpenOptions::new();
        options.read(true).nonblock(true);
        let mut file = match self.dir.open_with(place, &options) {
            Ok(file) => file,
            Err(error) => return absent_or_error(path, error),
        };
        let io = |source| ReadError::Io { path: path.clone(), source };
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(ReadError::NotAFile { path: path.clone() });
        }
        let too_large =
            |bytes| ReadError::TooLarge { path: path.clone(), bytes, limit: self.file_limit };
        if metadata.len() > self.file_limit {
            return Err(too_large(metadata.len()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
        // One byte more than allowed: the file may be growing.
        (&mut file).take(self.file_limit + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > self.file_limit {
            return Err(too_large(bytes.len() as u64));
        }
        // A file that was written to meanwhile gets no stamp and is compared by contents.
        let before = stamp::of(&metadata);
        let after = file.metadata().ok().as_ref().and_then(stamp::of);
        let stamp = before.filter(|_| before == after);
        Ok(Some(Seen { bytes: bytes.into(), stamp, stand_in: None }))
    }
}

impl FileSource for DiskFolder {
    fn read(&self, path: &ProjectPath) -> Result<Option<Arc<[u8]>>, ReadError> {
        Ok(self.see(path)?.map(|seen| seen.bytes))
    }

    fn list(&self) -> Vec<ProjectPath> {
        self.listing().files.clone()
    }

    fn stamp(&self, path: &ProjectPath) -> Stamp {
        if self.overlay.contains_key(path) {
            return Stamp::Unknown;
        }
        if let Some(seen) = self.view().files.get(path) {
            return match seen {
                None => Stamp::Missing,
                Some(seen) => seen.stamp.map_or(Stamp::Unknown, Stamp::Known),
            };
        }
        match self.dir.metadata(path.as_str()) {
            // What may be a placeholder stands for another file.
            Ok(metadata) if metadata.len() <= placeholder::MAX_BYTES => Stamp::Unknown,
            Ok(metadata) if metadata.is_file() => {
                stamp::of(&metadata).map_or(Stamp::Unknown, Stamp::Known)
            }
            Err(error) if is_absent(&error) => Stamp::Missing,
            Ok(_) | Err(_) => Stamp::Unknown,
        }
    }

    fn stand_in(&self, path: &ProjectPath) -> Option<ProjectPath> {
        self.see(path).ok()??.stand_in
    }
}

/// “No such file”, in all the ways in which systems say it.
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory | io::ErrorKind::InvalidFilename
    )
}

fn absent_or_error(path: &ProjectPath, error: io::Error) -> Result<Option<Seen>, ReadError> {
    if is_absent(&error) {
        Ok(None)
    } else if error.kind() == io::ErrorKind::PermissionDenied && error.raw_os_error().is_none() {
        // How the capability refuses a path that leaves the folder; the system's own refusals
        // carry an error number.
        Err(ReadError::LeadsOutside { path: path.clone() })
    } else {
        Err(ReadError::Io { path: path.clone(), source: error })
    }
}

#[cfg(test)]
mod tests;
