//! Token lists of macros as they were at a moment. The engine never changes a list; but the place of one that is gone
//! is taken by another. So a list is the same when the name points to where it pointed, and the memory there holds
//! what it held: that is found out many lists at a time, and sooner than their tokens are looked up by name.

use super::{
    digest::Digest,
    engine::{Engine, NULL, high},
};

/// Words of memory that are compared together.
const CHUNK: usize = 512;
/// A list that is spread over more chunks is looked at each time.
const MOST_CHUNKS: usize = 8;

/// What a name came to.
struct Known {
    place: usize,
    word: u64,
    /// Chunks that its list lies in, from the first to the last.
    chunks: (u32, u32),
    digest: u128,
}

/// Lists at a moment, by the places of their names.
#[derive(Default)]
pub(super) struct Lists {
    known: Vec<Known>,
    /// What was in each chunk of memory that they lie in.
    chunks: Vec<Option<u64>>,
}

impl Lists {
    /// A name with its list. Names must come in order.
    pub(super) fn add(&mut self, engine: &Engine, place: usize, word: u64, digest: u128) {
        let Some(chunks) = chunks_of(engine, high(word)) else { return };
        self.chunks.resize(engine.mem.len().div_ceil(CHUNK), None);
        for chunk in chunks.0..=chunks.1 {
            let known = &mut self.chunks[chunk as usize];
            *known = known.or_else(|| content(engine, chunk));
        }
        self.known.push(Known { place, word, chunks, digest });
    }
}

/// Lists of now, compared with them.
#[derive(Default)]
pub(super) struct Compared<'l> {
    lists: Option<&'l Lists>,
    /// The first that is not before the last that was asked for.
    next: usize,
    /// Whether each chunk holds what it held, as far as that was found out.
    are_same: Vec<Option<bool>>,
}

impl<'l> Compared<'l> {
    pub(super) fn new(lists: Option<&'l Lists>) -> Self {
        let chunks = lists.map_or(0, |lists| lists.chunks.len());
        Self { lists, next: 0, are_same: vec![None; chunks] }
    }

    /// What a name came to, if it is as it was. Names must be asked for in order.
    pub(super) fn known(&mut self, engine: &Engine, place: usize, word: u64) -> Option<u128> {
        let lists = self.lists?;
        let behind = &lists.known[self.next..];
        self.next += behind.iter().take_while(|known| known.place < place).count();
        let known = lists.known.get(self.next)?;
        if known.place != place || known.word != word {
            return None;
        }
        let is_same = (known.chunks.0..=known.chunks.1).all(|chunk| {
            let is_same = &mut self.are_same[chunk as usize];
            *is_same.get_or_insert_with(|| {
                let then = lists.chunks[chunk as usize];
                then.is_some() && then == content(engine, chunk)
            })
        });
        is_same.then_some(known.digest)
    }
}

fn content(engine: &Engine, chunk: u32) -> Option<u64> {
    let start = chunk as usize * CHUNK;
    let mut digest = Digest::new();
    digest.add_all(engine.mem.get(start..(start + CHUNK).min(engine.mem.len()))?);
    Some(digest.short())
}

/// Where a list lies, with its count of references.
fn chunks_of(engine: &Engine, list: i32) -> Option<(u32, u32)> {
    let (mut first, mut last, mut at) = (usize::MAX, 0, list);
    while at != NULL {
        let chunk = usize::try_from(at).ok()? / CHUNK;
        (first, last) = (first.min(chunk), last.max(chunk));
        if last - first >= MOST_CHUNKS {
            return None;
        }
        at = engine.high(at)?;
    }
    (first <= last).then_some((u32::try_from(first).ok()?, u32::try_from(last).ok()?))
}
