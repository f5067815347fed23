//! Pages out of the engine's output buffer: it writes XDV in halves of 16 KiB, and a page is wanted the
//! moment that it is shipped.

use quire_xdv::page_length;

/// `DVI_BUF_SIZE` of `xetex-shipout.c`: a ring, of which at least the unwritten part is valid.
const RING_BYTES: usize = 16_384;

/// What is known of the ring and of the pages.
#[derive(Default)]
pub(super) struct DviBuffer {
    /// Address of the ring; known from the first write on.
    ring: usize,
    written: usize,
    /// Offset of the `bop` of each page.
    starts: Vec<usize>,
}

impl DviBuffer {
    /// The engine writes a half, or the rest.
    pub(super) fn note(&mut self, bytes: &[u8]) {
        if self.written == 0 {
            self.ring = bytes.as_ptr() as usize;
        }
        self.written += bytes.len();
    }

    /// Page `number` is the last one shipped, and begins at `start`.
    pub(super) fn note_page(&mut self, number: u32, start: usize) {
        if self.starts.len() + 1 == number as usize {
            self.starts.push(start);
        }
    }

    /// The preamble and a page, counted from one, if all of it can be had.
    pub(super) fn page(&self, number: u32, written: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let start = *self.starts.get(number as usize - 1)?;
        if self.ring == 0 {
            return None;
        }
        let preamble = written.get(..*self.starts.first()?)?.to_vec();
        let mut bytes = written.get(start.min(written.len())..)?.to_vec();
        if let Some(length) = page_length(&bytes) {
            bytes.truncate(length);
            return Some((preamble, bytes));
        }
        let from = start.max(self.written);
        bytes.extend(self.unwritten().into_iter().skip(from - self.written));
        let length = page_length(&bytes)?;
        bytes.truncate(length);
        Some((preamble, bytes))
    }

    /// All to the end of a page, counted from one, which must be the last, and where that begins.
    pub(super) fn to_page(&self, number: u32, written: &[u8]) -> Option<(Vec<u8>, usize)> {
        let start = *self.starts.get(number as usize - 1)?;
        let (_, page) = self.page(number, written)?;
        let mut xdv = written[..start.min(written.len())].to_vec();
        if xdv.len() < start {
            let missing = start - xdv.len();
            xdv.extend(self.unwritten().into_iter().take(missing));
        }
        xdv.extend(page);
        Some((xdv, start))
    }

    /// What follows the last write, and then stale bytes: the engine does not say where it is.
    fn unwritten(&self) -> Vec<u8> {
        let from = self.written % RING_BYTES;
        // SAFETY: `ring` is the address that the engine's first write of this run began at, which is that of
        // its buffer of `RING_BYTES` bytes; it is allocated before the first page and freed after the last
        // write. Nothing writes to it while this thread reads.
        let ring = unsafe { std::slice::from_raw_parts(self.ring as *const u8, RING_BYTES) };
        ring[from..].iter().chain(&ring[..from]).copied().collect()
    }
}
