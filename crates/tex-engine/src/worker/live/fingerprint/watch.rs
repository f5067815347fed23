//! Which parts of the engine's table of equivalents have been written to since a moment.
//!
//! It is 71 MB long, most of it codes of characters that no document changes: to read all of it takes longer than to
//! typeset some pages. So its pages of memory are made read-only once; the first write to one faults, is noted, and
//! goes through. A copy of the process inherits what is protected, and what is noted.

use super::lists::Lists;
use std::{
    ffi::{c_int, c_void},
    ops::Range,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// What the system protects at once.
const PAGE_BYTES: usize = 4096;
const PAGE_WORDS: usize = PAGE_BYTES / 8;

/// Address of the first page that is watched, and how many there are.
static START: AtomicUsize = AtomicUsize::new(0);
static PAGES: AtomicUsize = AtomicUsize::new(0);

/// The table of equivalents is not longer.
const MOST_PAGES: usize = 24_000;
static WRITTEN: [AtomicBool; MOST_PAGES] = [const { AtomicBool::new(false) }; MOST_PAGES];

/// Pages of a table as they were at a moment.
pub(in crate::worker::live) struct Watch {
    /// The number of the first, as of [`parts`].
    first: usize,
    digests: Vec<u128>,
    /// For those that have been written to.
    pub(super) lists: Lists,
}

impl Watch {
    /// What a part of the table came to at that moment, if it has not been written to since.
    pub(super) fn known(&self, part: usize) -> Option<u128> {
        let index = part.checked_sub(self.first)?;
        let digest = self.digests.get(index)?;
        (!WRITTEN.get(index)?.load(Ordering::Relaxed)).then_some(*digest)
    }
}

/// The table in parts, each of which is a page of memory, but for the first and the last: ranges of entries.
pub(super) fn parts(table: &[u64]) -> impl Iterator<Item = (usize, Range<usize>)> {
    let before = (table.as_ptr() as usize / 8) % PAGE_WORDS;
    let (length, count) = (table.len(), (before + table.len()).div_ceil(PAGE_WORDS));
    (0..count).map(move |part| {
        let start = (part * PAGE_WORDS).saturating_sub(before);
        (part, start..((part + 1) * PAGE_WORDS - before).min(length))
    })
}

/// Watch the parts of a table from now on; `digest` tells what one comes to. `None` when the system does not let it.
pub(super) fn watch(
    table: &[u64],
    mut digest: impl FnMut(Range<usize>) -> Option<u128>,
) -> Option<Watch> {
    let whole: Vec<_> = parts(table).filter(|(_, part)| part.len() == PAGE_WORDS).collect();
    let (first, range) = whole.first()?.clone();
    if whole.len() > MOST_PAGES || PAGES.load(Ordering::Relaxed) > 0 {
        return None;
    }
    let digests = whole.iter().map(|(_, part)| digest(part.clone())).collect::<Option<Vec<_>>>()?;
    let start = table[range.start..].as_ptr() as usize;
    if !start.is_multiple_of(PAGE_BYTES) || !listens() {
        return None;
    }
    START.store(start, Ordering::Relaxed);
    PAGES.store(whole.len(), Ordering::Relaxed);
    let bytes = whole.len() * PAGE_BYTES;
    // SAFETY: whole pages within an array of the engine, which nothing but its own code writes to; that faults, and
    // goes on when `let_write` has made the page writable again. To read them is allowed as before.
    let protected = unsafe { libc::mprotect(start as *mut c_void, bytes, libc::PROT_READ) };
    if protected != 0 {
        PAGES.store(0, Ordering::Relaxed);
        return None;
    }
    Some(Watch { first, digests, lists: Lists::default() })
}

fn listens() -> bool {
    // SAFETY: the struct is fully initialised, and the handler is async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction =
            let_write as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
        libc::sigaction(libc::SIGSEGV, &raw const action, std::ptr::null_mut()) == 0
    }
}

/// A page is written to for the first time. Any other fault is what it was before.
extern "C" fn let_write(signal: c_int, info: *mut libc::siginfo_t, _context: *mut c_void) {
    // SAFETY: the system hands over a valid struct with a signal of this kind.
    let address = unsafe { (*info).si_addr() } as usize;
    let start = START.load(Ordering::Relaxed);
    let page = address.wrapping_sub(start) / PAGE_BYTES;
    if page >= PAGES.load(Ordering::Relaxed) {
        return crate::worker::signals::tell_crash(signal);
    }
    if let Some(written) = WRITTEN.get(page)
        && !written.swap(true, Ordering::Relaxed)
    {
        let page = (start + page * PAGE_BYTES) as *mut c_void;
        let access = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a page that `watch` has protected; `mprotect` is a plain call to the system.
        if unsafe { libc::mprotect(page, PAGE_BYTES, access) } == 0 {
            return;
        }
    }
    crate::worker::signals::tell_crash(signal);
}

#[cfg(test)]
mod tests {
    use super::{PAGE_WORDS, parts, watch};

    #[test]
    fn what_is_written_to_is_not_known_any_more() {
        let table = vec![0_u64; 5 * PAGE_WORDS].leak();
        let ranges: Vec<_> = parts(table).map(|(_, range)| range).collect();
        assert!(ranges.windows(2).all(|pair| pair[0].end == pair[1].start));
        assert_eq!((ranges[0].start, ranges[ranges.len() - 1].end), (0, table.len()));
        let watch = watch(table, |range| Some(range.start as u128)).unwrap();
        let known = |part: &usize| watch.known(*part).is_some();
        let whole = (0..ranges.len()).filter(|part| ranges[*part].len() == PAGE_WORDS);
        let whole: Vec<usize> = whole.collect();
        assert!(whole.len() >= 4 && whole.iter().all(known));
        table[ranges[whole[1]].start + 3] = 7;
        table[ranges[whole[1]].start + 4] = 8;
        assert_eq!(table[ranges[whole[1]].start + 3], 7);
        let left: Vec<usize> = whole.iter().copied().filter(|part| known(part)).collect();
        assert_eq!(left, [&whole[..1], &whole[2..]].concat());
    }
}
