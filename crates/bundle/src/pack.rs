//! The pack: all files of a bundle in one, read where it lies.
//!
//! Layout, all numbers little-endian:
//! ```text
//! 0   magic "QUIREPK1"
//! 8   u64 number of entries
//! 16  u64 offset of the index
//! 24  u64 offset of the names
//! 32  u64 length of the whole file
//! 40  32 bytes SHA-256 over names and hashes in order: the bundle's digest
//! 72  data …
//!     index: per entry u64 name offset, u64 name length, u64 data offset, u64 data length,
//!            32 bytes SHA-256 of the data; sorted by name, bytewise
//!     names: one after the other
//! ```
//! Opening looks at the header only; look-ups are binary searches over the mapped index. Every offset
//! is checked when it is used, so a damaged pack gives errors or misses, never a panic.

use quire_project::{ContentHash, Hasher};
use std::{
    io::{self, Write},
    ops::Range,
};

const MAGIC: &[u8; 8] = b"QUIREPK1";
const HEADER_BYTES: usize = 72;
const ENTRY_BYTES: usize = 64;

/// Why a pack cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// Not a pack at all, or one of another version.
    #[error("not a Quire bundle, or one of another version")]
    NotAPack,
    /// Shorter or longer than it says.
    #[error("the file has {found} bytes and should have {expected}: it is truncated or damaged")]
    WrongLength {
        /// What the header says.
        expected: u64,
        /// What there is.
        found: u64,
    },
    /// The index points outside the file or is out of order.
    #[error("the index is damaged at entry {entry}")]
    BadIndex {
        /// Which entry, counted from 0.
        entry: usize,
    },
    /// A file's bytes are not those that were packed.
    #[error("`{name}` is damaged")]
    BadContent {
        /// The file.
        name: String,
    },
    /// The digest does not fit the index.
    #[error("the digest does not fit the index")]
    BadDigest,
}

/// A pack over mapped (or owned) bytes.
pub struct Pack<B> {
    bytes: B,
    entries: usize,
    index: usize,
    names: usize,
}

struct Entry<'a> {
    name: &'a [u8],
    data: (usize, usize),
    hash: ContentHash,
}

impl<B: AsRef<[u8]>> Pack<B> {
    /// Open a pack. Reads the header only.
    pub fn open(bytes: B) -> Result<Self, PackError> {
        let all = bytes.as_ref();
        if all.len() < HEADER_BYTES || &all[..8] != MAGIC {
            return Err(PackError::NotAPack);
        }
        let expected = u64_at(all, 32).ok_or(PackError::NotAPack)?;
        if expected != all.len() as u64 {
            return Err(PackError::WrongLength { expected, found: all.len() as u64 });
        }
        let field = |at| usize::try_from(u64_at(all, at)?).ok();
        let bad = PackError::BadIndex { entry: 0 };
        let (Some(entries), Some(index), Some(names)) = (field(8), field(16), field(24)) else {
            return Err(bad);
        };
        let end = entries.checked_mul(ENTRY_BYTES).and_then(|length| length.checked_add(index));
        if end.is_none_or(|end| end > names) || names > all.len() {
            return Err(bad);
        }
        Ok(Self { bytes, entries, index, names })
    }

    /// The bytes of a file.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.bytes().get(self.find(name)?)
    }

    /// Where a file is in the bytes of the pack.
    pub fn find(&self, name: &str) -> Option<Range<usize>> {
        let mut low = 0;
        let mut high = self.entries;
        while low < high {
            let middle = low + (high - low) / 2;
            let entry = self.entry(middle)?;
            match entry.name.cmp(name.as_bytes()) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => {
                    let (start, length) = entry.data;
                    return Some(start..start.checked_add(length)?);
                }
            }
        }
        None
    }

    /// All of the pack.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.as_ref()
    }

    /// Number of files.
    pub fn len(&self) -> usize {
        self.entries
    }

    /// True when there is no file.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        (0..self.entries).filter_map(|i| std::str::from_utf8(self.entry(i)?.name).ok())
    }

    /// The digest in the header: it names the bundle.
    pub fn digest(&self) -> ContentHash {
        let mut digest = [0; 32];
        digest.copy_from_slice(&self.bytes.as_ref()[40..72]);
        ContentHash(digest)
    }

    /// Check the order of the index, every file's hash, and the digest. Reads everything.
    pub fn verify(&self) -> Result<(), PackError> {
        let mut digest = Hasher::default();
        let mut last: Option<&[u8]> = None;
        let mut offset = HEADER_BYTES;
        for i in 0..self.entries {
            let bad = PackError::BadIndex { entry: i };
            let Some(entry) = self.entry(i) else { return Err(bad) };
            if last.is_some_and(|last| last >= entry.name) || entry.data.0 != offset {
                return Err(bad);
            }
            last = Some(entry.name);
            let Some(data) = self.slice(entry.data) else { return Err(bad) };
            if ContentHash::of(data) != entry.hash {
                let name = String::from_utf8_lossy(entry.name).into_owned();
                return Err(PackError::BadContent { name });
            }
            offset += data.len();
            digest.field(entry.name);
            digest.update(&entry.hash.0);
        }
        if digest.finish() == self.digest() { Ok(()) } else { Err(PackError::BadDigest) }
    }

    fn entry(&self, i: usize) -> Option<Entry<'_>> {
        let all = self.bytes.as_ref();
        let at = self.index + i * ENTRY_BYTES;
        let number = |k: usize| usize::try_from(u64_at(all, at + k)?).ok();
        let name_start = self.names.checked_add(number(0)?)?;
        let name = all.get(name_start..name_start.checked_add(number(8)?)?)?;
        let mut hash = [0; 32];
        hash.copy_from_slice(all.get(at + 32..at + 64)?);
        Some(Entry { name, data: (number(16)?, number(24)?), hash: ContentHash(hash) })
    }

    fn slice(&self, (start, length): (usize, usize)) -> Option<&[u8]> {
        self.bytes.as_ref().get(start..start.checked_add(length)?)
    }
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}

/// Writes a pack. Files must come sorted by name.
pub struct PackWriter<W> {
    out: W,
    offset: u64,
    index: Vec<u8>,
    names: Vec<u8>,
    entries: u64,
    digest: Hasher,
}

impl<W: Write + io::Seek> PackWriter<W> {
    /// Begin a pack in `out`.
    pub fn new(mut out: W) -> io::Result<Self> {
        out.write_all(&[0; HEADER_BYTES])?;
        Ok(Self {
            out,
            offset: HEADER_BYTES as u64,
            index: Vec::new(),
            names: Vec::new(),
            entries: 0,
            digest: Hasher::default(),
        })
    }

    /// Add a file.
    pub fn add(&mut self, name: &str, data: &[u8]) -> io::Result<()> {
        let hash = ContentHash::of(data);
        self.out.write_all(data)?;
        let numbers = [self.names.len() as u64, name.len() as u64, self.offset, data.len() as u64];
        numbers.iter().for_each(|n| self.index.extend(n.to_le_bytes()));
        self.index.extend(hash.0);
        self.names.extend(name.as_bytes());
        self.offset += data.len() as u64;
        self.entries += 1;
        self.digest.field(name.as_bytes());
        self.digest.update(&hash.0);
        Ok(())
    }

    /// Write the index and the header; returns the digest.
    pub fn finish(mut self) -> io::Result<ContentHash> {
        let names = self.offset + self.index.len() as u64;
        self.out.write_all(&self.index)?;
        self.out.write_all(&self.names)?;
        let length = names + self.names.len() as u64;
        let digest = self.digest.finish();
        self.out.seek(io::SeekFrom::Start(0))?;
        self.out.write_all(MAGIC)?;
        for n in [self.entries, self.offset, names, length] {
            self.out.write_all(&n.to_le_bytes())?;
        }
        self.out.write_all(&digest.0)?;
        self.out.flush()?;
        Ok(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut file = io::Cursor::new(Vec::new());
        let mut writer = PackWriter::new(&mut file).unwrap();
        for (name, data) in [("a.sty", &b"A"[..]), ("b.tfm", b"\0\x01"), ("über.tex", b"")] {
            writer.add(name, data).unwrap();
        }
        writer.finish().unwrap();
        file.into_inner()
    }

    #[test]
    fn round_trip() {
        let pack = Pack::open(sample()).unwrap();
        assert_eq!(pack.get("b.tfm"), Some(&b"\0\x01"[..]));
        assert_eq!(pack.get("über.tex"), Some(&b""[..]));
        assert_eq!(pack.get("c"), None);
        assert_eq!(pack.names().collect::<Vec<_>>(), ["a.sty", "b.tfm", "über.tex"]);
        pack.verify().unwrap();
    }

    #[test]
    fn truncation_is_told() {
        let whole = sample();
        for length in 0..whole.len() {
            let error = Pack::open(&whole[..length]).err().unwrap();
            assert!(matches!(error, PackError::NotAPack | PackError::WrongLength { .. }));
        }
    }

    #[test]
    fn any_changed_byte_is_found_and_none_panics() {
        let whole = sample();
        for position in 0..whole.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[position] ^= flip;
                if let Ok(pack) = Pack::open(&damaged) {
                    let _ = (pack.get("a.sty"), pack.get("zzz"), pack.names().count());
                    assert!(pack.verify().is_err(), "byte {position} changed unseen");
                }
            }
        }
    }
}
