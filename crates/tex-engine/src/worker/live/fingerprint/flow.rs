//! Where the engine is: what it reads, what it is in the midst of, the page that it builds, and what it knows of
//! fonts, hyphens and streams.

use super::{
    digest::Digest,
    engine::{InputState, MEM_TOP, NULL, high},
    tokens::Walk,
};
use tectonic_xetex_layout::cp_code_sum;

// Fixed list heads of `xetex-constants.h`.
const PAGE_INS_HEAD: i32 = MEM_TOP;
const CONTRIB_HEAD: i32 = MEM_TOP - 1;
const PAGE_HEAD: i32 = MEM_TOP - 2;
const MAX_HALFWORD: i32 = 0x3FFF_FFFF;
const VERTICAL: i16 = 1;
const NEW_LINE: u16 = 33;
/// Names below it stand for the terminal, `\read` and `\scantokens`.
const FILES_FROM: i32 = 20;
/// Of `input_state_t::index`.
const MACRO: u16 = 6;
/// `CLOSED`, of `\read` streams.
const CLOSED: u8 = 2;
/// An insertion that has split: only then it points into what it has split.
const SPLIT_UP: u16 = 1;
const INSERTIONS: u16 = 3;

// Declarations as in `xetex-xetexd.h` of tectonic_engine_xetex 0.5.3.
unsafe extern "C" {
    static nest_ptr: i32;
    static scanner_status: u8;
    static align_state: i32;
    static align_ptr: i32;
    static force_eof: bool;
    static name_in_progress: bool;
    static is_in_csname: bool;
    static output_active: bool;
    static pseudo_files: i32;
    static LR_ptr: i32;
    static cond_ptr: i32;
    static if_limit: u8;
    static cur_if: i16;
    static after_token: i32;
    static page_contents: u8;
    static page_so_far: [i32; 8];
    static page_tail: i32;
    static last_glue: i32;
    static last_penalty: i32;
    static last_kern: i32;
    static last_node_type: i32;
    static insert_penalties: i32;
    static disc_ptr: [i32; 4];
    static cur_mark: [i32; 5];
    static read_open: [u8; 17];
    static write_open: [bool; 18];
    static total_pages: i32;
    static dead_cycles: i32;
    static mag_set: i32;
    static interaction: u8;
    static error_count: i8;
    static last_badness: i32;
    static randoms: [i32; 55];
    static j_random: u8;
    static random_seed: i32;
    static space_class: i32;
    static prev_class: i32;
    static pdf_last_x_pos: i32;
    static pdf_last_y_pos: i32;
    static max_reg_num: i32;
    static trie_not_ready: bool;
    static hyph_count: i32;
    static hyph_start: i32;
    static hyph_index: i32;
    static used_tectonic_coda_tokens: bool;
    static semantic_pagination_enabled: bool;
    static line: i32;
    static if_line: i32;
    static open_parens: i32;
    static LR_problems: i32;
    static pack_begin_line: i32;
    static history: u32;
    static selector: u32;
    static term_offset: i32;
    static file_offset: i32;
    static gave_char_warning_help: bool;
    static long_help_seen: bool;
    static max_v: i32;
    static max_h: i32;
    static max_push: i32;
    static write_file: [usize; 16];
}

impl Walk<'_> {
    /// Files and token lists that are being read, and conditions that are open. `None` in the midst of anything
    /// that the engine's program counter knows more of than its variables.
    pub(super) fn reading(&mut self) -> Option<u128> {
        let mut digest = Digest::new();
        // SAFETY: plain reads of integers from the thread that writes them.
        unsafe {
            let is_plain = nest_ptr == 0
                && scanner_status == 0
                && align_ptr == NULL
                && pseudo_files == NULL
                && LR_ptr == NULL
                && !(force_eof || name_in_progress || is_in_csname || output_active);
            if !is_plain || read_open[..16].iter().any(|state| *state != CLOSED) {
                return None;
            }
            digest.add_int(align_state);
            digest.add_int(i32::from(if_limit) << 16 | i32::from(cur_if));
            self.token(after_token, &mut digest)?;
            let mut condition = cond_ptr;
            while condition != NULL {
                let word = self.engine.word(condition)?;
                digest.add(word & 0xFFFF_FFFF);
                digest.add_int(self.engine.high(condition + 1)?);
                condition = high(word);
            }
        }
        let input = self.engine.input;
        if input.state != NEW_LINE || input.name < FILES_FROM {
            return None;
        }
        digest.add(u64::from(input.index));
        digest.add_int(input.synctex_tag);
        self.string(input.name, &mut digest)?;
        for level in self.engine.inputs {
            self.input(level, &mut digest)?;
        }
        for list in self.engine.parameters {
            self.tokens(*list, &mut digest)?;
        }
        // Where a file was left for the next; those before were never set.
        for left in self.engine.lines.iter().skip(2) {
            digest.add_int(*left);
        }
        digest.add_bytes(self.engine.ends_seen.get(1..)?);
        for file in self.engine.files() {
            digest.add(file.saved_character as u64);
            digest.add_int(i32::from(file.skips_line_feed) << 16 | i32::from(file.encoding));
        }
        Some(digest.value())
    }

    /// A level below: a file, with what is left of its line, or a token list, with what is left of that.
    fn input(&mut self, level: &InputState, digest: &mut Digest) -> Option<()> {
        digest.add(u64::from(level.state) << 16 | u64::from(level.index));
        if level.state == 0 {
            if level.index == MACRO {
                digest.add_int(level.limit);
            }
            return self.tokens(level.loc, digest);
        }
        self.string(level.name, digest)?;
        digest.add_int(level.synctex_tag);
        let from = usize::try_from(level.loc).ok()?;
        let to = usize::try_from(level.limit + 1).ok()?;
        let left = self.engine.buffer.get(from..to.max(from))?;
        digest.add(left.len() as u64);
        for character in left {
            digest.add_int(*character);
        }
        Some(())
    }

    /// The page that is being built. Variables of the page builder that cannot be reached, the best break so far
    /// among them, follow from its list.
    pub(super) fn page(&mut self) -> Option<u128> {
        let list = self.engine.list;
        if list.mode != VERTICAL || list.head != CONTRIB_HEAD {
            return None;
        }
        let mut digest = Digest::new();
        digest.add_int(high(list.aux));
        digest.add_int(list.prev_graf);
        digest.add_int(list.etex_aux);
        self.nodes(self.engine.high(CONTRIB_HEAD)?, &mut digest)?;
        self.nodes(self.engine.high(PAGE_HEAD)?, &mut digest)?;
        // SAFETY: plain reads of integers from the thread that writes them.
        let (glue, discarded, marks) = unsafe {
            digest.add(u64::from(page_contents));
            for size in page_so_far {
                digest.add_int(size);
            }
            digest.add(u64::from(page_tail == PAGE_HEAD));
            for last in [last_penalty, last_kern, last_node_type, insert_penalties] {
                digest.add_int(last);
            }
            (last_glue, disc_ptr, cur_mark)
        };
        if glue != MAX_HALFWORD {
            self.glue(glue, &mut digest)?;
        }
        for list in &discarded[2..] {
            self.nodes(*list, &mut digest)?;
        }
        for mark in marks {
            self.counted_tokens(mark, &mut digest)?;
        }
        self.insertions(&mut digest)?;
        Some(digest.value())
    }

    /// Classes of insertions on the page, and which of them count.
    fn insertions(&self, digest: &mut Digest) -> Option<()> {
        let mut at = self.engine.high(PAGE_INS_HEAD)?;
        while at != PAGE_INS_HEAD {
            let word = self.engine.word(at)?;
            digest.add(word & 0xFFFF_FFFF);
            digest.add_int(self.engine.high(at + 3)?);
            let ends = self.engine.word(at + 2)?;
            digest.add(self.place_on_page(high(ends))?);
            digest.add(self.place_on_page(ends as i32)?);
            if (word >> 16) as u16 == SPLIT_UP {
                let split = self.engine.word(at + 1)?;
                let broken = split as i32;
                digest.add(self.place_on_page(broken)?);
                digest.add(self.place_in(self.engine.low(broken + 4)?, high(split))?);
            }
            at = high(word);
        }
        digest.add(u64::MAX);
        Some(())
    }

    fn place_on_page(&self, insertion: i32) -> Option<u64> {
        let is_insertion =
            |node| self.engine.word(node).is_some_and(|word| (word >> 16) as u16 == INSERTIONS);
        if insertion == NULL {
            return Some(u64::MAX);
        }
        let place = self.place_in(self.engine.high(PAGE_HEAD)?, insertion)?;
        is_insertion(insertion).then_some(place)
    }

    /// The how manieth of a list a node is.
    fn place_in(&self, first: i32, wanted: i32) -> Option<u64> {
        if wanted == NULL {
            return Some(u64::MAX);
        }
        let (mut at, mut place) = (first, 0);
        while at != wanted {
            if at == NULL {
                return None;
            }
            at = self.engine.high(at)?;
            place += 1;
        }
        Some(place)
    }

    /// Fonts that are loaded, with what the document has set of them.
    pub(super) fn fonts(&mut self) -> Option<u128> {
        let mut digest = Digest::new();
        let fonts = &self.engine.fonts;
        for font in 0..fonts.names.len() {
            self.string(fonts.names[font], &mut digest)?;
            self.string(fonts.areas[font], &mut digest)?;
            for numbers in fonts.numbers {
                digest.add_int(numbers[font]);
            }
            digest.add(u64::from(fonts.flags[font]) << 8 | u64::from(fonts.are_used[font]));
            digest.add_int(fonts.params[font]);
            digest.add(cp_code_sum(i32::try_from(font).ok()?));
            let from = usize::try_from(fonts.param_bases[font] + 1).ok()?;
            let count = usize::try_from(fonts.params[font]).ok()?;
            digest.add_all(self.engine.font_info.get(from..from + count)?);
        }
        Some(digest.value())
    }

    /// Exceptions to hyphenation, streams, chance, how far the document has come, and what the log and the ends of
    /// the outputs tell of what came before.
    pub(super) fn rest(&mut self) -> Option<u128> {
        let mut digest = Digest::new();
        for (word, list) in self.engine.hyphenated.iter().zip(self.engine.hyphenations) {
            if *word != 0 {
                self.string(*word, &mut digest)?;
                self.tokens(*list, &mut digest)?;
            }
        }
        // SAFETY: plain reads of integers from the thread that writes them.
        unsafe {
            let integers = [
                hyph_count,
                hyph_start,
                hyph_index,
                total_pages,
                dead_cycles,
                mag_set,
                last_badness,
                random_seed,
                space_class,
                prev_class,
                pdf_last_x_pos,
                pdf_last_y_pos,
                max_reg_num,
                i32::from(interaction),
                i32::from(error_count),
                i32::from(j_random),
                i32::from(trie_not_ready),
                i32::from(used_tectonic_coda_tokens),
                i32::from(semantic_pagination_enabled),
            ];
            let told = [
                line,
                if_line,
                open_parens,
                LR_problems,
                pack_begin_line,
                max_v,
                max_h,
                max_push,
                history as i32,
                selector as i32,
                // How long a line of the log is does not matter, as long as it is not broken.
                i32::from(term_offset > 0),
                i32::from(file_offset > 0),
                i32::from(gave_char_warning_help),
                i32::from(long_help_seen),
            ];
            for integer in integers.into_iter().chain(told).chain(randoms) {
                digest.add_int(integer);
            }
            for (index, is_open) in write_open.into_iter().enumerate() {
                // Handles are numbered as files are opened.
                let file = write_file.get(index).filter(|_| is_open);
                digest.add(file.map_or(u64::from(is_open), |handle| *handle as u64 + 2));
            }
        }
        Some(digest.value())
    }
}
