//! Writes results so that no reader ever sees half of one: to a new file in the same folder, to the
//! disk, then in place of the old one. Whatever goes wrong, the old file is still there.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Why a result was not written. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// The disk or the quota is full.
    #[error("no room on the disk for `{}`", place.display())]
    DiskFull {
        /// The file.
        place: PathBuf,
    },
    /// The folder may not be written to.
    #[error("the folder `{}` cannot be written to; choose another with --out", folder.display())]
    NotWritable {
        /// The folder.
        folder: PathBuf,
    },
    /// A folder has the name of the file.
    #[error("`{}` is a folder", place.display())]
    IsAFolder {
        /// The place.
        place: PathBuf,
    },
    /// Another refusal of the system, such as a file that another program keeps open.
    #[error("cannot write `{}`: {source}", place.display())]
    Io {
        /// The file.
        place: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Replace `place` by `bytes`. Its folder must exist. A link at `place` is replaced, not followed: a
/// project must not be able to point the PDF at some other file of the author's.
pub fn replace_file(place: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let write =
        |file: &mut fs::File| file.write_all(bytes).map_err(|error| output_error(place, error));
    replace_file_with(place, write)
}

/// As [`replace_file`], for what can be made again at any time: it is whole, but does not wait for the disk.
pub fn replace_preview(place: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    refuse_folder(place)?;
    let failed = |error| output_error(place, error);
    let mut new = new_file(folder_of(place)).map_err(failed)?;
    new.write_all(bytes).map_err(failed)?;
    new.persist(place).map_err(|error| failed(error.error))?;
    Ok(())
}

fn refuse_folder(place: &Path) -> Result<(), OutputError> {
    if fs::symlink_metadata(place).is_ok_and(|metadata| metadata.is_dir()) {
        return Err(OutputError::IsAFolder { place: place.to_owned() });
    }
    Ok(())
}

/// As [`replace_file`], for what is too long to be in memory: `write` is given the new file, and when it
/// fails nothing is replaced.
pub fn replace_file_with<T, E: From<OutputError>>(
    place: &Path,
    write: impl FnOnce(&mut fs::File) -> Result<T, E>,
) -> Result<T, E> {
    refuse_folder(place)?;
    let failed = |error| E::from(output_error(place, error));
    let folder = folder_of(place);
    let mut new = new_file(folder).map_err(failed)?;
    let written = write(new.as_file_mut())?;
    new.as_file().sync_all().map_err(failed)?;
    new.persist(place).map_err(|error| failed(error.error))?;
    sync_folder(folder);
    Ok(written)
}

fn folder_of(place: &Path) -> &Path {
    place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Make the folder that results go to, and those above it.
pub fn make_folder(folder: &Path) -> Result<(), OutputError> {
    fs::create_dir_all(folder).map_err(|error| explain(error, folder, folder))
}

fn new_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".quire-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any program would create it; the umask applies.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

/// Make the rename itself durable, where systems offer that. The file is complete either way.
fn sync_folder(folder: &Path) {
    if cfg!(unix)
        && let Ok(folder) = fs::File::open(folder)
    {
        let _ = folder.sync_all();
    }
}

/// What the refusal of the system means for a file that was to be written.
pub fn output_error(place: &Path, source: io::Error) -> OutputError {
    explain(source, place, folder_of(place))
}

fn explain(source: io::Error, place: &Path, folder: &Path) -> OutputError {
    let place = place.to_owned();
    match source.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            OutputError::DiskFull { place }
        }
        io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
            OutputError::NotWritable { folder: folder.to_owned() }
        }
        _ => OutputError::Io { place, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[test]
    fn replaces_and_leaves_nothing_else() {
        let temp = tempfile::tempdir().unwrap();
        let place = temp.path().join("a.pdf");
        replace_file(&place, b"one").unwrap();
        replace_file(&place, b"two").unwrap();
        assert_eq!(fs::read(&place).unwrap(), b"two");
        assert_eq!(names(temp.path()), ["a.pdf"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_replaced_and_its_target_untouched() {
        let temp = tempfile::tempdir().unwrap();
        let target = temp.path().join("precious");
        fs::write(&target, "kept").unwrap();
        let place = temp.path().join("a.pdf");
        std::os::unix::fs::symlink(&target, &place).unwrap();
        replace_file(&place, b"pdf").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"kept");
        assert_eq!(fs::read(&place).unwrap(), b"pdf");
    }

    #[test]
    fn what_fails_half_way_leaves_the_old_file() {
        let temp = tempfile::tempdir().unwrap();
        let place = temp.path().join("a.zip");
        fs::write(&place, "old").unwrap();
        let fails = |file: &mut fs::File| {
            file.write_all(b"half").unwrap();
            Err(output_error(&place, io::ErrorKind::StorageFull.into()))
        };
        let result: Result<(), OutputError> = replace_file_with(&place, fails);
        assert!(matches!(result, Err(OutputError::DiskFull { .. })));
        assert_eq!(
            (fs::read(&place).unwrap(), names(temp.path())),
            (b"old".to_vec(), vec!["a.zip".into()])
        );
    }

    #[test]
    fn a_folder_in_the_way_is_named() {
        let temp = tempfile::tempdir().unwrap();
        let error = replace_file(temp.path(), b"x").unwrap_err();
        assert!(matches!(error, OutputError::IsAFolder { .. }), "{error}");
    }

    /// `/proc` takes no new files, whoever asks.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_that_takes_no_files_is_an_error() {
        assert!(replace_file(Path::new("/proc/quire.pdf"), b"x").is_err());
    }

    #[test]
    fn causes_are_told_apart() {
        let explained =
            |kind: io::ErrorKind| output_error(Path::new("o/a.pdf"), kind.into()).to_string();
        assert_eq!(explained(io::ErrorKind::StorageFull), "no room on the disk for `o/a.pdf`");
        assert!(explained(io::ErrorKind::PermissionDenied).contains("--out"));
        assert!(explained(io::ErrorKind::ReadOnlyFilesystem).contains("--out"));
        assert!(explained(io::ErrorKind::Other).starts_with("cannot write `o/a.pdf`"));
    }
}
