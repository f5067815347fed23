//! TeX's tables in less memory. XeTeX has a place for each character and each name that there could be, some 140 MiB;
//! nearly all of it is the same few values, again and again. Once the format is loaded, what repeats is mapped from
//! one small file in memory, page by page; a page that is written to is copied, as after a `fork`.

use super::globals;
use std::{
    fs::File,
    io,
    os::fd::{AsRawFd, FromRawFd},
    ptr,
};

/// What repeats is in the file so often: the more, the fewer mappings there are.
const PATTERN_BYTES: usize = 512 << 10;
/// More different values than the engine's tables have.
const MOST_PATTERNS: usize = 16;
/// Less is not worth a mapping.
const LEAST_BYTES: usize = 64 << 10;

/// The file with what repeats.
pub(super) struct Patterns {
    file: File,
    page: usize,
    /// The first page of each.
    known: Vec<Vec<u8>>,
}

impl Patterns {
    /// To be opened before the walls are up: files cannot be made behind them.
    pub(super) fn open() -> io::Result<Self> {
        // SAFETY: reads the name, a string that ends with NUL; makes a file that nobody else knows of.
        let descriptor = unsafe { libc::memfd_create(c"tables".as_ptr(), libc::MFD_CLOEXEC) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was just opened, and nobody else has it.
        let file = unsafe { File::from_raw_fd(descriptor) };
        file.set_len((MOST_PATTERNS * PATTERN_BYTES) as u64)?;
        // SAFETY: asks for a number.
        let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) });
        let page = page.ok().filter(|page| PATTERN_BYTES.is_multiple_of(*page));
        Ok(Self { file, page: page.unwrap_or(PATTERN_BYTES), known: Vec::new() })
    }

    /// Make the tables of the run that is on small.
    pub(super) fn fold_tables(mut self) {
        for (start, bytes) in globals::tables() {
            // SAFETY: tables of the engine, which this thread runs and which has no other; it does not run now. They
            // are larger than what the C library keeps in its heap, so they were mapped for themselves.
            unsafe { self.fold(start, bytes) };
        }
    }

    /// # Safety
    /// This much memory from `start` on is readable and writable, private and anonymous, and nobody has a reference
    /// into it.
    unsafe fn fold(&mut self, start: *mut u8, bytes: usize) {
        let skipped = start.align_offset(self.page).min(bytes);
        // SAFETY: within what the caller promises.
        let (start, bytes) =
            (unsafe { start.add(skipped) }, (bytes - skipped) / self.page * self.page);
        // Or what is let go of here comes back by and by.
        // SAFETY: advice on whole pages, which the caller promises to be there.
        unsafe { libc::madvise(start.cast(), bytes, libc::MADV_NOHUGEPAGE) };
        let mut from = 0;
        while from < bytes {
            // SAFETY: the slice lives no longer than this search.
            let run = repeated(
                unsafe { std::slice::from_raw_parts(start.add(from), bytes - from) },
                self.page,
            );
            if run >= LEAST_BYTES {
                // SAFETY: whole pages of what the caller promises, all alike.
                unsafe { self.fold_run(start.add(from), run) };
            }
            from += run;
        }
    }

    /// # Safety
    /// As for `fold`, and the pages are all alike.
    unsafe fn fold_run(&mut self, start: *mut u8, bytes: usize) {
        // SAFETY: at least one page, as the caller promises; the copy is made before anything changes.
        let page = unsafe { std::slice::from_raw_parts(start, self.page) }.to_vec();
        if page.iter().all(|byte| *byte == 0) {
            // SAFETY: what is read from private anonymous memory after this is zero, as it was before.
            unsafe { libc::madvise(start.cast(), bytes, libc::MADV_DONTNEED) };
            return;
        }
        let Some(pattern) = self.pattern(page) else { return };
        let mut done = 0;
        while done < bytes {
            let part = (bytes - done).min(PATTERN_BYTES);
            // SAFETY: takes the place of whole pages with the same contents, privately: writes stay here.
            let mapped = unsafe {
                self.map(start.add(done).cast(), part, libc::MAP_PRIVATE | libc::MAP_FIXED, pattern)
            };
            if mapped.is_none() {
                // There may be nothing in that place now.
                std::process::abort();
            }
            done += part;
        }
    }

    /// Where in the file this page is repeated.
    fn pattern(&mut self, page: Vec<u8>) -> Option<usize> {
        if let Some(known) = self.known.iter().position(|known| *known == page) {
            return Some(known * PATTERN_BYTES);
        }
        let offset = self.known.len() * PATTERN_BYTES;
        if self.known.len() == MOST_PATTERNS {
            return None;
        }
        // The walls let nothing be written to files, but memory.
        // SAFETY: a new mapping within the file, gone at the end of this block.
        unsafe {
            let all = self.map(ptr::null_mut(), PATTERN_BYTES, libc::MAP_SHARED, offset)?;
            for at in (0..PATTERN_BYTES).step_by(page.len()) {
                ptr::copy_nonoverlapping(page.as_ptr(), all.cast::<u8>().add(at), page.len());
            }
            libc::munmap(all, PATTERN_BYTES);
        }
        self.known.push(page);
        Some(offset)
    }

    /// # Safety
    /// That of `mmap`.
    unsafe fn map(
        &self,
        at: *mut libc::c_void,
        bytes: usize,
        how: i32,
        offset: usize,
    ) -> Option<*mut libc::c_void> {
        let access = libc::PROT_READ | libc::PROT_WRITE;
        let offset = libc::off_t::try_from(offset).ok()?;
        // SAFETY: the caller's.
        let mapped = unsafe { libc::mmap(at, bytes, access, how, self.file.as_raw_fd(), offset) };
        (mapped != libc::MAP_FAILED).then_some(mapped)
    }
}

/// How many bytes at the beginning are pages like the first.
fn repeated(memory: &[u8], page: usize) -> usize {
    let first = &memory[..page.min(memory.len())];
    memory.chunks_exact(page).take_while(|other| *other == first).count().max(1) * page
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 4096;

    /// Memory for itself, as the C library has it for large tables.
    fn table(bytes: usize) -> &'static mut [u8] {
        let how = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: new memory that is never let go of, between pages that keep other memory apart from it.
        unsafe {
            let all = libc::mmap(ptr::null_mut(), bytes + 2 * PAGE, libc::PROT_NONE, how, -1, 0);
            assert_ne!(all, libc::MAP_FAILED);
            let start = all.cast::<u8>().add(PAGE);
            assert_eq!(libc::mprotect(start.cast(), bytes, libc::PROT_READ | libc::PROT_WRITE), 0);
            std::slice::from_raw_parts_mut(start, bytes)
        }
    }

    /// What of it this process holds for itself, in bytes.
    fn held(table: &[u8]) -> u64 {
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let own = table.as_ptr_range();
        let mut is_own = false;
        let mut sum = 0;
        for line in maps.lines() {
            let start =
                line.split_once('-').and_then(|(start, _)| usize::from_str_radix(start, 16).ok());
            if let Some(start) = start {
                is_own = own.contains(&(start as *const u8));
            } else if let Some(kilobytes) = line.strip_prefix("Anonymous:").filter(|_| is_own) {
                sum += kilobytes.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024;
            }
        }
        sum
    }

    #[test]
    fn what_repeats_is_held_once_and_can_be_changed() {
        let table = table(8 << 20);
        // Codes that repeat, codes that do not, nothing, and codes that repeat again.
        table[..3 << 20].as_chunks_mut().0.fill(12_u64.to_le_bytes());
        for (at, code) in table[3 << 20..4 << 20].as_chunks_mut().0.iter_mut().enumerate() {
            *code = at.to_le_bytes();
        }
        table[7 << 20..].as_chunks_mut().0.fill(1000_u64.to_le_bytes());
        let before = table.to_vec();
        table[5 << 20] = 0;
        assert!(held(table) >= 5 << 20);
        let mut patterns = Patterns::open().unwrap();
        assert_eq!(patterns.page, PAGE);
        // SAFETY: made above, whole pages.
        unsafe { patterns.fold(table.as_mut_ptr(), table.len()) };
        assert_eq!(patterns.known.len(), 2);
        assert_eq!(held(table), 1 << 20);
        assert!(*table == before);
        for at in [0, 100_000, 5 << 20, (8 << 20) - 1] {
            table[at] = 7;
        }
        let differing: Vec<usize> =
            (0..table.len()).filter(|at| table[*at] != before[*at]).collect();
        assert_eq!(differing, [0, 100_000, 5 << 20, (8 << 20) - 1]);
    }
}
