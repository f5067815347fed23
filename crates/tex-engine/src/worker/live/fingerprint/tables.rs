//! What is defined: the table of equivalents, e-TeX's registers beyond it, and what groups will bring back.

use super::{
    digest::Digest,
    engine::{EQTB_SIZE, INT_BASE, NULL, high},
    lists::{Compared, Lists},
    tokens::Walk,
    watch::{self, Watch},
};
use std::ops::Range;

// Places in the table of equivalents, as in `xetex_format.h`.
const NAMES_END: usize = 2_243_226;
const UNDEFINED_SEQUENCE: usize = 2_254_339;
const GLUE_BASE: usize = 2_254_340;
const LOCAL_BASE: usize = 2_254_871;
const PENALTIES_BASE: usize = 2_255_140;
const BOX_BASE: usize = 2_255_144;
const CODES_BASE: usize = 2_255_400;

/// Names that are looked at together.
const AT_ONCE: usize = 16;

// Commands whose meaning is behind a pointer.
const UNDEFINED: u16 = 103;
const MACROS: std::ops::RangeInclusive<u16> = 113..=116;
const REGISTER: u16 = 91;
const TOKS_REGISTER: u16 = 72;
/// `lo_mem_stat_max`: a register command with a larger number points to its register.
const KINDS_END: i32 = 19;

// Kinds of registers, which are the places of `sa_root`.
const WORDS_END: u16 = 2;
const GLUES_END: u16 = 4;
const BOXES: u16 = 4;
const MARKS: u16 = 7;

// Kinds of entries of the save stack, and of groups.
const RESTORE_OLD_VALUE: u16 = 0;
const RESTORE_ZERO: u16 = 1;
const INSERT_TOKEN: u16 = 2;
const LEVEL_BOUNDARY: u16 = 3;
const RESTORE_REGISTERS: u16 = 4;
/// None, `{}` and `\begingroup`: other groups keep words of their own on the stack.
const PLAIN_GROUPS: [u16; 3] = [0, 1, 14];

unsafe extern "C" {
    static sa_root: [i32; 8];
    static sa_chain: i32;
    static sa_level: u16;
    static cur_group: u8;
    static cur_level: u16;
}

fn kind(word: u64) -> u16 {
    (word >> 16) as u16
}

fn level(word: u64) -> u16 {
    word as u16
}

impl Walk<'_> {
    /// Watch the table from now on: what is not written to need not be looked at again.
    pub(super) fn watch(&mut self) -> Option<Watch> {
        let engine = self.engine;
        let mut lists = Lists::default();
        for (start, end) in [(1, NAMES_END), (EQTB_SIZE + 1, engine.eqtb.len())] {
            for (place, word) in (start..end).zip(&engine.eqtb[start..end]) {
                if MACROS.contains(&kind(*word)) {
                    lists.add(engine, place, *word, self.named(place, *word)?);
                }
            }
        }
        let mut none = Compared::default();
        let mut watch = watch::watch(engine.eqtb, |part| self.part(part, &mut none))?;
        watch.lists = lists;
        Some(watch)
    }

    /// All that has a meaning: names, parameters, registers, codes.
    pub(super) fn table(&mut self, watch: Option<&Watch>) -> Option<u128> {
        let engine = self.engine;
        let mut compared = Compared::new(watch.map(|watch| &watch.lists));
        let mut sum = 0u128;
        for (number, part) in watch::parts(engine.eqtb) {
            let is_of_pointers = part.start < CODES_BASE && part.end > NAMES_END;
            // What is behind a box can change while the pointer to it does not.
            let known = watch.filter(|_| !is_of_pointers).and_then(|watch| watch.known(number));
            sum = sum.wrapping_add(match known {
                Some(digest) => digest,
                None => self.part(part, &mut compared)?,
            });
        }
        let mut digest = Digest::new();
        digest.add(sum as u64);
        digest.add((sum >> 64) as u64);
        digest.add_units(engine.levels);
        Some(digest.value())
    }

    /// A part of the table. What it comes to depends on nothing that can change without it.
    fn part(&mut self, part: Range<usize>, compared: &mut Compared<'_>) -> Option<u128> {
        const ENDS: [usize; 5] = [NAMES_END, GLUE_BASE, CODES_BASE, EQTB_SIZE + 1, usize::MAX];
        let mut sum = 0u128;
        let mut start = part.start;
        for (section, end) in ENDS.into_iter().enumerate() {
            let end = end.min(part.end);
            if start >= end {
                continue;
            }
            sum = sum.wrapping_add(match section {
                0 | 4 => self.names(start.max(1)..end, compared)?,
                2 => self.equivalents(start..end)?,
                _ => {
                    let mut digest = Digest::new();
                    digest.add(start as u64);
                    digest.add_all(&self.engine.eqtb[start..end]);
                    digest.value()
                }
            });
            start = end;
        }
        Some(sum)
    }

    /// Control sequences, in whatever order they were first met.
    fn names(&mut self, range: Range<usize>, compared: &mut Compared<'_>) -> Option<u128> {
        let engine = self.engine;
        let undefined = engine.eqtb[UNDEFINED_SEQUENCE];
        let mut names = 0u128;
        for (index, words) in engine.eqtb[range.clone()].chunks(AT_ONCE).enumerate() {
            // Most of two million characters that could be active or a command are neither.
            if words.iter().fold(0, |any, word| any | (word ^ undefined)) == 0 {
                continue;
            }
            for (place, word) in (range.start + index * AT_ONCE..).zip(words) {
                // Whether it was never defined or is so no more is the same outside groups.
                if kind(*word) == UNDEFINED && level(*word) <= 1 {
                    continue;
                }
                let known = match MACROS.contains(&kind(*word)) {
                    true => compared.known(engine, place, *word),
                    false => None,
                };
                names = names.wrapping_add(match known {
                    Some(digest) => digest,
                    None => self.named(place, *word)?,
                });
            }
        }
        Some(names)
    }

    fn named(&mut self, place: usize, word: u64) -> Option<u128> {
        let mut digest = Digest::new();
        self.equivalent(place, word, &mut digest)?;
        Some(digest.value())
    }

    /// Parameters and registers that point to something.
    fn equivalents(&mut self, range: Range<usize>) -> Option<u128> {
        let mut digest = Digest::new();
        for place in range {
            self.equivalent(place, self.engine.eqtb[place], &mut digest)?;
        }
        Some(digest.value())
    }

    /// What a place of the table holds, or held.
    fn equivalent(&mut self, place: usize, word: u64, digest: &mut Digest) -> Option<()> {
        let value = high(word);
        match place {
            0..NAMES_END => digest.add(self.name(place)?),
            EQTB_SIZE.. if place > EQTB_SIZE => digest.add(self.name(place)?),
            _ => digest.add(place as u64),
        }
        if (INT_BASE..=EQTB_SIZE).contains(&place) {
            digest.add_int(value);
            return Some(());
        }
        digest.add(word & 0xFFFF_FFFF);
        match place {
            GLUE_BASE..LOCAL_BASE => return self.glue(value, digest),
            LOCAL_BASE | PENALTIES_BASE..BOX_BASE => return self.shape(value, digest),
            LOCAL_BASE..PENALTIES_BASE => return self.counted_tokens(value, digest),
            BOX_BASE..CODES_BASE => return self.nodes(value, digest),
            _ => {}
        }
        match kind(word) {
            command if MACROS.contains(&command) => self.counted_tokens(value, digest),
            REGISTER if !(0..=KINDS_END).contains(&value) => self.register(value, digest),
            TOKS_REGISTER if value != 0 => self.register(value, digest),
            _ => {
                digest.add_int(value);
                Some(())
            }
        }
    }

    /// Which register a pointer stands for.
    fn register(&self, at: i32, digest: &mut Digest) -> Option<()> {
        digest.add(u64::from(kind(self.engine.word(at)?)));
        let mut branch = at;
        for _ in 0..3 {
            branch = self.engine.high(branch)?;
            digest.add(u64::from(kind(self.engine.word(branch)?)));
        }
        Some(())
    }

    /// Registers beyond 255, and classes of marks.
    pub(super) fn registers(&mut self) -> Option<u128> {
        let mut digest = Digest::new();
        // SAFETY: a plain read of integers from the thread that writes them.
        let (roots, chain, saved_level) = unsafe { (sa_root, sa_chain, sa_level) };
        for root in roots {
            self.branch(root, 4, &mut digest)?;
        }
        digest.add(u64::from(saved_level));
        self.saved_registers(chain, &mut digest)?;
        Some(digest.value())
    }

    fn branch(&mut self, at: i32, depth: u8, digest: &mut Digest) -> Option<()> {
        if at == NULL {
            return Some(());
        }
        if depth == 0 {
            return self.leaf(at, digest);
        }
        for word in 1..33 {
            let children = self.engine.word(at + word)?;
            self.branch(children as i32, depth - 1, digest)?;
            self.branch(high(children), depth - 1, digest)?;
        }
        Some(())
    }

    fn leaf(&mut self, at: i32, digest: &mut Digest) -> Option<()> {
        let word = self.engine.word(at)?;
        let index = kind(word);
        let sort = index / 64;
        if sort == MARKS {
            self.register(at, digest)?;
            for half in 1..4 {
                let lists = self.engine.word(at + half)?;
                self.counted_tokens(lists as i32, digest)?;
                if half < 3 {
                    self.counted_tokens(high(lists), digest)?;
                }
            }
            return Some(());
        }
        let is_default = match sort {
            0..WORDS_END => self.engine.high(at + 2)? == 0,
            WORDS_END..GLUES_END => self.engine.high(at + 1)? == 0,
            _ => self.engine.high(at + 1)? == NULL,
        };
        if is_default && level(word) <= 1 {
            return Some(());
        }
        self.register(at, digest)?;
        digest.add(u64::from(level(word)));
        self.register_value(sort, at, digest)
    }

    fn register_value(&mut self, sort: u16, at: i32, digest: &mut Digest) -> Option<()> {
        if sort < WORDS_END {
            digest.add_int(self.engine.high(at + 2)?);
            return Some(());
        }
        let value = self.engine.high(at + 1)?;
        match sort {
            WORDS_END..GLUES_END => self.glue(value, digest),
            BOXES => self.nodes(value, digest),
            _ => self.counted_tokens(value, digest),
        }
    }

    fn saved_registers(&mut self, first: i32, digest: &mut Digest) -> Option<()> {
        let mut at = first;
        while at != NULL {
            let word = self.engine.word(at)?;
            let register = self.engine.low(at + 1)?;
            self.register(register, digest)?;
            digest.add(word & 0xFFFF_FFFF);
            let sort = kind(self.engine.word(register)?) / 64;
            // A number that was zero is kept in a shorter node, without a place for it.
            if sort >= WORDS_END || kind(word) / 64 < WORDS_END {
                self.register_value(sort, at, digest)?;
            }
            at = high(word);
        }
        digest.add(u64::MAX);
        Some(())
    }

    /// What the groups that are open will bring back at their ends.
    pub(super) fn groups(&mut self) -> Option<u128> {
        let mut digest = Digest::new();
        // SAFETY: plain reads of integers from the thread that writes them.
        let (group, depth) = unsafe { (u16::from(cur_group), cur_level) };
        digest.add(u64::from(group) << 16 | u64::from(depth));
        if !PLAIN_GROUPS.contains(&group) {
            return None;
        }
        let save = self.engine.save;
        let mut top = save.len();
        while top > 0 {
            top -= 1;
            let word = save[top];
            digest.add(word & 0xFFFF_FFFF);
            match kind(word) {
                RESTORE_OLD_VALUE => {
                    top = top.checked_sub(1)?;
                    self.equivalent(usize::try_from(high(word)).ok()?, save[top], &mut digest)?;
                }
                RESTORE_ZERO => {
                    digest.add(self.name(usize::try_from(high(word)).ok()?)?);
                }
                INSERT_TOKEN => self.token(high(word), &mut digest)?,
                LEVEL_BOUNDARY => {
                    if !PLAIN_GROUPS.contains(&level(word)) {
                        return None;
                    }
                    digest.add_int(high(word));
                    // The line at which the group began: errors tell it.
                    top = top.checked_sub(1)?;
                    digest.add_int(high(save[top]));
                }
                RESTORE_REGISTERS => self.saved_registers(high(word), &mut digest)?,
                _ => return None,
            }
        }
        Some(digest.value())
    }
}
