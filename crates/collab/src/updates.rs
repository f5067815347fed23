//! An update of Yjs, gone through before yrs decodes it. yrs makes room for as much as an update promises and goes as
//! deep as its values lie in one another; some bytes of a stranger would do for half a gigabyte, or for the end of the
//! stack. Here nothing is kept: it is counted whether the bytes can hold what they promise.
//!
//! ```text
//! update:  count, (client's blocks)*, count, (client, count, (clock, length)*)*
//! blocks:  count, client, clock, block*
//! block:   0 length | 10 length | kind and flags, [origin], [right origin], [parent, [key]], content
//! ```
//! Numbers are lib0's. What no program of today writes (values as JSON, documents in documents, links) is not taken.

use crate::{DocumentError, document::TEXT};
use std::collections::BTreeSet;

/// A unit of an author: his number, and how many he has inserted before it.
pub(crate) type Place = (u64, u32);

/// A block of an update.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Block {
    /// Its first unit.
    pub(crate) at: Place,
    /// How many units it has.
    pub(crate) length: u32,
    /// Right of what it was inserted, and left of what.
    pub(crate) between: (Option<Place>, Option<Place>),
    /// What it is in, where that is said and has no name.
    pub(crate) parent: Option<Place>,
    /// Others may be in it.
    pub(crate) is_type: bool,
}

/// What a document may hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contents {
    /// Whatever Yjs has a type for.
    #[default]
    Anything,
    /// One text, of the name `text`: letters, and that they are gone. Anything else would have a place in it that its readers
    /// do not count; and of letters that say they are of another text, yrs tells nobody who sees them in this.
    Text,
    /// What is said about a project: lists and maps of values, and letters that somebody would like in a text.
    Discussion,
}

/// What items hold, by Yjs' numbers of it. `GONE` went with what it was in.
const GONE: u8 = 0;
const DELETED: u8 = 1;
const BINARY: u8 = 3;
const LETTERS: u8 = 4;
const EMBED: u8 = 5;
const FORMAT: u8 = 6;
const TYPE: u8 = 7;
const VALUES: u8 = 8;
/// Nothing is there.
const SKIPPED: u8 = 10;
/// No kind of Yjs: it is said to be in something else than the text.
const ELSEWHERE: u8 = 15;

/// A bit for each of them that is there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kinds(u16);

impl Contents {
    pub(crate) fn allow(self, kinds: Kinds) -> Result<(), DocumentError> {
        let (taken, why): (&[u8], _) = match self {
            Self::Anything => return Ok(()),
            Self::Text => (&[DELETED, LETTERS], "a text holds nothing but letters"),
            Self::Discussion => (
                &[GONE, DELETED, BINARY, LETTERS, TYPE, VALUES, ELSEWHERE],
                "a discussion holds nothing but lists, maps and letters",
            ),
        };
        let taken = taken.iter().fold(0, |all, kind| all | 1 << kind);
        if kinds.0 & !taken == 0 { Ok(()) } else { Err(DocumentError::Unfit(why)) }
    }
}

/// Values lie at most so deep in one another.
const MAX_DEPTH: u32 = 64;

const HAS_ORIGIN: u8 = 0x80;
const HAS_RIGHT_ORIGIN: u8 = 0x40;
const HAS_KEY: u8 = 0x20;

/// The update is whole as far as counts and lengths go, and these are in it; its blocks are shown in their order.
pub(crate) fn examine(update: &[u8], see: impl FnMut(Block)) -> Result<Kinds, DocumentError> {
    let mut reader = Reader { rest: update, kinds: Kinds(0), see };
    reader.update().map_err(|why| DocumentError::Invalid(why.to_owned()))?;
    Ok(reader.kinds)
}

/// What is wrong with it.
type Examined<T> = Result<T, &'static str>;

struct Reader<'u, S> {
    rest: &'u [u8],
    kinds: Kinds,
    see: S,
}

impl<'u, S: FnMut(Block)> Reader<'u, S> {
    fn update(&mut self) -> Examined<()> {
        let mut named = BTreeSet::new();
        for _ in 0..self.count(3)? {
            let blocks = self.count(2)?;
            let client = self.named_once(&mut named)?;
            let mut clock = self.short()?;
            for _ in 0..blocks {
                let block = self.block((client, clock))?;
                (self.see)(block);
                clock = clock
                    .checked_add(block.length)
                    .ok_or("more insertions than there are numbers for")?;
            }
        }
        named.clear();
        for _ in 0..self.count(2)? {
            self.named_once(&mut named)?;
            for _ in 0..self.count(2)? {
                let (clock, length) = (self.short()?, self.short()?);
                // yrs divides what stands there all the same, be it a character.
                if length == 0 {
                    return Err("a deletion of nothing");
                }
                if clock.checked_add(length).is_none() {
                    return Err("more deletions than there are numbers for");
                }
            }
        }
        Ok(())
    }

    fn block(&mut self, at: Place) -> Examined<Block> {
        let info = self.byte()?;
        let mut block =
            Block { at, length: 0, between: (None, None), parent: None, is_type: false };
        if matches!(info, GONE | SKIPPED) {
            self.kinds.0 |= u16::from(info == GONE) << GONE;
            block.length = self.short()?;
            return Ok(block);
        }
        if info & HAS_ORIGIN != 0 {
            block.between.0 = Some(self.place()?);
        }
        if info & HAS_RIGHT_ORIGIN != 0 {
            block.between.1 = Some(self.place()?);
        }
        let (left, right) = block.between;
        if left.into_iter().chain(right).any(|place| place.0 == at.0 && place.1 >= at.1) {
            return Err("an insertion beside what its author wrote later");
        }
        if block.between == (None, None) {
            let is_in_text = match self.short()? {
                1 => self.bytes()? == TEXT.as_bytes(),
                _ => {
                    block.parent = Some(self.place()?);
                    false
                }
            };
            if info & HAS_KEY != 0 {
                self.bytes()?;
            }
            if !is_in_text || info & HAS_KEY != 0 {
                self.kinds.0 |= 1 << ELSEWHERE;
            }
        }
        let kind = info & 0x0f;
        self.kinds.0 |= 1 << kind;
        block.is_type = kind == TYPE;
        block.length = self.contents(kind)?;
        Ok(block)
    }

    /// Past what a block holds: how many units.
    fn contents(&mut self, kind: u8) -> Examined<u32> {
        match kind {
            DELETED => return self.short(),
            LETTERS => return units(self.bytes()?),
            BINARY | EMBED => drop(self.bytes()?),
            FORMAT => {
                self.bytes()?;
                self.bytes()?;
            }
            TYPE => match self.byte()? {
                0 | 1 | 2 | 4 | 6 => {}
                3 => drop(self.bytes()?),
                _ => return Err("a type that is not known"),
            },
            VALUES => {
                let values = self.count(1)?;
                for _ in 0..values {
                    self.value(0)?;
                }
                return Ok(values);
            }
            _ => return Err("contents that are not known"),
        }
        Ok(1)
    }

    fn value(&mut self, depth: u32) -> Examined<()> {
        if depth > MAX_DEPTH {
            return Err("values that lie too deep in one another");
        }
        match self.byte()? {
            120 | 121 | 126 | 127 => Ok(()),
            125 => self.long().map(drop),
            124 => self.skip(4),
            122 | 123 => self.skip(8),
            116 | 119 => self.bytes().map(drop),
            118 => (0..self.count(2)?).try_for_each(|_| {
                self.bytes()?;
                self.value(depth + 1)
            }),
            117 => (0..self.count(1)?).try_for_each(|_| self.value(depth + 1)),
            _ => Err("a value that is not known"),
        }
    }

    fn place(&mut self) -> Examined<Place> {
        Ok((self.client()?, self.short()?))
    }

    /// JavaScript has no others.
    fn client(&mut self) -> Examined<u64> {
        let client = self.long()?;
        match client >> 53 {
            0 => Ok(client),
            _ => Err("an author whose number is too large"),
        }
    }

    /// Told of twice, his insertions would be taken in an order of their own, and told to others in another.
    fn named_once(&mut self, named: &mut BTreeSet<u64>) -> Examined<u64> {
        let client = self.client()?;
        match named.insert(client) {
            true => Ok(client),
            false => Err("an author who is told of twice"),
        }
    }

    /// So many things follow, of at least so many bytes each.
    fn count(&mut self, least: usize) -> Examined<u32> {
        let count = self.short()?;
        match (count as usize).checked_mul(least).is_some_and(|bytes| bytes <= self.rest.len()) {
            true => Ok(count),
            false => Err("it promises more than it holds"),
        }
    }

    fn bytes(&mut self) -> Examined<&'u [u8]> {
        let length = self.short()? as usize;
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or("it ends too soon")?;
        self.rest = rest;
        Ok(bytes)
    }

    fn skip(&mut self, length: usize) -> Examined<()> {
        self.rest = self.rest.get(length..).ok_or("it ends too soon")?;
        Ok(())
    }

    fn byte(&mut self) -> Examined<u8> {
        let (byte, rest) = self.rest.split_first().ok_or("it ends too soon")?;
        self.rest = rest;
        Ok(*byte)
    }

    /// yrs lets what is too large for 32 bits begin anew.
    fn short(&mut self) -> Examined<u32> {
        u32::try_from(self.long()?).map_err(|_| "a number that is too large")
    }

    /// Of a signed number, only where it ends is right.
    fn long(&mut self) -> Examined<u64> {
        let mut number = 0_u64;
        for shift in (0..70).step_by(7) {
            let byte = self.byte()?;
            let part = u64::from(byte & 0x7f);
            if part << shift >> shift != part {
                return Err("a number that is too large");
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err("a number that is too large")
    }
}

/// UTF-16 code units of UTF-8: one for each character, and one more for each of four bytes.
fn units(letters: &[u8]) -> Examined<u32> {
    let units =
        letters.iter().map(|byte| usize::from(byte & 0xc0 != 0x80) + usize::from(*byte >= 0xf0));
    u32::try_from(units.sum::<usize>()).map_err(|_| "a number that is too large")
}
