//! Lists of nodes: boxes, the page, insertions, with the places in the sources that SyncTeX keeps in them.

use super::{
    digest::Digest,
    engine::{NULL, high},
    tokens::Walk,
};

/// Boxes within boxes deeper than this are not looked into.
const DEEPEST: u32 = 400;

unsafe extern "C" {
    /// Words from here on are single characters.
    static hi_mem_min: i32;
}

impl Walk<'_> {
    /// A list of nodes from one on. `None` when there is one of a kind that is not known here.
    pub(super) fn nodes(&mut self, first: i32, digest: &mut Digest) -> Option<()> {
        self.nodes_within(first, digest, 0)
    }

    fn nodes_within(&mut self, first: i32, digest: &mut Digest, depth: u32) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        // SAFETY: a plain read of an integer from the thread that writes it.
        let characters_from = unsafe { hi_mem_min };
        let mut at = first;
        while at != NULL {
            let word = self.engine.word(at)?;
            digest.add(word & 0xFFFF_FFFF);
            if at < characters_from {
                self.node(at, word, digest, depth + 1)?;
            }
            at = high(word);
        }
        digest.add(u64::MAX);
        Some(())
    }

    fn node(&mut self, at: i32, word: u64, digest: &mut Digest, depth: u32) -> Option<()> {
        let (kind, subtype) = ((word >> 16) as u16, word as u16);
        match kind {
            // Horizontal and vertical boxes.
            0 | 1 => {
                self.highs(at, 1..5, digest)?;
                let setting = self.engine.low(at + 5)?;
                digest.add_int(setting);
                // Without a sign the ratio is left over from somewhere.
                if setting >> 16 != 0 {
                    digest.add(self.engine.word(at + 6)?);
                }
                digest.add(self.engine.word(at + 7)?);
                self.nodes_within(self.engine.high(at + 5)?, digest, depth)
            }
            // Rules.
            2 => {
                digest.add(self.engine.word(at + 4)?);
                self.highs(at, 1..4, digest)
            }
            // Insertions.
            3 => {
                self.highs(at, 1..4, digest)?;
                self.glue(self.engine.high(at + 4)?, digest)?;
                self.nodes_within(self.engine.low(at + 4)?, digest, depth)
            }
            // Marks.
            4 => {
                digest.add_int(self.engine.low(at + 1)?);
                self.counted_tokens(self.engine.high(at + 1)?, digest)
            }
            // Adjustments.
            5 => self.nodes_within(self.engine.high(at + 1)?, digest, depth),
            // Ligatures.
            6 => {
                digest.add_int(self.engine.low(at + 1)?);
                self.nodes_within(self.engine.high(at + 1)?, digest, depth)
            }
            // Discretionaries.
            7 => {
                self.nodes_within(self.engine.low(at + 1)?, digest, depth)?;
                self.nodes_within(self.engine.high(at + 1)?, digest, depth)
            }
            8 => self.whatsit(at, subtype, digest),
            // Glue, with leaders.
            10 => {
                self.glue(self.engine.low(at + 1)?, digest)?;
                digest.add(self.engine.word(at + 2)?);
                self.nodes_within(self.engine.high(at + 1)?, digest, depth)
            }
            // Mathematics on and off, kerns.
            9 | 11 => {
                digest.add(self.engine.word(at + 2)?);
                self.highs(at, 1..2, digest)
            }
            // Penalties, kerns at margins.
            12 | 40 => self.highs(at, 1..2, digest),
            _ => None,
        }
    }

    fn whatsit(&mut self, at: i32, subtype: u16, digest: &mut Digest) -> Option<()> {
        match subtype {
            // \openout: stream, name, area, extension.
            0 => {
                digest.add_int(self.engine.low(at + 1)?);
                self.string(self.engine.high(at + 1)?, digest)?;
                self.string(self.engine.low(at + 2)?, digest)?;
                self.string(self.engine.high(at + 2)?, digest)
            }
            // \write, \special.
            1 | 3 => {
                if subtype == 1 {
                    digest.add_int(self.engine.low(at + 1)?);
                }
                self.counted_tokens(self.engine.high(at + 1)?, digest)
            }
            // \closeout.
            2 => {
                digest.add_int(self.engine.low(at + 1)?);
                Some(())
            }
            // \setlanguage.
            4 => {
                digest.add(self.engine.word(at + 1)?);
                Some(())
            }
            // \pdfsavepos.
            21 => Some(()),
            // Words of native fonts.
            40 | 41 => {
                self.highs(at, 1..4, digest)?;
                let counts = self.engine.word(at + 4)?;
                digest.add(counts);
                let glyphs =
                    self.engine.glyphs(self.engine.word(at + 5)?, counts as u16 as usize)?;
                digest.add_bytes(glyphs);
                // Two bytes for each unit of the text.
                let units = (counts >> 16) as u16 as usize;
                for place in 0..units / 4 {
                    digest.add(self.engine.word(at + 6 + place as i32)?);
                }
                if !units.is_multiple_of(4) {
                    let last = self.engine.word(at + 6 + (units / 4) as i32)?;
                    digest.add(last & ((1 << (16 * (units % 4))) - 1));
                }
                Some(())
            }
            // Single glyphs.
            42 => {
                self.highs(at, 1..4, digest)?;
                digest.add(self.engine.word(at + 4)?);
                Some(())
            }
            // Pictures.
            43 | 44 => {
                self.highs(at, 1..4, digest)?;
                let path_bytes = (self.engine.word(at + 4)? >> 16) as u16 as i32;
                for place in 4..9 + path_bytes / 8 {
                    digest.add(self.engine.word(at + place)?);
                }
                let rest = path_bytes % 8;
                if rest != 0 {
                    digest
                        .add(self.engine.word(at + 9 + path_bytes / 8)? & ((1 << (8 * rest)) - 1));
                }
                Some(())
            }
            _ => None,
        }
    }

    fn highs(&self, at: i32, places: std::ops::Range<i32>, digest: &mut Digest) -> Option<()> {
        for place in places {
            digest.add_int(self.engine.high(at + place)?);
        }
        Some(())
    }
}
