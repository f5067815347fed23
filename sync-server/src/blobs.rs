//! What files hold, as files named by the SHA-256 of their contents: `blobs/ab/abcd…`, each there once, whole and flushed
//! to the disk, or not at all. What is on its way is in `uploads/`; how much of it has come is the length of the file, so
//! that nothing else has to be kept in step with it.
//!
//! Which project has which is the directory's to know. A blob goes when no project has it; that nobody comes to have it
//! at this moment is what one lock is for.

use crate::{
    directory::{BlobHash, Directory, DirectoryError, UploadId, files, uploads},
    private,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use quire_project::ContentHash;
use sha2::{Digest, Sha256};
use std::{
    collections::HashMap,
    fs, io,
    io::{Read, SeekFrom},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    io::{AsyncSeekExt, AsyncWriteExt},
    sync::Notify,
    time::timeout,
};

/// For so long the next bytes of an upload are waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why bytes were not taken.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// They are not those that come next: so many have come.
    #[error("{0} bytes have come: go on there")]
    Offset(u64),
    /// They are more than were announced.
    #[error("these are more bytes than were announced")]
    TooMany,
    /// They are not what was announced: all of them are thrown away.
    #[error("the bytes are not those of the hash that was announced; begin again")]
    WrongHash,
    /// Nothing came for long, or the line was cut: what has come is kept.
    #[error("the rest did not come")]
    Cut,
    /// The same upload goes on elsewhere.
    #[error("the upload goes on in another request")]
    Superseded,
    /// The disk has no room.
    #[error("the disk is full")]
    DiskFull,
    /// The disk failed.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// The directory did not take it.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
}

impl From<io::Error> for BlobError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Disk(error.to_string()),
        }
    }
}

/// The folders.
pub struct Blobs {
    blobs: PathBuf,
    uploads: PathBuf,
    /// Held while a blob comes to its place and into the directory, or goes.
    placing: tokio::sync::Mutex<()>,
    turns: Mutex<HashMap<UploadId, Turn>>,
}

/// Who writes an upload: one at a time, and the latest goes first, because the one before him is, as a rule, a line that
/// was cut without our knowing.
#[derive(Clone, Default)]
struct Turn {
    writing: Arc<tokio::sync::Mutex<()>>,
    superseded: Arc<Notify>,
}

impl Blobs {
    /// In the relay's folder.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub fn open(data: &Path) -> io::Result<Self> {
        let (blobs, uploads) = (data.join("blobs"), data.join("uploads"));
        private::make_folder(&blobs)?;
        private::make_folder(&uploads)?;
        Ok(Self { blobs, uploads, placing: tokio::sync::Mutex::default(), turns: Mutex::default() })
    }

    /// How many bytes of an upload have come.
    pub async fn offset(&self, upload: UploadId) -> u64 {
        tokio::fs::metadata(self.upload(upload)).await.map_or(0, |about| about.len())
    }

    /// Take bytes of an upload from `offset` on; answers how many have come then. What has come stays, whatever happens
    /// behind it.
    ///
    /// # Errors
    /// When they do not go on where the others ended, are too many, end too soon, or the disk does not take them.
    pub async fn receive<E>(
        &self,
        upload: UploadId,
        size: u64,
        offset: u64,
        mut bytes: impl Stream<Item = Result<Bytes, E>> + Unpin,
    ) -> Result<u64, BlobError> {
        let turn = self.turn(upload);
        turn.superseded.notify_waiters();
        let superseded = turn.superseded.notified();
        tokio::pin!(superseded);
        let _writing = turn.writing.lock().await;
        let path = self.upload(upload);
        private::make_file(&path)?;
        let mut file = tokio::fs::File::options().write(true).open(&path).await?;
        let mut end = file.seek(SeekFrom::End(0)).await?;
        if end != offset {
            return Err(BlobError::Offset(end));
        }
        let cause = loop {
            let next = tokio::select! {
                next = timeout(PATIENCE, bytes.next()) => next,
                () = &mut superseded => break Err(BlobError::Superseded),
            };
            let chunk = match next {
                Ok(Some(Ok(chunk))) => chunk,
                Ok(None) => break Ok(()),
                Ok(Some(Err(_))) | Err(_) => break Err(BlobError::Cut),
            };
            if end + chunk.len() as u64 > size {
                break Err(BlobError::TooMany);
            }
            file.write_all(&chunk).await?;
            end += chunk.len() as u64;
        };
        file.flush().await?;
        cause.map(|()| end)
    }

    /// All bytes of an upload have come: if they are what was announced they are put in their place, flushed to the disk,
    /// and then `finish` tells the directory.
    ///
    /// # Errors
    /// When they are not, or the disk fails, or the directory does not take them.
    pub async fn complete(
        &self,
        upload: UploadId,
        hash: BlobHash,
        finish: impl Future<Output = Result<(), DirectoryError>>,
    ) -> Result<(), BlobError> {
        let turn = self.turn(upload);
        let _writing = turn.writing.lock().await;
        let path = self.upload(upload);
        let from = path.clone();
        // What is hashed is what the disk has, not what came.
        let hashed = blocking(move || {
            if hash.0 == ContentHash::of(&[]) {
                private::make_file(&from)?;
            }
            fs::File::open(&from)?.sync_all()?;
            hash_of(&from)
        });
        match hashed.await {
            Ok(found) if found == hash => {}
            Ok(_) => {
                tokio::fs::remove_file(&path).await?;
                return Err(BlobError::WrongHash);
            }
            // Another request was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(DirectoryError::NotFound("upload").into());
            }
            Err(error) => return Err(error.into()),
        }
        let _placing = self.placing.lock().await;
        let to = self.path(hash);
        blocking(move || put_in_place(&path, &to)).await?;
        finish.await?;
        self.lock().remove(&upload);
        Ok(())
    }

    /// Keep bytes that nobody sends: what the directory is to be told of them. Blocks, and only where no relay serves: it
    /// would sweep them away.
    ///
    /// # Errors
    /// When they cannot be read, or the disk fails.
    pub fn keep(&self, bytes: &mut impl Read) -> io::Result<(BlobHash, u64)> {
        let path = self.upload(UploadId::new());
        private::make_file(&path)?;
        let mut file = fs::File::options().write(true).open(&path)?;
        let size = io::copy(bytes, &mut file)?;
        file.sync_all()?;
        let hash = hash_of(&path)?;
        put_in_place(&path, &self.path(hash))?;
        Ok((hash, size))
    }

    /// Read a blob from somewhere on.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn read(&self, hash: BlobHash, from: u64) -> io::Result<tokio::fs::File> {
        let mut file = tokio::fs::File::open(self.path(hash)).await?;
        file.seek(SeekFrom::Start(from)).await?;
        Ok(file)
    }

    /// Blobs that no project has go, and uploads that nobody can go on with.
    ///
    /// # Errors
    /// When the disk or the directory fails.
    pub async fn sweep(&self, directory: &Directory) -> Result<(), BlobError> {
        for name in names_in(&self.uploads).await? {
            let Ok(id) = name.parse::<UploadId>() else { continue };
            if !directory.read(move |conn| uploads::is_under_way(conn, id)).await? {
                self.lock().remove(&id);
                remove_if_there(self.upload(id)).await?;
            }
        }
        for folder in names_in(&self.blobs).await? {
            for name in names_in(&self.blobs.join(folder)).await? {
                let Ok(hash) = name.parse::<BlobHash>() else { continue };
                let _placing = self.placing.lock().await;
                if !directory.read(move |conn| files::is_held(conn, hash)).await? {
                    remove_if_there(self.path(hash)).await?;
                }
            }
        }
        Ok(())
    }

    fn turn(&self, upload: UploadId) -> Turn {
        self.lock().entry(upload).or_default().clone()
    }

    fn path(&self, hash: BlobHash) -> PathBuf {
        path_of(&self.blobs, hash)
    }

    fn upload(&self, id: UploadId) -> PathBuf {
        self.uploads.join(id.to_string())
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<UploadId, Turn>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Read all of these blobs in a relay's folder, also while it serves. Blocks.
///
/// # Errors
/// At the first that is missing or does not hold what its name says.
pub fn verify(data: &Path, hashes: &[BlobHash]) -> Result<(), BlobError> {
    for hash in hashes {
        let path = place(data, *hash);
        let damaged = |what: String| BlobError::Disk(format!("{}: {what}", path.display()));
        let found = hash_of(&path).map_err(|error| damaged(error.to_string()))?;
        if found != *hash {
            return Err(damaged(format!("it holds something else, {found}")));
        }
    }
    Ok(())
}

/// Where a blob is in a relay's folder.
pub(crate) fn place(data: &Path, hash: BlobHash) -> PathBuf {
    path_of(&data.join("blobs"), hash)
}

fn path_of(blobs: &Path, hash: BlobHash) -> PathBuf {
    let name = hash.to_string();
    blobs.join(&name[..2]).join(name)
}

/// What was flushed to the disk is there under its name, after a crash too.
fn put_in_place(from: &Path, to: &Path) -> io::Result<()> {
    let folder = to.parent().unwrap_or(to);
    if !folder.is_dir() {
        private::make_folder(folder)?;
        private::sync_folder(folder.parent().unwrap_or(folder))?;
    }
    fs::rename(from, to)?;
    private::sync_folder(folder)
}

fn hash_of(path: &Path) -> io::Result<BlobHash> {
    let (mut file, mut hasher) = (fs::File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 256 << 10];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            return Ok(BlobHash(ContentHash(hasher.finalize().into())));
        }
        hasher.update(&buffer[..count]);
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(io::Error::other(error)))
}

async fn names_in(folder: &Path) -> io::Result<Vec<String>> {
    let folder = folder.to_owned();
    blocking(move || {
        let entries = fs::read_dir(folder)?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    })
    .await
}

async fn remove_if_there(path: PathBuf) -> io::Result<()> {
    match tokio::fs::remove_file(path).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
