//! The few variables of the engine's C code that we read or set, and nothing else of it.
//!
//! The published engine crates are used unmodified: their globals have external linkage, so the
//! place in the source, the page count and the width of log lines can be reached without a patch.

use std::{
    ffi::{c_char, c_int},
    sync::atomic::{AtomicBool, Ordering},
};

/// True from the moment TeX's arrays exist until they are freed. Outside that time the pointers below
/// dangle.
static RUNNING: AtomicBool = AtomicBool::new(false);

/// The run is over; its arrays are gone.
pub(super) fn run_ended() {
    RUNNING.store(false, Ordering::Relaxed);
}

// Declarations as in `xetex-xetexd.h` of tectonic_engine_xetex 0.5.3.
unsafe extern "C" {
    static in_open: i32;
    static line: i32;
    static line_stack: *const i32;
    static full_source_filename_stack: *const i32;
    static total_pages: i32;
    static last_bop: i32;
    static cur_level: u16;
    static mut max_print_line: i32;
    static mut error_line: i32;
    static mut half_error_line: i32;
    static mut file_line_error_style_p: c_int;
    fn gettexstring(s: i32) -> *mut c_char;
}

/// Input level, line and name of the innermost source file that is being read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Position {
    level: i32,
    name: i32,
    pub(super) line: u32,
}

/// Where TeX reads now; `None` outside any file. Only meaningful while an engine run is on, from the
/// thread it runs on.
pub(super) fn position() -> Option<Position> {
    if !RUNNING.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: plain reads of C globals from the only thread that writes them. The stacks are
    // allocated with `max_in_open` entries before the format is opened and freed at the end of the
    // run, and `RUNNING` is true only in between; `in_open` is below that bound.
    unsafe {
        if full_source_filename_stack.is_null() || line_stack.is_null() {
            return None;
        }
        let mut level = in_open;
        while level > 0 && *full_source_filename_stack.add(level as usize) == 0 {
            level -= 1;
        }
        if level <= 0 {
            return None;
        }
        let at = if level == in_open { line } else { *line_stack.add(level as usize + 1) };
        let name = *full_source_filename_stack.add(level as usize);
        Some(Position { level, name, line: u32::try_from(at).unwrap_or(0) })
    }
}

impl Position {
    /// The file's name as the engine knows it.
    pub(super) fn file(self) -> String {
        // SAFETY: `name` is a live string number of the engine; `gettexstring` returns a fresh
        // NUL-terminated buffer from malloc, which we copy and free.
        unsafe {
            let text = gettexstring(self.name);
            if text.is_null() {
                return String::new();
            }
            let name = std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned();
            libc::free(text.cast());
            name
        }
    }

    /// True when both are in the same file at the same depth.
    pub(super) fn same_file(self, other: Self) -> bool {
        self.level == other.level && self.name == other.name
    }
}

/// Pages shipped out so far.
pub(super) fn pages() -> u32 {
    // SAFETY: a plain read of an integer from the thread that writes it.
    u32::try_from(unsafe { total_pages }).unwrap_or(0)
}

/// Offset in the XDV of the last page shipped out; `None` before the first.
pub(super) fn last_page() -> Option<usize> {
    // SAFETY: a plain read of an integer from the thread that writes it.
    usize::try_from(unsafe { last_bop }).ok().filter(|_| pages() > 0)
}

/// How many groups are open: `{`, `\begingroup`, environments, boxes.
pub(super) fn open_groups() -> u16 {
    // SAFETY: a plain read of an integer from the thread that writes it. Outermost is level one.
    unsafe { cur_level }.saturating_sub(1)
}

/// What TeX builds at one level of its nest: `list_state_record` of `xetex-xetexd.h`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct ListState {
    pub(super) mode: i16,
    pub(super) head: i32,
    pub(super) tail: i32,
    pub(super) etex_aux: i32,
    pub(super) prev_graf: i32,
    pub(super) mode_line: i32,
    pub(super) aux: u64,
}

// Declarations as in `xetex-xetexd.h`.
unsafe extern "C" {
    static nest_ptr: i32;
    static cur_list: ListState;
    static page_contents: u8;
}

/// Whether TeX is between two paragraphs of a page that has some text already, and in nothing else.
pub(super) fn is_between_paragraphs() -> bool {
    const VERTICAL: i16 = 1;
    // SAFETY: plain reads of integers from the thread that writes them.
    unsafe { nest_ptr == 0 && cur_list.mode == VERTICAL && page_contents != 0 }
}

/// How deep the last line or box above is, in scaled points; nought where TeX has none that counts.
pub(super) fn depth_above() -> i32 {
    const IGNORED: i32 = -65_536_000;
    // SAFETY: a plain read of an integer from the thread that writes it. In vertical mode the upper half of the word is
    // `prev_depth`, whatever the order of bytes is.
    let depth = (unsafe { cur_list.aux } >> 32) as i32;
    if depth > IGNORED { depth } else { 0 }
}

/// Long log lines and long error contexts, `file:line:` before each error. Must be called when the
/// engine has set its own values, that is, from the moment it opens the format.
pub(super) fn widen_log_lines() {
    // SAFETY: plain writes of integers that the engine reads on this very thread. The bounds are
    // those of the C code: `error_line` stays below the 256 entries of `trick_buf`, and
    // `half_error_line` at least 15 below it.
    unsafe {
        max_print_line = 10_000;
        error_line = 254;
        half_error_line = 238;
        file_line_error_style_p = 1;
    }
    RUNNING.store(true, Ordering::Relaxed);
}

// The string pool, for the signal handler, which must not allocate.
unsafe extern "C" {
    static str_pool: *const u16;
    static str_start: *const i32;
    static str_ptr: i32;
    static pool_ptr: i32;
}

/// First string number that lies in the pool; smaller ones are single characters.
const TOO_BIG_CHAR: i32 = 65_536;

/// Write `AT <line> <file>\n` into `out` without allocating, and return its length; 0 outside any
/// file. For the signal handler.
pub(super) fn write_place(out: &mut [u8; 1200]) -> usize {
    use std::io::Write;
    let Some(place) = position() else { return 0 };
    let mut rest = &mut out[..];
    let room = rest.len();
    if write!(rest, "{}{} ", super::signals::PLACE_PREFIX, place.line).is_err() {
        return 0;
    }
    // SAFETY: reads of the engine's string pool on its own thread, interrupted at an arbitrary point:
    // the bounds are checked against the pool's own counters, which only grow during a run, and the
    // process is about to end whatever is read.
    unsafe {
        let index = place.name - TOO_BIG_CHAR;
        if index >= 0 && place.name < str_ptr && !str_start.is_null() && !str_pool.is_null() {
            let start = *str_start.add(index as usize);
            let end = (*str_start.add(index as usize + 1)).min(pool_ptr).min(start + 500);
            if start >= 0 && end > start {
                let units = std::slice::from_raw_parts(
                    str_pool.add(start as usize),
                    (end - start) as usize,
                );
                for c in char::decode_utf16(units.iter().copied()) {
                    let _ = write!(rest, "{}", c.unwrap_or(char::REPLACEMENT_CHARACTER));
                }
            }
        }
    }
    let _ = writeln!(rest);
    room - rest.len()
}

// The two largest tables, one entry for each character or name.
#[cfg(target_os = "linux")]
unsafe extern "C" {
    static eqtb: *mut u64;
    static eqtb_top: i32;
    static hash: *mut u64;
    static hash_top: i32;
}

/// Where names begin in `hash`: what is before belongs to single characters, and nobody looks there.
#[cfg(target_os = "linux")]
const HASH_BASE: usize = 2_228_226;

/// Memory that TeX's largest tables take: where it begins, and bytes. Empty outside a run.
#[cfg(target_os = "linux")]
pub(super) fn tables() -> Vec<(*mut u8, usize)> {
    if !RUNNING.load(Ordering::Relaxed) {
        return Vec::new();
    }
    // SAFETY: plain reads from the thread that writes them. Between the beginning and the end of a run both tables
    // are there, with entries of eight bytes up to and with their tops; `hash` points to before its table, by the
    // first names that it has.
    unsafe {
        if eqtb.is_null() || hash.is_null() {
            return Vec::new();
        }
        let entries = |top: i32, from: usize| {
            (usize::try_from(top).unwrap_or(0) + 1).saturating_sub(from) * 8
        };
        vec![
            (eqtb.cast(), entries(eqtb_top, 0)),
            (hash.wrapping_add(HASH_BASE).cast(), entries(hash_top, HASH_BASE)),
        ]
    }
}
