//! The engine's arrays as slices: from here on everything is a checked read.

use crate::worker::globals::ListState;
use std::ffi::c_void;

/// `TEX_NULL` of `xetex-constants.h`: no pointer.
pub(super) const NULL: i32 = -0x0FFF_FFFF;
/// `MEM_TOP` of `xetex_format.h`: fixed list heads lie just below it.
pub(super) const MEM_TOP: i32 = 4_999_999;
/// First string number that lies in the pool.
const TOO_BIG_CHAR: i32 = 65_536;
/// `EQTB_SIZE` of `xetex_format.h`.
pub(super) const EQTB_SIZE: usize = 8_941_458;
/// `INT_BASE` of `xetex_format.h`.
pub(super) const INT_BASE: usize = 7_826_729;
/// `HASH_BASE` of `xetex_format.h`.
pub(super) const HASH_BASE: usize = 2_228_226;
/// `hyph_size` is never below it; `HYPH_PRIME` of `xetex-constants.h`.
const HYPH_PRIME: usize = 607;

/// `input_state_t` of `xetex-xetexd.h`.
#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct InputState {
    pub(super) state: u16,
    pub(super) index: u16,
    pub(super) start: i32,
    pub(super) loc: i32,
    pub(super) limit: i32,
    pub(super) name: i32,
    pub(super) synctex_tag: i32,
}

/// `UFILE` of `xetex-io.h`.
#[repr(C)]
pub(super) struct File {
    handle: usize,
    pub(super) saved_character: std::ffi::c_long,
    pub(super) skips_line_feed: i16,
    pub(super) encoding: i16,
    conversion: *const c_void,
}

// Declarations as in `xetex-xetexd.h` of tectonic_engine_xetex 0.5.3.
unsafe extern "C" {
    static mem: *const u64;
    static mem_end: i32;
    static eqtb: *const u64;
    static hash: *const u64;
    static hash_high: i32;
    static _xeq_level_array: [u16; EQTB_SIZE - INT_BASE + 1];
    static str_pool: *const u16;
    static str_start: *const i32;
    static str_ptr: i32;
    static pool_ptr: i32;
    static save_stack: *const u64;
    static save_ptr: i32;
    static input_stack: *const InputState;
    static input_ptr: i32;
    static cur_input: InputState;
    static param_stack: *const i32;
    static param_ptr: i32;
    static buffer: *const i32;
    static buf_size: i32;
    static line_stack: *const i32;
    static eof_seen: *const u8;
    static input_file: *const *const File;
    static font_used: *const u8;
    static in_open: i32;
    static cur_list: ListState;
    static font_info: *const u64;
    static fmem_ptr: i32;
    static font_ptr: i32;
    static font_size: *const i32;
    static font_params: *const i32;
    static param_base: *const i32;
    static font_name: *const i32;
    static font_area: *const i32;
    static hyphen_char: *const i32;
    static skew_char: *const i32;
    static font_letter_space: *const i32;
    static font_flags: *const u8;
    static hyph_word: *const i32;
    static hyph_list: *const i32;
}

/// What the engine knows, while it stands still.
pub(super) struct Engine {
    pub(super) mem: &'static [u64],
    pub(super) eqtb: &'static [u64],
    /// From `HASH_BASE` on: texts of control sequences in the upper half.
    hash: &'static [u64],
    /// Of integers, dimensions and delimiter codes, from `INT_BASE` on.
    pub(super) levels: &'static [u16],
    pool: &'static [u16],
    starts: &'static [i32],
    pub(super) save: &'static [u64],
    /// The levels below the current one.
    pub(super) inputs: &'static [InputState],
    pub(super) input: InputState,
    pub(super) parameters: &'static [i32],
    pub(super) buffer: &'static [i32],
    /// Where each file was left for the one that it reads.
    pub(super) lines: &'static [i32],
    pub(super) ends_seen: &'static [u8],
    /// Those that are open, from the second on; the first is not used.
    files: &'static [*const File],
    pub(super) list: ListState,
    pub(super) font_info: &'static [u64],
    pub(super) fonts: Fonts,
    pub(super) hyphenated: &'static [i32],
    pub(super) hyphenations: &'static [i32],
}

/// One entry for each font.
pub(super) struct Fonts {
    pub(super) names: &'static [i32],
    pub(super) areas: &'static [i32],
    pub(super) params: &'static [i32],
    pub(super) param_bases: &'static [i32],
    pub(super) numbers: [&'static [i32]; 4],
    pub(super) flags: &'static [u8],
    /// Whether the XDV defines it already.
    pub(super) are_used: &'static [u8],
}

impl Engine {
    /// To be used, and dropped, before the engine goes on.
    pub(super) fn at_rest() -> Self {
        // SAFETY: called on the engine's thread, from within its request for a line of a source, so that it stands
        // still while these live, and its arrays exist (they are made before the first file is opened). Each is
        // allocated at least as long as its counter says here: the stacks up to their pointers, `mem` up to
        // `mem_end`, `eqtb` and `hash` up to the highest control sequence, the arrays of fonts up to `font_ptr`,
        // `font_info` up to `fmem_ptr`, the exceptions up to `HYPH_PRIME`. All are of integers.
        unsafe {
            let fonts = font_ptr as usize + 1;
            let highest = EQTB_SIZE + hash_high as usize + 1;
            let files = in_open as usize + 1;
            Self {
                mem: slice(mem, mem_end as usize + 1),
                eqtb: slice(eqtb, highest),
                hash: slice(hash.add(HASH_BASE), highest - HASH_BASE),
                levels: &_xeq_level_array,
                pool: slice(str_pool, pool_ptr as usize),
                starts: slice(str_start, (str_ptr - TOO_BIG_CHAR) as usize + 1),
                save: slice(save_stack, save_ptr as usize),
                inputs: slice(input_stack, input_ptr as usize),
                input: cur_input,
                parameters: slice(param_stack, param_ptr as usize),
                buffer: slice(buffer, buf_size as usize),
                lines: slice(line_stack, files),
                ends_seen: slice(eof_seen, files),
                files: slice(input_file, files),
                list: cur_list,
                font_info: slice(font_info, fmem_ptr as usize),
                fonts: Fonts {
                    names: slice(font_name, fonts),
                    areas: slice(font_area, fonts),
                    params: slice(font_params, fonts),
                    param_bases: slice(param_base, fonts),
                    numbers: [font_size, hyphen_char, skew_char, font_letter_space]
                        .map(|array| slice(array, fonts)),
                    flags: slice(font_flags, fonts),
                    are_used: slice(font_used, fonts),
                },
                hyphenated: slice(hyph_word, HYPH_PRIME + 1),
                hyphenations: slice(hyph_list, HYPH_PRIME + 1),
            }
        }
    }

    /// The files that are open.
    pub(super) fn files(&self) -> impl Iterator<Item = &'static File> {
        // SAFETY: the engine allocates one for each file that it opens, sets the pointer to it, and sets it to null
        // when the file is closed.
        self.files.iter().skip(1).filter_map(|file| unsafe { file.as_ref() })
    }

    /// A word of `mem`.
    pub(super) fn word(&self, at: i32) -> Option<u64> {
        self.mem.get(usize::try_from(at).ok()?).copied()
    }

    /// Its upper half: `link` of a list, `b32.s1`.
    pub(super) fn high(&self, at: i32) -> Option<i32> {
        self.word(at).map(high)
    }

    /// Its lower half: `info` of a list, `b32.s0`.
    pub(super) fn low(&self, at: i32) -> Option<i32> {
        self.word(at).map(|word| word as i32)
    }

    /// Characters of a string.
    pub(super) fn string(&self, number: i32) -> Option<&[u16]> {
        let index = usize::try_from(number.checked_sub(TOO_BIG_CHAR)?).ok()?;
        let (from, to) = (*self.starts.get(index)?, *self.starts.get(index + 1)?);
        self.pool.get(usize::try_from(from).ok()?..usize::try_from(to).ok()?)
    }

    /// The text of a control sequence of more than one letter: a string number.
    pub(super) fn text_of(&self, sequence: usize) -> Option<i32> {
        self.hash.get(sequence.checked_sub(HASH_BASE)?).map(|entry| high(*entry))
    }

    /// Glyphs of a native word: `count` of them, at an address that a node holds.
    pub(super) fn glyphs(&self, address: u64, count: usize) -> Option<&[u8]> {
        /// `NATIVE_GLYPH_INFO_SIZE`.
        const GLYPH_BYTES: usize = 10;
        let start = address as usize as *const c_void;
        if count == 0 || start.is_null() {
            return (count == 0).then_some(&[]);
        }
        // SAFETY: a native word of a live list owns this block of as many records as the word says, made by
        // `measure_native_node` and freed with the node.
        Some(unsafe { slice(start.cast::<u8>(), count * GLYPH_BYTES) })
    }
}

pub(super) fn high(word: u64) -> i32 {
    (word >> 32) as i32
}

/// SAFETY: as `std::slice::from_raw_parts`, and nothing may write to it while it lives.
unsafe fn slice<T>(start: *const T, length: usize) -> &'static [T] {
    if start.is_null() {
        return &[];
    }
    // SAFETY: by the contract of this function.
    unsafe { std::slice::from_raw_parts(start, length) }
}
