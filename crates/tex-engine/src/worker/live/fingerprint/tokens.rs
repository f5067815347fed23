//! Tokens, strings and glue by what they mean.

use super::{
    digest::Digest,
    engine::{EQTB_SIZE, Engine, HASH_BASE, NULL, high},
};

/// Tokens from here on are control sequences.
const CS_TOKEN_FLAG: i32 = 0x1FF_FFFF;
/// `FROZEN_CONTROL_SEQUENCE`: the end of the names.
const NAMES_END: usize = 2_243_226;
/// `FROZEN_NULL_FONT` and what follows: one for each font, which print as it was called.
const FONT_IDS: std::ops::Range<usize> = 2_245_338..2_254_339;
/// A list longer than this is none.
const LONGEST: usize = 4_000_000;

/// What the walk over the engine's lists knows.
pub(super) struct Walk<'e> {
    pub(super) engine: &'e Engine,
    /// Names by number: those of the hash table, then those beyond `eqtb`; 0 is unknown.
    names: Vec<u64>,
}

impl<'e> Walk<'e> {
    pub(super) fn new(engine: &'e Engine) -> Self {
        let beyond = engine.eqtb.len() - EQTB_SIZE;
        Self { engine, names: vec![0; NAMES_END - HASH_BASE + beyond] }
    }

    /// A control sequence by its name. Others are what they are.
    pub(super) fn name(&mut self, sequence: usize) -> Option<u64> {
        let slot = match sequence {
            HASH_BASE..NAMES_END => sequence - HASH_BASE,
            EQTB_SIZE.. => sequence - EQTB_SIZE + NAMES_END - HASH_BASE,
            _ if FONT_IDS.contains(&sequence) => return self.spell(sequence),
            _ => return Some(sequence as u64),
        };
        let known = *self.names.get(slot)?;
        if known != 0 {
            return Some(known);
        }
        let name = self.spell(sequence)?;
        self.names[slot] = name;
        Some(name)
    }

    fn spell(&self, sequence: usize) -> Option<u64> {
        let mut digest = Digest::new();
        if FONT_IDS.contains(&sequence) {
            digest.add(sequence as u64);
        }
        self.string(self.engine.text_of(sequence)?, &mut digest)?;
        Some(digest.short() | 1)
    }

    pub(super) fn string(&self, number: i32, digest: &mut Digest) -> Option<()> {
        match number {
            0..65_536 => digest.add_int(number),
            _ => digest.add_units(self.engine.string(number)?),
        }
        Some(())
    }

    pub(super) fn token(&mut self, token: i32, digest: &mut Digest) -> Option<()> {
        let word = match token.checked_sub(CS_TOKEN_FLAG) {
            Some(sequence) if sequence > 0 => !self.name(sequence as usize)?,
            _ => token as u32 as u64,
        };
        digest.add(word);
        Some(())
    }

    /// Tokens from one on.
    pub(super) fn tokens(&mut self, first: i32, digest: &mut Digest) -> Option<()> {
        let mut at = first;
        for _ in 0..LONGEST {
            if at == NULL {
                digest.add(0);
                return Some(());
            }
            let word = self.engine.word(at)?;
            self.token(word as i32, digest)?;
            at = high(word);
        }
        None
    }

    /// A token list behind its count of references.
    pub(super) fn counted_tokens(&mut self, list: i32, digest: &mut Digest) -> Option<()> {
        if list == NULL {
            digest.add(1);
            return Some(());
        }
        digest.add(2);
        self.tokens(self.engine.high(list)?, digest)
    }

    /// A specification of glue.
    pub(super) fn glue(&self, spec: i32, digest: &mut Digest) -> Option<()> {
        if spec == NULL {
            digest.add(1);
            return Some(());
        }
        digest.add_int(self.engine.low(spec)?);
        for at in 1..4 {
            digest.add_int(self.engine.high(spec + at)?);
        }
        Some(())
    }

    /// The shape of a paragraph, or e-TeX's lists of penalties.
    pub(super) fn shape(&self, shape: i32, digest: &mut Digest) -> Option<()> {
        if shape == NULL {
            digest.add(1);
            return Some(());
        }
        let count = self.engine.low(shape)?;
        digest.add_int(count);
        for at in 1..=count.checked_mul(2)? {
            digest.add_int(self.engine.high(shape + at)?);
        }
        Some(())
    }
}
