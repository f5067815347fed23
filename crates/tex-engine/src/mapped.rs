//! Read-only files mapped into memory: the bundle and the format.

use memmap2::Mmap;
use std::{fs::File, io, path::Path};

/// A file as a slice of bytes.
pub struct MappedFile(Mmap);

impl MappedFile {
    /// Map a file read-only.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: bundles are installed by an atomic rename and never changed in place, so the
        // mapping does not change under us; a hostile truncation raises SIGBUS, which kills at most
        // the process that maps it.
        let map = unsafe { Mmap::map(&file)? };
        Ok(Self(map))
    }
}

impl AsRef<[u8]> for MappedFile {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}
