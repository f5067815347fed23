//! Finding text on a page: over line ends, through words that are broken, with or without case.

use crate::{
    geometry::Rect,
    page_text::{Glyph, PageText, is_break, is_line_end},
};

/// Characters of a query that are looked at.
const MAX_QUERY: usize = 1_000;

/// Where a query was found: a box for each line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct Match {
    /// Counted from zero.
    pub page: usize,
    /// In the order of the text.
    pub rects: Vec<Rect>,
}

/// One character to compare, and the glyph it is of.
struct Unit {
    character: char,
    glyph: usize,
    /// The hyphen of a broken word, and the line end after it: there, or not there.
    is_optional: bool,
}

impl PageText {
    /// Boxes of each match of `query`, at most `limit`, none of which overlap. White space matches any
    /// white space; a word that is broken over lines matches with and without its hyphen.
    pub(crate) fn find(&self, query: &str, match_case: bool, limit: usize) -> Vec<Vec<Rect>> {
        let query = wanted(query, match_case);
        let units = self.units(match_case);
        let mut found = Vec::new();
        let mut at = 0;
        while !query.is_empty() && at < units.len() && found.len() < limit {
            match ends(&units[at..], &query) {
                Some(length) => {
                    found.push(self.boxes(&units[at..at + length]));
                    at += length;
                }
                None => at += 1,
            }
        }
        found
    }

    fn units(&self, match_case: bool) -> Vec<Unit> {
        let mut units: Vec<Unit> = Vec::with_capacity(self.glyphs.len());
        for (i, glyph) in self.glyphs.iter().enumerate() {
            if is_break(glyph.character) {
                let is_line_end = is_line_end(glyph.character);
                let breaks_word = is_line_end && self.ends_in_hyphen(i);
                if breaks_word && let Some(hyphen) = units.last_mut() {
                    hyphen.is_optional = true;
                }
                let is_doubled = units.last().is_some_and(|u| u.character == ' ' || u.is_optional);
                if !is_doubled {
                    units.push(Unit { character: ' ', glyph: i, is_optional: false });
                }
                continue;
            }
            let unit = |character| Unit { character, glyph: i, is_optional: false };
            units.extend(folded(glyph.character, match_case).map(unit));
        }
        units
    }

    /// Whether the line that ends at this glyph ends within a word.
    fn ends_in_hyphen(&self, line_end: usize) -> bool {
        let mut before = self.glyphs[..line_end].iter().rev();
        let is_letter = |glyph: &Glyph| glyph.character.is_alphabetic();
        before.next().is_some_and(|glyph| matches!(glyph.character, '-' | '\u{2010}'))
            && before.next().is_some_and(is_letter)
    }

    /// Glyphs of one line make one box.
    fn boxes(&self, units: &[Unit]) -> Vec<Rect> {
        let mut boxes: Vec<Rect> = Vec::new();
        let mut line: Option<&Glyph> = None;
        let shown = units.iter().map(|unit| &self.glyphs[unit.glyph]);
        for glyph in shown.filter(|glyph| !is_break(glyph.character)) {
            match (boxes.last_mut(), line) {
                (Some(last), Some(before)) if continues(before, glyph) => {
                    *last = last.union(glyph.rect);
                }
                _ => boxes.push(glyph.rect),
            }
            line = Some(glyph);
        }
        boxes
    }
}

/// Whether the second is on the line of the first and after it.
pub(crate) fn continues(before: &Glyph, glyph: &Glyph) -> bool {
    let (a, b) = (before.rect, glyph.rect);
    let overlap =
        |a: f32, a_len: f32, b: f32, b_len: f32| (a + a_len).min(b + b_len) - a.max(b) > 0.0;
    let is_upright = (45.0..135.0).contains(&glyph.angle.abs());
    if is_upright {
        return overlap(a.x, a.width, b.x, b.width);
    }
    // A line end goes back to the left, also where lines are so tight that their boxes touch.
    overlap(a.y, a.height, b.y, b.height) && b.x + b.width >= a.x
}

fn wanted(query: &str, match_case: bool) -> Vec<char> {
    let mut wanted: Vec<char> = Vec::new();
    for character in query.trim().chars().take(MAX_QUERY) {
        if is_break(character) {
            if wanted.last() != Some(&' ') {
                wanted.push(' ');
            }
        } else {
            wanted.extend(folded(character, match_case));
        }
    }
    wanted
}

/// As it is compared: without case if so wished, quotes and dashes as they are typed.
fn folded(character: char, match_case: bool) -> impl Iterator<Item = char> {
    let plain = match character {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        '\u{2010}' | '\u{2011}' => '-',
        other => other,
    };
    let (kept, lower) =
        if match_case { (Some(plain), None) } else { (None, Some(plain.to_lowercase())) };
    kept.into_iter().chain(lower.into_iter().flatten())
}

/// How many units the query takes from the first on, if it is there.
fn ends(units: &[Unit], query: &[char]) -> Option<usize> {
    let mut wanted = query.iter().peekable();
    for (i, unit) in units.iter().enumerate() {
        let Some(character) = wanted.peek() else { return Some(i) };
        if **character == unit.character {
            wanted.next();
        } else if !unit.is_optional || i == 0 {
            return None;
        }
    }
    wanted.peek().is_none().then_some(units.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page in a grid: ten points to a character and to a line.
    fn page(text: &str) -> PageText {
        let mut glyphs = Vec::new();
        for (line, letters) in text.lines().enumerate() {
            for (column, character) in letters.chars().chain(['\n']).enumerate() {
                let (x, y) = (column as f32 * 10.0, line as f32 * 10.0);
                let rect = Rect { x, y, width: 10.0, height: 10.0 };
                glyphs.push(Glyph { character, rect, angle: 0.0 });
            }
        }
        PageText { glyphs }
    }

    /// Matches as `line:column+length`.
    fn found(text: &str, query: &str, match_case: bool) -> Vec<String> {
        let show = |r: &Rect| format!("{}:{}+{}", r.y / 10.0, r.x / 10.0, r.width / 10.0);
        let join = |rects: Vec<Rect>| rects.iter().map(show).collect::<Vec<_>>().join(" ");
        page(text).find(query, match_case, 10).into_iter().map(join).collect()
    }

    #[test]
    fn matches_do_not_overlap_and_case_counts_when_wished() {
        assert_eq!(found("aaaa", "aa", true), ["0:0+2", "0:2+2"]);
        assert_eq!(found("Ä Straße", "ä s", false), ["0:0+3"]);
        assert_eq!(found("Ä Straße", "ä s", true), [""; 0]);
    }

    #[test]
    fn a_match_goes_on_in_the_next_line() {
        assert_eq!(found("one two\nthree", "two  three", false), ["0:4+3 1:0+5"]);
    }

    #[test]
    fn a_broken_word_is_found_with_and_without_its_hyphen() {
        assert_eq!(found("a hyphen-\nation", "hyphenation", false), ["0:2+7 1:0+5"]);
        assert_eq!(found("well-\nknown", "well-known", false), ["0:0+5 1:0+5"]);
        assert_eq!(found("well-\nknown", "known", false), ["1:0+5"]);
        assert_eq!(found("of 3-\n4", "34", false), [""; 0]);
    }

    #[test]
    fn empty_queries_find_nothing_and_quotes_are_found_as_typed() {
        assert_eq!(found("a", " ", false), [""; 0]);
        assert_eq!(found("it\u{2019}s", "it's", false), ["0:0+4"]);
        assert_eq!(page("aaaa").find("a", true, 3).len(), 3);
    }
}
