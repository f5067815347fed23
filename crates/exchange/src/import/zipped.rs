//! Zip archives. Sizes in their headers are never used: only what really comes out is counted.

use super::{ImportError, Intake};
use std::io::{Read, Seek};
use zip::{ZipArchive, result::ZipError};

/// The part of a Unix mode that tells a link or a device from a file.
const TYPE: u32 = 0o170_000;
const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;

pub(super) fn read(archive: impl Read + Seek, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let mut zip = ZipArchive::new(archive).map_err(|error| failed("", error))?;
    if zip.len() > intake.limits.entries {
        return Err(intake.too_large("", &format!("{} entries", intake.limits.entries)));
    }
    for index in 0..zip.len() {
        let about = zip.by_index_data(index).map_err(|error| failed("", error))?;
        // Many archivers write UTF-8 without saying so; what is not UTF-8 is in the PC's old code page.
        let name = match std::str::from_utf8(about.name_raw()) {
            Ok(name) => name.to_owned(),
            Err(_) => about.name().map_err(|error| failed("", error))?.into_owned(),
        };
        let (is_folder, is_encrypted) = (about.is_dir(), about.encrypted());
        let kind = about.unix_mode().map_or(FILE, |mode| mode & TYPE);
        let packed = about.compressed_size();
        let Some(path) = intake.entry(&name)? else { continue };
        if is_folder || kind == FOLDER || name.ends_with(['/', '\\']) {
            continue;
        }
        if !matches!(kind, FILE | 0) {
            intake.pass_over(&name);
            continue;
        }
        if is_encrypted {
            return Err(ImportError::Encrypted { entry: name });
        }
        let file = zip.by_index(index).map_err(|error| failed(&name, error))?;
        intake.take(&name, path, Some(packed), file)?;
    }
    Ok(())
}

fn failed(entry: &str, error: ZipError) -> ImportError {
    let entry = entry.to_owned();
    match error {
        ZipError::InvalidPassword => ImportError::Encrypted { entry },
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            ImportError::Unsupported { entry }
        }
        other => ImportError::Damaged { entry, reason: other.to_string() },
    }
}
