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
pub fn export_zip<'a>(
    files: impl IntoIterator<Item = (&'a ProjectPath, &'a [u8])>,
    writer: impl Write + Seek,
) -> Result<(), ExportError> {
    let mut files: Vec<_> = files.into_iter().collect();
    files.sort();
    let mut zip = ZipWriter::new(writer);
    for (path, bytes) in files {
        let failed = |source: io::Error| ExportError::Write { entry: path.to_string(), source };
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .large_file(bytes.len() as u64 >= u64::from(u32::MAX));
        zip.start_file(path.as_str(), options).map_err(|error| failed(error.into()))?;
        zip.write_all(bytes).map_err(failed)?;
    }
    let done = zip.finish();
    done.map_err(|error| ExportError::Write { entry: String::new(), source: error.into() })?;
    Ok(())
}
