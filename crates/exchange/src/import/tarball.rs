//! Tar archives and single compressed sources, as arXiv has them.

use super::{ImportError, Intake, broken, read_up_to};
use flate2::read::MultiGzDecoder;
use std::io::{self, Cursor, Read};
use tar::{Archive, EntryType};

/// Size of a header, and the unit of everything in a tar archive.
const BLOCK: usize = 512;

pub(super) fn read_plain(archive: impl Read, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let mut archive = Bounded::new(archive, intake);
    let start = first_block(&mut archive)?;
    if !is_tar(&start) {
        return Err(ImportError::NotAnArchive);
    }
    read(Cursor::new(start).chain(archive), intake)
}

pub(super) fn read_gz(
    archive: impl Read,
    file_name: &str,
    intake: &mut Intake<'_>,
) -> Result<(), ImportError> {
    let mut unpacked = Bounded::new(MultiGzDecoder::new(archive), intake);
    let start = first_block(&mut unpacked)?;
    if is_tar(&start) {
        return read(Cursor::new(start).chain(unpacked), intake);
    }
    if start.starts_with(b"%PDF") {
        return Err(ImportError::NotAnArchive);
    }
    let header = unpacked.reader.header();
    let named =
        header.and_then(|header| header.filename()).and_then(|n| std::str::from_utf8(n).ok());
    let own = file_name.strip_suffix(".gz").unwrap_or(file_name);
    let name = named.unwrap_or(own).rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    // arXiv's numbers, `2401.01234`, are no names of sources.
    let is_named = [".tex", ".ltx", ".bib", ".txt"].iter().any(|ending| name.ends_with(ending));
    let name = if is_named { name } else { "main.tex".to_owned() };
    if let Some(path) = intake.entry(&name)? {
        intake.take(&name, path, None, Cursor::new(start).chain(unpacked))?;
    }
    Ok(())
}

fn read(archive: impl Read, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let mut archive = Archive::new(archive);
    for entry in archive.entries()? {
        let entry = entry.map_err(|error| broken("", &error))?;
        let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let kind = entry.header().entry_type();
        if matches!(kind, EntryType::XGlobalHeader | EntryType::XHeader) {
            continue;
        }
        let Some(path) = intake.entry(&name)? else { continue };
        match kind {
            EntryType::Regular | EntryType::Continuous => {
                let said = entry.size();
                let before = intake.total;
                intake.take(&name, path, None, entry)?;
                if intake.total - before < said {
                    let reason = "it ends too early".to_owned();
                    return Err(ImportError::Damaged { entry: name, reason });
                }
            }
            EntryType::Directory => {}
            _ => intake.pass_over(&name),
        }
    }
    Ok(())
}

fn first_block(reader: &mut impl Read) -> Result<Vec<u8>, ImportError> {
    let mut start = vec![0; BLOCK];
    let read = read_up_to(reader, &mut start).map_err(|error| broken("", &error))?;
    start.truncate(read);
    Ok(start)
}

/// By the check sum of the first header, which also archives from before POSIX have.
fn is_tar(start: &[u8]) -> bool {
    let Ok(block) = <&[u8; BLOCK]>::try_from(start) else { return false };
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(i, byte)| if (148..156).contains(&i) { 32 } else { u32::from(*byte) })
        .sum();
    let header = tar::Header::from_byte_slice(block);
    block[0] != 0 && header.cksum().is_ok_and(|said| said == sum)
}

/// Everything that is unpacked counts, also what lies between the files and is passed over.
struct Bounded<R> {
    reader: R,
    left: u64,
}

/// The end of the limit.
#[derive(Debug, thiserror::Error)]
#[error("it unpacks to more than all files together may have")]
pub(super) struct TooMuch;

impl<R> Bounded<R> {
    fn new(reader: R, intake: &Intake<'_>) -> Self {
        // A header, a long name and padding for each entry.
        let around = intake.limits.entries as u64 * 8 * BLOCK as u64;
        Self { reader, left: intake.limits.total_bytes.saturating_add(around) }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => return Err(io::Error::other(TooMuch)),
        }
        Ok(read)
    }
}
