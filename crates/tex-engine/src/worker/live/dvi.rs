//! Pages out of the engine's output buffer: it writes XDV in halves of 16 KiB, and a page is wanted the
//! moment that it is shipped.

use quire_xdv::page_length;
use std::{
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
};

/// `DVI_BUF_SIZE` of `xetex-shipout.c`: a ring, of which at least the unwritten part is valid.
const RING_BYTES: usize = 16_384;

/// Where the ring is, for this process and all copies of it: the first of them that writes tells the others, also those
/// that were made before. A document of few pages is written at its end, by a copy that nothing goes on from.
#[derive(Clone, Copy)]
struct Address(&'static AtomicUsize);

impl Address {
    fn new() -> Self {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let how = libc::MAP_SHARED | libc::MAP_ANONYMOUS;
        let bytes = size_of::<AtomicUsize>();
        // SAFETY: asks for new memory at no particular place, which is zeroed, aligned to a page, and never unmapped: it
        // may be referred to for as long as the process lives. All that processes do with it is atomic.
        let word = unsafe {
            let mapped = libc::mmap(ptr::null_mut(), bytes, access, how, -1, 0);
            (mapped != libc::MAP_FAILED).then(|| &*mapped.cast::<AtomicUsize>())
        };
        // Without it each process learns it by itself.
        Self(word.unwrap_or_else(|| Box::leak(Box::default())))
    }

    /// Nought before the first write.
    fn get(self) -> usize {
        self.0.load(Ordering::Acquire)
    }

    fn set(self, address: usize) {
        self.0.store(address, Ordering::Release);
    }
}

/// What is known of the ring and of the pages.
pub(super) struct DviBuffer {
    ring: Address,
    written: usize,
    pages: Vec<AtShipping>,
}

/// A page as it was shipped; its bytes may come later.
#[derive(Clone, Copy)]
pub(super) struct AtShipping {
    /// Offset of its `bop`.
    pub(super) start: usize,
    pub(super) is_past_focus: bool,
    /// Errors of the run until then.
    pub(super) errors: u32,
    pub(super) open_groups: u16,
}

impl DviBuffer {
    pub(super) fn new() -> Self {
        Self { ring: Address::new(), written: 0, pages: Vec::new() }
    }

    /// A run begins, with a ring of its own.
    pub(super) fn begin_run(&mut self) {
        self.ring.set(0);
        self.written = 0;
        self.pages.clear();
    }

    /// The engine writes a half, or the rest.
    pub(super) fn note(&mut self, bytes: &[u8]) {
        if self.written == 0 {
            self.ring.set(bytes.as_ptr() as usize);
        }
        self.written += bytes.len();
    }

    /// Page `number` is the last one shipped.
    pub(super) fn note_page(&mut self, number: u32, page: AtShipping) {
        if self.pages.len() + 1 == number as usize {
            self.pages.push(page);
        }
    }

    /// A page, counted from one, as it was shipped.
    pub(super) fn shipped(&self, number: u32) -> Option<AtShipping> {
        self.pages.get((number as usize).checked_sub(1)?).copied()
    }

    /// The preamble and a page, counted from one, if all of it can be had.
    pub(super) fn page(&self, number: u32, written: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
        let start = self.shipped(number)?.start;
        if self.ring.get() == 0 {
            return None;
        }
        let first = self.pages.first()?.start;
        let preamble = match written.get(..first) {
            Some(preamble) => preamble.to_vec(),
            // Of the first page nothing is written before half of the ring.
            None if written.is_empty() => self.unwritten().get(..first)?.to_vec(),
            None => return None,
        };
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
        let start = self.shipped(number)?.start;
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
        // SAFETY: `ring` is the address that the engine's first write of this run began at, in this process or in another
        // copy of the one that began the run, which is that of its buffer of `RING_BYTES` bytes; it is allocated when
        // the run begins, before any copy is made, and freed after the last write. Nothing writes to it while this
        // thread reads.
        let ring = unsafe { std::slice::from_raw_parts(self.ring.get() as *const u8, RING_BYTES) };
        ring[from..].iter().chain(&ring[..from]).copied().collect()
    }
}
