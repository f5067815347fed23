//! Copies of a relay's folder, made while it serves, and put back. The directory is copied first, then the documents, then
//! what files hold: so all that the directory tells of is there, and what came meanwhile is harmless. A copy is read back
//! before it counts, and has another name until then.

use crate::{
    archive, blobs,
    directory::{self, BlobHash, audit::Head},
    private,
};
use anyhow::{Context, Result, bail, ensure};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

/// What a copy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// The end of the audit log.
    pub audit: Head,
    /// How many documents.
    pub documents: u64,
    /// How many different contents of files.
    pub blobs: usize,
}

/// Copy a relay's folder to a new one, also while the relay serves. Blocks.
///
/// # Errors
/// When the new folder is there already and not empty, a disk fails, or the copy is not whole.
pub fn backup(data: &Path, to: &Path) -> Result<Contents> {
    into_new(to, |partial| {
        for name in [directory::FILE, archive::FILE] {
            let (from, copy) = (data.join(name), partial.join(name));
            private::make_file(&copy)?;
            let conn =
                read_only(&from).with_context(|| format!("cannot read {}", from.display()))?;
            // One point in time, whatever is written meanwhile. It wants to make the file itself, or finds it empty.
            conn.execute("VACUUM INTO ?1", [copy.to_string_lossy()])
                .with_context(|| format!("cannot copy {}", from.display()))?;
        }
        let hashes = of_this_version(partial)?;
        copy_blobs(data, partial, &hashes)
    })
}

/// Put a copy in the place of a relay's folder. Blocks.
///
/// # Errors
/// When the folder is there already and not empty, a disk fails, or the copy is not whole.
pub fn restore(from: &Path, data: &Path) -> Result<Contents> {
    into_new(data, |partial| {
        for name in [directory::FILE, archive::FILE] {
            let (from, copy) = (from.join(name), partial.join(name));
            private::make_file(&copy)?;
            fs::copy(&from, &copy)
                .with_context(|| format!("{} is no whole copy of a relay", from.display()))?;
        }
        let hashes = of_this_version(partial)?;
        copy_blobs(from, partial, &hashes)
    })
}

/// Make a folder, check what it holds, and only then give it its name.
fn into_new(to: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<Contents> {
    if let Ok(mut entries) = fs::read_dir(to) {
        ensure!(entries.next().is_none(), "{} is not empty", to.display());
    } else if to.exists() {
        bail!("{} is no folder", to.display());
    }
    let name = to.file_name().with_context(|| format!("{} has no name", to.display()))?;
    let partial: PathBuf = to.with_file_name(format!("{}.partial", name.to_string_lossy()));
    if partial.exists() {
        // Of one that was cut.
        fs::remove_dir_all(&partial)
            .with_context(|| format!("cannot remove {}", partial.display()))?;
    }
    private::make_folder(&partial).with_context(|| format!("cannot make {}", partial.display()))?;
    let contents = fill(&partial).and_then(|()| check(&partial)).and_then(|contents| {
        for name in [directory::FILE, archive::FILE] {
            fs::File::open(partial.join(name))?.sync_all()?;
        }
        if to.exists() {
            fs::remove_dir(to)?;
        }
        fs::rename(&partial, to)?;
        let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty());
        private::sync_folder(to)?;
        private::sync_folder(parent.unwrap_or(Path::new(".")))?;
        Ok(contents)
    });
    if contents.is_err() {
        // The reason is told; what is left of it is removed by the next.
        let _ = fs::remove_dir_all(&partial);
    }
    contents
}

/// Read all of a folder that no relay serves.
fn check(folder: &Path) -> Result<Contents> {
    let (audit, hashes) = directory::check(folder, None)?;
    let documents = archive::verify(folder)?;
    blobs::verify(folder, &hashes)?;
    Ok(Contents { audit, documents, blobs: hashes.len() })
}

/// Tables are brought to this version, should they be older.
fn of_this_version(folder: &Path) -> Result<Vec<BlobHash>> {
    drop(directory::Directory::open(folder)?);
    drop(archive::Archive::open(folder, None)?);
    Ok(directory::check(folder, None)?.1)
}

fn copy_blobs(from: &Path, to: &Path, hashes: &[BlobHash]) -> Result<()> {
    for folder in ["blobs", "uploads"] {
        private::make_folder(&to.join(folder))?;
    }
    for hash in hashes {
        let (source, copy) = (blobs::place(from, *hash), blobs::place(to, *hash));
        if let Some(folder) = copy.parent() {
            private::make_folder(folder)?;
        }
        private::make_file(&copy)?;
        fs::copy(&source, &copy).with_context(|| format!("cannot copy {}", source.display()))?;
        fs::File::open(&copy)?.sync_all()?;
    }
    Ok(())
}

fn read_only(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.busy_timeout(Duration::from_secs(10))?;
    Ok(conn)
}
