//! Where the bytes of jobs are, by their hash.

use crate::outputs::replace_file;
use quire_project::ContentHash;
use serde::{Deserialize, Serialize};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// SHA-256 of some bytes, written as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BlobId(ContentHash);

impl BlobId {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(ContentHash::of(bytes))
    }
}

impl fmt::Display for BlobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<BlobId> for String {
    fn from(id: BlobId) -> Self {
        id.to_string()
    }
}

impl TryFrom<String> for BlobId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        let hash = ContentHash::from_hex(&text).filter(|_| is_lower);
        hash.map(Self).ok_or("a hash is 64 lower-case hexadecimal digits")
    }
}

/// A store of bytes. Whoever reads checks the hash: a store may be damaged, or far away.
pub trait Blobs: Send + Sync {
    /// The bytes of this hash; `None` when they are not there.
    fn get(&self, id: BlobId) -> io::Result<Option<Vec<u8>>>;

    /// Keep bytes; those that are there already are kept once.
    fn put(&self, bytes: &[u8]) -> io::Result<BlobId>;
}

/// A store in a folder of this computer, one file for each.
#[derive(Clone, Debug)]
pub struct FolderBlobs(PathBuf);

impl FolderBlobs {
    /// In this folder, which is made with the first blob.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    fn place(&self, id: BlobId) -> PathBuf {
        let name = id.to_string();
        self.0.join(&name[..2]).join(name)
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.0
    }
}

impl Blobs for FolderBlobs {
    fn get(&self, id: BlobId) -> io::Result<Option<Vec<u8>>> {
        let place = self.place(id);
        let bytes = match fs::read(&place) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if BlobId::of(&bytes) != id {
            let told = format!("`{}` is damaged: its hash is another", place.display());
            return Err(io::Error::new(io::ErrorKind::InvalidData, told));
        }
        Ok(Some(bytes))
    }

    fn put(&self, bytes: &[u8]) -> io::Result<BlobId> {
        let id = BlobId::of(bytes);
        // One that is damaged is put right.
        if matches!(self.get(id), Ok(Some(_))) {
            return Ok(id);
        }
        let place = self.place(id);
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder)?;
        }
        replace_file(&place, bytes).map_err(io::Error::other)?;
        Ok(id)
    }
}
