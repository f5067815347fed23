//! What a page says, line by line, to find it among other pages: one that a page added before it has pushed on says what
//! it said, but for its number.

use crate::{
    Sp,
    command::{Command, Commands},
    movement::PlacedCommands,
};
use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
};

/// How far pages are looked for from where they were.
const MOST_PAGES: usize = 8;

/// So many lines are found again, or none.
const LAST_LINES: usize = 6;

/// The lines of a page: a hash of the glyphs of each, and their number in all lines with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lines {
    glyphs: HashMap<u64, u32>,
    all: u32,
}

impl Lines {
    /// Of a page that can be read.
    pub(crate) fn of(page: &[u8]) -> Self {
        let mut lines = Self::default();
        let (mut hasher, mut glyphs) = (DefaultHasher::new(), 0);
        let mut commands = Commands::new(page, 0);
        while let Ok(Some(command)) = commands.next() {
            match command {
                Command::Set(code) | Command::Put(code) => {
                    code.hash(&mut hasher);
                    glyphs += 1;
                }
                Command::Glyphs(run) => {
                    run.glyphs.hash(&mut hasher);
                    glyphs += u32::try_from(run.glyphs.len() / 2).unwrap_or(u32::MAX);
                }
                Command::Push
                | Command::Pop
                | Command::Down(_)
                | Command::DownBy(..)
                | Command::Eop
                    if glyphs > 0 =>
                {
                    let line = std::mem::take(&mut hasher).finish();
                    *lines.glyphs.entry(line).or_default() += glyphs;
                    lines.all = lines.all.saturating_add(std::mem::take(&mut glyphs));
                }
                _ => {}
            }
        }
        lines
    }

    /// Glyphs in lines that both have.
    fn in_common(&self, other: &Self) -> u32 {
        let both = self.glyphs.iter().filter_map(|(line, own)| {
            let theirs = other.glyphs.get(line)?;
            Some(*own.min(theirs))
        });
        both.sum()
    }
}

/// How far lower a page says what the last lines before a special say on another page. None: they are not all there, or
/// in more than one place.
pub(crate) fn moved_down(upper: &[u8], special: &[u8], page: &[u8]) -> Option<Sp> {
    let mut known = placed_lines(upper, Some(special));
    let known = known.split_off(known.len().saturating_sub(LAST_LINES));
    let lines = placed_lines(page, None);
    let (last, at) = known.last()?;
    let there: HashSet<&(u64, i32)> = lines.iter().collect();
    let moves = lines.iter().filter(|(line, _)| line == last).map(|(_, now)| now.wrapping_sub(*at));
    let mut moves = moves.filter(|by| {
        known.iter().all(|(line, then)| there.contains(&(*line, then.wrapping_add(*by))))
    });
    let by = moves.next()?;
    moves.all(|other| other == by).then_some(Sp(by))
}

/// Hashes of the glyphs of each line, and how far down it stands; up to a special.
fn placed_lines(page: &[u8], end: Option<&[u8]>) -> Vec<(u64, i32)> {
    let (mut lines, mut hasher, mut has_glyphs) = (Vec::new(), DefaultHasher::new(), false);
    let mut last = Sp(0);
    for (place, command) in PlacedCommands::of(page) {
        if place != last && std::mem::take(&mut has_glyphs) {
            lines.push((std::mem::take(&mut hasher).finish(), last.0));
        }
        last = place;
        match command {
            Command::Set(code) | Command::Put(code) => code.hash(&mut hasher),
            Command::Glyphs(ref run) => run.glyphs.hash(&mut hasher),
            Command::Special(special) if Some(special) == end => break,
            _ => continue,
        }
        has_glyphs |= !matches!(command, Command::Special(_));
    }
    lines
}

/// The page of those before that says at least half of what a page says, and more of it than any other. `index` is where it is
/// itself: what stands in that place, or near it, comes first.
pub(crate) fn origin<'a>(
    page: &Lines,
    index: usize,
    before: impl Fn(usize) -> Option<&'a Lines>,
) -> Option<usize> {
    let in_common = |place: usize| before(place).map_or(0, |other| page.in_common(other));
    let own = in_common(index);
    let says_half = |glyphs: u32| glyphs > 0 && glyphs >= page.all.div_ceil(2);
    // Most pages are still where they were: then no other is looked at.
    if own >= page.all - page.all / 10 {
        return says_half(own).then_some(index);
    }
    let near = (1..=MOST_PAGES).flat_map(|far| [index.checked_sub(far), index.checked_add(far)]);
    let mut best = (own, index);
    for place in near.flatten() {
        let glyphs = in_common(place);
        if glyphs > best.0 {
            best = (glyphs, place);
        }
    }
    says_half(best.0).then_some(best.1)
}

#[cfg(test)]
mod tests {
    use super::{Lines, moved_down, origin};
    use crate::Sp;

    /// Pages with a line of text for each word.
    fn pages(texts: &[&str]) -> Vec<Lines> {
        let page = |text: &&str| {
            let lines = text.split(' ').map(|word| [&[141], word.as_bytes(), &[142]].concat());
            Lines::of(&[lines.collect::<Vec<_>>().concat(), vec![140]].concat())
        };
        texts.iter().map(page).collect()
    }

    fn origins(before: &[&str], now: &[&str]) -> Vec<Option<usize>> {
        let (before, now) = (pages(before), pages(now));
        let of = |(index, page)| origin(page, index, |place| before.get(place));
        now.iter().enumerate().map(of).collect()
    }

    #[test]
    fn a_page_is_known_by_its_lines_whatever_its_number() {
        let before = ["title first 1", "chapter second 2", "chapter third 3"];
        assert_eq!(origins(&before, &before), [Some(0), Some(1), Some(2)]);
        let added = ["title first 1", "something else 2", "chapter second 3", "chapter third 4"];
        assert_eq!(origins(&before, &added), [Some(0), None, Some(1), Some(2)]);
        assert_eq!(origins(&before, &["title first 1", "chapter third 2"]), [Some(0), Some(2)]);
    }

    #[test]
    fn a_page_that_was_written_on_is_where_it_was() {
        let before = ["one two three four 1", "five six seven eight 2"];
        let split = ["one two new 1", "four five six seven 2", "eight 3"];
        assert_eq!(origins(&before, &split), [Some(0), Some(1), Some(1)]);
        assert_eq!(origins(&before, &["", "nothing alike"]), [None, None]);
    }

    /// Lines under each other, and a special `end` behind the first `above` of them.
    fn page(first: u8, lines: &str, above: usize) -> Vec<u8> {
        let mut page = vec![157, first];
        for (number, line) in lines.split(' ').enumerate() {
            if number == above {
                page.extend([239, 3]);
                page.extend(b"end");
            }
            page.extend([&[141], line.as_bytes(), &[142, 157, 12]].concat());
        }
        page.push(140);
        page
    }

    #[test]
    fn lines_above_a_special_are_found_lower() {
        let upper = page(10, "a b c d", 3);
        let moved = |page: &[u8]| moved_down(&upper, b"end", page);
        assert_eq!(moved(&page(10, "a b c e f", 9)), Some(Sp(0)));
        assert_eq!(moved(&page(40, "a b c e f", 9)), Some(Sp(30)));
        assert_eq!(moved(&page(10, "x a b c e f", 9)), Some(Sp(12)));
        for other in ["a b x c", "a b", "a b c a b c"] {
            assert_eq!(moved(&page(10, other, 9)), None, "{other}");
        }
    }
}
