//! Folders and files that nobody else on the machine may look into: they hold what people write, hashes of their passwords,
//! and the keys that sign access tokens. Windows keeps what is in a user's folder from others by itself.

use std::{fs, io, path::Path};

/// Make a folder, if there is none.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    restrict(folder, 0o700)
}

/// Make a file, if there is none. SQLite gives its companions the mode of the database.
///
/// # Errors
/// When it cannot be made.
pub(crate) fn make_file(file: &Path) -> io::Result<()> {
    fs::File::options().append(true).create(true).open(file)?;
    restrict(file, 0o600)
}

/// A name in a folder is kept when the folder is. Windows has no such call, and keeps names in a journal.
///
/// # Errors
/// When the disk fails.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { fs::File::open(folder)?.sync_all() } else { Ok(()) }
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}
