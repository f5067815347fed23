//! A fast digest of 128 bits. It guards against chance, not against an enemy: both states are of the same process
//! tree.

/// Odd numbers without a pattern.
const KEYS: [u64; 4] =
    [0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3, 0x5899_65cc_7537_4cc3];

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

/// So that a word need not wait for the one before it.
struct Lanes([u64; 8]);

impl Default for Lanes {
    fn default() -> Self {
        Self([1, 3, 5, 7, 9, 11, 13, 15].map(|odd: u64| KEYS[0].wrapping_mul(odd)))
    }
}

impl Lanes {
    fn mix(&mut self, words: [u64; 8]) {
        for (lane, word) in self.0.iter_mut().zip(words) {
            *lane = fold(*lane ^ word, KEYS[1]).rotate_left(17);
        }
    }
}

#[derive(Clone, Copy)]
pub(super) struct Digest {
    a: u64,
    b: u64,
}

impl Digest {
    pub(super) fn new() -> Self {
        Self { a: KEYS[2], b: KEYS[3] }
    }

    pub(super) fn add(&mut self, word: u64) {
        self.a = fold(self.a ^ word, KEYS[0]);
        self.b = fold(self.b.wrapping_add(word), KEYS[1]).rotate_left(29);
    }

    pub(super) fn add_int(&mut self, int: i32) {
        self.add(int as u32 as u64);
    }

    /// Many words, eight at a time: as fast as they come from memory.
    pub(super) fn add_all(&mut self, words: &[u64]) {
        self.add(words.len() as u64);
        let mut lanes = Lanes::default();
        let (eights, rest) = words.as_chunks::<8>();
        eights.iter().for_each(|eight| lanes.mix(*eight));
        for word in lanes.0.iter().chain(rest) {
            self.add(*word);
        }
    }

    /// The same for small ones.
    pub(super) fn add_units(&mut self, units: &[u16]) {
        self.add(units.len() as u64);
        let mut lanes = Lanes::default();
        let (many, rest) = units.as_chunks::<32>();
        for units in many {
            let mut words = [0; 8];
            for (word, four) in words.iter_mut().zip(units.as_chunks::<4>().0) {
                *word = four.iter().rev().fold(0, |word, unit| word << 16 | u64::from(*unit));
            }
            lanes.mix(words);
        }
        if !many.is_empty() {
            lanes.0.iter().for_each(|lane| self.add(*lane));
        }
        rest.iter().for_each(|unit| self.add(u64::from(*unit)));
    }

    pub(super) fn add_bytes(&mut self, bytes: &[u8]) {
        self.add(bytes.len() as u64);
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.add(u64::from_le_bytes(word));
        }
    }

    pub(super) fn short(&self) -> u64 {
        self.a ^ self.b.rotate_left(32)
    }

    pub(super) fn value(&self) -> u128 {
        u128::from(self.a) << 64 | u128::from(self.b)
    }
}
