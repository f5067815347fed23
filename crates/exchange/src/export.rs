//! A project as a zip archive: the same files give the same bytes.

use quire_project::ProjectPath;
use std::io::{self, Seek, Write};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// Why the archive is not whole.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The place to write to refused.
    #[error("cannot write `{entry}` into the archive: {source}")]
    Write {
        /// The file, or empty for the archive's directory.
        entry: String,
        /// What the system said.
        source: io::Error,
    },
}

/// Write the files, sorted, with names in UTF-8 and without times: archives of equal projects are equal.
/// `read` is asked for one after the other, so that no more than one is in memory; one that it does not
/// have is left out. How many were written.
pub fn export_zip<Bytes: AsRef<[u8]>, E: From<ExportError>>(
    paths: &[ProjectPath],
    mut read: impl FnMut(&ProjectPath) -> Result<Option<Bytes>, E>,
    writer: impl Write + Seek,
) -> Result<usize, E> {
    let mut paths: Vec<&ProjectPath> = paths.iter().collect();
    paths.sort();
    let mut zip = ZipWriter::new(writer);
    let mut written = 0;
    for path in paths {
        let Some(bytes) = read(path)? else { continue };
        add(&mut zip, path, bytes.as_ref())
            .map_err(|source| ExportError::Write { entry: path.to_string(), source })?;
        written += 1;
    }
    let done = zip.finish();
    done.map_err(|error| ExportError::Write { entry: String::new(), source: error.into() })?;
    Ok(written)
}

fn add(zip: &mut ZipWriter<impl Write + Seek>, path: &ProjectPath, bytes: &[u8]) -> io::Result<()> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644)
        .large_file(bytes.len() as u64 >= u64::from(u32::MAX));
    zip.start_file(path.as_str(), options)?;
    zip.write_all(bytes)
}
